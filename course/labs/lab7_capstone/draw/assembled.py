"""A detector put together: which part works in which stage, and whose it is."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import FAINT, INK, YELLOW
from course.parts import Parts

# The stages of course.detector.Detector in the order of its forward pass, and what works in each.
STAGES: dict[str, tuple[str, ...]] = {
    "pyramid": ("FPN",),
    "anchors": ("anchor_shapes", "grid_anchors"),
    "RPN": ("RPNHead",),
    "proposals": ("make_proposals", "decode_boxes", "clip_boxes_to_image", "remove_small_boxes", "nms"),
    "RPN targets": ("inside_image", "box_iou", "label_anchors", "sample_labels", "encode_boxes"),
    "RPN loss": ("rpn_loss",),
    "ROIs to learn from": ("sample_rois",),
    "pooling": ("roi_level", "roi_align", "bilinear_sample"),
    "box head": ("BoxHead",),
    "head's loss": ("detection_loss",),
    "answers": ("postprocess_detections",),
}
TRAINING = ("RPN targets", "RPN loss", "ROIs to learn from", "head's loss")  # asleep once the detector is trained
LETTER, SPACE = 0.088, 0.16  # inches: a letter's width, and between two parts


@shown
def assembled(parts: Parts) -> Drawing:
    """The stages of a detector that finds boxes, with the parts that work in each: the student's own stand out.

    Args:
        parts: of :func:`course.parts.collect` or :func:`course.parts.here`.
    """
    figure = new_figure(9.8, 4.7, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 9.8), ylim=(len(STAGES) + 0.9, -0.6))
    ax.axis("off")
    words = []
    for row, (stage, names) in enumerate(STAGES.items()):
        weight = "normal" if stage in TRAINING else "bold"
        ax.text(1.75, row, stage, ha="right", va="center", weight=weight, color=FAINT if stage in TRAINING else INK)
        left = 1.95
        for name in names:
            left = _chip(ax, left, row, name, own=parts.part(name).own)
        words.append(f"{stage}: {', '.join(name + ('' if parts.part(name).own else ' (library)') for name in names)}")
    left = 1.95
    for text, own in (("yours", True), ("the library's", False)):
        left = _chip(ax, left, len(STAGES) + 0.25, text, own=own)
    ax.text(left + 0.1, len(STAGES) + 0.25, "grey stages: in training only", va="center", fontsize=9, color=FAINT)
    used = [name for names in STAGES.values() for name in names]
    count = sum(parts.part(name).own for name in used)
    caption = f"{count} of the {len(used)} parts in these stages are yours."
    alt = f"The detector's stages, from the picture to the boxes, and the parts in each. {'; '.join(words)}. {caption}"
    return Drawing(figure, alt, caption)


def _chip(ax: Axes, left: float, row: float, text: str, *, own: bool) -> float:
    """A part's name in its frame; gives where the next one begins."""
    width = LETTER * len(text) + SPACE
    frame = FancyBboxPatch((left, row - 0.36), width, 0.72, boxstyle="round,pad=0,rounding_size=0.08")
    if own:
        frame.set(facecolor=YELLOW, edgecolor=INK, linewidth=1.8)
    else:
        frame.set(facecolor="white", edgecolor=FAINT, linewidth=1.3, linestyle=(0, (3, 1.5)))
    ax.add_patch(frame)
    ax.text(left + width / 2, row, text, ha="center", va="center", fontsize=9, family="DejaVu Sans Mono")
    return left + width + SPACE
