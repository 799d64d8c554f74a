"""How long the review of many results takes: ``python Testing/Benchmarks/review_speed.py --output DIR`` (needs Chromium).

Results of one small phantom are linked many times under other names. ``review_speed.csv`` holds the seconds of making the page, of opening
it, of the first scan and of the next ones, and the sizes of the pages.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from LungSegmentationLib.output.result_folder import save_result
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.review.index import write_index
from LungSegmentationLib.review.results import find_results
from table_files import markdown_table, write_csv

COLUMNS = ("rows", "find_and_write_s", "index_kb", "viewer_kb", "open_s", "first_scan_s", "next_scan_s", "slowest_next_s")
_NEXT_SCANS = 20


def main() -> None:
    """Make, open, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--output", type=Path, required=True, help="folder of review_speed.csv")
    parser.add_argument("--rows", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        phantom = make_phantom(shape_zyx=(150, 256, 256), spacing_zyx_mm=(2.0, 1.4, 1.4), seed=1)
        save_result(segment(phantom.volume, vessels=True), Path(name) / "one")
        folder = Path(name) / "many"
        link_results(Path(name) / "one", folder, options.rows)
        figures = measure_review(folder, Path(name) / "profile")
    rows = [{"rows": options.rows, **figures}]
    print(f"\n{markdown_table(COLUMNS, rows)}")
    write_csv(options.output / "review_speed.csv", COLUMNS, rows)


def link_results(one: Path, folder: Path, count: int) -> None:
    """Give a result many names, with other figures."""
    summary = json.loads((one / "summary.json").read_text(encoding="utf-8"))
    both, chance = summary["regions"]["both_lungs"], random.Random(1)
    for number in range(count):
        place = folder / f"scan{number:04d}"
        place.mkdir(parents=True)
        for path in ("viewer.html", "labels.nii.gz", "report.html"):
            (place / path).symlink_to(one / path)
        both["volume_ml"], both["mean_hu"] = chance.gauss(5000, 900), chance.gauss(-830, 25)
        (place / "summary.json").write_text(json.dumps(summary), encoding="utf-8")


def measure_review(folder: Path, profile: Path) -> dict[str, float]:
    """Time the review of a folder."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "Lib"))
    from chromium import Chromium

    start = time.perf_counter()
    page = write_index(folder, find_results(folder))
    figures = {
        "find_and_write_s": time.perf_counter() - start,
        "index_kb": page.stat().st_size / 1000,
        "viewer_kb": (folder / "scan0000" / "viewer.html").stat().st_size / 1000,
    }
    browser = Chromium(profile)
    tab = browser.page(size=(1500, 950))
    start = time.perf_counter()
    tab.open(page.as_uri())
    figures["open_s"] = time.perf_counter() - start
    times = []
    for _ in range(_NEXT_SCANS + 1):
        start = time.perf_counter()
        tab.run("delete document.documentElement.dataset.viewer")
        tab.key("n")
        tab.wait("document.documentElement.dataset.viewer")
        times.append(time.perf_counter() - start)
    browser.close()
    figures.update(first_scan_s=times[0], next_scan_s=statistics.median(times[1:]), slowest_next_s=max(times[1:]))
    return {key: round(value, 2) for key, value in figures.items()}


if __name__ == "__main__":
    main()
