"""Mutation test of the graders: every small change to a right answer must cost points.

    python benchmarks/mutants.py lab1_boxes

mutmut changes the reference solutions and all right answers of a lab, one place at a time; the hidden grader judges
each, with the torchvision-backed library as the reference, since the solutions themselves are being changed. A mutant
that keeps full marks is a survivor. Survivors that answer a thousand inputs of another kind than the grader's (any
scale down to a tenth of a pixel, any count, empty, flat, both precisions, on another device) as the library does have
not changed behaviour and are listed as such; any other survivor is a hole in the grader, and the exit status is 1.
"""

import inspect
import sys
from dataclasses import replace

import torch
from mutmut.mutation.file_mutation import create_mutations, deep_replace

from autograder.answers import answers, define
from autograder.exercise import Exercise
from autograder.exercises import LABS
from autograder.grading import judge
from autograder.notebooks import solutions
from autograder.standing import answer_and_arguments, answer_elsewhere
from course import library
from course.checks.calling import Failure, call
from course.checks.comparing import difference


def mutants(text: str) -> list[str]:
    """The text with each of mutmut's mutations, one at a time, those of annotations and docstrings left out."""
    body = "from __future__ import annotations\n" + text
    module, mutations, *_ = create_mutations("answer.py", body)
    changed = {deep_replace(module, m.original_node, m.mutated_node).code for m in mutations}  # type: ignore[union-attr]
    return sorted(changed - {body})


def random_argument(name: str, generator: torch.Generator) -> object:
    """A value for a parameter of that name, unlike those of the hidden cases."""

    def pick(*values: float) -> float:
        return values[int(torch.randint(len(values), (), generator=generator))]

    if name == "size":
        return (int(pick(1, 7, 33, 480)), int(pick(2, 5, 61, 640)))
    if name == "min_size":
        return pick(0, 0.05, 1, 3.3, 40)
    count, scale = int(pick(0, 1, 2, 4, 9)), pick(0.1, 1, 30, 900)
    corners = (torch.rand(count, 2, 2, generator=generator, dtype=torch.float64) - 0.3) * scale
    boxes = torch.cat([corners.amin(1), corners.amax(1)], dim=1)
    boxes[::3, 2] = boxes[::3, 0]  # flat
    return boxes


def same_behaviour(exercise: Exercise, text: str, names: dict) -> bool:
    """Whether a mutant does what the library does on other inputs than the grader's."""
    function = define(text, exercise.name, "<mutant>", names)
    generator = torch.Generator().manual_seed(0)
    for round_ in range(1000):
        arguments = [random_argument(name, generator) for name in inspect.signature(exercise.reference).parameters]
        if round_ % 2:
            arguments = [a.float() if isinstance(a, torch.Tensor) else a for a in arguments]
        run = answer_elsewhere if round_ % 3 == 0 else answer_and_arguments
        wanted = run(exercise.reference, tuple(arguments))
        came = call(run, function, tuple(arguments))
        # atol: whether a right answer adds or subtracts its small number against 0 / 0 is not a change of behaviour
        if isinstance(came, Failure) or difference(wanted, came, rtol=1e-5 if round_ % 2 else 1e-9, atol=1e-5):
            return False
    return True


def main(lab: str) -> int:
    """Print the survivors and the counts; give the number of holes."""
    counts = dict.fromkeys(("killed", "same behaviour", "holes"), 0)
    torch.set_num_threads(1)
    references = {exercise.name: getattr(library, exercise.name) for exercise in LABS[lab]}
    for exercise in LABS[lab]:
        plain = replace(exercise.check, ready_made=())
        judged = replace(exercise, check=plain, reference=references[exercise.name], misconceptions=lambda: [])
        neighbours = {name: f for name, f in references.items() if name != exercise.name}
        texts = {"the reference": solutions(lab, "boxes")[exercise.name]}
        texts |= {a.name: a.text for a in answers(lab) if a.exercise == exercise.name and not a.hint}
        for source, text in texts.items():
            for mutant in mutants(text):
                try:
                    function = define(mutant, exercise.name, "<mutant>", neighbours)
                except Exception:  # a mutant that does not even define the function
                    counts["killed"] += 1
                    continue
                if judge(judged, function, seed=1).score < exercise.points:
                    counts["killed"] += 1
                    continue
                verdict = "same behaviour" if same_behaviour(judged, mutant, neighbours) else "holes"
                counts[verdict] += 1
                changed = set(mutant.splitlines()) - set(text.splitlines()) - {"from __future__ import annotations"}
                print(f"{verdict:<15} {exercise.name} ({source}): {' '.join(line.strip() for line in changed)}")
    print(", ".join(f"{number} {name}" for name, number in counts.items()))
    return counts["holes"]


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1] if len(sys.argv) > 1 else "lab1_boxes") else 0)
