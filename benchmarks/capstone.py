"""Lab 7's training, as its notebook does it, with several seeds: AP50 on unseen scenes as it grows, loss, and time.

    python benchmarks/capstone.py --seeds 5

Parts are the reference solutions, with the bonuses of labs 3 and 4 for ``nms`` and ``roi_align``, as in the notebook.
"""

import argparse
import time
from pathlib import Path

import torch

from course import parts, scenes, training
from course.detector import Detector

SOURCE = Path(__file__).parents[1] / "source"
STEPS, PICTURES, LEARNING_RATE = 900, 2000, 4e-3  # the notebook's


def main() -> None:
    """Print a line for each seed, and the spread."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--steps", type=int, default=STEPS)
    given = ask.parse_args()
    own = parts.collect(SOURCE, from_library=("nms", "roi_align"))
    examples = training.ready(scenes.Scenes(PICTURES), progress=False)
    unseen = training.ready(scenes.Scenes(100, seed=1), progress=False)
    found: list[float] = []
    last: list[float] = []
    for seed in range(given.seeds):
        torch.manual_seed(seed)
        detector = Detector(own, len(scenes.CLASSES))
        start, busy = time.perf_counter(), time.process_time()

        def tell(step: int, losses: list, detector: Detector = detector, seed: int = seed) -> None:
            loss = sum(sum(each.values()) for each in losses[-20:]) / len(losses[-20:])
            score = training.evaluate(detector, unseen)["boxes"]["AP50"]
            print(f"seed {seed}, step {step}: loss {loss:.3f}, AP50 {score:.3f}", flush=True)
            found.append(score)

        training.train(
            detector, examples, steps=given.steps, learning_rate=LEARNING_RATE, seed=seed, every=300, after=tell
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - busy
        last.append(found[-1])
        print(f"seed {seed}: {seconds:.0f} s, {cpu:.0f} s of CPU, measuring included", flush=True)
    print(f"AP50 {min(last):.3f} to {max(last):.3f} after {given.steps} steps")


if __name__ == "__main__":
    main()
