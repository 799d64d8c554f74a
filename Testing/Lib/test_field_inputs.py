"""Inputs as users have them, made from real scans: right, or the true cause is named; all kinds are run by ``make field``."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from field_changes import CHANGES, KINDS, changes_for
from field_inputs import rows_of
from scans import read_cases

SELECTION = {
    "tb1_002": ("frame of 0 HU", "quarter turn", "pneumothorax, left lung 0.75"),
    "tb1_001": ("round field that cuts, -1000 HU", "front and back exchanged", "bulla of 80 mm, right"),
}


@pytest.mark.parametrize("name", SELECTION)
def test_real_scans_stay_right_or_say_why(shared_data, name):
    (case,) = read_cases(shared_data / "cases.csv", [name])
    rows = rows_of(case, SELECTION[name], ["connected-components"])
    assert {row["change"] for row in rows} == {"unchanged", "labels exchanged", *SELECTION[name]}
    # Of the unchanged scan nothing may be said but what holds of it: a real bulla is.
    spoken = [row["said"] for row in rows if row["change"] == "unchanged" and row["verdict"] == "speaks"]
    assert all("without lung structure" in str(text) for text in spoken)
    wrong = [(row["change"], row["dice_right"], row["dice_left"], row["said"]) for row in rows if row["verdict"] == "wrong"]
    assert not wrong


def test_a_small_child_of_a_real_scan_is_right_by_the_default(shared_data):
    (case,) = read_cases(shared_data / "cases.csv", ["tb1_002"])  # with a chest wall as thin as a child's
    (changed,) = (row for row in rows_of(case, ["size 0.45"], ["network"]) if row["change"] == "size 0.45")
    assert changed["verdict"] == "right", changed


def test_each_change_is_used_over_the_scans_and_each_kind_on_every_scan():
    chosen = [changes_for(number, 1) for number in range(24)]
    assert {name for names in chosen for name in names} == set(CHANGES)
    assert all([CHANGES[name].kind for name in names] == list(KINDS) for names in chosen)
