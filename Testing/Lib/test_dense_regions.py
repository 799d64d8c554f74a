"""Of the soft tissue that a network marks as lung, fat, what hangs in fat, and pleural effusion are left out."""

import numpy as np
import pytest
from scipy import ndimage

from LungSegmentationLib.anatomy.local_statistics import local_statistics
from LungSegmentationLib.network.dense_regions import accept_dense_regions, fluid_in_bulk

SPACING_ZYX_MM = (2.0, 2.0, 2.0)


@pytest.mark.parametrize(("density_hu", "touches", "is_kept"), [(40, True, True), (40, False, False), (-100, True, False)])
def test_a_dense_region_is_lung_where_it_touches_its_lung_and_is_not_fat(density_hu, touches, is_kept):
    dense = np.zeros((20, 20, 20), bool)
    dense[5:15, 5:15, 5:15] = True
    side = np.zeros(dense.shape, bool)
    side[: 5 if touches else 3] = True
    mean_hu = np.where(dense, density_hu, -850).astype(np.int16)
    kept = accept_dense_regions(dense, side, mean_hu, SPACING_ZYX_MM)
    assert not kept[~dense].any()
    assert kept[7:13, 7:13, 7:13].all() if is_kept else not kept[7:13, 7:13, 7:13].any()


def test_what_fat_parts_from_the_lung_is_not_lung_and_patchy_disease_of_its_density_is():
    dense, side = np.zeros((2, 30, 24, 24), bool)
    dense[6:26, 4:20, 4:20] = True
    side[:6] = True
    bowel = np.full(dense.shape, -850, np.int16)
    bowel[dense] = 30
    bowel[6:14, 4:20, 4:20] = -100
    assert not accept_dense_regions(dense, side, bowel, SPACING_ZYX_MM)[7:].any()
    patchy = np.where(np.indices(dense.shape).sum(axis=0) % 2, -400, 200).astype(np.int16)  # -100 HU on average
    assert accept_dense_regions(dense, side, patchy, SPACING_ZYX_MM)[dense].all()


@pytest.mark.parametrize(("fat_rows", "is_kept"), [(slice(4, 18), False), (slice(0, 0), True)], ids=["in fat", "without fat"])
def test_gas_in_a_region_with_fat_is_no_lung_to_touch(fat_rows, is_kept):
    """A loop of bowel in fat holds gas that the network took for lung too, and hangs on to the lung by a thin bridge."""
    dense, side = np.zeros((2, 40, 22, 22), bool)
    side[:6] = True
    dense[6:36, 4:18, 4:18] = True
    side[26:30, 10:13, 10:13] = True  # the gas
    dense &= ~side
    dense[6:8] = False
    dense[6:8, 10:12, 10:12] = not is_kept
    mean_hu = np.where(dense, 30, -850).astype(np.int16)
    mean_hu[8:18, fat_rows, 4:18] = -100
    mean_hu[6:18, 10:12, 10:12] = 30  # the bridge
    kept = accept_dense_regions(dense, side, mean_hu, SPACING_ZYX_MM)
    assert kept[20:34, 6:16, 6:16][dense[20:34, 6:16, 6:16]].all() if is_kept else not kept.any()


def layer_at_the_back(layer_hu: float, noise_hu: float, uneven_hu: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Aerated lung before a layer of 24 mm, which lies on the chest wall: HU, lung, layer."""
    rng = np.random.default_rng(4)
    hu = np.full((40, 60, 50), 50.0)
    lung, layer = np.zeros((2, *hu.shape), bool)
    lung[4:36, 6:36, 6:44] = True
    layer[4:36, 36:48, 6:44] = True
    hu[lung] = -850
    texture = ndimage.gaussian_filter(rng.standard_normal(hu.shape), 1.0)
    hu[layer] = (layer_hu + uneven_hu * texture / texture.std())[layer]
    return np.rint(hu + noise_hu * rng.standard_normal(hu.shape)).astype(np.int16), lung, layer


@pytest.mark.parametrize("noise_hu", [8, 30])
def test_an_even_layer_of_water_on_the_chest_wall_is_effusion(noise_hu):
    hu, lung, layer = layer_at_the_back(6, noise_hu)
    kept = accept_dense_regions(layer, lung, hu, SPACING_ZYX_MM)
    assert np.count_nonzero(kept) < 0.05 * np.count_nonzero(layer)


@pytest.mark.parametrize(
    ("layer_hu", "uneven_hu"), [(40, 0), (30, 0), (6, 60)], ids=["collapsed", "consolidated", "as dense as water, with air in it"]
)
def test_a_layer_of_sick_lung_stays_lung(layer_hu, uneven_hu):
    hu, lung, layer = layer_at_the_back(layer_hu, 15, uneven_hu)
    assert accept_dense_regions(layer, lung, hu, SPACING_ZYX_MM)[layer].all()


def test_collapsed_lung_before_an_effusion_stays_lung():
    hu, lung, layer = layer_at_the_back(6, 12)
    collapsed = layer & (np.arange(layer.shape[1]) < 41)[:, None]
    hu[collapsed] += 60
    kept = accept_dense_regions(layer, lung, hu, SPACING_ZYX_MM)
    assert np.count_nonzero(kept & collapsed) > 0.8 * np.count_nonzero(collapsed)
    assert np.count_nonzero(kept & ~collapsed) < 0.15 * np.count_nonzero(layer & ~collapsed)


def test_dead_tissue_within_a_tumour_is_no_effusion():
    hu, lung, layer = layer_at_the_back(45, 12)
    dead = np.zeros(layer.shape, bool)
    dead[12:28, 38:45, 14:36] = True
    hu[dead] -= 40
    assert not fluid_in_bulk(hu, local_statistics(hu), lung | layer, SPACING_ZYX_MM).any()
    assert accept_dense_regions(layer, lung, hu, SPACING_ZYX_MM)[layer].all()
