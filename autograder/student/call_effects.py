"""What a call of the student's code does beside answering: to its arguments, and to the answers of earlier calls.

The grader does the same to its own tensors (:mod:`autograder.engine.transfer`).
"""

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

from autograder.student.containers import lists_in, tensors_in
from autograder.student.serialization import Writer

REMEMBERED = 3  # answers that are looked at again after later calls, should these change them


class Given:
    """What a call is given, and how all of it was before the call.

    Attributes:
        tensors: in the arguments, in their order.
    """

    def __init__(self, args: tuple, kwargs: dict[str, Any]) -> None:
        self.tensors = tensors_in((args, kwargs))
        self._before = [(tensor.detach().clone(), tensor.requires_grad) for tensor in self.tensors]
        self._lists = [(each, list(each)) for each in lists_in((args, kwargs))]

    def changed_tensors(self, writer: Writer) -> list:
        """The number of each tensor that is no longer what it was, and what it is now."""
        return [
            [number, writer.value(tensor)]
            for number, (tensor, (old, wanted)) in enumerate(zip(self.tensors, self._before, strict=True))
            if not _same(tensor, old) or tensor.requires_grad != wanted
        ]

    def changed_lists(self, writer: Writer) -> list:
        """The number of each list that holds something else now, and what it holds."""
        return [
            [number, writer.value(each)]
            for number, (each, old) in enumerate(self._lists)
            if len(each) != len(old) or any(a is not b for a, b in zip(each, old, strict=True))
        ]


class EarlierAnswers:
    """The last answers, remembered to notice what later calls do to them, and for their gradients.

    Attributes:
        graphs: by number of the call, the tensors that want gradients, and those of its answer that have some.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[int, list[tuple[Tensor, Tensor]]] = OrderedDict()
        self.graphs: dict[int, tuple[list[Tensor], list[Tensor]]] = {}

    def keep(self, number: int, came: Any, leaves: list[Tensor]) -> None:
        """Remember what call ``number`` answered, computed from ``leaves``, which want gradients."""
        tensors = [tensor for tensor in tensors_in(came) if tensor.layout == torch.strided]
        self._answers[number] = [(tensor, tensor.detach().clone()) for tensor in tensors]
        while len(self._answers) > REMEMBERED:
            self.graphs.pop(self._answers.popitem(last=False)[0], None)
        outputs = [tensor for tensor in tensors if tensor.requires_grad]
        if outputs:
            self.graphs[number] = (leaves, outputs)

    def changed(self, writer: Writer) -> list:
        """The call's number of each tensor that is no longer what was answered, its place there, and what it is now."""
        return [
            [number, place, writer.value(tensor.detach())]
            for number, answer in self._answers.items()
            for place, (tensor, old) in enumerate(answer)
            if not _same(tensor, old)
        ]


def _same(tensor: Tensor, old: Tensor) -> bool:
    """Whether a tensor still is what it was, in shape, dtype and every number."""
    tensor = tensor.detach().as_subclass(Tensor)
    if tensor.shape != old.shape or tensor.dtype != old.dtype:
        return False
    return torch.equal(tensor, old) or torch.equal(tensor.nan_to_num(), old.nan_to_num())


def shares(answer: list[Tensor], given: list[Tensor]) -> list:
    """Which tensors of an answer lie in an argument's memory: their number, the argument's, sizes, strides, offset."""
    owners = {tensor.untyped_storage().data_ptr(): number for number, tensor in enumerate(given) if tensor.numel()}
    return [
        [
            place,
            owner,
            list(tensor.shape),
            list(tensor.stride()),
            tensor.storage_offset() - given[owner].storage_offset(),
        ]
        for place, tensor in enumerate(answer)
        if tensor.layout == torch.strided
        and (owner := owners.get(tensor.untyped_storage().data_ptr())) is not None
        and tensor.dtype == given[owner].dtype
    ]
