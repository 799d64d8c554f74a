"""What a run over many scans writes beside its results: changes of patients, progress, names taken out of texts."""

import csv
import io
import json
import os
import stat
import sys
import time

import numpy as np
import pytest

from LungSegmentationLib.cohort import limits
from LungSegmentationLib.cohort.changes import changes_table
from LungSegmentationLib.cohort.identity import content_id, run_parameters
from LungSegmentationLib.cohort.privacy import Anonymiser, pseudonym
from LungSegmentationLib.cohort.progress_lines import ProgressLines
from LungSegmentationLib.cohort.result_row import FIGURES, result_row
from LungSegmentationLib.cohort.tables import COLUMNS, row_of_failure, write_cohort, write_keys
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.network.processor_cores import CORES_VARIABLE, available_physical_cores
from LungSegmentationLib.output.summary import describe_input
from LungSegmentationLib.volume import CtVolume


def row(scan, patient="p", parameters="k", **figures):
    return {
        **{column.key: None for column in COLUMNS},
        "scan": scan,
        "status": "done",
        "patient": patient,
        "parameters": parameters,
        **figures,
    }


def test_changes_stand_between_successive_scans_of_a_patient_in_the_order_of_their_days():
    rows = [
        row("c", both_lungs_p15_hu=-930.0, both_lungs_laa950_percent=8.0, both_lungs_volume_ml=5100.0),
        row("a", both_lungs_p15_hu=-910.0, both_lungs_laa950_percent=4.0, both_lungs_volume_ml=5000.0),
        row("b", both_lungs_p15_hu=-912.0, both_lungs_laa950_percent=8.0, parameters="other"),
        row("alone", patient="q"),
        row("nobody", patient=""),
    ]
    table = changes_table(rows, {"a": "20200101", "b": "20200131", "c": "20210101"}, {})
    pairs = list(dict.fromkeys((line["before"], line["after"], line["days"], line["same_parameters"]) for line in table.rows))
    assert pairs == [("a", "b", 30, "no"), ("b", "c", 336, "no")]
    found = {(line["after"], line["measure"]): line for line in table.rows}
    percentile = found["c", "Percentile 15"]
    assert percentile["change"] == -18.0 and percentile["beyond"] == "yes"
    assert percentile["repeatability"] == limits.PERCENTILE_15_REPEATABILITY_HU
    assert found["b", "Percentile 15"]["change"] == -2.0 and found["b", "Percentile 15"]["beyond"] == "no"
    assert found["b", "Below -950 HU"]["beyond"] == "yes" and found["b", "Below -950 HU"]["change_percent"] == 100.0
    volume = found["c", "Both lungs volume"]
    assert volume["value_before"] is None and volume["change"] is None and volume["beyond"] == "not stated"


def test_reconstructions_of_one_day_are_no_change_and_each_is_compared_with_its_like():
    rows = [row(scan, spacing_mm=size) for scan, size in (("a1", "1"), ("a2", "5"), ("b1", "1"), ("b2", "5"), ("c", "3"))]
    dates = {"a1": "20200101", "a2": "20200101", "b1": "20200601", "b2": "20200601", "c": "20210101"}
    table = changes_table(rows, dates, {})
    pairs = list(dict.fromkeys((line["before"], line["after"], line["same_voxels"]) for line in table.rows))
    assert pairs == [("a1", "b1", "yes"), ("a2", "b2", "yes"), ("b2", "c", "no")]


def test_a_kernel_is_compared_with_its_like_and_another_one_is_told():
    kernels = (("a1", "B30f"), ("a2", "B70f"), ("b1", "B70f"), ("b2", "B30f"), ("c", "FC51"), ("d", None))
    rows = [row(scan, kernel=kernel) for scan, kernel in kernels]
    dates = {scan: f"20{20 + 'abcd'.index(scan[0])}0101" for scan, _ in kernels}
    table = changes_table(rows, dates, {})
    pairs = list(dict.fromkeys((line["before"], line["after"], line["same_kernel"]) for line in table.rows))
    assert pairs == [("a2", "b1", "yes"), ("a1", "b2", "yes"), ("b2", "c", "no"), ("c", "d", "not stated")]


def test_what_a_dicom_header_says_of_the_scanner_is_in_the_row(tmp_path):
    source = {"format": "DICOM", "kernel": "B30f", "manufacturer": "Maker", "slice_thickness_mm": 2.5, "contrast_agent": False}
    volume = CtVolume(np.zeros((2, 2, 2), np.int16), (1.0, 1.0, 1.0), source=source)
    quality = {"verdict": "pass", "coverage": "pass", "flags": []}
    rest = {"method": "network", "quality": quality, "timings_s": {}, "uncertainty": None, "warnings": []}
    (tmp_path / "summary.json").write_text(json.dumps({"input": describe_input(volume), **rest}))
    found = result_row(tmp_path)
    assert [found[key] for key in ("kernel", "manufacturer", "slice_thickness_mm", "contrast_agent")] == ["B30f", "Maker", 2.5, "no"]


def test_without_days_the_order_of_the_input_decides():
    table = changes_table([row("x"), row("y"), row("z")], {}, {"z": 0, "x": 1, "y": 2})
    assert list(dict.fromkeys((line["before"], line["after"], line["days"]) for line in table.rows)) == [("z", "x", None), ("x", "y", None)]


def test_names_of_files_and_uids_are_taken_out_and_words_and_numbers_stay():
    who = Anonymiser("/data/Miller^Ann/Series 1", ["/data/Miller^Ann/Series 1/IM0001.dcm", "/data/Miller^Ann/Series 1/100"], "id")
    text = "IM0001.dcm: cut; /data/Miller^Ann/Series 1 holds 100 slices of 1.5 mm; Series 1 has UID 1.2.840.113619.2.55"
    assert who.text(text) == "[file]: cut; [file] holds 100 slices of 1.5 mm; [file] has UID [UID]"


def test_a_pseudonym_needs_the_secret_and_no_patient_has_none():
    assert pseudonym(b"a", "Ann") == pseudonym(b"a", "Ann") != pseudonym(b"b", "Ann") and pseudonym(b"a", "") == ""
    assert pseudonym(b"a", "Ann") != pseudonym(b"a", "Ben")


def test_a_scan_is_named_by_its_content_whatever_its_files_are_called(tmp_path):
    for name, content in (("a", b"1"), ("b", b"2"), ("c", b"1"), ("d", b"2"), ("e", b"3")):
        (tmp_path / name).write_bytes(content)

    def name_of(letters):
        return content_id(str(tmp_path / letter) for letter in letters)

    assert name_of("ab") == name_of("dc") != name_of("ae") and name_of("ab") != name_of("a")
    with pytest.raises(InputError, match="cannot be read any more"):
        name_of("x")


def test_the_key_of_parameters_is_theirs_alone():
    key = run_parameters("connected-components", {}).key
    assert key == run_parameters("connected-components", {}, report=False).key  # the page changes no figure
    changed = [
        run_parameters("threshold", {}),
        run_parameters("connected-components", {"threshold_hu": -450.0}),
        run_parameters("connected-components", {}, vessels=False),
        run_parameters("connected-components", {}, airways=False),
        run_parameters("connected-components", {}, vessel_rule="threshold"),
        run_parameters("connected-components", {}, identifiers=True),
        run_parameters("network", {}),
    ]
    assert len({key, *(parameters.key for parameters in changed)}) == 1 + len(changed)
    assert run_parameters(None, {}).key == run_parameters("network", {}).key
    with pytest.raises(InputError, match="no vessel rule"):
        run_parameters(None, {}, vessel_rule="none")


def test_the_table_begins_no_formula_and_is_the_same_in_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [row("b", both_lungs_volume_ml=5000.25, method="network"), row_of_failure({"id": "a", "status": "error", "error": "=SUM(A1)"})]
    assert write_cohort(rows, tmp_path, with_parquet=True) == ["cohort.csv", "cohort.parquet"]
    with (tmp_path / "cohort.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["Scan"], first["Error"], second["Both lungs volume (mL)"]) == ("a", "'=SUM(A1)", "5000.25")
    table = parquet.read_table(tmp_path / "cohort.parquet").to_pydict()
    assert table["scan"] == ["a", "b"] and table["both_lungs_volume_ml"] == [None, 5000.25] and table["error"] == ["=SUM(A1)", None]
    assert list(table) == [column.key for column in COLUMNS] and {column.key for column in FIGURES} < set(table)


def test_a_table_that_cannot_be_written_leaves_the_earlier_one(tmp_path, monkeypatch):
    write_cohort([row("a")], tmp_path, with_parquet=False)
    before = (tmp_path / "cohort.csv").read_bytes()
    monkeypatch.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match=r"cohort\.csv could not be written \(no space left on device\)"):
        write_cohort([row("b")], tmp_path, with_parquet=False)
    assert (tmp_path / "cohort.csv").read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["cohort.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_key_file_is_its_owners_alone(tmp_path):
    (tmp_path / "keys.csv").write_text("")  # of an earlier run, and open to all
    write_keys([("id", "=cmd", "7", "")], tmp_path)
    assert stat.S_IMODE((tmp_path / "keys.csv").stat().st_mode) == 0o600
    assert (tmp_path / "keys.csv").read_text().splitlines()[1] == "id,'=cmd,7,"


def test_progress_is_lines_in_a_file_and_one_line_on_a_terminal(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for is_terminal in (False, True):
        text = io.StringIO()
        lines = ProgressLines(text.write, is_terminal, 60)
        lines.begin(10, 2, 1)
        for second in range(1, 5):
            now[0] += 9.0
            lines.ended(second == 2)
        lines.finish()
        told = "6 of 10 scans, 2 errors, 400 an hour, 36 s left"
        if is_terminal:
            assert text.getvalue().split("\r")[-1] == f"{told}\n" and text.getvalue().count("\n") == 1
        else:
            assert text.getvalue().splitlines() == ["2 of 10 scans, 1 errors", told, told]  # half a minute later, and at the end


def test_rows_are_what_the_results_own_files_say(tmp_path):
    from LungSegmentationLib.output.result_folder import save_result
    from LungSegmentationLib.phantom import make_phantom
    from LungSegmentationLib.pipeline import segment

    result = segment(make_phantom(shape_zyx=(40, 64, 64), spacing_zyx_mm=(7.5, 5.5, 5.5)).volume, "connected-components", vessels=True)
    save_result(result, tmp_path)
    found = result_row(tmp_path)
    tables = json.loads((tmp_path / "measures.json").read_text())["tables"]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert found["right_lung_volume_ml"] == summary["regions"]["right_lung"]["volume_ml"]
    assert found["both_lungs_p15_hu"] == tables["density"]["rows"][2]["p15_hu"]
    assert found["left_lung_total_ml"] == tables["vessels"]["rows"][1]["total_ml"]
    assert found["airways_volume_ml"] == tables["airways"]["rows"][0]["volume_ml"] and found["method"] == "connected-components"
    of_dicom = ["manufacturer", "kernel", "slice_thickness_mm", "contrast_agent"]
    assert [key for key, value in found.items() if value is None] == ["format", *of_dicom, "uncertainty", "reading_s", "measuring_s"]
    (tmp_path / "summary.json").write_text("{")
    assert result_row(tmp_path)["method"] is None


def test_a_scan_uses_the_cores_that_it_is_given(monkeypatch):
    own = available_physical_cores()
    for given, cores in (("1", 1), ("3", 3), ("0", own), ("many", own), ("", own)):
        monkeypatch.setenv(CORES_VARIABLE, given)
        assert available_physical_cores() == cores
