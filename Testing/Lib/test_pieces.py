"""Pieces of sparse masks, from runs of voxels: the same as a labelling of the whole volume gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from LungSegmentationLib.anatomy.morphology import long_enough
from LungSegmentationLib.anatomy.pieces import pieces_of


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0]))
@settings(max_examples=60, deadline=None)
def test_pieces_and_their_boxes_are_those_of_a_labelling(seed, share):
    generator = np.random.default_rng(seed)
    mask = generator.random(generator.integers(1, 8, 3)) < share
    labels, count = ndimage.label(mask, np.ones((3, 3, 3)))
    pieces = pieces_of(np.flatnonzero(mask), mask.shape)
    assert pieces.count == count
    pairs = sorted(set(zip(labels[mask].tolist(), pieces.numbers.tolist(), strict=True)))
    assert len(pairs) == count == len({number for _, number in pairs})
    boxes = ndimage.find_objects(labels)
    for label, number in pairs:
        corners = [corner[number].tolist() for corner in pieces.boxes()]
        assert corners == [[part.start for part in boxes[label - 1]], [part.stop - 1 for part in boxes[label - 1]]]


def test_the_end_of_a_row_does_not_touch_the_next_row():
    mask = np.zeros((2, 3, 5), bool)
    mask[0, 0, 4] = mask[0, 1, 0] = mask[0, 2, 2] = mask[1, 0, 2] = True
    assert pieces_of(np.flatnonzero(mask), mask.shape).count == 4


def test_short_pieces_are_left_out_by_their_length_in_mm():
    mask = np.zeros((12, 12, 12), bool)
    mask[2, 2:7, 2] = True
    mask[6:10, 8, 8] = True
    spacing = (2.0, 1.0, 0.5)
    lengths = [np.linalg.norm((2.0, 5.0, 0.5)), np.linalg.norm((8.0, 1.0, 0.5))]
    assert pieces_of(np.flatnonzero(mask), mask.shape).diagonals_mm(spacing) == pytest.approx(lengths)
    kept = long_enough(mask, 6.0, spacing)
    assert kept[6:10, 8, 8].all() and np.count_nonzero(kept) == 4
    assert np.array_equal(long_enough(mask, 5.0, spacing), mask)
