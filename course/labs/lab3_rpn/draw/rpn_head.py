"""The head of the region proposal network: its layers, the reshape with tagged channels, and what its ReLU is for."""

from collections.abc import Callable

import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from torch import Tensor

from course.checking.modules import with_weights
from course.drawing.ask_student import ask
from course.drawing.figure import Drawing, new_figure, shown
from course.drawing.palette import BLUE, FAINT, GREEN, INK, ORANGE, PINK, RED, SKY, YELLOW

PLACES = (ORANGE, SKY, GREEN, YELLOW, "#7FB2E5", PINK)
HIGH, WIDE = 2, 3


@shown
def rpn_head() -> Drawing:
    """The three layers and the two lists that they end in, with the lecture's sizes."""
    figure = new_figure(9.8, 3.1, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 98), ylim=(31, 0))
    ax.axis("off")
    _block(ax, 1, 11, 14, "features", "512 × 50 × 50")
    _block(ax, 22, 11, 17, "conv 3 × 3\n+ ReLU", "512 × 50 × 50", YELLOW)
    _block(ax, 46, 3, 17, "cls_logits 1 × 1", "18 × 50 × 50", YELLOW)
    _block(ax, 46, 19, 17, "bbox_pred 1 × 1", "36 × 50 × 50", YELLOW)
    _block(ax, 76, 3, 20, "objectness", "22,500 × 2")
    _block(ax, 76, 19, 20, "deltas", "22,500 × 4")
    for start, end in (
        ((15, 15.5), (22, 15.5)),
        ((39, 14), (46, 8)),
        ((39, 17), (46, 23)),
        ((63, 7.5), (76, 7.5)),
        ((63, 23.5), (76, 23.5)),
    ):
        arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color=FAINT, linewidth=1.4)
        ax.add_patch(arrow)
    for y in (5.5, 21.5):
        ax.text(69.5, y, "permute,\nreshape", ha="center", va="bottom", fontsize=9, color=FAINT)
    alt = (
        "Features of 512 × 50 × 50 go through a 3 × 3 convolution with ReLU, and from there through two 1 × 1 "
        "convolutions: cls_logits gives 18 × 50 × 50 and, permuted and reshaped, objectness of 22,500 × 2; bbox_pred "
        "gives 36 × 50 × 50 and deltas of 22,500 × 4."
    )
    return Drawing(figure, alt, "Yellow: the three layers. Nine anchors at each of 50 × 50 places: 22,500 rows.")


def _block(ax: Axes, x: float, y: float, wide: float, title: str, detail: str, colour: str = "white") -> None:
    frame = FancyBboxPatch((x, y), wide, 9, boxstyle="round,pad=0,rounding_size=1", facecolor=colour, edgecolor=INK)
    ax.add_patch(frame)
    ax.text(x + wide / 2, y + 3.2, title, ha="center", va="center", fontsize=10, weight="bold")
    ax.text(x + wide / 2, y + 7, detail, ha="center", va="center", fontsize=9)


@shown
def tagged_channels(head: Callable) -> Drawing:
    """The channels of a 2 × 3 map, the rows that the student's head makes of them, and those without permute."""
    maps = torch.arange(HIGH * WIDE).float().reshape(1, HIGH, WIDE) + 10 * torch.arange(4.0)[:, None, None]
    own = ask(_rows_of(head), maps, shape=(HIGH * WIDE * 2, 2)).round().long()
    figure = new_figure(9.6, 5.0)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    for channel in range(4):
        for place in range(HIGH * WIDE):
            x, y = place % WIDE, place // WIDE + 3.1 * channel
            _cell(left, x, y, 10 * channel + place)
        left.text(-0.15, 3.1 * channel + 1, f"channel {channel}", ha="right", va="center", fontsize=9)
    left.set(xlim=(-1.6, WIDE + 0.1), ylim=(11.4, -0.1))
    left.set_title("from the convolution\n(4, 2, 3)", fontsize=10)
    straight = maps.reshape(-1, 2).long()
    for ax, rows, title in (
        (middle, own, "rows of your head\n(12, 2)"),
        (right, straight, "without permute\n(12, 2)"),
    ):
        good = _mixed(rows) == 0
        for row, pair in enumerate(rows.tolist()):
            for column, tag in enumerate(pair):
                _cell(ax, column, row, tag)
            ax.text(-0.15, row + 0.5, str(row), ha="right", va="center", fontsize=9, color=FAINT)
        ax.set(xlim=(-0.6, 2.1), ylim=(12.1, -0.1))
        ax.set_title(f"{'✓' if good else '✗'} {title}", fontsize=10, color=GREEN if good else RED)
    for ax in (left, middle, right):
        ax.axis("off")
    listed = "; ".join(", ".join(map(_words, pair)) for pair in own.tolist())
    alt = (
        "A map 2 high and 3 wide, two anchors, four channels: background and object of anchor 0, then of anchor 1. "
        f"Rows of your head: {listed}. Rows that mix places or anchors: yours {_mixed(own)}, without permute "
        f"{_mixed(straight)}."
    )
    caption = (
        "Colour and first number: the place. Letter: anchor 0 is a, anchor 1 is b; − is the logit of background, + "
        "that of an object. A row should have one colour and one letter."
    )
    return Drawing(figure, alt, caption)


def _rows_of(head: Callable) -> Callable[[Tensor], Tensor]:
    """The rows of a head whose four logit channels are the given maps; under the head's own name."""

    def rows(maps: Tensor) -> Tensor:
        through = torch.zeros(1, 1, 3, 3)
        through[0, 0, 1, 1] = 1
        weights = {"conv.weight": through, "conv.bias": torch.zeros(1)}
        for name, each in (("cls_logits", 4), ("bbox_pred", 8)):
            weights |= {f"{name}.weight": torch.ones(each, 1, 1, 1), f"{name}.bias": 10.0 * torch.arange(each)}
        return with_weights(head, (1, 1, 2), weights)(maps[None, :1])[0][0]

    rows.__name__ = "RPNHead"
    return rows


def _words(tag: int) -> str:
    channel, place = divmod(tag, 10)
    return f"{place}{'ab'[channel // 2 % 2]}{'−+'[channel % 2]}"


def _mixed(rows: Tensor) -> int:
    """How many rows hold numbers of two places or of two anchors."""
    same = (rows % 10 == rows[:, :1] % 10) & (rows // 20 == rows[:, :1] // 20)
    return int((~same.all(dim=1)).sum())


def _cell(ax: Axes, x: float, y: float, tag: int) -> None:
    ax.add_patch(Rectangle((x, y), 1, 0.94, facecolor=PLACES[tag % 10 % 6], edgecolor="white", alpha=0.75))
    ax.text(x + 0.5, y + 0.47, _words(tag), ha="center", va="center", fontsize=10, color=INK)


@shown
def linear_or_not(head: Callable) -> Drawing:
    """Objectness over one feature, by the student's head and by one without ReLU; both with the same weights."""
    weights = {
        "conv.weight": torch.zeros(2, 1, 3, 3),
        "conv.bias": torch.full((2,), -1.0),
        "cls_logits.weight": torch.tensor([[0.0, 0.0], [1.0, 1.0]])[..., None, None],
        "cls_logits.bias": torch.tensor([0.0, -0.6]),
        "bbox_pred.weight": torch.zeros(4, 2, 1, 1),
        "bbox_pred.bias": torch.zeros(4),
    }
    weights["conv.weight"][:, 0, 1, 1] = torch.tensor([1.0, -1.0])  # x - 1 and -x - 1
    steps = torch.linspace(-3, 3, 121)

    def difference(features: Tensor) -> Tensor:
        logits = with_weights(head, (1, 2, 1), weights)(features)[0]
        return logits[:, 0, 1] - logits[:, 0, 0]

    difference.__name__ = "RPNHead"
    own = ask(difference, steps[:, None, None, None], shape=(121,))
    plain = (steps - 1) + (-steps - 1) - 0.6
    figure = new_figure(7.4, 3.4)
    ax = figure.subplots()
    ax.plot(steps, own, color=BLUE, linewidth=2.5, label="your head")
    ax.plot(steps, plain, color=RED, linestyle="--", linewidth=2, label="the same weights without ReLU")
    ax.axhline(0, color=FAINT, linewidth=1)
    ax.fill_between(steps, 0, 1, where=(own > 0).numpy(), transform=ax.get_xaxis_transform(), color="#E3F3EE", zorder=0)
    ax.text(0, 0.35, "background", ha="center", fontsize=10, color=FAINT)
    ax.set(xlabel="feature x", ylabel="object − background", xlim=(-3, 3), ylim=(-3, 1.8))
    ax.legend(frameon=False, fontsize=9, loc="lower right", bbox_to_anchor=(1, 0.16))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ends = f"{float(own[0]):.1f} at −3, {float(own[60]):.1f} at 0, {float(own[-1]):.1f} at 3".replace("-", "−")
    alt = f"The difference of both logits over one feature: your head's is {ends}; without ReLU it is −2.6 everywhere."
    caption = "Two hidden numbers, x − 1 and −x − 1, added up. Shaded: your head says “object”, for two kinds of x."
    return Drawing(figure, alt, caption)
