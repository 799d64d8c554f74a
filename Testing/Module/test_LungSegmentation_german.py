"""The panel in German: every text in it, and none that is cut."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.registry import METHODS

from .panel_helpers import METHOD, MODULE_FILE, Panel, phantom

GERMAN = MODULE_FILE.parents[1] / "Translations" / "LungCTSegmentation_de.ts"
ENGLISH = {"the", "of", "and", "is", "are", "lung", "lungs", "slice", "right", "left", "with", "show", "volume", "for", "not"}

NAME = "Phantom lungs"


@pytest.fixture(scope="module")
def germanTexts(tmp_path_factory):
    """Compile the translations as Slicer's module Language Tools does."""
    lrelease = shutil.which("pyside6-lrelease", path=str(Path(sys.executable).parent))
    if lrelease is None:
        pytest.skip("pyside6-lrelease is not installed")
    compiled = tmp_path_factory.mktemp("translations") / "LungCTSegmentation_de.qm"
    subprocess.run([lrelease, str(GERMAN), "-qm", str(compiled)], check=True, capture_output=True, timeout=60)
    return compiled


@pytest.fixture
def panel(slicerApplication, germanTexts, scene, loadedModule, runEventLoopUntil):
    """Give the panel as it is after Slicer was started in German."""
    from PySide6 import QtCore

    translator = QtCore.QTranslator()
    assert translator.load(str(germanTexts))
    QtCore.QCoreApplication.installTranslator(translator)
    yield Panel(loadedModule(MODULE_FILE), runEventLoopUntil)
    QtCore.QCoreApplication.removeTranslator(translator)


def faulty():
    """A run on a chest that is cut at the top, where the left lung is dense and slices are empty."""
    made = phantom()
    hu = np.where(made.labels == 2, np.int16(40), made.volume.voxels_hu)
    hu[28:30] = 0
    return Job(replace(made.volume, voxels_hu=hu[:50]), METHOD).run()


def showFaulty(panel, scene):
    from LungSegmentationAdapter.Run.SegmentationLogic import Outputs, showResult
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode
    from LungSegmentationLib.background.steps import run_all

    result, measures = faulty()
    volumeNode = addVolumeNode(scene, replace(result.volume, name="Phantom"))
    made = run_all(showResult(volumeNode, None, result, measures, Outputs(plots=True)))
    panel.parameters.inputVolume, panel.parameters.outputSegmentation = volumeNode, made.segmentationNode
    return made


def textsShown(panel):
    from PySide6 import QtWidgets

    kinds = (QtWidgets.QLabel, QtWidgets.QAbstractButton)
    return {widget: re.sub(r"<[^>]*>", " ", widget.text) for kind in kinds for widget in panel.widget.parent.findChildren(kind)}


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def isCut(widget):
    """Tell whether a label or a button that is seen has less room than its text needs."""
    if not widget.isVisible() or not widget.text:
        return False
    if getattr(widget, "wordWrap", False):
        return widget.height < widget.heightForWidth(widget.width)
    return widget.width < widget.sizeHint().width()


def test_findings_warnings_and_all_else_are_german_and_none_is_cut(panel, scene, grab):
    made = showFaulty(panel, scene)
    parent = panel.widget.parent
    for section in vars(panel.ui).values():
        if hasattr(section, "collapsed"):
            section.collapsed = False
    panel.ui.progressWidget.visible = True
    panel.widget.panel._run._onProgress(0.5, "Filling vessels and nodules")
    parent.show()
    parent.resize(440, parent.sizeHint().height())
    grab(parent, "panel_de")
    assert parent.width <= 480, "the panel fits beside Slicer's views"
    texts = textsShown(panel)
    assert "Das Bild schneidet die Lungen ab: oben (" in texts[panel.ui.coverageLabel]
    assert "Keine linke Lunge wurde gefunden" in texts[panel.ui.findingsLabel]
    assert "Die Schichten liegen weit auseinander" in texts[panel.ui.notesLabel]
    left = [text for text in texts.values() if ENGLISH & words(text.replace(NAME, ""))]
    assert left == ["Show 3D"], "that button is Slicer's"
    assert [texts[widget] for widget in texts if isCut(widget)] == []
    panel.ui.editButton.setFixedWidth(60)
    panel.ui.findingsLabel.setFixedHeight(12)
    assert isCut(panel.ui.editButton) and isCut(panel.ui.findingsLabel), "the check above sees what is cut"
    titles = [{action.text for action in button.menu().actions()} for button in (panel.ui.tablesButton, panel.ui.plotsButton)]
    assert {"Volumen", "Schichten", "Dichte", "Atemwege", "Qualität"} <= titles[0] and titles[1] == {"Flächendiagramm", "Dichtediagramm"}
    summary = made.segmentationNode.GetAttribute("LungSegmentation.Summary")
    assert "The lungs are cut at the top" in summary and "Lungen" not in summary, "a scene is the same in every language"


def test_an_error_is_german(panel, scene):
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode

    volume = phantom().volume
    panel.choose(addVolumeNode(scene, replace(volume, voxels_hu=np.full_like(volume.voxels_hu, 40), name="Flat")))
    panel.segment()
    assert panel.message.startswith("Flat hat überall denselben Wert 40; erwartet wird ein CT")


def test_the_question_before_an_installation_is_german(panel, monkeypatch):
    import slicer

    from LungSegmentationAdapter.Run import Dependencies

    questions = []
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, title: questions.append(text))
    monkeypatch.setattr(Dependencies.Package, "isInstalled", lambda _package: False)
    assert not Dependencies.offerOnnxRuntime()
    threshold = next(method for method in METHODS if method.key == "threshold")
    for ask in (Dependencies.ensureWorkbooks, lambda: Dependencies.ensureMethod(threshold)):
        with pytest.raises(InputError):
            ask()
    assert "Das Netz läuft, wie es ist" in questions[0] and "onnxruntime: rechnet das Netz in weniger Zeit" in questions[0]
    assert "schreibt Excel-Arbeitsmappen" in questions[1] and "Das Verfahren Schwelle und Umrisse" in questions[2]
    assert not any(ENGLISH & words(question) for question in questions)
