"""The benchmark's part on real scans: every method and peer against the references."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from comparison import LUNGS, give_sides, largest_piece_ml, lung_overlaps, surface_distances
from left_out_networks import LeftOutNetworks
from LungSegmentationLib.evaluation.comparison import compare_labels
from LungSegmentationLib.evaluation.gross_errors import gross_errors
from LungSegmentationLib.evaluation.scan_values import ScanValues, scan_values
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import BACKGROUND
from LungSegmentationLib.output.cohort_report import Cohort, write_cohort_report
from run_method import PEER_KEYS, MethodRun, run_method, save_scan
from scans import Case
from table_files import Row, markdown_table, write_csv

COLUMNS = (
    "name",
    "group",
    "method",
    *(f"{measure}_{lung}" for measure in ("dice", "jaccard") for lung in LUNGS),
    *(f"{measure}_{lung}_mm" for measure in ("hd95", "assd") for lung in ("right", "left")),
    "largest_wrongly_in_ml",
    "largest_wrongly_out_ml",
    "gross_added_ml",
    "gross_missed_ml",
    "engine_s",
    "process_s",
    "peak_memory_mb",
    "error",
)
MEAN_COLUMNS = (
    "group",
    "method",
    "scans",
    "dice_both",
    "lowest_dice_both",
    "dice_right",
    "dice_left",
    "jaccard_both",
    "hd95_mm",
    "assd_mm",
    "lungs_missing",
    "largest_wrongly_in_ml",
    "largest_wrongly_out_ml",
    "gross_errors",
    "engine_s",
    "peak_memory_mb",
)
NOTES = """
Means over the scans of a group, made by `make bench`. The lungs' surfaces are compared per lung: HD95 and ASSD are
means over right and left; lungs that a method did not find have none and are counted under lungs_missing. Peers
(source-…) tell no right from left: their voxels count for the nearer lung of the reference. Largest wrongly-in and
wrongly-out are the largest pieces of background taken for lung and of lung left out; gross errors are the scans in which
such a piece, opened by 3 mm, is larger than 30 mL. Seconds are of the method alone,
in a fresh process for each run, reading and writing apart; peak memory is the whole process's.

The network was trained on these scans; network-left-out is the result of networks of the same recipe that never saw
the scan's patient.
"""
GROSS_COLUMNS, GROSS_ML = ("gross_added_ml", "gross_missed_ml"), 30.0
LEFT_OUT_KEY = "network-left-out"
REPORT_NAME = "bench_report.html"
_REPORT_NOTES = (
    "Voxels that nobody can be sure of are left out. Peers (source-…) tell no right from left: their voxels count for the nearer lung.",
    "The network was trained on these scans; network-left-out, where it is there, comes from networks that never saw the patient.",
)


def bench_scans(cases: Sequence[Case], keys: Sequence[str], output: Path, left_out: LeftOutNetworks | None = None) -> None:
    """Run every method and peer on every case; print, and write ``bench.csv``, ``bench.md`` and ``bench_report.html``.

    Parameters
    ----------
    cases : sequence of Case
    keys : sequence of str
        Of methods and peers.
    output : pathlib.Path
    left_out : LeftOutNetworks, optional
        Networks of which one never saw the patient of each case.
    """
    rows: list[Row] = []
    values: list[ScanValues] = []
    for case in cases:
        reference, certain = case.read_reference()
        volume = read_ct(case.ct)
        with tempfile.TemporaryDirectory() as temporary:
            save_scan(volume, Path(temporary))
            models: dict[str, Path | None] = dict.fromkeys(keys)
            if left_out:
                models[LEFT_OUT_KEY] = left_out.card_for(case.name)
            for key, model in models.items():
                run = run_method("network" if model else key, Path(temporary), labels=True, model=model)
                row = {"name": case.name, "group": case.group, "method": key}
                labels = run.labels
                if key in PEER_KEYS:
                    labels = give_sides(labels > 0, np.where(certain, reference, BACKGROUND), volume.spacing_zyx_mm)
                rows.append(row | _agreement(labels, reference, certain, volume.spacing_zyx_mm) | _cost(run))
                compared = compare_labels(labels, reference, volume.spacing_zyx_mm, volume.voxels_hu, ~certain)
                values += scan_values(case.name, case.group, key, compared)
                print(*(f"{name}={rows[-1][name]}" for name in COLUMNS if rows[-1][name] not in ("", None)), flush=True)
    methods = list(dict.fromkeys(str(row["method"]) for row in rows))
    means = [_mean_row(group, key, rows) for group in sorted({case.group for case in cases}) for key in methods]
    table = markdown_table(MEAN_COLUMNS, means)
    print(f"\n{table}")
    write_csv(output / "bench.csv", COLUMNS, rows)
    (output / "bench.md").write_text(f"# Side by side on real scans\n{NOTES}\n{table}", encoding="utf-8")
    write_cohort_report(output, Cohort(values, notes=_REPORT_NOTES, title="Every method on the shared scans"), name=REPORT_NAME)


def _agreement(
    labels: np.ndarray, reference: np.ndarray, certain: np.ndarray, spacing_zyx_mm: tuple[float, float, float]
) -> dict[str, object]:
    """Compare the labels of one run with the reference; doubtful voxels are background in both."""
    labels = np.where(certain, labels, BACKGROUND)
    reference = np.where(certain, reference, BACKGROUND)
    row: dict[str, object] = dict(lung_overlaps(labels, reference))
    for lung in ("right", "left"):
        (number,) = LUNGS[lung]
        distances = surface_distances(labels == number, reference == number, spacing_zyx_mm)
        row[f"hd95_{lung}_mm"] = None if distances is None else round(distances.hd95_mm, 2)
        row[f"assd_{lung}_mm"] = None if distances is None else round(distances.assd_mm, 3)
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    ours, theirs = np.isin(labels, LUNGS["both"]), np.isin(reference, LUNGS["both"])
    row["largest_wrongly_in_ml"] = round(largest_piece_ml(ours & (reference == BACKGROUND), voxel_ml), 1)
    row["largest_wrongly_out_ml"] = round(largest_piece_ml(theirs & (labels == BACKGROUND), voxel_ml), 1)
    gross = gross_errors(labels, reference, spacing_zyx_mm, ~certain)
    row["gross_added_ml"], row["gross_missed_ml"] = round(gross.added_ml, 1), round(gross.missed_ml, 1)
    return row


def _cost(run: MethodRun) -> dict[str, object]:
    return {
        "engine_s": round(run.engine_s, 2),
        "process_s": round(run.process_s, 2),
        "peak_memory_mb": round(run.peak_memory_mb),
        "error": run.error,
    }


def _mean_row(group: str, key: str, rows: Sequence[Row]) -> dict[str, object]:
    """Average the rows of one group and method; empty cells are left out."""
    chosen = [row for row in rows if row["group"] == group and row["method"] == key]

    def mean(names: Sequence[str], decimals: int) -> float | None:
        values = [float(str(row[name])) for row in chosen for name in names if row[name] is not None]
        return round(float(np.mean(values)), decimals or None) if values else None

    return {
        "group": group,
        "method": key,
        "scans": len(chosen),
        "lowest_dice_both": min(float(str(row["dice_both"])) for row in chosen),
        **{name: mean([name], 4) for name in ("dice_both", "dice_right", "dice_left", "jaccard_both")},
        "hd95_mm": mean(["hd95_right_mm", "hd95_left_mm"], 2),
        "assd_mm": mean(["assd_right_mm", "assd_left_mm"], 3),
        "lungs_missing": sum(row[f"hd95_{lung}_mm"] is None for row in chosen for lung in ("right", "left")),
        **{name: mean([name], 1) for name in ("largest_wrongly_in_ml", "largest_wrongly_out_ml")},
        "gross_errors": sum(max(float(str(row[name])) for name in GROSS_COLUMNS) > GROSS_ML for row in chosen),
        "engine_s": mean(["engine_s"], 2),
        "peak_memory_mb": mean(["peak_memory_mb"], 0),
    }
