"""Each finding once: warnings of real runs that a flag repeats, and flags about the same piece of tissue."""

from dataclasses import replace

import numpy as np
import pytest
from phantoms import phantom_of

from LungSegmentationLib.background.jobs import Job
from LungSegmentationLib.quality.findings import merged_findings
from LungSegmentationLib.quality.flag import KINDS, Place, QualityFlag

TISSUE_HU = 40


def phantom():
    return phantom_of(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7))


def solid(*labels):
    """The phantom with some of its regions, and what lies in them, as dense as tissue."""
    made = phantom()
    return replace(made.volume, voxels_hu=np.where(np.isin(made.labels, labels), np.int16(TISSUE_HU), made.volume.voxels_hu))


def upside_down():
    volume = phantom().volume
    return replace(volume, voxels_hu=np.ascontiguousarray(volume.voxels_hu[::-1]))


@pytest.mark.parametrize(
    ("volume", "key", "warning"),
    [
        (lambda: phantom().volume, "field_of_view", "does not hold the whole lungs"),
        (lambda: solid(3), "trachea", "no trachea was found"),
        (lambda: solid(2), "right_share", "no left lung was found"),
        (upside_down, "header", "was turned to segment it"),
    ],
    ids=["cut", "no trachea", "one lung", "head down"],
)
def test_a_warning_of_a_real_run_that_a_flag_repeats_is_not_said_again(volume, key, warning):
    result, measures = Job(volume(), "connected-components").run()
    assert any(warning in text for text in result.warnings)
    (flag,) = (flag for flag in measures.flags if flag.key == key)
    merged = merged_findings(measures.flags, result.warnings)
    said = [finding.text for kind in KINDS for finding in merged.of_kind[kind]]
    assert sum(text.startswith(flag.reason) for text in said) == 1
    assert not any(warning in text for text in merged.warnings)
    if key == "header":
        (text,) = (text for text in said if text.startswith(flag.reason))
        assert text.removeprefix(flag.reason).startswith(" The image was turned to segment it"), "what the warning says more is kept"
    others = [text for text in result.warnings if warning not in text]
    assert set(merged.warnings) <= set(others)


def flag(key, verdict="review", places=(), kind="quality", reason=None):
    return QualityFlag(key, key, kind, 1.0, "mL", "", verdict, reason or f"{key.capitalize()} stands out.", tuple(places))


def place(start, stop=None, volume_ml=50.0):
    return Place("tissue", start, "left", volume_ml, ((start, stop or start + 10), (0, 10), (0, 10)))


def texts(*flags, warnings=()):
    return [finding.text for finding in merged_findings(flags, warnings).of_kind["quality"]]


def test_flags_about_the_same_piece_say_it_once_the_worst_first():
    same = [
        flag("surrounded_tissue", places=[place(0)]),
        flag("dense_tissue", "fail", [place(2)]),
        flag("missing_tissue", places=[place(40)]),
    ]
    assert texts(*same) == [
        "Dense_tissue stands out. Slice 2, left, 50 mL.",
        "Missing_tissue stands out. Slice 40, left, 50 mL.",
    ]
    both = flag("unsure_tissue", places=[place(0), place(40)])
    assert texts(both, flag("surrounded_tissue", places=[place(0), place(80)]))[1] == "Surrounded_tissue stands out. Slice 80, left, 50 mL."
    assert len(texts(both, flag("foreign_air", places=[place(0)]))) == 2, "air is another finding"
    assert len(texts(flag("surrounded_tissue", places=[place(0)]), flag("missing_tissue", places=[place(6)]))) == 2, (
        "they touch by four of ten"
    )


def test_what_no_flag_says_stays_and_what_is_said_twice_is_said_once():
    cut = "the image does not hold the whole lungs: they are cut at the top; volumes are those of the part shown"
    passing = flag("field_of_view", "pass", kind="coverage")
    assert merged_findings([passing], [cut, "clipped", "clipped"]).warnings == (cut, "clipped")
    standing = flag("field_of_view", "cut", kind="coverage")
    assert merged_findings([standing], [cut, "clipped", "clipped"]).warnings == ("clipped",)
