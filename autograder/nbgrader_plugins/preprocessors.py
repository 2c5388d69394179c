"""Our preprocessors for nbgrader, chosen by ``nbgrader_config.py``."""

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Unicode

PLACEHOLDER = "OWNER/rcnn-by-hand"


class SetRepository(NbGraderPreprocessor):
    """Write the course's own GitHub repository into the Colab badge and the setup cell of a released notebook."""

    repository = Unicode(PLACEHOLDER, help="Owner and name of the repository that students see.").tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Replace the placeholder wherever it stands."""
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.repository):
            raise ValueError(
                f"c.SetRepository.repository should be owner/name, like {PLACEHOLDER}; it is {self.repository!r}"
            )
        cell.source = cell.source.replace(PLACEHOLDER, self.repository)
        return cell, resources


class HideTests(ClearHiddenTests):
    """Remove hidden tests from a feedback page: their lines, and tracebacks that would quote them."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Clear the hidden region of a graded cell, and keep only the last line of its errors."""
        cell, resources = super().preprocess_cell(cell, resources, index)
        if is_grade(cell):
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    output.traceback = [self._plain(output)]
        return cell, resources

    @staticmethod
    def _plain(error: Any) -> str:
        undefined = re.fullmatch(r"name '(\w+)' is not defined", error.evalue)
        if undefined:
            return (
                f"There is no {undefined.group(1)} in this notebook: did the cell that defines it stop with an error?"
            )
        return f"{error.ename}: {error.evalue}"
