"""Charts and the picture in three dimensions, read back from their pixels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from LungSegmentationLib.measurement.histograms import LOWEST_HU, VoxelCounts
from LungSegmentationLib.output.charts import LEFT_COLOUR, RIGHT_COLOUR, VESSEL_COLOUR, Chart, round_ticks
from LungSegmentationLib.output.measure_charts import draw_area_profile, draw_histogram
from LungSegmentationLib.output.rendering import draw_rendering
from LungSegmentationLib.output.tree_picture import draw_trees
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.tables.histogram_rows import histogram_table
from LungSegmentationLib.tables.rows import Column, Table
from LungSegmentationLib.trees.centrelines import Centrelines
from LungSegmentationLib.volume import CtVolume
from LungSegmentationLib.web.reduced_scan import reduced_scan


def places(picture, colour) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the pixels below the legend that have nearly a colour."""
    rows, columns = np.nonzero(np.abs(np.asarray(picture, int) - colour).sum(axis=2) < 60)
    return rows[rows > 55], columns[rows > 55]


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.integers(3, 12))
def test_ticks_are_even_round_and_fill_the_axis(low, length, count):
    ticks = np.array(round_ticks(low, low + length, count))
    step = ticks[1] - ticks[0] if ticks.size > 1 else length
    assert ticks.min(initial=low) >= low - 1e-6 * length and ticks.max(initial=low) <= low + length + 1e-6 * length
    assert np.allclose(np.diff(ticks), step, rtol=1e-4)
    assert count / 2.6 - 1 <= ticks.size <= count + 1


def test_a_line_passes_through_its_points():
    chart = Chart((600, 300), (0.0, 10.0), (0.0, 4.0), ("t", "x", "y"))
    chart.line([0, 5, 10], [1, 3, 1], RIGHT_COLOUR, "name")
    rows, columns = places(chart.finished(), RIGHT_COLOUR)
    for x, y in ((2.5, 2.0), (7.5, 2.0)):
        near = np.hypot(rows - chart.y_pixel(y), columns - chart.x_pixel(x))
        assert near.min() < 2
    assert abs(rows.min() - chart.y_pixel(3.0)) < 3 and abs(rows.max() - chart.y_pixel(1.0)) < 3


def slices_table(vessels: bool) -> Table:
    keys = ["position_mm", "right_mm2", "left_mm2", "total_mm2", *(["vessel_mm2", "vessel_percent"] if vessels else [])]
    position = np.arange(20) * 5.0
    right, left = np.where(position < 50, 10000.0, 0.0), np.where(position < 50, 0.0, 5000.0)
    rows = [
        {"position_mm": z, "right_mm2": r, "left_mm2": q, "total_mm2": r + q, "vessel_mm2": 100.0, "vessel_percent": None}
        for z, r, q in zip(position, right, left, strict=True)
    ]
    # The head first, as in a scan whose slice index grows towards the feet.
    return Table("Slices", tuple(Column(key, key) for key in keys), tuple({key: row[key] for key in keys} for row in rows[::-1]))


def test_the_area_profile_runs_towards_the_head():
    picture = draw_area_profile(slices_table(vessels=False))
    right_rows, right_columns = places(picture, RIGHT_COLOUR)
    left_rows, left_columns = places(picture, LEFT_COLOUR)
    assert (
        right_columns[right_rows < right_rows.min() + 3].mean() < picture.width / 2 < left_columns[left_rows < left_rows.min() + 3].mean()
    )
    assert places(picture, VESSEL_COLOUR)[0].size < 10
    with_vessels = draw_area_profile(slices_table(vessels=True))
    assert places(with_vessels, VESSEL_COLOUR)[0].size > 100 and with_vessels.height > picture.height


def test_an_empty_area_profile_is_still_a_picture():
    assert draw_area_profile(replace(slices_table(vessels=False), rows=())).size[0] > 100


def test_the_histogram_peaks_at_each_lung_s_density():
    counts = np.zeros((3, 2, 4, 1 << 16), np.int64)
    hu = np.arange(-1000, -500)
    counts[0, 0, 1, hu - LOWEST_HU] = np.exp(-(((hu + 880) / 30) ** 2) / 2) * 1e5
    counts[0, 0, 2, hu - LOWEST_HU] = np.exp(-(((hu + 760) / 30) ** 2) / 2) * 1e3
    nothing = np.zeros((4, 1), np.int64)
    picture = draw_histogram(histogram_table(VoxelCounts(0, True, nothing, None, np.zeros(1, np.uint8), counts)))
    scale = Chart(picture.size, (-1030.0, 110.0), (0.0, 1.0), ("", "", ""))
    heights = []
    for colour, peak_hu in ((RIGHT_COLOUR, -880), (LEFT_COLOUR, -760)):
        rows, columns = places(picture, colour)
        assert abs(columns[rows == rows.min()].mean() - scale.x_pixel(peak_hu)) < 5
        heights.append(rows.min())
    assert abs(heights[0] - heights[1]) <= 3  # shares of each lung, whatever its size


@pytest.fixture(scope="module")
def balls() -> Segmentation:
    """Two lungs as balls, the right one larger, with an airway rod and a vessel in each; slices run downwards."""
    z, y, x = np.ogrid[:60, :60, :100]
    labels = np.zeros((60, 60, 100), np.uint8)
    labels[(z - 30) ** 2 + (y - 30) ** 2 + (x - 26) ** 2 < 22**2] = 1
    labels[(z - 30) ** 2 + (y - 30) ** 2 + (x - 76) ** 2 < 15**2] = 2
    labels[np.broadcast_to((y - 30) ** 2 + (x - 53) ** 2 < 9, labels.shape) & (z < 30)] = 3
    volume = CtVolume(np.zeros(labels.shape, np.int16), (2.0, 2.0, 2.0), direction_lps=np.diag([1.0, 1.0, -1.0]))
    return Segmentation(volume, labels, "balls")


def colours_of(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tell the reddish pixels of the right lung, the bluish ones of the left, and those of the airway, which are yellow."""
    red, green, blue = (pixels[..., channel].astype(int) for channel in range(3))
    airway = green - blue > 45
    return (red - blue > 8) & ~airway, red - blue < -8, airway


def test_the_rendering_shows_the_patient_from_in_front_with_the_head_up(balls):
    picture = draw_rendering(reduced_scan(balls))
    pixels = np.asarray(picture, int)[:, : picture.width // 2]
    right, left, airway = colours_of(pixels)
    right[:, np.nonzero(airway)[1].min() - 6 :] = False  # the airway's pale edges
    columns = np.arange(pixels.shape[1])
    assert columns[right.any(axis=0)].mean() < columns[left.any(axis=0)].mean()  # the patient's right is on the left
    assert np.count_nonzero(right) > 1.5 * np.count_nonzero(left)
    assert np.nonzero(airway)[0].mean() < np.nonzero(right)[0].mean() - 50  # the first slices are the head's
    # Both balls have the radius that they have in the scan, at the scale at which all fits the page.
    wide = np.ptp(np.flatnonzero(right.any(axis=0))) / np.ptp(np.flatnonzero(left.any(axis=0)))
    assert wide == pytest.approx(22 / 15, rel=0.05)
    assert np.ptp(np.flatnonzero(right.any(axis=0))) == pytest.approx(np.ptp(np.flatnonzero(right.any(axis=1))), rel=0.05)


def test_the_oblique_view_is_from_the_patients_right(balls):
    picture = draw_rendering(reduced_scan(balls))
    front, oblique = (np.asarray(picture, int)[:, half] for half in (slice(0, 640), slice(640, 1280)))
    gaps = []
    for pixels in (front, oblique):
        right, left, _ = colours_of(pixels)
        assert 50 < np.count_nonzero(left) < np.count_nonzero(right)
        gaps.append(np.nonzero(left)[1].mean() - np.nonzero(right)[1].mean())
    assert 0.4 * gaps[0] < gaps[1] < 0.95 * gaps[0]


def test_vessels_are_seen_in_the_lungs_and_those_before_the_airway_hide_it(balls):
    vessels = np.zeros_like(balls.labels)
    vessels[40:44, 28:32, 10:40] = 1
    with_vessels = np.asarray(draw_rendering(reduced_scan(replace(balls, vessels=vessels))), int)[:, :640]
    without = np.asarray(draw_rendering(reduced_scan(balls)), int)[:, :640]
    darker = (without - with_vessels).sum(axis=2) > 100
    rows, columns = np.nonzero(darker)
    assert np.count_nonzero(darker) > 500 and np.ptp(columns) > 3 * np.ptp(rows)
    before = vessels.copy()
    before[10:14, 22:24, 40:66] = 1
    hidden = np.asarray(draw_rendering(reduced_scan(replace(balls, vessels=before))), int)[:, :640]
    airway = [np.count_nonzero(colours_of(pixels)[2]) for pixels in (with_vessels, hidden)]
    assert airway[1] < airway[0]


def test_of_nothing_there_is_no_rendering(balls):
    assert draw_rendering(reduced_scan(replace(balls, labels=np.zeros_like(balls.labels)))) is None


def lines_of(*branches):
    """Trees of straight branches that do not touch: start and end in mm (x, y, z), radius, generation, order."""
    points = np.concatenate([np.linspace(start, end, 9) for start, end, *_ in branches])
    count = len(branches)
    return Centrelines(
        points.astype(np.float32),
        np.repeat([float(branch[2]) for branch in branches], 9).astype(np.float32),
        (9 * np.arange(count + 1)).astype(np.int32),
        np.full(count, -1, np.int32),
        *(np.array([branch[column] for branch in branches], np.int32) for column in (3, 4)),
        np.ones(count, np.int32),
    )


def shown(pixels, colour):
    return np.abs(pixels - np.array(colour)).max(axis=-1) < 3


def test_trees_are_drawn_from_in_front_as_wide_as_they_are_and_coloured_by_order():
    low_right = ((-90, 0, 10), (-30, 0, 10), 3.0, 2, 1)
    high_left = ((30, 0, 90), (90, 0, 90), 6.0, 1, 3)
    behind = ((60, 20, 60), (60, 20, 120), 3.0, 1, 2)
    vessels, airways = lines_of(low_right, high_left, behind), lines_of(((0, 0, 20), (0, 0, 100), 8.0, 0, 2))
    picture = np.asarray(draw_trees({"airways": airways, "vessels": vessels}), int)
    drawn = picture[34:]  # below the legend
    first, second, third = (shown(drawn[:, :640], colour) for colour in ((134, 176, 214), (74, 134, 190), (60, 92, 160)))
    assert np.nonzero(first)[1].max() < 320 < np.nonzero(third)[1].min()  # the patient's right is on the left
    assert np.nonzero(third)[0].mean() < np.nonzero(first)[0].mean() - 100  # the head is up
    wide, narrow = (np.median(mask.sum(axis=0)[mask.any(axis=0)]) for mask in (third, first))
    assert wide == pytest.approx(2 * narrow, abs=3)
    assert not (second & third).any() and len(set(np.diff(np.flatnonzero(second.any(axis=1))))) == 2  # the front one hides the one behind
    trachea = shown(drawn[:, 640:], (120, 16, 30))
    assert abs(np.nonzero(trachea)[1].mean() - 320) < 2 and np.ptp(np.nonzero(trachea)[0]) > 3 * np.ptp(np.nonzero(trachea)[1])
    alone = np.asarray(draw_trees({"airways": airways}), int)
    assert alone.shape[1] == 640 and shown(alone[34:], (120, 16, 30)).any()


def test_without_a_tree_there_is_no_picture():
    assert draw_trees({}) is None and draw_trees({"vessels": lines_of_none()}) is None


def lines_of_none():
    nothing = np.empty(0, np.int32)
    return Centrelines(np.empty((0, 3), np.float32), np.empty(0, np.float32), np.zeros(1, np.int32), nothing, nothing, nothing, nothing)
