"""``lungsegmentation measure``, run on files as users have them."""

import csv
import json
import re

import numpy as np
import pytest
import SimpleITK as sitk

from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.label_maps import parse_labels_map
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.seg_nrrd import write_seg_nrrd
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.tables.table_files import TABLE_NAMES

REGION_OF_LABEL = {region.label: region for region in REGIONS}
OF_VESSELS = {"vessels.csv", "vessel_branches.csv", "vessel_centrelines.vtp"}
WITHOUT_VESSELS = [name for name in (*TABLE_NAMES, "airway_centrelines.vtp") if name not in OF_VESSELS]
NAMES = {*WITHOUT_VESSELS, "chest_measures.xlsx"}


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(50, 72, 80), orientation="RAS", seed=6)


@pytest.fixture(scope="module")
def scan(phantom, tmp_path_factory):
    """Give the folder of a phantom CT, its true labels in several formats, and its vessels."""
    folder = tmp_path_factory.mktemp("scan")
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "chest.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    vessels = np.isin(phantom.structures, (31, 41)).astype(np.uint8) * 255
    write_nifti(vessels, phantom.volume, folder / "vessels.nii.gz")
    write_seg_nrrd([(phantom.labels, REGION_OF_LABEL)], phantom.volume, folder / "truth.seg.nrrd")
    image = sitk.ReadImage(str(folder / "truth.nii.gz"))
    sitk.WriteImage(sitk.DICOMOrient(image, "PSL"), str(folder / "turned.nrrd"))
    return folder


def _rows(path, key="Region"):
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def _measure(*arguments) -> int:
    return cli.main(["measure", *(str(argument) for argument in arguments)])


def _refused(capsys, *arguments) -> str:
    """Check that a run ended as a user's error does, and give its one line."""
    assert _measure(*arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("lungsegmentation: error: ")
    assert output.err.count("\n") == 1
    return output.err


def test_true_labels_give_the_true_figures(phantom, scan, tmp_path, capsys):
    assert _measure(scan / "chest.nii.gz", scan / "truth.nii.gz", "--vessels", scan / "vessels.nii.gz", "--output", tmp_path / "out") == 0
    assert "Right lung" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "out").iterdir()} == NAMES | OF_VESSELS
    truth = phantom.volumes_ml()
    regions = json.loads((tmp_path / "out" / "measures.json").read_text(encoding="utf-8"))["tables"]["volumes"]["rows"]
    volumes = {row["region"]: row["volume_ml"] for row in regions}
    expected = {"Right lung": "label:right_lung", "Left lung": "label:left_lung", "Airways": "label:airways"}
    expected |= {"Vessels of right lung": "vessel_right", "Vessels of left lung": "vessel_left"}
    for name, key in expected.items():
        assert volumes[name] == pytest.approx(truth[key], rel=1e-6)
    vessels = np.isin(phantom.structures, (31, 41))
    for row, label in zip(regions[:2], (1, 2), strict=True):
        assert row["mean_hu"] == pytest.approx(phantom.volume.voxels_hu[phantom.labels == label].mean())
        assert row["vessel_percent"] == pytest.approx(100 * vessels[phantom.labels == label].mean())
    assert _rows(tmp_path / "out" / "volumes.csv")["Right lung"]["Volume (mL)"] == f"{truth['label:right_lung']:.2f}"


@pytest.mark.parametrize("labels", ["turned.nrrd", "truth.seg.nrrd"])
def test_other_formats_and_axis_orders_give_the_same_files(labels, scan, tmp_path):
    for name in ("truth.nii.gz", labels):
        assert _measure(scan / "chest.nii.gz", scan / name, "--output", tmp_path / name, "--quiet") == 0
    for name in WITHOUT_VESSELS:
        assert (tmp_path / labels / name).read_bytes() == (tmp_path / "truth.nii.gz" / name).read_bytes()


def test_a_cropped_segmentation_with_two_layers_finds_its_place(phantom, scan, tmp_path):
    """Slicer may save only the part of the grid that segments fill, and overlapping segments in layers."""
    used = [np.flatnonzero(phantom.labels.any(axis=other)) for other in ((1, 2), (0, 2), (0, 1))]
    box = tuple(slice(int(index[0]), int(index[-1]) + 1) for index in used)
    image = sitk.ReadImage(str(scan / "chest.nii.gz"))
    part = image[box[2], box[1], box[0]]
    lungs = np.where(phantom.labels == 3, 1, phantom.labels).astype(np.uint8)  # the airways overlap the right lung
    layers = [
        (lungs[box], {n: REGION_OF_LABEL[n] for n in (1, 2)}),
        (np.where(phantom.labels == 3, 7, 0).astype(np.uint8)[box], {7: REGIONS[2]}),
    ]
    cropped = type(phantom.volume)(
        phantom.volume.voxels_hu[box], phantom.volume.spacing_zyx_mm, part.GetOrigin(), phantom.volume.direction_lps
    )
    write_seg_nrrd(layers, cropped, tmp_path / "part.seg.nrrd")
    for labels in (tmp_path / "part.seg.nrrd", scan / "truth.nii.gz"):
        assert _measure(scan / "chest.nii.gz", labels, "--output", tmp_path / f"of_{labels.name}", "--quiet") == 0
    for name in WITHOUT_VESSELS:
        assert (tmp_path / "of_part.seg.nrrd" / name).read_bytes() == (tmp_path / "of_truth.nii.gz" / name).read_bytes()


def test_a_labels_map_says_what_numbers_mean(phantom, scan, tmp_path):
    numbers = np.array([0, 255, 20, 30], np.int16)[phantom.labels]
    numbers[phantom.structures == 31] = 21  # a part of the right lung under a number of its own
    numbers[0, 0, 0] = 99
    write_nifti(numbers, phantom.volume, tmp_path / "other.nii.gz")
    mapping = "255=right_lung, 21=right_lung, 20=left_lung, 30=airways, 99=background"
    for labels, more in ((tmp_path / "other.nii.gz", ["--labels-map", mapping]), (scan / "truth.nii.gz", [])):
        assert _measure(scan / "chest.nii.gz", labels, "--output", tmp_path / f"of_{labels.name}", "--quiet", *more) == 0
    for name in WITHOUT_VESSELS:
        assert (tmp_path / "of_other.nii.gz" / name).read_bytes() == (tmp_path / "of_truth.nii.gz" / name).read_bytes()


def test_unknown_numbers_are_listed(phantom, scan, tmp_path, capsys):
    write_nifti(np.array([0, 1, 2, 17], np.uint8)[phantom.labels], phantom.volume, tmp_path / "other.nii.gz")
    error = _refused(capsys, scan / "chest.nii.gz", tmp_path / "other.nii.gz", "--output", tmp_path / "out")
    assert "1, 2, 17" in error
    assert "--labels-map" in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: image[:, :, 2:], "48 voxels"),
        (lambda image: image[1:, 1:, 1:], "79 × 71 × 49"),
        (lambda image: _moved(image, 1.5), "another grid"),
        (lambda image: _stretched(image), "another grid"),
        (lambda image: _tilted(image), "another grid"),
    ],
)
def test_another_grid_is_refused_with_the_difference(change, words, scan, tmp_path, capsys):
    sitk.WriteImage(change(sitk.ReadImage(str(scan / "truth.nii.gz"))), str(tmp_path / "other.nrrd"))
    error = _refused(capsys, scan / "chest.nii.gz", tmp_path / "other.nrrd", "--output", tmp_path / "out")
    assert words in error
    assert len(re.findall(r"\d+ × \d+ × \d+ voxels of", error)) == 2


def _moved(image, by_mm):
    image.SetOrigin([image.GetOrigin()[0] + by_mm, *image.GetOrigin()[1:]])
    return image


def _stretched(image):
    x_mm, y_mm, z_mm = image.GetSpacing()
    image.SetSpacing((x_mm, y_mm, 1.02 * z_mm))  # the first slice stays in its place, the last is one slice away
    return image


def _tilted(image):
    cos, sin = np.cos(0.05), np.sin(0.05)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    image.SetDirection((turn @ np.reshape(image.GetDirection(), (3, 3))).ravel().tolist())
    return image


def test_labels_without_lung_segments_without_codes_and_damaged_files_are_refused(phantom, scan, tmp_path, capsys):
    write_nifti(np.zeros_like(phantom.labels), phantom.volume, tmp_path / "empty.nii.gz")
    write_seg_nrrd([(phantom.labels, {3: REGIONS[2]})], phantom.volume, tmp_path / "airways.seg.nrrd")
    (tmp_path / "cut.seg.nrrd").write_bytes((scan / "truth.seg.nrrd").read_bytes()[:3000])
    (tmp_path / "none.seg.nrrd").write_text("no image")
    for name, words in (
        ("empty.nii.gz", "no voxel of the right or left lung"),
        ("airways.seg.nrrd", "segments found: Airways"),
        ("cut.seg.nrrd", "cut short or damaged"),
        ("none.seg.nrrd", "cannot be read"),
        ("missing.nii.gz", "does not exist"),
    ):
        assert words in _refused(capsys, scan / "chest.nii.gz", tmp_path / name, "--output", tmp_path / "out"), name


def test_an_earlier_result_stays_unless_it_is_to_be_overwritten(scan, tmp_path, capsys):
    arguments = (scan / "chest.nii.gz", scan / "truth.nii.gz", "--output", tmp_path, "--quiet")
    (tmp_path / "old_measures.xlsx").write_text("of another input")
    assert "already holds a result (old_measures.xlsx)" in _refused(capsys, *arguments)
    assert _measure(*arguments, "--overwrite") == 0
    assert {path.name for path in tmp_path.iterdir()} == NAMES
    assert "already holds a result" in _refused(capsys, *arguments)


@pytest.mark.parametrize(
    "text", ["", "1", "1=lung", "0=right_lung", "1=right_lung,1=left_lung", "a=airways", "-1=airways", "1=right_lung,"]
)
def test_a_labels_map_of_another_form_is_refused(text):
    with pytest.raises(InputError, match="NUMBER=REGION"):
        parse_labels_map(text)
