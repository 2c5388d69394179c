# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 6 · Keypoints
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab6_keypoints/keypoints.ipynb)
#
# **20 points · about 110 minutes · one network and three functions**
#
# A box says where a person is. Seventeen points say what the person is doing. This lab adds them: for each person a small network
# draws 17 **heat maps**, one for each joint, and the hottest place of each map is the joint.
#
# | where this comes from | |
# |---|---|
# | lecture | third part, *FasterRCNN, MaskRCNN and KeypointsRCNN*: "Class practice – KeypointRCNN head", "Keypoints available in COCO-dataset for humans", practice *Keypoints RCNN* |
# | paper | He et al., [*Mask R-CNN*](https://arxiv.org/abs/1703.06870) (2017): section 5, "Mask R-CNN for Human Pose Estimation" |
# | code | torchvision's `keypointrcnn_resnet50_fpn`, whose layers the slide prints: version 0.29.1, linked under each exercise's idea. Try it yourself first |
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
# The rest of today's tools. This lab needs nothing from your earlier ones.

# %%
from torch import nn
from torch.nn import functional as F

from course import explore, scenes, zoo

# %% [markdown]
# ## Where we are
#
# Today's part is yellow: a third head beside those for boxes and masks. It gets the same ROIs, aligned as in lab 4, but with 14 × 14 cells.

# %% tags=["active-ipynb"]
# pipeline.show("keypoints")

# %% [markdown]
# ## Seventeen points
#
# COCO marks 17 points on a person, always in this order. **Left is the person's left**: if they face you, it is on your right.

# %% tags=["active-ipynb"]
# draw.seventeen_keypoints()

# %% [markdown]
# Each point is three numbers: x, y in pixels, and **v**, its visibility.
#
# | v | meaning | does it count in training? |
# |---|---|---|
# | 0 | not labelled: off the picture, or nobody knows | no; its x and y mean nothing (COCO writes 0, 0) |
# | 1 | labelled, but hidden behind something | yes |
# | 2 | labelled and seen | yes |
#
# ## The slides' names and ours
#
# | slides | here | what it is |
# |---|---|---|
# | `keypoint_roi_pool` | features (R, 256, 14, 14) | what ROI align reads for R persons |
# | `keypoint_head`, `(0)` … `(15)` | `convs` | eight convolutions, each with ReLU |
# | `keypoint_predictor`, `kps_score_lowres` | `kps_score_lowres` | a transposed convolution, 14 → 28 |
# | (not printed) | × 2, bilinear | 28 → 56; see exercise 1 |
# | – | `index`, `valid` | where each joint should be hot, and whether it counts |
#
# We work on a made-up building site, where every joint is known.

# %% tags=["active-ipynb"]
# if setup.attended():
#     image, target = scenes.scene(11, size=(240, 320))
#     person = target["labels"] == scenes.CLASSES.index("person")
#     rois = target["boxes"][person].to(device)  # (R, 4): the true boxes stand in for detected ones
#     keypoints = target["keypoints"][person].to(device)  # (R, 17, 3): x, y, v
#     print(f"{len(rois)} persons; keypoints with v = 0, 1, 2: {[int((keypoints[..., 2] == v).sum()) for v in range(3)]}")

# %% [markdown]
# ## Exercise 1 · `KeypointHead`
#
# *medium · 25 minutes · 6 points*
#
# **Idea.** A joint is found by looking at its surroundings: a wrist is what comes after an elbow. Eight 3 × 3 convolutions in a row let each of the 14 × 14 cells see eight cells in every direction,
# which is most of the person. Then a *transposed* convolution (lab 5) enlarges to 28 × 28 and turns 512 channels into 17 maps, and plain bilinear interpolation makes that 56 × 56.
#
# $$256 \times 14^2 \;\xrightarrow[\text{8 times}]{\text{conv } 3 \times 3,\ \text{ReLU}}\; 512 \times 14^2 \;\xrightarrow[\text{stride 2}]{\text{transposed } 4 \times 4}\; 17 \times 28^2 \;\xrightarrow{\text{bilinear} \times 2}\; 17 \times 56^2$$

# %% tags=["active-ipynb"]
# draw.keypoint_head()

# %% [markdown]
# **The slide omits the last step**, but that is not the slide's fault: printing a network lists its *layers*. Enlarging has no weights, so torchvision's `forward` calls a function for it, and functions are not printed.
#
# **Names.** The layers have torchvision's names, so that weights can be carried over one by one: its `keypoint_head.6.weight` is your `convs.6.weight`, and so on. The network also starts like torchvision's: with weights from He's (Kaiming's) normal
# distribution, made for layers with ReLU, and biases of 0.
#
# **Sources.** Lecture: "Class practice – KeypointRCNN head". Paper: Mask R-CNN, section 5, "Implementation Details". torchvision: [`KeypointRCNNHeads`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/keypoint_rcnn.py#L273) and [`KeypointRCNNPredictor`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/keypoint_rcnn.py#L288).

# %% nbgrader={"grade": false, "grade_id": "KeypointHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class KeypointHead(nn.Module):
    """Draw a heat map for each keypoint of each person.

    Args:
        in_channels (int): C, channels of the features; 256 with a pyramid.
        hidden (int): channels of the eight convolutions.
        num_keypoints (int): K, how many heat maps.

    Layers, with the names that are graded:
        ``convs``: ``nn.Sequential`` as the slide prints it, places 0 to 15: a convolution
        3 × 3 with padding 1 at each even place (C → hidden, then hidden → hidden), a ReLU
        at each odd one. ``kps_score_lowres``: ``nn.ConvTranspose2d`` (hidden → K), kernel
        4, stride 2, padding 1. All nine weights begin by ``nn.init.kaiming_normal_`` with
        ``mode="fan_out"`` and ``nonlinearity="relu"``, all biases as 0. The class neither
        sets torch's seed nor draws random numbers in ``forward``.

    In torchvision's model ``convs.0`` … ``convs.14`` are ``keypoint_head.0`` … ``.14``, and
    ``kps_score_lowres`` is ``keypoint_predictor.kps_score_lowres``.

    Source: lecture, "KeypointRCNN head"; Mask R-CNN, section 5; torchvision's
    KeypointRCNNHeads and KeypointRCNNPredictor.
    """

    def __init__(self, in_channels: int, hidden: int = 512, num_keypoints: int = 17) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        layers: list[nn.Module] = []
        for channels in (in_channels, *[hidden] * 7):
            layers += [nn.Conv2d(channels, hidden, 3, padding=1), nn.ReLU(inplace=True)]
        self.convs = nn.Sequential(*layers)
        self.kps_score_lowres = nn.ConvTranspose2d(hidden, num_keypoints, 4, stride=2, padding=1)
        for layer in (*self.convs[::2], self.kps_score_lowres):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        ### END SOLUTION

    def forward(self, features: Tensor) -> Tensor:
        """Draw the heat maps.

        Args:
            features (Tensor[R, C, H, W]): aligned features of R persons, 14 × 14 in the
                lecture; R may be 0.

        Returns:
            Tensor[R, K, 4 H, 4 W]: logits, same dtype and device. Twice as large by the
            transposed convolution (without ReLU: logits may be negative), and twice again by
            bilinear interpolation (``align_corners=False``). No persons give empty
            (0, K, 4 H, 4 W).
        """
        ### BEGIN SOLUTION
        lowres = self.kps_score_lowres(self.convs(features))  # [R, K, 2 H, 2 W]
        return F.interpolate(lowres, scale_factor=2, mode="bilinear", align_corners=False)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Collect the layers in a list, in a loop over eight convolutions; `nn.Sequential(*layers)` makes one module of them. Only the first one has `in_channels` inputs.
# </details>
#
# <details><summary>Hint 2: the last step</summary>
#
# `F.interpolate` enlarges. It wants to know by how much, in which `mode`, and what to do with the corners; look up `scale_factor`.
# </details>
#
# <details><summary>Hint 3: how it begins</summary>
#
# `nn.init.kaiming_normal_(layer.weight, …)` fills a weight in place, with the two arguments that the docstring gives. `self.convs[::2]` are the eight convolutions. Don't forget `kps_score_lowres`, and the biases.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_KeypointHead", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.KeypointHead(KeypointHead)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("KeypointHead", KeypointHead)
# ### END HIDDEN TESTS

# %% [markdown]
# Your head, printed as on the slide, and what it makes of the lecture's features. The printout ends at 28 × 28; the output does not.

# %% tags=["active-ipynb"]
# if setup.attended():
#     torch.manual_seed(0)
#     head = KeypointHead(256).to(device)
#     print(head)
#     features = torch.randn(len(rois), 256, 14, 14, device=device)
#     with torch.no_grad():
#         print("after kps_score_lowres", tuple(head.kps_score_lowres(head.convs(features)).shape))
#         print("what your head gives  ", tuple(head(features).shape))
#     print(f"{sum(value.numel() for value in head.parameters()):,} weights and biases")

# %% [markdown]
# What is the last × 2 good for? Here a map with two hills goes through a small head of yours, with weights that make it enlarge and nothing else.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.last_enlargement(KeypointHead)

# %% [markdown]
# ## Exercise 2 · `keypoints_to_heatmap`
#
# *medium · 25 minutes · 5 points*
#
# **Idea.** What should the heat maps show? Stretch a grid of 56 × 56 cells over the person's ROI, whatever its shape. Each joint lies in one cell: that cell is the right answer, all others are wrong. So the truth about a joint is
# one number, its cell's place in the map: row · 56 + column.
#
# $$\text{column} = \Bigl\lfloor (x - x_1)\,\frac{56}{x_2 - x_1} \Bigr\rfloor, \qquad \text{row} = \Bigl\lfloor (y - y_1)\,\frac{56}{y_2 - y_1} \Bigr\rfloor, \qquad \text{index} = 56 \cdot \text{row} + \text{column}$$
#
# Two questions remain.
#
# - **The edge.** A joint exactly on the right edge, $x = x_2$, would get column 56, which does not exist. It belongs to the last column, 55. The same at the bottom. (It happens: true boxes are
#   among the ROIs, and they end where the person ends.)
# - **What counts.** A joint counts if it lies in the ROI *and* is labelled, v > 0. An ROI that the network guessed need not contain the whole person, and the map cannot show what is outside. A joint that does not count gets index 0 and `valid` False.
#
# **Sources.** Lecture: "Keypoints available in COCO-dataset for humans". Paper: Mask R-CNN, section 5, "Implementation Details": a one-hot mask for each joint. torchvision: [`keypoints_to_heatmap`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L132).

# %% nbgrader={"grade": false, "grade_id": "keypoints_to_heatmap", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keypoints_to_heatmap(keypoints: Tensor, rois: Tensor, size: int = 56) -> tuple[Tensor, Tensor]:
    """Find the cell of each keypoint in a grid that is stretched over its ROI.

    Args:
        keypoints (Tensor[R, K, 3]): ``(x, y, v)`` of the person in each ROI: x and y in
            pixels, v the visibility (0 not labelled, 1 hidden, 2 seen); R may be 0.
        rois (Tensor[R, 4]): float boxes ``(x1, y1, x2, y2)`` in pixels, x1 < x2 and
            y1 < y2; same dtype and device.
        size (int): S, rows and columns of the grid.

    Returns:
        index (Tensor[R, K]): int64, row · S + column of the cell. Cells are half open: a
            keypoint between two cells belongs to the later one; only one exactly on the
            right or lower edge of the ROI belongs to the last column or row.
        valid (Tensor[R, K]): bool, whether the keypoint counts: it lies in the ROI, edges
            included, and v > 0. Where it does not, index is 0.
        No ROIs give empty (0, K) and (0, K).

    Source: Mask R-CNN, section 5, "one-hot"; torchvision's keypoints_to_heatmap.
    """
    ### BEGIN SOLUTION
    first, last = rois[:, None, :2], rois[:, None, 2:]  # [R, 1, 2]: x1, y1 and x2, y2
    place = keypoints[..., :2]  # [R, K, 2]: x, y
    cell = ((place - first) * (size / (last - first))).floor().long()  # [R, K, 2]: column, row
    cell = torch.where(place == last, size - 1, cell)

    inside = ((cell >= 0) & (cell < size)).all(dim=2)  # [R, K]
    valid = inside & (keypoints[..., 2] > 0)
    column, row = cell.unbind(dim=2)
    return torch.where(valid, row * size + column, 0), valid
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Do x and y one after the other, or both at once. `rois[:, None, 0]` has shape (R, 1) and goes with `keypoints[:, :, 0]` of shape (R, K).
# </details>
#
# <details><summary>Hint 2: floor, then int64</summary>
#
# `.long()` alone cuts off towards 0: −0.3 becomes 0, and a joint just outside seems to be inside. `.floor().long()` makes it −1.
# </details>
#
# <details><summary>Hint 3: the edge</summary>
#
# Ask for equality *before* you scale: `keypoints[:, :, 0] == rois[:, None, 2]`. `torch.where(condition, a, b)` takes numbers, too.
# </details>
#
# <details><summary>Hint 4: nearly the answer</summary>
#
# column and row (R, K) → both between 0 and size − 1? → and v > 0? → that is `valid`; `torch.where(valid, row · size + column, 0)` is `index`.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_keypoints_to_heatmap", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.keypoints_to_heatmap(keypoints_to_heatmap)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("keypoints_to_heatmap", keypoints_to_heatmap)
# ### END HIDDEN TESTS

# %% [markdown]
# One person with your cells, in a 14 × 14 grid that is coarse enough to see, and your answers for v = 0, 1 and 2.

# %% tags=["active-ipynb"]
# if setup.attended():
#     crowd, truth = scenes.scene(22, size=(240, 320))
#     draw.keypoint_cells(crowd, truth["keypoints"][1], truth["boxes"][1], keypoints_to_heatmap)

# %% [markdown]
# ## Exercise 3 · `keypoint_loss`
#
# *medium · 20 minutes · 4 points*
#
# **Idea.** One joint, 56 · 56 = 3,136 cells, one of them right: that is a question with 3,136 possible answers, and you know the loss for such questions: softmax over *all cells of one map*, then cross-entropy. So the cells of a map compete with each other (a joint
# is in one place only), while the 17 maps know nothing of each other.
#
# $$L = -\frac1n \sum_{(r,k)\ \text{valid}} \log \frac{e^{h_{r,k,\text{index}}}}{\sum_c e^{h_{r,k,c}}}, \qquad n = \text{number of valid keypoints}$$
#
# The mean is over all keypoints that count, in all ROIs together. If none counts, the loss is 0 with a gradient of 0, never NaN.
#
# **Sources.** Paper: Mask R-CNN, section 5, "Implementation Details": cross-entropy over an m²-way softmax. torchvision: [`keypointrcnn_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L310).

# %% nbgrader={"grade": false, "grade_id": "keypoint_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keypoint_loss(heatmaps: Tensor, index: Tensor, valid: Tensor) -> Tensor:
    """Compute how far the heat maps are from the true cells.

    Args:
        heatmaps (Tensor[R, K, S, S]): logits, float; R may be 0.
        index (Tensor[R, K]): int64, the true cell of each map, row · S + column.
        valid (Tensor[R, K]): bool, whether a keypoint counts. What index and the map hold
            where it does not must not matter, be it no cell at all, infinite or NaN.

    Returns:
        Tensor[]: cross-entropy over the S · S cells of a map, the mean over all keypoints
        that count; with gradient, in the dtype of ``heatmaps``. If none counts (or R is 0)
        it is 0, with a gradient of 0.

    Source: Mask R-CNN, section 5; torchvision's keypointrcnn_loss.
    """
    ### BEGIN SOLUTION
    logits = heatmaps.flatten(start_dim=2)[valid]  # [n, S · S]: one row for each keypoint that counts
    return F.cross_entropy(logits, index[valid], reduction="sum") / max(len(logits), 1)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `F.cross_entropy(logits, targets)` wants one row for each question: (n, 3136) and (n,).
# </details>
#
# <details><summary>Hint 2: choosing rows</summary>
#
# `heatmaps.flatten(start_dim=2)` is (R, K, 3136), and a mask (R, K) may index it.
# </details>
#
# <details><summary>Hint 3: none counts</summary>
#
# A mean over nothing is NaN, and a `torch.tensor(0.0)` has no gradient. Sum, and divide by at least 1.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_keypoint_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.keypoint_loss(keypoint_loss)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("keypoint_loss", keypoint_loss)
# ### END HIDDEN TESTS

# %% [markdown]
# Watch what your loss wants. At first the left wrist's map is hot at the *right* wrist, a common mistake. From then on it follows only the gradient of your loss.
#
# **Before you run this:** the loss names only the *true* cell. What happens to the hill at the wrong wrist?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.loss_at_work(keypoints[1:2], rois[1:2], keypoints_to_heatmap, keypoint_loss)

# %% [markdown]
# <details><summary>Answer</summary>
#
# It shrinks while the true cell rises. In a softmax all shares add up to 1, so what one cell gains the others lose, and the gradient pushes hardest
# against the cell that wrongly holds the largest share.
# </details>

# %% [markdown]
# ## Exercise 4 · `heatmaps_to_keypoints`
#
# *hard · 30 minutes · 5 points*
#
# **Idea.** The way back, from the hottest cell to a place in the image. The grid of 56 × 56 is often coarser than the picture: for a person 300 pixels tall, a cell is more than 5 pixels tall. So each map is first **enlarged to the size of its ROI**, in whole pixels, by *bicubic*
# interpolation, which is smooth, so the peak may lie between the cells. Then the hottest pixel counts.
#
# For each ROI:
#
# 1. sides $w = x_2 - x_1$ and $h = y_2 - y_1$, at least 1; rounded up, $\lceil w \rceil$ and $\lceil h \rceil$;
# 2. enlarge its K maps to $\lceil h \rceil \times \lceil w \rceil$ (a small ROI makes them smaller: the same call);
# 3. take the hottest pixel of each map, and its value: the **score**. It is a logit, not a probability: larger is surer, and that's all.
# 4. go from column and row back to the image:
#
# $$x = x_1 + \Bigl(\text{column} + \tfrac12\Bigr) \frac{w}{\lceil w \rceil}, \qquad y = y_1 + \Bigl(\text{row} + \tfrac12\Bigr) \frac{h}{\lceil h \rceil}$$
#
# Half a pixel, because pixel 0 reaches from 0 to 1 and its middle is ½. And $w / \lceil w \rceil$, because $\lceil w \rceil$ pixels are squeezed into a side of $w$.
#
# **Sources.** Paper: Mask R-CNN, section 5; how to read a map is left to the code. torchvision: [`heatmaps_to_keypoints`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L237).

# %% nbgrader={"grade": false, "grade_id": "heatmaps_to_keypoints", "locked": false, "schema_version": 3, "solution": true, "task": false}
def heatmaps_to_keypoints(heatmaps: Tensor, rois: Tensor) -> Tensor:
    """Find the keypoints that heat maps show.

    Args:
        heatmaps (Tensor[R, K, H, W]): logits, float; R may be 0.
        rois (Tensor[R, 4]): the boxes ``(x1, y1, x2, y2)`` that the maps are stretched over,
            in pixels; same dtype and device.

    Returns:
        Tensor[R, K, 3]: x, y in pixels of the image, and the score; same dtype and device.
        Each map is resized to its ROI, height × width in pixels, rounded up, with bicubic
        interpolation (``align_corners=False``); sides below 1 count as 1. x and y are the
        middle of its largest pixel (the first one in reading order, if several are
        largest), the score is that pixel's value. No ROIs give empty (0, K, 3).

    Source: Mask R-CNN, section 5; torchvision's heatmaps_to_keypoints.
    """
    ### BEGIN SOLUTION
    corner = rois[:, :2]  # [R, 2]: x1, y1
    sides = (rois[:, 2:] - corner).clamp(min=1)  # [R, 2]: width, height
    pixels = sides.ceil()

    found = heatmaps.new_zeros(*heatmaps.shape[:2], 3)  # [R, K, 3]: column, row, score
    for roi, (width, height) in enumerate(pixels.int().tolist()):
        maps = F.interpolate(heatmaps[None, roi], (height, width), mode="bicubic", align_corners=False)[0]
        score, place = maps.flatten(start_dim=1).max(dim=1)  # [K] each
        found[roi] = torch.stack((place % width, place // width, score), dim=1)

    xy = corner[:, None] + (found[..., :2] + 0.5) * (sides / pixels)[:, None]
    return torch.cat((xy, found[..., 2:]), dim=2)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# ROIs have different sizes, so here a loop over them is right. Within it, all K maps go together.
# </details>
#
# <details><summary>Hint 2: enlarging</summary>
#
# `F.interpolate(maps[None], size=(height, width), mode="bicubic", align_corners=False)[0]`, with whole numbers. It wants a batch, hence the `[None]`.
# </details>
#
# <details><summary>Hint 3: the hottest pixel</summary>
#
# `.flatten(start_dim=1).max(dim=1)` gives the values and their places. place = row · width + column, so column = place % width. Use the *width* of the enlarged map.
# </details>
#
# <details><summary>Hint 4: no ROIs</summary>
#
# `torch.stack([])` is an error. Begin with `heatmaps.new_zeros(R, K, 3)` and fill it; without ROIs it stays empty, with the right dtype.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_heatmaps_to_keypoints", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.heatmaps_to_keypoints(heatmaps_to_keypoints)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("heatmaps_to_keypoints", heatmaps_to_keypoints)
# ### END HIDDEN TESTS

# %% [markdown]
# Seventeen heat maps, and the skeleton that you read from them. The maps are made up: warm around your own cells, with some noise, as a trained head might draw them.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.heatmaps_and_skeleton(image, keypoints[1], rois[1], keypoints_to_heatmap, heatmaps_to_keypoints)

# %% [markdown]
# Now one joint at a time, enlarged. Choose one (arrow keys work as well): how much higher than the noise does its hill rise, and how far from the truth do you find it?

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.heatmap(image, keypoints[1], rois[1], keypoints_to_heatmap, heatmaps_to_keypoints)

# %% [markdown]
# ## Traps
#
# None of these traps is sure to raise an error. Joints are just a little off, or far off, and the loss still falls.
#
# ### Traps 1 and 2 · the slide's missing × 2, and half a pixel
#
# A head that ends where the slide's print ends gives maps of 28 × 28. Indices made for 56 × 56 then point past the end of the map, and the loss raises an error: good. But indices made for 28 fit, and nothing complains. What does that cost? All joints of our scene, enlarged as in a
# picture four times the size, go through *your* two functions and back.
#
# **Before you run this:** how much larger do the errors get if cells are twice as wide and twice as tall? And which way do all joints move without the + ½?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.grid_error(keypoints, rois, keypoints_to_heatmap, heatmaps_to_keypoints)

# %% [markdown]
# <details><summary>Answer</summary>
#
# With cells twice as large, the errors are about twice as large. And without + ½, all joints move half a pixel up and left: look at the cross.
# </details>
#
# Half a pixel is not much, but it is always in the same direction. More training, better weights, the mean over a thousand pictures: nothing takes it away.
#
# ### Traps 3 to 5 · two axes, an edge, and v = 0
#
# One person goes through your functions: once correctly, then with three classic mistakes in between: index = column · 56 + row; a joint on the right edge without a rule of its own; v = 0 counted.
#
# **Before you run this:** what will each do to the skeleton?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.keypoint_mistakes(crowd, truth["keypoints"][1], truth["boxes"][1], keypoints_to_heatmap, heatmaps_to_keypoints)

# %% [markdown]
# - **column · 56 + row:** the person is mirrored across the diagonal of the ROI. If you make the same mistake on the way back, nobody notices, until you load somebody else's weights.
# - **The edge forgotten:** a joint exactly on the right edge gets column 56, which is column 0 of the next row: here the right shoulder jumps to the other side. On the lower edge the index points past the end of the map, and training crashes some day, on some picture.
# - **v = 0 counted:** a joint that nobody labelled has index 0, the upper left cell. If the loss ignores `valid`, the head learns that unknown joints are there.
#
# ## Practice: Keypoints RCNN
#
# Skeletons for everybody. We have no trained head yet, so we pretend. Your `keypoints_to_heatmap` finds the true cells. Made-up maps are hot there, hotter for visible joints than for hidden ones, and they are pure noise for joints that nobody labelled. Your
# `heatmaps_to_keypoints` reads them.
#
# A head always names 17 joints, even where there are none. Only the score tells you. Move the slider: too low, and limbs grow out of nowhere; too high, and people fall apart. (If sliders don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.skeletons(image, keypoints, rois, keypoints_to_heatmap, heatmaps_to_keypoints)

# %% [markdown]
# ## The whole printed model
#
# The third lecture prints torchvision's Keypoint R-CNN piece by piece. Here is what follows the RPN. The cell makes the model without weights, on torch's device "meta": its tensors have shapes but no numbers, so it needs neither a download nor memory.
# (The backbone, the pyramid and the RPN stand in lab 5, *The whole printed model*.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     from torchvision.models.detection import KeypointRCNN
#     from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
#
#     with torch.device("meta"):
#         printed = KeypointRCNN(resnet_fpn_backbone(backbone_name="resnet50", weights=None), num_classes=2)
#     print(printed.roi_heads)

# %% [markdown]
# | printed | yours | the difference |
# |---|---|---|
# | `box_head`, `box_predictor` | lab 4's `BoxHead` | 12,544 = 256 · 7 · 7 inputs, since the pyramid has 256 channels (VGG16: 512 · 7 · 7 = 25,088). Two classes, background and person; 8 = 4 · 2 deltas |
# | `keypoint_roi_pool` | features (R, 256, 14, 14) | 14 × 14 bins, twice as fine as for boxes; its points lie half a cell further right and down than lab 4's (`aligned=False`) |
# | `keypoint_head` | `convs` | none: eight convolutions, each with ReLU |
# | `keypoint_predictor` | `kps_score_lowres` and the × 2 | only the first is printed: enlarging has no weights |
#
# And where are `keypoints_to_heatmap`, `keypoint_loss` and `heatmaps_to_keypoints`? They have no weights either. So a printout of the model shows none of your three functions.
#
# ## Your parts in a real detector
#
# So much for made-up maps. Now a trained head draws them, and it is *yours*: your layers with learnt weights, read by your `heatmaps_to_keypoints`. Move the slider: how sure of a *person* must it be?
#
# With internet access, it is torchvision's `keypointrcnn_resnet50_fpn` with its COCO weights. Your parts are *transplanted* into it: they replace torchvision's own and take over their weights, and the detector's answers stay the same. Without internet access, it is the course's small detector, which has only ever seen made-up scenes. If a part fails its check, it is left out, and the list says so.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from course.parts import here
#
#     mine = here(globals())  # your parts from this notebook that are right; the library's for all else
#     found = zoo.detector("keypoints", mine)
#     print(found)
#     explore.detections(scenes.scene(34, size=(144, 192))[0], found.model, found.categories)

# %% [markdown]
# Now the same frame by frame. Skeletons tremble where the detector is unsure, because it looks at each frame as if there were no other. The cell makes a film of a building site for you; to use your own film, write `video.read("my.mp4", longest=320)` instead of `video.scene_video("scenes.webm")`.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from torchvision.utils import draw_keypoints
#
#     from course import video
#
#     def with_skeletons(frame):
#         """The frame with the joints, and the bones between them, of which the detector is sure enough."""
#         answer = found.model([frame])[0]
#         sure = (answer["scores"] > 0.6) & (answer["labels"] == found.categories.index("person"))
#         seen = answer["keypoints_scores"][sure] > 0
#         joints = answer["keypoints"][sure, :, :2]
#         return draw_keypoints(frame, joints, scenes.SKELETON, "yellow", radius=2, width=1, visibility=seen)
#
#
#     video.apply(with_skeletons, video.scene_video("scenes.webm"), "skeletons.webm")
#     video.show("skeletons.webm", alt="The people of a building site with their skeletons")

# %% [markdown]
# ## Checkpoint
#
# When every check passes, you have
#
# - the keypoint head, layer for layer as in torchvision, and an eye for what a printed network does not show;
# - the way from joints to cells and back, with the half pixel, the edge and v in the right places;
# - a loss that lets the cells of a map compete.
#
# Before you hand in: in JupyterLab *Kernel → Restart Kernel and Run All Cells…*, then the *Validate* button of the toolbar
# (in a narrow window it hides behind the three dots); in Colab *Runtime → Restart session and run all*.
#
# **Next, [lab 7](../lab7_capstone/capstone.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab7_capstone/capstone.ipynb)): all your parts, put together, trained, and measured.

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
