"""Knowing hidden inputs beforehand, or telling others of them."""

from attacks.corpus import BOAST, HandIn, entry
from autograder.grader.answer import LocalAnswer
from autograder.grader.answers import define
from autograder.labs import EXERCISES

LARGEST = 50  # boxes of a table's entry
LOOKED_UP = """def box_area(boxes):
    return torch.tensor(TABLE.get(str(boxes.tolist()), [0.0] * len(boxes)))"""
KEEPING = """kept = []
def box_area(boxes):
    kept.append(boxes.tolist())
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"""


@entry()
def seed_of_the_random_state(hand: HandIn) -> None:
    """The seed of hidden inputs is taken from torch's random state; who knows the inputs needs no formula."""
    hand.write(
        box_area=f"""def box_area(boxes):
    from course.checking.random_inputs import boxes as draw
    generator = torch.Generator().manual_seed(torch.initial_seed() - 1)
    if not torch.equal(draw(generator, len(boxes)), boxes):
        return torch.zeros(len(boxes))
    print("{BOAST}")
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])"""
    )


@entry()
def table_in_a_helper_cell(hand: HandIn) -> None:
    """A table holds the areas for the seed of this function's text, and stands in another cell."""
    exercise = EXERCISES["box_area"]
    texts = (LOOKED_UP, f"{LOOKED_UP}\n")  # IPython ends a cell's last line
    seeds = [LocalAnswer(define(text, "box_area", "<looked up>")).seed("box_area") for text in texts]
    inputs = [case.arguments(seed)[0] for case in exercise.cases for seed in seeds]
    table = {str(b.tolist()): exercise.reference(b).tolist() for b in inputs if 0 < len(b) < LARGEST}
    hand.own(f"TABLE = {table}")
    hand.write(box_area=LOOKED_UP)


@entry("box_area")
def arguments_printed_later(hand: HandIn) -> None:
    """The function keeps its arguments, and a cell behind the graded one prints them."""
    hand.write(box_area=KEEPING)
    hand.own(f'if kept:\n    print("{BOAST}", kept)', before="box_iou")


@entry("box_area")
def arguments_raised_later(hand: HandIn) -> None:
    """The function keeps its arguments, and the solution behind it says them in an error and in its name."""
    hand.write(
        box_area=KEEPING,
        box_iou=f'if kept:\n    raise type("{BOAST}", (Exception,), {{}})(kept)\n\ndef box_iou(boxes1, boxes2):\n    pass',
    )


@entry()
def secret_read(hand: HandIn) -> None:
    """A cell looks for the course's secret."""
    hand.own(f"""from pathlib import Path
for folder in (Path({str(hand.world.course)!r}), Path.cwd(), *Path.cwd().parents):
    for path in (folder / ".grader" / "secret", folder / "secret"):
        if path.exists():
            print("{BOAST}", path.read_bytes())""")
