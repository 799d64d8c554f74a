"""The picture in three dimensions: lungs like glass, airways and vessels in them, from in front and obliquely."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from ..labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG
from ..web.reduced_scan import COVERAGE_LEVELS, VESSELS, ReducedScan

if TYPE_CHECKING:
    from PIL import Image

_VIEW_PIXELS = (640, 600)  # width and height
_TURN_DEG, _TILT_DEG = 48.0, 14.0  # of the oblique view: from the patient's right and above
_TURNED_CELL_MM = 2.6
_GLASS_STEP = 2  # the lungs' smooth surface needs no finer cells
_MARGIN_PIXELS = 10
_LIGHT = np.array([-0.40, 0.45, 0.80], np.float32)  # to the right, up, towards the viewer
_AMBIENT = 0.35
_CLEAREST, _DENSEST = 0.16, 0.75  # how much of a lung's surface is seen where it faces the viewer, and at its rim


@dataclass(frozen=True)
class _Look:
    """How one structure is drawn."""

    key: str
    colour_rgb: tuple[int, int, int]
    is_glass: bool


_COLOURS = {region.label: (region.key, region.colour_rgb) for region in REGIONS}
_LOOKS = (
    _Look(VESSELS, (190, 40, 60), False),
    _Look(_COLOURS[AIRWAYS][0], (190, 150, 20), False),  # darker than in the label map: it is seen through the lungs, on white
    _Look(*_COLOURS[RIGHT_LUNG], True),
    _Look(*_COLOURS[LEFT_LUNG], True),
)


def draw_rendering(scan: ReducedScan) -> Image.Image | None:
    """Draw the regions of a scan.

    Parameters
    ----------
    scan : ReducedScan

    Returns
    -------
    PIL.Image.Image or None
        RGB: the view from in front (the patient's right is on the left) and the oblique one beside it; None where nothing was found.
    """
    from PIL import Image

    if not any(coverage.any() for coverage in scan.coverage.values()):
        return None
    views = [_draw_view(scan, turn, tilt) for turn, tilt in ((0.0, 0.0), (np.deg2rad(_TURN_DEG), np.deg2rad(_TILT_DEG)))]
    return Image.fromarray(np.hstack(views))


def _draw_view(scan: ReducedScan, turn: float, tilt: float) -> np.ndarray:
    width, height = _VIEW_PIXELS
    picture = np.full((height, width, 3), 255, np.float32)
    nearest = np.full((height, width), np.inf, np.float32)
    frame = _Frame(scan, turn, tilt)
    for look in _LOOKS:
        if look.key not in scan.coverage or not scan.coverage[look.key].any():
            continue
        seen, depth = frame.surface(look.key, _GLASS_STEP if look.is_glass and frame.is_turned else 1)
        facing, light = _lit(depth, frame.pixel_mm)
        shade = (_AMBIENT + (1 - _AMBIENT) * light)[..., np.newaxis] * np.asarray(look.colour_rgb, np.float32)
        if look.is_glass:
            weight = seen * (_CLEAREST + (_DENSEST - _CLEAREST) * (1 - facing) ** 2) * np.where(depth < nearest, 1.0, 0.25)
        else:
            weight = np.where(depth < nearest, seen, 0)
            nearest = np.where((seen > 0.5) & (depth < nearest), depth, nearest)
        picture += weight[..., np.newaxis] * (shade - picture)
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


class _Frame:
    """The cells seen along parallel lines: their grid turned towards the viewer (up, away, to the right), and how it fills the picture."""

    def __init__(self, scan: ReducedScan, turn: float, tilt: float) -> None:
        around = np.array([[1, 0, 0], [0, np.cos(turn), np.sin(turn)], [0, -np.sin(turn), np.cos(turn)]])  # the body's axis
        nod = np.array([[np.cos(tilt), -np.sin(tilt), 0], [np.sin(tilt), np.cos(tilt), 0], [0, 0, 1]])
        self.towards, self.is_turned = nod @ around, bool(turn or tilt)  # mm of the scan (z, y, x) to mm of the view
        self.scan, self.spacing = scan, np.asarray(scan.spacing_zyx_mm)
        self.boxes = {key: _box_of(coverage) for key, coverage in scan.coverage.items() if coverage.any()}
        ends = np.vstack([self._corners(box) for box in self.boxes.values()])
        width, height = _VIEW_PIXELS
        self.middle, self.size = (ends.max(axis=0) + ends.min(axis=0)) / 2, ends.max(axis=0) - ends.min(axis=0)
        self.pixel_mm = max(self.size[2] / (width - 2 * _MARGIN_PIXELS), self.size[0] / (height - 2 * _MARGIN_PIXELS))

    def surface(self, key: str, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Find what is seen of a region (of every ``step``-th cell): how much of each pixel (float32, 0 to 1), and how far away (mm)."""
        share, low, cell_mm = self._turned(key, step)
        border = self.scan.border(key)
        inside = share > border
        first = inside.argmax(axis=1)
        hit = np.take_along_axis(inside, first[:, np.newaxis], axis=1)[:, 0]
        at, before = (np.take_along_axis(share, np.maximum(first - back, 0)[:, np.newaxis], axis=1)[:, 0] for back in (0, 1))
        depth = low[1] + (first - (at - border) / np.maximum(at - before, 1e-3)) * cell_mm[1]
        weight = ndimage.gaussian_filter(hit.astype(np.float32), 0.8)
        smooth = ndimage.gaussian_filter(np.where(hit, depth, 0).astype(np.float32), 0.8) / np.maximum(weight, 1e-3)
        seen = np.clip(share.max(axis=1) / (2 * border), 0, 1)
        return np.clip((self._enlarged(seen, low, cell_mm) - 0.5) * 3 + 0.5, 0, 1), self._enlarged(smooth, low, cell_mm)

    def _turned(self, key: str, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Turn a region: its share of the view's cells around it (float32), where the first of them lies, and how long each is (mm)."""
        box, spacing = self.boxes[key], self.spacing * step
        part = self.scan.coverage[key][tuple(slice(part.start, part.stop, step) for part in box)]
        start = np.array([part.start for part in box]) * self.spacing
        if not self.is_turned:
            return part.astype(np.float32) / COVERAGE_LEVELS, start, spacing
        cell_mm = np.full(3, _TURNED_CELL_MM * step)
        ends = self._corners(box)
        low = ends.min(axis=0)
        shape = tuple(int(size) for size in np.ceil((ends.max(axis=0) - low) / cell_mm))
        share = np.empty(shape, np.float32)
        matrix = self.towards.T / spacing[:, np.newaxis] * cell_mm
        offset = (self.towards.T @ low - start) / spacing
        ndimage.affine_transform(part, matrix, offset, shape, share, order=1, mode="constant", prefilter=False)
        return share / COVERAGE_LEVELS, low, cell_mm

    def _corners(self, box: tuple[slice, ...]) -> np.ndarray:
        """Give where the corners of a box of cells lie in the view, in mm: float (8, 3)."""
        corners = np.array(list(product(*((part.start, part.stop) for part in box))), float)
        return (corners * self.spacing) @ self.towards.T

    def _enlarged(self, values: np.ndarray, low: np.ndarray, cell_mm: np.ndarray) -> np.ndarray:
        """Bring values of lines, from ``low`` on and upwards, to the picture's pixels, the head on top."""
        from PIL import Image

        width, height = _VIEW_PIXELS
        up_mm, _, right_mm = cell_mm
        size = [max(1, round(count * mm / self.pixel_mm)) for count, mm in zip(values.shape[::-1], (right_mm, up_mm), strict=True)]
        small = Image.fromarray(np.ascontiguousarray(values[::-1], np.float32))
        large = np.asarray(small.resize((size[0], size[1]), Image.Resampling.BICUBIC))
        left = round(width / 2 + (low[2] - self.middle[2]) / self.pixel_mm)
        top = round(height / 2 - (low[0] - self.middle[0]) / self.pixel_mm) - size[1]
        picture = np.zeros((height, width), np.float32)
        rows, columns = slice(max(0, top), min(height, top + size[1])), slice(max(0, left), min(width, left + size[0]))
        picture[rows, columns] = large[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        return picture


def _box_of(coverage: np.ndarray) -> tuple[slice, ...]:
    """Give the box around a region with two cells of margin."""
    footprint = coverage.max(axis=0)
    ends = [np.flatnonzero(used)[[0, -1]] for used in (coverage.max(axis=(1, 2)), footprint.any(axis=1), footprint.any(axis=0))]
    return tuple(slice(max(0, int(first) - 2), int(last) + 3) for first, last in ends)


def _lit(depth: np.ndarray, pixel_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Tell from the depths of a surface how far it faces the viewer, and how much light falls on it: both 0 to 1."""
    down, right = np.gradient(depth, pixel_mm)
    length = np.sqrt(right**2 + down**2 + 1)
    light = (right * _LIGHT[0] - down * _LIGHT[1] + _LIGHT[2]) / (length * np.linalg.norm(_LIGHT))
    return 1 / length, np.clip(light, 0, 1)
