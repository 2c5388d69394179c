"""Lab 3: the demo's class, made of its right and wrong answers."""

from autograder.grader.answers import Submission

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


STUDENTS = (
    Submission(
        "ada",
        {"RPNHead": "reshape", "rpn_loss": "ignore_index", "nms": "while_loop", "make_proposals": "steps"},
    ),
    Submission(  # hands in the lecture's code as printed
        "alan",
        {"RPNHead": "slides", "rpn_loss": "slides", "nms": "slides", "make_proposals": "slides"},
    ),
    Submission("carl", {"rpn_loss": "by_hand"}, written=CARL),  # copies
    Submission(  # right, but a scratch cell of hers stops with an error
        "emmy",
        {"RPNHead": "linear_per_place", "rpn_loss": "by_hand", "nms": "flags", "make_proposals": "sort_first"},
        extra_cells=("import warnings\n\nwarnings.simplefilter('always')", "torch.zeros(3, 4)[5]"),
    ),
    Submission(  # loops wherever one can loop
        "grace",
        {"RPNHead": "slides_mended", "rpn_loss": "loop", "nms": "double_loop", "make_proposals": "steps"},
    ),
    Submission("kurt", {"RPNHead": "reshape", "rpn_loss": "ignore_index"}),  # gave up half-way
    Submission(
        "linus",
        {"RPNHead": "no_permute", "rpn_loss": "nothing_counts", "nms": "plus_one", "make_proposals": "ranks_by_logit"},
    ),
    Submission(
        "mary",
        {
            "RPNHead": "torchs_start",
            "rpn_loss": "mean_of_numbers",
            "nms": "assumes_sorted",
            "make_proposals": "no_clip",
        },
    ),
    Submission("noor", {}),  # hands in the release as it is
    Submission(
        "rosa",
        {"RPNHead": "anchors_outside", "rpn_loss": "nan", "nms": "places_in_the_ranking", "make_proposals": "steps"},
    ),
)
