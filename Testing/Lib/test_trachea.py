"""Trachea and main bronchi on drawn examples with known truth, whole and cut by the scan's end."""

import numpy as np
import pytest
from test_anatomy import ellipsoid

from LungSegmentationLib.anatomy.airways import grow_airways
from LungSegmentationLib.anatomy.chest import lumen_density_hu, trachea_density_hu
from LungSegmentationLib.anatomy.morphology import dilated
from LungSegmentationLib.anatomy.trachea import find_trachea


def airway_tree() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a trachea that divides into two main bronchi beside lungs; give HU, lumen and lungs."""
    shape, spacing = (80, 90, 120), (2.0, 1.5, 1.5)
    hu = np.full(shape, 40, np.int16)
    lungs = ellipsoid(shape, (60, 68, 40), (70, 50, 30), spacing) | ellipsoid(shape, (60, 68, 140), (70, 50, 30), spacing)
    lumen = np.zeros(shape, bool)
    y, x = np.ogrid[: shape[1], : shape[2]]
    for level in range(shape[0]):
        height_mm = level * 2.0
        centres = [90.0] if height_mm > 80 else [90.0 + side * 0.9 * (80 - height_mm) for side in (-1, 1)] if height_mm > 50 else []
        for centre_mm in centres:
            lumen[level] |= (y * 1.5 - 68) ** 2 + (x * 1.5 - centre_mm) ** 2 <= (9.0 if height_mm > 80 else 6.0) ** 2
    hu[lungs] = -850
    wall = dilated(lumen, 2.0, spacing)
    hu[wall] = 0
    hu[lumen] = -990
    return hu, lumen, lungs & ~wall


def test_trachea_is_found_and_grown_into_the_bronchi_without_the_lung():
    spacing = (2.0, 1.5, 1.5)
    hu, lumen, _ = airway_tree()
    core, air = hu > -250, hu < -400
    trachea = find_trachea(hu, air, core, spacing)
    assert trachea.any() and np.all(lumen[trachea])
    assert np.flatnonzero(trachea.any(axis=(1, 2)))[-1] == hu.shape[0] - 1
    airways = grow_airways(hu, air, trachea, spacing)
    assert np.array_equal(airways, lumen)


def test_leak_is_guarded_where_the_wall_is_open():
    spacing = (2.0, 1.5, 1.5)
    hu, lumen, lungs = airway_tree()
    noise = np.random.default_rng(0).normal(0, 15, hu.shape)
    hu = (hu + noise).astype(np.int16)
    hole = dilated(lumen, 3.0, spacing) & ~lumen & (np.arange(hu.shape[0]) < 34)[:, None, None]
    hu[hole] = -850  # the bronchi lie open in the lung
    trachea = find_trachea(hu, hu < -400, hu > -250, spacing)
    airways = grow_airways(hu, hu < -400, trachea, spacing)
    assert np.count_nonzero(airways & lungs) < 0.05 * np.count_nonzero(lumen)
    assert np.count_nonzero(airways & lumen) > 0.7 * np.count_nonzero(lumen)


def test_no_trachea_in_a_block_of_lung():
    hu = np.full((40, 80, 80), 40, np.int16)
    hu[:, 10:70, 10:70] = -850
    assert not find_trachea(hu, hu < -400, hu > -250, (2.0, 2.0, 2.0)).any()


def test_where_the_scan_ends_in_the_lungs_only_what_comes_from_above_is_a_trachea():
    spacing = (2.0, 1.5, 1.5)
    hu, _, lungs = airway_tree()
    hu, lungs = hu[:25].copy(), lungs[:25]
    z, y, x = np.indices(hu.shape)
    gas = (y * 1.5 - 100) ** 2 + (x * 1.5 - 90) ** 2 <= 9.0**2
    for slices, is_trachea in (((2, 14), False), ((13, 25), True)):
        with_gas = hu.copy()
        with_gas[gas & (z >= slices[0]) & (z < slices[1])] = -990
        assert find_trachea(with_gas, with_gas < -400, with_gas > -250, spacing).any() == is_trachea
    emphysema = lungs & ((y * 1.5 - 68) ** 2 + (x * 1.5 - 55) ** 2 <= 9.0**2) & (z > 8)
    hu[emphysema] = -990
    assert np.count_nonzero(emphysema) > 1000
    assert not find_trachea(hu, hu < -400, hu > -250, spacing).any()


@pytest.mark.parametrize("slices", [48, 45, 36, 33])
def test_where_the_scan_cuts_the_airways_the_stump_of_the_trachea_or_both_bronchi_are_found(slices):
    spacing = (2.0, 1.5, 1.5)
    hu, lumen, _ = (array[:slices].copy() for array in airway_tree())
    z, y, x = np.indices(hu.shape)
    gullet = (y * 1.5 - 96) ** 2 + (x * 1.5 - 93) ** 2 <= 5.0**2  # Behind the trachea, a little to the left, full of gas.
    lung_in_front = ((y * 1.5 - 40) ** 2 + (x * 1.5 - 90) ** 2 <= 8.0**2) & (z >= slices - 8)
    hu[gullet], hu[lung_in_front] = -990, -860
    air = hu < -400
    trachea = find_trachea(hu, air, hu > -250, spacing)
    assert not trachea[gullet | lung_in_front].any()
    assert np.array_equal(grow_airways(hu, air, trachea, spacing), lumen)


def test_the_air_of_a_narrow_tube_is_measured_away_from_its_wall():
    spacing = (2.0, 1.5, 1.5)
    y, x = np.indices((30, 30))
    radius = np.hypot(y - 15, x - 15)
    hu = np.full((10, 30, 30), -800, np.int16)
    lumen = np.broadcast_to(radius <= 3.2, hu.shape)
    hu[:, radius <= 3.2], hu[:, radius <= 2.1] = -850, -990  # Most of its blocks hold a part of the wall.
    assert np.count_nonzero(hu[lumen] == -850) > np.count_nonzero(hu[lumen] == -990)
    assert lumen_density_hu(hu, lumen, spacing) == trachea_density_hu(hu, lumen, hu < -400, spacing) == -990
    assert trachea_density_hu(hu, lumen & (hu == -850), hu < -400, spacing) == -850
    assert trachea_density_hu(hu, lumen & (hu == 0), hu < -400, spacing) is None
