"""Public docstrings are numpydoc: their sections are there, in its order, and name the parameters of the signature."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "LungSegmentation"
# Of numpydoc, in its order; https://numpydoc.readthedocs.io/en/latest/format.html
SECTIONS = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "See Also", "Notes", "References", "Examples")
WITHOUT_VALUE = ("None", "Iterator[None]", "Steps[None]")
FEWEST = 400


def public_definitions(body: list[ast.stmt], names: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef, bool]]:
    """Give what is public, with its full name, and whether it is a method."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{names}{node.name}", node, bool(names)
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{names}{node.name}.")


def sections_of(docstring: str) -> dict[str, str]:
    """Take a docstring apart: the text under each underlined title."""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}$", docstring, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def described_names(section: str) -> list[str]:
    lines = [line for line in section.splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for line in lines for name in line.split(" : ")[0].split(",")]


def parameter_names(node: ast.FunctionDef | ast.ClassDef, is_method: bool) -> list[str]:
    if isinstance(node, ast.ClassDef):
        start = next((part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"), None)
        if start is None:
            return [part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)]
        return parameter_names(start, is_method=True)
    given = node.args
    several = [given.vararg] if given.vararg else []
    every = [*given.posonlyargs, *given.args, *several, *given.kwonlyargs, *([given.kwarg] if given.kwarg else [])]
    names = [argument.arg for argument in every]
    return names[1:] if is_method and names[:1] in (["self"], ["cls"]) else names


def faults_of(node: ast.FunctionDef | ast.ClassDef, is_method: bool) -> list[str]:
    """Say what is wrong with a docstring."""
    sections = sections_of(ast.get_docstring(node) or "")
    names = parameter_names(node, is_method)
    faults = [f"{title} is no section of numpydoc" for title in sections if title not in SECTIONS]
    if [title for title in SECTIONS if title in sections] != [title for title in sections if title in SECTIONS]:
        faults.append(f"its sections come in another order: {', '.join(sections)}")
    if "Parameters" in sections and (described := described_names(sections["Parameters"])) != names:
        faults.append(f"it describes {described}, where the signature has {names}")
    if not sections or isinstance(node, ast.ClassDef):
        return faults
    if "Parameters" not in sections and len(names) >= 2:
        faults.append("it has no Parameters")
    gives_value = node.returns is not None and ast.unparse(node.returns) not in WITHOUT_VALUE
    if "Parameters" in sections and gives_value and not {"Returns", "Yields"} & set(sections):
        faults.append("it has no Returns")
    if "Returns" in sections and node.returns is not None and ast.unparse(node.returns) == "None":
        faults.append("it has Returns, and returns nothing")
    raised = {part.exc.func.id for part in ast.walk(node) if isinstance(part, ast.Raise) and _is_named(part.exc)}
    if raised and "Raises" not in sections:
        faults.append(f"it has no Raises, and raises {', '.join(sorted(raised))}")
    return faults


def _is_named(error: ast.expr | None) -> bool:
    return isinstance(error, ast.Call) and isinstance(error.func, ast.Name) and error.func.id.endswith("Error")


def test_public_docstrings_are_numpydoc():
    found, faults = 0, []
    for path in sorted(SOURCES.rglob("*.py")):
        for name, node, is_method in public_definitions(ast.parse(path.read_text(encoding="utf-8")).body):
            found += bool(sections_of(ast.get_docstring(node) or ""))
            faults += [f"{path.relative_to(SOURCES)}: {name}: {fault}" for fault in faults_of(node, is_method)]
    assert found >= FEWEST
    assert not faults, "\n".join(faults)


GOOD = """
def join(first: str, second: str) -> str:
    '''Join two texts.

    Parameters
    ----------
    first, second : str

    Returns
    -------
    str
    '''
"""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("", "", None),
        ("first, second : str", "second, first : str", "describes"),
        ("first, second : str", "first : str", "describes"),
        ("Parameters\n    ----------\n    first, second : str\n\n    ", "", "no Parameters"),
        ("Returns\n    -------\n    str\n", "", "no Returns"),
        ("Returns\n    -------", "Gives\n    -----", "no section of numpydoc"),
        ("-> str", "-> None", "returns nothing"),
        ("str\n    '''", "str\n    '''\n    raise ValueError(first)", "no Raises, and raises ValueError"),
        ("Parameters\n    ----------\n", "Raises\n    ------\n    ValueError\n\n    Parameters\n    ----------\n", "another order"),
    ],
)
def test_a_fault_is_found(before, after, fault):
    source = textwrap.dedent(GOOD).replace(before, after, 1) if before else GOOD
    ((_, node, is_method),) = public_definitions(ast.parse(source).body)
    faults = faults_of(node, is_method)
    assert (faults == []) if fault is None else fault in "; ".join(faults)
