"""Your own photo or video: a button in JupyterLab, a dialog in Colab, or the path of a file that is there already.

mine = uploads.ask("photo")            # or uploads.ask("photo", "holiday.jpg")
picture = uploads.photo(mine.path)     # in the next cell, once a file is chosen
"""

import importlib
import sys
from pathlib import Path
from typing import Any, Literal, get_args

import ipywidgets
from IPython.display import display
from matplotlib import cbook
from PIL import Image
from torch import Tensor

from course import setup
from course.errors import PlainError, told_as
from course.photos import PhotoError, as_tensor, open_photo

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
        button: ipywidgets' ``FileUpload``, whose file is written into the working folder once it is asked for. A file
            of that name with other content stays as it is; then the new one gets a number, and a line says so.
    """

    def __init__(self, kind: Kind, path: Path | None = None, button: Any = None) -> None:
        self.kind, self.button, self._path = kind, button, path

    @property
    def path(self) -> Path | None:
        """Where the file is; ``None`` and a line of advice as long as there is none.

        Raises:
            UploadError: a file that was chosen cannot be written.
        """
        chosen = _newest(self.button.value) if self.button is not None else None
        if chosen is not None:
            self._path = _kept(*chosen)
        if self._path is None:
            print(f"No {self.kind} chosen: choose one above and run this cell once more, or go on without.")
        return self._path


def ask(kind: Kind, path: str | Path = "") -> Upload:
    """Ask for a photo or a video; nothing waits for it but Colab's own dialog, whose *Cancel* goes on without.

    Args:
        kind: "photo" or "video".
        path: of a file that is there already; then nothing is asked.

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
        UploadError: there is no such file, or it is not a picture; see :func:`course.photos.open_photo`.
    """
    with told_as(UploadError, PhotoError):
        upright = open_photo(path)
    upright.thumbnail((longest, longest), Image.Resampling.LANCZOS)  # never makes it larger
    return as_tensor(upright)


def sample_photo(longest: int = 320) -> Tensor:
    """The portrait of Grace Hopper that comes with matplotlib, as :func:`photo` gives it: a real photo, also offline.

    The US Navy took it in 1984, and it is in the public domain. The course need not ship it: the file is the same in
    matplotlib 3.8, the oldest that it allows, and in 3.11.

    Args:
        longest: the longer side, its height, in pixels; at most the 600 that the photo has.

    Raises:
        UploadError: this matplotlib was installed without its sample data.
    """
    return photo(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)), longest)


def _kept(name: str, content: bytes) -> Path:
    """Write an uploaded file where nothing is lost by it, and give its path; the same bytes are not written twice."""
    place = wanted = Path(Path(name).name)  # no folder that a browser might send along
    number = 1
    while True:
        try:
            if place.is_file() and place.read_bytes() == content:
                return place
            with place.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
            place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        except (OSError, ValueError) as error:
            raise UploadError(f"{name!r} cannot be saved in {Path.cwd()}: {error}.") from None
        else:
            if place != wanted:
                print(f"There is another file {wanted} here already, so yours is saved as {place}.")
            return place


def _newest(value: Any) -> tuple[str, bytes] | None:
    """Name and bytes of an uploaded file: ipywidgets 8 has a tuple of files, 7 (in Colab) a dictionary by name."""
    if not value:
        return None
    if isinstance(value, dict):
        name, file = list(value.items())[-1]
        return name, bytes(file["content"])
    return value[-1]["name"], bytes(value[-1]["content"])
