"""Balls, half balls and layers of known size are told apart by their shape."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.gas_shape import roundness, sides_in_diameters
from LungSegmentationLib.anatomy.morphology import bounding_box

SPACING = (2.5, 1.5, 1.5)
Z, Y, X = np.ogrid[:60, :100, :100]
FAR_MM = np.sqrt(((Z - 30) * 2.5) ** 2 + ((Y - 50) * 1.5) ** 2 + ((X - 50) * 1.5) ** 2)
BALL = FAR_MM < 50
HALF = BALL & (X < 50)
LAYER = HALF & (FAR_MM >= 40)
TUBE = (np.hypot(Y - 50, X - 50) * 1.5 < 15) & (np.abs(Z - 29.5) < 24)
TUBE_DIAMETER_MM = 2 * (0.75 * 15**2 * 120) ** (1 / 3)


def in_its_box(mask: np.ndarray) -> np.ndarray:
    return mask[bounding_box(mask)]


@pytest.mark.parametrize(
    ("region", "longest", "middle"),
    [
        (BALL, 1.0, 1.0),
        (HALF, 2 ** (1 / 3), 2 ** (1 / 3)),
        (LAYER, (2 / (1 - 0.8**3)) ** (1 / 3), (2 / (1 - 0.8**3)) ** (1 / 3)),
        (TUBE, 120 / TUBE_DIAMETER_MM, 30 / TUBE_DIAMETER_MM),
    ],
)
def test_the_two_longest_sides_in_diameters_of_a_ball_of_the_same_volume(region, longest, middle):
    assert sides_in_diameters(in_its_box(region), SPACING) == pytest.approx((longest, middle), rel=0.06)


# Half a ball of radius 1 holds a ball of radius 1/2, the layer one of 0.1; their volumes are those of balls of 0.794 and 0.625.
@pytest.mark.parametrize(("region", "held"), [(BALL, 1.0), (HALF, 0.5 / 0.794), (LAYER, 0.1 / 0.625)])
def test_roundness_is_the_radius_of_the_largest_ball_inside_in_radii_of_a_ball_of_the_same_volume(region, held):
    assert roundness(region, SPACING) == pytest.approx(held, abs=0.07)


def test_single_bright_blocks_of_noise_make_a_ball_no_less_round():
    noisy = BALL & (np.random.default_rng(0).random(BALL.shape) > 0.02)
    assert roundness(noisy, SPACING) == pytest.approx(roundness(BALL, SPACING), abs=0.05)
