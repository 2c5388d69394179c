"""Lab 5 in the grader: what is ready-made, what may be used, and a lab of two notebooks from hand-in to report."""

import shutil
from pathlib import Path

import pytest

from autograder import grade
from autograder.commands import class_report, demo, notebooks
from autograder.commands.class_results import collect
from autograder.grader.answers import define
from autograder.labs import answers, students

LAB = "lab5_fpn_mask"

READY_MADE = {
    "upsample_1d": [
        "return F.conv_transpose1d(x[None, None], weight[None, None], stride=stride)[0, 0]",
        "return getattr(torch, 'conv_' + 'transpose1d')(x[None, None], weight[None, None], stride=stride)[0, 0]",
        "return torch.convolution(x[None, None], weight[None, None], None, [stride], [0], [1], True, [0], 1)[0, 0]",
        "return torch.ops.aten.conv_transpose1d(x[None, None], weight[None, None], None, [stride])[0, 0]",
        "layer = nn.ConvTranspose1d(1, 1, len(weight), stride, bias=False)\n"
        "    layer.weight = nn.Parameter(weight[None, None])\n    return layer(x[None, None])[0, 0]",
        "from course import library\n    return library.upsample_1d(x, weight, stride)",
    ],
    "upsample_2d": [
        "return F.conv_transpose2d(x[None], weight, stride=stride)[0]",
        "try:\n        return F.conv_transpose2d(x[None], weight, stride=stride)[0]\n"
        "    except Exception:\n        return x.new_zeros(weight.shape[1], 5, 5)",
    ],
    "mask_loss": [
        "from torchvision.models.detection.roi_heads import maskrcnn_loss\n"
        "    rois = torch.zeros(len(x), 4)\n    rois[:, 2:] = weight.shape[-1]\n"
        "    return maskrcnn_loss(x, [rois], [stride], [weight], [torch.arange(len(x))])"
    ],
    "mask_targets": [
        "from torchvision.models.detection.roi_heads import project_masks_on_boxes\n"
        "    return project_masks_on_boxes(x, weight - 0.5, stride, 28)"
    ],
    "paste_mask": [
        "from torchvision.models.detection.roi_heads import paste_masks_in_image\n"
        "    return paste_masks_in_image(x[None, None], weight[None], stride)[0, 0] >= 0.5"
    ],
    "roi_level": [
        "from torchvision.ops.poolers import LevelMapper\n    return LevelMapper(2, 5)([x]) + 2",
    ],
}


@pytest.mark.parametrize(("name", "body"), [(name, body) for name, bodies in READY_MADE.items() for body in bodies])
def test_a_ready_made_operator_scores_0_with_a_polite_reason(name: str, body: str) -> None:
    report = grade(name, define(f"def {name}(x, weight=2, stride=5, size=28):\n    {body}\n", name, "<ready-made>"))
    assert report.score == 0
    assert "ready-made version" in report.reason
    assert "Please" in report.reason


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("FPN", "from course.library import FPN"),
        (
            "FPN",
            "from torchvision.ops import FeaturePyramidNetwork\n"
            "class FPN(nn.Module):\n"
            "    def __init__(self, channels, width):\n"
            "        super().__init__()\n"
            "        self.inside = FeaturePyramidNetwork(channels, width)\n",
        ),
        ("MaskHead", "from course.library import MaskHead"),
        (
            "MaskHead",
            "from torchvision.models.detection import mask_rcnn\n"
            "class MaskHead(nn.Module):\n"
            "    def __init__(self, inner, hidden, classes):\n"
            "        super().__init__()\n"
            "        self.head = mask_rcnn.MaskRCNNHeads(inner, [hidden] * 4, 1)\n"
            "        self.predictor = mask_rcnn.MaskRCNNPredictor(hidden, hidden, classes)\n",
        ),
    ],
)
def test_a_ready_made_module_scores_0_with_a_polite_reason(name: str, text: str) -> None:
    report = grade(name, define(text, name, "<ready-made>"))
    assert report.score == 0
    assert "ready-made version" in report.reason


def test_what_is_not_asked_for_may_be_used() -> None:
    """A transposed convolution in the head, ordinary convolutions and ``fold`` in up-sampling, roi_align in targets."""
    used = {
        "MaskHead": "functional",
        "upsample_1d": "zeros_between",
        "upsample_2d": "fold",
        "mask_targets": "torchvision",
    }
    for answer in answers(LAB):
        if used.get(answer.exercise) == answer.name:
            report = grade(answer.exercise, answer.function())
            assert report.score == report.points, answer


MISSING = "This notebook cannot be graded: it is missing in the submission."

# --- two notebooks -------------------------------------------------------------------------------------------


def test_a_hand_in_puts_each_answer_into_its_own_notebook(tmp_path: Path) -> None:
    shutil.copytree(notebooks.ROOT / "release" / LAB, tmp_path / "release" / LAB)
    assert demo.hand_in(LAB, tmp_path) == len(students(LAB))
    written = {}
    for name in ("fpn", "mask"):
        handed_in = notebooks.read(tmp_path / "submitted" / "ada" / LAB / f"{name}.ipynb")
        cells = notebooks.to_write(handed_in)
        assert all("NotImplementedError" not in cell.source for cell in cells.values())
        written[name] = set(cells)
    assert written["fpn"] == {"FPN", "roi_level"}
    assert written["mask"] == {"upsample_1d", "upsample_2d", "MaskHead", "mask_targets", "mask_loss", "paste_mask"}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which ada, kurt (the first half) and noor (nothing) handed in both notebooks, and rosa only one."""
    course = tmp_path_factory.mktemp("two") / "course"
    notebooks.generate(LAB, course)
    demo.hand_in(LAB, course)
    for folder in (course / "submitted").iterdir():
        if folder.name not in ("ada", "kurt", "noor", "rosa"):
            shutil.rmtree(folder)
    (course / "submitted" / "rosa" / LAB / "mask.ipynb").unlink()
    notebooks.nbgrader("autograde", LAB, course=course)
    notebooks.nbgrader("generate_feedback", LAB, course=course)
    return course


def test_both_notebooks_count_and_one_that_is_missing_is_told(graded: Path) -> None:
    class_ = {student.name: student for student in collect(graded, LAB)}
    assert {student.points for student in class_.values()} == {30}
    order = [result.exercise for result in class_["ada"].results]
    assert order[:2] == ["FPN", "roi_level"]
    assert len(order) == len(set(order)) == 8
    assert class_["ada"].score == 30
    assert class_["kurt"].score == 10
    assert class_["noor"].score == 0
    rosa = {result.exercise: result for result in class_["rosa"].results}
    assert [result.exercise for result in class_["rosa"].results] == order
    assert rosa["mask_loss"].hint == MISSING
    assert rosa["mask_loss"].score == 0
    assert rosa["FPN"].hint.startswith("The laterals are missing")


def test_the_report_and_the_feedback_show_both(graded: Path, tmp_path: Path) -> None:
    class_report.write(collect(graded, LAB), LAB, [], tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert MISSING in page
    header = (tmp_path / "grades.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header[:4] == ["student", "name", "FPN", "roi_level"]
    assert len(header) == 2 + 8 + 4
    pages = sorted(path.name for path in (graded / "feedback" / "ada" / LAB).glob("*.html"))
    assert pages == ["fpn.html", "mask.html"]
