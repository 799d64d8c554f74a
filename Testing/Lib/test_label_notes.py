"""What had to be put right in a file of labels is said by the command that read it."""

import gzip

import numpy as np
import pytest
from dicom_outlines import outlines_mm, write_structure_set

from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.evaluation.pair import evaluate_pair
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom

BEHIND = "8 bytes behind its last voxel, all of them 0: they were left out"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Give a folder with a scan and its labels; of labels, vessels, a doubt and a probability also with zeros behind the voxels."""
    folder = tmp_path_factory.mktemp("files")
    phantom = make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5), seed=1)
    lungs = (phantom.labels == 1) | (phantom.labels == 2)
    maps = {"labels": phantom.labels, "vessels": lungs.astype(np.uint8), "doubt": (~lungs[::-1]).astype(np.uint8)}
    maps["probability"] = lungs * np.uint8(255)
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "ct.nii.gz")
    for name, array in maps.items():
        write_nifti(array, phantom.volume, folder / f"{name}.nii.gz")
        (folder / f"{name}_longer.nii").write_bytes(gzip.decompress((folder / f"{name}.nii.gz").read_bytes()) + bytes(8))
    outlines = [outlines_mm(phantom.labels == label, phantom.volume) for label in (1, 2)]
    places = sorted({outline[0][2] for outline in outlines[0]})
    gap = [outline for outline in outlines[0] if outline[0][2] not in places[5:7]]
    write_structure_set(folder / "whole.dcm", [(1, "Lung_R", outlines[0]), (2, "Lung_L", outlines[1])])
    write_structure_set(folder / "gap.dcm", [(1, "Lung_R", gap), (2, "Lung_L", outlines[1])])
    return folder


def test_measure_says_it_of_labels_and_of_vessels(files, tmp_path, capsys):
    words = ["measure", str(files / "ct.nii.gz"), str(files / "labels_longer.nii"), "--vessels", str(files / "vessels_longer.nii")]
    assert cli.main([*words, "--output", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for name in ("labels", "vessels"):
        assert f"- {name}_longer.nii has {BEHIND}" in said


@pytest.mark.parametrize(("name", "slices"), [("whole", 0), ("gap", 2)])
def test_measure_says_where_outlines_of_a_region_are_missing(files, tmp_path, capsys, name, slices):
    assert cli.main(["measure", str(files / "ct.nii.gz"), str(files / f"{name}.dcm"), "--output", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    note = f"the region 1 Lung_R of {name}.dcm has no outline in {slices} of the slices between its first and its last"
    assert (note in said) == (slices > 0) and ("Warnings:" in said) == (slices > 0)


def test_evaluate_says_it_of_every_file_once(files):
    given = ("ct.nii.gz", "probability_longer.nii", "doubt_longer.nii")
    pair = evaluate_pair(files / "labels_longer.nii", files / "gap.dcm", *(files / name for name in given))
    for name in ("labels", "probability", "doubt"):
        assert pair.warnings.count(f"{name}_longer.nii has {BEHIND}") == 1
    assert sum("no outline in 2 of the slices" in warning for warning in pair.warnings) == 1
    sound = evaluate_pair(files / "labels.nii.gz", files / "whole.dcm", *(files / name for name in ("ct.nii.gz", "probability.nii.gz")))
    assert sound.warnings == ()
