"""Whether another seed ever turns a verdict: every known answer judged on fresh inputs, again and again.

    python benchmarks/seeds.py --seeds 4

Prints what turned, and how many verdicts stood. A right answer must get all points, a wrong one its own hint, whatever
the inputs; about two minutes for each seed.
"""

import argparse
import sys

from tqdm import tqdm

from autograder.grader.grading import judge
from autograder.labs import EXERCISES, LABS, answers


def main() -> None:
    """Judge, and count."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seeds", type=int, default=2, help="how many (default %(default)s)")
    ask.add_argument("--lab", choices=LABS, help="one lab only")
    given = ask.parse_args()
    known = [answer for lab in ([given.lab] if given.lab else LABS) for answer in answers(lab)]
    turned = 0
    for seed in range(given.seeds):
        for answer in tqdm(known, desc=f"seed {seed}", leave=False):
            report = judge(EXERCISES[answer.exercise], answer.function(), seed)
            if (report.score == report.points) != (not answer.hint) or report.hint != answer.hint:
                turned += 1
                print(f"{answer.exercise}-{answer.name}, seed {seed}: {report.score} of {report.points}: {report.hint}")
    print(f"{given.seeds * len(known):,} verdicts, {turned} turned")
    sys.exit(bool(turned))


if __name__ == "__main__":
    main()
