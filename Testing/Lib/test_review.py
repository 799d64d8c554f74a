"""The review's engine: rows of result folders, outliers, pairs of methods, and the server; no browser."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from result_folders import change_summary, small_result, write_result_folder

from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.output.viewer import labels_hash
from LungSegmentationLib.review.index import make_index, review_id, write_index
from LungSegmentationLib.review.method_pairs import method_pairs
from LungSegmentationLib.review.outliers import robust_scores
from LungSegmentationLib.review.ratings import Rating, is_stale, read_ratings
from LungSegmentationLib.review.results import Result, find_results
from LungSegmentationLib.review.server import ReviewServer

LIBRARY = Path(__file__).resolve().parents[2] / "LungSegmentation"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Give a folder with three results, one of them deeper, and one that is damaged."""
    folder = tmp_path_factory.mktemp("cohort")
    write_result_folder(folder / "a b", small_result(0), volume_ml=5000.0)
    write_result_folder(folder / "b<i>", small_result(1), verdict="fail", coverage="cut")
    write_result_folder(folder / "group" / "c ü", small_result(2), uncertainty=None)
    write_result_folder(folder / "damaged")
    (folder / "damaged" / "summary.json").write_text('{"input": 3')
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "summary.json").write_text("{}")
    (folder / "notes").mkdir()
    return folder


# --- rows


def test_each_result_is_a_row_with_what_its_summary_says(folder):
    rows = {result.scan: result for result in find_results(folder)}
    assert list(rows) == ["a b", "b<i>", "damaged", "group/c ü"]
    first = rows["a b"]
    assert (first.volume_ml, first.method, first.uncertainty, first.error) == (5000.0, "network", 0.01, "")
    summary = json.loads((folder / "a b" / "summary.json").read_text(encoding="utf-8"))
    assert first.right_ml == summary["regions"]["right_lung"]["volume_ml"] and first.mean_hu == pytest.approx(-850)
    not_passing = {flag["title"]: flag["kind"] for flag in summary["quality"]["flags"] if flag["verdict"] != "pass"}
    assert set(first.findings) == {title for title, kind in not_passing.items() if kind != "note"} != set()
    assert "note" in not_passing.values()
    assert first.labels == labels_hash(folder / "a b" / "labels.nii.gz") and first.has_viewer and first.has_report
    assert first.thumbnail.startswith("data:image/jpeg;base64,")
    assert (rows["b<i>"].verdict, rows["b<i>"].coverage) == ("fail", "cut")
    assert rows["group/c ü"].uncertainty is None
    assert rows["damaged"].error == "summary.json cannot be read: it is damaged" and rows["damaged"].has_viewer


@pytest.mark.parametrize(
    "damage",
    ["[]", "{}", '{"input": {}, "quality": {}, "regions": {}}', "\x00", "[" * 100_000, None],
    ids=["list", "empty", "parts", "null", "deep", "missing"],
)
def test_a_summary_of_another_kind_is_an_error_of_that_row(folder, tmp_path, damage):
    for name in ("good", "bad"):
        shutil.copytree(folder / "a b", tmp_path / name)
    if damage is None:
        (tmp_path / "bad" / "summary.json").unlink()
    else:
        (tmp_path / "bad" / "summary.json").write_text(damage)
    bad, good = find_results(tmp_path)
    assert bad.error and not good.error
    make_index([bad, good], "0" * 32)


def test_numbers_that_are_none_are_an_error(folder, tmp_path):
    shutil.copytree(folder / "a b", tmp_path / "x")
    change_summary(tmp_path / "x" / "summary.json", volume_ml=float("nan"))
    assert find_results(tmp_path)[0].error


def test_without_a_viewer_the_overview_is_shrunk(folder, tmp_path):
    from PIL import Image

    shutil.copytree(folder / "a b", tmp_path / "x")
    (tmp_path / "x" / "viewer.html").unlink()
    assert find_results(tmp_path)[0].thumbnail == ""
    Image.new("RGB", (2000, 1200), (200, 20, 20)).save(tmp_path / "x" / "overview.png")
    (row,) = find_results(tmp_path)
    assert row.thumbnail.startswith("data:image/jpeg;base64,") and not row.has_viewer
    (tmp_path / "x" / "overview.png").write_bytes(b"no picture")
    assert find_results(tmp_path)[0].thumbnail == ""


def test_what_is_no_folder_of_results_is_refused(folder, tmp_path):
    for path, message in ((tmp_path, "holds no results"), (folder / "a b", "itself one result"), (tmp_path / "none", "is no folder")):
        with pytest.raises(InputError, match=message):
            find_results(path)


# --- outliers and pairs


def test_robust_scores_are_the_published_ones():
    values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]  # Iglewicz and Hoaglin's way, worked out by hand: median 2.45, MAD 0.15
    scores = robust_scores(values)
    assert scores[8] == pytest.approx(0.6745 * (8.2 - 2.45) / 0.15) and scores[0] == pytest.approx(0.6745 * (2.1 - 2.45) / 0.15)
    assert [abs(score) > 3.5 for score in scores] == [False] * 8 + [True] * 2
    assert robust_scores([None, *values])[0] is None
    assert robust_scores([1.0, 2.0, None]) == [None] * 3
    assert robust_scores([5.0] * 6) == [0.0] * 6
    assert robust_scores([5.0] * 6 + [9.0])[-1] == pytest.approx((9 - 5) / (1.253314 * 4 / 7))


def test_two_methods_are_paired_by_scan_or_by_folder():
    def result(scan, method, name="ct.nii.gz", geometry="g", volume=1.0):
        return Result(scan, input_name=name, geometry=geometry, method=method, volume_ml=volume)

    by_scan = [result("r1", "network", "a"), result("r2", "threshold", "a"), result("r3", "network", "b"), result("r4", "threshold", "b")]
    assert method_pairs(by_scan) == (("network", "threshold"), [("r1", "r2"), ("r3", "r4")])
    by_parent = [result(f"{scan}/{method}", method) for scan in "xy" for method in ("network", "threshold")]
    assert method_pairs(by_parent) == (("network", "threshold"), [("x/network", "x/threshold"), ("y/network", "y/threshold")])
    by_name = [result(f"{method}/{scan}", method) for scan in "xy" for method in ("network", "threshold")]
    assert method_pairs(by_name) == (("network", "threshold"), [("network/x", "threshold/x"), ("network/y", "threshold/y")])
    assert method_pairs([result("a", "network"), result("b", "network")]) is None
    assert method_pairs([result("a", "network", volume=None), result("b", "threshold")]) is None


def test_a_rating_of_other_labels_is_stale(folder):
    row = find_results(folder)[0]
    assert not is_stale(Rating("a b", labels=row.labels), row.labels)
    assert is_stale(Rating("a b", labels="0" * 16), row.labels) and is_stale(Rating("a b"), row.labels)


# --- the page


def test_the_page_is_written_anew_with_the_same_random_name_and_never_over_a_foreign_one(folder, tmp_path):
    results = find_results(folder)
    (tmp_path / "x").mkdir()
    page = write_index(tmp_path, results)
    first = page.read_text(encoding="utf-8")
    name = review_id(tmp_path)
    assert re.fullmatch("[0-9a-f]{32}", name) and name in first
    assert write_index(tmp_path, results[:2]).read_text(encoding="utf-8") != first and review_id(tmp_path) == name
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["index.html", "review_id.txt", "x"]
    page.write_text("<html>mine</html>")
    with pytest.raises(OutputError, match="no page of a review"):
        write_index(tmp_path, results)
    assert page.read_text(encoding="utf-8") == "<html>mine</html>"


def test_the_page_holds_the_rows_as_escaped_json_and_runs_only_its_own_scripts(folder):
    page = make_index(find_results(folder), "0" * 32)
    assert "b<i>" not in page
    facts = json.loads(re.search(r'id="facts">([^<]*)<', page)[1])
    assert [row["scan"] for row in facts["scans"]] == ["a b", "b<i>", "damaged", "group/c ü"]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "frame-src 'self' file:; connect-src 'self'" in policy


def test_scores_are_those_of_all_scans():
    rows = [Result(f"s{i}", volume_ml=5000.0 + 100 * i, mean_hu=-800.0) for i in range(7)] + [
        Result("odd", volume_ml=1500.0, mean_hu=-800.0)
    ]
    facts = json.loads(re.search(r'id="facts">([^<]*)<', make_index(rows, "0" * 32))[1])["scans"]
    expected = robust_scores([row.volume_ml for row in rows])
    assert [row["scores"]["volume_ml"] for row in facts] == pytest.approx(expected, abs=0.01)
    assert max(facts, key=lambda row: row["outlier"])["scan"] == "odd" and facts[0]["scores"]["uncertainty"] is None


# --- the server


@pytest.fixture
def server(folder):
    write_index(folder, find_results(folder))
    with ReviewServer(folder, find_results(folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    (folder / "ratings.csv").unlink(missing_ok=True)


def ask(server, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Send a request; ``TOKEN`` in the path is the right one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    given = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, path.replace("TOKEN", server.token), data, given)
    answer = connection.getresponse()
    found = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return found


def test_pages_of_the_results_are_served_and_nothing_else(server, folder):
    assert ask(server, "GET", "/TOKEN/")[1] == (folder / "index.html").read_bytes()
    status, content, headers = ask(server, "GET", "/TOKEN/group/c%20%C3%BC/viewer.html")
    assert (status, content) == (200, (folder / "group" / "c ü" / "viewer.html").read_bytes())
    assert (
        headers["Referrer-Policy"] == "no-referrer"
        and headers["X-Content-Type-Options"] == "nosniff"
        and headers["Cache-Control"] == "no-store"
    )
    refused = (
        *("/TOKEN/a%20b/labels.nii.gz", "/TOKEN/a%20b/summary.json", "/TOKEN/ratings.csv", "/TOKEN/review_id.txt", "/TOKEN", "/TOKEN//"),
        *(
            "/TOKEN/../../etc/passwd",
            "/TOKEN/%2e%2e/%2e%2e/etc/passwd",
            "/TOKEN/a%20b/../b%3Ci%3E/viewer.html",
            "/TOKEN/a%20b/%2e%2e%2findex.html",
        ),
        *("/TOKEN/.hidden/summary.json", "/TOKEN/notes/", "/TOKEN/a%20b", "/TOKEN/%00", "/TOKEN/a%20b/viewer.html%00.html"),
    )
    for path in refused:
        assert ask(server, "GET", path)[0] == 404, path


def test_without_the_token_or_for_another_host_there_is_nothing(server):
    row = [{"scan": "a b", "rating": "accept"}]
    for path in ("/", "/index.html", "/wrong/", "/wrong/api/ratings", f"/{'x' * 32}/", "/%ff/", "//"):
        assert ask(server, "GET", path)[0] in (400, 403), path
    assert ask(server, "PUT", "/wrong/api/ratings", row)[0] == 403
    for host in (
        "evil.example",
        "evil.example:80",
        f"evil.example:{server.server_port}",
        "127.0.0.1",
        f"127.0.0.1.nip.io:{server.server_port}",
    ):
        assert ask(server, "GET", "/TOKEN/", Host=host)[0] == 403
        assert ask(server, "PUT", "/TOKEN/api/ratings", row, Host=host)[0] == 403
    assert ask(server, "GET", "/TOKEN/", Host=f"localhost:{server.server_port}")[0] == 200
    assert ask(server, "PUT", "/TOKEN/api/ratings", row, Origin="https://evil.example")[0] == 403
    assert ask(server, "PUT", "/TOKEN/api/ratings", row, Origin="null")[0] == 403
    assert not server.ratings_path.exists()


def test_the_server_listens_on_the_loopback_address_alone(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_ratings_are_saved_and_given_back(server):
    assert ask(server, "GET", "/TOKEN/api/ratings")[1] == b"[]"
    row = {"scan": "b<i>", "rater": "ab", "rating": "reject", "comment": "=1 ü", "labels": "0" * 16, "time": "2026-01-01"}
    assert ask(server, "PUT", "/TOKEN/api/ratings", [row])[0] == 200
    assert json.loads(ask(server, "GET", "/TOKEN/api/ratings")[1]) == [row]
    assert read_ratings(server.ratings_path) == (Rating(**row),)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([{"scan": "elsewhere", "rating": "accept"}], 400),
        ([{"scan": "a b", "rating": "great"}], 400),
        ([{"scan": "a b", "comment": "x" * 5000}], 400),
        ([{"scan": "a b", "rating": ["accept"]}], 400),
        ({"scan": "a b"}, 400),
        (["a b"], 400),
        (b"no json", 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b" " * 4_000_001, 413),
    ],
)
def test_what_is_no_rating_is_refused(server, body, status):
    try:
        assert ask(server, "PUT", "/TOKEN/api/ratings", body)[0] == status
    except (BrokenPipeError, ConnectionResetError):  # the answer came before all was sent
        assert status == 413
    assert not server.ratings_path.exists()


def test_forms_of_other_pages_cannot_write(server):
    row = json.dumps([{"scan": "a b", "rating": "accept"}]).encode()
    assert ask(server, "PUT", "/TOKEN/api/ratings", row, Content_Type="text/plain")[0] == 400
    assert ask(server, "POST", "/TOKEN/api/ratings", row)[0] == 501
    assert not server.ratings_path.exists()


def test_a_file_of_ratings_that_was_spoilt_is_said_and_kept(server):
    server.ratings_path.write_text("mine", encoding="utf-8")
    status, content, _ = ask(server, "GET", "/TOKEN/api/ratings")
    assert status == 500 and b"no column" in content
    assert ask(server, "PUT", "/TOKEN/api/ratings", [{"scan": "a b", "rating": "accept"}])[0] == 400
    assert server.ratings_path.read_text(encoding="utf-8") == "mine"


# --- the command


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "LungSegmentationLib", "review", *map(str, words)]


def test_the_command_writes_the_page_and_serves_until_ctrl_c(folder):
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    # A shell lets what it starts in the background ignore Ctrl-C.
    heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(command(folder), env=environment, stdout=subprocess.PIPE, encoding="utf-8", **heeding) as process:
        line = process.stdout.readline()
        address = re.fullmatch(r"4 results at http://127\.0\.0\.1:(\d+)/(\S{32})/\n", line)
        connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=10)
        connection.request("GET", f"/{address[2]}/")
        assert b"Lung segmentation review" in connection.getresponse().read()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    assert "Ended. No ratings." in rest


def test_the_command_without_a_server_and_its_errors(folder, tmp_path, capsys):
    assert cli.main(["review", str(folder), "--no-server"]) == 0
    assert "4 results in" in capsys.readouterr().out
    for words, message in (([tmp_path], "holds no results"), ([folder, "--port", "99999"], "no server can be started at port 99999")):
        assert cli.main(["review", *map(str, words)]) == 2
        assert message in capsys.readouterr().err
    with ReviewServer(folder, find_results(folder)) as server:
        assert cli.main(["review", str(folder), "--port", str(server.server_port)]) == 2
    assert "give another one" in capsys.readouterr().err
