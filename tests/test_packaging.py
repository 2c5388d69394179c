"""What is installed: the wheel, the dependency lists that must agree, and who imports whom."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("course", "solutions", "autograder")

# conda-forge's name → the name on the Python package index, where the two differ
CONDA_NAMES = {"pytorch": "torch", "py-opencv": "opencv-python", "python-build": "build"}


def requirements(*extras: str) -> dict[str, Requirement]:
    """The requirements of the base package and of ``extras``, by canonical name, our own extras unfolded."""
    found: dict[str, Requirement] = {}
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][extra] for extra in extras)]
    for requirement in (Requirement(line) for lines in lists for line in lines):
        if requirement.name == PROJECT["name"]:
            found |= requirements(*requirement.extras)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def constraints() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert len({canonicalize_name(pin.name) for pin in pins}) == len(pins), "a package is pinned twice"
    return {canonicalize_name(pin.name): pin for pin in pins}


def project_files() -> list[Path]:
    """Every file that is, or would be, in git."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def build(kind: str, out: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
    )
    (built,) = out.iterdir()
    return built


# --- what a build holds ---


def test_the_wheel_holds_course_and_nothing_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        names = wheel.namelist()
        info = next(name for name in names if name.endswith(".dist-info/METADATA"))
        described = wheel.read(info).decode()
    data = info.split("/")[0].replace(".dist-info", ".data")  # for Jupyter: hatch_build.py
    assert {name.split("/")[0] for name in names} == {"course", info.split("/")[0], data}
    sources = {path.relative_to(ROOT).as_posix() for path in project_files() if path.is_relative_to(ROOT / "course")}
    assert {name for name in names if name.startswith("course/")} == sources
    assert "Name: rcnn-by-hand" in described.splitlines()


def test_a_source_archive_builds_without_the_answers(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert {"course", "pyproject.toml", "LICENSE"} <= tops
    assert not tops & {"solutions", "source", "release", "autograder", "tests"}


def test_the_version_is_written_once(repo: Path) -> None:
    import course

    assert "version" in PROJECT["dynamic"]
    assert course.__version__ in (repo / "CHANGELOG.md").read_text(encoding="utf-8")


# --- dependency lists ---


def test_environment_yml_has_the_ranges_of_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, from_pip = environment["dependencies"]
    assert from_pip == {"pip": ["-e ."]}, "conda brings every dependency; pip only the course itself"
    ranges = {}
    for requirement in map(Requirement, conda):
        ranges[CONDA_NAMES.get(requirement.name, canonicalize_name(requirement.name))] = requirement.specifier
    assert ranges.pop("pip") == SpecifierSet()
    assert ranges.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert ranges == {name: requirement.specifier for name, requirement in requirements("instructor").items()}


def test_constraints_are_exact_sorted_and_without_addresses() -> None:
    pins = constraints()
    for pin in pins.values():
        (specifier,) = pin.specifier
        assert specifier.operator == "==", f"{pin}: not exact"
        assert "*" not in specifier.version, f"{pin}: not exact"
        assert str(pin) == f"{pin.name}=={specifier.version}", f"{pin}: only a name and a version"
    assert list(pins) == sorted(pins)


def test_constraints_lie_within_the_ranges() -> None:
    pins = constraints()
    for name, requirement in requirements("dev").items():
        (pin,) = pins[name].specifier
        assert requirement.specifier.contains(pin.version), f"{requirement} but constraints.txt has {pins[name]}"


@pytest.mark.skipif(sys.platform != "linux", reason="constraints.txt lists what Linux installs")
def test_every_pin_installs_on_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2, and ``requires-python`` allows 3.11.0: a pin that wants more stops pip there."""
    wanted = {name: metadata.metadata(name)["Requires-Python"] or "" for name in constraints()}
    assert {name: spec for name, spec in wanted.items() if not SpecifierSet(spec).contains("3.11.0")} == {}


def test_constraints_pin_whatever_is_installed_for_development() -> None:
    pins = constraints()
    wanted = list(requirements("dev").values())
    seen: set[tuple[str, frozenset[str]]] = set()
    missing = set()
    while wanted:
        requirement = wanted.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        installed = metadata.distribution(requirement.name)
        if key[0] not in pins:
            missing.add(f"{key[0]}=={installed.version}")
        for further in map(Requirement, installed.requires or []):
            extras = requirement.extras or {""}
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                wanted.append(further)
    assert not missing, "constraints.txt lacks " + ", ".join(sorted(missing))


def test_torch_and_torchvision_are_a_released_pair() -> None:
    def minor(requirement: Requirement) -> int:
        (specifier,) = requirement.specifier
        return int(specifier.version.split(".")[1])

    for versions in (constraints(), requirements()):
        assert minor(versions["torchvision"]) == minor(versions["torch"]) + 15


# --- imports ---


def imported(package: str) -> Iterator[tuple[str, Path]]:
    """Top-level names that the modules of ``package`` import, anywhere in their code."""
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((alias.name.split(".")[0], path) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0], path


@pytest.mark.parametrize(("package", "extras"), [("course", ()), ("solutions", ()), ("autograder", ("instructor",))])
def test_every_import_is_a_declared_dependency(package: str, extras: tuple[str, ...]) -> None:
    declared = set(requirements(*extras))
    provided_by = metadata.packages_distributions()
    # IPython comes with every Jupyter, JupyterLab and Colab included; nbgrader brings its database layer.
    implied = {"ipython": "ipywidgets", "sqlalchemy": "nbgrader", "jupyter-client": "nbgrader"}
    for name, path in imported(package):
        if name in sys.stdlib_module_names or name in PACKAGES:
            continue
        providers = {canonicalize_name(provider) for provider in provided_by.get(name, [name])}
        providers |= {implied[provider] for provider in providers if provider in implied}
        assert providers & declared, f"{path.relative_to(ROOT)} imports {name}, which pyproject.toml does not list"


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        "pyproject.toml",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_import_contracts_hold(repo: Path) -> None:
    checked = lint_imports(repo)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("importer", "target"),
    [
        ("course", "solutions"),
        ("course", "autograder"),
        ("course", "tests"),
        ("solutions", "autograder"),
        ("solutions", "benchmarks"),
        ("autograder", "tests"),
    ],
)
def test_import_contracts_notice(importer: str, target: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in (*PACKAGES, "tests", "benchmarks"):  # contracts want the modules that they name, and no more of them
        for path in ROOT.glob(f"{package}/**/*.py"):
            empty = tmp_path / path.relative_to(ROOT)
            empty.parent.mkdir(parents=True, exist_ok=True)
            empty.touch()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / importer / "stray.py").write_text(f"import {target}\n", encoding="utf-8")
    checked = lint_imports(tmp_path)
    assert checked.returncode == 1
    assert f"{importer}.stray -> {target}" in checked.stdout


# --- what the repository must not hold ---

# Written in pieces, so that this file does not find itself.
ADDRESSES = {
    "a package registry": "|".join(
        [r"py" r"pi\.org", r"python" r"hosted\.org", r"npm" r"js\.org", r"deb\.debian\.org"]
    ),
    # where PyTorch keeps its CPU build is no registry of ours: START.html names it
    "an index option": "|".join(
        [r"index" r"-url(?! https://download\.pytorch\.org/whl/cpu\b)", r"find" r"-links", r"trusted" r"-host"]
    ),
    "a folder of one machine": r"(?<![\w.])/(?:root|work|home/(?!jovyan)\w+|Users/\w+|tmp/plan)/",
}


@pytest.mark.parametrize("what", ADDRESSES)
def test_no_file_names(what: str) -> None:
    found = []
    for path in project_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in re.finditer(ADDRESSES[what], text)]
    assert not found


def test_no_file_names_this_machines_package_index() -> None:
    settings = [value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_"))]
    files = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    hosts = set(re.findall(r"://(?:[^/@\s]*@)?([\w.-]+)", " ".join([files.stdout, *settings])))
    hosts -= {"localhost", "127.0.0.1"}
    for path in project_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        assert not [host for host in hosts if host in text], path.relative_to(ROOT)


IGNORED = [
    "submitted/ada/lab1_boxes/boxes.ipynb",
    "autograded/ada/lab1_boxes/boxes.ipynb",
    "feedback/ada/lab1_boxes/boxes.html",
    "gradebook.db",
    "gradebook.db-journal",
    "build/demo/grades.csv",
    "dist/rcnn_by_hand-0.1.0-py3-none-any.whl",
    ".venv/bin/python",
    "source/lab1_boxes/.ipynb_checkpoints/boxes-checkpoint.ipynb",
    "course/__pycache__/setup.cpython-311.pyc",
]
KEPT = [
    "course/setup.py",
    "source/lab1_boxes/boxes.ipynb",
    "release/lab1_boxes/boxes.ipynb",
    "tests/browser/test_lab.py",
]


def test_gitignore_keeps_students_work_out_and_ours_in(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    command = ["git", "check-ignore", "--no-index", *IGNORED, *KEPT]
    ignored = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ignored.stdout.split() == IGNORED


# --- jupytext ---

SOLUTION = {
    "grade": False,
    "grade_id": "area",
    "locked": False,
    "schema_version": 3,
    "solution": True,
    "task": False,
}
GRADED = SOLUTION | {"grade": True, "grade_id": "test_area", "locked": True, "points": 2, "solution": False}
TEXT = f"""\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Boxes

# %% nbgrader={json.dumps(SOLUTION)}
def area(boxes):
    ### BEGIN SOLUTION
    return boxes
    ### END SOLUTION


# %% nbgrader={json.dumps(GRADED, sort_keys=True)} tags=["active-ipynb"]
# ### BEGIN HIDDEN TESTS
# grade("area", area)
# ### END HIDDEN TESTS
"""


def test_saving_in_jupyterlab_writes_both_forms_and_keeps_every_mark(tmp_path: Path) -> None:
    text, notebook = tmp_path / "solutions/lab1_boxes/boxes.py", tmp_path / "source/lab1_boxes/boxes.ipynb"
    release = tmp_path / "release/lab1_boxes/boxes.ipynb"
    for path in (text, notebook, release):
        path.parent.mkdir(parents=True)
    shutil.copy(ROOT / "jupytext.toml", tmp_path)
    manager = jupytext.TextFileContentsManager(root_dir=str(tmp_path))
    content = jupytext.reads(TEXT, "py:percent")
    for path in (notebook, release):
        model = {"type": "notebook", "content": content}
        manager.save(model=model, path=path.relative_to(tmp_path).as_posix())
    assert text.read_text(encoding="utf-8") == TEXT
    assert set(tmp_path.rglob("*.py")) == {text}, "a release has no second form"
    title, solution, test = nbformat.read(notebook, 4).cells
    assert title.source == "# Boxes"
    assert solution.metadata.nbgrader.grade_id == "area"
    assert test.metadata.tags == ["active-ipynb"]
    assert test.source.startswith("### BEGIN HIDDEN TESTS"), "commented in the text only"
