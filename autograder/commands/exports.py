"""Write what notebooks import, ``course.checks``, ``library``, ``draw`` and ``explore``, from the labs.

The modules are static text, so that editors and mypy know every name, and are generated, so that nobody has to keep a
list. Checks, pictures and explorers are imported when they are asked for: a notebook's first cell loads no lab, nor
torchvision. Of a lab's checks and library, the names of its graded exercises are taken; of pictures and explorers, what
a notebook shows.
"""

import ast
import re
import textwrap
from pathlib import Path

from autograder.errors import InstructorError
from autograder.grader.graded_cells import graded_cells

WIDTH = 120  # as ruff's line-length
GENERATED = "# Written by `make release` from course/labs/: do not edit."
DOCSTRINGS = {
    "checks": (
        '"""Visible checks: ``checks.box_iou(box_iou)`` says what is wrong with a student\'s function, and what that '
        'may mean."""'
    ),
    "library": '''"""Ready-made parts under the names and signatures of the labs, backed by torchvision and pycocotools.

Later labs take what earlier ones built from here, so that one lab's mistake never spoils the next. Boxes are
``(N, 4)`` float tensors ``(x1, y1, x2, y2)`` in pixels, continuous coordinates; sizes are ``(height, width)``. Every
function keeps device and dtype, leaves its inputs unchanged and answers empty input with empty output.
"""''',
    "draw": '''"""Pictures for the notebooks, drawn where possible by the student's own functions.

Each function here shows one figure with a text alternative and returns nothing. Where a picture needs a
student's function that is unwritten or broken, one friendly line stands in its place; while nbgrader
grades or validates, nothing is drawn.
"""''',
    "explore": '''"""Pictures that move, drawn by the student's own functions; still ones where widgets do not run.

Each function here shows controls above one picture with a text alternative, and returns nothing. Every change asks the
student's function again. As long as that is unwritten, the library's stands in and a note says so; where it is broken,
one line says why. While nbgrader grades or validates, nothing is shown.
"""''',
}
LAZY = ("checks", "draw", "explore")  # what every first cell imports, and of which it needs nothing yet
FURTHER = {"checks": {"course.checking.check": {"CheckFailed"}}}  # what is no lab's


def exports(root: Path) -> dict[Path, str]:
    """The text of each generated module, by its path.

    Raises:
        InstructorError: a notebook shows a picture that no lab defines, or two modules define one name.
    """
    return {root / "course" / room / "__init__.py": _text(room, _exported(room, root)) for room in DOCSTRINGS}


def _exported(room: str, root: Path) -> dict[str, set[str]]:
    """The names that a room gives to notebooks, by module."""
    texts = sorted(root.glob("solutions/*/[!_]*.py"))
    if room in ("checks", "library"):
        wanted = {name for path in texts for name in graded_cells(path)}
    else:
        wanted = {name for path in texts for name in re.findall(rf"\b{room}\.(\w+)", path.read_text(encoding="utf-8"))}
    modules: dict[str, set[str]] = {module: set(names) for module, names in FURTHER.get(room, {}).items()}
    seen: dict[str, str] = {}
    for path in sorted([*root.glob(f"course/labs/*/{room}.py"), *root.glob(f"course/labs/*/{room}/[!_]*.py")]):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for name in sorted(_defined(path) & wanted):
            if name in seen:
                raise InstructorError(f"{room}.{name} is defined twice, in {seen[name]} and in {module}.")
            seen[name] = module
            modules.setdefault(module, set()).add(name)
    if room in ("draw", "explore") and (missing := sorted(wanted - seen.keys())):
        raise InstructorError(f"A notebook shows {room}.{missing[0]}, which no module in course/labs/*/{room} defines.")
    return modules


def _defined(path: Path) -> set[str]:
    """The names that a module gives a value at top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _text(room: str, modules: dict[str, set[str]]) -> str:
    width = WIDTH - 4 if room in LAZY else WIDTH  # indented there
    imports = "\n".join(_import(module, _in_order(names), width) for module, names in sorted(modules.items()))
    places = {name: module for module, names in modules.items() for name in names}
    listed = "\n".join(f'    "{name}",' for name in _in_order(set(places)))
    ending = f"__all__ = [\n{listed}\n]\n"
    if room not in LAZY:
        return f"{DOCSTRINGS[room]}\n\n{GENERATED}\n\n{imports}\n\n{ending}"
    mapped = "\n".join(f'    "{name}": "{places[name]}",' for name in _in_order(set(places)))
    return (
        f"{DOCSTRINGS[room]}\n\n{GENERATED}\n\nfrom typing import TYPE_CHECKING\n\nfrom course.lazily import lazily\n\n"
        f"if TYPE_CHECKING:\n{textwrap.indent(imports, '    ')}\n\n{ending}\n"
        f"MODULES = {{\n{mapped}\n}}\n\n"
        "if not TYPE_CHECKING:  # editors and mypy know the names above\n"
        "    __getattr__, __dir__ = lazily(__name__, MODULES)\n"
    )


def _import(module: str, names: list[str], width: int) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= width:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _in_order(names: set[str]) -> list[str]:
    """As ruff sorts: constants, classes, functions."""
    return sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
