"""Mutation test of the graders: every small change to a right answer must cost points.

    python benchmarks/mutants.py                          # all labs
    python benchmarks/mutants.py lab3_rpn                 # one of them
    python benchmarks/mutants.py lab3_rpn nms rpn_loss    # some of its exercises

mutmut changes the reference solutions and all right answers of a lab, one place at a time; the hidden cases judge each
until one fails, the quickest first, and what passes them all gets the grader's own verdict. The torchvision-backed
library is the reference, since the solutions themselves are being changed. A mutant that keeps full marks is a
survivor. Survivors that answer hundreds of inputs of another kind than the grader's as the library does
(``fuzz.py``) have not changed behaviour and are listed as such; any other survivor is a hole in the grader, listed with
an input that shows the change, and the exit status is 1. Bonus functions have no points, so they are not mutated.
"""

import difflib
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import torch
from mutmut.mutation.file_mutation import create_mutations, deep_replace

from autograder.commands.notebooks import ROOT, solutions
from autograder.grader.answers import define
from autograder.grader.exercise import Case, Exercise
from autograder.grader.grading import judge
from autograder.labs import EXERCISES, LABS, answers
from benchmarks.fuzz import Fuzz, cloned
from course import library
from course.checking.calling import OUT_OF_TIME, Failure, call, neutral
from course.checking.comparing import difference

SEED = 1
FUTURE = "from __future__ import annotations\n"
OUTCOMES = ("killed", "killed by the time limit", "same behaviour", "holes")


def mutants(text: str) -> list[str]:
    """The text with each of mutmut's mutations, one at a time, those of annotations and docstrings left out."""
    body = FUTURE + text
    module, mutations, *_ = create_mutations("answer.py", body)
    changed = {deep_replace(module, m.original_node, m.mutated_node).code for m in mutations}  # type: ignore[union-attr]
    return sorted(changed - {body})


def what_changed(text: str, mutant: str) -> str:
    """The lines that a mutation took away and put in."""
    lines = difflib.ndiff((FUTURE + text).splitlines(), mutant.splitlines())
    return "  ".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "-+")


@dataclass(frozen=True)
class Trial:
    """A hidden case with the library's answer, ready to be held against many mutants."""

    case: Case
    args: tuple
    wanted: Any

    def outcome(self, function: Callable) -> str:
        """One of :data:`OUTCOMES` if this case fails, or ``""`` if it holds."""
        came = call(self.case.run, function, cloned(self.args))
        if isinstance(came, Failure) and came.kind == OUT_OF_TIME:
            return OUTCOMES[1]
        case = self.case
        wrong = difference(self.wanted, came, rtol=case.rtol, atol=case.atol, exact_dtype=case.exact_dtype)
        return OUTCOMES[0] if wrong else ""


def trials(exercise: Exercise) -> list[Trial]:
    """The cases of an exercise with the library's answers, those that take it the least time first."""
    timed = []
    for case in exercise.cases:
        with neutral():
            args = case.arguments(SEED)
            start = time.perf_counter()
            wanted = case.run(exercise.reference, cloned(args))
            timed.append((time.perf_counter() - start, Trial(case, args, wanted)))
    return [trial for _, trial in sorted(timed, key=lambda pair: pair[0])]


def verdict(exercise: Exercise, cases: list[Trial], function: Callable) -> str:
    """One of :data:`OUTCOMES`, or ``""`` for a function that keeps full marks."""
    for trial in cases:
        if outcome := trial.outcome(function):
            return outcome
    return "" if judge(exercise, function, SEED).score == exercise.points else OUTCOMES[0]


def right_answers(lab: str, exercise: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """The right answers to an exercise by name: text, and the names that it finds in its notebook."""
    texts: dict[str, tuple[str, dict[str, Any]]] = {}
    for path in sorted((ROOT / "solutions" / lab).glob("[!_]*.py")):
        names = vars(import_module(f"solutions.{lab}.{path.stem}"))
        around = {k: v for k, v in names.items() if k not in EXERCISES and not k.startswith("__")}
        cells = solutions(lab, path.stem)
        if exercise in cells:
            texts["the reference"] = (cells[exercise], around)
    return texts | {a.name: (a.text, {}) for a in answers(lab) if a.exercise == exercise and not a.hint}


def put_through(exercise: Exercise, lab: str) -> Counter:
    """Mutate the right answers to an exercise; print survivors; count outcomes.

    Raises:
        RuntimeError: a right answer loses points, or does not behave as the library does, before anything is changed.
    """
    plain = replace(exercise.check, ready_made=())
    judged = replace(exercise, check=plain, reference=getattr(library, exercise.name), misconceptions=lambda: [])
    cases, fuzz = trials(judged), Fuzz(exercise.name)
    counts: Counter = Counter()
    for source, (text, names) in right_answers(lab, exercise.name).items():
        unchanged = define(text, exercise.name, "<answer>", names)
        if problem := verdict(judged, cases, unchanged) or fuzz.change(unchanged):
            raise RuntimeError(f"{exercise.name} ({source}) is no right answer: {problem}")
        for mutant in mutants(text):
            try:
                function = define(mutant, exercise.name, "<mutant>", names)
            except Exception:  # a mutant that does not even define the function
                counts["killed"] += 1
                continue
            outcome, shown = verdict(judged, cases, function), ""
            if not outcome:
                shown = fuzz.change(function)
                outcome = "holes" if shown else "same behaviour"
                print(f"{outcome:<15} {exercise.name} ({source}): {what_changed(text, mutant)}", flush=True)
            if shown:
                print(f"{'':<15} {shown}", flush=True)
            counts[outcome] += 1
    return counts


def survivors(lab: str, *names: str) -> int:
    """Print the survivors and the counts of a lab, or of some of its exercises; give the number of holes."""
    total: Counter = Counter()
    begin = time.perf_counter()
    for exercise in LABS[lab]:
        if names and exercise.name not in names:
            continue
        start = time.perf_counter()
        counts = put_through(exercise, lab)
        total += counts
        print(f"# {exercise.name}: {in_words(counts)} ({time.perf_counter() - start:.0f} s)", flush=True)
    print(f"{lab}: {in_words(total)} ({time.perf_counter() - begin:.0f} s)")
    return total["holes"]


def main(*words: str) -> int:
    """Put a lab and some of its exercises through, or every lab; give the number of holes."""
    torch.set_num_threads(1)
    return survivors(*words) if words else sum(survivors(lab) for lab in LABS)


def in_words(counts: Counter) -> str:
    """The counts, in the order of :data:`OUTCOMES`."""
    return ", ".join(f"{counts[name]} {name}" for name in OUTCOMES)


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:]) else 0)
