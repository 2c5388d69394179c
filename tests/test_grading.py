"""Hidden grading: right answers of any style get all points, wrong ones lose some and are told why."""

import ast
import json
import sys
import warnings
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.utils._pytree import tree_map
from torchvision import ops

from autograder import grade
from autograder.grader.answers import Answer, define
from autograder.grader.exercise_report import MIME
from autograder.grader.grading import judge
from autograder.labs import EXERCISES, LABS, answers
from course import library

pytestmark = pytest.mark.usefixtures("beside_the_detector")

ANSWERS = [answer for lab in LABS for answer in answers(lab)]
RIGHT = [answer for answer in ANSWERS if not answer.hint]
WRONG = [answer for answer in ANSWERS if answer.hint]


# Exercises with at least five wrong answers; the others have three.
FIVE = {
    "box_iou",
    *("label_anchors", "sample_labels", "encode_boxes"),
    *("RPNHead", "rpn_loss", "nms", "make_proposals"),
    *("sample_rois", "roi_pool", "roi_align"),
    *("FPN", "MaskHead", "mask_loss"),
    *("KeypointHead", "keypoints_to_heatmap", "keypoint_loss", "heatmaps_to_keypoints"),
    "average_precision",
    "detect",
    "photo_losses",
}
ON_THE_CPU = {"culprit", "detect"}  # names; pictures and answers that come and go on the CPU


def identify(answer: Answer) -> str:
    return f"{answer.exercise}-{answer.name}"


def beside_right_ones(answer: Answer) -> dict:
    """A namespace with right answers to the other exercises, as in a notebook."""
    return {other.exercise: other.function() for other in RIGHT[::-1] if other.exercise != answer.exercise}


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_enough_answers_with_hints_of_their_own(name: str) -> None:
    """Few share one: one idea may go wrong in two ways."""
    hints = [answer.hint for answer in WRONG if answer.exercise == name]
    assert len(hints) >= (5 if name in FIVE else 3)
    assert len(set(hints)) >= 0.8 * len(hints)
    right = [ast.dump(ast.parse(answer.text)) for answer in RIGHT if answer.exercise == name]
    assert len(set(right)) >= 2


# The same misconceptions in other words than those of autograder/labs: the diagnosis must not hang on the text.
OTHER_WORDS = {
    ("box_iou", "no_clamp"): """
def box_iou(p, q):
    out = p.new_zeros(len(p), len(q))
    for i in range(len(p)):
        for j in range(len(q)):
            w = min(p[i, 2], q[j, 2]) - max(p[i, 0], q[j, 0])
            h = min(p[i, 3], q[j, 3]) - max(p[i, 1], q[j, 1])
            u = (p[i, 2] - p[i, 0]) * (p[i, 3] - p[i, 1]) + (q[j, 2] - q[j, 0]) * (q[j, 3] - q[j, 1]) - w * h
            out[i, j] = w * h / u if u != 0 else 0
    return out
""",
    ("box_iou", "plus_one"): """
def box_iou(p, q):
    p, q = p.clone(), q.clone()
    p[:, 2:] += 1
    q[:, 2:] += 1
    w = (torch.min(p[:, 2, None], q[:, 2]) - torch.max(p[:, 0, None], q[:, 0])).relu()
    h = (torch.min(p[:, 3, None], q[:, 3]) - torch.max(p[:, 1, None], q[:, 1])).relu()
    a, b = (p[:, 2] - p[:, 0]) * (p[:, 3] - p[:, 1]), (q[:, 2] - q[:, 0]) * (q[:, 3] - q[:, 1])
    return w * h / (a[:, None] + b - w * h)
""",
    ("clip_boxes_to_image", "size_swapped"): """
def clip_boxes_to_image(boxes, size):
    top = torch.tensor([size[0], size[1], size[0], size[1]], dtype=boxes.dtype, device=boxes.device)
    return torch.max(torch.min(boxes, top), torch.zeros_like(boxes))
""",
    ("remove_small_boxes", "either_side"): """
def remove_small_boxes(boxes, min_size):
    keep = [i for i, (a, b, c, d) in enumerate(boxes.tolist()) if max(c - a, d - b) >= min_size]
    return torch.tensor(keep, device=boxes.device, dtype=torch.long)
""",
}


@pytest.mark.parametrize("key", OTHER_WORDS, ids="-".join)
def test_the_diagnosis_looks_at_what_the_function_does(key: tuple[str, str]) -> None:
    expected = next(answer for answer in WRONG if (answer.exercise, answer.name) == key)
    report = grade(key[0], define(OTHER_WORDS[key], key[0], "<other words>"))
    assert report.hint == expected.hint


# Right in odd styles: each must get all points.
ODD = {
    "vmap": """
def one(a, b):
    w = (torch.minimum(a[2], b[2]) - torch.maximum(a[0], b[0])).clamp(min=0)
    h = (torch.minimum(a[3], b[3]) - torch.maximum(a[1], b[1])).clamp(min=0)
    u = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return torch.where(u > 0, w * h / torch.where(u > 0, u, 1), 0)
def box_iou(boxes1, boxes2):
    if len(boxes1) == 0 or len(boxes2) == 0:
        return boxes1.new_zeros(len(boxes1), len(boxes2))
    return torch.vmap(torch.vmap(one, (None, 0)), (0, None))(boxes1, boxes2)
""",
    "epsilon": """
def box_iou(boxes1, boxes2, eps=1e-6):
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    wh = torch.relu(rb - lt)
    inter = wh[..., 0] * wh[..., 1]
    area = lambda b: (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    return inter / (area(boxes1)[:, None] + area(boxes2) - inter + eps)
""",
    "numpy and back": """
import numpy as np
def box_iou(boxes1, boxes2):
    a, b = boxes1.detach().cpu().numpy()[:, None], boxes2.detach().cpu().numpy()[None]
    wh = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    inter = wh.prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - inter
    iou = np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)
    return torch.from_numpy(iou).to(device=boxes1.device, dtype=boxes1.dtype)
""",
    "einsum, expand and repeat": """
def box_iou(boxes1, boxes2):
    n, m = boxes1.shape[0], boxes2.shape[0]
    a = boxes1.unsqueeze(1).expand(n, m, 4).reshape(-1, 4)
    b = boxes2.repeat(n, 1)
    side = (torch.minimum(a, b)[:, 2:] - torch.maximum(a, b)[:, :2]).clamp_min(0)
    inter = torch.einsum("i,i->i", side[:, 0], side[:, 1])
    union = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1]) + (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) - inter
    return torch.nan_to_num(inter / union, nan=0.0).view(n, m)
""",
    "a class with __call__": """
class IoU:
    def __call__(self, boxes1, boxes2):
        lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
        rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
        inter = (rb - lt).clamp(min=0).prod(-1)
        a = (boxes1[:, 2:] - boxes1[:, :2]).prod(-1)
        b = (boxes2[:, 2:] - boxes2[:, :2]).prod(-1)
        return inter / (a[:, None] + b - inter).clamp(min=1e-12)
box_iou = IoU()
""",
    "decorated, cached helpers, seeds and default dtype left changed": """
import functools
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
def quietly(f):
    @functools.wraps(f)
    def inner(*a, **k):
        with torch.no_grad():
            return f(*a, **k)
    return inner
@quietly
def box_iou(boxes1, boxes2):
    out = torch.zeros((len(boxes1), len(boxes2)), dtype=boxes1.dtype, device=boxes1.device)
    for i, a in enumerate(boxes1):
        for j, b in enumerate(boxes2):
            w, h = (torch.min(a[2:], b[2:]) - torch.max(a[:2], b[:2])).clamp(min=0)
            u = (a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - w * h
            if u > 0:
                out[i, j] = w * h / u
    return out
""",
}


@pytest.mark.parametrize("style", ODD)
def test_right_answers_in_odd_styles_get_all_points(style: str) -> None:
    try:
        report = grade("box_iou", define(ODD[style], "box_iou", f"<{style}>"))
    finally:
        torch.set_default_dtype(torch.float32)
    assert report.score == 10, [(row.title, row.detail) for row in report.rows if not row.held]


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(
    "text",
    [
        "def f(*args): raise NotImplementedError()",
        "def f(*args): return args[0]",
        "def f(*args): return torch.zeros(len(args[0]), len(args[1]) if torch.is_tensor(args[-1]) else 4)",
        "def f(*args): raise SystemExit(0)",
        "f = 5.0",
        "class f:\n    def __eq__(self, other): return True",
        *(
            pytest.param(text, marks=pytest.mark.exhaustive)  # repeats it with answers of the same kinds
            for text in (
                "def f(*args): return None",
                "def f(*args): return torch.zeros(len(args[0]))",
                "def f(*args): return torch.zeros(0, dtype=torch.int64)",
                "def f(*args): return torch.ones(len(args[0]), 4).to(args[0])",
                "f = None",
            )
        ),
    ],
)
def test_an_answer_without_idea_earns_nothing(name: str, text: str) -> None:
    report = grade(name, define(text, "f", "<no idea>"), seed=1)  # of all: the reference answers once for each exercise
    assert report.score == 0
    assert report.hint or report.reason


def test_a_mistake_costs_its_own_points_only() -> None:
    """A right IoU that calls the student's own wrong area keeps its points, and the area loses them."""
    by = {(answer.exercise, answer.name): answer for answer in ANSWERS}
    wrong_area = by["box_area", "slides"].function()
    names = {"box_area": wrong_area}
    iou = by["box_iou", "row_by_row"].function(names)
    assert grade("box_iou", iou).score == 10
    assert iou.__globals__["box_area"] is wrong_area
    assert grade("box_area", wrong_area).score == 0


def test_an_answer_may_rely_on_what_only_its_authors_functions_do() -> None:
    text = """
def box_area(boxes, sides=False):
    wh = boxes[:, 2:] - boxes[:, :2]
    return wh if sides else wh[:, 0] * wh[:, 1]
def remove_small_boxes(boxes, min_size):
    return (box_area(boxes, sides=True) >= min_size).all(1).nonzero()[:, 0]
"""
    assert grade("remove_small_boxes", define(text, "remove_small_boxes", "<own>")).score == 3


def test_an_object_that_cannot_be_called_is_told_so_beside_its_authors_functions() -> None:
    text = """
def box_area(boxes):
    return (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
class IoU:
    def call(self, boxes1, boxes2):
        return box_area(boxes1) / box_area(boxes2)
box_iou = IoU()
"""
    report = grade("box_iou", define(text, "box_iou", "<not callable>"))
    assert report.certain
    assert report.score == 0
    assert "IoU" in report.hint


READY_MADE = {
    "box_area": ["torchvision.ops.box_area(boxes)", "library.box_area(boxes)"],
    "box_iou": [
        "torchvision.ops.box_iou(boxes, other)",
        "getattr(torchvision.ops, 'box_' + 'iou')(boxes, other)",
        "importlib.import_module('course.library').box_iou(boxes, other)",
        "torch.div(*torchvision.ops.boxes._box_inter_union(boxes, other))",
    ],
    "clip_boxes_to_image": [
        "torchvision.ops.clip_boxes_to_image(boxes, other)",
        "library.clip_boxes_to_image(boxes, other)",
    ],
    "remove_small_boxes": [
        "torchvision.ops.remove_small_boxes(boxes, other)",
        "library.remove_small_boxes(boxes, other)",
    ],
    "yxyx_to_xyxy": ["library.yxyx_to_xyxy(boxes)"],
}


@pytest.mark.parametrize(("name", "call"), [(name, call) for name, calls in READY_MADE.items() for call in calls])
def test_a_ready_made_operator_scores_0_with_a_polite_reason(name: str, call: str) -> None:
    text = f"""
import importlib
import torchvision
from course import library
def {name}(boxes, other=None):
    return {call}
"""
    report = grade(name, define(text, name, "<ready-made>"))
    assert report.score == 0
    assert "ready-made version" in report.reason
    assert "Please" in report.reason
    assert report.reason in report.html()


def test_a_helper_that_is_not_asked_for_may_be_ready_made() -> None:
    text = """
import torchvision
def remove_small_boxes(boxes, min_size):
    wh = torchvision.ops.box_convert(boxes, "xyxy", "xywh")[:, 2:]
    return torch.where((wh >= min_size).all(1))[0]
"""
    assert grade("remove_small_boxes", define(text, "remove_small_boxes", "<helper>")).score == 3


def test_the_solutions_may_not_be_called_while_autograding(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "from solutions.lab1_boxes.boxes import box_iou"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    report = grade("box_iou", define(text, "box_iou", "<leak>"))
    assert report.score == 0
    assert "solutions.lab1_boxes.boxes.box_iou" in report.reason


def test_the_report_is_a_plain_number_to_nbgrader_and_a_table_to_a_reader() -> None:
    answer = next(a for a in WRONG if a.name == "no_clamp")
    report = grade("box_iou", answer.function())
    bundle = report._repr_mimebundle_()
    assert float(bundle["text/plain"]) == report.score
    assert 0 < report.score < 10
    assert json.loads(json.dumps(bundle[MIME]))["hint"] == answer.hint
    table = bundle["text/html"]
    for row in report.rows:
        assert row.title in table
    assert table.count("✗ fails") == sum(not row.held for row in report.rows) > 0
    assert table.count("✓ holds") == sum(row.held for row in report.rows) > 0
    earned = sum(row.weight for row in report.rows if row.held) / sum(row.weight for row in report.rows)
    assert report.score == round(10 * earned, 2)


def test_the_report_shows_no_input_and_no_expected_value() -> None:
    text = "def box_iou(boxes1, boxes2): return torch.full((len(boxes1), len(boxes2)), 7.0)"
    report = grade("box_iou", define(text, "box_iou", "<sevens>"))
    report = replace(report, seconds=0.0)  # a duration may have the digits of any number
    hidden = set()
    for case in EXERCISES["box_iou"].cases:
        args = case.arguments(report.seed)
        numbers = torch.cat([*[arg.flatten() for arg in args], library.box_iou(*args).flatten()]).tolist()
        hidden |= {f"{number:.{digits}g}" for number in numbers for digits in (4, 6) if number % 1}
    hidden = {number for number in hidden if len(number) >= 5}
    assert len(hidden) > 100
    shown = json.dumps(report._repr_mimebundle_()[MIME]) + report.html()
    assert not [number for number in hidden if number in shown]


def test_the_same_answer_meets_the_same_inputs_and_another_answer_others() -> None:
    inputs: list[list[float]] = []
    text = """
def box_area(boxes):
    record(boxes)
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
"""

    def run(source: str, seed: int | None = None) -> tuple[int, list]:
        inputs.clear()
        function = define(source, "box_area", "<recorded>", {"record": lambda b: inputs.append(b.flatten().tolist())})
        report = grade("box_area", function, seed)
        return report.seed, list(inputs)

    first, again, other = run(text), run(text), run(text + "\n    # another remark\n")
    assert first == again
    assert other[0] != first[0]
    assert other[1] != first[1]
    assert run(text + "\n    # another remark\n", seed=first[0])[1] == first[1]


def test_an_endless_loop_costs_its_exercise_and_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.checking.calling.SECONDS", 0.3)
    calls = []

    def box_area(boxes: Tensor) -> Tensor:
        calls.append(boxes)
        while True:
            boxes = boxes + 1

    report = grade("box_area", box_area)
    assert report.score == 0
    assert "a loop that never ends" in report.hint
    assert "no answer within" in report.rows[1].detail
    assert {row.detail for row in report.rows[2:]} == {"not tried after the time-out"}
    assert len(calls) == 2  # the visible check and the first hidden case


GLOBAL_SETTINGS = [
    "torch.set_default_dtype(torch.float64)",
    "torch.set_default_device('meta')",
    "torch.set_default_device('cuda')",
    "torch.set_grad_enabled(False)",
    "torch.use_deterministic_algorithms(True)",
    "import sys; sys.stderr = None",
    "import cProfile; watch = cProfile.Profile(); watch.enable(); watch.disable()",
]


@pytest.mark.parametrize("setting", GLOBAL_SETTINGS)
@pytest.mark.parametrize("inside", [False, True], ids=["in a cell", "in the function"])
def test_global_settings_cost_nothing(setting: str, inside: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", sys.stderr)  # put back afterwards
    body = "return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"
    text = f"def box_area(boxes):\n    {setting if inside else 'pass'}\n    {body}\n"
    if "device" in setting and inside:
        pytest.skip("a function that moves the default device away is not honest")
    profile = sys.getprofile()
    try:
        report = grade("box_area", define(text if inside else f"{setting}\n{text}", "box_area", "<settings>"))
    finally:
        sys.setprofile(profile)
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
        torch.set_grad_enabled(True)
        torch.use_deterministic_algorithms(False)
    assert report.score == 2, [(row.title, row.detail) for row in report.rows if not row.held]


NEIGHBOURS = """
def box_area(boxes):
    return (boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)
def _iou(boxes1, boxes2, eps):
    lt = torch.max(boxes1[:, None, :2], boxes2[:, :2])
    rb = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    inter = (rb - lt).clamp(min=0).prod(-1)
    return inter / (box_area(boxes1)[:, None] + box_area(boxes2) - inter + eps)
"""
WRAPPINGS = {
    "partial": "import functools\nbox_iou = functools.partial(_iou, eps=1e-9)",
    "object": "class C:\n    def __call__(self, a, b):\n        return _iou(a, b, 1e-9)\nbox_iou = C()",
    "method": "class C:\n    def iou(self, a, b):\n        return _iou(a, b, 1e-9)\nbox_iou = C().iou",
    "module": "class C(torch.nn.Module):\n    def forward(self, a, b):\n        return _iou(a, b, 1e-9)\nbox_iou = C()",
    "decorated": "@torch.no_grad()\ndef box_iou(a, b):\n    return _iou(a, b, 1e-9)",
    "lambda": "box_iou = lambda a, b: _iou(a, b, 1e-9)",
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_mistake_costs_once_however_the_answer_is_wrapped(wrapping: str) -> None:
    report = grade("box_iou", define(NEIGHBOURS + WRAPPINGS[wrapping], "box_iou", f"<{wrapping}>"))
    assert report.score == 10, [(row.title, row.detail) for row in report.rows if not row.held]


def test_a_scripted_answer_is_as_good_as_any_and_a_scripted_operator_is_not() -> None:
    def box_area(boxes: Tensor) -> Tensor:
        return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still used
        mine, theirs = torch.jit.script(box_area), torch.jit.script(ops.box_area)
    assert grade("box_area", mine).score == 2
    report = grade("box_area", theirs)
    assert report.score == 0
    assert "ready-made" in report.reason


SLIPS = {  # wrong in one way only: (exercise, text, words of the hint)
    "dtype": ("box_area", "(boxes[:, 2:] - boxes[:, :2]).prod(1).double()", "keep the dtype"),
    "int32": ("remove_small_boxes", "((boxes[:, 2:] - boxes[:, :2]) >= other).all(1).nonzero()[:, 0].int()", "int64"),
    "squeezed": (
        "box_area",
        "(boxes[:, 2:3] - boxes[:, :1]).mul(boxes[:, 3:] - boxes[:, 1:2]).squeeze()",
        "list of one",
    ),
    "on the CPU": (
        "box_area",
        "(boxes[:, 2:] - boxes[:, :2]).prod(1) + torch.zeros(len(boxes), dtype=boxes.dtype)",
        "GPU",
    ),
    "the same tensor": (
        "clip_boxes_to_image",
        "boxes if (out := torch.stack([boxes[:, ::2].clamp(0, other[1]), boxes[:, 1::2].clamp(0, other[0])], 2)"
        ".flatten(1))"
        ".equal(boxes) else out",
        "new tensor",
    ),
    "a written argument": (
        "box_area",
        "(boxes.abs_() * 0 + boxes)[:, 2:].prod(1) if 0 else _area(boxes)",
        "changes its own",
    ),
    "equal boxes": (
        "remove_small_boxes",
        "torch.tensor([boxes.tolist().index(b) for b in boxes.tolist()"
        " if b[2] - b[0] >= other and b[3] - b[1] >= other],"
        " dtype=torch.int64, device=boxes.device)",
        "positions",
    ),
    "a misspelt name": ("box_area", "(boxes[:, 2:] - boxs[:, :2]).prod(1)", "name 'boxs' is not defined"),
    "None": ("clip_boxes_to_image", "None", "None instead of a torch.Tensor. Nothing came back"),
    "a list": ("box_area", "[1.0]", "list instead of a torch.Tensor"),
    "sparse": ("box_area", "(boxes[:, 2:] - boxes[:, :2]).prod(1).to_sparse()", "sparse"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_costs_something_and_is_called_by_its_name(slip: str) -> None:
    exercise, expression, words = SLIPS[slip]
    text = f"""
def _area(boxes):
    flat = boxes[:, 2] == boxes[:, 0]
    boxes[flat, 3] = boxes[flat, 1]
    return (boxes[:, 2:] - boxes[:, :2]).prod(1)
def {exercise}(boxes, other=None):
    return {expression}
"""
    report = grade(exercise, define(text, exercise, f"<{slip}>"))
    assert report.score < report.points
    assert words in report.hint
    if slip not in ("a misspelt name", "None", "a list", "sparse"):
        assert report.score > report.points / 2


@pytest.mark.parametrize(
    "text",
    [
        "class T(torch.Tensor):\n    shape = property(lambda self: 1 / 0)\nf = lambda *a: torch.ones(3).as_subclass(T)",
        "class E(Exception):\n    def __str__(self): raise SystemExit\ndef f(*a): raise E",
        "def f(*a): raise ValueError('y' * 10**7)",
        "def f(*a): return [0.0] * 10**5",
        "def f(*a): return torch.zeros(3, device='meta')",
        "def f(*a): return f(*a)",
        "def f(*a): return f\nf.__wrapped__ = f",
        "class G:\n    def __getattr__(self, name): return self\n    def __call__(self, *a): return 1\nf = G()",
        "def f(*a): return torch.quantize_per_tensor(torch.ones(3), 1.0, 0, torch.qint8)",
    ],
)
def test_nothing_that_an_answer_does_stops_the_grader(text: str) -> None:
    report = grade("box_area", define(text, "f", "<odd>"))
    assert report.score == 0
    assert len(json.dumps(report._repr_mimebundle_()[MIME])) < 50_000


def test_warnings_made_errors_by_the_student_do_no_harm() -> None:
    answer = next(a for a in RIGHT if a.name == "noisy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert grade("box_iou", answer.function()).score == 10


def test_an_unknown_exercise_is_named() -> None:
    with pytest.raises(ValueError, match=r"no exercise is called 'iou'; there are yxyx_to_xyxy, box_area"):
        grade("iou", lambda: None)


def test_the_points_are_those_of_the_course() -> None:
    """As the course was designed; what somebody adds has the points of its cell."""
    designed = {
        "yxyx_to_xyxy": 2,
        "box_area": 2,
        "box_iou": 10,
        "clip_boxes_to_image": 3,
        "remove_small_boxes": 3,
        "anchor_shapes": 3,
        "grid_anchors": 6,
        "inside_image": 2,
        "label_anchors": 8,
        "sample_labels": 6,
        "encode_boxes": 5,
        "decode_boxes": 5,
        "RPNHead": 8,
        "rpn_loss": 9,
        "nms": 9,
        "make_proposals": 9,
        "sample_rois": 8,
        "roi_pool": 5,
        "bilinear_sample": 3,
        "roi_align": 7,
        "BoxHead": 4,
        "detection_loss": 4,
        "postprocess_detections": 4,
        "FPN": 7,
        "roi_level": 3,
        "upsample_1d": 2,
        "upsample_2d": 3,
        "MaskHead": 5,
        "mask_targets": 3,
        "mask_loss": 4,
        "paste_mask": 3,
        "KeypointHead": 6,
        "keypoints_to_heatmap": 5,
        "keypoint_loss": 4,
        "heatmaps_to_keypoints": 5,
        "average_precision": 8,
        "detect": 5,
        "culprit": 6,
        "photo_losses": 6,
    }
    assert {name: EXERCISES[name].points for name in designed} == designed


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda exercise: exercise.name)
def test_the_reference_and_torchvision_get_full_marks(exercise) -> None:
    """With each as the other's judge: the cases hold for two independent implementations."""
    assert judge(exercise, exercise.reference, seed=1).score == exercise.points
    independent = getattr(library, exercise.name, None)
    if independent is None:  # no part, but parts at work
        return
    free = replace(exercise, check=replace(exercise.check, ready_made=()), reference=independent)
    assert judge(free, exercise.reference, seed=2).score == exercise.points


@pytest.mark.gpu
@pytest.mark.parametrize("name", [name for name in EXERCISES if name not in ON_THE_CPU])
def test_every_case_holds_on_cuda(name: str) -> None:
    exercise = EXERCISES[name]
    for case in exercise.cases:
        if "elsewhere" in case.run.__name__:  # labelled tensors are only said to be on a GPU
            continue
        there = case.run(_on_cuda(exercise.reference), case.arguments(seed=3))
        wanted = case.run(exercise.reference, case.arguments(seed=3))
        torch.testing.assert_close(there, wanted, rtol=case.rtol, atol=case.atol, equal_nan=True)


def _on_cuda(function):
    """``function`` with its tensors moved to a GPU, and its answer moved back."""

    def moved(*args, **options):
        there = tree_map(lambda leaf: leaf.cuda() if isinstance(leaf, Tensor) else leaf, args)
        return tree_map(lambda leaf: leaf.cpu() if isinstance(leaf, Tensor) else leaf, function(*there, **options))

    return moved
