"""The form of a function's text: what stays when names, remarks, annotations and spellings of numbers do not count."""

import ast
import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)  # IPython's own lines
WITHOUT = ("returns", "annotation", "type_comment", "type_ignores", "ctx", "type_params")  # parts that do not count
END = "."  # the word behind a node's parts
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Form:
    """A function's or a class's form.

    Attributes:
        name: what it is called.
        line: where it begins, from 1.
        digest: equal for equal forms.
        size: how many nodes its syntax tree has.
    """

    name: str
    line: int
    digest: str
    size: int


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell, lines of IPython's own left out; ``None`` where it has none, or too deep a one."""
    for text in (source, MAGIC.sub(r"\1pass", source)):
        try:
            with warnings.catch_warnings(action="ignore"):  # of odd backslashes, say: they are the student's business
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # lone surrogates are a ValueError
            continue
    return None


def forms(tree: ast.Module) -> Iterator[Form]:
    """The forms of the functions and classes that a text defines, not of those inside of others."""
    for node in tree.body:
        if isinstance(node, Definition):
            words: list[str] = []
            try:
                _add(node, words, {})
            except RecursionError:
                continue
            digest = hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()
            yield Form(node.name, node.lineno, digest, len(words) - words.count(END))


def _add(node: ast.AST, words: list[str], names: dict[str, int]) -> None:
    """Add a word for a node and those below it; names are numbered in the order in which they come."""
    words.append(_word(node, names))
    for field in node._fields:
        value = getattr(node, field, None)
        if field in WITHOUT:
            continue
        if isinstance(value, ast.AST):
            _add(value, words, names)
        elif isinstance(value, list):
            for part in value:
                if isinstance(part, ast.AST) and not _is_docstring(part):
                    _add(part, words, names)
    words.append(END)


def _word(node: ast.AST, names: dict[str, int]) -> str:
    kind = type(node).__name__
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53:
            value = float(value)  # 1, 1.0 and 1e0 are one number
        return f"{kind} {value!r}"
    if isinstance(node, ast.Attribute | ast.keyword):
        return f"{kind} {node.attr if isinstance(node, ast.Attribute) else node.arg}"
    name = getattr(node, "id", None) or getattr(node, "arg", None) or getattr(node, "name", None)
    return f"{kind} {names.setdefault(name, len(names))}" if name else kind


def _is_docstring(node: ast.AST) -> bool:
    """Whether a statement is a text alone, as docstrings are."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
