"""Non-maximum suppression, one kept box at a time, for any threshold."""

from collections.abc import Callable

from torch import Tensor

from course.drawing.ask_student import as_lists
from course.drawing.box_axes import enclosing_view
from course.drawing.figure import Drawing, new_figure
from course.exploring.controls import StepButton, integer_slider, slider
from course.exploring.explorer import explore
from course.exploring.student_function import StudentFunction
from course.labs.lab3_rpn.draw.suppression import decided, draw_step, indices
from course.library import box_iou


def suppression(boxes: Tensor, scores: Tensor, nms: Callable) -> None:
    """What each box that the student's function keeps removes, with the threshold and the step to choose.

    Args:
        boxes: ``(N, 4)``, a dozen at most.
        scores: theirs, ``(N,)``.
        nms: the student's function.
    """
    mine = StudentFunction(nms, "nms")
    boxes, scores = boxes.cpu(), scores.cpu()
    explore(
        lambda threshold, step: _drawing(boxes, scores, mine, threshold, step),
        lambda: {
            "threshold": slider("IoU threshold", 0.5, 0.0, 1.0, 0.05),
            "step": integer_slider("step", 1, 0, len(boxes)),
        },
        [StepButton("back", "step", -1), StepButton("next step", "step")],
        functions=[mine],
    )


def _drawing(boxes: Tensor, scores: Tensor, nms: StudentFunction, threshold: float, step: int) -> Drawing:
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
    draw_step(ax, enclosing_view(lists, 0.08), lists, done, now, earlier)
    waiting = len(boxes) - len(done) - len(now) - len(earlier)
    if done:
        best = done[-1]
        overlaps = ", ".join(f"{index} (IoU {float(table[best, index]):.2f})" for index in now) or "none"
        summary = f"keep {best} with score {float(scores[best]):.2f}, remove {overlaps}"
    else:
        summary = "nothing is decided"
    if step > len(kept):
        summary += f". There are no more than {len(kept)} steps"
    title = f"step {len(done)} of {len(kept)}"
    ax.set_title(f"{title}: {decided(done[-1], now, scores)}" if done else title, fontsize=11)
    words = f"Step {len(done)} of {len(kept)}, threshold {threshold:.2f}: {summary}. Kept {done}, {waiting} still wait"
    alt = f"{len(boxes)} boxes through your nms. {words}. In the end it keeps {kept}."
    caption = f"{words}. Solid green: kept; dashed red: goes now; dotted: gone; thin blue: waits."
    return Drawing(figure, alt, caption)
