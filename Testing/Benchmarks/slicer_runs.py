"""Clicks on Segment Lungs, timed: how long to the result, how much of it is the engine, how long the window stands still.

The module runs as in Slicer, on the test bench: real scene, real Qt, real process in the background.

    python Testing/Benchmarks/slicer_runs.py --shape 300 512 512 --runs 3
    python Testing/Benchmarks/slicer_runs.py --shape 60 96 96 --runs 50
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "Testing"), str(REPOSITORY / "LungSegmentation")]

from SlicerBench import application  # noqa: E402
from table_files import markdown_table, read_csv, write_csv  # noqa: E402

COLUMNS = (
    "voxels_zyx",
    "method",
    "runs",
    "click_to_result_s",
    "engine_s",
    "not_engine_percent",
    "longest_gap_ms",
    "gap_at_click_ms",
    "nodes_growth",
    "processes_growth",
    "files_growth",
    "memory_growth_mb",
)
_BODY_MM = (300.0, 355.0, 355.0)  # what the phantom's grid spans, whatever its voxels
_TICK_MS = 10


@dataclass(frozen=True)
class Held:
    """What the application holds: nodes, child processes, open files, resident memory."""

    nodes: int
    processes: int
    files: int
    memory_mb: float


@dataclass(frozen=True)
class Click:
    """One click: seconds to the result and of the engine, and gaps of the event loop."""

    seconds: float
    engine_s: float
    longest_gap_ms: float
    gap_at_click_ms: float
    held: Held


def held_now() -> Held:
    """Look into /proc; processes are the children of this one."""
    import slicer

    children = sum(len(path.read_text(encoding="utf-8").split()) for path in Path("/proc/self/task").glob("*/children"))
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return Held(slicer.mrmlScene.GetNumberOfNodes(), children, len(list(Path("/proc/self/fd").iterdir())), memory_mb)


def click_once(widget: Any) -> Click:
    """Click, and run the event loop until the result is shown."""
    import qt
    import slicer

    ticks: list[float] = []
    timer = qt.QTimer()
    timer.connect("timeout()", lambda: ticks.append(time.perf_counter()))
    timer.start(_TICK_MS)
    loop, watch = qt.QEventLoop(), qt.QTimer()
    watch.connect("timeout()", lambda: None if widget.panel.isRunning() else loop.quit())
    start = time.perf_counter()
    widget.ui.segmentButton.click()
    if not widget.panel.isRunning():
        raise SystemExit(f"the run did not start: {widget.ui.messageLabel.text}")
    watch.start(_TICK_MS)  # without a pause it would take a whole core from the engine
    loop.exec()
    end = time.perf_counter()
    timer.stop()
    slicer.app.processEvents()
    measured = widget.panel.measuredOf(widget.logic.getParameterNode().outputSegmentation)
    if measured is None:
        raise SystemExit(f"the run failed: {widget.ui.messageLabel.text}")
    times = [start, *ticks, end]
    gaps_ms = [1000 * (later - earlier) for earlier, later in pairwise(times)]
    return Click(end - start, sum(measured.timings_s.values()), max(gaps_ms), gaps_ms[0], held_now())


def summarise(shape: tuple[int, ...], method: str, clicks: list[Click]) -> dict[str, object]:
    """Make one row: medians of times, the longest gap, and what grew from the third run, the first with an undo before, to the last."""
    seconds, engine_s = (statistics.median(getattr(click, key) for click in clicks) for key in ("seconds", "engine_s"))
    first, last = clicks[min(2, len(clicks) - 1)].held, clicks[-1].held
    values = (
        "x".join(map(str, shape)),
        method,
        len(clicks),
        round(seconds, 2),
        round(engine_s, 2),
        round(100 * (1 - engine_s / seconds), 1),
        *(round(max(getattr(click, key) for click in clicks)) for key in ("longest_gap_ms", "gap_at_click_ms")),
        last.nodes - first.nodes,
        last.processes - first.processes,
        last.files - first.files,
        round(last.memory_mb - first.memory_mb, 1),
    )
    return dict(zip(COLUMNS, values, strict=True))


def bench(shape: tuple[int, int, int], runs: int, method: str) -> dict[str, object]:
    """Click as often as asked on one phantom, always into the same segmentation."""
    running = application.start()
    import slicer

    from SlicerBench.modules import loadModule

    module = loadModule(REPOSITORY / "LungSegmentation" / "LungSegmentation.py")
    widget = module.widget
    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode
    from LungSegmentationLib.phantom import make_phantom

    spacing_zyx_mm = tuple(length / count for length, count in zip(_BODY_MM, shape, strict=True))
    volume = make_phantom(shape_zyx=shape, spacing_zyx_mm=spacing_zyx_mm).volume
    parameters = widget.logic.getParameterNode()
    parameters.inputVolume = addVolumeNode(slicer.mrmlScene, replace(volume, name="Phantom"))
    parameters.method = method
    clicks = []
    for number in range(runs):
        clicks.append(click_once(widget))
        print(f"run {number + 1}: {clicks[-1].seconds:.2f} s, longest gap {clicks[-1].longest_gap_ms:.0f} ms", flush=True)
    module.unload()
    running.close()
    return summarise(shape, method, clicks)


def main() -> None:
    """Run one size, print its row, and put it into the table in place of the row of the same size and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", type=int, nargs=3, default=(300, 512, 512), metavar=("SLICES", "ROWS", "COLUMNS"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--method", default="connected-components")
    parser.add_argument("--name", help="of the row; the method's by default")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "Testing" / "Baselines" / "slicer.csv")
    options = parser.parse_args()
    row = {**bench(tuple(options.shape), options.runs, options.method), "method": options.name or options.method}
    print(f"\n{markdown_table(COLUMNS, [row])}")
    before = read_csv(options.output) if options.output.exists() else []
    same = ("voxels_zyx", "method")
    write_csv(options.output, COLUMNS, [*(old for old in before if any(old[key] != row[key] for key in same)), row])


if __name__ == "__main__":
    main()
