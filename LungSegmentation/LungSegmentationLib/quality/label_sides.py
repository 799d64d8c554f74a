"""Whether labels that exist already fit their scan's anatomy: how the patient lies in it, and whether right is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..anatomy.limits import SMALLEST_LUNG_ML
from ..anatomy.patient_axes import coarse_chest
from ..anatomy.stance import AS_THE_HEADER_SAYS, Stance, examine_stance, turned
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from ..segmentation import Segmentation
from ..volume import CtVolume, canonical_order, with_measured
from . import limits
from .grid import QualityGrid, make_quality_grid


@dataclass(frozen=True)
class LabelSides:
    """How labels lie in a patient.

    Parameters
    ----------
    stance : Stance
        How the patient lies in the scan; as the header says where no scan is at hand.
    strayed : str
        The lung that lies in the other lung's half: ``"right"``, ``"left"``, or empty where both lie right or it cannot be told.
    basis : str
        What that half is known by, in words; empty where header and anatomy agree.
    """

    stance: Stance
    strayed: str
    basis: str = ""

    @property
    def half(self) -> str:
        """The half of the patient that the strayed lung lies in; empty where none strayed."""
        return {"right": "left", "left": "right"}.get(self.strayed, "")

    @property
    def exchanged(self) -> str:
        """Which lung lies in the wrong half, in words; empty where none strayed."""
        found = f"the labels' \"{self.strayed} lung\" lies in the patient's {self.half} half{self.basis}"
        return f"{found}: right and left look exchanged in the labels" if self.strayed else ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know."""
        return tuple(filter(None, (self.stance.finding, self.exchanged)))


def sides_of_labels(volume: CtVolume, labels: np.ndarray) -> LabelSides:
    """Examine labels on a scan.

    Parameters
    ----------
    volume : CtVolume
        In any orientation.
    labels : numpy.ndarray
        uint8, the volume's shape: 1 right lung, 2 left lung, 3 airways.

    Returns
    -------
    LabelSides
    """
    return sides_on_grid(make_quality_grid(Segmentation(volume, labels, "")))


def sides_on_grid(grid: QualityGrid) -> LabelSides:
    """Do what :func:`sides_of_labels` does for a result that is laid out already."""
    canonical = with_measured(CtVolume(grid.voxels_hu, grid.spacing_zyx_mm), grid.measured)
    stance = examine_stance(canonical, head_down=True if _airways_below_lungs(grid) else None)
    spacing = grid.sample_spacing_zyx_mm
    z, y, x = (spacing[axis] for axis in stance.order.axes)
    strayed = _strayed(
        stance.order.apply(grid.sample_labels), (z, y, x), lambda: coarse_chest(turned(canonical, stance.order)).middle_mm(2) / x - 0.5
    )
    return LabelSides(stance, strayed, "" if stance.order == AS_THE_HEADER_SAYS else ", as the anatomy shows it")


def sides_by_header(geometry: CtVolume, labels: np.ndarray) -> LabelSides:
    """Examine labels without their scan: where the header says that right and left are, and only where both lungs are there.

    Parameters
    ----------
    geometry : CtVolume
        In any orientation; its voxels are not looked at.
    labels : numpy.ndarray
        uint8, the volume's shape: 1 right lung, 2 left lung, 3 airways.

    Returns
    -------
    LabelSides
    """
    order = canonical_order(geometry.direction_lps)
    z, y, x = (geometry.spacing_zyx_mm[axis] for axis in order.axes)
    return LabelSides(Stance(), _strayed(order.apply(labels), (z, y, x), None), " by the header")


def _strayed(labels: np.ndarray, spacing_zyx_mm: tuple[float, float, float], middle_column: Callable[[], float] | None) -> str:
    """Say which lung lies in the other one's half of the patient, in the patient's own axes; a single lung by the body's middle."""
    column_mm = spacing_zyx_mm[2]
    right, left = (_column_of(labels, label, float(np.prod(spacing_zyx_mm)) / 1000.0) for label in (RIGHT_LUNG, LEFT_LUNG))
    if right is not None and left is not None:
        return "right" if (right - left) * column_mm > limits.LUNGS_APART_MM else ""
    if middle_column is not None and right is not None:
        return "right" if (right - middle_column()) * column_mm > limits.LUNG_OFF_MIDDLE_MM else ""
    if middle_column is not None and left is not None:
        return "left" if (middle_column() - left) * column_mm > limits.LUNG_OFF_MIDDLE_MM else ""
    return ""


def _column_of(labels: np.ndarray, label: int, voxel_ml: float) -> float | None:
    """Give the middle of a lung's columns; None for one that is too small to tell."""
    per_column = np.count_nonzero(labels == label, axis=(0, 1))
    count = int(per_column.sum())
    return float((per_column * np.arange(per_column.size)).sum() / count) if count and count * voxel_ml >= SMALLEST_LUNG_ML else None


def _airways_below_lungs(grid: QualityGrid) -> bool:
    places = []
    for mask in (grid.sample_labels == AIRWAYS, grid.sample_lungs):
        per_slice = np.count_nonzero(mask, axis=(1, 2))
        if not per_slice.any():
            return False
        places.append(float((per_slice * np.arange(per_slice.size)).sum() / per_slice.sum()))
    airways, lungs = places
    return (lungs - airways) * grid.sample_spacing_zyx_mm[0] >= limits.AIRWAYS_BELOW_LUNGS_MM
