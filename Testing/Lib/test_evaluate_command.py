"""``lungsegmentation evaluate``, run on files as users have them."""

import csv
import json

import numpy as np
import openpyxl
import pytest
import SimpleITK as sitk

from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.output.evaluation_files import EVALUATION_NAMES
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(32, 48, 52), orientation="RAS", seed=6)


@pytest.fixture(scope="module")
def files(phantom, tmp_path_factory):
    """Give a folder with a scan, its true labels, and labels that miss the right lung's lowest tenth."""
    folder = tmp_path_factory.mktemp("files")
    right = np.argwhere(phantom.labels == 1)
    found = phantom.labels.copy()
    found[tuple(right[: len(right) // 10].T)] = 0
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "chest.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    write_nifti(found, phantom.volume, folder / "found.nii.gz")
    lungs = (phantom.labels % 3 > 0).astype(np.uint8)
    write_nifti(lungs * 200 + 20, phantom.volume, folder / "probability.nii.gz")
    return folder


def _evaluate(*arguments) -> int:
    return cli.main(["evaluate", *(str(argument) for argument in arguments)])


def _refused(capsys, *arguments) -> str:
    """Check that a run ended as a user's error does, and give its one line."""
    assert _evaluate(*arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("lungsegmentation: error: ")
    assert output.err.count("\n") == 1
    return output.err


def test_every_file_tells_the_same_true_figures(phantom, files, tmp_path, capsys):
    more = ("--ct", files / "chest.nii.gz", "--probability", files / "probability.nii.gz", "--tolerance-mm", "3.5")
    assert _evaluate(files / "found.nii.gz", files / "truth.nii.gz", *more, "--output", tmp_path / "out") == 0
    printed = capsys.readouterr().out
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(EVALUATION_NAMES)
    size = np.count_nonzero(phantom.labels == 1)
    missed = size // 10
    dice = 2 * (size - missed) / (2 * size - missed)
    assert f"{dice:.4f}" in next(line for line in printed.splitlines() if line.startswith("Right lung"))
    assert str(tmp_path / "out") in printed
    tables = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["tables"]
    right = tables["comparison"]["rows"][0]
    assert right["dice"] == pytest.approx(dice)
    assert (right["tolerance_mm"], right["reference_voxels"], right["false_positive_rate"]) == (3.5, size, 0.0)
    assert right["mean_absolute_error_hu"] is not None
    assert tables["probability"]["rows"][0]["auc"] == 1.0
    with (tmp_path / "out" / "evaluation.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Region"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["Right lung", "Left lung", "Both lungs", "Airways"]
    assert rows["Right lung"]["Dice coefficient"] == f"{dice:.4f}"
    book = openpyxl.load_workbook(tmp_path / "out" / "evaluation.xlsx")
    assert book.sheetnames == ["Comparison", "Probability map"]
    assert book["Comparison"]["B2"].value == pytest.approx(dice)
    difference = sitk.ReadImage(str(tmp_path / "out" / "difference.nii.gz"))
    truth = sitk.ReadImage(str(files / "truth.nii.gz"))
    assert (difference.GetSpacing(), difference.GetOrigin(), difference.GetDirection()) == (
        truth.GetSpacing(),
        truth.GetOrigin(),
        truth.GetDirection(),
    )
    found = sitk.GetArrayFromImage(sitk.ReadImage(str(files / "found.nii.gz")))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(difference), (found != phantom.labels).astype(np.uint8))


def test_an_earlier_evaluation_stays_unless_it_is_to_be_overwritten(files, tmp_path, capsys):
    arguments = (files / "found.nii.gz", files / "truth.nii.gz", "--output", tmp_path, "--quiet")
    (tmp_path / "evaluation.csv").write_text("of another result")
    assert "already holds a result (evaluation.csv)" in _refused(capsys, *arguments)
    assert (tmp_path / "evaluation.csv").read_text(encoding="utf-8") == "of another result"
    assert _evaluate(*arguments, "--overwrite") == 0
    assert capsys.readouterr() == ("", "")
    assert {path.name for path in tmp_path.iterdir()} == set(EVALUATION_NAMES)


def test_what_cannot_be_compared_leaves_nothing_behind(phantom, files, tmp_path, capsys):
    image = sitk.ReadImage(str(files / "truth.nii.gz"))
    sitk.WriteImage(image[:, :, 2:], str(tmp_path / "shorter.nii.gz"))
    write_nifti(np.array([0, 1, 2, 17], np.uint8)[phantom.labels], phantom.volume, tmp_path / "other.nii.gz")
    (tmp_path / "folder").mkdir()
    for reference, words, *more in (
        (tmp_path / "shorter.nii.gz", "52 × 48 × 30 voxels"),
        (tmp_path / "other.nii.gz", "17 has no known meaning"),
        (tmp_path / "other.nii.gz", "NUMBER=REGION", "--reference-labels-map", "17"),
        (tmp_path / "missing.nii.gz", "does not exist"),
        (tmp_path / "folder", "holds no DICOM"),
        (files / "truth.nii.gz", "does not exist", "--probability", tmp_path / "none.nii.gz"),
        (files / "truth.nii.gz", "does not exist", "--doubt", tmp_path / "none.nii.gz"),
        (files / "truth.nii.gz", "tolerance", "--tolerance-mm", "-1"),
        (files / "chest.nii.gz", "no known meaning"),
    ):
        assert words in _refused(capsys, files / "found.nii.gz", reference, "--output", tmp_path / "out", *more)
        assert not (tmp_path / "out").exists()
    more = ("--resample", "--reference-labels-map", "1=right_lung,2=left_lung,17=airways")
    assert _evaluate(files / "found.nii.gz", tmp_path / "other.nii.gz", "--output", tmp_path / "out", *more) == 0
    assert _evaluate(files / "found.nii.gz", tmp_path / "shorter.nii.gz", "--output", tmp_path / "resampled", "--resample") == 0
    assert "the nearest voxels were taken" in " ".join(capsys.readouterr().out.split())
    warnings = json.loads((tmp_path / "resampled" / "evaluation.json").read_text(encoding="utf-8"))["tables"]["warnings"]["rows"]
    assert len(warnings) == 1


def test_a_result_folder_and_its_input_in_the_output_stay(files, tmp_path, capsys):
    folder = tmp_path / "result"
    folder.mkdir()
    (folder / "labels.nii.gz").write_bytes((files / "found.nii.gz").read_bytes())
    assert _evaluate(folder, files / "truth.nii.gz", "--output", folder) == 0
    assert capsys.readouterr().out.startswith("result: result against truth.nii.gz\n")
    (folder / "difference.nii.gz").write_bytes((files / "found.nii.gz").read_bytes())
    error = _refused(capsys, folder / "difference.nii.gz", files / "truth.nii.gz", "--output", folder, "--overwrite")
    assert "would be replaced" in error
