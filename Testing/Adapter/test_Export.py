"""Files of a result, read back by other means; nothing half-written."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.output import report
from LungSegmentationLib.output.export import FORMATS, export_names

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Lib"))
slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("slicer.util")
from LungSegmentationAdapter.Run import Export  # noqa: E402

from .node_helpers import segmentMasks  # noqa: E402
from .outcome_helpers import MIRRORED, makeResult, showResult  # noqa: E402


def test_every_file_holds_the_result(mrmlScene, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    volumeNode, segmentationNode, made = showResult(mrmlScene, makeResult(MIRRORED, "Müller, <1>"))
    segmentationNode.GetSegmentation().AddEmptySegment("own", "My own")
    paths = Export.exportResult(*made, segmentationNode, tmp_path / "new" / "folder", tuple(set(FORMATS) - {"dicom"}), rendering=False)
    assert sorted(paths) == sorted((tmp_path / "new" / "folder").iterdir())
    byName = {path.name: path for path in paths}

    volumes = made.measures.tables["volumes"]
    with byName["volumes.csv"].open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == [row["region"] for row in volumes.rows]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx([row["volume_ml"] for row in volumes.rows], abs=0.005)
    sheets = openpyxl.load_workbook(byName["Müller_1_measures.xlsx"])
    assert sheets.sheetnames == [table.title for table in made.measures.tables.values()]
    assert sheets["Volumes"]["B2"].value == volumes.rows[0]["volume_ml"]
    assert "Müller, &lt;1&gt;" in byName["report.html"].read_text(encoding="utf-8")

    opened = slicer.util.loadSegmentation(str(byName["segmentation.seg.nrrd"]))
    expected = segmentMasks(segmentationNode, volumeNode)
    for segmentId, mask in segmentMasks(opened, volumeNode).items():
        np.testing.assert_array_equal(mask, expected[segmentId])
        terminology = segmentationNode.GetSegmentation().GetSegment(segmentId).GetTerminology()
        assert opened.GetSegmentation().GetSegment(segmentId).GetTerminology() == terminology
    assert set(opened.GetSegmentation().GetSegmentIDs()) == set(expected)
    # The scene's own file of the segmentation is another matter.
    assert segmentationNode.GetStorageNode() is None


def test_only_chosen_files_are_written_and_others_stay(mrmlScene, tmp_path):
    _, segmentationNode, made = showResult(mrmlScene)
    (tmp_path / "report.html").write_text("an older report")
    Export.exportResult(*made, segmentationNode, tmp_path, ["csv"])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(["report.html", *(f"{key}.csv" for key in made.measures.tables)])
    assert {"airway_branches.csv", "vessel_branches.csv", "volumes.csv"} < set(names)
    assert Export.existingNames(tmp_path, export_names(made.measures.tables, "ct", ["html", "xlsx"])) == ("report.html",)
    with pytest.raises(OutputError, match=r"already holds report\.html; allow to replace"):
        Export.exportResult(*made, segmentationNode, tmp_path, ["html", "segmentation"])
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "an older report"
    Export.exportResult(*made, segmentationNode, tmp_path, ["html", "segmentation"], overwrite=True, rendering=False)
    assert "<!DOCTYPE html>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_when_one_file_fails_none_appears(mrmlScene, tmp_path, monkeypatch):
    _, segmentationNode, made = showResult(mrmlScene)

    def fullDisk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "write_report", fullDisk)
    with pytest.raises(OutputError, match=r"report\.html could not be written \(no space left on device\)"):
        Export.exportResult(*made, segmentationNode, tmp_path / "out", ["csv", "html"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_and_wrong_choices_are_refused(mrmlScene, tmp_path, monkeypatch):
    _, segmentationNode, made = showResult(mrmlScene)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file; give a folder"):
        Export.exportResult(*made, segmentationNode, tmp_path / "file", ["csv"])
    for formats, reason in (([], "'none'"), (["csv", "pdf"], "'pdf'; choose from: csv, xlsx, html, segmentation")):
        with pytest.raises(InputError, match=reason):
            Export.exportResult(*made, segmentationNode, tmp_path / "out", formats)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(InputError, match="needs the package XlsxWriter"):
        Export.exportResult(*made, segmentationNode, tmp_path / "out", ["xlsx"])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


class DicomDatabase:
    """What Slicer's database answers: the file of an instance."""

    isOpen = True

    def __init__(self, files):
        self._files = files

    def fileForInstance(self, uid):
        return self._files.get(uid, "")


@pytest.mark.parametrize("flipped", [False, True], ids=["as stored", "slices turned round"])
def test_a_volume_of_the_dicom_database_gives_dicom_objects_that_go_back_there(mrmlScene, tmp_path, monkeypatch, flipped):
    pytest.importorskip("highdicom", reason="highdicom is not installed (no version runs on Slicer 5.10's pydicom and numpy)")
    import types

    import pydicom
    from test_dicom_objects import labels_and_vessels, write_scan

    from LungSegmentationAdapter.Scene import DicomFiles, Nodes
    from LungSegmentationLib.io.label_maps import read_labels
    from LungSegmentationLib.measures import measure
    from LungSegmentationLib.segmentation import Segmentation
    from LungSegmentationLib.volume import CtVolume

    scan = write_scan(tmp_path / "ct")
    labels, vessels = labels_and_vessels()
    volume = CtVolume(scan.voxels_hu, scan.spacing_zyx_mm, scan.origin_lps_mm, scan.direction_lps)
    if flipped:  # as Slicer turns the slices of left-handed files
        x, y, z = scan.origin_lps_mm
        back = np.diag([1.0, 1.0, -1.0])
        origin = (x, y, z + (len(labels) - 1) * scan.spacing_zyx_mm[0])
        volume, labels, vessels = CtVolume(scan.voxels_hu[::-1].copy(), scan.spacing_zyx_mm, origin, back), labels[::-1], vessels[::-1]
    volumeNode = Nodes.addVolumeNode(mrmlScene, volume)
    assert "dicom_files" not in Nodes.ctVolumeFromNode(volumeNode).source
    files = {str(pydicom.dcmread(path).SOPInstanceUID): str(path) for path in (tmp_path / "ct").glob("*.dcm")}
    volumeNode.SetAttribute("DICOM.instanceUIDs", " ".join(files))
    monkeypatch.setattr(slicer, "dicomDatabase", DicomDatabase(files), raising=False)
    read = Nodes.ctVolumeFromNode(volumeNode)
    result = Segmentation(read, np.ascontiguousarray(labels), "network", vessels=np.ascontiguousarray(vessels))
    segmentationNode = mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Lungs")
    paths = Export.exportResult(result, measure(result), segmentationNode, tmp_path / "out", ["dicom"])
    assert [path.name for path in paths] == ["segmentation.dcm", "measurements.dcm"]
    np.testing.assert_array_equal(read_labels(paths[0], scan), labels_and_vessels()[0])

    sent = []
    utilities = types.SimpleNamespace(
        importDicom=lambda folder, copyFiles: sent.append((sorted(path.name for path in Path(folder).iterdir()), copyFiles)) or True
    )
    monkeypatch.setitem(sys.modules, "DICOMLib", types.SimpleNamespace(DICOMUtils=utilities))
    DicomFiles.sendToDatabase(paths)
    assert sent == [(["measurements.dcm", "segmentation.dcm"], True)]
    utilities.importDicom = lambda folder, copyFiles: False
    with pytest.raises(OutputError, match="DICOM database did not take the objects; the files were written all the same"):
        DicomFiles.sendToDatabase(paths)
    monkeypatch.setattr(slicer, "dicomDatabase", DicomDatabase({}), raising=False)
    with pytest.raises(InputError, match="DICOM objects refer to the images that they were made from"):
        read = Nodes.ctVolumeFromNode(volumeNode)
        Export.exportResult(Segmentation(read, result.labels, "network"), measure(result), segmentationNode, tmp_path / "no", ["dicom"])
    assert not (tmp_path / "no").exists()
