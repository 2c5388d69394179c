"""Which course this is: the one place where engine, student's side and grader learn it.

They name no lab and no package of a course: they ask :func:`current`. docs/engine.md says how another course is graded.
"""

import os
import pkgutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grader.exercise import Exercise

ROOT = Path(__file__).resolve().parents[1]  # the folder of the grader's own packages
SETTING = "RCNN_COURSE"  # the environment variable that names the course, as "module:NAME"
THIS_COURSE = "autograder.rcnn_by_hand:SPEC"


@dataclass(frozen=True)
class CourseSpec:
    """A course, as whoever grades it knows it.

    Names are dotted, so that what they stand for is imported only when somebody needs it; paths are below ``root``.

    Attributes:
        root: the folder in which the course's packages lie; the processes that judge have it on their path.
        exercises: the mapping from names to exercises, such as ``"autograder.labs:EXERCISES"``.
        checks: the module of visible checks. Graded cells call it by the last part of its name.
        code: folders and files with the Python code that results depend on: another text in them, and all is judged
            anew.
        packages: folders that students' code sees in the sandbox.
        hidden: folders in these that are empty there.
        preload: modules that notebooks import: each student's process has them from the start.
        library: the module whose functions stand in for a student's other ones while one is judged; ``""`` for none.
        neighbours: the names of these functions, such as ``"course.parts:NAMES"``; ``""`` for none.
        absent: modules, as patterns, that are not there in a student's process: stand-ins are in their place, and in
            the sandbox their files are hidden. ``torch.ops.NAME`` is a library's operators.
        kept: modules below them that are there.
        native: compiled libraries that are hidden with them, as patterns of paths below the folder of their package.
        served: a mapping from dotted names of functions in ``absent`` to functions that the judge computes in their
            place, such as ``"autograder.served:SERVED"``; ``""`` for none. Nothing that these are given may do harm.
        leaks: what only a submission that cheats would call, as :class:`course.checking.guard.Guard` takes it.
        weights: a file of trained weights that nobody may hand in as their own; ``""`` for none.
        made_up: the module whose ``answers(lab)`` and ``students(lab)`` are the demo's class; ``""`` for none.
    """

    root: Path
    exercises: str
    checks: str
    code: tuple[str, ...]
    packages: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    library: str = ""
    neighbours: str = ""
    absent: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    served: str = ""
    leaks: tuple[str, ...] = ()
    weights: str = ""
    made_up: str = ""

    def all_exercises(self) -> "Mapping[str, Exercise]":
        """The exercises by name."""
        found: Mapping[str, Exercise] = pkgutil.resolve_name(self.exercises)
        return found

    def exercise(self, name: str) -> "Exercise":
        """The exercise of that name.

        Raises:
            ValueError: there is none; the message lists those that exist.
        """
        known = self.all_exercises()
        if name not in known:
            raise ValueError(f"no exercise is called {name!r}; there are {', '.join(known)}")
        return known[name]

    def checks_module(self) -> ModuleType:
        """The module of visible checks."""
        return import_module(self.checks)

    def neighbour_names(self) -> Collection[str]:
        """The names that stand for the library's functions while another one is judged."""
        found: Collection[str] = pkgutil.resolve_name(self.neighbours) if self.neighbours else ()
        return found

    def served_functions(self) -> Mapping[str, Callable[..., Any]]:
        """What the judge computes for a student's process, by dotted name."""
        found: Mapping[str, Callable[..., Any]] = pkgutil.resolve_name(self.served) if self.served else {}
        return found

    def load(self) -> None:
        """Import what judging needs, for the processes that are forked from this one."""
        self.all_exercises()
        self.checks_module()
        self.neighbour_names()
        self.served_functions()


def current() -> CourseSpec:
    """The course that is graded: the one that :data:`SETTING` names, else :data:`THIS_COURSE`.

    Raises:
        ValueError: the setting names no course.
    """
    name = os.environ.get(SETTING) or THIS_COURSE
    try:
        spec = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{SETTING} should name a CourseSpec as module:NAME. Got {name!r}: {error}") from None
    if not isinstance(spec, CourseSpec):
        raise ValueError(f"{SETTING} should name a CourseSpec as module:NAME. {name!r} is a {type(spec).__name__}.")
    return spec


def python_path() -> str:
    """``PYTHONPATH`` for processes that judge: the grader's packages, and the course's."""
    return os.pathsep.join(dict.fromkeys(map(str, (ROOT, current().root))))
