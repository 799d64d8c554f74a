"""The networks: ``compact`` (ours), ``unet`` (three levels of 64 filters) and ``resnet`` (20 convolutions, full resolution)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn


def _two_convolutions(inputs: int, outputs: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class CompactNetwork(nn.Module):
    """U-Net with narrow fine levels and bilinear enlargement: most of the width is where pixels are few.

    Parameters
    ----------
    inputs, classes : int
        Channels in and out; the output is logits.
    widths : tuple of int
        Channels of each level, the finest first.
    """

    def __init__(self, inputs: int, classes: int, widths: tuple[int, ...] = (16, 32, 64, 96, 128)) -> None:
        super().__init__()
        self.down = nn.ModuleList(_two_convolutions(before, width) for before, width in zip((inputs, *widths), widths, strict=False))
        self.up = nn.ModuleList(_two_convolutions(fine + coarse, fine) for fine, coarse in pairwise(widths))
        self.out = nn.Conv2d(widths[0], classes, 1)
        self.shrink = nn.MaxPool2d(2)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits (batch, classes, rows, columns); rows and columns are multiples of 16."""
        kept = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else self.shrink(x))
            kept.append(x)
        for level in range(len(self.up) - 1, -1, -1):
            x = self.up[level](torch.cat([self.enlarge(x), kept[level]], dim=1))
        return self.out(x)


class UNet(nn.Module):
    """U-Net of three levels with 64 filters each, transposed convolutions and batch norm.

    References
    ----------
    Ronneberger et al., MICCAI 2015, in the reduced form of the chest CT study that the project follows.
    """

    def __init__(self, inputs: int, classes: int, width: int = 64) -> None:
        super().__init__()
        self.down = nn.ModuleList([_two_convolutions(inputs, width), _two_convolutions(width, width), _two_convolutions(width, width)])
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(width, width, 2, stride=2) for _ in range(2))
        self.up = nn.ModuleList(_two_convolutions(2 * width, width) for _ in range(2))
        self.out = nn.Conv2d(width, classes, 1)
        self.shrink = nn.MaxPool2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits (batch, classes, rows, columns); rows and columns are multiples of 4."""
        first = self.down[0](x)
        second = self.down[1](self.shrink(first))
        x = self.down[2](self.shrink(second))
        x = self.up[0](torch.cat([self.enlarge[0](x), second], dim=1))
        x = self.up[1](torch.cat([self.enlarge[1](x), first], dim=1))
        return self.out(x)


class _ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (inputs, outputs):
            layers += [
                nn.BatchNorm2d(channels),
                nn.ReLU(),
                nn.Conv2d(channels, outputs, 3, padding=dilation, dilation=dilation, bias=False),
            ]
        self.layers = nn.Sequential(*layers)
        self.more = outputs - inputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # Missing channels are zero, so that the shortcut has no weights.
        return self.layers(x) + nn.functional.pad(x, (0, 0, 0, 0, 0, self.more))


class ResidualNetwork(nn.Module):
    """High-resolution residual network in 2D: 20 convolutions, dilation 1, 2, 4, no reduction.

    References
    ----------
    Li et al., IPMI 2017 (HighRes3DNet), in two dimensions.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        before = 16
        for width, dilation in ((16, 1), (32, 2), (64, 4)):
            for _ in range(3):
                blocks.append(_ResidualBlock(before, width, dilation))
                before = width
        self.first = nn.Conv2d(inputs, 16, 3, padding=1, bias=False)
        self.blocks = nn.Sequential(*blocks)
        self.out = nn.Sequential(
            nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 80, 1), nn.BatchNorm2d(80), nn.ReLU(), nn.Conv2d(80, classes, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give logits (batch, classes, rows, columns)."""
        return self.out(self.blocks(self.first(x)))
