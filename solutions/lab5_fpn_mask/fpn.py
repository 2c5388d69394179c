# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 5, first half · The feature pyramid
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab5_fpn_mask/fpn.ipynb)
#
# **10 points · about 60 minutes · one small network and one function** (the second half is `mask.ipynb`)
#
# In lab 4 the far helmet covered 2.25 × 3.81 cells of the feature map. Nine cells do not show much. This lab gives the detector
# several maps of the same image: fine ones for small things, coarse ones for large things. Each map also learns what the coarser ones have seen.
#
# | where this comes from | |
# |---|---|
# | lecture | third part, *From Faster RCNN to Mask RCNN*: "Class practice – CNN backbone with FPN", "FasterRCNN with FPN", "Top down pathway to construct higher resolution layers …", "Lateral connections …" |
# | paper | Lin et al., [*Feature Pyramid Networks for Object Detection*](https://arxiv.org/abs/1612.03144) (2017): section 3 (the pyramid), 4.1 (the extra level), 4.2 (which level an ROI goes to) |
# | code | torchvision 0.29.1, linked under each exercise's idea: try it yourself first |
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
# From here on, the parts from earlier labs come ready-made, so nothing depends on your own labs 1 to 4.

# %%
from torch import nn
from torch.nn import functional as F

from course import explore, scenes, zoo
from course.library import box_area, roi_align

# %% [markdown]
# ## Where we are
#
# Today's part is yellow. The RPN and the ROI heads, which used to read a single map, now read a pyramid of maps.

# %% tags=["active-ipynb"]
# pipeline.show("fpn")

# %% [markdown]
# ## The printed model's names and ours
#
# The slides print torchvision's model. These are its lines and what they mean:
#
# | slides | here | what it is |
# |---|---|---|
# | `(body)`, `layer1` … `layer4` | `features` | the output of each of ResNet-50's four stages: 256, 512, 1,024 and 2,048 channels, at strides 4, 8, 16, 32 |
# | `(inner_blocks)` | `inner_blocks` | the *lateral* connections: one 1 × 1 convolution for each stage, to 256 channels |
# | `(layer_blocks)` | `layer_blocks` | one 3 × 3 convolution for each merged map |
# | `(extra_blocks): LastLevelMaxPool()` | the last map | the coarsest map again, but only every second cell |
# | P2 … P5 | `pyramid[0]` … `pyramid[3]` | the outputs, named by their level k: one cell of $P_k$ is $2^k$ pixels wide |

# %% [markdown]
# ## The example of this half
#
# A building site with people near and far. The true boxes stand in for ROIs.

# %% tags=["active-ipynb"]
# if setup.attended():
#     photo, target = scenes.scene(17, (640, 960))
#     photo, boxes = photo.to(device), target["boxes"].to(device)
#     sides = box_area(boxes).sqrt()
#     print(f"photo {tuple(photo.shape)}, {len(boxes)} boxes; √area from {sides.min():.0f} to {sides.max():.0f} pixels")

# %% [markdown]
# ## Exercise 1 · `FPN`
#
# *medium · 35 minutes · 7 points*
#
# **Idea.** A backbone already is a pyramid. **Bottom-up**, from stage to stage, its maps get smaller and smarter: the fine ones know exactly *where* something is, but only that it is an edge or
# a colour; the coarse ones know *what* it is, a person, but each cell is 32 pixels wide. We want maps that know both. So the knowledge has to come back down:
#
# 1. **Lateral.** A 1 × 1 convolution brings every bottom-up map to the same number of channels: $L_k = \text{inner}_k(C_k)$.
# 2. **Top-down.** Begin at the coarsest, $M_5 = L_5$. Enlarge what you have to the size of the next finer map by copying cells, and **add the lateral**:
#
# $$M_k = L_k + \text{enlarge}(M_{k+1})$$
#
# 3. **Smooth.** A 3 × 3 convolution on each merged map: $P_k = \text{layer}_k(M_k)$. Adding two maps leaves steps, and this smooths them.
# 4. **One more.** Every second cell of the coarsest output, for very large anchors: max pooling with kernel 1 and stride 2.
#
# There is no ReLU anywhere. And watch the order of steps 2 and 3: pass $M_k$ down, not $P_k$.

# %% tags=["active-ipynb"]
# draw.pyramid_plan()

# %% [markdown]
# **Why are the laterals needed?** The coarse map says "somewhere in these 32 pixels". Enlarging it makes more cells, not more knowledge: the down- and up-sampling has lost the exact place. The
# lateral brings it back, from a map that never lost it. It is also a short cut for gradients, as in ResNet.
#
# **Sizes.** Each stage halves the height and width and rounds *up*: 25 cells become 13. Twice 13 is 26, one too many. So enlarge to the size of the lateral, not by a factor of 2:
# `F.interpolate(x, size=(height, width), mode="nearest")`.
#
# **Sources.** Lecture: "FasterRCNN with FPN", "Class practice – FPN". Paper: Feature Pyramid Networks, section 3 and figure 3; the extra map is in section 4.1. torchvision: [`FeaturePyramidNetwork`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/feature_pyramid_network.py#L36) and [`LastLevelMaxPool`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/feature_pyramid_network.py#L207).

# %% nbgrader={"grade": false, "grade_id": "FPN", "locked": false, "schema_version": 3, "solution": true, "task": false}
class FPN(nn.Module):
    """A feature pyramid: maps of one width, each with the knowledge of all coarser ones.

    Args:
        in_channels (list[int]): channels of the backbone's maps, fine to coarse; one or more.
        out_channels (int): channels of every output.

    Layers, in two ``nn.ModuleList`` with one entry for each map, in the same order:
    ``inner_blocks``, ``nn.Conv2d`` with kernel 1 (in_channels[k] → out_channels), and
    ``layer_blocks``, ``nn.Conv2d`` with kernel 3 and padding 1 (out_channels →
    out_channels). Their start is left to you; PyTorch's own is fine. The class neither sets
    torch's seed nor draws random numbers in ``forward``.

    Source: lecture, "FasterRCNN with FPN"; Feature Pyramid Networks, section 3;
    torchvision's FeaturePyramidNetwork with LastLevelMaxPool.
    """

    def __init__(self, in_channels: list[int], out_channels: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.inner_blocks = nn.ModuleList(
            nn.Conv2d(channels, out_channels, kernel_size=1) for channels in in_channels
        )
        self.layer_blocks = nn.ModuleList(
            nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1) for _ in in_channels
        )
        ### END SOLUTION

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """Turn the backbone's maps into the pyramid.

        Args:
            features (list[Tensor]): float maps (B, in_channels[k], H_k, W_k), fine to
                coarse. Sizes may be odd, and need not halve exactly. B may be 0.

        Returns:
            list[Tensor]: one map (B, out_channels, H_k, W_k) for each input, in the same
            order, and last the coarsest of them max-pooled with kernel 1 and stride 2:
            (B, out_channels, ⌈H / 2⌉, ⌈W / 2⌉). Each but the coarsest gets the merged map
            above it added, enlarged to its size by copying cells, as ``F.interpolate`` does
            with ``mode="nearest"``; no ReLU anywhere. Same dtype and device, with gradient;
            the list that came in is left as it was.
        """
        ### BEGIN SOLUTION
        laterals = [block(feature) for block, feature in zip(self.inner_blocks, features, strict=True)]

        merged = [laterals[-1]]  # coarse to fine
        for lateral in laterals[-2::-1]:
            enlarged = F.interpolate(merged[-1], size=lateral.shape[-2:], mode="nearest")
            merged.append(lateral + enlarged)
        merged.reverse()  # fine to coarse, as the input

        pyramid = [block(each) for block, each in zip(self.layer_blocks, merged, strict=True)]
        return [*pyramid, F.max_pool2d(pyramid[-1], kernel_size=1, stride=2)]
        ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# Three loops, one after the other: laterals of all maps; from the coarsest to the finest, merge; smooth all merged maps. Keep the merged maps in a list of their own.
# </details>
#
# <details><summary>Hint 2: layers in a list</summary>
#
# `nn.ModuleList([...])` is a list whose layers count as layers of your module; a plain Python list hides their weights from the optimiser. You can index it, loop over it, and `zip` it with `features`.
# </details>
#
# <details><summary>Hint 3: downwards</summary>
#
# `for k in range(len(features) - 2, -1, -1)` goes from the second coarsest to the finest. `lateral.shape[-2:]` is the size to enlarge to.
# </details>
#
# <details><summary>Hint 4: nearly the answer</summary>
#
# 1. `laterals[k]` = inner_blocks[k] of features[k]
# 2. `merged[last]` = laterals[last]; then, downwards, `merged[k]` = laterals[k] + merged[k + 1] enlarged to the size of laterals[k]
# 3. `outputs[k]` = layer_blocks[k] of merged[k]
# 4. append `F.max_pool2d(outputs[-1], 1, stride=2)`
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_FPN", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.FPN(FPN)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("FPN", FPN)
# ### END HIDDEN TESTS

# %% [markdown]
# **Who hears whom?** Here your FPN gets maps in which stage k speaks only on channel k, and layers that only pass things on. So you can read off which stages each output has heard.
#
# **Before you run this:** which stages does the finest output, P2, hear? And the coarsest, P5?

# %% tags=["active-ipynb"]
# draw.who_hears_whom(FPN)

# %% [markdown]
# <details><summary>Answer</summary>
#
# P2 hears all four stages, P5 only its own, C5. Knowledge flows down: every output hears its own stage and all coarser ones, each once. P6 is made of P5,
# so it hears C5, too.
# </details>

# %% [markdown]
# **The levels as images.** The photo itself, averaged to strides 4 to 32, plays the backbone; again the layers only pass things on. Each output is then the mean of all the stages it has heard.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.pyramid_levels(photo, FPN)

# %% [markdown]
# **What a missing lateral does.** The finest output again, around the smallest person: without the top-down path, without laterals, and as it should be.

# %% tags=["active-ipynb"]
# if setup.attended():
#     people = boxes[target["labels"].to(device) == 1]
#     draw.missing_lateral(photo, people[box_area(people).argmin()], FPN)

# %% [markdown]
# And the shapes printed in the lecture: the four stages of ResNet-50 for an 800 × 800 image. Every output has 256 channels, so one RPN head and one detection head serve all levels.

# %% tags=["active-ipynb"]
# if setup.attended():
#     stages = [torch.randn(1, 256 * 2**k, 200 // 2**k, 200 // 2**k, device=device) for k in range(4)]
#     fpn = FPN([256, 512, 1024, 2048], 256).to(device)
#     with torch.no_grad():
#         pyramid = fpn(stages)
#     for k, feature in enumerate(pyramid, start=2):
#         came = f"C{k} {tuple(stages[k - 2].shape)}" if k < 6 else "P5, every second cell"
#         print(f"{came:<24} → P{k} {tuple(feature.shape)}")

# %% [markdown]
# ## Exercise 2 · `roi_level`
#
# *easy · 15 minutes · 3 points*
#
# **Idea.** There are five maps, and each ROI has to be cut out of *one*. A large ROI goes to a coarse map, a small one to a fine map, so that each covers about the same number of cells. The paper starts from 224 × 224, the size of the
# images that ImageNet networks are trained on: such an ROI goes to level 4. Half that side: one level finer. Twice that side: one level coarser.
#
# $$k = \Bigl\lfloor 4 + \log_2 \frac{\sqrt{w\,h}}{224} + 10^{-6} \Bigr\rfloor, \quad\text{then}\quad k_\text{min} \le k \le k_\text{max}$$
#
# The floor makes steps: from 224 up to just under 448 it is level 4. The $10^{-6}$ is torchvision's: it keeps a rounding error from dropping an ROI of exactly 224 × 224 to level 3.
#
# P6, the extra map, is for the RPN only: no ROI is read from it.
#
# **Sources.** Lecture: "Based on the size of the ROI, we select the feature map layer in the most proper scale". Paper: Feature Pyramid Networks, section 4.2, equation 1. torchvision: [`LevelMapper`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/ops/poolers.py#L47), which gives k − k_min.

# %% nbgrader={"grade": false, "grade_id": "roi_level", "locked": false, "schema_version": 3, "solution": true, "task": false}
def roi_level(boxes: Tensor, k_min: int = 2, k_max: int = 5) -> Tensor:
    """Say from which level of the pyramid each ROI is read.

    Args:
        boxes (Tensor[N, 4]): float boxes ``(x1, y1, x2, y2)``, in pixels; N may be 0.
        k_min (int): the finest level; one cell of level k is 2ᵏ pixels wide.
        k_max (int): the coarsest level.

    Returns:
        Tensor[N]: int64, on the boxes' device: floor(4 + log₂(√(w · h) / 224) + 10⁻⁶),
        limited to ``k_min`` … ``k_max``. It is the level itself, 2 to 5, not a place in a
        list of maps. A box without area gives ``k_min``; no boxes give empty (0,).

    Source: Feature Pyramid Networks, equation 1; torchvision's LevelMapper (which gives
    k − k_min).
    """
    ### BEGIN SOLUTION
    side = box_area(boxes).sqrt()
    level = torch.floor(4 + torch.log2(side / 224) + 1e-6)  # -inf where the area is 0
    return level.clamp(k_min, k_max).long()
    ### END SOLUTION


# %% [markdown]
# <details><summary>Hint 1: a nudge</summary>
#
# `box_area` of lab 1 is ready. Then work through the formula from the inside out: square root, divide, `torch.log2`, add, `torch.floor`.
# </details>
#
# <details><summary>Hint 2: limits and type</summary>
#
# `.clamp(k_min, k_max)` first, `.long()` last: the logarithm of 0 is −∞, which clamps well and converts badly.
# </details>

# %% nbgrader={"grade": true, "grade_id": "test_roi_level", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false} tags=["active-ipynb"]
# checks.roi_level(roi_level)
# ### BEGIN HIDDEN TESTS
# from autograder import grade
#
# grade("roi_level", roi_level)
# ### END HIDDEN TESTS

# %% [markdown]
# On the left, your levels for square ROIs of all sizes. On the right, how many cells wide such an ROI is: from half a cell to sixty without a pyramid, and always between 14 and 28 with it, wherever there is a level to choose.

# %% tags=["active-ipynb"]
# draw.level_rule(roi_level)

# %% [markdown]
# **Now you.** A square of 112 pixels is read from P3, one of 111 from P2. Only the area counts: 1000 × 51 pixels get the same level as 226 × 226. Predict first, then move the sliders: how many cells of that level does such a long box cover?
# (Sliders also work with the arrow keys. If they don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# if setup.attended():
#     explore.levels(roi_level)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 62.5 × 3.2 cells of P4, which are 16 pixels wide. ROI align to 7 × 7 then squeezes nine cells into each bin along the box, and less than half a cell
# across. The rule knows only the area, so it serves long boxes badly.
# </details>

# %% [markdown]
# The photo's boxes, each in the colour of its level.

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.rois_by_level(photo, boxes, roi_level)

# %% [markdown]
# **ROI align on a pyramid.** "Based on the size of the ROI, we select the feature map layer in the most proper scale", says the slide. That takes one loop over the levels, with lab 4's `roi_align` and `spatial_scale` $= 2^{-k}$. Nothing is rounded: the
# same function that reads a single map also reads a pyramid.

# %% tags=["active-ipynb"]
# if setup.attended():
#     level = roi_level(boxes)
#     rois = torch.cat([torch.zeros_like(boxes[:, :1]), boxes], dim=1)
#     stages = [F.avg_pool2d(photo[None], 2**k) for k in range(2, 6)]  # the photo plays the backbone again
#     pyramid = FPN([3] * 4, 8).to(device)(stages)
#     pooled = torch.zeros(len(rois), 8, 7, 7, device=device)
#     for k in range(2, 6):
#         pooled[level == k] = roi_align(pyramid[k - 2], rois[level == k], (7, 7), 2.0**-k)
#     print("ROIs on each level:", {f"P{k}": int((level == k).sum()) for k in range(2, 6)}, "→ pooled", tuple(pooled.shape))

# %% [markdown]
# ## Traps
#
# ### Trap 1 · passing the smoothed map down
#
# The merged map $M_{k+1}$ should go down. But its smoothed version, the output $P_{k+1}$, is at hand and has the right shape, so it is tempting to enlarge that one and add it to the lateral. Then the signal of a coarse level passes through one more 3 × 3 convolution at every level on the way down.
#
# **Before you run this:** a single cell of the coarsest of three maps is bright. It covers 4 × 4 = 16 cells of the finest output, and the layers take the mean of 3 × 3 cells. How many cells does it reach if it is smoothed once, at the end? How many if it is smoothed at every level?

# %% tags=["active-ipynb"]
# if setup.attended():
#     draw.outputs_added(FPN)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 36 with one smoothing: one more cell on each side, 6 × 6. But 324, or 18 × 18, with three: the first spreads the cell to 3 × 3, enlarging makes that
# 6 × 6, the next spreads it to 8 × 8, enlarged 16 × 16, and the last to 18 × 18. The place that the coarse map knew is washed out, and its brightest
# cell has only 0.11 of its strength left.
# </details>

# %% [markdown]
# ### Trap 2 · a factor of two
#
# `F.interpolate(x, scale_factor=2)` is right as long as every side is even. A photo 800 pixels wide has 25 cells at stride 32; the next stage has 13.

# %% tags=["active-ipynb"]
# if setup.attended():
#     fine, coarse = torch.zeros(1, 8, 25, 25), torch.zeros(1, 8, 13, 13)
#     try:
#         fine + F.interpolate(coarse, scale_factor=2)
#     except RuntimeError as error:
#         print("scale_factor=2:", error)
#     print("size=:", tuple((fine + F.interpolate(coarse, size=fine.shape[-2:])).shape))

# %% [markdown]
# At least this one is loud. It has a quiet sister: you pad every image to a multiple of 32, and forget the padding when you scale the boxes back.
#
# ### Trap 3 · which level is number 0?
#
# torchvision's `LevelMapper` gives *places in a list*: 0 for P2. Our `roi_level` gives the *level*, 2 for P2, which is what `spatial_scale` needs. If you confuse the two, your scale is four times too large: every ROI is read four times as large and four times as far
# from the corner, mostly off the map. The shapes are still right.

# %% tags=["active-ipynb"]
# if setup.attended():
#     for k in (4, 4 - 2):
#         print(f"spatial_scale 2^-{k}: an ROI of 224 pixels covers {224 * 2.0**-k:.0f} cells of P4, which has {640 // 16} × {960 // 16}")

# %% [markdown]
# ## Your parts in a real detector
#
# Here is a trained detector with *your* pyramid in it. If a single lateral were wrong, it would find next to nothing. Move the slider: how sure must it be?
#
# With internet access, it is torchvision's `fasterrcnn_resnet50_fpn` with its COCO weights. Your parts are *transplanted* into it: they replace torchvision's own and take over their weights, and the detector's answers stay the same. Without internet access, it is the course's small detector, which has only ever seen made-up scenes. If a part fails its check, it is left out, and the list says so.

# %% tags=["active-ipynb"]
# if setup.attended():
#     from course.parts import here
#
#     mine = here(globals())  # your parts from this notebook that are right; the library's for all else
#     found = zoo.detector("boxes", mine)
#     print(found)
#     explore.detections(scenes.scene(34, size=(144, 192))[0], found.model, found.categories)

# %% [markdown]
# ## Checkpoint
#
# When both checks pass, you have
#
# - a pyramid in which every level knows what the coarser ones know, and still knows where things are;
# - the rule that sends each ROI to its level.
#
# **Next, [the second half, masks](../lab5_fpn_mask/mask.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab5_fpn_mask/mask.ipynb)). It needs nothing from this notebook. Hand in both together: before that, in JupyterLab *Kernel → Restart Kernel and Run All Cells…*, then the *Validate* button of the toolbar
# (in a narrow window it hides behind the three dots); in Colab *Runtime → Restart session and run all*.

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
