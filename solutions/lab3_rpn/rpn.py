# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 3 · The region proposal network
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab3_rpn/rpn.ipynb)
#
# **35 points · about two hours · one small network and three functions of five to ten lines**
#
# Lab 2 put 22,500 anchors on the image and worked out what each of them *should* say. Now you build the network that says it, the loss that compares
# the two, and the sieve that keeps 2,000 boxes worth a second look: the proposals.
#
# | | where this comes from |
# |---|---|
# | lecture | second practice, *FasterRCNN(2) Step_by_step*: "Predict ROIs", "Change RPN output format (VERY NICE DESIGN!!)", "Train RPN", "Change the ROI format", "Sort remaining ROIs", "Non-maximum Suppression (NMS)"; video: [How Faster RCNN works](https://youtu.be/4yOcsWg-7g8) · third lecture: "Class practice – RPN" |
# | paper | Ren et al., [*Faster R-CNN*](https://arxiv.org/abs/1506.01497v3): section 3.1 Region Proposal Networks, 3.1.2 Loss Function, 3.3 Implementation Details. (Numbers are those of the longer version, arXiv v3 of 2016. The NIPS 2015 version, which the lecture names, doesn't number the parts of its section 3.) |
# | also | Girshick, [*Fast R-CNN*](https://arxiv.org/abs/1504.08083) (2015), section 2.3: smooth L1 |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first. Offline you have the same lines: `import torchvision` and below it `torchvision.ops.nms??`, in a cell of your own |
#
# Work from top to bottom. Under each function there is a check. It tells you in one line that all is well, or it shows what it expected and what your
# function gave. *Run All* stops at the first check that fails: scroll up to the first red box, which tells you what to do next. Once all functions
# are written, it takes about half a minute, most of it for VGG16 and for thirty steps of training.

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
# This lab also needs PyTorch's layers and losses. The functions of labs 1 and 2 come from `course.library`, so a mistake in those labs costs nothing
# here.

# %%
import torch.nn.functional as F
from torch import nn

from course import explore, lecture
from course.library import (
    anchor_shapes,
    box_iou,
    clip_boxes_to_image,
    decode_boxes,
    encode_boxes,
    grid_anchors,
    inside_image,
    label_anchors,
    remove_small_boxes,
    sample_labels,
)

# %% [markdown]
# ## Where we are
#
# Today is about the yellow stations: the network itself, its loss, and the way from its answers to proposals.

# %% tags=["active-ipynb"]
# pipeline.show("rpn")

# %% [markdown]
# ## The slides' names and ours
#
# | slides | here | what it is |
# |---|---|---|
# | `out_map` | `features` | what VGG16 makes of the image, (1, 512, 50, 50) |
# | `conv1`, `cls_layer`, `reg_layer` | `conv`, `cls_logits`, `bbox_pred` | the three layers of the head |
# | `pred_cls_scores`, `rpn_score` | `objectness` | two logits for each anchor: (background, object) |
# | `pred_anchor_locs`, `rpn_loc` | `deltas` | (dx, dy, dw, dh) for each anchor; the slides' code has (dy, dx, dh, dw) |
# | `gt_rpn_score`, `gt_rpn_loc` | `labels`, `targets` | what lab 2 made: 1 object, 0 background, −1 ignore; the deltas to the true box |
# | `rpn_lambda`, `N_reg` | `loc_weight`, – | the weight 10, and the number of positives |
# | `roi`, `score` | `boxes`, `scores` | decoded boxes and how sure the network is |
# | `order`, `keep`, `ovr` | `order`, `keep`, `iou` | in NMS: the boxes still in the race, the winners, the overlaps |
# | `n_train_pre_nms`, `n_train_post_nms` | `pre_nms_top_n`, `post_nms_top_n` | 12,000 and 2,000 |

# %% [markdown]
# ## The example of this lab
#
# The lecture's image is 800 × 800 with two safety helmets (安全帽). Its photo is not ours to give away, so a sketch stands in, with
# both helmets in the same places. VGG16, cut as in lab 2, turns it into 512 numbers for each of 50 × 50 places.
#
# If torch has VGG16's trained weights on this machine, the lab uses them. If not, it uses random weights, the same ones every time; a line below says
# which. For this lab it hardly matters: even a random network gives different places different numbers, and that is enough to learn two helmets by
# heart. (If you are online, `lecture.vgg16_features(photo, download=True)` fetches the trained ones, 528 MB.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     photo = lecture.photo(device)
#     helmets = torch.tensor(lecture.HELMETS, device=device)
#     features = lecture.vgg16_features(photo)
#     print("photo", tuple(photo.shape), "→ features", tuple(features.shape))

# %% [markdown]
# Here is lab 2 in a few lines: where the anchors are, which of them are objects, and how to get from each to its helmet.

# %% tags=["active-ipynb"]
# if setup.attended():
#     shapes = anchor_shapes(16, (8, 16, 32), (0.5, 1, 2)).to(device)
#     anchors = grid_anchors((50, 50), 16, shapes)
#     inside = inside_image(anchors, (800, 800))
#     labels = torch.full((len(anchors),), -1, device=device)
#     targets = torch.zeros_like(anchors)
#     labels[inside], matched = label_anchors(box_iou(anchors[inside], helmets))
#     targets[inside] = encode_boxes(helmets[matched], anchors[inside])
#     objects, background = int((labels == 1).sum()), int((labels == 0).sum())
#     print(f"{len(anchors):,} anchors, {int(inside.sum()):,} inside: {objects} objects, {background:,} background")

# %% [markdown]
# ## Exercise 1 · `RPNHead`
#
# *medium · 35 minutes · 8 points*
#
# **Idea.** The head looks at each place of the feature map through a window of 3 × 3 cells. For each of the A anchors at that place it answers two
# questions: is there an object (two logits), and how must the anchor move to fit it (four deltas)? The head has three convolutions:
#
# | layer | from | to | kernel |
# |---|---|---|---|
# | `conv`, followed by a ReLU | `in_channels` | `mid_channels` | 3 × 3, padding 1 |
# | `cls_logits` | `mid_channels` | 2 · A | 1 × 1 |
# | `bbox_pred` | `mid_channels` | 4 · A | 1 × 1 |
#
# A 1 × 1 convolution is a linear layer, applied to each place separately. Draw all weights from a normal distribution with mean 0 and standard
# deviation 0.01, and start all biases at 0. The untrained network then says "50/50" and "stay where you are".

# %% tags=["active-ipynb"]
# draw.rpn_head()

# %% [markdown]
# **The "very nice design".** Convolutions answer in maps: `(B, 2·A, H, W)`, one map for each of the 2 · A numbers. The loss wants a list: one row for
# each anchor, in the order of lab 2's anchors (y, then x, then the anchor at that place). So move the channels to the end first, then flatten the
# rest:
#
# $$(B,\; 2A,\; H,\; W) \;\xrightarrow{\text{permute}}\; (B,\; H,\; W,\; 2A) \;\xrightarrow{\text{reshape}}\; (B,\; H \cdot W \cdot A,\; 2)$$
#
# `reshape` never changes the order of the numbers. It reads them as you read a page, along the last dimension first, and cuts them into rows of a new
# length. So the order must be right beforehand. Channels 2a and 2a + 1 are the two logits of anchor a; channels 4a to 4a + 3 are its four deltas.
#
# **Sources.** Lecture: "Predict ROIs", "Change RPN output format". Paper: section 3.1 (the three layers), 3.1.1 (the 2 · A and 4 · A answers). torchvision: [`RPNHead`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L15), [`permute_and_flatten`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L81).


# %% nbgrader={"grade": false, "grade_id": "RPNHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RPNHead(nn.Module):
    """The head of the region proposal network: two logits and four deltas for each anchor.

    Args:
        in_channels (int): channels of the features, 512 for VGG16.
        mid_channels (int): channels of the hidden layer.
        num_anchors (int): anchors at each place, A.

    Layers: ``conv`` (3 x 3, padding 1), ``cls_logits`` (1 x 1, to 2 A channels) and
    ``bbox_pred`` (1 x 1, to 4 A channels); weights from N(0, 0.01), biases 0.
    The class neither sets torch's seed nor draws random numbers in ``forward``.

    Source: lecture, "Predict ROIs" and "Change RPN output format".
    """

    def __init__(self, in_channels: int, mid_channels: int, num_anchors: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv = nn.Conv2d(in_channels, mid_channels, kernel_size=3, padding=1)
        self.cls_logits = nn.Conv2d(mid_channels, 2 * num_anchors, kernel_size=1)
        self.bbox_pred = nn.Conv2d(mid_channels, 4 * num_anchors, kernel_size=1)
        for layer in (self.conv, self.cls_logits, self.bbox_pred):
            weight, bias = layer.parameters()
            nn.init.normal_(weight, std=0.01)
            nn.init.zeros_(bias)
        ### END SOLUTION

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Answer for every anchor.

        Args:
            features (Tensor[B, C, H, W]): feature maps, B >= 1.

        Returns:
            tuple of objectness (Tensor[B, H * W * A, 2]), the logits (background, object),
            and deltas (Tensor[B, H * W * A, 4]), (dx, dy, dw, dh); rows in the order
            y, x, anchor. Same dtype and device as the features.
        """
        ### BEGIN SOLUTION
        batch = len(features)
        hidden = F.relu(self.conv(features))  # [B, mid, H, W]
        objectness = self.cls_logits(hidden).permute(0, 2, 3, 1)  # [B, H, W, A * 2]
        deltas = self.bbox_pred(hidden).permute(0, 2, 3, 1)  # [B, H, W, A * 4]
        return objectness.reshape(batch, -1, 2), deltas.reshape(batch, -1, 4)  # [B, H * W * A, …]
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Create the three layers in `__init__` and name them as in the table: the grader copies weights in by these names. `nn.Conv2d(from, to, kernel)` is a
# layer; `nn.init.normal_` and `nn.init.zeros_` fill a tensor in place.
# </details>
#
# <details><summary>Hint 2: forward</summary>
#
# `F.relu` goes between the 3 × 3 convolution and the other two. Then permute each answer so that its channels come last, and reshape it to rows of 2
# or 4 numbers. Let `-1` work out the number of rows.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `permute(0, 2, 3, 1)` turns (B, C, H, W) into (B, H, W, C). The first number of the new shape is the batch size, `len(features)`. The slide writes
# 1, which works only because it has one image.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_RPNHead", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.RPNHead(RPNHead)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("RPNHead", RPNHead)
# ### END HIDDEN TESTS

# %% [markdown]
# Here is your head on a map 2 cells high and 3 cells wide, with two anchors at each place. Its weights are set so that every number carries a tag:
# its place and its channel. Each row on the right should hold the two logits of **one** anchor at **one** place.

# %% tags=["active-ipynb"]
# draw.tagged_channels(RPNHead)

# %% [markdown]
# Without the permute, every row mixes neighbouring places of one channel. You get no error, the shapes are right, and on a map of equal numbers you
# would never notice.
#
# Now the lecture's size: 50 · 50 · 9 = 22,500 anchors.

# %% tags=["active-ipynb"]
# if setup.attended():
#     torch.manual_seed(0)
#     head = RPNHead(512, 512, 9).to(device)
#     with torch.no_grad():
#         objectness, deltas = head(features)
#     print("objectness", tuple(objectness.shape), "deltas", tuple(deltas.shape))

# %% [markdown]
# ### One logit or two, three anchors or nine?
#
# The third lecture prints torchvision's own head ("Class practice – RPN"). Its three layers have the names of yours, but `cls_logits` has 3 channels
# instead of 18, and `bbox_pred` 12 instead of 36. Two things differ:
#
# - **Three anchors.** That head works on the five maps of a feature pyramid (lab 5), and each map has anchors of a single scale, in three ratios.
#   Yours works on one map, which must serve three scales: 3 · 3 = 9.
# - **One logit.** It says by how much "object" beats "background", and a sigmoid turns it into a probability. The probability is the same, because
#   softmax over two logits is the sigmoid of their difference. To see it, divide above and below by the numerator:
#
# $$\frac{e^{z_1}}{e^{z_0} + e^{z_1}} = \frac{1}{1 + e^{-(z_1 - z_0)}}$$
#
# The paper has two logits, like you, and a footnote in section 3.1.1 says that one would do. Here are your own 22,500 anchors, both ways:

# %% tags=["active-ipynb"]
# if setup.attended():
#     z0, z1 = objectness[0].unbind(dim=1)  # background, object
#     with_softmax, with_sigmoid = objectness[0].softmax(dim=1)[:, 1], torch.sigmoid(z1 - z0)
#     print(f"first anchor: softmax of ({z0[0]:.4f}, {z1[0]:.4f}): {with_softmax[0]:.6f}; sigmoid of {z1[0] - z0[0]:.4f}: {with_sigmoid[0]:.6f}")
#     print(f"all {len(z0):,} anchors: they differ by at most {(with_softmax - with_sigmoid).abs().max():.0e}")

# %% [markdown]
# ## Exercise 2 · `rpn_loss`
#
# *medium · 25 minutes · 9 points*
#
# **Idea.** Two things can be wrong with an answer: what it says about the object, and where it puts the box.
#
# $$L = \underbrace{\frac{1}{N_\text{cls}} \sum_{i:\, p_i^* \ge 0} L_\text{cls}(p_i, p_i^*)}_{\texttt{cls\_loss}} \;+\; \lambda \cdot \underbrace{\frac{1}{N_\text{reg}} \sum_{i:\, p_i^* = 1} L_\text{reg}(t_i, t_i^*)}_{\texttt{loc\_loss}}$$
#
# - **Classification** is cross-entropy, averaged over the anchors that count: labels 0 and 1. Anchors with −1 add nothing, neither to the sum nor
#   to the count.
# - **Localisation** is smooth L1 between deltas and targets, for positives only (where should a piece of sky move to?): the sum over all four
#   numbers of all positives, divided by the number of positives.
# - λ is `loc_weight`, 10 in the lecture.
#
# For small errors, smooth L1 is a parabola, so the gradient fades as the box approaches its target. For large errors it is a straight line, so one
# bad box cannot drown out all the others:
#
# $$\text{smooth}_{L1}(x) = \begin{cases} \tfrac12 x^2 & |x| < 1 \\ |x| - \tfrac12 & \text{otherwise} \end{cases}$$

# %% tags=["active-ipynb"]
# draw.smooth_l1()

# %% [markdown]
# **No positives.** An image may show no object at all. Then the sum and the count are both 0, and 0 / 0 is NaN. A single NaN in the loss turns every
# weight of the network into NaN at the next step: the training is over. Divide by at least 1. The same goes for an image where no label counts.
#
# The slides' code doesn't do that. It also moves both sides to the CPU (`.cpu()`: on a GPU, every step then waits for the copy). Its targets come
# from NumPy in float64, which is why its loss is printed with `dtype=torch.float64`. Here everything stays on its device and in its dtype.
#
# **Sources.** Lecture: "Train RPN". Paper: section 3.1.2, equation 1; smooth L1 is equation 3 of Fast R-CNN, section 2.3. torchvision: [`compute_loss`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L299). The three weigh the two parts differently, as you will see below.


# %% nbgrader={"grade": false, "grade_id": "rpn_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rpn_loss(
    objectness: Tensor, deltas: Tensor, labels: Tensor, targets: Tensor, loc_weight: float = 10.0
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the loss of the region proposal network.

    Args:
        objectness (Tensor[N, 2]): logits (background, object) of each anchor; N may be 0.
        deltas (Tensor[N, 4]): predicted (dx, dy, dw, dh), same dtype and device.
        labels (Tensor[N]): int64; 1 object, 0 background, -1 does not count.
        targets (Tensor[N, 4]): the right deltas where the label is 1; elsewhere finite numbers
            that mean nothing.
        loc_weight (float): weight of the localisation loss in the total.

    Returns:
        tuple of three tensors without dimensions: the total
        ``cls_loss + loc_weight * loc_loss``, cls_loss (mean over labels 0 and 1) and
        loc_loss (smooth L1, summed over positives and divided by their number). Each is part
        of the graph, so that backward() works on it, also where it is constant: where
        nothing counts it is 0, never NaN, and so is its gradient.

    Source: lecture, "Train RPN"; Faster R-CNN, section 3.1.2.
    """
    ### BEGIN SOLUTION
    counted = labels >= 0  # [N], bool: 0 and 1
    positive = labels == 1  # [N], bool
    cls_sum = F.cross_entropy(objectness[counted], labels[counted], reduction="sum")
    loc_sum = F.smooth_l1_loss(deltas[positive], targets[positive], reduction="sum")
    cls_loss = cls_sum / counted.sum().clamp(min=1)
    loc_loss = loc_sum / positive.sum().clamp(min=1)
    return cls_loss + loc_weight * loc_loss, cls_loss, loc_loss
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `labels >= 0` is a tensor of True and False, and `objectness[labels >= 0]` gives the rows where it is True. Which rows do the deltas need?
# </details>
#
# <details><summary>Hint 2: which functions</summary>
#
# `F.cross_entropy` takes logits (it does the softmax itself) and labels; `F.smooth_l1_loss` takes two tensors of the same shape. Both have `reduction="sum"`. Count with
# `mask.sum()`.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `tensor.clamp(min=1)` makes a number at least 1, so `… / positive.sum().clamp(min=1)` is 0 / 1 if there is no positive. Return `loc_loss` without
# the weight; only the total has it.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_rpn_loss", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.rpn_loss(rpn_loss)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("rpn_loss", rpn_loss)
# ### END HIDDEN TESTS

# %% [markdown]
# The lecture's run gave
#
# $$0.6896 + 10 \cdot \frac{0.1542}{4} = 1.0751$$
#
# which is one of the examples that your function has just passed. Look at the 0.6896: an untrained head says 50/50, and that costs ln 2 = 0.6931.
# Here is yours, on 256 sampled anchors:

# %% tags=["active-ipynb"]
# if setup.attended():
#     chosen = sample_labels(labels, generator=torch.Generator(device).manual_seed(0))
#     total, cls_loss, loc_loss = rpn_loss(objectness[0], deltas[0], chosen, targets)
#     positives = int((chosen == 1).sum())
#     print(f"{positives} positives of 256: {cls_loss:.4f} + 10 · {loc_loss:.4f} = {total:.4f}")

# %% [markdown]
# ### Three losses, one idea
#
# The paper, the lecture and torchvision agree on the formula, but not on the numbers in it:
#
# | | classification: mean over | smooth L1 of the positives, summed, times λ, divided by | factor of the sum | smooth L1 bends at |
# |---|---|---|---|---|
# | paper | the minibatch, 256 | all places of the map, about 2,400; λ = 10 | 10 ÷ 2,400 = 1 ÷ 240 | 1 |
# | lecture, and yours | the anchors that count, here 256 | the positives; λ = 10 | 10 ÷ positives | 1 |
# | torchvision | the sampled anchors, here 256 | the sampled anchors; λ = 1 | 1 ÷ 256 | 1/9 |
#
# (Where smooth L1 bends from the parabola to the line is called β: it is ½ x² ÷ β below β, and |x| − ½ β above.) Here are all three for the same
# answers of your untrained head. torchvision's row uses one logit, the difference of your two:

# %% tags=["active-ipynb"]
# if setup.attended():
#     is_sampled, is_object = chosen >= 0, chosen == 1
#     one_logit = objectness[0][is_sampled].diff(dim=1)[:, 0]
#     cls_sigmoid = F.binary_cross_entropy_with_logits(one_logit, chosen[is_sampled].to(one_logit.dtype))
#     pair = deltas[0][is_object], targets[is_object]
#     bends_at_1, bends_at_a_9th = (F.smooth_l1_loss(*pair, beta=beta, reduction="sum") for beta in (1, 1 / 9))
#     for who, cls, weight, summed, divisor in (
#         ("paper", cls_loss, 10, bends_at_1, 2400),
#         ("lecture, yours", cls_loss, 10, bends_at_1, positives),
#         ("torchvision", cls_sigmoid, 1, bends_at_a_9th, int(is_sampled.sum())),
#     ):
#         print(f"{who:14} {cls:.4f} + {weight:2} · {summed:.4f} / {divisor:<4} = {cls + weight * summed / divisor:.4f}")

# %% [markdown]
# In all three, classification is the same mean and localisation the same kind of sum over the same positives; only the factor of that sum differs, and
# where smooth L1 bends. The paper and torchvision come out close together. The lecture's localisation weighs far more: the fewer positives an image
# has, the more each of them counts. (torchvision's numbers are those of py-faster-rcnn, the code of one of the paper's authors.) The course takes the
# lecture's, so you can compare your result with its 1.0751.

# %% [markdown]
# ### Your head learns
#
# Your head now trains for thirty steps on this one image, with your loss, and learns by heart where the two helmets are. (A real training run shows
# it thousands of images. The features are first normalised to mean 0 and standard deviation 1, as in newer backbones. The hidden layer has 64
# channels instead of 512, to save you time.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     normal = (features - features.mean((2, 3), keepdim=True)) / (features.std((2, 3), keepdim=True) + 1e-6)
#     torch.manual_seed(0)
#     head = RPNHead(512, 64, 9).to(device)
#     optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
#     generator = torch.Generator(device).manual_seed(0)
#     losses, answers = [], []
#     for step in range(31):
#         objectness, deltas = head(normal)
#         answers.append((objectness[0].detach(), deltas[0].detach()))
#         total, cls_loss, loc_loss = rpn_loss(
#             objectness[0], deltas[0], sample_labels(labels, generator=generator), targets
#         )
#         optimizer.zero_grad()
#         total.backward()
#         optimizer.step()
#         losses.append((float(total.detach()), float(cls_loss.detach()), float(loc_loss.detach())))
#     draw.losses(losses)

# %% [markdown]
# **Objectness as a heat map.** How probable is an object at each of the 50 × 50 places? The surest of the nine anchors there decides. You see the map
# before the first step, after five, and at the end.
#
# **Before you run this:** the head sees the same image thirty times. At the end, where will the map be bright? And is there a part of the image about
# which nobody ever told the head anything?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.objectness(photo, {step: answers[step][0] for step in (0, 5, 30)}, (50, 50))

# %% [markdown]
# <details><summary>Answer</summary>
#
# It gets bright on and around the helmets. The odd pieces of a frame along the border are real, too: most anchors there extend beyond the image, so they
# have label −1 and add nothing to the loss.
# </details>

# %% [markdown]
# ## Exercise 3 · `nms`
#
# *medium · 30 minutes · 9 points*
#
# **Idea.** Around each helmet dozens of anchors say "here!". They are right, but they all mean the same helmet. *Non-maximum suppression* keeps the
# surest box, removes those that overlap it too much, and repeats:
#
# 1. Take the box with the best score out of the race and keep it.
# 2. Compute its IoU with all boxes that are still in the race.
# 3. Boxes with an IoU **greater** than the threshold are out. (A box whose IoU equals the threshold stays.)
# 4. Repeat with the remaining boxes until none is left.
#
# A box that is out plays no further part: it removes no other box. That matters for a chain in which A overlaps B and B overlaps C: A removes B, so C
# stays.

# %% tags=["active-ipynb"]
# draw.nms_rule()

# %% [markdown]
# Return **indices into the original `boxes`**, best first. So `boxes[keep]` and `scores[keep]` belong together. Of two equal scores, the one that
# comes first in the list counts as better.
#
# **Sources.** Lecture: "Non-maximum Suppression (NMS)". Paper: section 3.3, with a threshold of 0.7. torchvision: [`nms`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/boxes.py#L20); the loop itself is C++.


# %% nbgrader={"grade": false, "grade_id": "nms", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Keep the best boxes, and remove those that overlap a better one too much.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels, in any order;
            N may be 0.
        scores (Tensor[N]): one score for each box, any finite number, also 0 or below; of
            equal ones the first counts as better.
        iou_threshold (float): a box goes if its IoU with a better one that is kept is
            greater than this, and only then. The IoU is lab 1's: a box without area has 0
            with every box, also with an equal one.

    Returns:
        Tensor[K]: int64 indices of the boxes to keep, best first, on the same device.
        Empty (0, 4) gives empty (0,). For 700 boxes it takes less than 2 seconds of
        computing: a loop over boxes may be, one over pairs of tensors may not.

    Source: lecture, "Non-maximum Suppression (NMS)"; torchvision.ops.nms.
    """
    ### BEGIN SOLUTION
    order = scores.argsort(descending=True, stable=True)  # [N]: who is in the race, best first
    kept = []
    while len(order) > 0:
        best, others = order[:1], order[1:]
        kept.append(best)
        iou = box_iou(boxes[best], boxes[others])[0]  # [1, M] to [M]
        order = others[iou <= iou_threshold]
    return torch.cat(kept) if kept else order
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Sort once, before the loop: `scores.argsort(descending=True, stable=True)` gives the indices of the boxes, best first. In the loop this list only gets shorter.
# </details>
#
# <details><summary>Hint 2: the loop</summary>
#
# `order[:1]` is the best one, `order[1:]` are the others. `box_iou(boxes[best], boxes[others])` compares one box with all others in one go, shape (1, M). Which of the
# others stay?
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# The last line of the loop keeps the others whose IoU is at most the threshold: use the comparison as an index. The kept indices are tensors of one
# number each. `torch.cat` joins them, but it needs at least one. What is the answer for no boxes?
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_nms", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.nms(nms)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("nms", nms)
# ### END HIDDEN TESTS

# %% [markdown]
# Next, your function sorts out seven boxes around the two helmets, step by step. The threshold is 0.5.
#
# **Before you run this:** the surest boxes are number 2, on the near helmet, and number 4, on the far one. Do any others stay?

# %% tags=["active-ipynb"]
# seven = torch.tensor(
#     [
#         [150.0, 165.0, 240.0, 268.0],
#         [140.0, 150.0, 228.0, 255.0],
#         [147.0, 160.0, 234.0, 260.0],
#         [175.0, 180.0, 262.0, 290.0],
#         [310.0, 140.0, 350.0, 204.0],
#         [315.0, 134.0, 345.0, 195.0],
#         [225.0, 215.0, 300.0, 310.0],
#     ],
#     device=device,
# )
# sure = torch.tensor([0.80, 0.75, 0.95, 0.60, 0.90, 0.85, 0.40], device=device)
# draw.nms_steps(seven, sure, 0.5, nms)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Two more: 3 and 6. Box 3 is a poor box on the near helmet, but its IoU with the winner is only 0.35. Box 6 sits on no helmet, so no better box
# overlaps it much. NMS knows nothing about helmets: it removes boxes that resemble a better one. Weeding out poor boxes is the score's job.
# </details>

# %% [markdown]
# **Now you**, with any threshold. At 0.8 all seven stay. At 0.3 one for each helmet is left, plus the stray one at the lower right. How low must the
# threshold be before that one goes, too? (Sliders listen to the arrow keys; if they don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.suppression(seven, sure, nms)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Below 0.026, which is its IoU with box 2. On this slider, only 0 is low enough: then two boxes can't stay if they overlap at all.
# </details>
#
# ### Bonus: faster (no points)
#
# Your loop compares one box at a time, and each round costs a dozen small tensor operations. For 12,000 boxes, of which about 6,000 are kept, that
# adds up. You can make the same decisions for a hundred boxes at once: take the best hundred, let them fight it out among themselves, then remove
# every box that a survivor overlaps too much. Within the hundred, start with "all stay" and repeat "a box goes if it overlaps a better one that
# stays" until nothing changes.
#
# If you like, write it; the picture below shows who wins. torchvision's operator is C++. If yours is right, lab 7 trains your detector with it.


# %% nbgrader={"grade": false, "grade_id": "nms_in_blocks", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nms_in_blocks(boxes: Tensor, scores: Tensor, iou_threshold: float, block: int = 100) -> Tensor:
    """As :func:`nms`, the same answer, ``block`` boxes at a time."""
    ### BEGIN SOLUTION
    order = scores.argsort(descending=True, stable=True)
    kept = [order[:0]]
    while len(order) > 0:
        first, order = order[:block], order[block:]
        # [block, block]: does the row's box overlap the column's box too much, and is it better?
        better = (box_iou(boxes[first], boxes[first]) > iou_threshold).triu(diagonal=1)
        stays = torch.ones_like(first, dtype=torch.bool)
        while not stays.equal(still := ~better[stays].any(dim=0)):
            stays = still
        kept.append(first[stays])
        order = order[(box_iou(boxes[kept[-1]], boxes[order]) <= iou_threshold).all(dim=0)]
    return torch.cat(kept)
    ### END SOLUTION


# %% tags=["active-ipynb"]
# draw.nms_race(nms, nms_in_blocks)

# %% [markdown]
# ## Exercise 4 · `make_proposals`
#
# *medium · 25 minutes · 9 points*
#
# **Idea.** Turn 22,500 answers into at most 2,000 boxes worth a second look. You have all the parts already; only the order of the steps matters:
#
# | step | with | left, in the lecture |
# |---|---|---|
# | 1. logits to the probability of an object: softmax over both, second column | | 22,500 |
# | 2. deltas to boxes | `decode_boxes(deltas, anchors)` | 22,500 |
# | 3. cut at the border of the image | `clip_boxes_to_image(boxes, size)` | 22,500 |
# | 4. drop small ones, **after** clipping | `remove_small_boxes(boxes, min_size)` gives indices | about 22,500 |
# | 5. the best `pre_nms_top_n`, best first | | 12,000 |
# | 6. non-maximum suppression | `nms` | several thousand |
# | 7. the best `post_nms_top_n` of those | | 2,000 |
#
# Boxes and scores go together: a step that picks or reorders one must do the same to the other. Most mistakes in this function come from indices made
# for one list and used on another. (torchvision picks the best before it drops the small ones. Here the small ones go first, as in the lecture, so
# they take no other box's place.)
#
# **Why softmax?** A logit alone says little: (7, 5) means background although the 5 is large, (−3, 1) means object. Only the difference counts, and
# softmax looks at exactly that.
#
# **Sources.** Lecture: "Change the ROI format" to "Non-maximum Suppression (NMS)". Paper: section 3.3 (clip, NMS at 0.7, about 2,000 boxes left). torchvision: [`filter_proposals`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/rpn.py#L242).

# %% tags=["active-ipynb"]
# draw.sieve()


# %% nbgrader={"grade": false, "grade_id": "make_proposals", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_proposals(
    objectness: Tensor,
    deltas: Tensor,
    anchors: Tensor,
    size: tuple[int, int],
    pre_nms_top_n: int = 12000,
    post_nms_top_n: int = 2000,
    nms_threshold: float = 0.7,
    min_size: float = 16,
) -> tuple[Tensor, Tensor]:
    """Turn the network's answers for one image into proposals.

    Args:
        objectness (Tensor[N, 2]): logits (background, object) of each anchor; N may be 0.
        deltas (Tensor[N, 4]): predicted (dx, dy, dw, dh), same dtype and device.
        anchors (Tensor[N, 4]): the anchors ``(x1, y1, x2, y2)``, in pixels.
        size (tuple[int, int]): ``(height, width)`` of the image, in pixels.
        pre_nms_top_n (int): so many of the best go into NMS.
        post_nms_top_n (int): at most so many come out, the best ones.
        nms_threshold (float): largest IoU that two proposals may have.
        min_size (float): smallest side of a proposal, in pixels, after clipping.

    Returns:
        tuple of boxes (Tensor[K, 4]) inside the image and scores (Tensor[K]), the
        probabilities of an object; best first, same dtype and device. Empty input gives
        empty (0, 4) and (0,).

    Source: lecture, "Change the ROI format" to "Non-maximum Suppression (NMS)".
    """
    ### BEGIN SOLUTION
    scores = objectness.softmax(dim=1)[:, 1]  # [N]: probability of an object
    boxes = clip_boxes_to_image(decode_boxes(deltas, anchors), size)  # [N, 4]

    large = remove_small_boxes(boxes, min_size)
    boxes, scores = boxes[large], scores[large]

    best = scores.argsort(descending=True, stable=True)[:pre_nms_top_n]
    boxes, scores = boxes[best], scores[best]

    keep = nms(boxes, scores, nms_threshold)[:post_nms_top_n]
    return boxes[keep], scores[keep]
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Seven steps, about seven lines. After each step that picks or reorders, write `boxes, scores = boxes[…], scores[…]`, both on one line. Then they
# stay in step.
# </details>
#
# <details><summary>Hint 2: steps 4 and 5</summary>
#
# `remove_small_boxes` gives indices. So does `argsort`: the slice `[:pre_nms_top_n]` of it gives the best ones, or simply all if there are fewer.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `objectness.softmax(dim=1)[:, 1]` is the probability of an object. `nms(boxes, scores, nms_threshold)` gives positions in the list that you pass in:
# use them on that list, not on an earlier one.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_make_proposals", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.make_proposals(make_proposals)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("make_proposals", make_proposals)
# ### END HIDDEN TESTS

# %% [markdown]
# Here is what your function makes of the trained head's answers: on the left the hundred surest boxes before NMS, on the right the hundred surest
# proposals.

# %% tags=["active-ipynb"]
# if setup.attended():
#     objectness, deltas = answers[30]
#     draw.proposals(photo, objectness, deltas, anchors, (800, 800), make_proposals)

# %% [markdown]
# Here is **the funnel**, with only 450 of the 22,500 anchors, so it responds at once. Which step loses the most boxes? Set the NMS threshold to 1,
# which removes nothing: the fifty best crowd together. Then set it to 0.3: they spread out.

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.funnel(objectness, deltas, anchors, (800, 800), make_proposals)

# %% [markdown]
# Before NMS, nearly all of them sit on the two workers' heads, and a good box appears over and over. After NMS, a few versions of each are left,
# no two with an IoU above 0.7. The freed places go to boxes where something else might be. Still, many boxes are only roughly right. That is fine:
# proposals must not miss anything, and deciding is the next network's job.
#
# ## Traps
#
# Here are five places in the lecture's code. All of them run without an error. Look at what they do.
#
# ### Trap 1 · sorted twice
#
# The slides sort the scores, keep the best 12,000 in that order, and then begin NMS with `order = order.argsort()[::-1]`. But `order` no longer holds
# the scores: it holds *numbers of boxes*, best first. Its argsort ranks boxes by their position in the list, and therefore by their place in the
# image: NMS begins at the bottom right. The loss doesn't notice: it judges the boxes that it gets, and the best ones may not be
# among them. Here is your trained head. Compare the mean rank of the surviving boxes on both sides, and see how many of the 2,000 are the same:

# %% tags=["active-ipynb"]
# def slide_order(scores, n_train_pre_nms=12000):
#     """The slides' lines: the order in which their NMS goes through the sorted boxes."""
#     order = scores.argsort(descending=True)[:n_train_pre_nms]
#     return order.argsort().flip(0)  # order.argsort()[::-1]
#
#
# if setup.attended():
#     draw.sorted_twice(photo, *answers[30], anchors, (800, 800), slide_order, nms)

# %% [markdown]
# The same lines sort `roi = roi[order, :]`, but not `score`: from then on, box 7 and score 7 have nothing to do with each other. Your function picks
# both in one line.

# %% [markdown]
# ### Trap 2 · no clip
#
# The slides decode the boxes and go straight on. Many of the kept boxes then extend beyond the image (the picture counts them), and ROI pooling would
# read where there are no features. The slides don't limit dw and dh, either: a delta of 10 makes a box 22,000 times as wide, and one of 89 is
# infinite in float32. Lab 2's `decode_boxes` stops at a factor of 62.5. Here is your untrained head without clipping (we told your function that the
# image is huge) and with it.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.leaving(photo, *answers[0], anchors, (800, 800), make_proposals)

# %% [markdown]
# ### Trap 3 · no ReLU between the convolutions
#
# The slides' `conv1` goes straight into `cls_layer` and `reg_layer`. Two linear maps in a row are one linear map: a single convolution could do the
# same, and any answer is a weighted sum of the features, a straight line.
#
# **Before you run this:** here is one feature, x. A head should say "object" for small x and for large x, and "background" for everything between. Can
# a straight line do it?

# %% tags=["active-ipynb"]
# draw.linear_or_not(RPNHead)

# %% [markdown]
# <details><summary>Answer</summary>
#
# No. A straight line crosses 0 once at most, so it separates one side from the other; the line in the picture is even level. With the ReLU the line
# bends: the same weights say "object" for two kinds of things and "background" between them.
# </details>

# %% [markdown]
# ### Trap 4 · ranking by the logit
#
# The slides take `objectness_score`, the second logit, as the score. It knows nothing about the first one. In an untrained head, like the slides',
# the two have little to do with each other. How many of the 2,000 best boxes change? The picture counts them.
#
# (As printed, `pred_cls_scores.view(1, 50, 50, 9, 2)[: :, :, :, 1]` doesn't even take that logit: a comma is missing, so four indices stand for five
# dimensions, and the 1 picks an anchor. The result is both logits of the second anchor at each place, 5,000 numbers instead of 22,500. `[..., 1]`
# always means the last dimension.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.logit_or_probability(answers[0][0], 2000)

# %% [markdown]
# ### Trap 5 · the + 1, once more
#
# The slides' NMS adds 1 to each side; their encoding doesn't. Large boxes hardly feel it: of 12,000 random boxes, it decides about 70
# differently. Small boxes do (lab 1, trap 2), and the smallest objects are hard enough to find already.
#
# ## Checkpoint
#
# When every check passes, you have
#
# - a network that answers two questions for each of 22,500 anchors, and a list of its answers in the order of the anchors;
# - a loss for both questions, which survives an image without objects;
# - non-maximum suppression, and the way from answers to at most 2,000 proposals, best first.
#
# Before you hand in, run everything once more. In JupyterLab choose *Kernel → Restart Kernel and Run All Cells…*, then press *Validate* in the
# toolbar (in a narrow window it hides behind the three dots). In Colab choose *Runtime → Restart session and run all*.
#
# **Next, [lab 4](../lab4_roi_heads/roi_heads.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab4_roi_heads/roi_heads.ipynb)): you cut 128 of the 2,000
# proposals out of the feature map and press each into 7 × 7 cells. A second network then says what they show. Fast R-CNN rounds each box to whole
# cells before it presses. That moves an edge by up to half a cell, 8 pixels of the image; Mask R-CNN doesn't round.

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
