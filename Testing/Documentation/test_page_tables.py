"""Tables of the pages are those of today's baselines; checks and measures that the engine has are all described."""

import re

import pytest

from accuracy import accuracy, unseen_scans
from check_tables import flags_of_a_phantom
from LungSegmentationLib.measures import measure
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from page_tables import ROOT, TABLES, named_tables, pages, with_tables

MADE = [(page, name, text) for page in pages() for name, text in named_tables(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "name", "text"), MADE, ids=[name for _, name, _ in MADE])
def test_table_is_of_today_s_baselines(page, name, text):
    stale = [line for line in text.splitlines() if line not in TABLES[name]().splitlines()]
    assert text == TABLES[name](), f"{page.name}, table {name}: {stale or 'a row is missing'}; run: make tables"


def test_every_table_is_on_a_page():
    assert {name for _, name, _ in MADE} == set(TABLES)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- table: ") == text.count("<!-- end of table -->") == len(list(named_tables(text))), page.name


def test_a_table_is_put_between_its_lines_alone():
    page = "a\n\n<!-- table: speed -->\n<!-- end of table -->\n\nb\n\n<!-- table: growth -->\n\n| old |\n\n<!-- end of table -->\n"
    made = with_tables(page)
    assert dict(named_tables(made)) == {"speed": TABLES["speed"](), "growth": TABLES["growth"]()}
    assert "\nb\n" in made and "| old |" not in made and with_tables(made) == made


def test_interval_is_student_s():
    found = accuracy([0.9, 0.92, 0.94])
    assert found.mean == pytest.approx(0.92) and found.lowest == 0.9 and found.patients == 3
    # The quantile of t for 2 degrees of freedom is 4.302653 (any table), the standard error 0.02 / sqrt(3).
    assert found.interval == pytest.approx((0.92 - 4.302653 * 0.02 / 3**0.5, 0.92 + 4.302653 * 0.02 / 3**0.5))
    assert accuracy([1.0, 0.9]).interval[1] == 1.0
    with pytest.raises(ValueError, match="1 patients"):
        accuracy([0.9])


@pytest.mark.parametrize("method", ["network", "compact, 12 scans", "resnet", "unet", "connected-components"])
def test_no_patient_counts_twice(method):
    names = [row["name"] for row in unseen_scans(method)]
    assert len(set(names)) == len(names) >= 12


def test_every_check_has_its_paragraph():
    text = (ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    titles = [flag.title for flag in flags_of_a_phantom()] + ["Limited to a region of interest"]
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == [*titles[:14], titles[-1], *titles[14:-1]]
    for part in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title = part.splitlines()[0]
        assert "**Do:**" in part or title == "Air around the patient", title


def test_every_measure_is_described():
    text = (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")
    phantom = make_phantom(shape_zyx=(40, 72, 72), spacing_zyx_mm=(7.5, 5.0, 5.0))
    tables = measure(segment(phantom.volume, "connected-components", vessels=True)).tables
    assert len(tables) == 8
    for name, table in tables.items():
        for column in table.columns:
            assert f"`{column.key}`" in text, f"docs/measures.md says nothing of {column.key} of the table {name}"
