"""What an entry of the corpus is, and how it is laid into a course folder."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

LAB, NOTEBOOK = "lab1_boxes", "boxes"
POINTS = {"yxyx_to_xyxy": 2, "box_area": 2, "box_iou": 10, "clip_boxes_to_image": 3, "remove_small_boxes": 3}
EASY = ("yxyx_to_xyxy", "box_area")
BOAST = "GOT THROUGH"  # what an entry prints when it has done harm

# how a student's code finds the object that speaks for it to the grader
ANSWERING = """import gc

from autograder.student.request_handler import Answering

me = next(thing for thing in gc.get_objects() if type(thing) is Answering)
"""


@dataclass(frozen=True)
class World:
    """What entries may aim at.

    Attributes:
        course: the course folder.
        repository: this repository.
        canary: a file outside the course folder that nobody may change.
        port: a TCP port on this machine that nobody may reach.
    """

    course: Path
    repository: Path
    canary: Path
    port: int


@dataclass
class HandIn:
    """One student's hand-in in the making.

    Attributes:
        world: what it may aim at.
        folder: the submission's folder, which is there.
        notebook: the released notebook, to be changed.
        reference: the reference's solution cells.
        raw: what the notebook's file holds in place of ``notebook``.
        absent: whether there is no such file.
    """

    world: World
    folder: Path
    notebook: NotebookNode
    reference: dict[str, str]
    raw: bytes | None = None
    absent: bool = False
    behind: list[tuple[str, NotebookNode]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """Where the notebook goes."""
        return self.folder / f"{NOTEBOOK}.ipynb"

    def cell(self, grade_id: str) -> NotebookNode:
        """The cell that nbgrader calls so."""
        return next(
            cell for cell in self.notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    def solve(self, *names: str) -> None:
        """Fill in the reference's solution of these exercises; of all if there are none."""
        for name in names or POINTS:
            self.cell(name).source = self.reference[name]

    def write(self, **texts: str) -> None:
        """Fill in solution cells."""
        for name, text in texts.items():
            self.cell(name).source = text

    def own(self, text: str, before: str = "yxyx_to_xyxy") -> NotebookNode:
        """Add a cell in front of a solution cell, behind the ones added before."""
        place = self.notebook.cells.index(self.cell(before))
        cell = nbformat.v4.new_code_cell(text)
        self.notebook.cells.insert(place, cell)
        return cell

    def text(self) -> str:
        """The notebook as JSON, whatever a validator would say."""
        return json.dumps(self.notebook)


@dataclass(frozen=True)
class Entry:
    """One submission.

    Attributes:
        name: its own, and its student's.
        kind: the module that it stands in.
        tries: what it tries, in one line.
        make: changes a :class:`HandIn`.
        points: by exercise, what it honestly earns; nothing for the others.
        stock: why stock nbgrader isn't tried with it, or ``""``.
    """

    name: str
    kind: str
    tries: str
    make: Callable[[HandIn], None]
    points: dict[str, float]
    stock: str = ""

    def lay(self, world: World, released: NotebookNode, reference: dict[str, str]) -> Path:
        """Hand it in; gives its folder."""
        folder = world.course / "submitted" / self.name / LAB
        folder.mkdir(parents=True)
        hand = HandIn(world, folder, copy.deepcopy(released), reference)
        self.make(hand)
        if not hand.absent:
            hand.path.write_bytes(hand.text().encode() if hand.raw is None else hand.raw)
        return folder


ENTRIES: list[Entry] = []


def entry(
    *earns: str, stock: str = "", **parts: float
) -> Callable[[Callable[[HandIn], None]], Callable[[HandIn], None]]:
    """Take a function into the corpus; its docstring says what it tries.

    Args:
        earns: the exercises that it solves honestly.
        stock: why stock nbgrader isn't tried with it.
        parts: points of the exercises that it solves in part.
    """

    def take(make: Callable[[HandIn], None]) -> Callable[[HandIn], None]:
        kind = make.__module__.rpartition(".")[2]
        name = f"{kind}-{make.__name__}"
        line = (make.__doc__ or "").strip().splitlines()[0]
        ENTRIES.append(Entry(name, kind, line, make, {**{each: float(POINTS[each]) for each in earns}, **parts}, stock))
        return make

    return take


def entries() -> list[Entry]:
    """The whole corpus."""
    from attacks import breakout, broken, clairvoyant, forgery, inside, odd, ready_made, wire

    kinds = [
        module.__name__.rpartition(".")[2]
        for module in (forgery, clairvoyant, breakout, wire, inside, ready_made, broken, odd)
    ]
    return sorted(ENTRIES, key=lambda each: kinds.index(each.kind))
