"""The review's page in a real browser: from a file and from the server, with ratings that are not lost."""

import csv
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from chromium import Chromium, Page, needs_chromium, wait_until
from result_folders import small_result, write_result_folder

from LungSegmentationLib.output.viewer import labels_hash
from LungSegmentationLib.review.index import write_index
from LungSegmentationLib.review.ratings import Rating, read_ratings
from LungSegmentationLib.review.results import find_results
from LungSegmentationLib.review.server import ReviewServer

pytestmark = needs_chromium
FLAG = {"kind": "quality", "verdict": "review", "key": "k", "value": None, "unit": "", "limit": "", "reason": "r.", "places": []}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Give a folder of seven results: one far from the others, one damaged, and two of one scan by two methods, twice."""
    folder = tmp_path_factory.mktemp("made")
    for number in range(6):
        changes = {"volume_ml": 5000.0 + 40 * number, "mean_hu": -850.0 - number, "uncertainty": 0.01 + 0.001 * number}
        changes.update(flags=[], verdict="pass", coverage="pass")
        if number == 2:
            changes.update(volume_ml=1200.0, verdict="review", flags=[{**FLAG, "title": "Far too small"}])
        if number > 3:
            changes.update(method="threshold", file_name=f"scan{number - 4}")
        else:
            changes.update(file_name=f"scan{number}")
        write_result_folder(folder / f"scan {number}", small_result(number), **changes)
    write_result_folder(folder / "w")
    (folder / "w" / "summary.json").write_text("{}")
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """Give a copy of the folder, by links, with its page."""
    folder = tmp_path / "cohort ü"
    for result in made.iterdir():
        (folder / result.name).mkdir(parents=True)
        for path in result.iterdir():
            (folder / result.name / path.name).symlink_to(path)
    write_index(folder, find_results(folder))
    return folder


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def context(chromium, tmp_path):
    return chromium.context(tmp_path)


class Served:
    """A server that can be killed and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token, self.port = folder, None, 0
        self.start()

    def start(self) -> None:
        self.server = ReviewServer(self.folder, find_results(self.folder), self.port)
        self.port, self.token = self.server.server_port, self.token or self.server.token
        self.server.token = self.token
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def kill(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def served(folder):
    served = Served(folder)
    yield served
    served.kill()


def names(page: Page) -> list[str]:
    return page.run("[...document.querySelectorAll('#rows tr')].map(row => row.dataset.scan)")


def text(page: Page, selector: str) -> str:
    return page.run(f"document.querySelector({json.dumps(selector)}).textContent")


def cell(page: Page, scan: str, column: int) -> str:
    return page.run(f"document.querySelector('[data-scan={json.dumps(scan)}]').cells[{column}].textContent")


def viewing(page: Page, scan: str) -> None:
    """Wait until the viewer of a scan is there and has said so."""
    page.wait(f"document.documentElement.dataset.viewer === {json.dumps(scan)}")


def open_scan(page: Page, scan: str) -> None:
    page.click(f"[data-scan={json.dumps(scan)}] .name button")
    viewing(page, scan)


def pressed(page: Page) -> str | None:
    return page.run("document.querySelector('#rating [aria-pressed=true]')?.dataset.rating ?? null")


def rate(page: Page, key: str, rating: str | None) -> None:
    """Press a key and wait for what it does: it may reach the page by way of the viewer, which is a process of its own."""
    page.key(key)
    page.wait(f"(document.querySelector('#rating [aria-pressed=true]')?.dataset.rating ?? null) === {json.dumps(rating)}")


def local_only(page: Page, prefix: str) -> None:
    assert page.problems == []
    assert all(url.startswith((prefix, "data:", "blob:")) for url in page.requests), page.requests


def test_outliers_come_first_and_the_table_sorts_and_filters(chromium, context, folder):
    page = chromium.page(context).open((folder / "index.html").as_uri())
    assert names(page)[:2] == ["w", "scan 2"]  # what cannot be read, and what is far off
    assert "summary.json cannot be read" in cell(page, "w", 5)
    assert page.run("document.querySelector('[data-scan=\"scan 2\"]').cells[8].classList.contains('far')")
    assert page.run("[...document.querySelectorAll('#rows .far')].length") == 2  # its volume, and its score
    assert (
        text(page, "#how")
        .replace("\n", " ")
        .startswith("Outliers come first: the largest |z| of volume, density and uncertainty, with z = 0.6745")
    )
    volumes = {"scan 0": 5000, "scan 1": 5040, "scan 2": 1200, "scan 3": 5120, "scan 4": 5160, "scan 5": 5200}
    page.click("th[data-key=volume_ml] button")
    assert names(page) == [*sorted(volumes, key=volumes.get, reverse=True), "w"]
    page.click("th[data-key=volume_ml] button")
    assert names(page) == [*sorted(volumes, key=volumes.get), "w"]
    page.click("th[data-key=scan] button")
    assert names(page) == [*sorted(volumes), "w"]

    def choose(selector: str, value: str) -> list[str]:
        change = f"e.value = '{value}'; e.dispatchEvent(new Event('input', {{bubbles: true}}));"
        page.run(f"(e => {{ {change} }})(document.querySelector('{selector}'))")
        found = names(page)
        page.click("#clear")
        assert len(names(page)) == 7
        return found

    assert choose("#verdict", "review") == ["scan 2"] == choose("#finding", "Far too small")
    assert choose("#method", "threshold") == ["scan 4", "scan 5"]
    assert choose("#volume-from", "5120") == ["scan 3", "scan 4", "scan 5"] and choose("#volume-to", "5000") == ["scan 0", "scan 2"]
    assert choose("#uncertainty-from", "0.0135") == ["scan 4", "scan 5"]
    assert choose("#search", "too small") == ["scan 2"] and choose("#search", "cannot be read") == ["w"]
    page.click("#errors")
    assert names(page) == ["w"]
    page.click("#clear")
    thumbnails = page.run("[...document.querySelectorAll('#rows img')].map(image => image.naturalWidth)")
    assert len(thumbnails) == 7 and min(thumbnails) > 20
    local_only(page, "file:")
    page.close()


def test_charts_show_the_distributions_and_how_two_methods_agree(chromium, context, folder):
    page = chromium.page(context, size=(1400, 800)).open((folder / "index.html").as_uri())
    titles = page.run("[...document.querySelectorAll('#charts h2')].map(title => title.textContent)")
    assert [title.split(",")[0] for title in titles[:3]] == ["Volume of both lungs (mL)", "Mean density (HU)", "Uncertainty"]
    assert "network less threshold" in titles[3] and len(titles) == 4
    bars = page.run("[...document.querySelectorAll('#charts svg')][0].querySelectorAll('.bin').length")
    assert bars >= 5
    differences = np.array([5000 - 5160.0, 5040 - 5200.0])  # scan 4 and 5 are of scan 0 and 1
    chart = "document.querySelector('#charts svg[data-bias]').dataset"
    assert float(page.run(f"{chart}.bias")) == pytest.approx(differences.mean())
    assert page.run("document.querySelectorAll('#charts .dot').length") == 2
    page.close()


def test_ratings_of_a_file_are_kept_in_the_browser_and_pass_on_as_csv(chromium, context, folder, tmp_path):
    page = chromium.page(context).open((folder / "index.html").as_uri())
    page.fill("#rater", "ab")
    open_scan(page, "scan 2")
    rate(page, "r", "reject")
    page.key("c")
    page.type('a leak, "n" =1 arn')
    assert text(page, "#current") == "scan 2"  # typed letters are no shortcuts
    page.key("Enter")
    page.key("n")
    page.wait("document.getElementById('current').textContent !== 'scan 2'")
    viewing(page, text(page, "#current"))
    second = text(page, "#current")
    page.click("iframe:not(.waiting)")
    page.run("document.querySelector('canvas').focus()", frame=f"/{second}/")
    rate(page, "a", "accept")  # pressed in the viewer
    page.key("p")
    viewing(page, "scan 2")
    assert pressed(page) == "reject"
    assert text(page, "#progress") == "2 of 7 rated" and "kept in this browser only, 3 not exported" in text(page, "#kept")

    page.reload()
    viewing(page, "scan 2")
    assert pressed(page) == "reject" and page.run("document.getElementById('comment').value") == 'a leak, "n" =1 arn'
    page.key("Escape")
    assert cell(page, "scan 2", 2) == "reject comment" and cell(page, second, 2) == "accept"
    page.fill("#rater", "cd")
    assert text(page, "#progress") == "0 of 7 rated" and cell(page, "scan 2", 2) == " +1"
    page.click("#export")
    wait_until(lambda: (tmp_path / "ratings.csv").exists(), "the file is saved")
    found = read_ratings(tmp_path / "ratings.csv")  # the engine reads what the browser writes
    assert {(rating.scan, rating.rater, rating.rating, rating.comment) for rating in found} == {
        ("scan 2", "ab", "reject", 'a leak, "n" =1 arn'),
        (second, "ab", "accept", ""),
    }
    assert {rating.labels for rating in found} == {labels_hash(folder / rating.scan / "labels.nii.gz") for rating in found}

    other = chromium.page(chromium.context()).open((folder / "index.html").as_uri())  # another user's browser
    other.fill("#rater", "ab")
    assert text(other, "#progress") == "0 of 7 rated"
    with (tmp_path / "ratings.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["nowhere", "ab", "accept", "", "f" * 16, "2026-01-01"])
    other.choose_file("#import", tmp_path / "ratings.csv")
    other.wait("document.getElementById('progress').textContent === '2 of 7 rated'")
    assert "2 of 3 rows taken over, 1 not of scans here" in text(other, "#kept")
    assert cell(other, "scan 2", 2) == "reject comment"
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    other.choose_file("#import", tmp_path / "wrong.csv")
    other.wait("document.getElementById('kept').textContent.startsWith('NOT IMPORTED')")
    for each in (page, other):
        local_only(each, "file:")
        each.close()


def test_a_rating_of_older_labels_is_stale(chromium, context, folder):
    page = chromium.page(context).open((folder / "index.html").as_uri())
    open_scan(page, "scan 1")
    rate(page, "a", "accept")
    path = folder / "scan 1" / "labels.nii.gz"
    content = (folder / "scan 0" / "labels.nii.gz").read_bytes()
    path.unlink()
    path.write_bytes(content)
    write_index(folder, find_results(folder))
    page.open((folder / "index.html").as_uri())
    assert cell(page, "scan 1", 2) == "accept stale"
    open_scan(page, "scan 1")
    assert "labels were changed since this viewer was written" in text(page, "#note")
    rate(page, "a", None)  # once more takes the mark away
    rate(page, "a", "accept")
    page.key("Escape")
    assert cell(page, "scan 1", 2) == "accept"
    page.close()


def test_ratings_of_the_server_outlive_it_and_not_saved_is_seen(chromium, context, served, folder):
    page = chromium.page(context).open(served.server.address)
    assert text(page, "#kept") == "saved in ratings.csv"
    page.fill("#rater", "ab")
    open_scan(page, "scan 3")
    page.key("e")
    wait_until(lambda: (folder / "ratings.csv").exists(), "it is saved")
    (rating,) = read_ratings(folder / "ratings.csv")
    assert (rating.scan, rating.rater, rating.rating) == ("scan 3", "ab", "needs edit")
    assert rating.labels == labels_hash(folder / "scan 3" / "labels.nii.gz") and rating.time.startswith("20")
    local_only(page, served.server.address)

    served.kill()
    page.key("r")
    page.wait("document.getElementById('kept').dataset.saved === 'false'")
    assert text(page, "#kept").startswith("NOT SAVED: 1") and read_ratings(folder / "ratings.csv")[0].rating == "needs edit"
    served.start()
    page.wait("document.getElementById('kept').dataset.saved === 'true'")
    assert read_ratings(folder / "ratings.csv")[0].rating == "reject"

    page.reload()
    viewing(page, "scan 3")
    assert pressed(page) == "reject"
    page.close()


def test_the_viewer_is_in_a_frame_without_rights_and_others_are_not_heard(chromium, context, served):
    page = chromium.page(context).open(served.server.address)
    open_scan(page, "scan 0")
    assert page.run("document.querySelector('iframe').getAttribute('sandbox')") == "allow-scripts"
    assert (
        page.run("(() => { try { return String(document.querySelector('iframe').contentDocument); } catch { return 'null'; } })()")
        == "null"
    )
    assert page.run("document.getElementById('rating').children.length", frame="/scan 0/") == 0  # it is rated outside
    page.run("window.postMessage({lungsegmentation: 'viewer', type: 'key', key: 'r'}, '*')")  # not from the frame
    page.run("parent.postMessage({lungsegmentation: 'viewer', type: 'key', key: 5}, '*')", frame="/scan 0/")
    page.run("parent.postMessage('r', '*')", frame="/scan 0/")
    page.wait("document.querySelectorAll('iframe').length === 2")  # the next scan's, which is not seen yet
    waiting = page.run("decodeURIComponent(document.querySelector('iframe.waiting').src).split('/').at(-2)")
    page.wait("document.documentElement.dataset.ready", frame=f"/{waiting}/")
    page.run("parent.postMessage({lungsegmentation: 'viewer', type: 'key', key: 'r'}, '*')", frame=f"/{waiting}/")
    page.run("new Promise(done => setTimeout(done, 150))")
    assert pressed(page) is None
    page.run("parent.postMessage({lungsegmentation: 'viewer', type: 'key', key: 'r'}, '*')", frame="/scan 0/")
    page.wait("document.querySelector('#rating [aria-pressed=true]')?.dataset.rating === 'reject'")
    page.close()


def test_next_and_previous_follow_the_filtered_table_to_its_ends(chromium, context, folder):
    page = chromium.page(context).open((folder / "index.html").as_uri())
    page.fill("#search", "scan")
    page.click("th[data-key=scan] button")
    page.key("n")
    viewing(page, "scan 0")
    page.key("p")
    page.wait("document.getElementById('note').textContent === 'This is the first scan.'")
    for number in range(1, 6):
        page.key("n")
        viewing(page, f"scan {number}")
        assert page.run("document.querySelectorAll('iframe:not(.waiting)').length") == 1
        assert page.run("document.querySelectorAll('iframe').length") == (2 if number < 5 else 1)
    page.key("n")
    page.wait("document.getElementById('note').textContent === 'This was the last scan.'")
    page.key("Escape")
    page.wait("document.getElementById('viewing').hidden")
    assert names(page) == [f"scan {number}" for number in range(6)]
    page.close()


def test_csv_of_the_browser_and_of_the_engine_agree(chromium, context, folder, tmp_path):
    from LungSegmentationLib.review.ratings import save_ratings

    texts = ["=1+1", "one;=2", "line\n-x\r\nend", '"quoted", "twice"', "'plain", "ü\ttab", " space ", "@a"]
    ratings = [Rating(f"s{i}", "r", "accept", each, "0" * 16, "t") for i, each in enumerate(texts)]
    save_ratings(tmp_path / "own.csv", ratings)
    page = chromium.page(context).open((folder / "index.html").as_uri())
    parsed = page.run(f"parsedCsv({json.dumps((tmp_path / 'own.csv').read_bytes().decode())})")
    assert [row["comment"] for row in parsed] == texts
    written = page.run(f"ratingsCsv({json.dumps(parsed)})")
    (tmp_path / "browser.csv").write_bytes(written.encode())
    assert read_ratings(tmp_path / "browser.csv") == tuple(ratings)
    page.close()
