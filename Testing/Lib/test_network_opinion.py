"""What the network says of a scan that another method segmented."""

import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from phantoms import phantom_of, result_on_small_phantom, small_phantom

import LungSegmentationLib.methods.network_opinion as opinion
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.progress import Cancelled, no_progress
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.grid import make_quality_grid

needs_onnxruntime = pytest.mark.skipif(find_spec("onnxruntime") is None, reason="onnxruntime is not installed: the network is not asked")


@needs_onnxruntime
@pytest.mark.parametrize("method", ["connected-components", "threshold", "contour-tracking"])
def test_a_classical_result_carries_what_the_network_says(method):
    result = result_on_small_phantom(method)
    evidence = result.evidence
    assert evidence.is_second_opinion and result.uncertainty is None and result.probability is None
    grid = make_quality_grid(result)
    says_lung = evidence.at(evidence.lung_probability, grid.places_zyx()) > 127
    assert np.mean(says_lung[grid.sample_lungs]) > 0.95
    assert np.count_nonzero(says_lung & (grid.sample_labels == 0)) < 0.05 * np.count_nonzero(grid.sample_lungs)


def test_it_is_not_asked_where_the_user_does_not_want_it():
    assert segment(small_phantom().volume, "connected-components", {"ask_network": False}).evidence is None


def test_the_network_s_own_result_needs_no_second_opinion():
    assert not result_on_small_phantom("network").evidence.is_second_opinion


@needs_onnxruntime
def test_consolidation_that_a_classical_method_leaves_out_is_pointed_at():
    """A lobe that is dense through and through touches wall and diaphragm: density alone cannot tell it."""
    phantom = phantom_of(seed=3, shape_zyx=(90, 160, 160), spacing_zyx_mm=(3.3, 2.2, 2.2), consolidation=0.6, sick_side="left")
    result = segment(phantom.volume, "connected-components")
    missed = (phantom.labels == 2) & (result.labels == 0) & (phantom.volume.voxels_hu > -200)
    assert np.count_nonzero(missed) * phantom.volume.voxel_volume_ml > 60
    flag = next(flag for flag in quality_flags(result) if flag.key == "unsure_tissue")
    assert flag.verdict == "review" and flag.places[0].side == "left"
    assert missed[tuple(slice(*span) for span in flag.places[0].box_zyx)].sum() * phantom.volume.voxel_volume_ml > 30
    alone = next(flag for flag in quality_flags(replace(result, evidence=None)) if flag.key == "unsure_tissue")
    assert alone.verdict == "pass" and "does not tell" in alone.reason


def test_without_onnx_runtime_or_the_network_s_file_it_is_not_asked(monkeypatch):
    volume = small_phantom().volume
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "onnxruntime", None)
        assert opinion.network_opinion(volume, no_progress) is None
    monkeypatch.setattr(opinion, "DEFAULT_MODEL", "not there")
    assert opinion.network_opinion(volume, no_progress) is None


@needs_onnxruntime
def test_it_can_be_cancelled():
    def cancelled(fraction: float, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        opinion.network_opinion(small_phantom().volume, cancelled)
