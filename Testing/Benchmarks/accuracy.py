"""Accuracy of the methods on scans that were no part of their training, with 95 % intervals, from the tables of ``Testing/Baselines``.

    python accuracy.py [BASELINES]

The interval is Student's t interval of the mean over patients; no patient has two scans here. With 5 to 11 patients in a group the
bootstrap, which `lungsegmentation evaluate-cohort` takes, would give intervals that are too narrow.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from table_files import markdown_table, read_csv

BASELINES = Path(__file__).resolve().parents[1] / "Baselines"
GROUPS = ("healthy", "sick")
NETWORK = "network"
CLASSICAL = ("connected-components", "threshold", "contour-tracking")
# Networks that never saw the scan's patient, by the table of their scans.
LEFT_OUT = {
    NETWORK: "compact_networks_scans.csv",
    "compact, 12 scans": "compact_scans.csv",
    "resnet": "resnet_scans.csv",
    "unet": "unet_scans.csv",
}


@dataclass(frozen=True)
class Accuracy:
    """Dice of both lungs over the patients of one group.

    Parameters
    ----------
    patients : int
    mean, lowest : float
    interval : tuple of float
        95 % confidence interval of the mean.
    """

    patients: int
    mean: float
    lowest: float
    interval: tuple[float, float]

    @property
    def text(self) -> str:
        """Mean with its interval and the number of patients."""
        low, high = self.interval
        return f"{self.mean:.3f} ({low:.3f} to {high:.3f}, n = {self.patients})"


def accuracy(dice: list[float]) -> Accuracy:
    """Give mean, lowest and the 95 % t interval, which ends at 1; of at least two patients."""
    if len(dice) < 2:
        raise ValueError(f"{len(dice)} patients have no interval; at least 2 do")
    mean, error = float(np.mean(dice)), float(np.std(dice, ddof=1)) / math.sqrt(len(dice))
    half = float(stats.t.ppf(0.975, len(dice) - 1)) * error
    return Accuracy(len(dice), mean, min(dice), (mean - half, min(mean + half, 1.0)))


def unseen_scans(method: str, baselines: Path = BASELINES) -> list[dict[str, str]]:
    """List the rows (name, group, dice_both, ...) of a method on the scans that were no part of its training."""
    if method not in LEFT_OUT:
        return [row for row in read_csv(baselines / "bench.csv") if row["method"] == method]
    rows = read_csv(baselines / "left_out" / LEFT_OUT[method])
    if "Region" not in rows[0]:
        return rows
    lungs = [row for row in rows if row["Region"] == "Both lungs"]  # as evaluate-cohort writes them
    return [{"name": row["Scan"], "group": row["Group"], "dice_both": row["Dice coefficient"]} for row in lungs]


def accuracies(rows: list[dict[str, str]]) -> dict[str, Accuracy]:
    """Give the accuracy in each group of such rows."""
    return {group: accuracy([float(row["dice_both"]) for row in rows if row["group"] == group]) for group in GROUPS}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("baselines", nargs="?", type=Path, default=BASELINES, help="folder of the tables")
    baselines = parser.parse_args().baselines
    columns = ("method", *GROUPS, "lowest")
    rows = []
    for method in (*LEFT_OUT, *CLASSICAL):
        found = accuracies(unseen_scans(method, baselines))
        lowest = min(group.lowest for group in found.values())
        rows.append({"method": method, **{group: found[group].text for group in GROUPS}, "lowest": f"{lowest:.3f}"})
    print(markdown_table(columns, rows), end="")


if __name__ == "__main__":
    main()
