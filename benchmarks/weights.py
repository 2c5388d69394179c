"""The small weights that ship with the course: their AP on scenes that they have never seen.

    python benchmarks/weights.py [--count 500]

They come from ``python -m course.training``, whose training scenes and these have no picture in common.
"""

import argparse

from course import library, scenes, training
from course.detector import Detector, load_weights
from course.training.__main__ import KINDS, UNSEEN
from course.zoo import small_weights


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--count", type=int, default=500, help="scenes (default %(default)s)")
    given = ask.parse_args()
    detector = Detector(library, len(scenes.CLASSES), masks=True, keypoints=True)
    with small_weights() as path:
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
        load_weights(detector, path)
    unseen = training.ready(scenes.Scenes(given.count, seed=UNSEEN))
    for kind, scores in training.evaluate(detector, unseen, KINDS).items():
        print(f"{kind:<10}" + "  ".join(f"{name} {value:.3f}" for name, value in scores.items()))


if __name__ == "__main__":
    main()
