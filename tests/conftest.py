"""Which tests run where, and what several test files share.

A test marked ``gpu``, ``browser`` or ``sandbox`` is skipped, with the reason printed, on a machine that
lacks the part. ``RCNN_REQUIRE=browser,sandbox`` (continuous integration) turns those skips into failures.
"""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
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
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps an event loop running until the process ends, beside which no other can."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, lacks in LACKS.items():
        if item.get_closest_marker(marker) and (reason := lacks()):
            if marker in required():
                pytest.fail(f"RCNN_REQUIRE wants {marker} tests to run: {reason}", pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The root of the repository."""
    return REPO


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
    monkeypatch.setattr("autograder.exercises.lab7_detect.SCENES", 8)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list:
    """What a test has shown so far; an updated picture stands there once more."""
    from course.draw import figure

    shown: list = []

    def display(what: object, display_id: bool = False) -> SimpleNamespace | None:
        shown.append(what)
        return SimpleNamespace(update=shown.append) if display_id else None

    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(figure, "display", display)
    return shown


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
