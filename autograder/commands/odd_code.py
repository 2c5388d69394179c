"""Code that an answer in this course has no honest use for: what it is, and on which line of a cell.

Nothing here proves anything, and whoever wants to hide such code can. It is for an instructor to read.
"""

import ast
import re
import unicodedata
from collections.abc import Iterator

MEMORY = "reaches into the memory of its process"
WATCHER = "reaches for what watches it"
FRAMES = "walks through the calls that have called it"
SEED = "asks for the seed of random numbers"
INSIDE = "reaches below a library's public names"
LOADING = "loads code by a name that is a text"
TEXT = "runs a text as code"
PROGRAM = "runs programs, or reaches other processes"
SYSTEM = "reads what the system says of processes"
GRADER = "reaches for the grader"
REPLACED = "puts something else in the place of a library's name"

NAMES = {
    **dict.fromkeys(("ctypes", "cffi", "mmap", "gc.get_objects", "gc.get_referrers", "gc.get_referents"), MEMORY),
    **dict.fromkeys(("sys.settrace", "sys.gettrace", "sys.setprofile", "sys.getprofile", "sys.addaudithook"), WATCHER),
    **dict.fromkeys(("sys.monitoring", "threading.settrace", "threading.setprofile"), WATCHER),
    **dict.fromkeys(("sys._getframe", "sys._current_frames", "inspect.stack", "inspect.currentframe"), FRAMES),
    **{f"torch.{inside}": INSIDE for inside in ("_C", "ops", "jit", "library", "utils.cpp_extension")},
    **dict.fromkeys(("importlib", "imp", "pkgutil", "runpy", "sys.modules", "__import__", "builtins"), LOADING),
    **dict.fromkeys(("eval", "exec", "compile"), TEXT),
    **dict.fromkeys(("subprocess", "multiprocessing", "socket", "signal", "pty", "os.system", "os.popen"), PROGRAM),
    **dict.fromkeys(("os.fork", "os.forkpty", "os.posix_spawn", "os.kill", "os._exit", "os.pipe"), PROGRAM),
    **dict.fromkeys(("os.environ", "os.open", "os.read", "os.write", "os.dup", "os.dup2"), SYSTEM),
    **dict.fromkeys(("autograder", "solutions", "course.checking.guard", "course.checking.calling"), GRADER),
}
ATTRIBUTES = {  # of whatever object
    "initial_seed": SEED,
    **dict.fromkeys(("f_back", "f_globals", "f_locals", "tb_frame", "gi_frame"), FRAMES),
    **dict.fromkeys(("__globals__", "__code__", "__closure__", "__builtins__", "__subclasses__"), INSIDE),
}
PLACES = ("/proc", "/sys", "/dev")
ASSIGNED = ("torch", "torchvision", "course", "json", "math")  # no names of these are an answer's to replace
ALLOWED = ("torch.backends", "torchvision.disable_beta_transforms_warning")
WORD = re.compile(
    "|".join([rf"(?<![\w.]){re.escape(name)}\b" for name in NAMES] + [rf"\.{name}\b" for name in ATTRIBUTES])
)
# For a first look at a text: a module of these, or torch under another name, an attribute, or one that is assigned.
ROOTS = dict.fromkeys(
    re.escape(name if name.startswith(("torch.", "course.")) else name.partition(".")[0]) for name in NAMES
)
HINT = re.compile(
    rf"\b({'|'.join((*ROOTS, *ATTRIBUTES))}|[gs]etattr|(from|import)[ \t]+torch)\b"
    rf"|{'|'.join(PLACES)}|\b(?!self\b)\w+\.\w+[ \t]*=[^=]"
)
COMMAND = re.compile(r"^[ \t]*(!(?![ \t]*pip\b)|%%(bash|sh|script|python\d?|perl|ruby)\b)", re.MULTILINE)


def imports(tree: ast.Module) -> dict[str, str]:
    """What names stand for that a text imports."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def may_be_odd(source: str) -> bool:
    """Whether it is worth while to look at a cell closely, beside others of which it is."""
    plain = unicodedata.normalize("NFKC", source)  # as Python reads names
    return HINT.search(plain) is not None or COMMAND.search(source) is not None


def odd_lines(source: str, tree: ast.Module | None, imported: dict[str, str]) -> dict[int, str]:
    """Why lines of a cell are worth a look, by their number from 1.

    Args:
        source: its text.
        tree: its syntax tree; ``None`` where it has none: then words are looked for.
        imported: what its student's names stand for, wherever they were imported.
    """
    lines = enumerate(source.split("\n"), start=1)
    found = {number: PROGRAM for number, line in lines if COMMAND.match(line)}
    if tree is None:
        for number, line in enumerate(source.split("\n"), start=1):
            if match := WORD.search(line):
                found.setdefault(number, NAMES.get(match[0]) or ATTRIBUTES[match[0].removeprefix(".")])
        return found
    for node in ast.walk(tree):
        for why in _why(node, imported):
            found.setdefault(node.lineno, why)  # type: ignore[attr-defined]  # all that have a reason have a line
    return found


def _why(node: ast.AST, imported: dict[str, str]) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (why for each in names if (why := _named(each.name)))
        case ast.ImportFrom(module=str(module), names=names):
            yield from (why for each in names if (why := _named(f"{module}.{each.name}")))
        case ast.Name() | ast.Attribute():
            if why := _named(_dotted(node, imported)) or ATTRIBUTES.get(getattr(node, "attr", ""), ""):
                yield why
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _replaces(node, imported):
                yield REPLACED
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
            if why := _named(f"{_dotted(owner, imported)}.{name}") or ATTRIBUTES.get(name, ""):
                yield why
        case ast.Call(func=ast.Name(id="setattr"), args=[owner, *_]) if _is_library(_dotted(owner, imported)):
            yield REPLACED
        case ast.Constant(value=str(text)) if text.startswith(PLACES):
            yield SYSTEM


def _dotted(node: ast.AST, imported: dict[str, str]) -> str:
    """What a name, with attributes behind it, stands for; ``""`` where it is no such thing."""
    behind = []
    while isinstance(node, ast.Attribute):
        behind.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([imported.get(node.id, node.id), *reversed(behind)])


def _named(dotted: str) -> str:
    parts = dotted.split(".")
    return next((NAMES[name] for end in range(1, len(parts) + 1) if (name := ".".join(parts[:end])) in NAMES), "")


def _replaces(node: ast.Attribute, imported: dict[str, str]) -> bool:
    dotted = _dotted(node, imported)
    return _is_library(dotted) and not dotted.startswith(ALLOWED)


def _is_library(dotted: str) -> bool:
    return dotted.partition(".")[0] in ASSIGNED
