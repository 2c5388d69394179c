"""The detector of parts against torchvision's ``FasterRCNN``: time of a training step, and AP50 after as many steps.

    python benchmarks/training.py --seeds 3

Both have the same small backbone and pyramid, anchors of the same sizes, the same numbers of proposals and samples,
the same pictures in the same order; steps, pictures and learning rate are lab 7's. Steps alternate between the two, so
that a busy machine slows both. Parts are the reference solutions, with the bonuses of labs 3 and 4 for ``nms`` and
``roi_align``, which are slow as they are graded.
"""

import argparse
import statistics
import time

import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.rpn import AnchorGenerator
from torchvision.ops import MultiScaleRoIAlign

from benchmarks.capstone import LEARNING_RATE, PICTURES, SOURCE, STEPS
from course import library, parts, scenes, training
from course.detector import Detector
from course.detector.backbone import Backbone
from course.detector.model import CHANNELS, PROPOSALS, RATIOS, ROIS, STRIDES, TRAINING_PROPOSALS
from course.training.__main__ import UNSEEN
from course.training.data import to_device
from course.training.loop import CLIP, WEIGHT_DECAY, batch, pace

CLASSES = len(scenes.CLASSES)


class Features(nn.Module):
    """Our backbone and torchvision's pyramid, as torchvision's detectors want them."""

    out_channels = CHANNELS

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.fpn = library.FPN(list(Backbone.channels), CHANNELS)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """The pyramid by names."""
        return {str(level): features for level, features in enumerate(self.fpn(self.backbone(images)))}


def torchvisions() -> FasterRCNN:
    """What we compare with: the settings are ours."""
    return FasterRCNN(
        Features(),
        min_size=128,
        max_size=128,
        image_mean=[0.0] * 3,  # the backbone does that
        image_std=[1.0] * 3,
        rpn_anchor_generator=AnchorGenerator(tuple((2 * s,) for s in STRIDES), (RATIOS,) * len(STRIDES)),
        rpn_pre_nms_top_n_train=TRAINING_PROPOSALS[0],
        rpn_post_nms_top_n_train=TRAINING_PROPOSALS[1],
        rpn_pre_nms_top_n_test=PROPOSALS[0],
        rpn_post_nms_top_n_test=PROPOSALS[1],
        box_roi_pool=MultiScaleRoIAlign(["0", "1", "2"], 7, 2),
        box_batch_size_per_image=ROIS,
        box_head=nn.Sequential(nn.Flatten(), nn.Linear(49 * CHANNELS, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU()),
        box_predictor=Predictor(),
    )


class Predictor(nn.Module):
    """The last two layers, for 256 features."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_score, self.bbox_pred = nn.Linear(256, CLASSES), nn.Linear(256, 4 * CLASSES)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and deltas."""
        return self.cls_score(features), self.bbox_pred(features)


def run(steps: int, seed: int, examples: list, unseen: list) -> dict[str, dict[str, float]]:
    """Train both for as many steps; for each its median time per step and its AP50."""
    own = parts.collect(SOURCE, from_library=("nms", "roi_align"))
    torch.manual_seed(seed)
    models = {"ours": Detector(own, CLASSES)}
    torch.manual_seed(seed)
    models["torchvision"] = torchvisions()
    optimizers = {
        name: torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        for name, model in models.items()
    }
    times: dict[str, list[float]] = {name: [] for name in models}
    for step in range(steps):
        images, targets = to_device((examples[i] for i in batch(step, 8, seed, len(examples))), torch.device("cpu"))
        for name, model in models.items():
            torch.manual_seed(1_000_003 * seed + step)
            start = time.perf_counter()
            for group in optimizers[name].param_groups:
                group["lr"] = LEARNING_RATE * pace(step, steps)
            loss = sum(model(images, targets).values())
            optimizers[name].zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizers[name].step()
            times[name].append(time.perf_counter() - start)
    return {
        name: {
            "seconds": statistics.median(times[name]),
            "AP50": training.evaluate(model, unseen)["boxes"]["AP50"],
        }
        for name, model in models.items()
    }


def main() -> None:
    """Print a line for each seed, and the ratio."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--steps", type=int, default=STEPS)
    ask.add_argument("--seeds", type=int, default=3)
    given = ask.parse_args()
    examples = training.ready(scenes.Scenes(PICTURES))
    unseen = training.ready(scenes.Scenes(500, seed=UNSEEN))
    ratios, found = [], []
    for seed in range(given.seeds):
        result = run(given.steps, seed, examples, unseen)
        ratios.append(result["ours"]["seconds"] / result["torchvision"]["seconds"])
        found.append(result)
        print(
            f"seed {seed}: AP50 ours {result['ours']['AP50']:.3f}, torchvision {result['torchvision']['AP50']:.3f}; "
            f"step {1000 * result['ours']['seconds']:.0f} ms, {ratios[-1]:.2f} × torchvision's",
            flush=True,
        )
    for name in ("ours", "torchvision"):
        scores = [each[name]["AP50"] for each in found]
        print(f"{name}: AP50 {min(scores):.3f} to {max(scores):.3f}")
    print(f"time per step: {statistics.median(ratios):.2f} × torchvision's")


if __name__ == "__main__":
    main()
