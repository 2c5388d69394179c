"""What can be wrong with boxes, classes and files of marks."""

from course.errors import PlainError


class AnnotateError(PlainError):
    """Marks that make no sense; the message says what it expected and what it got."""
