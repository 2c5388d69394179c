"""Wrong answers to lab 7, each with the hint that its author must get."""

from types import SimpleNamespace

from autograder.answers import changed
from autograder.answers.lab7_capstone import right
from autograder.exercises.lab7_detect import CORE, EMPTY, KEPT, TRAIN
from course.checks import lab7_capstone as hints
from course.checks import lab7_detect as looks

# average_precision

_ORDER = "torch.argsort(scores, descending=True, stable=True)"
_ENVELOPE = "precision.flip(0).cummax(0)[0].flip(0) if len(precision) else precision"
_POINTS = "torch.linspace(0, 1, 101, dtype=scores.dtype, device=scores.device)"
_MEAN = "envelope[place[reached]].sum() / 101"


average_precision__eleven = changed(
    right.average_precision__envelope,
    "eleven",
    hints.ELEVEN,
    (_POINTS, _POINTS.replace("101", "11")),
    ("sum() / 101", "sum() / 11"),
)


average_precision__hundred = changed(
    right.average_precision__envelope,
    "hundred",
    "0, 0.01, …, 1 are 101 numbers, both ends included; you take 100.",
    (_POINTS, _POINTS.replace("101", "100")),
    ("sum() / 101", "sum() / 100"),
)


average_precision__not_sorted = changed(
    right.average_precision__envelope,
    "not_sorted",
    hints.SORTED,
    (_ORDER, "torch.arange(len(scores), device=scores.device)"),
)


average_precision__worst_first = changed(
    right.average_precision__envelope, "worst_first", hints.WORST_FIRST, (_ORDER, "torch.argsort(scores, stable=True)")
)


average_precision__ties_turned = changed(
    right.average_precision__envelope, "ties_turned", hints.TIES, (_ORDER, "torch.argsort(scores, stable=True).flip(0)")
)


average_precision__no_envelope = changed(
    right.average_precision__envelope, "no_envelope", hints.ENVELOPE, (_ENVELOPE, "precision")
)


average_precision__envelope_from_the_left = changed(
    right.average_precision__envelope,
    "envelope_from_the_left",
    "Your envelope looks back: it takes the best precision so far. It must look ahead, at this recall and beyond: go "
    "from the right to the left.",
    (_ENVELOPE, "precision.cummax(0)[0] if len(precision) else precision"),
)


average_precision__area = changed(
    right.average_precision__envelope,
    "area",
    hints.AREA,
    (_MEAN, "(envelope * torch.diff(recall, prepend=recall.new_zeros(1))).sum()"),
)


average_precision__trapezium = changed(
    right.average_precision__envelope,
    "trapezium",
    "You measure the area below the zigzag itself, with trapezia: COCO takes the envelope's mean at 101 recalls.",
    (_MEAN, "torch.trapezoid(precision, recall)"),
)


average_precision__at_hits = changed(
    right.average_precision__envelope,
    "at_hits",
    hints.AT_HITS,
    (_MEAN, "precision[matched[order]].sum() / num_gt"),
)


average_precision__mean_precision = changed(
    right.average_precision__envelope,
    "mean_precision",
    hints.ALL_PREDICTIONS,
    (_MEAN, "precision.sum() / max(len(precision), 1)"),
)


average_precision__recall_of_predictions = changed(
    right.average_precision__envelope,
    "recall_of_predictions",
    "Recall is the share of the objects that are found, right ÷ num_gt. You divide by the number of predictions.",
    ("tp / num_gt", "tp / len(scores)"),
)


average_precision__recall_of_hits = changed(
    right.average_precision__envelope,
    "recall_of_hits",
    "You divide by the number of objects that were found, so that recall always ends at 1. Objects that nobody found "
    "count: num_gt.",
    ("tp / num_gt", "tp / max(int(matched.sum()), 1)"),
)


average_precision__precision_of_objects = changed(
    right.average_precision__envelope,
    "precision_of_objects",
    "Precision is right ÷ all predictions so far; you divide by all predictions that there are.",
    ("tp / (tp + fp)", "tp / len(scores)"),
)


average_precision__reached_only = changed(
    right.average_precision__envelope,
    "reached_only",
    hints.NEVER_REACHED,
    (_MEAN, "envelope[place[reached]].sum() / reached.sum().clamp(min=1)"),
)


average_precision__last_goes_on = changed(
    right.average_precision__envelope,
    "last_goes_on",
    "Beyond the last recall you go on with the last precision: what nobody found has precision 0.",
    (_MEAN, "envelope[place.clamp(max=len(envelope) - 1)].mean() if len(envelope) else recall.sum()"),
)


average_precision__right_side = changed(
    right.average_precision__envelope,
    "right_side",
    hints.LEFT,
    ("torch.searchsorted(recall, thresholds)", "torch.searchsorted(recall, thresholds, right=True)"),
)


average_precision__no_objects_0 = changed(
    right.average_precision__envelope,
    "no_objects_0",
    hints.NO_OBJECTS,
    ('torch.tensor(float("nan"), ', "torch.tensor(0.0, "),
)


average_precision__crashes_on_nothing = changed(
    right.average_precision__best_from_here,
    "crashes_on_nothing",
    hints.NOTHING_FOUND,
    ("    if len(scores) == 0:\n        return scores.new_zeros(())\n", ""),
)


average_precision__whole_numbers = changed(
    right.average_precision__best_from_here,
    "whole_numbers",
    "matched.cumsum(0) counts in int64, and a quotient of whole numbers is float32, whatever scores are: bring the "
    "counts to the dtype of scores first.",
    ("hits.to(scores) / torch.arange(1, len(hits) + 1).to(scores)", "hits / torch.arange(1, len(hits) + 1).to(hits)"),
    ("return table.amax(1).mean()", "return table.amax(1).mean().to(scores)"),
)


# detect

_ANSWER = 'answer["boxes"], answer["labels"], answer["scores"]'
_MADE = 'load_detector("detector.safetensors")'
_UNDOING = list(looks.UNDOING)


def _detect(name: str, hint: str, *places: tuple[str, str]) -> SimpleNamespace:
    return changed(right.detect__each_alone, name, hint, *places)


detect__untrained = _detect(
    "untrained",
    TRAIN.format(CORE),
    (
        "from course.detector import load_detector",
        "from course import library\n    from course.detector import Detector",
    ),
    (_MADE, "Detector(library, 5).eval()"),
)


detect__shares = _detect(
    "shares",
    _UNDOING[0],
    (_ANSWER, _ANSWER.replace('"boxes"]', '"boxes"] / torch.tensor(image.shape[:0:-1]).repeat(2)')),
)


detect__y_first = _detect("y_first", _UNDOING[1], (_ANSWER, _ANSWER.replace('"boxes"]', '"boxes"][:, [1, 0, 3, 2]]')))


detect__sides = _detect(
    "sides",
    _UNDOING[2],
    (_ANSWER, _ANSWER.replace('"boxes"]', '"boxes"] - F.pad(answer["boxes"][:, :2], (2, 0))')),
)


detect__from_0 = _detect("from_0", _UNDOING[3], (_ANSWER, _ANSWER.replace('"labels"]', '"labels"] - 1')))


detect__one_up = _detect("one_up", _UNDOING[4], (_ANSWER, _ANSWER.replace('"labels"]', '"labels"] + 1')))


detect__doubtful = _detect(
    "doubtful", _UNDOING[5], (_ANSWER, _ANSWER.replace('answer["scores"]', '1 - answer["scores"]'))
)


detect__again_and_again = _detect(
    "again_and_again", _UNDOING[6], (_ANSWER, f"(each.repeat_interleave(4, dim=0) for each in ({_ANSWER}))")
)


detect__uniform = _detect("uniform", looks.UNIFORM, (_ANSWER, _ANSWER.replace('"scores"]', '"scores"] * 0 + 1')))


detect__best_alone = _detect("best_alone", looks.SURE_ONES, (_ANSWER, f"(each[:1] for each in ({_ANSWER}))"))


detect__worst_first = _detect("worst_first", looks.FORM[3], (_ANSWER, f"(each.flip(0) for each in ({_ANSWER}))"))


detect__first_only = _detect("first_only", looks.FORM[0], ("return found", "return found[:1]"))


detect__in_place = _detect("in_place", KEPT, ("detector([image])", "detector([image.mul_(0.99)])"))


detect__batch = _detect(
    "batch",
    EMPTY,
    ("for image in images", "for image in torch.stack(images)"),
)


# culprit

_PARTS = '{1: "make_proposals", 2: "grid_anchors", 3: "sample_labels"}[case]'


culprit__the_loss = changed(
    right.culprit__table,
    "the_loss",
    "A loss that looks odd is not to blame for it: it says what it is given. Look at the parts in front of it.",
    (_PARTS, '{1: "detection_loss", 2: "detection_loss", 3: "rpn_loss"}[case]'),
)


culprit__one_for_all = changed(
    right.culprit__table,
    "one_for_all",
    "You name the same part three times. Each case has a bug of its own: compare their tables with each other.",
    (_PARTS, '"make_proposals"'),
)


culprit__not_called = changed(
    right.culprit__table,
    "not_called",
    "The detector itself does not call nms: its parts bring their own. course/detector/model.py names what it calls.",
    (_PARTS, '"nms"'),
)


culprit__a_place = changed(
    right.culprit__table,
    "a_place",
    "It stopped with ValueError: 'the second stage' is not the name of a part.",
    (_PARTS, '"the second stage"'),
)
