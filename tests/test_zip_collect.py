"""Zips that course.submit makes, and those from Canvas and Moodle, taken in with the settings that we give."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.notebooks import ROOT

LAB = "lab1_boxes"


def settings(platform: str) -> str:
    """The block of the instructor's page for a platform."""
    text = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```python\n(# {platform}: .*?)```", text, re.DOTALL)
    return block


def a_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def collect(root: Path, platform: str, files: dict[str, bytes], *options: str) -> tuple[dict[str, bytes], str]:
    """What lies in submitted/ after ``nbgrader zip_collect``, by student and file, and what the command said.

    The files come in the zip of a platform, or by themselves where that is "".
    """
    shutil.copytree(ROOT / "release" / LAB, root / "release" / LAB, dirs_exist_ok=True)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    archive = root / "downloaded" / LAB / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    if platform:
        config = f"{config}\n{settings(platform)}"
        files = {"RCNN-Lab 1 submissions.zip": a_zip(files)}
    for name, content in files.items():
        (archive / name).write_bytes(content)
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", LAB, *options],
        cwd=root,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == ("Duplicate" not in said), said
    found = sorted(path for path in (root / "submitted").rglob("*") if path.is_file())
    return {"/".join(path.relative_to(root / "submitted").parts): path.read_bytes() for path in found}, said


SUBMITTED = a_zip({"boxes.ipynb": b"hers", "detector.safetensors": b"weights", "notes.txt": b"not asked for"})


def test_zips_that_students_make_need_no_setting(tmp_path: Path) -> None:
    inside = {"bob-lab1_boxes/boxes.ipynb": b"no", "extracted/bob-lab1_boxes/boxes.ipynb": b"no"}
    found, _ = collect(
        tmp_path,
        "",
        {
            "ada-lab1_boxes.zip": SUBMITTED,
            "o'brien, n@example.org-lab1_boxes (1).zip": a_zip({"boxes.ipynb": b"downloaded twice"}),
            "王伟-lab1_boxes-boxes.zip": a_zip({"boxes.ipynb": b"from Colab"}),
            # names that would hand in for somebody else
            "evil-lab1_boxes.zip": a_zip({**inside, "bob-lab1_boxes.zip": a_zip({"boxes.ipynb": b"no"})}),
        },
    )
    assert found == {
        f"ada/{LAB}/boxes.ipynb": b"hers",
        f"ada/{LAB}/detector.safetensors": b"weights",
        f"o'brien, n@example.org/{LAB}/boxes.ipynb": b"downloaded twice",
        f"王伟/{LAB}/boxes.ipynb": b"from Colab",
    }


def test_canvas(tmp_path: Path) -> None:
    found, said = collect(
        tmp_path,
        "Canvas",
        {
            "lovelaceada_101_5501_boxes.ipynb": b"on time",
            "o’brienjrnoor_LATE_102_5502_boxes-1.ipynb": b"late, second try",
            "王伟_103_5503_boxes (2).ipynb": b"downloaded thrice",
            "turingalan_104_5504_notes.txt": b"no notebook",
            "hoppergrace_108_5508_grace-lab1_boxes-1.zip": SUBMITTED,
            # names that would hand in for somebody else
            "evil_105_5505_106_5506_boxes.ipynb": b"not by 106",
            "evil_105_5507_more.zip": a_zip(
                {"friend_107_1_boxes.ipynb": b"no", "extracted/x/friend_107_1_boxes.ipynb": b"no"}
            ),
        },
    )
    assert found == {
        f"101/{LAB}/boxes.ipynb": b"on time",
        f"102/{LAB}/boxes.ipynb": b"late, second try",
        f"103/{LAB}/boxes.ipynb": b"downloaded thrice",
        f"108/{LAB}/boxes.ipynb": b"hers",
        f"108/{LAB}/detector.safetensors": b"weights",
    }
    assert "106_5506" in said  # what was left out is told


@pytest.mark.parametrize(
    "form", ["{}_{}_assignsubmission_file/", "{}_{}_assignsubmission_file_/", "{}_{}_assignsubmission_file_"]
)
def test_moodle_in_all_its_forms(form: str, tmp_path: Path) -> None:
    found, _ = collect(
        tmp_path,
        "Moodle",
        {
            form.format("Ada Lovelace", 1327627) + "boxes.ipynb": b"hers",
            form.format("Noor O’Brien, Jr.", 1327628) + "boxes (1).ipynb": b"his",
            form.format("Grace Hopper", 1327630) + "grace-lab1_boxes.zip": SUBMITTED,
            form.format("Evil", 1327629) + "more.zip": a_zip(
                {"Ada Lovelace_1_assignsubmission_file/boxes.ipynb": b"not hers"}
            ),
        },
    )
    assert found == {
        f"Ada Lovelace/{LAB}/boxes.ipynb": b"hers",
        f"Noor O’Brien, Jr./{LAB}/boxes.ipynb": b"his",
        f"Grace Hopper/{LAB}/boxes.ipynb": b"hers",
        f"Grace Hopper/{LAB}/detector.safetensors": b"weights",
    }


def test_two_files_for_one_student_stop_the_command(tmp_path: Path) -> None:
    names = [f"Ada Lovelace_{number}_assignsubmission_file/boxes.ipynb" for number in (1, 2)]
    found, said = collect(tmp_path, "Moodle", dict.fromkeys(names, b""))
    assert found == {}
    assert "Duplicate submission file" in said


def test_a_later_hand_in_takes_the_place_of_the_first(tmp_path: Path) -> None:
    collect(tmp_path, "Canvas", {"ada_101_5501_boxes.ipynb": b"first"})
    found, _ = collect(tmp_path, "Canvas", {"ada_101_5599_boxes-1.ipynb": b"second"}, "--force")
    assert found == {f"101/{LAB}/boxes.ipynb": b"second"}


def test_a_renamed_notebook_is_passed_on_with_a_warning(tmp_path: Path) -> None:
    found, said = collect(tmp_path, "Canvas", {"ada_101_5501_my_homework.ipynb": b"hers"})
    assert found == {f"101/{LAB}/my_homework.ipynb": b"hers"}
    assert "Invalid submission notebook name" in said
