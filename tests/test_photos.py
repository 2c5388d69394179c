"""course.photos: any photo that Pillow reads, as it looks. The oracles are Pillow's and NumPy's words on the pixels."""

import io
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from course import photos, uploads
from course.photos import PhotoError
from course.uploads import UploadError

HALF = (30, 40)  # (height, width) of an even grey


def mean(path: Path) -> float:
    return float(photos.as_tensor(photos.open_photo(path)).mean())


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_sixteen_bits_and_floats_keep_their_brightness(name: str, share: float, tmp_path: Path) -> None:
    Image.fromarray(np.full(HALF, round(share * 65535), np.uint16)).save(tmp_path / name)
    assert mean(tmp_path / name) == pytest.approx(share, abs=1 / 255)
    Image.fromarray(np.full(HALF, share, np.float32)).save(tmp_path / "f.tif")
    assert mean(tmp_path / "f.tif") == pytest.approx(share, abs=1 / 255)


@pytest.mark.parametrize("value", [float("nan"), -0.5, 128.0])
def test_floats_of_another_range_are_refused(value: float, tmp_path: Path) -> None:
    Image.fromarray(np.array([[0.5, value]], np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(PhotoError, match=r"f\.tif holds values from .*; expected 0 to 1"):
        photos.open_photo(tmp_path / "f.tif")


@pytest.mark.parametrize("orientation", range(10))
def test_every_orientation_is_pillows_own(orientation: int, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*HALF, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[photos.ORIENTATION] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as image:
        wanted = np.asarray(ImageOps.exif_transpose(image))
    assert (np.asarray(photos.open_photo(tmp_path / "a.png")) == wanted).all()


def jpeg_with_exif(entries: list[tuple[int, int, int, bytes]], extra: bytes) -> bytes:
    """A red JPEG of 40 × 30 with entries (tag, type, count, value or place) as its EXIF, written by hand."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 0, 0)).save(file, "JPEG")
    rows = b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
    body = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + rows + b"\0\0\0\0" + extra
    plain = file.getvalue()
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]


TURNED = (photos.ORIENTATION, 3, 1, struct.pack("<HH", 6, 0))
BEHIND = struct.pack("<I", 8 + 2 + 24 + 4)  # where the bytes after two entries lie


@pytest.mark.parametrize(
    ("entries", "extra", "shape"),
    [
        ([TURNED, (0x011A, 10, 1, BEHIND)], struct.pack("<ii", -1, 0), (40, 30)),  # a resolution of −1/0
        ([TURNED, (0x010F, 5, 1, BEHIND)], struct.pack("<II", 1, 0), (40, 30)),  # the camera's name as a fraction
        ([(photos.ORIENTATION, 2, 4, b"top\0")], b"", (30, 40)),
        ([(photos.ORIENTATION, 3, 2, struct.pack("<HH", 6, 6))], b"", (40, 30)),
        ([(photos.ORIENTATION, 3, 1, struct.pack("<HH", 77, 0))], b"", (30, 40)),
        ([(photos.ORIENTATION, 3, 1 << 20, b"\xff" * 4)], b"", (30, 40)),  # beyond the end of the file
    ],
)
def test_odd_exif_is_no_reason_to_stop(
    entries: list[tuple[int, int, int, bytes]], extra: bytes, shape: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(jpeg_with_exif(entries, extra))
    assert tuple(uploads.photo(path).shape) == (3, *shape)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.zeros((*HALF, 4), np.uint8)
    pixels[:, 20:] = 255, 0, 0, 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    Image.fromarray(pixels).quantize(8).save(tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        picture = np.asarray(photos.open_photo(tmp_path / name))
        assert picture[0, 0].tolist() == [255, 255, 255]
        assert picture[0, -1].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LA"])
def test_other_modes_look_as_pillow_shows_them(mode: str, tmp_path: Path) -> None:
    picture = Image.linear_gradient("L").convert("RGB").convert(mode)
    path = tmp_path / ("a.tif" if mode in ("CMYK", "YCbCr") else "a.png")
    picture.save(path)
    assert np.abs(np.asarray(photos.open_photo(path)) - np.asarray(picture.convert("RGB")).astype(int)).max() <= 1


def test_a_size_is_looked_for_upright_and_as_stored(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[photos.ORIENTATION] = 6
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30)).save(path, exif=exif)
    assert photos.open_photo(path).size == photos.open_photo(path, (40, 30)).size == (30, 40)
    assert photos.open_photo(path, (30, 40)).size == (40, 30)
    with pytest.raises(PhotoError, match=r"a\.png is 30 × 40 pixels; expected 60 × 80\."):
        photos.open_photo(path, (80, 60))


def test_what_cannot_be_opened_is_named_in_one_line(tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.effect_noise((200, 150), 60).save(whole, "PNG")
    for name, content in (
        ("text.png", b"no picture"),
        ("empty.png", b""),
        ("cut.png", whole.getvalue()[:900]),
        ("spoilt.png", whole.getvalue()[:60] + b"\0" * 200 + whole.getvalue()[260:]),
    ):
        (tmp_path / name).write_bytes(content)
        for door, kind in ((photos.open_photo, PhotoError), (uploads.photo, UploadError)):
            with pytest.raises(kind, match=rf"{re.escape(name)} cannot be read as a picture") as caught:
                door(tmp_path / name)
            assert "\n" not in str(caught.value)
    for path, words in ((tmp_path, "is a folder"), (tmp_path / "x.jpg", "there is no file"), (None, "got None")):
        with pytest.raises(UploadError, match=words):
            uploads.photo(path)  # type: ignore[arg-type]


def test_many_pixels_are_no_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("L", (40, 30)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert photos.open_photo(tmp_path / "a.png").size == (40, 30)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(PhotoError, match=r"a\.png has too many pixels"):
        photos.open_photo(tmp_path / "a.png")


@pytest.mark.parametrize("mode", ["P", "L", "I;16"])
def test_masks_are_their_numbers(mode: str, tmp_path: Path) -> None:
    numbers = np.arange(12, dtype=np.uint16 if mode == "I;16" else np.uint8).reshape(3, 4) * 20
    picture = Image.fromarray(numbers)
    if mode == "P":
        picture.putpalette([value % 256 for value in range(3 * 256)])
    picture.save(tmp_path / "m.png")
    assert (photos.open_numbers(tmp_path / "m.png") == numbers).all()
    picture.convert("RGB").save(tmp_path / "m.png")
    with pytest.raises(PhotoError, match=r"m\.png is a picture of mode RGB; expected a mask"):
        photos.open_numbers(tmp_path / "m.png")


def test_an_upload_leaves_other_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Button:
        value = ({"name": "boxes.ipynb", "content": memoryview(b"a photo")},)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "boxes.ipynb").write_text("my homework")
    upload = uploads.Upload("photo", button=Button())
    for _ in range(2):
        assert upload.path == Path("boxes-2.ipynb")
    said = "There is another file boxes.ipynb here already, so yours is saved as boxes-2.ipynb.\n"
    assert capsys.readouterr().out == said, "said once"
    assert (tmp_path / "boxes.ipynb").read_text() == "my homework"
    assert (tmp_path / "boxes-2.ipynb").read_bytes() == b"a photo"
    Button.value = ({"name": "boxes.ipynb", "content": memoryview(b"another one")},)
    assert upload.path == Path("boxes-3.ipynb")
    Button.value = ({"name": "n" * 300, "content": memoryview(b"another one")},)
    with pytest.raises(UploadError, match="cannot be saved in"):
        _ = upload.path


def test_a_photo_is_a_tensor_of_its_pixels() -> None:
    picture = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(2, 4, 3))
    tensor = photos.as_tensor(picture)
    assert (tensor.dtype, tensor.is_contiguous()) == (torch.float32, True)
    assert torch.equal((tensor * 255).round().byte().permute(1, 2, 0), torch.arange(24).byte().reshape(2, 4, 3))
