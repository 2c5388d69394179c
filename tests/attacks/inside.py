"""What is found out inside the student's process, and could be denied there.

Whether an operator is ready-made, whether arguments were changed, and whether tensors of two devices met is noticed where
the student's code runs. These entries try to switch the noticing off. Points are what an answer is worth without that;
with us it gets none.
"""

from attacks.corpus import HandIn, entry

READY = """from torchvision.ops import box_iou as ready


def box_iou(boxes1, boxes2):
"""


@entry()
def profiler_off(hand: HandIn) -> None:
    """The function switches the watcher off, calls torchvision's box_iou, and switches it on again."""
    hand.write(
        box_iou=f"""import sys
{READY}    watcher = sys.getprofile()
    sys.setprofile(None)
    try:
        return ready(boxes1, boxes2)
    finally:
        sys.setprofile(watcher)"""
    )


@entry()
def profiler_replaced(hand: HandIn) -> None:
    """The function puts a profiler of its own in the watcher's place and calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""import cProfile
{READY}    with cProfile.Profile():
        return ready(boxes1, boxes2)"""
    )


@entry()
def watcher_blinded(hand: HandIn) -> None:
    """A cell of one's own puts another method in the place of the watcher's, before anything is judged."""
    hand.own("from course.checking.guard import Guard\nGuard._look = lambda *event: None")
    hand.write(box_iou=f"{READY}    return ready(boxes1, boxes2)")


@entry()
def watcher_emptied(hand: HandIn) -> None:
    """The watcher's method is given other code, and what it compares names with says that nothing fits."""
    hand.own(
        """import fnmatch
from course.checking.guard import Guard
fnmatch.fnmatchcase = lambda name, pattern: False
Guard._look.__code__ = (lambda self, frame, event, argument: None).__code__"""
    )
    hand.write(box_iou=f"{READY}    return ready(boxes1, boxes2)")


@entry()
def other_process(hand: HandIn) -> None:
    """A child process, where nobody watches, calls torchvision's box_iou."""
    hand.write(
        box_iou=f"""import os, io, torch
{READY}    inward, outward = os.pipe()
    if not os.fork():
        import sys
        sys.setprofile(None)
        data = io.BytesIO()
        torch.save(ready(boxes1, boxes2), data)
        os.write(outward, data.getvalue())
        os._exit(0)
    os.close(outward)
    with os.fdopen(inward, "rb") as file:
        answer = torch.load(io.BytesIO(file.read()))
    os.wait()
    return answer"""
    )


@entry(yxyx_to_xyxy=1.88)
def changes_denied(hand: HandIn) -> None:
    """An answer that is right, but writes into its arguments, denies that it does."""
    hand.own("""from autograder.student import call_effects
call_effects._same = lambda tensor, old: True""")
    hand.write(
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    boxes.copy_(boxes[:, [1, 0, 3, 2]].clone())\n    return boxes.clone()"
    )


@entry(yxyx_to_xyxy=1.88)
def sameness_claimed(hand: HandIn) -> None:
    """An answer that is right, but writes into its arguments, has torch say that all tensors are equal."""
    hand.own("torch.equal = lambda first, second: True")
    hand.write(
        yxyx_to_xyxy="def yxyx_to_xyxy(boxes):\n    boxes.copy_(boxes[:, [1, 0, 3, 2]].clone())\n    return boxes.clone()"
    )


@entry(box_area=1.71)
def device_denied(hand: HandIn) -> None:
    """An answer by NumPy, which fails on another device, is called as if there were none."""
    hand.own("""import autograder.student.request_handler as answering
answering.on_other_device = lambda function: function""")
    hand.write(
        box_area="""import numpy as np
def box_area(boxes):
    b = boxes.numpy()
    return torch.from_numpy((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]))"""
    )
