"""The training loop: the same weights for the same seed, whether it was interrupted or not."""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from course.errors import PlainError
from course.files import replacing
from course.training.data import Example, to_device

Losses = list[dict[str, float]]

WARM_UP = 0.1  # of all steps: from nothing to the full learning rate; then down again, half a cosine
CLIP = 10.0  # a gradient's largest norm
WEIGHT_DECAY = 0.05


class TrainingError(PlainError):
    """Training cannot begin or go on; the message says what it expected and what it got."""


def train(
    detector: nn.Module,
    examples: Sequence[Example],
    *,
    steps: int,
    batch_size: int = 8,
    learning_rate: float = 2e-3,
    seed: int = 0,
    checkpoint: Path | str | None = None,
    every: int = 100,
    after: Callable[[int, Losses], None] | None = None,
) -> Losses:
    """Train a detector where it is (CPU or CUDA, mixed precision there), with AdamW.

    The order of the pictures and all random numbers follow from ``seed`` and the step alone. So on the CPU a training
    that was stopped, however rudely, and begun again from its checkpoint ends with the weights of one
    that was not.

    Args:
        detector: gives a dictionary of losses, as torchvision's detectors and ours do in training mode.
        examples: pictures with targets, at least one; each is seen once before any is seen again.
        steps: how many batches in all, those of an earlier run from the same checkpoint included.
        batch_size: pictures in a batch.
        learning_rate: at its peak.
        seed: of order and chance.
        checkpoint: a file, written every ``every`` steps and at the end. If it is there, training goes on from it.
        every: how often the checkpoint is written and ``after`` is called.
        after: called with the number of steps done and the losses so far.

    Returns:
        The losses of each step, by name. The detector is in evaluation mode then.

    Raises:
        TrainingError: no pictures, a loss that is not a number, a checkpoint of another training.
    """
    if not examples:
        raise TrainingError("training needs at least one picture, got none")
    learner = _Learner(detector, learning_rate)
    plan: dict[str, Any] = {"steps": steps, "batch_size": batch_size, "learning_rate": learning_rate, "seed": seed}
    # with mixed precision there is more to go on with
    plan |= {"n": len(examples), "device": learner.device.type}
    state = _Checkpoint(checkpoint, plan, learner.holders)
    losses = state.resume()

    detector.train()
    with tqdm(total=steps, initial=len(losses), desc="training", leave=False) as bar:
        for step in range(len(losses), steps):
            chosen = (examples[index] for index in batch(step, batch_size, seed, len(examples)))
            parts = learner.losses(chosen, 1_000_003 * seed + step)
            losses.append({name: float(value.detach()) for name, value in parts.items()})
            _check(step, losses[-1])
            learner.step(sum(parts.values()), learning_rate * pace(step, steps))
            bar.update()
            bar.set_postfix(loss=f"{sum(losses[-1].values()):.3f}", refresh=False)
            if (step + 1) % every == 0 or step + 1 == steps:
                state.write(losses)
                if after:
                    after(step + 1, losses)
                    detector.train()
    detector.eval()
    return losses


def pace(step: int, steps: int) -> float:
    """The share of the learning rate at a step: up in a straight line, down on half a cosine."""
    warm_up = max(1, round(WARM_UP * steps))
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, steps - warm_up)))


def batch(step: int, batch_size: int, seed: int, count: int) -> list[int]:
    """The numbers of a step's pictures: ``count`` of them shuffled, and shuffled again each time they are used up."""
    places = range(step * batch_size, (step + 1) * batch_size)
    return [_order(place // count, seed, count)[place % count] for place in places]


@functools.lru_cache(maxsize=2)  # a batch may end one round and begin the next
def _order(epoch: int, seed: int, count: int) -> list[int]:
    order: list[int] = torch.randperm(count, generator=torch.Generator().manual_seed(1_000_003 * seed + epoch)).tolist()
    return order


def _check(step: int, losses: dict[str, float]) -> None:
    for name, value in losses.items():
        if not math.isfinite(value):
            raise TrainingError(
                f"step {step}: {name} is {value}. A loss must be a number: look at the parts it comes from"
            )


class _Learner:
    """A detector, and what changes its weights: AdamW, in mixed precision on CUDA."""

    def __init__(self, detector: nn.Module, learning_rate: float) -> None:
        self.detector = detector
        self.device = next(detector.parameters()).device
        self.optimizer = torch.optim.AdamW(detector.parameters(), learning_rate, weight_decay=WEIGHT_DECAY)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.device.type == "cuda")
        self.holders = {"detector": detector, "optimizer": self.optimizer, "scaler": self.scaler}

    def losses(self, examples: Iterable[Example], seed: int) -> dict[str, Tensor]:
        """The detector's losses on some pictures; its random numbers follow from ``seed``."""
        images, targets = to_device(examples, self.device)
        with torch.random.fork_rng(), torch.autocast(self.device.type, enabled=self.device.type == "cuda"):
            torch.manual_seed(seed)
            found: dict[str, Tensor] = self.detector(images, targets)
        return found

    def step(self, total: Any, learning_rate: float) -> None:
        """Change the weights against the gradient of ``total``."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(total).backward()
        self.scaler.unscale_(self.optimizer)
        nn.utils.clip_grad_norm_(self.detector.parameters(), CLIP)
        self.scaler.step(self.optimizer)
        self.scaler.update()


class _Checkpoint:
    """All that a training needs to go on, in one file, replaced at one stroke."""

    def __init__(self, path: Path | str | None, plan: dict[str, Any], holders: dict[str, Any]) -> None:
        self.path = Path(path) if path is not None else None
        self.plan, self.holders = plan, holders

    def resume(self) -> Losses:
        """Take up what the file holds; the losses so far, none where there is no file."""
        if self.path is None or not self.path.exists():
            return []
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True)
            plan = saved["plan"]
            losses: Losses = saved["losses"]
        except Exception as error:  # torch.load raises whatever it meets in a broken file
            raise TrainingError(f"{self.path} is not a checkpoint of a training: {error}") from None
        if plan != self.plan:
            changed = ", ".join(
                f"{name} {plan.get(name)} → {self.plan[name]}"
                for name in self.plan
                if plan.get(name) != self.plan[name]
            )
            raise TrainingError(f"{self.path} comes from another training ({changed}): delete it, or name another file")
        try:
            for name, holder in self.holders.items():
                holder.load_state_dict(saved[name])
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(f"{self.path} is the checkpoint of another model: {error}") from None
        return losses

    def write(self, losses: Losses) -> None:
        """Write the file."""
        if self.path is None:
            return
        states = {name: holder.state_dict() for name, holder in self.holders.items()}
        with replacing(self.path) as beside:
            torch.save({"plan": self.plan, "losses": losses, **states}, beside)
