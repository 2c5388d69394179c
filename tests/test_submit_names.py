"""Ids in the letters of all scripts are taken, and what cannot be a folder's name is refused."""

import json
import string
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import course
from course.submission.submit import LONGEST_ID_BYTES, SubmitError, fits

ROOT = Path(__file__).resolve().parents[1]
NAMES = [
    "प्रिया शर्मा",
    "มีโชค",
    "செல்வி",
    "שָׂרָה",
    "محمّد",
    "Zoe\u0308",
    "Nguye\u0302\u0303n",
    "क्\u200dष",
    "O’Brien, Jr.",
    "王伟",
    "٣٤",
]
NOT = [
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "a:b",
    "a\nb",
    "a\0b",
    "\u0301a",
    "a\u202eb",
    "\ud800",
    "=1",
    "[a]",
    "a*",
    "王" * 67,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_and_the_zip_is_called_by_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    notebook = json.loads((ROOT / "release" / "lab1_boxes" / "boxes.ipynb").read_text(encoding="utf-8"))
    Path("boxes.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    course.submit(name)
    (path,) = tmp_path.glob("*.zip")
    assert path.name == unicodedata.normalize("NFC", f"{name}-lab1_boxes.zip")  # as students.csv has it
    assert zipfile.ZipFile(path).namelist() == ["boxes.ipynb"]


@pytest.mark.parametrize("name", NOT)
def test_what_cannot_be_a_folders_name_is_refused(name: str) -> None:
    assert not fits(name)


def test_the_refusal_names_what_came() -> None:
    with pytest.raises(SubmitError, match="expected your student id"):
        course.submit("a/b")


@given(st.text(max_size=70))
def test_what_is_taken_is_one_folder_on_any_system(name: str) -> None:
    if fits(name):
        assert not set(name) & {*'<>:"/\\|?*[]', *map(chr, range(32)), "\x7f"}
        assert name[0] not in ". "
        assert len(name.encode("utf-8")) <= LONGEST_ID_BYTES
    if set(name) <= {*string.ascii_letters, *string.digits} and 0 < len(name) <= 64:
        assert fits(name)
