"""The bench loads and runs a scripted module as Slicer does, on a real scene."""

import shutil
from pathlib import Path

import numpy as np
import pytest

_SAMPLE = Path(__file__).parent / "SampleModule" / "VoxelCount.py"
_VOXELS = np.array([[[-900, -600], [-400, 100]]], np.int16)


def _sampleName(source):
    return source.sampleName


@pytest.fixture
def sample(loadedModule):
    return loadedModule(_SAMPLE)


@pytest.fixture
def volume(scene):
    import slicer

    return slicer.util.addVolumeFromArray(_VOXELS, name="CT")


class TestModule:
    def test_is_found_where_slicer_has_it(self, sample):
        import slicer

        assert sample.module is slicer.modules.voxelcount is slicer.util.getModule("VoxelCount")
        assert (slicer.moduleNames.VoxelCount, "VoxelCount" in slicer.util.moduleNames()) == ("VoxelCount", True)
        assert (sample.module.title, sample.module.categories) == ("Voxel Count", ("Testing",))
        assert slicer.util.modulePath("VoxelCount") == str(_SAMPLE)
        assert sample.widget is slicer.modules.VoxelCountWidget is slicer.util.getModuleWidget("VoxelCount")
        assert slicer.util.getModuleLogic("VoxelCount") is sample.widget.logic
        assert slicer.modules.VoxelCountInstance.resourcePath("UI/VoxelCount.ui") == str(_SAMPLE.parent / "Resources/UI/VoxelCount.ui")

    def test_a_click_counts_and_shows(self, sample, volume, grab):
        import slicer

        ui = sample.widget.ui
        assert (ui.inputSelector.currentNode(), ui.countButton.enabled) == (volume, True)
        ui.countButton.click()
        table = ui.tableSelector.currentNode()
        assert ui.resultLabel.text == str((_VOXELS < -500).sum()) == table.GetCellText(0, 0)
        assert ui.resultTable.model().index(0, 0).data() == "2"
        ui.thresholdSlider.value = -700
        ui.sideComboBox.setCurrentText("above")
        ui.countButton.click()
        assert ui.resultLabel.text == str((_VOXELS >= -700).sum())
        assert slicer.util.getNodesByClass("vtkMRMLTableNode") == [table]
        assert grab(sample.panel, "voxel-count").stat().st_size > 1000

    def test_parameters_and_panel_follow_each_other(self, sample, volume):
        widget = sample.widget
        ui, parameters, unit = widget.ui, widget._parameterNode, sample.python.Unit
        parameters.threshold_hu, parameters.side, parameters.unit = -321.5, "above", unit.MILLILITRES
        parameters.step, parameters.note, parameters.outputFolder, parameters.ignoreBorder = 4, "n", Path("/o"), True
        parameters.inputVolume = None
        shown = (ui.thresholdSlider.value, ui.sideComboBox.currentText, ui.unitComboBox.currentText, ui.stepSpinBox.value)
        assert shown == (-321.5, "above", "MILLILITRES", 4)
        assert (ui.noteLineEdit.text, ui.folderLineEdit.currentPath, ui.borderCheckBox.checked) == ("n", "/o", True)
        assert (ui.inputSelector.currentNode(), ui.countButton.enabled) == (None, False)
        ui.inputSelector.setCurrentNode(volume)
        ui.thresholdSlider.value, ui.unitComboBox.currentIndex, ui.stepSpinBox.value = -100, 0, 2
        ui.noteLineEdit.text, ui.folderLineEdit.currentPath, ui.borderCheckBox.checked = "m", "/p", False
        assert (parameters.inputVolume, parameters.threshold_hu, parameters.unit, parameters.step) == (volume, -100.0, unit.VOXELS, 2)
        assert (parameters.note, parameters.outputFolder, parameters.ignoreBorder) == ("m", Path("/p"), False)

    def test_closing_the_scene_starts_anew(self, sample, volume, scene):
        widget = sample.widget
        widget.ui.thresholdSlider.value = -100
        scene.Clear(False)
        assert (widget._parameterNode.threshold_hu, widget.ui.thresholdSlider.value) == (-500.0, -500.0)
        assert (widget._parameterNode.inputVolume, widget.ui.countButton.enabled) == (None, False)

    def test_a_module_that_was_left_does_not_follow(self, sample, volume):
        widget = sample.widget
        parameters = widget._parameterNode
        sample.leave()
        assert not sample.panel.isEntered
        parameters.threshold_hu = -111.0
        assert widget.ui.thresholdSlider.value == -500.0
        assert sample.widget.ui.thresholdSlider.value == -111.0

    def test_an_error_in_a_slot_reaches_the_test(self, sample, scene, uncaughtErrors):
        import slicer

        sample.widget._parameterNode.inputVolume = slicer.util.addVolumeFromArray(np.zeros((0, 1, 1), np.int16))
        sample.widget.ui.countButton.click()
        assert [str(error) for error in uncaughtErrors.take()] == ["the volume has no voxels"]
        assert slicer.app.overrideCursor() is None

    def test_reload_takes_a_changed_file(self, loadedModule, volume, tmp_path):
        shutil.copytree(_SAMPLE.parent, tmp_path / "VoxelCount", ignore=shutil.ignore_patterns("__pycache__"))
        file = tmp_path / "VoxelCount" / "VoxelCount.py"
        module = loadedModule(file)
        before = module.widget
        before.ui.thresholdSlider.value = -100
        file.write_text(file.read_text(encoding="utf-8").replace('ANSWER = "first"', 'ANSWER = "second, after the change"'))
        after = module.reload()
        assert (module.python.ANSWER, after is before) == ("second, after the change", False)
        assert after.ui.thresholdSlider.value == -100
        after.ui.countButton.click()
        assert after.ui.resultLabel.text == str((_VOXELS < -100).sum())
        after._parameterNode.threshold_hu = -200.0
        assert (after.ui.thresholdSlider.value, before.ui.thresholdSlider.value) == (-200.0, -100.0)

    def test_its_own_test_runs(self, sample, scene):
        import slicer

        slicer.selfTests["VoxelCount"]()

    def test_nothing_of_it_stays_after_unloading(self, loadedModule, scene, tmp_path):
        import sys

        import slicer

        from SlicerBench.modules import loadModule

        module = loadModule(_SAMPLE)
        widget = module.widget
        assert widget.Observations
        module.unload()
        assert not widget.Observations
        assert not hasattr(slicer.modules, "voxelcount") and not hasattr(slicer.modules, "VoxelCountWidget")
        assert "VoxelCount" not in sys.modules and str(_SAMPLE.parent) not in sys.path

    def test_parameters_survive_a_saved_scene(self, sample, volume, scene, tmp_path):
        import slicer

        sample.widget.ui.thresholdSlider.value = -432
        file = str(tmp_path / "scene.mrb")
        assert slicer.util.saveScene(file)
        scene.Clear(False)
        assert sample.widget.ui.thresholdSlider.value == -500
        slicer.util.loadScene(file)
        sample.leave()
        assert sample.widget.ui.thresholdSlider.value == -432
        assert sample.widget.ui.inputSelector.currentNode().GetName() == "CT"


class TestNodeComboBox:
    @pytest.fixture
    def box(self, scene):
        import slicer

        made = slicer.qMRMLNodeComboBox()
        made.nodeTypes = ["vtkMRMLScalarVolumeNode"]
        return made

    def test_shows_nothing_without_a_scene(self, box, volume, scene):
        assert (box.nodeCount(), box.enabled, box.currentNode()) == (0, False, None)
        box.setMRMLScene(scene)
        assert (box.nodeCount(), box.enabled, box.nodeFromIndex(0)) == (1, True, volume)

    def test_keeps_to_its_node_types_and_passes_hidden_nodes_over(self, box, scene):
        box.setMRMLScene(scene)
        scene.AddNewNodeByClass("vtkMRMLModelNode")
        scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
        assert box.nodeCount() == 1, "a label map is a kind of scalar volume"
        box.showChildNodeTypes = False
        assert box.nodeCount() == 0
        node = scene.CreateNodeByClass("vtkMRMLScalarVolumeNode")
        node.UnRegister(None)
        node.SetHideFromEditors(True)
        scene.AddNode(node)
        assert box.nodeCount() == 0

    def test_tells_of_the_current_node_in_each_form(self, box, volume, scene):
        box.setMRMLScene(scene)
        nodes, valid, ids = [], [], []
        box.connect("currentNodeChanged(vtkMRMLNode*)", nodes.append)
        box.connect("currentNodeChanged(bool)", valid.append)
        box.connect("currentNodeIDChanged(QString)", ids.append)
        box.setCurrentNode(volume)
        box.setCurrentNode(volume)
        box.setCurrentNode(None)
        box.currentNodeID = volume.GetID()
        assert (nodes, valid, ids) == ([volume, None, volume], [True, False, True], [volume.GetID(), "", volume.GetID()])

    @pytest.mark.parametrize(("noneEnabled", "left"), [(True, None), (False, "B")])
    def test_when_the_current_node_goes_none_or_the_last_is_selected(self, box, scene, noneEnabled, left):
        box.noneEnabled = noneEnabled
        box.setMRMLScene(scene)
        nodes = [scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "AB"]
        box.setCurrentNode(nodes[0])
        scene.RemoveNode(nodes[0])
        assert (box.currentNode().GetName() if left else box.currentNode()) == left

    def test_makes_a_node_of_its_type_only(self, box, scene):
        box.baseName = "Lungs"
        box.setMRMLScene(scene)
        made = []
        box.nodeAddedByUser.connect(made.append)
        node = box.addNode()
        assert (node.GetName(), box.currentNode(), made) == ("Lungs", node, [node])
        assert box.addNode("vtkMRMLModelNode") is None

    def test_refuses_what_is_no_node_and_setters_that_python_does_not_have(self, box, scene):
        box.setMRMLScene(scene)
        with pytest.raises(ValueError, match="overload"):
            box.setCurrentNode("CT")
        for name in ("setNodeTypes", "setNoneEnabled", "nodes"):
            with pytest.raises(AttributeError):
                getattr(box, name)

    def test_the_segment_selector_lists_segments(self, scene):
        import slicer

        selector = slicer.qMRMLSegmentSelectorWidget()
        selector.setMRMLScene(scene)
        node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        ids = [node.GetSegmentation().AddEmptySegment("", name) for name in ("Right lung", "Left lung")]
        selector.setCurrentNode(node)
        selector.setCurrentSegmentID(ids[1])
        assert (selector.segmentIDs(), selector.currentSegmentID(), selector.currentNodeID()) == (tuple(ids), ids[1], node.GetID())


class TestApplication:
    def test_start_up_calls_what_waits_for_it(self, slicerApplication):
        import slicer

        calls = []

        def registerSamples():
            calls.append("registered")

        slicer.app.connect("startupCompleted()", registerSamples)
        slicer.app.startupCompleted.emit()
        slicer.app.disconnect("startupCompleted()", registerSamples)
        assert calls == ["registered"]
        assert slicer.util.mainWindow() is None

    def test_samples_are_registered_once_and_pressed(self, slicerApplication):
        from SampleData import SampleDataLogic

        for _ in range(2):
            SampleDataLogic.registerCustomSampleDataSource(category="Bench", sampleName="Air", customDownloader=_sampleName)
        (source,) = SampleDataLogic.sampleDataSourcesByCategory("Bench")
        assert SampleDataLogic.press(source) == "Air"
        with pytest.raises(TypeError):
            SampleDataLogic.registerCustomSampleDataSource(category="Bench", name="Air")

    def test_unknown_attributes_are_refused(self, slicerApplication):
        import slicer

        for act in (lambda: slicer.app.nonsense, lambda: setattr(slicer.app, "nonsense", 1), lambda: slicer.modules.nonsense):
            with pytest.raises(AttributeError):
                act()

    def test_a_table_and_a_plot_are_shown_in_the_layout(self, scene):
        import slicer

        manager, layouts = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode
        assert (manager.layout, manager.tableViewCount, manager.plotViewCount, manager.threeDViewCount) == (3, 0, 0, 1)
        changes = []
        manager.connect("layoutChanged(int)", changes.append)
        manager.setLayout(layouts.SlicerLayoutFourUpPlotTableView)
        assert (changes, manager.tableViewCount, manager.plotViewCount) == ([layouts.SlicerLayoutFourUpPlotTableView], 1, 1)
        table = scene.AddNewNodeByClass("vtkMRMLTableNode")
        slicer.app.applicationLogic().GetSelectionNode().SetActiveTableID(table.GetID())
        slicer.app.applicationLogic().PropagateTableSelection()
        assert manager.tableWidget(0).tableView().mrmlTableNode() is table
        chart = scene.AddNewNodeByClass("vtkMRMLPlotChartNode")
        slicer.modules.plots.logic().ShowChartInLayout(chart)
        assert manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID() == chart.GetID()

    def test_slices_show_a_volume_and_fit_it(self, volume):
        import slicer

        slicer.util.setSliceViewerLayers(background=volume, fit=True)
        slicer.util.resetSliceViews()
        manager = slicer.app.layoutManager()
        assert manager.sliceViewNames() == ("Red", "Green", "Yellow")
        for name in manager.sliceViewNames():
            assert manager.sliceWidget(name).mrmlSliceCompositeNode().GetBackgroundVolumeID() == volume.GetID()
        assert manager.sliceWidget("Purple") is None

    def test_rendering_can_not_be_resumed_before_it_was_paused(self, slicerApplication):
        import slicer

        with slicer.util.RenderBlocker():
            assert slicer.app.layoutManager().allViewsPauseRenderCount() == 1
        with pytest.raises(RuntimeError, match="more often"):
            slicer.app.resumeRender()
        slicer.app.pauseRender()

    def test_data_nodes_get_an_item_in_the_subject_hierarchy(self, volume, scene):
        import slicer

        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        assert hierarchy.GetItemName(hierarchy.GetItemByDataNode(volume)) == "CT"
        scene.RemoveNode(volume)
        assert hierarchy.GetNumberOfItems() == 0

    def test_dialogs_are_answered(self, slicerApplication):
        import slicer

        from SlicerBench.dialogs import answered

        assert not slicer.util.confirmOkCancelDisplay("Install?"), "Slicer means yes in testing mode, but compares True with a button"
        with answered("Cancel", "Yes") as answers:
            assert not slicer.util.confirmOkCancelDisplay("Install?")
            assert slicer.util.confirmYesNoDisplay("Really?")
        assert answers.texts == ["Install?", "Really?"]
        with pytest.raises(AssertionError, match="no dialog"), answered("OK"):
            pass

    def test_packages_are_asked_for_and_installed_as_without_a_network(self, slicerApplication):
        import subprocess

        import slicer
        from slicer import packaging

        from SlicerBench.dialogs import answered

        assert packaging.pip_check("numpy>=1.20") and not packaging.pip_check(["numpy>=1.20", "no-such-package"])
        assert packaging.pip_ensure("numpy") is None
        with answered("Cancel"), pytest.raises(RuntimeError, match="declined"):
            packaging.pip_ensure("no-such-package", requester="LungSegmentation")
        with answered("OK"), pytest.raises((subprocess.CalledProcessError, RuntimeError)):
            packaging.pip_ensure("no-such-package")
        with pytest.raises((subprocess.CalledProcessError, RuntimeError)):
            slicer.util.pip_install("no-such-package")
