"""Tables of the pages are those of today's baselines; checks and measures that the engine has are all described."""

import json
import re

import pytest

from accuracy import BASELINES, NETWORK, accuracy, unseen_scans
from check_tables import flags_of_a_phantom
from LungSegmentationLib.measures import measure
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from page_tables import ROOT, TABLES, named_tables, pages, with_tables
from table_files import read_csv

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


def sentences_with_figures():
    """Give page and words of the sentences whose figures are kept in a file."""
    card = json.loads((ROOT / "LungSegmentation" / "Resources" / "Models" / "compact.json").read_text(encoding="utf-8"))
    scores = {(score["data"], score["measure"]): score["value"] for score in card["scores"]}

    def score(*words):
        (value,) = (value for key, value in scores.items() if all(word in " ".join(key) for word in words))
        return f"{value:g}"

    left_out = unseen_scans(NETWORK)
    missed = max(float(row["gross_missed_ml"]) for row in left_out)
    verdicts = read_csv(BASELINES / "verdicts.csv")
    right = [row["verdict"] for row in verdicts if row["case"] == "right as it came"]
    gross = [row["verdict"] for row in verdicts if row["case"] != "right as it came"]
    pleura, fat = score("thick pleura"), score("fat and colon")
    yield "README.md", f"({missed:.0f} mL in one of {len(left_out)} scans)"
    yield "README.md", f"({pleura} to {fat} mL)"
    yield "README.md", f"The shipped network has seen all {len({row['scan'] for row in verdicts})} scans"
    yield "docs/validation.md", f"The {missed:.0f} mL of lidc0314"
    yield "docs/validation.md", f"The {max(float(row['gross_added_ml']) for row in left_out):.0f} mL of fourdlung113"
    yield "docs/validation.md", f"29 to {score('upper lobe')} mL where the right upper lobe is filled"
    yield "docs/validation.md", f"68 to {score('lower lobe')} mL where the left lower lobe is"
    yield "docs/validation.md", f"11 to {fat} mL for lung"
    yield "docs/validation.md", f"{score('effusions of 1,995 mL')} mL; up to"
    yield "docs/validation.md", f"Of {len(gross)} gross errors {gross.count('pass')} pass"
    yield "docs/validation.md", f"of {len(right)} right results {right.count('pass')} pass"
    yield "docs/models.md", f"Dice coefficient of {card['training']['agreement_with_32_bits_dice']:.3f}"
    yield "docs/methods.md", f"{card['training']['parameters'] / 1e6:.1f} million parameters"


@pytest.mark.parametrize(("page", "words"), list(sentences_with_figures()))
def test_figures_in_sentences_are_those_of_the_files(page, words):
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert words in text, f"{page} should say: {words}"


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
