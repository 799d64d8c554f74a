"""Line charts with Pillow: axes, round ticks, lines, areas and a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

RIGHT_COLOUR, LEFT_COLOUR, TOTAL_COLOUR, VESSEL_COLOUR = (205, 104, 68), (62, 124, 194), (60, 66, 74), (176, 42, 64)
_INK, _QUIET, _GRID, _PAPER = (34, 38, 44), (96, 104, 114), (226, 230, 235), (255, 255, 255)
_FINER = 3  # drawn so much larger, then reduced: Pillow's lines have no smooth edges
_MARGIN_LEFT, _MARGIN_RIGHT, _MARGIN_TOP, _MARGIN_BOTTOM = 78, 24, 58, 56
_TICK_COUNT = 6
_PLAIN = str.maketrans({"²": "2"})  # the font that comes with Pillow has no raised two


def round_ticks(low: float, high: float, count: int = _TICK_COUNT) -> tuple[float, ...]:
    """Choose about ``count`` multiples of 1, 2 or 5 times a power of ten from ``low`` to ``high``.

    Parameters
    ----------
    low, high : float
        With ``low < high``.
    count : int
        Target number.

    Returns
    -------
    tuple of float
    """
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(number * step) for number in range(first, last + 1))


class Chart:
    """A chart on white paper.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    x_range, y_range : tuple of float
        What the axes span.
    titles : tuple of str
        Of the chart, of the x axis and of the y axis, with units.
    """

    def __init__(
        self, size: tuple[int, int], x_range: tuple[float, float], y_range: tuple[float, float], titles: tuple[str, str, str]
    ) -> None:
        from PIL import Image, ImageDraw

        self.size, self.x_range, self.y_range = size, x_range, y_range
        self.picture = Image.new("RGB", (size[0] * _FINER, size[1] * _FINER), _PAPER)
        self._draw = ImageDraw.Draw(self.picture, "RGBA")
        self._legend_x = float(_MARGIN_LEFT)
        self._axes(titles)

    def x_pixel(self, value: float) -> float:
        """Column of a value, on the finished picture."""
        share = (value - self.x_range[0]) / (self.x_range[1] - self.x_range[0])
        return _MARGIN_LEFT + share * (self.size[0] - _MARGIN_LEFT - _MARGIN_RIGHT)

    def y_pixel(self, value: float) -> float:
        """Row of a value, on the finished picture."""
        share = (value - self.y_range[0]) / (self.y_range[1] - self.y_range[0])
        return self.size[1] - _MARGIN_BOTTOM - share * (self.size[1] - _MARGIN_TOP - _MARGIN_BOTTOM)

    def line(self, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray, colour: tuple[int, int, int], name: str) -> None:
        """Draw a line through points and name it in the legend; values that are not numbers interrupt it."""
        for start, stop in _finite_runs(np.asarray(y, float)):
            points = [(self.x_pixel(a) * _FINER, self.y_pixel(b) * _FINER) for a, b in zip(x[start:stop], y[start:stop], strict=True)]
            self._draw.line(points, fill=colour, width=2 * _FINER, joint="curve")
        self._name(colour, name)

    def mark_x(self, value: float, text: str) -> None:
        """Draw a dashed upright line with a text on the left of its upper end."""
        x, top, bottom = self.x_pixel(value), _MARGIN_TOP, self.size[1] - _MARGIN_BOTTOM
        for y in range(top, bottom, 8):
            self._draw.line(self._scaled(x, y, x, min(y + 4, bottom)), fill=_QUIET, width=_FINER)
        self.text((x - 3, top + 2), text, 12, _QUIET, "ra")

    def text(self, place: tuple[float, float], text: str, size: int, colour: tuple[int, int, int], anchor: str) -> None:
        """Write at a place on the finished picture."""
        self._draw.text(
            (place[0] * _FINER, place[1] * _FINER), text.translate(_PLAIN), font=_font(size * _FINER), fill=colour, anchor=anchor
        )

    def finished(self) -> Image.Image:
        """Give the picture in its size."""
        from PIL import Image

        return self.picture.resize(self.size, Image.Resampling.LANCZOS)

    def _axes(self, titles: tuple[str, str, str]) -> None:
        left, right = _MARGIN_LEFT, self.size[0] - _MARGIN_RIGHT
        top, bottom = _MARGIN_TOP, self.size[1] - _MARGIN_BOTTOM
        y_ticks, x_ticks = round_ticks(*self.y_range), round_ticks(*self.x_range, 10)
        for value in y_ticks:
            y = self.y_pixel(value)
            self._draw.line(self._scaled(left, y, right, y), fill=_GRID, width=_FINER)
            self.text((left - 8, y), f"{value:,.10g}".replace(",", " "), 13, _QUIET, "rm")
        for value in x_ticks:
            x = self.x_pixel(value)
            self._draw.line(self._scaled(x, bottom, x, bottom + 5), fill=_QUIET, width=_FINER)
            self.text((x, bottom + 9), f"{value:.10g}", 13, _QUIET, "ma")
        self._draw.line(self._scaled(left, bottom, right, bottom), fill=_QUIET, width=_FINER)
        self.text((left, 8), titles[0], 17, _INK, "la")
        self.text(((left + right) / 2, self.size[1] - 8), titles[1], 14, _INK, "md")
        self.text((right, 12), titles[2], 14, _INK, "ra")
        self._draw.line(self._scaled(left, top, left, bottom), fill=_QUIET, width=_FINER)

    def _name(self, colour: tuple[int, int, int], name: str) -> None:
        y = 43
        self._draw.line(self._scaled(self._legend_x, y, self._legend_x + 22, y), fill=colour, width=3 * _FINER)
        self.text((self._legend_x + 28, y), name, 14, _INK, "lm")
        self._legend_x += 28 + _font(14).getlength(name) + 22

    @staticmethod
    def _scaled(*places: float) -> list[float]:
        return [place * _FINER for place in places]


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """Put pictures of one width below each other."""
    from PIL import Image

    paper = Image.new("RGB", (max(p.width for p in pictures), sum(p.height for p in pictures)), _PAPER)
    top = 0
    for picture in pictures:
        paper.paste(picture, (0, top))
        top += picture.height
    return paper


def _finite_runs(values: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isfinite(values), [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2) if stop - start > 1]


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
