"""Your own functions and classes, gathered from your lab notebooks: what a detector can be composed of.

    from course import parts

    mine = parts.collect("..")  # all lab notebooks below the folder that holds the labs
    print(mine)                 # 23 of 25 parts are yours; …
    mine.nms(boxes, scores, 0.5)

    parts.here(globals())       # of the notebook alone in which this stands

Where a part is not written yet, broken or wrong, ``course.library`` steps in, and the summary says why.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from course import checks, library
from course.checking.problem import Kind, Problem
from course.parts.notebook_definitions import Definitions, definitions, notebooks
from course.parts.parts import ASKED_FOR, NAMES, Part, Parts, PartsError
from course.summary import WIDTH

NOT_WRITTEN = "not written yet"
BONUS = {"nms": "nms_in_blocks", "roi_align": "roi_align_fast"}  # the fast forms that labs 3 and 4 offer to write


def collect(folder: Path | str, *, from_library: Iterable[str] = ()) -> Parts:
    """Gather the parts that a student has written in the lab notebooks in a folder and below.

    Each notebook's definitions run in a namespace of their own, without its demonstrations; then each function and
    class goes through its visible check (:mod:`course.checks`). One that is not written yet, broken or wrong is
    replaced by the library's, also for those functions of its notebook that call it; so a mistake counts once. In turn,
    functions that took an earlier lab's work from the library use the student's own, where that is right.

    Of notebooks with a part of the same name, as after "Duplicate", the first with a right one counts, in the order of
    their paths. On ``source/`` this gives the reference solutions.

    Args:
        folder: where the notebooks are, at any depth; or one notebook. Hidden folders are left out.
        from_library: parts to take from the library although they may be right, for instance ``["nms", "roi_align"]``,
            written as loops, for a training in little time. Where the same notebook has the bonus of such a part
            (:data:`BONUS`) and it passes the part's check, this is taken: it is fast, and one's own.

    Raises:
        PartsError: there is no such folder, or no lab notebook in it, or no part of a name in ``from_library``.
        NotebookError: a notebook cannot be read; the message names it.
    """
    wanted = tuple(from_library)
    for name in wanted:
        if name not in NAMES:
            raise PartsError(f"no part is called {name!r}; there are {', '.join(NAMES)}.")
    paths = _lab_notebooks(Path(folder))
    with torch.random.fork_rng(list(range(torch.cuda.device_count()))):
        return _collect(paths, folder, wanted)


def here(names: Mapping[str, Any]) -> Parts:
    """Gather the parts that the running notebook has defined so far: ``parts.here(globals())``.

    As :func:`collect`, but without files: for a notebook that is not saved yet, and for Colab, where it is not a file.
    What the notebook took from ``course.library`` stays the library's.

    Args:
        names: the notebook's names and what they stand for.
    """
    own = {name: names[name] for name in NAMES if name in names and names[name] is not getattr(library, name)}
    found = Definitions(tuple(own), own, {})
    with torch.random.fork_rng(list(range(torch.cuda.device_count()))):
        return Parts(_judge(name, found, chosen=False) for name in own)


def _collect(paths: list[Path], folder: Path | str, wanted: tuple[str, ...]) -> Parts:
    known = [each for each in map(definitions, paths) if set(each.names) & set(NAMES)]
    if not known:
        raise PartsError(f"no notebook in {folder} has a part of a lab: give the folder that your labs are in.")

    found: dict[str, Part] = {}
    for each in known:
        for name in each.names:
            if name in NAMES:
                part = _judge(name, each, chosen=name in wanted)
                each.space[name] = part.value
                if name not in found or (part.own and not found[name].own):
                    found[name] = part
    return joined(known, found)


def joined(notebooks: Iterable[Definitions], found: Mapping[str, Part]) -> Parts:
    """Parts of several notebooks, each of which uses from now on what it took from the library as far as it is there.

    Args:
        notebooks: whose names stand for the notebook's own right parts, and for the library's.
        found: the parts by name.
    """
    for each in notebooks:
        for name, part in found.items():
            if each.space.get(name) is getattr(library, name):
                each.space[name] = part.value
    return Parts(found[name] for name in NAMES if name in found)


def _lab_notebooks(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise PartsError(f"there is no folder {folder} (from {Path.cwd()}): give the folder that your labs are in.")
    paths = notebooks(folder)
    if not paths:
        raise PartsError(f"no notebook (.ipynb) in {folder} or below it: give the folder that your labs are in.")
    return paths


def _judge(name: str, found: Definitions, *, chosen: bool) -> Part:
    """The student's part if its visible check holds, else the library's with the reason."""
    fallback = Part(name, getattr(library, name), False)
    value = found.space.get(name)
    if chosen:
        return _bonus(fallback, found)
    if value is None:
        problem = found.problems.get(name)
        return replace(fallback, reason=f"yours fails: {problem}" if problem else f"its cell does not define {name}")
    if problem := getattr(checks, name).problem(value):
        return replace(fallback, reason=_in_one_line(problem))
    return Part(name, value, own=True, origin=found if found.cells else None)


def _bonus(fallback: Part, found: Definitions) -> Part:
    """The bonus of a part that the library was asked for, if it is written and right, else the library's part."""
    name, bonus = fallback.name, BONUS.get(fallback.name, "")
    value = found.space.get(bonus)
    if not callable(value):
        return replace(fallback, reason=ASKED_FOR)
    found.space[name] = fallback.value  # the check forbids this one: so a bonus that calls the part never becomes it
    if problem := getattr(checks, name).problem(value):
        why = _in_one_line(problem, f"your {bonus}")
        return replace(fallback, reason=ASKED_FOR if why == NOT_WRITTEN else why)
    return Part(name, value, own=True, origin=found, bonus=bonus)


def _in_one_line(problem: Problem, whose: str = "yours") -> str:
    """A check's finding as one line: the example, and what was expected and what it got."""
    if problem.kind is Kind.UNWRITTEN:
        return NOT_WRITTEN
    if problem.kind is Kind.NOT_A_FUNCTION:
        why = problem.headline
    elif problem.error:
        why = f"{whose} fails: {problem.error} ({problem.title})"
    else:
        why = f"{whose} is wrong: expected {problem.expected}, got {problem.got} ({problem.title})"
    return textwrap.shorten(why, WIDTH, placeholder=" …")
