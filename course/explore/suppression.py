"""Non-maximum suppression, one kept box at a time, for any threshold."""

from collections.abc import Callable

from torch import Tensor

from course.draw.figure import Drawing, new_figure
from course.draw.sheet import around
from course.draw.student import as_lists
from course.draw.suppression import draw_step, indices
from course.explore.controls import Push, slider, whole
from course.explore.explorer import explore
from course.explore.own import Own
from course.library import box_iou


def suppression(boxes: Tensor, scores: Tensor, nms: Callable) -> None:
    """What each box that the student's function keeps removes, with the threshold and the step to choose.

    Args:
        boxes: ``(N, 4)``, a dozen at most.
        scores: theirs, ``(N,)``.
        nms: the student's function.
    """
    mine = Own(nms, "nms")
    boxes, scores = boxes.cpu(), scores.cpu()
    explore(
        lambda threshold, step: _drawing(boxes, scores, mine, threshold, step),
        lambda: {
            "threshold": slider("IoU threshold", 0.5, 0.0, 1.0, 0.05),
            "step": whole("step", 1, 0, len(boxes)),
        },
        [Push("back", "step", -1), Push("next step", "step")],
        own=[mine],
    )


def _drawing(boxes: Tensor, scores: Tensor, nms: Own, threshold: float, step: int) -> Drawing:
    lists, table = as_lists(boxes), box_iou(boxes, boxes)
    kept = indices(nms, boxes, scores, threshold)
    done = kept[:step]
    removed: list[list[int]] = []  # by each of the kept boxes so far
    for best in done:
        gone = {index for group in removed for index in group}
        over = (table[best] > threshold).nonzero().flatten().tolist()
        removed.append([index for index in over if index not in kept and index not in gone])
    now = removed[-1] if removed else []
    earlier = [index for group in removed[:-1] for index in group]
    figure = new_figure(6.4, 5.0, layout=None)
    ax = figure.add_axes((0.02, 0.02, 0.96, 0.9))
    draw_step(ax, around(lists, 0.08), lists, scores, done, now, earlier)
    waiting = len(boxes) - len(done) - len(now) - len(earlier)
    if done:
        best = done[-1]
        overlaps = ", ".join(f"{index} (IoU {float(table[best, index]):.2f})" for index in now) or "none"
        told = f"keep {best} with score {float(scores[best]):.2f}, remove {overlaps}"
    else:
        told = "nothing is decided"
    if step > len(kept):
        told += f". There are no more than {len(kept)} steps"
    ax.set_title(f"step {len(done)} of {len(kept)}, threshold {threshold:.2f}", fontsize=11)
    words = f"Step {len(done)} of {len(kept)}, threshold {threshold:.2f}: {told}. Kept {done}, {waiting} still wait"
    alt = f"{len(boxes)} boxes through your nms. {words}. In the end it keeps {kept}."
    caption = f"{words}. Solid green: kept; dashed red: goes now; dotted: gone; thin blue: waits."
    return Drawing(figure, alt, caption)
