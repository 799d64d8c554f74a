"""The overview picture: convention, aspect, outlines, text."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.overview import draw_overview
from LungSegmentationLib.output.overview_panels import draw_panel, lung_window, outline_opacity
from LungSegmentationLib.output.overview_views import View, choose_views
from LungSegmentationLib.output.picture_page import wrapped
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import CtVolume, to_canonical

CODES = ["".join(letters) for axes in itertools.permutations(("LR", "PA", "SI")) for letters in itertools.product(*axes)]


def _scan() -> Segmentation:
    """Two boxes of air of different depth and height in soft tissue, and a trachea that ends between them."""
    hu = np.full((40, 60, 80), 40, np.int16)
    labels = np.zeros(hu.shape, np.uint8)
    labels[5:35, 15:45, 10:35] = 1
    labels[8:38, 20:50, 48:70] = 2
    labels[20:39, 30:34, 39:44] = 3
    hu[labels > 0] = -850
    hu[:, :6] = -1000  # air in front of the chest
    return Segmentation(CtVolume(hu, (3.0, 1.5, 1.2), (-50.0, -40.0, 200.0), name="boxes"), labels, "threshold", {"threshold_hu": -400.0})


def _turned(result: Segmentation, code: str) -> Segmentation:
    images = []
    for array in (result.volume.voxels_hu, result.labels):
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(result.volume.spacing_zyx_mm[::-1])
        image.SetOrigin(result.volume.origin_lps_mm)
        images.append(sitk.DICOMOrient(image, code))
    ct, labels = images
    direction = np.array(ct.GetDirection()).reshape(3, 3)
    volume = CtVolume(sitk.GetArrayFromImage(ct), ct.GetSpacing()[::-1], ct.GetOrigin(), direction, name="boxes")
    return Segmentation(volume, sitk.GetArrayFromImage(labels), result.method, result.parameters)


def _views(result: Segmentation) -> tuple[View, ...]:
    volume, order = to_canonical(result.volume)
    return choose_views(volume, order.apply(result.labels))


def test_axial_and_coronal_show_the_right_lung_on_the_left_and_sagittal_faces_left():
    views = _views(_scan())
    assert [view.title.split(",")[0] for view in views] == ["Axial"] * 3 + ["Coronal"] + ["Sagittal"] * 2
    for view in views[:4]:
        assert view.sides == ("R", "L")
        columns = {label: np.flatnonzero((view.labels == label).any(axis=0)).mean() for label in (1, 2)}
        assert columns[1] < columns[2]
    for view in views[:3]:  # the air in front of the chest is on top
        assert view.voxels_hu[0].max() == -1000
        assert view.voxels_hu[-1].max() == 40
    coronal = views[3]
    rows = np.flatnonzero((coronal.labels == 3).any(axis=1))
    assert rows[0] < coronal.labels.shape[0] - 1 - rows[-1]  # the trachea ends in the upper half
    for view, label in zip(views[4:], (1, 2), strict=True):
        assert view.sides == ("A", "P")
        assert np.unique(view.labels).tolist() == [0, label]
        assert view.voxels_hu[:, 0].max() == -1000


def test_axial_levels_run_from_apex_to_base_and_are_marked_in_the_coronal_view():
    views = _views(_scan())
    levels = [float(view.position.split()[1]) for view in views[:3]]
    assert levels == sorted(levels, reverse=True)
    coronal, top_of_crop_mm = views[3], 200.0 + 39.5 * 3.0
    for level, row in zip(levels, coronal.levels, strict=True):
        assert top_of_crop_mm - row * coronal.spacing_row_column_mm[0] == pytest.approx(level)


@pytest.mark.parametrize("code", CODES[::3])
def test_the_picture_is_the_same_whatever_the_axis_order(code):
    straight, turned = _scan(), _turned(_scan(), code)
    for expected, view in zip(_views(straight), _views(turned), strict=True):
        assert (view.title, view.position, view.sides) == (expected.title, expected.position, expected.sides)
        np.testing.assert_array_equal(view.voxels_hu, expected.voxels_hu)
        np.testing.assert_array_equal(view.labels, expected.labels)
        assert view.spacing_row_column_mm == pytest.approx(expected.spacing_row_column_mm)


def test_a_ball_on_uneven_voxels_is_drawn_as_a_circle_of_the_right_size():
    spacing = (3.0, 0.75)
    rows, columns = np.ogrid[:60, :240]
    ball = (((rows - 29.5) * spacing[0]) ** 2 + ((columns - 119.5) * spacing[1]) ** 2 <= 60**2).astype(np.uint8)
    panel = draw_panel(View("Axial", "", np.full(ball.shape, -1400, np.int16), ball, spacing, ("", "")), 1.5)
    assert panel.size == (270, 270)
    pixels = np.asarray(panel).astype(int)
    pixels[-40:] = 0  # the scale bar
    drawn = pixels.max(axis=2) > 90
    extent = [np.flatnonzero(drawn.any(axis=axis)) for axis in (0, 1)]
    for indices in extent:
        assert indices[-1] - indices[0] + 1 == pytest.approx(2 * 60 * 1.5, abs=4)
        assert (indices[0] + indices[-1]) / 2 == pytest.approx(134.5, abs=1)


@pytest.mark.parametrize("factor", [1, 2, 3.5, 0.6])
def test_an_outline_is_thin_and_lies_on_the_border(factor):
    mask = np.zeros((60, 80), bool)
    mask[:, 33:] = True
    shape = (round(60 * factor), round(80 * factor))
    line = outline_opacity(mask, shape)[shape[0] // 2]
    places = np.arange(shape[1]) + 0.5
    assert (line * places).sum() / line.sum() == pytest.approx(33 * shape[1] / 80, abs=0.15)
    assert 0.9 <= line.sum() <= 2.2
    assert np.count_nonzero(line) <= 4


def test_the_lung_window_spans_1500_hu_around_minus_600():
    np.testing.assert_array_equal(lung_window(np.array([[-3024, -1350, -600, 150, 3000]], np.int16)), [[0, 0, 128, 255, 255]])


def test_the_overview_has_every_region_in_its_colour_and_a_legend():
    result = _scan()
    picture = np.asarray(draw_overview(result, measure(result)))
    panels, legend = picture[:, :1664], picture[:, 1672:]
    for region in REGIONS:
        assert (legend == region.colour_rgb).all(axis=2).sum() > 100
        assert (np.abs(panels.astype(int) - region.colour_rgb).max(axis=2) <= 12).sum() > 200
    warned = draw_overview(replace(result, warnings=("careful",)), measure(result), with_quality=False)
    assert (np.asarray(warned) == (255, 193, 94)).all(axis=2).any()


@pytest.mark.parametrize("shape", [(1, 64, 64), (20, 1, 40), (3, 2, 1), (40, 20, 300)])
@pytest.mark.parametrize("label", [0, 1])
def test_scans_of_any_shape_are_drawn_with_and_without_lungs(shape, label):
    labels = np.full(shape, label, np.uint8)
    result = Segmentation(
        CtVolume(np.full(shape, -800, np.int16), (5.0, 0.7, 0.7)), labels, "m", {}, {}, tuple("long warning " * 20 for _ in range(30))
    )
    picture = draw_overview(result, measure(result))
    assert picture.width > 1600
    assert 800 <= picture.height <= 1300


@settings(deadline=None, max_examples=80)
@given(text=st.text(st.sampled_from("abc mWé×² 中\n"), max_size=150), width=st.integers(30, 300), lines=st.integers(1, 5))
def test_wrapped_lines_fit_and_lose_nothing_but_what_the_ellipsis_stands_for(text, width, lines):
    font = ImageFont.load_default(15)
    result = wrapped(text, width, lines, font)
    assert len(result) <= lines
    assert all(font.getlength(line) <= width for line in result)
    plain = text.replace("é", "e").replace("×", "x").replace("²", "2")
    kept, everything = "".join("".join(result).split()), "".join(plain.split())
    if kept.endswith("…"):
        assert everything.startswith(kept[:-1])
        assert len(kept) - 1 < len(everything)
    else:
        assert kept == everything
