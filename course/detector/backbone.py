"""A small convolutional network that is trained from nothing: the detector's eyes."""

from torch import Tensor, nn


class Backbone(nn.Module):
    """Pictures ``(B, 3, H, W)`` in [0, 1] to three maps, fine to coarse, at a 4th, an 8th and a 16th of the size.

    Convolutions 3 × 3 with batch normalisation and ReLU, in stages that halve the map, as in ResNet without the
    shortcuts, which so few layers do not need.
    """

    channels = (32, 64, 128)
    strides = (4, 8, 16)

    def __init__(self) -> None:
        super().__init__()
        self.stem = _convolution(3, 16, stride=2)
        inputs = (16, *self.channels[:-1])
        self.stages = nn.ModuleList(
            nn.Sequential(_convolution(before, after, stride=2), _convolution(after, after))
            for before, after in zip(inputs, self.channels, strict=True)
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        """One map for each of :attr:`strides`; H and W must be multiples of 16."""
        x = self.stem((images - 0.5) / 0.25)  # roughly mean 0 and spread 1
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps


def _convolution(before: int, after: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True)
    )
