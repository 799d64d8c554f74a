"""What is the same whatever runs a network: the check of what goes in, and probabilities from what comes out."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ..errors import ModelError
from ..io.limits import ROUNDING_SHARE
from .model_card import ModelCard


def check_batch(batch: np.ndarray, card: ModelCard) -> None:
    """Refuse a batch that is not float32 (slices, channels, rows, columns) with the card's channels."""
    channels = len(card.input.neighbour_offsets)
    if batch.dtype != np.float32 or batch.ndim != 4 or batch.shape[1] != channels or batch.size == 0:
        raise ModelError(
            f"the network {card.name} was given {batch.dtype} {batch.shape}; expected float32 (slices, {channels}, rows, columns)"
        )


def as_probabilities(values: np.ndarray, card: ModelCard) -> np.ndarray:
    """Turn a network's values into probabilities, in place, as its card says.

    Parameters
    ----------
    values : numpy.ndarray
        float32 (slices, output channels, rows, columns).
    card : ModelCard

    Returns
    -------
    numpy.ndarray
        float32 of the same shape, 0 to 1.

    Raises
    ------
    ModelError
        If a value is not finite, or no probability where the card says that it is.
    """
    if not np.isfinite(values).all():
        raise ModelError(f"the network {card.name} gives values that are not finite numbers; install it again or choose another one")
    if card.output.activation == "logits":
        return _softmax_in_place(values)
    if card.output.activation == "logits_sigmoid":
        return np.asarray(expit(values, out=values))
    lowest, highest = float(values.min()), float(values.max())
    if lowest < -ROUNDING_SHARE or highest > 1 + ROUNDING_SHARE:
        raise ModelError(
            f"the network {card.name} gives values from {lowest:.4g} to {highest:.4g}; its card says {card.output.activation}, "
            "which gives 0 to 1"
        )
    return values


def _softmax_in_place(logits: np.ndarray) -> np.ndarray:
    """Turn logits (float32, classes along axis 1) into probabilities; without overflow, as the largest is taken off first."""
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    return logits
