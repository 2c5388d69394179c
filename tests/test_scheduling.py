"""Which job is judged when: events in, instructions out, without a process or a clock."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.engine.scheduling import (
    Event,
    InputEnded,
    Instruction,
    JobArrived,
    JudgeEnded,
    Kill,
    Limits,
    Report,
    Scheduler,
    Start,
    Stop,
    Tick,
    WriteUncertain,
)

LIMITS = Limits(seconds=100.0, still=10.0, attempts=2)


def scheduler(*events: Event, cores: int = 2) -> Scheduler:
    """A scheduler after these events."""
    made = Scheduler(cores, LIMITS)
    for event in events:
        handled(made, event)
    return made


def handled(made: Scheduler, event: Event) -> list[Instruction]:
    """What a scheduler says to an event, after which all that always holds still does."""
    said = made.handle(event)
    made.validate()
    return said


def test_jobs_start_at_once_as_long_as_there_are_cores() -> None:
    made = scheduler()
    assert handled(made, JobArrived("a")) == [Start(1, "a")]
    assert handled(made, JobArrived("b")) == [Start(2, "b")]
    assert handled(made, JobArrived("c")) == []


def test_a_result_is_reported_and_the_next_job_starts() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), JobArrived("c"), JobArrived("d"))
    assert handled(made, JudgeEnded(2, result=True)) == [Report("b"), Start(3, "c")]
    assert handled(made, JudgeEnded(1, result=True)) == [Report("a"), Start(4, "d")]
    assert handled(made, JudgeEnded(4, result=True)) == [Report("d")]


def test_a_job_whose_judge_fails_gets_another_behind_those_that_wait() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), cores=1)
    assert handled(made, JudgeEnded(1, result=False)) == [Start(2, "b")]
    assert handled(made, JudgeEnded(2, result=True)) == [Report("b"), Start(3, "a")]
    assert handled(made, JudgeEnded(3, result=True)) == [Report("a")]


def test_a_job_that_failed_twice_gets_an_uncertain_result() -> None:
    made = scheduler(JobArrived("a"), JudgeEnded(1, result=False))
    assert handled(made, JudgeEnded(2, result=False)) == [WriteUncertain("a"), Report("a")]


def test_a_job_comes_twice_and_is_judged_once() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), cores=1)
    assert handled(made, JobArrived("a")) == []  # it is being judged
    assert handled(made, JobArrived("b")) == []  # it waits
    assert handled(made, JudgeEnded(1, result=True)) == [Report("a"), Start(2, "b")]
    assert handled(made, JudgeEnded(2, result=True)) == [Report("b")]
    assert handled(made, JobArrived("a")) == [Start(3, "a")]  # somebody wants it anew


def test_a_judge_that_takes_too_long_is_killed_once_though_it_computes() -> None:
    made = scheduler(JobArrived("a"), Tick(5.0, {1: 1}))
    for second in range(6, 106):
        assert handled(made, Tick(float(second), {1: second})) == []
    assert handled(made, Tick(105.5, {1: 200})) == [Kill(1)]
    assert handled(made, Tick(106.5, {1: 201})) == []
    assert handled(made, JudgeEnded(1, result=False)) == [Start(2, "a")]


def test_a_judge_that_stands_still_is_killed() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), Tick(0.0, {1: 3, 2: 3}))
    assert handled(made, Tick(9.0, {1: 4, 2: 3})) == []
    assert handled(made, Tick(10.5, {1: 4, 2: 3})) == [Kill(2)]
    assert handled(made, Tick(19.5, {1: 4})) == [Kill(1)]


def test_a_judge_of_which_nothing_is_seen_stands_still() -> None:
    made = scheduler(JobArrived("a"), Tick(0.0, {}))
    assert handled(made, Tick(10.5, {})) == [Kill(1)]


def test_time_counts_from_the_first_tick_with_the_judge() -> None:
    made = scheduler(Tick(1000.0, {}), JobArrived("a"))
    assert handled(made, Tick(2000.0, {1: 0})) == []


def test_a_killed_judge_keeps_its_core_until_it_has_ended_and_its_result_counts() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), Tick(0.0, {}), Tick(50.0, {}), cores=1)
    assert handled(made, Tick(51.0, {})) == []
    assert handled(made, JudgeEnded(1, result=True)) == [Report("a"), Start(2, "b")]


def test_when_the_input_ends_all_ends() -> None:
    made = scheduler(JobArrived("a"), JobArrived("b"), JobArrived("c"), Tick(0.0, {}), Tick(9.0, {1: 1}))
    assert handled(made, Tick(10.5, {1: 1})) == [Kill(2)]
    assert handled(made, InputEnded()) == [Kill(1), Stop()]
    for event in (JobArrived("d"), Tick(99.0, {}), JudgeEnded(1, result=False), InputEnded()):
        assert handled(made, event) == []


def test_who_names_a_judge_that_does_not_run_is_wrong() -> None:
    with pytest.raises(KeyError):
        scheduler(JobArrived("a")).handle(JudgeEnded(2, result=True))


@settings(deadline=None)  # on a busy machine
@given(cores=st.integers(1, 4), data=st.data())
def test_whatever_happens_every_job_is_reported_once(cores: int, data: st.DataObject) -> None:
    made, now = Scheduler(cores, LIMITS), 0.0
    arrived: set[str] = set()
    started: dict[int, str] = {}
    alive: set[int] = set()
    killed: set[int] = set()
    uncertain: list[str] = []
    reported: list[str] = []

    def happens(event: Event) -> None:
        for instruction in handled(made, event):
            match instruction:
                case Start(judge, job):
                    assert judge not in started, "no judge twice"
                    assert job in arrived
                    started[judge] = job
                    alive.add(judge)
                case Kill(judge):
                    assert judge in alive - killed
                    killed.add(judge)
                case WriteUncertain(job):
                    uncertain.append(job)
                case Report(job):
                    reported.append(job)
                case Stop():
                    raise AssertionError("nobody ended the input")
        assert len(alive) <= cores

    def end(judge: int, result: bool) -> None:
        alive.remove(judge)
        happens(JudgeEnded(judge, result))

    for _ in range(data.draw(st.integers(0, 40), label="events")):
        kind = data.draw(st.sampled_from(["arrives", "arrives again", "ends", "tick"]))
        if kind == "arrives":
            arrived.add(job := f"job {len(arrived)}")
            happens(JobArrived(job))
        elif kind == "arrives again" and (left := sorted(arrived - set(reported))):
            happens(JobArrived(data.draw(st.sampled_from(left))))
        elif kind == "ends" and alive:
            end(data.draw(st.sampled_from(sorted(alive))), data.draw(st.booleans()))
        elif kind == "tick":
            now += data.draw(st.floats(0, 30))
            happens(Tick(now, {judge: data.draw(st.integers(0, 3)) for judge in sorted(alive)}))
    while alive:
        end(min(alive), data.draw(st.booleans()))
    assert sorted(reported) == sorted(arrived)
    attempts = [list(started.values()).count(job) for job in arrived]
    assert all(1 <= number <= LIMITS.attempts for number in attempts)
    assert set(uncertain) <= {job for job, number in zip(arrived, attempts, strict=True) if number == LIMITS.attempts}


@settings(deadline=None)  # on a busy machine
@given(cores=st.integers(1, 3), jobs=st.integers(0, 6), ended=st.integers(0, 6))
def test_at_the_end_of_the_input_no_judge_is_left(cores: int, jobs: int, ended: int) -> None:
    made = Scheduler(cores, LIMITS)
    alive: list[int] = []
    for number in range(jobs):
        alive += [one.judge for one in handled(made, JobArrived(f"job {number}")) if isinstance(one, Start)]
    for _ in range(min(ended, len(alive))):
        said = handled(made, JudgeEnded(alive.pop(0), result=True))
        alive += [one.judge for one in said if isinstance(one, Start)]
    assert handled(made, InputEnded()) == [*map(Kill, alive), Stop()]
