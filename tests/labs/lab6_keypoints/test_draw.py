"""Lab 6's pictures: numbers in text alternatives, and what stands in where there is none."""

import re

import pytest
import torch
from torch import Tensor

from course import draw, library
from course.drawing import pose, skeletons
from course.labs.lab6_keypoints.draw.heatmaps import targets
from labs.lab6_keypoints import pictures as made
from labs.lab6_keypoints.pictures import KEYPOINTS, ONE, ROIS, STUDENTS, THERE
from labs.shown import show

pytestmark = pytest.mark.usefixtures("words_alone")


def alt_of(name: str, pictures: list) -> str:
    show(made, name)
    return pictures[-1].alt


def test_the_seventeen_are_cocos_in_its_order(pictures: list) -> None:
    """The list on the lecture's slide."""
    draw.seventeen_keypoints()
    order = "nose, left eye, right eye, left ear, right ear, left shoulder, right shoulder, left elbow, right elbow"
    order += ", left wrist, right wrist, left hip, right hip, left knee, right knee, left ankle, right ankle"
    assert ", ".join(f"{number} {word}" for number, word in enumerate(order.split(", "))) in pictures[0].alt


def test_sides_differ_in_colour_line_and_marker() -> None:
    assert [pose.side(k) for k in (0, 1, 2, 15, 16)] == ["middle", "left", "right", "left", "right"]
    looks = list(skeletons.LOOKS.values())
    assert len({look.colour for look in looks}) == len(set(skeletons.MARKERS.values())) == 3
    assert skeletons.LOOKS["left"].line != skeletons.LOOKS["right"].line
    assert len(pose.BONES) == 19
    sides = {frozenset((pose.WORDS[a], pose.WORDS[b])): side for a, b, side in pose.BONES}
    assert sides[frozenset(("left knee", "left ankle"))] == "left"
    assert sides[frozenset(("left hip", "right hip"))] == "middle"
    assert sides[frozenset(("nose", "right eye"))] == "right"


def test_the_picture_of_the_last_step_tells_a_head_that_stops_at_28(pictures: list) -> None:
    assert "what your head gives 56 × 56" in alt_of("last_enlargement", pictures)

    class KeypointHead(library.KeypointHead):
        def forward(self, features: Tensor) -> Tensor:
            return self.kps_score_lowres(self.convs(features))

    draw.last_enlargement(KeypointHead)
    assert "what your head gives 28 × 28" in pictures[-1].alt


def test_cells_are_told_by_name(pictures: list) -> None:
    alt = alt_of("keypoint_cells", pictures)
    x, y, _ = ONE[1][9].tolist()
    x1, y1, x2, y2 = ONE[2].tolist()
    cell = int((y - y1) / (y2 - y1) * 14) * 14 + int((x - x1) / (x2 - x1) * 14)
    assert f"left wrist in cell {cell};" in alt
    assert "7 keypoints seen, 6 hidden, 4 not labelled. Your keypoints_to_heatmap lets 13 count" in alt


def test_an_index_outside_the_grid_leaves_a_line(pictures: list, capsys: pytest.CaptureFixture[str]) -> None:
    draw.keypoint_cells(*ONE, lambda joints, rois, size: (torch.full((1, 17), size**2), torch.ones(1, 17).bool()))
    assert pictures == []
    assert "gave cell 196: there are 0 to 195" in capsys.readouterr().out


def test_the_loss_falls_and_the_true_cell_wins(pictures: list) -> None:
    alt = alt_of("loss_at_work", pictures)
    first, last = map(float, re.search(r"from ([\d.]+) to ([\d.]+)\.", alt).groups())
    assert last < 0.1 < first
    shares = [float(share) for share in re.findall(r"([\d.]+)% after", alt)]
    assert shares == sorted(shares)
    assert shares[0] < 1
    assert shares[-1] > 90


def test_a_loss_without_gradient_leaves_a_line(pictures: list, capsys: pytest.CaptureFixture[str]) -> None:
    STUDENTS["loss_at_work"][1](lambda maps, index, valid: library.keypoint_loss(maps, index, valid).detach())
    assert pictures == []
    assert "has no gradient" in capsys.readouterr().out


def test_the_skeleton_is_near_the_truth(pictures: list) -> None:
    mean = re.search(r"error of ([\d.]+) pixels on average", alt_of("heatmaps_and_skeleton", pictures))
    assert mean
    assert 0 < float(mean[1]) < 1


def test_a_coarser_grid_costs_twice_and_half_a_pixel_is_half_a_pixel(pictures: list) -> None:
    alt = alt_of("grid_error", pictures)
    coarse, fine, shifted = (float(mean) for mean in re.findall(r": ([\d.]+) on average", alt))
    assert 1.6 < coarse / fine < 2.6
    assert shifted > fine
    middles = [tuple(map(float, pair)) for pair in re.findall(r"middle at \(([-\d.]+), ([-\d.]+)\)", alt)]
    assert middles[2] == pytest.approx([value - 0.5 for value in middles[1]], abs=0.011)


def test_what_mistakes_cost(pictures: list) -> None:
    alt = alt_of("keypoint_mistakes", pictures)
    assert "right: off by up to 1 px" in alt
    assert "v = 0 counted: 4 joints too many" in alt
    off = {name: int(value) for name, value in re.findall(r"([^.;:]+): off by up to (\d+) px", alt)}
    assert off[" x · 56 + y"] > 30
    assert off[" edge forgotten"] > 20


def test_simulated_maps_are_hottest_in_their_cells() -> None:
    index, valid = targets(KEYPOINTS, ROIS, THERE)
    maps = pose.simulated_heatmaps(index, valid, KEYPOINTS[..., 2])
    assert (maps.flatten(2).argmax(2) - index)[
        valid & (KEYPOINTS[..., 2] == 2)
    ].abs().max() <= 57  # a neighbour, at most
    best = maps.amax((2, 3))
    assert best[~valid].max() < best[KEYPOINTS[..., 2] == 1].min() < best[KEYPOINTS[..., 2] == 2].min()
    assert maps.equal(pose.simulated_heatmaps(index, valid, KEYPOINTS[..., 2]))
