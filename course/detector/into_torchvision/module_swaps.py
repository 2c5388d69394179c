"""Our networks in the places of torchvision's: FPN, RPN head, box, mask and keypoint head, and whose weight is whose.

torchvision cuts some networks in two (a head and a predictor) where ours is one: then ours takes the head's place, and
``nn.Identity`` the predictor's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from course.detector.into_torchvision.module_adapters import Head, ProposalHead, Pyramid

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class ModuleSwap:
    """A network of ours and its place in a torchvision model.

    Attributes:
        part: its name among the parts.
        owner: the module of the model that holds the place.
        places: the attributes of the owner that it takes; the first gets our network, the others pass on.
        adapter: wraps our network so that torchvision can call it.
        arguments: what to construct our network with, read off the owner.
        names: our weights' names and torchvision's, from the owner on.
        split, join: ours from torchvision's weights, under our names, and back; where they are not simply the same.
    """

    part: str
    owner: str
    places: tuple[str, ...]
    adapter: Callable[[nn.Module], nn.Module]
    arguments: Callable[[Any], tuple[Any, ...]]
    names: Callable[[Any], dict[str, str]]
    split: Callable[[Weights], Weights] = dict
    join: Callable[[Weights], Weights] = dict

    def has_place(self, owner: nn.Module) -> bool:
        """Whether the model has such a network at all."""
        return all(getattr(owner, place, None) is not None for place in self.places)

    def fits(self, owner: nn.Module) -> bool:
        """Whether torchvision's network there has the layers that ours has, and no others."""
        try:
            theirs = set(self.names(owner).values())
            self.arguments(owner)
        except (AttributeError, IndexError, TypeError):
            return False
        state = {name for name in owner.state_dict() if name.split(".")[0] in self.places}
        return state == theirs

    def take(self, owner: nn.Module) -> Weights:
        """Weights for our network, copied from torchvision's."""
        state = owner.state_dict()
        return self.split({ours: state[theirs].clone() for ours, theirs in self.names(owner).items()})

    def dress(self, network: nn.Module, owner: nn.Module) -> None:
        """Give our network the device, the mode and the frozen weights of torchvision's."""
        before = owner.get_submodule(self.places[0])
        network.to(next(before.parameters()).device).train(before.training)
        theirs = dict(owner.named_parameters())
        ours = dict(network.named_parameters(remove_duplicate=False))
        for name, their_name in self.names(owner).items():
            ours[name].requires_grad_(theirs[their_name].requires_grad)

    def give_back(self, network: nn.Module, owner: nn.Module) -> None:
        """Copy our network's weights into torchvision's, which is in its place again; device and mode as well."""
        ours = dict(network.named_parameters(remove_duplicate=False))
        weights = self.join({name: value.detach() for name, value in ours.items()})
        for place in self.places:
            owner.get_submodule(place).to(next(network.parameters())).train(network.training)
        theirs = dict(owner.named_parameters())
        with torch.no_grad():
            for name, their_name in self.names(owner).items():
                theirs[their_name].copy_(weights[name])
                theirs[their_name].requires_grad_(ours[name].requires_grad)


def _two_logits(weights: Weights) -> Weights:
    """For each logit z the two (0, z): rows 2 a and 2 a + 1 of anchor a."""
    pairs = {name: value for name, value in weights.items() if name.startswith("cls_logits.")}
    return weights | {
        name: torch.stack((torch.zeros_like(value), value), dim=1).flatten(0, 1) for name, value in pairs.items()
    }


def _one_logit(weights: Weights) -> Weights:
    """The one logit that two are worth: their difference. From (0, z) that is z, bit for bit."""
    pairs = {name: value for name, value in weights.items() if name.startswith("cls_logits.")}
    return weights | {name: value[1::2] - value[0::2] for name, value in pairs.items()}


def _both(layers: dict[str, str]) -> dict[str, str]:
    """Names of weights and biases from names of layers."""
    return {f"{ours}.{kind}": f"{theirs}.{kind}" for ours, theirs in layers.items() for kind in ("weight", "bias")}


def _pyramid_names(backbone: Any) -> dict[str, str]:
    if not isinstance(backbone.fpn.extra_blocks, LastLevelMaxPool):
        return {}
    levels = range(len(backbone.fpn.inner_blocks))
    return _both({f"{kind}.{k}": f"fpn.{kind}.{k}.0" for kind in ("inner_blocks", "layer_blocks") for k in levels})


def _pyramid_arguments(backbone: Any) -> tuple[list[int], int]:
    laterals = [block[0] for block in backbone.fpn.inner_blocks]
    return [layer.in_channels for layer in laterals], laterals[0].out_channels


RPN_LAYERS = {"conv": "head.conv.0.0", "cls_logits": "head.cls_logits", "bbox_pred": "head.bbox_pred"}
BOX_LAYERS = {
    **{name: f"box_head.{name}" for name in ("fc6", "fc7")},
    **{name: f"box_predictor.{name}" for name in ("cls_score", "bbox_pred")},
}
MASK_LAYERS = {
    **{f"mask_fcn{k + 1}": f"mask_head.{k}.0" for k in range(4)},
    **{name: f"mask_predictor.{name}" for name in ("conv5_mask", "mask_fcn_logits")},
}
KEYPOINT_LAYERS = {
    **{f"convs.{k}": f"keypoint_head.{k}" for k in range(0, 16, 2)},
    "kps_score_lowres": "keypoint_predictor.kps_score_lowres",
}

MODULE_SWAPS = (
    ModuleSwap("FPN", "backbone", ("fpn",), Pyramid, _pyramid_arguments, _pyramid_names),
    ModuleSwap(
        "RPNHead",
        "rpn",
        ("head",),
        ProposalHead,
        lambda rpn: (
            rpn.head.conv[0][0].in_channels,
            rpn.head.conv[0][0].out_channels,
            rpn.head.cls_logits.out_channels,
        ),
        lambda rpn: _both(RPN_LAYERS),
        _two_logits,
        _one_logit,
    ),
    ModuleSwap(
        "BoxHead",
        "roi_heads",
        ("box_head", "box_predictor"),
        Head,
        lambda heads: (
            heads.box_head.fc6.in_features,
            heads.box_head.fc6.out_features,
            heads.box_predictor.cls_score.out_features,
        ),
        lambda heads: _both(BOX_LAYERS),
    ),
    ModuleSwap(
        "MaskHead",
        "roi_heads",
        ("mask_head", "mask_predictor"),
        Head,
        lambda heads: (
            heads.mask_head[0][0].in_channels,
            heads.mask_head[0][0].out_channels,
            heads.mask_predictor.mask_fcn_logits.out_channels,
        ),
        lambda heads: _both(MASK_LAYERS),
    ),
    ModuleSwap(
        "KeypointHead",
        "roi_heads",
        ("keypoint_head", "keypoint_predictor"),
        Head,
        lambda heads: (
            heads.keypoint_head[0].in_channels,
            heads.keypoint_head[0].out_channels,
            heads.keypoint_predictor.kps_score_lowres.out_channels,
        ),
        lambda heads: _both(KEYPOINT_LAYERS),
    ),
)
