"""Losses on logits against shares of each class, with a weight for each pixel."""

from __future__ import annotations

import torch
import torch.nn.functional as functional


def weighted_cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy against shares (batch, classes + 1, rows, columns); the last channel is the weight."""
    shares, weight = target[:, :-1], target[:, -1]
    return -((shares * functional.log_softmax(logits, dim=1)).sum(dim=1) * weight).sum() / weight.sum().clamp(min=1)


def dice_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """One minus the mean Dice of the classes over the batch, with unsquared terms (Dice-NS).

    References
    ----------
    Milletari et al., 3DV 2016, with the denominator of NiftyNet's ``dice_nosquare``.
    """
    shares, weight = target[:, :-1], target[:, -1:]
    probabilities = functional.softmax(logits, dim=1) * weight
    shares = shares * weight
    both = (probabilities * shares).sum(dim=(0, 2, 3))
    total = (probabilities + shares).sum(dim=(0, 2, 3))
    return 1 - ((2 * both + 1) / (total + 1)).mean()


def cross_entropy_and_dice(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Sum of both."""
    return weighted_cross_entropy(logits, target) + dice_loss(logits, target)
