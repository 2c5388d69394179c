"""The class report: a table for the terminal, grades.csv and report.html."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder import escaping
from autograder.commands.class_results import Student
from autograder.commands.worth_a_look import Look


def write(students: list[Student], lab: str, looks: list[Look], folder: Path) -> None:
    """Write ``grades.csv`` and ``report.html`` into a folder."""
    write_csv(students, folder / "grades.csv")
    write_html(students, lab, looks, folder / "report.html")


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
        who, hint = (Text(escaping.terminal(text)) for text in (student.name, student.hint))
        view.add_row(who, *scores, f"{student.score:g}", f"{student.seconds:.1f}", hint)
    return view


def write_csv(students: list[Student], path: Path) -> None:
    """One line a student: name, score by exercise, total, maximum, the hint that matters most."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = [result.exercise for result in students[0].results]
        writer.writerow(["student", *names, "total", "maximum", "hint"])
        for student in students:
            scores = [f"{result.score:g}" for result in student.results]
            name, hint = escaping.csv(student.name), escaping.csv(student.hint)
            writer.writerow([name, *scores, f"{student.score:g}", f"{student.points:g}", hint])


def write_html(students: list[Student], lab: str, looks: list[Look], path: Path) -> None:
    """One page for the instructor: how the class did, what was hard, what was misunderstood, what is worth a look."""
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
        f"<tr><td>{len(who[key])}</td><td><code>{key[0]}</code></td><td>{escaping.html(key[1])}</td>"
        f"<td>{escaping.html(', '.join(who[key]))}</td></tr>"
        for key, _ in common
    )
    from autograder.commands import charts  # with torch: only who draws waits for it

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
            looks=LOOKS.format(rows="".join(map(_look, looks))) if looks else "<p>Nothing.</p>",
        ),
        encoding="utf-8",
    )


def _look(look: Look) -> str:
    where = f"{look.where}, line {look.line}"
    return (
        f"<tr><td>{escaping.html(look.student)}</td><td>{escaping.html(where)}</td>"
        f"<td><code>{escaping.html(look.text)}</code></td><td>{escaping.html(look.why)}</td></tr>"
    )


LOOKS = """<p>A list to look at, no accusation: it costs nobody a point, and honest work can stand in it. Two students
can have had one teacher, and a line can be an experiment. Nor is it complete. Read the code, and ask its author.</p>
<table>
<thead><tr><th>Student</th><th>Where</th><th>Line</th><th>Why</th></tr></thead>
<tbody>{rows}</tbody>
</table>"""

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
<h2>Worth a look</h2>
{looks}
</body>
</html>
"""
