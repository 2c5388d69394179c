# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 7 · Your own detector
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab7_capstone/capstone.ipynb)
#
# **25 points · about two and a half hours, with three minutes of training · four functions**
#
# You have every part. But how good is a detector? The loss will not tell you: lab 3's traps *lowered* it. So first you build the ruler: the number that every paper on detection reports.
#
# | where this comes from | |
# |---|---|
# | paper | Lin et al., [*Microsoft COCO*](https://arxiv.org/abs/1405.0312) (2014), and [cocodataset.org, "Detection evaluation"](https://cocodataset.org/#detection-eval): average precision |
# | also | Everingham et al., *The PASCAL Visual Object Classes Challenge* (2010): the same idea with eleven points; Bolya et al., [*TIDE*](https://arxiv.org/abs/2008.08115) (2020): mistakes by kind |
#
# Work from top to bottom. Under each function there is a check: it says in one line that all is well, or what was expected and
# what your function gave. *Run All* stops at the first check that fails: scroll up to the first red box, it says what to do next.

# %% [markdown]
# **Run this cell first.** On Colab it takes about a minute, elsewhere a few seconds. After a restart of the kernel, run it again.

# %%
# Run me first. On Colab this installs the course package (about a minute); elsewhere it only imports.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

spec = find_spec("course")
course_file = spec.origin if spec else None  # None too where there is only a folder of that name
if course_file and not Path(course_file).with_name("checks").is_dir():
    raise ImportError(f"{course_file} has the same name as the course and hides it: rename it, then restart the kernel.")
if not course_file and "google.colab" not in sys.modules:  # never install into a Python that is meant for something else
    raise ImportError(
        f"The course is not installed in this kernel's Python, {sys.executable}. Choose the Python of the folder .venv that "
        "you made for the course. VS Code: Select Kernel, at the top right, then Python Environments, .venv. "
        "JupyterLab: close it, activate .venv in a terminal, and start it there (START.html, steps 1 and 3)."
    )
if not course_file:
    address = "rcnn-by-hand @ git+https://github.com/OWNER/rcnn-by-hand"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", address], check=True)

import torch
from torch import Tensor

from course import checks, draw, pipeline, setup

device = setup.device()

# %% [markdown]
# The rest of today's tools.

# %%
from pathlib import Path

from torch.nn import functional as F

from course import buglab, explore, metrics, parts, scenes, training
from course.detector import Detector, load_detector, save_weights

# %% [markdown]
# ## Where we are
#
# What you have built is yellow: everything but the backbone. Today you run the whole detector, and measure it.

# %% tags=["active-ipynb"]
# pipeline.show("capstone")

# %% [markdown]
# ## Exercise 1 · `average_precision`
#
# *medium · 30 minutes · 8 points*
#
# **Idea.** A detector gives boxes with scores. Where do we draw the line? With a high threshold nearly every box is right, but many objects are missed; with a low one everything is found, among heaps of nonsense. Two numbers measure this, and each threshold gives another pair:
#
# $$\text{precision} = \frac{\text{right}}{\text{all predictions so far}}, \qquad \text{recall} = \frac{\text{right}}{\text{all objects}}$$
#
# Average precision needs no threshold: it goes through the predictions from the best to the worst and looks at *all* pairs.
#
# 1. **Right or wrong?** In each picture the best prediction takes the object of its class that it overlaps most, if the IoU is at least 0.5 (or another threshold of your choice). The next prediction may choose among the objects that are left. A second box on the same object is wrong. `metrics.matched` does this for you: your
#    function gets a list of scores and, for each, whether the prediction is right.
# 2. **Sort** the predictions of all pictures together, best first, and count: precision and recall after one, two, three … predictions. Recall only grows; precision goes up and down in a zigzag.
# 3. **Envelope.** A dip should not count if precision recovers later: if you want a recall of at least $r$, you may go on until precision is best. So
#
# $$p(r) = \max_{\text{recall} \,\ge\, r} \text{precision}$$
#
# 4. **Mean over 101 recalls**, whatever the number of predictions:
#
# $$\text{AP} = \frac1{101} \sum_{r \,\in\, \{0,\ 0.01,\ \dots,\ 1\}} p(r), \qquad p(r) = 0 \text{ where no prediction reaches } r$$

# %% tags=["active-ipynb"]
# draw.precision_recall_rule()

# %% [markdown]
# Three cases are left. We decide each as COCO does.
#
# - **Equal scores.** The one that comes first in the list goes first. A sort that keeps that order is called *stable*, and PyTorch's is not unless you ask.
# - **Reached exactly.** With four objects, two of them found, recall is exactly 0.5: that *is* reached, so p(0.5) is not 0.
# - **No objects.** If a class is in none of the pictures, there is nothing to measure: NaN, so that a mean over classes can leave it out. Predictions that find nothing, on the other hand, score 0.
#
# **Sources.** COCO: [Detection evaluation](https://cocodataset.org/#detection-eval), whose program is [`COCOeval.accumulate`](https://github.com/cocodataset/cocoapi/blob/master/PythonAPI/pycocotools/cocoeval.py). torchvision computes no average precision: its training scripts call that program, too.

# %% nbgrader={"grade": false, "grade_id": "average_precision", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_precision(scores: Tensor, matched: Tensor, num_gt: int) -> Tensor:
    """Compute COCO's average precision of one class at one IoU threshold.

    Args:
        scores (Tensor[N]): float, of all predictions in all pictures, in any order; any
            numbers, only their order counts. N may be 0.
        matched (Tensor[N]): bool, whether each prediction is right; same device.
        num_gt (int): how many objects there are to find, found or not.

    Returns:
        Tensor[]: a single number from 0 to 1, in the dtype and on the device of ``scores``:
        the mean over the recalls r = 0, 0.01, …, 1 of the best precision at a recall of at
        least r, 0 where there is none. Of equal scores the first in the list counts as
        better. No predictions give 0; no objects (``num_gt`` 0) give NaN.

    Source: Lin et al., Microsoft COCO (2014); pycocotools' COCOeval.accumulate.
    """
    ### BEGIN SOLUTION
    if num_gt == 0:
        return scores.new_full((), torch.nan)
    order = scores.argsort(descending=True, stable=True)
    right = matched[order].double().cumsum(dim=0)  # [N]: how many of the best 1, 2, … are right
    recall = right / num_gt
    precision = right / torch.arange(1, len(right) + 1, device=scores.device)

    # A last 0 stands for every recall that is never reached.
    envelope = F.pad(precision, (0, 1)).flip(0).cummax(dim=0).values.flip(0)  # [N + 1]
    # Not / 100: COCO's own thresholds are rounded like this, and recalls such as 7/20 lie on them.
    wanted = torch.arange(101, dtype=torch.float64, device=scores.device) * 0.01
    return envelope[torch.searchsorted(recall, wanted)].mean().to(scores.dtype)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Order first: `argsort(descending=True, stable=True)`, and take *matched* in that order. `cumsum` counts how many are right so far. Divide by 1, 2, 3 … for precision, by `num_gt` for recall.
# </details>
#
# <details><summary>Hint 2: the envelope</summary>
#
# "The best from here on" is "the best so far", seen from the other end: `flip`, `cummax`, `flip`.
# </details>
#
# <details><summary>Hint 3: 101 recalls</summary>
#
# `torch.searchsorted(recall, wanted)` gives for each wanted recall the first place where recall is at least that, or N where there is none. (The envelope has only N values, so append a 0.)
# </details>
#
# <details><summary>Hint 4: all at once instead</summary>
#
# `recall >= wanted[:, None]` is a table (101, N). `torch.where(table, precision, 0).amax(dim=1)` is p(r) without any envelope. Remember that N may be 0: then there is no largest value.
# </details>
#
# <details><summary>Hint 5: the dtype</summary>
#
# `matched.cumsum(0)` counts in int64, and a quotient of whole numbers is float32, whatever the scores are. Make the counts float64 (`.double()`) or `scores.dtype` before you divide, and give the answer in `scores.dtype`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_average_precision", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.average_precision(average_precision)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("average_precision", average_precision)
# ### END HIDDEN TESTS

# %% [markdown]
# Here are forty building sites and a made-up detector of middling quality: it misses some objects, finds some twice, and mixes some up. How well does it find people? Each right prediction is a step to the right, each wrong one a step down.

# %% tags=["active-ipynb"]
# if setup.attended():
#     SIZE = (120, 160)
#     images, targets = zip(*scenes.Scenes(40, SIZE, seed=3))
#     predictions = metrics.made_up_predictions(targets, SIZE, seed=1)
#     people = metrics.matched(predictions, targets)[scenes.CLASSES.index("person")]
#     draw.precision_recall(*people, average_precision)

# %% [markdown]
# Two more means turn your number into COCO's. **AP50** is the mean over the classes at an IoU of 0.5. **AP**, the one in the headlines, is also a mean over ten IoU thresholds: it asks how well the boxes fit. Here is your number beside that of COCO's own program, `pycocotools`.
#
# **Before you run this:** the same predictions, judged more and more strictly, from an IoU of 0.5 up to 0.95. Which of the two numbers will be the larger one?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.precision_by_iou(predictions, targets, average_precision)
#     mine = torch.stack([average_precision(*each) for each in metrics.matched(predictions, targets).values()]).mean()
#     theirs = metrics.coco_ap(predictions, targets)["boxes"]["AP50"]
#     print(f"AP50 by your function {mine:.6f}, by pycocotools {theirs:.6f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# AP50. It is the first bar, and the bars fall: a box that fits well enough at 0.95 does so at 0.5 as well, but not the other way round. AP is the mean of
# all ten.
# </details>

# %% [markdown]
# One number says how good a detector is, not *what to fix*. So look at the mistakes by kind: right place but wrong class, right class but badly placed, seen twice, seen where nothing is, not seen at all. A detector that sees objects twice needs a stricter NMS. One that misses objects needs more anchors or more training.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.errors_by_kind(images, predictions, targets, scenes.CLASSES)

# %% [markdown]
# ## Assemble
#
# Now put it all together. `parts.collect` goes through your lab notebooks, takes each function and class that you have written, and runs its check. The library's version replaces any part that is missing or wrong, and the list says why. So you get a detector that works, however far you have come, and your mistakes
# don't hide in it.
#
# - `LABS` is the folder with your labs. On Colab each notebook lives alone: mount your Drive and put that folder here, or go on with the library's parts.
# - `SLOW` lists parts that come from the library even if yours are right: loops that are clear to read are slow to run, and training calls them thousands of times. If you wrote the bonuses of labs 3 and 4, `nms_in_blocks` and `roi_align_fast`, these take over, and the parts are yours again. Set it to `[]` if yours are fast enough, or if you are patient: the clear `roi_align` takes about twenty times as long as torchvision's.

# %% tags=["active-ipynb"]
# if setup.attended():
#     LABS = ".."
#     SLOW = ["nms", "roi_align"]
#     if any(Path(LABS).glob("lab*/*.ipynb")):
#         own = parts.collect(LABS, from_library=SLOW)
#     else:
#         print(f"There are no labs in {LABS!r}, so the library's parts stand in, but for what this notebook defines.")
#         own = parts.here(globals())
#     print(own)
#     draw.assembled(own)

# %% [markdown]
# `Detector` puts them together: `course/detector/model.py` has fewer than 250 lines, and each stage is a line or two that call your functions. Only the backbone is given, a small one of eight convolutions. Its weights are fresh random numbers: this detector has never seen a picture.

# %% tags=["active-ipynb"]
# if setup.attended():
#     SEED = 0
#     torch.manual_seed(SEED)
#     detector = Detector(own, len(scenes.CLASSES)).to(device)
#     count = sum(weights.numel() for weights in detector.parameters())
#     print(f"{count:,} numbers to learn, on {device}; classes: {', '.join(scenes.CLASSES[1:])}")

# %% [markdown]
# ## Train
#
# Here are building sites to learn from, and forty others to measure on. If you measure a detector on the pictures it learnt from, it may simply know them by heart.

# %% tags=["active-ipynb"]
# if setup.attended():
#     PICTURES = 2000
#     examples = training.ready(scenes.Scenes(PICTURES))
#     images, targets = zip(*training.ready(scenes.Scenes(40, seed=1)))
#     before = training.predict(detector, images[:4])
#
#
# def ap50() -> float:
#     """AP50 of the detector on the forty unseen scenes, by your own ruler."""
#     classes = metrics.matched(training.predict(detector, images), targets).values()
#     return float(torch.stack([own.average_precision(*each) for each in classes]).mean())

# %% [markdown]
# One step takes eight pictures and adds up four losses (the RPN's two of lab 3, the head's two of lab 4). The gradient of the sum flows back through all of your functions, and AdamW changes the weights a little. The learning rate rises during the first tenth of the steps and then falls to zero. On two CPU cores this takes about three minutes.
#
# **Before you run this:** below, two curves grow, the loss and AP50. Which of them moves first? While AP50 rises fastest, does the loss fall fastest, too?
#
# Training saves its state in `training.pt` every hundred steps. If you stop it (*Kernel → Interrupt*) or lose the kernel, run the cells again: it continues where it was, and the result is the same. **To start over**, for instance after you have fixed a part, delete that file.

# %% tags=["active-ipynb"]
# if setup.attended():
#     STEPS = 1200
#     curves = draw.LiveCurves(ap50, STEPS)
#     losses = training.train(
#         detector,
#         examples,
#         steps=STEPS,
#         learning_rate=4e-3,
#         seed=SEED,
#         checkpoint="training.pt",
#         every=100,
#         after=curves,
#     )
#     curves(len(losses), losses)  # for a training that had already finished

# %% [markdown]
# Now compare with your guess. In which hundred steps did the loss of *your* training fall most, and in which did AP50 rise most?

# %% tags=["active-ipynb"]
# if setup.attended():
#     total = torch.tensor([sum(step.values()) for step in losses])
#     scores = {0: 0.0, **curves.scores}  # without training nothing is found
#     ends = sorted(scores)
#     for start, end in zip(ends, ends[1:]):
#         at_first, at_last = total[max(start - 20, 0) :][:20].mean(), total[end - 20 : end].mean()  # of 20 steps, as in the picture
#         print(f"steps {start:4} to {end:4}: loss {at_last / at_first - 1:+.0%}, AP50 {scores[end] - scores[start]:+.2f}")

# %% [markdown]
# <details><summary>How to read this</summary>
#
# If the loss fell first, your detector learnt first that most places hold nothing. That is most of what there is to say about a picture, and it earns no AP. If AP50 rose while the loss fell only a little, that little was about the few places with objects, and these are all that AP50 looks at. So
# don't judge a detector by its loss.
# </details>
#
# Four pictures: the truth, what the detector found before training, and what it finds now:

# %% tags=["active-ipynb"]
# if setup.attended():
#     after = training.predict(detector, images)
#     draw.before_and_after(images[:4], before, after[:4], targets[:4], scenes.CLASSES)

# %% [markdown]
# Which mistakes are left? Which kind is the most common, and which part is in charge of it?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.errors_by_kind(images, after, targets, scenes.CLASSES)

# %% [markdown]
# Here is a picture larger than any it has learnt from. Move the slider: how sure must your detector be? Low, and it sees things; high, and it overlooks some. That is the curve of exercise 1, one point at a time. (If sliders don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     large, _ = scenes.scene(34, size=(144, 192))
#     explore.detections(large, lambda pictures: training.predict(detector, pictures), scenes.CLASSES, 0.5)

# %% [markdown]
# Keep what it has learnt: `save_weights` writes the weights, together with the source code of your parts. So `load_detector` can rebuild the whole detector even without your other notebooks.

# %% tags=["active-ipynb"]
# if setup.attended():
#     path = save_weights(detector, "detector.safetensors")
#     print(f"{path}: {path.stat().st_size:,} bytes")

# %% [markdown]
# ## Exercise 2 · `detect`
#
# *easy to write, once the training went well · 10 minutes · 5 points*
#
# **Idea.** A detector is worth what it finds where it has never been. So most of these points are for the detector in your file, not for the function: hand in `detector.safetensors` **beside this notebook**. The hidden tests show your function building sites that nobody has seen, and measure AP50, as above. The first points come at
# an AP50 of 0.3, the last ones at 0.8.
#
# Open the file with `load_detector`, look at all pictures, return what the detector found: two lines are enough. Mind four things.
#
# - **Evaluation mode, and no gradient.** In training mode a detector gives losses, not boxes. `load_detector` gives it in evaluation mode, and `training.predict` keeps no gradients.
# - **All boxes, doubtful ones too.** Average precision goes from the best to the worst; boxes at the end cost nothing, and may be right.
# - **Your own training.** The grader leaves a file out if its training started from the small weights that come with the course.
# - **The detector's own format.** Pixels, (x1, y1, x2, y2), labels from 1 up (0 is the background), best first.
#
# **Sources.** Paper: Fast R-CNN, section 3. torchvision: [`GeneralizedRCNN`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/generalized_rcnn.py#L15), which calls backbone, RPN and heads in turn, like the course's `Detector`.

# %% nbgrader={"grade": false, "grade_id": "detect", "locked": false, "schema_version": 3, "solution": true, "task": false}
def detect(images: list[Tensor]) -> list[dict[str, Tensor]]:
    """Find people, helmets, cones and balls, with the detector in ``detector.safetensors``.

    Args:
        images (list[Tensor[3, H, W]]): float32, from 0 to 1, on the CPU; of any size, each of
            its own. The list may be empty.

    Returns:
        list[dict]: for each image ``boxes`` (Tensor[D, 4], float32, (x1, y1, x2, y2) in pixels,
        inside the image), ``labels`` (Tensor[D], int64, from 1 up, as in ``scenes.CLASSES``)
        and ``scores`` (Tensor[D], float32, from 0 to 1, best first). D may be 0.
    """
    ### BEGIN SOLUTION
    trained = load_detector("detector.safetensors")
    return training.predict(trained, images)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: two lines</summary>
#
# `load_detector` takes the file's name and gives a detector. `training.predict` takes a detector and a list of images, and gives the list that you want.
# </details>
#
# <details><summary>Hint 2: the points don't come</summary>
#
# Measure what you hand in with the cell below the check. Is AP50 as high as your curve was at its end? Then train longer, with more pictures (`STEPS`, `PICTURES`; delete `training.pt`), and save again. Is it lower? Then the file is not from this training: run the cell that saves once more.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_detect", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.detect(detect)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("detect", detect)
# ### END HIDDEN TESTS

# %% [markdown]
# What you hand in, measured on the forty building sites. The hidden tests use others: expect a few hundredths more or less.

# %% tags=["active-ipynb"]
# if setup.attended():
#     handed_in = metrics.coco_ap(detect(list(images)), targets)["boxes"]["AP50"]
#     print(f"AP50 of the detector in detector.safetensors: {handed_in:.2f}")

# %% [markdown]
# Here are three things to try. Each takes a change of one line and a new training (delete `training.pt` first):
#
# - **Twice the steps, twice the pictures.** Which helps more? With few pictures and many steps, compare AP50 on `examples` with that on unseen scenes.
# - **Another seed.** By how much does AP50 differ? A change that helps by less than that has shown nothing.
# - **A bug that no loss shows?** Swap x and y in the targets of the RPN: `wrong = {**own, "encode_boxes": lambda boxes, anchors: own.encode_boxes(boxes[:, [1, 0, 3, 2]], anchors)}`, and then `Detector(wrong, len(scenes.CLASSES))`. Compare both curves, and the mistakes by kind.

# %% [markdown]
# ## Exercise 3 · `culprit`: the bug lab
#
# *tricky · 20 minutes · 6 points*
#
# **Idea.** Three detectors learnt from the same pictures with the same seed. In each of them, a trap from the lecture silently replaced one function, and in each **the loss looks better** for it. Which function is it? Below is the log of each training, beside the same training with correct parts (200 steps; the losses
# are means of 25 steps).

# %% tags=["active-ipynb"]
# if setup.attended():
#     for case in buglab.CASES:
#         print(buglab.report(case), end="\n\n\n")

# %% [markdown]
# **How to look.**
#
# 1. *The total says nothing. Which of the four losses is out of line?* It belongs to a stage: `objectness` and `rpn_box_reg` to the RPN, `classifier` and `box_reg` to the head. A loss may also be small because there is nothing left to get wrong.
# 2. *Which functions are at work before it?* `course/detector/model.py` names them, stage by stage.
# 3. *Compare the answer of each one with your own.* `buglab.suspects(case)` has all parts of a case by name. The labs' checks find nothing: they are small enough to follow on paper, and these bugs show only with 65 or more boxes (anchors, labels). So take a few hundred. Here is how, for a function that is innocent:

# %% tags=["active-ipynb"]
# if setup.attended():
#     suspects = buglab.suspects(1)
#     luck = torch.Generator().manual_seed(0)
#     corners = 100 * torch.rand(300, 2, generator=luck)
#     boxes = torch.cat((corners, corners + 30), dim=1)
#     print("box_iou as yours:", torch.allclose(suspects["box_iou"](boxes, boxes), own["box_iou"](boxes, boxes)))

# %% [markdown]
# A wrong name costs only its own case.

# %% nbgrader={"grade": false, "grade_id": "culprit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def culprit(case: int) -> str:
    """Name the part with the bug.

    Args:
        case (int): 1, 2 or 3, as in ``buglab.CASES``.

    Returns:
        str: the part's name, a key of ``buglab.suspects(case)``, for instance ``"box_iou"``.

    Source: the traps of the lecture's printed code, labs 2 to 4.
    """
    ### BEGIN SOLUTION
    return {1: "make_proposals", 2: "grid_anchors", 3: "sample_labels"}[case]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: case 1</summary>
#
# The head's losses go to zero: it gets hardly any ROI with an object on it. Which function hands it the ROIs? Look at the boxes that come out, the best one first.
# </details>
#
# <details><summary>Hint 2: case 2</summary>
#
# The RPN finds it hard to say where objects are, and never learns it well. Try a picture that is not square, or look at the first and the last few boxes.
# </details>
#
# <details><summary>Hint 3: case 3</summary>
#
# Objectness is a quarter of what it should be. It is a mean: over how many anchors, and of which kind?
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_culprit", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.culprit(culprit)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("culprit", culprit)
# ### END HIDDEN TESTS

# %% [markdown]
# ### A museum of real bugs
#
# *for the fun of it · no points*
#
# You are in good company. Here are two more detectors, each with a bug modelled on one that a real project published. They belong to no exercise: `culprit` is asked for cases 1 to 3 only. These bugs were not chosen for a loss that looks better, so read all columns.

# %% tags=["active-ipynb"]
# if setup.attended():
#     for case in buglab.MUSEUM:
#         print(buglab.report(case), end="\n\n\n")

# %% [markdown]
# Look as before: take `buglab.suspects(4)` and `buglab.suspects(5)`, and compare. One thing is new. In case 4 the number of boxes does not matter; ask each part for what the detector asks it (`course/detector/model.py`). When you have a name, open the label below it.
#
# <details><summary>Case 4, hint 1: a nudge</summary>
#
# No number is missing and no order is wrong. Draw the anchors of one point. What do they all have in common?
# </details>
#
# <details><summary>Case 4, hint 2: one line</summary>
#
# `buglab.suspects(4)["anchor_shapes"](16, (2.0,), (0.5, 1.0, 2.0))`: compare the two columns.
# </details>
#
# <details><summary>Case 4, the museum's label</summary>
#
# **The square anchors** · YOLACT, 2019
#
# *The bug.* `anchor_shapes`: width and height came from the same formula. It multiplied by the root of the ratio in both, and one of them needed a division. So every anchor was a square, and three ratios gave three sizes.
#
# *The symptom.* Hardly any. In the table above, AP50 ends within a hundredth of the right one, and the total is even lower: the box deltas learn to stretch a square.
#
# *The cure.* One `/` for one `*`. The author found it himself in April 2019, wrote "AHHHH all our anchors where squares this whole time", measured the damage five days later, and found the mended version "only .2 mAP better". The weights of version 1.0 had learnt with squares, so the old behaviour stayed as a setting: `use_square_anchors`.
#
# *To take home.* A network can learn its way around a bug, and then no metric shows it. A picture of the anchors does.
#
# [github.com/dbolya/yolact/issues/19](https://github.com/dbolya/yolact/issues/19)
# </details>
#
# <details><summary>Case 5, hint 1: a nudge</summary>
#
# The two losses of the RPN are as they should be. The head's are not, and it finds hardly anything. What is the head told about each ROI?
# </details>
#
# <details><summary>Case 5, hint 2: three answers of one function</summary>
#
# `sample_rois` gives ROIs, labels and targets, row by row. Yours may draw others than the library's, so do not compare; look inside. Take 300 proposals, some of them close to a true box. Does each ROI labelled 1 or more overlap a true box by at least 0.5?
# </details>
#
# <details><summary>Case 5, the museum's label</summary>
#
# **The ROIs that changed places** · FastMaskRCNN, 2017
#
# *The bug.* `sample_rois`: the ROIs come out level by level, small ones first. Their labels and targets stay in the old order. In the original, the pyramid's network collected the crops level by level, and the targets kept the order of the ROIs.
#
# *The symptom.* All shapes fit, and nothing raises an error. A reader of the code noticed in June 2017 that boxes and targets no longer belong together. Somebody else mended the order, and the network still predicted only classes 0 and 1 of 81: there was a second bug.
#
# *The cure.* One order for ROIs and targets. It came with two other changes at the end of that month; "seem to be critical", its author wrote of this one and of another.
#
# *To take home.* Rows that belong together travel together: index all of them with the same order. Your detector does so in `pooled`, where `index_copy` puts each level's features back in their old places.
#
# [github.com/CharlesShang/FastMaskRCNN/issues/68](https://github.com/CharlesShang/FastMaskRCNN/issues/68), [pull/96](https://github.com/CharlesShang/FastMaskRCNN/pull/96)
# </details>

# %% [markdown]
# ## Your own photo
#
# The lecture's last practice: *prepare an image with at least two classes, mark the boxes, compute the training loss*. That is all that a detector is ever told about the world: pictures, and a file that says what is where.
#
# Choose a photo with people and helmets in it (a hat will do), or any photo you like; then run the cell below it. In Colab a dialog waits, and *Cancel* continues without a photo. Or name a file that you already have: `uploads.ask("photo", "holiday.jpg")`. Without a photo you get the portrait of Grace Hopper that comes with matplotlib.

# %%
import json

from course import annotate, uploads, video
from course.library import box_iou, detection_loss, encode_boxes, inside_image, label_anchors, rpn_loss

# %% tags=["active-ipynb"]
# if setup.attended():
#     mine = uploads.ask("photo")

# %% [markdown]
# **Mark at least two classes.** Drag the mouse over an object to draw a box. The keyboard works as well (open *Mouse and keys* below the photo). How tight? Put each side where the object ends, as a caliper would measure; hidden parts do not count.
#
# If the photo does not appear (on GitHub, on paper), type the boxes: `boxes=[[x1, y1, x2, y2], …]` in pixels and `labels=["person", …]`.

# %% tags=["active-ipynb"]
# if setup.attended():
#     photo_path = mine.path
#     photo = uploads.photo(photo_path) if photo_path else uploads.sample_photo()
#     name = photo_path.name if photo_path else "hopper.jpg"
#     FILE = Path(name).with_suffix(".json")
#     if FILE.exists():  # you have been here before
#         marking = annotate.go_on(photo, FILE)
#     elif photo_path:
#         marking = annotate.mark(photo, scenes.CLASSES[1:], file_name=name)
#     else:
#         typed = {"boxes": [[20, 12, 273, 320], [84, 13, 200, 91]], "labels": ["person", "helmet"]}
#         marking = annotate.mark(photo, scenes.CLASSES[1:], **typed, file_name=name)

# %% [markdown]
# Save the marks in the format of the large datasets: COCO's JSON. Look at what is in it.

# %% tags=["active-ipynb"]
# if setup.attended():
#     marking.save(FILE)
#     print(FILE.read_text(encoding="utf-8"))

# %% [markdown]
# ## Exercise 4 · `photo_losses`
#
# *medium · 25 minutes · 6 points*
#
# **Idea.** Go from the file to the four losses. You have built everything in between. Here it comes together, once, by hand, for one photo.
#
# 1. **The file becomes a target.** COCO's boxes are $(x, y, w, h)$: corner and *size*. And `category_id` works like a house number: real COCO has 80 classes numbered up to 90. The class is the *place* in the list of categories, counted from 1, since 0 is background.
# 2. **Anchors become answers** (lab 2). Of the anchors that lie inside the photo: which is an object, which is background, which is neither? And from each object's anchor, which way leads to its box?
# 3. **The RPN's two losses** (lab 3): how wrong was it about objects, how wrong about the ways?
# 4. **ROIs become answers** (lab 4). An ROI whose best IoU is at least 0.5 gets the class of that box and a way to it, with the weights (10, 10, 5, 5). All others are background, 0.
# 5. **The head's two losses** (lab 4).
#
# Training judges a random sample of 256 anchors and 48 ROIs, so that background does not drown out the rest. Here you judge *all* of them, so the same photo always has the same losses. The detector's answers for the photo are given. Mind a photo with no marks: everything is background, and nothing raises an error.
#
# The parts come from the course's library, so a mistake in an earlier lab does not follow you here. `own.box_iou` and so on would work as well.
#
# **Sources.** Lecture: the last "Class practice" of *FasterRCNN(2)*. Papers: Faster R-CNN, section 3.1.2 (numbers of arXiv v3, 2016), for the RPN; Fast R-CNN, section 2.3, for the head. torchvision: [`compute_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L299) and [`fastrcnn_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L12).

# %% nbgrader={"grade": false, "grade_id": "photo_losses", "locked": false, "schema_version": 3, "solution": true, "task": false}
def photo_losses(
    coco: dict, anchors: Tensor, objectness: Tensor, deltas: Tensor, rois: Tensor, logits: Tensor, roi_deltas: Tensor
) -> tuple[Tensor, ...]:
    """Compute the four training losses of Faster R-CNN on one marked photo, judging every anchor and every ROI.

    Args:
        coco (dict): the content of a COCO file: ``images``, one, with ``height`` and ``width`` in pixels;
            ``annotations`` with ``bbox`` (x, y, width, height) in pixels and ``category_id``; ``categories``, a list
            with an ``id`` each. Class k is the k-th category of the list, from 1. There may be no annotation.
        anchors (Tensor[N, 4]): float, (x1, y1, x2, y2) in pixels; some may leave the photo. At least one is inside.
        objectness (Tensor[N, 2]): what the RPN says of each: logits of background and object.
        deltas (Tensor[N, 4]): and where it would move them, as ``encode_boxes`` does.
        rois (Tensor[R, 4]): float, (x1, y1, x2, y2) in pixels.
        logits (Tensor[R, K]): what the head says of each: K classes, background is 0.
        roi_deltas (Tensor[R, 4 * K]): and where it would move them, for each class, with the weights (10, 10, 5, 5).

    Returns:
        four Tensor[], in the dtype and on the device of the predictions, through which gradients flow, also where
        nothing is marked: the RPN's loss of objectness and its loss of boxes, without a factor between them; the
        head's loss of classes and its loss of boxes.

    Source: Ren et al., Faster R-CNN (2016), 3.1.2; Fast R-CNN, 2.3; the lecture's last practice.
    """
    ### BEGIN SOLUTION
    photo = coco["images"][0]
    numbers = [category["id"] for category in coco["categories"]]
    marks = [mark["bbox"] for mark in coco["annotations"]]
    corner, sides = torch.tensor(marks, dtype=anchors.dtype, device=anchors.device).reshape(-1, 4).split(2, dim=1)
    boxes = torch.cat((corner, corner + sides), dim=1)  # [M, 4]
    places = [numbers.index(mark["category_id"]) + 1 for mark in coco["annotations"]]
    classes = torch.tensor(places, dtype=torch.int64, device=anchors.device)  # [M]

    inside = inside_image(anchors, (photo["height"], photo["width"]))
    label, matched = label_anchors(box_iou(anchors[inside], boxes))
    target = torch.zeros_like(anchors[inside])
    object_ = label == 1
    target[object_] = encode_boxes(boxes[matched[object_]], anchors[inside][object_])
    _, rpn_classes, rpn_boxes = rpn_loss(objectness[inside], deltas[inside], label, target)

    label = torch.zeros(len(rois), dtype=torch.int64, device=rois.device)  # background
    target = torch.zeros_like(rois)
    if len(boxes):
        best, matched = box_iou(rois, boxes).max(dim=1)
        object_ = best >= 0.5
        label[object_] = classes[matched[object_]]
        target[object_] = encode_boxes(boxes[matched[object_]], rois[object_], (10, 10, 5, 5))
    head_classes, head_boxes = detection_loss(logits, roi_deltas, label, target)
    return rpn_classes, rpn_boxes, head_classes, head_boxes
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: boxes and classes</summary>
#
# `torch.tensor([mark["bbox"] for mark in coco["annotations"]], …).reshape(-1, 4)` has four columns even without marks. The first two are a corner, the last two must be added to it. For the classes: `[category["id"] for category in coco["categories"]].index(…) + 1`.
# </details>
#
# <details><summary>Hint 2: the RPN</summary>
#
# Take the anchors inside (`anchors[inside]`), and the same rows of `objectness` and `deltas`. `label_anchors(box_iou(…))` gives labels and the matched box of each. `rpn_loss` wants a target for every row, but looks only at those of label 1: zeros for the others will do. It returns three numbers. Ignore the first: it is the sum of the other two, with a factor.
# </details>
#
# <details><summary>Hint 3: the head</summary>
#
# `.max(dim=1)` of the IoU table gives for each ROI the best IoU and the box it belongs to. From 0.5 up, the ROI gets that box's class, otherwise 0. Without a single box there is no maximum: then all ROIs are background.
# </details>
#
# <details><summary>Hint 4: on a GPU, in float64</summary>
#
# Tensors that you make from the file's numbers need the device and the dtype of the anchors: `torch.tensor(…, dtype=anchors.dtype, device=anchors.device)`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_photo_losses", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.photo_losses(photo_losses)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("photo_losses", photo_losses)
# ### END HIDDEN TESTS

# %% [markdown]
# Now your detector looks at your photo, stage by stage, as far as the losses need it. The true boxes join the proposals, as in training. Beside it stand the mean losses of ten scenes.
#
# **Before you run this:** your detector has seen nothing but drawn building sites. Which of the four losses will be higher on the photo? Can one be *lower*?

# %% tags=["active-ipynb"]
# if setup.attended():
#
#     @torch.no_grad()
#     def seen(picture, boxes):
#         """What the detector says of a picture: anchors, objectness, deltas; ROIs, logits, deltas."""
#         pyramid = detector.pyramid([picture])
#         anchors = detector.anchors(pyramid)
#         objectness, deltas = detector.rpn(pyramid)
#         (proposals,) = detector.proposals(objectness, deltas, anchors, [picture.shape[1:]])
#         rois = torch.cat((proposals, boxes.to(proposals)))
#         return anchors, objectness[0], deltas[0], rois, *detector.box_head(detector.pooled(pyramid, [rois], 7))
#
#
#     detector.eval()  # or batch normalisation would learn from this one photo
#     mine_is = photo_losses(json.loads(FILE.read_text()), *seen(photo.to(device), marking.target()["boxes"]))
#
#     on_scenes = []  # the same for scenes that it has not seen either
#     for image, target in zip(images[:10], targets[:10]):
#         marks = annotate.marks_of("scene", image.shape[1:], scenes.CLASSES[1:], target["boxes"], target["labels"])
#         on_scenes.append(torch.stack(photo_losses(annotate.as_coco(marks), *seen(image.to(device), target["boxes"]))))
#     draw.losses_on_photo(photo, marking.target(), scenes.CLASSES[1:], mine_is, torch.stack(on_scenes).mean(0))

# %% [markdown]
# Compare pair by pair, then open this:
#
# <details><summary>How to read the picture</summary>
#
# If the RPN's losses are higher on the photo: none of the detector's anchors is as large as a person who fills the picture, and a photo looks unlike a drawing. If the head's losses are *lower*, is the head better there? Look at how many ROIs come near what you have marked. If hardly any does, nearly all ROIs are background, and background is easy to get right.
# </details>
#
# A loss says how well what was asked was answered, not how well the picture is understood.
#
# And what does your detector find in the photo? It has learnt from drawings alone, so guess first: will it see what you have marked? Then move the slider to the left: what does it take for a ball?

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.detections(photo, lambda pictures: training.predict(detector, pictures), scenes.CLASSES, 0.5)

# %% [markdown]
# A detector finds what it was trained on, in pictures that look like those it was trained on. A training step on this loss would help a little, with this one photo. If you want a detector that finds *your* things, mark a few hundred photos and start from weights that have seen many others: look up *fine-tuning*.
#
# Try it: make a box too large, or give the person the class *ball*, run the cells again, and see which of the four losses notices. A detector learns a wrong mark as readily as a right one.

# %% [markdown]
# ## On a video
#
# Here is the reward. Use your own film if you have one (ten seconds are 300 frames, so begin with a short one). Otherwise the cell makes a film of a building site for you.

# %% tags=["active-ipynb"]
# if setup.attended():
#     film = uploads.ask("video")

# %% tags=["active-ipynb"]
# if setup.attended():
#     film_path = film.path
#     clip = video.read(film_path, longest=320) if film_path else video.read(video.scene_video("scenes.webm"))
#
#     def find(frame):
#         """The frame with everything that your detector found in it."""
#         return video.marked(frame, training.predict(detector, [frame])[0], scenes.CLASSES, threshold=0.5)
#
#
#     video.apply(find, clip, "found.webm")
#     video.show("found.webm", alt="A film with boxes and names by your own detector.")

# %% [markdown]
# ## Checkpoint
#
# When every check passes, you have
#
# - COCO's ruler, built by hand, and a sense of what it does not see: the threshold that a user will choose, and the kinds of mistakes;
# - a detector made of your own parts, trained from scratch, that finds people, helmets, cones and balls where it has never been;
# - an eye for bugs that no loss shows;
# - a photo marked by hand, in the format of the large datasets, and the four losses on it.
#
# From the slide "Faster R-CNN" to a film with boxes in it, no black box is left for you.
#
# Before you hand in: in JupyterLab *Kernel → Restart Kernel and Run All Cells…*, then the *Validate* button of the toolbar
# (in a narrow window it hides behind the three dots); in Colab *Runtime → Restart session and run all*.

# %% [markdown]
# ## Hand in
#
# Put your student ID between the quotes, save, and run the cell. It checks every exercise once more, says which are done, wrong or not begun, and
# makes a zip for you to upload, with `detector.safetensors` in it. You can do this as often as you like. (If your course uses Jupyter's *Assignments* tab, submit there instead.)
#
# To see how far you are in all labs and what comes next, run `course.progress()` in a cell of your own.

# %% tags=["active-ipynb"]
# import course
#
# course.submit("")
