"""DICOM segmentations and reports of a result: read back by other packages, by our own reader, and checked against the standard."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import write_enhanced, write_series

hd = pytest.importorskip("highdicom", reason="highdicom is not installed (no version runs on Slicer 5.10's pydicom and numpy)")

from LungSegmentationLib.errors import InputError  # noqa: E402
from LungSegmentationLib.io.label_maps import read_labels  # noqa: E402
from LungSegmentationLib.io.scans import read_ct  # noqa: E402
from LungSegmentationLib.measures import measure  # noqa: E402
from LungSegmentationLib.output import dicom_source  # noqa: E402
from LungSegmentationLib.output.dicom_objects import SEG_NAME, SR_NAME, DicomObjects  # noqa: E402
from LungSegmentationLib.segmentation import Segmentation  # noqa: E402
from LungSegmentationLib.volume import CtVolume  # noqa: E402

SHAPE, SPACING = (10, 22, 26), (2.5, 0.7, 0.8)
DIRECTIONS = {"axial": np.eye(3), "feet first": np.diag([-1.0, 1.0, -1.0]), "sagittal": np.eye(3)[:, [1, 2, 0]]}
NAMES = ["Right lung", "Left lung", "Airways", "Vessels of right lung", "Vessels of left lung"]


def labels_and_vessels(shape=SHAPE):
    """Two lungs that end in different slices, airways between them, and vessels in each."""
    labels, vessels = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    labels[1:-2, 3:19, 3:12], labels[2:-1, 4:20, 14:24], labels[3:-3, 9:12, 11:15] = 1, 2, 3
    labels[4, 5, 5] = 0  # no slice is like another one
    vessels[3:6, 8:10, 5:9], vessels[4:7, 8:10, 16:19] = 1, 2
    return labels, vessels


def add_needed(dataset, _index=0):
    dataset.FrameOfReferenceUID, dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "1.2.3.9", "20200101", "120000", "1"


def write_scan(folder, direction=None, positions=None):
    hu = np.random.default_rng(0).integers(-1000, 100, SHAPE).astype(np.int16)
    direction = np.eye(3) if direction is None else direction
    if positions is None:
        positions = np.array([-120.5, -98.25, 300.0]) + np.arange(SHAPE[0])[:, None] * SPACING[0] * direction[:, 2]
    order = np.random.default_rng(1).permutation(SHAPE[0])  # the files' names say nothing of their order
    write_series(folder, hu[order], positions[order], direction, edit=add_needed)
    return read_ct(folder)


def made(volume, vessels=True, shape=SHAPE):
    labels, of_lungs = labels_and_vessels(shape)
    result = Segmentation(volume, labels, "network", vessels=of_lungs if vessels else None, vessel_rule="tubularity" if vessels else None)
    return result, measure(result)


def written(folder, volume, **options):
    result, measures = made(volume, **options)
    objects = DicomObjects(result, measures)
    for name in (SEG_NAME, SR_NAME):
        objects.write(folder / name)
    return result, measures


def assert_valid(path):
    """Let dciodvfy (dicom3tools), where it is installed, compare an object with the standard."""
    program = shutil.which("dciodvfy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is not None:
        said = subprocess.run([program, str(path)], capture_output=True, encoding="latin-1", timeout=60).stderr
        assert not [line for line in said.splitlines() if line.startswith("Error")], said


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=DIRECTIONS.keys())
def test_the_segmentation_has_the_labels_in_three_readers_and_refers_to_each_image(direction, tmp_path):
    volume = write_scan(tmp_path / "ct", direction)
    result, _ = written(tmp_path, volume)
    np.testing.assert_array_equal(read_labels(tmp_path / SEG_NAME, volume), result.labels)
    assert_valid(tmp_path / SEG_NAME)
    seg = hd.seg.segread(tmp_path / SEG_NAME)
    assert [seg.get_segment_description(number).segment_label for number in seg.segment_numbers] == NAMES
    images = {path: pydicom.dcmread(path) for path in sorted((tmp_path / "ct").glob("*.dcm"))}
    normal = direction[:, 2]
    in_order = sorted(images.values(), key=lambda image: float(np.dot(image.ImagePositionPatient, normal)))
    voxels = seg.get_pixels_by_source_instance([image.SOPInstanceUID for image in in_order], assert_missing_frames_are_empty=True)
    masks = [*(result.labels == label for label in (1, 2, 3)), *(result.vessels == label for label in (1, 2))]
    np.testing.assert_array_equal(voxels, np.stack(masks, axis=-1))
    plain = pydicom.dcmread(tmp_path / SEG_NAME)
    codes = []
    for segment in plain.SegmentSequence:
        kind = segment.SegmentedPropertyTypeCodeSequence[0]
        side = kind.get("SegmentedPropertyTypeModifierCodeSequence") or segment.get("AnatomicRegionSequence") or [None]
        side = side[0] and (side[0].get("AnatomicRegionModifierSequence") or side)[0]
        codes.append((kind.CodingSchemeDesignator, kind.CodeValue, side and side.CodeValue))
    lung, vessel, right, left = "39607008", "59820001", "24028007", "7771000"
    assert codes == [("SCT", *of) for of in ((lung, right), (lung, left), ("110726009", None), (vessel, right), (vessel, left))]
    assert str(plain.PatientName) == "Secret^Person" and plain.StudyInstanceUID == "1.2.3.4" and plain.SeriesInstanceUID != "1.2.3.5"


def test_the_report_has_the_measures_of_each_segment_with_its_codes(tmp_path):
    volume = write_scan(tmp_path / "ct")
    result, measures = written(tmp_path, volume)
    assert_valid(tmp_path / SR_NAME)
    seg, report = pydicom.dcmread(tmp_path / SEG_NAME), hd.sr.srread(tmp_path / SR_NAME)
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert len(groups) == 5
    density = {row["region"]: row for row in measures.tables["density"].rows}
    for number, (group, name) in enumerate(zip(groups, NAMES, strict=True), 1):
        reference = group.referenced_segment
        item = seg.SegmentSequence[number - 1]
        assert reference.referenced_sop_instance_uid == seg.SOPInstanceUID and reference.referenced_segment_numbers in (number, [number])
        assert group.tracking_uid == item.TrackingUID and group.finding_type.value == item.SegmentedPropertyTypeCodeSequence[0].CodeValue
        values = {(m.name.meaning, m.derivation.meaning if m.derivation else ""): (m.value, m.unit.value) for m in group.get_measurements()}
        mask = result.labels == number if number < 4 else result.vessels == number - 3
        expected_ml = np.count_nonzero(mask) * volume.voxel_volume_ml
        assert values["Volume", ""] == (pytest.approx(expected_ml, rel=1e-6), "ml")
        if number < 3:
            hu = volume.voxels_hu[mask]
            assert values["Attenuation Coefficient", "Mean"] == (pytest.approx(hu.mean(), abs=1e-6), "[hnsf'U]")
            assert values["Attenuation Coefficient", "Standard Deviation"][0] == pytest.approx(hu.std(), abs=1e-6)
            share = values["Share of the lung below -950 HU", ""]
            assert share == (pytest.approx(100 * np.mean(hu < -950)), "%") and share[0] == pytest.approx(density[name]["laa950_percent"])
            assert values["Mass", ""][0] == pytest.approx(density[name]["mass_g"])
    referenced = {item.ReferencedSOPInstanceUID for study in report.CurrentRequestedProcedureEvidenceSequence for series in
                  study.ReferencedSeriesSequence for item in series.ReferencedSOPSequence}  # fmt: skip
    assert referenced == {seg.SOPInstanceUID, *(pydicom.dcmread(path).SOPInstanceUID for path in (tmp_path / "ct").glob("*.dcm"))}


def test_a_straightened_or_interpolated_scan_has_a_grid_of_its_own(tmp_path):
    positions = np.array([-120.5, -98.25, 300.0]) + np.arange(SHAPE[0])[:, None] * np.array([0, 0.35, 2.5])  # a tilted gantry
    for name, places in (("tilted", positions), ("uneven", np.delete(positions * [1, 0, 1], 4, axis=0))):
        hu = np.random.default_rng(0).integers(-1000, 100, (len(places), *SHAPE[1:])).astype(np.int16)
        write_series(tmp_path / name / "ct", hu, places, edit=add_needed)
        volume = read_ct(tmp_path / name / "ct")
        assert volume.warnings
        result, _ = written(tmp_path / name, volume, shape=volume.voxels_hu.shape, vessels=False)
        np.testing.assert_array_equal(read_labels(tmp_path / name / SEG_NAME, volume), result.labels)
        assert_valid(tmp_path / name / SEG_NAME)
        assert_valid(tmp_path / name / SR_NAME)


def test_frames_of_an_enhanced_image_in_any_order(tmp_path):
    hu = np.random.default_rng(0).integers(-1000, 100, SHAPE).astype(np.int16)
    order = np.random.default_rng(1).permutation(SHAPE[0])
    write_enhanced(tmp_path / "ct" / "all.dcm", hu, order, [-1024] * SHAPE[0])
    dataset = pydicom.dcmread(tmp_path / "ct" / "all.dcm")
    add_needed(dataset)
    dataset.save_as(tmp_path / "ct" / "all.dcm")
    volume = read_ct(tmp_path / "ct")
    result, _ = written(tmp_path, volume)
    np.testing.assert_array_equal(read_labels(tmp_path / SEG_NAME, volume), result.labels)
    seg = hd.seg.segread(tmp_path / SEG_NAME)
    frames = seg.get_pixels_by_source_frame(dataset.SOPInstanceUID, list(range(1, 11)), assert_missing_frames_are_empty=True)
    np.testing.assert_array_equal(frames[..., 0], (result.labels == 1)[order])


def test_what_cannot_become_a_dicom_object_is_refused(tmp_path, monkeypatch):
    volume = write_scan(tmp_path / "ct")
    result, measures = made(volume)
    empty = replace(result, labels=np.zeros_like(result.labels), vessels=None)
    with pytest.raises(InputError, match="a DICOM segmentation cannot be empty"):
        DicomObjects(empty, measures).write(tmp_path / SEG_NAME)
    other = replace(result, volume=CtVolume(volume.voxels_hu, volume.spacing_zyx_mm, name="scan", source={"format": "NIfTI"}))
    with pytest.raises(InputError, match=r"scan was read from NIfTI; DICOM objects refer to the images .*: give the DICOM series"):
        DicomObjects(other, measures).write(tmp_path / SEG_NAME)
    path = Path(volume.source["dicom_files"][3])
    dataset = pydicom.dcmread(path)
    del dataset.FrameOfReferenceUID
    dataset.save_as(path)
    with pytest.raises(InputError, match=rf"{path.name} has no FrameOfReferenceUID"):
        DicomObjects(result, measures).write(tmp_path / SEG_NAME)
    path.unlink()
    with pytest.raises(InputError, match=rf"{path.name}, a slice of the scan, is not there any more"):
        DicomObjects(result, measures).write(tmp_path / SEG_NAME)
    monkeypatch.setattr(dicom_source, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"need the package highdicom, which is not installed: pip install 'lungsegmentation\[dicom\]'"):
        dicom_source.check_dicom_writing(None)
    assert not list(tmp_path.glob("*.dcm"))


def test_the_command_writes_them_for_dicom_only(tmp_path):
    from phantoms import phantom_of

    from LungSegmentationLib.commands.main import main
    from LungSegmentationLib.output.label_files import write_nifti

    phantom = phantom_of(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))

    def edit(dataset, index):
        add_needed(dataset)
        dataset.PixelSpacing, dataset.SliceThickness = [3.7, 3.7], 5.0

    write_series(tmp_path / "ct", phantom.volume.voxels_hu, np.arange(60)[:, None] * np.array([0, 0, 5.0]), edit=edit)
    options = ["--method", "connected-components", "--no-report", "--no-vessels", "--quiet"]
    assert main(["segment", str(tmp_path / "ct"), "--output", str(tmp_path / "out"), "--dicom-sr", *options]) == 0
    volume = read_ct(tmp_path / "ct")
    labels = read_labels(tmp_path / "out" / "labels.nii.gz", volume)
    np.testing.assert_array_equal(read_labels(tmp_path / "out" / SEG_NAME, volume), labels)
    groups = hd.sr.srread(tmp_path / "out" / SR_NAME).content.get_volumetric_roi_measurement_groups()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    volumes = [next(m.value for m in group.get_measurements() if m.name.meaning == "Volume") for group in groups]
    assert volumes == pytest.approx([summary["regions"][key]["volume_ml"] for key in ("right_lung", "left_lung", "airways")])
    assert "dicom_files" not in json.dumps(summary)
    write_nifti(phantom.volume.voxels_hu, phantom.volume, tmp_path / "ct.nii.gz")
    assert main(["segment", str(tmp_path / "ct.nii.gz"), "--output", str(tmp_path / "no"), "--dicom-seg", *options]) == 2
    assert not (tmp_path / "no").exists()
