"""Ask a student's function for the numbers of a picture, and say kindly why there are none."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course.checking.calling import SECONDS, WAITING
from course.checking.limits import OutOfTimeError, time_limit
from course.checking.students_code import line_and_loop_of
from course.drawing.figure import NoPicture

Boxes = Tensor | Sequence[Sequence[float]]


def ask(function: Callable, *arguments: object, shape: tuple[int | None, ...]) -> Tensor:
    """Return the function's answer on the CPU, without gradient; ``None`` in ``shape`` stands for any number.

    Tensors are handed over as copies, so that a function which changes its input cannot spoil the picture. It may
    compute as long as a check lets it.

    Raises:
        NoPicture: the function is unwritten, fails with an error, gives no answer, or gave NaN or another shape.
    """
    name = getattr(function, "__name__", "your function")
    copies = [value.clone() if isinstance(value, Tensor) else value for value in arguments]
    try:
        with time_limit(SECONDS, busy=True), time_limit(WAITING * SECONDS):
            answer = function(*copies)
    except NotImplementedError:
        raise NoPicture(f"This picture appears once {name} is written.") from None
    except OutOfTimeError as error:
        where = line_and_loop_of(error)
        raise no_picture(f"{name} gives no answer{f', and was at {where}' if where else ''}") from None
    except Exception as error:
        words = str(error).strip().splitlines()
        reason = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
        raise no_picture(f"{name} fails with {reason}") from None
    if not isinstance(answer, Tensor):
        raise no_picture(f"{name} gave {type(answer).__name__} instead of a tensor")
    fits = answer.dim() == len(shape) and all(
        want in (None, have) for want, have in zip(shape, answer.shape, strict=True)
    )
    if not fits:
        wanted = str(tuple("K" if side is None else side for side in shape)).replace("'", "")
        raise no_picture(f"{name} gave shape {tuple(answer.shape)} instead of {wanted}")
    if not answer.isfinite().all():
        raise no_picture(f"{name} gave NaN or infinity")
    return answer.detach().cpu()


def no_picture(problem: str) -> NoPicture:
    """The line for a function that is written but wrong."""
    return NoPicture(f"No picture yet: {problem}. Its check cell, just above, tells more.")


def as_tensor(boxes: Boxes) -> Tensor:
    """Boxes ``(N, 4)`` as a float tensor; tensors stay as they are."""
    return boxes if isinstance(boxes, Tensor) else torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)


def as_lists(boxes: Boxes) -> list[list[float]]:
    """Boxes ``(N, 4)`` as plain numbers, for drawing.

    Raises:
        NoPicture: there are none.
    """
    if len(boxes) == 0:
        raise NoPicture("There are no boxes to draw.")
    return as_tensor(boxes).detach().cpu().tolist()
