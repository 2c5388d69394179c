"""The other-device mode tells code that would break on a GPU from code that would not, without a GPU."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor

from autograder.student import fake_cuda
from autograder.student.fake_cuda import LABEL, Labelled, on_other_device

BOXES = torch.tensor([[0.0, 0, 8, 8], [10, 0, 14, 6]])

RIGHT = {
    "new tensor like the input": lambda x: torch.zeros_like(x) + x,
    "new tensor on the input's device": lambda x: x + torch.zeros(4, device=x.device),
    "device by name": lambda x: x + torch.ones(4, device="cuda:0"),
    "new_zeros": lambda x: x.new_zeros(4) + x,
    "tensor(..., device)": lambda x: torch.tensor([1.0, 2, 3, 4], device=x.device) * x,
    "as_tensor(..., device)": lambda x: torch.as_tensor([1.0, 2, 3, 4], device=x.device) * x,
    "moved there": lambda x: torch.tensor([1.0, 2, 3, 4]).to(x.device) * x,
    "moved like another": lambda x: torch.tensor([1, 2, 3, 4]).to(x) * x,
    "type_as": lambda x: torch.zeros(4).type_as(x) + x,
    "a loop over rows": lambda x: torch.stack([row[2] - row[0] for row in x]),
    "numbers and back": lambda x: torch.tensor([[a, b] for a, b, _, _ in x.tolist()], device=x.device),
    "NumPy and back": lambda x: torch.from_numpy(x.cpu().numpy() * 2).to(x.device),
    "positions on the CPU": lambda x: x[torch.tensor([1, 0])],
    "a plain number": lambda x: torch.where(x > 3, x, torch.tensor(0.0)),
    "vmap": lambda x: torch.vmap(lambda row: row[2] - row[0])(x),
    "vmap over a closure": lambda x: torch.vmap(lambda row: (row - x).abs().sum(1))(x),
    "a device context": lambda x: _in_context(x),
    "indices": lambda x: (x > 3).nonzero(as_tuple=True)[0],
    "copy.deepcopy": lambda x: copy.deepcopy(x) * 2,
    "a gradient": lambda x: torch.autograd.grad((x.requires_grad_() ** 2).sum(), x)[0],
}
WRONG = {
    "a tensor made on the CPU": lambda x: x + torch.zeros(4),
    "a table made on the CPU": lambda x: _filled(torch.empty(2), x),
    "an answer left on the CPU": lambda x: x.cpu() * 2,
    "NumPy": lambda x: torch.from_numpy(x.numpy()),
    "np.asarray": lambda x: torch.from_numpy(np.asarray(x)),
    "numbers, not back": lambda x: torch.tensor(x.tolist()),
    "moved to the CPU": lambda x: x.to("cpu"),
    "stacked with CPU numbers": lambda x: torch.stack([x[:, 0], torch.zeros(2)]),
    "clamped by a CPU tensor": lambda x: x.clamp(min=torch.zeros(4)),
    "a CPU list of positions": lambda x: torch.LongTensor([0, 1]),
    "positions there, values here": lambda x: torch.zeros(2, 4)[(x > 3).any(1)] * x,
}


def _in_context(x: Tensor) -> Tensor:
    with torch.device(x.device):
        return torch.ones(4) + x


def _filled(out: Tensor, x: Tensor) -> Tensor:
    for i, row in enumerate(x):
        out[i] = row[2] - row[0]
    return out


@pytest.mark.parametrize("name", RIGHT)
def test_right_code_gives_what_it_gives_on_the_cpu(name: str) -> None:
    there = on_other_device(RIGHT[name])(BOXES.clone())
    if name != "device by name":  # which asks for a GPU
        torch.testing.assert_close(there, RIGHT[name](BOXES.clone()))
    assert type(there) is Tensor
    assert there.device.type == "cpu"


@pytest.mark.parametrize("name", WRONG)
def test_wrong_code_fails_there_and_only_there(name: str) -> None:
    WRONG[name](BOXES.clone())
    with pytest.raises((RuntimeError, TypeError)):
        on_other_device(WRONG[name])(BOXES.clone())


@pytest.mark.gpu
@pytest.mark.parametrize("name", {**RIGHT, **WRONG})
def test_a_real_gpu_agrees(name: str) -> None:
    """The mode is a stand-in for CUDA: what passes and what fails must be the same there."""
    function = {**RIGHT, **WRONG}[name]
    try:
        answer = function(BOXES.cuda())
        fine = answer.is_cuda
    except (RuntimeError, TypeError):
        fine = False
    assert fine == (name in RIGHT)


def test_inside_the_function_tensors_say_where_they_are() -> None:
    seen = {}

    def look(x: Tensor) -> Tensor:
        seen.update(
            device=x.device,
            is_cuda=x.is_cuda,
            made=torch.zeros(2, device=x.device).device,
            left=x.cpu().device,
        )
        return x

    on_other_device(look)(BOXES)
    assert seen == {"device": LABEL, "is_cuda": True, "made": LABEL, "left": torch.device("cpu")}


def test_it_finds_what_it_is_there_to_find() -> None:
    fake_cuda.verify()


@pytest.mark.parametrize("lost", ["device", "cpu"])
def test_what_another_torch_no_longer_asks_for_is_noticed(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Labelled, lost)
    with pytest.raises(RuntimeError, match=r"torch 2\."):
        fake_cuda.verify()
