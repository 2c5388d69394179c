"""Which tests run where, and what several test files share.

A test marked ``gpu``, ``browser`` or ``sandbox`` is skipped, with the reason printed, on a machine that
lacks the part. ``RCNN_REQUIRE=browser,sandbox`` (continuous integration) turns those skips into failures.

A test marked ``exhaustive`` repeats over more data what an ordinary one proves; ``pytest -m exhaustive`` runs these.
"""

import functools
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

REPO = Path(__file__).resolve().parent.parent


@functools.cache
def _no_gpu() -> str:
    import torch

    return "" if torch.cuda.is_available() else "no CUDA device here"


@functools.cache
def _no_browser() -> str:
    return "" if shutil.which("chromium") else "Chromium is not installed (Debian: apt-get install chromium)"


@functools.cache
def _no_sandbox() -> str:
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian: apt-get install bubblewrap)"
    # Installed is not enough: some containers forbid the namespaces that it needs.
    trial = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, timeout=30
    )
    return "" if trial.returncode == 0 else f"bubblewrap does not run here: {trial.stderr.strip()}"


# Test files that take long, the longest first.
LONGEST = (
    "test_demo.py",
    "test_answers.py",
    "test_attacks.py",
    "test_nbgrader.py",
    "test_transplant.py",
    "test_instructor_docs.py",
    "test_grading.py",
    "test_pictures.py",
    "test_colab.py",
    "test_lab1_in_jupyterlab.py",
    "test_formgrader_in_jupyterlab.py",
    "test_labs_in_jupyterlab.py",
    "test_explorers.py",
)
# Test files that share what is made once for both: a graded class, a notebook with every explorer.
TOGETHER = {
    "tests/test_autograde.py": "tests/test_demo.py",
    "tests/test_lost_preloaded.py": "tests/test_demo.py",
    "tests/browser/test_accessibility.py": "tests/browser/test_explorers.py",
}

# marker → why this machine cannot run such a test; empty when it can
LACKS: dict[str, Callable[[], str]] = {"gpu": _no_gpu, "browser": _no_browser, "sandbox": _no_sandbox}


def required() -> set[str]:
    """The markers whose tests must run (environment variable ``RCNN_REQUIRE``, separated by commas)."""
    return {name.strip() for name in os.environ.get("RCNN_REQUIRE", "").split(",") if name.strip()}


def pytest_configure(config: pytest.Config) -> None:
    unknown = required() - LACKS.keys()
    if unknown:
        raise pytest.UsageError(f"RCNN_REQUIRE knows {', '.join(LACKS)}; got {', '.join(sorted(unknown))}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, so that no process is left alone with one at the end, and browser tests last.

    Playwright keeps an event loop running until the process ends, beside which no other can.
    """
    if "exhaustive" not in config.option.markexpr:
        left_out = [item for item in items if item.get_closest_marker("exhaustive")]
        items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]
        config.hook.pytest_deselected(items=left_out)
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """A process takes a file at a time, as ``--dist loadfile`` says, or what a file tests of one lab."""
    from xdist.scheduler import LoadFileScheduling

    class LoadFileAndLab(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            lab = re.search(r"\[lab\d+_\w+[-/]", test)
            return f"{TOGETHER.get(file, file)}{lab[0] if lab else ''}"

    return LoadFileAndLab(config, log) if config.option.dist == "loadfile" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, lacks in LACKS.items():
        if item.get_closest_marker(marker) and (reason := lacks()):
            if marker in required():
                pytest.fail(f"RCNN_REQUIRE wants {marker} tests to run: {reason}", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(autouse=True)
def _logging_comes_back() -> Iterator[None]:
    """What answers the grader in a student's process switches logging off for good; some tests run it in this one."""
    yield
    if logging.root.manager.disable:
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO


@pytest.fixture(scope="session")
def lay_course(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Lays a course folder with our settings and lab 1's release, which is made once."""
    from nbgrader_commands import nbgrader

    made = tmp_path_factory.mktemp("released") / "course"
    shutil.copytree(REPO / "source" / "lab1_boxes", made / "source" / "lab1_boxes")
    shutil.copy(REPO / "nbgrader_config.py", made)
    done = nbgrader("generate_assignment", "lab1_boxes", course=made)
    assert done.returncode == 0, done.stderr
    return lambda folder: Path(shutil.copytree(made, folder))


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty gradebook, made once since nbgrader runs a program for each new one."""
    from nbgrader.api import Gradebook

    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "rcnn-by-hand"):
        return path


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of ``python -m autograder demo --lab lab1_boxes``, a graded class, and what the command printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "autograder", "demo", "--lab", "lab1_boxes", "--out", str(out)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of lab 7 as it is handed in: a detector of the reference's parts, with the course's small weights."""
    from course import parts, scenes, zoo
    from course.detector import Detector, load_weights, save_weights

    own = parts.collect(REPO / "source", from_library=["nms", "roi_align"])
    detector = Detector(own, len(scenes.CLASSES), masks=True, keypoints=True)
    with zoo.small_weights() as path:
        load_weights(detector, path)
    detector.mask_head = detector.keypoint_head = None
    folder = tmp_path_factory.mktemp("handed_in")
    save_weights(detector, folder / "detector.safetensors")
    return folder


@pytest.fixture
def beside_the_detector(handed_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a notebook runs, which lab 7's ``detect`` looks for its file in; and fewer scenes, to save time."""
    monkeypatch.chdir(handed_in)
    monkeypatch.setattr("autograder.labs.lab7_capstone.cases.detect.SCENES", 8)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list:
    """What a test has shown so far; an updated picture stands there once more."""
    from course.drawing import figure

    shown: list = []

    def display(what: object, display_id: bool = False) -> SimpleNamespace | None:
        shown.append(what)
        return SimpleNamespace(update=shown.append) if display_id else None

    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(figure, "display", display)
    return shown


@pytest.fixture
def words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures without pixels, which take most of the time: tests/test_pictures.py draws each of them once."""
    from course.drawing import figure

    monkeypatch.setattr(figure, "render", lambda drawing: figure.Picture([], 0, drawing.alt, drawing.caption))


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where browser tests leave their pictures: ``build/screenshots``, never in git."""
    folder = REPO / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """pytest-playwright's browser is the distribution's Chromium: nothing downloaded, no calling home."""
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    return {**browser_type_launch_args, "executable_path": shutil.which("chromium"), "args": quiet}
