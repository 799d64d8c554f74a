"""One view of the overview as a picture: grey values, thin outlines, letters and a scale bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..labels import REGIONS
from ..presets.window_level import find_preset
from .overview_views import View

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SCALE_BAR_MM = 50.0
_LINE_WIDTH_PIXELS = 1.6
_LINE_OPACITY = 0.95
_LETTER_COLOUR = (235, 238, 242)
_LEVEL_COLOUR = (120, 132, 146)


def draw_panel(view: View, pixels_per_mm: float, annotated: bool = True) -> Image.Image:
    """Draw a view at a given scale, so that a millimetre is as long across as it is down.

    Parameters
    ----------
    view : View
        What to draw.
    pixels_per_mm : float
        Scale, the same for both directions.
    annotated : bool
        Whether letters, levels and a scale bar are written into it.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    from PIL import Image

    width, height = (max(1, round(length * pixels_per_mm)) for length in view.size_mm)
    grey = Image.fromarray(lung_window(view.voxels_hu)).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.repeat(np.asarray(grey, np.float32)[..., np.newaxis], 3, axis=2)
    for region in REGIONS:
        opacity = outline_opacity(view.labels == region.label, (height, width))
        if opacity is not None:
            colour = np.asarray(region.colour_rgb, np.float32)
            pixels += opacity[..., np.newaxis] * (colour - pixels)
    panel = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    if annotated:
        annotate(panel, view, pixels_per_mm)
    return panel


def lung_window(voxels_hu: np.ndarray) -> np.ndarray:
    """Map HU to grey in the lung window: uint8, 0 at -1350 HU and below, 255 at 150 HU and above."""
    lowest, highest = find_preset("lung").limits_hu(0, 0)
    return np.clip(np.rint((voxels_hu.astype(np.float32) - lowest) * (255 / (highest - lowest))), 0, 255).astype(np.uint8)


def outline_opacity(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray | None:
    """Draw the border of a mask as a smooth thin line on a finer (or coarser) grid.

    Parameters
    ----------
    mask : numpy.ndarray
        bool, shape (rows, columns).
    shape : tuple of int
        Rows and columns of the picture that covers the same rectangle.

    Returns
    -------
    numpy.ndarray or None
        float32 in 0..1 with the given shape; None for an empty mask.

    Notes
    -----
    The mask is interpolated and blurred by half a voxel, which rounds its steps without moving its
    straight borders. The distance to its 0.5 contour is, to first order, the value's difference from
    0.5 over its gradient; the line fades out over one pixel.
    """
    if not mask.any():
        return None
    from PIL import Image
    from scipy import ndimage

    scale = np.asarray(shape) / mask.shape
    smooth = np.asarray(Image.fromarray(mask.astype(np.float32)).resize(shape[::-1], Image.Resampling.BILINEAR))
    smooth = ndimage.gaussian_filter(smooth, np.maximum(0.5 * scale, 0.6), mode="nearest")
    gradient = np.hypot(*np.gradient(smooth)) if min(shape) > 1 else np.ones(shape, np.float32)
    distance = np.abs(smooth - 0.5) / np.maximum(gradient, 1e-3)
    return (_LINE_OPACITY * np.clip(_LINE_WIDTH_PIXELS / 2 + 0.5 - distance, 0, 1)).astype(np.float32)


def annotate(panel: Image.Image, view: View, pixels_per_mm: float) -> None:
    """Write the patient's sides, the levels of the other slices and a scale bar into a panel."""
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(panel)
    small, large = ImageFont.load_default(15), ImageFont.load_default(22)
    width, height = panel.size
    _text(draw, (10, height / 2), view.sides[0], large, "lm")
    _text(draw, (width - 10, height / 2), view.sides[1], large, "rm")

    for level in view.levels:
        y = round(level * view.spacing_row_column_mm[0] * pixels_per_mm)
        draw.line([(0, y), (7, y)], fill=_LEVEL_COLOUR, width=1)
        draw.line([(width - 8, y), (width - 1, y)], fill=_LEVEL_COLOUR, width=1)

    length = SCALE_BAR_MM * pixels_per_mm
    if length < width - 20:
        y = height - 14
        draw.rectangle([9, y - 1, 11 + length, y + 4], fill=(0, 0, 0))
        draw.rectangle([10, y, 10 + length, y + 3], fill=_LETTER_COLOUR)
        _text(draw, (10, y - 4), f"{SCALE_BAR_MM:.0f} mm", small, "ld")


def _text(draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, font: object, anchor: str) -> None:
    """Write with a dark rim, legible on white and on black."""
    draw.text(place, text, font=font, fill=_LETTER_COLOUR, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0))  # type: ignore[arg-type]
