"""Wrong answers made of a base by edits, and how a lab's answers are found."""

from collections import Counter

import pytest

from autograder.grader.answers import Answer, variants
from autograder.labs import LABS, answers, students


def double__base(values):
    total = values + values  # a comment stays
    return total


def test_variants_differ_from_their_base_in_their_edits_alone() -> None:
    tripled, halved = variants(
        double__base,
        tripled=("Three are too many.", ("values + values", "values * 3")),
        halved=("Half is too little.", ("values + values", "values / 2"), ("total", "half")),
    )
    assert tripled == Answer(
        "double",
        "tripled",
        "def double(values):\n    total = values * 3  # a comment stays\n    return total\n",
        "Three are too many.",
    )
    assert halved.text == "def double(values):\n    half = values / 2  # a comment stays\n    return half\n"
    assert (tripled.function()(4), halved.function()(4)) == (12, 2)


def test_an_edit_of_what_is_not_there_names_the_base() -> None:
    with pytest.raises(ValueError, match=r"'sum\(' is not in double__base"):
        variants(double__base, summed=("", ("sum(", "max(")))


@pytest.mark.parametrize("lab", LABS)
def test_a_lab_has_no_two_answers_of_one_name_and_its_students_hand_in_those_it_has(lab: str) -> None:
    names = Counter((answer.exercise, answer.name) for answer in answers(lab))
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for student in students(lab) for name in student.answers.items() if name not in names] == []
