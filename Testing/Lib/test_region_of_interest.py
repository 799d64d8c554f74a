"""A result limited to a box: which voxels are kept, what the figures say, and by what it is judged."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phantoms import phantom_of

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.measures import measure
from LungSegmentationLib.region_of_interest import RegionOfInterest, limited
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume


def box(centre_mm, half_mm, turn=None, name="box") -> RegionOfInterest:
    lps_from_box = np.eye(4)
    lps_from_box[:3, :3] = (np.eye(3) if turn is None else turn) * half_mm
    lps_from_box[:3, 3] = centre_mm
    return RegionOfInterest(name, tuple(map(tuple, np.linalg.inv(lps_from_box).tolist())))


def turned(seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_voxel_is_kept_where_its_centre_lies_in_the_box(seed):
    random = np.random.default_rng(seed)
    volume = CtVolume(np.zeros((5, 9, 7), np.int16), (2.5, 0.8, 1.1), tuple(random.uniform(-50, 50, 3)), turned(seed + 1))
    result = Segmentation(volume, np.ones((5, 9, 7), np.uint8), "test", vessels=np.full((5, 9, 7), 2, np.uint8))
    k, j, i = np.indices((5, 9, 7))
    places = np.einsum("ab,b...->a...", volume.direction_lps, np.stack([i * 1.1, j * 0.8, k * 2.5])) + np.reshape(
        volume.origin_lps_mm, (3, 1, 1, 1)
    )
    centre, half, turn = places[:, 2, 4, 3] + random.uniform(-2, 2, 3), random.uniform(1.5, 6, 3), turned(seed + 2)
    local = np.einsum("ba,b...->a...", turn, places - centre.reshape(3, 1, 1, 1))
    expected = (np.abs(local) <= half.reshape(3, 1, 1, 1)).all(axis=0)
    try:
        kept = limited(result, box(centre, half, turn))
    except InputError:
        assert not expected.any()
        return
    np.testing.assert_array_equal(kept.labels, expected)
    np.testing.assert_array_equal(kept.vessels, 2 * expected)
    assert kept.whole_labels is result.labels


def test_faces_through_centres_keep_them_and_a_box_without_size_or_lung_is_refused():
    volume = CtVolume(np.zeros((4, 5, 6), np.int16), (3.0, 0.7, 0.7), (0.1, 0.2, 0.3))
    result = Segmentation(volume, np.ones((4, 5, 6), np.uint8), "test")
    region = box((0.1 + 2 * 0.7, 0.2 + 2 * 0.7, 0.3 + 3.0), (0.7, 1.4, 3.0))
    expected = np.zeros((4, 5, 6), np.uint8)
    expected[0:3, 0:5, 1:4] = 1
    np.testing.assert_array_equal(limited(result, region).labels, expected)
    assert RegionOfInterest.from_facts(asdict(region)) == region
    with pytest.raises(InputError, match=r"no lung lies inside the region of interest 'box'; draw it around lung"):
        limited(result, box((100, 0, 0), (1, 1, 1)))
    with pytest.raises(InputError, match="has no size"):
        RegionOfInterest("flat", ((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)))


def test_a_limited_run_has_the_figures_of_its_part_and_the_verdict_of_the_whole():
    phantom = phantom_of(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
    volume = phantom.volume
    whole, whole_measures = Job(volume, "connected-components").run()
    middle = np.array(volume.origin_lps_mm) + 0.5 * np.array([95 * 3.7, 95 * 3.7, 59 * 5.0])
    region = box(middle, (400.0, 400.0, 40.0))  # slices 22 to 37
    job = Job(volume, "connected-components", region=region)
    result, measures = Job.from_parts(*job.parts()).run()
    assert result.region == region
    expected = np.zeros_like(whole.labels)
    expected[22:38] = whole.labels[22:38]
    np.testing.assert_array_equal(result.labels, expected)
    right_ml = np.count_nonzero(expected == 1) * volume.voxel_volume_ml
    assert measures.volumes[0].volume_ml == pytest.approx(right_ml)
    of_whole = {flag.key: flag for flag in whole_measures.flags}
    flags = {flag.key: flag for flag in measures.flags}
    told = flags.pop("region_of_interest")
    assert flags == of_whole
    share = 100 * np.isin(expected, (1, 2)).sum() / np.isin(whole.labels, (1, 2)).sum()
    assert told.kind == "coverage" and told.verdict == "cut" and told.value == pytest.approx(share)
    assert f"'box' was kept, which holds {share:.0f} % of the lungs: volumes, densities" in told.reason
    # What is measured again has nothing of the rest left: no check speaks of it.
    again = measure(replace(result, whole_labels=None))
    assert {flag.verdict for flag in again.flags if flag.kind == "quality"} == {"pass"}
    assert next(flag for flag in again.flags if flag.key == "region_of_interest").value is None
