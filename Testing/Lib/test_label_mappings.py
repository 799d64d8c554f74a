"""Label maps in the numbering of other tools: written, read, and what a numbering cannot hold is said."""

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from phantoms import small_phantom

from LungSegmentationLib import segment
from LungSegmentationLib.cohort.identity import run_parameters
from LungSegmentationLib.cohort.result_layouts import RESULT_LAYOUTS
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.io.label_mappings import LABEL_MAPPINGS, WRITTEN_NAMES, find_mapping, renumbered
from LungSegmentationLib.io.label_maps import REGION_KEYS, parse_labels_map
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.output.seg_nrrd import write_seg_nrrd
from LungSegmentationLib.tables.layouts import TABLE_LAYOUTS

METHOD = "connected-components"
# Background, right lung, left lung, airways, by hand from the sources that the module names.
NUMBERS = {"lungmask": [0, 1, 2, 0], "totalsegmentator-mr": [0, 11, 10, 0], "luna16": [0, 4, 3, 5], "ptk": [0, 1, 2, 0]}
# Right lung, left lung and airways as numbers of lobes and of the trachea; and a number of something else.
PARTS = {
    "lungmask-lobes": ([3, 4, 5], [1, 2], [], None),
    "totalsegmentator": ([12, 13, 14], [10, 11], [16], 51),
    "ptk-lobes": ([1, 2, 4], [5, 6], [], None),
}


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """Give a folder with a phantom CT and its true labels."""
    phantom, folder = small_phantom(), tmp_path_factory.mktemp("scan")
    write_nifti(phantom.volume.voxels_hu, phantom.volume, folder / "ct.nii.gz")
    write_nifti(phantom.labels, phantom.volume, folder / "truth.nii.gz")
    return folder


def voxels(path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_every_numbering_that_can_be_written_has_the_tools_numbers():
    assert set(WRITTEN_NAMES) == set(NUMBERS)
    for name, numbers in NUMBERS.items():
        assert renumbered(np.arange(4, dtype=np.uint8), find_mapping(name.upper())).tolist() == numbers


def test_the_command_writes_it_beside_its_own_and_says_what_is_lost(scan, tmp_path, capsys):
    def run(name: str, *more: str) -> int:
        places = [str(scan / "ct.nii.gz"), "--output", str(tmp_path / "out"), "--method", METHOD]
        return cli.main(["segment", *places, "--no-vessels", "--no-report", "--no-viewer", "--label-mapping", name, *more])

    assert run("luna16") == 0
    assert "no number for the airways" not in capsys.readouterr().out
    labels = voxels(tmp_path / "out" / "labels.nii.gz")
    assert set(np.unique(labels)) == {0, 1, 2, 3}
    assert np.array_equal(voxels(tmp_path / "out" / "labels_luna16.nii.gz"), np.array(NUMBERS["luna16"])[labels])
    assert run("lungmask", "--overwrite") == 0
    line = "labels_lungmask.nii.gz: it has no number for the airways, which are background there"
    assert line in capsys.readouterr().out
    assert line in json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["warnings"]
    assert np.array_equal(voxels(tmp_path / "out" / "labels_lungmask.nii.gz"), np.array(NUMBERS["lungmask"])[labels])
    assert not (tmp_path / "out" / "labels_luna16.nii.gz").exists()  # of the earlier run
    for name, words in (("Lungmaks", "'Lungmaks' is unknown; choose from: lungmask, "), ("totalsegmentator", "lobes, which are not found")):
        assert run(name, "--overwrite") == 2
        error = capsys.readouterr().err
        assert words in error and "totalsegmentator-mr, luna16, ptk" in error and error.count("\n") == 1


def test_python_gives_and_saves_the_same_numbers(tmp_path):
    result = segment(small_phantom().volume, METHOD)
    expected = np.array(NUMBERS["totalsegmentator-mr"])[result.labels]
    assert np.array_equal(sitk.GetArrayFromImage(result.to_sitk(label_mapping="totalsegmentator-mr")), expected)
    image = result.to_nibabel(label_mapping="totalsegmentator-mr")
    assert np.array_equal(np.asarray(image.dataobj), expected.transpose()) and image.get_data_dtype() == np.uint8
    assert np.array_equal(image.affine, result.to_nibabel().affine)
    with pytest.raises(InputError, match="choose from: lungmask, "):
        result.save(tmp_path / "out", label_mapping="totalsegmentator")
    assert not (tmp_path / "out").exists()
    result.save(tmp_path / "out", label_mapping="totalsegmentator-mr")
    saved = nibabel.load(tmp_path / "out" / "labels_totalsegmentator-mr.nii.gz")
    assert np.array_equal(np.asarray(saved.dataobj), expected.transpose())


@pytest.mark.parametrize("name", [*NUMBERS, *PARTS])
def test_labels_of_other_tools_are_measured_by_name(name, scan, tmp_path):
    truth = small_phantom().labels
    if name in NUMBERS:
        numbers, lost = np.array(NUMBERS[name])[truth], NUMBERS[name][3] == 0
    else:
        right, left, airways, other = PARTS[name]
        numbers, lost = np.zeros(truth.shape, int), not airways
        for label, of_label in enumerate((right, left, airways), start=1):
            places = np.flatnonzero(truth == label)
            for number, part in zip(of_label, np.array_split(places, max(len(of_label), 1)), strict=False):
                numbers.flat[part] = number
        if other is not None:
            numbers.flat[0] = other
    write_nifti(numbers.astype(np.uint8), small_phantom().volume, tmp_path / "other.nii.gz")
    expected = np.where(truth == 3, 0, truth).astype(np.uint8) if lost else truth
    write_nifti(expected, small_phantom().volume, tmp_path / "ours.nii.gz")
    for labels, more in (("other.nii.gz", ["--label-mapping", name]), ("ours.nii.gz", [])):
        places = [str(scan / "ct.nii.gz"), str(tmp_path / labels), "--output", str(tmp_path / f"of_{labels}"), "--quiet"]
        assert cli.main(["measure", *places, *more]) == 0
    for table in ("volumes.csv", "density.csv", "slices.csv"):
        assert (tmp_path / "of_other.nii.gz" / table).read_bytes() == (tmp_path / "of_ours.nii.gz" / table).read_bytes()


def test_a_number_that_the_tool_does_not_have_is_no_lung(scan, tmp_path, capsys):
    lobes = np.array([0, 3, 1, 0], np.uint8)[small_phantom().labels]  # as lungmask-lobes has them
    write_nifti(lobes, small_phantom().volume, tmp_path / "lobes.nii.gz")
    places = [str(scan / "ct.nii.gz"), str(tmp_path / "lobes.nii.gz"), "--output", str(tmp_path / "out")]
    assert cli.main(["measure", *places, "--label-mapping", "lungmask"]) == 2
    assert "labels 1, 3, of which 3 has no known meaning" in capsys.readouterr().err
    assert cli.main(["measure", *places, "--labels-map", "lungmusk"]) == 2
    assert "'lungmusk' is unknown" in capsys.readouterr().err
    assert parse_labels_map("LUNA16") == LABEL_MAPPINGS["luna16"].meanings


def test_a_file_that_names_its_segments_is_not_read_by_a_tools_numbers(scan, tmp_path, capsys):
    write_seg_nrrd(
        [(small_phantom().labels, {region.label: region for region in REGIONS})], small_phantom().volume, tmp_path / "s.seg.nrrd"
    )
    places = [str(scan / "ct.nii.gz"), str(tmp_path / "s.seg.nrrd"), "--output", str(tmp_path / "out")]
    assert cli.main(["measure", *places, "--label-mapping", "luna16"]) == 2  # by which the airways would be the left lung
    assert "s.seg.nrrd says itself what its segments are" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert cli.main(["measure", *places, "--labels-map", "1=right_lung,2=left_lung,3=airways", "--quiet"]) == 0


def test_a_cohort_knows_results_with_and_without_a_mapping_apart():
    plain = run_parameters(METHOD, {})
    assert "label_mapping" not in plain.facts()  # results of earlier runs keep their key
    assert run_parameters(METHOD, {}, label_mapping="PTK").key != plain.key
    assert run_parameters(METHOD, {}, label_mapping="PTK") == run_parameters(METHOD, {}, label_mapping="ptk")
    with pytest.raises(InputError, match="choose from"):
        run_parameters(METHOD, {}, label_mapping="lobes")


def test_the_documentation_has_every_number_of_every_tool():
    text = (Path(__file__).resolve().parents[2] / "docs" / "other_tools.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")]
    documented = {row[0].strip("`"): row[2:] for row in rows if len(row) == 6}
    expected = {}
    for name, mapping in LABEL_MAPPINGS.items():
        of = {
            key: ", ".join(str(number) for number, region in sorted(mapping.meanings.items()) if region == key) for key in REGION_KEYS[:3]
        }
        cells = [of[key] or "–" for key in ("right_lung", "left_lung", "airways")]
        expected[name] = [*cells, "yes" if mapping.written else "no"]
    expected["totalsegmentator"][2] += " (trachea)"
    assert documented == expected
    for name in (*TABLE_LAYOUTS, *RESULT_LAYOUTS):
        assert f"`{name}`" in text
