"""Runs over many scans: throughput, scheduling, resuming, a soak, and what faults come to; writes ``cohort.csv``, ``cohort_faults.md``."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "LungSegmentation"), str(ROOT / "Testing" / "Lib")]
# ruff: noqa: E402  what lies in other folders
import psutil
from cohort_cluster import engines_found
from cohort_engines import write_tiny_scans
from cohort_faults import OF_RUNS, OF_SCANS

from cohort_scaling import lawful_rate, simulated_rate
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom
from table_files import markdown_table, read_csv, write_csv

COLUMNS = ("part", "what", "value", "unit", "limit", "load")
Figure = dict[str, object]
_RUN = "COHORT_BENCHMARK"  # in the environment of all that a run starts


def main() -> int:
    """Run the parts that are asked for, and print and write what they give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder of the tables")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--phantoms", type=int, default=12, help="for the throughput")
    parser.add_argument("--turns", type=int, default=2, help="of the throughput")
    parser.add_argument("--soak", type=int, default=200, help="phantoms of the soak")
    parser.add_argument("--soak-scans", type=Path, help="folder with the soak's phantoms, where they are made already")
    parser.add_argument("--many", type=int, default=10_000, help="scans whose engine is a sleep")
    options = parser.parse_args()
    for part in options.parts:
        with tempfile.TemporaryDirectory(prefix="cohort-") as folder:
            figures = PARTS[part](Path(folder), options)
        if figures:
            _keep(options.output / "cohort.csv", part, figures)
    return 0


def _keep(path: Path, part: str, figures: Sequence[Figure]) -> None:
    """Put the figures of one part in the place of its earlier ones."""
    rows = [row for row in (read_csv(path) if path.exists() else []) if row["part"] != part]
    load = round(os.getloadavg()[2], 1)  # of the last quarter of an hour, all that runs on the computer
    rows += [{**dict.fromkeys(COLUMNS, ""), "part": part, **figure, "load": load} for figure in figures]
    rows.sort(key=lambda row: list(PARTS).index(str(row["part"])))
    write_csv(path, COLUMNS, rows)
    print(markdown_table(COLUMNS, [row for row in rows if row["part"] == part]), flush=True)


def _figure(what: str, value: float, unit: str, limit: str = "", digits: int = 2) -> Figure:
    return {"what": what, "value": round(value, digits), "unit": unit, "limit": limit}


class Watched:
    """A command that is measured while it runs: time, processor time, and memory of the command and of all that it starts.

    Parameters
    ----------
    words : sequence of object
        Behind the program.
    stand_in : bool
        Whether the engine is replaced.
    cores : set of int, optional
        The processor's cores that it may use.
    """

    def __init__(self, words: Sequence[object], stand_in: bool = False, cores: set[int] | None = None) -> None:
        program = [str(ROOT / "Testing" / "Lib" / "cohort_command.py")] if stand_in else ["-m", "LungSegmentationLib"]
        command = [sys.executable, *program, "cohort", *(str(word) for word in words)]
        bind = None if cores is None else lambda: os.sched_setaffinity(0, cores)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        self.memory: list[tuple[float, float, float]] = []
        self.command_s = 0.0  # processor time of the command alone, which holds the scheduler
        with engines_found():
            environment = {**os.environ, _RUN: str(Path(str(words[words.index("--output") + 1])).parent)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, env=environment, preexec_fn=bind, **pipes) as process:
            while process.poll() is None:
                self._look(process.pid, time.perf_counter() - start)
                time.sleep(0.5)
            self.said = process.stdout.read() if process.stdout else ""
        self.seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.processor_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if process.returncode:
            raise SystemExit(f"the command failed with exit status {process.returncode}: {self.said}")

    def _look(self, number: int, seconds: float) -> None:
        try:
            own = psutil.Process(number)
            others = [one.memory_info().rss for one in own.children(recursive=True) if "scan_process" not in " ".join(one.cmdline())]
            self.command_s = sum(own.cpu_times()[:2])
            self.memory.append((seconds, own.memory_info().rss / 1e6, sum(others) / 1e6))
        except psutil.Error:
            pass


def _phantoms(folder: Path, count: int, shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> None:
    folder.mkdir(parents=True)
    for seed in range(count):
        volume = make_phantom(shape_zyx=shape, spacing_zyx_mm=spacing, seed=seed).volume
        write_nifti(volume.voxels_hu, volume, folder / f"phantom_{seed:03d}.nii.gz")


def _column(output: Path, name: str) -> list[float]:
    return [float(row[name]) for row in read_csv(output / "cohort.csv")]


def throughput(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Time one worker on one core, and two on two, with and without vessels; in turn, since the load of a shared computer drifts."""
    _phantoms(folder / "scans", options.phantoms, (90, 128, 128), (3.4, 2.8, 2.8))
    figures: list[Figure] = []
    cores = sorted(os.sched_getaffinity(0))[:2]
    for title, words in (("without vessels", ["--no-vessels"]), ("with vessels", [])):
        runs: dict[int, list[float]] = {1: [], 2: []}
        used: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(options.turns):
            for workers in (1, 2):
                out = folder / f"{title} {turn} {workers}"
                own = set(cores[:workers])
                Watched([folder / "scans", "--output", out, "--workers", workers, *words], cores=own)
                used[workers] += _column(out, "Processor (s)")
                runs[workers].append(3600 * (options.phantoms - 1) / _span(out))
                shutil.rmtree(out)
        one, two = (statistics.median(runs[workers]) for workers in (1, 2))
        figures.append(_figure(f"one worker on one core, {title}", one, "scans an hour", digits=0))
        figures.append(_figure(f"two workers on two cores, {title}", two, "scans an hour", digits=0))
        figures.append(_figure(f"two workers to one, {title}", two / one, "ratio", "at least 1.8"))
        costs = [statistics.median(used[workers]) for workers in (1, 2)]
        figures.append(_figure(f"processor time of a scan, one worker, {title}", costs[0], "s"))
        figures.append(_figure(f"processor time of a scan, two workers to one, {title}", costs[1] / costs[0], "ratio"))
    return figures


def _span(output: Path) -> float:
    """Give the time from the first result to the last: starting the workers does not count."""
    times = [path.stat().st_mtime for path in output.glob("scans/*/scan.json")]
    return max(times) - min(times)


def scheduling(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Run many scans of 64 voxels by a stand-in, and the same again, when all are done."""
    count = options.many
    write_tiny_scans(folder / "scans", count)
    words = [folder / "scans", "--output", folder / "out", "--workers", 2, "--method", "connected-components", "--no-vessels"]
    run = Watched(words, stand_in=True)
    span = _span(folder / "out")
    again = Watched(words, stand_in=True)
    memory = [megabytes for _, megabytes, _ in run.memory]
    tenth = max(1, len(memory) // 10)
    return [
        _figure(f"{count} scans of 64 voxels by a stand-in, two workers", (count - 1) / span, "scans/s", digits=1),
        _figure(
            "overhead a scan and worker: reading, checksum, process, folder, record, scheduling",
            2 * span / (count - 1),
            "s",
            "below 0.3",
            3,
        ),
        _figure(
            "memory of the command with the scheduler, a tenth of the way", statistics.median(memory[tenth : 2 * tenth]), "MB", digits=0
        ),
        _figure("memory of the command with the scheduler, at the end", statistics.median(memory[-tenth:]), "MB", digits=0),
        _figure(f"the same command again, all {count} done", again.seconds, "s", "below 30", 1),
    ]


_SLEEP_S, _REAL_SCAN_S = 2.0, 6.0


def scaling(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Measure the law's two figures, compare it with 1 to 8 workers whose engine sleeps, and simulate beyond."""
    write_tiny_scans(folder / "many", options.many)
    few, many = folder / "few", folder / "many"
    write_tiny_scans(few, options.many // 10)
    words = ["--workers", 2, "--method", "connected-components", "--no-vessels"]
    runs = [Watched([scans, "--output", folder / f"{scans.name} out", *words], stand_in=True) for scans in (few, many)]
    command_s = (runs[1].command_s - runs[0].command_s) / (options.many - options.many // 10)
    rates: dict[int, float] = {}
    for workers in (1, 2, 4, 8):
        scans, out = folder / f"sleeping {workers}", folder / f"sleeping {workers} out"
        count = 12 * workers
        write_tiny_scans(scans, count, f"sleep{1000 * _SLEEP_S:.0f}")
        Watched([scans, "--output", out, "--workers", workers, *words[2:]], stand_in=True)
        rates[workers] = (count - workers) / _span(out)  # they end in groups of as many as there are workers
    scan_s = 1 / rates[1]
    figures = [
        _figure("processor time of the command, with the scheduler, a scan", 1000 * command_s, "ms", digits=1),
        _figure(f"time of a scan whose engine sleeps {_SLEEP_S:g} s, one worker", scan_s, "s"),
    ]
    for workers, rate in rates.items():
        ratio = rate / lawful_rate(workers, scan_s, command_s)
        figures.append(_figure(f"measured rate to the law's, engine asleep, workers: {workers}", ratio, "ratio", digits=3))
    for workers in (16, 64, 256, 512, 1024):
        rate = simulated_rate(workers, _REAL_SCAN_S, command_s)
        title = f"{workers} workers, scans of {_REAL_SCAN_S:g} s, simulated"
        figures.append(_figure(title, 3600 * rate, "scans an hour", digits=0))
        figures.append(_figure(f"{title}, each worker's share", rate * _REAL_SCAN_S / workers, "ratio"))
    return figures


def soak(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Run many small phantoms on two workers: memory, processes, files, and whether the last fifth is as fast as the first."""
    scans = options.soak_scans or folder / "scans"
    if options.soak_scans is None:
        _phantoms(scans, options.soak, (40, 72, 72), (7.5, 5.0, 5.0))
    words = [
        scans,
        "--output",
        folder / "out",
        "--workers",
        2,
        "--method",
        "connected-components",
        "--no-vessels",
        "--no-report",
    ]
    run = Watched(words)
    records = sorted((folder / "out").glob("scans/*/scan.json"), key=lambda path: path.stat().st_mtime)
    ends = [path.stat().st_mtime for path in records]
    used = [json.loads(path.read_text(encoding="utf-8"))["processor_s"] for path in records]
    fifth = len(ends) // 5
    first, last = ends[fifth] - ends[0], ends[-1] - ends[-1 - fifth]
    begun = [entry for entry in run.memory if entry[0] > run.seconds / 5]
    half = len(begun) // 2
    figures = [_figure("phantoms of 40 × 72 × 72 voxels on two workers", len(ends), "scans", digits=0)]
    for place, title in ((1, "command with scheduler"), (2, "workers and their servers")):
        early, late = (statistics.median(entry[place] for entry in part) for part in (begun[:half], begun[half:]))
        figures.append(_figure(f"memory of {title}, second half to first", late / early, "ratio", "within 5 %", 3))
    leftovers = [path for path in (folder / "out").rglob(".lungsegmentation-*") if path.name != ".lungsegmentation-cohort"]
    figures.append(_figure("time of the last fifth to the first", last / first, "ratio", "within 10 %", 3))
    share = statistics.mean(used[-fifth:]) / statistics.mean(used[:fifth])
    figures.append(_figure("processor time of the last fifth to the first", share, "ratio", "within 10 %", 3))
    figures.append(_figure("processes left", _started_for(folder), "", "0", 0))
    figures.append(_figure("hidden files and folders left", len(leftovers) + len(list((folder / "out").rglob("*.part"))), "", "0", 0))
    return figures


def _started_for(folder: Path) -> int:
    """Count the processes that know a folder by their environment or command."""
    found = 0
    for one in psutil.process_iter():
        try:
            found += one.pid != os.getpid() and (one.environ().get(_RUN) == str(folder) or str(folder) in " ".join(one.cmdline()))
        except psutil.Error:
            continue
    return found


def faults(folder: Path, options: argparse.Namespace) -> list[Figure]:
    """Make every fault, and write what it came to."""
    rows = []
    for title, make in {**OF_RUNS, **OF_SCANS}.items():
        own = folder / make.__name__
        own.mkdir()
        rows.append({"fault": title, "what comes of it": make(own)})
        print(f"{title}: {rows[-1]['what comes of it']}", flush=True)
    text = "# What faults come to\n\n"
    text += "Each is really made, on scans of 64 voxels with a stand-in for the engine: `make studies PARTS=faults`.\n\n"
    (options.output / "cohort_faults.md").write_text(text + markdown_table(("fault", "what comes of it"), rows), encoding="utf-8")
    return []


PARTS: dict[str, Callable[[Path, argparse.Namespace], list[Figure]]] = {
    "throughput": throughput,
    "scheduling": scheduling,
    "scaling": scaling,
    "soak": soak,
    "faults": faults,
}

if __name__ == "__main__":
    sys.exit(main())
