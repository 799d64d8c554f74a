"""Pages and their list agree, links and pictures lead somewhere, and the README stays short; without Sphinx."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINKED = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Training/README.md")] + sorted(
    DOCS.glob("*.md")
)
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)>\s]+)>?\)")


def text_of(page: Path) -> str:
    """Give a page without its code."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"`[^`\n]*`", "`code`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors_of(page: Path) -> set[str]:
    """List the anchors of a page's headings, as GitHub and Sphinx make them."""
    code = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = [re.sub(r"[`*]|\[|\]\(.*?\)", "", title) for title in re.findall(r"^#+ (.*)$", code, re.MULTILINE)]
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def listed_pages() -> list[str]:
    """List the pages that index.md names for Sphinx."""
    trees = re.findall(r"^```{toctree}\n(.*?)^```$", (DOCS / "index.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    return [re.sub(r"^.* <(.*)>$", r"\1", line) for line in lines]


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_list_and_pages_agree():
    listed = listed_pages()
    assert len(set(listed)) == len(listed)
    assert {*listed, "index"} == {page.stem for page in DOCS.glob("*.md")}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    for link in _LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", link):
            assert link.startswith(("https://", "http://", "mailto:")), link
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}, which is not there"
        assert target.is_relative_to(ROOT), f"{page.name} links to {link}, which lies outside"
        if anchor:
            assert anchor in anchors_of(target), f"{page.name} links to {link}; {target.name} has {sorted(anchors_of(target))}"


def test_a_wrong_link_would_be_found(tmp_path):
    (tmp_path / "page.md").write_text("# A `b` c?\n\n[x](page.md#a-b-c) ![y](no.png) `[z](no.md)`\n", encoding="utf-8")
    assert anchors_of(tmp_path / "page.md") == {"a-b-c"}
    assert _LINK.findall(text_of(tmp_path / "page.md")) == ["page.md#a-b-c", "no.png"]


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.name)
def test_pictures_say_what_they_show(page):
    assert not re.findall(r"!\[\]\(", text_of(page))


def test_api_lists_what_exists():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"auto(?:function|class|exception):: (LungSegmentationLib[\w.]+)", text)
    assert len(named) > 20
    for name in named:
        module, _, thing = name.rpartition(".")
        path = ROOT / "LungSegmentation" / Path(*module.split("."))
        source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
        assert re.search(rf"\b{thing}\b", source), f"docs/api.md names {name}, which is not there"


def test_api_has_the_signature_of_slicer_s_logic():
    module = ast.parse((ROOT / "LungSegmentation" / "LungSegmentation.py").read_text(encoding="utf-8"))
    logic = next(node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "LungSegmentationLogic")
    process = next(node for node in logic.body if isinstance(node, ast.FunctionDef) and node.name == "process")
    given = process.args
    names = [argument.arg for argument in given.args[1:]]
    defaults = [ast.unparse(value).replace("'", '"') for value in given.defaults]
    without = len(names) - len(defaults)
    words = [*names[:without], *(f"{name}={value}" for name, value in zip(names[without:], defaults, strict=True))]
    assert f"LungSegmentationLogic.process({', '.join(words)})" in (DOCS / "api.md").read_text(encoding="utf-8")
