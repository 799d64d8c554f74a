"""What a process of ours does first, and the window of 3D Slicer must not: streams that are there, and nothing that calls outside."""

from __future__ import annotations

import os
import sys
from types import FrameType

# Drivers of graphics keep what they compiled in the user's cache folder; a picture a run is not worth that.
_NO_DRIVER_CACHES = {"MESA_SHADER_CACHE_DISABLE": "true", "__GL_SHADER_DISK_CACHE": "0"}

# The products of matrices are small here, and OpenBLAS lets its threads wait for each other in a loop: on a busy machine that takes
# longer than all the rest.
LINEAR_ALGEBRA_THREADS = ("OPENBLAS_NUM_THREADS", "1")

# pydicom imports it, where it is installed, to download examples; it opens a socket when it is imported.
_CALLS_OUTSIDE = "requests"


def end_at_once(number: int, frame: FrameType | None) -> None:
    """End on a signal while nothing but packages has been read: an exception would come out of the middle of an import."""
    os._exit(128 + number)


def keep_to_itself() -> None:
    """Let no package open a socket, no driver write into the user's cache folder, no thread wait in a loop.

    Before numpy, pydicom and vtk are imported.
    """
    for name, value in (*_NO_DRIVER_CACHES.items(), LINEAR_ALGEBRA_THREADS):
        os.environ.setdefault(name, value)
    sys.modules.setdefault(_CALLS_OUTSIDE, None)  # type: ignore[arg-type]  # None: importing it says that it is not there


def open_standard_streams() -> None:
    """Put the null device where a standard stream is closed.

    A closed stream's number would go to the next file that is opened, and what a library prints would then be written
    into that file.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:  # a lower number was free, too
                os.dup2(opened, number)
                os.close(opened)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
