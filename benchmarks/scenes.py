"""How many scenes a second one core makes, at 128 pixels and larger.

    python benchmarks/scenes.py

Each figure is measured over different seeds, so that busy and empty sites count as they come. The time is that of the
wall, so other work on the machine lowers the figure.
"""

import statistics
import time

import cv2
import torch

from course import scenes

ROUNDS, EACH = 8, 25


def rates(size: int, rounds: int = ROUNDS, each: int = EACH) -> list[float]:
    """Scenes a second, round by round."""
    found = []
    scenes.scene(0, size)  # the first one also loads what is loaded late
    for number in range(rounds):
        start = time.perf_counter()
        for seed in range(number * each, (number + 1) * each):
            scenes.scene(seed, size)
        found.append(each / (time.perf_counter() - start))
    return found


def main() -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    print(f"OpenCV {cv2.__version__}, torch {torch.__version__}, one thread, {ROUNDS} rounds of {EACH} scenes")
    for size, rounds in ((128, ROUNDS), (256, 3)):
        speed = rates(size, rounds)
        print(f"{size} × {size}: {statistics.median(speed):5.1f} images/s (slowest round {min(speed):.1f})")


if __name__ == "__main__":
    main()
