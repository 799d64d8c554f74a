"""Scans in any order of their axes: each gives what the same scan gives in the methods' own order."""

from itertools import permutations, product

import numpy as np
import pytest
import SimpleITK as sitk
from phantoms import phantom_of, result_on_small_phantom, small_phantom

from LungSegmentationLib import segment
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import CtVolume

METHOD_KEYS = [method.key for method in METHODS]
ORIENTATIONS = [
    "".join(pair[sign] for pair, sign in zip(axes, signs, strict=True))
    for axes in permutations(("LR", "PA", "SI"))
    for signs in product((0, 1), repeat=3)
]


def itk_image(array: np.ndarray, volume: CtVolume) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(volume.spacing_zyx_mm[::-1])
    image.SetOrigin(volume.origin_lps_mm)
    image.SetDirection(np.asarray(volume.direction_lps).ravel())
    return image


@pytest.mark.parametrize("method", METHOD_KEYS)
def test_the_order_of_the_axes_changes_no_voxel(method):
    """On a coarse phantom: the order is brought back before any step, so that fewer voxels tell as much."""
    upright = phantom_of(shape_zyx=(52, 74, 86), spacing_zyx_mm=(5.9, 4.8, 4.2)).volume
    expected = segment(upright, method).labels
    image = itk_image(upright.voxels_hu, upright)
    assert len(set(ORIENTATIONS)) == 48
    # Every fifth order, others for each method, and every seventh for the network, which takes long: all axes and flips
    # are in each choice.
    for orientation in ORIENTATIONS[METHOD_KEYS.index(method) :: 7 if method == "network" else 5]:
        # ITK's own reorientation, not ours, turns the scan and brings the result back.
        turned = sitk.DICOMOrient(image, orientation)
        volume = CtVolume(
            sitk.GetArrayFromImage(turned),
            turned.GetSpacing()[::-1],
            turned.GetOrigin(),
            np.array(turned.GetDirection()).reshape(3, 3),
        )
        result = sitk.DICOMOrient(itk_image(segment(volume, method).labels, volume), "LPS")
        assert np.array_equal(sitk.GetArrayFromImage(result), expected), orientation


@pytest.mark.parametrize("rule", ["tubularity", "threshold"])
def test_vessels_lie_in_their_lung_whatever_the_orientation(rule):
    method = "connected-components"
    result = segment(small_phantom().volume, method, vessels=True, vessel_rule=rule)
    assert result.vessel_rule == rule
    assert np.array_equal(result.labels, result_on_small_phantom(method).labels)
    assert set(np.unique(result.vessels)) == {0, RIGHT_LUNG, LEFT_LUNG}
    assert np.all(result.labels[result.vessels > 0] == result.vessels[result.vessels > 0])
    turned = small_phantom(orientation="AIR")
    image = itk_image(segment(turned.volume, method, vessels=True, vessel_rule=rule).vessels, turned.volume)
    assert np.array_equal(sitk.GetArrayFromImage(sitk.DICOMOrient(image, "LPS")), result.vessels)
