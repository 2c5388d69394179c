"""Time of our reference solutions relative to torchvision's functions, on the lecture's sizes, one thread, one run.

    python benchmarks/ops.py

A ratio below 1 means that ours is faster. Both are timed in turn, many times, and the medians are compared, so that
whatever else the machine does hits both alike. The answers are compared as well: the exit status is 1 if one differs.

The inputs are those of one image of the lecture: 800 × 800 pixels, stride 16, 22,500 anchors; for NMS the best 12,000
of them by random scores, decoded with small random deltas and clipped; for pooling 128 of the boxes that NMS leaves, on
a map of 512 × 50 × 50; for the pyramid ResNet-50's four stages at a quarter of the lecture's height and width; for the
mask head 16 ROIs of 256 × 14 × 14; for pasting 50 masks of 28 × 28 in those boxes.
"""

import sys
from collections import OrderedDict
from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn
from torchvision import ops
from torchvision.models.detection import keypoint_rcnn, mask_rcnn, roi_heads
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from benchmarks.timing.pair import LEAST, MOST, Pair, gradient, there_and_back
from solutions.lab1_boxes import boxes as lab1
from solutions.lab2_anchors import anchors as lab2
from solutions.lab3_rpn import rpn as lab3
from solutions.lab4_roi_heads import roi_heads as lab4
from solutions.lab5_fpn_mask import fpn, mask
from solutions.lab6_keypoints import keypoints as lab6

SIZE = (800, 800)


def overlaps(anchors: Tensor, truth: Tensor) -> Iterator[Pair]:
    """Lab 1."""
    count = f"{len(anchors):,}"
    size = (600, 700)
    yield Pair(
        f"box_iou, {count} × {len(truth)}",
        1.0,
        lambda: lab1.box_iou(anchors, truth),
        lambda: ops.box_iou(anchors, truth),
    )
    yield Pair(
        f"box_iou, {count} × 2",
        None,
        lambda: lab1.box_iou(anchors, truth[:2]),
        lambda: ops.box_iou(anchors, truth[:2]),
    )
    yield Pair(f"box_area, {count}", None, lambda: lab1.box_area(anchors), lambda: ops.box_area(anchors))
    yield Pair(
        f"clip_boxes_to_image, {count}",
        None,
        lambda: lab1.clip_boxes_to_image(anchors, size),
        lambda: ops.clip_boxes_to_image(anchors, size),
    )
    yield Pair(
        f"remove_small_boxes, {count}",
        None,
        lambda: lab1.remove_small_boxes(anchors, 200),
        lambda: ops.remove_small_boxes(anchors, 200),
    )


def labels_and_deltas(anchors: Tensor, truth: Tensor) -> Iterator[Pair]:
    """Lab 2."""
    count = f"{len(anchors):,}"
    coder, matcher = BoxCoder((1, 1, 1, 1)), Matcher(0.7, 0.3, allow_low_quality_matches=True)
    # each gets the table as it takes it: a row for each anchor, a row for each ground truth
    by_anchor, by_truth = ops.box_iou(anchors, truth), ops.box_iou(truth, anchors)
    yield Pair(
        f"label_anchors, {count} × {len(truth)}",
        1.0,
        lambda: lab2.label_anchors(by_anchor),
        lambda: matcher(by_truth),
        our_form=lambda answer: torch.where(answer[0] == 1, answer[1], answer[0] - 1),  # -1 background, -2 ignored
    )
    owner = truth[by_anchor.argmax(dim=1)]
    deltas = coder.encode_single(owner, anchors)
    yield Pair(
        f"encode_boxes, {count}",
        1.0,
        lambda: lab2.encode_boxes(owner, anchors),
        lambda: coder.encode_single(owner, anchors),
    )
    yield Pair(
        f"decode_boxes, {count}",
        1.0,
        lambda: lab2.decode_boxes(deltas, anchors),
        lambda: coder.decode_single(deltas, anchors),
    )


def suppression(boxes: Tensor, scores: Tensor) -> Iterator[Pair]:
    """Lab 3: the exercise's form and the bonus."""
    for function in (lab3.nms, lab3.nms_in_blocks):
        yield Pair(
            f"{function.__name__}, {len(boxes):,} boxes",
            1.0,
            lambda function=function: function(boxes, scores, 0.7),
            lambda: ops.nms(boxes, scores, 0.7),
        )


def pooling(features: Tensor, rois: Tensor) -> Iterator[Pair]:
    """Lab 4: the exercises' forms and the bonus."""
    size, scale = (7, 7), 1 / 16
    shape = f"{len(rois)} × {features.shape[1]} × 7 × 7"
    yield Pair(
        f"roi_pool, {shape}",
        1.0,
        lambda: lab4.roi_pool(features, rois, size, scale),
        lambda: ops.roi_pool(features, rois, size, scale),
    )
    for function in (lab4.roi_align, lab4.roi_align_fast):
        yield Pair(
            f"{function.__name__}, {shape}",
            1.5,
            lambda function=function: function(features, rois, size, scale),
            lambda: ops.roi_align(features, rois, size, scale, 2, aligned=True),
        )
    yield Pair(
        "roi_align_fast, and backward",
        1.05,
        lambda: gradient(lambda value: lab4.roi_align_fast(value, rois, size, scale), features),
        lambda: gradient(lambda value: ops.roi_align(value, rois, size, scale, 2, aligned=True), features),
    )


def pyramid(generator: Generator) -> Iterator[Pair]:
    """Lab 5, first half: forward and backward, with the same weights."""
    channels = [256, 512, 1024, 2048]
    ours = fpn.FPN(channels, 256)
    theirs = ops.FeaturePyramidNetwork(channels, 256, LastLevelMaxPool())
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        other.data.copy_(mine.data)
    stages = [torch.randn(1, c, 50 // 2**k, 50 // 2**k, generator=generator) for k, c in enumerate(channels)]
    yield Pair(
        "FPN, forward and backward",
        1.05,
        there_and_back(ours, stages, ours),
        there_and_back(
            theirs, stages, lambda maps: list(theirs(OrderedDict((str(k), m) for k, m in enumerate(maps))).values())
        ),
    )


def masks(boxes: Tensor, generator: Generator) -> Iterator[Pair]:
    """Lab 5, second half: the head forward and backward, with the same weights, and pasting."""
    ours = mask.MaskHead(256, 256, 91)
    theirs = nn.Sequential(mask_rcnn.MaskRCNNHeads(256, [256] * 4, 1), mask_rcnn.MaskRCNNPredictor(256, 256, 91))
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        other.data.copy_(mine.data)
    pooled = torch.randn(16, 256, 14, 14, generator=generator)
    yield Pair(
        "MaskHead, forward and backward",
        1.05,
        there_and_back(ours, [pooled], lambda x: ours(*x)),
        there_and_back(theirs, [pooled], lambda x: theirs(*x)),
    )
    small = torch.rand(len(boxes), 28, 28, generator=generator)
    # torchvision pads the masks and rounds the boxes, so only the shapes are alike; the tests have oracles for pasting
    yield Pair(
        f"paste_mask, {len(boxes)} masks",
        1.0,
        lambda: torch.stack([mask.paste_mask(one, box, SIZE) for one, box in zip(small, boxes, strict=True)]),
        lambda: roi_heads.paste_masks_in_image(small[:, None], boxes, SIZE) >= 0.5,
        our_form=lambda answer: answer.new_tensor(answer.shape, dtype=torch.int64),
        their_form=lambda answer: answer.new_tensor(answer[:, 0].shape, dtype=torch.int64),
    )


def keypoints(generator: Generator) -> Iterator[Pair]:
    """Lab 6: the head with the lecture's channels for two persons, and decoding for twenty of 40 to 300 pixels."""
    head = lab6.KeypointHead(256)
    heads = keypoint_rcnn.KeypointRCNNHeads(256, (512,) * 8)
    predictor = keypoint_rcnn.KeypointRCNNPredictor(512, 17)
    heads.load_state_dict(head.convs.state_dict())
    predictor.kps_score_lowres.load_state_dict(head.kps_score_lowres.state_dict())
    features = torch.randn(2, 256, 14, 14, generator=generator)
    yield Pair("KeypointHead, 2 × 256 × 14 × 14", 1.05, lambda: head(features), lambda: predictor(heads(features)))
    yield Pair(
        "KeypointHead, and backward",
        1.05,
        lambda: gradient(head, features),
        lambda: gradient(lambda value: predictor(heads(value)), features),
    )
    sides = 40 + 260 * torch.rand(20, 2, generator=generator)
    corner = 500 * torch.rand(20, 2, generator=generator)
    rois = torch.cat([corner, corner + sides], dim=1)
    maps = torch.randn(20, 17, 56, 56, generator=generator)
    yield Pair(
        "heatmaps_to_keypoints, 20 persons",
        1.0,
        lambda: lab6.heatmaps_to_keypoints(maps, rois),
        lambda: roi_heads.heatmaps_to_keypoints(maps, rois),
        their_form=lambda answer: torch.cat([answer[0][..., :2], answer[1][..., None]], dim=2),
    )


def proposals(anchors: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Boxes and scores as an RPN gives them before NMS: the best 12,000, best first."""
    deltas = 0.1 * torch.randn(len(anchors), 4, generator=generator)
    decoded = ops.clip_boxes_to_image(BoxCoder((1, 1, 1, 1)).decode_single(deltas, anchors), SIZE)
    scores, best = torch.rand(len(anchors), generator=generator).topk(12_000)
    return decoded[best], scores


def main() -> int:
    """Print the table; give the number of answers that differ from torchvision's."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    anchors = lab2.grid_anchors((50, 50), 16, lab2.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)))
    corner = 600 * torch.rand(20, 2, generator=generator)
    truth = torch.cat([corner, corner + 20 + 180 * torch.rand(20, 2, generator=generator)], dim=1)
    boxes, scores = proposals(anchors, generator)
    features = torch.randn(1, 512, 50, 50, generator=generator)
    kept = ops.nms(boxes, scores, 0.7)
    rois = boxes[kept[torch.randperm(len(kept), generator=generator)[:128]]]
    rois = torch.cat([torch.zeros(len(rois), 1), rois], dim=1)

    differing = 0
    print(f"torch {torch.__version__}, one thread; × torchvision's time, medians of {LEAST} to {MOST} rounds")
    pairs = (
        *overlaps(anchors, truth),
        *labels_and_deltas(anchors, truth),
        *suppression(boxes, scores),
        *pooling(features, rois),
        *pyramid(generator),
        *masks(rois[:50, 1:], generator),
        *keypoints(generator),
    )
    for pair in pairs:
        problem = pair.problem()  # also warms up
        differing += bool(problem)
        ours, theirs, rounds = pair.medians()
        ratio = ours / theirs
        goal = f"{'meets' if ratio <= pair.goal else 'misses'} {pair.goal:g}" if pair.goal else ""
        times = f"{1000 * ours:.2f} ms against {1000 * theirs:.2f} ms, {rounds} rounds"
        print(f"{pair.name:<34} {ratio:5.2f} ×  {goal:<10}  {times}", flush=True)
        if problem:
            print(f"{pair.name:<34} DIFFERS: {problem}")
    return differing


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
