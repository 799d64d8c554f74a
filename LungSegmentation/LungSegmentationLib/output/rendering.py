"""The three-dimensional picture, drawn in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..segmentation import Segmentation
from ..volume import canonical_order

if TYPE_CHECKING:
    from PIL import Image

_STEP_MM = 1.0
_MARGIN_VOXELS = 2
_TIME_LIMIT_S = 90.0


def draw_rendering(result: Segmentation, time_limit_s: float = _TIME_LIMIT_S) -> tuple[Image.Image | None, str]:
    """Draw the result's surfaces: lungs translucent, airways and vessels in them, from in front and obliquely.

    Parameters
    ----------
    result : Segmentation
        On any grid.
    time_limit_s : float
        How long drawing may take.

    Returns
    -------
    picture : PIL.Image.Image or None
        RGB; None where it could not be drawn.
    reason : str
        Why it could not; empty with a picture.
    """
    if importlib.util.find_spec("vtkmodules") is None:
        return None, "There is no picture in three dimensions: the package vtk is not installed."
    if not result.labels.any():
        return None, "There is no picture in three dimensions: the result is empty."
    with tempfile.TemporaryDirectory(prefix="lungsegmentation-") as name:
        folder = Path(name)
        _write_arrays(result, folder / "surfaces.npz")
        return _run(folder, time_limit_s)


def _write_arrays(result: Segmentation, path: Path) -> None:
    """Write the labels in canonical order, cut to what is labelled, with voxels of about a millimetre."""
    order = canonical_order(result.volume.direction_lps)
    flips = tuple(slice(None, None, -1 if flip else 1) for flip in order.flipped)
    labels = np.transpose(result.labels, order.axes)[flips]
    spacing = [result.volume.spacing_zyx_mm[axis] for axis in order.axes]
    steps = [max(1, round(_STEP_MM / mm)) for mm in spacing]
    box = []
    for axis, step in enumerate(steps):
        used = np.flatnonzero(labels[::2, ::2, ::2].any(axis=tuple(other for other in range(3) if other != axis))) * 2
        first, last = (int(used[0]), int(used[-1])) if used.size else (0, labels.shape[axis])
        box.append(slice(max(0, first - _MARGIN_VOXELS), last + _MARGIN_VOXELS, step))
    part = tuple(box)
    small = np.ascontiguousarray(labels[part])
    tree = np.zeros_like(small)
    if result.vessels is not None:
        tree = np.ascontiguousarray(np.transpose(result.vessels, order.axes)[flips][part])
    np.savez(path, labels=small, vessels=tree, spacing_zyx_mm=np.multiply(spacing, steps))


def _run(folder: Path, time_limit_s: float) -> tuple[Image.Image | None, str]:
    from PIL import Image

    package = Path(__file__).resolve().parents[1]
    paths = [str(package.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", f"{package.name}.output.surfaces", str(folder)]
    try:
        subprocess.run(command, env=environment, capture_output=True, check=True, timeout=time_limit_s, stdin=subprocess.DEVNULL)
        with Image.open(folder / "surfaces.png") as picture:
            return picture.convert("RGB"), ""
    except subprocess.TimeoutExpired:
        return None, f"There is no picture in three dimensions: drawing it took longer than {time_limit_s:g} s."
    except (subprocess.CalledProcessError, OSError):
        return None, "There is no picture in three dimensions: this machine offers no OpenGL that VTK can draw with."
