"""The picture of the trees: middle lines of vessels and airways from in front, as wide as they are, coloured by order and generation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..trees.centrelines import Centrelines

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_PANEL_PIXELS = (640, 600)  # width and height
_MARGIN_PIXELS, _LEGEND_PIXELS = 16, 34
_FINER = 2  # drawn so much larger, then reduced: smooth lines
_ROUNDED_FROM_PIXELS = 6  # thinner lines need no round joints
_TEXT_COLOUR = (60, 66, 74)
# From thin and far to wide and near the root; the last colour goes on.
_COLOURS = ((134, 176, 214), (74, 134, 190), (60, 92, 160), (110, 70, 150), (160, 54, 120), (190, 40, 60), (120, 16, 30))
_TITLES = {"vessels": "Vessels: Strahler order", "airways": "Airways: generation"}


def draw_trees(centrelines: Mapping[str, Centrelines]) -> Image.Image | None:
    """Draw trees side by side at one scale.

    Parameters
    ----------
    centrelines : mapping of str to Centrelines
        ``vessels`` and ``airways``, as far as there are such.

    Returns
    -------
    PIL.Image.Image or None
        RGB, the patient's right on the left: vessels coloured by Strahler's order, airways by generation; None without any tree.
    """
    from PIL import Image

    shown = [(key, centrelines[key]) for key in _TITLES if key in centrelines and len(centrelines[key])]
    if not shown:
        return None
    points_mm = np.concatenate([lines.points_lps_mm for _, lines in shown])[:, [0, 2]]
    lowest_mm, highest_mm = points_mm.min(axis=0), points_mm.max(axis=0)
    room = np.array(_PANEL_PIXELS) - 2 * _MARGIN_PIXELS - (0, _LEGEND_PIXELS)
    scale = float((room / np.maximum(highest_mm - lowest_mm, 1.0)).min())
    picture = Image.new("RGB", (len(shown) * _PANEL_PIXELS[0], _PANEL_PIXELS[1]), "white")
    for number, (key, lines) in enumerate(shown):
        picture.paste(_panel(lines, key, scale, (lowest_mm + highest_mm) / 2), (number * _PANEL_PIXELS[0], 0))
    return picture


def _panel(lines: Centrelines, key: str, scale: float, middle_mm: np.ndarray) -> Image.Image:
    from PIL import Image, ImageDraw

    large = Image.new("RGB", (_PANEL_PIXELS[0] * _FINER, _PANEL_PIXELS[1] * _FINER), "white")
    draw = ImageDraw.Draw(large)
    room_middle = np.array([_PANEL_PIXELS[0] / 2, (_PANEL_PIXELS[1] + _LEGEND_PIXELS) / 2])
    pixels = _FINER * (room_middle + scale * np.array([1, -1]) * (lines.points_lps_mm[:, [0, 2]] - middle_mm))
    widths = np.maximum(np.rint(2 * _FINER * scale * lines.forest.branch_radii_mm()).astype(int), _FINER).tolist()
    colours = _colours_of(lines, key)
    depth_mm = np.maximum.reduceat(lines.points_lps_mm[:, 1], lines.starts[:-1])
    for branch in np.argsort(-depth_mm):  # what lies in front is drawn last
        line = [tuple(point) for point in pixels[lines.starts[branch] : lines.starts[branch + 1]].tolist()]
        colour, width = _COLOURS[colours[branch]], widths[branch]
        draw.line(line, fill=colour, width=width)
        if width >= _ROUNDED_FROM_PIXELS:
            for x, y in line:
                draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=colour)
    panel = large.reduce(_FINER)
    _write_legend(ImageDraw.Draw(panel), key, int(_ranks_of(lines, key).max()))
    return panel


def _ranks_of(lines: Centrelines, key: str) -> np.ndarray:
    return lines.orders if key == "vessels" else lines.generations


def _colours_of(lines: Centrelines, key: str) -> np.ndarray:
    """Which colour each branch has: orders count from the thinnest on, generations from the root."""
    last = len(_COLOURS) - 1
    return np.clip(lines.orders - 1, 0, last) if key == "vessels" else np.clip(last - lines.generations, 0, last)


def _write_legend(draw: ImageDraw.ImageDraw, key: str, highest: int) -> None:
    from PIL import ImageFont

    font, last = ImageFont.load_default(15), len(_COLOURS) - 1
    x, y = float(_MARGIN_PIXELS), _MARGIN_PIXELS
    draw.text((x, y), _TITLES[key], font=font, fill=_TEXT_COLOUR, anchor="lm")
    x += draw.textlength(_TITLES[key], font=font) + 14
    first = 1 if key == "vessels" else 0
    for rank in range(first, min(highest, first + last) + 1):
        colour = _COLOURS[rank - 1 if key == "vessels" else last - rank]
        text = f"{rank}+" if rank == first + last and highest > rank else str(rank)
        draw.rectangle([x, y - 5, x + 14, y + 5], fill=colour)
        draw.text((x + 19, y), text, font=font, fill=_TEXT_COLOUR, anchor="lm")
        x += 19 + draw.textlength(text, font=font) + 10
