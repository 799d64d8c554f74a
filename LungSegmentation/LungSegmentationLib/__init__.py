"""Lung segmentation in chest CT: arrays, files and physics; never Slicer, Qt or MRML.

Examples
--------
>>> from LungSegmentationLib import segment  # doctest: +SKIP
>>> result = segment("ct.nii.gz", method="connected-components")  # doctest: +SKIP
>>> result.measure()["volumes"]  # doctest: +SKIP
"""

import _signal  # built in; the module signal makes names of its numbers first, which takes a millisecond
import os
import sys

TYPE_CHECKING = False  # as in the module typing, whose import would take a millisecond


def _heed_ctrl_c() -> None:
    """Let Ctrl-C end the command's own process without a traceback, in any other program leave it as that has it.

    Here, in the package's first lines, because what is imported from now on is ours; nothing has been written yet.
    """
    program = (getattr(sys, "argv", None) or [""])[0]
    if program == "-m":  # what it is called while the package of `python -m PACKAGE` is imported
        words = sys.orig_argv
        is_command = "-m" in words and words[words.index("-m") + 1 :][:1] == [__name__]
    else:  # as pip names the program, on Windows too
        is_command = os.path.splitext(os.path.basename(program))[0].lower() in ("lungsegmentation", "lungsegmentation-script")
    if is_command and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, lambda number, frame: os._exit(128 + number))


_heed_ctrl_c()

from .network.telemetry import switch_off_telemetry  # noqa: E402
from .version import __version__  # noqa: E402

__all__ = ["CtVolume", "InputError", "Segmentation", "__version__", "read_ct", "segment"]

# Here, because this file runs before any other of the package, in whatever process.
switch_off_telemetry()

_PLACES = {"CtVolume": "volume", "InputError": "errors", "Segmentation": "api.any_image", "read_ct": "io.scans", "segment": "api.any_image"}

if TYPE_CHECKING:
    from .api.any_image import Segmentation, segment
    from .errors import InputError
    from .io.scans import read_ct
    from .volume import CtVolume


def __getattr__(name: str) -> object:
    # Imported on first use, so that `lungsegmentation --help` answers at once.
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
