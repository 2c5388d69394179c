"""The trained detector's points: by AP50, from pictures alone; a bad file is a clear 0."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from student_process import student_process
from torch import Tensor

from autograder import grade
from autograder.commands import notebooks
from autograder.grader.answers import define
from autograder.grader.grading import judge
from autograder.labs.lab7_capstone.cases import detect as lab7_detect
from autograder.labs.lab7_capstone.cases.detect import STAGES
from course import library, metrics, scenes
from course.detector import Detector, save_weights
from course.labs.lab7_capstone.checks import detect as look
from solutions.lab7_capstone.capstone import detect

SIZE = (128, 128)
FEW = 8  # scenes, to save time
# Draws the hidden scenes anew, from the seed that its process's random state tells, instead of looking at pictures.
CLAIRVOYANT = f"""
def detect(pictures):
    from course.scenes import scene

    generator = torch.Generator().manual_seed(torch.initial_seed() - 1)
    size = tuple(pictures[0].shape[1:]) if len(pictures) else (0, 0)
    count = 0 if not pictures else {FEW} if size == (128, 128) else 6
    sites = [scene(seed, size) for seed in torch.randint(2**60, (count,), generator=generator).tolist()]
    answers = []
    for picture in pictures:
        target = next((target for site, target in sites if torch.equal(site, picture)), None)
        boxes = torch.zeros(0, 4) if target is None else target["boxes"]
        labels = torch.zeros(0, dtype=torch.int64) if target is None else target["labels"]
        answers.append(dict(boxes=boxes, labels=labels, scores=torch.linspace(0.9, 0.8, len(boxes))))
    return answers
"""


def dropping(share: float) -> Callable[..., Any]:
    """What a detector would find that sees nothing wrong, but only so many of each class's objects."""

    def found(function: object, seeds: tuple[int, ...], size: tuple[int, int]) -> list[dict[str, Tensor]]:
        answers = []
        for target in look.sites(seeds, size)[1]:
            answers.append({**target, "scores": torch.linspace(0.9, 0.1, len(target["labels"]))})
        for label in range(1, len(scenes.CLASSES)):
            rows = [(each, row) for each, t in enumerate(answers) for row in (t["labels"] == label).nonzero()[:, 0]]
            for each, row in rows[round(share * len(rows)) :]:
                answers[each]["scores"][row] = 0
        kept = [{key: each[key][each["scores"] > 0] for key in look.WANTED} for each in answers]
        return kept

    return found


@pytest.mark.parametrize("share", [0.2, 0.45, 0.6, 0.7, 0.78, 1.0])
def test_points_rise_with_ap50(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no wrong box, AP50 is the share of objects that were found, to about a hundredth."""
    monkeypatch.setattr(look, "found", dropping(share))
    report = grade("detect", lambda images: [], seed=1)
    stages = [row for row in report.rows if row.title.startswith("AP50") and "wide" not in row.title]
    assert [row.held for row in stages] == [ap50 <= share for ap50 in STAGES]
    assert (report.score > 0) == report.core_holds == (share >= min(STAGES))


def test_the_first_stage_is_what_nothing_counts_without_and_demands_rise() -> None:
    assert list(STAGES) == sorted(STAGES)
    text = notebooks.read(notebooks.ROOT / "source" / "lab7_capstone" / "capstone.ipynb")
    (words,) = (cell.source for cell in text.cells if cell.source.startswith("## Exercise 2 · `detect`"))
    assert f"AP50 of {min(STAGES):g}, the last ones at {max(STAGES):g}" in " ".join(words.split())


def test_ap50_is_cocos() -> None:
    _, targets = look.sites((1, 2, 3), SIZE)
    answers = metrics.made_up_predictions(targets, SIZE, seed=3)
    assert look.ap50(answers, targets) == pytest.approx(metrics.coco_ap(answers, targets)["boxes"]["AP50"], abs=1e-6)


@pytest.mark.usefixtures("beside_the_detector")
def test_the_function_gets_pictures_alone_and_each_once() -> None:
    asked: list[list[Tensor]] = []

    def spying(images: list[Tensor]) -> list[dict[str, Tensor]]:
        asked.append(images)
        return detect(images)

    report = grade("detect", spying, seed=2)
    assert report.score == report.points, [row for row in report.rows if not row.held]
    assert all(type(image) is Tensor and not vars(image) for images in asked for image in images)
    hidden = [tuple(image.flatten()[::97].tolist()) for images in asked for image in images if image.any()]
    assert len(hidden) <= len(set(hidden)) + 1  # one of them once more, to see whether it is left as it was
    assert max(map(len, asked)) <= look.BATCH


def test_seeds_differ_and_come_from_too_many_to_list() -> None:
    seeds, _ = lab7_detect.drawn(torch.Generator().manual_seed(1), 32, SIZE)
    other, _ = lab7_detect.drawn(torch.Generator().manual_seed(2), 32, SIZE)
    assert len({*seeds, *other}) == 64
    assert min(seeds) > 2**40


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "there is no file detector.safetensors here: train first"),
    "oversized": (lambda path: path.write_bytes(bytes(50_000_001)), "has 50,000,001 bytes"),
    "malformed": (lambda path: path.write_bytes(b"not a tensor"), "is not a file of weights (safetensors)"),
    "weights alone": (
        lambda path: shutil.copy(notebooks.ROOT / "course" / "weights" / "scenes.safetensors", path),
        "holds weights, but not the detector that they belong to",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_a_clear_0(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = BAD[kind]
    make(tmp_path / "detector.safetensors")
    monkeypatch.chdir(tmp_path)
    report = grade("detect", detect)
    assert report.score == 0
    assert words in report.hint
    assert "WeightsError" in report.hint


@pytest.mark.usefixtures("beside_the_detector")
def test_a_detector_that_learnt_nothing_earns_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_weights(Detector(library, len(scenes.CLASSES)), tmp_path / "detector.safetensors")
    monkeypatch.chdir(tmp_path)
    assert grade("detect", detect).score == 0


def test_the_zoo_is_no_way_round() -> None:
    def from_the_zoo(images: list[Tensor]) -> Any:
        from course import zoo

        return zoo.detector("boxes").model(images)

    report = grade("detect", from_the_zoo)
    assert report.score == 0
    assert "ready-made" in report.reason


def clairvoyant() -> dict[str, Any]:
    """The student's function."""
    return {"detect": define(CLAIRVOYANT, "detect", "<clairvoyant>")}


def test_a_random_state_does_not_tell_the_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.labs.lab7_capstone.cases.detect.SCENES", FEW)
    with student_process(clairvoyant) as process:
        report = judge(lab7_detect.DETECT, process.lookup("detect"))
    assert report.score == 0
    assert not report.core_holds
    assert not report.reason
    told = judge(lab7_detect.DETECT, define(CLAIRVOYANT, "detect", "<clairvoyant>"), seed=report.seed)
    assert told.score == told.points  # beside the grader, where states are the grader's own, it knows everything
