"""course.video: every frame once and in order, a result that is there as a whole or not at all, errors in plain words.

Frames carry their number as 8 black or white stripes, which no lossy codec blurs; what is read back is checked by it.
"""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from course import scenes, setup, video
from course.scenes.film import film
from course.video import VideoError

STRIPE = 16


def numbered(number: int, height: int = 32, width: int = 8 * STRIPE) -> Tensor:
    """A frame that carries its number, the highest of 8 bits on the left."""
    bits = torch.tensor([number >> bit & 1 for bit in range(7, -1, -1)]).float()
    stripes = bits.repeat_interleave(STRIPE)
    return stripes[(torch.arange(width) * 8 * STRIPE // width)].expand(3, height, width)


def number_of(frame: Tensor) -> int:
    """The number that a frame carries, each bit read in the middle of its stripe."""
    width = frame.shape[2]
    bits = frame.mean(dim=(0, 1))[[(2 * bit + 1) * width // 16 for bit in range(8)]] > 0.5
    return int(sum(int(bit) << 7 - place for place, bit in enumerate(bits)))


def numbers(path: Path) -> list[int]:
    return [number_of(frame) for frame in video.read(path)]


def counted(path: Path) -> int:
    """How many frames OpenCV decodes, by a loop of its own."""
    capture, count = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        count += 1
    return count


@pytest.fixture
def forty(tmp_path: Path) -> Path:
    return video.write((numbered(i) for i in range(40)), tmp_path / "forty.webm", fps=10)


# --- reading ---


@pytest.mark.parametrize("count", [1, 2, 7, 250])
def test_every_frame_comes_once_and_in_order(count: int, tmp_path: Path) -> None:
    path = video.write((numbered(i) for i in range(count)), tmp_path / "a.webm")
    assert numbers(path) == list(range(count))


@pytest.mark.parametrize(("codec", "name"), [("MJPG", "a.avi"), ("mp4v", "a.mp4"), ("MJPG", "a.mkv")])
def test_files_of_other_kinds_come_whole_too(codec: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 15, (8 * STRIPE, 32))
    for i in range(31):
        writer.write((numbered(i).permute(1, 2, 0).numpy() * 255).astype(np.uint8))
    writer.release()
    assert numbers(path) == list(range(31))
    assert video.read(path).fps == 15


def test_a_clip_can_be_read_again_and_left_half_way(forty: Path) -> None:
    clip = video.read(forty)
    assert number_of(next(iter(clip))) == 0
    assert [number_of(frame) for frame in clip] == [number_of(frame) for frame in clip] == list(range(40))


def test_a_clip_knows_its_size_rate_and_what_the_file_claims(forty: Path) -> None:
    clip = video.read(forty)
    assert (clip.path, clip.size, clip.fps, clip.claimed) == (forty, (32, 128), 10, 40)
    frame = next(iter(clip))
    assert frame.dtype == torch.float32
    assert frame.shape == (3, 32, 128)
    assert 0 <= frame.min() <= frame.max() <= 1


@pytest.mark.parametrize("claim", [0, 39, 41, 1_000_000, -(2**63), float("nan")])
def test_what_a_file_claims_neither_cuts_nor_prolongs_it(
    claim: float, forty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Liar:
        """OpenCV's reader, but for what it says about the number and the rate of frames."""

        def __init__(self, path: str) -> None:
            self.honest = honest(path)

        def __getattr__(self, name: str) -> object:
            return getattr(self.honest, name)

        def get(self, _: int) -> float:
            return claim

    honest = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", Liar)
    assert numbers(forty) == list(range(40))
    assert video.read(forty).claimed == (int(claim) if claim > 0 else 0)
    assert video.read(forty).fps == (39 if claim == 39 else 41 if claim == 41 else 25)


def test_a_file_cut_off_in_the_middle_gives_what_is_there(forty: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.webm"
    half.write_bytes(forty.read_bytes()[: forty.stat().st_size // 2])
    found = numbers(half)
    assert 5 < len(found) < 40
    assert found == list(range(len(found)))


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    red = torch.tensor([1.0, 0.0, 0.0])[:, None, None].expand(3, 32, 32)
    (frame,) = video.read(video.write([red], tmp_path / "red.webm"))
    assert (frame.mean(dim=(1, 2)) - red[:, 0, 0]).abs().max() < 0.05


@pytest.mark.parametrize(
    ("longest", "size"), [(64, (16, 64)), (128, (32, 128)), (500, (32, 128)), (16, (4, 16)), (None, (32, 128))]
)
def test_frames_are_made_smaller_never_larger(longest: int | None, size: tuple[int, int], forty: Path) -> None:
    clip = video.read(forty, longest)
    assert clip.size == size
    assert [(tuple(frame.shape[1:]), number_of(frame)) for frame in clip] == [(size, i) for i in range(40)]


# --- time: files of our own, for FFmpeg's program is not everywhere ---


def lasts(path: Path) -> float:
    """Seconds, as OpenCV tells them about a file of ours, whose rate is constant."""
    capture = cv2.VideoCapture(str(path))
    return float(capture.get(cv2.CAP_PROP_FRAME_COUNT) / capture.get(cv2.CAP_PROP_FPS))


def filmed(path: Path, codec: str, fps: float, count: int) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (8 * STRIPE, 32))
    for i in range(count):
        writer.write((numbered(i).permute(1, 2, 0).numpy() * 255).astype(np.uint8))
    writer.release()
    return path


def slides(path: Path, *milliseconds: int) -> Path:
    """An animation whose pictures stay so long."""
    pictures = [Image.fromarray((numbered(i).permute(1, 2, 0).numpy() * 255).astype(np.uint8)) for i in range(8)]
    first, *others = pictures[: len(milliseconds)]
    first.save(path, save_all=True, append_images=others, duration=list(milliseconds))
    return path


@pytest.mark.parametrize(
    ("name", "made", "seconds", "frames"),
    [
        ("slow.mp4", lambda path: filmed(path, "mp4v", 240, 60), 0.25, 60),
        ("fast.mkv", lambda path: filmed(path, "MJPG", 960, 96), 0.1, 96),
        ("lapse.avi", lambda path: filmed(path, "MJPG", 0.5, 10), 20, 20),
        ("slides.gif", lambda path: slides(path, 2000, 2000, 2000, 2000), 8, 8),
        ("uneven.gif", lambda path: slides(path, 100, 400, 100, 1000), 1.6, 4),
        ("long.gif", lambda path: slides(path, 100, 100, 5000), 5.2, 6),
    ],
)
def test_a_copy_lasts_as_long(
    name: str, made: Callable[[Path], Path], seconds: float, frames: int, tmp_path: Path
) -> None:
    found = video.apply(lambda frame: frame, made(tmp_path / name), tmp_path / "copy.webm")
    assert lasts(found) == pytest.approx(seconds, rel=0.02)
    assert counted(found) == frames


def test_a_file_that_is_cut_off_plays_at_its_own_rate(forty: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.webm"
    half.write_bytes(forty.read_bytes()[: forty.stat().st_size // 2])
    clip = video.read(half)
    assert clip.fps == pytest.approx(10, rel=0.05)
    assert clip.claimed == counted(half)


def spoilt(path: Path, *broken: int) -> Path:
    """A film of 48 pictures, JPEG each, of which some hold zeros in the place of their data."""
    filmed(path, "MJPG", 12, 48)
    content, starts = bytearray(path.read_bytes()), []
    while (start := content.find(b"\xff\xd8\xff", starts[-1] + 3 if starts else 0)) >= 0:
        starts.append(start)
    for number in broken:
        end = starts[number + 1] - 12
        content[starts[number] : end] = bytes(end - starts[number])
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("broken", [(20,), (0, 1), (5, 6, 7, 40), (*range(1, 47),)])
def test_a_broken_frame_does_not_end_the_film(
    broken: tuple[int, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = spoilt(tmp_path / "m.avi", *broken)
    assert numbers(path) == [number for number in range(48) if number not in broken]
    assert capfd.readouterr() == ("", ""), "FFmpeg's own complaints stay away"
    video.apply(lambda frame: frame, path, tmp_path / "o.webm")
    said = f"{48 - len(broken)} of 48 frames are in {tmp_path / 'o.webm'}. The others cannot be decoded.\n"
    assert capfd.readouterr().out == said


@pytest.mark.parametrize("name", ["cam1:front.webm", "concat:x.webm", "a%02d.webm", "-.webm", "安全帽.webm"])
def test_a_name_is_a_name(name: str, forty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    video.write([numbered(i) for i in range(9)], "x.webm")
    video.write([numbered(i) for i in range(3)], name)
    assert numbers(Path(name)) == [0, 1, 2]


def test_a_codec_that_cannot_be_decoded_is_named(forty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Undecoded:
        """OpenCV's reader as it is for AV1 where no decoder for it was built in."""

        def __init__(self, path: str) -> None:
            self.honest = honest(path)

        def __getattr__(self, name: str) -> object:
            return getattr(self.honest, name)

        def read(self) -> tuple[bool, None]:
            return False, None

        def get(self, what: int) -> float:
            return float(cv2.VideoWriter.fourcc(*"av01")) if what == cv2.CAP_PROP_FOURCC else self.honest.get(what)

    honest = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", Undecoded)
    with pytest.raises(
        VideoError, match=r"forty\.webm can be opened, but .*: it is coded as AV1, which this OpenCV may"
    ):
        video.read(forty)


# --- what cannot be read ---


def test_what_cannot_be_read_is_told_in_one_plain_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "letter.mp4"
    text.write_text("Dear student, this is no video. " * 50)
    (tmp_path / "empty.mp4").touch()
    for path, words in (
        (tmp_path / "nowhere.mp4", "nowhere.mp4 does not exist"),
        (tmp_path, "is a folder"),
        (text, r"letter.mp4 \(1,600 bytes\) is not a video that OpenCV can open"),
        (tmp_path / "empty.mp4", r"empty.mp4 \(0 bytes\) is not a video"),
    ):
        with pytest.raises(VideoError, match=words):
            video.read(path)
    assert capfd.readouterr() == ("", "")  # FFmpeg's own complaints stay away


def test_a_video_without_a_frame_is_an_error(forty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Blank:
        def __init__(self, path: str) -> None: ...
        def isOpened(self) -> bool:
            return True

        def read(self) -> tuple[bool, None]:
            return False, None

        def get(self, _: int) -> float:
            return 12.0

        def release(self) -> None: ...

    monkeypatch.setattr(cv2, "VideoCapture", Blank)
    with pytest.raises(VideoError, match="holds no frame that can be read"):
        video.read(forty)


def test_a_clip_whose_file_has_gone_says_so(forty: Path) -> None:
    clip = video.read(forty)
    forty.unlink()
    with pytest.raises(VideoError, match="does not exist"):
        next(iter(clip))
    with pytest.raises(VideoError, match="at least 16 pixels for the longer side of a frame, got 3"):
        video.read(forty, longest=3)


# --- writing ---


@pytest.mark.parametrize(("height", "width"), [(33, 129), (32, 129), (33, 128), (17, 17)])
def test_no_row_or_column_is_lost(height: int, width: int, tmp_path: Path) -> None:
    frame = torch.zeros(3, height, width)
    frame[:, -1], frame[:, :, -1] = 1.0, 1.0
    (found,) = video.read(video.write([frame], tmp_path / "odd.webm"))
    assert found.shape == (3, height + height % 2, width + width % 2)
    # What is at the very edge comes back at its place; one white row or column beside black is blurred a little.
    assert found[:, height - 1].mean() > 0.7
    assert found[:, :, width - 1].mean() > 0.7


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([], "at least one frame"),
        ([np.zeros((3, 32, 32))], "as a tensor .*, got ndarray"),
        ([torch.zeros(32, 32, 3)], r"shape \(3, H, W\), .*; got \(32, 32, 3\)"),
        ([torch.zeros(1, 3, 32, 32)], r"got \(1, 3, 32, 32\)"),
        ([torch.zeros(3, 0, 32)], r"got \(3, 0, 32\)"),
        ([torch.zeros(3, 32, 32, dtype=torch.int64)], r"floats in \[0, 1\] or of uint8, got torch.int64"),
        ([torch.zeros(3, 32, 32), torch.zeros(3, 32, 34)], "one size, 32 × 32 as the first; got one of 32 × 34"),
    ],
)
def test_frames_that_cannot_be_written_leave_nothing(frames: list, words: str, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=words):
        video.write(frames, tmp_path / "a.webm")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "fps", "words"),
    [
        ("a.mp4", 12, "ends in .webm, which browsers play; got 'a.mp4'"),
        ("b/a.webm", 12, "there is no .*b"),
        ("a.webm", 0, "expected 1 to 1000 frames a second, got 0"),
        ("a.webm", float("nan"), "got nan"),
        ("a.webm", float("inf"), "got inf"),
        ("a.webm", 1e-9, "frames a second, got 1e-09"),
        ("a.webm", 0.5, "frames a second, got 0.5"),
        ("a.webm", 1001, "frames a second, got 1001"),
    ],
)
def test_places_that_cannot_be_written_to(name: str, fps: float, words: str, tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=words):
        video.write([numbered(1)], tmp_path / name, fps)
    assert list(tmp_path.iterdir()) == []


def test_without_a_codec_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.video.writing.CODEC", "????")
    with pytest.raises(VideoError, match="cannot write VP8"):
        video.write([numbered(1)], tmp_path / "a.webm")
    assert list(tmp_path.iterdir()) == []


def test_floats_and_bytes_write_the_same_and_odd_numbers_are_clamped(tmp_path: Path) -> None:
    ramp = torch.linspace(0, 1, 64).expand(3, 32, 64)
    whole = video.write([ramp], tmp_path / "float.webm").read_bytes()
    again = video.write([(ramp * 255).round().to(torch.uint8)], tmp_path / "byte.webm")
    assert torch.equal(*(next(iter(video.read(tmp_path / name))) for name in ("float.webm", "byte.webm")))
    assert len(whole) == again.stat().st_size
    wild = torch.tensor([-3.0, float("nan"), 7.0, float("inf")]).repeat_interleave(16).expand(3, 32, 64)
    (frame,) = video.read(video.write([wild], tmp_path / "wild.webm"))
    assert (frame.mean(dim=(0, 1))[8::16] - torch.tensor([0.0, 0.0, 1.0, 1.0])).abs().max() < 0.05


def test_a_file_is_replaced_only_by_a_whole_one(forty: Path) -> None:
    def breaks() -> Iterator[Tensor]:
        yield numbered(1)
        raise RuntimeError("no more light")

    before = forty.read_bytes()
    with pytest.raises(RuntimeError, match="no more light"):
        video.write(breaks(), forty)
    assert forty.read_bytes() == before
    video.write([numbered(200)], forty)
    assert numbers(forty) == [200]
    assert [path.name for path in forty.parent.iterdir()] == [forty.name]


def test_until_it_is_whole_the_file_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.webm"

    def watched() -> Iterator[Tensor]:
        for i in range(3):
            assert not path.exists()
            yield numbered(i)

    video.write(watched(), path)
    assert path.exists()


def test_the_file_is_vp8_in_webm_and_nothing_is_said_about_it(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    path = video.write([numbered(1)], tmp_path / "a.webm")
    head = path.read_bytes()[:4096]
    assert head[:4] == b"\x1a\x45\xdf\xa3"  # EBML
    assert b"webm" in head[:64]
    assert b"V_VP8" in head
    assert capfd.readouterr() == ("", "")


# --- a function over a video ---


def test_the_function_sees_every_frame_once_without_gradients(forty: Path, capsys: pytest.CaptureFixture) -> None:
    seen = []

    def inverted(frame: Tensor) -> Tensor:
        seen.append((number_of(frame), torch.is_grad_enabled()))
        return 1 - frame

    out = video.apply(inverted, forty, forty.with_name("out.webm"))
    assert seen == [(i, False) for i in range(40)]
    assert numbers(out) == [255 - i for i in range(40)]
    assert video.read(out).fps == 10
    said = capsys.readouterr()
    assert said.out == f"40 frames are in {out}.\n"
    assert "forty.webm: 100%" in said.err
    assert "40/40" in said.err


def test_a_result_of_another_size_is_fine(forty: Path) -> None:
    out = video.apply(lambda frame: frame.repeat(1, 2, 1), video.read(forty, 64), forty.with_name("out.webm"))
    assert video.read(out).size == (32, 64)
    assert counted(out) == 40


@pytest.mark.parametrize("stop", [1, 12, 39])
def test_when_stopped_what_is_done_is_kept(stop: int, forty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def until(frame: Tensor) -> Tensor:
        if number_of(frame) == stop:
            raise KeyboardInterrupt
        return frame

    out = video.apply(until, forty, forty.with_name("out.webm"))
    assert numbers(out) == list(range(stop))
    assert capsys.readouterr().out == f"Stopped: {stop} of 40 frames are in {out}.\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_stopped_before_the_first_frame_or_failed_nothing_is_written(error: type, forty: Path) -> None:
    def fails(frame: Tensor) -> Tensor:
        raise error

    with pytest.raises(error):
        video.apply(fails, forty, forty.with_name("out.webm"))
    assert [path.name for path in forty.parent.iterdir()] == [forty.name]


# --- showing ---


def test_it_is_shown_with_its_bytes_kind_and_words(forty: Path, shown: list) -> None:
    video.show(forty, alt='numbers "0" to 39')
    (element,) = (shown_video._repr_html_() for shown_video in shown)
    kind, data = re.search(r'src="data:([\w/]+);base64,([^"]+)"', element).groups()
    assert (kind, base64.b64decode(data)) == ("video/webm", forty.read_bytes())
    assert 'aria-label="numbers &quot;0&quot; to 39"' in element
    assert " controls " in element


def test_what_cannot_be_shown(forty: Path, shown: list, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(VideoError, match=r"no file .*nowhere\.webm"):
        video.show(forty.with_name("nowhere.webm"))
    monkeypatch.setattr("course.video.showing.LARGEST", 1 << 10)
    with pytest.raises(VideoError, match="go into a notebook"):
        video.show(forty)
    monkeypatch.undo()
    monkeypatch.setattr(setup, "attended", lambda: False)
    video.show(forty)
    assert shown == []


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list:
    found: list = []
    monkeypatch.setattr("course.video.showing.display", found.append)
    return found


# --- made-up films ---


def test_a_film_has_its_length_and_everybody_is_at_home_half_way() -> None:
    targets = [target for _, target in film(17, (96, 144), seconds=1, fps=5)]  # an odd number: the third is half-way
    assert len(targets) == 5
    _, still = scenes.scene(17, (96, 144))
    assert all(target.keys() == still.keys() for target in targets)
    # Where people stand is the middle of their ankles, whatever their pose.
    stands, *others = [_stands(target) for target in (still, targets[2], targets[0], targets[4])]
    assert len(stands) == 3
    assert (others[0] - stands).abs().max() < 1e-4
    for other in others[1:]:
        assert len(other) != 3 or (other - stands).abs().max() > 3


def _stands(target: dict[str, Tensor]) -> Tensor:
    """How far right everybody stands whose feet are in the picture, from left to right."""
    ankles = target["keypoints"][:, 15:]  # [N, 2, 3]
    return ankles[(ankles[..., 2] > 0).all(dim=1)][..., 0].mean(dim=1).sort().values


def test_a_film_moves_while_the_site_stays() -> None:
    (first, before), *_, (last, after) = film(23, (96, 144), seconds=1, fps=4)
    moved = (first - last).abs().amax(dim=0) > 0.1
    assert 0.02 < moved.float().mean() < 0.4
    somebody = (before["masks"].any(0) | after["masks"].any(0)).float()[None, None]
    near = torch.nn.functional.max_pool2d(somebody, 41, 1, 20)[0, 0] > 0  # and where shadows fall
    assert moved[~near].float().mean() < 0.01


def test_films_repeat_and_differ_by_seed() -> None:
    def made(seed: int) -> Tensor:
        return torch.stack([image for image, _ in film(seed, 64, seconds=0.5, fps=4)])

    assert torch.equal(made(3), made(3))
    assert not torch.equal(made(3), made(4))
    with pytest.raises(ValueError, match=r"at least one frame\. Got 0 s"):
        next(film(3, 64, seconds=0))
    with pytest.raises(ValueError, match=r"should be 0 or more\. Got -1"):
        next(film(-1, 64))


def test_the_truth_about_each_frame_of_a_film_holds_together() -> None:
    for image, target in film(42, (64, 96), seconds=1, fps=4):
        assert image.shape == (3, 64, 96)
        assert target["image_id"] == 42
        assert len(target["boxes"]) == len(target["labels"]) == len(target["masks"]) == len(target["keypoints"])
        for box, mask in zip(target["boxes"].tolist(), target["masks"], strict=True):
            y, x = torch.nonzero(mask, as_tuple=True)
            assert box == [x.min(), y.min(), x.max() + 1, y.max() + 1]


def test_the_scene_video_is_three_seconds_of_film(tmp_path: Path) -> None:
    path = video.scene_video(tmp_path / "scenes.webm")
    clip = video.read(path)
    assert (clip.size, clip.fps, counted(path)) == ((160, 240), 12, 36)
    assert path.stat().st_size < 2**20
    image, _ = next(film(34, (160, 240)))
    assert (next(iter(clip)) - image).abs().mean() < 0.03
