"""The reference with its border at -400 HU: about the highest Dice of the benchmarks."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))

from reference_border import with_border_at_air


def test_half_dark_surface_beside_air_goes_and_dense_disease_stays():
    lungs = np.zeros((9, 9, 9), bool)
    lungs[1:8, 1:8, 1:8] = True
    hu = np.where(lungs, -850, 40)
    hu[1:8, 1:8, 1] = -300  # voxels half in the lung
    hu[4:8, 1:8, 5:8] = 40  # consolidation at the other side
    moved = with_border_at_air(lungs, hu)
    expected = lungs.copy()
    expected[1:8, 1:8, 1] = False
    # Of the consolidation only what lies on the lung's surface and beside air goes: the rims of its two faces towards air.
    expected[4, [1, 7], 5:8] = expected[4, 1:8, 7] = False
    expected[4:8, [1, 7], 5] = expected[7, 1:8, 5] = False
    assert np.array_equal(moved, expected)
    assert np.array_equal(with_border_at_air(lungs, np.where(lungs, -850, 40)), lungs)
