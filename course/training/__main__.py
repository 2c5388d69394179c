"""Train the small weights that ship with the course: boxes, masks and keypoints on made-up scenes."""

import argparse
import sys
from pathlib import Path

import torch

from course import library, scenes, training
from course.detector import Detector, load_weights, save_weights
from course.errors import PlainError
from course.training.loop import TrainingError

KINDS = ("boxes", "masks", "keypoints")
UNSEEN = 1_000  # the dataset of scenes (its seed) that is never trained on


def main(words: list[str] | None = None) -> None:
    """Train, write the weights, measure them on unseen scenes."""
    ask = argparse.ArgumentParser(prog="python -m course.training", description=__doc__)
    ask.add_argument("--out", type=Path, required=True, help="where the weights go (safetensors)")
    ask.add_argument("--steps", type=int, default=3000, help="batches of 8 pictures (default %(default)s)")
    ask.add_argument("--scenes", type=int, default=4000, help="pictures to train on (default %(default)s)")
    ask.add_argument("--unseen", type=int, default=500, help="pictures to measure on (default %(default)s)")
    ask.add_argument("--seed", type=int, default=0, help="of weights, order and chance (default %(default)s)")
    ask.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu or cuda")
    ask.add_argument(
        "--start", type=Path, help="weights to begin with, from an earlier training (default: random ones)"
    )
    ask.add_argument(
        "--only-boxes",
        action="store_true",
        help="leave the heads for masks and keypoints as --start has them: a step takes a third of the time",
    )
    ask.add_argument("--checkpoint", type=Path, help="where to go on from, should this be interrupted")
    given = ask.parse_args(words)
    try:
        _run(given)
    except PlainError as error:
        sys.exit(str(error))


def _run(given: argparse.Namespace) -> None:
    if given.device.startswith("cuda") and not torch.cuda.is_available():
        raise TrainingError("CUDA was asked for, and torch finds no GPU here: leave --device out, or give --device cpu")
    torch.manual_seed(given.seed)
    detector = Detector(library, len(scenes.CLASSES), masks=True, keypoints=True).to(given.device)
    if given.start:
        load_weights(detector, given.start)
    examples = training.ready(scenes.Scenes(given.scenes, seed=given.seed))
    heads = detector.mask_head, detector.keypoint_head
    if given.only_boxes:
        detector.mask_head = detector.keypoint_head = None
    training.train(detector, examples, steps=given.steps, seed=given.seed, checkpoint=given.checkpoint)
    detector.mask_head, detector.keypoint_head = heads
    save_weights(detector.half(), given.out)  # half the bytes; they are read as float32 again
    print(f"{given.out}: {given.out.stat().st_size:,} bytes")
    print(f"AP on {given.unseen} unseen scenes:")
    unseen = training.ready(scenes.Scenes(given.unseen, seed=UNSEEN))
    for kind, scores in training.evaluate(detector.float(), unseen, KINDS).items():
        print(f"  {kind:<10}" + "  ".join(f"{name} {value:.3f}" for name, value in scores.items()))


if __name__ == "__main__":
    main()
