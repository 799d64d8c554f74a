"""A cohort's label maps laid out for other tools: places, descriptions, resuming, and what is there no more."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cohort_cluster import run, shared_cluster
from cohort_engines import write_tiny_scan

from LungSegmentationLib.cohort.result_layouts import find_layout, write_result_layout
from LungSegmentationLib.cohort.run import rebuild_tables
from LungSegmentationLib.errors import InputError

pytest.importorskip("distributed", reason="the command cohort needs dask and distributed")


@pytest.fixture(scope="module")
def cluster():
    with shared_cluster() as address:
        yield address


def places(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def write_result(output: Path, name: str, patient: str, labels: bytes) -> Path:
    """Write a finished scan's folder: two label maps, a table, and a record of the form that a run writes."""
    folder = output / "scans" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, content in (("labels.nii.gz", labels), ("vessels.nii.gz", labels + b"v"), ("volumes.csv", b"x")):
        (folder / file_name).write_bytes(content)
    files = {path.name: [path.stat().st_size, ""] for path in folder.iterdir() if path.name != "scan.json"}
    record = {"id": name, "key": "k", "patient": patient, "files": files}
    (folder / "scan.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["bids", "MONAI"])
def test_a_run_and_the_same_again_with_each_layout(name, cluster, tmp_path):
    for number in (1, 2):
        write_tiny_scan(tmp_path / "in" / f"{number}.nii", number)
    out = tmp_path / "in" / "out"  # within what is searched: its copies are no scans
    first = run(tmp_path / "in", out, scheduler=cluster)
    assert first.done == 2 and not (out / name.lower()).exists()
    again = run(tmp_path / "in", out, scheduler=cluster, layout=find_layout(name))
    assert (again.total, again.done, again.before) == (2, 0, 2) and name.lower() in again.written
    copies = sorted(path.read_bytes() for path in (out / name.lower()).rglob("*.nii.gz"))
    assert copies == sorted(path.read_bytes() for path in (out / "scans").glob("*/labels.nii.gz")) and len(copies) == 2
    third = run(tmp_path / "in", out, scheduler=cluster, layout=find_layout(name))
    assert (third.total, third.done, third.before) == (2, 0, 2)


def test_bids_names_patients_and_scans_and_describes_itself(tmp_path):
    write_result(tmp_path, "0a1b", "77ee", b"one")
    write_result(tmp_path, "0c2d", "77ee", b"two")
    write_result(tmp_path, "0e3f", "", b"three")
    write_result_layout(find_layout("bids"), tmp_path)
    folder = tmp_path / "bids"
    scans = [("sub-77ee", "ses-0a1b"), ("sub-77ee", "ses-0c2d"), ("sub-0e3f", "ses-0e3f")]
    maps = {f"{sub}/{ses}/anat/{sub}_{ses}_desc-{of}_dseg.nii.gz" for sub, ses in scans for of in ("lungs", "vessels")}
    of_labels = {f"desc-{of}_dseg.{ending}" for of in ("lungs", "vessels") for ending in ("json", "tsv")}
    assert places(folder) == maps | of_labels | {"dataset_description.json", "README"}
    assert (folder / "sub-77ee/ses-0c2d/anat/sub-77ee_ses-0c2d_desc-vessels_dseg.nii.gz").read_bytes() == b"twov"
    description = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))
    assert description["DatasetType"] == "derivative" and description["GeneratedBy"][0]["Name"] == "LungSegmentation"
    assert description["Name"] and re.fullmatch(r"1\.\d+\.\d+", description["BIDSVersion"])
    of_lungs = json.loads((folder / "desc-lungs_dseg.json").read_text(encoding="utf-8"))
    assert of_lungs == {"Description": "Right lung, left lung and airways.", "SpatialReference": "orig"}
    table = (folder / "desc-lungs_dseg.tsv").read_text(encoding="utf-8").splitlines()
    assert table == ["index\tname\tcolor", "1\tRight lung\t#E68C6E", "2\tLeft lung\t#6EAAE6", "3\tAirways\t#F5DC5A"]


def test_monai_lists_the_labels(tmp_path):
    write_result(tmp_path, "0a1b", "77ee", b"one")
    write_result(tmp_path, "0c2d", "", b"two")
    write_result_layout(find_layout("monai"), tmp_path)
    of_scans = {f"{scan}/{scan}_{of}.nii.gz" for scan in ("0a1b", "0c2d") for of in ("seg", "vessels")}
    assert places(tmp_path / "monai") == of_scans | {"datalist.json"}
    datalist = json.loads((tmp_path / "monai" / "datalist.json").read_text(encoding="utf-8"))
    assert datalist["training"] == [{"label": "0a1b/0a1b_seg.nii.gz"}, {"label": "0c2d/0c2d_seg.nii.gz"}]
    assert datalist["labels"] == {"0": "background", "1": "right_lung", "2": "left_lung", "3": "airways"}


def test_a_layout_follows_the_results_and_leaves_other_files_alone(tmp_path):
    write_result(tmp_path, "0a1b", "77ee", b"one")
    write_result(tmp_path, "0c2d", "", b"two")
    layout = find_layout("bids")
    write_result_layout(layout, tmp_path)
    kept = tmp_path / "bids/sub-0c2d/ses-0c2d/anat/mine.nii.gz"
    kept.write_bytes(b"mine")
    first = tmp_path / "bids/sub-77ee/ses-0a1b/anat/sub-77ee_ses-0a1b_desc-lungs_dseg.nii.gz"
    before = first.stat().st_mtime_ns
    write_result_layout(layout, tmp_path)
    assert first.stat().st_mtime_ns == before  # what has not changed is not written again
    write_result(tmp_path, "0a1b", "88ff", b"ones")  # changed, and of another patient
    shutil.rmtree(tmp_path / "scans" / "0c2d")
    assert "bids" in rebuild_tables(tmp_path, layout=layout)
    found = {path for path in places(tmp_path / "bids") if path.endswith(".nii.gz")}
    new = "sub-88ff/ses-0a1b/anat/sub-88ff_ses-0a1b_desc-lungs_dseg.nii.gz"
    assert found == {new, new.replace("lungs", "vessels"), "sub-0c2d/ses-0c2d/anat/mine.nii.gz"}
    assert (tmp_path / "bids" / new).read_bytes() == b"ones" and not (tmp_path / "bids" / "sub-77ee").exists()


def test_an_unknown_layout_is_refused():
    with pytest.raises(InputError, match="the layout 'bits' is unknown; choose from: bids, monai"):
        find_layout("bits")
