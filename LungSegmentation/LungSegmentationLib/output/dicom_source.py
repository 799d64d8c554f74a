"""The DICOM images that a result belongs to, and the result's labels on their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from ..errors import InputError
from ..grids import Grid, fits, grid_of, place_onto
from ..io.dicom.files import damage_named, open_dataset
from ..io.dicom.headers import Frame, frames_of
from ..io.dicom.slice_grid import axes_of, even_spacing_mm, in_plane_shifts_px
from ..volume import CtVolume

FILES = "dicom_files"
"""Key of a volume's source: paths of the files of its slices."""

# What every object of the patient's must state, empty where it is not known (type 2, DICOM PS3.3 C.7.1.1, C.7.2.1).
_MAY_BE_EMPTY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID",
    "ReferringPhysicianName",
)  # fmt: skip
_MUST_BE_THERE = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")


@dataclass(frozen=True)
class DicomSource:
    """Images in DICOM.

    Parameters
    ----------
    headers : tuple of pydicom.dataset.Dataset
        Of the files, without pixels.
    grid : Grid or None
        Where the frames lie, one above the other; None where they are no even stack at a right angle.
    frame_slices : tuple of int
        Slice of that grid of each frame, in the order of the headers and of the frames in each.
    """

    headers: tuple[Dataset, ...]
    grid: Grid | None
    frame_slices: tuple[int, ...]

    def on_frames(self, array: np.ndarray, volume: CtVolume) -> np.ndarray | None:
        """Bring an array on a volume's grid to the frames, shape (frames, rows, columns); None where the grid is another one."""
        if self.grid is None or not fits(grid_of(volume), self.grid):
            return None
        placed = place_onto(array, grid_of(volume), self.grid, volume.name, "the images")
        in_order = self.frame_slices == tuple(range(len(self.frame_slices)))
        return placed if in_order else placed[list(self.frame_slices)]


def check_dicom_writing(volume: CtVolume | None) -> None:
    """Refuse early what cannot become DICOM objects.

    Parameters
    ----------
    volume : CtVolume or None
        None where it is not read yet: only the package is looked for.

    Raises
    ------
    InputError
        If highdicom is not installed, or the volume was not read from DICOM.
    """
    if find_spec("highdicom") is None:
        raise InputError("DICOM objects need the package highdicom, which is not installed: pip install 'lungsegmentation[dicom]'")
    if volume is not None and not volume.source.get(FILES):
        kind = volume.source.get("format", "an image without its DICOM files")
        raise InputError(
            f"{volume.name} was read from {kind}; DICOM objects refer to the images that they were made from: give the DICOM series, or "
            "take segmentation.seg.nrrd"
        )


def dicom_source(volume: CtVolume) -> DicomSource:
    """Read the headers of the images that a volume was read from.

    Parameters
    ----------
    volume : CtVolume

    Returns
    -------
    DicomSource

    Raises
    ------
    InputError
        If it was not read from DICOM, or its files are gone or do not say which study they belong to.
    """
    check_dicom_writing(volume)
    found = [_read(Path(str(path))) for path in volume.source[FILES]]  # type: ignore[attr-defined]
    pairs = [pair for pairs in found for pair in pairs[1]]
    frames = [frame for frame, _ in pairs]
    normal = axes_of(frames[0])[:, 2]
    places = np.array([float(np.dot(frame.position_lps_mm, normal)) for frame in frames])
    order = np.argsort(places, kind="stable")
    grid = _grid([frames[index] for index in order])
    slices = np.empty(len(frames), int)
    slices[order] = np.arange(len(frames))
    return DicomSource(tuple(header for header, _ in found), grid, tuple(int(index) for index in slices))


def _read(path: Path) -> tuple[Dataset, list[tuple[Frame, int]]]:
    if not path.is_file():
        raise InputError(f"{path.name}, a slice of the scan, is not there any more; DICOM objects refer to it: read the scan again")
    dataset = open_dataset(path, with_pixels=False)
    if dataset is None:
        raise InputError(f"{path.name}, a slice of the scan, is no DICOM file any more; read the scan again")
    for keyword in _MUST_BE_THERE:
        if not dataset.get(keyword):
            raise InputError(f"{path.name} has no {keyword}, without which no DICOM object can refer to it; export the scan again")
    for keyword in _MAY_BE_EMPTY:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    with damage_named(path):
        return dataset, [(frame, number) for number, frame in enumerate(frames_of(path, dataset))]


def _grid(frames: Sequence[Frame]) -> Grid | None:
    first = frames[0]
    if len(frames) < 2 or in_plane_shifts_px(frames).any():
        return None
    axes = axes_of(first)
    places = np.array([float(np.dot(frame.position_lps_mm, axes[:, 2])) for frame in frames])
    spacing_mm, is_even = even_spacing_mm(places)
    if not is_even or round((places[-1] - places[0]) / spacing_mm) + 1 != len(frames):
        return None
    x, y, z = first.position_lps_mm
    return Grid((len(frames), first.rows, first.columns), (spacing_mm, *first.spacing_row_column_mm), (x, y, z), axes)
