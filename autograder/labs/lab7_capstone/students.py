"""Lab 7: the demo's class, made of its right and wrong answers.

The class hands in no trained file: the demo's ``detect`` shows what is said then.
"""

from autograder.grader.answers import Submission

STUDENTS = (
    Submission(
        "ada",
        {
            "average_precision": "envelope",
            "detect": "all_at_once",
            "culprit": "table",
            "photo_losses": "stage_by_stage",
        },
    ),
    # found it on the web, where PASCAL VOC's measure still is
    Submission("alan", {"average_precision": "eleven", "photo_losses": "corners"}),
    Submission(
        "emmy",
        {
            "average_precision": "best_from_here",
            "detect": "each_alone",
            "culprit": "one_by_one",
            "photo_losses": "loops",
        },
    ),
    Submission("grace", {"average_precision": "lists", "photo_losses": "loops"}),  # loops wherever one can loop
    Submission("kurt", {"average_precision": "crashes_on_nothing", "photo_losses": "crashes_unmarked"}),
    Submission(
        "linus",
        {
            "average_precision": "not_sorted",
            "detect": "untrained",
            "culprit": "the_loss",
            "photo_losses": "number_is_class",
        },
    ),
    Submission("mary", {"average_precision": "no_envelope"}),
    Submission("noor", {}),  # hands in the release as it is
    Submission("rosa", {"average_precision": "area", "photo_losses": "every_anchor"}),
)
