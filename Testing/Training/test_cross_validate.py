"""A cross-validation of two phantoms, each left out of one network."""

import csv
import json
import shutil

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; it is for training only")

import training_parts

from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom
from Training.cross_validate import cross_validate

NAMES = ("one", "two")


@pytest.fixture(scope="module")
def cases_csv(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "ct", "reference", "doubt", "group"])
        for seed, name in enumerate(NAMES):
            phantom = make_phantom(seed=seed, shape_zyx=(60, 112, 112), spacing_zyx_mm=(5.0, 3.2, 3.2))
            write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / f"{name}_ct.nii.gz")
            write_nifti(phantom.labels, phantom.volume, folder / f"{name}_ref.nii.gz")
            writer.writerow([name, f"{name}_ct.nii.gz", f"{name}_ref.nii.gz", "", "healthy"])
    return folder / "cases.csv"


def training_of(folder, fold):
    return json.loads((folder / f"fold{fold}" / "compact.json").read_text(encoding="utf-8"))["training"]


def test_each_scan_is_left_out_once_and_the_networks_can_be_trained_on(trained, cases_csv, tmp_path):
    recipe, _, training = trained
    first, folds = tmp_path / "first", [[name] for name in NAMES]
    for fold in range(len(folds)):
        shutil.copytree(training, first / f"fold{fold}")  # A training that has come to its end: it is not run again.
    cross_validate(recipe, cases_csv, folds, first, training_parts.SAMPLES, phantoms=0)
    assert [training_of(first, fold)["left_out"] for fold in (0, 1)] == [["one"], ["two"]]
    with (first / "pairs.csv").open(newline="", encoding="utf-8") as file:
        assert [row["name"] for row in csv.DictReader(file)] == list(NAMES)

    cross_validate(recipe, cases_csv, folds[:1], tmp_path / "further", samples=40, phantoms=0, seed=5, start=first)
    assert training_of(tmp_path / "further", 0)["slices_seen"] == training_parts.SAMPLES + 40
    with pytest.raises(ValueError, match=r"was trained on two; start from networks with the same patients left out"):
        cross_validate(recipe, cases_csv, folds[::-1], tmp_path / "wrong", samples=40, phantoms=0, start=first)
    assert not (tmp_path / "wrong" / "fold0").exists()
