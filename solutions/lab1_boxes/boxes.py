# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 1 · Boxes and IoU
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab1_boxes/boxes.ipynb)
#
# **20 points · about 75 minutes · five functions, most of them two or three lines long**
#
# A detector answers with boxes, learns from boxes and is judged by boxes. Before there is any network, we need five
# tools that handle them. All later labs stand on these five.
#
# | | where this comes from |
# |---|---|
# | lecture | second practice, *FasterRCNN(2) Step_by_step*: "Input image and ground truth boxes", "Calculate IOU", "Remove ROIs with h, w < 16", "Non-maximum Suppression (NMS)"; video: [How Faster RCNN works](https://youtu.be/4yOcsWg-7g8) |
# | paper | Ren et al., [*Faster R-CNN*](https://arxiv.org/abs/1506.01497v3): IoU decides which anchors count as objects (3.1.2 Loss Function), proposals are clipped to the image (3.3 Implementation Details). (Numbers are those of the longer version, arXiv v3 of 2016. The NIPS 2015 version, which the lecture names, doesn't number the parts of its section 3.) |
# | also | Girshick, [*Fast R-CNN*](https://arxiv.org/abs/1504.08083) (2015), section 2.3: IoU ≥ 0.5 makes a region positive · Everingham et al., [*The PASCAL VOC Challenge*](https://doi.org/10.1007/s11263-009-0275-4) (2010): IoU as the measure of a detection |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first. Offline you have the same lines: `import torchvision` and below it `torchvision.ops.box_iou??`, in a cell of your own |
#
# Work from top to bottom. Under each function there is a check. It tells you in one line that all is well, or it shows what it expected
# and what your function gave. *Run All* stops at the first check that fails: scroll up to the first red box, which tells you what to do next.

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
# ## Where we are
#
# The lectures show this map on every slide, and so do we. The yellow station is today's topic. Later
# labs reuse it: those are the dashed boxes.

# %% tags=["active-ipynb"]
# pipeline.show("boxes")

# %% [markdown]
# ## The slides' names and ours
#
# Same things, different names. Come back to this table whenever you look at the slides' code.
#
# | slides | here | what it is |
# |---|---|---|
# | `[ymin, xmin, ymax, xmax]` | `(x1, y1, x2, y2)` | one box; we put x first, as torchvision does |
# | `bbox0` | `helmets` | the two true boxes, one for each safety helmet |
# | `valid_anchor_boxes` | `boxes1` | the 8,940 anchors that lie inside the image (lab 2) |
# | `ious` | `box_iou` | every anchor against every helmet, shape (8940, 2) |
# | `gt_max_iou`, `gt_argmax_iou` | `iou.max(dim=0)` | for each helmet the best anchor |
# | `max_iou`, `argmax_iou` | `iou.max(dim=1)` | for each anchor the best helmet |
# | `xx1, yy1, xx2, yy2` | – | corners of an intersection |
# | `w`, `h`, `inter` | – | width, height and area of an intersection (the slide adds 1 to `w` and `h`; we don't, see Traps) |
# | `areas` | `box_area` | one area for each box |
# | `ovr` | one row of `box_iou` | IoU of the best box with all the others, in NMS (lab 3) |
# | `hs`, `ws`, `keep` | `remove_small_boxes` | which boxes are large enough |
#
# **What holds in every lab.** Boxes are float tensors of shape `(N, 4)`, in pixels. Sizes are `(height, width)`. A function keeps
# dtype and device, leaves its input unchanged, and answers empty input with empty output. `N` may be 0: an image without
# objects is a normal image.

# %% [markdown]
# ## Exercise 1 · `yxyx_to_xyxy`
#
# *very easy · 5 minutes · 2 points*
#
# **Idea.** A box is two corners. The slides write each corner as (y, x), because arrays are indexed row first. torchvision, COCO and
# we write (x, y). Mixing the two is the most common mistake of all, so we translate once, here, and never again.
#
# $$[\,y_1,\; x_1,\; y_2,\; x_2\,] \;\longrightarrow\; (x_1,\; y_1,\; x_2,\; y_2)$$
#
# Both corners stay where they are; only the order within each corner changes.
#
# **Sources.** Lecture: "Input image and ground truth boxes". torchvision: [`box_convert`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L191) translates between other orders; it does not know the slides'.

# %% tags=["active-ipynb"]
# draw.box_anatomy()

# %% nbgrader={"grade": false, "grade_id": "yxyx_to_xyxy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def yxyx_to_xyxy(boxes: Tensor) -> Tensor:
    """Reorder boxes from the slides' convention to ours.

    Args:
        boxes (Tensor[N, 4]): float boxes ``[ymin, xmin, ymax, xmax]``, in pixels; N may be 0.

    Returns:
        Tensor[N, 4]: a new tensor of the same boxes as ``(x1, y1, x2, y2)``; same dtype
        and device. Empty (0, 4) gives empty (0, 4).

    Source: lecture, "Input image and ground truth boxes".
    """
    ### BEGIN SOLUTION
    y1, x1, y2, x2 = boxes.unbind(dim=1)  # four columns, each [N]
    return torch.stack((x1, y1, x2, y2), dim=1)  # [N, 4]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# You need the same four columns in another order. No arithmetic is involved.
# </details>
#
# <details><summary>Hint 2: how</summary>
#
# Either take the four columns apart (`Tensor.unbind`) and put them together again (`torch.stack`), or index the columns with
# a list that gives the new order: column 1 comes first, then …
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_yxyx_to_xyxy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.yxyx_to_xyxy(yxyx_to_xyxy)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("yxyx_to_xyxy", yxyx_to_xyxy)
# ### END HIDDEN TESTS

# %% [markdown]
# These are the lecture's own two boxes, converted by your function. (The workers are a sketch in place of the lecture's photo.)

# %% tags=["active-ipynb"]
# bbox0 = torch.tensor([[160.0, 147.0, 260.0, 234.0], [139.0, 312.0, 200.0, 348.0]], device=device)
# draw.converted(bbox0, yxyx_to_xyxy)

# %% [markdown]
# ## Exercise 2 · `box_area`
#
# *very easy · 5 minutes · 2 points*
#
# **Idea.** Area is width times height. The only question is what the width of a box is. Our coordinates are continuous: they
# name the **lines** of the pixel grid, not the pixels. Between line 2 and line 6 there are four pixels.
#
# $$\text{area} = (x_2 - x_1)\,(y_2 - y_1)$$
#
# **Sources.** Lecture: `areas`, under "Non-maximum Suppression (NMS)". torchvision: [`box_area`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L279).

# %% tags=["active-ipynb"]
# draw.grid_lines()

# %% nbgrader={"grade": false, "grade_id": "box_area", "locked": false, "schema_version": 3, "solution": true, "task": false}
def box_area(boxes: Tensor) -> Tensor:
    """Compute the area of each box.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with
            ``x1 <= x2`` and ``y1 <= y2``; N may be 0.

    Returns:
        Tensor[N]: areas in square pixels, same dtype and device; a box without width or
        height has area 0. Empty (0, 4) gives empty (0,).

    Source: lecture, "Non-maximum Suppression (NMS)": ``areas``; torchvision.ops.box_area.
    """
    ### BEGIN SOLUTION
    width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(dim=1)  # corner minus corner, each [N]
    return width * height  # [N]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `boxes[:, 0]` is the column of all the x1. Four such columns and three arithmetic operations are enough.
# </details>
#
# <details><summary>Hint 2: shapes</summary>
#
# The answer has one number for each box, so its shape is `(N,)`. If yours is `(N, 1)`, you sliced a column with `0:1`
# instead of `0`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_box_area", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.box_area(box_area)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("box_area", box_area)
# ### END HIDDEN TESTS

# %% [markdown]
# The two helmets again, now as `(x1, y1, x2, y2)`, with the areas that your function finds. The nearer helmet is not even
# two and a half times as wide as the other, yet it covers four times as many pixels.

# %% tags=["active-ipynb"]
# helmets = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]], device=device)
# draw.areas(helmets, box_area)

# %% [markdown]
# ## Exercise 3 · `box_iou`
#
# *medium · 35 minutes · 10 points · the heart of this lab*
#
# **Idea.** How well do two boxes agree? Take the area they share and divide it by the area they cover together. Equal
# boxes get 1, boxes that don't overlap get 0, and neither the size nor the position of the pair matters.
#
# $$\text{IoU}(a, b) = \frac{\text{intersection}}{\text{union}} = \frac{|a \cap b|}{|a| + |b| - |a \cap b|}$$

# %% tags=["active-ipynb"]
# draw.overlap((72, 104, 200, 232), (147, 160, 234, 260))

# %% [markdown]
# Box 1 is one of the lecture's anchors, box 2 the nearer helmet. Look at the corners of the green rectangle: each of its
# edges is an edge of one of the boxes. Which one? That is all there is to find out:
#
# $$
# \begin{aligned}
# \text{width} &= \max\bigl(0,\; \min(x_2^a, x_2^b) - \max(x_1^a, x_1^b)\bigr) \\
# \text{height} &= \max\bigl(0,\; \min(y_2^a, y_2^b) - \max(y_1^a, y_1^b)\bigr)
# \end{aligned}
# $$
#
# The outer max(0, …) is for boxes that don't overlap. Four cases to keep in mind:

# %% tags=["active-ipynb"]
# draw.overlap_cases()

# %% [markdown]
# **All pairs at once.** We have N anchors and M true boxes and want a matrix: row i, column j holds the IoU of anchor i with true
# box j. In the lecture N = 8,940 and M = 2. Two Python loops would be far too slow; *broadcasting* does it in one go: a column of
# shape `(N, 1)` combined with a row of shape `(M,)` gives `(N, M)`.
#
# **Boxes without area.** Such a box overlaps nothing: its IoU is 0, even with itself. Watch out for 0 / 0: a single NaN in this matrix
# would later spoil a whole training run.
#
# **When the check fails,** its message shows what your function printed. In a cell of your own,
# `checks.box_iou(box_iou, trace=True)` also shows your function's variables on the example that fails: names, shapes, numbers.
#
# **Sources.** Lecture: "Calculate IOU". Paper: the PASCAL VOC Challenge, where IoU is called area of overlap; Faster R-CNN, section 3.1.2. torchvision: [`box_iou`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L350), [`_box_inter_union`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L314).

# %% nbgrader={"grade": false, "grade_id": "box_iou", "locked": false, "schema_version": 3, "solution": true, "task": false}
def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Compute the IoU (intersection over union) of every pair of a box1 and a box2.

    Args:
        boxes1 (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with
            ``x1 <= x2`` and ``y1 <= y2``; N may be 0.
        boxes2 (Tensor[M, 4]): as ``boxes1``, same dtype and device; M may be 0.

    Returns:
        Tensor[N, M]: IoU between 0 and 1, same dtype and device. Boxes that only touch get 0;
        a box of zero area gets 0 with every box, also with itself, never NaN. No boxes on
        one side give an empty (0, M) or (N, 0).

    Source: lecture, "Calculate IOU"; torchvision.ops.box_iou (which gives NaN for 0 / 0).
    """
    ### BEGIN SOLUTION
    # A column of boxes1 is [N, 1], a column of boxes2 is [M]: together they broadcast to
    # [N, M]. Working on one coordinate at a time keeps each intermediate a plain [N, M]
    # matrix, which is faster than [N, M, 2] corners.
    left1, top1, right1, bottom1 = boxes1[:, :, None].unbind(dim=1)  # each [N, 1]
    left2, top2, right2, bottom2 = boxes2.unbind(dim=1)  # each [M]

    shared_width = (torch.minimum(right1, right2) - torch.maximum(left1, left2)).clamp(min=0)  # [N, M]
    shared_height = (torch.minimum(bottom1, bottom2) - torch.maximum(top1, top2)).clamp(min=0)  # [N, M]
    intersection = shared_width * shared_height

    union = box_area(boxes1)[:, None] + box_area(boxes2) - intersection  # [N, M]
    return intersection / union.masked_fill(union == 0, 1)  # 0 / 1 where both have no area
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Solve it for two single boxes with pen and paper first. The shared rectangle begins where the *later* of the two boxes begins
# and ends where the *earlier* of them ends, once along x and once along y.
# </details>
#
# <details><summary>Hint 2: which operations</summary>
#
# `torch.maximum` for where it begins, `torch.minimum` for where it ends. The end minus the beginning is the width; if that is negative,
# the boxes don't overlap, and `clamp` makes it 0. Do this **before** you multiply: two negative numbers make a positive area.
# </details>
#
# <details><summary>Hint 3: all pairs</summary>
#
# `a[:, None]` turns a tensor of shape `(N,)` into one of shape `(N, 1)`. Try `torch.maximum(a[:, None], b)` with
# `a = torch.tensor([1, 5])` and `b = torch.tensor([0, 2, 9])` in a cell of your own, and look at the shape.
# </details>
#
# <details><summary>Hint 4: the union and 0 / 0</summary>
#
# You have `box_area` already: add the areas, once as a column and once as a row, and subtract the intersection. The union is 0 only when
# both boxes have no area. Then the intersection is 0 too, so you may divide by any other number there, 1 for instance: see `Tensor.masked_fill` or
# `torch.where`.
# </details>
#
# <details><summary>Hint 5: nearly the answer</summary>
#
# In words, line by line, with shapes:
#
# 1. `x_begin`: larger of (x1 of `boxes1`, as a column) and (x1 of `boxes2`) → (N, M)
# 2. `x_end`: smaller of (x2 of `boxes1`, as a column) and (x2 of `boxes2`) → (N, M)
# 3. the same for y
# 4. `inter`: (`x_end` − `x_begin`, at least 0) times (`y_end` − `y_begin`, at least 0) → (N, M)
# 5. `together`: areas of `boxes1` as a column, plus areas of `boxes2`, minus `inter` → (N, M)
# 6. the answer: `inter` divided by `together`, where `together` is 1 wherever it was 0
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_box_iou", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.box_iou(box_iou)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("box_iou", box_iou)
# ### END HIDDEN TESTS

# %% [markdown]
# Four of the lecture's 22,500 anchors against the two helmets. The matrix is the slides' `ious` in miniature.
#
# **Before you run this:** anchor a3 contains the small helmet g1 completely. Is its IoU near 1, near ½, or near 0?

# %% tags=["active-ipynb"]
# anchors = torch.tensor(
#     [
#         [120.0, 152.0, 248.0, 280.0],  # 128 × 128, centred at (184, 216)
#         [138.7, 125.5, 229.3, 306.5],  # the same centre, twice as high as wide
#         [72.0, 104.0, 200.0, 232.0],  # 128 × 128, centred at (136, 168)
#         [264.0, 104.0, 392.0, 232.0],  # 128 × 128, centred at (328, 168)
#     ],
#     device=device,
# )
# draw.iou_heatmap(anchors, helmets, box_iou)

# %% [markdown]
# <details><summary>Answer</summary>
#
# It is 0.134: most of the anchor is something else. In lab 2 this decides whether the network learns the small helmet at all.
# </details>
#
# IoU is also stricter than it looks. Next, a box slides away from its copy. After half a width, half of it is still covered.
#
# **Before you run this:** what is the IoU there?

# %% tags=["active-ipynb"]
# draw.iou_while_sliding((0, 0, 100, 60), box_iou)

# %% [markdown]
# <details><summary>Answer</summary>
#
# One third. The boxes share half a box, and together they cover one and a half: ½ ÷ 1½ = ⅓.
# </details>
#
# **Now you.** Drag a box, or one of its corners. The sliders do the same: drag one, or reach it with the Tab key and use the arrow keys, or
# type over the number beside it. Lay box 2 exactly over box 1, then make it half as wide: the IoU is ½. Make it half as high as well: ¼. Now
# move it around inside box 1: nothing changes.
# (If sliders don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# from course import explore
#
# if setup.attended():
#     explore.iou(box_iou)

# %% [markdown]
# ## Exercise 4 · `clip_boxes_to_image`
#
# *easy · 10 minutes · 3 points*
#
# **Idea.** The network may predict boxes that stick out of the image, where there is nothing to see. So we bring every x back into
# 0 … width and every y into 0 … height.
#
# $$
# \begin{aligned}
# x &\leftarrow \min(\max(x, 0),\, \text{width}) \\
# y &\leftarrow \min(\max(y, 0),\, \text{height})
# \end{aligned}
# $$
#
# Clip a box corner by corner, and a corner coordinate by coordinate.
#
# Mind the order: `size` is `(height, width)`, as in `image.shape[-2:]`, while boxes begin with x. On a square image nobody notices a
# mix-up. The lecture's diagram shows an input 600 high and 901 wide, so we use that.
#
# **Sources.** Lecture: its code doesn't clip (lab 3, trap 2). Paper: section 3.3. torchvision: [`clip_boxes_to_image`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L155).

# %% tags=["active-ipynb"]
# draw.clip_rule()

# %% nbgrader={"grade": false, "grade_id": "clip_boxes_to_image", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Clip boxes so that they lie inside an image.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.
        size (tuple[int, int]): ``(height, width)`` of the image, in pixels.

    Returns:
        Tensor[N, 4]: a new tensor with ``0 <= x <= width`` and ``0 <= y <= height``; same dtype
        and device. A box wholly outside ends up without area on the border. Empty (0, 4)
        gives empty (0, 4).

    Source: Faster R-CNN, "Implementation Details"; torchvision.ops.clip_boxes_to_image.
    """
    ### BEGIN SOLUTION
    height, width = size
    x_inside = boxes[:, 0::2].clamp(min=0, max=width)  # [N, 2]: x1, x2
    y_inside = boxes[:, 1::2].clamp(min=0, max=height)  # [N, 2]: y1, y2
    return torch.stack((x_inside, y_inside), dim=2).flatten(start_dim=1)  # [N, 2, 2] to [N, 4]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `Tensor.clamp` takes a `min` and a `max`. What is the largest x that is allowed, and what is the largest y?
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# `boxes[:, 0] = …` would write into the caller's tensor. Build a new one: clamp the four columns one by one and stack them again, or
# work on a copy.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Unpack `size` into a height and a width first. Columns 0 and 2 get the width as their upper limit, columns 1 and 3 the height; the
# lower limit is 0 for all of them. Stack in the order x1, y1, x2, y2.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_clip_boxes_to_image", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.clip_boxes_to_image(clip_boxes_to_image)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("clip_boxes_to_image", clip_boxes_to_image)
# ### END HIDDEN TESTS

# %% [markdown]
# Four boxes before and after. Box d was completely outside: clipping leaves it on the border with no area. The next exercise removes it.

# %% tags=["active-ipynb"]
# predicted = torch.tensor(
#     [
#         [100.0, 150.0, 300.0, 350.0],
#         [-60.0, -50.0, 140.0, 90.0],
#         [700.0, 380.0, 990.0, 560.0],
#         [940.0, 80.0, 1020.0, 200.0],
#     ],
#     device=device,
# )
# draw.clipping(predicted, (600, 901), clip_boxes_to_image)

# %% [markdown]
# ## Exercise 5 · `remove_small_boxes`
#
# *easy · 10 minutes · 3 points*
#
# **Idea.** One cell of the feature map stands for 16 × 16 pixels of the image. A proposal that is narrower or shorter than that leaves
# the detection network next to nothing to look at. So a box stays only if **both** of its sides are long enough:
#
# $$x_2 - x_1 \ge \text{min\_size} \quad\text{and}\quad y_2 - y_1 \ge \text{min\_size}$$
#
# The function returns **indices**, not boxes: in lab 3 you must filter the scores in the same way, and with indices you simply write
# `boxes[keep]` and `scores[keep]`.
#
# **Sources.** Lecture: "Remove ROIs with h, w < 16". torchvision: [`remove_small_boxes`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L129).

# %% tags=["active-ipynb"]
# draw.size_rule()

# %% nbgrader={"grade": false, "grade_id": "remove_small_boxes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Find the boxes whose width and height are both at least ``min_size``.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.
        min_size (float): smallest side that is kept, in pixels; a side of exactly
            ``min_size`` stays.

    Returns:
        Tensor[K]: int64 indices of the boxes to keep, ascending, on the same device.
        Empty (0, 4) gives empty (0,).

    Source: lecture, "Remove ROIs with h, w < 16"; torchvision.ops.remove_small_boxes.
    """
    ### BEGIN SOLUTION
    sides = boxes[:, 2:] - boxes[:, :2]  # [N, 2]: width, height
    large_enough = (sides >= min_size).all(dim=1)  # [N], bool
    return large_enough.nonzero().squeeze(dim=1)  # [K, 1] to [K]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# First make a tensor with True or False for each box. Then ask where it is True.
# </details>
#
# <details><summary>Hint 2: which operations</summary>
#
# Comparisons of tensors give bool tensors; `&` combines two of them (Python's `and` doesn't). `torch.where(mask)` or `mask.nonzero()`
# turns the result into indices.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `torch.where` with one argument returns a *tuple* with one tensor for each dimension; you want its first element. `nonzero()` returns shape
# `(K, 1)`; you want `(K,)`. And it is ≥, not >: the slide writes `hs >= min_size`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_remove_small_boxes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.remove_small_boxes(remove_small_boxes)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("remove_small_boxes", remove_small_boxes)
# ### END HIDDEN TESTS

# %% [markdown]
# Six boxes, with 16 pixels as the limit.
#
# **Before you run this:** the six boxes are in the cell, as (x1, y1, x2, y2). Which of them stay?

# %% tags=["active-ipynb"]
# candidates = torch.tensor(
#     [
#         [10.0, 10.0, 60.0, 50.0],
#         [80.0, 14.0, 96.0, 30.0],
#         [115.0, 10.0, 127.0, 60.0],
#         [145.0, 20.0, 215.0, 35.0],
#         [235.0, 10.0, 265.0, 26.5],
#         [285.0, 20.0, 285.0, 50.0],
#     ],
#     device=device,
# )
# draw.small_boxes(candidates, 16, remove_small_boxes)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Boxes 0, 1 and 4. Look at 1 and 3: a box of exactly 16 × 16 stays, a long one of 70 × 15 goes, though its area is more than four times as large.
# </details>

# %% [markdown]
# ## Traps
#
# Four mistakes that nearly everybody makes once. None of them raises an error: the program runs, the loss falls, and the detector is
# quietly worse. So look at them here, where you can see them.
#
# ### Trap 1 · y and x mixed up
#
# Here are the slides' numbers, read as if they were `(x1, y1, x2, y2)`. The first box still sits on its helmet more or less, because its x and y
# happen to be similar. Look at the second.

# %% tags=["active-ipynb"]
# draw.axis_order(bbox0, yxyx_to_xyxy)

# %% [markdown]
# ### Trap 2 · the + 1
#
# The slide's NMS computes `w = np.maximum(0.0, xx2 - xx1 + 1)`. That is right when corners are pixel *numbers*, as in PASCAL VOC's evaluation
# code: pixels 1 to 8 are 8 pixels, 8 − 1 + 1. Our coordinates are grid lines, and the slides' own box encoding uses no + 1 either. If you mix
# the two, neighbours that only touch seem to overlap. Small boxes suffer most.

# %% tags=["active-ipynb"]
# def slide_iou(a, b):
#     """The slide's way, for one pair of boxes: every side is one pixel too long."""
#     w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
#     h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
#     inter = w * h
#     areas = [(box[2] - box[0] + 1) * (box[3] - box[1] + 1) for box in (a, b)]
#     return inter / (areas[0] + areas[1] - inter)
#
#
# draw.plus_one((0, 0, 8, 8), (8, 0, 16, 8), slide_iou, box_iou)

# %% [markdown]
# ### Trap 3 · no clamp
#
# Leave out the max(0, …), and boxes that are apart get an "overlap" all the same.
#
# **Before you run this:** the second pair in the cell, two boxes of 100 × 100, is 100 pixels apart along x and along y. What IoU will it get?

# %% tags=["active-ipynb"]
# def unclamped_iou(a, b):
#     """Without the clamp, for one pair of boxes."""
#     inter = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
#     areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
#     return inter / (areas[0] + areas[1] - inter)
#
#
# pairs = [
#     ((147, 160, 234, 260), (312, 139, 348, 200)),  # the two helmets
#     ((100, 100, 200, 200), (300, 300, 400, 400)),
# ]
# draw.missing_clamp(pairs, unclamped_iou, box_iou)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The best possible one, 1. If boxes are apart along one axis, like the helmets, their "overlap" is negative. If they are apart along **both**, minus times
# minus is plus: −100 · −100 is a whole box.
# </details>

# %% [markdown]
# ### Trap 4 · (width, height) instead of (height, width)
#
# PIL's `image.size` is (width, height); `image.shape` of an array begins with the height. Both pictures use your own function; on the left it got
# the size the wrong way round. One box loses most of itself, the other keeps looking at nothing.

# %% tags=["active-ipynb"]
# draw.swapped_size([[520, 100, 860, 300], [60, 500, 300, 700]], (600, 901), clip_boxes_to_image)

# %% [markdown]
# ## Checkpoint
#
# When every check passes, you have
#
# - a translation from the slides' boxes to ours, done once and for all;
# - areas, and the IoU of any number of boxes with any number of others, in one go;
# - boxes that stay inside the image and are worth looking at.
#
# Before you hand in, run everything once more. In JupyterLab choose *Kernel → Restart Kernel and Run All Cells…*, then press *Validate* in the
# toolbar (in a narrow window it hides behind the three dots). In Colab choose *Runtime → Restart session and run all*.
#
# **Next, [lab 2](../lab2_anchors/anchors.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab2_anchors/anchors.ipynb)): 22,500 anchors on one image, and your IoU matrix decides which of them are objects, which are background, and which we leave
# alone. The small helmet will be in trouble there, because of the order of two lines on a slide.

# %% [markdown]
# ## Hand in
#
# Put your student ID between the quotes, save, and run the cell. It checks every exercise once more, says which are done, wrong or not begun, and
# makes a zip for you to upload. You can do this as often as you like. (If your course uses Jupyter's *Assignments* tab, submit there instead.)
#
# To see how far you are in all labs and what comes next, run `course.progress()` in a cell of your own.

# %% tags=["active-ipynb"]
# import course
#
# course.submit("")
