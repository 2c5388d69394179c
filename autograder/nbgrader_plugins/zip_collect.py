"""The parts that ``nbgrader zip_collect`` uses in place of its own, chosen in ``nbgrader_config.py``."""

from contextlib import closing
from pathlib import Path

import nbformat
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from rich.console import Console
from rich.table import Table
from rich.text import Text
from traitlets import Unicode

from autograder.collecting.collect import Collector
from autograder.collecting.hand_ins import Finder, Row
from autograder.collecting.owners import PLATFORMS
from autograder.collecting.record import Record
from autograder.escaping import terminal
from autograder.nbgrader_plugins.locks import InUseError, one_at_a_time

RECORD = "collected.json"  # beside the folder that the hand-ins lie in
LOCK = "collecting.lock"  # beside it
WIDEST = 10_000  # columns: a line of the table is never broken, so that it can be searched for
REGULAR_EXPRESSION = (
    "c.FileNameCollectorPlugin.named_regexp is set, and no longer read: take it out. For zips of Canvas or Moodle set "
    "c.HandInNames.platform, see docs/instructor.md, 2."
)


class HandInNames(FileNameCollectorPlugin):
    """How hand-ins are named, and which of their files are collected: nbgrader's ``valid_ext``."""

    platform = Unicode(
        help="Which platform has named the hand-ins, 'canvas' or 'moodle'; '' where course.submit() did."
    ).tag(config=True)


class HandInExtractor(ExtractorPlugin):
    """Collects everything at once, into ``submitted/``: nothing is left for nbgrader to take from an extracted copy."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Collect all hand-ins below a folder, say what became of each, and end nbgrader.

        Args:
            archive_path: the folder; nothing in it is changed.
            extracted_path: stays empty: files are never written by names that strangers chose.

        Raises:
            SystemExit: with 1 where a hand-in was skipped, or where settings, files or another run keep it from
                beginning; else with 0.
        """
        app, names = self.parent, self.parent.collector_plugin_inst
        if not isinstance(names, HandInNames):
            app.fail(
                "c.ZipCollectApp.collector_plugin should be HandInNames where extractor_plugin is HandInExtractor."
            )
        if names.named_regexp:
            app.fail(REGULAR_EXPRESSION)
        if names.platform not in PLATFORMS:
            app.fail(f"c.HandInNames.platform should be 'canvas', 'moodle' or '', not {names.platform!r}.")
        wanted = tuple(ending.lower() for ending in names.valid_ext)
        archive = Path(archive_path)
        try:
            with one_at_a_time(archive.parent / LOCK, "nbgrader zip_collect", str(archive.parent)):
                rows = self._collect(archive, names.platform, wanted)
        except InUseError as error:
            app.fail(str(error))
        except OSError as error:
            app.fail(f"{error.filename or archive} cannot be read or written: {error.strerror}.")
        if not rows:
            app.fail(f"There is nothing in {archive_path}: put the hand-ins there.")
        _print(rows)
        skipped = sum(not row.collected for row in rows)
        if skipped:
            app.fail(
                f"{skipped} of {len(rows)} skipped: all stay in {archive_path}. Mend them there, and run this again."
            )
        app.exit(0)

    def _collect(self, archive: Path, platform: str, wanted: tuple[str, ...]) -> list[Row]:
        course, lab = self.parent.coursedir, self.parent.coursedir.assignment_id
        release = Path(course.format_path(course.release_directory, ".", lab))
        released = {path.stem: nbformat.read(path, as_version=4) for path in sorted(release.glob("*.ipynb"))}
        if not released:
            self.log.warning("There is no notebook in %s: copies of one under other names are not told apart.", release)
        try:
            record = Record(archive.parent / RECORD)
        except ValueError as error:
            self.parent.fail(str(error))
        collector = Collector(
            lambda student: Path(course.format_path(course.submitted_directory, student, lab)), released, wanted, record
        )
        with closing(Finder(platform, lab, wanted)) as finder:
            return [*collector.collect(finder.find(archive)), *finder.skipped]


def _print(rows: list[Row]) -> None:
    """The closing table, what was skipped at its end."""
    table = Table("", "hand-in", "student", "what, and why", box=None)
    for column in table.columns:
        column.no_wrap = True
    for row in sorted(rows, key=lambda row: (not row.collected, row.student, row.name)):
        state = "collected" if row.collected else "skipped"
        table.add_row(state, *(Text(terminal(cell)) for cell in (row.name, row.student, row.why)))
    console = Console(width=WIDEST, highlight=False)
    console.print(table)
    collected = sum(row.collected for row in rows)
    console.print(f"{len(rows)} hand-ins: {collected} collected, {len(rows) - collected} skipped")
