"""The report on one exercise: a plain number for nbgrader, a readable table for the student."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from autograder import escaping

MIME = "application/vnd.rcnn-by-hand.report+json"


@dataclass(frozen=True)
class Row:
    """One case: what it asks, its weight, whether it held, in a few words what it got instead, and the hint."""

    title: str
    weight: float
    held: bool
    detail: str
    hint: str


@dataclass(frozen=True)
class Report:
    """What grading one function found. It holds no input, no expected value and no line of a hidden case.

    Its text form is the score alone, which nbgrader reads as partial credit; its HTML form is the table that formgrader
    shows; its JSON form (:data:`MIME`) feeds the feedback page and the class report.

    Attributes:
        exercise, points, score: the function, what it is worth, and what it earned.
        seed: of the random inputs; ``grade(name, function, seed=...)`` repeats the grading.
        reason: why the whole exercise scores 0, if it does for another reason than its cases.
        rows: case by case, the visible check first.
        hint: the one hint that matters most; ``""`` with full marks.
        core_holds: whether the ordinary use came out right, without which no case counts.
        out_of_time: whether a call took too long, after which no further case was tried.
        unwritten: whether the function is still the stub, so that most cases were not tried.
        seconds: time that the grading took.
        certain: whether the grader itself worked; if not, the score says nothing about the answer, and the exercise
            must be graded again.
    """

    exercise: str
    points: float
    score: float
    seed: int
    reason: str = ""
    rows: tuple[Row, ...] = ()
    hint: str = ""
    core_holds: bool = True
    out_of_time: bool = False
    unwritten: bool = False
    seconds: float = 0.0
    certain: bool = True

    def __repr__(self) -> str:
        return repr(float(self.score))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self.html(), MIME: dataclasses.asdict(self)}

    @classmethod
    def read(cls, data: Any) -> "Report":
        """A report from its JSON form in a notebook, which a student may have written where nbgrader alone has run it.

        Raises:
            ValueError: it is not a report.
        """
        try:
            rows = tuple(
                Row(str(row["title"]), _number(row["weight"]), bool(row["held"]), str(row["detail"]), str(row["hint"]))
                for row in data["rows"]
            )
            words = {name: str(data[name]) for name in ("exercise", "reason", "hint")}
            numbers = {name: _number(data[name]) for name in ("points", "score", "seconds")}
            facts = {name: bool(data[name]) for name in ("core_holds", "out_of_time", "unwritten", "certain")}
            return cls(rows=rows, seed=int(data["seed"]), **words, **numbers, **facts)  # type: ignore[arg-type]
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"no report: {error!r}") from None

    def worth(self, row: Row) -> float:
        """The points that a case counts."""
        return self.points * row.weight / (sum(each.weight for each in self.rows) or 1.0)

    def earned(self, row: Row) -> float:
        """The points that a case has given."""
        return self.worth(row) if row.held and self.core_holds else 0.0

    def html(self) -> str:
        """The table case by case."""
        head = f"<p><strong>{self.exercise}: {self.score:g} of {self.points:g} points</strong></p>"
        if self.reason:
            return f"{head}<p>{escaping.html(self.reason)}</p>"
        hint = f"<p><strong>First of all:</strong> {escaping.html(self.hint)}</p>" if self.hint else ""
        gate = "" if self.core_holds else "<p>The other cases count once an ordinary case comes out right.</p>"
        body = "".join(map(self._row, self.rows))
        titles = _cells("th", "Result", "Points", "Case", "What you got, and a hint")
        return (
            f"{head}{hint}{gate}<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
            f"<p><small>Random inputs from seed {self.seed}: grading the same answer again repeats this.</small></p>"
        )

    def _row(self, row: Row) -> str:
        notes = ". ".join(escaping.html(_capital(note)) for note in (row.detail, row.hint) if note)
        mark = "✓ holds" if row.held else "✗ fails"
        points = f"{self.earned(row):.2f} of {self.worth(row):.2f}"
        return f"<tr>{_cells('td', mark, points, escaping.html(row.title), notes)}</tr>"


def _cells(tag: str, *texts: str) -> str:
    """Cells of one table row; the two short columns never wrap."""
    style = "text-align: left; vertical-align: top; padding: 0.2em 0.7em"
    styles = (f"{style}; white-space: nowrap",) * 2 + (style,) * 2
    return "".join(f'<{tag} style="{s}">{text}</{tag}>' for s, text in zip(styles, texts, strict=True))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(value: Any) -> float:
    """A number as JSON has it; not the NaN and infinities of Python's own JSON."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"no number: {value!r}")
    return float(value)
