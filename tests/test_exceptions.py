"""The tree of errors that is drawn in course/errors.py is the one that there is."""

import importlib
import pkgutil
from collections.abc import Iterator

import course
from course import errors


def drawn(kind: type, before: str = "") -> Iterator[str]:
    """The lines below a class, as a file listing draws a folder."""
    below = sorted(kind.__subclasses__(), key=lambda each: (each.__module__, each.__name__))
    below = [each for each in below if each.__module__.split(".")[0] == "course"]
    for each in below:
        last = each is below[-1]
        yield f"{before}{'└──' if last else '├──'} {each.__module__}.{each.__name__}"
        yield from drawn(each, before + ("    " if last else "│   "))


def test_the_tree_of_errors_is_as_drawn() -> None:
    for module in pkgutil.walk_packages(course.__path__, "course."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    tree = str(errors.__doc__).partition("PlainError\n")[2].splitlines()
    assert tree == [*drawn(errors.PlainError)]


def test_one_name_has_one_meaning() -> None:
    names = [line.rpartition(".")[2] for line in str(errors.__doc__).splitlines() if "──" in line]
    assert len(names) == len(set(names))
