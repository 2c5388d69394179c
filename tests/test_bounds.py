"""Code is read in one sitting: no function and no module is longer than a reader's patience."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FUNCTION = 40  # lines, its docstring aside
LONGEST_MODULE = 300  # 200 is the aim
# students' answers, and the examples that students see
DATA = ("autograder/labs/*/right*", "autograder/labs/*/wrong*", "course/labs/*/checks*")
MODULES = sorted(path for package in ("autograder", "benchmarks", "course") for path in ROOT.glob(f"{package}/**/*.py"))


def is_data(path: Path) -> bool:
    return any(place.match(pattern) for place in (path, path.parent) for pattern in DATA)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """A function's lines, without those of its docstring."""
    first = function.body[0]
    docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return function.end_lineno - function.lineno + 1 - docstring


def functions(text: str) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("lines", [1, 40, 41])
def test_a_functions_length_is_counted_without_its_docstring(lines: int) -> None:
    text = '@cache\ndef f():\n    """Two\n    lines."""\n' + "    x = 1\n" * (lines - 1)
    assert [length(function) for function in functions(text)] == [lines]


def test_functions_are_short() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {function.name}": length(function)
        for path in MODULES
        if not is_data(path)
        for function in functions(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 1000
    assert {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION} == {}


def test_modules_are_short() -> None:
    found = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert sum(is_data(path) for path in MODULES) > 10
    long = {name: lines for name, lines in found.items() if lines > LONGEST_MODULE and not is_data(ROOT / name)}
    assert long == {}
