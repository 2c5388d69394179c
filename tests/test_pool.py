"""The process that judges submissions, when judges and the process itself are killed."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine.results import Results
from autograder.nbgrader_plugins.pool_client import PoolClient

pytestmark = pytest.mark.sandbox
PATIENCE = 120  # seconds, on a busy machine


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results")


@pytest.fixture
def client(results: Results) -> Iterator[PoolClient]:
    with closing(PoolClient(results, sandboxed=True, cores=1)) as made:
        yield made
    assert not pools()


def written(folder: Path, code: str) -> Path:
    """A clean copy's notebook."""
    path = folder / "clean" / "lab.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[new_code_cell(code, id="own-1")]), path)
    return path


def pools(process: psutil.Process | None = None) -> list[psutil.Process]:
    """The pools of this process; of a pool, its judges."""
    found = []
    for child in (process or psutil.Process()).children():
        with suppress(psutil.Error):  # it has just ended
            if "autograder.engine" in child.cmdline():
                found.append(child)
    return found


def judge(but: int = 0) -> psutil.Process:
    """The pool's judge, once there is one, and another than ``but``."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for child in pools(*pools()):
            if child.pid != but:
                return child
        time.sleep(0.1)
    raise AssertionError("there is no judge")


def test_a_job_whose_judge_dies_is_judged_again_and_after_a_second_time_its_result_is_uncertain(
    tmp_path: Path, client: PoolClient, results: Results
) -> None:
    """One judge at a time: whose judge has died comes behind the other job."""
    for job, seconds in (("once", 2), ("twice", 25)):
        client.send(job, written(tmp_path / job, f"import time; time.sleep({seconds})"), b"secret")
    client.wait_until_ready()  # its trial looks like a judge
    (first := judge()).kill()
    (second := judge(but=first.pid)).kill()
    assert list(client.wait_for("once")) == ["once"]
    judge(but=second.pid).kill()
    assert list(client.wait_for("twice")) == ["twice"]
    once, twice = results.read("once"), results.read("twice")
    assert once is not None
    assert once["certain"]
    assert twice is not None
    assert not twice["certain"]


def test_a_pool_that_dies_is_started_again(tmp_path: Path, client: PoolClient, results: Results) -> None:
    client.send("job", written(tmp_path, "1"), b"secret")
    client.send("job", written(tmp_path / "clean", "2"), b"secret")  # the same key: judged once
    (pool,) = pools()
    pool.kill()
    assert list(client.wait_for("job")) == ["job"]
    found = results.read("job")
    assert found is not None
    assert found["certain"]
    assert client.jobs == {}
