"""The lecture's five tasks, answered for one picture.

    picture, truth = scenes.scene(7, (240, 200))
    answers = tasks.five(picture, truth)
    print(answers)                       # which model answered which task
    draw.five_tasks(answers)

A trained model answers each. For classification and semantic segmentation the course has none of its own: if
torchvision's weights are not available, the truth about a made-up scene stands in, and ``print`` says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import MobileNet_V3_Large_Weights, WeightsEnum, mobilenet_v3_large
from torchvision.models.segmentation import LRASPP_MobileNet_V3_Large_Weights, lraspp_mobilenet_v3_large

from course import scenes, zoo

CLASSIFICATION, SEMANTIC, DETECTION, INSTANCES, JOINTS = TASKS = (
    "classification",
    "semantic segmentation",
    "object detection",
    "instance segmentation",
    "joint detection",
)
SCENE = "building site"  # the only kind of place that scenes show


@dataclass(frozen=True)
class Answers:
    """What is known about a picture, task by task; an answer that is not known is ``None``.

    Attributes:
        image: the picture ``(3, H, W)`` in [0, 1].
        classes: what the whole picture shows: names, each with its probability, the likeliest first.
        regions: the class of every pixel, ``(H, W)`` int64, and the classes' names.
        boxes, masks, joints: each a detector's answer (``boxes``, ``labels``, ``scores``; with ``masks``, with
            ``keypoints`` and ``keypoints_scores``), and the labels' names.
        sources: for each task, a line that says who answered.
    """

    image: Tensor
    classes: list[tuple[str, float]] | None
    regions: tuple[Tensor, tuple[str, ...]] | None
    boxes: tuple[dict[str, Tensor], tuple[str, ...]]
    masks: tuple[dict[str, Tensor], tuple[str, ...]]
    joints: tuple[dict[str, Tensor], tuple[str, ...]]
    sources: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        together: dict[str, list[str]] = {}
        for task, source in self.sources.items():
            together.setdefault(source, []).append(task)
        return "\n".join(f"{', '.join(tasks)}: {source}" for source, tasks in together.items())


def five(image: Tensor, target: Mapping[str, Any] | None = None, device: torch.device | str = "cpu") -> Answers:
    """Answer the five tasks for one picture.

    Args:
        image: ``(3, H, W)``, float in [0, 1].
        target: the truth, if the picture is a made-up scene (:func:`course.scenes.scene`).
        device: where the models go; the answers come back to the CPU.
    """
    found, sources = {}, {}
    with torch.no_grad():
        classes, sources[CLASSIFICATION] = _classified(image, target, device)
        regions, sources[SEMANTIC] = _segmented(image, target, device)
        kinds: tuple[tuple[str, zoo.Task], ...] = ((DETECTION, "boxes"), (INSTANCES, "masks"), (JOINTS, "keypoints"))
        for task, kind in kinds:
            detector = zoo.detector(kind, device=device)
            (answer,) = detector.model([image.to(device)])
            found[kind] = {key: value.cpu() for key, value in answer.items()}, detector.categories
            sources[task] = detector.source
    return Answers(image.cpu(), classes, regions, found["boxes"], found["masks"], found["keypoints"], sources)


def _classified(
    image: Tensor, target: Mapping[str, Any] | None, device: torch.device | str
) -> tuple[list[tuple[str, float]] | None, str]:
    weights = MobileNet_V3_Large_Weights.DEFAULT
    model, source = _torchvisions(mobilenet_v3_large, weights, "ImageNet")
    if model is None:
        return ([(SCENE, 1.0)] if target else None), _instead(target, source)
    scores = model.to(device)(weights.transforms()(image)[None].to(device))[0].softmax(dim=0).cpu()
    best = scores.topk(3)
    names = weights.meta["categories"]
    return [(names[index], float(p)) for index, p in zip(best.indices.tolist(), best.values, strict=True)], source


def _segmented(
    image: Tensor, target: Mapping[str, Any] | None, device: torch.device | str
) -> tuple[tuple[Tensor, tuple[str, ...]] | None, str]:
    weights = LRASPP_MobileNet_V3_Large_Weights.DEFAULT
    model, source = _torchvisions(lraspp_mobilenet_v3_large, weights, "COCO")
    if model is None:
        return ((_painted(target), scenes.CLASSES) if target else None), _instead(target, source)
    scores = model.to(device)(weights.transforms()(image)[None].to(device))["out"]
    scores = nn.functional.interpolate(scores, image.shape[1:], mode="bilinear")  # the transforms change the size
    return (scores[0].argmax(dim=0).cpu(), tuple(weights.meta["categories"])), source


def _torchvisions(build: Callable[..., nn.Module], weights: WeightsEnum, data: str) -> tuple[nn.Module | None, str]:
    """A model and where it is from; or none, and why."""
    try:
        return zoo.torchvisions(build, weights), f"torchvision's {build.__name__}, trained on {data}."
    except zoo.UnavailableError as reason:
        return None, f"torchvision's weights are not available here ({reason})"


def _instead(target: Mapping[str, Any] | None, why: str) -> str:
    return f"the truth about the made-up scene; {why}." if target else f"no answer; {why}."


def _painted(target: Mapping[str, Any]) -> Tensor:
    """The class of every pixel of a scene; its masks never overlap."""
    return (target["masks"].long() * target["labels"][:, None, None]).sum(dim=0)
