"""The phantom as a sample of Slicer's module Sample Data."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from LungSegmentationLib.phantom import make_phantom

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Scene import Display, Nodes, SampleDataSets  # noqa: E402

from .node_helpers import assertSameVolume  # noqa: E402


class SampleDataSource:
    """What Slicer's class of the name asks of its arguments: equally many addresses, files and nodes."""

    def __init__(self, sampleName, uris, fileNames, nodeNames, customDownloader, thumbnailFileName):
        assert isinstance(uris, str)
        self.uris, self.fileNames, self.nodeNames = [uris], [fileNames], [nodeNames]
        self.sampleName, self.customDownloader, self.thumbnailFileName = sampleName, customDownloader, thumbnailFileName


def test_the_sample_that_slicer_offers_loads_the_phantom(mrmlScene, monkeypatch):
    sources = {}

    def register(category, **arguments):
        sources.setdefault(category, []).append(SampleDataSource(**arguments))

    sampleData = ModuleType("SampleData")
    sampleData.SampleDataLogic = SimpleNamespace(registerCustomSampleDataSource=register)
    monkeypatch.setitem(sys.modules, "SampleData", sampleData)
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the sample must not use the network"))
    SampleDataSets.registerSampleData()
    (source,) = sources["LungSegmentation"]
    assert source.sampleName == "LungPhantom"

    (volumeNode,) = source.customDownloader(source)
    phantom = make_phantom()
    assert volumeNode.GetName() == "LungPhantom"
    assertSameVolume(Nodes.ctVolumeFromNode(volumeNode), phantom.volume)
    np.testing.assert_allclose(volumeNode.GetSpacing(), phantom.volume.spacing_zyx_mm[::-1])
    assert Display.presetOfVolume(volumeNode).key == "lung"
    assert slicer.app.applicationLogic().GetSelectionNode().GetActiveVolumeID() == volumeNode.GetID()
