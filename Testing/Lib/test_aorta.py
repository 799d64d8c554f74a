"""The descending aorta is found by its shape, with and without contrast medium, and is never lung."""

import numpy as np
import pytest
from phantoms import phantom_of
from scipy import ndimage

from LungSegmentationLib.anatomy.aorta import find_aorta
from LungSegmentationLib.anatomy.limits import SMALLEST_AORTA_SCORE
from LungSegmentationLib.anatomy.lungs import aorta_blocks
from LungSegmentationLib.anatomy.working_grid import make_working_grid
from LungSegmentationLib.phantom.structures import Structure
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.volume import CtVolume

SPACING_ZYX_MM = (3.0, 2.0, 2.0)


def tube(blood_hu: float, noise_hu: float, radius_mm: float = 13.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two lungs with fat between them and a bent tube of blood in it: HU, lungs, tube."""
    rng = np.random.default_rng(1)
    z, y, x = np.indices((60, 100, 140), dtype=float) * np.array(SPACING_ZYX_MM)[:, None, None, None]
    hu = np.full(z.shape, -850.0)
    hu[np.abs(x - 145) < 30] = -100
    inside = (y - 130 - 0.06 * z) ** 2 + (x - 150 - 8 * np.sin(z / 60)) ** 2 < radius_mm**2
    hu[inside] = blood_hu
    lungs = hu < -500
    return np.rint(hu + noise_hu * rng.standard_normal(hu.shape)).astype(np.int16), lungs, inside


@pytest.mark.parametrize(("blood_hu", "noise_hu"), [(40, 10), (40, 40), (180, 20), (380, 20)])
def test_a_bent_tube_is_followed(blood_hu, noise_hu):
    hu, lungs, inside = tube(blood_hu, noise_hu)
    aorta = find_aorta(hu, lungs, SPACING_ZYX_MM)
    assert aorta.score > SMALLEST_AORTA_SCORE
    # Its radius is one of those tried, its course one of a grid of 2.5 mm.
    assert np.all(np.abs(aorta.radii_mm - 13) <= 3.0)
    marked = aorta.mask(hu.shape, SPACING_ZYX_MM)
    searched = slice(int(np.ceil(aorta.slices[0])), int(aorta.slices[-1]) + 1)
    assert 2 * (marked & inside)[searched].sum() / (marked[searched].sum() + inside[searched].sum()) > 0.85


def spine(hu: np.ndarray, marrow_hu: float) -> tuple[np.ndarray, np.ndarray]:
    """Put uneven bone behind the tube, and soft tissue on its right and behind it, which hides half of its wall: HU, bone."""
    rng = np.random.default_rng(5)
    _, y, x = np.indices(hu.shape, dtype=float) * np.array(SPACING_ZYX_MM)[:, None, None, None]
    soft = (np.abs(x - 145) < 30) & (hu < -50) & ((x < 150) | (y > 142))
    hu = np.where(soft, 40 + 10 * rng.standard_normal(hu.shape), hu)
    from_middle_mm = np.hypot(y - 165, x - 130)
    texture = ndimage.gaussian_filter(rng.standard_normal(hu.shape), [3 / mm for mm in SPACING_ZYX_MM])
    bone = from_middle_mm < 17
    hu[bone] = np.where(from_middle_mm > 14, 600, marrow_hu + 80 * texture / texture.std())[bone]
    return np.rint(hu).astype(np.int16), bone


@pytest.mark.parametrize("marrow_hu", [200, 230, 350])
def test_the_spine_is_no_aorta_where_tissue_hides_half_of_the_aortas_wall(marrow_hu):
    hu, lungs, inside = tube(40, 10)
    hu, bone = spine(hu, marrow_hu)
    marked = find_aorta(hu, lungs, SPACING_ZYX_MM).mask(hu.shape, SPACING_ZYX_MM)
    assert not (marked & bone).any()
    assert (marked & inside).sum() > 0.95 * marked.sum() > 0


def without_fat(hu: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let soft tissue hide most of the tube's wall, and put even marrow and a spinal canal with fat in it behind: HU, marrow, canal."""
    rng = np.random.default_rng(7)
    _, y, x = np.indices(hu.shape, dtype=float) * np.array(SPACING_ZYX_MM)[:, None, None, None]
    soft = (np.abs(x - 145) < 30) & ~inside & ((x < 150) | (y < 126))
    hu = np.where(soft, 40 + 10 * rng.standard_normal(hu.shape), hu)
    from_marrow_mm, from_canal_mm = np.hypot(y - 168, x - 128), np.hypot(y - 188, x - 128)
    hu[(from_marrow_mm < 17) | (from_canal_mm < 15)] = 500
    hu[from_marrow_mm < 15] = 160
    hu[(from_canal_mm < 11) & (y > 188)] = -80
    hu[from_canal_mm < 8] = 20
    return np.rint(hu).astype(np.int16), from_marrow_mm < 15, from_canal_mm < 8


def test_neither_marrow_nor_the_spinal_canal_is_the_aorta_where_little_fat_shows_its_wall():
    hu, lungs, inside = tube(40, 10)
    hu, marrow, canal = without_fat(hu, inside)
    marked = find_aorta(hu, lungs, SPACING_ZYX_MM).mask(hu.shape, SPACING_ZYX_MM)
    assert not (marked & (marrow | canal)).any()
    assert (marked & inside).sum() > 0.95 * marked.sum() > 0


def with_arch(hu: np.ndarray, blood_hu: float) -> tuple[np.ndarray, np.ndarray]:
    """Let the tube turn forwards and to the right at 138 mm, by 30 degrees, bulging into the left lung: HU, arch."""
    rng = np.random.default_rng(9)
    z, y, x = np.indices(hu.shape, dtype=float) * np.array(SPACING_ZYX_MM)[:, None, None, None]
    forwards, right = 138 - y, 156 - x
    along = np.clip(forwards * np.cos(np.pi / 6) + right * np.sin(np.pi / 6), 0, 60)
    apart = np.hypot(forwards - along * np.cos(np.pi / 6), right - along * np.sin(np.pi / 6))
    hu = np.where((z > 132) & (hu > -500), -100, hu)
    arch = np.hypot(apart, np.maximum(0, z - 144)) < 14
    arch &= z > 129
    return np.rint(np.where(arch, blood_hu + 10 * rng.standard_normal(hu.shape), hu)).astype(np.int16), arch


@pytest.mark.parametrize("blood_hu", [40, 250])
def test_the_arch_above_the_tube_is_marked_and_no_fat_and_no_lung(blood_hu):
    hu, _, inside = tube(blood_hu, 10)
    hu, arch = with_arch(hu, blood_hu)
    lungs = hu < -500
    lungs[-1] = False
    course = find_aorta(hu, lungs, SPACING_ZYX_MM)
    above = course.mask_with_arch(hu, SPACING_ZYX_MM) & ~course.mask(hu.shape, SPACING_ZYX_MM)
    assert (above & arch).sum() > 0.75 * arch.sum()
    assert (above & (arch | inside)).sum() > 0.97 * above.sum()


def test_where_the_scan_ends_below_the_arch_the_tube_is_followed_to_its_end():
    hu, lungs, inside = tube(40, 10)
    whole, cut = (find_aorta(hu[:40], seen, SPACING_ZYX_MM) for seen in (np.pad(lungs[:39], ((0, 1), (0, 0), (0, 0))), lungs[:40]))
    assert whole.slices[-1] < 28 and cut.slices[-1] > 37
    marked = cut.mask(hu[:40].shape, SPACING_ZYX_MM)[30:38]
    assert (marked & inside[30:38]).sum() > 0.9 * marked.sum() > 0


def test_where_the_scan_ends_above_the_arch_the_course_ends_with_the_tube():
    hu, _, inside = tube(40, 10)
    hu, arch = with_arch(hu, 40)
    hu[50:][hu[50:] > -500] = -100
    course = find_aorta(hu, hu < -500, SPACING_ZYX_MM)
    assert 40 < course.slices[-1] < 54
    marked = course.mask_with_arch(hu, SPACING_ZYX_MM)
    assert (marked & (inside | arch)).sum() > 0.9 * marked.sum()


def test_where_the_scan_cuts_the_lungs_off_below_the_arch_it_is_looked_for_from_above():
    hu, _, inside = tube(40, 10)
    hu, arch = with_arch(hu, 40)
    hu, arch, inside = hu[28:], arch[28:], inside[28:]
    lungs = hu < -500
    lungs[-1] = False
    marked = find_aorta(hu, lungs, SPACING_ZYX_MM).mask_with_arch(hu, SPACING_ZYX_MM)
    assert (marked & arch).sum() > 0.75 * arch.sum()
    assert (marked & (arch | inside)).sum() > 0.95 * marked.sum()


def test_the_left_lung_is_not_looked_for_between_aorta_and_spine():
    hu, lungs, _ = tube(40, 10)
    course = find_aorta(hu, lungs, SPACING_ZYX_MM)
    medial = course.medial_mask(hu.shape, SPACING_ZYX_MM, 25.0)
    z = int(course.slices[len(course.slices) // 2])
    rows, columns = np.nonzero(medial[z])
    row_mm = SPACING_ZYX_MM[1]
    middle_row, middle_column = (np.interp(z, course.slices, values) for values in (course.rows, course.columns))
    assert columns.max() == np.ceil(middle_column) - 1 and columns.min() == 0
    # From behind the tube, of 13 mm, to 25 mm before it; radii are tried in steps of 2 mm.
    assert (rows.max() - middle_row) * row_mm == pytest.approx(13, abs=4)
    assert (middle_row - rows.min()) * row_mm == pytest.approx(13 + 25, abs=4)
    assert not medial[: int(course.slices[0])].any() and not medial[int(course.slices[-1]) + 1 :].any()


def test_heart_and_hila_right_of_the_aorta_are_no_left_lung_but_a_lung_with_its_vessels_may_reach_across():
    hu, lungs, _ = tube(40, 10)
    grid = make_working_grid(hu, SPACING_ZYX_MM, 2.0)
    course = find_aorta(grid.mean_hu, grid.sample(lungs), grid.spacing_zyx_mm)
    z, row, column = (int(places[len(places) // 2]) for places in (course.slices, course.rows, course.columns))
    far = row - round(50 / grid.spacing_zyx_mm[1])
    across = grid.sample(lungs)
    across[:, :row, column - 30 : column] = False
    across[z, far - 3 : far + 4, column - 20 : column - 10] = True  # with vessels, that are no air
    air = across & (grid.mean_hu < -400)
    _, medial = aorta_blocks(grid, across, air)
    assert medial[z, far, column - 30 : column - 21].all() and not medial[z, far, column + 2 :].any()
    assert not (medial & across)[z, far].any()
    assert not medial[z, far - round(25 / grid.spacing_zyx_mm[1])].any()


def test_noise_has_no_aorta():
    rng = np.random.default_rng(2)
    hu = np.rint(40 + 60 * rng.standard_normal((60, 100, 140))).astype(np.int16)
    aorta = find_aorta(hu, np.ones(hu.shape, bool), SPACING_ZYX_MM)
    assert aorta.score < SMALLEST_AORTA_SCORE and not aorta.mask(hu.shape, SPACING_ZYX_MM).any()


def test_without_lungs_there_is_no_place_to_search():
    hu = np.zeros((10, 20, 20), np.int16)
    assert not find_aorta(hu, np.zeros(hu.shape, bool), SPACING_ZYX_MM).mask(hu.shape, SPACING_ZYX_MM).any()


@pytest.mark.parametrize("contrast", [{}, {"contrast_hu": 220}], ids=str)
def test_the_phantoms_aorta_is_found_and_no_lung_is_lost(contrast):
    phantom = phantom_of(seed=3, shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2), **contrast)
    grid = make_working_grid(phantom.volume.voxels_hu, phantom.volume.spacing_zyx_mm, 2.0)
    labels, structures = grid.sample(phantom.labels), grid.sample(phantom.structures)
    lungs = (labels == 1) | (labels == 2)
    blocks, medial = aorta_blocks(grid, lungs, lungs)
    assert not (medial & lungs).any()
    assert (structures[blocks] == Structure.GREAT_VESSEL).mean() > 0.6  # the rest is its wall
    assert not (blocks & lungs).any()


def test_an_aorta_between_consolidation_and_spine_is_no_lung():
    """Consolidation as dense as the blood beside it is lung up to the aorta's wall, and no farther."""
    phantom = phantom_of(seed=3, shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2))
    rng, hu = np.random.default_rng(0), phantom.volume.voxels_hu.copy()
    aorta = np.zeros(hu.shape, bool)
    spacing = phantom.volume.spacing_zyx_mm
    lungs = (phantom.labels == 1) | (phantom.labels == 2)
    course = find_aorta(hu, lungs, spacing)
    aorta = course.mask(hu.shape, spacing) & (phantom.structures == Structure.GREAT_VESSEL)
    _, y, x = np.nonzero(aorta)
    near = np.zeros(hu.shape, bool)
    near[20:45, int(y.mean()) - 8 : int(y.mean()) + 30, int(x.mean()) : int(x.mean()) + 25] = True
    consolidation = near & (phantom.labels == 2)
    hu[consolidation] = np.rint(np.median(hu[aorta]) + 10 * rng.standard_normal(int(consolidation.sum()))).astype(np.int16)
    volume = CtVolume(hu, spacing)
    for method in ("network", "connected-components"):
        labels = segment(volume, method).labels
        taken_ml = np.count_nonzero(aorta & ((labels == 1) | (labels == 2))) * volume.voxel_volume_ml
        assert taken_ml < 5.0
