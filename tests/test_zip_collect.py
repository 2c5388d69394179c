"""Hand-ins of all kinds, by course.submit, Canvas or Moodle: each by itself, the newer of two, nothing lost."""

import io
import logging
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from logging.handlers import BufferingHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.commands.notebooks import ROOT
from autograder.nbgrader_plugins.locks import one_at_a_time
from autograder.nbgrader_plugins.zip_collect import LOCK

LAB = "lab1_boxes"
BOXES = (ROOT / "release" / LAB / "boxes.ipynb").read_bytes()  # known by its cells, whatever it is called


def settings(platform: str) -> str:
    """The block of the instructor's page for a platform."""
    text = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"```python\n(# {platform}: .*?)```", text, re.DOTALL)
    return block


def a_zip(files: dict[str, bytes], minute: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of files that were saved at some minute."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2026, 9, 15, 12, minute, 0))
            info.compress_type = method
            file.writestr(info, content)
    return buffer.getvalue()


def course(root: Path, platform: str = "", lab: str = LAB) -> None:
    """A course folder with the settings that ship, and those of the instructor's page for a platform."""
    shutil.copytree(ROOT / "release" / LAB, root / "release" / lab, dirs_exist_ok=True)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    config += f"\n{settings(platform)}" if platform else ""
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    (root / "downloaded" / lab / "archive").mkdir(parents=True, exist_ok=True)


def put(root: Path, files: dict[str, bytes], lab: str = LAB) -> None:
    for name, content in files.items():
        path = root / "downloaded" / lab / "archive" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (2e9, 2e9))  # downloaded at one time


def submitted(root: Path, lab: str = LAB) -> dict[str, bytes]:
    """What lies in submitted/, by student and file."""
    found = {
        path.relative_to(root / "submitted"): path.read_bytes()
        for path in root.glob("submitted/**/*")
        if path.is_file()
    }
    assert {path.parts[1] for path in found} <= {lab}
    return {f"{path.parts[0]}/{Path(*path.parts[2:]).as_posix()}": content for path, content in found.items()}


def run(root: Path, lab: str = LAB, *options: str) -> subprocess.CompletedProcess[str]:
    """The real command."""
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", lab, *options],
        cwd=root,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def collect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., SimpleNamespace]:
    """What ``nbgrader zip_collect`` does with files in its folder, in this process."""

    def collect(files: dict[str, bytes], platform: str = "", lab: str = LAB, **more: Any) -> SimpleNamespace:
        course(tmp_path, platform, lab)
        put(tmp_path, files, lab)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
        config.merge(more)
        app = ZipCollectApp(config=config)
        # a logger of its own: levels and handlers of nbgrader's are changed by whatever ran in this process before
        app.log = logging.Logger("collecting")
        app.log.addHandler(told := BufferingHandler(100))
        app.coursedir = CourseDirectory(parent=app, root=str(tmp_path), assignment_id=lab)
        app.init_plugins()
        with pytest.raises(SystemExit) as ended:
            app.extract_archive_files()
        said = capsys.readouterr()
        rows = re.findall(r"^ ?(collected|skipped) +(.*)$", said.out, re.MULTILINE)
        return SimpleNamespace(
            status=ended.value.code,
            said="\n".join([said.out, said.err, *(record.getMessage() for record in told.buffer)]),
            collected=[row for state, row in rows if state == "collected"],
            skipped=[row for state, row in rows if state == "skipped"],
            found=submitted(tmp_path, lab),
        )

    return collect


SUBMITTED = a_zip({"boxes.ipynb": b"hers", "detector.safetensors": b"weights", "notes.txt": b"not asked for"})
GOOD = a_zip({"boxes.ipynb": b"hers"})


def encrypted(content: bytes) -> bytes:
    """A zip whose files say that they want a password."""
    changed = bytearray(content)
    for signature, place in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        changed[changed.index(signature) + place] |= 1
    return bytes(changed)


def linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        info = zipfile.ZipInfo("boxes.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    return buffer.getvalue()


def renamed(before: bytes, after: bytes) -> bytes:
    """A zip with other bytes in the place of a name."""
    return a_zip({before.decode(): b"hers"}).replace(before, after)


def lying(content: bytes) -> bytes:
    """A zip that claims one byte for each of its files."""
    changed = bytearray(content)
    for signature, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = changed.index(signature) + place
        changed[at : at + 4] = (1).to_bytes(4, "little")
    return bytes(changed)


BOMB = a_zip({"boxes.ipynb": bytes(65 * 2**20)})
BAD = {  # and what is said of it
    "cut short": (GOOD[:40], "cut short or damaged"),
    "changed on the way": (a_zip({"boxes.ipynb": b"hers"}, method=0).replace(b"hers", b"his!"), "cut short or damaged"),
    "empty": (b"", "is empty (0 bytes)"),
    "a name too long": (a_zip({"x" * 300 + ".ipynb": b"x"}), "is longer than 200 bytes"),
    "without files": (a_zip({}), "holds no notebook"),
    "only folders": (a_zip({"a/": b"", "a/b/": b""}), "holds no notebook"),
    "only what nobody wants": (a_zip({"notes.txt": b"x", "__MACOSX/._boxes.ipynb": b"x"}), "but 'notes.txt'"),
    "an empty notebook": (a_zip({"boxes.ipynb": b""}), "'boxes.ipynb' (empty)"),
    "with a password": (encrypted(GOOD), "password"),
    "leading out": (a_zip({"boxes.ipynb": b"x", "../../../bob/lab1_boxes/boxes.ipynb": b"no"}), "leads out of it"),
    "leading out, as Windows": (a_zip({"..\\..\\boxes.ipynb": b"no"}), "leads out of it"),
    "absolute": (a_zip({"/tmp/boxes.ipynb": b"no"}), "leads out of it"),
    "on a drive": (a_zip({"C:\\Users\\ada\\boxes.ipynb": b"no"}), "leads out of it"),
    "a link": (linked(), "a link"),
    "a NUL in a name": (renamed(b"b.ipynb_x", b"b.ipynb\0x"), "a name with a NUL"),
    "not UTF-8, though it says so": (renamed("é.ipynb".encode(), b"\xff\xfe.ipynb"), "cut short or damaged"),
    "too many files": (a_zip({f"{number}.ipynb": b"x" for number in range(51)}), "holds 51 files: 50 files of 64 MiB"),
    "too many names": (a_zip({f"{number:0100}": b"" for number in range(8000)}), "table of contents"),
    "too much": (BOMB, "unpacks to 65 MiB: 50 files of 64 MiB"),
    "more than it says": (lying(BOMB), "cut short or damaged"),
    "another compression": (a_zip({"boxes.ipynb": b"hers"}, method=zipfile.ZIP_LZMA), "method 14"),
    "a zip in a zip": (a_zip({"ada-lab1_boxes.zip": GOOD}), "a zip in a zip is not opened"),
    "a 7z": (b"7z\xbc\xaf\x27\x1c and more", "is a 7z archive; expected a zip"),
    "a tar.gz": (b"\x1f\x8b\x08 and more", "gzip"),
    "a page to log in": (b"\n<!DOCTYPE html><html>", "is a web page"),
    "a notebook": (BOXES, "give it the ending .ipynb"),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_zip_is_told_and_nobody_else_is_kept_waiting(kind: str, collect: Callable, tmp_path: Path) -> None:
    content, why = BAD[kind]
    done = collect({"ada-lab1_boxes.zip": GOOD, "eve-lab1_boxes.zip": content, "zoe-lab1_boxes.zip": GOOD})
    assert done.found == {"ada/boxes.ipynb": b"hers", "zoe/boxes.ipynb": b"hers"}
    (line,) = done.skipped
    assert "eve-lab1_boxes.zip" in line
    assert why in line
    assert done.status == 1
    assert (tmp_path / "downloaded" / LAB / "archive" / "eve-lab1_boxes.zip").read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "downloaded",
        "nbgrader_config.py",
        "release",
        "submitted",
    ]


FOUND = {  # a zip that is taken, and what comes of it
    "backslashes": ({"lab1_boxes\\boxes.ipynb": b"1"}, {"boxes.ipynb": b"1"}),
    "zipped again on a Mac": ({"a/boxes.ipynb": b"1", "__MACOSX/a/._boxes.ipynb": b"x"}, {"boxes.ipynb": b"1"}),
    "folders in folders": ({"a/b/c/d/e/boxes.ipynb": b"1"}, {"boxes.ipynb": b"1"}),
    "what Jupyter keeps": (
        {"boxes.ipynb": b"1", ".ipynb_checkpoints/boxes-checkpoint.ipynb": b"0"},
        {"boxes.ipynb": b"1"},
    ),
    "capitals in an ending": ({"Boxes.IPYNB": b"1"}, {"Boxes.ipynb": b"1"}),
    "capitals alone": ({"boxes.ipynb": b"1", "Boxes.ipynb": b"2"}, {"boxes.ipynb": b"1"}),
    "accents in two spellings": ({"\u00e9.ipynb": b"1", "e\u0301.ipynb": b"2"}, {"\u00e9.ipynb": b"1"}),
    "a line break in a name": ({"a\nb\x1b[31m.ipynb": b"1"}, {"a b[31m.ipynb": b"1"}),
    "several notebooks": ({"fpn.ipynb": b"1", "mask.ipynb": b"2"}, {"fpn.ipynb": b"1", "mask.ipynb": b"2"}),
}


@pytest.mark.parametrize("kind", FOUND)
def test_files_are_taken_out_of_all_that_systems_put_around_them(kind: str, collect: Callable) -> None:
    files, found = FOUND[kind]
    done = collect({"ada-lab1_boxes.zip": a_zip(files)})
    assert done.found == {f"ada/{name}": content for name, content in found.items()}
    assert done.status == 0
    assert "\x1b" not in done.said


def test_letters_of_another_country_spoil_nothing(collect: Callable) -> None:
    """Windows writes names in letters of its own; macOS UTF-8, and neither says so."""
    done = collect(
        {
            "ada-lab1_boxes.zip": renamed(b"zy.ipynb", "作".encode("gbk") + b".ipynb"),
            "bob-lab1_boxes.zip": renamed(b"xyz.ipynb", "作".encode() + b".ipynb"),
        }
    )
    assert done.status == 0
    assert len(done.found) == 2
    assert done.found["bob/作.ipynb"] == b"hers"


OWN = {  # as course.submit calls them, or a bare notebook, and what browsers and systems make of the name
    "ada-lab1_boxes.zip": "ada",
    "bob-lab1_boxes.ZIP": "bob",
    "o'brien, n@example.org-lab1_boxes (1).zip": "o'brien, n@example.org",
    "王伟-lab1_boxes-boxes.zip": "王伟",
    "Zoe\u0308-lab1_boxes.zip": "Zo\u00eb",
    "cat-lab1_boxes - Copy.zip": "cat",
    "dan-lab1_boxes - Copy (2).zip": "dan",
    "eva-lab1_boxes 2.zip": "eva",
    "fay-lab1_boxes copy 3.zip": "fay",
    "Copy of gus-lab1_boxes.zip": "gus",
    "hal-lab1_boxes_1.zip": "hal",
    "ian-lab1_boxes.zip.zip": "ian",
    "a.b_c-d-lab1_boxes.zip": "a.b_c-d",
    "group 1/more/jim-lab1_boxes.zip": "jim",
    "kim [she]-lab1_boxes": "kim [she]",
}


def test_whose_a_zip_is_says_its_own_name(collect: Callable) -> None:
    done = collect(dict.fromkeys(OWN, GOOD))
    assert done.found == {f"{student}/boxes.ipynb": b"hers" for student in OWN.values()}
    assert done.status == 0


def test_bare_notebooks_and_folders_are_taken_as_well(collect: Callable) -> None:
    done = collect(
        {
            "ada-lab1_boxes.ipynb": b"1",
            "bob-lab1_boxes-boxes (1).ipynb": b"2",
            "cat-lab1_boxes/boxes.ipynb": b"3",
            "cat-lab1_boxes/notes.txt": b"x",
        }
    )
    assert done.found == {"ada/ada-lab1_boxes.ipynb": b"1", "bob/boxes.ipynb": b"2", "cat/boxes.ipynb": b"3"}
    assert done.status == 0


UNOWNED = {
    "boxes.ipynb": "does not say whose it is: expected a name such as ada-lab1_boxes.zip",
    "all.zip": "does not say whose it is",
    "ada-lab12_poses.zip": "is of lab12_poses, and this is lab1_boxes",
    "ada-lab1_boxes2.zip": "is of lab1_boxes2, and this is lab1_boxes",
    "ada-lab1_boxes.zip.crdownload": "download that has not ended",
    "Unconfirmed 123.part": "download that has not ended",
    ".ada-lab1_boxes.zip": "begins with a dot",
    "a\nb-lab1_boxes.zip": "line break",
    "x" * 201 + "-lab1_boxes.zip": "longer than 200 bytes",
    "lovelaceada_101_5501_boxes.ipynb": "is named as Canvas does: see c.HandInNames.platform",
}


@pytest.mark.parametrize("name", UNOWNED)
def test_a_name_that_says_nothing_is_told_with_what_was_expected(name: str, collect: Callable) -> None:
    done = collect({name: a_zip({"bob-lab1_boxes.zip": GOOD, "bob-lab1_boxes/boxes.ipynb": b"no"})})
    assert done.found == {}
    (line,) = done.skipped
    assert UNOWNED[name] in line
    assert done.status == 1


@pytest.mark.parametrize("name", ["ada-lab1_boxes.rar", "ada-lab1_boxes.txt", "ada-lab1_boxes"])
def test_a_file_that_is_no_hand_in_is_told(name: str, collect: Callable) -> None:
    done = collect({name: b"Rar! or a text"})
    assert done.found == {}
    assert "is neither a zip nor a notebook" in done.skipped[0]


def test_names_inside_are_not_believed(collect: Callable) -> None:
    inside = {"bob-lab1_boxes/boxes.ipynb": b"1", "bob-lab1_boxes.zip": GOOD, "x_102_1_boxes.ipynb": b"2"}
    done = collect({"evil-lab1_boxes.zip": a_zip(inside)})
    assert done.found == {"evil/boxes.ipynb": b"1", "evil/x_102_1_boxes.ipynb": b"2"}
    assert "a zip in a zip is not opened: 'bob-lab1_boxes.zip'" in done.said


@pytest.mark.parametrize("lab", ["lab10_yolo", "lab123_more"])
def test_labs_have_numbers_of_any_length(lab: str, collect: Callable) -> None:
    done = collect({f"ada-{lab}.zip": GOOD, f"bob-{lab}-boxes (1).zip": GOOD, "cat-lab1_boxes.zip": GOOD}, lab=lab)
    assert done.found == {"ada/boxes.ipynb": b"hers", "bob/boxes.ipynb": b"hers"}
    assert f"is of lab1_boxes, and this is {lab}" in done.said


# --- the newer of two ---


def test_of_two_the_newer_is_kept_and_the_older_is_told(collect: Callable) -> None:
    done = collect(
        {
            "ada-lab1_boxes.zip": a_zip({"boxes.ipynb": b"second"}, minute=9),
            "ada-lab1_boxes (1).zip": a_zip({"boxes.ipynb": b"first"}, minute=3),
        }
    )
    assert done.found == {"ada/boxes.ipynb": b"second"}
    assert done.status == 1
    (line,) = done.skipped
    assert "boxes.ipynb is older than that of ada-lab1_boxes.zip" in line


def test_where_times_agree_the_later_download_counts(collect: Callable) -> None:
    zips = {f"ada-lab1_boxes ({number}).zip": a_zip({"boxes.ipynb": b"%d" % number}) for number in (10, 9, 2)}
    assert collect(zips).found == {"ada/boxes.ipynb": b"10"}


def test_it_is_the_notebook_that_is_newer_whatever_it_is_called(collect: Callable) -> None:
    done = collect(
        {
            "ada-lab1_boxes.zip": a_zip({"boxes.ipynb": BOXES, "detector.safetensors": b"weights"}),
            "ada-lab1_boxes (1).zip": a_zip({"Copy of boxes.ipynb": BOXES + b"\n"}, minute=5),
        }
    )
    assert done.found == {"ada/Copy of boxes.ipynb": BOXES + b"\n", "ada/detector.safetensors": b"weights"}
    assert done.skipped == []  # the older one still gave the weights


def test_notebooks_of_one_lab_come_in_zips_of_their_own(collect: Callable) -> None:
    done = collect(
        {f"ada-lab5_fpn_mask-{name}.zip": a_zip({f"{name}.ipynb": name.encode()}) for name in ("fpn", "mask")},
        lab="lab5_fpn_mask",
    )
    assert done.found == {"ada/fpn.ipynb": b"fpn", "ada/mask.ipynb": b"mask"}
    assert done.status == 0


def test_once_more_changes_nothing(collect: Callable, tmp_path: Path) -> None:
    zips = {"ada-lab1_boxes.zip": SUBMITTED, "bob-lab1_boxes.zip": BAD["cut short"][0]}
    first = collect(zips)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("submitted/**/*")}
    again = collect(zips)
    assert (again.found, again.status) == (first.found, first.status)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("submitted/**/*")} == before
    assert "was there already" in again.said


def test_mended_and_collected_again(collect: Callable) -> None:
    collect({"ada-lab1_boxes.zip": GOOD, "bob-lab1_boxes.zip": GOOD[:40]})
    done = collect({"bob-lab1_boxes.zip": GOOD})
    assert done.found == {"ada/boxes.ipynb": b"hers", "bob/boxes.ipynb": b"hers"}
    assert done.status == 0


def test_what_was_collected_gives_way_to_newer_and_never_to_older(collect: Callable, tmp_path: Path) -> None:
    name = "ada-lab1_boxes.zip"
    collect({name: a_zip({"boxes.ipynb": b"2"}, minute=2)})
    older = collect({name: a_zip({"boxes.ipynb": b"1"}, minute=1)})
    assert older.found == {"ada/boxes.ipynb": b"2"}
    assert older.status == 1
    assert collect({name: a_zip({"boxes.ipynb": b"3"}, minute=3)}).found == {"ada/boxes.ipynb": b"3"}
    (tmp_path / "downloaded" / LAB / "collected.json").unlink()  # then the file's own time counts
    assert collect({name: a_zip({"boxes.ipynb": b"1"}, minute=1)}).found == {"ada/boxes.ipynb": b"3"}
    assert collect({name: a_zip({"boxes.ipynb": b"4"}, minute=4)}).found == {"ada/boxes.ipynb": b"4"}


def test_what_was_mended_by_hand_stays_until_something_newer_comes(collect: Callable, tmp_path: Path) -> None:
    collect({"ada-lab1_boxes.zip": GOOD})
    (tmp_path / "submitted" / "ada" / LAB / "boxes.ipynb").write_bytes(b"mended")
    assert collect({"ada-lab1_boxes (1).zip": GOOD}).found == {"ada/boxes.ipynb": b"mended"}
    done = collect({"ada-lab1_boxes (2).zip": a_zip({"boxes.ipynb": b"new"}, minute=1)})
    assert done.found == {"ada/boxes.ipynb": b"new"}


def test_what_was_deleted_comes_back(collect: Callable, tmp_path: Path) -> None:
    collect({"ada-lab1_boxes.zip": GOOD})
    shutil.rmtree(tmp_path / "submitted")
    assert collect({}).found == {"ada/boxes.ipynb": b"hers"}


def test_to_an_older_one_by_deleting_the_newer(collect: Callable, tmp_path: Path) -> None:
    older, newer = ({"ada-lab1_boxes.zip": a_zip({"boxes.ipynb": b"%d" % minute}, minute)} for minute in (1, 2))
    collect(newer)
    (tmp_path / "submitted" / "ada" / LAB / "boxes.ipynb").unlink()
    assert collect(older).found == {"ada/boxes.ipynb": b"1"}


def test_what_something_else_has_put_there_is_not_replaced_by_older(collect: Callable, tmp_path: Path) -> None:
    path = tmp_path / "submitted" / "ada" / LAB / "boxes.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"fetched")
    os.utime(path, (2e9, 2e9))
    done = collect({"ada-lab1_boxes.zip": GOOD})
    assert done.found == {"ada/boxes.ipynb": b"fetched"}
    assert "which zip_collect did not put there" in done.skipped[0]


def test_two_runs_at_once_are_told_in_one_line(collect: Callable, tmp_path: Path) -> None:
    course(tmp_path)
    folder = tmp_path / "downloaded" / LAB
    with one_at_a_time(folder / LOCK, "nbgrader zip_collect", str(folder)):
        done = collect({"ada-lab1_boxes.zip": GOOD})
    (line,) = {line for line in done.said.splitlines() if "running" in line}
    assert line == (
        f"nbgrader zip_collect is running in {folder} (process {os.getpid()}): run this again when it has ended."
    )
    assert (done.status, done.found) == (1, {})
    assert collect({"ada-lab1_boxes.zip": GOOD}).found == {"ada/boxes.ipynb": b"hers"}


def test_a_run_that_was_killed_leaves_nothing_behind_it(collect: Callable, tmp_path: Path) -> None:
    place = tmp_path / "submitted" / "ada" / LAB
    place.mkdir(parents=True)
    (place / ".boxes.ipynb.123.part").write_bytes(b"hal")
    assert collect({"ada-lab1_boxes.zip": GOOD}).found == {"ada/boxes.ipynb": b"hers"}


def test_what_cannot_be_written_is_told_and_the_others_are(collect: Callable, tmp_path: Path) -> None:
    (tmp_path / "submitted" / "bob").mkdir(parents=True)
    (tmp_path / "submitted" / "bob" / LAB).write_text("no folder")
    done = collect({f"{name}-lab1_boxes.zip": GOOD for name in ("ada", "bob", "cat")})
    assert {"ada/boxes.ipynb", "cat/boxes.ipynb"} <= done.found.keys()
    assert "cannot be collected" in done.skipped[0]


def test_names_with_other_capitals_are_other_students_and_told(collect: Callable) -> None:
    done = collect({"Ada-lab1_boxes.zip": GOOD, "ada-lab1_boxes.zip": GOOD})
    assert set(done.found) == {"Ada/boxes.ipynb", "ada/boxes.ipynb"}
    assert "another student than ada, by the capitals" in done.said


# --- settings ---


def test_old_settings_are_refused_with_what_to_do(collect: Callable) -> None:
    done = collect({"ada-lab1_boxes.zip": GOOD}, FileNameCollectorPlugin={"named_regexp": "(?P<student_id>x)"})
    assert (done.status, done.found) == (1, {})
    assert "named_regexp is set, and no longer read" in done.said


def test_an_unknown_platform_is_refused(collect: Callable) -> None:
    done = collect({"ada-lab1_boxes.zip": GOOD}, HandInNames={"platform": "blackboard"})
    assert (done.status, done.found) == (1, {})
    assert "should be 'canvas', 'moodle' or '', not 'blackboard'" in done.said


def test_an_empty_folder_is_told(collect: Callable) -> None:
    done = collect({})
    assert done.status == 1
    assert "There is nothing in" in done.said


def test_a_damaged_record_is_told_and_nothing_is_changed(collect: Callable, tmp_path: Path) -> None:
    collect({"ada-lab1_boxes.zip": GOOD})
    (tmp_path / "downloaded" / LAB / "collected.json").write_text('{"ada": 3}')
    done = collect({"ada-lab1_boxes.zip": a_zip({"boxes.ipynb": b"newer"}, minute=9)})
    assert (done.status, done.found) == (1, {"ada/boxes.ipynb": b"hers"})
    assert "cannot be read. Delete it" in done.said


# --- platforms ---


def test_canvas(collect: Callable) -> None:
    of_a_class = {
        "lovelaceada_101_5501_boxes.ipynb": b"on time",
        "o’brienjrnoor_LATE_102_5502_boxes-1.ipynb": b"late, second try",
        "王伟_103_5503_boxes (2).ipynb": b"downloaded thrice",
        "van_der_berg_109_5509_Copy of boxes.ipynb": b"Colab's",
        "LATE_anon_Ab3xZ_5510_boxes.ipynb": b"nameless",
        "hoppergrace_108_5508_grace-lab1_boxes-1.zip": SUBMITTED,
        "__MACOSX/._lovelaceada_101_5501_boxes.ipynb": b"x",
        "turingalan_104_5504_notes.txt": b"no notebook",
        "evil_105_5505_106_5506_boxes.ipynb": b"not by 106",
        "x_106_5506_105_5507_boxes.ipynb": b"a display name",
        "evil_105_5507_more.zip": a_zip({"friend_107_1_boxes.ipynb": b"no", "friend_107_1_a/b.ipynb": b"no"}),
    }
    done = collect({"RCNN-Lab 1 submissions.zip": a_zip(of_a_class)}, "Canvas")
    assert done.found == {
        "101/boxes.ipynb": b"on time",
        "102/boxes.ipynb": b"late, second try",
        "103/boxes.ipynb": b"downloaded thrice",
        "105/friend_107_1_boxes.ipynb": b"no",
        "105/b.ipynb": b"no",
        "108/boxes.ipynb": b"hers",
        "108/detector.safetensors": b"weights",
        "109/Copy of boxes.ipynb": b"Colab's",
        "anon_Ab3xZ/boxes.ipynb": b"nameless",
    }
    assert done.said.count("late, says Canvas") == 2
    assert len(done.skipped) == 3
    for name in ("turingalan_104_5504_notes.txt", "evil_105_5505_106_5506_boxes", "x_106_5506_105_5507_boxes"):
        assert any(name in line for line in done.skipped)


def test_in_canvas_the_larger_number_is_newer_whatever_the_clock_says(collect: Callable) -> None:
    done = collect(
        {
            "1.zip": a_zip({"ada_101_5501_boxes.ipynb": b"first", "bob_102_5502_boxes.ipynb": b"bob's"}, minute=9),
            "2.zip": a_zip({"ada_101_5599_boxes-1.ipynb": b"second", "bob_102_5502_boxes.ipynb": b"bob's"}, minute=1),
        },
        "Canvas",
    )
    assert done.found == {"101/boxes.ipynb": b"second", "102/boxes.ipynb": b"bob's"}
    (line,) = done.skipped  # not what was downloaded twice
    assert "1.zip/ada_101_5501_boxes.ipynb" in line


def test_a_classs_zip_that_was_unpacked_is_taken_as_well(collect: Callable) -> None:
    done = collect({"submissions/ada_101_5501_boxes.ipynb": b"1", "submissions/bob_102_5502_b.zip": GOOD}, "Canvas")
    assert done.found == {"101/boxes.ipynb": b"1", "102/boxes.ipynb": b"hers"}


@pytest.mark.parametrize("kind", BAD)
def test_one_bad_zip_in_the_zip_of_a_class_stops_nobody(kind: str, collect: Callable) -> None:
    content, why = BAD[kind]
    done = collect({"all.zip": a_zip({"a_1_5_b.zip": GOOD, "e_2_6_b.zip": content, "z_3_7_b.zip": GOOD})}, "Canvas")
    assert set(done.found) == {"1/boxes.ipynb", "3/boxes.ipynb"}
    (line,) = done.skipped
    assert "e_2_6_b.zip" in line
    assert why in line


def test_a_classs_zip_that_is_broken_is_told(collect: Callable) -> None:
    done = collect({"all.zip": GOOD[:40], "a_1_5_boxes.ipynb": b"1"}, "Canvas")
    assert done.found == {"1/boxes.ipynb": b"1"}
    assert "cut short" in done.skipped[0]


def test_in_the_zip_of_a_class_one_path_that_leads_out_is_left_alone(collect: Callable) -> None:
    done = collect({"all.zip": a_zip({"a_1_5_boxes.ipynb": b"1", "b_2_6_..\\..\\..\\x.ipynb": b"no"})}, "Canvas")
    assert done.found == {"1/boxes.ipynb": b"1"}
    assert "leads out of it" in done.skipped[0]


FORMS = ["{}_{}_assignsubmission_file/", "{}_{}_assignsubmission_file_/", "{}_{}_assignsubmission_file_"]


@pytest.mark.parametrize("form", FORMS)
def test_moodle_in_all_its_forms(form: str, collect: Callable) -> None:
    of_a_class = {
        form.format("Ada Lovelace", 1327627) + "boxes.ipynb": b"hers",
        form.format("Noor O’Brien, Jr.", 1327628) + "boxes (1).ipynb": b"his",
        form.format("Grace Hopper", 1327630) + "my work.zip": SUBMITTED,
        form.format("Evil", 1327629) + "more.zip": a_zip(
            {"Ada Lovelace_1_assignsubmission_file/boxes.ipynb": b"not hers"}, minute=9
        ),
        "Alan Turing_7_assignsubmission_onlinetext/onlinetext.html": b"<p>",
    }
    done = collect({"RCNN-Lab 1-99.zip": a_zip(of_a_class)}, "Moodle")
    assert done.found == {
        "Ada Lovelace/boxes.ipynb": b"hers",
        "Evil/boxes.ipynb": b"not hers",
        "Noor O’Brien, Jr./boxes.ipynb": b"his",
        "Grace Hopper/boxes.ipynb": b"hers",
        "Grace Hopper/detector.safetensors": b"weights",
    }
    (line,) = done.skipped
    assert "is text typed into Moodle" in line


def test_folders_in_a_moodle_folder_are_one_hand_in(collect: Callable) -> None:
    folder = "Ada L_1_assignsubmission_file"
    done = collect({"all.zip": a_zip({f"{folder}/lab1/boxes.ipynb": b"1", f"{folder}/lab1/a.txt": b"x"})}, "Moodle")
    assert done.found == {"Ada L/boxes.ipynb": b"1"}
    assert len(done.collected) == 1


def test_students_of_one_name_are_told_apart_by_moodles_number(collect: Callable) -> None:
    def of(*numbers: int) -> dict[str, bytes]:
        return {
            f"{number}.zip": a_zip({f"Ada L_{number}_assignsubmission_file_boxes.ipynb": b"%d" % number})
            for number in numbers
        }

    assert collect(of(1, 2), "Moodle").found == {"Ada L_1/boxes.ipynb": b"1", "Ada L_2/boxes.ipynb": b"2"}
    assert collect(of(2), "Moodle").found == {"Ada L_1/boxes.ipynb": b"1", "Ada L_2/boxes.ipynb": b"2"}


def test_who_was_collected_under_the_name_alone_keeps_it(collect: Callable) -> None:
    form = "Ada L_{}_assignsubmission_file_boxes.ipynb"
    collect({"1.zip": a_zip({form.format(1): b"1"})}, "Moodle")
    done = collect({"2.zip": a_zip({form.format(1): b"1", form.format(2): b"2"})}, "Moodle")
    assert done.found == {"Ada L/boxes.ipynb": b"1", "Ada L_2/boxes.ipynb": b"2"}
    assert done.status == 0


# --- the command itself ---


def test_one_broken_zip_does_not_stop_the_command(tmp_path: Path) -> None:
    """``../shared/faults/27``."""
    course(tmp_path)
    put(
        tmp_path,
        {
            "ada-lab1_boxes.zip": GOOD,
            "bob-lab1_boxes.zip": GOOD[:40],
            "eve-lab1_boxes.zip": b"",
            "ian-lab1_boxes.zip": a_zip({"lab1_boxes\\boxes.ipynb": b"his"}),
        },
    )
    done = run(tmp_path)
    assert submitted(tmp_path) == {"ada/boxes.ipynb": b"hers", "ian/boxes.ipynb": b"his"}
    assert done.returncode == 1
    assert "4 hand-ins: 2 collected, 2 skipped" in done.stdout
    assert "2 of 4 skipped: all stay in" in done.stderr


KILLED = """
import os
left, real = 7, os.replace
def replace(*names):
    global left
    left -= 1
    real(*names) if left else os._exit(9)
os.replace = replace
from nbgrader.apps import NbGraderApp
NbGraderApp.launch_instance(["zip_collect", "lab1_boxes"])
"""


def test_killed_half_way_nothing_is_half_written_and_the_same_command_goes_on(tmp_path: Path) -> None:
    course(tmp_path)
    put(tmp_path, {f"s{number}-lab1_boxes.zip": SUBMITTED for number in range(9)})
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 9, done.stderr
    half = submitted(tmp_path)
    whole = {"boxes.ipynb": b"hers", "detector.safetensors": b"weights"}
    for name, content in half.items():
        file = name.partition("/")[2]
        assert file.startswith(".") or content == whole[file]
    assert 0 < len(half) < 2 * 9
    assert run(tmp_path).returncode == 0
    assert submitted(tmp_path) == {f"s{number}/{file}": whole[file] for number in range(9) for file in whole}


def test_a_class_of_300_in_one_run(tmp_path: Path) -> None:
    course(tmp_path)
    kinds = list(BAD)
    bad = {f"s{number:03}-lab1_boxes.zip": BAD[kinds[number % len(kinds)]][0] for number in range(0, 300, 6)}
    good = {f"s{number:03}-lab1_boxes{(' (1)', ' - Copy', '')[number % 3]}.zip" for number in range(300) if number % 6}
    put(tmp_path, {**bad, **dict.fromkeys(good, SUBMITTED)})
    done = run(tmp_path)
    assert len(submitted(tmp_path)) == 2 * 250, done.stderr
    assert "300 hand-ins: 250 collected, 50 skipped" in done.stdout
    for name in bad:
        assert re.search(rf"^ ?skipped +{name}", done.stdout, re.MULTILINE)
    assert done.returncode == 1
    assert len(os.listdir(tmp_path / "downloaded" / LAB / "archive")) == 300
