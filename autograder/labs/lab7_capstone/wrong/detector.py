"""Wrong answers to lab 7, each with the hint that its author must get."""

from autograder.grader.answers import variants
from autograder.labs.lab7_capstone.hints import ANY_NUMBER, CORE, EMPTY, KEPT, TRAIN
from autograder.labs.lab7_capstone.right import detector as right
from course.labs.lab7_capstone.checks import average_precision as hints
from course.labs.lab7_capstone.checks import detect as looks

# average_precision

_ORDER = "torch.argsort(scores, descending=True, stable=True)"
_ENVELOPE = "precision.flip(0).cummax(0)[0].flip(0) if len(precision) else precision"
_MEAN = "envelope[place[reached]].sum() / 101"


AVERAGE_PRECISION = variants(
    right.average_precision__envelope,
    eleven=(hints.ELEVEN, ("101", "11")),
    hundred=("0, 0.01, …, 1 are 101 numbers, both ends included; you take 100.", ("101", "100")),
    not_sorted=(hints.SORTED, (_ORDER, "torch.arange(len(scores), device=scores.device)")),
    worst_first=(hints.WORST_FIRST, (_ORDER, "torch.argsort(scores, stable=True)")),
    ties_turned=(hints.TIES, (_ORDER, "torch.argsort(scores, stable=True).flip(0)")),
    no_envelope=(hints.ENVELOPE, (_ENVELOPE, "precision")),
    envelope_from_the_left=(
        "Your envelope looks back: it takes the best precision so far. It must look ahead, at this recall and "
        "beyond: go from right to left.",
        (_ENVELOPE, "precision.cummax(0)[0] if len(precision) else precision"),
    ),
    positive_scores_only=(
        ANY_NUMBER,
        (
            f"    order = {_ORDER}",
            f"    scores, matched = scores[scores > 0], matched[scores > 0]\n    order = {_ORDER}",
        ),
    ),
    interpolated=(
        "np.interp draws straight lines between the points: COCO takes, at each recall, the best precision at this "
        "recall or beyond, as it is.",
        (
            _MEAN,
            "torch.tensor(__import__('numpy').interp(thresholds.tolist(), recall.tolist(), envelope.tolist(), "
            "right=0).mean()).to(scores) if len(scores) else recall.sum()",
        ),
    ),
    best_of_all=(
        "Your envelope holds the best precision of all everywhere: at a recall of r only what is found at r or beyond "
        "counts.",
        (_ENVELOPE, "precision.amax().expand(len(precision)) if len(precision) else precision"),
    ),
    area=(hints.AREA, (_MEAN, "(envelope * torch.diff(recall, prepend=recall.new_zeros(1))).sum()")),
    trapezium=(
        "You measure the area below the zigzag itself, with trapezia: COCO takes the envelope's mean at 101 recalls.",
        (_MEAN, "torch.trapezoid(precision, recall)"),
    ),
    at_hits=(hints.AT_HITS, (_MEAN, "precision[matched[order]].sum() / num_gt")),
    mean_precision=(hints.ALL_PREDICTIONS, (_MEAN, "precision.sum() / max(len(precision), 1)")),
    recall_of_predictions=(
        "Recall is the share of the objects that are found, right ÷ num_gt. You divide by the number of predictions.",
        ("tp / num_gt", "tp / len(scores)"),
    ),
    recall_of_hits=(
        "You divide by the number of objects that were found, so recall always ends at 1. Objects that were never "
        "found count too: divide by num_gt.",
        ("tp / num_gt", "tp / max(int(matched.sum()), 1)"),
    ),
    precision_of_objects=(
        "Precision is right ÷ all predictions so far; you divide by all predictions that there are.",
        ("tp / (tp + fp)", "tp / len(scores)"),
    ),
    reached_only=(hints.NEVER_REACHED, ("/ 101", "/ reached.sum().clamp(min=1)")),
    last_goes_on=(
        "Beyond the last recall you go on with the last precision: a recall that is never reached has precision 0.",
        (_MEAN, "envelope[place.clamp(max=len(envelope) - 1)].mean() if len(envelope) else recall.sum()"),
    ),
    right_side=(hints.LEFT, ("recall, thresholds", "recall, thresholds, right=True")),
    no_objects_0=(hints.NO_OBJECTS, ('float("nan")', "0.0")),
)


AVERAGE_PRECISION_BEST_FROM_HERE = variants(
    right.average_precision__best_from_here,
    crashes_on_nothing=(hints.NOTHING_FOUND, ("    if len(scores) == 0:\n        return scores.new_zeros(())\n", "")),
    whole_numbers=(
        "matched.cumsum(0) counts in int64, and a quotient of whole numbers is float32, even if scores are float64: "
        "convert the counts to the dtype of scores first.",
        (
            "hits.to(scores) / torch.arange(1, len(hits) + 1).to(scores)",
            "hits / torch.arange(1, len(hits) + 1).to(hits)",
        ),
        (".mean()", ".mean().to(scores)"),
    ),
)


# detect

_ANSWER = 'answer["boxes"], answer["labels"], answer["scores"]'
_UNDOING = list(looks.UNDOING)


DETECT = variants(
    right.detect__each_alone,
    untrained=(
        TRAIN.format(CORE),
        (
            "from course.detector import load_detector",
            "from course import library\n    from course.detector import Detector",
        ),
        ('load_detector("detector.safetensors")', "Detector(library, 5).eval()"),
    ),
    shares=(_UNDOING[0], ('answer["boxes"]', 'answer["boxes"] / torch.tensor(image.shape[:0:-1]).repeat(2)')),
    y_first=(_UNDOING[1], ('answer["boxes"]', 'answer["boxes"][:, [1, 0, 3, 2]]')),
    sides=(_UNDOING[2], ('answer["boxes"]', 'answer["boxes"] - F.pad(answer["boxes"][:, :2], (2, 0))')),
    from_0=(_UNDOING[3], ('answer["labels"]', 'answer["labels"] - 1')),
    one_up=(_UNDOING[4], ('answer["labels"]', 'answer["labels"] + 1')),
    doubtful=(_UNDOING[5], ('answer["scores"]', '1 - answer["scores"]')),
    again_and_again=(_UNDOING[6], (_ANSWER, f"(each.repeat_interleave(4, dim=0) for each in ({_ANSWER}))")),
    uniform=(looks.UNIFORM, ('answer["scores"]', 'answer["scores"] * 0 + 1')),
    best_alone=(looks.SURE_ONES, (_ANSWER, f"(each[:1] for each in ({_ANSWER}))")),
    worst_first=(looks.FORM[3], (_ANSWER, f"(each.flip(0) for each in ({_ANSWER}))")),
    first_only=(looks.FORM[0], ("return found", "return found[:1]")),
    in_place=(KEPT, ("[image]", "[image.mul_(0.99)]")),
    batch=(EMPTY, ("in images", "in torch.stack(images)")),
)


# culprit

_PARTS = '{1: "make_proposals", 2: "grid_anchors", 3: "sample_labels"}[case]'


CULPRIT = variants(
    right.culprit__table,
    the_loss=(
        "A loss that looks odd is only the messenger: it reports what it is given. Look at the parts before it.",
        (_PARTS, '{1: "detection_loss", 2: "detection_loss", 3: "rpn_loss"}[case]'),
    ),
    one_for_all=(
        "You name the same part three times. Each case has a bug of its own: compare their tables with each other.",
        (_PARTS, '"make_proposals"'),
    ),
    not_called=(
        "The detector itself does not call nms: its parts bring their own. course/detector/model.py names what it "
        "calls.",
        (_PARTS, '"nms"'),
    ),
    a_place=(
        "It fails with ValueError: 'the second stage' is not the name of a part.",
        (_PARTS, '"the second stage"'),
    ),
)
