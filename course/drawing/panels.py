"""Where a picture may be cut, so that its panels stand below each other in a window too narrow for all side by side."""

import numpy as np
from matplotlib.figure import Figure

GAP = 0.06  # inches of white that part two panels


def cuts(figure: Figure, pixels: np.ndarray, dpi: float, left: float = 0.0) -> list[int]:
    """Columns of pixels at which a drawn figure may be cut: none where something spans all panels.

    A cut goes between axes, through columns that are white from top to bottom. What belongs to axes, as labels and
    ticks do, is nearer to them than to their neighbours: of several gaps, the widest is the one between panels.

    Args:
        figure: drawn already.
        pixels: what came of it, uint8 ``[height, width, channels]``.
        dpi: of the pixels.
        left: inches of the figure that the pixels leave out on the left.
    """
    axes = [ax.bbox for ax in figure.axes if ax.get_label() != "<colorbar>"]  # which stays with the panel before it
    edges = sorted(
        (round((box.x0 / figure.dpi - left) * dpi), round((box.x1 / figure.dpi - left) * dpi)) for box in axes
    )
    found = []
    before = edges[0][1] if edges else 0
    for start, end in edges:
        begin, stop = _widest((pixels[:, before:start] == 255).all(axis=(0, 2)))
        if stop - begin >= GAP * dpi:
            found.append(before + (begin + stop) // 2)
        before = max(before, end)
    return found


def _widest(true: np.ndarray) -> tuple[int, int]:
    """Where the longest run of ``True`` begins and has ended; (0, 0) where there is none."""
    changes = np.flatnonzero(np.diff(true, prepend=False, append=False))  # begin, end, begin, end, …
    runs: list[tuple[int, int]] = [(int(begin), int(end)) for begin, end in changes.reshape(-1, 2)]
    return max(runs, key=lambda run: run[1] - run[0], default=(0, 0))
