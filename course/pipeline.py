"""The map of Faster R-CNN that opens every lab, with the lab's own stage highlighted."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, INK, PAPER, YELLOW


@dataclass(frozen=True)
class Node:
    """One station of the map: its place and its text."""

    column: float
    row: float
    title: str
    detail: str


@dataclass(frozen=True)
class Stage:
    """What a notebook is about.

    Attributes:
        title: of the lab, on the map.
        builds: the nodes that it builds.
        used_in: those elsewhere that use what it builds.
        shows: what is highlighted instead, in a lab that builds no node.
    """

    title: str
    builds: tuple[str, ...] = ()
    used_in: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    @property
    def highlighted(self) -> tuple[str, ...]:
        """The nodes with a thick frame."""
        return self.builds or self.shows


NODES = {
    "image": Node(0, 1, "image", "800 × 800"),
    "backbone": Node(1, 1, "backbone", "VGG16"),
    "fpn": Node(2, 1, "pyramid", "FPN"),
    "rpn": Node(3, 1, "RPN", "22,500 boxes"),
    "proposals": Node(4, 1, "proposals", "NMS → 2,000"),
    "roi_pool": Node(5, 1, "ROI pooling", "128 × 7 × 7"),
    "box_head": Node(6, 1, "detection\nhead", ""),
    "boxes": Node(7, 1, "boxes", "and classes"),
    "mask_head": Node(5, 0, "mask head", "28 × 28"),
    "keypoint_head": Node(6, 0, "keypoint\nhead", ""),
    "truth": Node(0.5, 3, "true boxes", "2 helmets"),
    "anchors": Node(1.5, 2, "anchors", "22,500"),
    "iou": Node(1.75, 3, "IoU", "N × M"),
    "labels": Node(3, 3, "labels", "256 sampled"),
    "rpn_loss": Node(3, 2, "RPN loss", ""),
    "sample_rois": Node(4.5, 2, "sample\nROIs", ""),
    "detection_loss": Node(6, 2, "detection\nloss", ""),
}
MAIN_LINE = ("image", "backbone", "fpn", "rpn", "proposals", "roi_pool", "box_head", "boxes")
ARROWS = (
    *pairwise(MAIN_LINE),
    ("roi_pool", "mask_head"),
    ("roi_pool", "keypoint_head"),
    ("truth", "iou"),
    ("anchors", "iou"),
    ("anchors", "rpn"),
    ("iou", "labels"),
    ("labels", "rpn_loss"),
    ("rpn", "rpn_loss"),
    ("proposals", "sample_rois"),
    ("sample_rois", "roi_pool"),
    ("sample_rois", "detection_loss"),
    ("box_head", "detection_loss"),
)

# by notebook; the lab's number comes from the name of its folder
STAGES = {
    "tour": Stage("the whole way", shows=MAIN_LINE),
    "boxes": Stage("boxes and IoU", ("iou",), ("proposals", "sample_rois", "boxes")),
    "anchors": Stage("anchors and targets", ("anchors", "labels"), ("rpn", "sample_rois")),
    "rpn": Stage("the region proposal network", ("rpn", "proposals", "rpn_loss")),
    "roi_heads": Stage("the detection network", ("sample_rois", "roi_pool", "box_head", "detection_loss")),
    "fpn": Stage("the feature pyramid", ("fpn",), ("rpn", "roi_pool")),
    "mask": Stage("masks", ("mask_head",)),
    "keypoints": Stage("keypoints", ("keypoint_head",)),
}
BUILT_BY = {node: name for name, stage in STAGES.items() for node in stage.builds}
STAGES["capstone"] = Stage("your own detector", shows=tuple(name for name in NODES if name in BUILT_BY))

WIDE, HIGH = 0.82, 0.6  # of a node, in columns and rows
# The columns of the two halves, which stand below each other where the window is narrow. They share a piece, and only
# the arrow to the proposals leads from one to the other: it ends where the second begins.
HALVES = (-0.5, 3.64), (3.48, 7.5)
INCHES, GAP = 1.19, 0.07  # of a column, and between the halves
LAST = 3.41  # the last column of the first half's nodes
BUILT: dict[str, Any] = {"facecolor": YELLOW, "edgecolor": INK, "linewidth": 3.2}
USED: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "linewidth": 2.4, "linestyle": (0, (3, 1.5))}
PLAIN: dict[str, Any] = {"facecolor": "white", "edgecolor": "#8A8A8A", "linewidth": 1.2}


@shown
def show(stage: str) -> Drawing:
    """Show the map with one of ``STAGES`` highlighted: thick frames where it is built, dashed where used.

    Raises:
        ValueError: no such stage; the message lists them.
    """
    if stage not in STAGES:
        raise ValueError(f"no stage {stage!r} on the map; the stages are {', '.join(STAGES)}")
    here, lab = STAGES[stage], lab_of(stage)
    figure, first, second = _halves()
    _region(second, (4.45, -0.46, 6.55, 0.42), "")
    _region(first, (-0.02, 1.56, 3.5, 3.44), "RPN training targets")
    _region(second, (3.95, 1.56, 6.5, 2.44), "detector training targets")
    for start, end in ARROWS:
        _arrow(first if NODES[start].column < LAST else second, NODES[start], NODES[end])
    for name, node in NODES.items():
        builder = lab_of(BUILT_BY[name]) if name in BUILT_BY else None
        half = first if node.column < LAST else second
        _node(half, node, builder, built=name in here.highlighted, used=name in here.used_in)
    first.text(-0.4, -0.22, f"Lab {lab}: {here.title}", fontsize=15, weight="bold")
    first.text(-0.4, 0.12, "where it sits in Faster R-CNN", fontsize=11, color=FAINT)
    second.text(6.65, 0, "Mask R-CNN,\nKeypoint\nR-CNN", fontsize=9, color=FAINT, style="italic", va="center")
    _legend(second, here, lab)
    return Drawing(figure, _words(here, lab), "Numbers: the lab that builds the part.")


@cache
def lab_of(stage: str) -> int:
    """The number of the lab that a notebook belongs to: its folder, as lab5_fpn_mask, names the lab's notebooks."""
    labs = Path(__file__).with_name("labs").iterdir()
    (number,) = [name[1] for lab in labs if (name := re.fullmatch(rf"lab(\d+)_(.+_)?{stage}(_.+)?", lab.name))]
    return int(number)


def _halves() -> tuple[Figure, Axes, Axes]:
    """An empty figure, and the axes of the map's two halves side by side."""
    widths = [INCHES * (right - left) for left, right in HALVES]
    whole = sum(widths) + GAP
    figure = new_figure(whole, 4.9, layout=None)
    axes = [
        figure.add_axes((left / whole, 0, width / whole, 1))
        for left, width in ((0, widths[0]), (widths[0] + GAP, widths[1]))
    ]
    for ax, columns in zip(axes, HALVES, strict=True):
        ax.set(xlim=columns, ylim=(3.95, -0.55))
        ax.axis("off")
    return figure, axes[0], axes[1]


def _node(ax: Axes, node: Node, lab: int | None, *, built: bool, used: bool) -> None:
    """A station, with the number of the lab that builds it (``None``: given)."""
    frame = BUILT if built else USED if used else PLAIN
    _rounded_box(ax, node.column, node.row, WIDE, HIGH, frame)
    centred: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 5}
    title_row = node.row - (0.1 if node.detail else 0)
    weight = "bold" if built or used else "normal"
    ax.text(node.column, title_row, node.title, fontsize=10, weight=weight, **centred)
    ax.text(node.column, node.row + 0.14, node.detail, fontsize=9, color=INK if built else FAINT, **centred)
    if lab is not None:
        _badge(ax, node.column - WIDE / 2, node.row - HIGH / 2, lab)


def _legend(ax: Axes, here: Stage, lab: int) -> None:
    _rounded_box(ax, 4.2, 2.98, 0.34, 0.24, BUILT)
    ax.text(4.5, 2.98, "what this lab is about", va="center", fontsize=10, weight="bold")
    if here.used_in:
        _rounded_box(ax, 4.2, 3.34, 0.34, 0.24, USED)
        ax.text(4.5, 3.34, "uses it again", va="center", fontsize=10)
    last = 3.7 if here.used_in else 3.34
    _badge(ax, 4.2, last, lab)
    ax.text(4.5, last, "number of the lab; no number: given", va="center", fontsize=10)


def _rounded_box(ax: Axes, x: float, y: float, wide: float, high: float, frame: dict[str, Any]) -> None:
    """A rounded box with its middle at x, y."""
    corner = (x - wide / 2, y - high / 2)
    box = FancyBboxPatch(corner, wide, high, boxstyle="round,pad=0,rounding_size=0.08", mutation_aspect=0.8)
    box.set(zorder=3, **frame)
    ax.add_patch(box)


def _badge(ax: Axes, x: float, y: float, lab: int) -> None:
    ax.plot([x], [y], "o", markersize=15, markerfacecolor=BLUE, markeredgecolor="white", zorder=6)
    ax.text(x, y, str(lab), color="white", fontsize=9, weight="bold", ha="center", va="center_baseline", zorder=7)


def _region(ax: Axes, edges: tuple[float, float, float, float], title: str) -> None:
    x1, y1, x2, y2 = edges
    patch = FancyBboxPatch((x1, y1), x2 - x1, y2 - y1, boxstyle="round,pad=0,rounding_size=0.1")
    patch.set(facecolor=PAPER, edgecolor="#B5B5AA", linestyle=":", linewidth=1.2, zorder=0)
    ax.add_patch(patch)
    ax.text(x1 + 0.08, y2 + 0.04, title, fontsize=9, color=FAINT, style="italic", va="top")


def _arrow(ax: Axes, start: Node, end: Node) -> None:
    """From the edge of one node to the edge of the next, straight."""
    dx, dy = end.column - start.column, end.row - start.row
    if abs(dx) > abs(dy) or (dx and dy == 0):  # leave at the side
        side = 1 if dx > 0 else -1
        tail, head = (start.column + side * WIDE / 2, start.row), (end.column - side * WIDE / 2, end.row)
    else:
        side = 1 if dy > 0 else -1
        tail, head = (start.column, start.row + side * HIGH / 2), (end.column, end.row - side * HIGH / 2)
    line = FancyArrowPatch(tail, head, arrowstyle="-|>", mutation_scale=11, shrinkA=2, shrinkB=3)
    line.set(color=FAINT, linewidth=1.3, zorder=2)
    ax.add_patch(line)


def _words(here: Stage, lab: int) -> str:
    """The map as text."""

    def titles(names: tuple[str, ...]) -> str:
        return ", ".join(NODES[name].title.replace("\n", " ") for name in names)

    used = f" It is used again in {titles(here.used_in)}." if here.used_in else ""
    branch = (
        "Training branches: true boxes and anchors → IoU → labels → RPN loss; proposals → sample ROIs → detection loss."
    )
    line = " → ".join(NODES[name].title.replace("\n", " ") for name in MAIN_LINE)
    return f"Map of Faster R-CNN: {line}. {branch} Highlighted, lab {lab}: {titles(here.highlighted)}.{used}"
