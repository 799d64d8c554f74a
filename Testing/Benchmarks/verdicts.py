"""Is the verdict to be believed? Results as they come, and results with faults painted into them.

    python verdicts.py CASES.csv --output FOLDER [--scan NAME ...] [--method KEY ...] [--networks FOLDER]

Every result of every method is judged as it is, right where its largest wrong piece is at most 30 mL. Into one right result of each scan
each kind of fault is painted. Writes ``verdicts.csv`` (a row a case) and ``verdicts.md`` (a row a kind).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from left_out_networks import LeftOutNetworks, parameters_for
from LungSegmentationLib.evaluation.gross_errors import gross_errors
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.quality.flag import standing_out
from LungSegmentationLib.quality.flags import quality_flags, quality_verdict
from LungSegmentationLib.quality.grid import make_quality_grid
from LungSegmentationLib.segmentation import Evidence, Segmentation
from LungSegmentationLib.volume import CtVolume
from scans import Case, read_cases
from table_files import Row, markdown_table, write_csv
from verdict_faults import FAULTS, Scene

METHODS = ("network", "connected-components")
GROSS_ML = 30.0
COLUMNS = ("scan", "half", "case", "method", "added_ml", "missed_ml", "swapped_ml", "right", "verdict", "findings", "where")
SUMMARY_COLUMNS = ("case", "half", "cases", "pass", "review", "fail", "as it should be")
GOOD, GROSS = "right as it came", "gross error as it came"
NOTES = f"""
Made by `make verdicts`. A result that came right (largest wrong piece at most {GROSS_ML:g} mL) should pass; a gross error, painted or not,
should be "review" or "fail". Faults are painted into one right result of each scan, brought to the sample of about 4 mm that the
verdict looks at; a fault smaller than {GROSS_ML:g} mL there is no case (trachea and exchanged sides apart). The scans are dealt to
halves A and B in turn. Most limits were reasoned; those on soft tissue in place of lung, on aerated lung left out, on the size of
dense pieces, on lung to the right of the aorta and on the network's uncertainty were set with scans of both halves in view, so that B is
no independent check of these five.
"""


def main() -> None:
    """Judge every case and write the tables."""
    parser = argparse.ArgumentParser(description="Is the verdict to be believed?")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tables")
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    parser.add_argument("--method", action="append", choices=METHODS, help="only results of this method (may be repeated)")
    parser.add_argument("--networks", type=Path, help="folder of networks trained without some patients; each scan gets one")
    arguments = parser.parse_args()
    networks = LeftOutNetworks(arguments.networks) if arguments.networks else None
    rows: list[Row] = []
    for number, case in enumerate(read_cases(arguments.cases, arguments.scan)):
        for row in judge(case, "AB"[number % 2], arguments.method or METHODS, networks):
            rows.append(row)
            print(*(f"{name}={row[name]}" for name in COLUMNS if row[name] != ""), flush=True)
    write_tables(rows, arguments.output, networks is not None)


def write_tables(rows: Sequence[Row], folder: Path, are_left_out: bool) -> None:
    """Write ``verdicts.csv`` and ``verdicts.md``, and print the latter's table."""
    table = markdown_table(SUMMARY_COLUMNS, summary(rows))
    print(f"\n{table}")
    write_csv(folder / "verdicts.csv", COLUMNS, rows)
    whose = "Each scan was segmented by a network that never saw its patient." if are_left_out else "The network has seen the scans."
    (folder / "verdicts.md").write_text(f"# Verdicts on right and wrong results\n{NOTES}{whose}\n\n{table}", encoding="utf-8")


def judge(case: Case, half: str, methods: Sequence[str], networks: LeftOutNetworks | None) -> Iterator[Row]:
    """Judge a scan's results as they come, and with every fault painted into the first right one."""
    volume = read_ct(case.ct)
    reference, certain = case.read_reference()
    good: Segmentation | None = None
    evidence: Evidence | None = None
    for method in methods:
        result = segment(volume, method, parameters_for(case.name, method, networks))
        if method == "network":
            evidence = result.evidence
        elif networks and evidence:  # the delivered network, which was asked, has seen the scan
            result = replace(result, evidence=replace(evidence, is_second_opinion=True))
        row = judged(result, reference, ~certain) | {"scan": case.name, "half": half, "method": method}
        yield row | {"case": GOOD if row["right"] else GROSS}
        if row["right"] and good is None:
            good = result
    if good is None:
        good = Segmentation(volume, reference, "reference")
    for row in judge_faults(reduced(good)):
        yield row | {"scan": case.name, "half": half, "method": good.method}


def judge_faults(good: Segmentation) -> Iterator[dict[str, object]]:
    """Judge a right result, in canonical order, with each kind of fault painted into it."""
    scene = Scene(good.volume.voxels_hu, good.labels, good.volume.spacing_zyx_mm)
    for fault in FAULTS:
        voxels_hu, labels = fault.paint(scene)
        row = judged(replace(good, volume=replace(good.volume, voxels_hu=voxels_hu), labels=labels), good.labels)
        if not row["right"] or fault.always:
            yield row | {"case": fault.name, "right": False}


def judged(result: Segmentation, truth: np.ndarray, doubt: np.ndarray | None = None) -> dict[str, object]:
    """Give a result's gross errors and its verdict."""
    gross = gross_errors(result.labels, truth, result.volume.spacing_zyx_mm, doubt)
    flags = quality_flags(result)
    found = standing_out(flags, "quality")
    return {
        **{f"{name}_ml": round(getattr(gross, f"{name}_ml"), 1) for name in ("added", "missed", "swapped")},
        "right": gross.largest_ml <= GROSS_ML,
        "verdict": quality_verdict(flags),
        "findings": " ".join(f"{flag.key}={flag.verdict}" for flag in found),
        "where": " | ".join(flag.where for flag in found if flag.places),
    }


def reduced(result: Segmentation) -> Segmentation:
    """Bring a result to the sample that the verdict looks at, in canonical order."""
    grid = make_quality_grid(result)
    evidence = result.evidence
    if evidence is not None and evidence.lung_probability is not None:
        sample = evidence.at(evidence.lung_probability, grid.places_zyx())
        evidence = replace(evidence, factors_zyx=(1, 1, 1), lung_probability=sample)
    volume = CtVolume(grid.sample_hu, grid.sample_spacing_zyx_mm, name=result.volume.name, source=result.volume.source)
    return Segmentation(volume, grid.sample_labels, result.method, uncertainty=result.uncertainty, evidence=evidence)


def summary(rows: Sequence[Row]) -> list[Row]:
    """Count the verdicts of each kind of case, in each half and in both."""
    table: list[Row] = []
    for kind in (GOOD, GROSS, *(fault.name for fault in FAULTS), "every gross error"):
        for half in ("A", "B", "both"):
            chosen = [
                row
                for row in rows
                if (row["case"] == kind or (kind == "every gross error" and row["case"] != GOOD)) and half in (row["half"], "both")
            ]
            counts = {verdict: sum(row["verdict"] == verdict for row in chosen) for verdict in ("pass", "review", "fail")}
            rightly = counts["pass"] if kind == GOOD else counts["review"] + counts["fail"]
            share = f"{100 * rightly / len(chosen):.0f} %" if chosen else ""
            if chosen:
                table.append({"case": kind, "half": half, "cases": len(chosen), **counts, "as it should be": share})
    return table


if __name__ == "__main__":
    main()
