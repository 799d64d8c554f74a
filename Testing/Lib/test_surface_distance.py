"""Distances between surfaces against brute force, SimpleITK, a published package and exact truth."""

import numpy as np
import pytest
import SimpleITK as sitk
import surface_distance as published
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage
from scipy.spatial.distance import cdist

from LungSegmentationLib.evaluation import surface_distance
from LungSegmentationLib.evaluation.surface_distance import surface_distances

pytestmark = pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning:surface_distance")  # of the published package

SHAPES = npst.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=8)
SPACINGS = st.tuples(*[st.floats(0.2, 6.0)] * 3)


def surface_of(mask):
    return mask & ~ndimage.binary_erosion(mask)


def brute_force(result, reference, spacing, leave_out=None):
    """Give all distances of both directions; the voxels left out are the reference's in both."""
    leave_out = np.zeros(result.shape, bool) if leave_out is None else leave_out
    surfaces = [surface_of((mask & ~leave_out) | (reference & leave_out)) for mask in (result, reference)]
    counted = [np.argwhere(surface & ~leave_out) * spacing for surface in surfaces]
    targets = [np.argwhere(surface) * spacing for surface in surfaces]
    return cdist(counted[0], targets[1]).min(axis=1), cdist(counted[1], targets[0]).min(axis=1)


def blobs(seed, shape=(18, 26, 24)):
    """Two round regions that overlap, each with bays and islands."""
    generator = np.random.default_rng(seed)
    z, y, x = np.indices(shape)
    ball = 8.0 - np.sqrt(sum((axis - size / 2) ** 2 for axis, size in zip((z, y, x), shape, strict=True)))
    return [ball + 6 * ndimage.gaussian_filter(generator.normal(size=shape), 1.5) * 4 > 0 for _ in range(2)]


@pytest.mark.parametrize("most_far_points", [0, 20_000])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), shape=SHAPES, spacing=SPACINGS, tolerance_mm=st.floats(0.0, 8.0))
def test_distances_agree_with_brute_force(most_far_points, data, shape, spacing, tolerance_mm):
    result, reference = (data.draw(npst.arrays(bool, shape)) for _ in range(2))
    leave_out = data.draw(st.none() | npst.arrays(bool, shape))
    result[0, 0, 0] = reference[-1, -1, -1] = True
    if leave_out is not None:
        leave_out[0, 0, 0] = leave_out[-1, -1, -1] = False
    with pytest.MonkeyPatch.context() as patch:
        # Far points are looked up in a tree or in a distance map: both ways, at any size.
        patch.setattr(surface_distance, "_NEAR_VOXELS", 1.0)
        patch.setattr(surface_distance, "_MOST_FAR_POINTS", most_far_points)
        distances = surface_distances(result, reference, spacing, leave_out)
    there, back = brute_force(result, reference, spacing, leave_out)
    both = np.concatenate([there, back])
    np.testing.assert_allclose(np.concatenate([distances.result_to_reference_mm, distances.reference_to_result_mm]), both, rtol=1e-6)
    assert distances.hausdorff_mm == pytest.approx(both.max(), rel=1e-6)
    sides = [side for side in (there, back) if side.size]
    assert distances.hausdorff_95_mm == pytest.approx(max(np.percentile(side, 95) for side in sides), rel=1e-6)
    assert distances.average_mm == pytest.approx(both.mean(), rel=1e-6)
    if np.all(np.abs(both - tolerance_mm) > 1e-4):
        assert distances.surface_dice(tolerance_mm) == pytest.approx((both <= tolerance_mm).mean(), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 0.7, 0.7), (0.6, 1.1, 3.0)])
def test_distances_agree_with_simpleitk_and_stay_near_a_surface_element_package(seed, spacing):
    result, reference = blobs(seed)
    distances = surface_distances(result, reference, spacing)

    contours = []
    for mask in (result, reference):
        image = sitk.GetImageFromArray(np.pad(mask, 1).astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        contours.append(sitk.BinaryContour(image, fullyConnected=False))
    hausdorff = sitk.HausdorffDistanceImageFilter()
    hausdorff.Execute(*contours)
    assert distances.hausdorff_mm == pytest.approx(hausdorff.GetHausdorffDistance(), rel=1e-6)
    directed = [distances.result_to_reference_mm.mean(), distances.reference_to_result_mm.mean()]
    assert np.mean(directed) == pytest.approx(hausdorff.GetAverageHausdorffDistance(), rel=1e-5)

    # Its surface elements lie on the corners of surface voxels: at most half a diagonal from our points, at both ends.
    elements = published.compute_surface_distances(reference, result, spacing)
    diagonal = np.linalg.norm(spacing)
    assert distances.hausdorff_mm == pytest.approx(published.compute_robust_hausdorff(elements, 100), abs=diagonal)
    assert distances.hausdorff_95_mm == pytest.approx(published.compute_robust_hausdorff(elements, 95), abs=diagonal)
    average = published.compute_average_surface_distance(elements)
    assert distances.average_mm == pytest.approx(np.mean(average), abs=diagonal / 2)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 0.7, 0.7)])
def test_nested_boxes_are_as_far_apart_as_their_corners_and_faces(spacing):
    outer, inner = np.zeros((20, 22, 24), bool), np.zeros((20, 22, 24), bool)
    outer[2:-2, 2:-2, 2:-2] = True
    inner[4:-4, 4:-4, 4:-4] = True
    distances = surface_distances(inner, outer, spacing)
    assert distances.result_to_reference_mm.min() == pytest.approx(2 * min(spacing), rel=1e-9)
    assert distances.hausdorff_mm == pytest.approx(2 * np.linalg.norm(spacing), rel=1e-9)
    elements = published.compute_surface_distances(outer, inner, spacing)
    assert distances.hausdorff_mm == pytest.approx(published.compute_robust_hausdorff(elements, 100), rel=1e-6)
    for tolerance_mm in (1.99 * min(spacing), 2.01 * np.linalg.norm(spacing)):
        expected = published.compute_surface_dice_at_tolerance(elements, tolerance_mm)
        assert distances.surface_dice(tolerance_mm) == pytest.approx(expected, abs=1e-9)


def test_a_distance_equal_to_the_tolerance_is_within_it():
    reference = np.zeros((12, 12, 12), bool)
    reference[3:6, 3:9, 3:9] = True
    spacing = (1.1, 0.9, 0.7)
    distances = surface_distances(np.roll(reference, 3, axis=0), reference, spacing)
    assert distances.hausdorff_mm == pytest.approx(3.3)
    assert distances.surface_dice(3.3) == 1.0  # 3 * 1.1 is more than 3.3 in floating point
    assert distances.surface_dice(3.29) < 1.0


def test_a_lung_cut_by_the_field_of_view_has_a_surface_there():
    lung = np.zeros((10, 40, 40), bool)
    lung[3:, 5:35, 5:35] = True  # runs out of the image at the last slice
    early = lung.copy()
    early[-1] = False
    distances = surface_distances(early, lung, (5.0, 0.7, 0.7))
    assert distances.hausdorff_mm == pytest.approx(5.0)
    same = surface_distances(lung, lung, (5.0, 0.7, 0.7))
    assert same.result_to_reference_mm.size == surface_of(lung).sum()
    assert (same.hausdorff_mm, same.hausdorff_95_mm, same.average_mm, same.surface_dice(0.0)) == (0.0, 0.0, 0.0, 1.0)


def test_what_is_left_out_makes_no_surface_and_no_error():
    reference = np.zeros((14, 20, 20), bool)
    reference[2:12, 3:17, 3:17] = True
    leave_out = np.zeros_like(reference)
    leave_out[5:10, 10:18, 3:17] = True
    result = reference & ~leave_out
    distances = surface_distances(result, reference, (2.0, 1.0, 1.0), leave_out)
    assert distances.hausdorff_mm == 0.0
    assert distances.reference_to_result_mm.size == (surface_of(reference) & ~leave_out).sum()
    assert surface_distances(result, reference, (2.0, 1.0, 1.0)).hausdorff_mm > 4.0


def test_empty_regions_have_no_distance():
    empty, full = np.zeros((4, 5, 6), bool), np.ones((4, 5, 6), bool)
    for result, reference, surface_dice in ((empty, empty, None), (empty, full, 0.0), (full, empty, 0.0)):
        distances = surface_distances(result, reference, (1.0, 1.0, 1.0))
        assert (distances.hausdorff_mm, distances.hausdorff_95_mm, distances.average_mm) == (None, None, None)
        assert distances.surface_dice(2.0) == surface_dice
    everything_left_out = surface_distances(full, empty, (1.0, 1.0, 1.0), leave_out=full)
    assert everything_left_out.surface_dice(2.0) is None and everything_left_out.hausdorff_mm is None
