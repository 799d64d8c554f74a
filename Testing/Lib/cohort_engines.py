"""Stand-ins for the engine where the number of scans, or a fault, is the point; and scans of a few bytes for them.

What a stand-in does to a scan is written in the name of its file.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from LungSegmentationLib.cohort.one_scan import Task
from LungSegmentationLib.errors import InputError

ENGINE = "cohort_engines"
HERE = str(Path(__file__).parent)
CALLS = "CALLS"
"""Environment variable with the path of a file that gets a line for each scan that is begun."""


def names(task: Task, folder: Path, name: str) -> tuple[str, ...]:
    """List the two files."""
    return "labels.nii.gz", "summary.json"


def write_scan(task: Task, folder: Path, name: str) -> None:
    """Do to a scan what its file's name says, and write two small files."""
    words = Path(task.scan.files[0]).name
    if os.environ.get(CALLS):
        with Path(os.environ[CALLS]).open("a", encoding="utf-8") as calls:
            calls.write(f"{words}\n")
    if "wrong" in words:
        raise InputError(f"{words} is wrong on purpose")
    if "broken" in words:
        raise KeyError(words)
    if "die" in words:
        os.kill(os.getpid(), signal.SIGKILL)
    if "memory" in words:
        import numpy as np

        np.ones(1 << 27)  # 1 GiB
    if "hang" in words:
        time.sleep(3600)
    if "slow" in words:
        time.sleep(0.5)
    if words.startswith("sleep"):
        time.sleep(int(words[5:].partition("_")[0]) / 1000)
    (folder / "labels.nii.gz").write_bytes(Path(task.scan.files[0]).read_bytes())
    if "large" in words:
        (folder / "labels.nii.gz").write_bytes(bytes(1 << 22))
    (folder / "summary.json").write_text("{}")


def write_tiny_scan(path: Path, number: int) -> Path:
    """Write a NIfTI file of 64 voxels; no two numbers give the same."""
    import numpy as np
    import SimpleITK as sitk

    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(sitk.GetImageFromArray(np.full((4, 4, 4), number, np.int32)), str(path))
    return path


def write_tiny_scans(folder: Path, count: int, name: str = "scan") -> None:
    """Write many of them, quickly; of ``sleep500`` each takes half a second."""
    first = write_tiny_scan(folder / f"{name}_00000.nii", 0).read_bytes()
    for number in range(1, count):
        (folder / f"{name}_{number:05d}.nii").write_bytes(first[:-4] + number.to_bytes(4, "little"))
