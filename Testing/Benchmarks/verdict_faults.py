"""Faults painted into a good result, as segmentations of chest CT really fail, for the verdict to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from LungSegmentationLib.anatomy.morphology import SpacingZyx, bounding_box, dilated, distance_to_mm, eroded, largest_component
from LungSegmentationLib.labels import AIRWAYS, BACKGROUND, LEFT_LUNG, RIGHT_LUNG

_SOFT_HU = (-150, 250)
_CONSOLIDATED_HU, _CONSOLIDATED_NOISE_HU = 35.0, 15.0


@dataclass(frozen=True)
class Scene:
    """What faults are painted on: arrays (z, y, x) in canonical order.

    Parameters
    ----------
    voxels_hu, labels : numpy.ndarray
        int16 and uint8: the scan and a good result.
    spacing_zyx_mm : tuple of float
    """

    voxels_hu: np.ndarray
    labels: np.ndarray
    spacing_zyx_mm: SpacingZyx

    def side(self, label: int) -> np.ndarray:
        """One lung (bool)."""
        return self.labels == label

    @property
    def lungs(self) -> np.ndarray:
        """Both lungs (bool)."""
        return self.side(RIGHT_LUNG) | self.side(LEFT_LUNG)

    @property
    def soft(self) -> np.ndarray:
        """Soft tissue and fluid, no bone (bool)."""
        return (self.voxels_hu > _SOFT_HU[0]) & (self.voxels_hu < _SOFT_HU[1])

    def box(self) -> tuple[slice, slice, slice]:
        """The box around both lungs."""
        return bounding_box(self.lungs)

    def place_mm(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give the axes' places in mm, to be broadcast."""
        z, y, x = (np.arange(size) * mm for size, mm in zip(self.labels.shape, self.spacing_zyx_mm, strict=True))
        return z[:, None, None], y[None, :, None], x[None, None, :]

    def middle_column(self) -> float:
        """Half way between the lungs' outer ends, in columns."""
        columns = self.box()[2]
        return (columns.start + columns.stop - 1) / 2

    def height(self, share: float) -> int:
        """The slice at a share of the lungs' height above their lowest slice."""
        slices = self.box()[0]
        return round(slices.start + share * (slices.stop - 1 - slices.start))

    def with_labels(self, mask: np.ndarray, label: int) -> np.ndarray:
        """Give a mask's voxels a label."""
        return np.where(mask, np.uint8(label), self.labels)


Painted = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Fault:
    """A kind of fault: its name, what makes scan and labels with the fault in it, and whether it counts however small it is."""

    name: str
    paint: Callable[[Scene], Painted]
    always: bool = False


def _aorta(scene: Scene) -> Painted:
    """Take a round tube of soft tissue left of the spine for left lung, from the arch to the diaphragm."""
    taken = np.zeros(scene.labels.shape, bool)
    soft, left = scene.soft & ~scene.lungs, scene.side(LEFT_LUNG)
    _, y_mm, x_mm = scene.place_mm()
    middle_mm = scene.middle_column() * scene.spacing_zyx_mm[2]
    disc_mm, centre = 12.0, None
    for z in range(scene.height(0.05), scene.height(0.65)):
        if not left[z].any():
            continue
        rows = np.flatnonzero(left[z].any(axis=1)) * scene.spacing_zyx_mm[1]
        inside = ndimage.uniform_filter(soft[z].astype(np.float32), [max(1, int(2 * disc_mm / mm)) for mm in scene.spacing_zyx_mm[1:]])
        near_lung = ndimage.uniform_filter(left[z].astype(np.float32), [max(1, int(4 * disc_mm / mm)) for mm in scene.spacing_zyx_mm[1:]])
        wanted_mm = (rows[0] + 0.7 * (rows[-1] - rows[0]), middle_mm + 25.0) if centre is None else centre
        reach_mm = 18.0 if centre is None else 4.0
        away = np.hypot(y_mm[0] - wanted_mm[0], x_mm[0] - wanted_mm[1])
        # Soft all through, with lung on a part of its circumference.
        score = np.where(away <= reach_mm, inside - 0.5 * np.abs(near_lung - 0.3) - 0.004 * away, -np.inf)
        row, column = np.unravel_index(score.argmax(), score.shape)
        centre = (row * scene.spacing_zyx_mm[1], column * scene.spacing_zyx_mm[2])
        taken[z] = np.hypot(y_mm[0] - centre[0], x_mm[0] - centre[1]) <= disc_mm
    return scene.voxels_hu, scene.with_labels(taken & soft, LEFT_LUNG)


def _ball(scene: Scene, centre_zyx: tuple[float, float, float], radii_mm: tuple[float, float, float]) -> np.ndarray:
    place = zip(scene.place_mm(), centre_zyx, scene.spacing_zyx_mm, radii_mm, strict=True)
    return sum(((axis - centre * mm) / radius) ** 2 for axis, centre, mm, radius in place) <= 1


def _hernia(scene: Scene) -> Painted:
    """Take a lump of soft tissue behind the heart, in front of the spine, for left lung."""
    rows = scene.box()[1]
    centre = (scene.height(0.22), rows.start + 0.62 * (rows.stop - rows.start), scene.middle_column() + 10 / scene.spacing_zyx_mm[2])
    lump = _ball(scene, centre, (30.0, 22.0, 24.0)) & scene.soft & ~scene.lungs
    return scene.voxels_hu, scene.with_labels(largest_component(lump), LEFT_LUNG)


def _under_dome(scene: Scene) -> Painted:
    """Take what lies under the left dome, colon and the fat around it, for left lung."""
    left = scene.side(LEFT_LUNG)
    columns = np.flatnonzero(left.any(axis=(0, 1)))
    part = np.zeros(left.shape, bool)
    part[: scene.height(0.55), :, columns[0] + int(0.35 * (columns[-1] - columns[0])) :] = True
    steps = max(1, round(20.0 / scene.spacing_zyx_mm[0]))
    below = np.zeros(left.shape, bool)
    for step in range(1, steps + 1):
        below[:-step] |= left[step:]
    below &= part & ~scene.lungs & (scene.labels != AIRWAYS) & (scene.voxels_hu < 250)
    rows = np.flatnonzero(left.any(axis=(0, 2)))
    below[:, : rows[0] + 2] = False
    return scene.voxels_hu, scene.with_labels(largest_component(below), LEFT_LUNG)


def _missed_lobe(scene: Scene) -> Painted:
    """Leave the right lung's upper third out."""
    right = scene.side(RIGHT_LUNG)
    right[: scene.height(0.7)] = False
    return scene.voxels_hu, scene.with_labels(right, BACKGROUND)


def _missed_base(scene: Scene) -> Painted:
    """Leave the left lung's back base out."""
    left = scene.side(LEFT_LUNG)
    left[scene.height(0.35) :] = False
    rows = np.flatnonzero(left.any(axis=(0, 2)))
    left[:, : rows[0] + int(0.6 * (rows[-1] - rows[0]))] = False
    return scene.voxels_hu, scene.with_labels(left, BACKGROUND)


def _missed_consolidation(scene: Scene) -> Painted:
    """Make a back part of the right lung dense, and leave it out."""
    right = scene.side(RIGHT_LUNG)
    rows, columns = (np.flatnonzero(right.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    centre = (scene.height(0.5), rows[0] + 0.85 * (rows[-1] - rows[0]), columns[0] + 0.5 * (columns[-1] - columns[0]))
    dense = _ball(scene, centre, (45.0, 40.0, 45.0)) & right
    noise = np.random.default_rng(1).normal(_CONSOLIDATED_HU, _CONSOLIDATED_NOISE_HU, np.count_nonzero(dense))
    voxels_hu = scene.voxels_hu.copy()
    voxels_hu[dense] = np.maximum(noise, voxels_hu[dense])
    return voxels_hu, scene.with_labels(dense, BACKGROUND)


def _swapped_piece(scene: Scene) -> Painted:
    """Give a part of the right lung, beside the midline in front, to the left one."""
    right = scene.side(RIGHT_LUNG)
    rows, columns = (np.flatnonzero(right.any(axis=axes)) for axes in ((0, 2), (0, 1)))
    centre = (scene.height(0.5), rows[0] + 0.25 * (rows[-1] - rows[0]), columns[0] + 0.75 * (columns[-1] - columns[0]))
    return scene.voxels_hu, scene.with_labels(_ball(scene, centre, (50.0, 45.0, 40.0)) & right, LEFT_LUNG)


def _filled_over(scene: Scene) -> Painted:
    """Give everything of the right lung's back that lies near the midline to the left lung, as a flood through a junction does."""
    right = scene.side(RIGHT_LUNG)
    right[: scene.height(0.3)] = False
    right[scene.height(0.75) :] = False
    right[:, :, : int(scene.middle_column() - 55.0 / scene.spacing_zyx_mm[2])] = False
    return scene.voxels_hu, scene.with_labels(right, LEFT_LUNG)


def _exchanged(scene: Scene) -> Painted:
    """Call right left and left right."""
    return scene.voxels_hu, np.array([0, LEFT_LUNG, RIGHT_LUNG, AIRWAYS], np.uint8)[scene.labels]


def _trachea(scene: Scene) -> Painted:
    """Take trachea and bronchi for right lung."""
    return scene.voxels_hu, scene.with_labels(scene.labels == AIRWAYS, RIGHT_LUNG)


def _heart(scene: Scene) -> Painted:
    """Fill the left lung into the heart."""
    left = scene.side(LEFT_LUNG)
    part = np.zeros(left.shape, bool)
    part[scene.height(0.2) : scene.height(0.45)] = True
    grown = dilated(left & part, 25.0, scene.spacing_zyx_mm) & part & scene.soft & ~scene.lungs
    grown[:, :, int(scene.middle_column() + 60 / scene.spacing_zyx_mm[2]) :] = False
    rows = scene.box()[1]
    grown[:, rows.start + (rows.stop - rows.start) // 2 :] = False
    return scene.voxels_hu, scene.with_labels(grown, LEFT_LUNG)


def _chest_wall(scene: Scene) -> Painted:
    """Take a patch of the right chest wall for lung."""
    right = scene.side(RIGHT_LUNG)
    part = np.zeros(right.shape, bool)
    part[scene.height(0.35) : scene.height(0.75)] = True
    columns = np.flatnonzero(right.any(axis=(0, 1)))
    part[:, :, columns[0] + int(0.35 * (columns[-1] - columns[0])) :] = False
    grown = (distance_to_mm(right & part, scene.spacing_zyx_mm) <= 25.0) & part & ~scene.lungs & (scene.voxels_hu > -300)
    return scene.voxels_hu, scene.with_labels(largest_component(grown), RIGHT_LUNG)


def _bowel_gas(scene: Scene) -> Painted:
    """Take the largest gas in the body below the lungs' middle, stomach or bowel, for left lung; nothing where there is little."""
    gas = (scene.voxels_hu < -850) & ~dilated(scene.labels > 0, 4.0, scene.spacing_zyx_mm)
    gas[scene.height(0.6) :] = False
    rows, columns = scene.box()[1:]
    margin = int(15 / scene.spacing_zyx_mm[1])
    gas[:, : rows.start + margin], gas[:, rows.stop - margin :] = False, False
    gas[:, :, : columns.start + margin], gas[:, :, columns.stop - margin :] = False, False
    piece = largest_component(eroded(gas, 2.0, scene.spacing_zyx_mm))
    return scene.voxels_hu, scene.with_labels(dilated(piece, 5.0, scene.spacing_zyx_mm) & (scene.voxels_hu < -300), LEFT_LUNG)


FAULTS = (
    Fault("aorta in the lung", _aorta),
    Fault("hernia behind the heart in the lung", _hernia),
    Fault("colon and fat under the dome in the lung", _under_dome),
    Fault("heart in the lung", _heart),
    Fault("chest wall in the lung", _chest_wall),
    Fault("stomach or bowel gas in the lung", _bowel_gas),
    Fault("trachea in the lung", _trachea, always=True),
    Fault("missed upper lobe", _missed_lobe),
    Fault("missed base", _missed_base),
    Fault("missed consolidation", _missed_consolidation),
    Fault("piece of the other side", _swapped_piece),
    Fault("lung filled into the other side", _filled_over),
    Fault("sides exchanged", _exchanged, always=True),
)
