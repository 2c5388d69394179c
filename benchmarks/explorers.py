"""Computing from a control's change to the new picture, for each explorer, with the reference's functions.

    python benchmarks/explorers.py

Every control of an explorer is moved in turn, a step at a time, as one who drags it would; the median of all redraws is
printed, in milliseconds of one core's time, which is what the clock says where nothing else runs. The exit status is 1
if one is above the course's promise. What is not in the figure: the way to the browser.
"""

import statistics
import sys
import time
from unittest import mock

import ipywidgets
import torch

from course import explore, lecture, scenes
from course.exploring.explorer import Explorer
from solutions.lab1_boxes import boxes as lab1
from solutions.lab2_anchors import anchors as lab2
from solutions.lab3_rpn import rpn as lab3
from solutions.lab4_roi_heads import roi_heads as lab4
from solutions.lab5_fpn_mask import fpn, mask
from solutions.lab6_keypoints import keypoints as lab6

GOAL, MOVES = 100.0, 6  # milliseconds; steps of each control


def explorers() -> dict[str, Explorer]:
    """Every explorer as its notebook shows it, by name."""
    shapes = lab2.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2))
    anchors = lab2.grid_anchors((50, 50), 16, shapes)
    valid, helmets = anchors[lab2.inside_image(anchors, lecture.SIZE)], torch.tensor(lecture.HELMETS)
    table = lab1.box_iou(valid, helmets)
    random = torch.Generator().manual_seed(0)
    answers = torch.randn(len(anchors), 2, generator=random), 0.1 * torch.randn(len(anchors), 4, generator=random)
    seven = helmets[0] + 20 * torch.randn(7, 4, generator=random)
    image, target = scenes.scene(11, size=(240, 320))
    person = target["labels"] == scenes.CLASSES.index("person")
    rois, joints = target["boxes"][person], target["keypoints"][person]
    small = mask.mask_targets(target["masks"], target["boxes"], torch.arange(len(target["boxes"])))
    there_and_back = lab6.keypoints_to_heatmap, lab6.heatmaps_to_keypoints
    found = {"boxes": target["boxes"], "labels": target["labels"], "scores": torch.ones(len(target["boxes"]))}
    shows = {
        "iou": (lab1.box_iou,),
        "anchors": (lab2.anchor_shapes, lab2.grid_anchors),
        "labels": (valid, helmets, table, lab2.label_anchors),
        "sampling": (valid, helmets, lab2.label_anchors(table)[0], lab2.sample_labels),
        "deltas": (lab2.decode_boxes,),
        "suppression": (seven, torch.rand(7, generator=random), lab3.nms),
        "funnel": (*answers, anchors, lecture.SIZE, lab3.make_proposals),
        "pooling": (lab4.roi_pool, lab4.roi_align),
        "levels": (fpn.roi_level,),
        "upsampling": (mask.upsample_1d,),
        "cut_out": (image, target["boxes"], small, mask.paste_mask),
        "heatmap": (image, joints[1], rois[1], *there_and_back),
        "skeletons": (image, joints, rois, *there_and_back),
        "detections": (image, lambda images: [found], scenes.CLASSES),
    }
    shown: list[Explorer] = []
    with mock.patch("course.exploring.explorer.display", shown.append):
        for name, arguments in shows.items():
            getattr(explore, name)(*arguments)
    return dict(zip(shows, shown, strict=True))


def times(explorer: Explorer) -> list[float]:
    """Milliseconds of each redraw while every control moves by a few steps."""
    found = []
    for control in explorer.controls.values():
        for move in range(MOVES):
            start = time.process_time()
            if isinstance(control, ipywidgets.Dropdown):
                control.index = (control.index + 1) % len(control.options)
            else:
                control.value += control.step if move % 2 else -control.step
            found.append(1000 * (time.process_time() - start))
    return found


def main() -> int:
    """Print a line for each explorer; 1 if one is too slow."""
    slow = False
    for name, explorer in explorers().items():
        found = times(explorer)
        median = statistics.median(found)
        slow |= median > GOAL
        print(f"{name:<12} {median:6.1f} ms, slowest of {len(found)} {max(found):6.1f} ms")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
