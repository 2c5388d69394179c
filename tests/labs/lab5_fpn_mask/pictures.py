"""Lab 5's pictures, and how each is made."""

from collections.abc import Callable

import torch

from course import draw, library, scenes

PHOTO, TARGET = scenes.scene(10, (240, 360))
BOXES, LABELS, MASKS = TARGET["boxes"], TARGET["labels"], TARGET["masks"]
PERSON = int((LABELS == 1).nonzero()[0])
SMALL = library.mask_targets(MASKS, BOXES, torch.arange(len(BOXES)))

# Every picture of a student's function, as a function of that function.
STUDENTS: dict[str, tuple[str, Callable]] = {
    "who_hears_whom": ("FPN", lambda fn: draw.who_hears_whom(fn)),
    "pyramid_levels": ("FPN", lambda fn: draw.pyramid_levels(PHOTO, fn)),
    "missing_lateral": ("FPN", lambda fn: draw.missing_lateral(PHOTO, BOXES[0], fn)),
    "outputs_added": ("FPN", lambda fn: draw.outputs_added(fn)),
    "level_rule": ("roi_level", lambda fn: draw.level_rule(fn)),
    "rois_by_level": ("roi_level", lambda fn: draw.rois_by_level(PHOTO, BOXES, fn)),
    "unfolded": ("upsample_1d", lambda fn: draw.unfolded((2, 5, 1, 4), (0.5, 1, 0.5), 2, fn)),
    "enlarged": ("upsample_2d", lambda fn: draw.enlarged(fn)),
    "checkerboard": ("upsample_2d", lambda fn: draw.checkerboard(fn)),
    "mask_target": ("mask_targets", lambda fn: draw.mask_target(PHOTO, MASKS, BOXES[0], 0, fn)),
    "there_and_back": (
        "paste_mask",
        lambda fn: draw.there_and_back(PHOTO, MASKS[PERSON], BOXES[PERSON], library.mask_targets, fn),
    ),
    "off_the_image": (
        "paste_mask",
        lambda fn: draw.off_the_image(PHOTO, MASKS[PERSON], BOXES[PERSON], library.mask_targets, fn),
    ),
}
PLAIN: dict[str, Callable[[], None]] = {
    "pyramid_plan": lambda: draw.pyramid_plan(),
    "mask_head_plan": lambda: draw.mask_head_plan(),
    "masks_on_the_way": lambda: draw.masks_on_the_way([0.7, 0.2], {0: SMALL * 0, 1: SMALL}, SMALL, PHOTO, BOXES),
}
