"""Explorers: their numbers follow the controls, the student's functions drive them, and a grader never meets them."""

import gc
import html
import io
import re
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageColor
from torch import Generator, Tensor
from torch.nn import functional as F
from torchvision import ops
from torchvision.models.detection._utils import BoxCoder

from course import explore, lecture, library, scenes
from course.drawing.figure import new_figure
from course.drawing.palette import BLUE
from course.exploring import explorer as module
from course.exploring.controls import StepButton, dropdown, integer_slider, slider
from course.exploring.explorer import WIDGET, Explorer
from course.exploring.student_function import StudentFunction
from course.labs.lab5_fpn_mask.explore.cut_out import at_threshold

SIZE = lecture.SIZE
HELMETS = torch.tensor(lecture.HELMETS)
ANCHORS = library.grid_anchors((50, 50), 16, library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)))
VALID = ANCHORS[library.inside_image(ANCHORS, SIZE)]
TABLE = library.box_iou(VALID, HELMETS)
LABELS = library.label_anchors(TABLE)[0]
BOXES = torch.tensor(
    [[0.0, 0, 100, 100], [10, 0, 110, 100], [0, 40, 100, 140], [200, 0, 300, 100], [210, 10, 300, 100]]
)
SCORES = torch.tensor([0.9, 0.8, 0.7, 0.5, 0.6])
ANSWERS = (
    torch.randn(len(ANCHORS), 2, generator=Generator().manual_seed(0)),
    0.2 * torch.randn(len(ANCHORS), 4, generator=Generator().manual_seed(1)),
)
IMAGE, TARGET = scenes.scene(11, size=(240, 320))
PERSON = TARGET["labels"] == scenes.CLASSES.index("person")
JOINTS, ROIS = TARGET["keypoints"][PERSON], TARGET["boxes"][PERSON]
SMALL = library.mask_targets(TARGET["masks"], TARGET["boxes"], torch.arange(len(TARGET["boxes"])))
THERE, BACK = library.keypoints_to_heatmap, library.heatmaps_to_keypoints

# Every explorer as a function of one student's function, and that function's name.
SHOWS: dict[str, tuple[str, Callable]] = {
    "iou": ("box_iou", lambda fn: explore.iou(fn)),
    "anchors": ("grid_anchors", lambda fn: explore.anchors(library.anchor_shapes, fn)),
    "labels": ("label_anchors", lambda fn: explore.labels(VALID, HELMETS, TABLE, fn)),
    "sampling": ("sample_labels", lambda fn: explore.sampling(VALID, HELMETS, LABELS, fn)),
    "deltas": ("decode_boxes", lambda fn: explore.deltas(fn)),
    "suppression": ("nms", lambda fn: explore.suppression(BOXES, SCORES, fn)),
    "funnel": ("make_proposals", lambda fn: explore.funnel(*ANSWERS, ANCHORS, SIZE, fn)),
    "pooling": ("roi_align", lambda fn: explore.pooling(library.roi_pool, fn)),
    "levels": ("roi_level", lambda fn: explore.levels(fn)),
    "upsampling": ("upsample_1d", lambda fn: explore.upsampling(fn)),
    "cut_out": ("paste_mask", lambda fn: explore.cut_out(IMAGE, TARGET["boxes"], SMALL, fn)),
    "heatmap": ("heatmaps_to_keypoints", lambda fn: explore.heatmap(IMAGE, JOINTS[1], ROIS[1], THERE, fn)),
    "skeletons": ("heatmaps_to_keypoints", lambda fn: explore.skeletons(IMAGE, JOINTS, ROIS, THERE, fn)),
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Explorer]]:
    """The explorers that a test has shown so far."""
    explorers: list[Explorer] = []
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(module, "display", explorers.append)
    yield explorers
    for one in explorers:
        one.box.close()


def show(name: str, shown: list[Explorer], function: Callable | None = None) -> Explorer:
    exercise, show_it = SHOWS[name]
    show_it(function or getattr(library, exercise))
    return shown[-1]


def move(explorer: Explorer, **values: Any) -> str:
    """Set controls as a student does; gives the text alternative of the last redraw."""
    for name, value in values.items():
        control = explorer.controls[name]
        if hasattr(control, "options"):
            control.label = value
        else:
            control.value = value
    found = re.search(r'alt="([^"]*)"', explorer.frame.value)
    return html.unescape(found[1]) if found else ""


def numbers_in(text: str, pattern: str) -> list[float]:
    found = re.search(pattern, text)
    assert found, text
    return [float(value.replace(",", "").replace("−", "-")) for value in found.groups()]


def unwritten(*args: object) -> None:
    raise NotImplementedError


# --- what holds for every explorer ---------------------------------------------------------------------------


def test_every_explorer_is_tested_here() -> None:
    elsewhere = {"detections"}  # tests/test_detections.py
    assert set(SHOWS) | elsewhere == set(explore.__all__)


@pytest.mark.parametrize("name", SHOWS)
def test_controls_have_names_and_every_one_redraws_picture_and_words(name: str, shown: list[Explorer]) -> None:
    explorer = show(name, shown)
    labels = [control.description for control in explorer.controls.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)
    for key, control in explorer.controls.items():
        start, before = control.value, explorer.frame.value
        if hasattr(control, "options"):
            control.value = next(value for _, value in control.options if value != start)
        else:
            control.value = control.min if control.value > control.min else control.max
        assert explorer.frame.value != before, key
        control.value = start
        assert explorer.frame.value == before, key
    assert '<figcaption aria-live="polite"' in explorer.frame.value


@pytest.mark.parametrize("name", SHOWS)
def test_where_widgets_do_not_run_the_first_picture_stands_with_its_words(name: str, shown: list[Explorer]) -> None:
    explorer = show(name, shown)
    data, _ = explorer._repr_mimebundle_()
    assert data[WIDGET]["model_id"] == explorer.box.model_id
    assert re.match(r'<figure[^>]*><div[^>]*><img src="data:image/png;base64,', data["text/html"])
    assert html.escape(data["text/plain"]) in data["text/html"]
    assert len(data["text/plain"]) > 40
    assert re.search(r"\d", data["text/plain"])
    assert explorer.first.width <= 1000


@pytest.mark.parametrize("mode", ["autograde", "validate"])
@pytest.mark.parametrize("name", SHOWS)
def test_while_grading_or_validating_it_is_silent_and_at_once(
    name: str, mode: str, shown: list, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    calls: list[object] = []
    start = time.thread_time()
    SHOWS[name][1](lambda *args: calls.append(args))
    assert time.thread_time() - start < 0.05
    assert shown == calls == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", SHOWS)
def test_while_a_function_is_unwritten_the_librarys_stands_in_and_a_note_says_so(
    name: str, shown: list[Explorer]
) -> None:
    exercise = SHOWS[name][0]
    mine = show(name, shown)
    theirs = show(name, shown, unwritten)
    note = f"{exercise} is not written yet: the course's own stands in. Run this cell again once yours is. "
    assert theirs.first.caption == note + mine.first.caption
    assert theirs.first.alt == note + mine.first.alt
    assert note not in mine.frame.value


@pytest.mark.parametrize("name", SHOWS)
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda *args: 1 / 0, "fails with ZeroDivisionError: division by zero"),
        (lambda *args: torch.zeros(7, 7, 7, 7, 7), "7, 7, 7, 7"),
        (lambda *args: [1.0], "list"),
    ],
    ids=["error", "shape", "type"],
)
def test_a_broken_function_leaves_one_line_and_no_explorer(
    name: str, answer: Callable, problem: str, shown: list, capsys: pytest.CaptureFixture[str]
) -> None:
    SHOWS[name][1](answer)
    assert shown == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert problem in line
    assert f"{SHOWS[name][0]} " in line


# --- the mechanism -------------------------------------------------------------------------------------------


def test_an_error_while_a_control_moves_stands_in_the_pictures_place_and_goes_again(shown: list[Explorer]) -> None:
    def decode_boxes(deltas: Tensor, anchors: Tensor) -> Tensor:
        if deltas[0, 0] > 1:
            raise ValueError("too far <to the right>\nand a second line")
        return library.decode_boxes(deltas, anchors)

    explorer = show("deltas", shown, decode_boxes)
    move(explorer, dx=1.5)
    assert explorer.frame.value == (
        '<p role="status">No picture yet: decode_boxes fails with ValueError: too far &lt;to the right&gt;. '
        "Its check cell, just above, tells more.</p>"
    )
    assert "Deltas (0.50," in move(explorer, dx=0.5)


def test_an_error_of_the_drawing_itself_does_not_vanish_in_a_callback() -> None:
    def draw(value: float) -> module.Drawing:
        figure = module.mpl.figure.Figure()
        return module.Drawing(figure, f"value {1 / value}", "")

    explorer = Explorer(draw, {"value": slider("value", 1.0, 0.0, 1.0, 0.5)})
    explorer.controls["value"].value = 0.0
    assert explorer.frame.value == '<p role="status">No picture: ZeroDivisionError: float division by zero</p>'
    explorer.box.close()


def test_the_students_settings_of_matplotlib_and_threads_stay(shown: list[Explorer]) -> None:
    torch_threads = torch.get_num_threads()
    with module.mpl.rc_context({"font.size": 31.0}):
        show("levels", shown)
        assert module.mpl.rcParams["font.size"] == 31.0
    assert torch.get_num_threads() == torch_threads


def test_a_picture_that_is_out_of_sight_leaves_the_memory_at_once() -> None:
    """Else one redraw in some fifty would wait for a third of a second, while all memory is looked through."""
    figures: list[weakref.ref] = []

    def draw(value: float) -> module.Drawing:
        figure = new_figure(2, 2)
        figure.subplots().plot([0, value])
        figures.append(weakref.ref(figure))
        return module.Drawing(figure, f"value {value}", "")

    explorer = Explorer(draw, {"value": slider("value", 1.0, 0.0, 1.0, 0.5)})
    for value in (0.5, 0.0):
        explorer.controls["value"].value = value
        assert figures.pop()() is None
        assert gc.isenabled()
    explorer.box.close()


def test_buttons_stop_at_both_ends(shown: list[Explorer]) -> None:
    explorer = show("upsampling", shown)
    back, further = explorer.buttons
    assert [back.description, further.description] == ["back", "next step"]
    steps = []
    for button in (further, further, further, further, back, back, back, back, back):
        button.click()
        steps.append(explorer.controls["step"].value)
    assert steps == [2, 3, 4, 4, 3, 2, 1, 0, 0]


def test_a_dragged_box_sets_its_sliders_and_is_drawn_once(shown: list[Explorer]) -> None:
    by_hand, by_sliders = show("iou", shown), show("iou", shown)
    redrawn: list[object] = []
    by_hand.frame.observe(redrawn.append, names="value")
    by_hand.dragging.wanted = [1, 100, 90, 150, 230]
    assert [by_hand.controls[name].value for name in ("x2", "y2", "w2", "h2")] == [100, 90, 50, 140]
    assert len(redrawn) == 1
    move(by_sliders, x2=100, y2=90, w2=50, h2=140)
    assert by_hand.frame.value == by_sliders.frame.value
    assert by_hand.dragging.boxes == by_sliders.dragging.boxes == [[60, 60, 220, 180], [100, 90, 150, 230]]


def test_a_box_is_taken_hold_of_where_it_is_drawn(shown: list[Explorer]) -> None:
    explorer = show("iou", shown)
    pixels = np.asarray(Image.open(io.BytesIO(explorer.first.panels[0])).convert("RGB"))
    rows, columns = (pixels == ImageColor.getrgb(BLUE)).all(axis=2).nonzero()  # of box 1 and its number
    drawn = np.array([columns.min(), rows.min(), columns.max(), rows.max()])
    left, top, right, bottom = np.multiply(explorer.dragging.area, pixels.shape[1])
    assert explorer.dragging.limits == [0, 0, 400, 300]
    x, y = left + np.array([60, 220]) / 400 * (right - left), top + np.array([60, 180]) / 300 * (bottom - top)
    np.testing.assert_allclose(drawn, [x[0], y[0], x[1], y[1]], atol=3)


def test_controls_show_as_many_decimals_as_a_step_has() -> None:
    formats = [slider("a", 0, 0, 1, step).readout_format for step in (1, 0.5, 0.05)]
    assert formats == [".0f", ".1f", ".2f"]
    assert integer_slider("b", 3, 1, 5).value == 3
    assert dropdown("c", {"one": 1, "two": 2}, "two").value == 2
    assert StepButton("d", "b").by == 1


def test_own_notes_what_is_unwritten_and_passes_on_what_is_not() -> None:
    mine = StudentFunction(lambda boxes: boxes[:, 0], "box_area")
    assert mine(BOXES).equal(BOXES[:, 0])
    assert mine.note == ""
    stand_in = StudentFunction(unwritten, "box_area")
    assert stand_in(BOXES).equal(ops.box_area(BOXES))
    assert stand_in.note


# --- their numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("second", [(60, 60, 160, 120), (60, 60, 80, 60), (300, 200, 50, 60), (100, 90, 0, 40)])
def test_iou_is_torchvisions(second: tuple[int, ...], shown: list[Explorer]) -> None:
    explorer = show("iou", shown)
    alt = move(explorer, **dict(zip(("x2", "y2", "w2", "h2"), second, strict=True)))
    x, y, width, height = second
    one, two = torch.tensor([[60.0, 60, 220, 180]]), torch.tensor([[x, y, x + width, y + height]]).float()
    (found,) = numbers_in(alt, r"box_iou: ([\d.]+)\.")
    assert found == pytest.approx(float(ops.box_iou(one, two)), abs=5e-4)
    shared, together = numbers_in(alt, r"Shared ([\d,]+) px², .* = ([\d,]+) px²")
    assert shared / together == pytest.approx(found, abs=5e-4)


def test_a_students_own_iou_is_told_as_it_is(shown: list[Explorer]) -> None:
    explorer = show("iou", shown, lambda a, b: torch.tensor([[0.123]]))
    assert "by your box_iou: 0.123." in explorer.first.alt


def test_anchors_stand_where_their_cell_is(shown: list[Explorer]) -> None:
    explorer = show("anchors", shown)
    alt = move(explorer, row=25, column=30, scales="8", ratios="1")
    assert "1 anchors around (488, 408), 1 of them inside the image" in alt
    assert "128 × 128." in alt
    alt = move(explorer, row=0, scales="8, 16, 32", ratios="½, 1, 2")
    centre, count = torch.tensor([488.0, 8.0]), 0
    for scale in (8, 16, 32):
        for ratio in (0.5, 1, 2):
            size = torch.tensor([16 * scale / ratio**0.5, 16 * scale * ratio**0.5])
            count += bool((centre - size / 2 >= 0).all() and (centre + size / 2 <= 800).all())
            assert f"{size[0]:.0f} × {size[1]:.0f}" in alt
    assert f"9 anchors around (488, 8), {count} of them inside" in alt


@pytest.mark.parametrize(("positive", "negative"), [(0.7, 0.3), (0.4, 0.3), (0.5, 0.1), (0.3, 0.3), (1.0, 0.0)])
def test_labels_are_counted_under_moving_thresholds(positive: float, negative: float, shown: list[Explorer]) -> None:
    alt = move(show("labels", shown), negative=negative, positive=positive)
    best = TABLE.amax(dim=1)
    objects = (best >= positive) | (TABLE.eq(TABLE.amax(dim=0)) & (TABLE > 0)).any(dim=1)
    background = (best < negative) & ~objects
    wanted = [int(objects.sum()), int(background.sum()), int((~objects & ~background).sum())]
    assert numbers_in(alt, r": ([\d,]+) objects, ([\d,]+) background, ([\d,]+) ignored") == wanted


def test_thresholds_that_overlap_are_told(shown: list[Explorer]) -> None:
    explorer = show("labels", shown)
    move(explorer, positive=0.2)
    assert "Background below 0.30 and object from 0.20 overlap: move one of them." in explorer.frame.value
    assert "objects" in move(explorer, negative=0.2)


def test_sampling_again_takes_the_next_seed_and_other_anchors(shown: list[Explorer]) -> None:
    explorer = show("sampling", shown)
    explorer.buttons[0].click()
    alt = move(explorer)
    two, one = (library.sample_labels(LABELS, 256, 0.5, Generator().manual_seed(seed)) == 0 for seed in (2, 1))
    assert f"Seed 2, 256 at most, a share of 0.50: 25 objects, 231 background, {len(LABELS) - 256:,} ignored" in alt
    assert f"{int((one & two).sum())} of the background were there with seed 1 as well" in alt
    assert "12 objects, 244 background" in move(explorer, share=0.05)
    assert "1 object, 15 background" in move(explorer, share=0.1, batch=16)


def test_deltas_move_the_box_as_torchvision_does(shown: list[Explorer]) -> None:
    alt = move(show("deltas", shown), dx=0.43, dy=0.33, dw=-0.39, dh=-0.25)
    anchor = torch.tensor([[72.0, 104, 200, 232]])
    box = BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(torch.tensor([[0.43, 0.33, -0.39, -0.25]]), anchor)
    found = numbers_in(alt, r"your box is \(([\d.]+), ([\d.]+), ([\d.]+), ([\d.]+)\)")
    assert found == pytest.approx(box[0].tolist(), abs=0.051)
    (overlap,) = numbers_in(alt, r"IoU with the helmet ([\d.]+)\.")
    assert overlap == pytest.approx(float(ops.box_iou(box, HELMETS[:1])), abs=5e-4)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_suppression_ends_where_torchvisions_does(threshold: float, shown: list[Explorer]) -> None:
    kept = ops.nms(BOXES, SCORES, threshold).tolist()
    alt = move(show("suppression", shown), threshold=threshold, step=len(kept))
    assert f"Step {len(kept)} of {len(kept)}, threshold {threshold:.2f}" in alt
    assert f"Kept {kept}, 0 still wait" in alt
    assert f"In the end it keeps {kept}." in alt


def test_suppression_goes_one_step_at_a_time(shown: list[Explorer]) -> None:
    explorer = show("suppression", shown)
    back, further = explorer.buttons
    back.click()
    assert "Step 0 of 3, threshold 0.50: nothing is decided. Kept [], 5 still wait" in move(explorer)
    further.click()
    overlap = float(ops.box_iou(BOXES[:1], BOXES[1:2]))
    assert f"keep 0 with score 0.90, remove 1 (IoU {overlap:.2f}). Kept [0], 3 still wait" in move(explorer)
    further.click()
    assert "keep 2 with score 0.70, remove none. Kept [0, 2], 2 still wait" in move(explorer)
    assert "There are no more than 3 steps" in move(explorer, step=5)


def test_the_funnel_counts_what_torchvision_lets_through(shown: list[Explorer]) -> None:
    explorer = show("funnel", shown)
    alt = move(explorer, small=100, before=200, threshold=0.4, after=20)
    some = torch.arange(0, len(ANCHORS), len(ANCHORS) // 450)
    objectness, deltas, anchors = ANSWERS[0][some], ANSWERS[1][some], ANCHORS[some]
    boxes = ops.clip_boxes_to_image(BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(deltas, anchors), SIZE)
    scores = objectness.softmax(dim=1)[:, 1]
    large = ops.remove_small_boxes(boxes, 100)
    best = large[scores[large].topk(200).indices]
    survivors = len(ops.nms(boxes[best], scores[best], 0.4))
    wanted = [len(some), len(large), 200, survivors, min(survivors, 20)]
    pattern = r"clipped ([\d,]+); large enough ([\d,]+); best before NMS (\d+); after NMS (\d+); proposals (\d+)\."
    assert numbers_in(alt, pattern) == wanted


@pytest.mark.parametrize("roi", [(37, 27, 62, 61), (0, 0, 160, 128), (72, 40, 1, 1), (90, 10, 33, 90)])
def test_pooling_reads_cells_and_points_as_torchvision_does(roi: tuple[int, ...], shown: list[Explorer]) -> None:
    x, y, width, height = roi
    explorer = show("pooling", shown)
    move(explorer, width=1, height=1)  # room to move
    alt = move(explorer, x=x, y=y, width=width, height=height)
    one = torch.tensor([[0.0, x, y, x + width, y + height]])
    columns = torch.arange(10.0).expand(1, 1, 8, 10).contiguous()
    pooled, aligned = numbers_in(alt, r"roi_pool ([\d.]+), roi_align ([\d.]+)\.")
    assert pooled == float(ops.roi_pool(columns, one, (1, 1), 1 / 16))
    assert aligned == pytest.approx(float(ops.roi_align(columns, one, (1, 1), 1 / 16, 2, True)), abs=5.1e-3)
    rows = torch.arange(8.0)[:, None].expand(8, 10)[None, None].contiguous()
    corner = [float(ops.roi_pool(-values, one, (1, 1), 1 / 16)) for values in (columns, rows)]
    first = numbers_in(alt, r"roi_pool reads \((\d+), (\d+)\)")
    assert first == [-value for value in corner]


def test_an_roi_off_the_image_is_told(shown: list[Explorer]) -> None:
    explorer = show("pooling", shown)
    move(explorer, x=120)
    assert "The ROI ends at (182, 88), off the image of 160 × 128 pixels" in explorer.frame.value


@pytest.mark.parametrize(
    ("width", "height", "level"), [(111, 111, 2), (112, 112, 3), (224, 224, 4), (1000, 51, 4), (1024, 1024, 5)]
)
def test_levels_follow_the_papers_formula(width: int, height: int, level: int, shown: list[Explorer]) -> None:
    alt = move(show("levels", shown), width=width, height=height)
    cells = f"{width / 2**level:.1f} × {height / 2**level:.1f} cells of {2**level} pixels"
    assert f"level P{level}, {cells}" in alt


@pytest.mark.parametrize(("step", "stride", "kernel"), [(0, 2, "1, 1, 1"), (2, 1, "1, 2, 3, 4"), (4, 3, "1, 2, 3, 4")])
def test_a_transposed_convolution_step_by_step(step: int, stride: int, kernel: str, shown: list[Explorer]) -> None:
    alt = move(show("upsampling", shown), step=step, stride=stride, kernel=kernel)
    numbers = torch.tensor([2.0, 5, 1, 4]) * (torch.arange(4) < step)
    weight = torch.tensor([float(value) for value in kernel.split(", ")])
    wanted = F.conv_transpose1d(numbers[None, None], weight[None, None], stride=stride).flatten().tolist()
    assert f"Sum so far: {', '.join(f'{value:g}' for value in wanted)}, by your upsample_1d." in alt


def test_a_threshold_of_one_half_is_paste_mask_and_a_lower_one_is_more_generous(shown: list[Explorer]) -> None:
    explorer = show("cut_out", shown)
    pixels = {}
    for threshold in (0.2, 0.8, 0.5):
        alt = move(explorer, threshold=threshold)
        listed = alt.split(f"Pixels of each mask at threshold {threshold:.2f}: ")[1].rstrip(".").split(", ")
        pixels[threshold] = [int(part.split(": ")[1]) for part in listed]
    half = [int(library.paste_mask(m, b, (240, 320)).sum()) for m, b in zip(SMALL, TARGET["boxes"], strict=True)]
    assert pixels[0.5] == half
    assert all(low > middle > high for low, middle, high in zip(*(pixels[t] for t in (0.2, 0.5, 0.8)), strict=True))


def test_no_masks_leave_the_photo_as_it_is() -> None:
    drawing = at_threshold(IMAGE, torch.zeros(0, 4), torch.zeros(0, 28, 28), library.paste_mask, 0.5)
    assert drawing.alt.startswith("0 masks cut out of a picture of 240 × 320.")


def test_a_joint_is_found_where_it_is_and_the_function_is_asked_once(shown: list[Explorer]) -> None:
    calls = []

    def heatmaps_to_keypoints(maps: Tensor, rois: Tensor) -> Tensor:
        calls.append(1)
        return BACK(maps, rois)

    explorer = show("heatmap", shown, heatmaps_to_keypoints)
    for number, joint in ((0, "0 nose"), (16, "16 right ankle"), (9, "9 left wrist")):
        alt = move(explorer, joint=joint)
        x, y, off = numbers_in(alt, rf"{joint} \(\w+\): found at \(([\d.]+), ([\d.]+)\) .*, ([\d.]+) pixels from")
        true = JOINTS[1, number]
        distance = ((x - float(true[0])) ** 2 + (y - float(true[1])) ** 2) ** 0.5
        assert off == pytest.approx(distance, abs=0.13)
        assert off < 1
    assert len(calls) == 1


def test_skeletons_follow_the_score_and_the_function_is_asked_once(shown: list[Explorer]) -> None:
    calls = []

    def heatmaps_to_keypoints(maps: Tensor, rois: Tensor) -> Tensor:
        calls.append(1)
        return BACK(maps, rois)

    explorer = show("skeletons", shown, heatmaps_to_keypoints)
    assert "Shown though not labelled: 0; labelled and not shown: 0." in explorer.first.alt
    assert f"Shown though not labelled: {int((JOINTS[..., 2] == 0).sum())};" in move(explorer, score=-1.0)
    assert f"labelled and not shown: {int((JOINTS[..., 2] > 0).sum())}." in move(explorer, score=13.0)
    assert len(calls) == 1


def test_a_picture_of_nobody_leaves_a_line(shown: list, capsys: pytest.CaptureFixture[str]) -> None:
    explore.skeletons(IMAGE, JOINTS[:0], ROIS[:0], THERE, BACK)
    assert shown == []
    assert capsys.readouterr().out == "There is nobody in this picture.\n"
