"""DICOM segmentations and reports read back by dcmqi (https://github.com/QIICR/dcmqi), which shares no code with what wrote them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

pytest.importorskip("highdicom", reason="highdicom is not installed (no version runs on Slicer 5.10's pydicom and numpy)")
from test_dicom_objects import DIRECTIONS, NAMES, SR_NAME, assert_valid, write_scan, written

from LungSegmentationLib.labels import REGIONS, VESSEL_REGIONS
from LungSegmentationLib.output.dicom_objects import SEG_NAME
from LungSegmentationLib.output.label_files import image_on

STRUCTURES = (*REGIONS, *VESSEL_REGIONS)


def dcmqi(program: str, *arguments: object) -> None:
    found = shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{program} of the package dcmqi is not installed (it has wheels for some systems only)")
    run = subprocess.run([found, *(str(argument) for argument in arguments)], capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0 and "ERROR" not in run.stderr.upper(), run.stdout + run.stderr


def code(item: dict, key: str) -> tuple[str, str] | None:
    return (item[key]["CodingSchemeDesignator"], item[key]["CodeValue"]) if key in item else None


def expected_code(of) -> tuple[str, str] | None:
    return of and (of.scheme, of.value)


@pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=DIRECTIONS.keys())
def test_the_segmentation_has_the_same_voxels_in_the_same_place_with_the_same_codes(direction, tmp_path):
    volume = write_scan(tmp_path / "ct", direction)
    result, _ = written(tmp_path, volume)
    (tmp_path / "out").mkdir()
    options = ["--outputDirectory", tmp_path / "out", "--prefix", "of", "--outputType", "nrrd"]
    dcmqi("segimage2itkimage", "--inputDICOM", tmp_path / SEG_NAME, *options)
    segments = [of for (of,) in json.loads((tmp_path / "out" / "of-meta.json").read_text(encoding="utf-8"))["segmentAttributes"]]
    assert [of["SegmentLabel"] for of in segments] == NAMES
    for number, (of, region) in enumerate(zip(segments, STRUCTURES, strict=True), start=1):
        assert code(of, "SegmentedPropertyTypeCodeSequence") == expected_code(region.type_code)
        assert code(of, "SegmentedPropertyTypeModifierCodeSequence") == expected_code(region.modifier_code)
        assert code(of, "AnatomicRegionSequence") == expected_code(region.anatomic_code)
        assert code(of, "AnatomicRegionModifierSequence") == expected_code(region.anatomic_modifier_code)
        assert tuple(of["recommendedDisplayRGBValue"]) == pytest.approx(region.colour_rgb, abs=1)  # through CIELab of 16 bits
        assert of["labelID"] == number
        mask = (result.labels if number <= len(REGIONS) else result.vessels) == region.label
        read = sitk.ReadImage(str(tmp_path / "out" / f"of-{number}.nrrd"))
        on_scan = sitk.Resample(read, image_on(mask.astype(np.uint8), volume), sitk.Transform(), sitk.sitkNearestNeighbor)
        np.testing.assert_array_equal(sitk.GetArrayFromImage(on_scan) != 0, mask)


def test_the_report_has_the_same_numbers_with_the_same_codes(tmp_path):
    volume = write_scan(tmp_path / "ct")
    result, measures = written(tmp_path, volume)
    assert_valid(tmp_path / SR_NAME)
    dcmqi("tid1500reader", "--inputDICOM", tmp_path / SR_NAME, "--outputMetadata", tmp_path / "report.json")
    groups = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["Measurements"]
    density = {row["region"]: row for row in measures.tables["density"].rows}
    for number, (group, region) in enumerate(zip(groups, STRUCTURES, strict=True), start=1):
        assert group["ReferencedSegment"] == number and group["TrackingIdentifier"] == NAMES[number - 1]
        assert code(group, "Finding") == expected_code(region.type_code)
        values = {
            (code(item, "quantity"), code(item, "derivationModifier")): (float(item["value"]), item["units"]["CodeValue"])
            for item in group["measurementItems"]
        }
        mask = (result.labels if number <= len(REGIONS) else result.vessels) == region.label
        millilitres, unit = values[("SCT", "118565006"), None]
        assert unit == "ml" and millilitres == pytest.approx(np.count_nonzero(mask) * volume.voxel_volume_ml, rel=1e-9)
        if number <= 2:
            attenuation, hu = ("DCM", "112031"), volume.voxels_hu[mask]
            assert code(group, "Laterality") == expected_code(region.modifier_code)
            assert values[attenuation, ("SCT", "373098007")] == (pytest.approx(hu.mean(), abs=1e-9), "[hnsf'U]")
            assert values[attenuation, ("SCT", "386136009")] == (pytest.approx(hu.std(), abs=1e-9), "[hnsf'U]")
            share = values[("99LUNGSEG", "LAA950"), None]
            assert share == (pytest.approx(density[region.name]["laa950_percent"], abs=1e-9), "%")
