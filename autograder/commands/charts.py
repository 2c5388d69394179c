"""The pictures of the class report, each an HTML figure with a text alternative."""

from matplotlib.ticker import MaxNLocator

from autograder.commands.class_summary import Bin
from course.drawing.figure import Drawing, new_figure, render
from course.drawing.palette import BLUE, INK


def distribution(bins: list[Bin], absent: int) -> str:
    """How many students reached how many points; those who handed in nothing stand apart from those with 0 points.

    Args:
        bins: of those who handed in.
        absent: how many did not.
    """
    total, step = bins[-1].high, bins[0].high
    figure = new_figure(8, 3)
    axes = figure.add_subplot()
    lows, widths = [each.low for each in bins], [each.high - each.low for each in bins]
    bars = [axes.bar(lows, [each.count for each in bins], widths, align="edge", color=BLUE, edgecolor=INK)]
    ticks = {float(each.low): f"{each.low:g}" for each in bins} | {total: f"{total:g}"}
    if absent:
        bars.append(axes.bar([-1.75 * step], [absent], step, align="edge", color="white", edgecolor=INK, hatch="///"))
        ticks[-1.25 * step] = "not\nhanded in"
    for drawn in bars:
        axes.bar_label(drawn, labels=[f"{bar.get_height():g}" if bar.get_height() else "" for bar in drawn], padding=2)
    axes.set(xlabel=f"points (of {total:g})", ylabel="students", xticks=list(ticks), xticklabels=list(ticks.values()))
    axes.margins(y=0.12)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.spines[["top", "right"]].set_visible(False)
    said = [f"{each.count} with {each.label.replace('<', 'under')} points" for each in bins if each.count]
    said += [f"{absent} handed in nothing"] if absent else []
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
