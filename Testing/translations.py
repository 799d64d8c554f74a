"""The texts that Slicer can translate, and files of their translations: ``python Testing/translations.py`` brings these up to date.

Slicer's own script (Utilities/Scripts/update_translations.py) finds the same texts by Qt's lupdate: the literals of ``_()``,
``translate()`` and ``QT_TRANSLATE_NOOP()``, and what the .ui files show. Files of translations are named as in
Slicer/SlicerLanguageTranslations; the module Language Tools installs them from a local folder.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "LungSegmentation"
FOLDER = ROOT / "Translations"
SLICERS_OWN = "qSlicerAbstractCoreModule"  # names of categories, which Slicer itself translates
Text = tuple[str, str]
"""Context and source text."""


def context_of(path: Path) -> str:
    """Name the context of a Python file as ``slicer.i18n`` does: the file, after the folder where that is a package."""
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem


def texts() -> list[Text]:
    """List all texts, each once in each context."""
    found = [text for path in sorted(MODULE.rglob("*.py")) for text in _of_python(path)]
    found += [text for path in sorted(MODULE.rglob("*.ui")) for text in _of_ui(path)]
    return [text for text in dict.fromkeys(found) if text[0] != SLICERS_OWN]


def dynamic_calls() -> list[str]:
    """List calls of ``_()`` whose text is no literal: lupdate does not see it."""
    return [
        f"{path.name}:{call.lineno}" for path in sorted(MODULE.rglob("*.py")) for call in _calls(path, "_") if not _literal(call.args[0])
    ]


def translations(path: Path) -> dict[Text, str]:
    """Read a file of translations: those that are finished."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and translation.get("type") is None and translation.text:
                found[context.findtext("name", ""), message.findtext("source", "")] = translation.text
    return found


def write(path: Path, known: dict[Text, str]) -> None:
    """Write a file with all of today's texts; those that are not known stay unfinished."""
    root = ElementTree.Element("TS", {"version": "2.1", "language": path.stem.rpartition("_")[2]})
    contexts: dict[str, ElementTree.Element] = {}
    for name, source in sorted(texts()):
        if name not in contexts:
            contexts[name] = ElementTree.SubElement(root, "context")
            ElementTree.SubElement(contexts[name], "name").text = name
        message = ElementTree.SubElement(contexts[name], "message")
        ElementTree.SubElement(message, "source").text = source
        translation = ElementTree.SubElement(message, "translation")
        if (name, source) in known:
            translation.text = known[name, source]
        else:
            translation.set("type", "unfinished")
    ElementTree.indent(root, "    ")
    head = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n'
    path.write_text(head + ElementTree.tostring(root, encoding="unicode") + "\n", encoding="utf-8")


def _of_python(path: Path) -> Iterator[Text]:
    for call in _calls(path, "_"):
        if text := _literal(call.args[0]):
            yield context_of(path), text
    for call in (*_calls(path, "translate"), *_calls(path, "QT_TRANSLATE_NOOP")):
        if (context := _literal(call.args[0])) and (text := _literal(call.args[1])):
            yield context, text


def _calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _of_ui(path: Path) -> Iterator[Text]:
    root = ElementTree.parse(path).getroot()
    for prop in root.iter("property"):
        is_shown = not any(inner.get("notr") == "true" for inner in prop)
        yield from ((root.findtext("class", ""), item.text) for item in prop.iter("string") if is_shown and item.text)


def main() -> None:
    """Bring every file up to date; say what is to be translated."""
    for path in sorted(FOLDER.glob("*.ts")):
        known, today = translations(path), texts()
        write(path, known)
        print(f"{path.name}: {sum(text not in known for text in today)} of {len(today)} texts are to be translated")


if __name__ == "__main__":
    main()
