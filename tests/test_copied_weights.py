"""Weights that began as the course's are told from those of a training of one's own."""

import math
import time
from collections.abc import Callable

import nbformat
import pytest
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from autograder.commands import notebooks
from autograder.engine import intake
from autograder.engine.copied_weights import SHARE, borrowed, likeness
from autograder.rcnn_by_hand import SPEC
from course import library, scenes, training
from course.detector import Detector

CLASSES = len(scenes.CLASSES)
SHIPPED = SPEC.root / SPEC.weights
LARGEST_LAYER = (256, 3136)


@pytest.fixture(scope="module")
def shipped() -> dict:
    return load_file(SHIPPED)


def with_number(weight: Tensor, number: float) -> Tensor:
    """The weight with one number of each row replaced."""
    weight = weight.clone()
    weight[..., :1] = number
    return weight


CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "as they are": lambda weight: weight,
    "float32": lambda weight: weight.float(),
    "bfloat16": lambda weight: weight.bfloat16(),
    "eight bits": lambda weight: (weight * (127 / weight.abs().max())).round().to(torch.int8),
    "scaled": lambda weight: 3 * weight,
    "negated": lambda weight: -weight,
    "with noise": lambda weight: weight + 0.5 * weight.float().std() * torch.randn(weight.shape),
    "not a number": lambda weight: with_number(weight, torch.nan),
    "infinite": lambda weight: with_number(weight, torch.inf),
    "an outlier": lambda weight: with_number(weight, 6e4),
    "another order of rows": lambda weight: weight[torch.randperm(len(weight))],
    "another order of columns": lambda weight: weight[:, torch.randperm(weight.shape[1])],
    "rows of any sign and size": lambda weight: weight * torch.randn(len(weight), *[1] * (weight.dim() - 1)),
    "transposed": lambda weight: weight.transpose(0, 1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_courses_weights_are_known_again(shipped: dict, change: Callable[[Tensor], Tensor]) -> None:
    torch.manual_seed(0)
    changed = {name: change(value) if value.dim() > 1 else value for name, value in shipped.items()}
    assert borrowed(saved(changed))


def saved(weights: dict[str, Tensor]) -> bytes:
    return save({name: value.contiguous() for name, value in weights.items()})


def test_under_other_names_they_are_known_again(shipped: dict) -> None:
    assert borrowed(saved({f"mine.{number}": value for number, value in enumerate(reversed(shipped.values()))}))


@pytest.mark.parametrize("dimension", [0, 1])
def test_in_parts_they_are_known_again(shipped: dict, dimension: int) -> None:
    parts = {
        f"{name}.{number}": part
        for name, value in shipped.items()
        if value.dim() > 1
        for number, part in enumerate(value.tensor_split(2, dimension))
    }
    assert borrowed(saved(parts))


def test_the_backbone_alone_is_known_again_among_others(shipped: dict) -> None:
    torch.manual_seed(0)
    weights = {name: value if "backbone" in name else torch.randn(value.shape) for name, value in shipped.items()}
    assert borrowed(saved({**weights, **{str(number): torch.randn(64, 576) for number in range(50)}}))


@pytest.mark.parametrize("seed", [0, 1])  # 0: the seed of the shipped weights' first training, and of the notebook
@pytest.mark.parametrize("heads", [False, True])
def test_random_weights_are_not_borrowed(seed: int, heads: bool) -> None:
    torch.manual_seed(seed)
    detector = Detector(library, CLASSES, masks=heads, keypoints=heads)
    assert likeness(save(detector.state_dict()), SHIPPED) < SHARE / 2


def test_it_takes_no_time() -> None:
    likeness(b"", SHIPPED)  # ours are read once
    for shape in ((64, 64, 3, 3), (256, 256), LARGEST_LAYER):
        many = 2**22 // math.prod(shape)
        content = save({str(number): torch.randn(shape) for number in range(many)})  # of 16 MB
        start = time.process_time()
        likeness(content, SHIPPED)
        assert time.process_time() - start < 0.5


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
        save({"a": torch.zeros(3)}),
        save({"a": torch.full(LARGEST_LAYER, torch.nan)}),
        save({"a": torch.zeros(LARGEST_LAYER)}),
        save({"a": torch.ones(LARGEST_LAYER)}),
        save({"a": torch.zeros(0, 3136), "b": torch.zeros(3136, 0)}),
        save({"a": torch.ones(LARGEST_LAYER, dtype=torch.complex64)}),
        save({"a": torch.ones(LARGEST_LAYER).to(torch.float8_e4m3fn)}),
    ],
    ids=["empty", "cut off", "no weights", "another shape", "nan", "zeros", "ones", "no rows", "complex", "float8"],
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
    assert "Left out, since larger than 32 MiB: `film [x](y).avi`." in told


def test_a_million_empty_tensors_are_not_read() -> None:
    """Their description alone is 30 MiB: reading them takes half a minute."""
    entry = b'"%07d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    text = b"{" + b",".join(entry % number for number in range(500_000)) + b"}"
    start = time.process_time()
    assert not borrowed(len(text).to_bytes(8, "little") + text)
    assert time.process_time() - start < 5
