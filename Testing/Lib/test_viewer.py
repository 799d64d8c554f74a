"""The viewer in a real browser: offline, with the source's values at their places, and every control by keys alone."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import Chromium, Page, needs_chromium, wait_until

from LungSegmentationLib.labels import REGIONS, VESSEL_REGIONS
from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.viewer import labels_hash, make_viewer
from LungSegmentationLib.presets.window_level import window_level_presets
from LungSegmentationLib.quality.flag import Place, QualityFlag
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical
from LungSegmentationLib.web.reduced_scan import reduced_scan

NAME, SERIES = "Doe_Jane_19700101", "1.2.840.99999.1"
SPACING = (4.0, 2.5, 2.0)
MARKER_HU = 333  # in the left lung alone
LABELS = "0123456789abcdef"


@pytest.fixture(scope="module")
def result() -> Segmentation:
    """Give two lungs of different size, an airway, vessels, and a bright ball in the left lung, on a grid turned to RAS."""
    z, y, x = np.mgrid[:40, :70, :100].astype(float)
    labels = np.zeros(z.shape, np.uint8)

    def ball(middle, radii):
        return sum(((axis - m) / r) ** 2 for axis, m, r in zip((z, y, x), middle, radii, strict=True)) < 1

    labels[ball((18, 35, 30), (15, 24, 18))] = 1
    labels[ball((22, 35, 70), (12, 18, 14))] = 2
    labels[(abs(y - 35) < 3) & (abs(x - 50) < 3) & (z > 20)] = 3
    voxels = np.where(labels == 0, 40, np.where(labels == 3, -1000, -850)) + 10 * np.sin(x / 3) * np.cos(y / 4) + z
    vessels = ((labels == 1) & (abs(y - 35) < 2) & (abs(z - 18) < 2)).astype(np.uint8)
    voxels[vessels > 0] = 60
    voxels[ball((22, 35, 72), (3, 4, 4))] = MARKER_HU
    turned = (slice(None), slice(None, None, -1), slice(None, None, -1))
    source = {"path": f"/home/{NAME}/scan.dcm", "series_uid": SERIES}
    volume = CtVolume(voxels.astype(np.int16)[turned], SPACING, (10, 20, 30), np.diag([-1.0, -1.0, 1.0]), NAME, source=source)
    return Segmentation(volume, labels[turned].copy(), "m", vessels=vessels[turned].copy(), warnings=(f"{NAME} is odd",))


@pytest.fixture(scope="module")
def html(result) -> str:
    box = ((20, 24), (70 - 39, 70 - 31), (100 - 77, 100 - 67))  # around the ball, in the array's own order
    flags = [
        QualityFlag("a", "A", "quality", 1.0, "mL", "", "review", "Dense tissue.", (Place("a ball", 22, "left", 1.5, box),)),
        QualityFlag("b", "B", "quality", 1.0, "mL", "", "review", "<b>No place.</b></script><script>alert(1)</script>"),
    ]
    return make_viewer(result, replace(measure(result), flags=tuple(flags)), LABELS)


@pytest.fixture(scope="module")
def address(html, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("results") / "scan 1 ü" / "viewer.html"
    path.parent.mkdir()
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    browser = Chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture
def page(chromium, address):
    page = chromium.page(chromium.context())
    page.command("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)
    yield page.open(address)
    assert page.problems == []
    assert [url for url in page.requests if not url.startswith(("data:", "blob:"))][:1] == [address]
    assert all(url.startswith(("file:", "data:", "blob:")) for url in page.requests)
    page.close()


def place_of(page: Page) -> list[int]:
    return [int(value) for value in page.run("document.documentElement.dataset.place").split(",")]


def settle(page: Page) -> None:
    """Wait until what was asked for is drawn."""
    page.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def pixel_of(page: Page, view: str, voxel_xyz: tuple[int, int, int], shape_xyz, spacing_xyz) -> tuple[float, float]:
    """Work out where a voxel lies on the screen: the plane fills its pane, in the middle, a millimetre as long across as down."""
    across, down, upright = {"Axial": (0, 1, False), "Coronal": (0, 2, True), "Sagittal": (1, 2, True)}[view]
    box = page.run(f"(b => [b.x, b.y, b.width, b.height])(document.querySelector('[data-view={view}] canvas').getBoundingClientRect())")
    mm = shape_xyz[across] * spacing_xyz[across], shape_xyz[down] * spacing_xyz[down]
    scale = min(box[2] / mm[0], box[3] / mm[1])
    row = shape_xyz[down] - 1 - voxel_xyz[down] if upright else voxel_xyz[down]
    x = box[0] + (box[2] - mm[0] * scale) / 2 + (voxel_xyz[across] + 0.5) * spacing_xyz[across] * scale
    y = box[1] + (box[3] - mm[1] * scale) / 2 + (row + 0.5) * spacing_xyz[down] * scale
    return x, y


def read_at(page: Page, view: str, voxel, shape, spacing) -> str:
    page.mouse("mouseMoved", *pixel_of(page, view, voxel, shape, spacing))
    settle(page)
    return page.run("document.getElementById('value').textContent")


COUNT = """((view, [r, g, b], tolerance) => {
  const canvas = document.querySelector(`[data-view=${view}] canvas`);
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < tolerance) count++;
  return count;
})"""
COLOURS = {**{region.key: region.colour_rgb for region in REGIONS}, "vessels": VESSEL_REGIONS[0].colour_rgb}


def pixels_like(page: Page, view: str, colour: tuple[int, int, int], tolerance: int = 40) -> int:
    """Count the pixels of a view that have about a colour."""
    settle(page)
    return page.run(f"{COUNT}('{view}', {list(colour)}, {tolerance})")


def test_the_page_names_nobody_and_runs_only_its_own_scripts(html):
    for secret in (NAME, SERIES, "/home/", "scan.dcm", "is odd"):
        assert secret not in html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1)
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; script-src 'sha256-")
    assert "unsafe" not in policy and "http" not in policy
    assert "alert(1)</script>" not in html
    assert not re.search(r"<script[^>]*src=|<link|@import|url\(", html)


def test_the_hash_names_the_labels_content(tmp_path):
    (tmp_path / "one").write_bytes(b"labels")
    (tmp_path / "other").write_bytes(b"labels2")
    assert re.fullmatch("[0-9a-f]{16}", labels_hash(tmp_path / "one"))
    assert labels_hash(tmp_path / "one") != labels_hash(tmp_path / "other")


@needs_chromium
def test_values_under_the_pointer_are_the_sources_at_the_sources_places(page, result):
    scan = reduced_scan(result)
    assert scan.factors_zyx == (1, 1, 1)
    canonical, order = to_canonical(result.volume)
    labels = order.apply(result.labels)
    start, shape = np.array(scan.start_zyx[::-1]), scan.grey.shape[::-1]
    rng = np.random.default_rng(0)
    for view, through in (("Axial", 2), ("Coronal", 1), ("Sagittal", 0)):
        for _ in range(3):
            voxel = [int(rng.integers(3, size - 3)) for size in shape]
            voxel[through] = place_of(page)[through]
            x, y, z = np.array(voxel) + start
            shown = read_at(page, view, voxel, shape, SPACING[::-1])
            value = int(re.match(r"-?\d+", shown).group())
            assert abs(value - np.clip(canonical.voxels_hu[z, y, x], -1024, 500)) <= 0.5 * 1524 / 255 + 0.5, (view, voxel)
            if labels[z, y, x] == 3:
                assert "airways" in shown
            elif labels[z, y, x]:
                assert ("right lung" if labels[z, y, x] == 1 else "left lung") in shown
            else:
                assert "lung" not in shown


@needs_chromium
def test_the_patients_left_is_on_the_right_and_the_feet_are_below(page, result):
    canonical, order = to_canonical(result.volume)
    scan = reduced_scan(result)
    z, y, x = (int(value) for value in np.argwhere(canonical.voxels_hu == MARKER_HU).mean(axis=0).round())
    assert order.apply(result.labels)[z, y, x] == 2
    voxel = [a - b for a, b in zip((x, y, z), scan.start_zyx[::-1], strict=True)]
    page.click("canvas", at=pixel_of(page, "Coronal", voxel, scan.grey.shape[::-1], SPACING[::-1]))
    settle(page)
    assert place_of(page)[0] == voxel[0] and place_of(page)[2] == voxel[2]
    at = pixel_of(page, "Axial", voxel, scan.grey.shape[::-1], SPACING[::-1])
    assert at[0] > page.centre("[data-view=Axial] canvas")[0]
    shown = read_at(page, "Axial", voxel, scan.grey.shape[::-1], SPACING[::-1])
    assert abs(int(shown.split()[0]) - MARKER_HU) <= 4 and "left lung" in shown
    letters = page.run("PLANES.map(plane => plane.letters)")
    assert letters[0] == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert letters[1] == {"left": "R", "right": "L", "top": "S", "bottom": "I"}
    assert letters[2] == {"left": "A", "right": "P", "top": "S", "bottom": "I"}
    caption = page.run("document.querySelector('[data-view=Axial] .caption').textContent")
    assert caption.endswith(f", slice {z}")


@needs_chromium
def test_each_region_is_switched_by_its_key_and_all_outlines_by_one(page):
    outlined = {key: pixels_like(page, "Coronal", colour) for key, colour in COLOURS.items()}
    assert min(outlined.values()) > 20
    for number, (key, colour) in enumerate(COLOURS.items(), start=1):
        page.key(str(number))
        assert pixels_like(page, "Coronal", colour) < outlined[key] / 5
        others = {other: pixels_like(page, "Coronal", COLOURS[other]) for other in COLOURS if other != key}
        assert all(count >= 0.9 * outlined[other] for other, count in others.items())  # vessels punch no holes into a lung's outline
        page.key(str(number))
        assert pixels_like(page, "Coronal", colour) == outlined[key]
    page.key("o")
    assert all(pixels_like(page, "Coronal", colour) < outlined[key] / 5 for key, colour in COLOURS.items())
    page.run("document.getElementById('opacity').value = 0.95")
    page.key("+")
    assert all(pixels_like(page, "Coronal", colour) > 1.5 * outlined[key] for key, colour in COLOURS.items() if "lung" in key)


@needs_chromium
def test_each_region_is_switched_by_its_box_in_three_dimensions(page):
    def lit() -> int:
        settle(page)
        everything = page.run("(c => c.width * c.height)(document.querySelector('[data-view=Surfaces] canvas'))")
        return everything - pixels_like(page, "Surfaces", (0, 0, 0), 30)

    for key in COLOURS:
        page.click(f"[data-region={key}]")
    assert lit() == 0
    for key in COLOURS:
        page.click(f"[data-region={key}]")
        assert lit() > 30, key
        page.click(f"[data-region={key}]")
        assert lit() == 0, key


@needs_chromium
def test_wheel_keys_and_click_move_the_planes(page):
    x, y, z = place_of(page)
    page.wheel("[data-view=Axial] canvas", -2)
    wait_until(lambda: place_of(page) == [x, y, z + 2], "wheel up goes to the head")
    page.wheel("[data-view=Axial] canvas", 1)
    wait_until(lambda: place_of(page) == [x, y, z + 1], "wheel down goes to the feet")
    for key, expected in (("ArrowUp", z + 2), ("ArrowDown", z + 1), ("PageUp", z + 6), ("PageDown", z + 1)):
        page.key(key)
        settle(page)
        assert place_of(page) == [x, y, expected], key
    page.run("document.querySelector('[data-view=Sagittal] canvas').focus()")
    page.key("ArrowUp")
    settle(page)
    assert place_of(page) == [x + 1, y, z + 1]
    page.key("Home")
    settle(page)
    highest = place_of(page)[0]
    page.key("ArrowUp")
    settle(page)
    assert place_of(page)[0] == highest  # no further than the scan


@needs_chromium
def test_ctrl_and_wheel_enlarge_about_the_pointer_and_a_drag_with_shift_moves(page):
    def voxel_at(x: float, y: float) -> list[float]:
        """Give column and row, not rounded, that lie under a point of the page."""
        settle(page)
        pixel = f"const [x, y] = {axial}.pixelAt({{clientX: {x}, clientY: {y}}})"
        return page.run(f"(f => {{{pixel}; return [(x - f.left) / f.perColumn, (y - f.top) / f.perRow]}})({axial}.frame)")

    axial, place = "viewerOfThisPage.planes[0]", place_of(page)
    whole = page.run(f"{axial}.pixelsPerMm")
    page.key("z")
    settle(page)
    assert page.run(f"{axial}.pixelsPerMm") == pytest.approx(1.25 * whole)
    for _ in range(4):
        page.key("z")  # by now larger than its pane both ways
    middle = page.centre("[data-view=Axial] canvas")
    x, y = round(middle[0]) + 30, round(middle[1]) - 20  # browsers give whole pixels of the wheel
    before = voxel_at(x, y)
    for _ in range(2):
        page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-100, modifiers=2)
    assert voxel_at(x, y) == pytest.approx(before)
    assert page.run(f"{axial}.pixelsPerMm") == pytest.approx(1.25**7 * whole)
    page.mouse("mousePressed", x, y, button="left", buttons=1, modifiers=8)
    page.mouse("mouseMoved", x - 15, y + 10, button="left", buttons=1, modifiers=8)
    page.mouse("mouseReleased", x - 15, y + 10, button="left", modifiers=8)
    assert voxel_at(x - 15, y + 10) == pytest.approx(before)
    assert place_of(page) == place
    for _ in range(30):
        page.key("Z")
    settle(page)
    assert page.run(f"{axial}.pixelsPerMm") == pytest.approx(whole)  # no smaller than its pane


@needs_chromium
def test_keys_alone_reach_every_view_and_turn_the_surfaces(page):
    reached = []
    for _ in range(16):
        page.key("Tab")
        reached.append(page.run("document.activeElement.closest('.pane')?.dataset.view ?? document.activeElement.id"))
    assert [view for view in reached if view in ("Axial", "Coronal", "Sagittal", "Surfaces")] == [
        "Axial",
        "Coronal",
        "Sagittal",
        "Surfaces",
    ]
    assert {"window", "outlines", "opacity"} <= set(reached)
    page.run("document.querySelector('[data-view=Surfaces] canvas').focus()")
    picture = "document.querySelector('[data-view=Surfaces] canvas').toDataURL()"
    before = page.run(picture)
    page.key("ArrowRight")
    settle(page)
    assert page.run(picture) != before
    page.key("m")
    settle(page)
    assert page.run("[...document.querySelectorAll('.pane')].filter(pane => pane.clientWidth).length") == 1
    page.key("m")
    page.key("?")
    assert page.run("document.getElementById('help').clientWidth") > 100


@needs_chromium
def test_a_drag_moves_the_cross_and_turns_the_surfaces(page):
    x, y = page.centre("[data-view=Axial] canvas")
    before = place_of(page)
    page.mouse("mousePressed", x, y, button="left", clickCount=1, buttons=1)
    page.mouse("mouseMoved", x + 60, y + 30, button="left", buttons=1)
    page.mouse("mouseReleased", x + 60, y + 30, button="left", clickCount=1)
    settle(page)
    after = place_of(page)
    assert after[0] > before[0] and after[1] > before[1] and after[2] == before[2]
    x, y = page.centre("[data-view=Surfaces] canvas")
    turned = "viewerOfThisPage.surfaces.turn"
    page.mouse("mousePressed", x, y, button="left", clickCount=1, buttons=1)
    page.mouse("mouseMoved", x + 80, y, button="left", buttons=1)
    page.mouse("mouseReleased", x + 80, y, button="left", clickCount=1)
    assert page.run(turned) > 0.3


@needs_chromium
def test_every_window_preset_is_there_and_changes_the_grey(page):
    titles = page.run("[...document.getElementById('window').options].map(option => option.textContent)")
    assert titles == [preset.title for preset in window_level_presets()]
    grey = "viewerOfThisPage.look.greys[128]"
    values = []
    for _ in titles:
        values.append(page.run(grey))
        page.key("w")
    assert page.run(grey) == values[0] and len(set(values)) >= 4
    lowest, highest = window_level_presets()[0].limits_hu(0, 0)
    hu = -1024 + 128 / 255 * 1524
    assert values[0] == pytest.approx(255 * (hu - lowest) / (highest - lowest), abs=1)


@needs_chromium
def test_a_finding_leads_to_its_place(page, result):
    scan = reduced_scan(result)
    middle = [72, 34.5, 21.5]  # of the box in canonical order, less half a voxel
    expected = [m - s for m, s in zip(middle, scan.start_zyx[::-1], strict=True)]
    page.key("f")
    settle(page)
    assert np.abs(np.subtract(place_of(page), expected)).max() <= 1
    texts = page.run("[...document.querySelectorAll('#findings button')].map(button => button.textContent)")
    assert texts == ["Dense tissue. Slice 22, left, 2 mL.", "<b>No place.</b></script><script>alert(1)</script>"]
    page.key("Home")
    page.click("[data-finding='0']")
    settle(page)
    assert np.abs(np.subtract(place_of(page), expected)).max() <= 1
    assert pixels_like(page, "Axial", (255, 190, 60), 30) > 40  # its frame


@needs_chromium
def test_a_rating_is_kept_and_saved_as_csv(chromium, address, tmp_path):
    page = chromium.page(chromium.context(tmp_path)).open(address)
    page.key("e")
    page.key("c")
    page.type("arn, =1")
    page.key("Enter")
    page.fill("#rater", "ab")
    assert place_of(page) == place_of(page) and page.run("document.activeElement.id") == ""
    page.reload()
    assert page.run("document.querySelector('[aria-pressed=true]').dataset.rating") == "needs edit"
    assert page.run("document.getElementById('comment').value") == "arn, =1"
    page.click("#export")
    wait_until(lambda: (tmp_path / "rating.csv").exists(), "the file is saved")
    with (tmp_path / "rating.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row.pop("time")
    assert row == {"scan": "scan 1 ü", "rater": "ab", "rating": "needs edit", "comment": "arn, =1", "labels": LABELS}
    assert page.problems == []
    page.close()


@needs_chromium
def test_without_javascript_there_is_a_text_and_a_picture(chromium, address):
    page = chromium.page(scripts=False)
    page.command("Page.navigate", url=address)
    page.wait("document.readyState === 'complete' && document.querySelector('noscript img')?.naturalWidth > 500")
    assert "needs JavaScript" in page.run("document.querySelector('noscript').innerText")
    page.close()


@needs_chromium
def test_a_page_that_is_not_whole_says_so(chromium, html, tmp_path):
    cut = re.sub(r'(id="grey">.{200})[^<]*', r"\1", html)
    (tmp_path / "viewer.html").write_text(cut, encoding="utf-8")
    page = chromium.page().open((tmp_path / "viewer.html").as_uri())
    assert page.run("document.documentElement.dataset.ready") == "failed"
    assert "report.html has pictures" in page.run("document.getElementById('value').textContent")
    page.close()


def test_the_facts_are_json_with_no_end_of_a_script(html):
    facts = re.search(r'id="facts">([^<]*)</script>', html).group(1)
    assert json.loads(facts)["labels"] == LABELS


def test_every_script_and_style_is_readable():
    folder = Path(__file__).resolve().parents[2] / "LungSegmentation" / "LungSegmentationLib" / "web" / "assets"
    for path in folder.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 400 and max(map(len, lines)) <= 150, path.name
