"""Which planes of a scan the overview shows, and how they lie on the page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume

_MARGIN_ZYX_MM = (12.0, 22.0, 22.0)
_APEX_FRACTION, _BASE_FRACTION = 0.84, 0.24  # of the lungs' height above their lowest slice


@dataclass(frozen=True)
class View:
    """One plane, cropped to the lungs, the way a radiologist looks at it.

    Parameters
    ----------
    title, position : str
        ``Axial``, and where the plane lies (``S 12.5 mm``).
    voxels_hu, labels : numpy.ndarray
        int16 and uint8, shape (rows, columns) as seen on the page.
    spacing_row_column_mm : tuple of float
        Distance between neighbouring rows and columns.
    sides : tuple of str
        Letters at the left and right edge: R, L, A or P.
    levels : tuple of float
        Rows, counted from the upper edge of the first, where the axial views cut this one.
    """

    title: str
    position: str
    voxels_hu: np.ndarray
    labels: np.ndarray
    spacing_row_column_mm: tuple[float, float]
    sides: tuple[str, str]
    levels: tuple[float, ...] = ()

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        rows, columns = self.labels.shape
        return columns * self.spacing_row_column_mm[1], rows * self.spacing_row_column_mm[0]


def choose_views(volume: CtVolume, labels: np.ndarray) -> tuple[View, ...]:
    """Choose three axial views from apex to base, one coronal, and a sagittal one through each lung.

    Parameters
    ----------
    volume : CtVolume
        In canonical order (see :func:`LungSegmentationLib.volume.to_canonical`).
    labels : numpy.ndarray
        uint8, in the same order.

    Returns
    -------
    tuple of View
        Axial and coronal in radiological convention (the patient's right on the left), sagittal
        facing left.
    """
    crop = crop_to_labels(labels, volume.spacing_zyx_mm)
    levels = _axial_levels(labels)
    row = _coronal_row(labels, levels[1])
    height, depth, width = volume.spacing_zyx_mm
    level_rows = tuple(crop[0].stop - 1 - level + 0.5 for level in levels)

    def view(title: str, axis: int, index: int, spacing: tuple[float, float], sides: tuple[str, str]) -> View:
        selection = tuple(index if a == axis else crop[a] for a in range(3))
        hu, lab = volume.voxels_hu[selection], labels[selection]
        if axis != 0:  # the head on top
            hu, lab = hu[::-1], lab[::-1]
        return View(title, position_text(volume, axis, index), hu, lab, spacing, sides, () if axis == 0 else level_rows)

    return (
        *(view("Axial", 0, level, (depth, width), ("R", "L")) for level in levels),
        view("Coronal", 1, row, (height, width), ("R", "L")),
        view("Sagittal, right lung", 2, _sagittal_column(labels, RIGHT_LUNG), (height, depth), ("A", "P")),
        view("Sagittal, left lung", 2, _sagittal_column(labels, LEFT_LUNG), (height, depth), ("A", "P")),
    )


def _profiles(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the voxels of both lungs, and those of the airways, in each slice."""
    airways = np.array([np.count_nonzero(plane == AIRWAYS) for plane in labels])
    return np.array([np.count_nonzero(plane) for plane in labels]) - airways, airways


def crop_to_labels(labels: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> tuple[slice, slice, slice]:
    """Give the box (z, y, x) around the labels with a margin; all where there are none."""
    if not labels.any():
        return tuple(slice(0, size) for size in labels.shape)  # type: ignore[return-value]
    footprint = labels.max(axis=0)
    used = (labels.any(axis=(1, 2)), footprint.any(axis=1), footprint.any(axis=0))
    slices = []
    for flags, spacing, margin in zip(used, spacing_zyx_mm, _MARGIN_ZYX_MM, strict=True):
        indices = np.flatnonzero(flags)
        extra = round(margin / spacing)
        slices.append(slice(max(0, int(indices[0]) - extra), min(len(flags), int(indices[-1]) + extra + 1)))
    return tuple(slices)  # type: ignore[return-value]


def _axial_levels(labels: np.ndarray) -> tuple[int, int, int]:
    """Choose an apical level, the carina (or the middle), and a basal level, the highest first."""
    lungs, airways = _profiles(labels)
    used = np.flatnonzero(lungs)
    bottom, top = (int(used[0]), int(used[-1])) if used.size else (0, len(labels) - 1)
    apex, middle, base = (round(bottom + fraction * (top - bottom)) for fraction in (_APEX_FRACTION, 0.55, _BASE_FRACTION))
    # Trachea and main bronchi have their largest common cross-section where they meet.
    central = airways[base + 1 : apex]
    if central.any():
        middle = base + 1 + int(np.argmax(central))
    return apex, middle, base


def _coronal_row(labels: np.ndarray, carina_level: int) -> int:
    """Choose the row through the airways at the carina, or through the middle of the lungs."""
    level = labels[carina_level]
    rows = np.flatnonzero((level == AIRWAYS).any(axis=1))
    if not rows.size:
        rows = np.flatnonzero(level.any(axis=1))
    return round(float(rows.mean())) if rows.size else labels.shape[1] // 2


def _sagittal_column(labels: np.ndarray, label: int) -> int:
    """Choose the column with most of a lung, or a quarter of the way into the scan from that side."""
    # Some fifty slices tell it as well as all of them, in a tenth of the time.
    profile = sum(np.count_nonzero(plane == label, axis=0) for plane in labels[:: max(1, len(labels) // 50)])
    if np.any(profile):
        return int(np.argmax(profile))
    return labels.shape[2] // 4 if label == RIGHT_LUNG else labels.shape[2] * 3 // 4


def position_text(volume: CtVolume, axis: int, index: int) -> str:
    """Say where a slice lies on the patient's axis that it is across, in mm."""
    centre_xyz = (np.asarray(volume.voxels_hu.shape[::-1], float) - 1) / 2
    centre_xyz[2 - axis] = index
    position = np.asarray(volume.origin_lps_mm) + np.asarray(volume.direction_lps) @ (centre_xyz * volume.spacing_zyx_mm[::-1])
    value = float(position[2 - axis])
    negative, positive = ("IS", "AP", "RL")[axis]
    return f"{positive if value >= 0 else negative} {abs(value):.1f} mm"
