"""Pictures: the numbers in their text alternatives, what stands in for missing ones, and how they look."""

import inspect
import io
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import image
from matplotlib.colors import to_rgb

from course import draw, library, pipeline
from course.draw import figure, palette
from course.draw.figure import Picture, to_png
from course.draw.student import ask

SLIDE_BOXES = torch.tensor([[160.0, 147.0, 260.0, 234.0], [139.0, 312.0, 200.0, 348.0]])
HELMETS = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]])
OUTSIDE = [[-60.0, -50.0, 140.0, 90.0], [940.0, 80.0, 1020.0, 200.0]]
TOUCHING = ((0, 0, 8, 8), (8, 0, 16, 8))
DIAGONAL = ((100, 100, 200, 200), (300, 300, 400, 400))


def wrong_iou(a, b):
    return 0.0588


# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "converted": ("yxyx_to_xyxy", lambda fn: draw.converted(SLIDE_BOXES, fn)),
    "axis_order": ("yxyx_to_xyxy", lambda fn: draw.axis_order(SLIDE_BOXES, fn)),
    "areas": ("box_area", lambda fn: draw.areas(HELMETS, fn)),
    "iou_heatmap": ("box_iou", lambda fn: draw.iou_heatmap([[120, 152, 248, 280]], HELMETS, fn)),
    "iou_while_sliding": ("box_iou", lambda fn: draw.iou_while_sliding((0, 0, 100, 60), fn)),
    "plus_one": ("box_iou", lambda fn: draw.plus_one(*TOUCHING, wrong_iou, fn)),
    "missing_clamp": ("box_iou", lambda fn: draw.missing_clamp([DIAGONAL], wrong_iou, fn)),
    "clipping": ("clip_boxes_to_image", lambda fn: draw.clipping(OUTSIDE, (600, 901), fn)),
    "swapped_size": ("clip_boxes_to_image", lambda fn: draw.swapped_size(OUTSIDE, (600, 901), fn)),
    "small_boxes": ("remove_small_boxes", lambda fn: draw.small_boxes(HELMETS, 40, fn)),
}
IDEAS: dict[str, Callable] = {
    "box_anatomy": draw.box_anatomy,
    "grid_lines": draw.grid_lines,
    "overlap": lambda: draw.overlap((72, 104, 200, 232), (147, 160, 234, 260)),
    "overlap_cases": draw.overlap_cases,
    "clip_rule": draw.clip_rule,
    "size_rule": draw.size_rule,
    "pipeline": lambda: pipeline.show("boxes"),
}
ALL = IDEAS | {key: (lambda n=name, m=make: m(getattr(library, n))) for key, (name, make) in STUDENTS.items()}


def alt_of(show: Callable, pictures: list[Picture]) -> str:
    show()
    return pictures[-1].alt


LABS_OWN = ("test_tour.py",)  # whose pictures are tried beside what they show


def test_every_public_function_is_tried_here_or_in_its_labs_file():
    files = [*Path(__file__).parent.glob("test_draw_*.py"), *map(Path(__file__).with_name, LABS_OWN)]
    elsewhere = "".join(path.read_text(encoding="utf-8") for path in files)
    tried = {name for name in draw.__all__ if re.search(rf"\bdraw\.{name}\b", elsewhere)}
    assert set(draw.__all__) | {"pipeline"} == set(ALL) | tried


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_sharp_described_and_given_once(name, pictures):
    assert ALL[name]() is None
    (picture,) = pictures
    data, metadata = picture._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    height, width = image.imread(io.BytesIO(picture.png)).shape[:2]
    assert picture.width == width // figure.RETINA
    assert picture.width <= 1000  # fits beside JupyterLab's file browser on a 1400 px screen
    assert height / figure.RETINA <= 900
    assert data["text/plain"] == metadata["image/png"]["alt"] == picture.alt
    assert len(picture.alt) > 40
    assert re.search(r'<img [^>]*alt="[^"]{40,}"', data["text/html"])
    assert "<figcaption" in data["text/html"]


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_drawn_while_grading(name, pictures, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert ALL[name]() is None
    assert pictures == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", STUDENTS)
def test_an_unwritten_function_leaves_one_friendly_line(name, pictures, capsys):
    function, show = STUDENTS[name]

    def unwritten(*args):
        raise NotImplementedError

    unwritten.__name__ = function
    show(unwritten)
    assert pictures == []
    assert capsys.readouterr() == (f"This picture appears once {function} is written.\n", "")


@pytest.mark.parametrize("name", STUDENTS)
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda *args: 1 / 0, "stopped with ZeroDivisionError: division by zero"),
        (lambda *args: torch.zeros(7, 7, 7), "gave shape (7, 7, 7) instead of ("),
        (lambda *args: [1.0], "gave list instead of a tensor"),
    ],
    ids=["error", "shape", "type"],
)
def test_a_broken_function_leaves_one_line_that_points_to_its_check(name, answer, problem, pictures, capsys):
    STUDENTS[name][1](answer)
    assert pictures == []
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert problem in line
    assert "check cell" in line


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (torch.tensor([True, False]), "torch.bool instead of int64"),
        (torch.tensor([0, 2]), "[0, 2], but there are only boxes 0 to 1"),
        (torch.tensor([0.0]), "torch.float32 instead of int64"),
    ],
)
def test_small_boxes_wants_indices(answer, problem, pictures, capsys):
    draw.small_boxes(HELMETS, 16, lambda boxes, min_size: answer)
    assert pictures == []
    assert problem in capsys.readouterr().out


def test_nan_leaves_a_line(pictures, capsys):
    draw.areas(HELMETS, lambda boxes: boxes[:, 0] * float("nan"))
    assert pictures == []
    assert "NaN" in capsys.readouterr().out


def test_ask_hands_over_copies():
    boxes = HELMETS.clone()
    ask(lambda b: b.zero_(), boxes, shape=(2, 4))
    assert torch.equal(boxes, HELMETS)


# --- the numbers in the text alternatives, against closed forms ---------------------------------------------


def test_overlap_tells_the_areas(pictures):
    alt = alt_of(IDEAS["overlap"], pictures)
    inter = (200 - 147) * (232 - 160)
    union = 128 * 128 + 87 * 100 - inter
    for number in (f"{128 * 128:,}", f"{87 * 100:,}", f"{inter:,}", f"{union:,}", f"{inter / union:.3f}"):
        assert number in alt


@pytest.mark.parametrize("second", [(8, 0, 16, 8), (20, 20, 30, 30)])
def test_overlap_of_boxes_that_do_not_meet(second, pictures):
    alt = alt_of(lambda: draw.overlap((0, 0, 8, 8), second), pictures)
    assert "empty, has area 0." in alt
    assert "IoU = 0.000" in alt


def test_overlap_cases(pictures):
    alt = alt_of(draw.overlap_cases, pictures)
    assert "the same box: 3,600 / 3,600 = 1;" in alt
    assert "inside the other: 900 / 3,600 = 0.25;" in alt
    assert "touching: 0 / 7,200 = 0;" in alt


def test_converted_and_axis_order_tell_the_boxes(pictures):
    assert "(147, 160, 234, 260) and (312, 139, 348, 200)" in alt_of(ALL["converted"], pictures)
    alt = alt_of(ALL["axis_order"], pictures)
    assert "(160, 147, 260, 234) and (139, 312, 200, 348)" in alt
    assert "your boxes (147, 160, 234, 260) and (312, 139, 348, 200)" in alt


def test_areas(pictures):
    alt = alt_of(ALL["areas"], pictures)
    assert f"87 × 100: {87 * 100:,}" in alt
    assert f"36 × 61: {36 * 61:,}" in alt


def test_heat_map_tells_every_cell(pictures):
    alt = alt_of(ALL["iou_heatmap"], pictures)
    assert f"a0 with g0 {8700 / 128**2:.3f}, g1 0.000" in alt


def test_no_boxes_leave_a_line(pictures, capsys):
    draw.iou_heatmap(HELMETS, torch.zeros(0, 4), library.box_iou)
    draw.areas([], library.box_area)
    draw.small_boxes([], 16, library.remove_small_boxes)
    assert pictures == []
    assert capsys.readouterr().out == 3 * "There are no boxes to draw.\n"


def test_half_a_width_of_shift_leaves_a_third(pictures):
    alt = alt_of(ALL["iou_while_sliding"], pictures)
    assert "1.000 at 0 %, 0.600 at 25 %, 0.333 at 50 %, 0.000 at 100 %" in alt


def test_clipping_and_swapped_size(pictures):
    alt = alt_of(ALL["clipping"], pictures)
    assert "600 high and 901 wide" in alt
    assert "(−60, −50, 140, 90) becomes (0, 0, 140, 90)" in alt
    assert "(940, 80, 1020, 200) becomes (901, 80, 901, 200)" in alt
    alt = alt_of(ALL["swapped_size"], pictures)
    assert "(901, 600) they become (0, 0, 140, 90) and (600, 80, 600, 200)" in alt


def test_small_boxes_tells_which_and_why(pictures):
    alt = alt_of(ALL["small_boxes"], pictures)
    assert "box 0, 87 wide and 100 high, is kept" in alt
    assert "box 1, 36 wide and 61 high, is removed" in alt
    assert "returned: [0]" in alt


def test_traps_tell_the_wrong_and_the_right_number(pictures):
    alt = alt_of(ALL["plus_one"], pictures)
    assert "strip of 1 by 9 pixels and IoU becomes 0.059" in alt
    assert "your box_iou says 0.000" in alt
    assert "−100 × −100 = 10,000" in alt_of(ALL["missing_clamp"], pictures)


def test_pictures_show_the_students_numbers_even_when_wrong(pictures):
    draw.areas(HELMETS, lambda boxes: boxes[:, 2] * 0 + 12345.0)
    assert "87 × 100: 12,345" in pictures[-1].alt


# --- the pipeline map ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", pipeline.STAGES)
def test_every_stage_of_the_map_says_what_it_builds(stage, pictures):
    pipeline.show(stage)
    here = pipeline.STAGES[stage]
    highlighted = pictures[-1].alt.split("Highlighted, ")[1]
    assert highlighted.startswith(f"lab {here.lab}: ")
    for name in here.builds + here.used_in:
        assert pipeline.NODES[name].title.replace("\n", " ") in highlighted


def test_stages_differ_in_the_picture(pictures):
    for stage in pipeline.STAGES:
        pipeline.show(stage)
    assert len({picture.png for picture in pictures}) == len(pipeline.STAGES)


def test_an_unknown_stage_is_told_the_known_ones(pictures):
    with pytest.raises(ValueError, match=r"no stage 'ROI'.*boxes, anchors, rpn, roi_heads"):
        pipeline.show("ROI")


def test_the_map_is_complete():
    nodes = pipeline.NODES
    assert {end for arrow in pipeline.ARROWS for end in arrow} == set(nodes)
    for stage in pipeline.STAGES.values():
        assert {*stage.builds, *stage.used_in} <= set(nodes)
        if stage.title not in ("the whole way", "your own detector"):
            assert stage.lab in {nodes[name].lab for name in stage.builds}
    places = [(node.column, node.row) for node in nodes.values()]
    for (x1, y1), (x2, y2) in itertools.combinations(places, 2):
        assert abs(x1 - x2) >= pipeline.WIDE or abs(y1 - y2) >= pipeline.HIGH, "two stations overlap"


# --- looks --------------------------------------------------------------------------------------------------

# Machado, Oliveira & Fernandes (2009): what a person without long, middle or short wave cones sees.
NORMAL = np.eye(3)
PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
TRITANOPIA = np.array(
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
)
TOGETHER = [  # looks that meet in one picture
    (palette.FIRST, palette.SECOND),
    (palette.FIRST, palette.SHARED),
    (palette.SECOND, palette.SHARED),
    (palette.GOOD, palette.WRONG),
    (palette.FIRST, palette.WRONG),
    (palette.FIRST, palette.LOST),
    (palette.WRONG, palette.LOST),
    (palette.GOOD, palette.LOST),
]


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ rgb.clip(0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eye", [NORMAL, PROTANOPIA, DEUTERANOPIA, TRITANOPIA])
@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_colours_that_meet_are_told_apart_by_every_eye(one, other, eye):
    distance = np.linalg.norm(lab(eye @ linear(one.colour)) - lab(eye @ linear(other.colour)))
    assert distance > 15  # about 2 is just noticeable


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_colour_is_never_the_only_signal(one, other):
    assert (one.line, one.hatch) != (other.line, other.hatch)


@pytest.mark.parametrize("colour", [palette.INK, palette.FAINT, palette.BLUE])
def test_text_stands_out_from_white_paper(colour):
    luminance = float(linear(colour) @ [0.2126, 0.7152, 0.0722])
    assert 1.05 / (luminance + 0.05) >= 4.5  # the W3C's AA for text


def test_no_text_is_smaller_than_nine_points(pictures, monkeypatch):
    sizes = []
    monkeypatch.setattr(figure, "render", lambda drawing: sizes.extend(_text_sizes(drawing.figure)))
    for show in ALL.values():
        show()
    assert min(sizes) >= 9


def _text_sizes(drawn):
    drawn.draw_without_rendering()
    return [text.get_fontsize() for text in drawn.findobj(mpl.text.Text) if text.get_text()]


# --- manners ------------------------------------------------------------------------------------------------


def test_the_students_own_matplotlib_is_left_alone(pictures):
    from matplotlib import pyplot

    with mpl.rc_context({"font.size": 23, "axes.facecolor": "black"}):
        before = dict(mpl.rcParams)
        for show in ALL.values():
            show()
        assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []


def test_the_students_settings_do_not_change_the_picture(pictures):
    ALL["areas"]()
    with mpl.rc_context({"font.size": 23, "axes.facecolor": "black", "hatch.linewidth": 5}):
        ALL["areas"]()
    assert pictures[0].png == pictures[1].png


def test_text_alternatives_are_escaped():
    html = Picture([to_png(np.zeros((1, 1, 3), np.uint8))], 10, 'a < b & "c"', "<caption>").html()
    assert 'alt="a &lt; b &amp; &quot;c&quot;"' in html
    assert "&lt;caption&gt;" in html


def test_functions_keep_their_names_and_docstrings():
    for name in draw.__all__:
        function = getattr(draw, name)
        assert function.__name__ == name
        assert inspect.getdoc(function)
