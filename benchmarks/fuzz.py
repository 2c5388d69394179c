"""Tell a mutant that changes nothing from one that the grader misses, by inputs of another kind than the grader's.

    python benchmarks/fuzz.py                      # all exercises
    python benchmarks/fuzz.py box_iou RPNHead      # some of them

Run alone, it asks whether every right answer behaves as the library does on all of these inputs. It must: else what
this says about mutants means nothing. The exit status is 1 if one does not.

The inputs are the samples of ``course.samples``, varied: with fewer rows, on coarse grids where ties and exact
thresholds are common, at other scales, without width, with other options; ``benchmarks/fuzzing`` says how for each
exercise. Every second round is in float32; the ways to run a function take turns, the arguments that have defaults are
given or left out.
"""

import inspect
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_map

from autograder.labs import LABS, answers
from benchmarks.fuzzing.exercises import FUZZ
from benchmarks.fuzzing.runs import Run
from benchmarks.fuzzing.variations import pick
from course import library
from course.checking.calling import Failure, call, neutral
from course.checking.comparing import difference
from course.checking.showing import show
from course.samples import SAMPLES


class Fuzz:
    """The rounds of one exercise, with the library's answers.

    Raises:
        KeyError: there is nothing for this exercise.
    """

    def __init__(self, name: str) -> None:
        self.reference = getattr(library, name)
        self.sample, self.data = SAMPLES[name], FUZZ[name]
        self._rounds: list[tuple[Run, tuple, Any, tuple[float, float]]] = []

    def rounds(self) -> list[tuple[Run, tuple, Any, tuple[float, float]]]:
        """For each round how to run a function, its arguments, the library's answer, and rtol and atol."""
        if not self._rounds:
            generator = torch.Generator().manual_seed(0)
            for number in range(self.data.rounds):
                double = number % 2 == 0
                run = self.data.runs[number // 2 % len(self.data.runs)]
                args = self._shortened(self._varied(converted(self.sample(generator), double), generator), generator)
                self._rounds.append(self._round(run, args, double))
            if self.data.once:
                run, inputs = self.data.once
                self._rounds.append(self._round(run, inputs(generator), double=False))
        return self._rounds

    def change(self, function: Callable) -> str:
        """How ``function`` differs from the library, with the arguments that show it; ``""`` if nothing does."""
        for run, args, wanted, (rtol, atol) in self.rounds():
            came = call(run, function, cloned(args))
            if found := difference(wanted, came, rtol=rtol, atol=atol):
                shown = ", ".join(f"float64 {show(a)}" if _is_double(a) else show(a) for a in args)
                got = came if isinstance(came, Failure) else found.got
                return f"{run.__name__}({shown}): {found.what}; expected {found.expected}, got {got}"
        return ""

    def _round(self, run: Run, args: tuple, double: bool) -> tuple[Run, tuple, Any, tuple[float, float]]:
        with neutral():
            wanted = run(self.reference, cloned(args))
        return run, args, wanted, self.data.double if double else self.data.single

    def _varied(self, args: tuple, generator: Generator) -> tuple:
        """The arguments after some of the variations, none or all of them."""
        for change in self.data.changes:
            if pick(generator, True, False):
                args = change(generator, args)
        return args

    def _shortened(self, args: tuple, generator: Generator) -> tuple:
        """The arguments without some, none or all of the last ones that have defaults."""
        if inspect.isclass(self.reference):
            return args
        parameters = list(inspect.signature(self.reference).parameters.values())[: len(args)]
        most = sum(parameter.default is not inspect.Parameter.empty for parameter in parameters)
        fewer = int(torch.randint(2 * most + 1, (), generator=generator)) - most
        return args[: len(args) - max(fewer, 0)]


def _is_double(value: Any) -> bool:
    return isinstance(value, Tensor) and value.dtype == torch.float64


def cloned(args: tuple) -> tuple:
    """The arguments with tensors of their own."""
    return tree_map(lambda leaf: leaf.clone() if isinstance(leaf, Tensor) else leaf, args)


def converted(args: tuple, double: bool) -> tuple:
    """The arguments with floating-point tensors in float64 or float32."""
    dtype = torch.float64 if double else torch.float32
    return tree_map(lambda a: a.to(dtype) if isinstance(a, Tensor) and a.is_floating_point() else a, args)


def main(*names: str) -> int:
    """Put every right answer through; give the number of those that differ from the library."""
    torch.set_num_threads(1)
    counts = [0, 0]
    for lab, exercises in LABS.items():
        for exercise in exercises:
            if exercise.name not in (names or FUZZ):
                continue
            fuzz = Fuzz(exercise.name)
            right = {a.name: a.function() for a in answers(lab) if a.exercise == exercise.name and not a.hint}
            for name, function in {"the reference": exercise.reference, **right}.items():
                problem = fuzz.change(function)
                counts[bool(problem)] += 1
                if problem:
                    print(f"{exercise.name} ({name}): {problem}", flush=True)
    print(f"{counts[0]} right answers behave as the library does, {counts[1]} do not")
    return counts[1]


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
