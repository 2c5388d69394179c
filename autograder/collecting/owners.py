"""Whose a hand-in is, by the outermost of its names: that of a zip, a file or a folder, never by a name inside one."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

OWN = re.compile(r"(?:copy of )*(?P<student>.+?)-(?P<lab>lab\d+_\w+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
# Two numbers, the student's and the upload's; looked for at each place, as another reading may begin inside the first.
CANVAS = re.compile(r"(?=_(?P<student>\d+)_(?P<upload>\d+)_(?P<file>.+))", re.DOTALL)
ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<student>anon_[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL)
MOODLE = re.compile(
    r"(?P<student>[^/_]+)_(?P<person>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?", re.DOTALL
)
# What platforms and browsers put behind a name that they have met before.
AGAIN = re.compile(r"(?:-\d+)?(?: ?\(\d+\))?(?=\.\w+$)")


class UnclearNameError(Exception):
    """A name that does not say for certain whose the hand-in is; the message goes on after the name."""


@dataclass(frozen=True)
class Owner:
    """What a name says.

    Attributes:
        student: the id.
        upload: Canvas's number of the upload, which grows; 0 where there is none.
        person: Moodle's number of the student, which differs in every assignment; ``""`` where there is none.
        file: what the student has called the file, ending included; ``""`` where the name does not say.
        again: which of several downloads of one name it is.
        late: whether Canvas calls it late.
    """

    student: str
    upload: int = 0
    person: str = ""
    file: str = ""
    again: int = 0
    late: bool = False


def own(name: str, assignment: str) -> Owner | None:
    """Whose a zip of ``course.submit`` is: ``ada-lab1_boxes.zip``, ``ada-lab1_boxes-boxes (1).zip``, or a copy of it.

    Raises:
        UnclearNameError: it is of another lab.
    """
    match = OWN.fullmatch(name)
    if match is None:
        return None
    told = match["lab"] + match["rest"]
    mine = re.fullmatch(rf"{re.escape(assignment)}(?P<rest>(?:_\d+)?(?:\W.*)?)", told, re.DOTALL)
    if mine is None:
        raise UnclearNameError(f"is of {match['lab']}, and this is {assignment}")
    ending = PurePath(name).suffix
    notebook = re.match(r"-(\w+)", mine["rest"])
    numbers = re.findall(r"\d+", mine["rest"].removesuffix(ending))
    return Owner(
        _usual(match["student"]),
        file=notebook[1] + ending.lower() if notebook else "",
        again=int(numbers[-1][:9]) if numbers else 0,
    )


def canvas(name: str, assignment: str) -> Owner | None:
    """Whose a file from Canvas is: ``lovelaceada_LATE_101_5501_boxes-1.ipynb``, ``anon_Ab3xZ_5501_boxes.ipynb``.

    Students choose what stands in front of the numbers, and the file's name behind them: where either looks like
    numbers of Canvas's, more than one student can be meant.

    Raises:
        UnclearNameError: more than one student can be meant.
    """
    if match := ANONYMOUS.fullmatch(name):
        return Owner(match["student"], int(match["upload"]), file=once(match["file"]), late=bool(match["late"]))
    readings = list(CANVAS.finditer(name))
    if len(readings) > 1:
        students = " or ".join(match["student"] for match in readings)
        raise UnclearNameError(
            f"may be of student {students}: Canvas writes name_student_upload_file. Rename it so that no other numbers "
            "stand between underscores"
        )
    if not readings:
        return None
    (match,) = readings
    late = name[: match.start()].endswith("_LATE")
    return Owner(match["student"], int(match["upload"]), file=once(match["file"]), late=late)


def moodle(name: str, assignment: str) -> Owner | None:
    """Whose a file or folder from Moodle is: ``Ada Lovelace_1327627_assignsubmission_file``, and what may follow.

    Raises:
        UnclearNameError: it is no file that was handed in.
    """
    match = MOODLE.fullmatch(name)
    if match is None:
        return None
    if match["kind"] == "onlinetext":
        raise UnclearNameError("is text typed into Moodle, not a file")
    return Owner(_usual(match["student"]), person=match["person"], file=once(match["file"] or ""))


Reader = Callable[[str, str], Owner | None]
PLATFORMS: dict[str, tuple[Reader, str]] = {  # by the name in settings: who reads names, and how they should look
    "": (own, "ada-{}.zip"),
    "canvas": (canvas, "lovelaceada_101_5501_boxes.ipynb, as Canvas names files"),
    "moodle": (moodle, "Ada Lovelace_1327627_assignsubmission_file, as Moodle names folders"),
}


def _usual(student: str) -> str:
    """An id as ``course.submit`` and students.csv have it: macOS may spell accents in another way (NFD)."""
    return unicodedata.normalize("NFC", student).strip()


def once(file: str) -> str:
    """A file's name without what platforms and browsers put behind one that they have met before."""
    return AGAIN.sub("", file, count=1)
