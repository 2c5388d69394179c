# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 5, second half · Masks
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab5_fpn_mask/mask.ipynb)
#
# **20 points · about 110 minutes · five functions and one small network**
#
# A box says where somebody is, but brings half of the background along. A **mask** says it pixel by pixel. Mask R-CNN needs surprisingly little for that: Faster R-CNN, as you have built it, and *one more small network that looks into each ROI*. At the end of
# this lab you cut people out of a picture.
#
# | where this comes from | |
# |---|---|
# | lecture | third part: "MaskRCNN = FasterRCNN with FCN on ROIs", "FCN (Fully Convolutional Network)", "Up Sampling – 1D example", "Up Sampling – 2D example", practice *MaskRCNN detect person* |
# | paper | He et al., [*Mask R-CNN*](https://arxiv.org/abs/1703.06870) (2017): section 3 (the mask branch, its loss), 3.1 (training, inference) |
# | also | Long et al., [*Fully Convolutional Networks for Semantic Segmentation*](https://arxiv.org/abs/1411.4038) (2015) · Odena et al., [*Deconvolution and Checkerboard Artifacts*](https://distill.pub/2016/deconv-checkerboard/) (2016) |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first |
#
# Work from top to bottom. Under each function there is a check: it says in one line that all is well, or what was expected and
# what your function gave. *Run All* stops at the first check that fails: scroll up to the first red box, it says what to do next. With all functions written it takes about half a minute.

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
# From here on, the parts from earlier labs come ready-made, so nothing depends on your own work there.

# %%
import math

from torch import nn
from torch.nn import functional as F

from course import explore, scenes, zoo
from course.library import bilinear_sample, roi_align

# %% [markdown]
# ## Where we are
#
# Today you build a branch beside the detection head. It reads the same ROIs and gives a small picture instead of a class and a box.

# %% tags=["active-ipynb"]
# pipeline.show("mask")

# %% [markdown]
# ## The printed model's names and ours
#
# | slides (torchvision's printed model) | here | what it is |
# |---|---|---|
# | `(mask_roi_pool): MultiScaleRoIAlign` | `roi_align` | ROI align to 14 × 14, twice as fine as for boxes |
# | `(mask_head)`: `mask_fcn1` … `mask_fcn4` | the same names in `MaskHead` | four 3 × 3 convolutions, each with ReLU |
# | `(mask_predictor)`: `conv5_mask`, `mask_fcn_logits` | the same names in `MaskHead` | the *deconvolution* 14 → 28, and one 1 × 1 convolution to K classes (91 for COCO) |
#
# "Deconvolution" is the slides' word, and a common one. It does not undo a convolution; the exact name is **transposed convolution**.

# %% [markdown]
# ## The example of this half
#
# A building site, with the true mask of everybody and everything in it: one `uint8` picture for each object, 1 where the object is visible.

# %% tags=["active-ipynb"]
# if setup.attended():
#     photo, target = scenes.scene(10, (240, 360))
#     photo = photo.to(device)
#     boxes, labels, masks = (target[name].to(device) for name in ("boxes", "labels", "masks"))
#     names = ", ".join(scenes.CLASSES[label] for label in labels.tolist())
#     print(f"photo {tuple(photo.shape)}, masks {tuple(masks.shape)}: {names}")

# %% [markdown]
# ## From one label to a map of labels: FCN
#
# A classification network ends in linear layers. They mix all places, so the position of each thing is lost. A **fully convolutional network** has no linear layers. Replace them with 1 × 1 convolutions, and the answer
# is a *map* of classes: one for each place. But this map is coarse, because the convolutions and poolings before it have shrunk it. So the last step has to enlarge it, and *how* to enlarge can be learnt. That is the next exercise.

# %% [markdown]
# ## Exercise 1 · `upsample_1d`
#
# *easy · 15 minutes · 2 points*
#
# **Idea.** A convolution reads k numbers and writes one. Turn that around: read **one** number and write k, the number times the kernel. The next number writes its copy `stride` places further on. Where copies overlap, **they add up**.
#
# $$y_j = \sum_{i} x_i\, w_{\,j - i \cdot \text{stride}}$$
#
# The sum takes only those i for which $w$ has such a place. L numbers give (L − 1) · stride + k numbers. An example with kernel (1, 2, 1) and stride 2:
#
# | | | | | | |
# |---|---|---|---|---|---|
# | x₀ = 3 writes | 3 | 6 | 3 | | |
# | x₁ = 5 writes | | | 5 | 10 | 5 |
# | **sum** | **3** | **6** | **8** | **10** | **5** |
#
# `F.conv_transpose1d` does exactly this. Here you build it yourself, so the check does not accept that function.
#
# **Sources.** Lecture: "Up Sampling – 1D example". Paper: Fully Convolutional Networks, section 3.3. PyTorch: [`F.conv_transpose1d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html), without padding.

# %% nbgrader={"grade": false, "grade_id": "upsample_1d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def upsample_1d(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Enlarge a row of numbers by a transposed convolution.

    Args:
        x (Tensor[L]): float numbers; L may be 0.
        weight (Tensor[k]): the kernel, same dtype and device; k is 1 or more.
        stride (int): how many places lie between the copies of the kernel, 1 or more; it
            may be larger than k, then zeros are in between.

    Returns:
        Tensor[(L − 1) · stride + k]: the sum of all copies of the kernel, the one of x[i]
        times x[i] and beginning at i · stride. Same dtype and device, with gradient to
        both. No numbers give empty (0,).

    Source: lecture, "Up Sampling – 1D example"; torch.nn.functional.conv_transpose1d
    without padding.
    """
    ### BEGIN SOLUTION
    if len(x) == 0:
        return torch.zeros_like(x)
    reach = (len(x) - 1) * stride + 1  # from the first copy's begin to the last one's
    y = x.new_zeros(reach + len(weight) - 1)
    for k in range(len(weight)):  # each number of the kernel lands in every stride-th place
        y[k : k + reach : stride] += x * weight[k]
    return y
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Begin with zeros of the right length, and add one copy after the other.
# </details>
#
# <details><summary>Hint 2: a copy</summary>
#
# The copy of `x[i]` covers `y[i * stride : i * stride + k]`. Add to it with `+=`; `=` would erase what the neighbour wrote.
# </details>
#
# <details><summary>Hint 3: gradient</summary>
#
# `y = x.new_zeros(…)`, and then `+=` on slices of it, keeps the gradient. `.item()` and `torch.tensor(…)` cut it.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_upsample_1d", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.upsample_1d(upsample_1d)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("upsample_1d", upsample_1d)
# ### END HIDDEN TESTS

# %% [markdown]
# Your function unfolded: what each number writes, and the sum. The kernel (½, 1, ½) with stride 2 draws straight lines between the numbers: **linear interpolation is a transposed convolution**, with one kernel of many. A network learns its own.

# %% tags=["active-ipynb"]
# draw.unfolded((2, 5, 1, 4), (0.5, 1, 0.5), 2, upsample_1d)

# %% [markdown]
# **Now you**, step by step. With kernel (1, 1) and stride 2 every number appears twice. With (1, 1, 1) copies overlap in every second place: that is where checkerboards come from. And stride 4 leaves gaps.
# (Sliders also work with the arrow keys. If they don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.upsampling(upsample_1d)

# %% [markdown]
# ## Exercise 2 · `upsample_2d`
#
# *medium · 20 minutes · 3 points*
#
# **Idea.** The same in two dimensions: each cell writes a k × k square, its copy of the kernel begins at (row · stride, column · stride), and copies add up. The **channels** are new. Every pair of an input channel c and an output channel o has a kernel of its own,
# `weight[c, o]`; an output channel is the sum over all input channels.
#
# $$y_{o,\;r \cdot s + i,\;q \cdot s + j} \mathrel{+}= \sum_c x_{c,\,r,\,q} \; w_{c,\,o,\,i,\,j}$$
#
# Mind the order: a convolution's weight is (out, in, k, k), that of a transposed convolution is **(in, out, k, k)**.
#
# **Sources.** Lecture: "Up Sampling – 2D example". Paper: Fully Convolutional Networks, section 3.3. PyTorch: [`F.conv_transpose2d`](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html), without padding.

# %% nbgrader={"grade": false, "grade_id": "upsample_2d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def upsample_2d(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """Enlarge a map by a transposed convolution.

    Args:
        x (Tensor[C, H, W]): one float map of C channels; H and W may be 0.
        weight (Tensor[C, K, k, k]): a k × k kernel for each pair of an input and an output
            channel, same dtype and device; k is 1 or more.
        stride (int): cells between the copies of a kernel, 1 or more; may be larger than k.

    Returns:
        Tensor[K, (H − 1) · stride + k, (W − 1) · stride + k]: the sum of all copies of the
        kernels, each times the cell that wrote it. Same dtype and device, with gradient to
        both. A map without cells (H or W is 0) gives empty (K, 0, 0).

    Source: lecture, "Up Sampling – 2D example"; torch.nn.functional.conv_transpose2d
    without padding.
    """
    ### BEGIN SOLUTION
    (_, height, width), (_, channels, size, _) = x.shape, weight.shape
    if height == 0 or width == 0:
        return x.new_zeros(channels, 0, 0)
    down, across = (height - 1) * stride + 1, (width - 1) * stride + 1
    y = x.new_zeros(channels, down + size - 1, across + size - 1)
    for i in range(size):
        for j in range(size):  # each number of the kernels lands in every stride-th row and column
            written = torch.einsum("chw,co->ohw", x, weight[:, :, i, j])  # [K, H, W]
            y[:, i : i + down : stride, j : j + across : stride] += written
    return y
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Loop over the cells of the map, or, faster, over the k · k numbers of a kernel: number (i, j) of every kernel lands in rows i, i + stride, i + 2 · stride, … and in columns j, j + stride, …
# </details>
#
# <details><summary>Hint 2: channels</summary>
#
# One cell writes `torch.einsum("c,coij->oij", x[:, r, q], weight)`: K squares. `torch.tensordot(x[:, r, q], weight, dims=1)` does the same.
# </details>
#
# <details><summary>Hint 3: slices</summary>
#
# `y[:, i : i + (H - 1) * stride + 1 : stride, j : j + (W - 1) * stride + 1 : stride]` has shape (K, H, W).
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_upsample_2d", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.upsample_2d(upsample_2d)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("upsample_2d", upsample_2d)
# ### END HIDDEN TESTS

# %% [markdown]
# A person of 9 × 6 cells, enlarged by your function with three kernels, stride 2. The first copies cells, the second interpolates. The third holds random numbers, in place of what a network might have learnt.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.enlarged(upsample_2d)

# %% [markdown]
# **Checkerboards.** How many copies of the kernel reach a cell of the output?
#
# **Before you run this:** all inputs and all weights are 1, so the output counts the copies. Which numbers come up with kernel 3 and stride 2? For which kernel sizes do all inner cells get the same number?

# %% tags=["active-ipynb"]
# draw.checkerboard(upsample_2d)

# %% [markdown]
# <details><summary>Answer</summary>
#
# With kernel 3 and stride 2: one, two or four copies, in turn. So the output is a checkerboard although all inputs and weights are equal, and a network
# has to work to unlearn it. If the stride divides the kernel size, every inner cell gets the same number of copies. That is a good reason for kernel 2,
# stride 2 in Mask R-CNN (and for kernel 4, stride 2 in the keypoint head of lab 6).
# </details>

# %% [markdown]
# ## Exercise 3 · `MaskHead`
#
# *easy · 15 minutes · 5 points*
#
# **Idea.** "MaskRCNN = FasterRCNN with **FCN on ROIs**." Each ROI comes from ROI align as 14 × 14 cells with 256 channels. Four convolutions look around, a transposed convolution doubles the size, and a 1 × 1 convolution answers, for **each class** and each of the 28 × 28 cells: how much does this
# look like the inside of a person (a cone, a ball …)? There is one mask for each class, and no linear layer: every place keeps its place.

# %% tags=["active-ipynb"]
# draw.mask_head_plan()

# %% [markdown]
# A ReLU follows every layer but the last. It also follows the transposed convolution, where it is easy to forget.
#
# **Sources.** Lecture: "MaskRCNN = FasterRCNN with FCN on ROIs", the printed `mask_head` and `mask_predictor`. Paper: Mask R-CNN, figure 4, right. torchvision: [`MaskRCNNHeads`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/mask_rcnn.py#L271) and [`MaskRCNNPredictor`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/mask_rcnn.py#L337).

# %% nbgrader={"grade": false, "grade_id": "MaskHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class MaskHead(nn.Module):
    """The mask branch: a small fully convolutional network on each ROI.

    Args:
        in_channels (int): channels of the pooled features, 256 behind an FPN.
        hidden (int): channels of all layers inside.
        num_classes (int): K, background included.

    Layers, in this order: ``mask_fcn1`` (in_channels → hidden), ``mask_fcn2``,
    ``mask_fcn3``, ``mask_fcn4`` (hidden → hidden), ``nn.Conv2d`` with kernel 3 and padding
    1; ``conv5_mask`` (hidden → hidden), ``nn.ConvTranspose2d`` with kernel 2 and stride 2;
    each followed by ReLU; then ``mask_fcn_logits`` (hidden → K), ``nn.Conv2d`` with kernel
    1. Their start is left to you; PyTorch's own is fine. The class neither sets torch's seed
    nor draws random numbers in ``forward``.

    Source: lecture, the printed ``mask_head`` and ``mask_predictor``; Mask R-CNN, figure 4;
    torchvision's MaskRCNNHeads and MaskRCNNPredictor.
    """

    def __init__(self, in_channels: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.mask_fcn1 = nn.Conv2d(in_channels, hidden, kernel_size=3, padding=1)
        self.mask_fcn2 = nn.Conv2d(hidden, hidden, kernel_size=3, padding=1)
        self.mask_fcn3 = nn.Conv2d(hidden, hidden, kernel_size=3, padding=1)
        self.mask_fcn4 = nn.Conv2d(hidden, hidden, kernel_size=3, padding=1)
        self.conv5_mask = nn.ConvTranspose2d(hidden, hidden, kernel_size=2, stride=2)
        self.mask_fcn_logits = nn.Conv2d(hidden, num_classes, kernel_size=1)
        ### END SOLUTION

    def forward(self, features: Tensor) -> Tensor:
        """Answer for every ROI, every class and every cell.

        Args:
            features (Tensor[R, in_channels, H, W]): pooled features, mostly 14 × 14; R may
                be 0.

        Returns:
            Tensor[R, K, 2 H, 2 W]: logits before the sigmoid, same dtype and device. No
            ROIs give empty (0, K, 2 H, 2 W).
        """
        ### BEGIN SOLUTION
        hidden = features
        for layer in (self.mask_fcn1, self.mask_fcn2, self.mask_fcn3, self.mask_fcn4, self.conv5_mask):
            hidden = layer(hidden).relu()
        return self.mask_fcn_logits(hidden)
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Six layers in `__init__`, under the names of the docstring (the grader copies weights in by these names); in `forward`, one after the other.
# </details>
#
# <details><summary>Hint 2: sizes</summary>
#
# A 3 × 3 convolution keeps height and width if `padding=1`. `nn.ConvTranspose2d(hidden, hidden, kernel_size=2, stride=2)` doubles them: (14 − 1) · 2 + 2 = 28.
# </details>
#
# <details><summary>Hint 3: ReLU, and no sigmoid</summary>
#
# ReLU after the first five layers. Nothing after the last: the loss wants logits, and applies the sigmoid itself.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_MaskHead", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.MaskHead(MaskHead)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("MaskHead", MaskHead)
# ### END HIDDEN TESTS

# %% [markdown]
# The shapes printed in the lecture, layer by layer, for two ROIs and COCO's 91 classes:

# %% tags=["active-ipynb"]
# if setup.attended():
#     head = MaskHead(256, 256, 91).to(device)
#     print(f"{'features':<17}{'':14}(2, 256, 14, 14)")
#     for name, layer in head.named_children():
#         kind = f"{type(layer).__name__:<16}{tuple(layer.weight.shape)}"
#         layer.register_forward_hook(lambda _, __, came, name=name, kind=kind: print(f"{name:<17}{kind:<34}→ {tuple(came.shape)}"))
#     with torch.no_grad():
#         head(torch.randn(2, 256, 14, 14, device=device))

# %% [markdown]
# ## Exercise 4 · `mask_targets`
#
# *easy · 15 minutes · 3 points*
#
# **Idea.** The head answers with 28 × 28 cells *of the ROI*. The truth is a mask of the *whole image*. To compare them, cut the ROI out of its object's mask, and shrink it to 28 × 28. That is what ROI align does to feature maps, and a mask is a map with one channel. No scale this
# time: a mask has one cell for each pixel.
#
# Which mask? Lab 4 matched each ROI with a true box: `matched` says which. So the *mask number* takes the place of the *image number* in ROI align's (R, 5).
#
# A cell that lies half inside gets about ½. That is a fine target: the loss takes it as "half sure". Don't round it.
#
# **Sources.** Paper: Mask R-CNN, section 3.1, "Training". torchvision: [`project_masks_on_boxes`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L85), without the half pixel.

# %% nbgrader={"grade": false, "grade_id": "mask_targets", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mask_targets(masks: Tensor, rois: Tensor, matched: Tensor, size: int = 28) -> Tensor:
    """Cut each ROI out of the true mask of its object.

    Args:
        masks (Tensor[M, H, W]): the true masks of one image, 1 inside and 0 outside, of any
            dtype (uint8 in our scenes).
        rois (Tensor[R, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; they may reach
            beyond the image; R may be 0.
        matched (Tensor[R]): int64, 0 to M − 1, which mask each ROI belongs to.
        size (int): height and width of the targets.

    Returns:
        Tensor[R, size, size]: the share of each cell that is inside the object, 0 to 1, in
        the dtype and on the device of ``rois``: ROI align (half-pixel aligned, 2 × 2 points
        for each cell) of the matched mask at scale 1. No ROIs give empty (0, size, size).

    Source: Mask R-CNN, section 3.1, "Training"; torchvision's project_masks_on_boxes, there
    without the half pixel.
    """
    ### BEGIN SOLUTION
    by_mask = torch.cat([matched[:, None].to(rois), rois], dim=1)  # [R, 5]: the mask in place of the image
    return roi_align(masks[:, None].to(rois), by_mask, (size, size), 1.0)[:, 0]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `roi_align(features, rois, output_size, spatial_scale)` of lab 4 is ready. It wants features (B, C, H, W) and ROIs (R, 5): give the masks a channel, and the ROIs a first column.
# </details>
#
# <details><summary>Hint 2: types</summary>
#
# `masks` is uint8 and `matched` is int64; `x.to(rois)` gives x the dtype *and* the device of `rois`.
# </details>
#
# <details><summary>Hint 3: shapes</summary>
#
# `masks[:, None]` is (M, 1, H, W), `matched[:, None]` is (R, 1). At the end `[:, 0]` drops the channel again.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_mask_targets", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.mask_targets(mask_targets)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("mask_targets", mask_targets)
# ### END HIDDEN TESTS

# %% [markdown]
# Here are one person, an ROI that does not quite fit, and what your function makes of them: the target shows the ROI's view, not the true box's. On the right are coarser targets, to show what 28 × 28 is good for.

# %% tags=["active-ipynb"]
# if setup.attended():
#     people = (labels == 1).nonzero().squeeze(1)
#     tallest = people[(boxes[people, 3] - boxes[people, 1]).argmax()]
#     loose = boxes[tallest] + torch.tensor([-14.0, 6.0, 10.0, 8.0], device=device)
#     draw.mask_target(photo, masks, loose, int(tallest), mask_targets)

# %% [markdown]
# ## Exercise 5 · `mask_loss`
#
# *medium · 15 minutes · 4 points*
#
# **Idea.** Each ROI has K masks, one for each class. Only the mask of its **true class** learns; the others are left alone. And each cell is a yes-or-no question of its own, "inside or outside?": a **sigmoid**, not a softmax over classes. So classes do not compete: the
# detection head says *what* it is; the mask head only has to say where *such a thing* would end.
#
# $$L_\text{mask} = -\frac{1}{R\,m^2} \sum_{r}\sum_{\text{cells}} \bigl[\,t \log \sigma(z) + (1 - t) \log(1 - \sigma(z))\,\bigr], \qquad z = \text{logits}_{r,\,\text{label}_r,\,\text{cell}}$$
#
# Only ROIs with an object enter this loss. The mean is over all cells of all ROIs. Don't build it from `sigmoid` and `log`: for a logit of 100 in float32 the sigmoid is exactly 1 and the logarithm of 1 − σ is −∞. `F.binary_cross_entropy_with_logits` computes
# both together, safely.
#
# **Sources.** Paper: Mask R-CNN, section 3, the paragraph that defines the loss of the mask branch. torchvision: [`maskrcnn_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L100).

# %% nbgrader={"grade": false, "grade_id": "mask_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mask_loss(logits: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """Compute the loss of the mask branch.

    Args:
        logits (Tensor[R, K, m, m]): for each ROI one mask per class, before the sigmoid; R
            may be 0.
        labels (Tensor[R]): int64, the true class of each ROI, 1 to K − 1.
        targets (Tensor[R, m, m]): what the mask of the true class should be, 0 to 1, in the
            dtype of ``logits``.

    Returns:
        Tensor[]: the mean binary cross-entropy over all cells of the true classes' masks,
        in the dtype of ``logits``, with gradient. No ROIs give 0, with gradient, never NaN.

    Source: Mask R-CNN, section 3, "Mask Representation" and the loss above it; torchvision's
    maskrcnn_loss.
    """
    ### BEGIN SOLUTION
    number = torch.arange(len(labels), device=labels.device)
    own = logits[number, labels]  # [R, m, m]: the true class's mask
    total = F.binary_cross_entropy_with_logits(own, targets, reduction="sum")
    return total / max(targets.numel(), 1)
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Two steps: pick one mask for each ROI, (R, K, m, m) → (R, m, m); then one function of `torch.nn.functional`.
# </details>
#
# <details><summary>Hint 2: picking</summary>
#
# Index with two tensors, as in lab 4's `detection_loss`: which ROI, which class. `torch.arange(R)` is the first; mind its device.
# </details>
#
# <details><summary>Hint 3: no ROIs</summary>
#
# The mean of nothing is NaN. Sum, and divide by at least 1.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_mask_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.mask_loss(mask_loss)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("mask_loss", mask_loss)
# ### END HIDDEN TESTS

# %% [markdown]
# **Does it learn?** Your head, your targets, your loss. The features come from a random convolution, and the head learns the objects of this one picture by heart, in about ten seconds on a CPU. On the left is the loss, on the right the masks of three objects along the way. The pattern of 2 × 2 cells at the beginning is not a bug: the kernel's four numbers in `conv5_mask` start as four different random numbers.
#
# **Before you run this:** an untrained head is "half sure everywhere". What is the loss of that? And can training bring it down to 0?

# %% tags=["active-ipynb"]
# if setup.attended():
#     torch.manual_seed(0)
#     eye = nn.Conv2d(3, 24, kernel_size=5, stride=2, padding=2).to(device)  # stands in for backbone and pyramid
#     with torch.no_grad():
#         rois = torch.cat([torch.zeros_like(boxes[:, :1]), boxes], dim=1)
#         pooled = roi_align(eye(photo[None]).relu(), rois, (14, 14), 1 / 2)
#     matched = torch.arange(len(boxes), device=device)
#     truth = mask_targets(masks, boxes, matched)
#     head = MaskHead(24, 32, len(scenes.CLASSES)).to(device)
#     optimiser = torch.optim.Adam(head.parameters(), lr=3e-3)
#     losses, stages = [], {}
#     for step in range(241):
#         logits = head(pooled)
#         loss = mask_loss(logits, labels, truth)
#         losses.append(float(loss.detach()))
#         if step in (0, 20, 80, 240):
#             stages[step] = logits[matched, labels].detach().sigmoid()
#         optimiser.zero_grad()
#         loss.backward()
#         optimiser.step()
#     draw.masks_on_the_way(losses, stages, truth, photo, boxes)

# %% [markdown]
# <details><summary>Answer</summary>
#
# It begins near log 2 = 0.693: with p = ½ every cell costs −log ½, whatever its target. It cannot reach 0, however long you train: for a target of ½ the
# best answer is ½, and that costs log 2. Such cells lie along the border.
# </details>

# %% [markdown]
# ## Exercise 6 · `paste_mask`
#
# *medium · 25 minutes · 3 points*
#
# **Idea.** This is the way back. You have 28 × 28 numbers and a box whose corners may lie anywhere, even off the image. You want a yes or no for each pixel of the image. So ask each pixel: **where is your middle in the mask, and what does the mask say there?**
#
# 1. Pixel (row i, column j) has its middle at y = i + ½, x = j + ½. Is that inside the box? If not, the answer is no.
# 2. Compute its place in the mask. Whole numbers are the middles of cells, as in `bilinear_sample`:
#
# $$u = \frac{x - x_1}{x_2 - x_1} \cdot \text{width} - \tfrac12, \qquad v = \frac{y - y_1}{y_2 - y_1} \cdot \text{height} - \tfrac12$$
#
# 3. Read the mask there, bilinearly. If (v, u) is beyond the middle of an outermost cell, use the nearest place that is not. Set the pixel if the value is **at least 0.5**.
#
# Nothing is rounded, and nothing is cut off before step 3. There is a tempting shortcut: "round the box, resize the mask to it, write it into a slice of the image". It shifts the mask by up to half a pixel, and falls apart when the box leaves the image.
#
# **Sources.** Paper: Mask R-CNN, section 3.1, "Inference". torchvision: [`paste_mask_in_image`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/roi_heads.py#L415), which takes the shortcut: it rounds the box (after `expand_masks` has added a cell around the mask).

# %% nbgrader={"grade": false, "grade_id": "paste_mask", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paste_mask(mask: Tensor, box: Tensor, size: tuple[int, int]) -> Tensor:
    """Paste one small mask into its box in the image.

    Args:
        mask (Tensor[h, w]): float, mostly 28 × 28, probabilities 0 to 1.
        box (Tensor[4]): float ``(x1, y1, x2, y2)``, in pixels; may reach beyond the image
            or lie off it.
        size (tuple[int, int]): ``(height, width)`` of the image.

    Returns:
        Tensor[height, width]: bool, on the device of ``mask``. A pixel is set where its
        middle is inside the box and the mask, sampled bilinearly there, is at least 0.5;
        beyond the middles of the outermost cells these count in full. (A middle exactly on
        the box's border counts either way.) A box without area, or off the image, sets no
        pixel.

    Source: Mask R-CNN, section 3.1, "Inference". Unlike torchvision's paste_masks_in_image,
    which pads the mask by a cell and rounds the box.
    """
    ### BEGIN SOLUTION
    def share(begin: float, end: float, pixels: int, cells: int) -> tuple[slice, Tensor]:
        """Along one axis: the pixels with their middles in the box, and how much each cell counts there."""
        first, last = (min(max(math.ceil(edge - 0.5), 0), pixels) for edge in (begin, end))
        middle = torch.arange(first, last, dtype=mask.dtype, device=mask.device) + 0.5
        place = (middle - begin) / (end - begin) * cells - 0.5  # whole numbers are the middles of cells
        distance = place.clamp(0, cells - 1)[:, None] - torch.arange(cells, device=mask.device)
        return slice(first, last), (1 - distance.abs()).clamp(min=0)  # [pixels, cells]

    x1, y1, x2, y2 = box.tolist()
    rows, down = share(y1, y2, size[0], mask.shape[0])
    columns, across = share(x1, x2, size[1], mask.shape[1])
    pasted = torch.zeros(size, dtype=torch.bool, device=mask.device)
    pasted[rows, columns] = down @ mask @ across.T >= 0.5
    return pasted
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `bilinear_sample(feature, y, x)` of lab 4 is ready; it wants (C, H, W) and two lists of places. Ask *all* pixels of the image first; speed comes last.
# </details>
#
# <details><summary>Hint 2: all pixels</summary>
#
# `torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")` gives y and x of all middles. Mind dtype and device.
# </details>
#
# <details><summary>Hint 3: the border</summary>
#
# `bilinear_sample` still reads the border up to a whole cell off the map; the box ends after half a cell. So decide with x1, y1, x2 and y2 which pixels are inside.
# </details>
#
# <details><summary>Hint 4: fast</summary>
#
# Rows outside the box need no question. And bilinear sampling is linear, with one weight for y and one for x: (rows × h) · (h × w) · (w × columns), as in lab 4's bonus.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_paste_mask", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.paste_mask(paste_mask)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("paste_mask", paste_mask)
# ### END HIDDEN TESTS

# %% [markdown]
# Down to 28 × 28 with your `mask_targets`, back into the image with your `paste_mask`, beside the true mask: what is lost on the way?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.there_and_back(photo, masks[tallest], boxes[tallest], mask_targets, paste_mask)

# %% [markdown]
# ## Traps
#
# ### Trap 1 · a softmax over classes
#
# If classes compete for each cell, the mask head has to do the detection head's work as well. Two classes that are both fairly sure take the cell from each other. Here are five cells across the border of a person (class 1) in a vest, and class 2 finds the vest interesting:

# %% tags=["active-ipynb"]
# if setup.attended():
#     person, vest = torch.tensor([-3.0, 0.5, 3.0, 3.0, 3.0]), torch.tensor([-4.0, -2.0, 3.5, 3.2, 4.0])
#     z = torch.stack([torch.zeros(5), person, vest])
#     for name, p in (("sigmoid of the person's mask", person.sigmoid()), ("softmax over classes", z.softmax(dim=0)[1])):
#         print(f"{name:<30}", " ".join(f"{value:.2f}" for value in p), "→", "".join("■" if value >= 0.5 else "□" for value in p))

# %% [markdown]
# ### Trap 2 · the wrong channel
#
# `logits[:, 1]` is right as long as there is only one class of objects. The mean over all K masks pulls the other classes towards this ROI's shape. Both train without complaint; here is the loss of an answer that is *perfect* for a person and a cone:

# %% tags=["active-ipynb"]
# if setup.attended():
#     shapes = (torch.rand(2, 28, 28, generator=torch.Generator().manual_seed(0)) > 0.5).float()
#     kinds, perfect = torch.tensor([1, 3]), torch.zeros(2, 5, 28, 28)
#     perfect[[0, 1], kinds] = 40 * (shapes - 0.5)
#     every = F.binary_cross_entropy_with_logits(perfect, shapes[:, None].expand_as(perfect))
#     one = F.binary_cross_entropy_with_logits(perfect[:, 1], shapes)
#     print(f"yours {mask_loss(perfect, kinds, shapes):.3f}, always channel 1 {one:.3f}, all channels {every:.3f}")

# %% [markdown]
# ### Trap 3 · a box that leaves the image
#
# A person stands at the border, and the box reaches beyond it. If you clip the box first and paste into what is left, the whole mask is squeezed into the visible part. A slice that begins below 0 is worse: Python counts it from the end.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.off_the_image(photo, masks[tallest], boxes[tallest], mask_targets, paste_mask)

# %% [markdown]
# ### Trap 4 · a threshold too early
#
# If you round the 28 × 28 numbers to 0 and 1 first and enlarge them afterwards, the outline gets steps as large as a cell. The numbers between 0 and 1 say where *within* the cell the border is; they are worth keeping to the end.

# %% tags=["active-ipynb"]
# if setup.attended():
#     one = tallest[None]
#     soft = mask_targets(masks, boxes[one], one)[0]
#     true = masks[tallest].bool()
#     for name, mask in (("sampled, then ≥ 0.5", soft), ("rounded first", (soft >= 0.5).float().repeat_interleave(8, 0).repeat_interleave(8, 1))):
#         pasted = paste_mask(mask, boxes[tallest], tuple(true.shape))
#         print(f"{name:<22} IoU with the true mask {(pasted & true).sum() / (pasted | true).sum():.3f}")

# %% [markdown]
# ## Class practice · *MaskRCNN detect person*
#
# The lecture's practice cuts people out of a photo. Every part of it is yours now. Here the truth stands in for a trained detector: your `mask_targets` brings each mask down to 28 × 28, as a perfect head would give it, and your `paste_mask` puts it back into the picture. In the next section a trained detector takes
# over. (In our scenes a safety helmet, 安全帽, is an object of its own, so helmets are cut out as well.)
#
# **The threshold.** "At least 0.5" is a choice. A lower threshold cuts more generously, a higher one more tightly. `paste_mask` has the 0.5 built in, but adding 0.5 − t to the mask makes it a threshold of t.

# %% tags=["active-ipynb"]
# if setup.attended():
#     wanted = ((labels == 1) | (labels == 2)).nonzero().squeeze(1)  # people and helmets
#     explore.cut_out(photo, boxes[wanted], mask_targets(masks, boxes[wanted], wanted), paste_mask)

# %% [markdown]
# ## The whole printed model
#
# The slides print torchvision's Mask R-CNN piece by piece. You have built most of it, so now you can read it as a whole. The cell below makes the model without weights, on torch's device "meta": its tensors have shapes but no numbers, so it needs neither a download
# nor memory. It prints one part for each place on the map at the top. Predict before you look: how many inputs has `fc6`, the first linear layer of the box head?

# %% tags=["active-ipynb"]
# if setup.attended():
#     from torchvision.models.detection import MaskRCNN
#     from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
#
#     with torch.device("meta"):
#         printed = MaskRCNN(resnet_fpn_backbone(backbone_name="resnet50", weights=None), num_classes=91)
#     places = {
#         "backbone, first block": "backbone.body.layer1.0",
#         "pyramid": "backbone.fpn",
#         "RPN": "rpn.head",
#         "ROI pooling": "roi_heads.box_roi_pool",
#         "detection head": "roi_heads.box_head",
#         "detection head, its answers": "roi_heads.box_predictor",
#         "mask branch, ROI pooling": "roi_heads.mask_roi_pool",
#         "mask branch": "roi_heads.mask_head",
#         "mask branch, its answers": "roi_heads.mask_predictor",
#     }
#     for place, name in places.items():
#         print(f"--- {place} ---\n({name}): {printed.get_submodule(name)}\n")

# %% [markdown]
# <details><summary>Answer</summary>
#
# 12,544 = 256 · 7 · 7: each ROI comes with 256 channels, the pyramid's width, in 7 × 7 bins. Lab 4's head read VGG16's 512 channels: 512 · 7 · 7 = 25,088.
# </details>
#
# Where it differs from what you built:
#
# | printed | yours | the difference |
# |---|---|---|
# | `Bottleneck` | VGG16 in labs 2 to 4, a small backbone in lab 7 | ResNet-50's block: 1 × 1 to fewer channels, 3 × 3, 1 × 1 to four times as many. The input is added to the result; `downsample` fits its channels to that |
# | `FrozenBatchNorm2d` | `nn.BatchNorm2d` in lab 7, none in VGG16 | its mean, variance, weight and bias never change: a few large photos at a time are too few to measure a mean. (The slides show `eps=0.0`, which comes with the COCO weights) |
# | `FeaturePyramidNetwork` | `FPN` | the same layers. `Conv2dNormActivation` is only a wrapper, here around a single convolution; the slides' older version had none |
# | `RPNHead` | lab 3's `RPNHead` | three anchors for each cell instead of nine, since every level has a scale of its own, and one logit instead of two |
# | `MultiScaleRoIAlign` | `roi_level` and `roi_align` | both in one; its points lie half a cell further right and down (`aligned=False`) |
# | `TwoMLPHead`, `FastRCNNPredictor` | lab 4's `BoxHead` | two modules instead of one, and 1,024 instead of 4,096 hidden numbers; 364 = 4 · 91 deltas |
# | `MaskRCNNHeads`, `MaskRCNNPredictor` | `MaskHead` | the same layers. The slides' `mask_fcn1` to `mask_fcn4` are now called `0` to `3` |
#
# A printout lists layers. What has no weights is missing: adding the laterals, ReLU in the box head, NMS, and all of the losses.
#
# ## Your parts in a real detector
#
# So much for the truth. Now a trained detector guesses the masks, with *your* head. Look at the edges: 28 × 28 cells are not many for a person. Move the slider: how sure must it be?
#
# With internet access, it is torchvision's `maskrcnn_resnet50_fpn` with its COCO weights. Your parts are *transplanted* into it: they replace torchvision's own and take over their weights, and the detector's answers stay the same. Without internet access, it is the course's small detector, which has only ever seen made-up scenes. If a part fails its check, it is left out, and the list says so.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from course.parts import here
#
#     mine = here(globals())  # your parts from this notebook that are right; the library's for all else
#     found = zoo.detector("masks", mine)
#     print(found)
#     explore.detections(scenes.scene(21, size=(144, 192))[0], found.model, found.categories)

# %% [markdown]
# Now the same frame by frame: people cut out of a video. The cell makes a film of a building site for you; to use your own film, write `video.read("my.mp4", longest=320)` instead of `video.scene_video("scenes.webm")`.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from course import video
#
#     def people_alone(frame):
#         """The frame with everything white but the people of whom the detector is sure enough."""
#         answer = found.model([frame])[0]
#         sure = (answer["scores"] > 0.6) & (answer["labels"] == found.categories.index("person"))
#         inside = (answer["masks"][sure] >= 0.5).any(dim=0)  # [1, H, W]
#         return torch.where(inside, frame, 1.0)
#
#
#     video.apply(people_alone, video.scene_video("scenes.webm"), "people.webm")
#     video.show("people.webm", alt="The people of a building site, cut out, on white")

# %% [markdown]
# ## Checkpoint
#
# When every check passes, you have
#
# - the transposed convolution, built by hand, and the reason for checkerboards;
# - the mask branch: head, targets, loss;
# - the way back into the image, to the pixel.
#
# Faster R-CNN plus this notebook is Mask R-CNN. Before you hand in: in JupyterLab *Kernel → Restart Kernel and Run All Cells…*, then the *Validate* button of the toolbar
# (in a narrow window it hides behind the three dots); in Colab *Runtime → Restart session and run all*. Hand in both halves, `fpn.ipynb` and `mask.ipynb`.
#
# **Next, [lab 6](../lab6_keypoints/keypoints.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab6_keypoints/keypoints.ipynb)): the same ROIs once more, and a head that finds 17 points in each: nose, wrists, knees.

# %% [markdown]
# ## Hand in
#
# Put your student ID between the quotes, save, and run the cell. It checks every exercise once more, says which are done, wrong or not begun, and
# makes a zip for you to upload. You can do this as often as you like.
# In JupyterLab the zip holds both notebooks of this lab; in Colab hand in each from its own. (If your course uses Jupyter's *Assignments* tab, submit there instead.)
#
# To see how far you are in all labs and what comes next, run `course.progress()` in a cell of your own.

# %% tags=["active-ipynb"]
# import course
#
# course.submit("")
