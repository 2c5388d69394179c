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
# The old release stays until the new one is there; stock nbgrader removes it first, and leaves none should it fail.
c.GenerateAssignment.exporter_class = "autograder.nbgrader_plugins.whole_release.WholeRelease"
c.GenerateAssignment.preprocessors = [
    "autograder.nbgrader_plugins.preprocessors.SetRepository",
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

# What `nbgrader zip_collect` takes: the zips of course.submit(), ada-lab1_boxes.zip with boxes.ipynb in it, each by
# itself. Whose it is says the name of the zip alone, nothing inside; a notebook under another name is taken along, and
# grading knows it. For zips from Canvas and Moodle see docs/instructor.md. Leave the first two lines out, and nbgrader
# collects in its own way.
c.ZipCollectApp.extractor_plugin = "autograder.nbgrader_plugins.zip_collect.HandInExtractor"
c.ZipCollectApp.collector_plugin = "autograder.nbgrader_plugins.zip_collect.HandInNames"
c.HandInNames.valid_ext = [".ipynb", ".safetensors"]

# Grading: submissions are taken in and judged side by side, students' code in a sandbox (docs/instructor.md). Leave
# these lines out, and nbgrader runs the same notebooks in its own way, one by one and in one process.
c.Autograde.exporter_class = "autograder.nbgrader_plugins.autograde.PrepareRun"
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugins.autograde.InsertResults",
    "nbgrader.preprocessors.LimitOutput",
    "autograder.nbgrader_plugins.save_scores.SaveScores",
    "nbgrader.preprocessors.AssignLatePenalties",
]
# Without a working sandbox nothing is graded: students' code would run with your rights, on your files and your grades.
# False grades nevertheless, and says so at every run; do that only with code that you trust, or off Linux.
c.Sandbox.required = True

# For grading without the lines above: a submission without a graded cell gets it back; stock nbgrader would keep the
# score of an earlier submission.
c.OverwriteCells.add_missing_cells = True

# Feedback pages of our own (docs/instructor.md, 3), for every student, whatever the id: stock nbgrader takes [ ] in one
# for a pattern, and writes none. Leave these lines out, and nbgrader writes its own.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugins.feedback.FeedbackPage"
c.GenerateFeedback.preprocessors = [
    # stock nbgrader prints hidden lines, in the cells and in tracebacks
    "autograder.nbgrader_plugins.preprocessors.HideTests",
    "autograder.nbgrader_plugins.feedback.GatherFeedback",
]
# Each run writes every page anew: else nbgrader keeps a page although scores, comments or cases have changed since.
c.GenerateFeedback.force = True

# Seconds for one cell. The grader stops a looping answer by itself after 8; this is for the student's own cells.
c.Execute.timeout = 60
