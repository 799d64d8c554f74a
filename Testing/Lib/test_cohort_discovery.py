"""Finding the scans of a folder with everything in it: each once, by content, whatever it is called."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_files import positions_along_normal, random_hu, write_series

from LungSegmentationLib.cohort import folder_contents, folder_reading
from LungSegmentationLib.cohort.discovery import discover
from LungSegmentationLib.cohort.scan_list import read_scan_list
from LungSegmentationLib.errors import InputError

VOXELS = np.arange(4 * 5 * 6, dtype=np.int16).reshape(4, 5, 6)


def write_image(path, number=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(VOXELS + np.int16(number)), str(path))


def image_type(*values, **more):
    def edit(dataset, index):
        dataset.ImageType = list(values)
        for keyword, value in more.items():
            setattr(dataset, keyword, value)

    return edit


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Give a folder with everything in it."""
    root = tmp_path_factory.mktemp("hospital")
    for number, name in enumerate(("a.nii.gz", "b.nrrd", "c.mha", "d.mhd", "e.nhdr", "f.hdr")):
        write_image(root / "images" / name, number)
    shutil.copy(root / "images" / "a.nii.gz", root / "images" / "no ending")
    mixed = root / "mixed"
    write_series(mixed, random_hu(), series_uid="1.2.1", prefix="x")
    write_series(
        mixed, random_hu(seed=1), series_uid="1.2.2", prefix="y", edit=image_type("ORIGINAL", "PRIMARY", "AXIAL", StudyDate="20200102")
    )
    for path in list(mixed.iterdir()):
        path.rename(path.with_suffix(""))  # DICOM by content
    write_series(mixed, random_hu((2, 20, 24)), series_uid="1.2.3", prefix="scout", edit=image_type("ORIGINAL", "PRIMARY", "LOCALIZER"))
    write_series(mixed, random_hu(seed=2), series_uid="1.2.4", prefix="mip", edit=image_type("DERIVED", "SECONDARY", "MIP"))
    write_series(mixed, random_hu(seed=3), series_uid="1.2.5", prefix="smooth", edit=image_type("DERIVED", "SECONDARY"))
    coronal = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]).T
    write_series(mixed, random_hu(seed=4), positions_along_normal(6, direction=coronal), coronal, series_uid="1.2.6", prefix="coronal")
    halves = write_series(
        root / "half 1", random_hu(seed=5), series_uid="1.2.7", edit=image_type("ORIGINAL", "PRIMARY", StudyInstanceUID="9")
    )
    for path in halves[3:]:
        (root / "half 2").mkdir(exist_ok=True)
        path.rename(root / "half 2" / path.name)
    shutil.copytree(mixed, root / "backup" / "mixed")
    write_series(root / "only mip", random_hu(), series_uid="1.2.8", edit=image_type("DERIVED", "SECONDARY", "MIP", StudyInstanceUID="8"))
    (root / "damaged.nii").write_bytes(b"this is no image")
    (root / "damaged.dcm").write_bytes(bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00")
    (root / "gone.nii").symlink_to(root / "nowhere.nii")
    (root / "loop").symlink_to(root)
    (root / "letter.txt").write_text("Dear colleague")
    (root / ".hidden.nii").write_bytes(b"no image either")
    write_image(root / "out" / "scans" / "1" / "labels.nii.gz")
    return root


@pytest.fixture(scope="module")
def found(tree):
    return discover([tree], tree / "out", {})


def names(scans, tree):
    return sorted(scan.source.replace(str(tree) + os.sep, "") for scan in scans)


def test_every_series_and_image_file_is_found_once(tree, found):
    assert names(found.scans, tree) == sorted(
        [
            *("images/a.nii.gz", "images/b.nrrd", "images/c.mha", "images/d.mhd", "images/e.nhdr", "images/f.hdr", "images/no ending"),
            # The copies in the backup come first by their folder's name; each series is there once.
            *("backup/mixed|1.2.1", "backup/mixed|1.2.2", "half 1|1.2.7"),
        ]
    )
    files = {scan.source.rpartition(os.sep)[2]: [Path(file).name for file in scan.files] for scan in found.scans}
    assert files["d.mhd"] == ["d.mhd", "d.raw"] and files["f.hdr"] == ["f.hdr", "f.img"]
    assert files["half 1|1.2.7"] == [f"slice00{number}.dcm" for number in range(6)]
    assert files["mixed|1.2.1"] == [f"x00{number}" for number in range(6)]


def test_sizes_patients_and_days_come_from_headers(found):
    voxels = {scan.source.rpartition(os.sep)[2]: scan.voxels for scan in found.scans}
    assert voxels["a.nii.gz"] == voxels["d.mhd"] == voxels["b.nrrd"] == 120 and voxels["half 1|1.2.7"] == 6 * 20 * 24
    dicom = {scan.source.rpartition("|")[2]: scan for scan in found.scans if scan.is_dicom}
    assert dicom["1.2.1"].patient == "SECRET-7" and dicom["1.2.1"].date == "" and dicom["1.2.2"].date == "20200102"


def test_what_is_left_out_or_wrong_is_told(tree, found):
    told = {item.source.replace(str(tree) + os.sep, ""): (item.is_error, item.reason) for item in found.left_out}
    rules = {source: reason.split(";")[0].split(":")[0] for source, (is_error, reason) in told.items() if not is_error}
    assert rules == {
        "backup/mixed|1.2.4": "a projection",
        "backup/mixed|1.2.5": "derived",
        "backup/mixed|1.2.6": "its slices are not axial",
        "only mip|1.2.8": "a projection",
    }
    errors = {source: reason for source, (is_error, reason) in told.items() if is_error}
    assert set(errors) == {"damaged.nii", "damaged.dcm", "gone.nii"}
    assert "not an image" in errors["damaged.nii"] and "damaged" in errors["damaged.dcm"] and "link" in errors["gone.nii"]


def test_overlapping_inputs_give_no_scan_twice(tree, found):
    twice = discover([tree, tree / "images", tree / "images" / "a.nii.gz", tree / "half 2" / "slice004.dcm"], tree / "out", {})
    assert names(twice.scans, tree) == names(found.scans, tree)


def test_one_dicom_file_stands_for_its_series(tree):
    (scan,) = discover([tree / "mixed" / "x003"], tree / "out", {}).scans
    assert scan.source.endswith("mixed|1.2.1") and len(scan.files) == 6


def test_a_second_search_reads_headers_of_what_changed_only(tree, found, monkeypatch):
    read = []
    kept = folder_contents.read_start
    monkeypatch.setattr(folder_contents, "read_start", lambda path, *more: read.append(path.name) or kept(path, *more))
    again = discover([tree], tree / "out", found.folders)
    assert read == [] and again.scans == found.scans and again.left_out == found.left_out
    write_image(tree / "images" / "g.nii", 9)
    after = discover([tree], tree / "out", found.folders)
    (tree / "images" / "g.nii").unlink()
    assert "g.nii" in read and all(name.endswith((".raw", ".raw.gz", ".img")) for name in set(read) - {"g.nii"})
    assert len(after.scans) == len(found.scans) + 1


def test_several_processes_find_the_same(tree, found, monkeypatch):
    monkeypatch.setattr(folder_reading, "_FEWEST_FILES", 0)
    again = discover([tree], tree / "out", {}, processes=2)
    assert again.scans == found.scans and again.left_out == found.left_out and again.folders == found.folders


def test_any_change_of_a_file_changes_the_signature_and_nothing_else_does(tmp_path):
    write_image(tmp_path / "a.nii")
    write_image(tmp_path / "b.nii")

    def signatures():
        return {scan.source[-5:]: scan.signature for scan in discover([tmp_path], tmp_path / "out", {}).scans}

    before = signatures()
    assert signatures() == before
    os.utime(tmp_path / "a.nii", ns=(1, 1))
    after = signatures()
    assert after["a.nii"] != before["a.nii"] and after["b.nii"] == before["b.nii"]


def test_a_list_names_scans_patients_and_days(tree, tmp_path):
    rows = ["ct;patient;date", f"{tree / 'images' / 'a.nii.gz'};Ann;2020-01-02", f"{tree / 'half 1'};Ben;", "missing.nii;Cleo;", ";;"]
    (tmp_path / "list.csv").write_text("\n".join(rows))
    found = discover([tmp_path / "list.csv"], tree / "out", {})
    assert {(Path(scan.path).name, scan.patient, scan.date) for scan in found.scans} == {
        ("a.nii.gz", "Ann", "20200102"),
        ("half 1", "Ben", ""),
    }
    assert [(Path(item.source).name, item.is_error) for item in found.left_out] == [("missing.nii", True)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("scan\na.nii\n", "no column ct; its columns are scan"),
        ("ct,date\na.nii,1.2.2020\n", "date '1.2.2020' in line 2"),
        ("", "no column ct"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path, text, problem):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(InputError, match=problem):
        read_scan_list(tmp_path / "list.csv")


def test_an_input_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        discover([tmp_path / "nowhere"], tmp_path / "out", {})
