"""The command line: ``python -m autograder demo | release | students | report | check``."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
from rich.console import Console

from autograder.commands import class_report, notebooks
from autograder.commands import release as releasing
from autograder.commands.class_results import Absent, Student, collect, found_worth_a_look, not_handed_in, refused
from autograder.commands.generated import stale
from autograder.commands.gradebook import add_students
from autograder.commands.roster import read_roster
from autograder.errors import InstructorError, own_folder
from course.setup import SetupError, check_versions

WIDEST = 1000  # columns, more than any class table needs
FOLDER = click.Path(path_type=Path)
COURSE = click.option("--course", default=".", type=FOLDER, show_default=True, help="The course folder.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Release the labs of R-CNN by hand, try the grader, and report on a class."""
    try:
        check_versions()
    except SetupError as error:
        raise InstructorError(str(error)) from None


@main.command()
@click.option("--lab", required=True, help="A lab, such as lab1_boxes.")
@click.option("--out", required=True, type=FOLDER, help="A new folder, or one that an earlier demo made.")
def demo(lab: str, out: Path) -> None:
    """Grade a made-up class from hand-in to feedback pages."""
    # only here: this imports all cases, which import what `release` has still to write after somebody adds an exercise
    from autograder.commands import demo as demonstration

    students = demonstration.demo(lab, out, say=click.echo)
    _show(students)
    click.echo(f"grades    {out / 'grades.csv'}\nreport    {out / 'report.html'}")
    click.echo(f"feedback  {out / 'course' / 'feedback' / '<student>' / lab}")


@main.command()
@click.option("--lab", required=True, help="A lab, such as lab1_boxes.")
@click.option("--out", required=True, type=FOLDER, help="A new folder, or one that an earlier report made.")
@COURSE
def report(lab: str, out: Path, course: Path) -> None:
    """Report on a class that nbgrader has autograded."""
    notebooks.known_lab(lab, course)
    students, absent = collect(course, lab), not_handed_in(course, lab)
    own_folder(out, "the class report")
    looks = found_worth_a_look(students, course, lab)
    class_report.write(students, lab, looks, out, absent)
    _show(students, absent)
    click.echo(f"grades    {out / 'grades.csv'}\nreport    {out / 'report.html'}")
    if looks:
        click.echo(f"worth a look: {len(looks)} lines, listed at the end of the report")
    if lines := refused(course, lab):
        raise InstructorError("\n".join(lines))


@main.command()
@click.argument("table", type=click.Path(path_type=Path))
@COURSE
def students(table: Path, course: Path) -> None:
    """Tell the gradebook who the students are, from a table such as students.csv."""
    found = read_roster(table)
    new = add_students(course, found)
    click.echo(f"{len(found)} students in {table}, {new} of them new in the gradebook.")


@main.command()
def release() -> None:
    """Rebuild release/ and write dist/: the wheel and the zip for students."""
    for path in releasing.release():
        click.echo(path)


@main.command()
def check() -> None:
    """Say where text, notebooks and release are out of step."""
    with ThreadPoolExecutor(os.cpu_count()) as side_by_side:  # each lab waits for an nbgrader of its own
        problems = [line for lines in side_by_side.map(notebooks.out_of_step, notebooks.labs()) for line in lines]
    problems += stale(notebooks.ROOT)
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise InstructorError(f"{len(problems)} files are out of step.")
    click.echo(f"In step: {', '.join(notebooks.labs())}.")


def _show(students: Sequence[Student], absent: Sequence[Absent] = ()) -> None:
    console, table = Console(), class_report.table(students, absent)
    wide = Console(width=WIDEST)
    console.width = max(console.width, wide.measure(table).minimum)  # a narrower table would lose names and hints
    console.print(table)
    click.echo(f"{class_report.summary(students, absent)}\n")


if __name__ == "__main__":
    main(prog_name="python -m autograder")
