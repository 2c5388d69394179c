"""What a call did in a student's process, done to the grader's tensors: shared memory, changes, errors."""

from typing import Any

import torch
from torch import Tensor

from autograder.student.attached import mapped
from autograder.student.containers import tensors_in
from autograder.student.fake_cuda import DeviceMixError
from course.checking.calling import OUT_OF_TIME, Failure, StoppedElsewhere
from course.checking.limits import OutOfTimeError


class MixElsewhere(StoppedElsewhere, DeviceMixError):
    """Tensors of two devices met in the student's process."""


def error_of(failure: list) -> BaseException:
    """The error to raise here for what stopped a call there."""
    kind, message, where = (str(part)[:400] for part in failure)
    if kind == OUT_OF_TIME:
        return OutOfTimeError()
    if kind == DeviceMixError.__name__:
        return MixElsewhere(Failure(kind, message, where))
    return StoppedElsewhere(Failure(kind, message, where))


def overwrite(tensor: Tensor, value: Tensor) -> None:
    """Make ``tensor`` what it became in the student's process, its storage too, which others may look at."""
    if tensor.is_leaf and tensor.requires_grad != value.requires_grad:
        tensor.requires_grad_(value.requires_grad)
    if tensor.shape == value.shape and tensor.dtype == value.dtype and tensor.is_contiguous():
        tensor.data.copy_(value.detach())
    else:
        tensor.data = value.detach()


def sharing(came: Any, given: list[Tensor], shares: list) -> Any:
    """The answer with those tensors that lay in an argument's memory there lying in the argument's memory here."""
    tensors = tensors_in(came)
    places = {id(tensor): tensor for tensor in tensors}
    for place, owner, shape, strides, offset in shares:
        tensor, source = tensors[place], given[owner].detach().as_subclass(Tensor)
        if list(tensor.shape) != shape:
            continue
        view = source.as_strided(shape, strides, source.storage_offset() + offset)
        if not tensor.requires_grad and torch.equal(view.nan_to_num(), tensor.nan_to_num()):
            places[id(tensor)] = view
    return mapped(came, places)
