"""The phantom: exact truth, anatomy in plausible ranges, and the same body however it is shown."""

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.phantom import ORIENTATIONS, PhantomParameters, Structure, make_phantom
from LungSegmentationLib.volume import to_canonical

SMALL = {"shape_zyx": (48, 80, 80)}
PURE = {**SMALL, "noise_sd_hu": 0.0, "blur_mm": 0.0}
NEIGHBOURS = np.ones((3, 3, 3))


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(**SMALL)


@pytest.fixture(scope="module")
def pure():
    """Without blur and noise: every voxel carries its structure's own density."""
    return make_phantom(**PURE)


def among(phantom, *structures):
    return np.isin(phantom.structures, structures)


def test_same_seed_gives_the_same_voxels_and_another_seed_another_body(phantom):
    again, other = make_phantom(**SMALL), make_phantom(**SMALL, seed=1)
    np.testing.assert_array_equal(again.volume.voxels_hu, phantom.volume.voxels_hu)
    np.testing.assert_array_equal(again.structures, phantom.structures)
    assert np.mean(other.labels != phantom.labels) > 0.001


def test_noise_and_blur_do_not_change_the_truth(phantom, pure):
    np.testing.assert_array_equal(phantom.structures, pure.structures)


def test_volumes_add_up_to_the_grid_and_match_an_independent_count(phantom):
    volumes = phantom.volumes_ml()
    spacing = phantom.volume.spacing_zyx_mm
    grid_ml = phantom.labels.size * spacing[0] * spacing[1] * spacing[2] / 1000
    assert sum(ml for name, ml in volumes.items() if ":" not in name) == pytest.approx(grid_ml)
    assert volumes["label:left_lung"] == pytest.approx((phantom.labels == 2).sum() * grid_ml / phantom.labels.size)
    parts = ("right_lung", "vessel_right", "small_airway_right", "small_airway_wall_right", "nodule_right", "consolidation_right")
    assert sum(volumes[part] for part in parts) == pytest.approx(volumes["label:right_lung"])
    assert volumes["airway_lumen"] == pytest.approx(volumes["label:airways"])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape_zyx", [(60, 96, 96), (30, 80, 48), (24, 32, 32)])
def test_lungs_and_airways_are_each_one_piece_and_the_lungs_never_touch(seed, shape_zyx):
    labels = make_phantom(shape_zyx=shape_zyx, seed=seed, noise_sd_hu=0.0).labels
    # A bronchus is lost between voxel centres that lie 11 mm apart; the lungs are not.
    whole = (1, 2, 3) if shape_zyx[0] > 50 else (1, 2)
    assert all(ndimage.label(labels == label, NEIGHBOURS)[1] == 1 for label in whole)
    assert not (ndimage.binary_dilation(labels == 1, NEIGHBOURS) & (labels == 2)).any()


@pytest.mark.parametrize("seed", range(3))
def test_volumes_are_those_of_an_adult(seed):
    volumes = make_phantom(**SMALL, seed=seed, noise_sd_hu=0.0).volumes_ml()
    assert 2000 < volumes["label:right_lung"] < 3500
    assert 0.8 < volumes["label:left_lung"] / volumes["label:right_lung"] < 0.99
    assert 30 < volumes["label:airways"] < 80
    assert 40 < volumes["vessel_right"] < 250


def test_the_anatomy_is_where_it_belongs(phantom):
    def middle_zyx(mask):
        return np.array(ndimage.center_of_mass(mask))

    right, left = middle_zyx(phantom.labels == 1), middle_zyx(phantom.labels == 2)
    assert right[2] < left[2]
    assert middle_zyx(among(phantom, Structure.LIVER))[2] < middle_zyx(among(phantom, Structure.SPLEEN))[2]
    assert middle_zyx(among(phantom, Structure.HEART))[2] > (right[2] + left[2]) / 2
    assert middle_zyx(among(phantom, Structure.SPINAL_CANAL))[1] > right[1]
    assert middle_zyx(phantom.labels == 3)[0] > right[0]
    lowest = [np.nonzero((phantom.labels == label).any(axis=(1, 2)))[0][0] for label in (1, 2)]
    dome = {
        side: np.nonzero(among(phantom, organ).any(axis=(1, 2)))[0][-1]
        for side, organ in ((1, Structure.LIVER), (2, Structure.STOMACH_GAS))
    }
    assert dome[1] > dome[2], "the right dome stands higher"
    assert min(dome.values()) - max(lowest) >= 6, "the lungs reach below the domes, into the recesses"
    trachea_top = np.nonzero((phantom.labels == 3).any(axis=(1, 2)))[0][-1]
    assert trachea_top > np.nonzero(np.isin(phantom.labels, (1, 2)).any(axis=(1, 2)))[0][-1], "the neck shows above the apices"


@pytest.mark.parametrize("seed", [0, 1])
def test_great_vessels_leave_the_chest_beside_the_apex_not_through_it(seed):
    phantom = make_phantom(**(SMALL | {"seed": seed}))
    vessels = among(phantom, Structure.GREAT_VESSEL)
    # Above the arch of the aorta; below it, branches of the pulmonary artery are surrounded by lung.
    above_arch = phantom.labels.shape[0] * 4 // 5
    assert vessels[above_arch:].any()
    for plane, inside in zip(phantom.labels[above_arch:], vessels[above_arch:], strict=True):
        for label in (1, 2):
            assert not (ndimage.binary_fill_holes(plane == label) & inside).any()


def test_the_lungs_come_close_at_both_junction_lines_and_the_stomach_wall_is_thin():
    phantom = make_phantom(shape_zyx=(75, 144, 144), noise_sd_hu=0.0)
    spacing = phantom.volume.spacing_zyx_mm
    gap = ndimage.distance_transform_edt(phantom.labels != 1, sampling=spacing)
    near = np.argwhere((phantom.labels == 2) & (gap < 5.0))
    middle = ndimage.center_of_mass(phantom.labels == 3)
    assert (near[:, 1] < middle[1] - 20).sum() > 100, "anterior junction line"
    assert ((near[:, 1] > middle[1]) & (near[:, 0] > middle[0])).sum() > 10, "posterior junction line"
    wall = ndimage.distance_transform_edt(phantom.labels == 0, sampling=spacing)[phantom.structures == Structure.STOMACH_GAS].min()
    assert 2.0 < wall < 8.0


@pytest.mark.parametrize("orientation", ["RAS", "LPI", "SPL", "ARI", "PSR", "ILA", "RPI", "LSA"])
def test_every_orientation_shows_the_same_body_at_the_same_place(orientation):
    settings = {"shape_zyx": (20, 36, 48), "spacing_zyx_mm": (15.0, 10.0, 7.5), "arms": True}
    straight, turned = make_phantom(**settings), make_phantom(**settings, orientation=orientation)
    canonical, order = to_canonical(turned.volume)
    np.testing.assert_array_equal(canonical.voxels_hu, straight.volume.voxels_hu)
    np.testing.assert_array_equal(order.apply(turned.labels), straight.labels)
    np.testing.assert_array_equal(order.apply(turned.structures), straight.structures)
    np.testing.assert_allclose(canonical.origin_lps_mm, straight.volume.origin_lps_mm, atol=1e-9)
    np.testing.assert_allclose(canonical.spacing_zyx_mm, straight.volume.spacing_zyx_mm)
    np.testing.assert_array_equal(canonical.direction_lps, np.eye(3))


@pytest.mark.parametrize("orientation", ["LPS", "RAS", "SPL", "AIL"])
def test_itk_finds_the_right_lung_on_the_right_in_every_orientation(orientation):
    phantom = make_phantom(shape_zyx=(24, 32, 40), orientation=orientation)
    image = sitk.GetImageFromArray(phantom.labels)
    image.SetSpacing(phantom.volume.spacing_zyx_mm[::-1])
    image.SetOrigin(phantom.volume.origin_lps_mm)
    image.SetDirection(phantom.volume.direction_lps.ravel().tolist())
    code = sitk.DICOMOrientImageFilter.GetOrientationFromDirectionCosines(image.GetDirection())
    assert code == orientation
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(image)
    assert shape.GetCentroid(1)[0] < -30 < 30 < shape.GetCentroid(2)[0]


def test_there_are_48_orientations():
    assert len(set(ORIENTATIONS)) == 48
    assert {"LPS", "RAS", "SPL"} <= set(ORIENTATIONS)


def test_the_truth_does_not_depend_on_the_resolution():
    # Every voxel centre of the coarse grid is one of the fine grid's; a wide junction serves both.
    settings = {"junction_mm": 20.0, "noise_sd_hu": 0.0, "blur_mm": 0.0}
    coarse = make_phantom(shape_zyx=(25, 35, 35), spacing_zyx_mm=(12.0, 9.0, 9.0), **settings)
    fine = make_phantom(shape_zyx=(75, 105, 105), spacing_zyx_mm=(4.0, 3.0, 3.0), **settings)
    assert np.mean(fine.labels[1::3, 1::3, 1::3] != coarse.labels) < 1e-4


def test_coverage_crops_the_scan_without_moving_the_body(phantom):
    part = make_phantom(**SMALL, coverage=(0.25, 0.75))
    assert part.volume.voxels_hu.shape == (24, 80, 80)
    assert np.mean(part.structures != phantom.structures[12:36]) < 1e-4
    expected = np.add(phantom.volume.origin_lps_mm, (0, 0, 12 * phantom.volume.spacing_zyx_mm[0]))
    np.testing.assert_allclose(part.volume.origin_lps_mm, expected)


@pytest.mark.parametrize(
    ("structure", "hu"),
    [
        (Structure.AIR_OUTSIDE, -1000),
        (Structure.AIRWAY_LUMEN, -1000),
        (Structure.STOMACH_GAS, -1000),
        (Structure.TABLE_FOAM, -950),
        (Structure.FAT, -100),
        (Structure.MUSCLE, 50),
        (Structure.HEART, 40),
        (Structure.VESSEL_LEFT, 40),
        (Structure.NODULE_RIGHT, 30),
        (Structure.BONE, 600),
    ],
)
def test_pure_structures_carry_their_own_density(pure, structure, hu):
    values = pure.volume.voxels_hu[pure.structures == structure]
    assert values.size > 0
    assert np.unique(values).tolist() == [hu]


def test_parenchyma_is_denser_at_the_back(pure):
    values, lung = pure.volume.voxels_hu, among(pure, Structure.RIGHT_LUNG, Structure.LEFT_LUNG)
    assert values[lung].mean() == pytest.approx(-860, abs=8)
    rows = np.nonzero(lung)[1] * pure.volume.spacing_zyx_mm[1]
    slope_hu_per_mm = np.polyfit(rows, values[lung], 1)[0]
    assert slope_hu_per_mm * 180 == pytest.approx(60, abs=6)
    assert 8 < np.std(values[lung] - slope_hu_per_mm * rows) < 16


def test_noise_has_the_asked_standard_deviation_and_is_correlated_in_plane_only():
    silent, noisy = make_phantom(**SMALL, noise_sd_hu=0.0), make_phantom(**SMALL, noise_sd_hu=35.0)
    noise = np.where(among(silent, Structure.LIVER), noisy.volume.voxels_hu - silent.volume.voxels_hu, 0).astype(float)
    inside = ndimage.binary_erosion(noise != 0, NEIGHBOURS)
    assert noise[inside].std() == pytest.approx(35, rel=0.03)
    assert abs(noise[inside].mean()) < 1
    for axis, (low, high) in {0: (-0.05, 0.05), 1: (0.2, 0.6), 2: (0.2, 0.6)}.items():
        correlation = np.corrcoef(noise[inside], np.roll(noise, 1, axis)[inside])[0, 1]
        assert low < correlation < high


def test_consolidation_is_dense_lung_that_reaches_the_pleura(pure):
    sick = {share: make_phantom(**PURE, consolidation=share) for share in (0.4, 1.0)}
    for phantom in sick.values():
        np.testing.assert_array_equal(phantom.labels, pure.labels)
        dense = phantom.structures == Structure.CONSOLIDATION_RIGHT
        assert phantom.volume.voxels_hu[dense].min() > 0
        assert (ndimage.binary_dilation(dense) & (phantom.labels == 0)).sum() > 50
        assert np.isin(phantom.structures[ndimage.binary_fill_holes(dense) & ~dense], range(30, 36)).all()
    part, whole = (sick[share].volumes_ml()["consolidation_right"] for share in (0.4, 1.0))
    assert part / whole == pytest.approx(0.4, abs=0.05)
    assert 0.3 < whole / pure.volumes_ml()["label:right_lung"] < 0.6, "a lower lobe"


def test_emphysema_is_the_asked_fraction_of_the_lungs():
    phantom = make_phantom(**PURE, emphysema=0.4)
    lung = np.isin(phantom.labels, (1, 2))
    assert np.mean(phantom.volume.voxels_hu[lung] < -915) == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize(("side", "label"), [("right", 1), ("left", 2)])
def test_effusion_replaces_lung_at_the_back_and_is_not_lung(pure, side, label):
    phantom = make_phantom(**PURE, effusion=0.7, sick_side=side)
    fluid = phantom.structures == Structure.EFFUSION
    np.testing.assert_array_equal(pure.labels[fluid], label)
    np.testing.assert_array_equal(phantom.labels[fluid], 0)
    np.testing.assert_array_equal(np.where(fluid, label, phantom.labels), pure.labels)
    assert 150 < phantom.volumes_ml()["effusion"] < 1000
    fluid_middle, lung_middle = ndimage.center_of_mass(fluid), ndimage.center_of_mass(phantom.labels == label)
    assert fluid_middle[0] < lung_middle[0]
    assert fluid_middle[1] > lung_middle[1]


@pytest.mark.parametrize(("kept", "label"), [("right", 1), ("left", 2)])
def test_after_a_pneumonectomy_soft_tissue_fills_the_other_side(pure, kept, label):
    phantom = make_phantom(**PURE, lungs=kept, sick_side=kept)
    assert sorted(np.unique(phantom.labels)) == [0, label, 3]
    lost = phantom.structures[(pure.labels == 3 - label) & (phantom.labels == 0)]
    assert np.mean(lost == Structure.PNEUMONECTOMY) > 0.999
    np.testing.assert_array_equal(phantom.labels == label, pure.labels == label)


def test_padding_fills_the_corners_and_nothing_else(phantom):
    padded = make_phantom(**SMALL, padding=True, padding_hu=-3024)
    corners = padded.structures == Structure.PADDING
    assert corners.mean() == pytest.approx(1 - np.pi / 4, abs=0.01)
    assert np.unique(padded.volume.voxels_hu[corners]).tolist() == [-3024]
    np.testing.assert_array_equal(padded.volume.voxels_hu[~corners], phantom.volume.voxels_hu[~corners])


def test_parts_can_be_left_out_without_changing_the_lungs(phantom):
    parts = (Structure.TABLE, Structure.CLOTHES, Structure.STOMACH_GAS, Structure.NODULE_LEFT, Structure.NODULE_RIGHT)
    without = make_phantom(**SMALL, table=False, clothes=False, stomach_gas=False, nodules=False)
    assert all((phantom.structures == part).any() for part in parts)
    assert not among(without, *parts).any()
    np.testing.assert_array_equal(without.labels, phantom.labels)


def test_arms_lie_beside_the_body_and_a_large_body_is_cut_by_the_field_of_view():
    arms = make_phantom(shape_zyx=(30, 48, 72), spacing_zyx_mm=(10.0, 7.5, 7.5), arms=True)
    columns = np.nonzero(arms.structures == Structure.ARM)[2]
    body = np.nonzero(among(arms, Structure.RIGHT_LUNG, Structure.LEFT_LUNG))[2]
    assert columns.min() < body.min() < body.max() < columns.max()
    large = make_phantom(**SMALL, scale=1.25)
    assert (large.structures[:, :, 0] == Structure.FAT).any()


def test_lung_density_is_that_of_real_healthy_lungs(shared_data, phantom):
    def mean_hu(image, labels):
        inside = ndimage.binary_erosion(np.isin(labels, (1, 2)), iterations=2)
        return image[inside].mean()

    real = []
    for name in ("lidc0001", "lidc0003"):
        image, labels = (sitk.GetArrayFromImage(sitk.ReadImage(str(shared_data / f"{name}_{kind}.nii.gz"))) for kind in ("ct", "ref"))
        real.append(mean_hu(image, labels))
    assert min(real) - 50 < mean_hu(phantom.volume.voxels_hu, phantom.labels) < max(real) + 50


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"orientation": "LPX"}, "orientation is 'LPX'"),
        ({"orientation": "LRS"}, "orientation is 'LRS'"),
        ({"lungs": "none"}, "lungs is 'none'"),
        ({"consolidation": 1.5}, "consolidation is 1.5; expected a number from 0 to 1"),
        ({"emphysema": float("nan")}, "emphysema is nan"),
        ({"coverage": (0.6, 0.4)}, "coverage is"),
        ({"coverage": (0.5, 0.501)}, "at least two slices"),
        ({"shape_zyx": (0, 10, 10)}, "shape_zyx is"),
        ({"spacing_zyx_mm": (1.0, 1.0)}, "spacing_zyx_mm is"),
        ({"lungs": "left", "effusion": 0.5}, "sick_side is 'right'"),
        ({"noise": 3}, "no parameter 'noise'"),
    ],
)
def test_unusable_parameters_are_named(changes, message):
    with pytest.raises(InputError, match=message):
        make_phantom(PhantomParameters(), **changes)
