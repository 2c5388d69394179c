"""The class report: a table, grades.csv and report.html, from nbgrader's gradebook and the autograded notebooks."""

import csv
import html
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder import charts
from autograder.errors import InstructorError
from autograder.feedback import MIME
from autograder.notebooks import read


@dataclass(frozen=True)
class Result:
    """One student's exercise: the gradebook's score, and the hint that the grader gave (``""`` with full marks)."""

    exercise: str
    score: float
    points: float
    hint: str


@dataclass(frozen=True)
class Student:
    """One student's results in the notebook's order, and the seconds that running the notebook took."""

    name: str
    results: tuple[Result, ...]
    seconds: float

    @property
    def score(self) -> float:
        """Points over all exercises."""
        return sum(result.score for result in self.results)

    @property
    def points(self) -> float:
        """What full marks would be."""
        return sum(result.points for result in self.results)

    @property
    def hint(self) -> str:
        """The hint of the exercise that lost most points: the one that matters most."""
        worst = max(self.results, key=lambda result: result.points - result.score)
        return f"{worst.exercise}: {worst.hint}" if worst.hint else ""


def collect(course: Path, lab: str) -> list[Student]:
    """Read the results of a lab in a course folder; a student who handed in nothing is left out.

    Raises:
        InstructorError: nothing was submitted, a submission is not a notebook, or one was not autograded yet.
    """
    folders = sorted(path for path in course.glob(f"submitted/*/{lab}") if path.is_dir())
    if not folders:
        raise InstructorError(f"no submissions: nothing matches {course / 'submitted' / '*' / lab}.")
    for folder in folders:
        for path in sorted(folder.glob("*.ipynb")):
            read(path)
    database = course / "gradebook.db"
    if not database.exists():  # nbgrader would make an empty one
        raise InstructorError(f"{course} has no gradebook: run nbgrader autograde {lab} first.")
    with Gradebook(f"sqlite:///{database}") as gradebook:
        return [_student(course, lab, folder.parent.name, gradebook) for folder in folders]


def _student(course: Path, lab: str, name: str, gradebook: Gradebook) -> Student:
    try:
        submission = gradebook.find_submission(lab, name)
    except MissingEntry:
        raise InstructorError(f"{name} is not in the gradebook: run nbgrader autograde {lab} first.") from None
    results: list[Result] = []
    seconds = 0.0
    for graded in submission.notebooks:
        path = course / "autograded" / name / lab / f"{graded.name}.ipynb"
        if not (course / "submitted" / name / lab / path.name).exists():  # one of several notebooks was not handed in
            results += [
                Result(grade.name.removeprefix("test_"), 0.0, grade.max_score, f"{path.name} was not handed in.")
                for grade in graded.grades
            ]
            continue
        if not path.exists():
            raise InstructorError(f"{name} has no autograded {graded.name}: run nbgrader autograde {lab} first.")
        notebook = read(path)
        seconds += _seconds(notebook)
        scores = {grade.name: grade for grade in graded.grades}
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in scores:
                grade = scores[grade_id]
                hint = "" if grade.score >= grade.max_score else _hint(cell)
                results.append(Result(grade_id.removeprefix("test_"), grade.score, grade.max_score, hint))
    return Student(name, tuple(results), seconds)


def _hint(cell: NotebookNode) -> str:
    """What the graded cell told the student, whether by our report or by an error before it."""
    for output in cell.get("outputs", []):
        if MIME in output.get("data", {}):
            report = output.data[MIME]
            return report["reason"] or report["hint"]
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return f"{errors[0].ename}: {errors[0].evalue}" if errors else "The graded cell gave no result."


def _seconds(notebook: NotebookNode) -> float:
    """Time from the first cell's start to the last one's end, as nbclient noted it."""
    stamps = [
        datetime.fromisoformat(stamp)
        for cell in notebook.cells
        for stamp in cell.metadata.get("execution", {}).values()
    ]
    return (max(stamps) - min(stamps)).total_seconds() if stamps else 0.0


def write(students: list[Student], lab: str, folder: Path) -> None:
    """Write ``grades.csv`` and ``report.html`` into a folder."""
    write_csv(students, folder / "grades.csv")
    write_html(students, lab, folder / "report.html")


def table(students: list[Student]) -> Table:
    """The class as a table for the terminal."""
    view = Table(title=f"{len(students)} submissions", box=SIMPLE_HEAD, padding=(0, 1))
    view.add_column("student")
    for result in students[0].results:
        view.add_column(f"{result.exercise.replace('_', chr(10))}\nof {result.points:g}", justify="right", no_wrap=True)
    for name in ("total", "seconds"):
        view.add_column(name, justify="right", no_wrap=True)
    view.add_column("the hint that matters most", min_width=40)
    for student in students:
        scores = [f"{result.score:g}" for result in student.results]
        view.add_row(student.name, *scores, f"{student.score:g}", f"{student.seconds:.1f}", student.hint)
    return view


def write_csv(students: list[Student], path: Path) -> None:
    """One line a student: name, score by exercise, total, maximum, the hint that matters most."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = [result.exercise for result in students[0].results]
        writer.writerow(["student", *names, "total", "maximum", "hint"])
        for student in students:
            scores = [f"{result.score:g}" for result in student.results]
            writer.writerow([student.name, *scores, f"{student.score:g}", f"{student.points:g}", student.hint])


def write_html(students: list[Student], lab: str, path: Path) -> None:
    """One page for the instructor: how the class did, what was hard, and what was misunderstood."""
    total = students[0].points
    shares: dict[str, list[float]] = defaultdict(list)
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student in students:
        for result in student.results:
            shares[result.exercise].append(result.score / result.points)
            if result.hint:
                who[result.exercise, result.hint].append(student.name)
    hardest = {name: sum(values) / len(values) for name, values in shares.items()}
    common = Counter({key: len(names) for key, names in who.items()}).most_common()
    rows = "".join(
        f"<tr><td>{len(who[key])}</td><td><code>{key[0]}</code></td><td>{_text(key[1])}</td>"
        f"<td>{html.escape(', '.join(who[key]))}</td></tr>"
        for key, _ in common
    )
    pictures = [
        charts.distribution([student.score for student in students], total),
        charts.hardest(hardest),
    ]
    path.write_text(
        PAGE.format(
            lab=lab,
            count=len(students),
            mean=sum(student.score for student in students) / len(students),
            total=total,
            distribution=pictures[0],
            hardest=pictures[1],
            rows=rows,
        ),
        encoding="utf-8",
    )


def _text(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{lab}: class report</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid #ccc; }}
figure {{ margin: 1rem 0; }}
</style>
</head>
<body>
<h1>{lab}: class report</h1>
<p>{count} submissions, {mean:.1f} of {total:g} points on average.</p>
<h2>Distribution</h2>
{distribution}
<h2>Hardest exercises</h2>
{hardest}
<h2>Most frequent misconceptions</h2>
<table>
<thead><tr><th>Students</th><th>Exercise</th><th>What they were told</th><th>Who</th></tr></thead>
<tbody>{rows}</tbody>
</table>
</body>
</html>
"""
