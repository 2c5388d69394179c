"""The cells of a map as one artist: ticks and grid lines of matplotlib would take too long while a slider moves."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection


def cell_grid(ax: Axes, height: float, width: float, step: float, line: float = 0.7) -> None:
    """Prepare axes for a map from 0 to ``width`` and ``height``, y down, with a line every ``step``."""
    down = [((at * step, 0), (at * step, height)) for at in range(int(width / step) + 1)]
    across = [((0, at * step), (width, at * step)) for at in range(int(height / step) + 1)]
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal", xticks=[], yticks=[])
    ax.add_collection(LineCollection([*down, *across], colors="#BDBDBD", linewidths=line, zorder=1))
