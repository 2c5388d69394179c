"""Parts in torchvision's real detectors: the same answers and losses, and back again bit for bit."""

import copy
import functools
import importlib
import json
from collections import ChainMap
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.detection import (
    FasterRCNN,
    fasterrcnn_resnet50_fpn,
    fasterrcnn_resnet50_fpn_v2,
    keypointrcnn_resnet50_fpn,
    maskrcnn_resnet50_fpn,
    retinanet_resnet50_fpn,
)

from course import library, parts, scenes
from course.detector import TransplantError, restore, transplant

REPO = Path(__file__).resolve().parents[1]
SOURCES = pytest.mark.parametrize("source", ["solutions", "library"])
SCENES = [scenes.scene(seed, (128, 128) if seed % 2 else (112, 144)) for seed in range(10)]
# The model, its classes, how many ROIs it takes from a scene: eight convolutions of 512 on each are a lot for a CPU.
KINDS = {
    "faster": (fasterrcnn_resnet50_fpn, 5, 20),
    "mask": (maskrcnn_resnet50_fpn, 5, 5),
    "keypoint": (keypointrcnn_resnet50_fpn, 2, 2),
}


@functools.cache
def all_parts(source: str) -> parts.Parts:
    if source == "library":
        return parts.as_parts(library)
    notebooks = sorted((REPO / "solutions").glob("lab*/[!_]*.py"))
    modules = [importlib.import_module(f"solutions.{path.parent.name}.{path.stem}") for path in notebooks]
    return parts.as_parts(ChainMap(*(dict(vars(module)) for module in modules)))


@functools.cache
def ready(kind: str) -> FasterRCNN:
    """A detector with random weights that finds many things: every layer answers with numbers of order one."""
    make, classes, detections = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model: FasterRCNN = make(
            weights=None,
            weights_backbone=None,
            num_classes=classes,
            min_size=96,
            max_size=144,
            rpn_pre_nms_top_n_test=300,
            rpn_post_nms_top_n_test=60,
            rpn_pre_nms_top_n_train=300,
            rpn_post_nms_top_n_train=60,
            box_detections_per_img=detections,
            box_batch_size_per_image=16,
        )
        for layer in model.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = None  # running means over all that comes
        with torch.no_grad():
            pictures = model.transform([image for image, _ in SCENES[:4]])[0].tensors
            model.train().backbone.body(pictures)
            for part in (model.rpn, model.roi_heads):
                for weight in part.parameters():
                    nn.init.normal_(weight, std=weight[0].numel() ** -0.5 if weight.dim() > 1 else 0.1)
            model.roi_heads.box_predictor.bbox_pred.weight /= 3
    return model.eval()


def truth(kind: str, number: int) -> dict[str, Tensor]:
    """A scene's target; where people are the only class, they alone."""
    target = SCENES[number][1]
    names = ("boxes", "labels", "masks", "keypoints")
    chosen = target["labels"] < KINDS[kind][1]
    return {name: target[name][chosen] for name in names}


def both(kind: str, source: str) -> tuple[FasterRCNN, FasterRCNN]:
    model = copy.deepcopy(ready(kind))
    return model, transplant(copy.deepcopy(model), all_parts(source))


@SOURCES
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [3, pytest.param(10, marks=pytest.mark.exhaustive)])  # repeats it on seven more
def test_detections_of_scenes_stay_the_same(kind: str, source: str, count: int) -> None:
    theirs, ours = both(kind, source)
    found = 0
    with torch.no_grad():
        for image, _ in SCENES[:count]:
            (wanted,), (came,) = theirs([image]), ours([image])
            torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
            found += len(wanted["boxes"])
    assert found >= 6


@pytest.mark.parametrize("kind", KINDS)
def test_losses_and_gradients_stay_the_same(kind: str) -> None:
    """In float64: in float32 sums in another order change the first layer's gradients by percents, on both sides."""
    answers = []
    for model in both(kind, "solutions"):
        torch.manual_seed(0)  # torchvision draws which anchors and ROIs count
        targets = [truth(kind, number) for number in (0, 1)]
        for target in targets:
            target["boxes"] = target["boxes"].double()
        losses = model.double().train()([image.double() for image, _ in SCENES[:2]], targets)
        sum(losses.values()).backward()
        answers.append((losses, model.backbone.body.conv1.weight.grad, torch.rand(1)))
    (wanted, gradient, luck), (came, same_gradient, same_luck) = answers
    assert all(value > 0 for value in wanted.values())
    torch.testing.assert_close(came, wanted, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(same_gradient, gradient, rtol=1e-8, atol=1e-10 * float(gradient.abs().max()))
    assert luck == same_luck


@pytest.mark.parametrize("kind", KINDS)
def test_taking_the_parts_out_again_restores_the_model(kind: str) -> None:
    theirs, ours = both(kind, "solutions")
    assert restore(ours) is ours
    wanted, came = theirs.state_dict(), ours.state_dict()
    assert list(came) == list(wanted)
    assert all(value.equal(came[name]) for name, value in wanted.items())
    for before, after in zip(theirs.modules(), ours.modules(), strict=True):
        assert type(before) is type(after)
        assert vars(before).keys() == vars(after).keys()  # no method of ours is left behind
        assert before.training == after.training
    with torch.no_grad():
        (wanted,), (came,) = theirs(images := [SCENES[0][0]]), ours(images)
    assert all(value.equal(came[name]) for name, value in wanted.items())


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_found_and_nothing_there(kind: str) -> None:
    answers = []
    for model in both(kind, "solutions"):
        model.roi_heads.score_thresh = 1.1
        with torch.no_grad():
            found = model([SCENES[0][0]])
            empty = {name: value[:0] for name, value in truth(kind, 0).items()}
            torch.manual_seed(0)
            losses = model.train()([image for image, _ in SCENES[:2]], [empty, truth(kind, 1)])
        answers.append((found, losses))
    wanted, came = answers
    assert len(wanted[0][0]["boxes"]) == 0
    torch.testing.assert_close(came, wanted, rtol=1e-5, atol=1e-5)


def test_what_was_learnt_in_between_is_kept() -> None:
    _, ours = both("faster", "solutions")
    with torch.no_grad():
        for number, weight in enumerate(ours.parameters()):
            weight += 0.01 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(number)) * weight.std()
    with torch.no_grad():
        (wanted,) = ours([SCENES[0][0]])
        (came,) = restore(ours)([SCENES[0][0]])
    assert len(wanted["boxes"]) > 5
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)


def snapshot() -> dict[str, dict]:
    places = [torchvision.ops, torchvision.ops.boxes, torchvision.ops.poolers, torchvision.models.detection]
    places += [getattr(torchvision.models.detection, name) for name in ("_utils", "roi_heads", "rpn", "faster_rcnn")]
    classes = [torchvision.models.detection.roi_heads.RoIHeads, torchvision.models.detection.rpn.RegionProposalNetwork]
    return {place.__name__: dict(vars(place)) for place in [*places, *classes]}


def test_only_this_model_changes() -> None:
    before = snapshot()
    with torch.no_grad():
        theirs, ours = both("faster", "solutions")
        (wanted,) = theirs([SCENES[0][0]])
        ours([SCENES[0][0]])
        assert snapshot() == before
        (came,) = theirs([SCENES[0][0]])
    assert all(value.equal(came[name]) for name, value in wanted.items())


def test_the_parts_are_really_at_work() -> None:
    """Each function in use is called, by a model that runs and trains."""
    called = set()

    def spying(name: str, part: Callable) -> Callable:
        def spy(*args: object) -> object:
            called.add(name)
            return part(*args)

        return part if isinstance(part, type) else spy

    for kind in KINDS:
        spies = {name: spying(name, part) for name, part in all_parts("library").items()}
        model = transplant(copy.deepcopy(ready(kind)), spies)
        with torch.no_grad():
            model([SCENES[0][0]])
            model.train()([SCENES[0][0]], [truth(kind, 0)])
        functions = {name for name in model.transplant.used if not isinstance(library.__dict__[name], type)}
        assert functions <= called
        assert set(model.transplant.own()) == functions
        for name in set(model.transplant.used) - functions:
            assert any(type(module) is getattr(library, name) for module in model.modules())


def test_a_wrong_part_is_replaced_and_named(tmp_path: Path) -> None:
    notebook = json.loads((REPO / "source/lab3_rpn/rpn.ipynb").read_text(encoding="utf-8"))
    (cell,) = (cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "nms")
    cell["source"] = "def nms(boxes, scores, iou_threshold):\n    return scores.argsort()\n"
    (tmp_path / "rpn.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    model = transplant(copy.deepcopy(ready("faster")), parts.collect(tmp_path))
    with torch.no_grad():
        (wanted,), (came,) = ready("faster")([SCENES[0][0]]), model([SCENES[0][0]])
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
    text = str(model.transplant)
    assert "  nms " in text
    assert "yours is wrong: expected " in text
    assert model.transplant.own() == ["RPNHead"]
    assert "no notebook here has it: " in text


def small_nms_only(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    if len(boxes) > 50:
        raise MemoryError("a table of all pairs")
    return library.nms(boxes, scores, iou_threshold)


def in_place(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    boxes.copy_(library.clip_boxes_to_image(boxes, size))
    return boxes


class NoReLU(library.RPNHead):
    def __init__(self, *arguments: int) -> None:
        super().__init__(*arguments)
        self.activation = nn.Identity()


class OtherNames(nn.Module):
    def __init__(self, in_features: int, hidden: int, num_classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(in_features, hidden)


def test_a_part_that_fails_on_real_input_is_replaced_as_well() -> None:
    given = {"nms": small_nms_only, "RPNHead": NoReLU, "BoxHead": OtherNames, "clip_boxes_to_image": in_place}
    model = transplant(copy.deepcopy(ready("faster")), given)
    with torch.no_grad():
        (wanted,), (came,) = ready("faster")([SCENES[0][0]]), model([SCENES[0][0]])
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
    text = " ".join(str(model.transplant).split())
    assert text.startswith("0 of ")
    assert "yours is wrong on random input: it fails with MemoryError: a table of all pairs" in text
    assert "values are wrong" in text
    assert " clip_boxes_to_image yours changes its input" in text
    assert " BoxHead yours " in text
    assert "other parameters than expected" in text


def test_the_summary() -> None:
    done = both("faster", "solutions")[1].transplant
    text, used = str(done), done.used
    assert repr(done) == text
    assert text.startswith(f"{len(used)} of {len(used)} parts at work in this FasterRCNN are yours:\n")
    assert "make_proposals torchvision's stays: it chooses the best of each level first" in " ".join(text.split())
    assert "not called by this model: KeypointHead, MaskHead, average_precision, " in text
    assert all(len(line) <= 130 for line in text.splitlines())


def test_copies_stand_on_their_own() -> None:
    _, ours = both("faster", "solutions")
    twin = copy.deepcopy(ours)
    restore(ours)
    with torch.no_grad():
        (wanted,), (came,) = ready("faster")([SCENES[0][0]]), twin([SCENES[0][0]])
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
    assert type(restore(twin).rpn.head) is type(ours.rpn.head)


def test_mode_and_frozen_weights_come_along() -> None:
    model = copy.deepcopy(ready("faster")).train()
    for weight in model.rpn.head.parameters():
        weight.requires_grad_(False)
    transplant(model, library)
    assert all(module.training for module in model.modules())
    assert not any(weight.requires_grad for weight in model.rpn.head.parameters())
    assert all(weight.requires_grad for weight in model.roi_heads.parameters())
    for weight in model.roi_heads.box_head.parameters():
        weight.requires_grad_(False)
    restore(model.eval())
    assert not any(module.training for module in model.modules())
    frozen = {name for name, weight in model.roi_heads.named_parameters() if not weight.requires_grad}
    assert frozen == {name for name, _ in model.roi_heads.named_parameters()}


def test_random_numbers_are_left_alone() -> None:
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    transplant(copy.deepcopy(ready("faster")), all_parts("solutions"))
    assert torch.rand(1) == wanted


def test_other_models() -> None:
    model = fasterrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, num_classes=3, min_size=64, max_size=96)
    with torch.no_grad():
        (wanted,) = model.eval()([SCENES[0][0]])
        (came,) = transplant(model, library)([SCENES[0][0]])
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
    assert set(model.transplant.kept) >= {"RPNHead", "BoxHead"}
    assert model.transplant.kept["BoxHead"] == "it has other layers in this model"
    other = retinanet_resnet50_fpn(weights=None, weights_backbone=None)
    with pytest.raises(TransplantError, match=r"expected torchvision's FasterRCNN, .* got RetinaNet"):
        transplant(other, library)


def test_a_model_with_methods_or_settings_of_its_own_keeps_them() -> None:
    model = copy.deepcopy(ready("faster"))
    own = model.roi_heads.forward
    model.roi_heads.forward = lambda *args: own(*args)
    model.roi_heads.box_coder = torchvision.models.detection._utils.BoxCoder((1.0, 1.0, 1.0, 1.0), bbox_xform_clip=1.0)
    pool = model.roi_heads.box_roi_pool
    pool.sampling_ratio, pool.canonical_scale = 0, 112
    with torch.no_grad():
        (wanted,) = model([SCENES[0][0]])
        (came,) = transplant(model, library)([SCENES[0][0]])
    torch.testing.assert_close(came, wanted, rtol=0, atol=1e-4)
    kept = model.transplant.kept
    assert kept["detection_loss"].endswith("does not use the name fastrcnn_loss")
    assert kept["decode_boxes"] == "this model has another limit of dw and dh than log(1000 / 16)"
    assert kept["postprocess_detections"].startswith("this model's deltas have the weights (1.0, 1.0, 1.0, 1.0)")
    assert kept["roi_align"] == "this model takes more sample points from larger ROIs"
    assert kept["roi_level"] == "this model has another canonical level than 4 at 224 pixels"
    assert not set(kept) & set(model.transplant.used)


def test_errors_at_the_border() -> None:
    model = copy.deepcopy(ready("faster"))
    with pytest.raises(TransplantError, match="no parts in this model"):
        restore(model)
    with pytest.raises(parts.PartsError, match="expected parts"):
        transplant(model, None)
    transplant(model, library)
    with pytest.raises(TransplantError, match="parts in it already"):
        transplant(model, library)


@pytest.mark.gpu
@pytest.mark.parametrize("kind", KINDS)
def test_on_a_gpu(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    theirs = copy.deepcopy(ready(kind)).cuda()
    ours = transplant(copy.deepcopy(theirs), all_parts("solutions"))
    with torch.no_grad():
        for image, _ in SCENES[:3]:
            (wanted,), (came,) = theirs([image.cuda()]), ours([image.cuda()])
            torch.testing.assert_close(came, wanted, rtol=0, atol=1e-3)
    assert all(value.is_cuda for value in restore(ours.cpu().cuda()).state_dict().values())
