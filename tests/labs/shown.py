"""A lab's pictures, drawn with the course's own functions in the place of a student's."""

from types import ModuleType

from course import library


def show(made: ModuleType, name: str) -> None:
    """Show a picture.

    Args:
        made: a lab's module ``pictures``: ``STUDENTS`` gives for a picture of a student's function that function's name
            and how the picture is made of it, ``PLAIN`` how any other is made.
        name: of the picture.
    """
    if name in made.PLAIN:
        made.PLAIN[name]()
    else:
        function, show_it = made.STUDENTS[name]
        show_it(getattr(library, function))
