"""The pictures of the class report, each an HTML figure with a text alternative."""

from course.drawing.figure import Drawing, new_figure, render
from course.drawing.palette import BLUE, INK

BINS = 10


def distribution(scores: list[float], total: float) -> str:
    """How many students reached how many points, in ten equal steps."""
    counts = [0] * BINS
    for score in scores:
        counts[min(int(score / total * BINS), BINS - 1)] += 1
    step = total / BINS
    figure = new_figure(8, 3)
    axes = figure.add_subplot()
    axes.bar([(k + 0.5) * step for k in range(BINS)], counts, width=step * 0.92, color=BLUE, edgecolor=INK)
    axes.set(xlabel=f"points (of {total:g})", ylabel="students", xlim=(0, total), yticks=range(max(counts) + 1))
    axes.spines[["top", "right"]].set_visible(False)
    said = [f"{count} with {k * step:g} to {(k + 1) * step:g} points" for k, count in enumerate(counts) if count]
    return _figure(Drawing(figure, f"Students by points: {', '.join(said)}.", "Students by points."))


def hardest(shares: dict[str, float]) -> str:
    """The average share of points by exercise, the hardest on top."""
    names = sorted(shares, key=lambda name: shares[name], reverse=True)
    figure = new_figure(8, 0.9 + 0.42 * len(names))
    axes = figure.add_subplot()
    bars = axes.barh(names, [100 * shares[name] for name in names], color=BLUE, edgecolor=INK, height=0.62)
    axes.bar_label(bars, fmt="%.0f %%", padding=4)
    axes.set(xlabel="points earned on average, in %", xlim=(0, 110), xticks=range(0, 101, 20))
    axes.spines[["top", "right"]].set_visible(False)
    said = ", ".join(f"{name} {100 * shares[name]:.0f} %" for name in reversed(names))
    return _figure(
        Drawing(figure, f"Share of points earned, the hardest first: {said}.", "The hardest exercise is on top.")
    )


def _figure(drawing: Drawing) -> str:
    return render(drawing).html()
