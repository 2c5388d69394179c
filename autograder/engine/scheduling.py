"""Which job is judged when, and what becomes of one whose judge fails: events come in, instructions go out.

Nothing here starts a process, reads a clock or writes a file: whoever feeds the events carries the instructions out
(:mod:`autograder.engine.pool`). So losing judges and time is tested without any of them.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JobArrived:
    """Somebody wants a job judged; one that waits or is being judged already is not judged twice."""

    job: str


@dataclass(frozen=True, slots=True)
class JudgeEnded:
    """A judge's process is gone, and has left a ``result`` or none.

    Attributes:
        judge: which.
        result: whether there is one.
        lost: whether what it needed had gone, the preloaded process, which is no failure of its job's.
    """

    judge: int
    result: bool
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """The time in seconds, and for how many clock ticks each judge has ``computed`` so far."""

    now: float
    computed: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class InputEnded:
    """Nobody waits for results any more."""


@dataclass(frozen=True, slots=True)
class Start:
    """Start a judge on a job; no number is given to two judges."""

    judge: int
    job: str


@dataclass(frozen=True, slots=True)
class Kill:
    """End a judge; that it has ended is told by :class:`JudgeEnded`, as of any other."""

    judge: int


@dataclass(frozen=True, slots=True)
class WriteUncertain:
    """Write the result of a job that nobody could judge."""

    job: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tell that a job has its result."""

    job: str


@dataclass(frozen=True, slots=True)
class Stop:
    """End; no instruction follows."""


Event = JobArrived | JudgeEnded | Tick | InputEnded
Instruction = Start | Kill | WriteUncertain | Report | Stop


@dataclass(frozen=True, slots=True)
class Limits:
    """When a judge is given up, and how often a job is tried.

    Attributes:
        seconds: that a judge has in all.
        still: seconds that it may pass without computing.
        attempts: judges that a job gets, should one fail.
        losses: judges that a job may lose on top of that, before it is taken for what makes them go.
    """

    seconds: float
    still: float = 60.0  # a judge that waits for a student's code looks at it all the time, which is computing
    attempts: int = 2
    losses: int = 5


@dataclass(slots=True)
class Attempt:
    """One judge's work on a job: which attempt it is, and what the ticks have told of the judge.

    Attributes:
        job: what is judged.
        number: 1 for the job's first judge.
        losses: how many of the job's judges were lost.
        start: the time of the first tick with this judge.
        computed: its clock ticks, as last seen.
        moved: the time of the first tick that told of these.
        killed: whether it was given up.
    """

    job: str
    number: int
    losses: int = 0
    start: float | None = None
    computed: int = 0
    moved: float = 0.0
    killed: bool = False


class Scheduler:
    """Jobs that wait, first come, first served, and judges side by side, at most ``cores``."""

    def __init__(self, cores: int, limits: Limits) -> None:
        self.cores = cores
        self.limits = limits
        self.waiting: deque[Attempt] = deque()
        self.running: dict[int, Attempt] = {}  # by judge
        self.stopped = False
        self._judges = 0  # that were ever started

    def handle(self, event: Event) -> list[Instruction]:
        """What is to be done now, in this order."""
        if self.stopped:
            return []
        match event:
            case JobArrived(job):
                done = self._queue(job)
            case JudgeEnded(judge, result, lost):
                done = self._end_running(judge, result, lost)
            case Tick(now, computed):
                done = self._give_up(now, computed)
            case InputEnded():
                return self._stop()
        return [*done, *self._start_waiting()]

    def _queue(self, job: str) -> list[Instruction]:
        if all(attempt.job != job for attempt in (*self.waiting, *self.running.values())):
            self.waiting.append(Attempt(job, 1))
        return []

    def _start_waiting(self) -> list[Instruction]:
        started: list[Instruction] = []
        while self.waiting and len(self.running) < self.cores:
            self._judges += 1
            self.running[self._judges] = self.waiting.popleft()
            started.append(Start(self._judges, self.running[self._judges].job))
        return started

    def _end_running(self, judge: int, result: bool, lost: bool) -> list[Instruction]:
        attempt = self.running.pop(judge)
        if result:
            return [Report(attempt.job)]
        if lost and attempt.losses < self.limits.losses:
            self.waiting.append(Attempt(attempt.job, attempt.number, attempt.losses + 1))
            return []
        if not lost and attempt.number < self.limits.attempts:
            self.waiting.append(Attempt(attempt.job, attempt.number + 1, attempt.losses))
            return []
        return [WriteUncertain(attempt.job), Report(attempt.job)]

    def _give_up(self, now: float, computed: Mapping[int, int]) -> list[Instruction]:
        killed: list[Instruction] = []
        for judge, attempt in self.running.items():
            if attempt.start is None:
                attempt.start = attempt.moved = now
            ticks = computed.get(judge, attempt.computed)
            if ticks != attempt.computed:
                attempt.computed, attempt.moved = ticks, now
            late = now - attempt.start > self.limits.seconds or now - attempt.moved > self.limits.still
            if late and not attempt.killed:
                attempt.killed = True
                killed.append(Kill(judge))
        return killed

    def _stop(self) -> list[Instruction]:
        self.stopped = True
        killed = [Kill(judge) for judge, attempt in self.running.items() if not attempt.killed]
        self.waiting.clear()
        self.running.clear()
        return [*killed, Stop()]

    def validate(self) -> None:
        """Look at what always holds; for tests.

        Raises:
            AssertionError: it doesn't.
        """
        attempts = [*self.waiting, *self.running.values()]
        assert len(self.running) <= self.cores, "more judges than cores"
        assert not self.waiting or len(self.running) == self.cores, "a job waits beside an idle core"
        assert len({attempt.job for attempt in attempts}) == len(attempts), "a job is judged twice at a time"
        assert all(1 <= attempt.number <= self.limits.attempts for attempt in attempts), "a judge too many for a job"
        assert all(0 <= attempt.losses <= self.limits.losses for attempt in attempts), "a judge too many lost for a job"
        assert all(attempt.start is None and not attempt.killed for attempt in self.waiting), "a job waits half judged"
        assert all(judge <= self._judges for judge in self.running), "a judge that was never started"
        assert not (self.stopped and attempts), "jobs after the end"
