"""All files of one evaluation, in one folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..evaluation.comparison_tables import comparison_table
from ..evaluation.pair import PairEvaluation
from ..tables.csv_files import write_csv
from ..tables.json_file import write_json
from ..tables.rows import Column, Table
from ..tables.workbook import write_workbook
from .evaluation_pictures import differences_picture
from .evaluation_report import probability_table, write_evaluation_report
from .label_files import write_nifti
from .result_folder import write_whole

# The tables for programs are the last to arrive.
EVALUATION_NAMES = (
    "evaluation.csv",
    "evaluation.xlsx",
    "difference.nii.gz",
    "differences.png",
    "evaluation_report.html",
    "evaluation.json",
)


def write_evaluation(pair: PairEvaluation, folder: Path) -> None:
    """Write an evaluation's files one by one into an empty folder.

    Parameters
    ----------
    pair : PairEvaluation
    folder : pathlib.Path
        Exists; see :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`.

    Raises
    ------
    OutputError
        When a file could not be written whole.
    """
    tables = evaluation_tables(pair)
    picture = differences_picture(pair)
    writers: dict[str, Callable[[Path], None]] = {
        "evaluation.csv": lambda path: write_csv(tables["comparison"], path),
        "evaluation.xlsx": lambda path: write_workbook(tables, path),
        "difference.nii.gz": lambda path: write_nifti(pair.difference, pair.volume, path),
        "differences.png": lambda path: picture.save(path, format="PNG", compress_level=4),
        "evaluation_report.html": lambda path: write_evaluation_report(pair, picture, path),
        "evaluation.json": lambda path: write_json(tables, pair.name, path),
    }
    for name in EVALUATION_NAMES:
        write_whole(writers[name], folder / name)


def evaluation_tables(pair: PairEvaluation) -> dict[str, Table]:
    """Make the tables: the comparison, and where there are such the probability map's figures and the warnings."""
    tables = {"comparison": comparison_table(pair.comparisons)}
    probability = probability_table(pair)
    if probability is not None:
        tables["probability"] = probability
    if pair.warnings:
        tables["warnings"] = Table("Warnings", (Column("warning", "Warning"),), tuple({"warning": text} for text in pair.warnings))
    return tables
