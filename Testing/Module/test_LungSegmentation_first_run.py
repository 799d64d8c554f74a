"""The first click in a new scene: nothing is asked, nothing is installed, the layout stays; whatever ONNX Runtime is like."""

import importlib.metadata
import json
import os

import numpy as np
import pytest

from .panel_helpers import MODULE_FILE, Panel, addPhantom, phantom

BROKEN = {
    "import raises": "raise ImportError('DLL load failed')\n",
    "session raises": (
        "def get_available_providers(): return ['CPUExecutionProvider']\n"
        "def disable_telemetry_events(): pass\n"
        "class SessionOptions:\n    def __init__(self): raise RuntimeError('no session')\n"
    ),
}


@pytest.fixture
def panel(loadedModule, runEventLoopUntil, tmp_path, monkeypatch):
    """Give the panel of a Slicer in which nothing was tried yet."""
    monkeypatch.setenv("LUNGSEGMENTATION_TRIALS", str(tmp_path / "trials.json"))
    from LungSegmentationAdapter.Run import NetworkRuntime

    monkeypatch.setattr(NetworkRuntime, "trialsFile", lambda: tmp_path / "trials.json")
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


@pytest.fixture
def installations(monkeypatch):
    """Record every call that would install a package."""
    import slicer.packaging
    import slicer.util

    calls = []
    for module, names in ((slicer.util, ("pip_install",)), (slicer.packaging, ("pip_install", "pip_ensure"))):
        for name in names:
            monkeypatch.setattr(module, name, lambda *arguments, **_: calls.append(arguments), raising=False)
    return calls


def installed():
    return {(found.metadata["Name"], found.version) for found in importlib.metadata.distributions()}


def labelsOf(panel):
    from LungSegmentationAdapter.Scene.SegmentLabels import labelsFromSegmentationNode

    return labelsFromSegmentationNode(panel.parameters.outputSegmentation, panel.parameters.inputVolume)


def numpysLabels(monkeypatch):
    from LungSegmentationLib import segment
    from LungSegmentationLib.network import runners

    with monkeypatch.context() as without:
        without.setattr(runners, "find_spec", lambda name: None)
        return segment(phantom().volume, "network").labels


def test_it_asks_nothing_installs_nothing_and_keeps_the_layout(panel, scene, installations):
    import slicer

    from SlicerBench.dialogs import answered

    before, manager, layouts = installed(), slicer.app.layoutManager(), []
    manager.connect("layoutChanged(int)", layouts.append)
    addPhantom(scene)
    assert panel.ui.methodComboBox.currentData == "auto" and panel.ui.tablesCheckBox.checked
    panel.ui.plotsCheckBox.checked = True
    with answered() as answers:
        panel.segment()
        panel.ui.measureButton.click()
        panel.wait()
    assert panel.ui.rightVolumeLabel.text.endswith("mL") and panel.message == ""
    assert (answers.texts, installations, installed() - before, layouts) == ([], [], set(), [])
    panel.ui.tablesButton.menu().actions()[0].trigger()
    assert len(layouts) == 1, "a click on Tables asks for it"


def test_a_runtime_that_works_is_tried_once_and_used(panel, scene, tmp_path):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    addPhantom(scene)
    assert "tries it" in panel.ui.runtimeLabel.text and panel.ui.runtimeButton.isHidden()
    for run in (1, 2):
        panel.segment()
        log = panel.ui.logTextEdit.plainText
        assert (log.count("was tried: it gives the same labels"), log.count("compact runs by ONNX Runtime")) == (1, run)
    assert [trial["failure"] for trial in json.loads((tmp_path / "trials.json").read_text()).values()] == [""]
    assert panel.ui.runtimeLabel.text == "The network runs by ONNX Runtime."


@pytest.mark.parametrize("kind", BROKEN)
def test_a_runtime_that_is_broken_gives_numpys_result_and_is_in_the_log_alone(panel, scene, tmp_path, monkeypatch, installations, kind):
    from SlicerBench.dialogs import answered

    package = tmp_path / "site" / "onnxruntime"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(BROKEN[kind])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(package.parent), os.environ.get("PYTHONPATH")))))
    addPhantom(scene)
    with answered() as answers:
        panel.segment()
    assert (panel.message, answers.texts, installations) == ("", [], [])
    np.testing.assert_array_equal(labelsOf(panel), numpysLabels(monkeypatch))
    words = {"import raises": "DLL load failed", "session raises": "no session"}[kind]
    log = panel.ui.logTextEdit.plainText
    assert "compact runs in numpy" in log and words in log
    shown = [label.text for label in (panel.ui.verdictLabel, panel.ui.findingsLabel, panel.ui.coverageLabel, panel.ui.notesLabel)]
    assert not any("ONNX" in text or "numpy" in text for text in shown), "it is no finding"


class TestOffer:
    """A button for speed, in the folded section "Advanced"."""

    @pytest.fixture
    def missing(self, monkeypatch):
        from LungSegmentationAdapter.Run import Dependencies, NetworkRuntime

        package = Dependencies.Package("onnxruntime", "onnxruntime_that_is_not_there", "", "runs the network in less time")
        for module in (Dependencies, NetworkRuntime):
            monkeypatch.setattr(module, "ONNXRUNTIME", package)

    def test_a_no_is_no_error_and_can_be_taken_back(self, missing, panel, scene, installations):
        from SlicerBench.dialogs import answered

        assert panel.ui.advancedButton.collapsed and not panel.ui.runtimeButton.isHidden()
        assert "runs in numpy" in panel.ui.runtimeLabel.text and "not installed" in panel.ui.runtimeLabel.text
        for _ in range(2):
            with answered("Cancel") as answers:
                panel.ui.runtimeButton.click()
            assert "less time" in answers.texts[0] and panel.message == "" and installations == []

    def test_a_network_that_needs_it_says_where_to_get_it_and_asks_nothing(self, missing, panel, scene, installations):
        from SlicerBench.dialogs import answered

        panel.choose(addPhantom(scene), "network")
        panel.parameters.methodParameters = json.dumps({"network": {"model": "unet"}})
        with answered() as answers:
            panel.ui.segmentButton.click()
        assert "unet needs ONNX Runtime" in panel.message and "Advanced" in panel.message
        panel.parameters.methodParameters = json.dumps({"network": {"model": "/no/such/card.json"}})
        with answered() as answers:
            panel.ui.segmentButton.click()
        assert "card.json" in panel.message and not panel.isRunning()
        assert (answers.texts, installations) == ([], [])

    def test_a_yes_installs_it(self, missing, panel, scene, installations):
        from SlicerBench.dialogs import answered

        with answered("OK"):
            panel.ui.runtimeButton.click()
        assert [call[0] for call in installations] == [["onnxruntime"]]
        assert "still missing after the installation" in panel.message
