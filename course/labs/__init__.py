"""One folder a lab: its visible checks, its part of the library, its pictures and its explorers.

Notebooks reach them through :mod:`course.checks`, :mod:`course.library`, :mod:`course.draw` and :mod:`course.explore`,
which are written from these folders by ``make release``.
"""
