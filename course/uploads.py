"""Your own photo or video: a button in JupyterLab, a dialog in Colab, or the path of a file that is there already.

mine = uploads.ask("photo")            # or uploads.ask("photo", "holiday.jpg")
picture = uploads.photo(mine.path)     # in the next cell, once a file is chosen
"""

import importlib
import sys
from pathlib import Path
from typing import Any, Literal, get_args

import ipywidgets
import numpy as np
import torch
from IPython.display import display
from matplotlib import cbook
from PIL import Image, ImageOps
from torch import Tensor

from course import setup
from course.errors import PlainError

Kind = Literal["photo", "video"]
ACCEPT = {"photo": "image/*", "video": "video/*"}
WORDS = (
    "A file of more than about 10 MB: drag it into JupyterLab's list of files on the left, then type its name as path."
)


class UploadError(PlainError):
    """A file that cannot be used; the message says what it expected and what it got."""


class Upload:
    """A file that is chosen, or will be.

    Args:
        kind: "photo" or "video".
        path: of a file that is there already.
        button: ipywidgets' ``FileUpload``, whose file is written into the working folder once it is asked for.
    """

    def __init__(self, kind: Kind, path: Path | None = None, button: Any = None) -> None:
        self.kind, self.button, self._path = kind, button, path

    @property
    def path(self) -> Path | None:
        """Where the file is; ``None`` and a line of advice as long as there is none."""
        chosen = _newest(self.button.value) if self.button is not None else None
        if chosen is not None:
            name, content = chosen
            self._path = Path(Path(name).name)  # no folder that a browser might send along
            self._path.write_bytes(content)
        if self._path is None:
            print(f"No {self.kind} chosen: choose one above and run this cell once more, or go on without.")
        return self._path


def ask(kind: Kind, path: str | Path = "") -> Upload:
    """Ask for a photo or a video; nothing waits for it but Colab's own dialog, whose *Cancel* goes on without.

    Args:
        kind: "photo" or "video".
        path: of a file that is there already; then nobody is asked.

    Raises:
        UploadError: another kind, or there is no such file.
    """
    if kind not in get_args(Kind):
        raise UploadError(f"expected one of {', '.join(get_args(Kind))}, got {kind!r}.")
    if str(path):
        if not Path(path).is_file():
            raise UploadError(
                f"expected the path of a {kind}, but there is no file {path} (paths start in {Path.cwd()})."
            )
        return Upload(kind, Path(path))
    if not setup.attended():
        return Upload(kind)
    if "google.colab" in sys.modules:
        files = importlib.import_module("google.colab.files")
        return Upload(kind, next((Path(name) for name in files.upload()), None))  # it writes them where we are
    button = ipywidgets.FileUpload(accept=ACCEPT[kind], multiple=False, description=f"Choose a {kind}")
    display(ipywidgets.VBox([button, ipywidgets.Label(WORDS)]))
    return Upload(kind, button=button)


def photo(path: str | Path, longest: int = 320) -> Tensor:
    """A photo as a tensor ``(3, H, W)``, float32 in [0, 1], upright.

    Args:
        path: of a file that Pillow reads: JPEG, PNG, WebP and others.
        longest: larger photos are made smaller until their longer side has so many pixels.

    Raises:
        UploadError: there is no such file, or it is no picture.
    """
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")  # a phone writes how it was held beside the pixels
    except FileNotFoundError:
        raise UploadError(f"expected a photo, but there is no file {path} (paths start in {Path.cwd()}).") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:  # what Pillow raises for broken files
        raise UploadError(f"{path} is no picture that can be read: save it as JPEG or PNG ({error}).") from None
    upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)  # never makes it larger
    return torch.from_numpy(np.array(upright)).permute(2, 0, 1).contiguous().float() / 255


def sample_photo() -> Tensor:
    """The portrait of Grace Hopper that comes with matplotlib, as :func:`photo` gives it."""
    return photo(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))


def _newest(value: Any) -> tuple[str, bytes] | None:
    """Name and bytes of an uploaded file: ipywidgets 8 has a tuple of files, 7 (in Colab) a dictionary by name."""
    if not value:
        return None
    if isinstance(value, dict):
        name, file = list(value.items())[-1]
        return name, bytes(file["content"])
    return value[-1]["name"], bytes(value[-1]["content"])
