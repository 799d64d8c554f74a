"""A run over many scans: what it writes, and that the same again repeats nothing that is done and makes again what is not."""

import csv
import json
import os
import shutil
import stat
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from cohort_cluster import run, shared_cluster
from cohort_engines import CALLS, write_tiny_scan
from dicom_files import random_hu, write_series

from LungSegmentationLib.cohort import cluster as cluster_code
from LungSegmentationLib.cohort.run import rebuild_tables
from LungSegmentationLib.errors import FolderInUseError, InputError, OutputError
from LungSegmentationLib.output.run_lock import run_lock
from LungSegmentationLib.output.viewer import labels_hash
from LungSegmentationLib.review.ratings import Rating, save_ratings

pytest.importorskip("distributed", reason="the command cohort needs dask and distributed")


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """Give the file that gets a line for each scan that is begun."""
    path = tmp_path_factory.mktemp("calls") / "calls.txt"
    os.environ[CALLS] = str(path)
    yield path
    del os.environ[CALLS]


@pytest.fixture(scope="module")
def cluster(calls):
    with shared_cluster() as address:
        yield address


@pytest.fixture
def begun(calls):
    """Give what tells the scans that were begun since it was asked last."""
    calls.write_text("")

    def ask():
        names = sorted(calls.read_text(encoding="utf-8").splitlines())
        calls.write_text("")
        return names

    return ask


@pytest.fixture
def scans(tmp_path):
    """Give a folder of scans: two good ones, a copy of one, a wrong one."""
    folder = tmp_path / "Miller^Ann 19450203"
    write_tiny_scan(folder / "a slow.nii", 1)
    write_tiny_scan(folder / "b.nii", 2)
    write_tiny_scan(folder / "c wrong.nii", 3)
    shutil.copy(folder / "a slow.nii", folder / "copy of a.nii")
    return folder


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_run_does_each_scan_once_and_the_same_again_does_nothing(cluster, scans, tmp_path, begun):
    out = tmp_path / "out"
    lines = []
    first = run(scans, out, lines, scheduler=cluster)
    assert (first.total, first.done, first.copies, first.errors) == (4, 2, 1, 1)
    names = begun()
    assert len(names) == 3 and {"b.nii", "c wrong.nii"} < set(names)  # of the two that are the same, one
    rows = table(out / "cohort.csv")
    assert sorted((row["Status"], row["Error"]) for row in rows) == [("done", ""), ("done", ""), ("error", "[file] is wrong on purpose")]
    assert {row["Scan"] for row in rows if row["Status"] == "done"} == {path.name for path in (out / "scans").iterdir()}
    assert lines[-1].startswith("4 of 4 scans, 1 errors") and "an hour" in lines[-1]
    again = run(scans, out, scheduler=cluster)
    assert (again.done, again.before, again.errors) == (0, 3, 1) and begun() == []  # what is wrong for good is not tried again
    assert table(out / "cohort.csv") == rows


def test_no_name_number_or_day_is_in_any_file_but_the_owners(cluster, tmp_path, begun):
    def days(dataset, index):
        dataset.StudyDate = "19991231"

    write_series(tmp_path / "in" / "Miller^Ann", random_hu(), series_uid="1.2.3.4.5.6.7", edit=days)
    write_tiny_scan(tmp_path / "in" / "Smith wrong.nii", 1)
    out = tmp_path / "out"
    run(tmp_path / "in", out, scheduler=cluster)
    secret = (b"SECRET", b"Secret", b"Miller", b"Smith", b"1.2.3.4.5.6.7", b"19991231", b"19010203")
    owners = {out / "keys.csv", *(out / ".lungsegmentation-cohort").iterdir()}
    for path in out.rglob("*"):
        assert not any(word.decode() in path.name for word in secret)
        if path.is_file() and path not in owners and path.name != "labels.nii.gz":  # the stand-in's copy of the scan
            assert not any(word in path.read_bytes() for word in secret), path
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in owners)
    assert stat.S_IMODE((out / ".lungsegmentation-cohort").stat().st_mode) == 0o700
    keys = {row["Source"]: row for row in table(out / "keys.csv")}
    (source,) = (name for name in keys if "Miller" in name)
    assert keys[source]["PatientID"] == "SECRET-7" and keys[source]["Date"] == "19991231"
    assert (out / "scans" / keys[source]["Scan"]).is_dir()
    with pytest.raises(InputError, match="1 of the 2 scans are done with other parameters"):
        run(tmp_path / "in", out, scheduler=cluster, parameters={"identifiers": True})
    run(tmp_path / "in", out, scheduler=cluster, parameters={"identifiers": True}, overwrite=True)
    told = {row["PatientID"]: row for row in table(out / "cohort.csv")}
    assert told["SECRET-7"]["Date"] == "19991231" and "Miller" in told["SECRET-7"]["Source"] and "Smith" in told[""]["Source"]


def test_what_was_deleted_or_damaged_is_made_again_and_nothing_else(cluster, scans, tmp_path, begun):
    out = tmp_path / "out"
    run(scans, out, scheduler=cluster)
    begun()
    names = {row["Source"].rpartition("/")[2]: row["Scan"] for row in table(out / "keys.csv")}
    shutil.rmtree(out / "scans" / names["b.nii"])
    run(scans, out, scheduler=cluster)
    assert begun() == ["b.nii"]
    for damage in (lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.unlink(), _flip):
        damage(out / "scans" / names["b.nii"] / "labels.nii.gz")
        run(scans, out, scheduler=cluster)
        assert begun() == ["b.nii"]
    assert {row["Scan"] for row in table(out / "cohort.csv") if row["Status"] == "done"} == {names["b.nii"], names["a slow.nii"]}


def _flip(path):
    content = bytearray(path.read_bytes())
    content[400] ^= 1
    path.write_bytes(content)


def test_a_folder_of_results_that_was_copied_is_looked_through_not_made_again(cluster, scans, tmp_path, begun):
    run(scans, tmp_path / "out", scheduler=cluster)
    begun()
    shutil.copytree(tmp_path / "out", tmp_path / "elsewhere", copy_function=shutil.copyfile)  # the times are not kept
    again = run(scans, tmp_path / "elsewhere", scheduler=cluster)
    assert again.before == 3 and begun() == []


def test_scans_that_moved_are_not_run_again_and_changed_ones_are(cluster, scans, tmp_path, begun):
    out = tmp_path / "out"
    run(scans, out, scheduler=cluster)
    begun()
    moved = scans.rename(tmp_path / "moved")
    again = run(moved, out, scheduler=cluster)
    assert (again.done, again.copies) == (0, 3) and begun() == ["c wrong.nii"]
    write_tiny_scan(moved / "b.nii", 22)
    assert run(moved, out, scheduler=cluster).done == 1 and begun() == ["b.nii"]


def test_other_parameters_say_what_they_would_do_again(cluster, scans, tmp_path, begun):
    out = tmp_path / "out"
    run(scans, out, scheduler=cluster)
    begun()
    other = {"parameters": {"values": {"threshold_hu": -450.0}}, "scheduler": cluster}
    with pytest.raises(InputError, match=r"3 of the 4 scans are done with other parameters .* --overwrite does these again"):
        run(scans, out, **other)
    assert begun() == []
    assert run(scans, out, **other, overwrite=True).done == 2
    assert len(begun()) == 3
    assert run(scans, out, **other).before == 3 and begun() == []


def test_the_table_can_be_made_of_the_folders_alone(cluster, scans, tmp_path):
    out = tmp_path / "out"
    run(scans, out, scheduler=cluster)
    before = (out / "cohort.csv").read_bytes()
    for path in ("cohort.csv", "keys.csv", ".lungsegmentation-cohort"):
        shutil.rmtree(out / path) if (out / path).is_dir() else (out / path).unlink()
    assert rebuild_tables(out) == ["cohort.csv", "cohort.parquet"]
    assert (out / "cohort.csv").read_bytes() == before
    with pytest.raises(OutputError, match="holds no results of many scans"):
        rebuild_tables(scans)


def test_ratings_of_a_review_come_into_the_table(cluster, scans, tmp_path):
    out = tmp_path / "out"
    run(scans, out, scheduler=cluster)
    first, second = sorted(path.name for path in (out / "scans").iterdir())[:2]
    for name in (first, second):
        (out / "scans" / name / "labels.nii.gz").write_bytes(name.encode())
    labels = labels_hash(out / "scans" / first / "labels.nii.gz")
    said = [
        Rating(f"scans/{first}", "Ann", "accept", labels=labels),
        Rating(f"scans/{first}", "Bo", "needs edit", "apex; =left", labels=labels),
        Rating(f"scans/{second}", "Ann", "reject", labels="0123456789abcdef"),
    ]
    save_ratings(out / "ratings.csv", said)
    rebuild_tables(out)
    rows = {row["Scan"]: row for row in table(out / "cohort.csv")}
    assert rows[first]["Rating"] == "accept (Ann); needs edit (Bo)"
    assert rows[first]["Comments of raters"] == "apex; =left (Bo)"
    assert rows[second]["Rating"] == "reject (Ann, stale)"
    (tmp_path / "no ratings.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="has no column"):
        run(scans, out, scheduler=cluster, ratings=tmp_path / "no ratings.csv")


def test_a_second_run_on_one_folder_is_refused(scans, tmp_path):
    with run_lock(tmp_path / "out"), pytest.raises(FolderInUseError, match="another run is writing"):
        run(scans, tmp_path / "out")


def test_a_worker_that_sees_another_folder_or_has_another_version_says_so(cluster, scans, tmp_path, monkeypatch):
    from LungSegmentationLib.cohort import scheduling, state_folder

    monkeypatch.setattr(scheduling, "__version__", "0.0.0")
    assert "a worker has the version" in run(scans, tmp_path / "out", scheduler=cluster, retries=0).first_error
    monkeypatch.undo()
    kept = state_folder.StateFolder.__init__
    monkeypatch.setattr(state_folder.StateFolder, "__init__", lambda self, output: kept(self, output) or setattr(self, "token", "x"))
    assert "does not see the output folder" in run(scans, tmp_path / "other", scheduler=cluster, retries=0).first_error


def test_a_scan_that_cannot_fit_is_an_error_and_one_that_fits_alone_runs(cluster, tmp_path, begun):
    write_tiny_scan(tmp_path / "in" / "a.nii", 1)
    header = bytearray((tmp_path / "in" / "a.nii").read_bytes())
    for name, sizes in (("large.nii", (512, 512, 700)), ("huge.nii", (2048, 2048, 2000))):
        header[42:48] = b"".join(size.to_bytes(2, "little") for size in sizes)
        (tmp_path / "in" / name).write_bytes(header)
    outcome = run(tmp_path / "in", tmp_path / "out", scheduler=cluster)
    assert outcome.errors == 1 and begun() == ["a.nii", "large.nii"]
    (row,) = (row for row in table(tmp_path / "out" / "cohort.csv") if row["Status"] == "error")
    assert row["Error"].startswith("the scan needs about ") and "a worker may take 4.0 GB" in row["Error"]


def test_one_bad_scan_is_one_row_and_the_others_go_on(cluster, tmp_path, begun):
    """Killed each time, hanging, out of memory, unreadable: see also the table of faults that a benchmark makes."""
    folder, out = tmp_path / "in", tmp_path / "out"
    for number, name in enumerate(("a", "b die", "c hang", "d", "e broken", "f")):
        write_tiny_scan(folder / f"{name}.nii", number)
    (folder / "gone.nii").symlink_to(tmp_path / "nowhere.nii")
    (folder / "letter.nii").write_text("no image")
    outcome = run(folder, out, scheduler=cluster, timeout_s=0.5, retries=1)
    rows = table(out / "cohort.csv")
    assert outcome.done == 3 and outcome.errors == len(rows) - 3 == 5
    errors = "\n".join(row["Error"] for row in rows if row["Status"] == "error")
    for said in (
        "ended by signal 9",
        "took longer than 0.5 s",
        "a fault of this program: KeyError",
        "is a link to a file",
        "is not an image",
    ):
        assert errors.count(said) == 1
    names = begun()
    assert names.count("b die.nii") == names.count("c hang.nii") == 2 and names.count("a.nii") == names.count("e broken.nii") == 1
    run(folder, out, scheduler=cluster, timeout_s=0.5, retries=0)
    assert begun() == ["b die.nii", "c hang.nii"]  # what may go better is tried again, and nothing else
    assert not [path for path in (out / "scans").iterdir() if not (path / "scan.json").exists()]


def test_a_list_that_names_patients_later_gives_their_changes(cluster, tmp_path, begun):
    for number in range(3):
        write_tiny_scan(tmp_path / f"{number}.nii", number)
    out = tmp_path / "out"
    (tmp_path / "list.csv").write_text("ct\n0.nii\n1.nii\n2.nii\n")
    run(tmp_path / "list.csv", out, scheduler=cluster)
    assert not (out / "changes.csv").exists()
    (tmp_path / "list.csv").write_text("ct,patient,date\n0.nii,Ann,2021-01-01\n1.nii,Ann,2020-01-01\n2.nii,Ben,\n")
    begun()
    assert run(tmp_path / "list.csv", out, scheduler=cluster).before == 3 and begun() == []
    keys = {row["Source"][-5:]: row["Scan"] for row in table(out / "keys.csv")}
    changes = table(out / "changes.csv")
    assert {(row["Scan before"], row["Scan after"], row["Days between"]) for row in changes} == {(keys["1.nii"], keys["0.nii"], "366")}
    assert "Ann" not in (out / "changes.csv").read_text() + (out / "cohort.csv").read_text()
    before = (out / "cohort.csv").read_bytes()
    rebuild_tables(out)
    assert (out / "cohort.csv").read_bytes() == before
    assert run(tmp_path / "list.csv", out, scheduler=cluster).before == 3 and begun() == []


def test_clocks_that_jump_do_not_matter(cluster, scans, tmp_path, begun, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(time, "time", lambda: 4e9)  # far in the future
    run(scans, out, scheduler=cluster)
    begun()
    monkeypatch.setattr(time, "time", lambda: 1e3)  # 1970
    assert run(scans, out, scheduler=cluster).before == 3 and begun() == []


def test_no_scheduler_is_said(scans, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_code, "_CONNECT_TIME", "300ms")
    with pytest.raises(InputError, match=r"there is no scheduler at tcp://127\.0\.0\.1:9"):
        run(scans, tmp_path / "out", scheduler="tcp://127.0.0.1:9")


def test_remembered_folders_are_json_a_line(cluster, scans, tmp_path):
    run(scans, tmp_path / "out", scheduler=cluster)
    state = tmp_path / "out" / ".lungsegmentation-cohort"
    (entry,) = map(json.loads, (state / "folders.jsonl").read_text().splitlines())
    assert entry["folder"] == str(scans) and len(entry["images"]) == 4
    (state / "index.jsonl").write_text((state / "index.jsonl").read_text()[:-20])  # cut off by a kill
    assert run(scans, tmp_path / "out", scheduler=cluster).before == 2


def test_workers_on_this_computer_ask_for_a_certificate_of_the_run_and_serve_no_page(tmp_path):
    from distributed import Client, Security

    of_others = _listening()  # such as a cluster of the tests before
    with cluster_code.local_workers(1, 1.0, 1.0, 1, tmp_path) as workers:
        address = workers.client.scheduler.address
        assert address.startswith("tls://127.0.0.1:") and workers.memory_gb == 1.0
        with pytest.raises(OSError, match=r"(?i)connect|TLS"):
            Client(address, security=Security.temporary(), set_as_default=False, timeout="1s")
        listening = _listening() - of_others
        assert len(listening) >= 4 and {ip for ip, _ in listening} == {"127.0.0.1"}
        answers = [_status(port, path) for _, port in listening for path in ("/", "/status", "/info/main/workers.html", "/metrics")]
        assert set(answers) <= {404, None}  # those of Dask itself answer no HTTP


def _listening():
    """Addresses and ports at which this process and its own listen."""
    import psutil

    own = psutil.Process()
    found = [one for process in (own, *own.children(recursive=True)) for one in process.net_connections("tcp")]
    return {(one.laddr.ip, one.laddr.port) for one in found if one.status == psutil.CONN_LISTEN}


def _status(port, path):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):  # no HTTP at all
        return None
    finally:
        connection.close()
