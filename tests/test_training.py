"""Training: it learns, the same seed gives the same weights however often it was interrupted, bad input is named."""

import copy
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from course import library, scenes, training
from course.detector import Detector, load_weights
from course.training import TrainingError
from course.training.__main__ import main

CLASSES = len(scenes.CLASSES)
PLAN = {"steps": 6, "batch_size": 2, "seed": 3, "every": 2}


def fresh() -> Detector:
    torch.manual_seed(0)
    return Detector(library, CLASSES)


@pytest.fixture(scope="module")
def examples() -> list:
    return training.ready(scenes.Scenes(5, size=64, seed=4), progress=False)


@pytest.fixture(scope="module")
def undisturbed(examples: list) -> tuple[Detector, list]:
    detector = fresh()
    return detector, training.train(detector, examples, **PLAN)


def same(one: Detector, other: Detector) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.state_dict().items())


def test_it_learns(examples: list) -> None:
    losses = training.train(fresh(), examples[:2], steps=40, batch_size=2)
    first, last = (sum(sum(step.values()) for step in part) for part in (losses[:5], losses[-5:]))
    assert last < first / 2


KILLED = """
import os, signal, sys
import torch
from course import library, scenes, training
from course.detector import Detector

torch.set_num_threads({threads})
torch.manual_seed(0)
detector = Detector(library, {classes})
examples = training.ready(scenes.Scenes(5, size=64, seed=4), progress=False)
torch.manual_seed(99)  # what else draws random numbers must not matter
training.train(detector, examples, **{plan}, checkpoint=sys.argv[1],
               after=lambda step, losses: step == 4 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_killed_and_resumed_it_gives_the_weights_of_an_undisturbed_run(
    tmp_path: Path, examples: list, undisturbed: tuple[Detector, list]
) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    script = KILLED.format(threads=torch.get_num_threads(), classes=CLASSES, plan=PLAN)
    ended = subprocess.run([sys.executable, "-c", script, str(checkpoint)], capture_output=True, timeout=300)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    detector, seen = fresh(), []
    losses = training.train(
        detector, examples, **PLAN, checkpoint=checkpoint, after=lambda step, so_far: seen.append(step)
    )
    assert seen == [6]
    assert losses == undisturbed[1]
    assert same(detector, undisturbed[0])


def test_what_runs_beside_a_training_changes_nothing(examples: list, undisturbed: tuple[Detector, list]) -> None:
    detector = fresh()
    training.train(
        detector,
        examples,
        **PLAN,
        after=lambda step, losses: training.predict(detector, [examples[0][0]]) and torch.rand(step),
    )
    assert same(detector, undisturbed[0])


def test_every_picture_is_seen_once_before_any_is_seen_again(examples: list) -> None:
    seen: list[int] = []

    class Looking(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(()))

        def forward(self, images: list, targets: list) -> dict:
            seen.extend(target["image_id"] for target in targets)
            return {"loss": self.weight**2}

    training.train(Looking(), examples, steps=5, batch_size=3)
    ids = sorted(target["image_id"] for _, target in examples)
    assert [sorted(seen[start : start + 5]) for start in (0, 5, 10)] == [ids] * 3
    assert seen[:5] != seen[5:10]


def test_a_checkpoint_of_another_training_is_refused(tmp_path: Path, examples: list) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    training.train(fresh(), examples, steps=1, batch_size=2, checkpoint=checkpoint)
    with pytest.raises(TrainingError, match=r"comes from another training \(steps 1 → 2\): delete it"):
        training.train(fresh(), examples, steps=2, batch_size=2, checkpoint=checkpoint)
    torch.manual_seed(0)
    other = Detector(library, CLASSES, masks=True)
    with pytest.raises(TrainingError, match="is the checkpoint of another model"):
        training.train(other, examples, steps=1, batch_size=2, checkpoint=checkpoint)
    on_cuda = torch.load(checkpoint)
    on_cuda["plan"]["device"] = "cuda"
    torch.save(on_cuda, checkpoint)
    with pytest.raises(TrainingError, match=r"comes from another training \(device cuda → cpu\): delete it"):
        training.train(fresh(), examples, steps=1, batch_size=2, checkpoint=checkpoint)
    checkpoint.write_bytes(b"broken")
    with pytest.raises(TrainingError, match="is not a checkpoint of a training"):
        training.train(fresh(), examples, steps=1, batch_size=2, checkpoint=checkpoint)


def test_no_pictures_and_a_loss_that_is_no_number_are_named(examples: list) -> None:
    with pytest.raises(TrainingError, match="at least one picture, got none"):
        training.train(fresh(), [], steps=1)
    broken = copy.copy(vars(library))
    broken["detection_loss"] = lambda *args: (args[0].sum() * torch.nan, args[1].sum())
    with pytest.raises(TrainingError, match="step 0: loss_classifier is nan"):
        training.train(Detector(broken, CLASSES), examples, steps=1, batch_size=2)


def test_the_command_trains_writes_and_measures(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    out = tmp_path / "weights.safetensors"
    main(["--out", str(out), "--steps", "2", "--scenes", "2", "--unseen", "2"])
    said = capsys.readouterr().out
    assert "AP on 2 unseen scenes" in said
    assert [line.split()[0] for line in said.splitlines()[-3:]] == ["boxes", "masks", "keypoints"]
    detector = Detector(library, CLASSES, masks=True, keypoints=True)
    load_weights(detector, out)
    assert all(value.dtype != torch.float16 for value in detector.state_dict().values())


def test_boxes_alone_are_trained_from_weights_whose_other_heads_stay(tmp_path: Path) -> None:
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    small = ["--steps", "1", "--scenes", "2", "--unseen", "2"]
    main(["--out", str(first), *small])
    main(["--out", str(second), "--start", str(first), "--only-boxes", *small])
    before, after = load_file(first), load_file(second)
    heads = ("mask_head.", "keypoint_head.")
    assert before.keys() == after.keys()
    assert all(before[name].equal(after[name]) for name in before if name.startswith(heads))
    assert not before["box_head.fc6.weight"].equal(after["box_head.fc6.weight"])


def test_cuda_asked_for_and_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="CUDA was asked for, and torch finds no GPU here"):
        main(["--out", str(tmp_path / "w"), "--device", "cuda"])


@pytest.mark.gpu
def test_on_cuda_it_learns_and_the_weights_fit_the_cpu(examples: list) -> None:
    detector = fresh().cuda()
    losses = training.train(detector, examples[:2], steps=40, batch_size=2)
    assert sum(losses[-1].values()) < sum(losses[0].values()) / 2
    with torch.no_grad():
        there = detector.eval()([examples[0][0].cuda()])[0]
        here = detector.cpu()([examples[0][0]])[0]
    torch.testing.assert_close(there["scores"].cpu()[:3], here["scores"][:3], rtol=1e-2, atol=1e-2)
