"""The student's function, or the course's own as long as that one is unwritten."""

from collections.abc import Callable
from typing import Any

from course import library


class StudentFunction:
    """A student's function that may be unwritten yet.

    As long as it raises ``NotImplementedError`` the library's function of the same name answers, and ``note`` says so.

    Args:
        function: the student's.
        name: of the exercise, and so of the library's function.
    """

    def __init__(self, function: Callable, name: str) -> None:
        self.function, self.__name__ = function, name
        self.note = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function says; the library's version while it is unwritten."""
        try:
            return self.function(*args, **kwargs)
        except NotImplementedError:
            self.note = (
                f"{self.__name__} is not written yet: the course's own stands in. Run this cell again once yours is."
            )
            return getattr(library, self.__name__)(*args, **kwargs)
