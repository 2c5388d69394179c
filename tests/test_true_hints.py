"""A hint on a row is true: a standing case speaks of its property only where that is what failed."""

import pytest

from autograder import grade
from autograder.grader.answers import Answer, define
from autograder.grader.exercise_report import Row
from autograder.grader.grading import ANOTHER_REASON
from autograder.labs import EXERCISES, LABS, answers

STANDING = ("dtype", "precision", "arguments", "device", "number", "calls", "emptiness")
RIGHT_AREA = "(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"
WRONG_AREA = "(boxes[:, 2] - boxes[:, 0] + 1) * (boxes[:, 3] - boxes[:, 1] + 1)"

# What breaks one property of box_area, whatever its numbers: statements around the answer in `area`
BREAKS = {
    "dtype": "area = area.double()",
    "precision": "area = area.float()",
    "arguments": "boxes += 1",
    "device": "area = area.cpu()",
    "emptiness": "area = area if len(boxes) else boxes.new_zeros(1)",
}
# And what only shows while the numbers are right
SHOWS_WITH_RIGHT_NUMBERS = {
    "precision": "area = area.float().double() if area.dtype == torch.float64 else area",
    "number": "area = area if len(area) < 200 else area * 2",
    "calls": "area = globals().setdefault('kept', {}).setdefault(len(area), area).copy_(area)",
}


def rows(name: str, function: object) -> dict[str, list[Row]]:
    """The failing rows of a report, by the property that their case asks; ``""`` for cases about numbers."""
    found: dict[str, list[Row]] = {}
    asks = {case.title: case.asks for case in EXERCISES[name].cases}
    for row in grade(name, function).rows[1:]:
        if not row.held:
            found.setdefault(asks[row.title], []).append(row)
    return found


def area(value: str, statement: str = "") -> object:
    text = f"def box_area(boxes):\n    area = {value}\n    {statement or 'pass'}\n    return area\n"
    return define(text, "box_area", f"<{value} {statement}>")


def told(found: dict[str, list[Row]]) -> set[str]:
    """The properties that some row's hint speaks of."""
    return {asks for asks, failing in found.items() if asks and any(row.hint != ANOTHER_REASON for row in failing)}


def test_wrong_numbers_say_nothing_of_devices_arguments_and_dtypes() -> None:
    found = rows("yxyx_to_xyxy", define("def yxyx_to_xyxy(boxes): return boxes.flip(1)", "yxyx_to_xyxy", "<flip>"))
    assert set(found) == {"", *STANDING} - {"emptiness"}
    assert told(found) == set()
    assert all(row.hint != ANOTHER_REASON for row in found[""])


def test_an_error_everywhere_says_nothing_of_them_either() -> None:
    found = rows("box_area", area("boxes.flatten()[:, 0]"))
    assert told(found) == set()
    assert all("IndexError" in row.detail for failing in found.values() for row in failing)


@pytest.mark.parametrize(("asks", "statement"), [*BREAKS.items(), *SHOWS_WITH_RIGHT_NUMBERS.items()])
def test_a_property_that_fails_beside_right_numbers_is_told(asks: str, statement: str) -> None:
    found = rows("box_area", area(RIGHT_AREA, statement))
    assert asks in told(found)
    hints = {case.hint for case in EXERCISES["box_area"].cases if case.asks == asks}
    assert hints & {row.hint for row in found[asks]}
    assert ANOTHER_REASON not in {row.hint for failing in found.values() for row in failing}


@pytest.mark.parametrize("asks", BREAKS)
def test_a_property_that_fails_beside_wrong_numbers_is_told_and_no_other(asks: str) -> None:
    found = rows("box_area", area(WRONG_AREA, BREAKS[asks]))
    # an empty answer on the CPU, or in float32, is told in the case of empty input as well, and a dtype in float64's
    also = {"device": {"emptiness"}, "precision": {"emptiness"}, "arguments": set(), "emptiness": set()}
    assert told(found) - also.get(asks, set()) == {asks}


def test_the_hint_that_matters_most_is_no_untrue_one() -> None:
    """Wrong for boxes of a side above 30 alone: most core cases may hold, and no property is to blame."""
    report = grade("box_area", area(f"torch.where(boxes[:, 2] - boxes[:, 0] > 60, 0, {RIGHT_AREA})"))
    untrue = {case.hint for case in EXERCISES["box_area"].cases if case.asks}
    assert report.score < report.points
    assert report.hint not in untrue


@pytest.mark.usefixtures("beside_the_detector")
@pytest.mark.parametrize("lab", LABS)
def test_each_exercise_tells_wrong_numbers_apart(lab: str) -> None:
    """An answer whose every number is off by a third, else the right one: nothing but numbers is to blame."""
    tried = 0
    for exercise in LABS[lab]:
        right: Answer = next(a for a in answers(lab) if a.exercise == exercise.name and not a.hint)
        function = right.function()
        if isinstance(function, type) or not any(case.plain for case in exercise.cases):
            continue
        found = rows(exercise.name, off(function))
        assert told(found) <= {"emptiness"}, (exercise.name, found)
        tried += 1
    assert tried or lab == "lab0_tour"


def off(function: object) -> object:
    """The function with every number of its answer changed, in the same dtype and on the same device."""
    text = """
def change(value):
    if isinstance(value, tuple | list):
        return type(value)(map(change, value))
    if value.dtype == torch.bool:
        return ~value
    return value * 3 + 3 if value.numel() else value
def changed(*args, **kwargs):
    return change(function(*args, **kwargs))
"""
    return define(text, "changed", "<changed>", {"function": function})
