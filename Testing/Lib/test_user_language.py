"""What the engine says in English is shown in German: findings, coverage, notes, warnings and errors."""

import ast
import csv
import errno
import itertools
import re
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from phantoms import phantom_of
from shown_texts import function_of, literals, pattern_of, sentences

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import translations
from LungSegmentationAdapter.Panel import Templates
from LungSegmentationAdapter.Panel.ErrorTexts import ERRORS
from LungSegmentationAdapter.Panel.FindingTexts import FINDINGS
from LungSegmentationAdapter.Panel.PhraseTexts import PHRASES
from LungSegmentationAdapter.Panel.WarningTexts import WARNINGS
from LungSegmentationLib.anatomy import stance
from LungSegmentationLib.anatomy.lungs import _cut_warnings
from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.errors import InputError, OutputError
from LungSegmentationLib.evaluation.comparison import compare_labels
from LungSegmentationLib.evaluation.exchanged_sides import exchanged_sides
from LungSegmentationLib.io.hounsfield import check_hounsfield
from LungSegmentationLib.output.atomic_folder import atomic_folder
from LungSegmentationLib.output.result_folder import write_whole
from LungSegmentationLib.quality.coverage import field_of_view, region_flag
from LungSegmentationLib.quality.findings import merged_findings
from LungSegmentationLib.quality.flag import KINDS, Place
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.geometry import _FACES, GAPS, ROUND_EDGE
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.region_of_interest import RegionOfInterest
from LungSegmentationLib.registry import METHODS, choose_method
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import AxisOrder, CtVolume
from verdict_faults import FAULTS, Scene

LIB, ADAPTER = translations.MODULE / "LungSegmentationLib", translations.MODULE / "LungSegmentationAdapter"
FIELD = {"shape_zyx": (82, 96, 96), "spacing_zyx_mm": (4.0, 3.9, 3.9)}
ALL = (*FINDINGS, *WARNINGS, *ERRORS, *PHRASES)

# A flag that passes is not shown.
PASSES = (
    "It could not be judged",
    "It was not judged",
    "Nothing speaks against the header",
    "The method does not tell how sure it is",
    "The network is sure of the lungs",
    "The image ends at the top within the lungs",
    "The network takes no large dense tissue",
    "The slices are close enough",
    "The vessels fill as much of the lungs",
)
WARNING_FILES = ("anatomy/lungs.py", "evaluation/exchanged_sides.py", "methods/threshold.py", "scan_field/fill_warnings.py")
OF_ONE_SIDE = re.compile(r"\b(right|left) (lung|side|one|half)\b|on the (right|left)\b|patient's (right|left)\b")
OF_BOTH = re.compile(r"[Rr]ight and (no )?left (lung|were|are)|the heart")
LOGGED = ("ONNX Runtime %s was tried: %s", "it gives the same labels as numpy")
WARNING_FUNCTIONS = (
    ("network/onnx_session.py", "open_session"),
    ("network/onnx_session.py", "first_that_starts"),
    ("network/runtime_trial.py", "_try_out"),
    ("network/runtime_trial.py", "why_not_onnxruntime"),
)
OF_READERS = ("of saturated metal", "off the right angle", "exchanged in the labels")  # of files, which Slicer reads
OF_FILES = "evaluation/pair.py"
ERROR_FILES = ("anatomy/chest.py", "methods/lungs.py", "network/postprocessing.py", "region_of_interest.py", "registry.py")
ERROR_FUNCTIONS = (
    ("io/hounsfield.py", "check_hounsfield"),
    ("volume.py", "check_extent"),
    ("pipeline.py", "segment"),
    ("pipeline.py", "_check_slices"),
    ("network/model_store.py", "find_model"),
    ("network/model_store.py", "_model_of"),
)
# Called from Python only, or by the command line; and what the panel's own widgets cannot bring about.
OTHER_FILES = ("SceneFile.py", "Centrelines.py")
OTHER_ERRORS = ("the label map is", "the label map holds the label", "none (no network", "a BackgroundRun is started once")


@cache
def german():
    return translations.translations(translations.FOLDER / "LungCTSegmentation_de.ts")


def in_german(text):
    return Templates.translated(text, lambda context, source: german()[context, source] if source not in ("; ", ", ") else source)


def words(text):
    return set(re.findall(r"[^\W\d_]{2,}", text))


@cache
def german_words():
    return set().union(*(words(german()[text]) for text in ALL))


def assert_german(text, *given):
    """Every word is one of the German texts, or a name that was given."""
    shown = in_german(text)
    assert shown != Templates.asSentence(text) and shown != text, text
    foreign = words(shown) - german_words() - set().union(*map(words, given))
    assert not foreign, f"{text!r} is shown as {shown!r}"
    return shown


@cache
def healthy():
    phantom = phantom_of(**FIELD)
    return Segmentation(phantom.volume, phantom.labels, "truth")


@cache
def flags_of_healthy():
    return quality_flags(healthy())


def known(text):
    """Tell whether a text of the code, with any value put in, is in the templates."""
    return all(any(pattern_of(sentence).search(source) for _, source in ALL) for sentence in sentences(text))


def unknown(texts):
    return sorted({text for text in texts if not known(text)})


def test_every_reason_of_a_flag_that_does_not_pass_has_a_template():
    passing = {flag.reason.removesuffix(".") for flag in flags_of_healthy() if flag.verdict == "pass"}
    texts = [text for path in sorted((LIB / "quality").glob("*.py")) for text in literals(ast.parse(path.read_text(encoding="utf-8")))]
    reasons = [text for text in texts if text.rstrip().endswith((".", ":")) and text.count(" ") > 2]
    assert len(reasons) > 40
    assert unknown(text for text in reasons if text.removesuffix(".") not in passing and not text.startswith(PASSES)) == []


def test_every_warning_has_a_template():
    makers = {
        path.relative_to(LIB).as_posix()
        for path in LIB.rglob("*.py")
        if path.relative_to(LIB).parts[0] not in ("api", "cohort", "commands", "io", "output", "review")
        and re.search(r"warnings(\.append\(|\.extend\(| \+?= \[)|\bwarning = ", path.read_text(encoding="utf-8"))
    }
    assert makers == {*WARNING_FILES, OF_FILES}, "the others are of readers of files, which the panel does not use, and of commands"
    files = [LIB / name for name in (*WARNING_FILES, "anatomy/stance.py")]
    files += [ADAPTER / "Scene" / name for name in ("Nodes.py", "Bending.py")]
    texts = [text for path in files for text in literals(ast.parse(path.read_text(encoding="utf-8")), raised=False)]
    texts += [text for name, function in WARNING_FUNCTIONS for text in literals(function_of(LIB / name, function), raised=False)]
    described = {about for method in METHODS for about in (method.title, method.summary, method.reference)}
    described |= {text for method in METHODS for about in method.describe_parameters() for text in (about.title, about.help)}
    assert unknown(text for text in texts if text.count(" ") > 3 and text not in described and text not in LOGGED) == []


def test_every_error_that_the_panel_can_meet_has_a_template():
    files = [path for folder in ("Run", "Scene") for path in sorted((ADAPTER / folder).glob("*.py")) if path.name not in OTHER_FILES]
    roots = [ast.parse(path.read_text(encoding="utf-8")) for path in (*files, *(LIB / name for name in ERROR_FILES))]
    roots += [function_of(LIB / name, function) for name, function in ERROR_FUNCTIONS]
    texts = [text for root in roots for text in literals(root, raised=True) if text.count(" ") > 3]
    texts += [text for text in literals(function_of(ADAPTER / "Run" / "BackgroundRun.py", "_describeFailure")) if text.count(" ") > 3]
    assert len(texts) > 40
    assert unknown(text for text in texts if not text.startswith(OTHER_ERRORS)) == []


def test_what_is_said_of_one_side_is_said_of_the_other_in_both_languages():
    english, of_german = {"right": "left"}, {"rechts": "links", "rechte": "linke", "rechten": "linken"}
    of_one_side = [text for text in (*FINDINGS, *WARNINGS) if OF_ONE_SIDE.search(text[1]) and not OF_BOTH.search(text[1])]
    assert len(of_one_side) >= 20
    for context, source in of_one_side:
        mirrored = OF_ONE_SIDE.sub(lambda found: swapped(found[0], english), source)
        theirs = swapped(german()[context, source].partition(": Rechts")[0], of_german)
        assert german()[context, mirrored].partition(": Rechts")[0] == theirs


def swapped(text, pairs):
    pairs = pairs | {other: word for word, other in pairs.items()}
    return re.sub(r"[^\W\d_]+", lambda word: pairs.get(word[0], word[0]), text)


def test_every_step_of_a_run_can_be_translated():
    folders = ("anatomy", "background", "methods", "network", "vessels")
    files = [path for folder in folders for path in (LIB / folder).rglob("*.py")] + [LIB / "pipeline.py", LIB / "measures.py"]
    texts = [
        text for path in files for text in re.findall(r'(?:progress|stopwatch)\([^"\n]+, "([^"]+)"\)', path.read_text(encoding="utf-8"))
    ]
    assert len(set(texts)) > 20
    assert {("LungSegmentation.Steps", text) for text in texts} - set(german()) == set()


def test_no_english_is_left_of_what_was_said_of_real_scans():
    with (translations.ROOT / "Testing" / "Baselines" / "field_inputs.csv").open(encoding="utf-8", newline="") as file:
        said = {
            (re.sub(r"^\[\w+: \w+\] ", "", text), row["name"]) for row in csv.DictReader(file) for text in row["said"].split(" | ") if text
        }
    shown = [assert_german(text, name) for text, name in said if not any(words in text for words in OF_READERS)]
    assert len(set(shown)) > 100


@pytest.mark.parametrize("name", ["missed base", "sides exchanged"])
def test_no_english_is_left_of_faults_painted_into_a_result(name):
    paint = next(fault.paint for fault in FAULTS if fault.name == name)
    hu, labels = paint(Scene(healthy().volume.voxels_hu, healthy().labels, healthy().volume.spacing_zyx_mm))
    wrong = replace(healthy(), volume=replace(healthy().volume, voxels_hu=hu), labels=labels)
    found = [finding for kind in KINDS for finding in merged_findings(quality_flags(wrong), ()).of_kind[kind]]
    assert found
    for finding in found:
        shown = assert_german(finding.text)
        assert [place.slice_index for place in finding.places] == [int(number) for number in re.findall(r"chicht (\d+),", shown)]


def test_no_english_is_left_of_a_run_on_a_cut_and_filled_chest_with_one_lung():
    made = phantom_of(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))
    hu = np.where(made.labels == 2, np.int16(40), made.volume.voxels_hu)
    hu[28:30] = 0
    result, measures = Job(replace(made.volume, voxels_hu=hu[:50]), "connected-components").run()
    merged = merged_findings(measures.flags, result.warnings)
    assert any("Keine linke Lunge" in assert_german(text) for text in result.warnings)
    texts = [finding.text for kind in KINDS for finding in merged.of_kind[kind]]
    assert any("Das Bild schneidet die Lungen ab: oben (" in assert_german(text) for text in texts)


def test_every_cut_and_every_place_is_named_in_german():
    (flag,) = (flag for flag in flags_of_healthy() if flag.key == "field_of_view")
    ends = [name for names in _FACES for name in names] + [ROUND_EDGE, GAPS]
    for end, missing in itertools.product(ends, ("", ", a large part is missing", ", about 40 mL are missing")):
        assert_german(f"The lungs are cut at {end} (12 cm²{missing}) and the top (3 cm²) of the image: volumes are too small.")
    assert field_of_view(make_quality_grid(healthy())) == flag
    for name in ("bottom", "top", "front", "back", "right", "left", "edge of the round field of view"):
        assert_german(_cut_warnings([name, "bottom"])[0])
    places = [
        Place("", number, side, volume_ml, ((0, 1),) * 3)
        for number, side, volume_ml in ((3, "left", 20.0), (4, "", None), (5, "right", None))
    ]
    where = "; ".join(place.text for place in places)
    assert in_german(f"Aerated lung was left out. {where[:1].upper()}{where[1:]}.") == (
        "Belüftete Lunge wurde ausgelassen. Schicht 3, links, 20 ml; Schicht 4; Schicht 5, rechts."
    )


def test_every_choice_of_words_is_known():
    things = ("gas under them", "air that does not hang together with them", "the trachea")
    for count in (1, 2, 3):
        for found in itertools.combinations(things, count):
            assert_german(f"The lungs hold {' and '.join(found)}: stomach, bowel or airways may have been taken for lung.")
    for wrong in ("The aorta", "Fat", "The aorta and fat", "Fat and the aorta"):
        assert_german(f"{wrong} may have been taken for lung.")
    for missing in ("right", "left", "right and no left"):
        assert_german(f"No {missing} lung was found: removed, without air, or missed.")
    for values, counts in itertools.product(
        ("0", "-50 and 3"), ("1 at the lower end", "1 at the lower end and 2 between others and 3 at the upper end")
    ):
        assert_german(f"6 of 80 axial slices ({counts}) hold nothing but {values} HU: they were not measured, and were left out")
    for advice in ("choose another method than Threshold, or allow the installation", "export CSV files, or allow the installation"):
        assert_german(f"Package was not installed; {advice}", "Package", "Threshold")
    for name, other in (("frame 3 of 10 (time 2.5 s)", "no sequence"), ("frame 3 of 10 (time 2.5 s)", "frame 4 of 10 (time 3 s)")):
        assert_german(
            f"'A' was made of {name} of 'B', which now shows {other}; choose that frame (module Sequences), or segment this one", "time"
        )


def test_every_stance_is_named_in_german():
    for axes, flips in itertools.product(itertools.permutations(range(3)), itertools.product((False, True), repeat=3)):
        order = AxisOrder(axes, flips)
        if order.axes == (0, 1, 2) and not any(order.flipped[:2]):
            continue
        for on_left in (None, True, False):
            found = stance.Stance(
                order, stance._contradiction(order), f"The image was turned to segment it; {stance._sides(order, on_left)}"
            )
            assert_german(found.warning)
    for doubt in ("the spine runs from what it calls front to back", "the two sides mirror each other from what it calls feet to head"):
        assert_german(stance._doubtful(doubt).warning)


def test_exchanged_sides_are_named_in_german():
    labels = healthy().labels
    exchanged = np.choose(labels, np.array([0, 2, 1, 3], np.uint8))
    comparisons = compare_labels(exchanged, labels, healthy().volume.spacing_zyx_mm)
    found = exchanged_sides(comparisons, exchanged, labels, healthy().volume, "the segmentation", "the reference", has_ct=True)
    assert len(found) == 2
    for text in found:
        assert_german(text)


def test_a_region_s_name_stays_as_it_is():
    name = "R of the left lung, which holds 3 % of it"
    flag = region_flag(replace(healthy(), whole_labels=healthy().labels), RegionOfInterest(name, tuple(map(tuple, np.eye(4)))))
    assert f"'{name}' liegt" in assert_german(flag.reason, name) and "100 % der Lungen" in in_german(flag.reason)


def errors():
    flat = np.full((40, 40, 40), 40, np.int16)
    low = np.where(np.arange(40) < 20, 0, 1000).astype(np.int16) * np.ones((40, 40, 1), np.int16)
    volumes = (flat, flat - 3000, np.clip(low, 0, 255), low, low + 500, np.clip(low, 0, 1) - 1000)
    for voxels in volumes:
        yield check_hounsfield, CtVolume(voxels, (5.0, 5.0, 5.0), name="Of the left")
    body = np.full((40, 40, 40), -1000, np.int16)
    body[:, 8:32, 8:32] = 40
    yield lambda volume: Job(volume, "connected-components").run(), CtVolume(body, (5.0, 9.0, 9.0), name="Of the left")
    yield lambda volume: Job(volume, "connected-components").run(), CtVolume(body[:1], (5.0, 9.0, 9.0), name="Of the left")


def test_errors_of_real_scans_are_shown_in_german():
    for run, volume in errors():
        with pytest.raises(InputError) as caught:
            run(volume)
        assert_german(str(caught.value), volume.name, "connected-components")
    with pytest.raises(InputError) as caught:
        choose_method("no such one")
    assert_german(str(caught.value), str(caught.value))
    assert_german(choose_method()[1], "compact")


def test_what_the_system_refuses_is_shown_in_german(tmp_path):
    def write(path):
        raise OSError(errno.ENOSPC, "Full")

    with pytest.raises(OutputError) as caught:
        write_whole(write, tmp_path / "Density")
    assert_german(str(caught.value), "Density", "full")
    (tmp_path / "File").touch()
    with pytest.raises(OutputError) as caught, atomic_folder(tmp_path / "File" / "Folder", ()):
        pass
    assert_german(str(caught.value), str(tmp_path / "File" / "Folder"), "not a directory")


def test_what_is_not_known_stays_english_and_braces_of_a_translation_do_no_harm():
    for text in ("something odd; do this", "Slice of bread.", "of two lines\nthe second", ""):
        assert in_german(text) == text
    assert in_german("aerated lung was left out. Something odd.") == "Belüftete Lunge wurde ausgelassen. Something odd."
    assert (
        Templates.translated("CT has the same value 3 everywhere; x", lambda _context, text: text)
        == "CT has the same value 3 everywhere; x"
    )
    assert Templates.translated("Slice 3.", lambda _context, _text: "{0} {x} {places") == "{0} {x} {places"


def test_a_template_matches_itself_and_no_other_takes_its_place():
    filled = {"places": "3, left", "advice": "export CSV files, or allow the installation", "kind": "an image without its DICOM files"}
    for context, source in ALL:
        names, asked = Templates._BRACES.findall(source), []
        values = {name: filled.get(name, "right" if name in Templates._IN_PHRASES else "7") for name in names}
        text = Templates._BRACES.sub(lambda braces, values=values: values[braces[1]], source)

        def translate(context, text, asked=asked):
            asked.append((context, text))
            return text

        if source in Templates._SEPARATORS:
            continue
        show = Templates._phrase if (context, source) in PHRASES else Templates.translated
        assert show(text, translate) == text and (context, source) in asked, source
