"""Canonical orientation: the same voxels at the same physical places, and back again exactly."""

from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.volume import CtVolume, canonical_order, to_canonical

ALL_DIRECTIONS = [np.eye(3)[:, list(order)] * signs for order in permutations(range(3)) for signs in product((1, -1), repeat=3)]


def position_lps_mm(volume: CtVolume, index_zyx) -> np.ndarray:
    """Physical place of a voxel, from ITK's definition."""
    scaled = np.asarray(index_zyx[::-1]) * volume.spacing_zyx_mm[::-1]
    return np.asarray(volume.origin_lps_mm) + np.asarray(volume.direction_lps) @ scaled


@pytest.mark.parametrize("direction", ALL_DIRECTIONS)
def test_every_voxel_keeps_its_place(direction):
    voxels = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    volume = CtVolume(voxels, (2.5, 0.7, 0.9), (10.0, -20.0, 30.0), direction)
    canonical, order = to_canonical(volume)
    assert np.allclose(canonical.direction_lps, np.eye(3))
    where = {int(canonical.voxels_hu[index]): position_lps_mm(canonical, index) for index in np.ndindex(canonical.voxels_hu.shape)}
    for index in np.ndindex(voxels.shape):
        assert np.allclose(where[int(voxels[index])], position_lps_mm(volume, index))
    assert np.array_equal(order.undo(canonical.voxels_hu), voxels)
    assert order.undo(canonical.voxels_hu).flags.c_contiguous
    places = np.arange(voxels.size)
    assert np.array_equal(canonical.voxels_hu[order.places_of(places, voxels.shape)], voxels.reshape(-1)[places])


# In whole thousandths: ITK's own matrix code stumbles over the smallest floats.
angles = st.integers(-3100, 3100).map(lambda thousandths: thousandths / 1000)


@given(angles, angles, angles, st.booleans())
@settings(max_examples=40, deadline=None)
def test_oblique_scans_agree_with_itk(alpha, beta, gamma, left_handed):
    rotation = sitk.Euler3DTransform((0, 0, 0), alpha, beta, gamma)
    direction = np.array(rotation.GetMatrix()).reshape(3, 3) * ([1, 1, -1] if left_handed else [1, 1, 1])
    volume = CtVolume(np.random.default_rng(1).integers(-1000, 100, (3, 4, 5), np.int16), (3.0, 1.0, 2.0), (1.0, 2.0, 3.0), direction)
    canonical, _ = to_canonical(volume)
    image = sitk.GetImageFromArray(canonical.voxels_hu)
    image.SetSpacing(canonical.spacing_zyx_mm[::-1])
    image.SetOrigin(canonical.origin_lps_mm)
    image.SetDirection(canonical.direction_lps.ravel())
    for index in [(0, 0, 0), (2, 1, 4), (1, 3, 2)]:
        found = image.TransformPhysicalPointToIndex(position_lps_mm(volume, index))
        assert image[found] == volume.voxels_hu[index]
    # The nearest permutation has the greatest sum of cosines on the diagonal of all 48.
    best = max(np.trace(np.abs(direction[:, list(order)])) for order in permutations(range(3)))
    assert np.isclose(np.trace(canonical.direction_lps), best, atol=1e-6)


def test_canonical_scan_is_not_copied():
    volume = CtVolume(np.zeros((2, 3, 4), np.int16), (1.0, 1.0, 1.0))
    assert np.shares_memory(to_canonical(volume)[0].voxels_hu, volume.voxels_hu)
    assert canonical_order(np.eye(3)).flipped == (False, False, False)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"voxels_hu": np.zeros((2, 3, 4), np.float32)}, "float32"),
        ({"voxels_hu": np.zeros((3, 4), np.int16)}, "shape"),
        ({"spacing_zyx_mm": (0.0, 1.0, 1.0)}, "spacing"),
        ({"spacing_zyx_mm": (1.0, float("nan"), 1.0)}, "spacing"),
        ({"spacing_zyx_mm": (1000.0, 1.0, 1.0)}, "spacing"),
        ({"direction_lps": np.ones((3, 3))}, "orthonormal"),
        ({"origin_lps_mm": (0.0, float("inf"), 0.0)}, "origin"),
    ],
)
def test_impossible_geometry_is_refused(changes, message):
    good = {"voxels_hu": np.zeros((2, 3, 4), np.int16), "spacing_zyx_mm": (1.0, 1.0, 1.0)}
    with pytest.raises(InputError, match=message):
        CtVolume(**{**good, **changes})
