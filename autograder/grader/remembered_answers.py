"""What references and known wrong answers give, remembered: with the same inputs they are asked again and again.

An answer that loses points is judged twice, and compared with every known wrong answer each time.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.grader.disguise import Disguise
from autograder.grader.exercise import Case
from autograder.student.torch_internals import tree_map


def seed_torch(seed: int) -> None:
    """Have a function that draws from torch's own numbers draw the same each time, and not what the inputs are."""
    torch.default_generator.manual_seed(seed + 1)  # of the CPU; torch.manual_seed would reach for a GPU's as well


class RememberedAnswers:
    """The last answers of functions of ours, by case and seed.

    They share no memory with arguments, and nothing of them goes to a student's function.

    Args:
        run: how a case is put to a function.
        most: so many are kept.
    """

    def __init__(self, run: Callable[[Case, Callable, tuple], Any], most: int) -> None:
        self._run = run
        self._most = most
        # with case and function in the values, the numbers in the keys stay theirs
        self._known: OrderedDict[tuple, tuple[Case, Callable, Any, Tensor]] = OrderedDict()

    def get(self, case: Case, function: Callable, seed: int, args: tuple, disguise: Disguise | None) -> Any:
        """What ``function`` answers; torch's own random numbers are left as if it had run each time.

        ``args`` are the case's for this seed; they stay as they are. ``disguise`` is the student's answer's: ours draws
        what that one would.
        """
        key = (id(case), id(function), seed, disguise)
        if key not in self._known:
            asked = disguise.over(function) if disguise else function
            answer = tree_map(_copy, self._run(case, asked, copy.deepcopy(args)))
            self._known[key] = (case, function, answer, torch.get_rng_state())
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        _, _, answer, state = self._known[key]
        torch.set_rng_state(state)
        return answer


def _copy(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value
