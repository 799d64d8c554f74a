"""Make inputs as users have them from real scans, and look whether the result stays right or the cause is named.

    python field_inputs.py CASES.csv --output FOLDER [--method KEY ...] [--scan NAME ...] [--change NAME ...] [--per-kind N]
        [--kind NAME ...] [--update] [--montages FOLDER]

Writes ``field_inputs.csv`` (scan x change x method) and ``field_inputs.md`` (change x method). Without ``--change`` each scan gets one
change of each kind, in turn over the scans; the unchanged scans come first and must be silent. With ``--update`` rows of the table that is
there stay where no new one takes their place: for a change of the engine that is shown to touch one kind only.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from comparison import overlap
from field_changes import CHANGES, KINDS, FieldChange, FieldInput, changes_for
from hard_changes import HardScan
from LungSegmentationLib.errors import LungSegmentationError
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.label_sides import sides_of_labels
from LungSegmentationLib.registry import METHODS
from LungSegmentationLib.volume import to_canonical
from montage import montage
from scans import Case, read_cases
from table_files import Row, markdown_table, read_csv, write_csv

UNCHANGED = "unchanged"
EXCHANGED = "labels exchanged"
COLUMNS = (
    *("name", "change", "method", "verdict", "dice_right", "dice_left", "lost_right", "lost_left", "outside_ml"),
    *("cause_named", "said"),
)
MEAN_COLUMNS = (
    *(
        "change",
        "method",
        "scans",
        "right",
        "named",
        "wrong",
        "lowest_dice_of_a_lung",
        "largest_loss_of_a_lung",
        "worst_scan",
        "outside_ml",
    ),
)
NOTES = """
Real scans, each changed as files and patients of users differ (`Testing/Benchmarks/field_changes.py`), made by `field_inputs.py`.
`dice` compares the result with that of the unchanged scan, less what the change took away; `lost` is what the Dice coefficient
against the reference lost by the change. An input is right where each lung has a Dice of 0.995 or lost at most 0.005, no lung lies
outside, what must be said is said, and no false cause is; named where it is not right, and the result says the true cause; else wrong.
"""
LEAST_DICE, LARGEST_LOSS, OUTSIDE_ML = 0.995, 0.005, 5.0
NEW_CHECKS = (
    r"filled with .* HU|hold nothing but|edge of the round field|slices without a measurement|fit the anatomy|look exchanged"
    r"|without lung structure|saturated metal|right angle"
)
SIDES = (RIGHT_LUNG, LEFT_LUNG)


@dataclass(frozen=True)
class Answer:
    """Labels (uint8, on the grid of the unchanged scan), lung outside it, and all that was said."""

    labels: np.ndarray
    outside_ml: float
    said: tuple[str, ...]


def main() -> None:
    """Segment each scan as it is and changed."""
    parser = argparse.ArgumentParser(description="Make inputs as users have them from real scans, and look what comes of them.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--method", action="append", choices=[method.key for method in METHODS], help="only this method (may be repeated)")
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    parser.add_argument("--change", action="append", choices=[*CHANGES], help="only this change, on every scan (may be repeated)")
    parser.add_argument("--kind", action="append", choices=KINDS, help="only changes of this kind (may be repeated)")
    parser.add_argument("--update", action="store_true", help="keep the other rows of the table that is there")
    parser.add_argument("--per-kind", type=int, default=1, help="changes of each kind a scan, default 1")
    parser.add_argument("--montages", type=Path, help="folder for pictures of what is wrong (patients: never commit them)")
    arguments = parser.parse_args()
    methods = arguments.method or ["network", "connected-components"]
    rows: list[Row] = []
    for number, case in enumerate(read_cases(arguments.cases)):
        if arguments.scan and case.name not in arguments.scan:
            continue
        names = arguments.change or changes_for(number, arguments.per_kind)
        names = [name for name in names if CHANGES[name].kind in (arguments.kind or KINDS)]
        for row in rows_of(case, names, methods, arguments.montages):
            rows.append(row)
            print(*(f"{column}={row[column]}" for column in COLUMNS if row[column] not in ("", None)), flush=True)
    if arguments.update:
        rows = _updated(read_csv(arguments.output / "field_inputs.csv"), rows)
    table = markdown_table(MEAN_COLUMNS, _mean_rows(rows))
    print(f"\n{table}")
    write_csv(arguments.output / "field_inputs.csv", COLUMNS, rows)
    scans = len({row["name"] for row in rows})
    (arguments.output / "field_inputs.md").write_text(f"# Field inputs\n{NOTES}\nScans: {scans}.\n\n{table}", encoding="utf-8")


def rows_of(case: Case, names: Sequence[str], methods: Sequence[str], montages: Path | None = None) -> list[Row]:
    """Give a row for the unchanged scan, for its labels with the sides exchanged, and for each change, by each method."""
    scan = read_scan(case)
    as_it_is = FieldInput(scan.volume, scan.reference, scan.certain)
    before = {method: answer_to(as_it_is, method) for method in methods}
    rows = [_row(case.name, UNCHANGED, method, before[method], before[method], as_it_is, scan, None) for method in methods]
    rows += [_exchanged_row(case.name, method, scan, before[method]) for method in methods]
    for name in names:
        change = CHANGES[name]
        with tempfile.TemporaryDirectory() as folder:
            changed = change.make(scan, np.random.default_rng(0), Path(folder))
        for method in methods:
            answer = answer_to(changed, method)
            row = _row(case.name, name, method, answer, before[method], changed, scan, change)
            rows.append(row)
            if montages and row["verdict"] != "right":
                _draw(changed, answer.labels, montages, f"{case.name}_{name}_{method}".replace(" ", "_"))
    return rows


def read_scan(case: Case) -> HardScan:
    """Read a scan and its reference in canonical orientation."""
    reference, certain = case.read_reference()
    canonical, order = to_canonical(read_ct(case.ct))
    return HardScan(canonical, order.apply(reference), order.apply(certain))


def answer_to(changed: FieldInput, method: str) -> Answer:
    """Segment an input, and note the warnings and every flag that does not pass."""
    try:
        result = segment(changed.volume, method)
    except LungSegmentationError as failure:
        return Answer(np.zeros(changed.reference.shape, np.uint8), 0.0, (str(failure),))
    labels, outside = changed.on_scan(result.labels)
    flags = tuple(f"[{flag.key}: {flag.verdict}] {flag.reason}" for flag in quality_flags(result) if flag.verdict != "pass")
    return Answer(labels, outside * changed.volume.voxel_volume_ml, (*result.warnings, *flags))


def _row(
    name: str,
    change_name: str,
    method: str,
    answer: Answer,
    before: Answer,
    changed: FieldInput,
    scan: HardScan,
    change: FieldChange | None,
) -> Row:
    taken = (changed.reference == BACKGROUND) & (scan.reference != BACKGROUND)
    expected = np.where(taken, np.uint8(BACKGROUND), before.labels)
    dices, losses = [], []
    for side in SIDES:
        dices.append(round(overlap(answer.labels == side, expected == side)[0], 4))
        earlier = overlap((before.labels == side) & scan.certain, (scan.reference == side) & scan.certain)[0]
        now = overlap((answer.labels == side) & changed.certain, (changed.reference == side) & changed.certain)[0]
        losses.append(round(earlier - now, 4))
    new = [text for text in answer.said if text not in before.said] if change else list(answer.said)
    named = bool(change and change.cause and any(re.search(change.cause, text) for text in new))
    false = bool(change and change.must_not_say and any(re.search(change.must_not_say, text) for text in new))
    is_right = all(dice >= LEAST_DICE or loss <= LARGEST_LOSS for dice, loss in zip(dices, losses, strict=True))
    is_right &= answer.outside_ml <= OUTSIDE_ML and (named or not (change and change.must_say)) and not false
    verdict = "right" if is_right else "named" if named and not false else "wrong"
    if change is None:
        new = [text for text in new if re.search(NEW_CHECKS, text)]
        verdict = "speaks" if new else "right"
    figures = (verdict, *dices, *losses, round(answer.outside_ml, 1), named, " | ".join(new))
    return dict(zip(COLUMNS, (name, change_name, method, *figures), strict=True))


def _exchanged_row(name: str, method: str, scan: HardScan, before: Answer) -> Row:
    """Look whether labels whose sides are exchanged are told, and right ones are not."""
    exchanged = np.array([0, 2, 1, 3], np.uint8)[before.labels]
    right, wrong = (sides_of_labels(scan.volume, labels).exchanged for labels in (before.labels, exchanged))
    verdict = "right" if wrong and not right else "wrong"
    figures = (verdict, None, None, None, None, 0.0, bool(wrong), right or wrong)
    return dict(zip(COLUMNS, (name, EXCHANGED, method, *figures), strict=True))


def _updated(earlier: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """Put new rows in the places of the same scan, change and method, and the rest behind."""
    by_key = {(row["name"], row["change"], row["method"]): row for row in new}
    numbers = {"dice_right", "dice_left", "lost_right", "lost_left", "outside_ml"}
    rows = []
    for row in earlier:
        kept = {column: float(str(text)) if column in numbers and text else text for column, text in row.items()}
        rows.append(by_key.pop((row["name"], row["change"], row["method"]), kept))
    return [*rows, *by_key.values()]


def _draw(changed: FieldInput, labels: np.ndarray, folder: Path, title: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hu = np.ascontiguousarray(changed.order.undo(changed.volume.voxels_hu)[changed.inner])
    every = max(1, len(hu) // 15)
    montage(hu, labels, changed.reference, changed.volume.spacing_zyx_mm, every, title).save(folder / f"{title}.png")


def _mean_rows(rows: Sequence[Row]) -> list[Row]:
    means: list[Row] = []
    for change, method in sorted({(str(row["change"]), str(row["method"])) for row in rows}, key=lambda pair: _place(*pair)):
        chosen = [row for row in rows if (row["change"], row["method"]) == (change, method)]
        counts = [sum(row["verdict"] in verdicts for row in chosen) for verdicts in (("right",), ("named",), ("wrong", "speaks"))]
        lowest, largest, worst = None, None, ""
        if change != EXCHANGED:
            dices = [min(float(str(row[f"dice_{side}"])) for side in ("right", "left")) for row in chosen]
            lowest, worst = min(dices), str(chosen[int(np.argmin(dices))]["name"])
            largest = max(float(str(row[f"lost_{side}"])) for row in chosen for side in ("right", "left"))
        outside = max(float(str(row["outside_ml"])) for row in chosen)
        means.append(dict(zip(MEAN_COLUMNS, (change, method, len(chosen), *counts, lowest, largest, worst, outside), strict=True)))
    return means


def _place(change: str, method: str) -> tuple[int, str]:
    return [UNCHANGED, EXCHANGED, *CHANGES].index(change), method


if __name__ == "__main__":
    main()
