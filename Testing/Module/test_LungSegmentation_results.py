"""What a user does with a result: look, edit, measure again, export, compare."""

import csv

import numpy as np
import pytest

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom, addTruth, nodeNames, phantom, phantomResult


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


@pytest.fixture
def made(panel, scene):
    """Give a result that is shown in the panel."""
    return panel.showResult(addPhantom(scene), plots=True)


def eraseFromLeftLung(panel, made):
    """Erase as the segment editor does; give the volume that is left."""
    import slicer

    segmentId, volumeNode = made.segmentationNode.GetSegmentation().GetSegmentIDs()[1], panel.parameters.inputVolume
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(made.segmentationNode, segmentId, volumeNode).copy()
    mask[:30] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, made.segmentationNode, segmentId, volumeNode)
    return np.count_nonzero(mask) * phantom().volume.voxel_volume_ml


def volumeShown(label):
    return float(label.text.removesuffix(" mL"))


def trigger(button, title):
    """Choose an entry of a button's menu."""
    actions = {action.text: action for action in button.menu().actions()}
    actions[title].trigger()


def test_figures_verdict_and_warnings_are_those_of_the_outcome(panel, made):
    rows = {row["region"]: row for row in phantomResult()[1].tables["volumes"].rows}
    labels = {"Right lung": panel.ui.rightVolumeLabel, "Left lung": panel.ui.leftVolumeLabel, "Both lungs": panel.ui.totalVolumeLabel}
    for region, label in labels.items():
        assert volumeShown(label) == pytest.approx(rows[region]["volume_ml"], abs=0.51)
    assert panel.ui.rightShareLabel.text == f"{rows['Right lung']['share_percent']:.1f} %"
    assert panel.ui.resultNameLabel.text == "Phantom lungs, by 3D connected components"
    assert "#1d7a46" in panel.ui.verdictLabel.styleSheet and "passed" in panel.ui.verdictLabel.text
    labels = {"quality": panel.ui.findingsLabel, "coverage": panel.ui.coverageLabel, "note": panel.ui.notesLabel}
    for kind, label in labels.items():
        reasons = [flag.reason for flag in phantomResult()[1].flags if flag.kind == kind and flag.verdict != "pass"]
        assert all(reason in label.text for reason in reasons) and label.isHidden() != bool(reasons), kind
    result = phantomResult()[0]
    assert any("does not hold the whole lungs" in warning for warning in result.warnings), "the run says it too"
    assert sum(label.text.count("cut at the bottom") for label in labels.values()) == 1, "each finding once"


WORDS = [("pass", "#1d7a46", "passed"), ("review", "#9a6200", "review needed"), ("fail", "#b3261e", "failed")]


@pytest.mark.parametrize(("verdict", "colour", "word"), WORDS)
def test_each_verdict_has_its_words_and_colour(panel, made, verdict, colour, word):
    from dataclasses import replace

    from LungSegmentationAdapter.Scene.ResultSummary import Statement, readSummary, writeSummary

    odd = (Statement("<b>odd</b>"),)
    writeSummary(made.segmentationNode, replace(readSummary(made.segmentationNode), verdict=verdict, findings=odd))
    panel.widget.enter()
    assert colour in panel.ui.verdictLabel.styleSheet and word in panel.ui.verdictLabel.text
    assert "&lt;b&gt;odd" in panel.ui.findingsLabel.text


def test_tables_charts_and_surfaces_are_shown_on_request(panel, made):
    import slicer

    manager = slicer.app.layoutManager()
    trigger(panel.ui.tablesButton, "Density")
    assert manager.tableWidget(0).tableView().mrmlTableNode() is made.tableNodes["density"]
    trigger(panel.ui.plotsButton, "Chart of area")
    assert manager.plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID() == made.chartNodes["area"].GetID()


def test_surfaces_are_made_and_removed_and_the_view_is_centred_on_them_once(panel, made):
    import slicer

    segmentation, view = made.segmentationNode.GetSegmentation(), slicer.app.layoutManager().threeDWidget(0).threeDView()
    lungId = segmentation.GetSegmentIDs()[0]
    resets = view._resets
    for shown in (True, False, True):
        panel.ui.show3DButton.click()
        assert segmentation.ContainsRepresentation("Closed surface") == panel.ui.show3DButton.checked == shown
        assert made.segmentationNode.GetDisplayNode().GetSegmentOpacity3D(lungId) < 0.5, "what lies in the lungs is seen"
        assert view._resets == resets + 1, "centred at the first showing, and left as the user turned it later"


def test_the_table_of_segments_is_slicers_and_shows_and_hides_them(panel, made):
    import qt

    table = panel.ui.segmentsTable.tableWidget()
    assert panel.ui.segmentsTable.segmentationNode() is made.segmentationNode and not panel.ui.segmentsTable.isHidden()
    assert [table.item(row, 3).text() for row in range(3)] == ["Right lung", "Left lung", "Airways"]
    table.item(1, 0).setCheckState(qt.Qt.Unchecked)
    displayNode, ids = made.segmentationNode.GetDisplayNode(), made.segmentationNode.GetSegmentation().GetSegmentIDs()
    assert [displayNode.GetSegmentVisibility(segmentId) for segmentId in ids] == [True, False, True]
    panel.parameters.outputSegmentation = None
    assert panel.ui.segmentsTable.isHidden() and not panel.ui.show3DButton.enabled


def test_the_segment_editor_opens_on_the_result_and_its_scan(panel, made, scene, monkeypatch):
    """Switching modules needs Slicer's window; what the editor takes its nodes from is the real node."""
    import slicer.util

    opened = []
    monkeypatch.setattr(slicer.util, "selectModule", opened.append)
    for _ in range(2):
        panel.ui.editButton.click()
    (editorNode,) = slicer.util.getNodesByClass("vtkMRMLSegmentEditorNode")
    assert opened == ["SegmentEditor"] * 2 and scene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode") is editorNode
    assert editorNode.GetSegmentationNode() is made.segmentationNode
    assert editorNode.GetSourceVolumeNode() is panel.parameters.inputVolume


def test_density_is_shown_beside_the_volumes(panel, made):
    rows = {row["region"]: row for row in phantomResult()[1].tables["density"].rows}
    for name, region in (("right", "Right lung"), ("left", "Left lung"), ("total", "Both lungs")):
        assert getattr(panel.ui, f"{name}MeanLabel").text == f"{rows[region]['mean_hu']:.0f} HU"
        assert getattr(panel.ui, f"{name}LaaLabel").text == f"{rows[region]['laa950_percent']:.1f} %"


def linksOf(label):
    import re

    return re.findall(r"<a href='([^']*)'>Show</a>", label.text)


def test_show_brings_the_slice_views_to_each_place_of_a_finding_in_turn(panel, made, scene):
    from dataclasses import replace

    import slicer
    import vtk

    from LungSegmentationAdapter.Scene.ResultSummary import Statement, readSummary, writeSummary

    volumeNode, places = panel.parameters.inputVolume, ((30.0, 20.0, 10.0), (60.0, 50.0, 40.0))
    findings = (Statement("Nowhere."), Statement("Somewhere.", places))
    writeSummary(made.segmentationNode, replace(readSummary(made.segmentationNode), findings=findings))
    panel.widget.enter()
    (link,) = linksOf(panel.ui.findingsLabel)
    ijkToRas = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(ijkToRas)
    layout = slicer.app.layoutManager().layout
    for place in (*places, places[0]):
        panel.ui.findingsLabel.linkActivated.emit(link)
        wanted = ijkToRas.MultiplyPoint((*place, 1.0))[:3]
        for name in slicer.app.layoutManager().sliceViewNames():
            logic = slicer.app.layoutManager().sliceWidget(name).sliceLogic()
            assert logic.GetSliceCompositeNode().GetBackgroundVolumeID() == volumeNode.GetID()
            sliceToRas = logic.GetSliceNode().GetSliceToRAS()
            assert [sliceToRas.GetElement(row, 3) for row in range(3)] == pytest.approx(wanted, abs=1e-3)
    assert slicer.app.layoutManager().layout == layout


def test_edited_segments_are_noticed_and_measured_again(panel, made, scene):
    right = panel.ui.rightVolumeLabel.text
    panel.module.leave()
    left_ml = eraseFromLeftLung(panel, made)
    assert "edited" in panel.ui.verdictLabel.text
    before = nodeNames(scene)
    panel.ui.measureButton.click()
    assert panel.isRunning()
    panel.wait()
    assert panel.message == "" and "edited" not in panel.ui.verdictLabel.text
    assert (volumeShown(panel.ui.leftVolumeLabel), panel.ui.rightVolumeLabel.text) == (pytest.approx(left_ml, abs=0.51), right)
    assert float(made.tableNodes["volumes"].GetCellText(1, 1)) == pytest.approx(left_ml, rel=1e-4)
    assert panel.ui.resultNameLabel.text == "Phantom lungs, by 3D connected components, edited"
    assert set(nodeNames(scene)) <= set(before), "charts go where they are not wanted, nothing is added"
    assert not panel.ui.plotsButton.enabled


def test_segments_that_do_not_name_their_scan_are_measured_on_the_input_volume(panel, scene):
    """Segments from a file know no scan."""
    volumeNode = addPhantom(scene)
    loaded = addTruth(scene, volumeNode, "Loaded")
    loaded.SetNodeReferenceID(loaded.GetReferenceImageGeometryReferenceRole(), None)
    panel.choose(volumeNode)
    panel.ui.outputSelector.setCurrentNode(loaded)
    panel.ui.measureButton.click()
    panel.wait()
    assert (panel.message, panel.parameters.outputSegmentation) == ("", loaded)
    assert volumeShown(panel.ui.rightVolumeLabel) == pytest.approx(phantom().volumes_ml()["label:right_lung"], abs=0.51)


def export(panel, folder):
    """Press Export and wait for its end."""
    panel.ui.exportFolderButton.directory = str(folder)
    panel.ui.exportButton.click()
    panel.wait()


def test_what_is_exported_is_what_is_there(panel, made, tmp_path):
    from SlicerBench.dialogs import answered

    panel.ui.htmlCheckBox.checked = False
    panel.ui.xlsxCheckBox.checked = True
    export(panel, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{key}.csv" for key in phantomResult()[1].tables} | {"Phantom.xlsx", "segmentation.seg.nrrd"} or panel.message
    assert f"{len(names)} files were written to {tmp_path / 'out'}" in panel.message
    left_ml = eraseFromLeftLung(panel, made)
    with answered("No"):
        export(panel, tmp_path / "out")
    assert panel.message == ""
    with answered("Yes") as answers:
        export(panel, tmp_path / "out")
    assert "volumes.csv" in answers.texts[0]
    with (tmp_path / "out" / "volumes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert float(rows[2][1]) == pytest.approx(left_ml, rel=1e-3), "edited segments are measured before they are exported"
    assert volumeShown(panel.ui.leftVolumeLabel) == pytest.approx(left_ml, abs=0.51)


def test_dicom_is_offered_where_it_can_be_written(panel, made, tmp_path, monkeypatch):
    import importlib.util

    from LungSegmentationAdapter.Panel import PanelExport

    if importlib.util.find_spec("highdicom") is not None:
        panel.ui.dicomDatabaseCheckBox.click()
        assert panel.ui.dicomCheckBox.checked
        export(panel, tmp_path / "out")
        assert "DICOM objects refer to the images" in panel.message and not (tmp_path / "out").exists()
    monkeypatch.setattr(PanelExport, "find_spec", lambda name: None)
    PanelExport.PanelExport(panel.ui)
    assert not panel.ui.dicomCheckBox.enabled and not panel.ui.dicomCheckBox.checked and not panel.ui.dicomDatabaseCheckBox.enabled
    assert "QuantitativeReporting" in panel.ui.dicomCheckBox.toolTip


def test_a_report_is_written_in_the_background_and_a_cancelled_one_not_at_all(panel, made, tmp_path):
    panel.ui.csvCheckBox.checked = panel.ui.segmentationFileCheckBox.checked = False
    panel.ui.exportFolderButton.directory = str(tmp_path / "new" / "out")
    panel.ui.measureButton.click()
    panel.wait()
    panel.ui.exportButton.click()
    assert panel.isRunning() and not panel.ui.progressWidget.isHidden() and not panel.ui.exportButton.enabled
    panel._runEventLoopUntil(lambda: "report" in panel.ui.stepLabel.text, 60)
    panel.ui.cancelButton.click()
    assert not panel.isRunning() and panel.message == "" and list(tmp_path.iterdir()) == []
    export(panel, tmp_path / "new" / "out")
    report = (tmp_path / "new" / "out" / "report.html").read_text(encoding="utf-8")
    assert "Phantom" in report and report.count("data:image") >= 3 and "1 files were written" in panel.message
    assert [path.name for path in (tmp_path / "new" / "out").iterdir()] == ["report.html"]


def test_an_export_whose_process_dies_says_so_and_leaves_the_folder_as_it_was(panel, made, tmp_path):
    import os
    import signal

    from SlicerBench.dialogs import answered

    (tmp_path / "report.html").write_text("an older report")
    panel.ui.csvCheckBox.checked = True
    panel.ui.exportFolderButton.directory = str(tmp_path)
    with answered("Yes"):
        panel.ui.exportButton.click()
        panel._runEventLoopUntil(lambda: "report" in panel.ui.stepLabel.text, 60)
    os.kill(panel.widget.panel._run._run.workerPid, signal.SIGKILL)
    panel.wait()
    assert "ended unexpectedly" in panel.message and "#b3261e" in panel.ui.messageLabel.styleSheet
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "an older report"


def test_an_export_that_can_not_be_written_says_so(panel, made, tmp_path):
    (tmp_path / "file").write_text("")
    export(panel, tmp_path / "file")
    assert "file" in panel.message and "Traceback" not in panel.message and "#b3261e" in panel.ui.messageLabel.styleSheet
    for box in (panel.ui.csvCheckBox, panel.ui.xlsxCheckBox, panel.ui.htmlCheckBox, panel.ui.segmentationFileCheckBox):
        box.checked = False
    panel.ui.exportButton.click()
    assert "format" in panel.message.lower() and not panel.isRunning()


def test_a_workbook_asks_for_its_package_and_a_refusal_writes_nothing(panel, made, tmp_path, monkeypatch):
    from LungSegmentationAdapter.Run import Dependencies
    from SlicerBench.dialogs import answered

    missing = Dependencies.Package("xlsxwriter", "xlsxwriter_that_is_not_there", "", "writes Excel workbooks")
    monkeypatch.setattr(Dependencies, "XLSXWRITER", missing)
    panel.ui.exportFolderButton.directory = str(tmp_path / "out")
    panel.ui.xlsxCheckBox.checked = True
    with answered("Cancel") as answers:
        panel.ui.exportButton.click()
    assert "Excel workbook" in answers.texts[0] and "export CSV files" in panel.message
    assert not (tmp_path / "out").exists()


def test_a_comparison_shows_agreement_and_differences(panel, made, scene):
    import qt
    import slicer

    reference = addTruth(scene, panel.parameters.inputVolume, "Truth")
    assert not panel.ui.compareButton.enabled and panel.ui.comparisonTable.isHidden()
    panel.ui.referenceSelector.setCurrentNode(reference)
    before = nodeNames(scene)
    panel.ui.compareButton.click()
    assert panel.isRunning() and not panel.ui.compareButton.enabled
    panel._runEventLoopUntil(lambda: panel.ui.stepLabel.text == "Comparing" and panel.ui.progressBar.value == 0, 60)
    panel.ui.cancelButton.click()
    assert (panel.isRunning(), nodeNames(scene), panel.message) == (False, before, "")
    panel.ui.compareButton.click()
    panel.wait()
    assert panel.message == ""
    model = panel.ui.comparisonTable.model()
    header = [model.headerData(column, qt.Qt.Horizontal) for column in range(model.columnCount())]
    shown = float(model.index(0, header.index("Dice coefficient")).data())
    found, truth = made.result.labels == 1, phantom().labels == 1
    assert shown == pytest.approx(2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + np.count_nonzero(truth)), abs=1e-3)
    differences = scene.GetFirstNodeByName("Phantom lungs differences")
    assert differences.GetSegmentation().GetNumberOfSegments() == 2
    panel.ui.referenceSelector.setCurrentNode(made.segmentationNode)
    panel.ui.compareButton.click()
    panel.wait()
    assert "its own reference" in panel.message
    assert slicer.app.overrideCursor() is None


def test_the_panel_looks_as_it_should(panel, made, grab):
    """The picture is the README's: SLICER_BENCH_PICTURES=Resources/Screenshots QT_SCALE_FACTOR=2 python -m pytest THIS_FILE -k looks."""
    from PIL import Image

    from LungSegmentationAdapter.Scene import Display

    panel.choose(panel.parameters.inputVolume, METHOD)
    Display.applyPreset(panel.parameters.inputVolume, "lung")
    panel.ui.plotsCheckBox.checked = True
    parent = panel.widget.parent
    parent.show()
    parent.resize(440, parent.sizeHint().height())
    picture = Image.open(grab(parent, "panel"))
    assert parent.width <= 480, "the panel fits beside Slicer's views"
    colours = {colour for _, colour in picture.convert("RGB").getcolors(2**24)}
    assert {(230, 140, 110), (110, 170, 230), (0x1D, 0x7A, 0x46)} <= colours, "both lungs' colours and the verdict's are seen"
