# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 2 · Anchors and training targets
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab2_anchors/anchors.ipynb)
#
# **35 points · about 2 hours · seven functions, most of them three to eight lines long**
#
# The region proposal network (RPN) does not invent boxes. It looks at 22,500 boxes laid out in advance, the *anchors*. For each it
# says: is there an object, and how must the box move to fit it? In this lab you lay out the anchors and write down the right answers. The
# network of lab 3 will learn from them.
#
# | where this comes from | |
# |---|---|
# | lecture | second practice, *FasterRCNN(2) Step_by_step*: "Generate anchors and anchor boxes", "Calculate IOU", "RPN target generation", "Normalized location representation of anchor box"; video: [How Faster RCNN works](https://youtu.be/4yOcsWg-7g8) |
# | paper | Ren et al., [*Faster R-CNN*](https://arxiv.org/abs/1506.01497v3): section 3.1.1 Anchors, 3.1.2 Loss Function, 3.1.3 Training RPNs, 3.3 Implementation Details. (Numbers are those of the longer version, arXiv v3 of 2016. The NIPS 2015 version, which the lecture names, doesn't number the parts of its section 3.) |
# | also | Girshick, [*Fast R-CNN*](https://arxiv.org/abs/1504.08083) (2015), section 2.2: the cut network, 2.3: mini-batch sampling · Girshick et al., [*R-CNN*](https://arxiv.org/abs/1311.2524) (2014), appendix C: bounding-box regression |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first. Offline you have the same lines: `import torchvision` and below it `torchvision.models.detection._utils.Matcher??`, in a cell of your own |
#
# Work from top to bottom. Under each function there is a check. It tells you in one line that all is well, or it shows what it expected
# and what your function gave. *Run All* stops at the first check that fails: work on that one next.

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
# We need one function from lab 1. It comes ready-made, so it does not matter here how yours turned out.

# %%
import math
from collections.abc import Sequence

from course import explore
from course.library import box_iou

# %% [markdown]
# ## Where we are
#
# The yellow stations are what you build today: the anchors, and their labels.

# %% tags=["active-ipynb"]
# pipeline.show("anchors")

# %% [markdown]
# ## The slides' names and ours
#
# | slides | here | what it is |
# |---|---|---|
# | `ratios`, `anchor_scales`, sub-sampling 16 | `ratios`, `scales`, `base_size` and `stride` | what the anchors look like and how far apart they stand |
# | "16\*16 = 2500" anchor points | `feature_size`, here (50, 50) | number of cells of the feature map: **50 · 50** = 2,500 (a slip on the slide) |
# | `index_inside` | `inside_image(anchors, size)` | which anchors do not cross the border |
# | `valid_anchor_boxes` | `valid` | the 8,940 anchors inside the image |
# | `ious` | `iou = box_iou(valid, helmets)` | every anchor against every helmet, shape (8940, 2) |
# | `gt_max_iou` | `iou.amax(dim=0)` | for each helmet the best IoU that any anchor has with it |
# | `max_iou`, `argmax_iou` | best IoU, `matched` | for each anchor the best IoU, and with which helmet |
# | `label` | `labels` | 1 object, 0 background, −1 ignored |
# | `n_sample`, `pos_ratio` | `batch_size`, `positive_fraction` | 256 anchors at a time, at most half of them objects |
# | `max_iou_bbox` | `helmets[matched]` | for each anchor the box it should become |
# | `anchor_locs` (dy, dx, dh, dw) | `deltas` (dx, dy, dw, dh) | how to get from an anchor to that box |
#
# **What holds in every lab.** Boxes are float tensors of shape `(N, 4)`, `(x1, y1, x2, y2)` in pixels. Sizes are `(height, width)`. A function
# keeps dtype and device, leaves its input unchanged, and answers empty input with empty output.

# %% [markdown]
# ## Exercise 1 · `anchor_shapes`
#
# *easy · 10 minutes · 3 points*
#
# **Idea.** Objects are small or large, wide or tall. So we put a whole set of anchors at every point: three sizes times three
# proportions. A **scale** sets the size: the square anchor has sides of `base_size · scale` pixels. A **ratio** is height ÷ width. It
# changes the proportions while the **area stays the same**.
#
# $$w \cdot h = (\text{base} \cdot \text{scale})^2 \quad\text{and}\quad \frac{h}{w} = \text{ratio}
# \qquad\Longrightarrow\qquad
# w = \frac{\text{base} \cdot \text{scale}}{\sqrt{\text{ratio}}} \qquad h = \text{base} \cdot \text{scale} \cdot \sqrt{\text{ratio}}$$
#
# Multiply the last two, and you get the area; divide them, and you get the ratio.

# %% tags=["active-ipynb"]
# draw.ratio_rule()

# %% [markdown]
# **Order.** First all scales of the first ratio, then all scales of the second, and so on. The order is a convention, but everybody
# must keep to it: in lab 3 the network's channels follow the same order.
#
# **Sources.** Lecture: "Generate anchors and anchor boxes". Paper: section 3.1.1; the three areas and ratios are given in 3.3. torchvision: [`generate_anchors`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/anchor_utils.py#L58), which rounds.

# %% nbgrader={"grade": false, "grade_id": "anchor_shapes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def anchor_shapes(base_size: float, scales: Sequence[float], ratios: Sequence[float]) -> Tensor:
    """Compute the widths and heights of the anchors that stand at every point.

    Args:
        base_size (float): side of the square anchor of scale 1, in pixels.
        scales (sequence of S floats): sizes, as multiples of ``base_size``; S may be 0.
        ratios (sequence of R floats): proportions, height / width; R may be 0.

    Returns:
        Tensor[R * S, 2]: one row (width, height) for each anchor, in pixels, float32, not
        rounded. The ratio is the outer loop and the scale the inner one: the first S rows
        have the first ratio. No scales or no ratios give empty (0, 2).

    Source: Faster R-CNN, "Anchors"; torchvision's AnchorGenerator (which rounds).
    """
    ### BEGIN SOLUTION
    side = base_size * torch.tensor(scales, dtype=torch.float32)  # [S]: of the square anchor
    stretch = torch.tensor(ratios, dtype=torch.float32).sqrt()[:, None]  # [R, 1], so the ratio is outer
    widths, heights = side / stretch, side * stretch  # each [R, S]
    return torch.stack((widths, heights), dim=2).flatten(end_dim=1)  # [R, S, 2] to [R * S, 2]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Two nested loops and a list will do: `for ratio in ratios:` outside, `for scale in scales:` inside, one pair (w, h) at a time.
# </details>
#
# <details><summary>Hint 2: empty input and dtype</summary>
#
# `torch.tensor([])` has shape `(0,)`, but you need `(0, 2)`: `.reshape(-1, 2)` helps. From Python floats, `torch.tensor` makes float32 by itself.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# For each pair: `root` is the square root of the ratio (`ratio ** 0.5`), `side` is base size times scale. The width is `side` divided by `root`,
# the height is `side` times `root`. Ratio 2 must come out tall: 90.5 wide, 181 high for scale 8.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_anchor_shapes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.anchor_shapes(anchor_shapes)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("anchor_shapes", anchor_shapes)
# ### END HIDDEN TESTS

# %% [markdown]
# The lecture's nine anchors, from your function, around the middle of its 800 × 800 image. Base size 16 with scale 8 gives 128 pixels.

# %% tags=["active-ipynb"]
# draw.nine_anchors(16, (8, 16, 32), (0.5, 1, 2), anchor_shapes)

# %% [markdown]
# ## Where the 16 comes from
#
# Anchors stand 16 pixels apart because the lecture's VGG16 ends before its last max-pool. VGG16 was made to name a whole picture. Its first part consists of
# 13 convolutions, which keep height and width (3 × 3, padding 1), and of five max-pools, each of which halves both. So after every pool, one cell of
# the map stands for twice as many pixels in each direction: the stride doubles.
#
# Below you see torchvision's layers one by one, and what they make of a photo 800 pixels wide and 600 high. (On torch's `meta` device a tensor has a shape
# but no numbers. So nothing is downloaded, and nothing is computed.)
#
# **Before you run this:** how large is the map after the fourth pool, and how large after the fifth? 600 is not divisible by 16.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from torchvision.models import vgg16
#
#     with torch.device("meta"):
#         vgg_map, vgg_stride = torch.empty(1, 3, 600, 800), 1
#         for number, layer in enumerate(vgg16(weights=None).features):
#             vgg_map = layer(vgg_map)
#             vgg_stride *= 2 if isinstance(layer, torch.nn.MaxPool2d) else 1
#             vgg_size = f"{vgg_map.shape[3]} × {vgg_map.shape[2]}"
#             vgg_cut = "   ← the detector's features: cut here" if number == 29 else ""
#             print(f"{number:2}  {type(layer).__name__:9}  {vgg_map.shape[1]:3} channels, {vgg_size:9}  stride {vgg_stride:2}{vgg_cut}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# After the fourth pool it is 50 cells wide and 37 high: 600 ÷ 16 = 37.5 is rounded down, and the lowest 8 rows of pixels have no cell of their own. After
# the fifth it would be 25 × 18, with a stride of 32.
# </details>
#
# **Why there?** With the last pool, number 30, a single cell would be 32 × 32 pixels, and the lecture's far helmet measures 36 × 61. There would be only
# a quarter as many places for anchors, and whatever lies close together would share a cell. One pool earlier, at stride 8, there would be four times
# as many places, but VGG16's last three convolutions, which see furthest, come only after the fourth pool. So the detector takes layers 0 to 29
# and leaves out number 30. In lab 4 ROI pooling takes its place (Fast R-CNN, section 2.2). On the lecture's 800 × 800 image this gives 50 × 50 cells.

# %% [markdown]
# ## Exercise 2 · `grid_anchors`
#
# *medium · 25 minutes · 6 points*
#
# **Idea.** VGG16 shrinks the 800 × 800 image to a feature map of 50 × 50 cells: each cell stands for 16 × 16 pixels, the **stride**. We put the
# nine anchors into the **middle** of every cell. Cell number i begins at pixel 16 · i, so its middle is half a cell further on:
#
# $$c_x = \left(\text{column} + \tfrac12\right) \cdot \text{stride} \qquad c_y = \left(\text{row} + \tfrac12\right) \cdot \text{stride}$$
#
# That is 8, 24, 40, …, 792. An anchor reaches half its width to either side, and half its height up and down:
#
# $$\left(c_x - \tfrac{w}{2},\;\; c_y - \tfrac{h}{2},\;\; c_x + \tfrac{w}{2},\;\; c_y + \tfrac{h}{2}\right)$$
#
# **Order.** Read the cells like a page: row by row, from left to right. At each cell come the shapes, one after the other. So the row (y) is the outermost
# loop, then the column (x), then the shape. The network of lab 3 gives its answers in exactly this order.
#
# **Sources.** Lecture: "Generate anchors and anchor boxes". Paper: section 3.1.1. torchvision: [`grid_anchors`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/anchor_utils.py#L84), which puts anchors on the corner of a cell.

# %% tags=["active-ipynb"]
# draw.cell_centres()

# %% nbgrader={"grade": false, "grade_id": "grid_anchors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grid_anchors(feature_size: tuple[int, int], stride: int, shapes: Tensor) -> Tensor:
    """Lay anchors of the given shapes around the middle of every cell of a feature map.

    Args:
        feature_size (tuple[int, int]): ``(height, width)`` of the feature map, in cells;
            either may be 0.
        stride (int): height and width of a cell, in pixels of the image.
        shapes (Tensor[A, 2]): float (width, height) of each anchor, in pixels; A may be 0.

    Returns:
        Tensor[height * width * A, 4]: anchors ``(x1, y1, x2, y2)``, in pixels, row by row, in
        a row cell by cell, in a cell shape by shape; same dtype and device as ``shapes``.
        Anchors may leave the image. No cells or no shapes give empty (0, 4).

    Source: lecture, "Generate anchors and anchor boxes"; torchvision's AnchorGenerator
    (which rounds, and centres anchors on the corner of a cell).
    """
    ### BEGIN SOLUTION
    height, width = feature_size
    along_y = (torch.arange(height, dtype=shapes.dtype, device=shapes.device) + 0.5) * stride  # [height]
    along_x = (torch.arange(width, dtype=shapes.dtype, device=shapes.device) + 0.5) * stride  # [width]
    center_y, center_x = torch.meshgrid(along_y, along_x, indexing="ij")  # each [height, width]
    centers = torch.stack((center_x, center_y), dim=2)[:, :, None]  # [height, width, 1, 2]
    half = shapes / 2  # [A, 2]
    anchors = torch.cat((centers - half, centers + half), dim=3)  # [height, width, A, 4]
    return anchors.flatten(end_dim=2)  # the last index runs fastest: y, x, anchor
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Three nested loops (row, column, shape) and a list of boxes make a correct answer, if a slow one. Write that first; even 22,500 boxes take only a moment.
# </details>
#
# <details><summary>Hint 2: without loops</summary>
#
# `torch.arange(n)` gives 0, 1, 2, …; from it you get all centres along one side. `torch.meshgrid(ys, xs, indexing="ij")` gives y and x of every cell as two
# `(height, width)` tables. Broadcast them against the shapes: `(height, width, 1)` with `(A,)` gives `(height, width, A)`.
# </details>
#
# <details><summary>Hint 3: order and dtype</summary>
#
# When you flatten a tensor of shape `(height, width, A, 4)` to `(-1, 4)`, its last index runs fastest: that is exactly the order you need. Make the
# centres with `dtype=shapes.dtype, device=shapes.device`.
# </details>
#
# <details><summary>Hint 4: nearly the answer</summary>
#
# 1. `height, width` from `feature_size`
# 2. centres along y and x: (0, 1, 2, … plus a half) times the stride
# 3. meshgrid → two tables; add `[..., None]` to each → (height, width, 1)
# 4. x1 = centre x − half of the widths, y1 = centre y − half of the heights, x2 and y2 with plus → each (height, width, A)
# 5. stack these four along a new last dimension, then reshape to (−1, 4)
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_grid_anchors", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.grid_anchors(grid_anchors)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("grid_anchors", grid_anchors)
# ### END HIDDEN TESTS

# %% [markdown]
# A small feature map, 3 rows of 5 cells, with one anchor in each cell. The numbers are the anchors' positions in your tensor. They should read
# like a page. (A map that is not square shows mix-ups of rows and columns.)

# %% tags=["active-ipynb"]
# draw.anchor_order((3, 5), 16, [[12.0, 8.0]], grid_anchors)

# %% [markdown]
# **Now you**, with the lecture's 50 × 50 cells. Go to row 25, column 25: all nine anchors fit into the image. Then walk towards a corner and watch them leave,
# the large ones first. And which scale would suit the far helmet of 36 × 61 pixels? (Sliders listen to the arrow keys, too; if they don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.anchors(anchor_shapes, grid_anchors)

# %% [markdown]
# ## Exercise 3 · `inside_image`
#
# *very easy · 5 minutes · 2 points*
#
# **Idea.** Large anchors near the border stick out of the image. Nobody knows what lies out there, so the paper and the lecture don't train with them: an anchor counts
# only if all of it is inside. An anchor that ends exactly on the border is inside.
#
# $$x_1 \ge 0 \qquad y_1 \ge 0 \qquad x_2 \le \text{width} \qquad y_2 \le \text{height}$$
#
# **Sources.** Lecture: "After removing cross-boundary ones, 8940 valid anchor boxes are left". Paper: section 3.3. torchvision has no such step: [`assign_targets_to_anchors`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L193) labels all anchors.

# %% nbgrader={"grade": false, "grade_id": "inside_image", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inside_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Tell which boxes lie wholly inside an image.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.
        size (tuple[int, int]): ``(height, width)`` of the image, in pixels.

    Returns:
        Tensor[N]: bool, True where no part of the box is outside; borders count as inside.
        Same device. Empty (0, 4) gives empty (0,), bool.

    Source: lecture, "After removing cross-boundary ones, 8940 valid anchor boxes are left".
    """
    ### BEGIN SOLUTION
    height, width = size
    x1, y1, x2, y2 = boxes.unbind(dim=1)  # each [N]
    return (x1 >= 0) & (y1 >= 0) & (x2 <= width) & (y2 <= height)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# You need four comparisons, one for each edge of the image, and all must hold. Each gives a bool tensor; `&` combines them.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# x is limited by the width, which is `size[1]`. Write each comparison in brackets: `&` binds more tightly than `<=`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_inside_image", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.inside_image(inside_image)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("inside_image", inside_image)
# ### END HIDDEN TESTS

# %% [markdown]
# The lecture's numbers, from your three functions: 22,500 anchors, of which 8,940 are inside.

# %% tags=["active-ipynb"]
# if setup.attended():
#     shapes = anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)).to(device)
#     anchors = grid_anchors((50, 50), 16, shapes)
#     valid = anchors[inside_image(anchors, (800, 800))]
#     print(f"{len(anchors):,} anchors, {len(valid):,} of them inside")

# %% [markdown]
# All 8,940, one panel for each shape. (One figure with all of them would be solid black.) The dots are the centres of the anchors that stay.
#
# **Before you run this:** the image is 800 × 800, and an anchor of 512 × 512 stands at each of 2,500 places. At how many of them is it inside?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.inside_anchors(anchors, shapes, (800, 800), inside_image)

# %% [markdown]
# <details><summary>Answer</summary>
#
# At 324, about one in eight. Its centre must keep 256 pixels from each border. That leaves 264, 280, …, 536: 18 values for x and 18 for y. The tall one and
# the wide one of that scale are nearly as long as the image: 4 · 28 = 112 of each stay.
# </details>

# %% [markdown]
# ## The two helmets and their IoU
#
# The lecture's `ious`: one row for each of the 8,940 anchors, one column for each helmet. This is the table that the next exercise reads.

# %% tags=["active-ipynb"]
# helmets = torch.tensor([[147.0, 160.0, 234.0, 260.0], [312.0, 139.0, 348.0, 200.0]], device=device)
# if setup.attended():
#     iou = box_iou(valid, helmets)
#     best = iou.amax(dim=0).tolist()
#     print(f"shape {tuple(iou.shape)}; best IoU with the near helmet {best[0]:.3f}, with the far one {best[1]:.3f}")

# %% [markdown]
# Read these two numbers twice. Not one of the 8,940 anchors reaches 0.7 with either helmet! And the far helmet's best anchor has only 0.134. Every anchor is at least as large as
# 128 × 128, while this helmet is 36 × 61. So an anchor that contains it completely gets at most 36 · 61 ÷ 128² = 0.134.
#
# ## Exercise 4 · `label_anchors`
#
# *hard · 35 minutes · 8 points · the heart of this lab*
#
# **Idea.** For each anchor we must tell the network: object, background, or "don't care". The IoU decides:
#
# | IoU of an anchor with its best ground truth | label |
# |---|---|
# | at least 0.7 | **1**, object |
# | below 0.3 | **0**, background |
# | in between | **−1**, ignored: neither a good example nor a bad one |
#
# As we have just seen, that alone would leave both helmets without a single object anchor. So there is one more rule, which starts from the ground truth:
#
# > **Every ground truth gets its best anchor** (all of them, if several tie), **however low that IoU is.** Such an anchor is 1, even if its IoU is below 0.3.
#
# This gives an order of precedence, and that is the whole difficulty: *best of a ground truth* beats *below 0.3*. So set the background first, then the objects.
#
# One exception: a ground truth that no anchor touches has a best IoU of 0, and 8,000 anchors "tie" at it. They are not examples of anything. So the rule holds only **if that best IoU is above 0**.
#
# **Sources.** Lecture: "Label the 8,940 valid anchor boxes". Paper: section 3.1.2, first paragraph. torchvision: [`Matcher`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/_utils.py#L313).

# %% tags=["active-ipynb"]
# draw.label_rule()

# %% [markdown]
# **A table on paper.** Six anchors, four ground truths. The best of each column is in bold.
#
# | | g0 | g1 | g2 | g3 | best | matched | label | why |
# |---|---|---|---|---|---|---|---|---|
# | a0 | **0.8** | 0 | 0 | 0 | 0.8 | 0 | 1 | at least 0.7 (and best of g0) |
# | a1 | 0.5 | 0.1 | 0 | 0 | 0.5 | 0 | −1 | between the thresholds, best of none |
# | a2 | 0 | **0.2** | 0 | 0 | 0.2 | 1 | 1 | below 0.3, but best of g1 |
# | a3 | 0 | **0.2** | 0 | 0 | 0.2 | 1 | 1 | ties with a2 |
# | a4 | 0.1 | 0 | 0 | 0 | 0.1 | 0 | 0 | below 0.3 |
# | a5 | 0 | 0 | **0.4** | 0 | 0.4 | 2 | 1 | between the thresholds, but best of g2 |
#
# No anchor touches g3. Without the exception all six anchors would be its "best", and a1 and a4 would become objects.
#
# **The second answer, `matched`,** says for each anchor, background included, which ground truth it overlaps most. Exercise 6 needs it. (For an
# anchor that overlaps nothing it does not matter; by convention it is the first of equals, ground truth 0.)

# %% nbgrader={"grade": false, "grade_id": "label_anchors", "locked": false, "schema_version": 3, "solution": true, "task": false}
def label_anchors(
    iou: Tensor, pos_threshold: float = 0.7, neg_threshold: float = 0.3
) -> tuple[Tensor, Tensor]:
    """Label each anchor as object, background or ignored, and find its ground truth.

    An anchor is 1 if its best IoU is ``>= pos_threshold``, or if it has the best IoU of some
    ground truth (ties included: equal, not nearly equal) and that IoU is above 0; otherwise
    0 if its best IoU is ``< neg_threshold``; otherwise -1.

    Args:
        iou (Tensor[N, M]): float IoU of N anchors (rows) with M ground truths (columns);
            N and M may be 0.
        pos_threshold (float): from here on an anchor is an object.
        neg_threshold (float): below this an anchor is background.

    Returns:
        tuple[Tensor[N], Tensor[N]]: labels (1, 0 or -1), and for each anchor the number of the
        ground truth with which its IoU is largest (the first of equals); both int64, on
        the same device. Without ground truths all labels and numbers are 0; no anchors
        give two empty (0,).

    Source: lecture, "Label the 8,940 valid anchor boxes"; torchvision's Matcher with
    allow_low_quality_matches (which takes a best IoU of 0 for a match).
    """
    ### BEGIN SOLUTION
    if iou.numel() == 0:  # no anchors, or nothing that they could overlap
        nothing = torch.zeros(len(iou), dtype=torch.int64, device=iou.device)
        return nothing, nothing.clone()

    iou = iou.T.contiguous().T  # the same table, but each column lies together in memory: faster
    best_iou, matched = iou.max(dim=1)  # of each anchor, [N]
    best_of_truth = iou.amax(dim=0)  # [M]
    to_reach = best_of_truth.masked_fill(best_of_truth == 0, math.inf)  # nobody is best of an untouched truth
    is_best = (to_reach - iou).amin(dim=1) == 0  # [N]: reaches one, ties included; == and any take longer

    labels = torch.full_like(matched, -1)
    labels[best_iou < neg_threshold] = 0
    labels[is_best | (best_iou >= pos_threshold)] = 1  # last, so that a best anchor stays one
    return labels, matched
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# You need two maxima of the same table: one along each row (per anchor), one along each column (per ground truth). `iou.max(dim=1)` gives values and positions at once.
# </details>
#
# <details><summary>Hint 2: best of a ground truth, with ties</summary>
#
# `argmax` finds only one of several equals. Compare instead: `iou == iou.amax(dim=0)` is an (N, M) table of True and False, by broadcasting. A row with any True in it belongs
# to an anchor that is the best of some ground truth.
# </details>
#
# <details><summary>Hint 3: the untouched ground truth</summary>
#
# A True in that table counts only where the IoU itself is above 0: combine two tables with `&`.
# </details>
#
# <details><summary>Hint 4: empty tables</summary>
#
# The maximum of nothing does not exist, and PyTorch says so with an error. So test `iou.numel() == 0` first: then both answers are zeros of length N, int64, on the device of `iou`.
# </details>
#
# <details><summary>Hint 5: nearly the answer</summary>
#
# 1. empty table → zeros, zeros
# 2. best value and position along each row
# 3. the best-of-a-ground-truth rows (hints 2 and 3), as a bool tensor (N,)
# 4. a tensor of −1, int64 (`torch.full_like` of the positions)
# 5. 0 where the best value is below `neg_threshold`
# 6. 1 where it is at least `pos_threshold`, and 1 for the rows of step 3
# 7. return these labels and the positions of step 2
#
# The lecture's code has steps 5 and 6 the other way round: see Traps.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_label_anchors", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.label_anchors(label_anchors)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("label_anchors", label_anchors)
# ### END HIDDEN TESTS

# %% [markdown]
# The best IoU of all 8,940 anchors, with both thresholds, coloured by your labels. Mind the scale: each line stands for ten times as many as the one below.
#
# **Before you run this and the next picture:** the near helmet's best IoU is 0.531, the far one's 0.134. Which of the two gets more object anchors?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.iou_histogram(iou, label_anchors)

# %% [markdown]
# The green anchors below 0.3 are those of the far helmet. Here is where they stand:

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.labelled(valid, helmets, iou, label_anchors)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The far one, about five times as many. It is so small that many anchors contain it completely, and those of one area all have the same IoU with it: they tie
# for its best. The near helmet has only four such anchors.
# </details>

# %% [markdown]
# **Now you.** Lower "object from" step by step. Down to 0.55 nothing happens at all. At 0.4 the near helmet has ten times as many objects, the far one no more than before. Let both thresholds
# meet: no anchor is ignored any more. And what if "background below" is 0?

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.labels(valid, helmets, iou, label_anchors)

# %% [markdown]
# Nearly everything is background, as in every image. *A detail for the curious:* on paper, all 69 anchors that have an area of 128² and contain the
# far helmet tie. In float32 the last bits of 90.50967 × 181.01934 decide, and about a third of them win. No harm done, but never be surprised when two programs disagree about ties.
#
# ## Exercise 5 · `sample_labels`
#
# *medium · 25 minutes · 6 points*
#
# **Idea.** About 25 objects against 8,829 background anchors: a network that always says "background" is right in 99.7 % of all cases and has learnt nothing. So each training step
# looks at only 256 anchors, drawn at random, **at most half of them objects**. You set all others to −1, and training leaves them alone.
#
# $$n_1 = \min\bigl(\text{objects},\ \lfloor \text{batch size} \cdot \text{fraction} \rfloor\bigr) \qquad
# n_0 = \min\bigl(\text{background},\ \text{batch size} - n_1\bigr)$$
#
# The second formula starts from the objects that **actually stayed**: if there are only 25 objects, the batch takes 231 background anchors, not 128. The slide's "128 positive, 128 negative"
# happens only when there are plenty of objects.
#
# **Sources.** Lecture: "Sample a batch of anchor boxes to generate y for RPN". Paper: section 3.1.3. torchvision: [`BalancedPositiveNegativeSampler`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/_utils.py#L11).
#
# | objects | background | objects that stay | background that stays |
# |---|---|---|---|
# | 25 | 8,829 | 25 | 231 |
# | 200 | 8,000 | 128 | 128 |
# | 0 | 8,000 | 0 | 256 |
# | 10 | 40 | 10 | 40 |
#
# **Random, but repeatable.** The caller may pass a `torch.Generator` to your function. Then all randomness must come from it: equal seeds, equal samples. You only pass it on: `torch.randperm(n, generator=generator)`
# gives the numbers 0 … n − 1 in random order, and accepts `None` as well. On a GPU, add `device=labels.device`.

# %% nbgrader={"grade": false, "grade_id": "sample_labels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_labels(
    labels: Tensor,
    batch_size: int = 256,
    positive_fraction: float = 0.5,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Keep a random sample of the labels and set all others to -1.

    At most ``int(batch_size * positive_fraction)`` labels 1 stay; labels 0 fill up to
    ``batch_size``, as far as there are any. Each label 1 has the same chance to stay, and so
    has each label 0, wherever it stands and whichever stayed in earlier calls.

    Args:
        labels (Tensor[N]): int64, 1 object, 0 background, -1 ignored; N may be 0.
        batch_size (int): how many labels 1 and 0 stay together, at most.
        positive_fraction (float): share of ``batch_size`` that labels 1 may take, at most.
        generator (torch.Generator, optional): where all random numbers come from, on the
            device of ``labels``; by default torch's own. Neither is seeded: each call goes
            on where the last one stopped, and with a generator torch's own stay as they are.

    Returns:
        Tensor[N]: a new tensor; each label is as it was, or -1. Same dtype and device.
        Empty (0,) gives empty (0,).

    Source: lecture, "Sample a batch of anchor boxes"; torchvision's
    BalancedPositiveNegativeSampler.
    """
    ### BEGIN SOLUTION
    positives = (labels == 1).nonzero().squeeze(dim=1)  # positions, [P]
    negatives = (labels == 0).nonzero().squeeze(dim=1)  # positions, [Q]
    positive_count = min(len(positives), int(batch_size * positive_fraction))
    negative_count = batch_size - positive_count

    sampled = torch.full_like(labels, -1)
    source = labels.device if generator is None else generator.device
    for positions, count, label in ((positives, positive_count, 1), (negatives, negative_count, 0)):
        order = torch.randperm(len(positions), generator=generator, device=source)
        sampled[positions[order[:count]]] = label  # a slice stops at the end by itself
    return sampled
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Start with a tensor full of −1 and write back those that stay, rather than crossing out those that go.
# </details>
#
# <details><summary>Hint 2: choosing k of n positions</summary>
#
# `positions = torch.where(labels == 1)[0]` are the positions of the objects. Put them into random order with `torch.randperm(len(positions), …)` and take the first k. That
# draws without replacement: no position comes twice.
# </details>
#
# <details><summary>Hint 3: how many</summary>
#
# `batch_size * positive_fraction` is a float: make it an `int` before you slice with it. A slice `[:k]` of a shorter list simply takes all of it. How
# many background labels stay depends on how many objects stayed, not on how many were allowed.
# </details>
#
# <details><summary>Hint 4: nearly the answer</summary>
#
# 1. positions of the ones, positions of the zeros
# 2. k = smaller of (number of ones) and (batch size times fraction, as an int)
# 3. `chosen` ones: the first k of a random order; `chosen` zeros: the first (batch size − k) of a random order
# 4. `torch.full_like(labels, -1)`; write 1 at the chosen ones and 0 at the chosen zeros
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_sample_labels", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.sample_labels(sample_labels)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("sample_labels", sample_labels)
# ### END HIDDEN TESTS

# %% [markdown]
# The labels before and after your sampling: every dot is the centre of an anchor.

# %% tags=["active-ipynb"]
# if setup.attended():
#     labels, matched = label_anchors(iou)
#     draw.sampled(valid, helmets, labels, sample_labels)

# %% [markdown]
# **Again and again.** Each press draws with the next seed. All 25 objects are in every minibatch; hardly any background anchor comes twice in a row. At a share of 0.05 even objects
# have to draw lots.

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.sampling(valid, helmets, labels, sample_labels)

# %% [markdown]
# ## Exercise 6 · `encode_boxes`
#
# *medium · 15 minutes · 5 points*
#
# **Idea.** For an object anchor the network must also say how to move it onto its ground truth. Pixels would be a bad language for that: 10 pixels is a lot for a small anchor and nothing
# for a large one. So we measure **in the anchor's own size**:
#
# $$d_x = \frac{c_x - c_{x,a}}{w_a} \qquad d_y = \frac{c_y - c_{y,a}}{h_a} \qquad d_w = \log\frac{w}{w_a} \qquad d_h = \log\frac{h}{h_a}$$
#
# Letters with a subscript a belong to the anchor, the others to the ground truth; c is a box's **centre**, w its width, h its height. The logarithm makes "twice as wide" (+0.69) and "half as wide" (−0.69) equally far from
# "just right" (0).

# %% tags=["active-ipynb"]
# draw.delta_anatomy()

# %% [markdown]
# **Weights.** The second stage (lab 4) multiplies the four numbers by (10, 10, 5, 5), so that typical values are about 1. Here all weights are 1, but your function takes them already.
#
# $$\text{deltas} = (w_x \cdot d_x,\;\; w_y \cdot d_y,\;\; w_w \cdot d_w,\;\; w_h \cdot d_h)$$
#
# **Sources.** Lecture: "Normalized location representation of anchor box". Paper: section 3.1.2, equation 2; R-CNN, appendix C, equations 6 to 9. torchvision: [`encode_boxes`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/_utils.py#L75).

# %% nbgrader={"grade": false, "grade_id": "encode_boxes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def encode_boxes(
    gt_boxes: Tensor, anchors: Tensor, weights: tuple[float, float, float, float] = (1, 1, 1, 1)
) -> Tensor:
    """Express each ground-truth box relative to its anchor.

    Args:
        gt_boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, with
            ``x1 < x2`` and ``y1 < y2``; row i belongs to row i of ``anchors``; N may be 0.
        anchors (Tensor[N, 4]): as ``gt_boxes``, same dtype and device.
        weights (tuple of 4 floats): factors of dx, dy, dw and dh.

    Returns:
        Tensor[N, 4]: deltas (dx, dy, dw, dh): shift of the centre in widths and heights of
        the anchor, natural logarithm of the change of width and height, each times its
        weight; same dtype and device. Empty (0, 4) gives empty (0, 4).

    Source: lecture, "Normalized location representation of anchor box" (which has the
    order dy, dx, dh, dw); torchvision's BoxCoder.
    """
    ### BEGIN SOLUTION
    x1, y1, x2, y2 = anchors.unbind(dim=1)  # each [N]
    anchor_width, anchor_height = x2 - x1, y2 - y1
    anchor_x, anchor_y = x1 + anchor_width / 2, y1 + anchor_height / 2  # the centre

    x1, y1, x2, y2 = gt_boxes.unbind(dim=1)
    gt_width, gt_height = x2 - x1, y2 - y1
    gt_x, gt_y = x1 + gt_width / 2, y1 + gt_height / 2

    dx = weights[0] * (gt_x - anchor_x) / anchor_width
    dy = weights[1] * (gt_y - anchor_y) / anchor_height
    dw = weights[2] * torch.log(gt_width / anchor_width)
    dh = weights[3] * torch.log(gt_height / anchor_height)
    return torch.stack((dx, dy, dw, dh), dim=1)  # [N, 4]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# First turn both sets of boxes into centre, width and height. The centre is x1 plus half the width. Then write the four formulas, one line each.
# </details>
#
# <details><summary>Hint 2: where it goes wrong</summary>
#
# Always divide by the **anchor's** side. The order of the answer is dx, dy, dw, dh. `torch.log` is the natural logarithm.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# For each: width = x2 − x1, height = y2 − y1, centre x = x1 + width / 2, centre y = y1 + height / 2. Then dx = (centre x of the truth − centre x of the anchor) / width of the anchor, times `weights[0]`, and so on;
# stack the four along `dim=1`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_encode_boxes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.encode_boxes(encode_boxes)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("encode_boxes", encode_boxes)
# ### END HIDDEN TESTS

# %% [markdown]
# Three object anchors (blue) on their way to their helmets (red, dashed), with the numbers from your function. The arrow leads from centre to centre: its length is dx · width and dy · height.

# %% tags=["active-ipynb"]
# objects = torch.tensor(
#     [
#         [120.0, 152.0, 248.0, 280.0],  # best of the near helmet
#         [72.0, 104.0, 200.0, 232.0],  # another anchor of that size
#         [282.745, 61.490, 373.255, 242.510],  # one of the best of the far helmet
#     ],
#     device=device,
# )
# draw.deltas(objects, helmets[[0, 0, 1]], encode_boxes)

# %% [markdown]
# ## Exercise 7 · `decode_boxes`
#
# *medium · 10 minutes · 5 points*
#
# **Idea.** This is the way back. The network predicts deltas; to get boxes, we solve the four formulas for the box:
#
# $$c_x = c_{x,a} + \frac{\text{dx}}{w_x}\, w_a \qquad c_y = c_{y,a} + \frac{\text{dy}}{w_y}\, h_a
# \qquad w = w_a\, e^{\,\text{dw} / w_w} \qquad h = h_a\, e^{\,\text{dh} / w_h}$$
#
# Then we go from centre and size back to corners: the box reaches w / 2 to either side of its centre.
#
# **A limit.** At the start of training the network predicts nonsense, and e to the power of nonsense is infinity. So after dividing by the weight, we **cut dw and dh at log(1000 / 16) ≈ 4.135**: no
# box becomes more than 62.5 times as wide as its anchor. (1000 ÷ 16 leads from the smallest thing the feature map sees to the whole image.) Negative values need no limit: e to a negative power is just small.
#
# **Sources.** Lecture: "Change the ROI format". Paper: equation 2 again; R-CNN, appendix C, equations 1 to 4. torchvision: [`decode_single`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/_utils.py#L183).

# %% nbgrader={"grade": false, "grade_id": "decode_boxes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def decode_boxes(
    deltas: Tensor, anchors: Tensor, weights: tuple[float, float, float, float] = (1, 1, 1, 1)
) -> Tensor:
    """Apply deltas to anchors: the way back from ``encode_boxes``.

    Args:
        deltas (Tensor[N, 4]): float (dx, dy, dw, dh), each times its weight; N may be 0.
        anchors (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; row i belongs to
            row i of ``deltas``; same dtype and device.
        weights (tuple of 4 floats): the factors that ``encode_boxes`` was given.

    Returns:
        Tensor[N, 4]: boxes ``(x1, y1, x2, y2)``, in pixels, same dtype and device; they may
        leave the image. dw and dh, divided by their weights, count as log(1000 / 16)
        where they are larger. Empty (0, 4) gives empty (0, 4).

    Source: Faster R-CNN, equation 2; torchvision's BoxCoder. (The lecture has no limit.)
    """
    ### BEGIN SOLUTION
    x1, y1, x2, y2 = anchors.unbind(dim=1)  # each [N]
    anchor_width, anchor_height = x2 - x1, y2 - y1
    anchor_x, anchor_y = x1 + anchor_width / 2, y1 + anchor_height / 2  # the centre

    dx, dy, dw, dh = (column / weight for column, weight in zip(deltas.unbind(dim=1), weights, strict=True))
    limit = math.log(1000 / 16)
    center_x = anchor_x + dx * anchor_width
    center_y = anchor_y + dy * anchor_height
    half_width = anchor_width * dw.clamp(max=limit).exp() / 2
    half_height = anchor_height * dh.clamp(max=limit).exp() / 2
    return torch.stack(
        (center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height), dim=1
    )  # [N, 4]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Take your `encode_boxes` line by line and invert each formula: instead of dividing by the anchor's width, multiply; instead of the logarithm, `torch.exp`.
# </details>
#
# <details><summary>Hint 2: in which order</summary>
#
# Divide by the weights first, then cut dw and dh with `clamp(max=…)`, then take `torch.exp`. `math.log(1000 / 16)` is the limit.
# </details>
#
# <details><summary>Hint 3: corners</summary>
#
# x1 = centre x − width / 2 and x2 = centre x + width / 2, with the **new** centre and the **new** width; the same for y.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_decode_boxes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.decode_boxes(decode_boxes)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("decode_boxes", decode_boxes)
# ### END HIDDEN TESTS

# %% [markdown]
# Encoding and decoding belong together. Below, your decoding applies none, half and all of the deltas that your encoding found. But a round trip alone proves little: two mistakes that
# cancel out, say corners instead of centres in both functions, pass it too. That is why the checks ask for numbers.

# %% tags=["active-ipynb"]
# draw.round_trip(objects, helmets[[0, 0, 1]], encode_boxes, decode_boxes)

# %% [markdown]
# And the limit: an anchor 16 pixels wide, for growing dw.

# %% tags=["active-ipynb"]
# draw.size_limit(decode_boxes)

# %% [markdown]
# **Now you are the network.** Four numbers bring the anchor onto the helmet. First set the centre with dx and dy, then the size; an IoU above 0.9 is good. What would your `encode_boxes` have said?

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.deltas(decode_boxes)

# %% [markdown]
# ## All together: what the network of lab 3 will learn from
#
# The lecture's order, with your functions: lay out, drop what sticks out, compare, label, sample, encode. Anchors outside get the label −1 and deltas of 0, so each of the
# network's 22,500 outputs has its target.

# %% tags=["active-ipynb"]
# if setup.attended():
#     inside = inside_image(anchors, (800, 800))
#     sampled = sample_labels(labels, generator=torch.Generator(device).manual_seed(0))
#     all_labels = torch.full((len(anchors),), -1, device=device)
#     all_labels[inside] = sampled
#     all_deltas = torch.zeros_like(anchors)
#     all_deltas[inside] = encode_boxes(helmets[matched], valid)
#     used = [int((all_labels == value).sum()) for value in (1, 0, -1)]
#     print(f"labels {tuple(all_labels.shape)}: {used[0]} objects, {used[1]} background, {used[2]:,} ignored")
#     print(f"deltas {tuple(all_deltas.shape)}; those of the first object: {all_deltas[all_labels == 1][0].tolist()}")

# %% [markdown]
# ## Traps
#
# The slides' code contains, or invites, each of these. None raises an error on the lecture's image.
#
# ### Trap 1 · "16\*16 = 2500"
#
# The slide multiplies the wrong number: 16 · 16 is 256. 16 is the *stride*; the number of *cells* is 800 ÷ 16 = 50, and 50 · 50 = 2,500. If you type in what the slide says, your anchors cover only a corner of the image.

# %% tags=["active-ipynb"]
# draw.sixteen_squared(grid_anchors)

# %% [markdown]
# ### Trap 2 · background last
#
# The slide labels best anchors first, then ≥ 0.7, and **at the end** `label[max_iou < neg_iou_threshold] = 0`. That last line takes the 1 back from every best anchor below 0.3. The near helmet
# (best IoU 0.531) doesn't notice. The far one (0.134) loses all its objects: we tell the network that it is background.

# %% tags=["active-ipynb"]
# def background_last(ious):
#     """The slide's three lines in the slide's order (without its NumPy)."""
#     max_iou, argmax_iou = ious.max(dim=1)
#     label = torch.full_like(argmax_iou, -1)
#     label[(ious == ious.amax(dim=0)).any(dim=1)] = 1
#     label[max_iou >= 0.7] = 1
#     label[max_iou < 0.3] = 0
#     return label, argmax_iou
#
#
# if setup.attended():
#     draw.label_trap(valid, helmets, iou, background_last, label_anchors)

# %% [markdown]
# Would you see it in the loss? It takes every label for the truth, so it can't tell. You see it in the picture.
#
# ### Trap 3 · the ground truth that no anchor touches
#
# Put the slide's lines in the right order, and you uncover another slip that the first one hid. A third helmet, 6 × 6 pixels in the very corner, touches no anchor that is inside the image.
#
# **Before you run this:** how many of the 8,940 anchors does the slide's rule, `ious == gt_max_iou`, now call objects?

# %% tags=["active-ipynb"]
# def untouched_too(ious):
#     """The slide's rule for best anchors, in the right order, without "above 0"."""
#     max_iou, argmax_iou = ious.max(dim=1)
#     label = torch.full_like(argmax_iou, -1)
#     label[max_iou < 0.3] = 0
#     label[(ious == ious.amax(dim=0)).any(dim=1)] = 1
#     return label, argmax_iou
#
#
# if setup.attended():
#     three = torch.cat([helmets, torch.tensor([[0.0, 0.0, 6.0, 6.0]], device=device)])
#     draw.label_trap(valid, three, box_iou(valid, three), untouched_too, label_anchors, title="without “above 0”")

# %% [markdown]
# <details><summary>Answer</summary>
#
# All of them, and none of them for the third helmet. Its best IoU is 0, and every anchor has an IoU of 0 with it, so every anchor "ties" for its best. But
# each is then told to move onto the helmet that it overlaps most, one of the other two.
# </details>

# %% [markdown]
# ### Trap 4 · times instead of minus
#
# The slide: `n_neg = n_sample * np.sum(label == 0)`. That is 256 times 8,829, over two million: no limit at all. So all background stays, and objects are 0.3 % of what the network learns from. The loss
# even looks better, and the detector is no better for it: background is easy to get right.

# %% tags=["active-ipynb"]
# def all_background(labels, batch_size, positive_fraction, generator):
#     """The slide's numbers: few objects, and background without a limit."""
#     n_neg = batch_size * int((labels == 0).sum())
#     neg_index = torch.where(labels == 0)[0]
#     label = labels.clone()
#     label[neg_index[torch.randperm(len(neg_index), generator=generator)[n_neg:]]] = -1
#     return label
#
#
# if setup.attended():
#     draw.sampling_trap(valid, helmets, labels, all_background, sample_labels)

# %% [markdown]
# There are two more slips in the same lines. `n_pos = pos_ratio * n_sample` is the float 128.0, which stops `np.random.choice` with an error as soon as an image has more than 128 objects. And `label[…] = -1` changes the labels in place, so
# you can't sample them again in the next epoch.
#
# ### Trap 5 · dx, dy or dy, dx
#
# The slide's text says (dx, dy, dw, dh), its code stacks (dy, dx, dh, dw). Either would do, if everybody kept to it. Here x comes first everywhere: in the deltas as in the boxes. The slide also guards the anchors' sides with `eps` against a division by zero. An
# anchor is never 0 wide, but a badly annotated ground truth may be, and log 0 is −∞: remove such boxes *before* training, with lab 1's `remove_small_boxes`.
#
# ## Checkpoint
#
# You now have
#
# - 22,500 anchors, 8,940 of them inside the image;
# - a label for each, and the rule that no ground truth goes without an object anchor;
# - a batch of 256 in which background does not drown the objects;
# - the way from an anchor to its ground truth, and back.
#
# Before you hand in, run everything once more. In JupyterLab choose *Kernel → Restart Kernel and Run All Cells…*, then press *Validate* in the
# toolbar. In Colab choose *Runtime → Restart session and run all*.
#
# **Next, [lab 3](../lab3_rpn/rpn.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab3_rpn/rpn.ipynb)): the network that predicts all this for 22,500 anchors at once, its loss (1.0751 on the slide), and non-maximum suppression, where sorting twice is worse than not sorting at all.

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
