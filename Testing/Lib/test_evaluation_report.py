"""The report and the picture of an evaluation show what differs, and where."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from LungSegmentationLib.evaluation.comparison import compare_labels
from LungSegmentationLib.evaluation.pair import PairEvaluation
from LungSegmentationLib.evaluation.roc import probability_histogram
from LungSegmentationLib.output.evaluation_pictures import COLOURS, _choose_views, _Layers, differences_picture, draw_differences
from LungSegmentationLib.output.evaluation_report import make_evaluation_report, write_evaluation_report
from LungSegmentationLib.phantom import make_phantom

MISSED, ADDED, SWAPPED = 1, 2, 3


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(40, 60, 64), orientation="RAS", seed=6)


def _pair(phantom, result, name="chest", **more) -> PairEvaluation:
    volume = phantom.volume
    comparisons = compare_labels(result, phantom.labels, volume.spacing_zyx_mm, volume.voxels_hu)
    values = {"histogram": None, "leave_out": None, "has_ct": True, "warnings": (), **more}
    return PairEvaluation(
        name=name, comparisons=comparisons, result=result, reference=phantom.labels, volume=replace(volume, name=name), **values
    )


def _block(labels, side, shape=(6, 10, 10)):
    """Choose a block in the middle of a lung, as slices."""
    middle = np.argwhere(labels == side).mean(axis=0).astype(int)
    return tuple(slice(int(m - size // 2), int(m + size // 2)) for m, size in zip(middle, shape, strict=True))


def _share(picture, kind) -> float:
    """Count the pixels that have a kind's hue, whatever grey is below it."""
    pixels = np.asarray(picture.crop((0, 0, picture.width - 420, picture.height)).reduce(3), float)
    excess = pixels - pixels.min(axis=2, keepdims=True)
    colour = np.array(COLOURS[kind], float)
    wanted = (colour - colour.min()) / np.ptp(colour)
    strength = excess.max(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        alike = np.abs(excess / strength[..., None] - wanted).max(axis=2) < 0.08
    return float(np.mean(alike & (strength > 60)))


@pytest.mark.parametrize("kind", [MISSED, ADDED, SWAPPED])
@pytest.mark.parametrize("has_ct", [True, False])
def test_each_kind_of_difference_is_drawn_in_its_colour_only(kind, has_ct, phantom):
    result, reference = phantom.labels.copy(), phantom.labels.copy()
    block = _block(phantom.labels, 1)
    if kind == ADDED:
        reference[block] = 0
    else:
        result[block] = np.where(phantom.labels[block] == 1, 0 if kind == MISSED else 2, phantom.labels[block])
    pair = replace(_pair(phantom, result, has_ct=has_ct), reference=reference)
    assert set(np.unique(pair.difference)) == {0, kind}
    picture = differences_picture(pair)
    shares = {other: _share(picture, other) for other in COLOURS}
    assert shares[kind] > 0.003
    assert max(share for other, share in shares.items() if other != kind) < 0.0005


def test_the_views_are_where_most_voxels_differ(phantom):
    """A block low in the left lung is what every view but the right lung's shows."""
    result = phantom.labels.copy()
    block = _block(phantom.labels, 2)
    low = slice(block[0].start - 6, block[0].stop - 6)
    result[(low, *block[1:])] = 0
    pair = _pair(phantom, result)
    layers = _Layers.of(pair)
    shown = [(view.title, int(np.count_nonzero(plane(layers.difference)))) for view, plane in _choose_views(layers)]
    largest = [int(np.count_nonzero(pair.difference, axis=axes).max()) for axes in ((1, 2), (0, 2), (0, 1))]
    titles = [title for title, _ in shown]
    assert titles == ["Axial"] * 3 + ["Coronal", "Sagittal, right lung", "Sagittal, left lung"]
    assert max(count for title, count in shown if title == "Axial") == largest[0]
    assert dict(shown)["Coronal"] == largest[1]
    assert dict(shown)["Sagittal, left lung"] == largest[2]
    assert dict(shown)["Sagittal, right lung"] == 0


def test_equal_labels_one_slice_and_an_empty_result_have_pictures(phantom, tmp_path):
    draw_differences(_pair(phantom, phantom.labels), tmp_path / "equal.png")
    with Image.open(tmp_path / "equal.png") as picture:
        assert picture.width > 1500
        assert all(_share(picture.convert("RGB"), kind) < 0.0005 for kind in COLOURS)
    empty = differences_picture(_pair(phantom, np.zeros_like(phantom.labels)))
    assert _share(empty, MISSED) > 0.05
    level = int(np.argmax((phantom.labels > 0).sum(axis=(1, 2))))
    single = slice(level, level + 1)
    pair = _pair(phantom, phantom.labels)
    pair = replace(
        pair,
        result=pair.result[single],
        reference=pair.reference[single],
        volume=replace(pair.volume, voxels_hu=pair.volume.voxels_hu[single]),
    )
    assert differences_picture(pair).width > 1500


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.texts, self.images = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "img":
            data = dict(attrs)["src"].partition("base64,")[2]
            self.images.append(Image.open(io.BytesIO(base64.b64decode(data))))

    def handle_data(self, data):
        self.texts.append(data.strip())


def test_the_report_is_one_offline_page_with_every_figure(phantom, tmp_path):
    result = phantom.labels.copy()
    result[_block(phantom.labels, 1)] = 0
    lungs = phantom.labels % 3 > 0
    pair = _pair(
        phantom,
        result,
        name="<b>chest & co</b>",
        warnings=("something <odd>",),
        histogram=probability_histogram((lungs * 180 + 30).astype(np.uint8), lungs),
        leave_out=phantom.labels == 3,
    )
    write_evaluation_report(pair, differences_picture(pair), tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = _Page(text)
    assert "<b>chest & co</b>" in page.texts
    assert "something <odd>" in page.texts
    assert "b" not in [tag for tag, _ in page.tags]
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    for comparison in pair.comparisons:
        assert comparison.name in page.texts
        assert f"{comparison.dice:.4f}" in page.texts
        assert f"{comparison.result_ml:.2f}" in page.texts
    assert f"{np.count_nonzero(phantom.labels == 3)}" in page.texts
    assert len(page.images) == 2
    assert all(image.width >= 1100 for image in page.images)


def test_the_report_without_ct_and_probability_says_less(phantom):
    comparisons = compare_labels(phantom.labels, phantom.labels, phantom.volume.spacing_zyx_mm)
    pair = replace(_pair(phantom, phantom.labels, has_ct=False), comparisons=comparisons)
    page = _Page(make_evaluation_report(pair, differences_picture(pair)))
    assert len(page.images) == 1
    assert not any("HU" in text for text in page.texts)
    assert "not given: nothing is said of density" in page.texts
