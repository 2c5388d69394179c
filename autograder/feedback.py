"""The report on one exercise: a plain number for nbgrader, a readable table for the student."""

import dataclasses
import html
from dataclasses import dataclass
from typing import Any

MIME = "application/vnd.rcnn-by-hand.report+json"


@dataclass(frozen=True)
class Row:
    """One case: what it asks, its weight, whether it held, in a few words what came instead, and the hint."""

    title: str
    weight: float
    held: bool
    detail: str
    hint: str


@dataclass(frozen=True)
class Report:
    """What grading one function found. It holds no input, no expected value and no line of a hidden case.

    Its text form is the score alone, which nbgrader reads as partial credit; its HTML form is the table on the feedback
    page; its JSON form (:data:`MIME`) feeds the class report.

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

    def __repr__(self) -> str:
        return repr(float(self.score))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self.html(), MIME: dataclasses.asdict(self)}

    def html(self) -> str:
        """The feedback page's table."""
        head = f"<p><strong>{self.exercise}: {self.score:g} of {self.points:g} points</strong></p>"
        if self.reason:
            return f"{head}<p>{html.escape(self.reason)}</p>"
        hint = f"<p><strong>First of all:</strong> {_text(self.hint)}</p>" if self.hint else ""
        gate = "" if self.core_holds else "<p>The other cases count once an ordinary case comes out right.</p>"
        total = sum(row.weight for row in self.rows)
        body = "".join(self._row(row, total) for row in self.rows)
        titles = _cells("th", "Result", "Points", "Case", "What came, and a hint")
        return (
            f"{head}{hint}{gate}<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
            f"<p><small>Random inputs from seed {self.seed}: grading the same answer again repeats this.</small></p>"
        )

    def _row(self, row: Row, total: float) -> str:
        worth = self.points * row.weight / total
        earned = worth if row.held and self.core_holds else 0.0
        notes = ". ".join(_text(_capital(note)) for note in (row.detail, row.hint) if note)
        mark = "✓ holds" if row.held else "✗ fails"
        return f"<tr>{_cells('td', mark, f'{earned:.2f} of {worth:.2f}', html.escape(row.title), notes)}</tr>"


def _cells(tag: str, *texts: str) -> str:
    """Cells of one table row; the two short columns never wrap."""
    style = "text-align: left; vertical-align: top; padding: 0.2em 0.7em"
    styles = (f"{style}; white-space: nowrap",) * 2 + (style,) * 2
    return "".join(f'<{tag} style="{s}">{text}</{tag}>' for s, text in zip(styles, texts, strict=True))


def _text(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
