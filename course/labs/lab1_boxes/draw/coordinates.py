"""What the four numbers of a box mean: their order, the grid lines they name, the area they span."""

from collections.abc import Callable, Sequence
from string import ascii_lowercase

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.drawing.ask_student import Boxes, as_lists, as_tensor, ask
from course.drawing.box_axes import arrow, draw_worker, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, FIRST, GOOD, INK, RED, WRONG

HELMETS = ((147.0, 160.0, 234.0, 260.0), (312.0, 139.0, 348.0, 200.0))  # the lecture's bbox0, x first
CUTOUT = (100, 100, 400, 400)  # the part of the 800 x 800 image that holds them


def numbers(box: Sequence[float]) -> str:
    """A box as text: ``(147, 160, 234, 260)``."""
    return "(" + ", ".join(f"{value:g}" for value in box).replace("-", "−") + ")"


@shown
def box_anatomy() -> Drawing:
    """One box with its four numbers on the axes, in our order and in the slides'."""
    figure = new_figure(7.6, 4.2)
    ax = figure.subplots()
    x1, y1, x2, y2 = HELMETS[0]
    set_up_axes(ax, (100, 120, 340, 290))
    draw_worker(ax, HELMETS[0])
    outline(ax, HELMETS[0], FIRST)
    for x, y, name, colour in ((x1, y1, "(x1, y1)", BLUE), (x2, y2, "(x2, y2)", RED)):
        ax.plot([x, x, 100], [120, y, y], color=colour, linestyle=":", linewidth=1.2)
        ax.plot([x], [y], marker="o", color=colour, zorder=6)
        left = x == x1
        side, place = ("right", (x - 4, y - 7)) if left else ("left", (x + 4, y + 7))
        note(ax, *place, name, colour, ha=side, weight="bold")
    ax.set_xticks([100, x1, x2, 340], ["100", f"x1 = {x1:g}", f"x2 = {x2:g}", "340"])
    ax.set_yticks([120, y1, y2, 290], ["120", f"y1 = {y1:g}", f"y2 = {y2:g}", "290"])
    arrow(ax, (x1, 138), (x2, 138), INK, "<->")
    note(ax, (x1 + x2) / 2, 138, f"width {x2 - x1:g}")
    arrow(ax, (250, y1), (250, y2), INK, "<->")
    note(ax, 250, (y1 + y2) / 2, f"height\n{y2 - y1:g}")
    ours, slides = numbers((x1, y1, x2, y2)), numbers((y1, x1, y2, x2)).replace("(", "[").replace(")", "]")
    note(ax, 302, 160, f"ours\n{ours}\n\nslides\n{slides}", linespacing=1.5, fontsize=9)
    alt = (
        f"A helmet in a box. x grows to the right, y grows downwards. Left edge x1 = {x1:g}, "
        f"top edge y1 = {y1:g}, right edge x2 = {x2:g}, bottom edge y2 = {y2:g}; "
        f"width {x2 - x1:g}, height {y2 - y1:g}. Ours: {ours}. The slides: {slides}."
    )
    return Drawing(figure, alt, "A cut-out of the 800 × 800 image. y counts downwards from the top.")


@shown
def converted(boxes: Boxes, yxyx_to_xyxy: Callable) -> Drawing:
    """The lecture's two helmets with the boxes as the student's function reorders them."""
    boxes = as_tensor(boxes)
    ours = ask(yxyx_to_xyxy, boxes, shape=(len(boxes), 4)).tolist()
    figure = new_figure(5.2, 4.9)
    ax = figure.subplots()
    _helmets(ax)
    for box in ours:
        outline(ax, box, FIRST)
        note(ax, (box[0] + box[2]) / 2, box[1] - 9, numbers(box), BLUE, fontsize=9)
    listed = " and ".join(numbers(box) for box in ours)
    alt = f"Your boxes {listed}, drawn over the two helmets."
    return Drawing(figure, alt, "Your boxes: each should frame a helmet exactly.")


@shown
def axis_order(boxes: Boxes, yxyx_to_xyxy: Callable) -> Drawing:
    """The slides' boxes read as if they were x1, y1, x2, y2, beside the student's reordered ones."""
    raw = as_lists(boxes)
    ours = ask(yxyx_to_xyxy, as_tensor(boxes), shape=(len(raw), 4)).tolist()
    figure = new_figure(9.4, 5.0)
    left, right = figure.subplots(1, 2)
    for ax, shown_boxes, look, title in (
        (left, raw, WRONG, "✗ the slides' numbers read as x1, y1, x2, y2"),
        (right, ours, GOOD, "✓ reordered by your function"),
    ):
        _helmets(ax)
        ax.set_title(title, pad=8)
        for box in shown_boxes:
            outline(ax, box, look, fill=look is WRONG)
            note(ax, (box[0] + box[2]) / 2, box[1] - 9, numbers(box), look.colour, fontsize=9)
    alt = (
        f"Left: the slides' boxes {' and '.join(map(numbers, raw))} drawn as if they were x1, y1, x2, y2: "
        "the first is shifted and turned but partly on its helmet, the second far away from its own. "
        f"Right: your boxes {' and '.join(map(numbers, ours))}."
    )
    return Drawing(
        figure,
        alt,
        "Dashed and dotted: x and y mixed up. The first box is only a little off: easy to overlook.",
    )


@shown
def grid_lines() -> Drawing:
    """A box on the pixel grid: coordinates name grid lines, so its width is x2 - x1."""
    figure = new_figure(5.6, 3.7)
    ax = figure.subplots()
    box = (2.0, 1.0, 6.0, 4.0)
    set_up_axes(ax, (0, 0, 9, 6))
    ax.set_xticks(range(10))
    ax.set_yticks(range(7))
    ax.grid(color="#BBBBBB", linewidth=0.8)
    outline(ax, box, FIRST, fill=True)
    for row in range(3):
        for column in range(4):
            note(ax, 2.5 + column, 1.5 + row, str(4 * row + column + 1), BLUE, fontsize=10)
    arrow(ax, (2, 4.5), (6, 4.5), INK, "<->")
    note(ax, 4, 4.95, "width 6 − 2 = 4")
    arrow(ax, (6.5, 1), (6.5, 4), INK, "<->")
    note(ax, 7.75, 2.5, "height\n4 − 1 = 3")
    alt = (
        "A box from x = 2 to 6 and y = 1 to 4 on a grid of pixels. The numbers name grid lines, so "
        "the box holds 4 times 3 = 12 whole pixels, counted 1 to 12 in the picture."
    )
    return Drawing(figure, alt, "Coordinates are grid lines, not pixels: 4 columns × 3 rows = 12 pixels.")


@shown
def areas(boxes: Boxes, box_area: Callable) -> Drawing:
    """Each box with the area that the student's function finds, beside a bar of that length."""
    lists = as_lists(boxes)
    found = ask(box_area, as_tensor(boxes), shape=(len(lists),)).tolist()
    figure = new_figure(8.6, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    _helmets(left)
    names = list(ascii_lowercase[: len(lists)])
    for name, box in zip(names, lists, strict=True):
        outline(left, box, FIRST, fill=True)
        note(left, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, name, BLUE, weight="bold")
    sides = [f"{box[2] - box[0]:g} × {box[3] - box[1]:g}" for box in lists]
    bars = [f"{name}  {side}" for name, side in zip(names, sides, strict=True)]
    right.barh(bars, found, color="white", edgecolor=BLUE, hatch=FIRST.hatch, linewidth=1.5, height=0.55)
    for row, area in enumerate(found):
        place = (max(area, 0), row)
        right.annotate(f"{area:,.0f} px²", place, xytext=(6, 0), textcoords="offset points", va="center")
    right.set(xlim=(0, 1.4 * max([*found, 1.0])), xlabel="your box_area, in square pixels")
    right.invert_yaxis()
    for side in ("top", "right"):
        right.spines[side].set_visible(False)
    each = "; ".join(f"{bar}: {area:,.0f}" for bar, area in zip(bars, found, strict=True))
    alt = f"Boxes with their width × height and your area in square pixels. {each}."
    return Drawing(figure, alt, "The areas that your function finds.")


def _helmets(ax: Axes) -> None:
    set_up_axes(ax, CUTOUT)
    ax.set_xticks(range(100, 401, 50))
    ax.set_yticks(range(100, 401, 50))
    for helmet in HELMETS:
        draw_worker(ax, helmet)
    ax.add_patch(Rectangle((100, 100), 300, 300, fill=False, edgecolor=FAINT, linewidth=1))
