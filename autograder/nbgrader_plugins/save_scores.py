"""Write a notebook's scores into the gradebook, in one transaction."""

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor


class SaveScores(NbGraderPreprocessor):
    """What nbgrader's ``SaveAutoGrades`` does, which looks up and commits cell by cell: half of nbgrader's time.

    All scores of a notebook are there, or none. A score that was given by hand stays, to be looked at again.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write the score that each graded cell's output tells of, and which answers were left as they came."""
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            saved = gradebook.find_submission_notebook(where["notebook"], where["assignment"], where["student"])
            book = saved.notebook  # its cells are loaded all at once
            names = {cell.id: cell.name for cell in (*book.grade_cells, *book.solution_cells, *book.task_cells)}
            grades = {names[grade.cell_id]: grade for grade in saved.grades}
            comments = {names[comment.cell_id]: comment for comment in saved.comments}
            for cell in nb.cells:
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                if utils.is_grade(cell):
                    grade = grades[name]
                    grade.auto_score, _ = utils.determine_grade(cell, self.log)
                    grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
                if utils.is_solution(cell) or utils.is_task(cell):
                    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
                    comments[name].auto_comment = "No response." if untouched and not utils.is_task(cell) else None
            gradebook.db.commit()
        return nb, resources
