"""Read valid files that were changed at random, thousands of them, in processes of their own, and count what they come to.

With ``--guided KIND``, atheris (libFuzzer for Python) looks for changes that reach new code; install it with ``pip install atheris``.
A file that crashed, hung or ended in a traceback is kept, and its path is told.
"""

from __future__ import annotations

import argparse
import gzip
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from limited_process import run_limited

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "LungSegmentation"), str(ROOT / "Testing" / "Lib")]
TOGETHER = 50
MOST_SECONDS, MOST_MEMORY_GB = 10, 1.5


def main() -> int:
    """Run the mutants; the exit status is 1 where any crashed, hung or ended in a traceback."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000, help="mutants of all kinds together")
    parser.add_argument("--seed", type=int, default=1, help="of the first mutant; each has the next one's")
    parser.add_argument("--guided", metavar="KIND", help="let atheris change files of this kind instead; all: of each kind in turn")
    parser.add_argument("--seconds", type=int, default=60, help="how long atheris changes files of a kind")
    options = parser.parse_args()
    if options.guided:
        if find_spec("atheris") is None:
            parser.exit(2, "atheris is not installed; install it with: pip install atheris (Linux), or run without --guided\n")
        return _guided_each(options.seconds) if options.guided == "all" else _guided(options.guided, options.seconds)
    from malformed.mutants import valid_files

    from malformed import valid_scan

    warnings.simplefilter("ignore")
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        scan = valid_scan(Path(folder))
        kinds = valid_files(scan)
        of_each = -(-options.count // len(kinds))
        for kind, valid in kinds.items():
            seeds = list(range(options.seed, options.seed + of_each))
            while seeds:
                seeds = seeds[_batch(kind, valid, seeds[:TOGETHER], scan, counts) :]
            print(kind, dict(counts), flush=True)
    print(f"{sum(counts.values())} mutants: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return int(not set(counts) <= {"read", "refused"})


def _batch(kind, valid, seeds: list[int], scan, counts: Counter[str]) -> int:
    """Read some mutants in one process; give how many were come to, the one that ended it included."""
    from malformed.mutants import read_mutant

    def work() -> int:
        with tempfile.TemporaryDirectory() as folder:
            for seed in seeds:
                signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)  # its signal ends the process
                try:
                    word = "read" if read_mutant(valid, seed, Path(folder), scan) else "refused"
                except Exception:
                    word = f"traceback\n{traceback.format_exc()}\0"
                sys.__stderr__.write(f"\0{word}\0")
                sys.__stderr__.flush()
        return 0

    done = run_limited(work, MOST_SECONDS * len(seeds), MOST_MEMORY_GB)
    words = [word for word in done.output.split("\0") if word.startswith(("read", "refused", "traceback"))]
    for seed, word in zip(seeds, words, strict=False):
        if word.startswith("traceback"):
            print(f"mutant {seed} of {kind}: {word}")
        counts[word.split("\n")[0]] += 1
    if done.status == 0:
        return len(words)
    ended = "hang" if done.status in (-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGKILL) else "crash"
    print(f"mutant {seeds[min(len(words), len(seeds) - 1)]} of {kind}: {ended}, exit status {done.status}: {done.output[-400:]}")
    counts[ended] += 1
    return len(words) + 1


def _guided_each(seconds: int) -> int:
    """Fuzz each kind in a process of its own: libFuzzer ends the process that it runs in."""
    from malformed.mutants import valid_files

    from malformed import valid_scan

    with tempfile.TemporaryDirectory() as folder:
        kinds = list(valid_files(valid_scan(Path(folder))))
    statuses = {}
    for kind in kinds:
        command = [sys.executable, __file__, "--guided", kind, "--seconds", str(seconds)]
        statuses[kind] = subprocess.run(command, check=False).returncode
        print(f"{kind}: {'nothing found' if statuses[kind] == 0 else f'FOUND SOMETHING, exit status {statuses[kind]}'}", flush=True)
    return int(any(statuses.values()))


def _guided(kind: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["LungSegmentationLib"]):
        from malformed.mutants import valid_files

        from LungSegmentationLib.errors import LungSegmentationError
        from malformed import valid_scan
    folder = Path(tempfile.mkdtemp())
    scan = valid_scan(folder)
    kinds = valid_files(scan)
    if kind not in kinds:
        print(f"there is no kind {kind!r}; choose one of: {', '.join(kinds)}, all", file=sys.stderr)
        return 2
    valid = kinds[kind]
    corpus = folder / "corpus"
    corpus.mkdir()
    header, voxels = valid.content[: valid.header], valid.content[valid.header :]
    (corpus / "valid").write_bytes(header)
    path = folder / valid.name

    def one(changed: bytes) -> None:  # the header alone: changes of voxels seldom reach new code
        content = changed + voxels
        path.write_bytes(gzip.compress(content, 1, mtime=0) if valid.is_packed_whole else content)
        with suppress(LungSegmentationError):
            valid.read(path, scan)

    limits = [f"-timeout={MOST_SECONDS}", f"-max_total_time={seconds}", f"-max_len={2 * len(header)}", "-rss_limit_mb=2048"]
    atheris.Setup([sys.argv[0], *limits, "-verbosity=0", f"-artifact_prefix={folder}/", str(corpus)], one)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
