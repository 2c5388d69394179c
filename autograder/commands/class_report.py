"""The class report: a table and a summary for the terminal, grades.csv and report.html."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder import escaping
from autograder.commands.class_results import Absent, Student
from autograder.commands.class_summary import attendance, averages, histogram
from autograder.commands.report_page import page
from autograder.commands.worth_a_look import Look

BAR = 50  # signs, at most, in a bar of the summary
ABSENT = "not handed in"


def write(
    students: Sequence[Student], lab: str, looks: Sequence[Look], folder: Path, absent: Sequence[Absent] = ()
) -> None:
    """Write ``grades.csv`` and ``report.html`` into a folder.

    Args:
        students: those who handed in, at least one.
        lab: which.
        looks: what is worth a look.
        folder: where; it exists.
        absent: those who handed in nothing.
    """
    write_csv(students, absent, folder / "grades.csv")
    (folder / "report.html").write_text(page(students, absent, lab, looks), encoding="utf-8")


def table(students: Sequence[Student], absent: Sequence[Absent] = ()) -> Table:
    """The class as a table for the terminal; names and lateness have a column where there are any."""
    view = Table(title=f"{len(students)} submissions", box=SIMPLE_HEAD, padding=(0, 1))
    named = any(student.called for student in students) or any(each.called for each in absent)
    late = any(student.penalty for student in students)
    view.add_column("student")
    if named:
        view.add_column("name")
    for result in students[0].results:
        view.add_column(f"{result.exercise.replace('_', chr(10))}\nof {result.points:g}", justify="right", no_wrap=True)
    for name in (*(["late"] if late else []), "total", "seconds"):
        view.add_column(name, justify="right", no_wrap=True)
    view.add_column("the hint that matters most", min_width=40)
    for student in students:
        numbers = [f"{result.score:g}" for result in student.results]
        if late:
            numbers.append(_number(0 - student.deducted) if student.penalty else "")
        view.add_row(
            *_who(student, named), *numbers, _number(student.score), f"{student.seconds:.1f}", _plain(student.hint)
        )
    for each in absent:
        who = _who(each, named)
        view.add_row(*who, *[""] * (len(view.columns) - len(who) - 1), ABSENT)
    return view


def _who(person: Student | Absent, named: bool) -> list[Text]:
    return [_plain(text) for text in ((person.name, person.called) if named else (person.name,))]


def _plain(text: str) -> Text:
    return Text(escaping.terminal(text))


def _number(points: float) -> str:
    """Points with at most two decimals, as they are exported."""
    return f"{round(points, 2):g}"


def summary(students: Sequence[Student], absent: Sequence[Absent] = ()) -> str:
    """The class in a few lines of 80 columns: a bar for each step of points, and averages."""
    scores, total = [student.score for student in students], students[0].points
    rows = [(each.label, each.count) for each in histogram(scores, total)]
    if absent:
        rows.append((ABSENT, len(absent)))
    unit = max(1.0, max(count for _, count in rows) / BAR)  # students for each sign
    bars = [f"{label:>13}  {count:8}  {'█' * math.ceil(count / unit)}".rstrip() for label, count in rows]
    said = [f"{attendance(scores, len(absent))}.", f"Of {total:g} points: {averages(scores)}."]
    return "\n".join([f"{'points':>13}  students", *bars, *said])


def write_csv(students: Sequence[Student], absent: Sequence[Absent], path: Path) -> None:
    """One line a student: id, name, score by exercise, penalty, total, maximum, the hint that matters most.

    Where nothing was handed in, scores are empty, and the hint says so: whether that is 0 is the instructor's decision.
    """
    names = [result.exercise for result in students[0].results]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["student", "name", *names, "late", "total", "maximum", "hint"])
        for student in students:
            scores = [f"{result.score:g}" for result in student.results]
            late = _number(0 - student.deducted) if student.penalty else ""
            numbers = [*scores, late, _number(student.score), f"{student.points:g}"]
            name, called, hint = map(escaping.csv, (student.name, student.called, student.hint))
            writer.writerow([name, called, *numbers, hint])
        for each in absent:
            name, called = map(escaping.csv, (each.name, each.called))
            writer.writerow([name, called, *[""] * (len(names) + 3), ABSENT])
