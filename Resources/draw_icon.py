"""Draw the icon of the extension and of its module: both lungs and the airways, in the colours of their segments.

Right and left are the patient's, who is seen from the front as in every radiograph: the right lung is on the viewer's left.

    PYTHONPATH=LungSegmentation python Resources/draw_icon.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG

ROOT = Path(__file__).resolve().parents[1]
ICONS = (ROOT / "LungSegmentation.png", ROOT / "LungSegmentation" / "Resources" / "Icons" / "LungSegmentation.png")
SIZE_PX = 128
_SUBPIXELS = 8
_CURVE_POINTS = 48
_RIM_PX = 2.4
_GAP_PX = 1.4
_COLOURS = {region.label: np.array(region.colour_rgb, dtype=np.float32) for region in REGIONS}

# Cubic Bezier curves, each from the end of the one before it: two control points and an end, in pixels of the icon.
_RIGHT_LUNG = (
    (45.0, 23.0),
    ((54.0, 21.5), (56.0, 31.0), (56.0, 42.0)),
    ((56.0, 50.0), (53.5, 56.0), (53.5, 65.0)),
    ((53.5, 78.0), (58.5, 88.0), (57.5, 100.5)),
    ((57.0, 106.5), (52.0, 108.0), (46.0, 107.0)),
    ((34.0, 105.0), (25.0, 109.0), (16.5, 117.0)),
    ((11.0, 121.5), (6.5, 118.5), (6.5, 111.0)),
    ((6.5, 84.0), (17.0, 28.0), (45.0, 23.0)),
)
_LEFT_LUNG = (
    (83.0, 23.0),
    ((111.0, 28.0), (121.5, 84.0), (121.5, 111.0)),
    ((121.5, 118.5), (117.0, 121.5), (111.5, 117.0)),
    ((105.0, 111.0), (98.0, 107.5), (89.0, 107.5)),
    ((82.0, 107.5), (78.0, 104.5), (80.0, 98.0)),
    ((83.0, 89.0), (78.0, 82.0), (75.5, 75.0)),
    ((73.0, 68.0), (74.5, 58.0), (73.0, 52.0)),
    ((72.0, 47.0), (72.0, 44.0), (72.0, 40.0)),
    ((72.0, 31.0), (74.0, 21.5), (83.0, 23.0)),
)
# Airways: a curve, and the radius at its start and at its end.
_TREE = (
    (((64.0, 11.0), ((64.0, 22.0), (64.0, 33.0), (64.0, 46.0))), 6.6, 6.6),
    (((64.0, 45.0), ((62.0, 55.0), (52.0, 57.0), (41.0, 62.5))), 5.8, 4.8),
    (((64.0, 45.0), ((66.0, 55.0), (76.0, 58.0), (88.0, 64.5))), 5.8, 4.8),
    (((43.0, 61.5), ((35.0, 65.0), (32.0, 75.0), (30.0, 88.0))), 4.7, 3.2),
    (((43.0, 61.5), ((34.5, 64.0), (32.5, 57.0), (31.5, 49.0))), 4.5, 3.2),
    (((86.0, 63.5), ((94.0, 68.0), (97.0, 77.0), (98.5, 89.0))), 4.7, 3.2),
    (((86.0, 63.5), ((93.5, 66.5), (96.0, 59.0), (97.0, 50.0))), 4.5, 3.2),
)


def main() -> None:
    """Write both files."""
    icon = draw()
    for path in ICONS:
        path.parent.mkdir(parents=True, exist_ok=True)
        icon.save(path, optimize=True)


def draw(size_px: int = SIZE_PX) -> Image.Image:
    """Draw the icon.

    Parameters
    ----------
    size_px : int
        Width and height.

    Returns
    -------
    PIL.Image.Image
        Red, green, blue and opacity.
    """
    airways = _airways(0.0)
    cut = _airways(_GAP_PX)
    layers = []
    for label, outline in ((RIGHT_LUNG, _RIGHT_LUNG), (LEFT_LUNG, _LEFT_LUNG)):
        path = _curve(outline)
        lung = _polygon(path)
        rim = lung & _strokes([(path, np.full(len(path), _RIM_PX))])
        layers += [(lung & ~cut, _shaded(label, 1.12, 0.9)), (rim & ~cut, _shaded(label, 0.72, 0.62))]
    # The light blue of the airways would be lost on a white ground: a darker rim of the same hue holds it.
    layers += [(airways, _shaded(AIRWAYS, 0.42, 0.36)), (_airways(-_RIM_PX * 0.75), _shaded(AIRWAYS, 1.04, 0.9))]
    return _compose(layers).resize((size_px, size_px), Image.Resampling.BOX)


def _curve(pieces: Sequence) -> np.ndarray:
    """Give the points (x, y) of a chain of cubic Bezier curves."""
    t = np.linspace(0, 1, _CURVE_POINTS)[:, np.newaxis]
    start = np.array(pieces[0])
    points = []
    for piece in pieces[1:]:
        first, second, end = map(np.array, piece)
        points.append((1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t**2 * second + t**3 * end)
        start = end
    return np.concatenate(points)


def _airways(margin_px: float) -> np.ndarray:
    return _strokes([(path, np.linspace(start, end, len(path)) + margin_px) for curve, start, end in _TREE for path in [_curve(curve)]])


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (SIZE_PX * _SUBPIXELS, SIZE_PX * _SUBPIXELS))
    return image, ImageDraw.Draw(image)


def _polygon(path: np.ndarray) -> np.ndarray:
    image, pen = _canvas()
    pen.polygon([(x, y) for x, y in path * _SUBPIXELS], fill=255)
    return np.asarray(image) > 0


def _strokes(strokes: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Give where discs that follow the paths have been; the radii are in pixels of the icon."""
    image, pen = _canvas()
    for path, radii in strokes:
        for (x, y), radius in zip(path * _SUBPIXELS, radii * _SUBPIXELS, strict=True):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image) > 0


def _shaded(label: int, top: float, bottom: float) -> np.ndarray:
    """Give a region's colour for each row, from brighter above to darker below."""
    factors = np.linspace(top, bottom, SIZE_PX * _SUBPIXELS, dtype=np.float32)
    return np.clip(factors[:, np.newaxis] * _COLOURS[label], 0, 255)


def _compose(layers: Sequence[tuple[np.ndarray, np.ndarray]]) -> Image.Image:
    """Lay regions over one another, each with a colour for each row."""
    size = SIZE_PX * _SUBPIXELS
    pixels = np.zeros((size, size, 4), dtype=np.uint8)
    for region, colours in layers:
        rows, columns = np.nonzero(region)
        pixels[rows, columns, :3] = colours[rows]
        pixels[rows, columns, 3] = 255
    return Image.fromarray(pixels, "RGBA")


if __name__ == "__main__":
    main()
