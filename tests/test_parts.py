"""course.parts: a student's own functions, and the library's where those are missing, broken or wrong."""

import json
import linecache
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from course import checks, library, parts, summary
from course.parts import PartsError
from course.parts import notebook_definitions as definitions
from course.parts.collect import BONUS
from course.parts.notebook_definitions import NotebookError
from course.parts.parts import ASKED_FOR, NOWHERE

REPO = Path(__file__).resolve().parents[1]

AREA = """
def box_area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
"""
WRONG_AREA = AREA.replace("boxes[:, 0]", "boxes[:, 0] + 1")
STUB = """
def box_area(boxes):
    # YOUR CODE HERE
    raise NotImplementedError()
"""
YXYX = """
def yxyx_to_xyxy(boxes):
    return boxes[:, [1, 0, 3, 2]]
"""


def write(path: Path, cells: Sequence[str | tuple[str, str]]) -> Path:
    """A notebook of code cells: text, or a solution cell as (grade_id, text)."""
    made = []
    for cell in cells:
        grade_id, text = cell if isinstance(cell, tuple) else ("", cell)
        tag = {"nbgrader": {"grade_id": grade_id, "solution": True, "grade": False}} if grade_id else {}
        made.append({"cell_type": "code", "source": text.splitlines(keepends=True), "metadata": tag, "outputs": []})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def with_cell(lab: str, name: str, grade_id: str, text: str, folder: Path) -> Path:
    """The reference's notebook in which one solution cell says something else."""
    notebook = json.loads((REPO / "source" / lab / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            cell["source"] = text
    path = folder / lab / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def taught(folder: str = "source") -> set[str]:
    """The parts that some notebook in a folder has."""
    texts = [path.read_text(encoding="utf-8") for path in (REPO / folder).glob("*/*.ipynb")]
    return {name for name in parts.NAMES if any(f'"grade_id": "{name}"' in text for text in texts)}


NO_PARTS = {"culprit", "detect"}  # exercises in which parts are at work


def test_every_checked_function_has_a_part_and_source_gives_the_reference() -> None:
    reference = parts.collect(REPO / "source")
    assert set(parts.NAMES) == set(library.__all__) == set(checks.__all__) - {"CheckFailed", *NO_PARTS}
    assert set(reference) == set(parts.NAMES)
    assert set(reference.own()) == taught()
    assert set(reference.replaced().values()) <= {NOWHERE}
    assert str(reference).startswith(f"{len(taught())} of {len(parts.NAMES)} parts are yours")
    assert "rpn.ipynb" in reference.nms.__code__.co_filename
    assert reference["nms"] is reference.nms
    assert reference.nms is not library.nms


def test_unwritten_notebooks_give_the_library() -> None:
    collected = parts.collect(REPO / "release")
    assert collected.own() == ()
    assert all(collected[name] is getattr(library, name) for name in parts.NAMES)
    assert {name for name, reason in collected.replaced().items() if reason == "not written yet"} == taught("release")
    assert str(collected).startswith(f"0 of {len(parts.NAMES)} parts are yours:\n  not written yet: ")


WRONG_NMS = """
def nms(boxes, scores, iou_threshold):
    return scores.argsort()
"""


def test_a_wrong_part_is_replaced_everywhere_and_named_in_one_line(tmp_path: Path) -> None:
    with_cell("lab3_rpn", "rpn", "nms", WRONG_NMS, tmp_path)
    collected = parts.collect(tmp_path)
    assert collected.own() == ("RPNHead", "make_proposals", "rpn_loss")
    assert collected.nms is library.nms
    assert collected.make_proposals.__globals__["nms"] is library.nms  # right as it is, but it called the wrong one
    (line,) = (line for line in str(collected).splitlines() if line.startswith("  nms "))
    assert "yours is wrong: expected " in line
    assert ", got " in line
    assert len(line) <= summary.WIDTH + 20
    every = len(library.__all__)
    assert f"3 of {every} parts are yours, {every - 4} are of other notebooks:" in str(collected)


def test_later_labs_use_the_students_own_earlier_parts(tmp_path: Path) -> None:
    reference = parts.collect(REPO / "source")
    assert reference.postprocess_detections.__globals__["nms"] is reference.nms  # imported from the library there
    with_cell("lab3_rpn", "rpn", "nms", WRONG_NMS, tmp_path)
    with_cell("lab4_roi_heads", "roi_heads", "", "", tmp_path)
    assert parts.collect(tmp_path).postprocess_detections.__globals__["nms"] is library.nms


SLOW = ("nms", "roi_align")


def test_parts_can_be_taken_from_the_library_for_speed() -> None:
    wanted = ("box_iou", "nms", "roi_align")
    collected = parts.collect(REPO / "release", from_library=wanted)  # bonuses are not written there
    assert {collected.replaced()[name] for name in wanted} == {ASKED_FOR}
    assert "  box_iou, nms, roi_align  the library was asked for" in str(collected)
    collected = parts.collect(REPO / "source", from_library=["box_iou"])
    assert collected.own() == tuple(name for name in parts.collect(REPO / "source").own() if name != "box_iou")
    assert collected.box_iou is library.box_iou
    assert collected.nms.__globals__["box_iou"] is library.box_iou
    with pytest.raises(PartsError, match="no part is called 'nsm'; there are FPN, BoxHead, "):
        parts.collect(REPO / "source", from_library=["nsm"])


def test_a_bonus_takes_the_place_of_a_part_that_the_library_was_asked_for() -> None:
    collected = parts.collect(REPO / "source", from_library=SLOW)
    assert collected.own() == parts.collect(REPO / "source").own()
    assert collected.bonuses() == BONUS == {"nms": "nms_in_blocks", "roi_align": "roi_align_fast"}
    for name, bonus in BONUS.items():
        assert collected[name].__name__ == bonus
        assert f"{name:<9}  your {bonus}" in str(collected)
    assert collected.make_proposals.__globals__["nms"] is collected.nms
    assert collected.postprocess_detections.__globals__["nms"] is collected.nms
    assert parts.collect(REPO / "source").bonuses() == {}


FAST = """
def roi_align_fast(features, rois, output_size, spatial_scale, sampling_ratio=2):
    {}
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise NotImplementedError()", ASKED_FOR),
        (None, ASKED_FOR),
        ("return features[:0]", "your roi_align_fast is wrong: expected "),
        ("return undefined", "your roi_align_fast fails: NameError: name 'undefined' is not defined"),
        ("return roi_align(features, rois, output_size, spatial_scale)", "your roi_align_fast fails: it calls "),
    ],
)
def test_the_librarys_stays_where_a_bonus_is_not_right(body: str | None, reason: str, tmp_path: Path) -> None:
    cell = FAST.format(body) if body else "roi_align_fast = 3"
    with_cell("lab4_roi_heads", "roi_heads", "roi_align_fast", cell, tmp_path)
    collected = parts.collect(tmp_path, from_library=SLOW)
    assert collected.roi_align is library.roi_align
    assert collected.bonuses() == {}
    assert collected.replaced()["roi_align"].startswith(reason)
    assert max(map(len, str(collected).splitlines())) <= summary.WIDTH + 20


def test_demonstrations_are_not_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    touched = tmp_path / "touched"
    demos = [
        "print('demo')",
        f"open({str(touched)!r}, 'w')",
        f"picture = open({str(touched)!r}, 'w')",
        "raise SystemExit",
        "while True:\n    pass",
        "for k in range(3):\n    input()",
        "if True:\n    1 / 0",
    ]
    write(tmp_path / "a.ipynb", [*demos, ("box_area", AREA + "\nprint('also here')\n1 / 0\n"), *demos])
    assert parts.collect(tmp_path).own() == ("box_area",)
    assert not touched.exists()
    assert capfd.readouterr() == ("", "")


def test_what_a_part_needs_comes_along_wherever_it_is_defined(tmp_path: Path) -> None:
    uses = """
def box_area(boxes):
    x1, y1, x2, y2 = boxes.unbind(-1)
    return product(x2 - x1, y2 - y1)

HALF = ONE / 2
"""
    cells = [
        "import math as m\nfrom functools import reduce",
        "ONE: float = 1.0\nunused = unknown_name",
        ("box_area", uses),
        "def product(*sides):\n    return reduce(Tool().times, sides) * m.cos(0) * HALF * SCALE['twice']",
        "class Tool:\n    def times(self, a, b):\n        return torch.mul(a, b)",
        "from torch import *\nimport torch\nSCALE = {}\nSCALE['twice'] = 2.0",
    ]
    write(tmp_path / "a.ipynb", cells)
    collected = parts.collect(tmp_path)
    assert collected.own() == ("box_area",), str(collected)
    assert collected.box_area(torch.tensor([[1.0, 2.0, 4.0, 8.0]])).tolist() == [18.0]
    assert "unused" not in collected.box_area.__globals__


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (STUB, "not written yet"),
        (
            "def box_area(boxes:\n    return 1",
            "yours fails: SyntaxError in line 1 of its cell: '(' was never closed",
        ),
        ("area = 3", "its cell does not define box_area"),
        ("box_area = 3", "box_area should be a function, but it is a int: run the cell that defines it."),
        ("def box_area(boxes=Missing):\n    pass", "yours fails: NameError: name 'Missing' is not defined"),
        (
            "def box_area(boxes):\n    return torhc.ones(3)",
            "yours fails: NameError: name 'torhc' is not defined",
        ),
        ("import torchvision\ndef box_area(b):\n    return torchvision.ops.box_area(b)", "yours fails: it calls"),
        (WRONG_AREA, "yours is wrong: expected ["),
        ("del broken\nbox_area = broken", "yours fails: NameError: name 'broken' is not defined"),
        ("box_area = 1 / 0", "yours fails: ZeroDivisionError: division by zero"),
        ("import sys\nbox_area = sys.exit()", "yours fails: SystemExit"),
    ],
)
def test_each_reason_is_named(text: str, reason: str, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", [("box_area", text), ("yxyx_to_xyxy", YXYX)])
    collected = parts.collect(tmp_path)
    assert collected.own() == ("yxyx_to_xyxy",)
    assert collected.box_area is library.box_area
    assert collected.replaced()["box_area"].startswith(reason)


def test_a_broken_helper_that_nobody_needs_costs_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", [("box_area", AREA + "\ndef helper(x=Missing):\n    pass\n")])
    assert parts.collect(tmp_path).own() == ("box_area",)


def test_a_definition_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "SECONDS", 0.2)
    endless = "def wait():\n    while True:\n        pass\nbox_area = wait()"
    write(tmp_path / "a.ipynb", [("box_area", endless), ("yxyx_to_xyxy", YXYX)])
    collected = parts.collect(tmp_path)
    assert collected.own() == ("yxyx_to_xyxy",)
    assert collected.replaced()["box_area"] == "yours fails: no answer within 0 seconds"


def test_notebook_habits(tmp_path: Path) -> None:
    cells = [
        "%matplotlib inline\n!echo hello\nfiles = !ls\n?print",
        "%%bash\nrm -rf nothing",
        "def broken(:",
        ("box_area", "%%time\n" + AREA),
        ("yxyx_to_xyxy", "%time print(1)\n" + YXYX),
        WRONG_AREA,  # tried out in a scratch cell: the graded cell counts
    ]
    write(tmp_path / "a.ipynb", cells)
    assert parts.collect(tmp_path).own() == ("box_area", "yxyx_to_xyxy")


def test_copies_and_checkpoints(tmp_path: Path) -> None:
    write(tmp_path / "lab1" / "boxes.ipynb", [("box_area", STUB), ("yxyx_to_xyxy", YXYX)])
    write(tmp_path / "lab1" / "boxes-Copy1.ipynb", [("box_area", WRONG_AREA)])
    write(tmp_path / "lab1" / ".ipynb_checkpoints" / "boxes-checkpoint.ipynb", [("box_area", AREA)])
    assert parts.collect(tmp_path).own() == ("yxyx_to_xyxy",)
    write(tmp_path / "lab1" / "boxes-Copy2.ipynb", [("box_area", AREA)])
    assert parts.collect(tmp_path).own() == ("box_area", "yxyx_to_xyxy")
    assert parts.collect(tmp_path / "lab1" / "boxes.ipynb").own() == ("yxyx_to_xyxy",)


def test_errors_at_the_border(tmp_path: Path) -> None:
    with pytest.raises(PartsError, match="there is no folder"):
        parts.collect(tmp_path / "nowhere")
    with pytest.raises(PartsError, match="no notebook"):
        parts.collect(tmp_path)
    write(tmp_path / "other.ipynb", ["x = 1", ("homework", "x = 2")])
    with pytest.raises(PartsError, match="has a part of a lab"):
        parts.collect(tmp_path)
    write(tmp_path / "good.ipynb", [("box_area", AREA)])
    for name, text in {"json": "{", "list": "[]", "old": '{"worksheets": []}', "cell": '{"cells": [1]}'}.items():
        broken = tmp_path / f"{name}.ipynb"
        broken.write_text(text)
        with pytest.raises(NotebookError, match=rf"{name}\.ipynb cannot be read as a notebook"):
            parts.collect(tmp_path)
        broken.unlink()
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotebookError, match="cannot be read as a notebook"):
        parts.collect(tmp_path)


def test_any_set_of_parts() -> None:
    everything = parts.as_parts(library)
    assert everything.own() == ()
    assert set(everything.replaced().values()) == {ASKED_FOR}
    assert parts.as_parts(everything) is everything

    def nms() -> None: ...

    some = parts.as_parts({"nms": nms, "hello": print})
    assert some.own() == ("nms",)
    assert some.nms is nms
    assert some.box_iou is library.box_iou
    with pytest.raises(AttributeError, match="no part is called 'hello'"):
        some.hello  # noqa: B018
    with pytest.raises(PartsError, match="got a int with none"):
        parts.as_parts(3)


def test_collecting_leaves_random_numbers_alone() -> None:
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    parts.collect(REPO / "source")
    assert torch.rand(1) == wanted


def test_the_running_notebook_has_its_own_parts() -> None:
    names: dict = {"torch": torch, "nms": library.nms, "encode_boxes": 7}
    exec(AREA + YXYX, names)
    found = parts.here(names)
    assert set(found.own()) == {"box_area", "yxyx_to_xyxy"}
    assert found.box_area is names["box_area"]
    assert found.nms is library.nms
    assert "encode_boxes" in found.replaced()
    exec(WRONG_AREA, names)
    assert parts.here(names).box_area is library.box_area
    linecache.cache["<cell>"] = (len(STUB), None, STUB.splitlines(keepends=True), "<cell>")  # as IPython does
    exec(compile(STUB, "<cell>", "exec"), names)
    assert parts.here(names).replaced()["box_area"] == "not written yet"


def test_notebooks_come_by_the_labs_numbers(tmp_path: Path) -> None:
    for lab in ("lab10_yolo", "lab2_anchors", "lab1_boxes"):
        (tmp_path / lab).mkdir()
        (tmp_path / lab / "a.ipynb").touch()
    assert [path.parent.name for path in definitions.notebooks(tmp_path)] == [
        "lab1_boxes",
        "lab2_anchors",
        "lab10_yolo",
    ]
