"""Inputs that users really had, from end to end: right by the network and by connected components, and the cause is named.

Each input is made from a phantom, so its truth is exact. A result is right where it is as good as on the phantom as it was.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from dicom_files import positions_along_normal, set_pixels, write_series
from phantoms import result_on_small_phantom, small_phantom
from pydicom.dataset import FileDataset
from pydicom.uid import generate_uid
from scipy import ndimage

from LungSegmentationLib.anatomy.stance import turned
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.measurement.density import measure_density
from LungSegmentationLib.measurement.histograms import count_voxels
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import AxisOrder, CtVolume

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

import field_changes as change
import field_gas as gas
from hard_scan import HardScan

METHODS = ["network", "connected-components"]
RIGHT, LEFT, AIRWAYS = 1, 2, 3
FOLDER = Path("unused")


@pytest.fixture(scope="module")
def phantom():
    return small_phantom()


@pytest.fixture(scope="module")
def scan(phantom) -> HardScan:
    return HardScan(phantom.volume, phantom.labels, np.ones(phantom.labels.shape, bool))


@pytest.fixture(scope="module")
def unchanged() -> Callable[[str], Segmentation]:
    """Give a function that gives each method's result on the phantom as it is."""
    return result_on_small_phantom


@pytest.fixture(scope="module")
def as_good_as_before(phantom, unchanged) -> Callable[..., None]:
    """Give a check that labels agree with their truth as well as on the phantom as it was, to 0.005; the lungs by 0.97 at least."""

    def check(method: str, labels: np.ndarray, truth: np.ndarray, regions=(RIGHT, LEFT), worse_by: float = 0.005) -> None:
        for label in regions:
            before = dice(unchanged(method).labels, phantom.labels, label)
            assert before > (0.7 if label == AIRWAYS else 0.97)
            assert dice(labels, truth, label) >= before - worse_by

    return check


def dice(labels: np.ndarray, truth: np.ndarray, label: int) -> float:
    ours, theirs = labels == label, truth == label
    return 2 * np.count_nonzero(ours & theirs) / (np.count_nonzero(ours) + np.count_nonzero(theirs))


def lungs_of(labels: np.ndarray) -> np.ndarray:
    return (labels == RIGHT) | (labels == LEFT)


def standing_out(result: Segmentation) -> str:
    """Join the warnings and the reasons of the flags that do not pass."""
    return "\n".join((*result.warnings, *(flag.reason for flag in quality_flags(result) if flag.verdict != "pass")))


@pytest.mark.parametrize("method", METHODS)
class TestMeasured:
    """What was not measured is known by its shape, whatever its value."""

    def test_round_field_smaller_than_the_chest_with_air_outside(self, scan, as_good_as_before, method):
        random = np.random.default_rng(0)
        noisy = scan.with_voxels(scan.volume.voxels_hu + random.normal(0, 40, scan.reference.shape))
        changed = change.in_disc(noisy, random, FOLDER, -1000, -20.0)
        assert np.count_nonzero(changed.reference != scan.reference) * scan.volume.voxel_volume_ml > 50
        result = segment(changed.volume, method)
        as_good_as_before(method, result.labels, changed.reference)
        assert sum("cut at the edge of the round field of view" in warning for warning in result.warnings) == 1
        cut = next(flag for flag in quality_flags(result) if flag.key == "field_of_view")
        assert "edge of the round field of view" in cut.reason and cut.places
        for place in cut.places:
            assert (result.labels[tuple(slice(*ends) for ends in place.box_zyx)] == {"right": RIGHT, "left": LEFT}[place.side]).any()

    def test_frame_of_water_around_the_scan(self, scan, as_good_as_before, method):
        changed = change.framed(scan, np.random.default_rng(0), FOLDER, 0)
        result = segment(changed.volume, method)
        labels, outside = changed.on_scan(result.labels)
        as_good_as_before(method, labels, scan.reference)
        assert outside == 0
        assert "the edge of the image is filled with 0 HU: it was not measured, and was left out" in result.warnings
        said = standing_out(result)
        assert "round field" not in said and "pneumothorax" not in said

    def test_noise_far_below_air(self, scan, as_good_as_before, method):
        """Emphysema with a sharp kernel on a scanner that does not clip."""
        lungs = lungs_of(scan.reference)
        airier = np.where(lungs & (scan.volume.voxels_hu < -700), 90, 0)
        hu = np.rint(scan.volume.voxels_hu - airier + np.random.default_rng(0).normal(0, 90, lungs.shape)).astype(np.int16)
        assert np.mean(hu[lungs] < -1100) > 0.02
        volume = replace(scan.volume, voxels_hu=hu)
        result = segment(volume, method)
        as_good_as_before(method, result.labels, scan.reference)
        as_good_as_before(method, result.labels, scan.reference, regions=[AIRWAYS], worse_by=0.2)
        assert min(dice(result.labels, scan.reference, label) for label in (RIGHT, LEFT)) > 0.97
        assert "round field" not in standing_out(result)
        ours, truth = (
            measure_density(count_voxels(volume, labels), volume.voxel_volume_ml)[2] for labels in (result.labels, scan.reference)
        )
        for measured, inside in ((ours, hu[lungs_of(result.labels)].astype(float)), (truth, hu[lungs].astype(float))):
            assert np.mean(inside < -1100) > 0.02 and measured.unmeasured_voxels == 0
            assert measured.mean_hu == pytest.approx(inside.mean(), abs=1e-6)
            assert measured.low_percent[-950] == pytest.approx(100 * np.mean(inside < -950))
        assert ours.mean_hu == pytest.approx(truth.mean_hu, abs=10)
        assert ours.low_percent[-950] == pytest.approx(truth.low_percent[-950], abs=1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("order", "said"),
    [
        (AxisOrder((0, 1, 2), (False, True, True)), "front and back are exchanged: the spine lies where the header says front"),
        (AxisOrder((0, 2, 1), (False, False, False)), "the axes are exchanged"),
    ],
    ids=["front and back exchanged", "array of rows and columns exchanged"],
)
def test_header_that_does_not_fit_the_anatomy(scan, as_good_as_before, method, order, said):
    result = segment(turned(scan.volume, order), method)
    as_good_as_before(method, order.undo(result.labels), scan.reference)
    assert sum(said in warning for warning in result.warnings) == 1
    header = next(flag for flag in quality_flags(result) if flag.key == "header")
    assert header.verdict == "review" and said in header.reason


@pytest.mark.parametrize("method", METHODS)
class TestForeignAir:
    """Air inside the chest that is not lung."""

    def test_pneumothorax_is_left_out_and_named(self, scan, as_good_as_before, method):
        painted = gas.pneumothorax(scan, np.random.default_rng(0), LEFT, 0.75)
        free = (scan.reference == LEFT) & (painted.reference == 0)
        free_ml = np.count_nonzero(free) * scan.volume.voxel_volume_ml
        result = segment(painted.volume, method)
        as_good_as_before(method, result.labels, painted.reference, regions=[RIGHT])
        # Where the collapsed lung meets free air no wall tells the voxel.
        as_good_as_before(method, result.labels, painted.reference, regions=[LEFT], worse_by=0.05)
        assert np.mean(lungs_of(result.labels)[free]) < 0.1
        assert any("on the left was left out of the lung: pneumothorax" in warning for warning in result.warnings)
        counted_in = np.where(free, np.uint8(LEFT), painted.reference)
        for one in (
            result,
            Segmentation(painted.volume, painted.reference, "truth"),
            Segmentation(painted.volume, counted_in, "free air in it"),
        ):
            flag = next(flag for flag in quality_flags(one) if flag.key == "structureless_air")
            assert flag.verdict == "review" and "on the left" in flag.reason and "pneumothorax" in flag.reason
            assert flag.value == pytest.approx(free_ml, rel=0.1)

    @pytest.mark.parametrize("radius_mm", [40.0, 50.0])
    def test_giant_bulla_stays_lung(self, scan, as_good_as_before, method, radius_mm):
        result = segment(gas.bulla(scan, np.random.default_rng(0), LEFT, radius_mm).volume, method)
        as_good_as_before(method, result.labels, scan.reference)
        assert "left out" not in standing_out(result)

    @pytest.mark.parametrize("radius_mm", [12.0, 18.0, 22.0])
    def test_gas_filled_conduit_beside_the_spine_is_neither_lung_nor_airway(self, scan, as_good_as_before, method, radius_mm):
        painted = gas.conduit(scan, np.random.default_rng(0), radius_mm)
        tube = (scan.reference == RIGHT) & (painted.reference == 0) & (painted.volume.voxels_hu < -900)
        assert np.count_nonzero(tube) * scan.volume.voxel_volume_ml > 30
        assert not (ndimage.binary_dilation(tube) & (scan.reference == AIRWAYS)).any()
        result = segment(painted.volume, method)
        assert np.mean(result.labels[tube] != 0) < 0.005
        as_good_as_before(method, result.labels, painted.reference)
        # Bronchi run along its wall.
        as_good_as_before(method, result.labels, painted.reference, regions=[AIRWAYS], worse_by=0.15)
        assert "lung was left out" not in standing_out(result)


@pytest.mark.parametrize(("method", "scale"), [*product(METHODS, (0.4, 0.45)), ("threshold", 0.45), ("contour-tracking", 0.45)])
def test_small_child(scan, unchanged, as_good_as_before, method, scale):
    result = segment(change.of_size(scan, np.random.default_rng(0), FOLDER, scale).volume, method)
    as_good_as_before(method, result.labels, scan.reference)
    assert set(result.warnings) <= set(unchanged(method).warnings)


class TestFiles:
    """Headers and numbers of files that other programs wrote. What is read is nearly the phantom: one method can tell."""

    def test_sform_off_the_right_angle_by_a_hundredth_of_a_degree(self, scan, as_good_as_before, tmp_path):
        method = "connected-components"
        volume = change.sheared(scan, np.random.default_rng(0), tmp_path, 0.0002).volume
        assert np.array_equal(volume.voxels_hu, scan.volume.voxels_hu) and volume.warnings == ()
        assert volume.spacing_zyx_mm == pytest.approx(scan.volume.spacing_zyx_mm, rel=1e-4)
        as_good_as_before(method, segment(volume, method).labels, scan.reference)

    def test_saturated_metal_is_clipped(self, scan, as_good_as_before, tmp_path):
        stored = scan.volume.voxels_hu.astype(np.int32) + 8192
        stored[40:43, 95:99, 62:66] = 65535

        def edit(dataset: FileDataset, index: int) -> None:
            like(dataset, scan.volume)
            set_pixels(dataset, stored[index].astype(np.uint16))
            dataset.RescaleIntercept = -8192

        write_series(tmp_path, scan.volume.voxels_hu, positions_along_normal(90, 3.4), edit=edit)
        volume = read_ct(tmp_path)
        for method in METHODS:  # the metal is in what each of them sees
            result = segment(volume, method)
            assert "48 voxels of saturated metal lay at or above 32767 HU: clipped to that value" in result.warnings
            as_good_as_before(method, result.labels, scan.reference)

    def test_projection_with_more_slices_is_not_taken_for_the_scan(self, scan, as_good_as_before, tmp_path):
        method = "connected-components"
        thick, projected = scan.volume.voxels_hu[::2], ndimage.maximum_filter(scan.volume.voxels_hu, (5, 1, 1))

        def of_projection(dataset: FileDataset, index: int) -> None:
            like(dataset, scan.volume)
            dataset.ImageType, dataset.SeriesNumber = ["DERIVED", "SECONDARY", "AXIAL", "MIP"], 5

        write_series(tmp_path / "a", thick, positions_along_normal(45, 6.8), edit=lambda dataset, _: like(dataset, scan.volume))
        write_series(tmp_path / "b", projected, positions_along_normal(90, 3.4), series_uid="1.2.3.6", edit=of_projection)
        volume = read_ct(tmp_path)
        assert np.array_equal(volume.voxels_hu, thick) and volume.spacing_zyx_mm[0] == pytest.approx(6.8)
        assert "not series 5 (90 slices of 3.4 mm, a projection" in volume.warnings[0]
        as_good_as_before(method, segment(volume, method).labels, scan.reference[::2], worse_by=0.01)


MISSING = range(36, 60)


def like(dataset: FileDataset, volume: CtVolume) -> None:
    """Give a slice the pixel size of a volume, and what real series have."""
    dataset.PixelSpacing, dataset.SliceThickness = list(volume.spacing_zyx_mm[1:]), volume.spacing_zyx_mm[0]
    dataset.FrameOfReferenceUID, dataset.SeriesNumber = "1.2.3.99", 2


def test_rescaling_that_some_slices_lack_and_a_series_uid_for_each_file_change_nothing(scan, tmp_path):
    """The volume is the phantom's to the voxel, so every method gives what it gives of the phantom."""

    def without_rescaling(dataset: FileDataset, index: int) -> None:
        like(dataset, scan.volume)
        if index in MISSING:
            del dataset.RescaleSlope, dataset.RescaleIntercept

    def with_own_series(dataset: FileDataset, index: int) -> None:
        like(dataset, scan.volume)
        dataset.SeriesInstanceUID = generate_uid()

    said = {}
    for name, edit in (("rescaling", without_rescaling), ("uids", with_own_series)):
        write_series(tmp_path / name, scan.volume.voxels_hu, positions_along_normal(90, 3.4), edit=edit)
        volume = read_ct(tmp_path / name)
        assert np.array_equal(volume.voxels_hu, scan.volume.voxels_hu)
        assert volume.spacing_zyx_mm == pytest.approx(scan.volume.spacing_zyx_mm) and np.allclose(volume.direction_lps, np.eye(3))
        (said[name],) = volume.warnings
    assert f"missing in {len(MISSING)} of 90 slices" in said["rescaling"]
    assert "have 90 SeriesInstanceUIDs: they were read as one series" in said["uids"]
