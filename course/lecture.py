"""The lecture's example in numbers: an 800 × 800 image with two helmets, and its VGG16 feature map of 512 × 50 × 50."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

HELMETS = ((147.0, 160.0, 234.0, 260.0), (312.0, 139.0, 348.0, 200.0))  # the lecture's bbox0, x first
SIZE = (800, 800)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, on which VGG16 was trained


def photo(device: torch.device | str = "cpu") -> Tensor:
    """A sketch in place of the lecture's photo: ``(3, 800, 800)`` in [0, 1], two workers with ``HELMETS`` on."""
    from course.drawing.box_axes import draw_worker, set_up_axes
    from course.drawing.figure import new_figure

    figure = new_figure(8, 8, layout=None)
    ax = figure.add_axes((0, 0, 1, 1))
    set_up_axes(ax, (0, 0, 800, 800))
    ax.axis("off")
    horizon = 330
    ax.axhspan(0, horizon, color="#DDE8EE", zorder=0)
    ax.axhspan(horizon, 800, color="#D9D2C3", zorder=0)
    for x, wide, tall in ((470, 120, 190), (610, 90, 240), (715, 100, 150)):  # a site behind them
        ax.bar(x, tall, wide, horizon - tall, color="#C3C8C6", align="edge", zorder=0.5)
    for helmet in HELMETS[::-1]:
        draw_worker(ax, helmet)
    figure.set_dpi(100)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
    return torch.tensor(pixels, device=device).permute(2, 0, 1).float() / 255


def vgg16_features(image: Tensor, *, download: bool = False) -> Tensor:
    """Features ``(1, 512, H / 16, W / 16)`` of an image ``(3, H, W)`` in [0, 1], by VGG16 without its last pooling.

    With the weights of ImageNet where torch has them already, or may ``download`` them (528 MB); else with random ones,
    the same every time. A line says which. On two CPU cores an 800 × 800 image takes about six seconds.
    """
    from torchvision.models import vgg

    url = vgg.VGG16_Weights.IMAGENET1K_V1.url
    known = (Path(torch.hub.get_dir()) / "checkpoints" / Path(url).name).exists()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(16)
        layers = vgg.make_layers(vgg.cfgs["D"], batch_norm=False)[:30]
        for value in layers.parameters():  # as VGG16 itself begins
            if value.dim() > 1:
                nn.init.kaiming_normal_(value, mode="fan_out", nonlinearity="relu")
            else:
                nn.init.zeros_(value)
    if known or download:
        weights = torch.hub.load_state_dict_from_url(url, progress=False, weights_only=True)
        mine = {name.removeprefix("features."): value for name, value in weights.items() if "features" in name}
        layers.load_state_dict(mine)
    print(f"VGG16 with {'the weights of ImageNet' if known or download else 'random weights: it has no others here'}.")
    mean, std = (torch.tensor(values, device=image.device)[:, None, None] for values in (MEAN, STD))
    with torch.no_grad():
        return layers.to(image.device).eval()(((image - mean) / std)[None])
