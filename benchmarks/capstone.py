"""Lab 7's training, as its notebook does it, with several seeds: loss, AP50 as it grows and at the end, and time.

    python benchmarks/capstone.py --seeds 5

Parts are the reference solutions, with the bonuses of labs 3 and 4 for ``nms`` and ``roi_align``, as in the notebook.
AP50 at the end is measured on 500 scenes: on the forty that the notebook watches, one detector's varies by 0.03.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

from course import parts, scenes, training
from course.detector import Detector
from course.training.__main__ import UNSEEN

SOURCE = Path(__file__).parents[1] / "source"
STEPS, PICTURES, LEARNING_RATE = 1200, 2000, 4e-3  # the notebook's


def main() -> None:
    """Print a line for each seed, and the spread."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--steps", type=int, default=STEPS)
    given = ask.parse_args()
    own = parts.collect(SOURCE, from_library=("nms", "roi_align"))
    examples = training.ready(scenes.Scenes(PICTURES), progress=False)
    watched = training.ready(scenes.Scenes(40, seed=1), progress=False)
    unseen = training.ready(scenes.Scenes(500, seed=UNSEEN), progress=False)
    last: list[float] = []
    for seed in range(given.seeds):
        torch.manual_seed(seed)
        detector = Detector(own, len(scenes.CLASSES))
        start, busy = time.perf_counter(), time.process_time()

        def tell(step: int, losses: list, detector: Detector = detector, seed: int = seed) -> None:
            loss = sum(sum(each.values()) for each in losses[-20:]) / len(losses[-20:])
            score = training.evaluate(detector, watched)["boxes"]["AP50"]
            print(f"seed {seed}, step {step}: loss {loss:.3f}, AP50 {score:.3f} on {len(watched)} scenes", flush=True)

        training.train(
            detector, examples, steps=given.steps, learning_rate=LEARNING_RATE, seed=seed, every=100, after=tell
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - busy
        last.append(training.evaluate(detector, unseen)["boxes"]["AP50"])
        print(
            f"seed {seed}: AP50 {last[-1]:.3f} on {len(unseen)} scenes; {seconds:.0f} s, {cpu:.0f} s of CPU, "
            f"measuring on {len(watched)} included",
            flush=True,
        )
    print(f"AP50 {min(last):.3f} to {max(last):.3f}, mean {statistics.mean(last):.3f}, after {given.steps} steps")


if __name__ == "__main__":
    main()
