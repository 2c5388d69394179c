"""The figures that notebooks tell students about the lecture's traps and examples: measured, in a few seconds.

    python benchmarks/traps.py            # what was measured, and how it is told where
    python benchmarks/traps.py --check    # the same; fails if a notebook's text says something else

Each function measures what one place of a lab is about, and writes the words that must stand in the notebook's text
with it. So no figure is kept twice: whether text or code changes, tests/test_figures.py compares the two again.
What a notebook prints or draws from the student's own run needs no line here.
"""

import argparse
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot
from torchvision.models import VGG16_Weights
from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

from course import buglab, lecture, library, scenes
from course.buglab import faulty_parts

ROOT = Path(__file__).resolve().parent.parent
HELMETS = torch.tensor(lecture.HELMETS)  # the near one, the far one
PARTS = {1 / 5: "a fifth", 1 / 4: "a quarter", 1 / 3: "a third", 1 / 2: "half", 2.0: "twice", 10.0: "ten times"}


@dataclass(frozen=True)
class Figure:
    """What was measured, and how it is told."""

    notebook: str  # lab2_anchors/anchors
    words: str  # as they stand in its text, the figure among them
    measured: str = ""  # if the words round it


Figures = Iterator[Figure]


def told(figure: Figure, root: Path = ROOT) -> bool:
    """Whether the notebook's text has the words, wherever its lines end."""
    text = (root / "solutions" / f"{figure.notebook}.py").read_text(encoding="utf-8")
    return figure.words in " ".join(re.sub(r"\n# ?", "\n", text).split())


def figures() -> list[Figure]:
    """All of them, lab by lab."""
    return [figure for measure in MEASURES for figure in measure()]


def in_words(value: float) -> str:
    """The nearest part or multiple that has a name."""
    return PARTS[min(PARTS, key=lambda part: abs(math.log(value / part)))]


def about(value: float) -> str:
    """Rounded to one digit: 6,272 is about 6,000."""
    digits = 10 ** math.floor(math.log10(value))
    return f"{round(value / digits) * digits:,}"


def downloads() -> Figures:
    """What the lecture's models weigh, and what COCO has names for."""
    meta = FasterRCNN_ResNet50_FPN_Weights.COCO_V1.meta
    names = meta["categories"]
    tour = "lab0_tour/tour"
    yield Figure(tour, f"The download is {meta['_file_size']:.0f} MB", f"{meta['_file_size']} MB")
    yield Figure(tour, f"That leaves {len(names) - names.count('N/A') - 1} kinds of things")
    vgg = VGG16_Weights.IMAGENET1K_V1.meta["_file_size"]
    yield Figure("lab3_rpn/rpn", f"fetches the trained ones, {vgg:.0f} MB", f"{vgg} MB")


def lectures_anchors() -> tuple[Tensor, Tensor, Tensor]:
    """All anchors ``(22500, 4)``, those inside the image, and these ones' IoU with both helmets ``(N, 2)``."""
    anchors = library.grid_anchors((50, 50), 16, library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)))
    inside = anchors[library.inside_image(anchors, lecture.SIZE)]
    return anchors, inside, library.box_iou(inside, HELMETS)


def anchors_and_helmets() -> Figures:
    """How well the anchors fit the helmets."""
    anchors, inside, iou = lectures_anchors()
    near, far = iou.amax(dim=0).tolist()
    yield Figure("lab1_boxes/boxes", f"the {len(inside):,} anchors that lie inside the image")
    yield Figure("lab1_boxes/boxes", f"It is {far:.3f}: most of the anchor", f"{far:.5f}")
    lab = "lab2_anchors/anchors"
    yield Figure(lab, f"{len(anchors):,} anchors, of which {len(inside):,} are inside")
    yield Figure(
        lab, f"Not {'one' if near < 0.7 else 'only one'} of the {len(inside):,} anchors reaches 0.7", f"{near:.5f}"
    )
    yield Figure(lab, f"the far helmet's best anchor has only {far:.3f}", f"{far:.5f}")
    yield Figure("lab4_roi_heads/roi_heads", f"an anchor right around it has an IoU of only {far:.2f}", f"{far:.5f}")


def thresholds_of_labels() -> Figures:
    """How many objects each helmet gets, at the usual threshold and at lower ones; and the ties of the far one."""
    lab = "lab2_anchors/anchors"
    _, inside, iou = lectures_anchors()
    objects = {}
    for threshold in (0.7, 0.65, 0.6, 0.55, 0.5, 0.4):
        labels, matched = library.label_anchors(iou, threshold, 0.3)
        objects[threshold] = matched[labels == 1].bincount(minlength=2).tolist()
    (near, far), (more, same) = objects[0.7], objects[0.4]
    still = min(threshold for threshold in objects if objects[threshold] == objects[0.7])
    yield Figure(lab, f"Down to {still} nothing happens at all.", f"{objects}")
    more_far = "no more than before" if same == far else f"{same - far} more"
    yield Figure(
        lab,
        f"the near helmet has {in_words(more / near)} as many objects, the far one {more_far}",
        f"{more / near:.2f}",
    )
    around = ((inside[:, :2] <= HELMETS[1, :2]) & (inside[:, 2:] >= HELMETS[1, 2:])).all(dim=1)
    tie = around & ((library.box_area(inside) - 128**2).abs() < 1)
    yield Figure(lab, f"all {int(tie.sum())} anchors that have an area of 128² and contain the far helmet tie")
    yield Figure(lab, f"decide, and about {in_words(far / int(tie.sum()))} of them win", f"{far} of {int(tie.sum())}")


def background_last_or_without_limit() -> Figures:
    """Lab 2, traps 2 and 4: the slide's order of labels, and all background in the batch."""
    lab = "lab2_anchors/anchors"
    *_, iou = lectures_anchors()
    labels, _ = library.label_anchors(iou)
    ones, zeros = int((labels == 1).sum()), int((labels == 0).sum())
    share = zeros / (zeros + ones)
    yield Figure(lab, f"About {ones} objects against {zeros:,} background anchors", f"{ones}, {zeros}")
    yield Figure(lab, f'always says "background" is right in {share:.1%} of'.replace("%", " %"), f"{share:.5f}")
    yield Figure(lab, f"All {min(ones, 128)} objects are in every minibatch")
    near, far = iou.amax(dim=0).tolist()
    loses = "loses all its objects" if far < 0.3 <= near else "keeps its objects"
    yield Figure(lab, f"(best IoU {near:.3f}) doesn't notice. The far one ({far:.3f}) {loses}")
    yield Figure(lab, f"256 times {zeros:,}, over two million: no limit at all", f"{256 * zeros:,}")
    yield Figure(lab, f"objects are {1 - share:.1%} of what".replace("%", " %"), f"{1 - share:.5f}")
    right, trap = (buglab.record(case)[-1] for case in (0, case_of("sample_labels")))
    lower, ap50 = total(trap) / total(right), trap["AP50"] / right["AP50"]
    looks, more = "better" if lower < 1 else "worse", "no better" if ap50 <= 1 else "better"
    better = f"The loss even looks {looks}, and the detector is {more} for it"
    yield Figure(lab, better, f"loss × {lower:.2f}, AP50 × {ap50:.2f}")


def seven_boxes() -> Figures:
    """Lab 3's seven boxes, as its cell makes them, at two thresholds."""
    lab = "lab3_rpn/rpn"
    text = (ROOT / "solutions" / f"{lab}.py").read_text(encoding="utf-8")
    (cell,) = re.findall(r"^# (seven = .*?)^# draw", text, re.MULTILINE | re.DOTALL)
    made = {"torch": torch, "device": "cpu"}
    exec(re.sub(r"^# ", "", cell, flags=re.MULTILINE), made)
    boxes: Tensor = made["seven"]  # type: ignore[assignment]
    scores: Tensor = made["sure"]  # type: ignore[assignment]
    high, low = (library.nms(boxes, scores, threshold) for threshold in (0.8, 0.3))
    yield Figure(lab, f"At 0.8 {'all seven stay' if len(high) == 7 else f'{len(high)} stay'}.")
    on = library.box_iou(boxes[low], HELMETS) >= 0.5
    each = "one for each helmet" if on.sum(dim=0).tolist() == [1, 1] else "another number"
    stray = "plus the stray one" if int((~on.any(dim=1)).sum()) == 1 else "plus stray ones"
    yield Figure(lab, f"At 0.3 {each} is left, {stray} at the lower right", f"{low.tolist()}")


def plus_one_in_nms() -> Figures:
    """Lab 3, trap 5, on as many boxes as the lecture has; a side longer by one is a corner moved by one."""
    lab, count = "lab3_rpn/rpn", 12_000
    generator = Generator().manual_seed(0)
    corners = 800 * torch.rand(count, 2, 2, generator=generator)
    boxes, scores = torch.cat([corners.amin(1), corners.amax(1)], dim=1), torch.rand(count, generator=generator)
    right, slides = (
        torch.zeros(count).bool().index_fill(0, library.nms(sides, scores, 0.7), True)
        for sides in (boxes, boxes + torch.tensor([0, 0, 1, 1]))
    )
    kept, changed = int(right.sum()), int((right ^ slides).sum())
    yield Figure(lab, f"For {count:,} boxes, of which about {about(kept)} are kept", f"{kept}")
    yield Figure(lab, f"of {count:,} random boxes, it decides about {about(changed)} differently", f"{changed}")


def deltas_of_good_proposals() -> Figures:
    """Lab 4, targets: how large deltas are where the IoU is at least 0.5, for corners that lie anywhere near."""
    true = torch.tensor([[0.0, 0.0, 100.0, 100.0]])
    near = true + torch.empty(20_000, 4).uniform_(-100, 100, generator=Generator().manual_seed(0))
    near = near[library.remove_small_boxes(near, 1)]
    near = near[library.box_iou(near, true)[:, 0] >= 0.5]
    x, y, w, h = library.encode_boxes(true.expand(len(near), 4), near).abs().mean(dim=0).tolist()
    words = f"its deltas are around {(x + y) / 2:.1f} or {(w + h) / 2:.1f}"
    yield Figure("lab4_roi_heads/roi_heads", words, f"{x:.3f}, {y:.3f}, {w:.3f}, {h:.3f}")


def joints_on_a_coarse_grid() -> Figures:
    """Lab 6, traps 1 and 2: how far joints come back from where they were, in a picture of four times the size."""
    _, target = scenes.scene(11, size=(240, 320))
    person = target["labels"] == scenes.CLASSES.index("person")
    keypoints, rois = target["keypoints"][person] * torch.tensor([4, 4, 1]), target["boxes"][person] * 4
    off = []
    for size in (28, 56):
        index, valid = library.keypoints_to_heatmap(keypoints, rois, size)
        maps = one_hot(index, size**2).unflatten(2, (size, size)).float()
        errors = (library.heatmaps_to_keypoints(maps, rois) - keypoints)[..., :2][valid]
        off.append(float(errors.norm(dim=1).mean()))
    words = f"the errors are about {in_words(off[0] / off[1])} as large"
    yield Figure("lab6_keypoints/keypoints", words, f"{off[0]:.2f} and {off[1]:.2f} pixels")


def bug_lab() -> Figures:
    """Lab 7: what its records show, how long its detector is."""
    lab = "lab7_capstone/capstone"
    right, *cases = (buglab.record(case)[-1] for case in (0, *buglab.CASES))
    number = case_of("sample_labels")
    looks = "in each **the loss looks better** for it" if max(map(total, cases)) < total(right) else "not in each"
    yield Figure(lab, looks, " ".join(f"{total(row):.3f}" for row in (*cases, right)))
    part = cases[number - 1]["loss_objectness"] / right["loss_objectness"]
    yield Figure(
        lab,
        f"Hint {number}: case {number}</summary> Objectness is {in_words(part)} of what it should be",
        f"{part:.3f}",
    )
    yield Figure(lab, f"these bugs show only with {faulty_parts.SMALL + 1} or more boxes")
    lines = len((ROOT / "course" / "detector" / "model.py").read_text(encoding="utf-8").splitlines())
    yield Figure(lab, f"has fewer than {50 * (lines // 50 + 1)} lines", f"{lines}")


def case_of(part: str) -> int:
    """The case of the bug lab whose wrong part that is."""
    return next(case for case in buglab.CASES if buglab.seal(case, part) == buglab.SEALS[case - 1])


def total(row: dict[str, float]) -> float:
    """All losses of a record's row together."""
    return sum(value for name, value in row.items() if name.startswith("loss"))


MEASURES: tuple[Callable[[], Figures], ...] = (
    downloads,
    anchors_and_helmets,
    thresholds_of_labels,
    background_last_or_without_limit,
    seven_boxes,
    plus_one_in_nms,
    deltas_of_good_proposals,
    joints_on_a_coarse_grid,
    bug_lab,
)


def main() -> None:
    """Print the table, and compare."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--check", action="store_true", help="exit with 1 if a notebook's text says something else")
    given = ask.parse_args()
    wrong = 0
    for figure in figures():
        stands = told(figure)
        wrong += not stands
        print(f"{'  ' if stands else '✗ '}{figure.notebook:<26}{figure.words:<88}{figure.measured}")
    print(f"{wrong} not in the text")
    sys.exit(bool(wrong and given.check))


if __name__ == "__main__":
    main()
