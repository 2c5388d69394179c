"""The notebooks in a session like Colab's: no nbgrader, no repository, the student package from its wheel.

What is left out, and why: of lab 1 every cell runs; of the other notebooks those that only draw are left out, since
pictures cost minutes and are drawn by the same package in other tests; lab 7 ends before its training.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from email import message_from_bytes
from pathlib import Path
from types import SimpleNamespace

import pytest
import session
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from autograder.commands import release

REPO = Path(__file__).resolve().parent.parent
HIDDEN = (
    "nbgrader",
    "jupytext",
    "jupyterlab",
    "pip",
    "rcnn_by_hand",
    "__editable__",
    "_pytest",
    "pytest",
    "hypothesis",
)
STAND_INS = {
    # installs the wheel in the place of what was asked for, and notes what that was
    "pip/__main__.py": """
        import os, sys, zipfile
        from pathlib import Path
        with Path(os.environ["ASKED"]).open("a") as asked:
            print(*sys.argv[1:], sep="|", file=asked)
        installed = Path(os.environ["INSTALLED"])
        zipfile.ZipFile(os.environ["WHEEL"]).extractall(installed)
        for path in (*installed.rglob("*"), installed):
            path.chmod(0o555 if path.is_dir() else 0o444)
        """,
    "pip/__init__.py": "",
    "google/colab/__init__.py": "",
    "google/colab/files.py": """
        def upload():
            return {}
        def download(path):
            print("downloaded:", path)
        """,
    "google/colab/output.py": """
        def enable_custom_widget_manager():
            pass
        """,
    "google/colab/_message.py": """
        import json, os
        def blocking_request(kind, request="", timeout_sec=5, parent=None):
            assert kind == "get_ipynb" and timeout_sec
            return {"ipynb": json.load(open(os.environ["NOTEBOOK"], encoding="utf-8"))}
        """,
}
# From the list of packages that Google publishes for Colab's GPU sessions, June 2026.
COLAB = {
    "anywidget": "0.9.21",
    "ipywidgets": "7.7.1",
    "matplotlib": "3.10.0",
    "numpy": "2.0.2",
    "opencv-python": "4.13.0.92",
    "pillow": "11.3.0",
    "pycocotools": "2.0.11",
    "safetensors": "0.7.0",
    "torch": "2.11.0",
    "torchvision": "0.26.0",
    "tqdm": "4.67.3",
    "traitlets": "5.7.1",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release.build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> SimpleNamespace:
    """A session: ``content`` is the working folder with solved notebooks, ``installed`` where the package will lie."""
    root = tmp_path_factory.mktemp("colab")
    content, installed, stand_ins, packages = (
        root / name for name in ("content", "installed", "stand_ins", "packages")
    )
    for folder in (content, installed, stand_ins, packages):
        folder.mkdir()
    for name, text in STAND_INS.items():
        path = stand_ins / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = text.strip("\n").splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
        path.write_text("\n".join(line[indent:] for line in lines), encoding="utf-8")
    for kind in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for path in Path(kind).iterdir():
            if not path.name.startswith(HIDDEN) and path.suffix != ".pth":
                (packages / path.name).symlink_to(path)
    for notebook in session.solve(REPO, root / "labs").glob("*/*.ipynb"):
        shutil.copy(notebook, content)
    _without_training(content / "capstone.ipynb")
    shutil.copy(session.__file__, root / "session.py")
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, (installed, stand_ins, packages))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "WHEEL": str(wheel),
        "INSTALLED": str(installed),
        "ASKED": str(root / "asked"),
        "NOTEBOOK": str(content / "boxes.ipynb"),
    }
    # The interpreter below the virtual environment, without any site-packages of its own.
    python = [getattr(sys, "_base_executable", sys.executable), "-S", str(root / "session.py")]
    return SimpleNamespace(root=root, content=content, installed=installed, environment=environment, python=python)


def _without_training(path: Path) -> None:
    """Lab 7 up to its training: what comes after it looks at what that wrote, and is tested elsewhere."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    titles = ["".join(cell["source"]).partition("\n")[0] for cell in notebook["cells"]]
    del notebook["cells"][titles.index("## Assemble") :]
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="module")
def lab1(colab: SimpleNamespace) -> dict:
    """What came of lab 1, run by a student who then hands in."""
    path = colab.content / "boxes.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text.count('course.submit(\\"\\")') == 1
    path.write_text(text.replace('course.submit(\\"\\")', 'course.submit(\\"ada\\")'), encoding="utf-8")
    options = ["--import", "google.colab"]
    return session.run(path, python=colab.python, options=options, environment=colab.environment)


def test_nothing_of_ours_is_there_before(colab: SimpleNamespace) -> None:
    names = "torch", "nbgrader", "course", "autograder"
    script = f"import importlib.util as u; print(*(bool(u.find_spec(name)) for name in {names}))"
    done = subprocess.run(
        [*colab.python[:-1], "-c", script],
        cwd=colab.content,
        env={**colab.environment, "PYTHONPATH": colab.environment["PYTHONPATH"].partition(os.pathsep)[2]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True", "False", "False", "False"]


def test_lab_1_runs_whole_and_is_handed_in(lab1: dict, colab: SimpleNamespace) -> None:
    assert lab1["shown"]["text/html"] > 10
    assert re.search(r"\b(\d+) of \1 exercises pass their visible checks", lab1["said"])
    assert "downloaded: ada-lab1_boxes-boxes.zip" in lab1["said"]
    with zipfile.ZipFile(colab.content / "ada-lab1_boxes-boxes.zip") as file:
        assert file.namelist() == ["boxes.ipynb"]


def test_the_setup_cell_asked_pip_for_the_one_address_once(lab1: dict, colab: SimpleNamespace) -> None:
    """Nothing is upgraded: pip leaves alone what fits already."""
    config = (REPO / "nbgrader_config.py").read_text(encoding="utf-8")
    (repository,) = re.findall(r'c\.SetRepository\.repository = "(.*)"', config)
    asked = (colab.root / "asked").read_text(encoding="utf-8").splitlines()
    assert asked == [f"install|--quiet|rcnn-by-hand @ git+https://github.com/{repository}"]


def test_all_other_notebooks_define_and_check_everything(lab1: dict, colab: SimpleNamespace) -> None:
    others = sorted(path for path in colab.content.glob("*.ipynb") if path.name != "boxes.ipynb")
    assert len(others) == len(session.notebooks(REPO)) - 1
    options = ["--import", "google.colab", "--no-figures"]
    session.run(*others, python=colab.python, options=options, environment=colab.environment)
    asked = (colab.root / "asked").read_text(encoding="utf-8").splitlines()
    assert len(asked) == 1, "the setup cell is silent where all is there"


def test_the_package_writes_nothing_into_its_own_folder(lab1: dict, colab: SimpleNamespace, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        files = set(file.namelist())
    found = {path.relative_to(colab.installed).as_posix() for path in colab.installed.rglob("*") if path.is_file()}
    assert found == files


def test_colab_has_all_that_the_package_needs_so_its_torch_stays(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        (name,) = (name for name in file.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(file.read(name))
    needs = [need for text in metadata.get_all("Requires-Dist", []) if not (need := Requirement(text)).marker]
    assert {need.name for need in needs} <= COLAB.keys()
    for need in needs:
        assert need.specifier.contains(COLAB[need.name]), f"{need}: Colab has {COLAB[need.name]}"
    assert SpecifierSet(metadata["Requires-Python"]).contains("3.12")


@pytest.mark.parametrize("notebook", session.notebooks(REPO))
def test_every_notebook_has_the_badge_and_the_same_setup_cell(notebook: str) -> None:
    cells, first = (
        json.loads((REPO / "release" / name).read_text(encoding="utf-8"))["cells"]
        for name in (notebook, "lab1_boxes/boxes.ipynb")
    )
    address = f"https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/{notebook}"
    assert address in "".join(cells[0]["source"])
    code, setup = (next(cell["source"] for cell in each if cell["cell_type"] == "code") for each in (cells, first))
    assert code == setup
