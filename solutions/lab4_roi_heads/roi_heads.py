# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 4 · The detection network
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab4_roi_heads/roi_heads.ipynb)
#
# **35 points · about 150 minutes · six functions and one small network**
#
# The RPN has handed over 2,000 places where something might be. This lab finds out what is there, and where exactly: it picks 128 of them to learn
# from, cuts each out of the feature map at one fixed size, asks a small network, and cleans up its answers. By the end of this lab you will have
# built every part of Faster R-CNN.
#
# | where this comes from | |
# |---|---|
# | lecture | second practice, *FasterRCNN(2) Step_by_step*: "Based on the 2,000 ROIs filtered by NMS …", "ROI Pooling", "Send ROI samples to detection network"; third part: "ROI align to reduce rounding error problem"; video: [How Faster RCNN works](https://youtu.be/4yOcsWg-7g8) |
# | paper | Girshick, [*Fast R-CNN*](https://arxiv.org/abs/1504.08083) (2015): section 2 (the head), 2.1 (ROI pooling), 2.3 (sampling, the loss), 3 (detections) |
# | also | He et al., [*Mask R-CNN*](https://arxiv.org/abs/1703.06870) (2017), section 3: "RoIAlign" |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first. Offline you have the same lines: `import torchvision` and below it `torchvision.ops.roi_align??`, in a cell of your own |
#
# Work from top to bottom. Under each function there is a check. It tells you in one line that all is well, or it shows what it expected and what your
# function gave. *Run All* stops at the first check that fails: scroll up to the first red box, which tells you what to do next. Once all functions
# are written, it takes about half a minute, most of it for VGG16.

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
# From here on, the functions of earlier labs come ready-made, so nothing depends on your own labs 1 to 3.

# %%
from torch import nn
from torch.nn import functional as F

from course import explore, lecture, library, scenes, zoo
from course.library import (
    box_iou,
    clip_boxes_to_image,
    decode_boxes,
    encode_boxes,
    nms,
    remove_small_boxes,
)

# %% [markdown]
# ## Where we are
#
# Today you build the yellow part: the second half of the map, from proposals to boxes and classes, with its own training branch.

# %% tags=["active-ipynb"]
# pipeline.show("roi_heads")

# %% [markdown]
# ## The slides' names and ours
#
# | slides | here | what it is |
# |---|---|---|
# | `roi` | `proposals` | 2,000 boxes from the RPN (lab 3) |
# | `n_sample = 128`, `pos_ratio = 0.25` | `batch_size`, `positive_fraction` | how many ROIs train the network, and what share of them may be objects |
# | `sample_roi`, `gt_roi_labels`, `gt_roi_locs` | `rois, labels, targets` | what `sample_rois` gives |
# | `out_map` | `features` | VGG16's map: 512 channels, 50 × 50 cells of 16 × 16 pixels |
# | `indices_and_rois` | ROIs `(R, 5)` | image number, then `x1, y1, x2, y2` (the slides: y first) |
# | `roi_head_classifier` | `fc6`, `fc7` | two linear layers |
# | `cls_loc`, `score` | `bbox_pred`, `cls_score` | the two answers |
# | 安全帽 | class 1 | class 0 is background |
#
# **An ROI** (region of interest) is a box that we look into. If a function takes features of several images at once, an ROI is five numbers and
# begins with the number of its image. Elsewhere it is a plain box of four.

# %% [markdown]
# ## The lecture's example
#
# You have one image of 800 × 800, two helmets, and an RPN that has learnt nothing yet: its scores are random, and its 2,000 proposals are anchors,
# moved at random and clipped. Training begins in this state. A sketch replaces the lecture's photo. If torch does not have VGG16's trained weights on
# this machine, random ones stand in: sizes and boxes stay the same, only the features mean less. A line below says which.

# %% tags=["active-ipynb"]
# if setup.attended():
#     photo = lecture.photo(device)
#     helmets = torch.tensor(lecture.HELMETS, device=device)  # (x1, y1, x2, y2)
#     classes = torch.tensor([1, 1], device=device)  # 1 = safety helmet
#     shapes = library.anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)).to(device)
#     anchors = library.grid_anchors((50, 50), 16, shapes)
#     features = lecture.vgg16_features(photo)
#     luck = torch.Generator().manual_seed(0)  # on the CPU, so that every machine shows the same
#     objectness = torch.randn(len(anchors), 2, generator=luck).to(device)
#     moves = 0.2 * torch.randn(len(anchors), 4, generator=luck).to(device)
#     proposals, _ = library.make_proposals(objectness, moves, anchors, (800, 800))
#     print(f"features {tuple(features.shape)}, {len(anchors):,} anchors, {len(proposals):,} proposals")

# %% [markdown]
# ## Exercise 1 · `sample_rois`
#
# *medium · 35 minutes · 8 points*
#
# **Idea.** Nearly all of the 2,000 proposals show background. If the network trained on all of them, "background" would always be a good guess. So we
# draw 128, of which at most a quarter, 32, are objects; background fills the rest.
#
# 1. **Candidates** are the proposals *and the true boxes themselves*. Early on, perhaps no proposal hits anything; then the true boxes are the
#    only objects to learn from.
# 2. **Label.** Take each candidate's best IoU with a true box. If it is at least 0.5, the candidate is an object and gets that box's *class*.
#    Otherwise it is background, 0. (Unlike the RPN, this network ignores nothing. The paper draws background only from proposals with an IoU of
#    0.1 up to 0.5: a box that touches an object is harder to tell from one. torchvision has no such limit, and neither has this course.)
# 3. **Draw** at most int(128 · 0.25) = 32 objects, at random, none twice. Draw background for all remaining places: 96 if there are plenty of
#    objects, 125 if there are only three. (The paper draws 64 from each of two images, torchvision 512 from each.)
# 4. **Targets** of the objects: deltas from the ROI to its true box, now with *weights* (10, 10, 5, 5). A proposal with IoU 0.5 or more is nearly
#    right: its deltas are around 0.1 or 0.2, and their small loss would hardly be heard beside that of the classes. Times 10 and times 5, they are of
#    order 1. (The RPN used (1, 1, 1, 1).)
#
# **Random, but repeatable**, as in lab 2: all randomness comes from the argument `generator`. You only pass it on.
#
# **Sources.** Lecture: "Based on the 2,000 ROIs filtered by NMS …". Paper: Fast R-CNN, section 2.3, "Mini-batch sampling"; there without the true boxes, which come from the authors' later code (py-faster-rcnn). torchvision: [`select_training_samples`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L642), which calls [`add_gt_proposals`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L624) and [`assign_targets_to_proposals`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L580).

# %% nbgrader={"grade": false, "grade_id": "sample_rois", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sample_rois(
    proposals: Tensor,
    gt_boxes: Tensor,
    gt_labels: Tensor,
    batch_size: int = 128,
    positive_fraction: float = 0.25,
    iou_threshold: float = 0.5,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Choose the ROIs of one image that the detection network is trained on.

    Args:
        proposals (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.
        gt_boxes (Tensor[M, 4]): the true boxes, same dtype and device; M may be 0.
        gt_labels (Tensor[M]): int64 class of each true box, 1 or more.
        batch_size (int): how many ROIs are wanted; where there are too few, fewer come.
        positive_fraction (float): at most ``int(batch_size * positive_fraction)`` ROIs are
            objects; background fills the other places.
        iou_threshold (float): a candidate whose best IoU with a true box is at least this
            is an object of that box's class, any other one is background.
        generator (torch.Generator, optional): where all random numbers come from, on the
            device of the boxes; by default torch's own.

    Returns:
        rois (Tensor[R, 4]): candidates drawn at random without replacement, in any order.
            Candidates are the proposals and the true boxes. Each object has the same chance
            to be drawn, and so has all background. Same dtype and device.
        labels (Tensor[R]): int64 class of each ROI, 0 for background.
        targets (Tensor[R, 4]): for an object, the deltas from the ROI to its true box with
            weights (10, 10, 5, 5). Rows of background are not used: 0, or anything finite.
        No candidates at all give empty (0, 4), (0,) and (0, 4).

    Source: lecture, "Based on the 2,000 ROIs filtered by NMS …"; Fast R-CNN, section 2.3;
    torchvision's RoIHeads.select_training_samples.
    """
    ### BEGIN SOLUTION
    candidates = torch.cat((proposals, gt_boxes))  # [N + M, 4]
    labels = gt_labels.new_zeros(len(candidates))  # [N + M]: background, until proven otherwise
    matched = torch.zeros_like(labels)  # [N + M]: which true box
    if len(gt_boxes) > 0:
        best_iou, matched = box_iou(candidates, gt_boxes).max(dim=1)
        labels = torch.where(best_iou >= iou_threshold, gt_labels[matched], 0)

    positive, negative = (labels > 0).nonzero().squeeze(1), (labels == 0).nonzero().squeeze(1)
    num_positive = min(int(batch_size * positive_fraction), len(positive))
    num_negative = min(batch_size - num_positive, len(negative))
    source = proposals.device if generator is None else generator.device
    positive = positive[torch.randperm(len(positive), generator=generator, device=source)[:num_positive]]
    negative = negative[torch.randperm(len(negative), generator=generator, device=source)[:num_negative]]

    chosen = torch.cat((positive, negative))  # [R]
    targets = torch.zeros_like(candidates[chosen])
    targets[:num_positive] = encode_boxes(gt_boxes[matched[positive]], candidates[positive], weights=(10, 10, 5, 5))
    return candidates[chosen], labels[chosen], targets
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Three tools are ready: `box_iou` (all candidates against all true boxes), `.max(dim=1)` (the best value and its index),
# `encode_boxes(gt_boxes, rois, weights)`.
# </details>
#
# <details><summary>Hint 2: no true boxes</summary>
#
# `max` over an empty dimension is an error. An image without objects needs its own line: all labels are 0.
# </details>
#
# <details><summary>Hint 3: drawing</summary>
#
# `torch.randperm(n, generator=generator)` gives the numbers 0 … n − 1 in random order; `generator` may be `None`. The first k of them choose k things
# at random, none twice. On a GPU, add `device=proposals.device`.
# </details>
#
# <details><summary>Hint 4: nearly the answer</summary>
#
# In words, with shapes:
#
# 1. `candidates`: proposals and true boxes, one list → (N + M, 4)
# 2. `best_iou`, `matched`: for each candidate its best true box → (N + M,) each
# 3. `labels`: the class of `matched` where `best_iou` is large enough, else 0
# 4. positions of the objects, positions of the background; shuffle both; keep at most int(batch_size · positive_fraction) objects, and as much
#    background as there are places left
# 5. join both; take the candidates and labels at these positions; encode the true box of each object
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_sample_rois", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.sample_rois(sample_rois)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("sample_rois", sample_rois)
# ### END HIDDEN TESTS

# %% [markdown]
# Next comes your sample of the lecture's 2,000 proposals.
#
# **Before you run this:** up to 32 of the 128 may be objects (green). How many will there be, with an RPN that knows nothing yet?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.sampled_rois(proposals, helmets, classes, sample_rois)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Three, and two of these are the true boxes themselves. Of 2,000 proposals only one reaches an IoU of 0.5 with a helmet. So the other 125 ROIs show
# background.
# </details>

# %% [markdown]
# ## Exercise 2 · `roi_pool`
#
# *medium · 30 minutes · 5 points*
#
# **Idea.** ROIs come in all sizes, but a linear layer wants one. So you divide each ROI's part of the feature map into 7 × 7 **bins**, and each bin
# gives its largest value, channel by channel. 128 ROIs on a map of 512 channels give 128 × 512 × 7 × 7.
#
# Along each axis, three steps:
#
# $$\text{first} = \text{round}(x_1 \cdot s), \quad \text{last} = \text{round}(x_2 \cdot s), \quad \text{side} = \max(\text{last} - \text{first} + 1,\; 1)$$
#
# $$\text{bin } k \text{ of } n:\quad \text{first} + \Bigl\lfloor k\,\tfrac{\text{side}}{n} \Bigr\rfloor \;\le\; \text{cell} \;<\; \text{first} + \Bigl\lceil (k+1)\,\tfrac{\text{side}}{n} \Bigr\rceil$$
#
# with $s$ = `spatial_scale` = 1/16, cells of the map per pixel of the image. The last cell counts: hence the + 1. Halves are rounded up, so 2.5
# becomes 3 (`torch.round` would give the *even* 2). Below 0, where a clipped ROI never is, you may round halves either way. An example: from cell 1
# to cell 5 the side is 5. Cut in two, bin 0 gets cells 1 to 3, and bin 1 gets cells 3 to 5. They share cell 3: floor and ceiling widen each bin to
# whole cells, so none is empty, however small the ROI is. At the very end, cut the bins off at the border of the map; a bin that lies wholly outside
# gives 0.
#
# **Sources.** Lecture: "ROI Pooling". Paper: Fast R-CNN, section 2.1. torchvision: [`roi_pool`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/roi_pool.py#L15); the loop itself is C++.

# %% nbgrader={"grade": false, "grade_id": "roi_pool", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roi_pool(
    features: Tensor, rois: Tensor, output_size: tuple[int, int], spatial_scale: float
) -> Tensor:
    """Pool each ROI's part of the feature map into a grid of one size, by the maximum.

    Args:
        features (Tensor[B, C, H, W]): float feature maps of B images.
        rois (Tensor[R, 5]): image number (0 … B − 1), then ``(x1, y1, x2, y2)`` in pixels
            of the image; same dtype and device; R may be 0.
        output_size (tuple[int, int]): ``(height, width)`` of the grid, in bins.
        spatial_scale (float): cells of the map per pixel of the image, such as 1 / 16.

    Returns:
        Tensor[R, C, height, width]: same dtype and device, with gradient to ``features``.
        The four coordinates times ``spatial_scale`` are rounded to whole cells (halves up;
        below 0 either way); the ROI covers the cells from first to last, both included, and
        at least one. Bin k of n spans the cells floor(k · side / n) to
        ceil((k + 1) · side / n), counted from the first one, the last not included; only
        then it is cut off at the map. A bin without a cell gives 0. No ROIs give empty
        (0, C, height, width).

    Source: lecture, "ROI Pooling"; Fast R-CNN, section 2.1; torchvision.ops.roi_pool.
    """
    ### BEGIN SOLUTION
    def bins(first: Tensor, last: Tensor, count: int, limit: int) -> list[list[list[int]]]:
        """Where each ROI's bins begin and end along one axis: R lists of ``count`` pairs."""
        first, last = first.long()[:, None], last.long()[:, None]  # [R, 1]
        side = (last - first + 1).clamp(min=1)
        number = torch.arange(count, device=rois.device)  # [count]
        begin = first + number * side // count  # [R, count]; whole numbers: no rounding, on no device
        end = first - (-(number + 1) * side // count)  # // goes down: twice turned round, up
        return torch.stack((begin, end), dim=2).clamp(0, limit).tolist()

    def largest(values: Tensor, edges: list[list[int]]) -> Tensor:
        """The maximum over each stretch of the first axis, 0 for an empty one."""
        nothing = torch.zeros_like(values[0])
        return torch.stack([values[a:b].amax(dim=0) if a < b else nothing for a, b in edges])

    corners = rois[:, 1:] * spatial_scale
    # whole cells, each [R]; halves away from 0, as torchvision rounds them
    x1, y1, x2, y2 = (corners + 0.5 * corners.sign()).trunc().unbind(dim=1)
    rows = bins(y1, y2, output_size[0], features.shape[2])
    columns = bins(x1, x2, output_size[1], features.shape[3])

    # The maximum over a rectangle: first over its rows, then over its columns. A cell's channels
    # lie next to each other in memory here, which makes both steps fast.
    maps = features.permute(0, 2, 3, 1).contiguous()  # [B, H, W, C]
    pooled = features.new_zeros(len(rois), *output_size, features.shape[1])  # [R, height, width, C]
    for roi, image in enumerate(rois[:, 0].long().tolist()):
        bands = largest(maps[image], rows[roi])  # [height, W, C]
        pooled[roi] = largest(bands.transpose(0, 1), columns[roi]).transpose(0, 1)
    return pooled.permute(0, 3, 1, 2)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Write it for one ROI and one axis first: a list with (begin, end) for each bin. Then add two loops over bins, and one over ROIs around them. Speed
# comes last.
# </details>
#
# <details><summary>Hint 2: rounding</summary>
#
# `(v + 0.5).floor()` rounds halves up.
# </details>
#
# <details><summary>Hint 3: the maximum</summary>
#
# `features[image, :, top:bottom, left:right].amax(dim=(1, 2))` is one value per channel. It fails on an empty part: leave that bin at 0. Begin and
# end must not be negative: `max(top, 0)`.
# </details>
#
# <details><summary>Hint 4: gradient</summary>
#
# The backbone learns through this function. Writing results of tensor operations into a tensor of zeros keeps the gradient; `.data`, `.item()` or
# `torch.tensor(…)` on *features* cuts it off. (On ROIs they do no harm.)
# </details>
#
# <details><summary>Hint 5: fast</summary>
#
# A maximum over a rectangle is a maximum over its rows, then over its columns: 7 + 7 operations per ROI instead of 49.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_roi_pool", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.roi_pool(roi_pool)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("roi_pool", roi_pool)
# ### END HIDDEN TESTS

# %% [markdown]
# The far helmet, 36 × 61 pixels, covers 2.25 × 3.81 cells of the map, divided here into 4 × 3 bins. Compare the dashed box with your bins.

# %% tags=["active-ipynb"]
# draw.pooled_cells((48, 27, 84, 88), (7, 9), (4, 3), 1 / 16, roi_pool)

# %% [markdown]
# ## Exercise 3 · `bilinear_sample`
#
# *easy · 15 minutes · 3 points*
#
# **Idea.** Rounding loses up to half a cell, and half a cell is 8 pixels of the image. To avoid that, we must read the map *between* its cells. Four
# cells surround a point; the nearer a cell is, the more it counts. With $y = i + b$ and $x = j + a$, where $i, j$ are whole and $0 \le a, b < 1$, the
# point reads
#
# $$(1-b)(1-a)\,F_{i,j} + (1-b)\,a\,F_{i,j+1} + b\,(1-a)\,F_{i+1,j} + b\,a\,F_{i+1,j+1}$$
#
# Here **whole numbers are the middles of cells**: y = 0, x = 2 is exactly `feature[:, 0, 2]`. At the border: a point up to one cell off the map reads
# the nearest place on it (clamp y and x first); a point further away reads 0.
#
# PyTorch has a function that does this and more, `F.grid_sample`. Here you build it yourself, so the check does not accept it; in the next exercise
# you may use it.
#
# **Sources.** Lecture: "ROI align", its figure 3. Paper: Mask R-CNN, section 3, "RoIAlign". torchvision: [`_bilinear_interpolate`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/roi_align.py#L35), the Python form of its C++.

# %% nbgrader={"grade": false, "grade_id": "bilinear_sample", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bilinear_sample(feature: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Read a feature map at points between its cells.

    Args:
        feature (Tensor[C, H, W]): one float feature map.
        y (Tensor[K]): where the points are, counted in rows, same dtype and device; whole
            numbers are the middles of cells. K may be 0.
        x (Tensor[K]): the same, counted in columns: y = 0, x = 2 is the middle of
            ``feature[:, 0, 2]``.

    Returns:
        Tensor[C, K]: the mean of the four nearest cells, weighted by nearness; same dtype
        and device, with gradient to ``feature``. A point up to one cell off the map reads
        the nearest place on it; one further away (below −1, or above H or W) gives 0.
        No points give empty (C, 0).

    Source: Mask R-CNN, "RoIAlign"; the sampling inside torchvision.ops.roi_align.
    """
    ### BEGIN SOLUTION
    height, width = feature.shape[-2:]
    on_map = (y >= -1) & (y <= height) & (x >= -1) & (x <= width)  # [K], bool
    y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)

    top, left = y.floor().long(), x.floor().long()  # [K]
    bottom, right = (top + 1).clamp(max=height - 1), (left + 1).clamp(max=width - 1)
    down, across = y - top, x - left  # [K]: how far beyond the upper left cell, 0 to 1

    upper = feature[:, top, left] * (1 - across) + feature[:, top, right] * across  # [C, K]
    lower = feature[:, bottom, left] * (1 - across) + feature[:, bottom, right] * across
    return torch.where(on_map, upper * (1 - down) + lower * down, 0)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Two means in a row: mix left and right in the upper row, mix left and right in the lower row, then mix both results.
# </details>
#
# <details><summary>Hint 2: indices</summary>
#
# `feature[:, rows, columns]` with two index tensors of K numbers gives (C, K). `.floor().long()` makes indices. The cell to the right of the last one does not exist: clamp its index; its weight is 0 there.
# </details>
#
# <details><summary>Hint 3: off the map</summary>
#
# Remember *before* clamping which points are further than one cell away: y < −1, y > H, x < −1 or x > W. At the end `torch.where` sets them to 0.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_bilinear_sample", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.bilinear_sample(bilinear_sample)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("bilinear_sample", bilinear_sample)
# ### END HIDDEN TESTS

# %% [markdown]
# Here is your function at one point, and along a whole row of cells, from beyond the left border to beyond the right one.

# %% tags=["active-ipynb"]
# draw.bilinear_weights(0.75, 2.4, bilinear_sample)

# %% [markdown]
# ## Exercise 4 · `roi_align`
#
# *medium · 25 minutes · 7 points*
#
# **Idea.** No rounding anywhere: bins end where they end, and each bin is the **mean** of 2 × 2 points inside it, read by `bilinear_sample`.
#
# **The half pixel.** Image coordinates name the lines between pixels: 0 is the left border of the image. Counted in cells, the middle of the first
# cell is at ½. For `bilinear_sample`, whole numbers are middles, so the same point is at 0. Therefore
#
# $$y_\text{map} = y_\text{image} \cdot s - \tfrac{1}{2}$$
#
# and the same for x. The ½ is half a *cell*: subtract it after the multiplication.
#
# **The points.** With n bins and r points per bin along an axis, cut the ROI into n · r equal parts and take their middles:
#
# $$y_k = y_1 + \bigl(k + \tfrac12\bigr)\,\frac{y_2 - y_1}{n\,r}, \qquad k = 0 \dots n r - 1$$
#
# Combine every y with every x. Enlarge nothing and cut nothing off: points off the map are `bilinear_sample`'s business.
#
# **Sources.** Lecture: "ROI align to reduce rounding error problem". Paper: Mask R-CNN, section 3, "RoIAlign", and figure 3. torchvision: [`roi_align`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/roi_align.py#L204) with `aligned=True`. Its detectors use the default, `aligned=False`: there, the half pixel is missing.

# %% nbgrader={"grade": false, "grade_id": "roi_align", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roi_align(
    features: Tensor,
    rois: Tensor,
    output_size: tuple[int, int],
    spatial_scale: float,
    sampling_ratio: int = 2,
) -> Tensor:
    """Pool each ROI's part of the feature map into a grid of one size, without rounding.

    Args:
        features (Tensor[B, C, H, W]): float feature maps of B images.
        rois (Tensor[R, 5]): image number (0 … B − 1), then ``(x1, y1, x2, y2)`` in pixels
            of the image; same dtype and device; R may be 0.
        output_size (tuple[int, int]): ``(height, width)`` of the grid, in bins.
        spatial_scale (float): cells of the map per pixel of the image, such as 1 / 16.
        sampling_ratio (int): sample points along each side of a bin, 1 or more.

    Returns:
        Tensor[R, C, height, width]: same dtype and device, with gradient to ``features``.
        An image coordinate p is at p · ``spatial_scale`` − 0.5 on the map, where whole
        numbers are the middles of cells. Each bin is the mean of ``sampling_ratio`` ×
        ``sampling_ratio`` points, spread evenly: the middles of that many equal parts.
        Each point is read as ``bilinear_sample`` does. No ROIs give empty (0, C, height,
        width).

    Source: Mask R-CNN, "RoIAlign"; torchvision.ops.roi_align with ``aligned=True``.
    """
    ### BEGIN SOLUTION
    def points(begin: Tensor, end: Tensor, bins: int) -> Tensor:
        """The sample points along one axis: the middles of ``bins * sampling_ratio`` equal parts."""
        parts = bins * sampling_ratio
        middle = torch.arange(parts, device=rois.device) + 0.5
        return begin[:, None] + middle * (end - begin)[:, None] / parts  # [R, parts]

    x1, y1, x2, y2 = (rois[:, 1:] * spatial_scale - 0.5).unbind(dim=1)  # each [R]
    y, x = points(y1, y2, output_size[0]), points(x1, x2, output_size[1])  # [R, P], [R, Q]
    grid = (len(rois), y.shape[1], x.shape[1])
    y, x = y[:, :, None].expand(grid), x[:, None, :].expand(grid)  # every y with every x

    samples = features.new_zeros(len(rois), features.shape[1], *grid[1:])  # [R, C, P, Q]
    for image, feature in enumerate(features):
        here = rois[:, 0] == image
        values = bilinear_sample(feature, y[here].flatten(), x[here].flatten())  # [C, points]
        samples[here] = values.unflatten(1, (-1, *grid[1:])).transpose(0, 1)
    bins = samples.unflatten(3, (-1, sampling_ratio)).unflatten(2, (-1, sampling_ratio))
    return bins.mean(dim=(3, 5))
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# For one ROI: n · r values of y, m · r values of x, `torch.meshgrid(y, x, indexing="ij")`, flatten, one call of `bilinear_sample`. Then take the mean
# over each block of r × r points.
# </details>
#
# <details><summary>Hint 2: blocks</summary>
#
# Values of shape (C, n · r, m · r) become (C, n, r, m, r) by `reshape`; the mean over dimensions 2 and 4 is what you want. `F.avg_pool2d(values, r)` does the same.
# </details>
#
# <details><summary>Hint 3: dtype</summary>
#
# `torch.arange(5) + 0.5` is float32. Multiplied by a *single* float64 number it stays float32: give `arange` the dtype and device of the ROIs.
# </details>
#
# <details><summary>Hint 4: all at once</summary>
#
# All ROIs of one image share its map: you can read points of shape (ROIs, n · r, m · r) in a single call.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_roi_align", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.roi_align(roi_align)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("roi_align", roi_align)
# ### END HIDDEN TESTS

# %% [markdown]
# Both of your functions read the same small ROI here. On the left, the ROI has grown from 2.25 × 3.81 cells to 3 × 5, and moved down and to the
# right. On the right, every point is where it belongs.

# %% tags=["active-ipynb"]
# draw.pool_and_align((48, 27, 84, 88), (7, 9), (4, 3), 1 / 16, roi_pool, roi_align)

# %% [markdown]
# **Now you.** Move the ROI to the right, pixel by pixel (arrow keys): the points of `roi_align` move along, while the cells of `roi_pool` stay, then
# jump by sixteen pixels at once. For the last two numbers, each function reads the ROI as one bin from a map whose cells hold their column number:
# one jumps, the other glides. (If sliders don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.pooling(roi_pool, roi_align)

# %% [markdown]
# ### Bonus: faster (no points)
#
# Your `roi_align` may take a second on the lecture's sizes: 128 ROIs of 14 × 14 points are 25,088 points, each with 512 channels, and each reads four
# cells. But bilinear reading is *linear*, and so is the mean of a bin: each answer is just a *weighted sum of cells*, and all channels share its
# weights. Along one axis, a bin reads two cells for each of its points, with weights that add up to 1; for both axes, multiply the weights of the
# rows by those of the columns.
#
# Language models do the same thing all day: look up some rows of a table and add them up, each by its weight. PyTorch calls this an embedding bag.
# Here the table holds the cells of all maps, one row of C numbers for each, and every bin is a bag:
# [`F.embedding_bag`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html)`(cells, table, per_sample_weights=weights, mode="sum")`,
# with cells and weights (R · height · width, 4 · `sampling_ratio`²). No loop is left, and the backward pass is just as short.
#
# If you like, write it; the next cell times it against torchvision's operator, which is C++ as well, but slow in the backward pass ("back"). If yours
# is right, lab 7 trains your detector with it.

# %% nbgrader={"grade": false, "grade_id": "roi_align_fast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roi_align_fast(
    features: Tensor,
    rois: Tensor,
    output_size: tuple[int, int],
    spatial_scale: float,
    sampling_ratio: int = 2,
) -> Tensor:
    """As :func:`roi_align`, the same answer: each bin is a weighted sum of cells, looked up in one table."""
    ### BEGIN SOLUTION
    def reads(begin: Tensor, end: Tensor, bins: int, cells: int) -> tuple[Tensor, Tensor]:
        """Which cells each bin reads along one axis, and how much each counts: both [R, bins, 2 · sampling_ratio]."""
        parts = bins * sampling_ratio
        point = begin[:, None] + (torch.arange(parts, device=rois.device) + 0.5) * (end - begin)[:, None] / parts
        on_map = (point >= -1) & (point <= cells)  # [R, parts]
        point = point.clamp(0, cells - 1)
        low = point.floor()
        cell = torch.stack([low, (low + 1).clamp(max=cells - 1)], dim=2).long()
        weight = torch.stack([low + 1 - point, point - low], dim=2) * on_map[:, :, None] / sampling_ratio
        return cell.unflatten(1, (bins, -1)).flatten(2), weight.unflatten(1, (bins, -1)).flatten(2)

    _, channels, height, width = features.shape
    x1, y1, x2, y2 = (rois[:, 1:] * spatial_scale - 0.5).unbind(dim=1)
    row, down = reads(y1, y2, output_size[0], height)
    column, across = reads(x1, x2, output_size[1], width)

    row = row + rois[:, 0].long()[:, None, None] * height  # as if all maps stood in one column
    cell = row[:, :, None, :, None] * width + column[:, None, :, None, :]  # [R, bins down, bins across, rows, columns]
    weight = down[:, :, None, :, None] * across[:, None, :, None, :]
    table = features.permute(0, 2, 3, 1).reshape(-1, channels)  # a row for each cell
    cells, weights = (each.flatten(3).flatten(0, 2) for each in (cell, weight))  # a bag for each bin
    pooled = F.embedding_bag(cells, table, per_sample_weights=weights, mode="sum")
    return pooled.view(len(rois), *output_size, channels).permute(0, 3, 1, 2)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# if setup.attended():
#     import time
#
#     def now():
#         if device.type == "cuda":
#             torch.cuda.synchronize()  # a GPU answers before it is done
#         return time.perf_counter()
#
#
#     many = torch.cat([torch.zeros(128, 1, device=device), proposals[:128]], dim=1)
#     maps = features.detach().requires_grad_()
#     for name, function in {"yours": roi_align, "bonus": roi_align_fast, "torchvision's": library.roi_align}.items():
#         try:
#             times = []
#             for _ in range(2):
#                 start = now()
#                 pooled = function(maps, many, (7, 7), 1 / 16)
#                 middle = now()
#                 pooled.square().sum().backward()
#                 times.append((1000 * (middle - start), 1000 * (now() - middle)))
#             there, back = map(min, zip(*times, strict=True))
#             print(f"{name:<14}{there:6.0f} ms there and {back:6.0f} ms back for 128 × 512 × 7 × 7")
#         except NotImplementedError:
#             print(f"{name:<14}not written (no points, nothing is lost)")

# %% [markdown]
# ## Exercise 5 · `BoxHead`
#
# *easy · 10 minutes · 4 points*
#
# **Idea.** Each ROI is now 512 · 7 · 7 = 25,088 numbers. Two hidden layers look at them, then two answers come out side by side: which class (K numbers), and for *each class* how the box
# should move (4 K numbers).
#
# $$\text{pooled} \to \text{flatten} \to \text{fc6} \to \text{ReLU} \to \text{fc7} \to \text{ReLU} \to \begin{cases}\text{cls\_score} & K \\ \text{bbox\_pred} & 4K\end{cases}$$
#
# **How many outputs?** The slide writes `nn.Linear(4096, 2 * 4)`: one class, helmets, and background. The in-class practice wants *two* classes of
# objects. With background that makes K = 3, and 3 · 4 = 12 outputs. So K is an argument.
#
# **Sources.** Lecture: "Send ROI samples to detection network". Paper: Fast R-CNN, section 2 and figure 1. torchvision: [`TwoMLPHead`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/faster_rcnn.py#L286) and [`FastRCNNPredictor`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/faster_rcnn.py#L347).

# %% nbgrader={"grade": false, "grade_id": "BoxHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BoxHead(nn.Module):
    """The detection network: which class is in each ROI, and where exactly?

    Args:
        in_features (int): numbers per ROI, C · height · width after pooling.
        hidden (int): width of the two hidden layers.
        num_classes (int): K, background included.

    Layers, all ``nn.Linear``: ``fc6`` (in_features → hidden) and ``fc7`` (hidden → hidden),
    each followed by ReLU; then side by side ``cls_score`` (hidden → K) and ``bbox_pred``
    (hidden → 4 K). The weights of the last two begin as N(0, 0.01), their biases as 0.
    The class neither sets torch's seed nor draws random numbers in ``forward``.

    Source: lecture, "Send ROI samples to detection network"; Fast R-CNN, section 2;
    torchvision's TwoMLPHead and FastRCNNPredictor.
    """

    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.fc6 = nn.Linear(in_features, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.cls_score = nn.Linear(hidden, num_classes)
        self.bbox_pred = nn.Linear(hidden, 4 * num_classes)
        for layer in (self.cls_score, self.bbox_pred):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
        ### END SOLUTION

    def forward(self, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """Answer for every ROI.

        Args:
            pooled (Tensor[R, C, height, width]): pooled features, or already flat ones
                (Tensor[R, in_features]); R may be 0.

        Returns:
            tuple of the logits (Tensor[R, K]) and the deltas (Tensor[R, 4 K]): the four
            numbers of class k are columns 4 k to 4 k + 3. Same dtype and device. No ROIs
            give empty (0, K) and (0, 4 K).
        """
        ### BEGIN SOLUTION
        flat = pooled.flatten(start_dim=1)  # [R, in_features]
        hidden = self.fc6(flat).relu()
        hidden = self.fc7(hidden).relu()  # [R, hidden]
        return self.cls_score(hidden), self.bbox_pred(hidden)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Three layers have `hidden` inputs. Create all four in `__init__` and keep them as `self.…`, so that the optimiser finds their weights. Name them as
# in the docstring: the grader copies weights in by these names.
# </details>
#
# <details><summary>Hint 2: ReLU</summary>
#
# In `forward`, `pooled.flatten(start_dim=1)` makes one row of each ROI. ReLU follows `fc6` and `fc7`, but not the last two layers: logits and deltas
# may be negative.
# </details>
#
# <details><summary>Hint 3: how it begins</summary>
#
# `torch.nn.init` has functions that fill a weight in place: one draws from a normal distribution with a given `std`, another writes zeros. Use them
# in `__init__`, for `cls_score` and `bbox_pred`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_BoxHead", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.BoxHead(BoxHead)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("BoxHead", BoxHead)
# ### END HIDDEN TESTS

# %% [markdown]
# Here is the lecture's whole path: 128 ROIs, pooled to 7 × 7, and a head for two classes and background. (The head is narrower than VGG16's 4,096, to
# save you time.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     generator = torch.Generator(device).manual_seed(2)
#     rois, labels, targets = sample_rois(proposals, helmets, classes, generator=generator)
#     pooled = roi_pool(features, torch.cat([torch.zeros_like(rois[:, :1]), rois], dim=1), (7, 7), 1 / 16)
#     torch.manual_seed(0)
#     head = BoxHead(512 * 7 * 7, 256, 3).to(device)
#     logits, deltas = head(pooled)
#     for name, value in {"rois": rois, "pooled": pooled, "logits": logits, "deltas": deltas}.items():
#         print(f"{name:<7} {tuple(value.shape)}")

# %% [markdown]
# ## Exercise 6 · `detection_loss`
#
# *medium · 15 minutes · 4 points*
#
# **Idea.** Two questions, two losses. *Which class?* Cross-entropy over all ROIs. *Where exactly?* Smooth L1, for the objects only: background has no true box.
#
# Each ROI has 4 K numbers, and only the four of its **true class** count. The class that the network finds likeliest does not matter: a head that mistakes a person for a cone should still learn
# where the person is.
#
# $$L_\text{cls} = -\frac1R\sum_r \log p_{r,\,\text{label}_r} \qquad L_\text{loc} = \frac1R \sum_{\text{label}_r > 0}\;\sum_{k=1}^{4} \text{smooth}_{L_1}\bigl(d_{r,\,\text{label}_r,\,k} - t_{r,k}\bigr)$$
#
# Smooth L1 is the same as in lab 3, but its parabola ends at β = 1/9 instead of 1: $\tfrac{x^2}{2\beta}$ below, $|x| - \tfrac{\beta}{2}$ above. (The
# slides reuse the RPN's loss, with β = 1, and divide by the number of objects; here we use torchvision's.) Divide both sums by R, the number of *all*
# ROIs, 128. Then each object weighs the same in every image, however many there are.
#
# **Sources.** Paper: Fast R-CNN, section 2.3, "Multi-task loss", equations 1 to 3. torchvision: [`fastrcnn_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L12).

# %% nbgrader={"grade": false, "grade_id": "detection_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def detection_loss(
    logits: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute both losses of the detection network.

    Args:
        logits (Tensor[R, K]): class scores before softmax, float; R may be 0.
        deltas (Tensor[R, 4 K]): predicted deltas, four for each class.
        labels (Tensor[R]): int64 true classes, 0 for background.
        targets (Tensor[R, 4]): true deltas of the objects; rows of background are not used:
            0, or anything finite.

    Returns:
        cls_loss (Tensor[]): mean cross-entropy over the R ROIs.
        loc_loss (Tensor[]): smooth L1 (β = 1/9) between the true class's four deltas and
            the targets, summed over the objects and their four numbers, divided by R.
        Both in the dtype of ``logits`` and with gradient, also where they are 0 because
        nothing counts. No ROIs give 0 and 0, never NaN.

    Source: Fast R-CNN, section 2.3, "Multi-task loss"; torchvision's fastrcnn_loss.
    """
    ### BEGIN SOLUTION
    num_rois = max(len(labels), 1)
    cls_loss = F.cross_entropy(logits, labels, reduction="sum") / num_rois

    objects = (labels > 0).nonzero().squeeze(1)  # [P]
    by_class = deltas.unflatten(1, (-1, 4))  # [R, K, 4]
    own = by_class[objects, labels[objects]]  # [P, 4]: the true class's four numbers
    loc_loss = F.smooth_l1_loss(own, targets[objects], beta=1 / 9, reduction="sum") / num_rois
    return cls_loss, loc_loss
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `F.cross_entropy` and `F.smooth_l1_loss` are fine; look up their `reduction` and `beta`. The work is to pick the right four numbers.
# </details>
#
# <details><summary>Hint 2: picking</summary>
#
# Split the 4 K columns into two dimensions: (R, K, 4). Then index with two tensors: which ROIs, which class.
# </details>
#
# <details><summary>Hint 3: no ROIs</summary>
#
# A mean over nothing is NaN. Sum, and divide by at least 1.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_detection_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.detection_loss(detection_loss)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("detection_loss", detection_loss)
# ### END HIDDEN TESTS

# %% [markdown]
# Here is the loss of the untrained head on the lecture's sample.

# %% tags=["active-ipynb"]
# if setup.attended():
#     cls_loss, loc_loss = detection_loss(logits, deltas, labels, targets)
#     print(f"cls_loss {cls_loss:.4f} (log 3 = 1.0986: the head knows nothing yet), loc_loss {loc_loss:.4f}")

# %% [markdown]
# ## Exercise 7 · `postprocess_detections`
#
# *medium · 20 minutes · 4 points*
#
# **Idea.** After training, the head answers for every ROI and every class. Reduce these R · K answers to a handful of detections, class by class
# (background is not a detection):
#
# 1. decode that class's four deltas (weights (10, 10, 5, 5)), clip to the image;
# 2. keep scores above 0.05 and drop boxes with a side under 0.01: a clipped box may have nothing left;
# 3. apply NMS with threshold 0.5, **class by class**: a worker and their helmet overlap, and both stay.
#
# Then put all classes together: best first, at most 100. Scores are probabilities: the softmax of the logits.
#
# **Sources.** Paper: Fast R-CNN, section 3, last paragraph before 3.1. torchvision: [`postprocess_detections`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L680).

# %% nbgrader={"grade": false, "grade_id": "postprocess_detections", "locked": false, "schema_version": 3, "solution": true, "task": false}
def postprocess_detections(
    logits: Tensor,
    deltas: Tensor,
    rois: Tensor,
    size: tuple[int, int],
    score_threshold: float = 0.05,
    nms_threshold: float = 0.5,
    max_detections: int = 100,
) -> tuple[Tensor, Tensor, Tensor]:
    """Turn what the head gives for one image into its detections.

    Args:
        logits (Tensor[R, K]): class scores before softmax, float; class 0 is background.
        deltas (Tensor[R, 4 K]): predicted deltas, weights (10, 10, 5, 5), four per class.
        rois (Tensor[R, 4]): the ROIs ``(x1, y1, x2, y2)``, in pixels; R may be 0.
        size (tuple[int, int]): ``(height, width)`` of the image.
        score_threshold (float): a detection needs a higher probability than this.
        nms_threshold (float): of two detections of one class with a higher IoU than this,
            only the better stays. Classes don't disturb each other.
        max_detections (int): the best that many stay, over all classes.

    Returns:
        tuple of boxes (Tensor[D, 4]), labels (Tensor[D], int64, 1 or more) and scores
        (Tensor[D]), best first; boxes and scores in the same dtype and device as the
        logits. Every ROI may give a detection for each class but background. Boxes are
        clipped to the image; those with a side under 0.01 pixels are dropped. No ROIs give
        empty (0, 4), (0,) and (0,).

    Source: Fast R-CNN, section 3; torchvision's RoIHeads.postprocess_detections.
    """
    ### BEGIN SOLUTION
    probabilities = logits.softmax(dim=1)  # [R, K]
    by_class = deltas.unflatten(1, (-1, 4))  # [R, K, 4]
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    for label in range(1, logits.shape[1]):  # 0 is background
        boxes = decode_boxes(by_class[:, label], rois, weights=(10, 10, 5, 5))  # [R, 4]
        boxes, scores = clip_boxes_to_image(boxes, size), probabilities[:, label]
        keep = scores > score_threshold
        boxes, scores = boxes[keep], scores[keep]
        keep = remove_small_boxes(boxes, 0.01)
        boxes, scores = boxes[keep], scores[keep]
        keep = nms(boxes, scores, nms_threshold)
        found.append((boxes[keep], torch.full_like(keep, label), scores[keep]))

    boxes, labels, scores = (torch.cat(parts) for parts in zip(*found, strict=True))
    best = scores.argsort(descending=True)[:max_detections]
    return boxes[best], labels[best], scores[best]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# A loop over classes 1 … K − 1, three filters each. Filter boxes *and* scores with the same indices, every time.
# </details>
#
# <details><summary>Hint 2: tools</summary>
#
# `decode_boxes(deltas, rois, weights)` wants (R, 4) deltas. `nms(boxes, scores, threshold)` gives indices; so does `remove_small_boxes(boxes, 0.01)`.
# </details>
#
# <details><summary>Hint 3: order</summary>
#
# `scores.argsort(descending=True)[:max_detections]` at the end. Mind the order of the answer: boxes, labels, scores.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_postprocess_detections", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.postprocess_detections(postprocess_detections)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("postprocess_detections", postprocess_detections)
# ### END HIDDEN TESTS

# %% [markdown]
# Here are sixty ROIs around two workers and their helmets. We have no trained head yet, so we made up its answers: roughly right, as after some
# training.
#
# **Before you run this:** how many detections will be left of the sixty? NMS removes what overlaps by more than 0.5. Does a helmet survive that lies
# within its worker's box?

# %% tags=["active-ipynb"]
# if setup.attended():
#     truth = torch.tensor([*lecture.HELMETS, (104.0, 158.0, 277.0, 520.0), (294.0, 137.0, 366.0, 420.0)], device=device)
#     luck = torch.Generator().manual_seed(5)
#     owner = torch.arange(60, device=device) % 4
#     sides = (truth[:, 2:] - truth[:, :2]).repeat(1, 2)[owner]
#     around = truth[owner] + sides * 0.12 * torch.randn(60, 4, generator=luck).to(device)
#     kind = 1 + owner // 2  # 1 = helmet, 2 = worker
#     number = torch.arange(60, device=device)
#     quality = box_iou(around, truth)[number, owner]
#     answers = torch.tensor([0.0, -3.0, -3.0], device=device).repeat(60, 1)
#     answers[number, kind] = 6 * quality - 2.5
#     moves = encode_boxes(truth[owner], around, (10, 10, 5, 5))
#     moves = (moves * 0.8 + 0.3 * torch.randn(60, 4, generator=luck).to(device)).repeat(1, 3)
#     draw.detections(answers, moves, around, ("background", "helmet", "worker"), postprocess_detections)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Four: two workers and two helmets. NMS runs class by class, so a worker's box never removes a helmet.
# </details>

# %% [markdown]
# ## Traps
#
# None of these raises an error. The program runs, the loss falls, and the detector is quietly worse.
#
# ### Trap 1 · the true boxes left out
#
# The slides' tutorial samples from the proposals alone. How many objects would an RPN that knows nothing offer?

# %% tags=["active-ipynb"]
# if setup.attended():
#     best = box_iou(proposals, helmets).max(dim=0).values
#     found = int((box_iou(proposals, helmets) >= 0.5).any(dim=1).sum())
#     for name, iou in zip(("near helmet", "far helmet"), best.tolist(), strict=True):
#         print(f"{name}: the best of {len(proposals):,} proposals has IoU {iou:.2f}")
#     print(f"proposals with IoU 0.5 or more: {found}; with the true boxes: {found + len(helmets)}")

# %% [markdown]
# The smallest anchors cover 128 · 128 pixels, the far helmet 36 · 61: even an anchor right around it has an IoU of only 0.13. If no proposal reaches
# 0.5, the network never sees that helmet as an object and cannot learn what a small one looks like. With the true box among the candidates it can,
# from the first image on.
#
# ### Trap 2 · rounding, the half pixel, spatial_scale
#
# Here *your* `roi_align` reads the far helmet from a small copy of the photo (one cell = 16 × 16 pixels): once correctly, and with three classic
# mistakes.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.roi_mistakes(photo, lecture.HELMETS[1], roi_align)

# %% [markdown]
# Rounding and the half pixel both shift the reading. The ring, the helmet's true middle, is no longer in the middle of the picture, so the head
# learns to correct an error that we made ourselves. Without `spatial_scale`, the ROI lies far off the map and reads nothing but 0. You get no
# warning: the head then learns only how frequent each class is, and its loss still falls.
#
# ### Trap 3 · `.long()`, `adaptive_max_pool2d` and `.data`
#
# The tutorial behind the slides truncates instead of rounding, divides the ROI with `adaptive_max_pool2d`, and takes `.data` of the result. How often
# does that equal ROI pooling, and what does the backbone learn from it?

# %% tags=["active-ipynb"]
# if setup.attended():
#     def tutorial_pool(features, rois, output_size, spatial_scale):
#         cells = (rois[:, 1:] * spatial_scale).long().tolist()
#         parts = [features[0, :, y1 : y2 + 1, x1 : x2 + 1] for x1, y1, x2, y2 in cells]
#         return torch.stack([F.adaptive_max_pool2d(part, output_size).data for part in parts])
#
#
#     corners = torch.rand(128, 2, 2, generator=torch.Generator().manual_seed(6)).to(device) * 800
#     some = torch.cat([torch.zeros(128, 1, device=device), corners.amin(dim=1), corners.amax(dim=1)], dim=1)
#     maps = torch.rand(1, 64, 50, 50, device=device, requires_grad=True)
#     theirs, ours = tutorial_pool(maps, some, (7, 7), 1 / 16), roi_pool(maps, some, (7, 7), 1 / 16)
#     same = (theirs == ours).flatten(start_dim=1).all(dim=1).float().mean()
#     print(f"equal for {same:.0%} of 128 ROIs; gradient: theirs {theirs.requires_grad}, yours {ours.requires_grad}")

# %% [markdown]
# `adaptive_max_pool2d` itself is innocent: it divides as ROI pooling does. `.long()` moves the ROI, and `.data` keeps the backbone from learning
# anything: no gradient, no warning.
#
# ### Trap 4 · two linear layers without ReLU
#
# The slide's head is `nn.Sequential(nn.Linear(25088, 4096), nn.Linear(4096, 4096))`. Without ReLU between them, two linear layers *are* one linear
# layer, and the second one's 17 million weights are wasted. Here is a small pair, and the single layer that does the same:

# %% tags=["active-ipynb"]
# if setup.attended():
#     slide = nn.Sequential(nn.Linear(50, 20), nn.Linear(20, 20))
#     single = nn.Linear(50, 20)
#     with torch.no_grad():
#         single.weight.copy_(slide[1].weight @ slide[0].weight)
#         single.bias.copy_(slide[1].weight @ slide[0].bias + slide[1].bias)
#         some = torch.randn(1000, 50)
#         print(f"largest difference between two layers and one: {(slide(some) - single(some)).abs().max():.7f}")

# %% [markdown]
# ### Trap 5 · whose four numbers?
#
# With `2 * 4` outputs and one class of objects, columns 4 to 7 are always the helmet's: a loss that reads `deltas[:, 4:8]` is right by accident. With a second class it compares class 1's four numbers with the second
# class's targets.
#
# **Before you run this:** here is an answer that is perfect for a helmet and a worker. What should its loss be? And by the columns 4 to 7?

# %% tags=["active-ipynb"]
# if setup.attended():
#     kinds, wanted = torch.tensor([1, 2]), torch.tensor([[0.5, 0.2, 0.0, 1.0], [-1.5, 2.0, 0.8, 0.0]])
#     perfect = torch.zeros(2, 12)
#     perfect[0, 4:8], perfect[1, 8:12] = wanted  # each in the columns of its own class
#     _, yours = detection_loss(torch.zeros(2, 3), perfect, kinds, wanted)
#     slide = F.smooth_l1_loss(perfect[:, 4:8], wanted, beta=1 / 9, reduction="sum") / 2
#     print(f"loc_loss of a perfect answer: yours {yours:.2f}, columns 4 to 7 for everybody {slide:.2f}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Yours is 0: nothing is left to improve. With columns 4 to 7 for everybody the helmet is still right, but the worker's targets are compared with
# four zeros. So a perfect head is punished, and training would drag it away from the truth.
# </details>

# %% [markdown]
# ## Your parts in a real detector
#
# Enough random numbers: here is a detector that others have trained, and it runs on the parts that you have just written. Move the slider: how sure
# must it be?
#
# With internet access, this is torchvision's `fasterrcnn_resnet50_fpn` with its COCO weights. Your parts are *transplanted* into it: they replace
# torchvision's own and take over their weights, and the detector's answers stay the same. Without internet access, it is the course's small detector,
# which has only ever seen made-up scenes. If a part fails its check, it is left out, and the list says so.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from course.parts import here
#
#     mine = here(globals())  # what this notebook defines and is right; the library's for all else
#     found = zoo.detector("boxes", mine)
#     print(found)
#     explore.detections(scenes.scene(21, size=(144, 192))[0], found.model, found.categories)

# %% [markdown]
# ## Checkpoint
#
# When every check passes, you have
#
# - a sample of 128 ROIs with labels and targets, true boxes included;
# - two ways to read an ROI from a feature map, and you know what rounding costs;
# - the detection network, its loss, and the way from its answers to detections.
#
# With labs 1 to 3 these are all the parts of Faster R-CNN; lab 7 puts them together and trains them.
#
# Before you hand in, run everything once more. In JupyterLab choose *Kernel → Restart Kernel and Run All Cells…*, then press *Validate* in the
# toolbar (in a narrow window it hides behind the three dots). In Colab choose *Runtime → Restart session and run all*.
#
# **Next, [lab 5](../lab5_fpn_mask/fpn.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab5_fpn_mask/fpn.ipynb)): small helmets on a coarse map are in trouble, as you saw. A pyramid of maps helps them, and your `roi_align` gets a new customer: masks.

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
