"""Every text of module and panel can be translated, and German is complete."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import translations
from LungSegmentationLib.labels import REGIONS, VESSEL_REGIONS
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.presets.window_level import window_level_presets
from LungSegmentationLib.registry import METHODS

GERMAN = translations.FOLDER / "LungCTSegmentation_de.ts"


def placeholders(text):
    """As ``slicer.i18n.tr`` compares them: a translation with others is not used."""
    return set(re.findall(r"(?<!\{)\{([^\{\}]+)\}(?!\})", text))


def test_german_is_complete_and_its_placeholders_agree():
    known, today = translations.translations(GERMAN), translations.texts()
    assert set(known) == set(today) and len(today) > 180, "run: python Testing/translations.py, and translate what is unfinished"
    for (_context, source), translation in known.items():
        assert placeholders(translation) == placeholders(source), source
        assert (source[0].isspace(), source[-1].isspace()) == (translation[0].isspace(), translation[-1].isspace()), source
        assert source.rstrip(".").endswith("Other") or source.endswith("...") or source.endswith(".") == translation.endswith("."), source


def test_writing_the_file_again_changes_nothing(tmp_path):
    again = tmp_path / GERMAN.name
    translations.write(again, translations.translations(GERMAN))
    assert again.read_text(encoding="utf-8") == GERMAN.read_text(encoding="utf-8")


def test_texts_are_literals_that_lupdate_finds():
    assert translations.dynamic_calls() == []
    assert translations.context_of(translations.MODULE / "LungSegmentation.py") == "LungSegmentation"
    assert translations.context_of(translations.MODULE / "LungSegmentationAdapter" / "Panel" / "PanelRun.py") == "Panel.PanelRun"


def test_the_engines_names_are_among_them():
    texts = [("Labels", region.name) for region in (*REGIONS, *VESSEL_REGIONS)]
    for method in METHODS:
        texts += [("Methods", method.title), ("Methods", method.summary)]
        texts += [("Methods", text) for about in method.describe_parameters() for text in (about.title, about.help)]
    texts += [("Presets", preset.title) for preset in window_level_presets()]
    texts += [("Networks", find_model(name).card.title) for name in ("compact", "compact-float32", "resnet", "unet")]
    missing = {(f"LungSegmentation.{context}", text) for context, text in texts} - set(translations.texts())
    assert missing == set(), "Panel/EngineTexts.py lists them"


def test_qt_finds_the_same_texts(tmp_path):
    """Qt's lupdate, after ``_(`` was replaced as Slicer's script does it."""
    lupdate = shutil.which("pyside6-lupdate", path=str(Path(sys.executable).parent))
    if lupdate is None:
        pytest.skip("pyside6-lupdate is not installed")
    files = []
    for path in [*translations.MODULE.rglob("*.py"), *translations.MODULE.rglob("*.ui")]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            if "slicer.i18n" not in text:
                continue
            text = re.sub(r"(?<![\w.])_\(\s*", f'translate("{translations.context_of(path)}", ', text)
        copy = tmp_path / str(len(files)) / path.name
        copy.parent.mkdir()
        copy.write_text(text, encoding="utf-8")
        files.append(str(copy))
    done = subprocess.run([lupdate, *files, "-ts", str(tmp_path / "found.ts")], capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    content = translations.ElementTree.parse(tmp_path / "found.ts").getroot()
    found = {
        (context.findtext("name"), message.findtext("source")) for context in content.iter("context") for message in context.iter("message")
    }
    assert {text for text in found if text[0] != translations.SLICERS_OWN} == set(translations.texts())
