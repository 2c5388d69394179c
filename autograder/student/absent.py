"""What is not there cannot be called: stand-ins for ready-made code in a student's process.

Modules that a course names are replaced before anything imports them: they import, their classes can be subclassed, and
a call goes to the grader (:mod:`autograder.student.deputy`), which says what it may give. Packages above them, such as
``torchvision``, run their own code only when somebody asks for more than such a module.
"""

import ast
import contextlib
import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Collection
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from autograder.student.stand_ins import Absent

OPERATORS = "torch.ops."
IMPORTING = ("__path__", "__file__", "__spec__", "__loader__", "__package__", "__cached__")  # before its code runs


class Lazy(ModuleType):
    """A package above a module that is not there: its own code runs when somebody looks a name of it up."""

    def __getattr__(self, name: str) -> Any:
        if name in IMPORTING:
            raise AttributeError(name)
        loader: Finder = vars(self)["__spec__"].loader
        if (child := f"{self.__name__}.{name}") in loader.modules or child in loader.above:
            return importlib.import_module(child)
        absent = {child: value for child, value in vars(self).items() if isinstance(value, Absent)}
        self.__class__ = ModuleType  # type: ignore[assignment]  # first: that code looks names of its module up
        loader.run(self)
        vars(self).update(absent)
        return getattr(self, name)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the modules that are not there.

    Args:
        absent: their names, as patterns; what is below them is not there either.
        kept: modules below them that are there.
        native: compiled libraries of theirs, as patterns of paths below their package's folder.
    """

    def __init__(self, absent: Collection[str], kept: Collection[str] = (), native: Collection[str] = ()) -> None:
        self.kept = tuple(kept)
        self.libraries = {str(path) for pattern in native for path in _files(pattern)}
        self.places = {name: path for pattern in absent for name, path in _places(pattern)}
        self.modules = {name: path for each, path in self.places.items() for name, path in _tree(each, path)}
        for name in kept:
            self.modules.pop(name, None)
        self.operators = [name.removeprefix(OPERATORS) for name in absent if name.startswith(OPERATORS)]
        self.native = {name for name, path in self.places.items() if path.is_dir() and not any(path.glob("*.py"))}
        above = {str(parent) for name in self.modules.keys() - self.native for parent in _parents(name)}
        above -= self.modules.keys()
        self.above = {name for name in above if name.partition(".")[0] not in sys.modules}
        self._loaders: dict[str, Any] = {}
        self._before = set(sys.modules)

    def install(self) -> None:
        """From now on, the modules are not there."""
        sys.meta_path.insert(0, self)
        torch.ops.load_library = self._load_library  # type: ignore[method-assign]
        for name in self.operators:
            setattr(torch.ops, name, Absent(f"{OPERATORS}{name}"))
        for name in self.native:
            _take_out(name)
        for name in self.kept:
            importlib.import_module(name)

    def remove(self) -> None:
        """Have the modules again, for whoever imports them anew; but for those in C++ that came with their package."""
        sys.meta_path.remove(self)
        del torch.ops.load_library
        for name in self.operators:
            delattr(torch.ops, name)
        packages = {name.partition(".")[0] for name in self.modules.keys() - self.native}
        for name in sorted(set(sys.modules) - self._before, reverse=True):
            if name.partition(".")[0] in packages:
                module, (parent, _, child) = sys.modules.pop(name), name.rpartition(".")
                if vars(sys.modules.get(parent, sys)).get(child) is module:
                    delattr(sys.modules[parent], child)

    def hidden(self) -> list[str]:
        """The files and folders of what is not there."""
        found = {*map(str, self.places.values()), *self.libraries}
        for place in self.places.values():
            found |= {str(path) for path in (place.parent / "__pycache__").glob(f"{place.stem}.*")}
        return sorted(found)

    def _load_library(self, path: str) -> None:
        if str(path) in self.libraries:
            raise OSError(f"{path} is not here while work is graded")
        type(torch.ops).load_library(torch.ops, path)

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Where a module is, if it is not there or above one that is not."""
        if name in self.modules:
            place = self.modules[name]
            spec = ModuleSpec(name, self, is_package=place.suffix != ".py")
            if spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(str(place))
            return spec
        if name not in self.above or name in self._loaders:
            return None
        real = PathFinder.find_spec(name, path)
        if real is not None:
            self._loaders[name], real.loader = real.loader, self
        return real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A stand-in, or a package that waits."""
        if spec.name in self.above:
            return Lazy(spec.name)
        start = f"{spec.name}."
        inside = {name.removeprefix(start) for name in (*self.modules, *self.kept) if name.startswith(start)}
        made = Absent(spec.name, inside, [name for name in self.kept if name.startswith(start)])
        if names := _public_names(self.modules[spec.name]):
            made.__all__ = names  # type: ignore[attr-defined]
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: there is no code."""

    def run(self, module: ModuleType) -> None:
        """Run the code of a package that has waited."""
        self._loaders[module.__name__].exec_module(module)


def _places(pattern: str) -> list[tuple[str, Path]]:
    """The modules that a pattern names, and their folders or files; nothing is imported for it."""
    top, *rest = pattern.split(".")
    found = []
    spec = importlib.util.find_spec(top) if not pattern.startswith(OPERATORS) else None
    for folder in map(Path, spec.submodule_search_locations or () if spec else ()):
        hits = [folder] if not rest else [*folder.glob("/".join(rest)), *folder.glob(f"{'/'.join(rest)}.py")]
        found += [(".".join((top, *hit.relative_to(folder).parts)).removesuffix(".py"), hit) for hit in hits]
    return found


def _files(pattern: str) -> list[Path]:
    """The files that a pattern names, below the folder of the package that it begins with."""
    top, _, rest = pattern.partition("/")
    spec = importlib.util.find_spec(top)
    return [
        path for folder in (spec.submodule_search_locations or () if spec else ()) for path in Path(folder).glob(rest)
    ]


def _public_names(place: Path) -> list[str]:
    """``__all__`` of a module, read off its text."""
    file = place / "__init__.py" if place.is_dir() else place
    for line in ast.parse(file.read_bytes()).body if file.is_file() else ():
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "__all__":
            with contextlib.suppress(ValueError):
                return list(ast.literal_eval(line.value))
    return []


def _tree(name: str, place: Path) -> list[tuple[str, Path]]:
    """A module and those below it."""
    found = [(name, place)]
    for file in place.rglob("*") if place.is_dir() else ():
        parts = file.relative_to(place).parts
        if file.suffix == ".so" or (file.suffix == ".py" and file.stem != "__init__"):
            found.append((".".join((name, *parts[:-1], file.name.partition(".")[0])), file.with_suffix(".py")))
        elif file.is_dir() and file.name != "__pycache__":
            found.append((".".join((name, *parts)), file))
    return found


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _take_out(name: str) -> None:
    """Put a stand-in in the place of a module in C++, and take its functions out of the package that it came with."""
    parent, _, child = name.rpartition(".")
    package = importlib.import_module(parent)
    sys.modules.pop(name, None)
    new = importlib.import_module(name)
    native = [each for each in vars(package).values() if isinstance(each, ModuleType) and _is_extension(each)]
    for each in native:  # Python keeps what a library made first, and gives it to whoever loads it again
        before = dict(vars(package))
        again = importlib.util.module_from_spec(each.__spec__)  # type: ignore[arg-type]
        _empty(vars(again).get(child))
        vars(package).clear()
        vars(package).update(before)
    for space in [vars(package), *map(vars, native)]:
        for key in [key for key in space if key.startswith(f"{child}_")]:  # as OpenCV names its classes
            del space[key]
        _empty(space.get(child))
        space[child] = new


def _is_extension(module: ModuleType) -> bool:
    return isinstance(getattr(module.__spec__, "loader", None), ExtensionFileLoader)


def _empty(module: Any) -> None:
    if isinstance(module, ModuleType) and not isinstance(module, Absent):
        vars(module).clear()
