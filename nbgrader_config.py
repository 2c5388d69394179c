"""nbgrader's settings for this course: stock ``nbgrader …`` commands in this folder use them.

The notebooks also grade without this file; what it adds is said beside each line.
"""

c = get_config()  # noqa: F821  nbgrader provides it

c.CourseDirectory.course_id = "rcnn-by-hand"

# What is neither released nor handed in: nbgrader's own list, and the videos that notebooks write beside themselves.
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback", "*.webm", "training.pt"]

# Where students find the course on GitHub: the address in the Colab badges and in the setup cells of release/.
c.SetRepository.repository = "OWNER/rcnn-by-hand"
# release/ is committed: stock nbgrader would leave an existing release alone, and register nothing in the gradebook.
c.GenerateAssignment.force = True
c.GenerateAssignment.preprocessors = [
    "autograder.plugins.SetRepository",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ClearSolutions",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.ClearHiddenTests",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# What `nbgrader zip_collect` takes: the zips of course.submit(), ada-lab1_boxes.zip with boxes.ipynb in it. Whose it is
# says the name of the zip alone, nothing inside. For zips from Canvas and Moodle see docs/instructor.md.
c.FileNameCollectorPlugin.named_regexp = (
    r"((?!/extracted/).)*/extracted/(?P<student_id>[^/]+?)-lab\d_\w+(-\w+)?( ?\(\d+\))?/"
    r"(?P<file_id>[A-Za-z]\w*)\.(ipynb|safetensors)$"
)
c.FileNameCollectorPlugin.valid_ext = [".ipynb", ".safetensors"]

# Grading: submissions are taken in and judged side by side, students' code in a sandbox (docs/instructor.md). Leave
# these lines out, and nbgrader runs the same notebooks in its own way, one by one and in one process.
c.Autograde.exporter_class = "autograder.engine.autograde.Intake"
c.Autograde.autograde_preprocessors = [
    "autograder.engine.autograde.Judged",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.engine.scores.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
]
# True refuses to grade where bubblewrap is missing; False warns.
c.Sandbox.required = False

# For grading without the lines above: a submission without a graded cell gets it back; stock nbgrader would keep the
# score of an earlier submission.
c.OverwriteCells.add_missing_cells = True

# Feedback pages without hidden lines: stock nbgrader prints them, in the cells and in tracebacks.
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "autograder.plugins.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# Seconds for one cell. The grader stops a looping answer by itself after 8; this is for the student's own cells.
c.Execute.timeout = 60
