"""Files that the project's hosts and other people's tools read: each is well-formed and true."""

from pathlib import Path

import pytest
import yaml

from LungSegmentationLib import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted([*ROOT.glob(".github/**/*.yml"), ROOT / "CITATION.cff", ROOT / ".pre-commit-config.yaml"]), ids=str)
def test_yaml_is_well_formed(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_citation_is_of_this_version_and_names_the_five_sources():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == __version__
    assert {"cff-version", "message", "title", "authors", "license"} <= set(citation)
    assert len(citation["references"]) == 5
    for reference in citation["references"]:
        assert {"type", "title", "authors", "year"} <= set(reference), reference


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml")), ids=lambda path: path.stem)
def test_issue_forms_ask_for_the_summary_and_warn_of_patients_data(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    if path.stem == "config":
        return
    assert {"name", "description", "body"} <= set(form)
    assert any(item.get("id") == "summary" for item in form["body"])
    assert "patient" in path.read_text(encoding="utf-8").lower()
