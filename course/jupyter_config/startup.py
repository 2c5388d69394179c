"""Run by IPython in every kernel where the students' wheel is installed; it leaves no name in the notebook."""

__import__("course.after_restart").after_restart.install(get_ipython())  # type: ignore[name-defined]  # noqa: F821
