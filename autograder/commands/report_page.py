"""The class report as a page: how a class did, what was hard, what was misunderstood, what is worth a look."""

from collections import defaultdict
from collections.abc import Sequence

from autograder import escaping
from autograder.commands.class_results import Absent, Student
from autograder.commands.class_summary import attendance, averages, histogram
from autograder.commands.worth_a_look import Look


def page(students: Sequence[Student], absent: Sequence[Absent], lab: str, looks: Sequence[Look]) -> str:
    """The page in HTML; it loads nothing.

    Args:
        students: those who handed in, at least one.
        absent: those who handed in nothing.
        lab: which.
        looks: what is worth a look.
    """
    from autograder.commands import charts  # with torch: only who draws waits for it

    scores, total = [student.score for student in students], students[0].points
    late = [student for student in students if student.deducted]
    return PAGE.format(
        lab=lab,
        attendance=attendance(scores, len(absent)),
        total=f"{total:g}",
        averages=averages(scores),
        late=LATE.format(count=len(late), points=f"{round(sum(each.deducted for each in late), 2):g}") if late else "",
        distribution=charts.distribution(histogram(scores, total), len(absent)),
        hardest=charts.hardest(_shares(students)),
        rows=_misconceptions(students),
        absent=_absent(absent) if absent else "",
        looks=LOOKS.format(rows="".join(map(_look, looks))) if looks else "<p>Nothing.</p>",
    )


def _shares(students: Sequence[Student]) -> dict[str, float]:
    """The average share of points by exercise."""
    shares: dict[str, list[float]] = defaultdict(list)
    for student in students:
        for result in student.results:
            shares[result.exercise].append(result.score / result.points)
    return {name: sum(values) / len(values) for name, values in shares.items()}


def _misconceptions(students: Sequence[Student]) -> str:
    """A row for each hint, the most frequent first."""
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student in students:
        for result in student.results:
            if result.hint:
                who[result.exercise, result.hint].append(student.name)
    rows = sorted(who.items(), key=lambda row: -len(row[1]))
    return "".join(
        f"<tr><td>{len(names)}</td><td><code>{exercise}</code></td><td>{escaping.html(hint)}</td>"
        f"<td>{_folded(names)}</td></tr>"
        for (exercise, hint), names in rows
    )


def _folded(names: Sequence[str]) -> str:
    """Names in a line; many of them fold, so that the next row can be seen."""
    text = escaping.html(", ".join(names))
    return text if len(names) <= SHOWN else f"<details><summary>{len(names)} students</summary>{text}</details>"


def _absent(absent: Sequence[Absent]) -> str:
    names = [f"{each.name} ({each.called})" if each.called else each.name for each in absent]
    return f"<h2>Not handed in</h2>\n<p>{escaping.html(', '.join(names))}</p>"


def _look(look: Look) -> str:
    where = f"{look.where}, line {look.line}"
    return (
        f"<tr><td>{escaping.html(look.student)}</td><td>{escaping.html(where)}</td>"
        f"<td><code>{escaping.html(look.text)}</code></td><td>{escaping.html(look.why)}</td></tr>"
    )


SHOWN = 12  # names beside a hint

LATE = """
<p>Points off for lateness: {points}, from {count} hand-ins. All totals here count that.</p>"""

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
<p>{attendance}. Of {total} points: {averages}.</p>{late}
<h2>Distribution</h2>
{distribution}
<h2>Hardest exercises</h2>
{hardest}
<h2>Most frequent misconceptions</h2>
<table>
<thead><tr><th>Students</th><th>Exercise</th><th>What they were told</th><th>Who</th></tr></thead>
<tbody>{rows}</tbody>
</table>
{absent}
<h2>Worth a look</h2>
{looks}
</body>
</html>
"""
