"""From the network's answers to proposals, by the student's functions and by the slides' steps."""

from collections.abc import Callable, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from torch import Tensor

from course.checking.calling import one_thread
from course.drawing.ask_student import ask
from course.drawing.box_axes import outline, set_up_axes
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, RED, SKY, Look
from course.lecture import HELMETS
from course.library import box_iou, clip_boxes_to_image, decode_boxes

HELMET = Look(INK, (0, (3, 2)), "", 2.2)


@shown
def sieve() -> Drawing:
    """How many boxes are left after each step, in the lecture."""
    steps = (
        ("anchors", 22_500),
        ("decoded, clipped", 22_500),
        ("large enough", 22_500),
        ("best before NMS", 12_000),
        ("best after NMS", 2_000),
    )
    figure = new_figure(7.6, 2.5)
    ax = figure.subplots()
    for row, (name, count) in enumerate(steps):
        ax.barh(row, count, left=-count / 2, height=0.78, color=SKY if count == 22_500 else BLUE, alpha=0.85)
        colour = INK if count == 22_500 else "white"
        ax.text(0, row, f"{count:,}", ha="center", va="center", color=colour, weight="bold")
        ax.text(-11_800, row, name, ha="right", va="center", fontsize=10)
    ax.set(xlim=(-19_500, 11_500), ylim=(len(steps) - 0.5, -0.5))
    ax.axis("off")
    alt = f"Boxes left after each step: {', '.join(f'{name} {count:,}' for name, count in steps)}."
    return Drawing(figure, alt, "The lecture's numbers. How many are too small depends on what the network says.")


@shown
def proposals(
    photo: Tensor, objectness: Tensor, deltas: Tensor, anchors: Tensor, size: tuple[int, int], make_proposals: Callable
) -> Drawing:
    """The hundred surest boxes of the student's function with NMS switched off, and with it."""
    figure = new_figure(9.6, 5.0)
    words = []
    for ax, threshold, title in zip(figure.subplots(1, 2), (1.0, 0.7), ("before NMS", "after NMS"), strict=True):
        found = ask(
            _joined(make_proposals), objectness, deltas, anchors, size, 12_000, 2_000, threshold, shape=(None, 5)
        )
        top = found[:100]
        on = box_iou(top[:, :4], torch.tensor(HELMETS)).amax(dim=1) >= 0.5 if len(top) else torch.zeros(0).bool()
        _photo(ax, photo)
        draw_boxes(ax, top[~on, :4], BLUE, 0.7)
        draw_boxes(ax, top[on, :4], GREEN, 1.2)
        for helmet in HELMETS:
            outline(ax, helmet, HELMET)
        ax.set_title(f"{title}: {int(on.sum())} of the best {len(top)} on a helmet", pad=6)
        best = box_iou(found[:, :4], torch.tensor(HELMETS)).amax(dim=0) if len(found) else torch.zeros(2)
        words.append(
            f"{title} {int(on.sum())} of the best {len(top)} with IoU ≥ 0.5 to a helmet, best IoU "
            f"{best[0]:.2f} and {best[1]:.2f}"
        )
    alt = f"The best hundred boxes of your make_proposals over the photo: {'; '.join(words)}."
    return Drawing(
        figure, alt, "Green: IoU of at least 0.5 with a helmet (dashed). Blue: the others of the best hundred."
    )


@shown
def sorted_twice(
    photo: Tensor,
    objectness: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    size: tuple[int, int],
    slide_order: Callable,
    nms: Callable,
) -> Drawing:
    """The first forty boxes that the student's NMS keeps, gone through best first and in the slides' order."""
    sure = objectness.cpu().softmax(dim=1)[:, 1]
    ranked = sure.argsort(descending=True, stable=True)[:12_000]
    decoded = decode_boxes(deltas, anchors)[ranked.to(deltas.device)]
    boxes = clip_boxes_to_image(decoded.cpu(), size)
    turn = slide_order(sure)[: len(ranked)].cpu()
    place = torch.empty(len(ranked))
    place[turn] = torch.linspace(1, 0, len(ranked))  # the earlier its turn, the better
    with one_thread():
        kept = [ask(nms, boxes, value, 0.7, shape=(None,))[:2_000] for value in (place, sure[ranked])]
    common = len(set(kept[0].tolist()) & set(kept[1].tolist()))
    figure = new_figure(9.6, 5.0)
    words = []
    titles = ("✗ sorted twice", "✓ best first")
    for ax, chosen, title, colour in zip(figure.subplots(1, 2), kept, titles, (RED, GREEN), strict=True):
        rank = float(chosen.float().mean())
        _photo(ax, photo)
        draw_boxes(ax, boxes[chosen[:40]], colour, 1.1)
        for helmet in HELMETS:
            outline(ax, helmet, HELMET)
        ax.set_title(f"{title}: mean rank {rank:,.0f}", pad=6, color=colour)
        words.append(f"{title[2:]}: {len(chosen):,} boxes of mean rank {rank:,.0f}")
    alt = f"Boxes kept by your nms, {'; '.join(words)}; {common:,} boxes in common."
    caption = f"The first forty of the {len(kept[1]):,} that are kept. Both sides have {common:,} in common."
    return Drawing(figure, alt, caption)


@shown
def leaving(
    photo: Tensor, objectness: Tensor, deltas: Tensor, anchors: Tensor, size: tuple[int, int], make_proposals: Callable
) -> Drawing:
    """What the student's function gives in an image without end, where nothing is clipped, and in the image itself."""
    tall, wide = size
    far = 4 * max(size)
    moved = anchors + far
    free = ask(_joined(make_proposals), objectness, deltas, moved, (2 * far + tall, 2 * far + wide), shape=(None, 5))
    boxes = free[:, :4] - far
    own = ask(_joined(make_proposals), objectness, deltas, anchors, size, shape=(None, 5))[:, :4]
    figure = new_figure(9.6, 5.0)
    counts = []
    for ax, every, title in zip(
        figure.subplots(1, 2), (boxes, own), ("not clipped", "your make_proposals"), strict=True
    ):
        out = (every < 0).any(dim=1) | (every[:, 2] > wide) | (every[:, 3] > tall)
        counts.append(int(out.sum()))
        _photo(ax, photo, margin=280)
        draw_boxes(ax, every[~out][:60], BLUE, 0.6)
        draw_boxes(ax, every[out][:60], RED, 0.9)
        ax.set_title(f"{title}: {counts[-1]:,} of {len(every):,} leave the image", pad=6)
    alt = f"Without clipping {counts[0]:,} of {len(boxes):,} boxes leave the image, of your proposals {counts[1]:,}."
    return Drawing(figure, alt, "Red: boxes that leave the image; blue: others. At most sixty of each are drawn.")


@shown
def logit_or_probability(objectness: Tensor, top: int) -> Drawing:
    """Both logits of every anchor, and which of them are among the best by either score."""
    logits = objectness.detach().cpu().float()
    by_logit, by_probability = (_best(value, top) for value in (logits[:, 1], logits.softmax(dim=1)[:, 1]))
    both = by_logit & by_probability
    figure = new_figure(8.2, 4.0)
    ax = figure.subplots()
    for chosen, colour, marker, label in (
        (~(by_logit | by_probability), "#C9C9C9", ".", "neither"),
        (both, BLUE, ".", f"both: {int(both.sum()):,}"),
        (by_probability & ~both, GREEN, "^", f"by probability only: {int((by_probability & ~both).sum()):,}"),
        (by_logit & ~both, RED, "x", f"by logit only: {int((by_logit & ~both).sum()):,}"),
    ):
        every = logits[chosen][:: 4 if label == "neither" else 1]
        ax.scatter(every[:, 0], every[:, 1], s=9, color=colour, marker=marker, label=label, linewidth=0.8)
    ax.set(xlabel="logit of background", ylabel="logit of object")
    ax.legend(frameon=False, fontsize=9, markerscale=2, loc="center left", bbox_to_anchor=(1, 0.5))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    alt = (
        f"Of the best {top:,} anchors by the logit of the object and by the probability {int(both.sum()):,} are the "
        f"same; {top - int(both.sum()):,} differ."
    )
    return Drawing(
        figure, alt, f"The best {top:,} by either score. The logit cuts along a level line, softmax along a diagonal."
    )


def _best(scores: Tensor, top: int) -> Tensor:
    chosen = torch.zeros(len(scores), dtype=torch.bool)
    chosen[scores.topk(min(top, len(scores))).indices] = True
    return chosen


def _joined(make_proposals: Callable) -> Callable[..., Tensor]:
    """The student's function, its two answers side by side, ``(K, 5)``."""

    def joined(*arguments: object) -> Tensor:
        with one_thread():
            boxes, scores = make_proposals(*arguments)
        return torch.cat([boxes, scores[:, None]], dim=1)

    joined.__name__ = getattr(make_proposals, "__name__", "make_proposals")
    return joined


def _photo(ax: Axes, photo: Tensor, margin: float = 0) -> None:
    """The photo in grey, so that boxes stand out."""
    tall, wide = photo.shape[1:]
    set_up_axes(ax, (-margin, -margin, wide + margin, tall + margin))
    grey = photo.detach().cpu().mean(dim=0).numpy()
    ax.imshow(grey, extent=(0, wide, tall, 0), cmap="gray", vmin=-0.3, vmax=1.0, alpha=0.55)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(FAINT)


def draw_boxes(ax: Axes, boxes: Tensor | Sequence, colour: str, width: float) -> None:
    """Many boxes as one collection."""
    rows = torch.as_tensor(boxes).tolist()
    corners = [[(a, b), (c, b), (c, d), (a, d), (a, b)] for a, b, c, d in rows]
    ax.add_collection(LineCollection(corners, colors=colour, linewidths=width, alpha=0.8, zorder=4))
