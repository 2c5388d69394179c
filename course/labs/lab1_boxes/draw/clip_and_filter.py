"""Boxes at the border of the image and boxes that are too small."""

from collections.abc import Callable
from string import ascii_lowercase

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course.drawing.ask_student import Boxes, as_lists, as_tensor, ask, no_picture
from course.drawing.box_axes import Box, arrow, note, outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, FIRST, GOOD, GREEN, INK, LOST, PAPER, RED, WRONG
from course.labs.lab1_boxes.draw.coordinates import numbers


@shown
def clip_rule() -> Drawing:
    """Where single points outside a 600 × 901 image go when each coordinate is clipped by itself."""
    moves = {(-90, -70): (0, 0), (430, -110): (430, 0), (1010, 250): (901, 250), (980, 690): (901, 600)}
    figure = new_figure(6.6, 4.4)
    ax = figure.subplots()
    _image_with_border(ax, (600, 901), [[-160, -130, 1080, 720]])
    for start, end in {**moves, (300, 330): (300, 330)}.items():
        stays = start == end
        ax.plot(*end, "o", color=GREEN, markersize=8, zorder=6)
        words = f"{numbers(start)} stays" if stays else numbers(start)
        above = -32 if start[1] < 600 else 34
        note(ax, start[0], start[1] + above, words, GREEN if stays else RED, fontsize=9)
        if not stays:
            ax.plot(*start, "X", color=RED, markersize=9, zorder=6)
            arrow(ax, start, end, INK)
            inside = (end[0] + (85 if end[0] == 0 else -85 if end[0] == 901 else 0), end[1])
            note(ax, inside[0], end[1] + (-32 if end[1] == 600 else 32), numbers(end), GREEN, fontsize=9)
    alt = (
        "Points as (x, y) on an image 600 high and 901 wide. "
        f"{'; '.join(f'{start} moves to {end}' for start, end in moves.items())}; (300, 330) stays."
    )
    return Drawing(figure, alt, "Crosses: before; dots: after. x and y are brought back independently of each other.")


@shown
def size_rule() -> Drawing:
    """Which widths and heights are kept when both have to be at least 16."""
    limit, far_right, far_up = 16, 80, 64
    sizes = {
        (16, 16): (19, 20, "kept"),
        (50, 40): (54, 44, "kept"),
        (8, 50): (8, 43, "removed"),
        (40, 8): (51, 8, "removed"),
    }
    figure = new_figure(5.6, 4.4)
    ax = figure.subplots()
    ax.add_patch(Rectangle((limit, limit), 99, 99, facecolor="#E3F3EE", edgecolor=GREEN, hatch="//", linewidth=2))
    for (width, height), (x, y, mark) in sizes.items():
        stays = mark == "kept"
        colour = GREEN if stays else RED
        ax.plot(width, height, "o" if stays else "X", color=colour, markersize=9, zorder=6)
        note(ax, x, y, f"{width} × {height}\n{mark}", colour, fontsize=9, ha="left" if stays else "center")
    ax.set_facecolor(PAPER)
    ax.set(xlim=(0, far_right), ylim=(0, far_up), xlabel="width", ylabel="height", aspect="equal")
    ax.set_xticks([0, limit, far_right])
    ax.set_yticks([0, limit, far_up])
    each = "; ".join(f"{width} × {height} is {mark}" for (width, height), (_, _, mark) in sizes.items())
    alt = f"Width against height. Hatched, kept: width and height both at least {limit}. {each}."
    return Drawing(figure, alt, "Hatched: kept, edges included. A long side does not make up for a short one.")


@shown
def clipping(boxes: Boxes, size: tuple[int, int], clip_boxes_to_image: Callable) -> Drawing:
    """Boxes before and after the student's clipping, on an image of (height, width)."""
    before = as_lists(boxes)
    after = ask(clip_boxes_to_image, as_tensor(boxes), size, shape=(len(before), 4)).tolist()
    figure = new_figure(9.6, 3.8)
    left, right = figure.subplots(1, 2)
    for ax, title in ((left, "before"), (right, "after your clip_boxes_to_image")):
        _image_with_border(ax, size, before)
        ax.set_title(title, pad=8)
    for name, old, new in zip(ascii_lowercase, before, after, strict=False):
        outline(left, old, FIRST, fill=True)
        _label(left, old, name)
        outline(right, old, LOST)
        outline(right, new, FIRST, fill=True)
        gone = (new[2] - new[0]) * (new[3] - new[1]) == 0
        if gone:
            middle = (new[0] + new[2]) / 2, (new[1] + new[3]) / 2
            right.plot(*middle, "X", color=RED, markersize=11, zorder=7)
        _label(right, new, f"{name}: no area left" if gone else f"{name}", inside=not gone)
    pairs = zip(before, after, strict=True)
    moves = "; ".join(f"{numbers(old)} becomes {numbers(new)}" for old, new in pairs)
    alt = f"Boxes on an image {size[0]} high and {size[1]} wide, before and after your clipping: {moves}."
    return Drawing(figure, alt, f"An image {size[0]} high and {size[1]} wide. Dotted: where the boxes were.")


@shown
def swapped_size(boxes: Boxes, size: tuple[int, int], clip_boxes_to_image: Callable) -> Drawing:
    """The student's clipping given (height, width), beside the same function given (width, height)."""
    before = as_lists(boxes)
    tall, wide = size
    figure = new_figure(9.6, 3.6)
    left, right = figure.subplots(1, 2)
    words = []
    for ax, order, look, name in (
        (left, (wide, tall), WRONG, "(width, height)"),
        (right, size, GOOD, "(height, width)"),
    ):
        after = ask(clip_boxes_to_image, as_tensor(boxes), order, shape=(len(before), 4)).tolist()
        _image_with_border(ax, size, before)
        ax.set_title(f"{'✗' if look is WRONG else '✓'} size = {name} = {order}", pad=8)
        for old, new in zip(before, after, strict=True):
            outline(ax, old, LOST)
            outline(ax, new, look, fill=True)
        words.append(f"with size = {name} = {order} they become {' and '.join(map(numbers, after))}")
    boxes_before = " and ".join(map(numbers, before))
    alt = f"Boxes {boxes_before} on an image {tall} high and {wide} wide: {'; '.join(words)}."
    return Drawing(figure, alt, "Dotted: before clipping. Left: one box is cut inside the image, one stays outside.")


@shown
def small_boxes(boxes: Boxes, min_size: float, remove_small_boxes: Callable) -> Drawing:
    """Which boxes the student's function keeps, and why the others go."""
    lists = as_lists(boxes)
    keep = ask(remove_small_boxes, as_tensor(boxes), min_size, shape=(None,))
    if keep.is_floating_point() or keep.dtype.is_complex or str(keep.dtype) == "torch.bool":
        raise no_picture(f"remove_small_boxes gave {keep.dtype} instead of int64 indices")
    kept = keep.tolist()
    if any(not 0 <= index < len(lists) for index in kept):
        raise no_picture(f"remove_small_boxes gave {kept}, but there are only boxes 0 to {len(lists) - 1}")
    figure = new_figure(8.6, 3.6)
    ax = figure.subplots()
    right, bottom = max(box[2] for box in lists), max(box[3] for box in lists)
    set_up_axes(ax, (0, 0, right + 20, bottom + 22))
    words = []
    for index, box in enumerate(lists):
        stays = index in kept
        width, height = box[2] - box[0], box[3] - box[1]
        outline(ax, box, GOOD if stays else WRONG, fill=not stays)
        mark, colour = ("kept", GREEN) if stays else ("removed", RED)
        label = f"{index}: {width:g} × {height:g}\n{mark}"
        note(ax, (box[0] + box[2]) / 2, box[3] + 8, label, colour, fontsize=9)
        words.append(f"box {index}, {width:g} wide and {height:g} high, is {mark}")
    alt = f"Minimum size {min_size:g}. By your function {'; '.join(words)}. Indices returned: {kept}."
    caption = f"min_size = {min_size:g}; your function returned {kept}. Solid: kept; dashed and dotted: removed."
    return Drawing(figure, alt, caption)


def _image_with_border(ax: Axes, size: tuple[int, int], boxes: list[list[float]]) -> None:
    """An image with room around it for the boxes that leave it."""
    tall, wide = size
    edges = list(zip(*boxes, [0, 0, wide, tall], strict=True))
    view = (min(edges[0]) - 40, min(edges[1]) - 40, max(edges[2]) + 40, max(edges[3]) + 40)
    set_up_axes(ax, view, image=size)
    ax.set(xticks=[], yticks=[])
    words = f"{tall} high, {wide} wide"
    ax.text(wide / 2, tall - 14, words, color=FAINT, fontsize=9, ha="center", va="bottom")


def _label(ax: Axes, box: Box, text: str, *, inside: bool = True) -> None:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if inside:
        note(ax, x, y, text, INK, weight="bold")
    else:
        note(ax, x - 34, y, text, RED, ha="right", fontsize=9)
