"""Put parts into one of torchvision's detectors, weights and all, and take them out again."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from torch import nn
from torchvision.models.detection import FasterRCNN

from course.checking.modules import with_weights
from course.detector.into_torchvision.function_swaps import FUNCTION_SWAPS, FunctionSwap
from course.detector.into_torchvision.module_swaps import MODULE_SWAPS, ModuleSwap
from course.detector.into_torchvision.rebind import UnusedNameError
from course.detector.into_torchvision.smoke_test import smoke_test
from course.errors import PlainError
from course.parts import Parts, as_parts
from course.summary import summary

Model = TypeVar("Model", bound=FasterRCNN)

# Parts that mean something else than torchvision's function in that place.
DIFFERENT = {
    "anchor_shapes": "it rounds anchors to whole pixels",
    "grid_anchors": "it puts anchors on the corners of cells, not in their middles",
    "make_proposals": "it chooses the best of each level first, and drops small ones afterwards",
    "rpn_loss": "it has β = 1/9, and divides by the number of all sampled anchors",
    "sample_labels": "a random draw cannot be compared",
    "sample_rois": "a random draw cannot be compared",
}
DIFFERENT_MASKS = {
    "mask_targets": "it takes more sample points from larger ROIs",
    "paste_mask": "it pads the mask by a cell, rounds the box, and gives probabilities",
}
NO_PLACE = "not called by this model"


class TransplantError(PlainError):
    """Parts cannot be put into this model, or taken out of it; the message says why."""


class Unset:
    """In place of a value: the module had no such attribute of its own, only its class has."""


@dataclass(repr=False)
class Transplant:
    """What was done to a model, kept at ``model.transplant``; as text a summary.

    Attributes:
        detector: the name of the model's class.
        parts: where each part comes from: the student, or the library and why.
        used: names of the parts that are at work in the model.
        kept: names of the parts in whose place torchvision's stays, with the reason.
    """

    detector: str
    parts: Parts
    used: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    before: list[tuple[nn.Module, str, Any]] = field(default_factory=list)
    module_swaps: list[tuple[ModuleSwap, nn.Module, nn.Module]] = field(default_factory=list)

    def put(self, owner: nn.Module, name: str, value: Any) -> None:
        """Give a module of the model another submodule, method or attribute, and remember what was there."""
        self.before.append((owner, name, owner._modules.get(name, vars(owner).get(name, Unset))))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Put back what was there, last things first."""
        while self.before:
            owner, name, value = self.before.pop()
            if value is Unset:
                delattr(owner, name)
            else:
                setattr(owner, name, value)

    def own(self) -> list[str]:
        """Names of the student's own parts that are at work in the model."""
        return [name for name in self.used if self.parts.part(name).own]

    def __str__(self) -> str:
        headline = f"{len(self.own())} of {len(self.used)} parts at work in this {self.detector} are yours"
        replaced = {name: reason for name, reason in self.parts.replaced().items() if name in self.used}
        kept = {name: f"torchvision's stays: {reason}" for name, reason in self.kept.items()}
        idle = {name: NO_PLACE for name in self.parts if name not in self.used and name not in self.kept}
        return summary(headline, {**replaced, **kept, **idle})

    __repr__ = __str__


def transplant(model: Model, parts: Any) -> Model:
    """Put parts into torchvision's Faster, Mask or Keypoint R-CNN, in place; its answers stay the same.

    Networks take the place of torchvision's with its weights (``module_swaps``: one RPN logit z becomes two, 0 and z),
    functions are called where torchvision calls its own (``function_swaps``). Only this model is changed, torchvision
    itself is not. Boxes, scores, labels, masks, keypoints and losses agree to about 1e-4 in float32, on any device, in
    training and evaluation. (With TF32, a GPU rounds each convolution more than that.) Where a part means something
    else than torchvision's function, torchvision's stays.

    Before a part goes in, it is tried on random input on the model's device (``smoke_test``); if it fails there, the
    library's goes in.

        mine = parts.collect("..")
        model = transplant(fasterrcnn_resnet50_fpn(weights="DEFAULT").eval(), mine)
        print(model.transplant)  # 12 of 13 parts at work in this FasterRCNN are yours …
        model([photo])

    The model can be trained (make the optimiser afterwards), copied and moved to another device. Weights are saved as
    usual, by ``model.state_dict()``; names are ours now, and torchvision's again after :func:`restore`.

    Args:
        model: of torchvision's classes ``FasterRCNN``, ``MaskRCNN`` or ``KeypointRCNN``.
        parts: of :func:`course.parts.collect`, or anything that has parts, such as ``course.library``.

    Returns:
        The same model; what was done to it stands in ``model.transplant``.

    Raises:
        TransplantError: the model is of another kind, or has had a transplant already.
    """
    if not isinstance(model, FasterRCNN):
        came = type(model).__name__
        raise TransplantError(f"expected torchvision's FasterRCNN, MaskRCNN or KeypointRCNN, got {came}.")
    if "transplant" in vars(model):
        raise TransplantError("this model has parts in it already: take them out first, with restore(model).")
    done = Transplant(type(model).__name__, as_parts(parts))
    done.kept = DIFFERENT | (DIFFERENT_MASKS if model.roi_heads.has_mask() else {})
    try:
        for network in MODULE_SWAPS:
            _put_module(network, model, done)
        for functions in FUNCTION_SWAPS:
            if functions.has_place(model):
                _put_functions(functions, model, done)
    except BaseException:
        done.undo()
        raise
    model.transplant = done
    return model


def restore(model: Model) -> Model:
    """Take the parts out of a model again: torchvision's own networks and functions, with the weights of ours.

    Without training in between the state dict is what it was before, bit for bit.

    Raises:
        TransplantError: there are no parts in it.
    """
    done = vars(model).get("transplant")
    if not isinstance(done, Transplant):
        raise TransplantError("there are no parts in this model: transplant(model, parts) puts them in.")
    done.undo()
    for swap, owner, network in done.module_swaps:
        swap.give_back(network, owner)
    del model.transplant
    return model


def _put_module(swap: ModuleSwap, model: FasterRCNN, done: Transplant) -> None:
    owner = model.get_submodule(swap.owner)
    if not swap.has_place(owner):
        return
    if not swap.fits(owner):
        done.kept[swap.part] = "it has other layers in this model"
        return
    _probe((swap.part,), model, done)
    network = with_weights(done.parts[swap.part], swap.arguments(owner), swap.take(owner))
    swap.dress(network, owner)
    done.module_swaps.append((swap, owner, network))
    first, *others = swap.places
    done.put(owner, first, swap.adapter(network))
    for place in others:
        done.put(owner, place, nn.Identity())


def _put_functions(swap: FunctionSwap, model: FasterRCNN, done: Transplant) -> None:
    obstacle = swap.obstacle(model)
    if not obstacle:
        _probe(swap.parts, model, done)
        try:
            swap.put(model, done.parts, done.put)
        except UnusedNameError as error:  # another version of torchvision, or a model with methods of its own
            obstacle = str(error)
    if obstacle:
        done.kept.update(dict.fromkeys(swap.parts, obstacle))
        done.used = [name for name in done.used if name not in swap.parts]


def _probe(names: tuple[str, ...], model: FasterRCNN, done: Transplant) -> None:
    """Replace those of the parts that fail on this model's device by the library's."""
    device = next(model.parameters()).device
    for name in names:
        if problem := smoke_test(done.parts, name, device):
            done.parts = done.parts.with_library(name, problem)
        done.used.append(name)
