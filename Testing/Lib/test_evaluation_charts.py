"""The charts of an evaluation: each value is drawn where it belongs."""

import numpy as np
import pytest

from LungSegmentationLib.evaluation.agreement import bland_altman
from LungSegmentationLib.evaluation.roc import probability_histogram
from LungSegmentationLib.output import charts
from LungSegmentationLib.output.evaluation_charts import (
    GROUP_COLOURS,
    BoxSample,
    draw_bland_altman,
    draw_box_plots,
    draw_calibration,
    draw_roc_curves,
)

LEFT, RIGHT, TOP, BOTTOM = charts._MARGIN_LEFT, charts._MARGIN_RIGHT, charts._MARGIN_TOP, charts._MARGIN_BOTTOM


def _near(picture, colour, tolerance=40) -> np.ndarray:
    """Find the pixels of about a colour inside the axes."""
    pixels = np.asarray(picture, int)
    inside = np.zeros(pixels.shape[:2], bool)
    inside[TOP : picture.height - BOTTOM + 2, LEFT : picture.width - RIGHT + 1] = True
    return inside & (np.abs(pixels - np.array(colour)).max(axis=2) <= tolerance)


def _discs(picture, colour) -> np.ndarray:
    """Find the centres (column, row) of isolated discs, in the colour of translucent ones."""
    from scipy import ndimage

    pale = np.array(colour) * 150 / 255 + 255 * (1 - 150 / 255)
    labels, count = ndimage.label(_near(picture, pale, 30))
    sizes = ndimage.sum_labels(labels > 0, labels, range(1, count + 1))
    centres = ndimage.center_of_mass(labels > 0, labels, [n + 1 for n in range(count) if sizes[n] >= 20])
    return np.array([(column, row) for row, column in centres])


@pytest.fixture(scope="module")
def curves():
    random = np.random.default_rng(1)
    found = {}
    for name, parting in (("normal", 4.0), ("sick", 1.0)):
        reference = random.random((8, 40, 40)) < 0.4
        probability = 1 / (1 + np.exp(-random.standard_normal(reference.shape) - parting * (reference - 0.5)))
        found[name] = probability_histogram(probability.astype(np.float32), reference).curves()
    return found


def test_roc_curves_run_where_their_rates_say(curves):
    picture = draw_roc_curves(curves)
    width, height = picture.width - LEFT - RIGHT, picture.height - TOP - BOTTOM
    for (_, curve), colour in zip(curves.items(), GROUP_COLOURS, strict=False):
        drawn = _near(picture, colour)
        for place in np.linspace(0.15, 0.5, 8):
            column = LEFT + round(place * width)
            rate = np.interp((column - LEFT) / width, curve.false_positive_rate, curve.true_positive_rate)
            rows = np.flatnonzero(drawn[:, column])
            assert rows.size
            assert np.abs(rows - (picture.height - BOTTOM - rate * height)).min() <= 1.5
            assert np.ptp(rows) < 30  # nothing else of this colour


def test_calibration_marks_each_bin(curves):
    picture = draw_calibration({"sick": curves["sick"]})
    curve = curves["sick"]
    width, height = picture.width - LEFT - RIGHT, picture.height - TOP - BOTTOM
    drawn = _near(picture, GROUP_COLOURS[0], 90)
    for predicted, observed in zip(curve.calibration_predicted, curve.calibration_observed, strict=True):
        column, row = LEFT + predicted * width, picture.height - BOTTOM - observed * height
        assert drawn[int(row) - 2 : int(row) + 3, int(column) - 2 : int(column) + 3].mean() > 0.8


def test_bland_altman_draws_points_bias_and_limits_where_they_are():
    reference = {"normal": [3000.0, 4000.0, 5200.0], "sick": [2500.0, 3500.0, 4500.0]}
    result = {"normal": [3010.0, 3950.0, 5300.0], "sick": [2400.0, 3650.0, 4380.0]}
    agreement = bland_altman([*result["normal"], *result["sick"]], [*reference["normal"], *reference["sick"]])
    picture = draw_bland_altman(result, reference, agreement, "Both lungs")
    places, values = [], []
    for group, colour in zip(result, GROUP_COLOURS, strict=False):
        discs = _discs(picture, colour)
        assert len(discs) == 3
        places.append(discs[np.argsort(discs[:, 0])])
        mean, difference = (np.array(result[group]) + reference[group]) / 2, np.subtract(result[group], reference[group])
        values.append(np.stack([mean, difference], axis=1)[np.argsort(mean)])
    places, values = np.concatenate(places), np.concatenate(values)
    slopes = [np.polyfit(values[:, axis], places[:, axis], 1) for axis in (0, 1)]
    for axis in (0, 1):  # one straight scale explains every disc
        assert np.abs(np.polyval(slopes[axis], values[:, axis]) - places[:, axis]).max() < 1.0
    assert slopes[0][0] > 0 > slopes[1][0]
    pixels = np.asarray(picture.convert("L"), int)[:, 420 : picture.width - 220]
    for value in (agreement.bias, agreement.lower_limit, agreement.upper_limit):
        row = round(float(np.polyval(slopes[1], value)))
        assert 0.3 < (pixels[row - 1 : row + 2].min(axis=0) < 150).mean() < 0.9  # dashes
    shaded = np.asarray(picture.convert("L"), int)[:, 700]
    for low, high in ((agreement.upper_limit_low, agreement.upper_limit), (agreement.lower_limit, agreement.lower_limit_high)):
        row = round(float(np.polyval(slopes[1], (low + high) / 2)))
        assert shaded[row] < 240


def test_boxes_stand_at_the_quartiles_and_outliers_beyond_the_whiskers():
    first, second = [0.90, 0.91, 0.92, 0.93, 0.94, None, float("nan")], [0.70, 0.95, 0.96, 0.97, 0.98]
    samples = [BoxSample("a", "a", first), BoxSample("b", "b", second)]
    picture = draw_box_plots(samples, "Dice", "Dice")
    ink = np.asarray(picture.convert("L"), int) < 110
    low, high = 0.70 - 0.05 * 0.28, 0.98 + 0.05 * 0.28
    width = picture.width - LEFT - RIGHT

    def column(value):
        return LEFT + (value - low) / (high - low) * width

    for row, values in enumerate((first[:5], second)):
        top = TOP + row * 46 + 25
        uprights = np.flatnonzero(ink[top + 1 : top + 15].mean(axis=0) > 0.4)
        for quartile in np.percentile(values, (25, 50, 75)):
            assert np.abs(uprights - column(quartile)).min() <= 1.5
    outliers = [place for place in _discs(picture, GROUP_COLOURS[1]) if place[0] < column(0.8)]
    assert [place[0] for place in outliers] == [pytest.approx(column(0.70), abs=1.0)]
    assert not ink[TOP + 46 + 25 : TOP + 46 + 41, round(column(0.75)) : round(column(0.90))].any()  # no whisker to the outlier


def test_equal_values_an_empty_row_and_any_name_can_be_drawn():
    samples = [BoxSample("Größe " * 30, "a", [0.5, 0.5]), BoxSample("病院", "b", [None])]
    picture = draw_box_plots(samples, "Dice", "Dice")
    assert picture.size == (960, 206)
    assert (np.asarray(picture)[:, -1] == 255).all()  # the long name ends before the edge
    assert draw_bland_altman({"x": [100.0]}, {"x": [100.0]}, None, "One scan").size == (960, 420)
