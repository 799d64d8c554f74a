"""How each architecture is trained: what it sees, its loss, its optimiser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from .architectures import CompactNetwork, ResidualNetwork, UNet
from .augmentation import SliceFormat
from .losses import cross_entropy_and_dice, dice_loss, weighted_cross_entropy
from .scans import CLASSES

SUBTRACT_HU, DIVIDE_HU = -700, 400


@dataclass(frozen=True)
class Recipe:
    """One architecture with its training.

    Parameters
    ----------
    key, title, summary : str
    build : callable
        ``build(inputs, classes) -> torch.nn.Module``.
    form : SliceFormat
    loss : callable
        ``loss(logits, target)``.
    learning_rate, weight_decay : float
        Of the optimiser; the rate falls to 0 as half a cosine.
    batch : int
    optimiser : type
    patience : int
        Checks without a better loss on the validation scans after which training ends.
    multiple_of : int
        Rows and columns must be multiples of it.
    """

    key: str
    title: str
    summary: str
    build: Callable[[int, int], nn.Module]
    form: SliceFormat
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    learning_rate: float
    weight_decay: float
    batch: int
    optimiser: type[torch.optim.Optimizer] = torch.optim.AdamW
    patience: int = 5
    multiple_of: int = 16

    def make_network(self) -> nn.Module:
        """Build the network with random weights."""
        return self.build(len(self.form.neighbour_offsets_mm), len(CLASSES))


RECIPES = (
    Recipe(
        key="compact",
        title="Compact U-Net",
        summary="A small U-Net on five neighbouring slices: seconds on two processor cores.",
        build=CompactNetwork,
        form=SliceFormat(3.0, 112, 128, (-20.0, -6.0, 0.0, 6.0, 20.0)),
        loss=cross_entropy_and_dice,
        learning_rate=2e-3,
        weight_decay=1e-2,
        batch=16,
    ),
    Recipe(
        key="unet",
        title="U-Net of three levels",
        summary="The reduced U-Net of a published chest CT study: three levels of 64 filters, one slice at a time.",
        build=UNet,
        form=SliceFormat(4.0, 84, 96, (0.0,)),
        loss=weighted_cross_entropy,
        learning_rate=1e-4,
        weight_decay=0.0,
        batch=4,
        optimiser=torch.optim.Adam,
        multiple_of=4,
    ),
    Recipe(
        key="resnet",
        title="Residual network at full resolution",
        summary="The residual network of a published study of normal and COVID-19 scans: 20 convolutions, one slice at a time.",
        build=ResidualNetwork,
        form=SliceFormat(4.0, 84, 96, (0.0,)),
        loss=dice_loss,
        learning_rate=1e-2,
        weight_decay=1e-4,
        batch=17,
        optimiser=torch.optim.Adam,
        multiple_of=1,
    ),
)


def find_recipe(key: str) -> Recipe:
    """Find a recipe by its key."""
    for recipe in RECIPES:
        if recipe.key == key:
            return recipe
    raise ValueError(f"there is no architecture {key!r}; choose one of: {', '.join(recipe.key for recipe in RECIPES)}")
