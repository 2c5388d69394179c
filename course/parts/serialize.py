"""A student's own parts as text, to travel in one file with the weights that were learnt with them.

text = serialize.dumps(parts.collect(".."))
serialize.loads(text)  # the same parts, where the notebooks are not
"""

import json
from typing import Any

from course import library
from course.errors import PlainError
from course.parts.collect import joined
from course.parts.notebook_definitions import Definitions, defined
from course.parts.parts import NAMES, Part, Parts

LARGEST = 1_000_000  # characters; the reference's have 50,000


class SerializeError(PlainError):
    """A text that holds no parts; the message says why."""


def dumps(parts: Parts) -> str:
    """The notebooks that own parts come from, reduced to definitions and what these need, as JSON.

    A part that was collected from no notebook (a ``lambda``, a function of the running kernel) is left at home: after
    unpacking, the library's stands in its place.
    """
    origins: list[Definitions] = []
    own: dict[str, int] = {}
    for name in parts.own():
        origin = parts.part(name).origin
        if origin is None:
            continue
        if not any(origin is each for each in origins):
            origins.append(origin)
        own[name] = next(place for place, each in enumerate(origins) if each is origin)
    bonuses = {name: bonus for name, bonus in parts.bonuses().items() if name in own}
    return json.dumps({"own": own, "bonuses": bonuses, "notebooks": [each.cells for each in origins]})


def loads(text: str, where: str = "parts") -> Parts:
    """The parts in a text of :func:`dumps`. Its definitions are run: do this to no text that you would not run.

    Args:
        text: of :func:`dumps`.
        where: it stands, for tracebacks.

    Raises:
        SerializeError: it is too long, or no such text, or a definition in it does not run.
    """
    if len(text) > LARGEST:
        raise SerializeError(f"the parts have {len(text):,} characters; {LARGEST:,} at most were expected")
    try:
        packed = json.loads(text)
        own: dict[str, int] = {str(name): int(place) for name, place in packed["own"].items()}
        bonuses = {str(name): str(bonus) for name, bonus in packed["bonuses"].items()}
        cells = [[(str(source), str(cell)) for source, cell in notebook] for notebook in packed["notebooks"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SerializeError(f"the parts cannot be read ({type(error).__name__})") from None
    notebooks = [defined(each, f"{where}, notebook {place}") for place, each in enumerate(cells)]
    found = {name: _part(name, bonuses.get(name, ""), place, notebooks) for name, place in own.items()}
    for place, notebook in enumerate(notebooks):
        for name in set(notebook.names) & set(NAMES):
            notebook.space[name] = found[name].value if own.get(name) == place else getattr(library, name)
    return joined(notebooks, found)


def _part(name: str, bonus: str, place: int, notebooks: list[Definitions]) -> Part:
    if name not in NAMES or not 0 <= place < len(notebooks):
        raise SerializeError(f"the parts cannot be read: no notebook in them has a part called {name!r}")
    called = bonus or name
    value: Any = notebooks[place].space.get(called)
    if not callable(value):
        problem = notebooks[place].problems.get(called, "it is not defined")
        raise SerializeError(f"{called} no longer runs: {problem}")
    return Part(name, value, own=True, origin=notebooks[place], bonus=bonus)
