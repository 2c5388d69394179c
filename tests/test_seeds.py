"""Random inputs come of a secret and the whole hand-in, and no state that a student's process sees tells of them."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import torch
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.coursedir import CourseDirectory

from autograder.engine.results import Results
from autograder.engine.seeds import BYTES, FILE, SecretError, course_secret, exercise_seed, hand_in_secret
from autograder.grader.disguise import Disguise
from autograder.nbgrader_plugins.course_folder import FOLDER, CourseFolderError, held, secret_of

SECRET = b"a secret of the course's"
DISGUISE = Disguise(b"a secret")


def notebook() -> NotebookNode:
    solution = new_code_cell("def f(x): return x", id="a")
    solution.metadata["nbgrader"] = {"solution": True, "grade": False, "grade_id": "f"}
    own, remark = new_code_cell("TABLE = {}", id="own-1"), new_markdown_cell("    a remark", id="own-2")
    own.metadata["own"] = remark.metadata["own"] = True
    return new_notebook(cells=[new_code_cell("import torch", id="r"), solution, own, remark])


def drawn(generator: torch.Generator) -> list[float]:
    return torch.rand(3, generator=generator).tolist()


@pytest.mark.parametrize(("shared", "mode"), [(False, 0o600), (True, 0o640)])
def test_a_course_has_one_secret_that_its_owner_reads_alone(tmp_path: Path, shared: bool, mode: int) -> None:
    found = course_secret(tmp_path, shared=shared)
    assert len(found) == BYTES
    assert course_secret(tmp_path, shared=shared) == found
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == mode
    (tmp_path / "other").mkdir()
    assert course_secret(tmp_path / "other", shared=shared) != found


def test_runs_at_once_agree(tmp_path: Path) -> None:
    together = Barrier(8)

    def first_use(_: int) -> bytes:
        together.wait()
        return course_secret(tmp_path, shared=False)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(first_use, range(8)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_file_that_is_no_secret_is_named(tmp_path: Path) -> None:
    course = CourseDirectory(root=str(tmp_path))
    with held(course):
        path = tmp_path / FOLDER / FILE
        path.write_bytes(b"")
        with pytest.raises(SecretError, match=r"should hold 32 bytes\. Got 0"):
            course_secret(path.parent, shared=False)
        with pytest.raises(CourseFolderError, match=r"should hold 32 bytes\. Got 0"):
            secret_of(course)
        path.unlink()
        path.mkdir()
        with pytest.raises(CourseFolderError, match="secret cannot be read or made: Is a directory"):
            secret_of(course)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_whatever_a_student_changes_changes_the_seed(place: int) -> None:
    before, changed = notebook(), notebook()
    changed.cells[place].source += " # more"
    assert hand_in_secret(SECRET, changed, {}) != hand_in_secret(SECRET, before, {})
    assert hand_in_secret(SECRET, notebook(), {}) == hand_in_secret(SECRET, before, {})


def test_files_beside_the_notebook_change_the_seed() -> None:
    contents = [{}, {"a.py": b"1"}, {"a.py": b"2"}, {"b.py": b"1"}]
    assert len({hand_in_secret(SECRET, notebook(), files) for files in contents}) == len(contents)


def test_the_release_and_outputs_do_not_change_the_seed() -> None:
    changed = notebook()
    changed.cells[0].source += "\nimport math"
    changed.cells[2].outputs = [{"output_type": "stream", "name": "stdout", "text": "1"}]
    assert hand_in_secret(SECRET, changed, {}) == hand_in_secret(SECRET, notebook(), {})


def test_courses_and_exercises_have_seeds_of_their_own() -> None:
    one, other = (hand_in_secret(secret, notebook(), {}) for secret in (SECRET, b"another"))
    assert len({exercise_seed(secret, name) for secret in (one, other) for name in ("nms", "box_iou")}) == 4


def test_another_secret_is_another_result(tmp_path: Path) -> None:
    keys = {Results(tmp_path).key(notebook(), {}, sandboxed=True, secret=secret) for secret in (b"a", b"b")}
    assert len(keys) == 2


def test_equal_states_are_equal_in_disguise_and_tell_no_seed() -> None:
    here = [torch.Generator().manual_seed(seed) for seed in (3, 3, 4)]
    there = [torch.Generator() for _ in here]
    for generator, origin in zip(there, here, strict=True):
        generator.set_state(DISGUISE.there(origin.get_state()))
    assert len({generator.initial_seed() for generator in (*there, *here)}) == 4
    numbers = [drawn(generator) for generator in there]
    assert numbers[0] == numbers[1] != numbers[2]
    assert drawn(here[0]) not in numbers
    other = Disguise(b"another").there(torch.Generator().manual_seed(3).get_state())
    assert not torch.equal(other, DISGUISE.there(torch.Generator().manual_seed(3).get_state()))


def test_a_generator_keeps_its_initial_seed_in_disguise_and_who_seeds_anew_is_seen_to() -> None:
    disguise = Disguise(b"secret")
    first, second = torch.Generator().manual_seed(5).get_state(), torch.Generator().manual_seed(6).get_state()
    there = torch.Generator()
    there.set_state(disguise.there(first))
    seed = there.initial_seed()
    torch.rand(3, generator=there)
    drawn = disguise.here(first, there.get_state())
    again = torch.Generator()
    again.set_state(disguise.there(drawn))
    assert again.initial_seed() == seed
    assert not torch.equal(drawn, first)
    anew = torch.Generator().manual_seed(0).get_state()
    assert torch.equal(disguise.here(first, anew), disguise.here(second, anew))


def test_a_function_of_ours_draws_in_disguise_and_moves_the_state_on() -> None:
    found = []
    for count in (1, 1, 2, 0):
        generator = torch.Generator().manual_seed(3)
        torch.manual_seed(5)
        numbers = DISGUISE.over(lambda g, count: [drawn(g) + torch.rand(2).tolist() for _ in range(count)])(
            generator, count
        )
        found.append((numbers, drawn(generator), torch.rand(2).tolist()))
    assert found[0] == found[1]
    assert found[0][0] == found[2][0][:1]
    assert found[0][1] != found[2][1]
    assert found[0][2] != found[2][2]
    torch.manual_seed(5)
    assert found[3] == ([], drawn(torch.Generator().manual_seed(3)), torch.rand(2).tolist())


def test_an_error_of_such_a_function_leaves_no_disguise_behind() -> None:
    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError):
        DISGUISE.over(lambda: 1 / 0)()
    assert torch.equal(torch.get_rng_state(), state)
