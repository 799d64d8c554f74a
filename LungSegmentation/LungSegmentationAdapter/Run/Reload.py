"""Reload of the helper packages in developer mode: Slicer's Reload button reads the module file anew, not what it imports."""

from __future__ import annotations

import importlib
import sys

PACKAGES = ("LungSegmentationLib", "LungSegmentationAdapter")


def dropHelperPackages() -> list[str]:
    """Forget the helper packages, so that the next import reads their files anew.

    To be called from the module widget's ``onReload``, before Slicer's own. Objects made before keep working with the
    code that they were made with.

    Returns
    -------
    list of str
        The names of the modules dropped.
    """
    dropped = sorted(name for name in sys.modules if name.partition(".")[0] in PACKAGES)
    for name in dropped:
        del sys.modules[name]
    importlib.invalidate_caches()
    return dropped
