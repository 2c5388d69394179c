"""What a function of ours answers is computed once for a case and a seed, and nothing else changes by that."""

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.grader.exercise import Case, answer
from autograder.grader.grading import judge
from autograder.grader.remembered_answers import RememberedAnswers
from autograder.labs import EXERCISES

MOST = 5


def run(case: Case, function: Any, args: tuple) -> Any:
    return case.run(function, args)


def numbers(generator: Generator) -> tuple[Tensor]:
    return (torch.rand(3, generator=generator),)


class Reference:
    """Adds noise of torch's own, changes its argument, and counts its calls."""

    calls = 0

    def __call__(self, x: Tensor) -> tuple[Tensor, list]:
        self.calls += 1
        return x.mul_(2) + torch.rand(3), [x, "text"]


def test_the_second_time_is_as_the_first() -> None:
    known, case, reference = RememberedAnswers(run, MOST), Case("numbers", numbers, ""), Reference()
    found: list[Any] = []
    for _ in range(2):
        torch.manual_seed(5)
        args = case.arguments(3)
        before = copy.deepcopy(args)
        found.append((known.get(case, reference, 3, args, None), torch.rand(2)))
        torch.testing.assert_close(args, before)
    assert reference.calls == 1
    torch.testing.assert_close(found[0][0][0], found[1][0][0], rtol=0, atol=0)
    assert torch.equal(found[0][1], found[1][1])  # torch's own numbers go on as if it had run


def test_other_cases_references_and_seeds_have_other_answers_and_the_oldest_is_forgotten() -> None:
    known, case, reference = RememberedAnswers(run, MOST), Case("numbers", numbers, ""), Reference()
    for seed in range(MOST + 1):
        known.get(case, reference, seed, case.arguments(seed), None)
    assert reference.calls == MOST + 1
    known.get(case, reference, MOST, case.arguments(MOST), None)
    assert reference.calls == MOST + 1
    known.get(case, reference, 0, case.arguments(0), None)
    assert reference.calls == MOST + 2
    known.get(Case("numbers", numbers, ""), reference, 0, case.arguments(0), None)
    assert reference.calls == MOST + 3
    other = Reference()
    known.get(case, other, 0, case.arguments(0), None)
    assert other.calls == 1


def test_gradients_of_the_reference_are_let_go() -> None:
    case = Case("numbers", lambda g: (torch.rand(3, generator=g).requires_grad_(),), "")
    wanted = RememberedAnswers(run, MOST).get(case, lambda x: 2 * x, 0, case.arguments(0), None)
    assert not wanted.requires_grad


def test_an_answer_that_loses_points_costs_the_reference_one_call_for_each_case() -> None:
    class Counting(Reference):
        def __call__(self, boxes1: Tensor, boxes2: Tensor) -> Any:
            self.calls += 1
            return EXERCISES["box_iou"].reference(boxes1, boxes2)

    case, reference = EXERCISES["box_iou"].cases[0], Counting()
    space: dict[str, Any] = {"box_area": lambda boxes: boxes[:, 0]}  # of the student's own: so it is judged twice
    exec("def box_iou(a, b):\n    return a", space)
    exercise = replace(EXERCISES["box_iou"], reference=reference, cases=(replace(case, run=answer),))
    report = judge(exercise, space["box_iou"], seed=1)
    assert report.score == 0
    assert reference.calls == 1
