"""The command ``lungsegmentation evaluate-cohort``: many results against their references, with statistics and a report."""

from __future__ import annotations

import argparse
import math
import os
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, OutputError
from .options import add_comparison, add_output, add_run_options, comparison_of, progress_of
from .terminal import given_path

if TYPE_CHECKING:
    from ..evaluation.failed_pair import FailedPair
    from ..evaluation.pair import PairEvaluation
    from ..evaluation.pairs_list import Pair
    from ..evaluation.roc import ProbabilityHistogram
    from ..evaluation.scan_values import ScanValues
    from ..output.cohort_report import Cohort
    from ..progress import Progress
    from ..tables.rows import Table

_MOST_REASONS = 3


def add_evaluate_cohort(commands: Any) -> None:
    """Add the command to the parser's commands."""
    evaluate = commands.add_parser(
        "evaluate-cohort",
        help="compare many results with their references and test groups and methods against each other",
        description="Compares each result of a list with its reference and writes statistics and a report into a folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            PAIRS.csv has a header and a row for each pair; paths are relative to its folder:
              name                    of the scan; the same for each method on it
              result, reference       label maps
              ct, probability, doubt  may be missing: CT (for errors in HU), probability map of lung (for the ROC curve),
                                      mask of voxels that are to be left out
              other columns           for --group and --method-column

            files written (all of them or none):
              scans.csv           every metric of each region of each scan
              statistics.csv      mean, SD, 95 % interval, quartiles, normality of each metric in each group
              tests.csv           Mann-Whitney U between groups, Wilcoxon signed-rank between methods, Holm's correction
              agreement.csv       bias and limits of agreement of the volumes (Bland and Altman)
              table1.csv          the rows and columns of Table 1 of Gholamiankhah et al. 2022
              cohort.xlsx         all tables as one workbook
              cohort_report.html  one page with tables, charts and pictures of the worst cases; opens offline

            A pair that cannot be evaluated is named in the report and at the end; the others are evaluated.
            Exit status: 0 when every pair was, 2 when one was not (the files are written, unless none was)."""),
        allow_abbrev=False,
    )
    evaluate.add_argument("pairs", metavar="PAIRS.csv", type=given_path, help="list of the pairs")
    add_output(evaluate, "files")
    evaluate.add_argument("--group", metavar="COLUMN", help="column that holds each scan's group, such as normal or COVID-19")
    evaluate.add_argument(
        "--method-column", metavar="COLUMN", help="column that holds the method, where there are several on the same scans"
    )
    add_comparison(evaluate, "the results", "the references")
    add_run_options(evaluate, "files of an earlier run")
    evaluate.set_defaults(run=run_evaluate_cohort)


def run_evaluate_cohort(options: argparse.Namespace) -> None:
    """Evaluate every pair of a list, one in memory at a time, and write the files.

    Raises
    ------
    InputError
        When the list cannot be used, or, after writing, when a pair could not be evaluated.
    OutputError
        When the files cannot be written.
    """
    from ..evaluation.pairs_list import read_pairs
    from .terminal import report_text, write_text

    if not 0 < options.tolerance_mm < math.inf:
        raise InputError(f"--tolerance-mm is {options.tolerance_mm:g}; give a distance above 0 mm")
    pairs = read_pairs(options.pairs, options.group, options.method_column)
    with progress_of(options) as progress:
        from ..output.atomic_folder import atomic_folder
        from ..output.cohort_folder import COHORT_NAMES, write_cohort_files

        inputs = [options.pairs, *(path for pair in pairs for path in pair.paths if os.path.exists(path))]
        with atomic_folder(options.output, COHORT_NAMES, options.overwrite, inputs) as staging:
            cohort = _evaluate(pairs, options, staging, progress)
            progress(0.95, "Writing")
            written = write_cohort_files(staging, cohort)
    if not options.quiet:
        write_text(sys.stdout, report_text(cohort.title, _dice_table(cohort), cohort.notes, options.output, written))
    if cohort.failures:
        raise InputError(_failure_message(cohort.failures, len(pairs), f"the others are in {options.output}"))


def _evaluate(pairs: list[Pair], options: argparse.Namespace, folder: Path, progress: Progress) -> Cohort:
    from ..evaluation.failed_pair import failed_pair
    from ..evaluation.pair import evaluate_pair
    from ..evaluation.pairs_list import methods_of

    comparison = comparison_of(options)
    collected = _Collected(folder, len(methods_of(pairs)))
    failures: list[FailedPair] = []
    for number, pair in enumerate(pairs):
        progress(0.95 * number / len(pairs), pair.title)
        try:
            evaluation = evaluate_pair(
                pair.result,
                pair.reference,
                ct_path=pair.ct,
                probability_path=pair.probability,
                doubt_path=pair.doubt,
                **comparison,
            )
            collected.add(pair, evaluation)
            del evaluation  # before the next is read
        except OutputError:
            raise
        except Exception as error:  # whatever is wrong with a pair, the others go on
            failures.append(failed_pair(pair, error))
    if not collected.scans:
        raise InputError(_failure_message(failures, len(pairs), "nothing was written"))
    return collected.cohort(failures, options.pairs.name)


class _Collected:
    """What stays of the pairs: their figures, summed histograms, and pictures of the worst so far."""

    def __init__(self, folder: Path, methods: int) -> None:
        self.scans: list[ScanValues] = []
        self._notes: list[str] = []
        self._folder, self._methods = folder, methods
        self._histograms: dict[str, ProbabilityHistogram] = {}
        self._pictures: dict[tuple[str, str], Path] = {}

    def add(self, pair: Pair, evaluation: PairEvaluation) -> None:
        """Take what is needed of a pair."""
        from ..evaluation.cohort_tables import ALL_SCANS
        from ..evaluation.scan_values import scan_values
        from ..output.cohort_report import report_picture, worst_scans
        from ..output.evaluation_pictures import differences_picture
        from ..output.result_folder import write_whole

        scans = [*self.scans, *scan_values(pair.name, pair.group, pair.method, evaluation.comparisons)]
        worst = worst_scans(scans, pair.method, self._methods)
        if any(row.name == pair.name and row.value("dice") != 1.0 for row in worst):
            path = self._folder / f"difference_{len(scans)}.png"
            picture = report_picture(differences_picture(replace(evaluation, name=pair.title)))
            write_whole(lambda file: picture.save(file, compress_level=1), path)
            self._pictures[pair.name, pair.method] = path
        # Nothing of a pair counts before all of it is there.
        self.scans = scans
        self._notes += [f"{pair.title}: {warning}" for warning in evaluation.warnings]
        if evaluation.histogram is not None:
            name = " · ".join(filter(None, (pair.method, pair.group))) or ALL_SCANS
            known = self._histograms.get(name)
            self._histograms[name] = evaluation.histogram if known is None else known + evaluation.histogram
        better = {key for key in self._pictures if key[1] == pair.method} - {(row.name, row.method) for row in worst}
        for key in better:
            self._pictures.pop(key).unlink()

    def cohort(self, failures: list[FailedPair], title: str) -> Cohort:
        """Put together what the files are made of."""
        from ..output.cohort_report import Cohort

        curves = {name: histogram.curves() for name, histogram in self._histograms.items()}
        heading = f"Cohort evaluation: {title}"
        return Cohort(self.scans, curves=curves, pictures=self._pictures, failures=failures, notes=self._notes, title=heading)


def _failure_message(failures: Sequence[FailedPair], pairs: int, rest: str) -> str:
    shown = "; ".join(pair.text for pair in failures[:_MOST_REASONS])
    more = f"; and {len(failures) - _MOST_REASONS} more" if len(failures) > _MOST_REASONS else ""
    return f"{len(failures)} of {pairs} pairs could not be evaluated ({rest}): {shown}{more}"


def _dice_table(cohort: Cohort) -> Table:
    """Sum up each method in each group."""
    from ..evaluation.cohort_statistics import describe
    from ..evaluation.cohort_tables import ALL_SCANS
    from ..evaluation.scan_values import column, select
    from ..tables.rows import Cell, Column, Table

    names = (Column("name", "Method and group"), Column("count", "Scans"))
    figures = (("mean", "Mean Dice"), ("sd", "SD"), ("median", "Median"), ("minimum", "Lowest"))
    rows: list[dict[str, Cell]] = []
    for method in cohort.methods:
        for group in cohort.groups:
            about = describe(column(select(cohort.scans, cohort.region, group, method), "dice"))
            name = " · ".join(filter(None, (method, group))) or ALL_SCANS
            rows.append({"name": name, "count": about.count, **{key: getattr(about, key) for key, _ in figures}})
    return Table("Dice of both lungs", (*names, *(Column(key, title, "", 4) for key, title in figures)), tuple(rows))
