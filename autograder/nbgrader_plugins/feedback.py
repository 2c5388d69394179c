"""The parts that ``nbgrader generate_feedback`` uses in place of its own, chosen in ``nbgrader_config.py``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bleach
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import default

from autograder import escaping
from autograder.nbgrader_plugins.feedback_page import Comment, Grade, Marks, page
from autograder.nbgrader_plugins.nbgrader_internals import find_by_any_name

find_by_any_name()  # nbgrader imports this module before it looks for notebooks

TAGS = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}


class GatherFeedback(NbGraderPreprocessor):
    """Gather what the page says: the notebook's reports, and points, comments and lateness from the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Put the page into the resources, for the template."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            marks = _marks(gradebook.find_submission_notebook(where["notebook"], where["assignment"], where["student"]))
        resources["page"] = page(nb, where["notebook"], where["student"], marks)
        return nb, resources


class FeedbackPage(TemplateExporter):
    """The feedback page: one file, which loads nothing and in which nothing runs.

    It is none of nbconvert's HTML exporters, since these parse each page once more: most of the time that one takes.
    """

    export_from_notebook = "Feedback page"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension(self) -> str:
        return ".html"

    @default("template_name")
    def _template_name(self) -> str:
        return "feedback_page"

    @default("extra_template_basedirs")
    def _extra_template_basedirs(self) -> list[str]:
        return [str(Path(__file__).with_name("templates"))]

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """All of nbconvert's filters, and those that the template writes texts with."""
        yield from super().default_filters()
        yield "highlight_code", Highlight2HTML(parent=self)
        yield "plain", lambda text: Markup(escaping.html(text))
        yield "unseen", escaping.terminal
        yield "from_markdown", _from_markdown
        yield "number", lambda value: f"{round(value, 2):g}"
        yield "duration", duration


def duration(seconds: float) -> str:
    """A time in words, by its two largest units: "1 day 2 hours"."""
    minutes = max(1, round(seconds / 60))
    days, hours = divmod(minutes // 60, 24)
    counts = [(days, "day"), (hours, "hour"), (minutes % 60, "minute")]
    return " ".join([f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count][:2])


def _from_markdown(text: str) -> Markup:
    """Markdown as HTML, of which only words, lists, links and code are left; formulas stay as they were typed."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    made = MarkdownWithMath(renderer=renderer).render(escaping.terminal(text))
    return Markup(bleach.clean(made, tags=TAGS, attributes={"a": ["href"]}, strip=True))


def _marks(notebook: Any) -> Marks:
    """What the gradebook knows of a submitted notebook."""
    submission = notebook.assignment
    dated = submission.timestamp is not None and submission.assignment.duedate is not None
    return Marks(
        grades={
            grade.name: Grade(grade.max_score, grade.auto_score, grade.manual_score, grade.extra_credit)
            for grade in notebook.grades
        },
        comments={
            comment.name: Comment(comment.auto_comment or "", comment.manual_comment or "")
            for comment in notebook.comments
        },
        penalty=notebook.late_submission_penalty or 0.0,
        handed_in=submission.timestamp,
        seconds_late=submission.total_seconds_late if dated else None,
    )
