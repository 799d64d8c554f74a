"""What a user chooses before a run: window, method, parameters, outputs; and how it is kept with the scene."""

import json

import pytest

from LungSegmentationLib.presets.window_level import window_level_presets
from LungSegmentationLib.registry import BEST_CLASSICAL, METHODS, choose_method

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom, addTruth


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


def fieldOf(panel, method, name):
    import qt

    return panel.ui.parametersWidget.findChild(qt.QWidget, f"{method.key}.{name}")


def shownFields(panel):
    """List the parameters' fields that open with the section, as METHOD.NAME."""
    import qt

    forms = [child for child in panel.ui.parametersWidget.children() if child.isWidgetType() and not child.isHidden()]
    return [field.objectName for form in forms for field in form.findChildren(qt.QWidget) if "." in field.objectName]


def pickPreset(panel, key):
    """Choose an entry as a user does, with the signal that only users cause."""
    comboBox = panel.ui.presetComboBox
    comboBox.currentIndex = comboBox.findData(key)
    comboBox.activated.emit(comboBox.currentIndex)


class TestWindow:
    @pytest.mark.parametrize("preset", window_level_presets(), ids=lambda preset: preset.key)
    def test_takes_effect_at_once_and_what_is_set_elsewhere_is_shown(self, panel, scene, preset):
        volumeNode = addPhantom(scene)
        panel.choose(volumeNode)
        assert panel.ui.presetComboBox.currentText == "Custom"
        pickPreset(panel, preset.key)
        displayNode = volumeNode.GetDisplayNode()
        limits = (displayNode.GetWindowLevelMin(), displayNode.GetWindowLevelMax())
        assert limits == pytest.approx(preset.limits_hu(*volumeNode.GetImageData().GetScalarRange()))
        displayNode.SetWindowLevel(1234, -567)
        assert panel.ui.presetComboBox.currentText == "Custom"
        displayNode.SetWindowLevelMinMax(*limits)
        assert panel.ui.presetComboBox.currentData == preset.key
        pickPreset(panel, "custom")
        assert panel.ui.presetComboBox.currentData == preset.key, "nothing is set by choosing Custom"

    def test_what_was_chosen_last_is_for_volumes_without_a_window_of_their_own(self, panel, scene):
        first, plain, own = (addPhantom(scene, name) for name in ("First", "Plain", "Own"))
        own.GetDisplayNode().AutoWindowLevelOff()
        own.GetDisplayNode().SetWindowLevel(1234, -567)
        panel.choose(first)
        pickPreset(panel, "bone")
        panel.choose(plain)
        assert (plain.GetDisplayNode().GetWindow(), plain.GetDisplayNode().GetLevel()) == (1800, 400)
        panel.choose(own)
        assert (own.GetDisplayNode().GetWindow(), panel.ui.presetComboBox.currentText) == (1234, "Custom")


class TestMethod:
    def test_every_method_has_its_sentence_and_a_field_for_each_parameter(self, panel, scene):
        panel.choose(addPhantom(scene))
        assert [panel.ui.methodComboBox.itemData(index) for index in range(panel.ui.methodComboBox.count)] == [
            "auto",
            *(method.key for method in METHODS),
        ]
        for method in METHODS:
            panel.choose(panel.parameters.inputVolume, method.key)
            assert panel.ui.methodSummaryLabel.text == method.summary
            descriptions = method.describe_parameters()
            assert shownFields(panel) == [f"{method.key}.{description.name}" for description in descriptions]
            for description in descriptions:
                field = fieldOf(panel, method, description.name)
                assert description.help[1:] in field.toolTip
                shown = (
                    field.checked
                    if isinstance(description.default, bool)
                    else field.currentData
                    if isinstance(description.default, str)
                    else None
                )
                if shown is None:
                    shown = field.value
                    assert (field.minimum, field.maximum) == (description.minimum, description.maximum)
                    assert field.suffix.strip() == description.unit
                assert shown == description.default

    def test_automatic_says_which_method_it_is_and_shows_its_parameters(self, panel, scene):
        panel.choose(addPhantom(scene), "auto")
        method, reason = choose_method("auto")
        assert panel.ui.methodSummaryLabel.text == f"{method.title}: {method.summary}"
        assert panel.ui.methodSummaryLabel.toolTip == reason and "numpy" in reason
        assert {name.partition(".")[0] for name in shownFields(panel)} == {method.key}

    def test_automatic_says_why_it_is_not_the_network(self, panel, scene, monkeypatch, tmp_path):
        monkeypatch.setattr("LungSegmentationLib.network.model_store._BUNDLED_FOLDERS", (tmp_path,))
        panel.choose(addPhantom(scene), "auto")
        text = panel.ui.methodSummaryLabel.text
        assert text.startswith(f"{BEST_CLASSICAL.title}: ") and "the network compact is not there" in text

    def test_a_changed_parameter_is_kept_used_and_reset(self, panel, scene):
        panel.choose(addPhantom(scene), METHOD)
        assert not panel.ui.resetParametersButton.enabled
        fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value = 3.5
        assert json.loads(panel.parameters.methodParameters) == {METHOD: {"working_voxel_mm": 3.5}}
        assert "(1 changed)" in panel.ui.parametersButton.text
        panel.segment()
        run = json.loads(panel.parameters.outputSegmentation.GetAttribute("LungSegmentation.Run"))
        assert run["parameters"]["working_voxel_mm"] == 3.5 and run["method"] == METHOD
        panel.choose(panel.parameters.inputVolume, "contour-tracking")
        panel.choose(panel.parameters.inputVolume, METHOD)
        assert fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value == 3.5
        panel.ui.resetParametersButton.click()
        assert fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value == 2.0
        assert (panel.parameters.methodParameters, panel.ui.resetParametersButton.enabled) == ("{}", False)

    def test_networks_are_listed_and_another_one_comes_from_a_file(self, panel, scene, monkeypatch):
        import qt

        network = METHODS[0]
        panel.choose(addPhantom(scene), "network")
        networks, switch = fieldOf(panel, network, "model"), fieldOf(panel, network, "mirror_averaging")
        entries = {networks.itemText(index): networks.itemData(index) for index in range(networks.count)}
        assert list(entries.values()) == ["compact", "resnet", "unet", "..."] and "Compact U-Net (default)" in entries
        assert networks.currentData == "compact"

        def pick(name):
            networks.currentIndex = networks.findData(name)
            networks.activated.emit(networks.currentIndex)

        pick("unet")
        switch.checked = False
        assert json.loads(panel.parameters.methodParameters) == {"network": {"model": "unet", "mirror_averaging": False}}
        assert panel.ui.advancedButton.text == "Advanced (parameters changed: 2)"
        for chosen, expected in (("", "unet"), ("/nets/own.json", "/nets/own.json")):
            monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *arguments, chosen=chosen: chosen)
            pick("...")
            assert networks.currentData == expected == json.loads(panel.parameters.methodParameters)["network"]["model"]
        assert networks.currentText == "own.json"
        panel.ui.resetParametersButton.click()
        assert networks.currentData == "compact" and panel.ui.advancedButton.text == "Advanced"

    @pytest.mark.parametrize("stored", ["", "nonsense", "[1]", '{"connected-components": {"working_voxel_mm": 99, "gone": 1}}'])
    def test_what_another_version_stored_does_no_harm(self, panel, scene, stored):
        panel.choose(addPhantom(scene), METHOD)
        panel.parameters.methodParameters = stored
        assert fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value == 2.0
        fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value = 3.0
        assert json.loads(panel.parameters.methodParameters)[METHOD] == {"working_voxel_mm": 3.0}

    def test_a_method_that_is_gone_is_said_and_can_not_hurt(self, panel, scene):
        panel.choose(addPhantom(scene), METHOD)
        panel.parameters.method = "oracle"
        assert panel.ui.methodComboBox.currentIndex == -1 and "no method 'oracle'" in panel.ui.methodSummaryLabel.text
        panel.ui.segmentButton.click()
        assert "no method 'oracle'" in panel.message and not panel.isRunning()

    @pytest.mark.parametrize(("method", "enabled"), [("network", True), (METHOD, False)])
    def test_only_the_network_offers_a_probability_map(self, panel, scene, method, enabled):
        panel.choose(addPhantom(scene), method)
        assert panel.ui.probabilityMapCheckBox.enabled == enabled


class TestPackages:
    """A package that is missing is asked for at the click, and a refusal is no end."""

    def test_a_method_is_refused_with_its_package(self, panel, scene, monkeypatch):
        from LungSegmentationAdapter.Run import Dependencies
        from SlicerBench.dialogs import answered

        missing = Dependencies.Package("scikit-image", "skimage_that_is_not_there", "", "image processing")
        monkeypatch.setattr(Dependencies, "PACKAGES", (missing,))
        panel.choose(addPhantom(scene), "threshold")
        with answered("Cancel") as answers:
            panel.ui.segmentButton.click()
        assert "scikit-image" in answers.texts[0]
        assert "cikit-image was not installed" in panel.message and not panel.isRunning()

    @pytest.mark.parametrize("method", ["auto", "network"])
    def test_the_network_asks_for_nothing(self, panel, scene, monkeypatch, method):
        from LungSegmentationAdapter.Run import Dependencies
        from LungSegmentationLib import registry
        from SlicerBench.dialogs import answered

        monkeypatch.setattr(Dependencies.Package, "isInstalled", lambda self: False)
        monkeypatch.setattr(registry, "find_spec", lambda name: None)
        panel.choose(addPhantom(scene), method)
        with answered() as answers:
            panel.ui.segmentButton.click()
        assert panel.isRunning() and answers.texts == []
        panel.ui.cancelButton.click()


def test_the_chosen_input_is_shown_in_the_slice_views(panel, scene):
    import slicer

    first, second = addPhantom(scene, "First"), addPhantom(scene, "Second")
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    for volumeNode in (second, first):
        panel.choose(volumeNode)
        assert {node.GetBackgroundVolumeID() for node in nodes} == {volumeNode.GetID()}


def test_opening_the_module_takes_what_is_shown_and_changes_no_view(panel, scene):
    import slicer

    from LungSegmentationAdapter.Scene import Display

    first, second, third = (addPhantom(scene, name) for name in ("First", "Second", "Third"))
    Display.showVolume(second)
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    nodes[0].SetBackgroundVolumeID(third.GetID())
    sliceNode = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSliceNode")
    sliceNode.SetFieldOfView(12.0, 34.0, 1.0)
    before = [node.GetBackgroundVolumeID() for node in nodes]
    panel.widget.enter()
    assert panel.parameters.inputVolume in (second, third) and panel.ui.inputSelector.currentNode() is panel.parameters.inputVolume
    assert [node.GetBackgroundVolumeID() for node in nodes] == before and sliceNode.GetFieldOfView()[:2] == (12.0, 34.0)
    panel.choose(first)
    assert {node.GetBackgroundVolumeID() for node in nodes} == {first.GetID()}, "chosen by the user"


def test_buttons_say_why_they_can_not_be_pressed(panel, scene):
    assert (panel.ui.segmentButton.enabled, panel.ui.segmentButton.toolTip) == (False, "Choose a chest CT as input volume first")
    for button in (
        panel.ui.measureButton,
        panel.ui.exportButton,
        panel.ui.compareButton,
        panel.ui.tablesButton,
        panel.ui.show3DButton,
        panel.ui.editButton,
    ):
        assert not button.enabled
    empty = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
    panel.choose(empty)
    assert "no voxels" in panel.ui.segmentButton.toolTip
    scene.RemoveNode(empty)
    addPhantom(scene)
    assert panel.ui.segmentButton.enabled, "the volume got its voxels after it was chosen"


def test_every_choice_is_saved_with_the_scene(panel, scene, tmp_path):
    import slicer

    made = panel.showResult(addPhantom(scene), plots=True)
    reference = addTruth(scene, panel.parameters.inputVolume, "Reference")
    panel.ui.referenceSelector.setCurrentNode(reference)
    panel.choose(panel.parameters.inputVolume, METHOD)
    fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value = 3.5
    switches = ("airways", "vessels", "tables", "plots", "surfaces", "probabilityMap")
    wanted = [False, True, False, True, True, True]
    for name, checked in zip(switches, wanted, strict=True):
        getattr(panel.ui, f"{name}CheckBox").checked = checked
    pickPreset(panel, "emphysema")
    figures = [label.text for label in (panel.ui.rightVolumeLabel, panel.ui.verdictLabel, panel.ui.findingsLabel)]
    assert figures[0].endswith("mL")
    path = tmp_path / "scene.mrb"
    assert slicer.util.saveScene(str(path))
    scene.Clear(False)
    assert panel.parameters.method == "auto" and panel.ui.rightVolumeLabel.text == "–"
    slicer.util.loadScene(str(path))
    parameters = panel.parameters
    assert parameters.inputVolume.GetName() == "Phantom" and panel.ui.inputSelector.currentNode() is parameters.inputVolume
    assert parameters.outputSegmentation.GetName() == made.segmentationNode.GetName()
    assert panel.ui.outputSelector.currentNode() is parameters.outputSegmentation
    assert panel.ui.referenceSelector.currentNode().GetName() == "Reference"
    assert (panel.ui.methodComboBox.currentData, fieldOf(panel, BEST_CLASSICAL, "working_voxel_mm").value) == (METHOD, 3.5)
    assert [getattr(panel.ui, f"{name}CheckBox").checked for name in switches] == wanted
    assert (panel.ui.presetComboBox.currentData, parameters.windowPreset) == ("emphysema", "emphysema")
    assert [label.text for label in (panel.ui.rightVolumeLabel, panel.ui.verdictLabel, panel.ui.findingsLabel)] == figures
    assert panel.ui.plotsButton.enabled and panel.ui.measureButton.enabled and panel.ui.exportButton.enabled
