"""The command ``lungsegmentation evaluate``: how well labels agree with a reference."""

from __future__ import annotations

import argparse
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .options import add_comparison, add_output, add_run_options, comparison_of, progress_of
from .terminal import given_path, report_text, write_text

if TYPE_CHECKING:
    from ..evaluation.pair import PairEvaluation
    from ..tables.rows import Table

_SHORT_TITLES = {
    "name": "Region",
    "dice": "Dice",
    "result_ml": "Result",
    "reference_ml": "Reference",
    "relative_volume_difference_percent": "Difference",
    "hausdorff_95_mm": "95 % HD",
    "average_surface_distance_mm": "ASSD",
}


def add_evaluate(commands: Any) -> None:
    """Add the command to the parser's commands."""
    evaluate = commands.add_parser(
        "evaluate",
        help="compare labels with a reference",
        description="Compares the labels of a scan with a reference and writes how well they agree into a folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            files written (all of them or none):
              evaluation.csv          overlap, volumes, density and surface distances of each region
              evaluation.xlsx         all tables as one workbook
              evaluation.json         all tables for programs
              difference.nii.gz       1 missed, 2 wrongly added, 3 lung on the wrong side
              differences.png         the slices with most differences
              evaluation_report.html  one page with table, picture and curves; opens offline

            RESULT and REFERENCE may be a label map (NIfTI, NRRD, MetaImage), a .seg.nrrd file, a DICOM
            segmentation (SEG) or structure set (RTSTRUCT), or a folder of `lungsegmentation segment`. Segments
            are known by their SNOMED codes, outlines by their names (such as Lung_R); a labels map names them
            by number instead."""),
        allow_abbrev=False,
    )
    evaluate.add_argument("result", metavar="RESULT", type=given_path, help="labels to evaluate, or a result folder")
    evaluate.add_argument("reference", metavar="REFERENCE", type=given_path, help="reference labels")
    add_output(evaluate, "files")
    evaluate.add_argument("--ct", metavar="CT", type=given_path, help="the scan, for differences in density and for the pictures")
    evaluate.add_argument(
        "--probability", metavar="FILE", type=given_path, help="map of the probability of lung, 0 to 1 or 0 to 255: ROC curve"
    )
    evaluate.add_argument("--doubt", metavar="FILE", type=given_path, help="mask of voxels that nobody can be sure of, to be left out")
    add_comparison(evaluate, "RESULT", "REFERENCE")
    add_run_options(evaluate, "files of an earlier evaluation")
    evaluate.set_defaults(run=run_evaluate)


def run_evaluate(options: argparse.Namespace) -> None:
    """Read both label maps, compare them, and write the files.

    Raises
    ------
    InputError, OutputError
        When an input cannot be used or the files cannot be written.
    """
    optional = (options.ct, options.probability, options.doubt)
    inputs = [options.result, options.reference, *(path for path in optional if path is not None)]
    comparison = comparison_of(options)
    from ..output.atomic_folder import atomic_folder
    from ..output.evaluation_files import EVALUATION_NAMES, write_evaluation

    with (
        atomic_folder(options.output, EVALUATION_NAMES, options.overwrite, inputs) as staging,
        progress_of(options) as progress,
    ):
        from ..evaluation.pair import evaluate_pair

        progress(0.0, "Reading and comparing")
        pair = evaluate_pair(
            options.result,
            options.reference,
            options.ct,
            options.probability,
            options.doubt,
            **comparison,
        )
        progress(0.7, "Writing")
        write_evaluation(pair, staging)
    if not options.quiet:
        title = f"{pair.name}: {options.result.name} against {options.reference.name}"
        write_text(sys.stdout, report_text(title, _short_table(pair), pair.warnings, options.output, EVALUATION_NAMES))


def _short_table(pair: PairEvaluation) -> Table:
    from ..evaluation.comparison_tables import comparison_table
    from ..tables.rows import Table

    table = comparison_table(pair.comparisons)
    columns = tuple(replace(column, title=_SHORT_TITLES[column.key]) for column in table.columns if column.key in _SHORT_TITLES)
    return Table(table.title, columns, table.rows)
