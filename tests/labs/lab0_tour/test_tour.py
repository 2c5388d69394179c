"""Lab 0, the tour: the five tasks, marked frames, uploads, and the notebook as a whole, without network."""

import io
import re
import sys
import types
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from PIL import Image
from torch import Tensor, nn
from torchvision.models import WeightsEnum, mobilenet_v3_large
from torchvision.models.segmentation import lraspp_mobilenet_v3_large

from autograder.commands import notebooks
from course import draw, scenes, setup, uploads, video
from course.labs.lab0_tour import tasks
from course.uploads import UploadError

SIZE = (96, 128)


class FewThings(nn.Module):
    """A detector that finds a person, a helmet and, unsurely, a ball, always at the same places."""

    def forward(self, images: list[Tensor]) -> list[dict[str, Tensor]]:
        high, wide = images[0].shape[1:]
        masks = torch.zeros(3, 1, high, wide)
        masks[0, 0, 20:80, 10:40], masks[1, 0, 15:25, 15:30] = 0.9, 0.6
        joints = torch.stack([torch.linspace(12, 38, 17), torch.linspace(22, 78, 17), torch.ones(17)], dim=1)
        return [
            {
                "boxes": torch.tensor([[10.0, 20, 40, 80], [15, 15, 30, 25], [60, 60, 80, 80]]),
                "labels": torch.tensor([1, 2, 4]),
                "scores": torch.tensor([0.95, 0.8, 0.3]),
                "masks": masks,
                "keypoints": joints.expand(3, 17, 3),
                "keypoints_scores": torch.full((3, 17), 2.0),
            }
        ]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tasks.zoo,
        "detector",
        lambda task, device="cpu": tasks.zoo.Pretrained(FewThings().eval(), scenes.CLASSES, f"few {task}"),
    )


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "no-cache"))
    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr("course.drawing.figure.display", found.append)
    monkeypatch.setattr("course.uploads.display", found.append)
    return found


# --- five tasks ---


def test_offline_the_truth_of_a_scene_stands_in_and_it_is_said(few: None, offline: None) -> None:
    image, target = scenes.scene(31, SIZE)
    answers = tasks.five(image, target)
    assert answers.classes == [("building site", 1.0)]
    regions, names = answers.regions
    for row in range(SIZE[0]):  # pixel by pixel: its class is that of the one mask that covers it
        for column in range(0, SIZE[1], 7):
            covers = torch.nonzero(target["masks"][:, row, column]).flatten().tolist()
            assert int(regions[row, column]) == (int(target["labels"][covers[0]]) if covers else 0)
    assert names == scenes.CLASSES
    assert str(answers).splitlines() == [
        "classification, semantic segmentation: the truth about the made-up scene; "
        "torchvision's weights are not available here (<urlopen error no route to host>).",
        "object detection: few boxes",
        "instance segmentation: few masks",
        "joint detection: few keypoints",
    ]


def test_offline_your_own_photo_has_three_answers_and_the_others_are_told(
    few: None, offline: None, shown: list
) -> None:
    answers = tasks.five(torch.rand(3, *SIZE))
    assert answers.classes is None
    assert answers.regions is None
    assert answers.sources["classification"].startswith("no answer; torchvision's weights are not available")
    draw.five_tasks(answers)
    (picture,) = shown
    assert "Classification: no answer here".lower() in picture.alt.lower()
    assert "object detection: 1 × person, 1 × helmet. instance segmentation: 1 × person, 1 × helmet." in picture.alt
    assert "joint detection: 1 skeletons with 17 joints" in picture.alt


def test_with_weights_torchvisions_models_answer(few: None, monkeypatch: pytest.MonkeyPatch, shown: list) -> None:
    """The weights are made up here: class 207 of ImageNet everywhere, class 12 of VOC everywhere."""

    def get_state_dict(weights: WeightsEnum, *args: object, **kwargs: object) -> dict[str, Tensor]:
        segments = "LRASPP" in type(weights).__name__
        model = lraspp_mobilenet_v3_large(weights_backbone=None) if segments else mobilenet_v3_large()
        state = {name: torch.zeros_like(value) for name, value in model.state_dict().items()}
        bias = "classifier.low_classifier.bias" if segments else "classifier.3.bias"
        state[bias][12 if segments else 207] = 9.0
        return state

    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **kwargs: io.BytesIO())
    monkeypatch.setattr(WeightsEnum, "get_state_dict", get_state_dict)
    answers = tasks.five(torch.rand(3, *SIZE))
    assert answers.classes[0][0] == "golden retriever"
    assert [len(answers.classes), answers.classes[0][1] > answers.classes[1][1]] == [3, True]
    regions, names = answers.regions
    assert tuple(regions.shape) == SIZE
    assert {names[label] for label in regions.unique()} == {"dog"}
    assert "trained on ImageNet" in str(answers)
    draw.five_tasks(answers)
    assert "dog 100% of the pixels" in shown[0].alt


def test_a_picture_in_which_nothing_is_found_is_drawn_too(few: None, offline: None, shown: list) -> None:
    nothing = {name: value[:0] for name, value in FewThings()([torch.zeros(3, *SIZE)])[0].items()}
    found = nothing, scenes.CLASSES
    draw.five_tasks(tasks.Answers(torch.rand(3, *SIZE), None, (torch.zeros(SIZE).long(), ("a",)), *[found] * 3, {}))
    assert shown[0].alt.count("nothing") == 3
    assert "joint detection: nobody" in shown[0].alt


# --- marked frames ---


def test_a_marked_frame_is_changed_where_something_was_found() -> None:
    frame = torch.full((3, *SIZE), 0.25)
    before = frame.clone()
    answer = FewThings()([frame])[0]
    marked = video.marked(frame, answer, scenes.CLASSES)
    assert torch.equal(frame, before)
    assert (marked.dtype, tuple(marked.shape)) == (torch.uint8, (3, 4 * SIZE[0], 4 * SIZE[1]))
    changed = (marked != 64).any(dim=0)
    assert changed[4 * 20 : 4 * 80, 4 * 10 : 4 * 40].float().mean() > 0.95  # the person's mask
    assert not changed[4 * 58 :, 4 * 58 :].any()  # the ball's score is too low
    without = video.marked(frame, {name: answer[name] for name in ("boxes", "labels", "scores")}, scenes.CLASSES, 0.0)
    changed = (without != 64).any(dim=0)
    assert changed[4 * 60 + 1, 4 * 60 : 4 * 80].all()  # now the ball's upper edge is there,
    assert not changed[4 * 64 : 4 * 70, 4 * 64 : 4 * 76].any()  # and no mask in it


def test_a_large_frame_keeps_its_size_and_an_empty_answer_leaves_it() -> None:
    frame = torch.rand(3, 40, 480)
    nothing = {name: value[:0] for name, value in FewThings()([frame])[0].items()}
    assert torch.equal(video.marked(frame, nothing, scenes.CLASSES), (frame * 255).round().to(torch.uint8))
    nobody = {name: value[1:] for name, value in FewThings()([torch.zeros(3, *SIZE)])[0].items()}
    assert video.marked(torch.zeros(3, *SIZE), nobody, scenes.CLASSES).any()


# --- your own files ---


def jpeg(path: Path, size: tuple[int, int], orientation: int | None = None) -> Path:
    """A picture whose upper half, as the sensor saw it, is white."""
    pixels = np.zeros((size[1], size[0], 3), np.uint8)
    pixels[: size[1] // 2] = 255
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif)
    return path


@pytest.mark.parametrize(
    ("size", "shape"), [((640, 480), (3, 240, 320)), ((300, 200), (3, 200, 300)), ((100, 800), (3, 320, 40))]
)
def test_a_photo_is_made_smaller_never_larger(size: tuple[int, int], shape: tuple[int, ...], tmp_path: Path) -> None:
    picture = uploads.photo(jpeg(tmp_path / "a.jpg", size))
    assert (picture.dtype, tuple(picture.shape)) == (torch.float32, shape)
    half = shape[1] // 2
    assert picture[:, : half - 4].min() > 0.95
    assert picture[:, half + 4 :].max() < 0.05


def test_a_photo_of_a_phone_comes_upright(tmp_path: Path) -> None:
    picture = uploads.photo(jpeg(tmp_path / "a.jpg", (200, 100), orientation=6))  # turned by 90° clockwise to be seen
    assert tuple(picture.shape) == (3, 200, 100)
    assert picture[:, :, 60:].min() > 0.9
    assert picture[:, :, :40].max() < 0.1


def test_what_is_no_photo_is_told(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="there is no file"):
        uploads.photo(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_text("no picture")
    with pytest.raises(UploadError, match="cannot be read as a picture: save it as JPEG or PNG"):
        uploads.photo(tmp_path / "a.jpg")
    cut = jpeg(tmp_path / "b.jpg", (640, 480))
    cut.write_bytes(cut.read_bytes()[:900])
    with pytest.raises(UploadError, match="cannot be read as a picture"):
        uploads.photo(cut)


def test_the_sample_photo_is_a_portrait() -> None:
    for picture, height in ((uploads.sample_photo(), 320), (uploads.sample_photo(longest=128), 128)):
        assert picture.shape[1] == height
        assert picture.shape[2] / height == pytest.approx(512 / 600, abs=1 / height)


@pytest.mark.parametrize("version", [7, 8])
def test_a_file_from_the_button_is_saved_once_it_is_asked_for(
    version: int, shown: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = uploads.ask("photo")
    assert len(shown) == 1
    assert mine.path is None
    assert capsys.readouterr().out.startswith("No photo chosen: choose one above")
    content = jpeg(tmp_path / "other.jpg", (40, 30)).read_bytes()
    value = (
        {"x/../me.jpg": {"metadata": {}, "content": content}}
        if version == 7
        else ({"name": "x/../me.jpg", "content": memoryview(content)},)
    )
    mine.button = types.SimpleNamespace(value=value)
    assert mine.path == Path("me.jpg")
    assert uploads.photo(mine.path).shape == (3, 30, 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["me.jpg", "other.jpg"]


def test_in_colab_its_own_dialog_asks(shown: list, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers = iter([{"me.mp4": b"..."}, {}])
    files = types.SimpleNamespace(upload=lambda: next(answers))
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.files", files)
    assert uploads.ask("video").path == Path("me.mp4")
    assert uploads.ask("video").path is None  # cancelled
    assert shown == []


def test_a_path_that_is_typed_in_asks_nobody(shown: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = jpeg(tmp_path / "a.jpg", (40, 30))
    assert uploads.ask("photo", there).path == there
    with pytest.raises(UploadError, match=r"expected the path of a video, but there is no file b\.mp4"):
        uploads.ask("video", "b.mp4")
    with pytest.raises(UploadError, match="expected one of photo, video, got 'song'"):
        uploads.ask("song")
    monkeypatch.setattr(setup, "attended", lambda: False)
    assert uploads.ask("photo").path is None
    assert shown == []


# --- the notebook ---


def test_the_tour_has_nothing_to_grade() -> None:
    released = notebooks.read(notebooks.ROOT / "release/lab0_tour/tour.ipynb")
    assert not [cell for cell in released.cells if "nbgrader" in cell.metadata]


def test_run_all_without_network_ends_with_a_video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no-cache"))
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")  # nobody listens there
    notebook = nbformat.read(notebooks.ROOT / "release/lab0_tour/tour.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in outputs if output.get("name") == "stderr"] == []
    html = "".join(output.data.get("text/html", "") for output in outputs if "data" in output)
    assert html.count("<video ") == html.count('src="data:video/webm;base64,') == 2
    assert html.count("<img ") == html.count(' alt="') >= 3
    on_scene, on_photo = re.findall(r' alt="(Score at least [^"]*)"', html)
    assert "person" in on_scene
    assert ["ball" in on_photo, "helmet" in on_photo, "person" in on_photo] == [True, True, False], "as the text says"
    clip, result = (video.read(tmp_path / name) for name in ("scenes.webm", "found.webm"))
    assert clip.claimed == result.claimed == sum(1 for _ in result) == 36
    first, marked = next(iter(clip)), next(iter(result))
    small = torch.nn.functional.interpolate(marked[None], first.shape[1:], mode="area")[0]
    assert 0.005 < ((small - first).abs().amax(dim=0) > 0.2).float().mean() < 0.3  # boxes, and the rest as it was
