"""The report: valid, complete, self-contained, escaped."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

from LungSegmentationLib.measures import measure
from LungSegmentationLib.output.report import make_report, write_report
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.quality.flag import Place, QualityFlag
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.version import __version__

VOID = {"meta", "img", "br", "hr", "link"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order; keeps tags, attributes and texts."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.cells: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


@pytest.fixture(scope="module")
def result() -> Segmentation:
    phantom = make_phantom(shape_zyx=(60, 96, 96))
    volume = replace(phantom.volume, name='<b onload="x">&amp; Müller</b>')
    return Segmentation(volume, phantom.labels, "truth", {"sharpness": 0.25}, {"Step": 1.5}, ("<script>alert(1)</script>",))


@pytest.fixture(scope="module")
def measures(result):
    return measure(result)


@pytest.fixture(scope="module")
def tables(measures):
    return measures.tables


@pytest.fixture(scope="module")
def page(result, measures) -> Page:
    return Page(make_report(result, measures, rendering=False))


def test_the_page_is_whole_and_loads_nothing(result, measures, tmp_path):
    path = tmp_path / "report.html"
    write_report(result, measures, path, rendering=False)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("html") == tags.count("head") == tags.count("body") == tags.count("title") == 1
    assert not {"script", "link", "iframe", "object", "b"} & set(tags)
    addresses = [value for _, attributes in page.tags for key, value in attributes.items() if key in ("src", "href")]
    assert addresses and all(address.startswith("data:image/") for address in addresses)
    assert "url(" not in text and "@import" not in text and "http" not in text


def test_every_picture_decodes_in_its_stated_size(page):
    images = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 3
    for attributes in images:
        kind, data = attributes["src"].split(";base64,")
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
        picture.load()
        assert picture.format.lower() == kind.removeprefix("data:image/")
        assert picture.size == (int(attributes["width"]), int(attributes["height"]))
        assert attributes["alt"]


def test_names_and_warnings_are_text_not_markup(page, result):
    assert result.volume.name in page.text
    assert "<script>alert(1)</script>" in page.text


def test_every_figure_flag_and_fact_is_shown(page, measures, tables):
    for key in ("volumes", "density", "airways"):
        for column in tables[key].columns:
            assert column.header in page.cells
            for row in tables[key].rows:
                assert column.text(row[column.key]) in [*page.cells, ""]
    for flag in measures.flags:
        assert flag.title in page.cells and flag.in_words in page.cells
    for fact in (f"LungSegmentation {__version__}", "truth", "0.25"):
        assert fact in page.cells
    assert "Not a medical device" in page.text


KINDS_AND_VERDICTS = [("quality", "pass"), ("quality", "review"), ("quality", "fail"), ("coverage", "cut"), ("note", "note")]


def test_flags_carry_their_verdict_as_text_and_class(result, measures):
    flags = [QualityFlag(v, v, kind, None, "mm", "at most 1", v, f"This is {v}.") for kind, v in KINDS_AND_VERDICTS]
    page = Page(make_report(result, replace(measures, flags=tuple(flags)), rendering=False))
    classes = [attributes["class"] for tag, attributes in page.tags if tag == "span"]
    assert classes == [f"flag {verdict}" for _, verdict in KINDS_AND_VERDICTS]
    assert ("p", {"class": "verdict fail"}) in page.tags and ("p", {"class": "verdict cut"}) in page.tags
    assert page.text.index("Quality of the segmentation") < page.text.index("Coverage") < page.text.index("Notes on the scan")


def test_every_sentence_of_a_finding_begins_as_one(result, measures):
    place = Place("tube", 30, "left", 232.4, ((28, 32), (40, 50), (40, 50)))
    flags = [QualityFlag(v, v, "quality", 1.0, "mm", "at most 1", v, f"This is {v}.", (place, place)) for v in ("review", "fail")]
    text = Page(make_report(result, replace(measures, flags=tuple(flags)), rendering=False)).text
    assert text.count("Slice 30, left, 232 mL; slice 30, left, 232 mL.") == 4  # among the findings and in the table of checks
    assert not re.search(r"is (review|fail)\. [a-z]", text)


def test_pictures_come_first_then_volumes_then_findings(result, measures):
    place = Place("tube", 30, "left", 232.4, ((28, 32), (40, 50), (40, 50)))
    flags = (QualityFlag("k", "A finding", "quality", 1.0, "mm", "at most 1", "review", "It is odd.", (place,)),)
    text = Page(make_report(result, replace(measures, flags=flags))).text
    titles = ("review", "Pictures", "Volumes", "Quality of the segmentation", "Warnings", "Density", "What was checked", "How it was made")
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert text.index("Lungs, airways and vessels from in front") < text.index("Middle lines of vessels and airways") < places[2]


def test_the_report_says_why_there_is_no_rendering(result):
    empty = replace(result, labels=0 * result.labels)
    assert "no picture in three dimensions: the result is empty" in Page(make_report(empty, measure(empty))).text
