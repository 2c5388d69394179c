"""The class report: a table, grades.csv and report.html, from nbgrader's gradebook and the autograded notebooks."""

import csv
import glob
import html
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.api import SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder import charts
from autograder.errors import InstructorError
from autograder.feedback import MIME
from autograder.gradebook import course_directory, open_gradebook
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

    The gradebook is the one of ``nbgrader_config.py``. What was handed in is not opened: broken and missing notebooks
    are scored 0 by ``nbgrader autograde``, which says why.

    Raises:
        InstructorError: nothing was submitted, or something was not autograded yet.
    """
    directory = course_directory(course)
    submitted = _submitted(directory, lab)
    if not submitted:
        raise InstructorError(f"no submissions: nothing matches {_place(directory, 'submitted', '*', lab)}.")
    first = f"run nbgrader autograde {lab} first"
    with open_gradebook(directory, first) as gradebook:
        graded = {submission.student.id: submission for submission in gradebook.assignment_submissions(lab)}
        if missing := sorted(submitted - graded.keys()):
            raise InstructorError(f"not in the gradebook: {', '.join(missing)}; {first}.")
        for name in sorted(submitted):
            if not _place(directory, "autograded", name, lab).is_dir():
                raise InstructorError(f"not autograded: {name}; {first}.")
        return [_student(directory, lab, name, graded[name]) for name in sorted(submitted)]


def _place(directory: CourseDirectory, step: str, student: str, lab: str) -> Path:
    return Path(directory.format_path(getattr(directory, f"{step}_directory"), student, lab))


def _submitted(directory: CourseDirectory, lab: str) -> set[str]:
    """The students who handed something in, if only an empty folder."""
    form = directory.format_path(directory.submitted_directory, "(?P<student>[^/]+)", lab, escape=True)
    found = glob.glob(str(_place(directory, "submitted", "*", lab)))
    matches = [re.fullmatch(form, path) for path in found if Path(path).is_dir()]
    return {match["student"] for match in matches if match}


def _student(directory: CourseDirectory, lab: str, name: str, submission: SubmittedAssignment) -> Student:
    results: list[Result] = []
    seconds = 0.0
    for graded in sorted(submission.notebooks, key=lambda notebook: notebook.name):
        path = _place(directory, "autograded", name, lab) / f"{graded.name}.ipynb"
        missing = (
            not path.exists()
        )  # as plain nbgrader leaves a notebook that was not handed in; the engine puts one there
        notebook = read(_place(directory, "release", ".", lab) / path.name if missing else path)
        seconds += _seconds(notebook)
        scores = {grade.name: grade for grade in graded.grades}
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in scores:
                grade = scores[grade_id]
                hint = "This notebook is missing in the submission." if missing else _hint(cell)
                hint = "" if grade.score >= grade.max_score else hint
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
    """What judging took, as the engine noted it; else from the first cell's start to the last one's end."""
    noted = notebook.metadata.get("rcnn_by_hand", {}).get("seconds")
    if noted is not None:
        return float(noted)
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
