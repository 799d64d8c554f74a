"""Kills runs at every step and at random moments, lets four write at once, and looks whether a result was ever lost or mixed.

Each run is a process of its own that writes a few files through :func:`.atomic_folder.atomic_folder`, as every command
does. Prints a table; the exit status is 1 when anything was lost, mixed, left behind or not said.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "LungSegmentation"))
from LungSegmentationLib.errors import OutputError
from LungSegmentationLib.output import atomic_folder as folder_code
from LungSegmentationLib.output import replacement, run_lock
from LungSegmentationLib.output.atomic_folder import atomic_folder

NAMES = ("labels.nii.gz", "volumes.csv", "vessels.csv", "density.csv", "report.html", "summary.json")
# The old result has a file that the new one lacks, and the other way round.
OLD_NAMES = tuple(name for name in NAMES if name != "report.html")
NEW_NAMES = tuple(name for name in NAMES if name != "vessels.csv")
FOREIGN = "notes of a user.txt"
WRITERS = 4

DONE, REFUSED, FAILED = 0, 3, 4
OLD, NEW, NEXT, NOTHING, MIXED = "old", "new", "next", "nothing", "MIXED"

_WATCHED = {module.__file__ for module in (folder_code, replacement, run_lock)}
# What changes the file system, as Python's own calls report it just before they do it (PEP 578).
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
_SLOWEST_S = 60.0


def main() -> int:
    """Run the three parts and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="at random moments")
    parser.add_argument("--rounds", type=int, default=200, help="of four writers")
    parser.add_argument("--followers", type=int, default=3, help="how many ways another run follows each kill at a change, 1 to 3")
    parser.add_argument("--line-step", type=int, default=1, help="kill at every n-th line of the code that replaces; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    parts = [("at each change of the file system", kills_at_steps(changes_only=True, step=1, followers=options.followers))]
    if options.line_step:
        parts.append(("at each line of the code", kills_at_steps(changes_only=False, step=options.line_step, followers=1)))
    parts.append(("and the run after it, too", kills_of_both(chance)))
    parts.append(("at random moments", kills_at_random(options.kills, chance)))
    parts.append(("four writers at once", concurrent_writers(options.rounds, chance)))
    for title, counts in parts:
        print(f"{title}: " + ", ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    bad = sum(count for _, counts in parts for what, count in counts.items() if what.isupper())
    print("nothing was lost" if not bad else f"{bad} LOST OR MIXED")
    return 1 if bad else 0


def content(run: str, name: str) -> str:
    """Give what a run writes into a file: enough that half of it would be seen."""
    return f"{run} {name}\n" * 2000


def write_result(folder: Path, run: str, names: tuple[str, ...], pause: Callable[[], None] = lambda: None) -> None:
    """Replace the folder's result by another one."""
    with atomic_folder(folder, NAMES, overwrite=True) as staging:
        for name in names:
            (staging / name).write_text(content(run, name))
            pause()


def state(folder: Path, known: dict[str, tuple[str, ...]]) -> str:
    """Say which known run's result is in a folder: whole, and nothing else but a user's own file and hidden folders."""
    found = (
        {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if not path.name.startswith(".")}
        if folder.is_dir()
        else {}
    )
    found.pop(FOREIGN, None)
    for run, names in known.items():
        if found == {name: content(run, name) for name in names}:
            return run
    return NOTHING if not found else MIXED


def in_process(work: Callable[[], None]) -> int:
    """Run a function in a process of its own; give its exit code, or the signal that ended it as a negative number."""
    child = os.fork()
    if child == 0:
        code = FAILED
        try:
            work()
            code = DONE
        except OutputError as error:
            code = REFUSED if "another run is writing" in str(error) or "already holds" in str(error) else FAILED
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying_at(number: int, changes_only: bool) -> None:
    """Let this process kill itself just before its n-th change of the file system, or n-th line of our code."""
    seen = 0

    def step() -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_event(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT):
            step()

    def on_line(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename not in _WATCHED:
            return None
        if event == "line":
            step()
        return on_line

    if changes_only:
        sys.addaudithook(on_event)
    else:
        sys.settrace(on_line)


@contextmanager
def prepared_folder(with_old: bool = True) -> Iterator[Path]:
    """Give a folder with an old result in it, beside a user's file."""
    with tempfile.TemporaryDirectory(prefix="lost-results-") as parent:
        folder = Path(parent) / "out"
        folder.mkdir()
        (folder / FOREIGN).write_text("mine")
        if with_old:
            write_result(folder, OLD, OLD_NAMES)
        yield folder


def after(folder: Path, number: int, has_old: bool) -> str:
    """Let another run follow a killed one: one that is refused, one that breaks off, or one that succeeds; say what is there then."""

    def refused() -> None:
        with atomic_folder(folder, NAMES):
            raise KeyboardInterrupt

    def breaks_off() -> None:
        with atomic_folder(folder, NAMES, overwrite=True) as staging:
            (staging / NAMES[0]).write_text("half of it")
            raise KeyboardInterrupt

    known = {OLD: OLD_NAMES, NEW: NEW_NAMES, NEXT: NEW_NAMES}
    follower = (refused, breaks_off, lambda: write_result(folder, NEXT, NEW_NAMES))[number % 3]
    code = in_process(follower)
    found = state(folder, known)
    expected = {NEXT} if number % 3 == 2 else {OLD, NEW} if has_old else {NOTHING, NEW}
    if (number % 3 == 2) != (code == DONE) or code < 0:
        return f"WRONG EXIT {code}"
    if found not in expected:
        return f"LOST ({found.upper()})"
    if any(path.name.startswith(".") for path in folder.iterdir()) or (folder / FOREIGN).read_text(encoding="utf-8") != "mine":
        return "LEFT BEHIND"
    return f"then {found}"


def kills_at_steps(changes_only: bool, step: int, followers: int) -> Counter[str]:
    """Kill a run before each of its steps, with and without an old result; another run follows each time."""
    counts: Counter[str] = Counter()
    for has_old in (True, False):
        number, code = 1, -signal.SIGKILL
        while code == -signal.SIGKILL:
            for follower in range(number, number + followers):
                with prepared_folder(has_old) as folder:
                    code = in_process(lambda: _dying_run(folder, number, changes_only))  # noqa: B023  called at once
                    if code == -signal.SIGKILL:
                        counts["kills"] += 1
                        counts[after(folder, follower, has_old)] += 1
                    elif code != DONE:
                        counts[f"WRONG EXIT {code}"] += 1
            number += step
    return counts


def _dying_run(folder: Path, number: int, changes_only: bool) -> None:
    dying_at(number, changes_only)
    write_result(folder, NEW, NEW_NAMES)


def kills_of_both(chance: random.Random) -> Counter[str]:
    """Kill a run at each change, then the run that undoes it at one of its changes; a third one follows."""
    counts: Counter[str] = Counter()
    number, code = 1, -signal.SIGKILL
    while code == -signal.SIGKILL:
        with prepared_folder() as folder:
            code = in_process(lambda: _dying_run(folder, number, changes_only=True))  # noqa: B023  called at once
            second = in_process(lambda: _dying_run(folder, chance.randint(1, 25), changes_only=True))
            counts["kills"] += (code == -signal.SIGKILL) + (second == -signal.SIGKILL)
            counts[after(folder, number, has_old=True)] += 1
        number += 1
    return counts


def kills_at_random(kills: int, chance: random.Random) -> Counter[str]:
    """Kill runs from outside at moments that a clock chooses; another run follows each time."""
    counts: Counter[str] = Counter()
    durations_s = [0.02]
    while counts["kills"] < kills:
        with prepared_folder() as folder:
            start = time.perf_counter()
            child = os.fork()
            if child == 0:
                write_result(folder, NEW, NEW_NAMES)
                os._exit(DONE)
            time.sleep(chance.uniform(0, 1.2 * sorted(durations_s)[len(durations_s) // 2]))
            os.kill(child, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code == DONE:
                durations_s.append(time.perf_counter() - start)
                counts["had ended before"] += 1
                if counts["had ended before"] > 20 * kills:
                    raise RuntimeError("the runs are too quick to be killed")
            else:
                counts["kills"] += 1
                durations_s.append(2 * (time.perf_counter() - start))
            counts[after(folder, counts["kills"], has_old=True)] += 1
    return counts


def concurrent_writers(rounds: int, chance: random.Random) -> Counter[str]:
    """Let four runs start at the same moment on one folder; half of the rounds find what a killed run left."""
    counts: Counter[str] = Counter()
    for number in range(rounds):
        with prepared_folder(with_old=number % 4 == 3) as folder:
            overwrite = number % 4 >= 2
            if number % 2:
                in_process(lambda: _dying_run(folder, 12 + number % 9, changes_only=True))  # noqa: B023  called at once
            ready, go = os.pipe(), os.pipe()
            children = [_writer(folder, writer, overwrite, ready, go, chance.uniform(0, 0.01)) for writer in range(WRITERS)]
            for _ in children:
                os.read(ready[0], 1)
            os.write(go[1], b"g" * WRITERS)
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            for end in (*ready, *go):
                os.close(end)
            counts[_judged(folder, codes, overwrite)] += 1
    return counts


def _writer(folder: Path, writer: int, overwrite: bool, ready: tuple[int, int], go: tuple[int, int], pause_s: float) -> int:
    child = os.fork()
    if child:
        return child
    code = FAILED
    try:
        signal.alarm(int(_SLOWEST_S))
        os.write(ready[1], b"r")
        os.read(go[0], 1)
        with atomic_folder(folder, NAMES, overwrite) as staging:
            for name in NEW_NAMES:
                (staging / name).write_text(content(f"writer {writer}", name))
                time.sleep(pause_s)
        code = DONE
    except OutputError as error:
        code = REFUSED if "another run is writing" in str(error) or "already holds" in str(error) else FAILED
    finally:
        os._exit(code)


def _judged(folder: Path, codes: list[int], overwrite: bool) -> str:
    winners = {f"writer {number}": NEW_NAMES for number, code in enumerate(codes) if code == DONE}
    if not set(codes) <= {DONE, REFUSED}:
        return f"WRONG EXITS {codes}"
    found = state(folder, winners or {OLD: OLD_NAMES, NEW: NEW_NAMES})
    if found in (NOTHING, MIXED) or (overwrite and not winners):
        return f"LOST ({found.upper()}, {len(winners)} WON)"
    if any(path.name.startswith(".") for path in folder.iterdir()) or (folder / FOREIGN).read_text(encoding="utf-8") != "mine":
        return "LEFT BEHIND"
    if len(winners) > 1 and not overwrite:
        return f"{len(winners)} WON"
    if not winners:
        return "a result was there, all were refused"
    return "one won, three were refused" if len(winners) == 1 else f"{len(winners)} replaced each other in turn"


if __name__ == "__main__":
    sys.exit(main())
