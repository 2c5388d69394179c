"""Weights that began as the course's are told from those of a training of one's own."""

import nbformat
import pytest
import torch
from safetensors.torch import load_file, save

from autograder import notebooks
from autograder.engine import intake
from autograder.engine.borrowed import LAYER, SHIPPED, borrowed
from course import library, scenes, training
from course.detector import Detector

CLASSES = len(scenes.CLASSES)


@pytest.fixture(scope="module")
def shipped() -> dict:
    return load_file(SHIPPED)


@pytest.mark.parametrize(
    "change",
    [
        lambda weight: weight,
        lambda weight: weight.float(),
        lambda weight: weight.bfloat16(),
        lambda weight: 3 * weight,
        lambda weight: weight + 0.5 * weight.float().std() * torch.randn(weight.shape) if weight.dim() else weight,
    ],
    ids=["as they are", "float32", "bfloat16", "scaled", "with noise"],
)
def test_the_courses_weights_are_known_again(shipped: dict, change) -> None:
    torch.manual_seed(0)
    assert borrowed(save({name: change(value) for name, value in shipped.items()}))


def test_trained_on_from_there_they_are_known_again(shipped: dict) -> None:
    detector = Detector(library, CLASSES)
    detector.load_state_dict({name: shipped[name].float() for name in detector.state_dict()})
    examples = training.ready(scenes.Scenes(2, size=64, seed=4), progress=False)
    training.train(detector, examples, steps=10, batch_size=2)
    assert borrowed(save(detector.state_dict()))


def test_a_training_of_ones_own_is_not_borrowed() -> None:
    torch.manual_seed(0)  # the seed of the shipped weights' first training
    detector = Detector(library, CLASSES)
    assert not borrowed(save(detector.state_dict()))
    examples = training.ready(scenes.Scenes(2, size=64, seed=4), progress=False)
    training.train(detector, examples, steps=10, batch_size=2)
    assert not borrowed(save(detector.state_dict()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"12345678{",
        b"\x02\0\0\0\0\0\0\0{}",
        save({LAYER: torch.zeros(3)}),
        save({LAYER: torch.full((256, 3136), torch.nan)}),
        save({LAYER: torch.zeros(256, 3136)}),
    ],
    ids=["empty", "cut off", "no weights", "another shape", "nan", "zeros"],
)
def test_what_is_no_file_of_weights_is_not_borrowed(content: bytes) -> None:
    assert not borrowed(content)


def test_borrowed_and_large_files_are_left_out_and_their_owner_is_told(tmp_path) -> None:
    notebook = notebooks.read(notebooks.ROOT / "release" / "lab7_capstone" / "capstone.ipynb")
    folder = tmp_path / "submitted"
    folder.mkdir()
    nbformat.write(notebook, folder / "capstone.ipynb")
    (folder / "detector.safetensors").write_bytes(SHIPPED.read_bytes())
    (folder / "other.bin").write_bytes(SHIPPED.read_bytes())  # under another name
    (folder / "film [x](y).avi").write_bytes(bytes(intake.LARGEST_FILE + 1))
    (folder / "notes.txt").write_text("kept")
    taken = intake.take_in(folder, "mary", {"capstone": notebook}, tmp_path / "clean")
    assert {path.name for path in taken.folder.iterdir()} == {"capstone.ipynb", "notes.txt"}
    told = taken.notebooks["capstone"].notebook.cells[0].source
    assert "The file detector.safetensors is left out: its weights began as the course's own" in told
    assert "The file other.bin is left out" in told
    assert "The file film??x??y?.avi is left out: it is larger than 32 MiB." in told
