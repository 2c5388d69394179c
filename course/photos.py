"""Photos: one way to open every kind, and one line when a photo cannot be opened.

picture = photos.open_photo("holiday.jpg")     # PIL's, RGB, 8 bits, upright
numbers = photos.open_numbers("mask.png")      # one whole number a pixel: which object it belongs to
"""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from course.errors import PlainError

ORIENTATION = 0x0112  # EXIF's tag: how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIXTEEN_BITS = 65535


class PhotoError(PlainError):
    """A photo that cannot be opened; the message names the file, and says what it expected and what it got."""


def open_photo(path: str | Path, size: tuple[int, int] | None = None) -> Image.Image:
    """Open a photo as RGB with 8 bits a channel, upright, its pixels read.

    Grey pictures of 16 bits and of floats in [0, 1] keep their brightness. What is transparent is shown on white. The
    EXIF orientation is followed if it makes sense. Of an animation it is the first picture.

    Args:
        path: of a file that Pillow reads: JPEG, PNG, TIFF, WebP and others.
        size: (height, width) that the photo must have. Marks may have been drawn on the pixels as they are stored: if
            only those have this size, they are not turned.

    Raises:
        PhotoError: there is no such file, it is not a picture, it is cut short, or it has another size.
    """
    with _reading(path) as image:
        stored = _rgb(image, path)
        upright = _turned(stored, image)
    for picture in (upright, stored):
        if size in (None, picture.size[::-1]):
            return picture
    assert size is not None
    raise PhotoError(f"{path} is {upright.width} × {upright.height} pixels; expected {size[1]} × {size[0]}.")


def open_numbers(path: str | Path) -> NDArray[np.int64]:
    """Open a mask of whole numbers ``(H, W)``, one a pixel, as PNG files hold them with a palette or in grey.

    Raises:
        PhotoError: as :func:`open_photo`, or it has several channels, as a picture in colours has.
    """
    with _reading(path) as image:
        numbers = np.asarray(image)
        if numbers.ndim != 2 or numbers.dtype.kind not in "bui":
            raise PhotoError(
                f"{path} is a picture of mode {image.mode}; expected a mask with one whole number a pixel."
            )
        return numbers.astype(np.int64)


def as_tensor(picture: Image.Image) -> Tensor:
    """An RGB picture as a tensor ``(3, H, W)``, float32 in [0, 1]."""
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous().float() / 255


@contextlib.contextmanager
def _reading(path: Any) -> Iterator[Image.Image]:
    """Open a picture and read its pixels."""
    if not isinstance(path, str | Path):
        raise PhotoError(f"expected the path of a photo, got {path!r}.")
    if not Path(path).is_file():
        what = f"{path} is a folder" if Path(path).is_dir() else f"there is no file {path}"
        raise PhotoError(f"expected a photo, but {what} (relative paths start in {Path.cwd()}).")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large photos of today's phones, EXIF that was cut short
            with Image.open(path) as image:
                image.load()
                yield image
    except PlainError:
        raise
    except Image.DecompressionBombError:
        raise PhotoError(f"{path} has too many pixels to be opened: make it smaller first.") from None
    except Exception as error:  # broken files make Pillow raise nearly anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoError(f"{path} cannot be read as a picture: save it as JPEG or PNG ({reason}).") from None


def _rgb(image: Image.Image, path: str | Path) -> Image.Image:
    """A picture of any mode as RGB; Pillow itself would cut values above 255 off, and take 0.5 for 0."""
    if image.mode == "F" or image.mode.startswith("I"):
        values = np.asarray(image, dtype=np.float64)
        most = 1.0 if image.mode == "F" else float(SIXTEEN_BITS)
        low, high = float(values.min()), float(values.max())
        if not (low >= 0 and high <= most):  # true for NaN as well
            raise PhotoError(f"{path} holds values from {low:g} to {high:g}; expected 0 to {most:g}.")
        return Image.fromarray((values / most * 255).round().astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        colours = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours).convert("RGB")
    return image.convert("RGB")


def _turned(picture: Image.Image, image: Image.Image) -> Image.Image:
    """The picture as ``image``'s EXIF says that it is looked at.

    ``ImageOps.exif_transpose`` writes the whole EXIF again and stops at any odd entry; only one of them counts here.
    """
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # EXIF is written by cameras and programs of every kind, and Pillow parses it as it comes
        turn = None
    return picture if turn is None else picture.transpose(turn)
