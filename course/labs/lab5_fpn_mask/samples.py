"""Typical inputs of lab 5's modules and functions.

Masks are never close to 0.5 at a pixel's middle, nor a middle close to a box's border.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from course.checking.random_inputs import module_inputs
from course.labs.lab4_roi_heads.library import bilinear_sample
from course.labs.lab5_fpn_mask.library.fpn import FPN
from course.labs.lab5_fpn_mask.library.mask import MaskHead


def features(generator: Generator, channels: list[int], sizes: tuple[tuple[int, int], ...], batch: int) -> list[Tensor]:
    """Random maps, one for each size."""
    return [torch.randn(batch, c, *size, generator=generator) for c, size in zip(channels, sizes, strict=True)]


def pyramid_inputs(
    channels: list[int], sizes: tuple[tuple[int, int], ...], width: int = 4, batch: int = 1
) -> Callable[[Generator], tuple]:
    """A pyramid's arguments, weights, and random maps of these sizes, fine to coarse."""
    return lambda g: module_inputs(FPN, (channels, width), g, features(g, channels, sizes, batch))


def boxes_of_all_sizes(generator: Generator, count: int, low: float = 8.0, high: float = 900.0) -> Tensor:
    """Boxes anywhere whose √area is spread evenly over the levels and no closer than 1 % to where one ends."""
    octave = torch.rand(count, generator=generator) * 0.96 + 0.02
    first, last = int(torch.tensor(low / 224).log2().floor()), int(torch.tensor(high / 224).log2().floor())
    side = 224 * 2.0 ** (torch.randint(first, last + 1, (count,), generator=generator) + octave)
    stretch = 2.0 ** (2 * torch.rand(count, generator=generator) - 1)
    return stretched(torch.rand(count, 2, generator=generator) * 500 - 100, side, stretch)


def stretched(corner: Tensor, side: Tensor, stretch: Tensor) -> Tensor:
    """Boxes of area ``side²`` from their upper left corners."""
    return torch.cat([corner, corner + torch.stack([side * stretch, side / stretch], dim=1)], dim=1)


CLEAR = 2e-5  # the least distance of a value from 0.5: ten times what float32 loses


def row_to_upsample(length: int, size: int, stride: int) -> Callable[[Generator], tuple]:
    """Makes arguments of ``upsample_1d``."""
    return lambda g: (torch.randn(length, generator=g), torch.randn(size, generator=g), stride)


def map_to_upsample(
    inner: int, outer: int, size: tuple[int, int], kernel: int, stride: int
) -> Callable[[Generator], tuple]:
    """Makes arguments of ``upsample_2d``."""
    return lambda g: (
        torch.randn(inner, *size, generator=g),
        torch.randn(inner, outer, kernel, kernel, generator=g),
        stride,
    )


def mask_head(arguments: tuple[int, int, int], *shape: int) -> Callable[[Generator], tuple]:
    """A head's arguments, weights, and random features of a shape. Biases are positive, so that no layer is all 0."""

    def draw(generator: Generator) -> tuple:
        made = module_inputs(MaskHead, arguments, generator, torch.randn(shape, generator=generator))
        for name, weight in made[1].items():
            if name.endswith("bias"):
                weight.abs_()
        return made

    return draw


def blobs(generator: Generator, count: int, size: tuple[int, int]) -> Tensor:
    """Masks ``(count, height, width)``, uint8: an ellipse with a bite taken out of it, each in another place."""
    y, x = torch.meshgrid(torch.arange(size[0]) + 0.5, torch.arange(size[1]) + 0.5, indexing="ij")
    found = torch.zeros(count, *size, dtype=torch.uint8)
    for mask in found:
        cy, cx, ry, rx = (0.3 + 0.4 * torch.rand(4, generator=generator)) * torch.tensor([*size, *size])
        inside = ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 0.6
        bite = (y - cy) / ry > (0.2 + 0.3 * torch.rand((), generator=generator)) + (x - cx) / rx
        mask[inside & ~bite] = 1
    return found


def rois_around(
    generator: Generator,
    count: int,
    image: tuple[int, int],
    beyond: float = 0.0,
    sides: tuple[float, float] = (0.3, 0.9),
) -> Tensor:
    """ROIs ``(count, 4)`` in an image and up to ``beyond`` pixels around it; sides a share of the image's."""
    extent = torch.tensor([image[1], image[0]], dtype=torch.float32)
    side = (sides[0] + (sides[1] - sides[0]) * torch.rand(count, 2, generator=generator)) * extent
    corner = torch.rand(count, 2, generator=generator) * (extent + 2 * beyond - side) - beyond
    return torch.cat([corner, corner + side], dim=1)


def masks_to_cut(
    count: int,
    size: int = 28,
    image: tuple[int, int] = (40, 60),
    masks: int = 4,
    **kwargs: Any,
) -> Callable[[Generator], tuple]:
    """Masks, ROIs, which belongs to which, and a size. Every mask is asked for, in no order."""

    def draw(generator: Generator) -> tuple:
        matched = (torch.arange(count) * 3 + 1 + torch.arange(count) // masks) % masks
        return blobs(generator, masks, image), rois_around(generator, count, image, **kwargs), matched, size

    return draw


def masks_to_learn(
    count: int, classes: int = 4, side: int = 6, spread: float = 2.0, soft: bool = True
) -> Callable[[Generator], tuple]:
    """Logits, labels and targets; the true classes differ, and some cells are half inside."""

    def draw(generator: Generator) -> tuple:
        logits = spread * torch.randn(count, classes, side, side, generator=generator)
        labels = 1 + (torch.randperm(count, generator=generator) % (classes - 1))
        targets = torch.rand(count, side, side, generator=generator)
        return logits, labels, targets if soft else targets.round()

    return draw


def values_and_border(mask: Tensor, box: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The value of the mask at the middle of each pixel, and how far, in pixels, it is from the box's border."""
    y, x = torch.meshgrid(torch.arange(size[0]) + 0.5, torch.arange(size[1]) + 0.5, indexing="ij")
    (x1, y1), (x2, y2) = box[:2], box[2:]
    v, u = (y - y1) / (y2 - y1) * mask.shape[0] - 0.5, (x - x1) / (x2 - x1) * mask.shape[1] - 0.5
    value = bilinear_sample(
        mask[None], v.flatten().clamp(0, mask.shape[0] - 1), u.flatten().clamp(0, mask.shape[1] - 1)
    )
    border = torch.stack([(x - x1).abs(), (x - x2).abs(), (y - y1).abs(), (y - y2).abs()]).amin(dim=0)
    return value.reshape(size), border


def soft_mask(generator: Generator, shape: tuple[int, int]) -> Tensor:
    """A mask with large patches of 0.1 and 0.9 and gradients between them."""
    coarse = torch.rand(1, 1, max(shape[0] // 4, 2), max(shape[1] // 4, 2), generator=generator).round() * 0.8 + 0.1
    fine = torch.nn.functional.interpolate(coarse, shape, mode="bilinear", align_corners=False)[0, 0]
    return fine + 0.1 * (torch.rand(shape, generator=generator) - 0.5)


def mask_to_paste(
    image: tuple[int, int],
    shape: tuple[int, int] = (28, 28),
    beyond: float = 0.0,
    sides: tuple[float, float] = (0.4, 0.9),
    tries: int = 200,
) -> Callable[[Generator], tuple]:
    """A mask and a box, and no pixel whose answer depends on rounding."""

    def draw(generator: Generator) -> tuple:
        for _ in range(tries):
            mask, box = soft_mask(generator, shape), rois_around(generator, 1, image, beyond, sides)[0]
            values, border = values_and_border(mask, box, image)
            set_pixels = (values >= 0.5).float().mean()
            if ((values - 0.5).abs() > CLEAR).all() and (border > 1e-3).all() and 0.05 < set_pixels < 0.95:
                return mask, box, image
        raise RuntimeError(f"no clear mask for {image} in {tries} tries")  # a few tries are enough for every seed

    return draw


SAMPLES: dict[str, Callable[[Generator], tuple]] = {
    "FPN": pyramid_inputs([3, 5, 4], ((13, 18), (7, 9), (3, 4)), 6, 2),
    "roi_level": lambda g: (boxes_of_all_sizes(g, 20),),
    "upsample_1d": row_to_upsample(6, 5, 2),
    "upsample_2d": map_to_upsample(2, 3, (4, 5), 3, 2),
    "MaskHead": mask_head((2, 6, 3), 2, 2, 5, 4),
    "mask_targets": masks_to_cut(4, 8),
    "mask_loss": masks_to_learn(4, 3, 5),
    "paste_mask": mask_to_paste((30, 44), (14, 14)),
}
