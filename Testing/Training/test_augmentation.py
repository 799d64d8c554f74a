"""Training slices show what their targets say."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it is for training only")

import training_parts

from Training.augmentation import SliceFormat, _random_table, random_sample
from Training.losses import dice_loss, weighted_cross_entropy
from Training.scans import PIXEL_MM


@pytest.fixture(scope="module")
def scan():
    return training_parts.small_scan()


def test_a_plain_slice_is_the_scan_itself(scan):
    rows, columns = scan.hu.shape[1:]
    form = SliceFormat(PIXEL_MM, rows, columns, (0.0,))
    image, target = random_sample(scan, form, np.random.default_rng(0), augment=False)
    place = next(z for z in range(scan.hu.shape[0]) if np.abs(image[0].numpy() - scan.hu[z]).max() < 0.1)
    assert np.array_equal(target[:-1].argmax(dim=0).numpy(), scan.labels[place])
    assert torch.all(target[-1] == 1)


@pytest.mark.parametrize("seed", range(25))
def test_right_is_on_the_left_of_the_picture_however_it_is_turned_or_mirrored(scan, seed):
    rng = np.random.default_rng(seed)
    form = SliceFormat(4.0, 112, 128, (-10.0, 0.0, 10.0))
    image, target = random_sample(scan, form, rng)
    assert image.shape == (3, 112, 128) and target.shape == (6, 112, 128)
    assert image.min() >= -1024 and image.max() <= 600
    assert torch.allclose(target[:-1].sum(dim=0), torch.ones(112, 128), atol=1e-5)
    right, left = target[1] > 0.5, target[2] > 0.5
    if right.sum() > 200 and left.sum() > 200:
        columns = torch.arange(128.0)
        assert (right.sum(dim=0) * columns).sum() / right.sum() < (left.sum(dim=0) * columns).sum() / left.sum()


def test_lung_in_the_target_is_dark_in_the_picture(scan):
    rng = np.random.default_rng(3)
    form = SliceFormat(4.0, 112, 128, (0.0,))
    inside, outside = [], []
    for _ in range(30):
        image, target = random_sample(scan, form, rng)
        lung = target[1:3].sum(dim=0)
        inside.append(image[0][lung > 0.99])
        outside.append(image[0][(lung < 0.01) & (image[0] > -900)])
    assert torch.cat(inside).median() < -500 < torch.cat(outside).median()


def test_a_table_lies_in_the_air_outside_the_body(scan):
    rng = np.random.default_rng(4)
    image, target = random_sample(scan, SliceFormat(4.0, 112, 128, (-10.0, 0.0)), rng, augment=False)
    changed = [with_table != image for with_table in (_random_table(image, target, rng) for _ in range(80))]
    changed = [where for where in changed if where.any()]
    assert changed
    for where in changed:
        assert torch.equal(where[0], where[1])
        assert image[where].max() < -800 and target[0][where[0]].min() > 0.99


def test_losses_are_lowest_for_the_truth_and_leave_out_what_is_unsure():
    target = torch.zeros(1, 5, 8, 8)
    target[:, 1, :, :4] = 1
    target[:, 0, :, 4:] = 1
    target[:, 4] = 1
    right = 20 * target[:, :4]
    wrong = 20 * target[:, [1, 0, 2, 3]]
    for loss in (weighted_cross_entropy, dice_loss):
        assert float(loss(right, target)) < 0.05 < float(loss(wrong, target))
    half_wrong = right.clone()
    half_wrong[:, :, :, :2] = wrong[:, :, :, :2]
    target[:, 4, :, :2] = 0
    assert float(weighted_cross_entropy(half_wrong, target)) < 0.05
