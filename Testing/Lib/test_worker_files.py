"""What goes between the module and its worker: jobs, outcomes, progress, through files and lines that lose nothing."""

import resource
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.background.jobs.serialization import arrays_of_result, metadata_of_measures, metadata_of_result
from LungSegmentationLib.background.protocol import parse_line, read_job, read_outcome, remove_job, write_job, write_outcome
from LungSegmentationLib.background.steps import run_all
from LungSegmentationLib.background.worker import _sparse_progress
from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.measures import measure
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.region_of_interest import RegionOfInterest
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5), seed=1, orientation="AIR")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


floats = st.floats(allow_nan=False, allow_infinity=False, width=64)


@settings(max_examples=40, deadline=None)
@given(
    origin=st.tuples(floats, floats, floats),
    spacing=st.tuples(*[st.floats(0.05, 50)] * 3),
    name=st.text(min_size=1),
    warnings=st.lists(st.text()),
    parameters=st.dictionaries(st.text(), st.booleans() | st.integers() | floats),
    wanted=st.tuples(*[st.booleans()] * 3),
    order=st.permutations(range(3)),
    with_labels=st.booleans(),
)
def test_a_job_is_read_as_it_was_written(tmp_path_factory, origin, spacing, name, warnings, parameters, wanted, order, with_labels):
    folder = tmp_path_factory.mktemp("job")
    voxels = np.arange(-1024, -1024 + 24, dtype=np.int16).reshape(2, 3, 4).transpose(order)
    volume = CtVolume(voxels, spacing, origin, np.eye(3)[list(order)], name, tuple(warnings), {"path": Path("a b"), "contrast_agent": True})
    labels = (voxels % 3).astype(np.uint8) if with_labels else None
    job = Job(volume, "threshold", parameters, *wanted[:2], None, wanted[2], labels)
    run_all(write_job(job, folder))
    back = read_job(folder)
    for array, expected in ((back.volume.voxels_hu, voxels), (back.volume.direction_lps, volume.direction_lps)):
        np.testing.assert_array_equal(array, expected)
    assert (back.labels is None) == (labels is None) and back.vessel_labels is None
    if labels is not None:
        np.testing.assert_array_equal(back.labels, labels)
    back.volume.voxels_hu[...] = 0  # a method may, and the file stays
    np.testing.assert_array_equal(read_job(folder).volume.voxels_hu, voxels)
    for field in ("spacing_zyx_mm", "origin_lps_mm", "name", "warnings"):
        assert getattr(back.volume, field) == getattr(volume, field)
    assert back.volume.source == {"path": "a b", "contrast_agent": True}
    for field in ("method", "parameters", "airways", "vessels", "vessel_rule", "probability"):
        assert getattr(back, field) == getattr(job, field)
    remove_job(folder)
    assert not folder.exists()


def test_a_full_disk_is_an_output_error_and_nothing_looks_finished(phantom, folder):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    outcome = Job(phantom.volume, labels=phantom.labels).run()[0]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"job\.voxels\.npy .* free some space"):
            run_all(write_job(Job(phantom.volume), folder))
        with pytest.raises(OutputError, match=r"outcome\.labels\.npy .* free some space"):
            run_all(write_outcome(({}, {"labels": outcome.labels}), folder))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(folder.glob("*.npy")) and not list(folder.glob("*.json"))
    remove_job(folder)
    assert not folder.exists()


@given(st.lists(st.tuples(st.floats(-1, 2), st.sampled_from(["a", "b"])), max_size=600))
def test_progress_never_falls_never_floods_and_loses_no_step(reports):
    sent = []
    progress = _sparse_progress(sent.append)
    for fraction, text in reports:
        progress(fraction, text)
    fractions = [message["fraction"] for message in sent]
    assert fractions == sorted(fractions)
    texts = [text for _, text in reports]
    changes = sum(text != before for before, text in zip([None, *texts], texts, strict=False))
    assert changes <= len(sent) <= changes + 401
    steps = [m["text"] for m in sent]
    assert [t for t, before in zip(steps, [None, *steps], strict=False) if t != before] == [
        t for t, before in zip(texts, [None, *texts], strict=False) if t != before
    ]
    if reports:
        assert fractions[-1] == pytest.approx(max(-1, min(1, max(f for f, _ in reports))), abs=0.006)


@pytest.mark.parametrize("line", [b"", b"Loading libraries ...", b"[1, 2]", b'"text"', b'{"fraction": 0.', b"\xff\xfe"])
def test_a_line_that_is_not_of_the_protocol_is_an_empty_message(line):
    assert parse_line(line) == {}


def test_every_part_of_a_result_survives(phantom, folder):
    shape = phantom.labels.shape
    arrays = {"labels": phantom.labels, "vessels": phantom.labels % 3, "probability": np.arange(256, dtype=np.uint8)[phantom.labels * 80]}
    plain = {
        "method": "network",
        "parameters": {"model": "compact", "threshold_hu": -400.0, "mirror_averaging": True},
        "timings_s": {"Thinking": 1.5},
        "warnings": ("one; with ümlauts",),
        "vessel_rule": "tubularity",
        "method_reason": "because",
        "uncertainty": 0.125,
        "region": RegionOfInterest("box", ((1.0, 0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 3.0), (0.0, 0.0, 1.0, 4.0), (0.0, 0.0, 0.0, 1.0))),
    }
    result = Segmentation(volume=phantom.volume, **arrays, **plain)
    # The evidence and the labels of the whole are for the verdict, which the worker itself makes.
    assert {field.name for field in fields(Segmentation)} == {"volume", "evidence", "whole_labels", *arrays, *plain}
    metadata = {"result": metadata_of_result(result), "measures": metadata_of_measures(measure(result))}
    run_all(write_outcome((metadata, arrays_of_result(result)), folder))
    back, _ = run_all(read_outcome(Job(phantom.volume), folder))
    for name, array in arrays.items():
        np.testing.assert_array_equal(getattr(back, name), array)
        assert getattr(back, name).shape == shape and getattr(back, name).flags.writeable
    assert {name: getattr(back, name) for name in plain} == plain
    remove_job(folder)
    assert not folder.exists()


def test_a_table_survives_to_its_last_detail(phantom, folder):
    job = Job(phantom.volume, labels=phantom.labels)
    _, measures = job.run()
    run_all(write_outcome(job.do(no_progress), folder))
    _, back = run_all(read_outcome(job, folder))
    for key, table in measures.tables.items():
        assert asdict(back.tables[key]) == asdict(table)
        assert [[type(cell) for cell in row.values()] for row in back.tables[key].rows] == [
            [type(cell) for cell in row.values()] for row in table.rows
        ]
