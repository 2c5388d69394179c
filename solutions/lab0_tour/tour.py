# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab 0 · The tour
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab0_tour/tour.ipynb)
#
# **no points · about 15 minutes · nothing to write**
#
# Before you build a detector, see one at work: on a picture, on a video, and on a photo and a video of your own. Run the cells one by one, look, and move the slider.
#
# | where this comes from | |
# |---|---|
# | lecture | first part, *From image classification to object detection*: the five tasks, "Objects detected by the pre-trained FasterRCNN", "Use CV2 to read uploaded video"; practice *FasterRCNN(1)* |
# | paper | Ren et al., [*Faster R-CNN*](https://arxiv.org/abs/1506.01497v3) (2015); He et al., [*Mask R-CNN*](https://arxiv.org/abs/1703.06870) (2017) |
# | code | torchvision's [`fasterrcnn_resnet50_fpn`](https://github.com/pytorch/vision/blob/v0.29.1/torchvision/models/detection/faster_rcnn.py#L470), which the lecture loads |

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
from course import explore, scenes, tasks, uploads, video, zoo

# %% [markdown]
# ## The parts of a detector
#
# This is Faster R-CNN. You will build every part of it; the numbers say in which lab. Today it is a black box: picture in, boxes out.

# %% tags=["active-ipynb"]
# pipeline.show("tour")

# %% [markdown]
# ## A trained detector
#
# The lecture loads torchvision's Faster R-CNN with weights trained on COCO, 118,000 photos of everyday things. The download is 160 MB. If your machine can't get it, the course's own small detector takes its place. It is built of the same parts, but has seen nothing except made-up building sites. The line below says which one you have.

# %% tags=["active-ipynb"]
# found = zoo.detector("boxes", device=device)
# print(found)

# %% [markdown]
# A detector can name only what its training data named, so the list of names comes with the weights. (The slide copies the list into the notebook, where it is the first thing to go stale.)

# %% tags=["active-ipynb"]
# names = found.categories
# unused = names.count("N/A")
# print(f"{len(names)} labels: the background, {unused} unused numbers, {len(names) - unused - 1} kinds of things.")
# print(", ".join(name for name in names if name != "N/A"))

# %% [markdown]
# The slide says *"91 objects"*. COCO numbers its kinds of things from 1 to 90, but never used ten of these numbers, and 0 is the background. That leaves 80 kinds of things.
#
# Give the detector something it knows: a photo if it learnt from photos, a made-up scene if it learnt from those.

# %% tags=["active-ipynb"]
# if names == scenes.CLASSES:
#     picture, truth = scenes.scene(31, size=(176, 208))
# else:
#     picture, truth = uploads.sample_photo(), None
# print(f"A picture is a tensor {tuple(picture.shape)}: red, green and blue, height, width; from {picture.min():.2f} to {picture.max():.2f}.")

# %% [markdown]
# ## Five questions about one picture
#
# You can ask more than one question about a picture, and each has its own kind of answer:
#
# | task | the answer | where it is built here |
# |---|---|---|
# | **classification** | one name for the whole picture | (AlexNet, VGG, ResNet: given) |
# | **semantic segmentation** | one name for each pixel; neighbours of one kind are not told apart | the idea in lab 5 |
# | **object detection** | a list of boxes, each with a name and a score | labs 1 to 4 |
# | **instance segmentation** | a list again, each object with its own pixels | lab 5 |
# | **joint detection** | a list of people, each with 17 points | lab 6 |
#
# From the first row to the third, the answer grows from one name to a list *whose length nobody knows beforehand*. This makes detection hard, and most of this course is about it.
#
# **Before you run this:** which of the five answers could you use to count people?

# %% tags=["active-ipynb"]
# answers = tasks.five(picture, truth, device)
# print(answers)
# draw.five_tasks(answers)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The last three. Compare semantic segmentation with instance segmentation: the first paints all people in one colour, and as soon as they touch, it can't
# tell how many there are. The second can: it detects first, then makes a mask for each box.
# </details>
#
# ## What comes out
#
# Ask the detector yourself. It takes a *list* of pictures and returns a list of answers, one dictionary for each picture.

# %% tags=["active-ipynb"]
# with torch.no_grad():  # no training here: without this line torch would keep every step for the gradient
#     answer = found.model([picture.to(device)])[0]
#
# for key, value in answer.items():
#     print(f"{key:7}{tuple(value.shape)!s:9}{value.dtype}")
# for box, label, score in list(zip(answer["boxes"].tolist(), answer["labels"].tolist(), answer["scores"].tolist()))[:3]:
#     x1, y1, x2, y2 = box
#     print(f"{names[label]} from ({x1:.0f}, {y1:.0f}) to ({x2:.0f}, {y2:.0f}), score {score:.2f}")

# %% [markdown]
# Boxes are `(x1, y1, x2, y2)` in pixels: two corners, x to the right, y *down*. The best score comes first.
#
# **How sure is sure enough?** Move the slider. Far to the left everything is a thing; far to the right hardly anything is. Where would you stop for a safety camera on a building site, and where for a photo album? (If sliders don't run, you see only the picture.)

# %% tags=["active-ipynb"]
# explore.detections(picture.to(device), found.model, names)

# %% [markdown]
# ## A picture of the other kind
#
# So far your detector has looked at the kind of picture that it learnt from. Now show it the other kind. If you have the small detector, it gets a real photo: the US Navy's portrait of Grace Hopper, who wrote one of the first compilers. (The photo comes with matplotlib, so it is on your disk already.) If you have the large one, it gets a made-up building site.
#
# Guess before you run the cell: will it find the people, and how sure will it be of what it finds?

# %% tags=["active-ipynb"]
# if names == scenes.CLASSES:
#     other = uploads.sample_photo()
# else:
#     other, _ = scenes.scene(31, size=(176, 208))
# explore.detections(other.to(device), found.model, names)

# %% [markdown]
# The small detector is sure of balls and helmets on a uniform that has neither. It overlooks the only person: in its drawings, nobody is that tall. (The large one: is it as sure of the drawing as it was of the photo?) A score says how sure a detector is, not whether it is right. **A detector finds what it was trained on, in pictures that look like those it was trained on.**
#
# Try it with the small one: `uploads.sample_photo(longest=128)` makes the photo as small as the drawings were. Is she a person now?
#
# ## A video, frame by frame
#
# A video is a sequence of pictures. Detect in each, draw what was found, and put the pictures together again. If you have no video at hand, here is a made-up one, three seconds long.

# %% tags=["active-ipynb"]
# if setup.attended():
#     clip = video.read(video.scene_video("scenes.webm"))
#     print(f"{clip.size[1]} × {clip.size[0]} pixels, {clip.fps:.0f} frames a second; the file claims {clip.claimed} frames and has {sum(1 for _ in clip)}.")
#     video.show(clip.path, alt="People walk over a made-up building site.", width=480)

# %% [markdown]
# One function handles one frame; `video.apply` does the rest. It reads every frame once, shows its progress, and writes a file that JupyterLab, Colab and your browser can play.
#
# On a CPU, the large detector takes a second or two for each frame. You needn't wait: press ■ (*interrupt the kernel*), and you keep the frames that are done.
#
# **Before you run this:** at the end one person walks in front of another. What will happen to their two boxes?

# %% tags=["active-ipynb"]
# def find(frame: Tensor) -> Tensor:
#     """A frame in, the same frame with everything that was found drawn into it out."""
#     answer = found.model([frame.to(device)])[0]
#     return video.marked(frame, answer, names, threshold=0.6)
#
#
# if setup.attended():
#     video.apply(find, clip, "found.webm")
#     video.show("found.webm", alt="The same people, with a box, a name and a score on each.")

# %% [markdown]
# <details><summary>Answer</summary>
#
# With the small detector, two boxes become one; with the large one, both may last longer. A moment ago the detector saw two people, but it doesn't
# remember: it sees each frame for the first time. That is also why boxes flicker, and why nothing says that this is the same person as before. (Linking
# detections from frame to frame is called *tracking*; that is another course.)
# </details>
#
# The file `found.webm` is in this notebook's folder: download it from the file list on the left.
#
# ## Your own pictures
#
# Start with a photo of your own. In JupyterLab a button appears: choose a file, then run the cell below it. In Colab a dialog waits for you; *Cancel* goes on without a photo. Or name a file that is already there: `uploads.ask("photo", "holiday.jpg")`.

# %% tags=["active-ipynb"]
# mine = uploads.ask("photo")

# %% tags=["active-ipynb"]
# if mine.path:
#     own = uploads.photo(mine.path)
#     draw.five_tasks(tasks.five(own, device=device))
#     explore.detections(own.to(device), found.model, names)

# %% [markdown]
# The small detector knows only building sites, so it will see helmets and cones in your living room. It isn't stupid: nobody ever showed it a living room. In lab 7 you train one yourself.
#
# Now a video of your own. Ten seconds are 300 frames, so start with a short one.

# %% tags=["active-ipynb"]
# film = uploads.ask("video")

# %% tags=["active-ipynb"]
# if film.path:
#     video.apply(find, video.read(film.path, longest=320), "mine.webm")
#     video.show("mine.webm", alt="Your video, with what was found in it.")

# %% [markdown]
# ## Traps
#
# The lecture's practice does the same in a few lines. If you copy them, watch out for these:
#
# | the slide | what happens | here |
# |---|---|---|
# | `fasterrcnn_resnet50_fpn(pretrained=True)` | a warning: it doesn't say *which* weights it means | `weights=` names them and brings their class list along |
# | `frame_count = 1`, then `get_data(frame_count)` | frames count from 0: the first is never seen | read until no more frames come |
# | `while frame_count <= total_frames` | one past the end; and `total_frames` is only what the file *claims* | the same |
# | a bare `except: print("Read video error!")` | hides the real error, your own typos, and even the ■ button | errors say what they expected and what they got |
# | the model called without `torch.no_grad()` | torch keeps every frame's steps for a gradient that nobody asks for | `torch.no_grad()` |
# | `transforms.Compose(…)` inside the loop | built again for each frame | built once |
# | (the slide saves nothing; other code often saves as `mp4v`) | the file is there, but the browser doesn't play it | WebM |
#
# ## Checkpoint
#
# You have seen
#
# - the five tasks, and that detection answers with a list of unknown length;
# - what a detector takes and gives: a list of pictures; boxes, labels and scores;
# - that a score is not the truth: you decide where to cut;
# - that a video is just one picture after another.
#
# **Next, [lab 1](../lab1_boxes/boxes.ipynb)** (in Colab: [open it here](https://colab.research.google.com/github/OWNER/rcnn-by-hand/blob/main/release/lab1_boxes/boxes.ipynb)): two boxes, and the one number that says how well they agree. Everything else is built on it.
