"""What a page holds of a scan: exact means of the source, in any orientation, and packed without loss."""

import base64
import gzip
import itertools

import numpy as np
import pytest

from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical
from LungSegmentationLib.web import limits
from LungSegmentationLib.web.packing import packed, prediction_errors
from LungSegmentationLib.web.reduced_scan import VESSELS, ReducedScan, reduced_scan

LPS = np.eye(3)
DIRECTIONS = {"LPS": LPS, "RAS": np.diag([-1.0, -1.0, 1.0]), "feet first": np.diag([1.0, 1.0, -1.0]), "sagittal": LPS[:, [1, 2, 0]]}


def result_of(direction: np.ndarray, shape=(31, 47, 53), spacing=(1.3, 0.9, 0.7)) -> Segmentation:
    rng = np.random.default_rng(5)
    voxels = rng.integers(-1300, 900, shape, dtype=np.int16)
    labels = np.zeros(shape, np.uint8)
    labels[9:22, 14:33, 15:27] = 1
    labels[10:20, 14:31, 29:38] = 2
    labels[12:, 20:23, 27:29] = 3
    vessels = np.where(labels == 1, rng.integers(0, 2, shape), 0).astype(np.uint8)
    return Segmentation(CtVolume(voxels, spacing, direction_lps=direction), labels, "m", vessels=vessels)


def mean_of_cell(array: np.ndarray, scan: ReducedScan, cell: tuple[int, int, int]) -> float:
    """Weight every voxel of the canonical array by the part of it that lies in a cell, one by one."""
    weights = []
    for axis, (start, factor, index) in enumerate(zip(scan.start_zyx, scan.factors_zyx, cell, strict=True)):
        first, last = start + index * factor, start + (index + 1) * factor
        weights.append([max(0.0, min(i + 1, last) - max(i, first)) for i in range(array.shape[axis])])
    return float(np.einsum("z,y,x,zyx", *weights, array, optimize=True)) / float(np.prod(scan.factors_zyx))


@pytest.mark.parametrize("name", DIRECTIONS)
def test_each_cell_is_the_mean_of_the_source_and_the_share_of_each_region(name):
    result = result_of(DIRECTIONS[name])
    scan = reduced_scan(result)
    canonical, order = to_canonical(result.volume)
    assert min(scan.factors_zyx) >= 1 and max(scan.factors_zyx) > 1.5
    rng = np.random.default_rng(1)
    cells = [tuple(int(rng.integers(0, size)) for size in scan.grey.shape) for _ in range(6)]
    cells += [(0, 0, 0), tuple(size - 1 for size in scan.grey.shape)]
    labels, vessels = order.apply(result.labels), order.apply(result.vessels)
    for cell in cells:
        hu = mean_of_cell(canonical.voxels_hu, scan, cell)
        grey = np.clip((hu - limits.DARKEST_HU) * 255 / (limits.BRIGHTEST_HU - limits.DARKEST_HU), 0, 255)
        assert abs(scan.grey[cell] - grey) <= 0.51
        masks = {"right_lung": labels == 1, "left_lung": labels == 2, "airways": labels == 3, VESSELS: vessels > 0}
        assert set(scan.coverage) == set(masks)
        for key, mask in masks.items():
            assert abs(scan.coverage[key][cell] - 15 * mean_of_cell(mask, scan, cell)) <= 0.51, key
    for key, label in (("right_lung", 1), ("left_lung", 2), ("airways", 3)):
        volume = scan.coverage[key].sum() / 15 * np.prod(scan.spacing_zyx_mm)
        assert volume == pytest.approx(
            np.count_nonzero(labels == label) * np.prod(result.volume.spacing_zyx_mm), rel=0.04
        )  # sixteen levels


def test_voxels_of_two_millimetres_and_more_stay_as_they_are():
    result = result_of(LPS, spacing=(2.5, 2.0, 2.1))
    scan = reduced_scan(result)
    assert scan.factors_zyx == (1, 1, 1)
    box = tuple(slice(start, start + size) for start, size in zip(scan.start_zyx, scan.grey.shape, strict=True))
    scaled = np.clip((result.volume.voxels_hu[box] + 1024.0) * 255 / 1524, 0, 255)
    assert np.abs(scan.grey - scaled).max() <= 0.5
    np.testing.assert_array_equal(scan.coverage["left_lung"], 15 * (result.labels[box] == 2))


def test_it_is_cut_to_the_lungs_and_twenty_millimetres():
    scan = reduced_scan(result_of(LPS, shape=(80, 90, 100), spacing=(2.0, 2.0, 2.0)))
    used = np.argwhere(sum(coverage.astype(int) for key, coverage in scan.coverage.items() if key != VESSELS))
    assert scan.start_zyx == (0, 4, 5) and used.min(axis=0).tolist() == [9, 10, 10]
    assert (scan.grey.shape[1], scan.grey.shape[2]) == (33 - 4 + 10, 38 - 5 + 10)


def test_an_empty_result_and_a_huge_one_are_shown_whole_in_bounds():
    volume = CtVolume(np.zeros((3, 40, 50), np.int16), (5.0, 1.0, 1.0))
    scan = reduced_scan(Segmentation(volume, np.zeros((3, 40, 50), np.uint8), "m"))
    assert scan.grey.shape == (3, 20, 25) and VESSELS not in scan.coverage
    voxels = np.broadcast_to(np.int16(40), (300, 300, 300))
    labels = np.broadcast_to(np.uint8(1), (300, 300, 300))
    scan = reduced_scan(Segmentation(CtVolume(voxels, (2.5, 2.5, 2.5)), labels, "m"))
    assert scan.grey.size <= limits.MOST_SHOWN_VOXELS and (scan.coverage["right_lung"] == 15).all()


def test_the_prediction_is_undone_exactly():
    grey = np.random.default_rng(2).integers(0, 256, (5, 6, 7), dtype=np.uint8)
    errors = np.frombuffer(gzip.decompress(base64.b64decode(packed(prediction_errors(grey)))), np.uint8).reshape(grey.shape)
    decoded = np.zeros((6, 7, 8), int)  # with a border of zeros before it
    for z, y, x in itertools.product(range(1, 6), range(1, 7), range(1, 8)):
        left, above, below = decoded[z, y, x - 1], decoded[z, y - 1, x], decoded[z - 1, y, x]
        gradients = (
            left + above - decoded[z, y - 1, x - 1],
            left + below - decoded[z - 1, y, x - 1],
            above + below - decoded[z - 1, y - 1, x],
        )
        decoded[z, y, x] = (errors[z - 1, y - 1, x - 1] + sorted(gradients)[1]) % 256
    np.testing.assert_array_equal(decoded[1:, 1:, 1:], grey)


def test_smooth_grey_values_shrink_by_prediction():
    z, y, x = np.mgrid[:20, :40, :40]
    grey = (3 * z + 2 * y + x).astype(np.uint8)
    assert len(packed(prediction_errors(grey))) < len(packed(grey)) / 5
