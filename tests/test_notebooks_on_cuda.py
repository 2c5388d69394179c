"""On a GPU: the notebooks run from end to end, the visible checks hold there, and training goes as on the CPU."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import session
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from autograder.labs import EXERCISES
from course import checks, library, scenes, training
from course.detector import Detector

REPO = Path(__file__).resolve().parent.parent
CLASSES = len(scenes.CLASSES)


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return session.solve(REPO, tmp_path_factory.mktemp("labs"))


@pytest.mark.gpu
@pytest.mark.parametrize("notebook", session.notebooks(REPO))
def test_the_solved_notebook_runs_on_cuda(notebook: str, solved: Path) -> None:
    path = os.pathsep.join([str(REPO), os.environ.get("PYTHONPATH", "")])
    came = session.run(solved / notebook, environment={"PYTHONPATH": path})
    assert came["device"] == "cuda"
    assert came["shown"]["text/html"] > 1  # the pictures


def moved(answer: Callable, device: str) -> Callable:
    """A function, or a class of modules, that works on ``device`` for callers who are on the CPU."""

    def there(function: Callable) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            return to("cpu", function(*to(device, args), **to(device, kwargs)))

        return call

    if not isinstance(answer, type):
        return functools.wraps(answer)(there(answer))

    def make(*args: Any) -> nn.Module:
        module: nn.Module = answer(*args)
        forward = module.forward
        module.forward = there(lambda *inputs: module.to(device) and forward(*inputs))  # its weights are loaded by then
        return module

    return make


def to(device: str, values: Any) -> Any:
    """Values with their tensors on ``device``; a random generator's stand-in there has its seed."""

    def move(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value.to(device)
        if isinstance(value, torch.Generator):
            return torch.Generator(device).manual_seed(value.initial_seed())
        return value

    return tree_map(move, values)


@pytest.mark.gpu
@pytest.mark.parametrize("name", EXERCISES)
def test_the_visible_check_holds_on_cuda(name: str) -> None:
    assert getattr(checks, name).problem(moved(EXERCISES[name].reference, "cuda")) is None


def pictures() -> list:
    return training.ready(scenes.Scenes(2, seed=4), progress=False)


def detector(device: str, **parts: Callable) -> Detector:
    torch.manual_seed(0)
    return Detector({**vars(library), **parts}, CLASSES, masks=True, keypoints=True).to(device)


def rois_near_the_truth(proposals: Tensor, gt_boxes: Tensor, gt_labels: Tensor, batch_size: int) -> Any:
    """Half of the ROIs are objects; the network's own proposals may differ by a rounding at a threshold."""
    near = torch.cat([gt_boxes + 3, gt_boxes / 2])
    return library.sample_rois(near, gt_boxes, gt_labels, batch_size=1000, positive_fraction=1.0)


def one_step(device: str) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Losses and gradients without chance: every anchor counts, and the ROIs are given."""
    model = detector(device, sample_labels=lambda labels, *args: labels, sample_rois=rois_near_the_truth)
    images, targets = zip(*pictures(), strict=True)
    losses = model(to(device, images), to(device, targets))
    sum(losses.values()).backward()
    return {name: float(loss.detach()) for name, loss in losses.items()}, {
        name: weight.grad.cpu() for name, weight in model.named_parameters()
    }


@pytest.mark.gpu
def test_a_training_step_on_cuda_is_that_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    (here, gradients_here), (there, gradients_there) = one_step("cpu"), one_step("cuda")
    assert there == pytest.approx(here, rel=1e-3)
    for name, gradient in gradients_here.items():
        apart = (gradients_there[name] - gradient).norm()
        assert apart < 0.01 * gradient.norm() + 1e-5, name


@pytest.mark.gpu
def test_training_in_mixed_precision_learns_as_much() -> None:
    """Not number by number: a GPU draws other samples from the same seed."""
    ends = {}
    for device in ("cpu", "cuda"):
        losses = [sum(step.values()) for step in training.train(detector(device), pictures(), steps=30, batch_size=2)]
        begin, ends[device] = sum(losses[:5]), sum(losses[-5:])
        assert ends[device] < 0.6 * begin
    assert ends["cuda"] == pytest.approx(ends["cpu"], rel=0.25)
