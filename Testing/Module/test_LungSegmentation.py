"""The module as Slicer loads it, its logic for scripts, and its own test."""

import subprocess
import sys

import numpy as np
import pytest

from LungSegmentationLib.errors import InputError

from .panel_helpers import METHOD, MODULE_FILE, addPhantom, nodeNames, phantom

HEAVY = ("scipy", "SimpleITK", "skimage", "onnxruntime", "pandas", "matplotlib", "torch", "PIL", "xlsxwriter", "pydicom")

_LOAD = f"""
import sys, time
sys.path[:0] = {[str(MODULE_FILE.parents[1] / "Testing"), str(MODULE_FILE.parent)]!r}
from SlicerBench import application
application.start()
import numpy, slicer.util, vtk.util.numpy_support, slicer.parameterNodeWrapper, slicer.ScriptedLoadableModule, slicer.i18n
from SlicerBench.modules import loadModule
before, start = set(sys.modules), time.process_time()
loadModule({str(MODULE_FILE)!r})
seconds = time.process_time() - start
print(seconds, *sorted(set(sys.modules) - before))
"""


def test_loading_is_quick_and_imports_nothing_that_slicer_lacks_or_that_is_slow(slicerApplication):
    output = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, encoding="utf-8", check=True, timeout=120).stdout
    seconds, *imported = output.splitlines()[-1].split()
    assert "LungSegmentationAdapter.Panel.ParameterNode" in imported
    assert not {name.partition(".")[0] for name in imported} & set(HEAVY)
    assert float(seconds) < 1.5  # it takes some tenths


def test_slicer_knows_the_module_and_its_sample(loadedModule, scene):
    import slicer

    module = loadedModule(MODULE_FILE)
    assert (module.module.title, module.module.categories) == ("Lung CT Segmentation", ("Segmentation",))
    assert "research" in module.module.helpText and module.module.acknowledgementText and module.module.contributors
    assert slicer.selfTests["LungSegmentation"] is not None


def test_the_modules_own_test_passes(loadedModule):
    import slicer

    loadedModule(MODULE_FILE)
    slicer.selfTests["LungSegmentation"](msec=0)


class TestLogic:
    @pytest.fixture
    def logic(self, loadedModule):
        return loadedModule(MODULE_FILE).python.LungSegmentationLogic()

    def test_gives_nodes_tables_flags_and_arrays_without_a_panel(self, logic, scene):
        import slicer

        volumeNode = addPhantom(scene)
        made = logic.process(volumeNode, method=METHOD, parameters={"working_voxel_mm": 3.0}, airways=False, plots=True, surfaces3D=True)
        assert made.segmentationNode.GetName() == "Phantom lungs"
        assert set(made.tableNodes) == {"volumes", "slices", "density", "airways", "airway_branches", "quality"} and set(
            made.chartNodes
        ) == {
            "area",
            "density",
        }
        assert made.result.parameters["working_voxel_mm"] == 3.0 and "field_of_view" in {flag.key for flag in made.measures.flags}
        ids = made.segmentationNode.GetSegmentation().GetSegmentIDs()
        assert len(ids) == 2
        for segmentId, label in zip(ids, (1, 2), strict=True):
            mask = slicer.util.arrayFromSegmentBinaryLabelmap(made.segmentationNode, segmentId, volumeNode)
            np.testing.assert_array_equal(mask > 0, made.result.labels == label)
            assert np.count_nonzero(mask) == pytest.approx(np.count_nonzero(phantom().labels == label), rel=0.01)
        assert made.segmentationNode.GetSegmentation().ContainsRepresentation("Closed surface")

    def test_writes_into_a_given_segmentation_and_only_what_is_asked_for(self, logic, scene):
        given = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
        made = logic.process(addPhantom(scene), given, METHOD, tables=False)
        assert made.segmentationNode is given and (made.tableNodes, made.chartNodes, made.probabilityNode) == ({}, {}, None)
        assert nodeNames(scene) == ["Mine"]
        assert made.summary.right_ml == pytest.approx(phantom().volumes_ml()["label:right_lung"], rel=0.01)

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"method": "guess"}, "no method 'guess'"),
            ({"method": METHOD, "parameters": {"working_voxel_mm": 99}}, "from 0.5 to 4 mm"),
            ({"method": METHOD, "probabilityMap": True}, "choose the method network"),
        ],
    )
    def test_refuses_in_words_and_leaves_the_scene_alone(self, logic, scene, options, words):
        volumeNode = addPhantom(scene)
        before = nodeNames(scene, "vtkMRMLNode")
        with pytest.raises(InputError, match=words):
            logic.process(volumeNode, **options)
        assert nodeNames(scene, "vtkMRMLNode") == before

    def test_the_networks_probability_map_lies_on_the_scan(self, logic, scene):
        pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
        import slicer

        volumeNode = addPhantom(scene)
        made = logic.process(volumeNode, method="network", tables=False, probabilityMap=True)
        node = made.probabilityNode
        percent = slicer.util.arrayFromVolume(node)
        assert percent[made.result.labels == 1].mean() > 90 and percent.max() <= 100
        assert percent[phantom().volume.voxels_hu < -990].mean() < 50
        for volume in (volumeNode, node):
            assert (volume.GetOrigin(), volume.GetSpacing()) == (volumeNode.GetOrigin(), volumeNode.GetSpacing())
        assert node.GetName() == "Phantom lungs probability in percent"
        logic.process(volumeNode, made.segmentationNode, METHOD, tables=False)
        assert nodeNames(scene, "vtkMRMLScalarVolumeNode") == ["Phantom"]
