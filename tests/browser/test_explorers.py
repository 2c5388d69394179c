"""Explorers in a real JupyterLab, moved by keyboard: numbers change and are right, and every control has a name."""

import base64
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from explorer_page import CELLS, DATA
from lab_page import OUT_OF_SIGHT, SCROLL, SIDE_BY_SIDE, STICKS_OUT, NotebookPage
from PIL import Image, ImageColor
from playwright.sync_api import Locator, expect
from torch.nn import functional as F
from torchvision import ops
from torchvision.models.detection._utils import BoxCoder

from course import explore
from course.drawing.palette import BLUE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def data() -> Any:
    """What the notebook's first cell makes, made here once more."""
    names: dict[str, Any] = {}
    exec(DATA, names)
    return SimpleNamespace(**names)


@pytest.fixture
def view(explorers: NotebookPage) -> NotebookPage:
    """The notebook with every explorer."""
    return explorers


def cell(view: NotebookPage, name: str) -> Locator:
    return view.code_cells.nth(1 + list(CELLS).index(name)).locator(".jp-OutputArea")


def handle(where: Locator, label: str) -> Locator:
    return where.get_by_role("slider", name=label, exact=True)


def test_arrow_keys_move_a_box_and_the_iou_is_torchvisions(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    handle(iou, "box 2, left").focus()
    for left in (141, 142, 143):
        view.page.keyboard.press("ArrowRight")
        two = torch.tensor([[left, 100.0, left + 160, 220]])
        found = float(ops.box_iou(torch.tensor([[60.0, 60, 220, 180]]), two))
        expect(iou.locator("figcaption")).to_contain_text(f"IoU by your box_iou: {found:.3f}.")
        expect(iou.locator("figure img:first-child")).to_have_attribute(
            "alt", re.compile(rf"box 2 \({left}, 100, {left + 160}")
        )
    expect(handle(iou, "box 2, left")).to_be_focused()


def test_a_number_can_be_typed_beside_its_slider(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    typed = iou.locator(".widget-slider").filter(has_text="box 2, width").locator(".widget-readout")
    typed.fill("10")
    typed.press("Enter")
    expect(iou.locator("figcaption")).to_contain_text("together 19,200 + 1,200")


def test_tab_goes_through_the_controls_in_their_order(view: NotebookPage) -> None:
    iou = cell(view, "iou")
    handle(iou, "box 1, left").focus()
    for label in ("box 1, top", "box 1, width"):
        view.page.keyboard.press("Tab")  # the number
        view.page.keyboard.press("Tab")
        expect(handle(iou, label)).to_be_focused()


def test_a_button_pressed_by_keyboard_goes_one_step(view: NotebookPage) -> None:
    nms = cell(view, "suppression")
    expect(nms.locator("figcaption")).to_contain_text("Step 1 of 3, threshold 0.50: keep 0")
    further = nms.get_by_role("button", name="next step")
    further.focus()
    view.page.keyboard.press("Enter")
    expect(nms.locator("figcaption")).to_contain_text("Step 2 of 3, threshold 0.50: keep 2")
    expect(handle(nms, "step")).to_have_attribute("aria-valuenow", re.compile(r"2(\.0)?"))


def test_unwritten_is_noted_and_an_error_stands_in_the_pictures_place_until_it_is_gone(view: NotebookPage) -> None:
    levels = cell(view, "levels")
    note = "roi_level is not written yet: the course's own stands in."
    expect(levels.locator("figcaption")).to_contain_text(note)
    handle(levels, "width").focus()
    for _ in range(2):
        view.page.keyboard.press("ArrowRight")
    expect(levels.get_by_role("status")).to_contain_text("roi_level fails with ValueError: too wide")
    expect(levels.locator("figure")).to_have_count(0)
    view.page.keyboard.press("Home")
    expect(levels.locator("figcaption")).to_contain_text("A box of 1 × 224 pixels")


def test_a_joint_is_chosen_by_keyboard_and_found_where_it_is(view: NotebookPage, data: Any) -> None:
    heatmap = cell(view, "heatmap")
    heatmap.get_by_role("combobox", name="joint", exact=True).focus()
    view.page.keyboard.press("ArrowDown")
    picture = heatmap.locator("figure img:first-child")
    expect(picture).to_have_attribute("alt", re.compile(r"10 right wrist \(\w+\): found at"))
    place = re.search(r"found at \(([\d.]+), ([\d.]+)\)", picture.get_attribute("alt") or "")
    assert place
    assert [float(value) for value in place.groups()] == pytest.approx(data.joints[1, 10, :2].tolist(), abs=1)


def outline(picture: Locator, colour: str) -> tuple[float, float, float, float]:
    """Where lines of a colour are on the screen: left, top, right, bottom."""
    png = base64.b64decode((picture.get_attribute("src") or "").partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    rows, columns = (pixels == ImageColor.getrgb(colour)).all(axis=2).nonzero()
    place = picture.bounding_box()
    assert place
    one = place["width"] / pixels.shape[1]
    x, y = place["x"], place["y"]
    return x + columns.min() * one, y + rows.min() * one, x + columns.max() * one, y + rows.max() * one


def test_a_box_is_dragged_by_mouse_and_finger_and_stays_in_the_picture(view: NotebookPage) -> None:
    page, iou = view.page, cell(view, "iou")
    picture = iou.locator("figure img:first-child")
    handle(iou, "box 1, left").focus()
    handle(iou, "box 1, left").scroll_into_view_if_needed()

    def box_1_is(*corners: int) -> None:
        expect(picture).to_have_attribute("alt", re.compile(rf"^Box 1 \({', '.join(map(str, corners))}\)"))

    box_1_is(60, 60, 220, 180)
    left, top, right, _ = outline(picture, BLUE)
    unit = (right - left) / 160
    page.mouse.move(left + 20, top + 20)
    page.mouse.down()
    page.mouse.move(left + 20 + 32 * unit, top + 20 + 25 * unit, steps=3)
    box_1_is(92, 85, 252, 205)
    page.mouse.move(0, 0)
    page.mouse.up()
    box_1_is(0, 0, 160, 120)
    page.mouse.move(300, 300)  # let go
    expect(handle(iou, "box 1, left")).to_have_attribute("aria-valuenow", re.compile(r"0(\.0)?"))
    page.keyboard.press("ArrowRight")  # the slider has kept the focus, and goes on from there
    box_1_is(1, 0, 161, 120)
    finger, scrolled = page.context.new_cdp_session(page), iou.bounding_box()
    _, _, right, bottom = outline(picture, BLUE)
    for kind, points in (
        ("touchStart", [(right + 5, bottom - 5)]),
        ("touchMove", [(right + 5, bottom - 5 - 10 * unit)]),
        ("touchMove", [(right + 5 + 20 * unit, bottom - 5 - 20 * unit)]),
        ("touchEnd", []),
    ):
        touches = [{"x": x, "y": y} for x, y in points]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    box_1_is(1, 0, 181, 100)
    assert iou.bounding_box() == scrolled


# --- every other explorer: a control, keys, and a part of the words that must stand there afterwards ---------------


def anchors_of_row_11(data: Any) -> str:
    row = data.anchors.reshape(50, 50, 9, 4)[11, 11]
    inside = int(((row >= 0) & (row <= 800)).all(dim=1).sum())
    return f"Row 11, column 11 of the map: 9 anchors around (184, 184), {inside} of them inside the image"


def labels_below_025(data: Any) -> str:
    iou = ops.box_iou(data.valid, data.helmets)
    objects = (iou.amax(dim=1) >= 0.7) | (iou.eq(iou.amax(dim=0)) & (iou > 0)).any(dim=1)
    background = (iou.amax(dim=1) < 0.25) & ~objects
    ignored = int((~objects & ~background).sum())
    counts = f"{int(objects.sum())} objects, {int(background.sum()):,} background, {ignored:,} ignored"
    return f"Object from 0.70, background below 0.25: {counts}."


def second_sample(data: Any) -> str:
    objects = min(int((data.labels == 1).sum()), 128)
    return f"Seed 2, 256 at most, a share of 0.50: {objects} objects, {256 - objects} background"


def moved_by_three_hundredths(data: Any) -> str:
    anchor = torch.tensor([[72.0, 104, 200, 232]])
    box = BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(torch.tensor([[0.03, 0.0, 0.0, 0.0]]), anchor)
    overlap = float(ops.box_iou(box, data.helmets[:1]))
    x1, y1, x2, y2 = box[0].tolist()
    return f"your box is ({x1:.1f}, {y1:g}, {x2:.1f}, {y2:g}), 128.0 × 128.0 pixels; IoU with the helmet {overlap:.3f}."


def survivors_at_065(data: Any) -> str:
    some = torch.arange(0, len(data.anchors), len(data.anchors) // 450)
    boxes = BoxCoder((1.0, 1.0, 1.0, 1.0)).decode_single(data.deltas[some], data.anchors[some])
    boxes = ops.clip_boxes_to_image(boxes, (800, 800))
    scores = data.objectness[some].softmax(dim=1)[:, 1]
    large = ops.remove_small_boxes(boxes, 16)
    best = large[scores[large].topk(150).indices]
    kept = len(ops.nms(boxes[best], scores[best], 0.65))
    return f"large enough {len(large)}; best before NMS 150; after NMS {kept}; proposals 50."


def one_bin(data: Any) -> str:
    columns = torch.arange(10.0).expand(1, 1, 8, 10).contiguous()
    roi = torch.tensor([[0.0, 38, 27, 38 + 62, 27 + 61]])
    pooled = float(ops.roi_pool(columns, roi, (1, 1), 1 / 16))
    aligned = float(ops.roi_align(columns, roi, (1, 1), 1 / 16, 2, True))
    return f"roi_pool {pooled:.2f}, roi_align {aligned:.2f}."


def two_copies(data: Any) -> str:
    numbers, kernel = torch.tensor([[[2.0, 5, 0, 0]]]), torch.tensor([[[0.5, 1, 0.5]]])
    sums = F.conv_transpose1d(numbers, kernel, stride=2).flatten().tolist()
    return f"Sum so far: {', '.join(f'{value:g}' for value in sums)}, by your upsample_1d."


def pixels_at_055(data: Any) -> str:
    pasted = zip(data.masks - 0.05, data.target["boxes"], strict=True)
    counts = [int(data.library.paste_mask(mask, box, (240, 320)).sum()) for mask, box in pasted]
    return f"at threshold 0.55: {', '.join(f'{number}: {count}' for number, count in enumerate(counts, start=1))}."


def unlabelled(data: Any) -> str:
    return f"Shown though not labelled: {int((data.joints[..., 2] == 0).sum())}; labelled and not shown: 0."


def sure_enough(data: Any) -> str:
    names = [data.scenes.CLASSES[label] for label in data.found["labels"]]
    first = [name for name, score in zip(names, data.found["scores"].tolist(), strict=True) if score >= 0.65]
    return f"Score at least 0.65: {', '.join(f'{name} {first.count(name)}' for name in dict.fromkeys(first))}."


MOVES: dict[str, tuple[str, str, list[str], Callable[[Any], str]]] = {
    "anchors": ("slider", "row", ["ArrowRight"], anchors_of_row_11),
    "labels": ("slider", "background below", ["ArrowLeft"], labels_below_025),
    "sampling": ("button", "sample again", ["Enter"], second_sample),
    "deltas": ("slider", "dx", ["ArrowRight"] * 3, moved_by_three_hundredths),
    "funnel": ("slider", "NMS threshold", ["ArrowLeft"], survivors_at_065),
    "pooling": ("slider", "left", ["ArrowRight"], one_bin),
    "upsampling": ("button", "next step", ["Enter"], two_copies),
    "cut_out": ("slider", "threshold", ["ArrowRight"], pixels_at_055),
    "skeletons": ("slider", "score above", ["Home"], unlabelled),
    "detections": ("slider", "score at least", ["ArrowRight"], sure_enough),
}


def test_every_explorer_is_moved_here() -> None:
    by_themselves = {"iou", "suppression", "levels", "heatmap"}
    assert MOVES.keys() | by_themselves == CELLS.keys() == set(explore.__all__)


@pytest.mark.parametrize("name", MOVES)
def test_keys_move_it_and_its_numbers_are_right(name: str, view: NotebookPage, data: Any) -> None:
    role, label, keys, words = MOVES[name]
    where = cell(view, name)
    where.get_by_role(role, name=label, exact=True).focus()
    for key in keys:
        view.page.keyboard.press(key)
    expect(where.locator("figure img:first-child")).to_have_attribute("alt", re.compile(re.escape(words(data))))


# --- how they look -------------------------------------------------------------------------------------------


@pytest.fixture(params=[(1400, 900), (800, 600), (700, 450)], ids=["whole", "small", "at 200 percent"])
def width(request: pytest.FixtureRequest, view: NotebookPage) -> Iterator[int]:
    """The width of the window, which has this size while a test runs; half of it is what a page zoomed to 200 % has."""
    before = view.page.viewport_size
    assert before
    view.page.set_viewport_size(dict(zip(("width", "height"), request.param, strict=True)))
    yield request.param[0]
    view.page.set_viewport_size(before)


def test_controls_and_pictures_fit_their_place(width: int, view: NotebookPage, screenshots: Path) -> None:
    """A label that is cut off would end in dots."""
    assert view.figures.evaluate_all(STICKS_OUT) == []
    assert width < 1400 or view.figures.evaluate_all(SCROLL) == 0
    assert view.figures.evaluate_all(SIDE_BY_SIDE) == 0
    assert width < 800 or view.figures.evaluate_all(OUT_OF_SIGHT) == []
    labels = view.page.locator(".jp-OutputArea .widget-label")
    assert labels.evaluate_all("labels => labels.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    assert labels.count() >= len(CELLS)
    view.page.screenshot(path=screenshots / f"explorers-{width}px.png")


@pytest.mark.exhaustive
def test_every_explorer_is_kept_for_people_to_look_at(width: int, view: NotebookPage, screenshots: Path) -> None:
    """Repeats the test above, with a screenshot of each."""
    assert view.figures.evaluate_all(STICKS_OUT) == []
    for name in CELLS:
        cell(view, name).screenshot(path=screenshots / f"explorer-{width}px-{name}.png")
