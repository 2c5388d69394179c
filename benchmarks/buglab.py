"""Write the records of lab 7's bug lab: the same training with right parts, and with each of its bugs.

    python benchmarks/buglab.py --out course/buglab/records.json

Six trainings of 200 steps, about two minutes each on one core.
"""

import argparse
import json
from pathlib import Path

import torch

from course import buglab, library, scenes, training
from course.detector import Detector

PICTURES, STEPS, EVERY, LAST = 300, 200, 50, 25
MEASURED = 60  # unseen scenes
Rows = list[dict[str, float]]


def main() -> None:
    """Train, and write."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--out", type=Path, required=True)
    given = ask.parse_args()
    examples = training.ready(scenes.Scenes(PICTURES), progress=False)
    unseen = training.ready(scenes.Scenes(MEASURED, seed=1), progress=False)
    records = [trained(case, examples, unseen) for case in (0, *buglab.CASES, *buglab.MUSEUM)]
    tables = (",\n".join(f"    {json.dumps(row)}" for row in rows) for rows in records)
    given.out.write_text("[\n" + ",\n".join(f"  [\n{table}\n  ]" for table in tables) + "\n]\n", encoding="utf-8")


def trained(case: int, examples: list, unseen: list) -> Rows:
    """The record of one training."""
    torch.manual_seed(0)
    detector = Detector(buglab.suspects(case) if case else library, len(scenes.CLASSES))
    rows: Rows = []

    def tell(step: int, losses: Rows) -> None:
        last = losses[-LAST:]
        means = {name: round(sum(each[name] for each in last) / len(last), 3) for name in last[0]}
        score = training.evaluate(detector, unseen)["boxes"]["AP50"]
        rows.append({"step": step, **means, "AP50": round(score, 3)})
        print(f"case {case}: {rows[-1]}", flush=True)

    training.train(detector, examples, steps=STEPS, every=EVERY, after=tell)
    return rows


if __name__ == "__main__":
    main()
