"""The course of a training as a picture."""

from __future__ import annotations

import csv
from pathlib import Path


def draw_curves(curve_csv: Path, picture: Path) -> None:
    """Draw loss and validation loss against the slices seen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with curve_csv.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    samples = [int(row["samples"]) for row in rows]
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(samples, [float(row["loss"]) for row in rows], label="training")
    checked = [(count, float(row["validation_loss"])) for count, row in zip(samples, rows, strict=True) if row["validation_loss"]]
    if checked:
        axes.plot(*zip(*checked, strict=True), label="validation")
    axes.set_xlabel("slices seen")
    axes.set_ylabel("loss")
    axes.set_yscale("log")
    axes.legend()
    figure.savefig(picture, dpi=120)
    pyplot.close(figure)
