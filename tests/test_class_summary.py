"""A class in numbers: bins that hold everybody once, and averages as the standard library has them."""

import math
import re
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.commands.class_report import summary
from autograder.commands.class_results import Absent, Result, Student
from autograder.commands.class_summary import attendance, averages, histogram

TOTALS = st.sampled_from([1.0, 3.0, 20.0, 22.0, 25.0, 30.0, 35.0, 40.0, 200.0, 7.5])


def student(name: str, score: float, penalty: float = 0.0) -> Student:
    return Student(name, (Result("box_iou", score, 20.0, ""),), 1.0, penalty=penalty)


@given(st.lists(st.floats(0, 20), min_size=2, max_size=300))
def test_quartiles_are_those_of_the_standard_library(scores: list[float]) -> None:
    low, middle, high = statistics.quantiles(scores, n=4, method="inclusive")
    expected = (statistics.fmean(scores), statistics.median(scores), low, high)
    said = re.fullmatch(r"mean (.+), median (.+), quartiles (.+) and (.+)", averages(scores))
    assert said
    assert [float(number) for number in said.groups()] == pytest.approx(expected, abs=0.0501)
    assert middle == pytest.approx(statistics.median(scores))


def test_one_score_is_all_of_them() -> None:
    assert averages([7.0]) == "mean 7.0, median 7.0, quartiles 7.0 and 7.0"


@given(TOTALS, st.lists(st.floats(0, 1), max_size=300))
def test_every_score_is_in_the_bin_that_says_so(total: float, shares: list[float]) -> None:
    scores = [share * total for share in shares]
    bins = histogram(scores, total)
    assert len(bins) <= 10
    assert (bins[0].low, bins[-1].high) == (0, total)
    assert [each.high for each in bins[:-1]] == [each.low for each in bins[1:]]
    assert [each.last for each in bins] == [False] * (len(bins) - 1) + [True]
    for each in bins:
        inside = [score for score in scores if each.low <= score and (score < each.high or each.last)]
        assert each.count == len(inside)


def test_extra_credit_and_less_than_nothing_are_in_the_outer_bins() -> None:
    assert [each.count for each in histogram([-1.0, 25.0, 20.0], 20)] == [1, *[0] * 8, 2]


def test_steps_are_whole_points() -> None:
    assert [each.label for each in histogram([], 35)][:2] == ["0 to < 4", "4 to < 8"]
    assert [each.label for each in histogram([], 35)][-1] == "32 to 35"
    assert [each.label for each in histogram([], 3)] == ["0 to < 1", "1 to < 2", "2 to 3"]


def test_no_points_are_not_the_same_as_nothing_handed_in() -> None:
    assert attendance([0.0, 5.0, 0.0], 4) == "3 handed in (2 of them with 0 points), 4 did not"
    assert attendance([5.0], 0) == "1 handed in"


def test_a_class_of_300_fits_into_a_terminal_of_80_columns() -> None:
    students = [student(f"s{n}", n % 21 if n % 2 else 12) for n in range(300)]
    said = summary(students, [Absent(f"t{n}") for n in range(20)])
    lines = said.splitlines()
    assert len(lines) == 1 + 10 + 1 + 2
    assert max(map(len, lines)) <= 80
    counts = [int(re.split(r"\s{2,}", line.strip())[1]) for line in lines[1:12]]
    assert sum(counts[:10]) == 300
    assert "not handed in" in lines[11]
    assert counts[10] == 20
    signs = [line.count("█") for line in lines[1:12]]
    assert max(signs) == 50
    assert signs == [math.ceil(count * 50 / max(counts)) for count in counts]


def test_few_students_have_a_sign_each() -> None:
    assert [line.count("█") for line in summary([student("ada", 20), student("bob", 19)]).splitlines()[1:11]][-1] == 2


def test_lateness_takes_no_more_than_there_is() -> None:
    assert (student("ada", 10, 3).score, student("ada", 10, 3).deducted) == (7, 3)
    assert (student("bob", 2, 3).score, student("bob", 2, 3).deducted) == (0, 2)
    assert "mean 3.5" in summary([student("ada", 10, 3), student("bob", 2, 3)])
