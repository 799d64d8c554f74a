"""Does the network's uncertainty rank scans by their error? Real scans with references, and phantoms with disease of known extent.

    python uncertainty.py CASES.csv --output FOLDER [--model CARD.json]

Writes ``uncertainty.csv`` (one row a case) and prints Spearman's rank correlation of
uncertainty with one minus the Dice coefficient of both lungs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from comparison import lung_overlaps
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import BACKGROUND
from LungSegmentationLib.methods.network import DEFAULT_MODEL
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.volume import CtVolume
from scans import read_cases
from table_files import Row, write_csv

COLUMNS = ("name", "kind", "uncertainty", "one_minus_dice")
# None of these phantoms is one of those that the networks were trained on.
FIRST_SEED = 11
CONSOLIDATIONS, EMPHYSEMAS, NOISES_HU, EFFUSIONS = (0.0, 0.3, 0.6, 1.0), (0.0, 0.5), (20.0, 80.0), (0.0, 0.5)

Truth = tuple[str, str, CtVolume, np.ndarray, np.ndarray]


def real_cases(cases_csv: Path) -> Iterator[Truth]:
    """Give name, kind, volume, reference (uint8) and where it is certain (bool) of each real scan."""
    for case in read_cases(cases_csv):
        reference, certain = case.read_reference()
        yield case.name, "scan", read_ct(case.ct), reference, certain


def phantom_cases() -> Iterator[Truth]:
    """Give the same of phantoms, each with another mixture of disease and noise, on sides in turn."""
    mixtures = product(CONSOLIDATIONS, EMPHYSEMAS, NOISES_HU, EFFUSIONS)
    for seed, (consolidation, emphysema, noise_hu, effusion) in enumerate(mixtures, start=FIRST_SEED):
        phantom = make_phantom(
            seed=seed,
            shape_zyx=(100, 180, 180),
            consolidation=consolidation,
            emphysema=emphysema,
            noise_sd_hu=noise_hu,
            effusion=effusion,
            sick_side=("left", "right")[seed % 2],
        )
        name = f"phantom {seed}: consolidation {consolidation:g}, emphysema {emphysema:g}, noise {noise_hu:g} HU, effusion {effusion:g}"
        yield name, "phantom", phantom.volume, phantom.labels, np.ones(phantom.labels.shape, bool)


def main() -> None:
    """Segment, score and rank every case."""
    parser = argparse.ArgumentParser(description="Does the network's uncertainty rank scans by their error?")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for the table")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="name of a network, or the path of its card")
    arguments = parser.parse_args()
    rows: list[Row] = []
    for cases in (real_cases(arguments.cases), phantom_cases()):
        for name, kind, volume, reference, certain in cases:
            result = segment(volume, "network", {"model": arguments.model})
            ours, theirs = (np.where(certain, array, BACKGROUND) for array in (result.labels, reference))
            error = round(1 - float(lung_overlaps(ours, theirs)["dice_both"]), 4)
            rows.append(dict(zip(COLUMNS, (name, kind, round(float(result.uncertainty or 0), 4), error), strict=True)))
            print(*rows[-1].values(), flush=True)
    for kind in ("scan", "phantom", "scan or phantom"):
        chosen = [row for row in rows if row["kind"] in kind.split(" or ")]
        rank = spearmanr([row["uncertainty"] for row in chosen], [row["one_minus_dice"] for row in chosen]).statistic
        print(f"{kind}: {len(chosen)} cases, Spearman {rank:.2f}")
    write_csv(arguments.output / "uncertainty.csv", COLUMNS, rows)


if __name__ == "__main__":
    main()
