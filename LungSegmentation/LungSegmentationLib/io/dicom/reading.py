"""A CT series in DICOM becomes a :class:`CtVolume` in Hounsfield units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np

from ...errors import InputError
from ...progress import Progress, no_progress, part_of
from ...volume import CtVolume, scan_name
from ..file_checks import check_voxel_memory
from . import limits
from .agreement import names_of
from .headers import Folder, Frame, facts_of, read_files, read_folder
from .pixels import read_frames_hu
from .rescale import settle_rescale
from .series import Series, choose_series
from .slice_grid import (
    axes_of,
    describe_uneven,
    even_spacing_mm,
    in_plane_shifts_px,
    interpolate_evenly,
    places_along_normal_mm,
    straighten,
    tilt_degrees,
)


def read_dicom(
    path: Path, series_uid: str | None = None, progress: Progress = no_progress, files: Sequence[Path] | None = None
) -> CtVolume:
    """Read one CT series.

    Parameters
    ----------
    path : pathlib.Path
        Folder, searched with its subfolders; or one DICOM file, read with its series in its folder.
    series_uid : str, optional
        SeriesInstanceUID or SeriesNumber, where there are several series.
    progress : callable
        ``(fraction, text)``; may raise ``Cancelled``.
    files : sequence of pathlib.Path, optional
        The files to read in place of all that ``path`` has; it names them then.

    Returns
    -------
    CtVolume
        Axes: along the rows, along the columns and along their cross product. An even series is
        bit-exact. A tilted gantry is straightened onto a rectangular grid with the pixel spacing
        kept; uneven spacing is interpolated. Both are in ``warnings``.

    Raises
    ------
    InputError
        When there is no CT, or it is damaged, ambiguous or too incomplete.
    """
    headers = part_of(progress, 0.0, 0.2)
    if files is None:
        found, file = _find(path, headers)
    else:
        found, file = Folder(), None
        read_files(found, files, headers)
    series, warnings = choose_series(found, path.name or str(path), series_uid, file)
    normal = axes_of(series.frames[0])[:, 2]
    _check_memory(path.name or str(path), series)
    frames = sorted(series.frames, key=lambda frame: float(np.dot(frame.position_lps_mm, normal)))
    frames, told = settle_rescale(frames, lambda frame: read_frames_hu(frame.path, [frame])[0])
    warnings += [*told, *_warnings_of_headers(found, series)]
    stack = _Stack(_read_planes(frames, part_of(progress, 0.2, 0.95)), frames, warnings)
    stack.drop_repeated_slices()
    first_row, first_column = stack.straighten_tilt()
    spacing_mm = stack.make_even(series)
    first, axes = stack.frames[0], axes_of(stack.frames[0])
    row_mm, column_mm = first.spacing_row_column_mm
    origin = np.array(first.position_lps_mm) + first_row * row_mm * axes[:, 1] + first_column * column_mm * axes[:, 0]
    source = {"path": str(path), "format": "DICOM", **facts_of(series.header, first), "ignored_files": found.ignored_files}
    source["dicom_files"] = list(dict.fromkeys(str(frame.path) for frame in stack.frames))
    if found.other_objects:
        source["other_objects"] = ", ".join(f"{kind} {count}" for kind, count in sorted(found.other_objects.items()))
    return CtVolume(
        voxels_hu=stack.planes_hu,
        spacing_zyx_mm=(spacing_mm, row_mm, column_mm),
        origin_lps_mm=tuple(float(value) for value in origin),  # type: ignore[arg-type]
        direction_lps=axes,
        name=scan_name(path),
        warnings=tuple(stack.warnings),
        source=source,
    )


def _find(path: Path, progress: Progress) -> tuple[Folder, Path | None]:
    """Read the headers; one file stands for its series, a DICOMDIR for its folder."""
    if path.is_dir():
        return read_folder(path, True, progress), None
    if path.name.upper() == "DICOMDIR":
        return read_folder(path.parent, True, progress), None
    found = read_folder(path.parent, False, progress)
    for items in found.series.values():
        for item_path, _ in items:
            if item_path.name == path.name:
                return found, item_path
    raise InputError(f"{path.name} is a DICOM file but not a CT image; expected a slice of a CT series")


def _check_memory(name: str, series: Series) -> None:
    first = series.frames[0]
    stored = sum(path.stat().st_size for path in {frame.path for frame in series.frames})
    check_voxel_memory(name, 2 * first.rows * first.columns * len(series.frames), stored)


def _warnings_of_headers(found: Folder, series: Series) -> list[str]:
    warnings = []
    if found.not_dicom:
        warnings.append(f"{names_of(found.not_dicom)}: not DICOM although named .dcm, left out")
    if found.links:
        warnings.append(f"{names_of(found.links)}: links to folders are not followed; slices in them were not read")
    if str(series.header.get("LossyImageCompression", "")) == "01":
        warnings.append("the images were compressed with loss: densities are changed a little")
    return warnings


def _read_planes(frames: Sequence[Frame], progress: Progress) -> np.ndarray:
    planes_hu = np.empty((0, 0, 0), np.int16)
    by_file = sorted(range(len(frames)), key=lambda index: (str(frames[index].path), index))
    done = 0
    for path, group in groupby(by_file, key=lambda index: frames[index].path):
        indices = list(group)
        progress(done / len(frames), f"Reading slices: {done + 1} of {len(frames)}")
        read = read_frames_hu(path, [frames[index] for index in indices])
        if not done:  # a first file has shown that it holds what its header says
            planes_hu = np.empty((len(frames), *read.shape[1:]), np.int16)
        planes_hu[indices] = read
        done += len(indices)
    return planes_hu


@dataclass
class _Stack:
    """Sorted slices on their way to an even grid; each step corrects one fault and says so."""

    planes_hu: np.ndarray
    frames: list[Frame]
    warnings: list[str] = field(default_factory=list)

    def drop_repeated_slices(self) -> None:
        """Keep one of slices that are the same; refuse different images of one place."""
        places = places_along_normal_mm(self.frames)
        kept = [0]
        repeated = []
        for index in range(1, len(self.frames)):
            if places[index] - places[kept[-1]] > limits.SAME_PLACE_MM:
                kept.append(index)
                continue
            if not np.array_equal(self.planes_hu[index], self.planes_hu[kept[-1]]):
                names = f"{self.frames[kept[-1]].path.name} and {self.frames[index].path.name}"
                count = len(places) - int(np.count_nonzero(np.diff(places) > limits.SAME_PLACE_MM)) - 1
                raise InputError(
                    f"the series holds different images of one place (at {places[index]:.2f} mm: {names}; {count} of {len(places)} slices "
                    "lie where another one lies), such as several time points or reconstructions; export one of them as a series of its own"
                )
            repeated.append(self.frames[index].path.name)
        if repeated:
            self.warnings.append(f"{len(repeated)} slices are there twice, the copies were left out: {names_of(repeated)}")
            self.planes_hu, self.frames = self.planes_hu[kept], [self.frames[index] for index in kept]

    def straighten_tilt(self) -> tuple[int, int]:
        """Shear slices of a tilted gantry onto a rectangular grid; give the pixel (row, column) where it starts."""
        shifts = in_plane_shifts_px(self.frames)
        if not shifts.any():
            return 0, 0
        self.planes_hu, start = straighten(self.planes_hu, shifts)
        self.warnings.append(
            f"the slices are not stacked at a right angle (gantry tilt of {tilt_degrees(self.frames):.1f}°): "
            f"sheared onto a rectangular grid of {self.planes_hu.shape[1]} × {self.planes_hu.shape[2]} pixels"
        )
        return start

    def make_even(self, series: Series) -> float:
        """Interpolate missing or uneven slices; give the slice spacing in mm."""
        if len(self.frames) == 1:
            thickness = self.frames[0].thickness_mm
            if not thickness or thickness <= 0:
                raise InputError(f"the series {series.label} has one slice without a SliceThickness; expected two slices or more")
            self.warnings.append(f"the series has a single slice: its thickness of {thickness:g} mm was taken for the slice spacing")
            return thickness
        places = places_along_normal_mm(self.frames)
        spacing_mm, is_even = even_spacing_mm(places)
        if not is_even:
            self.planes_hu = interpolate_evenly(self.planes_hu, places, spacing_mm)
            self.warnings.append(describe_uneven(places, spacing_mm))
        return spacing_mm
