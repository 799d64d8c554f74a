"""A picture of each finding: where it lies, in the lung window and as soft tissue, with the outlines of the regions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..labels import REGIONS
from ..presets.window_level import find_preset
from ..quality.flag import Box, Place, QualityFlag, standing_out
from ..segmentation import Segmentation
from ..volume import AxisOrder, CtVolume, canonical_order
from .overview_panels import annotate, lung_window, outline_opacity
from .overview_views import View, crop_to_labels

if TYPE_CHECKING:
    from PIL import Image

MOST_PICTURES, _MOST_OF_ONE_FLAG = 6, 2
_WIDTH_PIXELS, _GAP_PIXELS = 430, 6
_MARK_RGB, _MARK_MARGIN_MM = (255, 190, 60), 4.0


def draw_findings(result: Segmentation, flags: Sequence[QualityFlag]) -> Iterator[tuple[QualityFlag, Place, Image.Image]]:
    """Draw the places of the flags on quality that do not pass, the worst first, six pictures at most.

    Parameters
    ----------
    result : Segmentation
        On any grid.
    flags : sequence of QualityFlag

    Yields
    ------
    QualityFlag, Place, PIL.Image.Image
        RGB: the axial slice in the lung window and as soft tissue, and the coronal one through the middle of the place, which a
        frame marks.
    """
    chosen = [(flag, place) for flag in standing_out(flags, "quality") for place in flag.places[:_MOST_OF_ONE_FLAG]]
    if not chosen:
        return
    order = canonical_order(result.volume.direction_lps)
    # Views, not copies: only a few planes are drawn.
    steps = tuple(slice(None, None, -1 if flip else 1) for flip in order.flipped)
    voxels_hu, labels = (np.transpose(array, order.axes)[steps] for array in (result.volume.voxels_hu, result.labels))
    spacing = [result.volume.spacing_zyx_mm[axis] for axis in order.axes]
    volume = CtVolume(voxels_hu, (spacing[0], spacing[1], spacing[2]), name=result.volume.name)
    for flag, place in chosen[:MOST_PICTURES]:
        yield flag, place, _draw(volume, labels, _canonical_box(place.box_zyx, order, labels.shape), _canonical_slice(place, order, labels))


def _canonical_box(box_zyx: Box, order: AxisOrder, shape_zyx: tuple[int, ...]) -> Box:
    spans = []
    for size, axis, flipped in zip(shape_zyx, order.axes, order.flipped, strict=True):
        start, stop = box_zyx[axis]
        spans.append((size - stop, size - start) if flipped else (start, stop))
    return spans[0], spans[1], spans[2]


def _canonical_slice(place: Place, order: AxisOrder, labels: np.ndarray) -> int:
    return labels.shape[0] - 1 - place.slice_index if order.flipped[0] else place.slice_index


def _draw(volume: CtVolume, labels: np.ndarray, box: Box, axial: int) -> Image.Image:
    from PIL import Image

    crop = _crop(labels, box, volume.spacing_zyx_mm)
    z_mm, y_mm, x_mm = volume.spacing_zyx_mm
    row = (box[1][0] + box[1][1]) // 2
    across = (axial, crop[1], crop[2])
    upright = (crop[0], row, crop[2])
    axial_view = View("Axial", "", volume.voxels_hu[across], labels[across], (y_mm, x_mm), ("R", "L"))
    coronal_view = View("Coronal", "", volume.voxels_hu[upright][::-1], labels[upright][::-1], (z_mm, x_mm), ("R", "L"))
    in_axial = _frame(box[1], crop[1], y_mm, False), _frame(box[2], crop[2], x_mm, False)
    in_coronal = _frame(box[0], crop[0], z_mm, True), in_axial[1]
    panels = [
        _panel(axial_view, lung_window(axial_view.voxels_hu), in_axial),
        _panel(axial_view, _soft_window(axial_view.voxels_hu), in_axial),
        _panel(coronal_view, _soft_window(coronal_view.voxels_hu), in_coronal),
    ]
    height = max(panel.height for panel in panels)
    picture = Image.new("RGB", (len(panels) * (_WIDTH_PIXELS + _GAP_PIXELS) - _GAP_PIXELS, height))
    for number, panel in enumerate(panels):
        picture.paste(panel, (number * (_WIDTH_PIXELS + _GAP_PIXELS), (height - panel.height) // 2))
    return picture


def _crop(labels: np.ndarray, box: Box, spacing_zyx_mm: tuple[float, float, float]) -> list[slice]:
    """Show the lungs, and the place too where it lies beside them."""
    lungs = crop_to_labels(labels, spacing_zyx_mm)
    return [slice(min(part.start, start), max(part.stop, stop)) for part, (start, stop) in zip(lungs, box, strict=True)]


def _soft_window(voxels_hu: np.ndarray) -> np.ndarray:
    """Map HU to grey in the mediastinal window (uint8)."""
    lowest, highest = find_preset("mediastinum").limits_hu(0, 0)
    return np.clip((voxels_hu.astype(np.float32) - lowest) * (255 / (highest - lowest)), 0, 255).astype(np.uint8)


def _frame(span: tuple[int, int], crop: slice, voxel_mm: float, upwards: bool) -> tuple[float, float]:
    """Give the ends of a frame in mm from the view's first edge; upright views have the highest slice first."""
    start, stop = (crop.stop - span[1], crop.stop - span[0]) if upwards else (span[0] - crop.start, span[1] - crop.start)
    return start * voxel_mm - _MARK_MARGIN_MM, stop * voxel_mm + _MARK_MARGIN_MM


def _panel(view: View, grey: np.ndarray, frame_mm: tuple[tuple[float, float], tuple[float, float]]) -> Image.Image:
    from PIL import Image, ImageDraw

    width_mm, height_mm = view.size_mm
    pixels_per_mm = _WIDTH_PIXELS / width_mm
    size = (_WIDTH_PIXELS, max(1, round(height_mm * pixels_per_mm)))
    pixels = np.repeat(np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC), np.float32)[..., np.newaxis], 3, axis=2)
    for region in REGIONS:
        opacity = outline_opacity(view.labels == region.label, (size[1], size[0]))
        if opacity is not None:
            pixels += opacity[..., np.newaxis] * (np.asarray(region.colour_rgb, np.float32) - pixels)
    panel = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    annotate(panel, view, pixels_per_mm)
    (top, bottom), (left, right) = ((low * pixels_per_mm, high * pixels_per_mm) for low, high in frame_mm)
    corners = (max(1.0, left), max(1.0, top), min(size[0] - 2.0, right), min(size[1] - 2.0, bottom))
    ImageDraw.Draw(panel).rectangle(corners, outline=_MARK_RGB, width=2)
    return panel
