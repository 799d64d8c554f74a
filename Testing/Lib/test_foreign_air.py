"""Air that is not lung: by its place and by what it is joined to, on chests drawn here and on a phantom."""

import numpy as np
import pytest
from scipy import ndimage

from LungSegmentationLib.anatomy.carina import forks
from LungSegmentationLib.anatomy.foreign_air import ForeignAir, foreign_air
from LungSegmentationLib.anatomy.lung_regions import lung_regions
from LungSegmentationLib.anatomy.noise import noise_hu
from LungSegmentationLib.anatomy.trachea import find_trachea
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume

SPACING = (2.0, 2.0, 2.0)
SHAPE = (110, 100, 160)
MIDDLE = 80.0
Z, Y, X = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]
RNG = np.random.default_rng(0)


def ellipsoid(centre_zyx: tuple[float, ...], radii_zyx: tuple[float, ...]) -> np.ndarray:
    return sum(((axis - middle) / radius) ** 2 for axis, middle, radius in zip((Z, Y, X), centre_zyx, radii_zyx, strict=True)) < 1


@pytest.fixture(scope="module")
def lungs() -> np.ndarray:
    """Two lungs with hollow bases, 1.0 L each."""
    both = ellipsoid((55, 50, 40), (50, 38, 30)) | ellipsoid((55, 50, 120), (50, 38, 30))
    domes = ellipsoid((5, 50, 40), (30, 50, 50)) | ellipsoid((5, 50, 120), (30, 50, 50))
    return both & ~domes


def chest(lungs: np.ndarray, gas: np.ndarray, wall_blocks: int, noise_hu: float = 8) -> np.ndarray:
    """Densities of the lungs with vessels, and of gas in a wall."""
    hu = np.full(SHAPE, 40.0)
    hu[lungs] = -850
    hu[lungs & (Z % 5 == 0) & (Y % 5 == 0)] = -300  # no ball of 8 mm is free of vessels
    if wall_blocks:
        hu[ndimage.binary_dilation(gas, iterations=wall_blocks)] = 40
    hu[gas] = -1000
    return np.rint(hu + RNG.normal(0, noise_hu, SHAPE)).astype(np.int16)


def found(hu: np.ndarray) -> ForeignAir:
    return foreign_air(hu, hu < -400, -1000.0, MIDDLE, SPACING)


def share(mask: np.ndarray, part: np.ndarray) -> float:
    return float(mask[part].mean())


@pytest.mark.parametrize("gap_blocks", [1, 3])
def test_stomach_under_a_thin_dome_is_no_lung(lungs, gap_blocks):
    below = np.logical_or.accumulate(lungs[::-1], axis=0)[::-1] & ~np.logical_or.accumulate(lungs, axis=0)
    gas = ellipsoid((18, 50, 120), (16, 22, 24)) & below & ~ndimage.binary_dilation(lungs, iterations=gap_blocks)
    hu = chest(lungs, gas, 0)
    foreign = found(hu)
    assert np.count_nonzero(gas) * 0.008 > 60
    assert share(foreign.blocks, gas) > 0.99 and not (foreign.blocks & lungs).sum() * 0.008 > 1
    assert not foreign.pleural.any()


def test_gas_filled_gullet_beside_the_spine_is_no_lung(lungs):
    gas = (np.hypot(Y - 70, X - 68) < 9) & (Z > 15) & (Z < 95)
    foreign = found(chest(lungs, gas, 2))
    assert share(foreign.blocks, gas) > 0.99 and not foreign.pleural.any()
    wall = ndimage.binary_dilation(gas, iterations=2) & ~gas
    assert share(foreign.never_lung, wall) > 0.99 and share(foreign.never_lung, lungs & ~wall & ~gas) < 0.01


def test_bulla_and_cavity_stay_lung(lungs):
    bulla = ellipsoid((75, 50, 130), (18, 22, 20)) & lungs
    cavity = ellipsoid((70, 45, 35), (14, 14, 14))
    for gas, wall in ((bulla, 0), (cavity, 2)):
        hu = chest(lungs, gas, wall)
        foreign = found(hu)
        assert not foreign.never_lung.any()
        assert share(foreign.cavities, gas) > 0.95
    # The cavity hangs together with no other air: by its density alone it would be gas.
    assert share(lung_regions(hu, hu < -400, -1000.0, MIDDLE, SPACING, foreign.cavities), cavity) > 0.99


def test_free_air_around_a_collapsed_lung_is_measured_and_left_out(lungs):
    left = lungs & (X > MIDDLE)
    collapsed = left & ellipsoid((55, 52, 108), (36, 26, 20))
    air = left & ~collapsed
    foreign = found(chest(lungs & ~air, air, 0))
    assert share(foreign.blocks, air) > 0.95 and share(foreign.blocks, collapsed) < 0.05
    assert foreign.left_pleural_ml == pytest.approx(np.count_nonzero(air) * 0.008, rel=0.05) and foreign.right_pleural_ml == 0


def test_a_layer_of_free_air_is_left_out_though_noise_hides_how_dark_it_is(lungs):
    left = lungs & (X > MIDDLE)
    shrunk = left & (((Z - 55) / 47) ** 2 + ((Y - 50) / 33) ** 2 + ((X - 116) / 26) ** 2 < 1)
    air = left & ~shrunk
    hu = chest(lungs & ~air, air, 0, noise_hu=40)
    assert np.mean(hu[air] > -960) > 0.1  # every ball of 8 mm holds blocks that are no darker than lung
    foreign = found(hu)
    assert share(foreign.pleural, air) > 0.75 and share(foreign.blocks, lungs & ~air) < 0.01
    assert foreign.left_pleural_ml == pytest.approx(np.count_nonzero(air) * 0.008, rel=0.2) and foreign.right_pleural_ml == 0


@pytest.mark.parametrize("noise_hu", [8, 40])
def test_a_bulla_that_takes_most_of_a_lung_stays_lung(lungs, noise_hu):
    """It has little lung around it, like free air, but is round."""
    bulla = lungs & ellipsoid((75, 50, 124), (30, 34, 30))
    hu = chest(lungs, bulla, 0, noise_hu)
    assert np.count_nonzero(bulla) * 0.008 > 850
    assert not found(hu).blocks[lungs].any()


def test_what_noise_of_90_hu_leaves_of_a_lung_is_not_taken_for_free_air(lungs):
    """Emphysema and free air look alike then: it stays in the lung."""
    left = lungs & (X > MIDDLE)
    shrunk = left & ellipsoid((55, 52, 108), (36, 26, 20))
    assert not found(chest(lungs, left & ~shrunk, 0, noise_hu=90)).pleural.any()


def test_lungs_that_are_as_dark_as_gas_on_both_sides_stay_lungs(lungs):
    """Severe emphysema in noise: a third of both lungs cannot be free air."""
    hu = chest(lungs, lungs, 0, noise_hu=40)
    hu[lungs] += 20
    foreign = found(hu)
    assert foreign.lungs_are_dark and not foreign.pleural.any()
    one_sided = lungs & (X > MIDDLE)
    assert not found(chest(lungs & ~one_sided, one_sided, 0)).lungs_are_dark


def test_a_tube_of_gas_far_from_the_midline_is_no_free_air(lungs):
    """A conduit whose wall is thinner than a block, beside a lung: whatever it is, no pneumothorax."""
    gas = (np.hypot(Y - 70, X - 112) < 9) & (Z > 15) & (Z < 95)
    assert not found(chest(lungs, gas, 1)).pleural.any()


def test_a_layer_of_free_air_near_the_midline_is_no_gullet(lungs):
    """Its middle lies within the reach of a gastric conduit, but it goes around the lung."""
    left = lungs & (X > MIDDLE)
    shrunk = left & ellipsoid((55, 50, 120), (25, 15, 10))
    foreign = foreign_air(hu := chest(lungs & ~left | shrunk, left & ~shrunk, 0), hu < -400, -1000.0, 95.0, SPACING)
    assert foreign.left_pleural_ml == pytest.approx(np.count_nonzero(left & ~shrunk) * 0.008, rel=0.1)


def test_a_piece_far_below_the_lungs_is_no_lung():
    air = np.zeros((120, 60, 120), bool)
    air[60:110, 10:50, 10:50] = air[60:110, 10:50, 70:110] = True
    base, stool = np.zeros(air.shape, bool), np.zeros(air.shape, bool)
    base[50:57, 10:50, 70:110] = stool[5:25, 10:50, 70:110] = True
    hu = np.where(air | base | stool, -800, 40).astype(np.int16)
    chosen = lung_regions(hu, hu < -400, -1000.0, 60.0, SPACING, np.zeros(air.shape, bool))
    assert np.array_equal(chosen, air | base)


def test_what_begins_beside_a_lungs_base_and_goes_on_far_below_is_no_lung():
    """A colon full of gas and stool."""
    air, colon = np.zeros((120, 60, 120), bool), np.zeros((120, 60, 120), bool)
    air[60:115, 10:50, 10:60], colon[0:64, 20:40, 80:100] = True, True
    hu = np.where(air | colon, -800, 40).astype(np.int16)
    found_lung = lung_regions(hu, air | colon, -1000.0, 60.0, SPACING)
    assert np.count_nonzero(colon) * 0.008 > 50 and np.array_equal(found_lung, air)


@pytest.mark.parametrize(
    ("lung_hu", "colon_hu", "trachea_hu", "colon_is_lung"),
    [(-840, -960, None, False), (-840, -930, None, True), (-965, -960, None, True), (-840, -960, -1000.0, True)],
)
def test_a_piece_darker_than_emphysema_is_gas_where_the_image_shows_no_trachea(lung_hu, colon_hu, trachea_hu, colon_is_lung):
    """The lungs' bases on a scan of the abdomen; scatter has lifted the colon's gas. Lungs as dark as it are no measure."""
    air, colon = np.zeros((100, 60, 120), bool), np.zeros((100, 60, 120), bool)
    air[20:, 10:50, 5:40] = air[20:, 10:50, 80:115] = colon[25:60, 8:30, 46:74] = True
    hu = np.where(air, lung_hu, np.where(colon, colon_hu, 40)).astype(np.int16)
    chosen = lung_regions(hu, hu < -400, trachea_hu, 60.0, SPACING, np.zeros(air.shape, bool))
    assert np.count_nonzero(colon) * 0.008 > 50
    assert share(chosen, air) == 1 and share(chosen, colon) == colon_is_lung


def test_the_tube_that_forks_is_the_trachea():
    hu = np.full((100, 90, 120), 40, np.int16)
    z, y, x = np.ogrid[:100, :90, :120]
    lungs = (np.abs(z - 40) < 38) & (np.abs(y - 45) < 35) & ((np.abs(x - 22) < 18) | (np.abs(x - 98) < 18))
    trachea = (np.hypot(y - 40, x - 60) < 4.5) & (z > 50)
    bronchi = (np.hypot(y - 40, np.abs(x - 60) - (50 - z)) < 4) & (z <= 50) & (z > 32)
    gullet = (np.hypot(y - 56, x - 62) < 7) & (z > 5)
    hu[lungs] = -850
    hu[trachea | bronchi | gullet] = -1000
    air = hu < -400
    assert np.array_equal(find_trachea(hu, air, hu > -250, SPACING) & (z > 55), trachea & (z > 55))
    assert not find_trachea(hu, air, hu > -250, SPACING)[gullet].any()
    assert forks(hu, air & ~gullet, trachea, SPACING) and not forks(hu, air & ~trachea & ~bronchi, gullet & air, SPACING)


@pytest.fixture(scope="module")
def pneumothorax() -> tuple[CtVolume, np.ndarray, float]:
    """A phantom whose left lung is collapsed to 3/4 of its size in each direction; its labels, and the free air in mL."""
    phantom = make_phantom(shape_zyx=(100, 128, 128), spacing_zyx_mm=(3.0, 2.8, 2.8))
    left = phantom.labels == 2
    slices = np.flatnonzero(left.any((1, 2)))
    z = slices[0] + 0.55 * (slices[-1] - slices[0])
    y = np.median(np.nonzero(left[int(z)])[0])
    x = np.flatnonzero(left[int(z), int(y)])[0]
    source = [hilum + (place - hilum) / 0.75 for hilum, place in zip((z, y, x), np.indices(left.shape, np.float32), strict=True)]
    lung = (ndimage.map_coordinates(left.astype(np.float32), source, order=1) > 0.5) & left
    before_hu = ndimage.map_coordinates(phantom.volume.voxels_hu.astype(np.float32), source, order=1)
    hu = phantom.volume.voxels_hu.copy()
    hu[left] = np.random.default_rng(0).normal(-1000, 20, np.count_nonzero(left))
    hu[lung] = np.where(before_hu < -300, -1000 + (before_hu + 1000) / 0.75**3, before_hu)[lung]
    labels = np.where(left & ~lung, 0, phantom.labels).astype(np.uint8)
    air_ml = float(np.count_nonzero(left & ~lung) * 3.0 * 2.8 * 2.8 / 1000)
    return CtVolume(hu, (3.0, 2.8, 2.8)), labels, air_ml


def test_pneumothorax_is_left_out_and_named(pneumothorax):
    volume, labels, air_ml = pneumothorax
    result = segment(volume, "connected-components")
    right, left = (2 * np.count_nonzero((result.labels == k) & (labels == k)) for k in (1, 2))
    sizes = [np.count_nonzero(result.labels == k) + np.count_nonzero(labels == k) for k in (1, 2)]
    assert right / sizes[0] > 0.985 and left / sizes[1] > 0.93
    assert any("on the left was left out of the lung: pneumothorax" in warning for warning in result.warnings)
    for mask in (result, Segmentation(volume, np.where((labels == 0) & (volume.voxels_hu < -900), 0, labels).astype(np.uint8), "truth")):
        flag = next(flag for flag in quality_flags(mask) if flag.key == "structureless_air")
        assert flag.verdict == "review" and "on the left" in flag.reason
        assert flag.value == pytest.approx(air_ml, rel=0.1)


@pytest.mark.parametrize("lowest_hu", [-2000, -1024])
def test_noise_is_told_where_the_scan_clips_it_too(lowest_hu):
    values = np.random.default_rng(0).normal(-1000, 60, 20_000).clip(min=lowest_hu)
    assert noise_hu(values) == pytest.approx(60, rel=0.05)
