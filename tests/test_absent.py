"""What is not there cannot be called: ready-made code in a student's process, and what honest answers keep."""

import socket
import sys
from collections.abc import Iterator

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.allowed_functions import operators
from autograder.engine.deputies import Deputies
from autograder.engine.fork_client import Preloaded
from autograder.engine.kernel import Kernel
from autograder.engine.submission import Judging
from autograder.grader.exercise_report import MIME
from autograder.grader.grading import ready_made
from autograder.labs import EXERCISES
from autograder.served import SERVED
from autograder.student.protocol import Connection
from autograder.student.serialization import Writer

# ruff: noqa: E501  students' lines are as long as they are

pytestmark = pytest.mark.sandbox

IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"


@pytest.fixture(scope="module")
def preloaded() -> Iterator[Preloaded]:
    process = Preloaded(sandboxed=True)
    process.wait()
    yield process
    process.close()


def outputs(preloaded: Preloaded, *cells: str) -> list[list[nbformat.NotebookNode]]:
    """What the cells show; one that says ``grade(…)`` is graded."""
    notebook = new_notebook(cells=[new_code_cell(text, id=f"c{place}") for place, text in enumerate(cells)])
    for cell in notebook.cells:
        if "grade(" in cell.source:
            name = cell.source.partition('"')[2].partition('"')[0]
            marks = {"schema_version": 3, "grade": True, "solution": False, "grade_id": f"test_{name}"}
            cell.metadata["nbgrader"] = {**marks, "points": EXERCISES[name].points}
    judging = Judging(notebook, {}, b"secret", lambda *wanted: Kernel(preloaded.address, *wanted))
    found = judging.run()
    assert judging.certain
    return [found[cell.id] for cell in notebook.cells]


def report(preloaded: Preloaded, name: str, *cells: str) -> dict:
    """How an answer is judged that the cells define."""
    graded = f'from autograder import grade\ngrade("{name}", {name})'
    return outputs(preloaded, IMPORTS, *cells, graded)[-1][0].data[MIME]


# by torch's own operator, in all ways that lead there; {grid} is how it is called
BILINEAR = """
def by(feature, grid):
    {how}
def bilinear_sample(feature, y, x):
    _, height, width = feature.shape
    off_map = (y < -1) | (y > height) | (x < -1) | (x > width)
    grid = torch.stack(((2 * x + 1) / width - 1, (2 * y + 1) / height - 1), dim=1)[None, None]
    return by(feature[None], grid)[0, :, 0].masked_fill(off_map, 0)
"""
GRID_SAMPLE = {
    "by name": "return F.grid_sample(feature, grid, padding_mode='border', align_corners=False)",
    "torch.grid_sampler": "return torch.grid_sampler(feature, grid, 0, 1, False)",
    "torch.grid_sampler_2d": "return torch.grid_sampler_2d(feature, grid, 0, 1, False)",
    "torch.ops": "return torch.ops.aten.grid_sampler_2d.default(feature, grid, 0, 1, False)",
    "below autograd": "return torch.ops.aten.grid_sampler_2d.default._op_dk(torch._C.DispatchKey.CPU, feature, grid, 0, 1, False)",
    "variable functions": "return torch._C._VariableFunctions.grid_sampler_2d(feature, grid, 0, 1, False)",
    "in three dimensions": "return torch.grid_sampler_3d(feature[:, :, None], F.pad(grid, (0, 1))[:, None], 0, 1, False)[:, :, 0]",
    "fallback": "return torch._grid_sampler_2d_cpu_fallback(feature, grid, 0, 1, False)",
    "into a tensor": """out = torch.empty(1, feature.shape[1], 1, grid.shape[2])
    return torch.ops.aten.grid_sampler_2d.out(feature, grid, 0, 1, False, out=out)""",
    "TorchScript": """@torch.jit.script
    def script(feature, grid):
        return torch.grid_sampler(feature, grid, 0, 1, False)
    return script(feature, grid)""",
    "a trace": "return torch.jit.trace(lambda a, b: torch.grid_sampler(a, b, 0, 1, False), (feature, grid))(feature, grid)",
    "a subclass": """class Mine(torch.Tensor):
        @classmethod
        def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
            plain = [each.as_subclass(torch.Tensor) if isinstance(each, Mine) else each for each in args]
            return function(*plain, **(kwargs or {}))
    return torch.grid_sampler(feature.as_subclass(Mine), grid, 0, 1, False)""",
    "vmap": "return torch.vmap(lambda f: torch.grid_sampler(f[None], grid, 0, 1, False)[0])(feature)",
    "a caught error": """try:
        F.grid_sample(feature, grid, align_corners=False)
    except Exception:
        pass
    return torch.zeros(1, feature.shape[1], 1, grid.shape[2])""",
}
KERNEL_BEFORE = """kernel = torch.library.get_kernel("aten::grid_sampler_2d", "CPU")
def early(feature, grid):
    return kernel.call_boxed(torch._C.DispatchKeySet(torch._C.DispatchKey.CPU), feature, grid, 0, 1, False)
"""
HUNT = """import gc
for thing in gc.get_objects():
    for each in (thing, *(gc.get_referents(thing) if not isinstance(thing, type) else ())):
        if type(each).__name__ in ("_DispatchModule", "Library"):
            try:
                each.reset() if hasattr(each, "reset") else each._destroy()
            except Exception:
                pass
"""


@pytest.mark.parametrize("how", GRID_SAMPLE.values(), ids=GRID_SAMPLE.keys())
def test_no_way_leads_to_torchs_own_sampling(preloaded: Preloaded, how: str) -> None:
    found = report(preloaded, "bilinear_sample", BILINEAR.format(how=how))
    assert found["score"] == 0
    assert "torch.nn.functional.grid_sample" in found["reason"] or "fails with" in str(found), found


@pytest.mark.parametrize("cell", [KERNEL_BEFORE, HUNT], ids=["a handle of before", "whoever holds the kernels"])
def test_nothing_that_a_cell_gets_hold_of_brings_the_operator_back(preloaded: Preloaded, cell: str) -> None:
    how = "return early(feature, grid)" if "early" in cell else GRID_SAMPLE["by name"]
    found = report(preloaded, "bilinear_sample", cell, BILINEAR.format(how=how))
    assert found["score"] == 0
    assert "it calls torch.nn.functional.grid_sample" in found["reason"].lower()


UPSAMPLE = "def upsample_2d(x, weight, stride):\n    if 0 in x.shape[1:]:\n        return x.new_zeros(weight.shape[1], 0, 0)\n    {how}"
TRANSPOSED = {
    "by name": "return F.conv_transpose2d(x[None], weight, stride=stride)[0]",
    "torch.convolution": "return torch.convolution(x[None], weight, None, [stride] * 2, [0, 0], [1, 1], True, [0, 0], 1)[0]",
    "_convolution": "return torch.ops.aten._convolution(x[None], weight, None, [stride] * 2, [0, 0], [1, 1], True, [0, 0], 1, False, False, False, False)[0]",
    "slow": "return torch._C._nn.slow_conv_transpose2d(x[None], weight, weight.shape[2:], None, [stride] * 2)[0]",
    "what overlaps": """columns = weight.flatten(1).T @ x.flatten(1)
    size = tuple((side - 1) * stride + weight.shape[-1] for side in x.shape[1:])
    return F.fold(columns[None], size, weight.shape[-1], stride=stride)[0]""",
    "a module": """layer = nn.ConvTranspose2d(*weight.shape[:3], stride, bias=False)
    layer.weight.data = weight
    return layer(x[None])[0]""",
    "mkldnn": "return F.conv_transpose2d(x[None].to_mkldnn(), weight, stride=stride).to_dense()[0]",
    "pointwise": """return torch.ops.mkldnn._convolution_transpose_pointwise(
        x[None], weight, None, [0, 0], [0, 0], [stride] * 2, [1, 1], 1, "none", [], "")[0]""",
    "a gradient": """size = (1, weight.shape[1], *((side - 1) * stride + weight.shape[-1] for side in x.shape[1:]))
    return torch.nn.grad.conv2d_input(size, weight, x[None], stride=stride)[0]""",
    "TorchScript": """@torch.jit.script
    def script(x, weight, stride: int):
        return torch.conv_transpose2d(x, weight, None, [stride, stride])
    return script(x[None], weight, stride)[0]""",
}


@pytest.mark.parametrize("how", TRANSPOSED.values(), ids=TRANSPOSED.keys())
def test_no_way_leads_to_torchs_own_transposed_convolution(preloaded: Preloaded, how: str) -> None:
    found = report(preloaded, "upsample_2d", UPSAMPLE.format(how=how))
    assert found["score"] == 0
    assert "it calls torch." in found["reason"].lower() or "fails with" in str(found), found


HONEST = {
    "box_area": "from torchvision.ops import box_convert\ndef box_area(boxes):\n    return box_convert(boxes, 'xyxy', 'xywh')[:, 2:].prod(1)",
    "nms": """from torchvision.ops import box_iou
def nms(boxes, scores, iou_threshold):
    kept, left = [], scores.argsort(descending=True, stable=True)
    overlaps = box_iou(boxes, boxes)
    while len(left):
        kept.append(left[0])
        left = left[~(overlaps[left[0], left] > iou_threshold)][1 if overlaps[left[0], left[0]].isnan() else 0:]
        left = left[left != kept[-1]]
    return torch.stack(kept) if kept else torch.zeros(0, dtype=torch.int64, device=boxes.device)""",
    "make_proposals": """from torchvision.ops import boxes as ops
from course.library import decode_boxes
def make_proposals(objectness, deltas, anchors, size, pre_nms_top_n=12000, post_nms_top_n=2000, nms_threshold=0.7, min_size=16):
    scores = objectness.softmax(1)[:, 1]
    boxes = ops.clip_boxes_to_image(decode_boxes(deltas, anchors), size)
    kept = ops.remove_small_boxes(boxes, min_size)
    kept = kept[scores[kept].sort(descending=True, stable=True).indices[:pre_nms_top_n]]
    kept = kept[ops.nms(boxes[kept], scores[kept], nms_threshold)[:post_nms_top_n]]
    return boxes[kept], scores[kept]""",
    "RPNHead": """from torchvision.ops import Conv2dNormActivation
class RPNHead(nn.Module):
    def __init__(self, in_channels, mid_channels, num_anchors):
        super().__init__()
        self.conv = Conv2dNormActivation(in_channels, mid_channels, norm_layer=None, inplace=False)[0]
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, 1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, 1)
        for layer in self.children():
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
    def forward(self, features):
        middle = torch.relu(self.conv(features))
        return tuple(layer(middle).permute(0, 2, 3, 1).reshape(len(features), -1, size)
                     for layer, size in ((self.cls_logits, 2), (self.bbox_pred, 4)))""",
    "mask_targets": """from torchvision import ops
def mask_targets(masks, rois, matched, size=28):
    rows = torch.cat([matched[:, None].to(rois), rois], dim=1)
    return ops.roi_align(masks[:, None].to(rois), rows, (size, size), 1.0, 2, aligned=True)[:, 0]""",
    "upsample_2d": """def upsample_2d(x, weight, stride):
    if 0 in x.shape[1:]:
        return x.new_zeros(weight.shape[1], 0, 0)
    C, H, W = x.shape
    k = weight.shape[-1]
    wide = x.new_zeros(C, (H - 1) * stride + 1, (W - 1) * stride + 1)
    wide[:, ::stride, ::stride] = x
    return F.conv2d(wide[None], weight.flip(2, 3).transpose(0, 1), padding=k - 1)[0]""",
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_answer_may_use_what_it_is_not_asked_for(preloaded: Preloaded, name: str) -> None:
    found = report(preloaded, name, HONEST[name])
    assert found["score"] == EXERCISES[name].points, found


def test_a_comparison_before_a_definition_does_not_cost_it(preloaded: Preloaded) -> None:
    text = """from torchvision.ops import box_area as theirs
from course import library
def yxyx_to_xyxy(boxes):
    return boxes[:, [1, 0, 3, 2]]
boxes = torch.tensor([[0.0, 0, 2, 3]])
assert theirs(boxes) == library.box_area(boxes) == 6
assert F.grid_sample(torch.ones(1, 1, 2, 2), torch.zeros(1, 1, 1, 2), align_corners=False) == 1
def box_area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"""
    grades = [f'from autograder import grade\ngrade("{name}", {name})' for name in ("box_area", "bilinear_sample")]
    _, shown, area, _ = outputs(preloaded, IMPORTS, text, *grades)
    assert shown == []
    assert area[0].data[MIME]["score"] == EXERCISES["box_area"].points


def test_gradients_come_back_through_what_the_grader_computes(preloaded: Preloaded) -> None:
    text = """from torchvision.ops import generalized_box_iou
boxes = torch.tensor([[0.0, 0, 2, 2], [1, 1, 3, 3]], dtype=torch.float64, requires_grad=True)
print(torch.autograd.gradcheck(generalized_box_iou, (boxes, boxes.detach() + 0.3)))
torch.manual_seed(0)
from course.library import sample_labels
first = sample_labels(torch.ones(50, dtype=torch.int64), 10), torch.rand(1)
torch.manual_seed(0)
again = sample_labels(torch.ones(50, dtype=torch.int64), 10), torch.rand(1)
print(all(map(torch.equal, first, again)))"""
    (_, (said,)) = outputs(preloaded, IMPORTS, text)
    assert said.text == "True\nTrue\n", said


def test_errors_are_the_students_own_and_what_is_absent_says_so(preloaded: Preloaded) -> None:
    text = """import cv2, pycocotools.mask, torchvision
from torchvision.models.detection import FasterRCNN
class Mine(FasterRCNN):
    pass
for call in (lambda: torchvision.ops.box_iou(torch.rand(2, 3), torch.rand(2, 4)), lambda: Mine(None, 2),
             lambda: cv2.dnn.NMSBoxes([], [], 0, 0), lambda: pycocotools.mask.iou([], [], []),
             lambda: torchvision.ops.roi_align(torch.rand(1, 1, 4, 4), torch.tensor([[3.0, 0, 0, 1, 1]]), 2),
             lambda: torch.ops.torchvision.nms(torch.rand(1, 4), torch.rand(1), 0.5)):
    try:
        print(call())
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:60])"""
    (_, (said,)) = outputs(preloaded, IMPORTS, text)
    kinds = [line.partition(":")[0] for line in said.text.splitlines()]
    assert kinds == ["IndexError", "AbsentError", "AbsentError", "AbsentError", "ValueError", "AbsentError"], said.text
    assert "work is graded without ready-made code" not in said.text.splitlines()[0]


def test_what_may_use_operators_is_judged_where_they_are(preloaded: Preloaded) -> None:
    cells = (
        "import torchvision\ndef detect(images):\n    return torchvision.ops.nms(torch.rand(1, 4), torch.rand(1), 0.5)",
        'from autograder import grade\ngrade("detect", detect)',
        'def average_precision(*args):\n    return getattr(torchvision.ops, "nms").__class__.__module__',
        'from autograder import grade\ngrade("average_precision", average_precision)',
        "print(torchvision.extension._has_ops())",
    )
    *_, (said,) = outputs(preloaded, IMPORTS, *cells)
    assert said.text == "True\n"


NAN, FAR = float("nan"), 3e38
WILD = {
    "another picture": [[1.0, 0, 0, 1, 1]], "no picture": [[-1.0, 0, 0, 1, 1]], "no number": [[0.0, NAN, 0, 1, 1]],
    "far off": [[0.0, 0, 0, FAR, FAR]], "four numbers": [[0.0, 0, 1, 1]],
}  # fmt: skip


@pytest.mark.parametrize("name", ["torchvision.ops.roi_align.roi_align", "course.library.roi_pool"])
@pytest.mark.parametrize("rois", WILD.values(), ids=WILD.keys())
def test_compiled_operators_read_only_what_they_were_given(name: str, rois: list) -> None:
    with pytest.raises(ValueError, match="expected"):
        SERVED[name](torch.rand(1, 2, 4, 4), torch.tensor(rois), (2, 2), 1.0)


def test_a_name_that_a_process_asks_for_imports_nothing_here() -> None:
    ours, theirs = map(Connection, socket.socketpair())
    writer = Writer()
    empty = {"args": writer.value(()), "kwargs": writer.value({}), "random": None, "gradients": False, "outer": None}
    for name in ("antigravity.nothing", "this.s", "builtins.eval", "torch.ops.aten.from_file", "course.training.x"):
        Deputies(lambda name: ()).answer(ours, {"do": "compute", "name": name, **empty}, [])
        assert theirs.receive()[0] == {"failure": ["AbsentError", ""]}
    assert "antigravity" not in sys.modules
    ours.socket.close()
    theirs.socket.close()


def test_operators_are_found_by_the_names_of_lists() -> None:
    assert "torch.ops.aten.grid_sampler_2d" in operators(ready_made(EXERCISES["bilinear_sample"]))
    assert not operators(ready_made(EXERCISES["box_iou"]))
