"""Lab 5: the demo's class, made of its right and wrong answers. Both halves of the lab are handed in."""

from autograder.grader.answers import Submission

CARL = {
    "FPN": """from course.library import FPN""",
    "upsample_1d": """def upsample_1d(x, weight, stride):
    return F.conv_transpose1d(x[None, None], weight[None, None], stride=stride)[0, 0]""",
    "upsample_2d": """def upsample_2d(x, weight, stride):
    layer = nn.ConvTranspose2d(*weight.shape[:2], weight.shape[2], stride, bias=False)
    layer.weight = nn.Parameter(weight)
    return layer(x[None])[0]""",
}


STUDENTS = (
    Submission(
        "ada",
        {
            "FPN": "by_index",
            "roi_level": "formula",
            "upsample_1d": "copies",
            "upsample_2d": "cells",
            "MaskHead": "functional",
            "mask_targets": "one_by_one",
            "mask_loss": "softplus",
            "paste_mask": "every_pixel",
        },
    ),
    Submission(  # copies
        "carl", {"roi_level": "formula", "MaskHead": "sequential", "mask_targets": "torchvision"}, written=CARL
    ),
    Submission(
        "emmy",
        {
            "FPN": "recursive",
            "roi_level": "counted",
            "upsample_1d": "index_add",
            "upsample_2d": "cells",
            "MaskHead": "einsum",
            "mask_targets": "by_hand",
            "mask_loss": "gather",
            "paste_mask": "grid_sample",
        },
    ),
    Submission(  # loops wherever one can loop
        "grace",
        {
            "FPN": "reversed",
            "roi_level": "one_by_one",
            "upsample_1d": "zeros_between",
            "upsample_2d": "zeros_between",
            "MaskHead": "sequential",
            "mask_targets": "by_hand",
            "mask_loss": "one_by_one",
            "paste_mask": "loop",
        },
    ),
    Submission("kurt", {"FPN": "by_index", "roi_level": "formula"}),  # gave up after the first half
    Submission(
        "linus",
        {
            "FPN": "outputs_added",
            "roi_level": "nearest",
            "upsample_1d": "overwritten",
            "upsample_2d": "overwritten",
            "MaskHead": "no_relu_on_conv5",
            "mask_targets": "own_number",
            "mask_loss": "over_classes",
            "paste_mask": "squeezed",
        },
    ),
    Submission(
        "mary",
        {
            "FPN": "factor_two",
            "roi_level": "place",
            "upsample_1d": "flipped",
            "upsample_2d": "out_and_in",
            "MaskHead": "sigmoid",
            "mask_targets": "not_aligned",
            "mask_loss": "channel_one",
            "paste_mask": "torchvisions",
        },
    ),
    Submission("noor", {}),  # hands in the release as it is
    Submission(
        "rosa",
        {
            "FPN": "no_lateral",
            "roi_level": "area",
            "upsample_1d": "repeated",
            "upsample_2d": "channel_by_channel",
            "MaskHead": "one_left_out",
            "mask_targets": "zeros_and_ones",
            "mask_loss": "summed",
            "paste_mask": "negative_slices",
        },
    ),
)
