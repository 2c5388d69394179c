"""Boxes at the border of the image and boxes that are too small."""

from collections.abc import Callable

from matplotlib.axes import Axes

from course.draw.coordinates import numbers
from course.draw.figure import Drawing, new_figure, shown
from course.draw.palette import FAINT, FIRST, GOOD, GREEN, INK, LOST, RED, WRONG
from course.draw.sheet import Box, note, outline, sheet
from course.draw.student import Boxes, as_lists, as_tensor, ask, no_picture


@shown
def clipping(boxes: Boxes, size: tuple[int, int], clip_boxes_to_image: Callable) -> Drawing:
    """Boxes before and after the student's clipping, on an image of (height, width)."""
    before = as_lists(boxes)
    after = ask(clip_boxes_to_image, as_tensor(boxes), size, shape=(len(before), 4)).tolist()
    figure = new_figure(9.6, 3.6)
    left, right = figure.subplots(1, 2)
    for ax, title in ((left, "before"), (right, "after your clip_boxes_to_image")):
        _image_with_border(ax, size, before)
        ax.set_title(title, pad=8)
    for name, old, new in zip("abcdefgh", before, after, strict=False):
        outline(left, old, FIRST, fill=True)
        _label(left, old, name)
        outline(right, old, LOST)
        outline(right, new, FIRST, fill=True)
        gone = (new[2] - new[0]) * (new[3] - new[1]) == 0
        if gone:
            right.plot([(new[0] + new[2]) / 2], [(new[1] + new[3]) / 2], "X", color=RED, markersize=11, zorder=7)
        _label(right, new, f"{name}: no area left" if gone else f"{name}", inside=not gone)
    moves = "; ".join(f"{numbers(old)} becomes {numbers(new)}" for old, new in zip(before, after, strict=True))
    alt = f"Boxes on an image {size[0]} high and {size[1]} wide, before and after your clipping: {moves}."
    return Drawing(figure, alt, f"An image {size[0]} high and {size[1]} wide. Dotted: where the boxes were.")


@shown
def swapped_size(boxes: Boxes, size: tuple[int, int], clip_boxes_to_image: Callable) -> Drawing:
    """The student's clipping given (height, width), beside the same function given (width, height)."""
    before = as_lists(boxes)
    height, width = size
    figure = new_figure(9.6, 3.6)
    words = []
    for ax, order, look, name in zip(
        figure.subplots(1, 2), ((width, height), size), (WRONG, GOOD), ("(width, height)", "(height, width)"), strict=True
    ):
        after = ask(clip_boxes_to_image, as_tensor(boxes), order, shape=(len(before), 4)).tolist()
        _image_with_border(ax, size, before)
        ax.set_title(f"{'✗' if look is WRONG else '✓'} size = {name} = {order}", pad=8)
        for old, new in zip(before, after, strict=True):
            outline(ax, old, LOST)
            outline(ax, new, look, fill=True)
        words.append(f"with size = {name} = {order} they become {' and '.join(numbers(box) for box in after)}")
    alt = f"Boxes {' and '.join(numbers(box) for box in before)} on an image {height} high and {width} wide: {'; '.join(words)}."
    return Drawing(figure, alt, "Dotted outlines: before clipping. Swapped sizes cut boxes inside the image and spare those outside.")


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
    sheet(ax, (0, 0, right + 20, bottom + 22))
    words = []
    for index, box in enumerate(lists):
        stays = index in kept
        width, height = box[2] - box[0], box[3] - box[1]
        outline(ax, box, GOOD if stays else WRONG, fill=not stays)
        mark = "kept" if stays else "removed"
        note(ax, (box[0] + box[2]) / 2, box[3] + 8, f"{index}: {width:g} × {height:g}\n{mark}", GREEN if stays else RED, fontsize=9)
        words.append(f"box {index}, {width:g} wide and {height:g} high, is {mark}")
    alt = f"Minimum size {min_size:g}. By your function {'; '.join(words)}. Indices returned: {kept}."
    return Drawing(figure, alt, f"min_size = {min_size:g}; your function returned {kept}. Solid: kept; dotted and hatched: removed.")


def _image_with_border(ax: Axes, size: tuple[int, int], boxes: list[list[float]]) -> None:
    """An image with room around it for the boxes that leave it."""
    height, width = size
    edges = list(zip(*boxes, [0, 0, width, height], strict=True))
    view = (min(edges[0]) - 40, min(edges[1]) - 40, max(edges[2]) + 40, max(edges[3]) + 70)
    sheet(ax, view, image=size)
    ax.set(xticks=[], yticks=[])
    ax.text(width / 2, height + 12, f"{height} high, {width} wide", color=FAINT, fontsize=9, ha="center", va="top")


def _label(ax: Axes, box: Box, text: str, *, inside: bool = True) -> None:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if inside:
        note(ax, x, y, text, INK, weight="bold")
    else:
        note(ax, x - 34, y, text, RED, ha="right", fontsize=9)
