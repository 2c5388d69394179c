"""The command line: ``python -m autograder demo | release | report | check``."""

from pathlib import Path

import click
from rich.console import Console

from autograder import demo as demonstration
from autograder import notebooks
from autograder import release as releasing
from autograder import report as reporting
from autograder.errors import InstructorError, own_folder
from course.setup import SetupError, check_versions

WIDEST = 1000  # columns, more than any class table needs
FOLDER = click.Path(path_type=Path)


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
    students = demonstration.demo(lab, out, say=click.echo)
    _show(students)
    click.echo(f"grades    {out / 'grades.csv'}\nreport    {out / 'report.html'}")
    click.echo(f"feedback  {out / 'course' / 'feedback' / '<student>' / lab}")


@main.command()
@click.option("--lab", required=True, help="A lab, such as lab1_boxes.")
@click.option("--out", required=True, type=FOLDER, help="A new folder, or one that an earlier report made.")
@click.option(
    "--course",
    default=".",
    type=FOLDER,
    show_default=True,
    help="The course folder, after nbgrader autograde.",
)
def report(lab: str, out: Path, course: Path) -> None:
    """Report on a class that nbgrader has autograded."""
    notebooks.known_lab(lab, course)
    students = reporting.collect(course, lab)
    own_folder(out, "the class report")
    reporting.write(students, lab, out)
    _show(students)
    click.echo(f"grades    {out / 'grades.csv'}\nreport    {out / 'report.html'}")


@main.command()
def release() -> None:
    """Rebuild release/ and write dist/: the wheel and the zip for students."""
    for path in releasing.release():
        click.echo(path)


@main.command()
def check() -> None:
    """Say where text, notebooks and release are out of step."""
    problems = [line for lab in notebooks.labs() for line in notebooks.out_of_step(lab)]
    for line in problems:
        click.echo(line, err=True)
    if problems:
        raise InstructorError(f"{len(problems)} files are out of step.")
    click.echo(f"In step: {', '.join(notebooks.labs())}.")


def _show(students: list[reporting.Student]) -> None:
    console, table = Console(), reporting.table(students)
    wide = Console(width=WIDEST)
    console.width = max(console.width, wide.measure(table).minimum)  # a narrower table would lose names and hints
    console.print(table)


if __name__ == "__main__":
    main(prog_name="python -m autograder")
