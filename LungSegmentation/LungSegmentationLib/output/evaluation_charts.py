"""Charts of an evaluation: ROC curves, calibration, Bland-Altman plot and box plots."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .charts import Chart, round_ticks

if TYPE_CHECKING:
    from PIL import Image

    from ..evaluation.agreement import Agreement
    from ..evaluation.roc import ProbabilityCurves

Colour = tuple[int, int, int]

GROUP_COLOURS: tuple[Colour, ...] = ((62, 124, 194), (205, 104, 68), (74, 146, 96), (137, 98, 172), (176, 42, 64), (120, 120, 60))
_INK, _QUIET, _GRID = (34, 38, 44), (96, 104, 114), (226, 230, 235)
_SQUARE, _WIDE = (560, 560), (960, 420)
_ROW_HEIGHT, _BOX_HEIGHT, _HEIGHT_WITHOUT_ROWS = 46, 16, 114
_WHISKER_IQR = 1.5
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class BoxSample:
    """One box: the text above it, the group that gives its colour, and its values; None and NaN are passed over."""

    label: str
    group: str
    values: Sequence[float | None]


def group_colour(groups: Sequence[str], group: str) -> Colour:
    """Give each group its colour, the same in every chart."""
    return GROUP_COLOURS[list(groups).index(group) % len(GROUP_COLOURS)]


def draw_roc_curves(curves: Mapping[str, ProbabilityCurves]) -> Image.Image:
    """Draw the true-positive rate against the false-positive rate over all thresholds of the lung probability.

    Parameters
    ----------
    curves : mapping of str to ProbabilityCurves
        By the name in the legend; at least one.

    Returns
    -------
    PIL.Image.Image
        RGB; the dashed diagonal is what guessing gives.
    """
    chart = _PointChart(_SQUARE, (0.0, 1.0), (0.0, 1.0), ("ROC curve", "False-positive rate (1 - specificity)", "Sensitivity"))
    chart.dashes((0.0, 0.0), (1.0, 1.0))
    entries = []
    for name, curve in curves.items():
        colour = group_colour(list(curves), name)
        chart.line(curve.false_positive_rate, curve.true_positive_rate, colour, "")
        entries.append((colour, name, f"AUC {curve.auc:.4f}"))
    chart.list_names(entries)
    return chart.finished()


def draw_calibration(curves: Mapping[str, ProbabilityCurves]) -> Image.Image:
    """Draw how often voxels were lung against how probable they were called; parameters as for :func:`draw_roc_curves`.

    Returns
    -------
    PIL.Image.Image
        RGB; on the dashed diagonal the probabilities are right.
    """
    chart = _PointChart(_SQUARE, (0.0, 1.0), (0.0, 1.0), ("Calibration", "Predicted probability of lung", "Share that is lung"))
    chart.dashes((0.0, 0.0), (1.0, 1.0))
    entries = []
    for name, curve in curves.items():
        colour = group_colour(list(curves), name)
        chart.line(curve.calibration_predicted, curve.calibration_observed, colour, "")
        chart.points(curve.calibration_predicted, curve.calibration_observed, colour)
        entries.append((colour, name, f"error {curve.expected_calibration_error:.4f}"))
    chart.list_names(entries)
    return chart.finished()


def draw_bland_altman(
    result_ml: Mapping[str, Sequence[float]], reference_ml: Mapping[str, Sequence[float]], agreement: Agreement | None, title: str
) -> Image.Image:
    """Draw the difference of two volumes of each scan against their mean (Bland and Altman, Lancet 327:307-310, 1986).

    Parameters
    ----------
    result_ml, reference_ml : mapping of str to sequence of float
        By group, scan by scan; at least one scan in all.
    agreement : Agreement or None
        Bias and limits of agreement, drawn as dashed lines with their confidence intervals as bands.
    title : str
        Of the chart.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    means = {group: (np.asarray(result_ml[group]) + np.asarray(reference_ml[group])) / 2 for group in result_ml}
    differences = {group: np.asarray(result_ml[group], float) - np.asarray(reference_ml[group], float) for group in result_ml}
    lines = [] if agreement is None else _agreement_lines(agreement)
    heights = np.concatenate([*differences.values(), [0.0], *([low, value, high] for _, low, value, high in lines)])
    titles = (title, "Mean of result and reference (mL)", "Result - reference (mL)")
    chart = _PointChart(_WIDE, _padded(np.concatenate(list(means.values()))), _padded(heights), titles)
    for text, low, value, high in lines:
        chart.band(low, high)
        chart.dashes((chart.x_range[0], value), (chart.x_range[1], value))
        # The bias stands on the left: where it is close to a limit, the texts do not cover each other.
        x, anchor = (84, "ld") if text == "Bias" else (chart.size[0] - 28, "rd")
        chart.text((x, chart.y_pixel(value) - 3), f"{text} {value:+.1f} mL", 13, _QUIET, anchor)
    for group, group_means in means.items():
        colour = group_colour(list(means), group)
        chart.points(group_means, differences[group], colour)
        chart.name_points(colour, group)
    return chart.finished()


def draw_box_plots(samples: Sequence[BoxSample], title: str, axis: str) -> Image.Image:
    """Draw lying boxes: median, quartiles, whiskers to the last value within 1.5 interquartile ranges, and every value.

    Parameters
    ----------
    samples : sequence of BoxSample
        From the top down; at least one with a value.
    title, axis : str
        Of the chart and of its x axis, with the unit.

    Returns
    -------
    PIL.Image.Image
        RGB.

    References
    ----------
    Tukey, Exploratory Data Analysis (1977).
    """
    finite = [_finite(sample.values) for sample in samples]
    groups = list(dict.fromkeys(sample.group for sample in samples))
    size = (_WIDE[0], _HEIGHT_WITHOUT_ROWS + _ROW_HEIGHT * len(samples))
    chart = _BoxChart(size, _padded(np.concatenate(finite)), (float(len(samples)), 0.0), (title, axis, ""))
    for row, (sample, values) in enumerate(zip(samples, finite, strict=True)):
        chart.box(row, f"{sample.label} (n = {values.size})", values, group_colour(groups, sample.group))
    return chart.finished()


class _PointChart(Chart):
    """A chart with points, dashes and bands."""

    def text(self, place: tuple[float, float], text: str, size: int, colour: Colour, anchor: str) -> None:
        """Write a text; letters that the font has not lose their accents or become a question mark."""
        super().text(place, _drawable(text), size, colour, anchor)

    def points(self, x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray, colour: Colour) -> None:
        """Draw a translucent disc at each place that is finite."""
        for a, b in zip(x, y, strict=True):
            if np.isfinite(a) and np.isfinite(b):
                self.disc(self.x_pixel(a), self.y_pixel(b), colour)

    def disc(self, x: float, y: float, colour: Colour) -> None:
        """Draw one disc at a place on the finished picture."""
        self._draw.ellipse(self._scaled(x - 3.5, y - 3.5, x + 3.5, y + 3.5), fill=(*colour, 150))

    def dashes(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        """Draw a dashed line between two points."""
        ends = np.array([[self.x_pixel(x), self.y_pixel(y)] for x, y in (start, stop)])
        count = max(1, round(float(np.hypot(*(ends[1] - ends[0]))) / 8))
        for share in np.arange(count) / count:
            dash = [ends[0] + (share + more) * (ends[1] - ends[0]) for more in (0.0, 0.5 / count)]
            self._draw.line(self._scaled(*dash[0], *dash[1]), fill=_QUIET, width=round(self._scaled(1)[0]))

    def band(self, low: float, high: float) -> None:
        """Shade the chart's whole width between two heights."""
        left, right = (self.x_pixel(value) for value in self.x_range)
        self._draw.rectangle(self._scaled(left, self.y_pixel(high), right, self.y_pixel(low)), fill=(*_QUIET, 36))

    def name_points(self, colour: Colour, name: str) -> None:
        """Name a colour in the legend above the chart."""
        super()._name(colour, _drawable(name))

    def list_names(self, entries: Sequence[tuple[Colour, str, str]]) -> None:
        """Write a legend with a figure for each name into the lower right corner."""
        right, y = self.size[0] - 34, self.y_pixel(self.y_range[0]) - 18 - 22 * (len(entries) - 1)
        for colour, name, figure in entries:
            text = f"{name}: {figure}" if figure else name
            self.text((right - 30, y), text, 14, _INK, "rm")
            self._draw.line(self._scaled(right - 24, y, right, y), fill=colour, width=round(self._scaled(3)[0]))
            y += 22

    def _name(self, colour: Colour, name: str) -> None:
        if name:
            super()._name(colour, name)


class _BoxChart(_PointChart):
    """A chart whose y axis counts rows from the top and has no numbers."""

    def box(self, row: int, label: str, values: np.ndarray, colour: Colour) -> None:
        """Draw one row: its label, and below it the box over the values."""
        top = self.y_pixel(row) + 6
        self.text((self.x_pixel(self.x_range[0]) + 8, top), label, 13, _INK, "la")
        if not values.size:
            return
        upper, lower = top + 19, top + 19 + _BOX_HEIGHT
        middle = (upper + lower) / 2
        quartiles = np.percentile(values, (25, 50, 75))
        reach = _WHISKER_IQR * (quartiles[2] - quartiles[0])
        inside = values[(values >= quartiles[0] - reach) & (values <= quartiles[2] + reach)]
        left, median, right = (self.x_pixel(float(value)) for value in quartiles)
        thin, thick = (round(width) for width in self._scaled(1.4, 3))
        for box_end, whisker in ((left, float(inside.min())), (right, float(inside.max()))):
            self._draw.line(self._scaled(box_end, middle, self.x_pixel(whisker), middle), fill=_INK, width=thin)
            self._draw.line(self._scaled(self.x_pixel(whisker), upper + 4, self.x_pixel(whisker), lower - 4), fill=_INK, width=thin)
        self._draw.rectangle(self._scaled(left, upper, right, lower), fill=(*colour, 70), outline=_INK, width=thin)
        self._draw.line(self._scaled(median, upper, median, lower), fill=_INK, width=thick)
        for number, value in enumerate(values):
            self.disc(self.x_pixel(float(value)), middle + (number % 5 - 2) * 3.0, colour)

    def _axes(self, titles: tuple[str, str, str]) -> None:
        left, right = self.x_pixel(self.x_range[0]), self.x_pixel(self.x_range[1])
        top, bottom = self.y_pixel(self.y_range[1]), self.y_pixel(self.y_range[0])
        width = round(self._scaled(1)[0])
        for value in round_ticks(*self.x_range, 10):
            x = self.x_pixel(value)
            self._draw.line(self._scaled(x, top, x, bottom + 5), fill=_GRID, width=width)
            self.text((x, bottom + 9), f"{value:.10g}", 13, _QUIET, "ma")
        self._draw.line(self._scaled(left, bottom, right, bottom), fill=_QUIET, width=width)
        self.text((left, 8), titles[0], 17, _INK, "la")
        self.text(((left + right) / 2, self.size[1] - 8), titles[1], 14, _INK, "md")


def _agreement_lines(agreement: Agreement) -> list[tuple[str, float, float, float]]:
    return [
        ("Bias", agreement.bias_low, agreement.bias, agreement.bias_high),
        ("Upper limit", agreement.upper_limit_low, agreement.upper_limit, agreement.upper_limit_high),
        ("Lower limit", agreement.lower_limit_low, agreement.lower_limit, agreement.lower_limit_high),
    ]


def _finite(values: Sequence[float | None]) -> np.ndarray:
    numbers = np.array([np.nan if value is None else value for value in values], float)
    return numbers[np.isfinite(numbers)]


def _padded(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin


def _drawable(text: str) -> str:
    """Write with the letters that the font has: ASCII and few signs."""
    shown = text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 3] + "..."
    plain = (
        letter if letter in "±·²" else unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or "?" for letter in shown
    )
    return "".join(plain)
