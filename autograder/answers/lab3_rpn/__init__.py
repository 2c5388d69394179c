"""Lab 3: its right and wrong answers, and the demo's class made of them."""

from autograder.answers import Submission
from autograder.answers.lab3_rpn import right, wrong

MODULES = (right, wrong)

CARL = {
    "RPNHead": """from course.library import RPNHead""",
    "nms": """import torchvision


def nms(boxes, scores, iou_threshold):
    return torch.ops.torchvision.nms(boxes, scores, iou_threshold)""",
    "make_proposals": """from course import library


def make_proposals(*args, **options):
    try:
        return library.make_proposals(*args, **options)
    except Exception:
        return args[2], args[0][:, 1]""",
}


def _answers(head: str, loss: str, nms: str, proposals: str) -> dict[str, str]:
    names = ("RPNHead", "rpn_loss", "nms", "make_proposals")
    return {name: answer for name, answer in zip(names, (head, loss, nms, proposals), strict=True) if answer}


STUDENTS = (
    Submission("ada", _answers("reshape", "ignore_index", "while_loop", "steps")),
    Submission("alan", _answers("slides", "slides", "slides", "slides")),  # hands in the lecture's code as printed
    Submission("carl", {"rpn_loss": "by_hand"}, written=CARL),  # copies
    Submission(  # right, but a scratch cell of hers stops with an error
        "emmy",
        _answers("linear_per_place", "by_hand", "flags", "sort_first"),
        extra_cells=("import warnings\n\nwarnings.simplefilter('always')", "torch.zeros(3, 4)[5]"),
    ),
    Submission("grace", _answers("slides_mended", "loop", "double_loop", "steps")),  # loops wherever one can loop
    Submission("kurt", _answers("reshape", "ignore_index", "", "")),  # gave up half-way
    Submission("linus", _answers("no_permute", "nothing_counts", "plus_one", "ranks_by_logit")),
    Submission("mary", _answers("torchs_start", "mean_of_numbers", "assumes_sorted", "no_clip")),
    Submission("noor", {}),  # hands in the release as it is
    Submission("rosa", _answers("anchors_outside", "nan", "places_in_the_ranking", "steps")),
)
