"""Lab 5: its right and wrong answers, and the demo's class made of them. Both halves of the lab are handed in."""

from autograder.answers import Submission
from autograder.answers.lab5_fpn_mask import right, wrong_fpn, wrong_mask

MODULES = (right, wrong_fpn, wrong_mask)

CARL = {
    "FPN": """from course.library import FPN""",
    "upsample_1d": """def upsample_1d(x, weight, stride):
    return F.conv_transpose1d(x[None, None], weight[None, None], stride=stride)[0, 0]""",
    "upsample_2d": """def upsample_2d(x, weight, stride):
    layer = nn.ConvTranspose2d(*weight.shape[:2], weight.shape[2], stride, bias=False)
    layer.weight = nn.Parameter(weight)
    return layer(x[None])[0]""",
}


def _submission(student: str, *answers: str) -> Submission:
    """A student's answers by name, in the order of both notebooks; those that are missing stay unwritten."""
    exercises = (
        "FPN",
        "roi_level",
        "upsample_1d",
        "upsample_2d",
        "MaskHead",
        "mask_targets",
        "mask_loss",
        "paste_mask",
    )
    return Submission(student, dict(zip(exercises, answers, strict=False)))


STUDENTS = (
    _submission("ada", "by_index", "formula", "copies", "cells", "functional", "one_by_one", "softplus", "every_pixel"),
    Submission(  # copies
        "carl", {"roi_level": "formula", "MaskHead": "sequential", "mask_targets": "torchvision"}, written=CARL
    ),
    _submission("emmy", "recursive", "counted", "index_add", "fold", "einsum", "by_hand", "gather", "grid_sample"),
    _submission(  # loops wherever one can loop
        "grace",
        "reversed",
        "one_by_one",
        "zeros_between",
        "zeros_between",
        "sequential",
        "by_hand",
        "one_by_one",
        "loop",
    ),
    _submission("kurt", "by_index", "formula"),  # gave up after the first half
    _submission(
        "linus",
        "outputs_added",
        "nearest",
        "overwritten",
        "overwritten",
        "no_relu_on_conv5",
        "own_number",
        "over_classes",
        "squeezed",
    ),
    _submission(
        "mary",
        "factor_two",
        "place",
        "flipped",
        "out_and_in",
        "sigmoid",
        "not_aligned",
        "channel_one",
        "torchvisions",
    ),
    _submission("noor"),  # hands in the release as it is
    _submission(
        "rosa",
        "no_lateral",
        "area",
        "repeated",
        "channel_by_channel",
        "one_left_out",
        "zeros_and_ones",
        "summed",
        "negative_slices",
    ),
)
