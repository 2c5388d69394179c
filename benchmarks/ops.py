"""Time of our reference solutions relative to torchvision's functions, on the lecture's sizes, one thread, one run.

    python benchmarks/ops.py

A ratio below 1 means that ours is faster. Both are timed in turn, many times, and the medians are compared, so that
whatever else the machine does hits both alike.
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torchvision import ops

from solutions.lab1_boxes import boxes as lab1

ROUNDS = 60


def median_ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """The ratio of the medians, and the median of ours in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for function, record in zip((ours, theirs), times, strict=True):
            start = time.perf_counter()
            function()
            record.append(time.perf_counter() - start)
    ours_median, theirs_median = (statistics.median(record[5:]) for record in times)
    return ours_median / theirs_median, 1000 * ours_median


def random_boxes(count: int, size: float = 800.0) -> Tensor:
    """Random boxes ``(count, 4)`` in a square image."""
    points = torch.rand(count, 2, 2) * size
    return torch.cat([points.amin(1), points.amax(1)], dim=1)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    anchors, truth, size = random_boxes(22_500), random_boxes(20), (600, 700)
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "box_iou, 22,500 × 20": (lambda: lab1.box_iou(anchors, truth), lambda: ops.box_iou(anchors, truth)),
        "box_iou, 22,500 × 2": (
            lambda: lab1.box_iou(anchors, truth[:2]),
            lambda: ops.box_iou(anchors, truth[:2]),
        ),
        "box_area, 22,500": (lambda: lab1.box_area(anchors), lambda: ops.box_area(anchors)),
        "clip_boxes_to_image, 22,500": (
            lambda: lab1.clip_boxes_to_image(anchors, size),
            lambda: ops.clip_boxes_to_image(anchors, size),
        ),
        "remove_small_boxes, 22,500": (
            lambda: lab1.remove_small_boxes(anchors, 16),
            lambda: ops.remove_small_boxes(anchors, 16),
        ),
    }
    print(f"torch {torch.__version__}, one thread, medians of {ROUNDS - 5} rounds")
    for name, (ours, theirs) in pairs.items():
        ratio, milliseconds = median_ratio(ours, theirs)
        print(f"{name:<30} {ratio:5.2f} × torchvision  ({milliseconds:.2f} ms)")


if __name__ == "__main__":
    main()
