"""How far apart copies of the weights that ship with the course are from trainings of one's own.

    python benchmarks/copied_weights.py [--steps 300] [--seeds 2]

Prints ``autograder.engine.copied_weights.likeness`` of trainings from random weights as lab 7's notebook does them,
with fewer steps, and of the shipped weights, changed or trained on. Seed 0 is the notebook's, and what the shipped
weights once began with.
"""

import argparse
from collections.abc import Iterator

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from autograder.engine.copied_weights import SHARE, likeness
from autograder.rcnn_by_hand import SPEC
from course import library, scenes, training
from course.detector import Detector

SHIPPED = SPEC.root / SPEC.weights
PICTURES, LEARNING_RATE = 300, 4e-3  # the notebook's rate


def main() -> None:
    """Print a line for each, and the margin."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--steps", type=int, default=300, help="of each training (default %(default)s)")
    ask.add_argument("--seeds", type=int, default=2, help="trainings from random weights (default %(default)s)")
    given = ask.parse_args()
    examples = training.ready(scenes.Scenes(PICTURES), progress=False)
    shipped = {name: value.float() for name, value in load_file(SHIPPED).items()}
    found: dict[bool, list[float]] = {True: [], False: []}
    for copied, name, weights in (
        *((True, *each) for each in copies(shipped)),
        *((False, *each) for seed in range(given.seeds) for each in trained(None, examples, given.steps, seed)),
        *((True, *each) for each in trained(shipped, examples, given.steps, given.seeds)),
    ):
        found[copied].append(likeness(save({key: value.contiguous() for key, value in weights.items()}), SHIPPED))
        print(f"{found[copied][-1]:.2f}  {name}", flush=True)
    print(f"own: at most {max(found[False]):.2f}; copies: at least {min(found[True]):.2f}; borrowed from {SHARE:.2f}")


def copies(shipped: dict[str, Tensor]) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """The shipped weights, as they are and changed."""
    matrices = {name: value for name, value in shipped.items() if value.dim() > 1}
    torch.manual_seed(0)
    yield "shipped", matrices
    yield "rows in another order", {name: value[torch.randperm(len(value))] for name, value in matrices.items()}
    noise = {name: value + 0.5 * value.std() * torch.randn(value.shape) for name, value in matrices.items()}
    yield "noise of half the spread", noise


def trained(
    start: dict[str, Tensor] | None, examples: list, steps: int, seed: int
) -> Iterator[tuple[str, dict[str, Tensor]]]:
    """Weights after some steps, from random ones or ``start``: before the first step and after the last."""
    torch.manual_seed(seed)
    detector = Detector(library, len(scenes.CLASSES))
    if start is not None:
        detector.load_state_dict({name: start[name] for name in detector.state_dict()})
    words = f"random weights, seed {seed}" if start is None else "shipped"
    yield words, detector.state_dict()
    training.train(detector, examples, steps=steps, learning_rate=LEARNING_RATE, seed=seed)
    yield f"{words}, {steps} steps on", detector.state_dict()


if __name__ == "__main__":
    main()
