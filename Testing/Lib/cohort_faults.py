"""Faults that runs over many scans meet, each really made: processes that are killed, disks that are full, scans that hang.

Each function makes one in a folder of its own, lets the same command follow where it ended the first one, checks that nothing was lost and
nothing repeated, and gives a sentence for the table in ``Testing/Baselines/cohort_faults.md``.
"""

from __future__ import annotations

import csv
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from cohort_cluster import engines_found, wait_for
from cohort_engines import CALLS, HERE, write_tiny_scan

QUICK = ("--method", "connected-components", "--no-vessels", "--no-report")


class Command(subprocess.Popen[str]):
    """A command that is killed where what is expected of it does not come, and that Ctrl-C reaches, whoever started us."""

    def __exit__(self, kind: object, *rest: object) -> None:
        """Wait for its end."""
        if kind is not None:
            self.kill()
        super().__exit__(kind, *rest)


class Case:
    """Scans, an output, and the command on them.

    Parameters
    ----------
    folder : pathlib.Path
        Empty.
    names : sequence of str
        Of the scans.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.scans, self.out, self._calls = folder / "scans", folder / "out", folder / "calls.txt"
        for number, name in enumerate(names):
            write_tiny_scan(self.scans / f"{name}.nii", number)

    def start(self, *words: object, before: Callable[[], None] = lambda: None) -> Command:
        """Start the command."""

        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it starts in the background ignore it
            before()

        command = [sys.executable, f"{HERE}/cohort_command.py", "cohort", self.scans, "--output", self.out, *QUICK, *words]
        with engines_found():
            environment = {**os.environ, CALLS: str(self._calls)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return Command([str(word) for word in command], env=environment, preexec_fn=prepare, start_new_session=True, **pipes)

    def run(self, *words: object, before: Callable[[], None] = lambda: None) -> tuple[int, str]:
        """Run the command to its end; give its exit status and what it said."""
        with self.start(*words, before=before) as process:
            out, errors = process.communicate(timeout=180)
            return process.returncode, out + errors

    def begun(self) -> list[str]:
        """List the scans that were begun, each as often as it was."""
        return [line[: -len(".nii")] for line in self._calls.read_text().splitlines()] if self._calls.exists() else []

    def done(self) -> list[Path]:
        """List the folders of results that are whole."""
        return [path.parent for path in self.out.glob("scans/*/scan.json")]

    def rows(self) -> dict[str, int]:
        """Count the rows of the table by status."""
        counts: dict[str, int] = {}
        for row in self.table():
            counts[row["Status"]] = counts.get(row["Status"], 0) + 1
        return counts

    def table(self) -> list[dict[str, str]]:
        """Read the table of all scans."""
        with (self.out / "cohort.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def errors(self) -> list[str]:
        """List the errors in the table."""
        return sorted(row["Error"] for row in self.table() if row["Status"] == "error")

    def leftovers(self) -> list[str]:
        """Name what a run should have cleared away."""
        hidden = [path for path in self.out.rglob("*") if path.name.startswith((".lungsegmentation-unfinished", ".lungsegmentation-lock"))]
        hidden += list(self.out.rglob("*.part"))
        return [path.name for path in hidden] + [path.name for path in self.out.glob(".lungsegmentation-cohort/dask")]


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """List the processes that a command has started, and theirs."""
    return psutil.Process(process.pid).children(recursive=True)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """List the workers of Dask among them."""
    return [one for one in descendants(process) if "spawn_main" in " ".join(one.cmdline())]


def all_end(processes: Sequence[psutil.Process], seconds: float = 20.0) -> bool:
    """Tell whether processes end by themselves."""
    return not psutil.wait_procs(processes, timeout=seconds)[1]


@contextmanager
def cluster_of_processes(folder: Path, port: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start a scheduler and a worker as programs of their own, as on a cluster; the first is the scheduler."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with engines_found():
        environment = {**os.environ, CALLS: str(folder / "calls.txt")}
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    words = [
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        [*dask, "worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", str(folder / "dask"), "--death-timeout", "20"],
    ]
    processes = [subprocess.Popen(command, env=environment, **quiet) for command in words]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def killed_worker(folder: Path) -> str:
    """Kill a worker of Dask while it has a scan."""
    case = Case(folder, [f"{number} slow" for number in range(6)])
    with case.start("--workers", "2") as process:
        wait_for(case.begun)
        victim = workers_of(process)[0]
        victim.kill()
        out, _ = process.communicate(timeout=180)
        assert process.returncode == 0, out
    assert case.rows() == {"done": 6} and case.leftovers() == []
    return f"every scan is done in the same run, {len(case.begun()) - 6} of 6 begun twice; the worker is started again"


def killed_scan(folder: Path) -> str:
    """Let one scan's process be killed each time."""
    case = Case(folder, ["a", "b die", "c"])
    status, _ = case.run("--workers", "1", "--retries", "2")
    assert status == 2 and case.rows() == {"done": 2, "error": 1} and case.begun().count("b die") == 3
    (error,) = case.errors()
    return f"after 2 retries one row says “{error}”; the others are done; the next run tries it again"


def killed_command(folder: Path) -> str:
    """Kill the command itself, and let it go on."""
    case = Case(folder, [f"{number} slow" for number in range(6)])
    with case.start("--workers", "2") as process:
        wait_for(lambda: len(case.done()) >= 2)
        started = descendants(process)
        process.kill()
        process.communicate()
        assert all_end(started)
    finished, count = set(case.done()), len(case.begun())
    unfinished = 6 - len(finished)
    status, out = case.run("--workers", "2")
    assert status == 0 and case.rows() == {"done": 6}, out
    assert len(case.begun()) - count == unfinished and finished <= set(case.done()) and case.leftovers() == []
    return "its workers and scans end by themselves; the same command does the rest, begins none of the finished ones again, and clears up"


def killed_scheduler(folder: Path) -> str:
    """Kill the scheduler of a running cluster, and let the command go on without it."""
    case = Case(folder, [f"{number} slow" for number in range(6)])
    port = 20000 + os.getpid() % 20000
    address = ("--scheduler", f"tcp://127.0.0.1:{port}")
    with cluster_of_processes(folder, port) as processes, case.start(*address) as process:
        wait_for(lambda: len(case.done()) >= 2)
        processes[0].kill()
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 2 and "the scheduler of the cluster is gone" in errors, out + errors
    finished, begun = set(case.done()), len(case.begun())
    status, out = case.run("--workers", "1")
    assert status == 0 and case.rows() == {"done": 6}, out
    assert finished <= set(case.done()) and len(case.begun()) - begun == 6 - len(finished)
    return "the command ends with status 2 and says so; given again, with workers of its own, it does the rest and begins no other scan"


def interrupted_command(folder: Path) -> str:
    """Press Ctrl-C while a scan hangs."""
    case = Case(folder, ["a hang", "b hang"])
    with case.start("--workers", "1") as process:
        wait_for(case.begun)
        started = descendants(process)
        status, said = case.run("--workers", "1")
        assert status == 2 and "another run is writing" in said  # a second command on one output
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and its workers
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130 and errors.count("\n") == 1, errors
        assert all_end(started)
    assert case.leftovers() == []
    return "Ctrl-C: one line, status 130, no process and no file left. The second command says that another run is writing, status 2"


def full_disk(folder: Path) -> str:
    """Let no file be larger than 1 MB (RLIMIT_FSIZE), as a full disk refuses what does not fit."""
    case = Case(folder, ["a", "b large", "c"])
    few = 1 << 20
    status, _ = case.run("--workers", "1", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few, few)))
    assert status == 2 and case.rows() == {"done": 2, "error": 1} and case.leftovers() == []
    (error,) = case.errors()
    return f"one row says “{error}”, nothing of it is left, the others are done; the next run tries it again"


def full_tmpfs(folder: Path) -> str:
    """Put the output on a file system of 2 MB, where the user may mount one."""
    case = Case(folder, ["a", "b large", "c"])
    case.out.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(case.out)]
    if subprocess.run(words, stderr=subprocess.DEVNULL).returncode:
        return "not tried: this user may not mount a file system"
    try:
        status, _ = case.run("--workers", "1")
        assert status == 2 and case.rows() == {"done": 2, "error": 1} and case.leftovers() == []
        (error,) = case.errors()
    finally:
        subprocess.run(["umount", str(case.out)], check=True)
    return f"one row says “{error}”, nothing of it is left, the others are done"


def unreadable_files(folder: Path) -> str:
    """Put a link to nowhere, a file that is no image, and a damaged DICOM file beside a scan."""
    case = Case(folder, ["a"])
    (case.scans / "gone.nii").symlink_to(folder / "nowhere.nii")
    (case.scans / "letter.nii").write_text("no image")
    (case.scans / "cut.dcm").write_bytes(bytes(128) + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00")
    status, _ = case.run("--workers", "1")
    assert status == 2 and case.rows() == {"done": 1, "error": 3}
    return "a row each, which says what is wrong; the others are done"


def too_little_memory(folder: Path) -> str:
    """Let one scan take 1 GiB where a worker has 0.8 GB."""
    case = Case(folder, ["a", "b memory 1", "c"])
    status, _ = case.run("--workers", "1", "--memory", "0.8", "--retries", "0")
    assert status == 2 and case.rows() == {"done": 2, "error": 1}
    (error,) = case.errors()
    shown = re.sub(r" \(.*\)", "", error)
    return f"the system refuses it, one row says “{shown}”; the others are done; one whose header says so is not begun"


def hanging_scan(folder: Path) -> str:
    """Let one scan hang."""
    case = Case(folder, ["a", "b hang", "c"])
    status, _ = case.run("--workers", "1", "--timeout", "1", "--retries", "0")
    assert status == 2 and case.rows() == {"done": 2, "error": 1}
    (error,) = case.errors()
    return f"that scan's process alone is ended, one row says “{error}”; the others are done"


def deleted_folder(folder: Path) -> str:
    """Delete a result while the run goes on, and damage another one afterwards."""
    case = Case(folder, [f"{number} slow" for number in range(5)])
    with case.start("--workers", "1") as process:
        victim = wait_for(lambda: sorted(case.done()))[0]
        wait_for(lambda: len(case.begun()) >= 2)
        shutil.rmtree(victim)
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0, out
    assert victim in case.done() and len(case.begun()) == 6
    path = victim / "labels.nii.gz"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert case.run("--workers", "1")[0] == 0 and len(case.begun()) == 7 and case.rows() == {"done": 5}
    return "the run itself notices at its end and makes it again; so does the next run, by size, time and checksum, and begins no other"


OF_RUNS: dict[str, Callable[[Path], str]] = {
    "kill -9 of a worker of Dask": killed_worker,
    "kill -9 of the command": killed_command,
    "kill -9 of a cluster's scheduler": killed_scheduler,
    "Ctrl-C, and a second command on one output": interrupted_command,
    "a result that is deleted or damaged": deleted_folder,
    "a file that may not grow so large (RLIMIT_FSIZE)": full_disk,
}
OF_SCANS: dict[str, Callable[[Path], str]] = {
    "kill -9 of a scan's process, each time": killed_scan,
    "files that cannot be read": unreadable_files,
    "a scan that needs more memory than there is": too_little_memory,
    "a scan that hangs": hanging_scan,
    "a full disk (a tmpfs of 2 MB)": full_tmpfs,
}
"""Those of single scans, which one test makes in one run, but for the disk, which not everyone may make."""
