"""Lab 7: which case asks which sentence of a docstring."""

from autograder.labs.lab7_capstone.hints import STAGES
from tests.labs.promises import CHECK, NOTHING, assert_every_sentence_has_a_case

DTYPE = ("the dtype of the answer", "float64 in, float64 out")
DEVICE = "tensors on another device"
ANY_ORDER = "predictions in any order"
PHOTO = "a photo with boxes of three classes"
STAGE = [f"AP50 of at least {ap50:g} on 32 new building sites" for ap50 in STAGES]
CULPRITS = [f"the wrong part of case {case}" for case in (1, 2, 3)]

TABLE = {
    "average_precision": (
        ("Compute COCO's average precision of one class at one IoU threshold.", ANY_ORDER),
        ("Args:", NOTHING),
        (
            "scores (Tensor[N]): float, of all predictions in all pictures, in any order;",
            (ANY_ORDER, "predictions that are sorted already"),
        ),
        ("any numbers, only their order counts.", "scores that are not probabilities"),
        ("N may be 0.", "no predictions"),
        (
            "matched (Tensor[N]): bool, whether each prediction is right;",
            (ANY_ORDER, "no prediction right", "all found, and nothing else"),
        ),
        ("same device.", DEVICE),
        (
            "num_gt (int): how many objects there are to find, found or not.",
            ("objects that nobody found", "all predictions right, not all found"),
        ),
        ("Returns:", NOTHING),
        (
            "Tensor[]: a single number from 0 to 1, in the dtype and on the device of ``scores``:",
            (*DTYPE, DEVICE, "all found, and nothing else"),
        ),
        (
            "the mean over the recalls r = 0, 0.01, …, 1 of the best precision at a recall of at least r, 0 where "
            "there is none.",
            (
                "every object is found, precision only falls",
                "far more predictions than objects",
                "recalls that are reached exactly: ¼, ½, ¾, 1",
                "objects that nobody found",
            ),
        ),
        ("Of equal scores the first in the list counts as better.", "equal scores"),
        ("No predictions give 0;", "no predictions"),
        (
            "no objects (``num_gt`` 0) give NaN.",
            ("no objects: there is nothing to find", "no objects, in float64 and on another device"),
        ),
        ("Source: Lin et al., Microsoft COCO (2014); pycocotools' COCOeval.accumulate.", NOTHING),
    ),
    "photo_losses": (
        (
            "Compute the four training losses of Faster R-CNN on one marked photo, judging every anchor and every ROI.",
            (PHOTO, "boxes everywhere", "many boxes in good time"),
        ),
        ("Args:", NOTHING),
        (
            "coco (dict): the content of a COCO file: ``images``, one, with ``height`` and ``width`` in pixels; "
            "``annotations`` with ``bbox`` (x, y, width, height) in pixels and ``category_id``; ``categories``, a list "
            "with an ``id`` each.",
            (PHOTO, "one box, one class"),
        ),
        ("Class k is the k-th category of the list, from 1.", "categories with numbers of their own, as in COCO"),
        ("There may be no annotation.", "nothing is marked"),
        (
            "anchors (Tensor[N, 4]): float, (x1, y1, x2, y2) in pixels; some may leave the photo. At least one is "
            "inside.",
            (PHOTO, CHECK),
        ),
        (
            "objectness (Tensor[N, 2]): what the RPN says of each: logits of background and object. "
            "deltas (Tensor[N, 4]): and where it would move them, as ``encode_boxes`` does.",
            (PHOTO, "losses and gradients"),
        ),
        ("rois (Tensor[R, 4]): float, (x1, y1, x2, y2) in pixels.", (PHOTO, "no ROI is near a box")),
        (
            "logits (Tensor[R, K]): what the head says of each: K classes, background is 0.",
            (PHOTO, "one box, one class"),
        ),
        (
            "roi_deltas (Tensor[R, 4 * K]): and where it would move them, for each class, with the weights "
            "(10, 10, 5, 5).",
            (PHOTO, "boxes everywhere"),
        ),
        ("Returns:", NOTHING),
        ("four Tensor[], in the dtype and on the device of the predictions,", (*DTYPE, DEVICE)),
        ("through which gradients flow,", "losses and gradients"),
        ("also where nothing is marked:", "gradients where nothing is marked"),
        (
            "the RPN's loss of objectness and its loss of boxes, without a factor between them; the head's loss of "
            "classes and its loss of boxes.",
            (PHOTO, "one box, one class", "no ROI is near a box"),
        ),
        ("Source: Ren et al., Faster R-CNN (2016), 3.1.2; Fast R-CNN, 2.3; the lecture's last practice.", NOTHING),
    ),
    "detect": (
        ("Find people, helmets, cones and balls, with the detector in ``detector.safetensors``.", STAGE),
        ("Args:", NOTHING),
        ("images (list[Tensor[3, H, W]]): float32, from 0 to 1, on the CPU;", "the pictures are left as they were"),
        (
            "of any size, each of its own.",
            (STAGE[0], "the form of the answers to wide pictures", "AP50 of at least 0.3 on wide pictures too"),
        ),
        ("The list may be empty.", "no pictures"),
        ("Returns:", NOTHING),
        (
            "list[dict]: for each image ``boxes`` (Tensor[D, 4], float32, (x1, y1, x2, y2) in pixels, inside the "
            "image), ``labels`` (Tensor[D], int64, from 1 up, as in ``scenes.CLASSES``) and ``scores`` (Tensor[D], "
            "float32, from 0 to 1, best first).",
            ("the form of the answers", "the form of the answers to wide pictures", STAGE[0]),
        ),
        ("D may be 0.", "a black picture"),
    ),
    "culprit": (
        ("Name the part with the bug.", CULPRITS),
        ("Args:", NOTHING),
        ("case (int): 1, 2 or 3, as in ``buglab.CASES``.", CULPRITS),
        ("Returns:", NOTHING),
        (
            'str: the part\'s name, a key of ``buglab.suspects(case)``, for instance ``"box_iou"``.',
            (*CULPRITS, CHECK),
        ),
        ("Source: the traps of the lecture's printed code, labs 2 to 4.", NOTHING),
    ),
}


def test_every_sentence_of_a_docstring_has_a_case() -> None:
    assert_every_sentence_has_a_case(TABLE, "lab7_capstone")
