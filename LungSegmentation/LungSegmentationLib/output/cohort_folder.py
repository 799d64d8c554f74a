"""All files of one cohort's evaluation, in one folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..evaluation.cohort_tables import agreement_table, cohort_statistics, differences_table, scans_table, statistics_table
from ..evaluation.published_table import published_csv_table, published_table
from ..tables.csv_files import write_csv
from ..tables.rows import Table
from ..tables.workbook import write_workbook
from .cohort_report import REPORT_NAME, Cohort, write_cohort_report
from .result_folder import write_whole

WORKBOOK_NAME = "cohort.xlsx"
# The report is the last to arrive.
COHORT_NAMES = ("scans.csv", "statistics.csv", "tests.csv", "agreement.csv", "table1.csv", WORKBOOK_NAME, REPORT_NAME)


def write_cohort_files(folder: Path, cohort: Cohort) -> list[str]:
    """Write tables, workbook and report into an existing folder.

    Parameters
    ----------
    folder : pathlib.Path
        See :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`.
    cohort : Cohort

    Returns
    -------
    list of str
        The names of the files written. Tables without a row are not: tests of one group and one method, agreement of
        fewer than three scans.

    Raises
    ------
    OutputError
        When a file could not be written whole.
    """
    statistics = cohort_statistics(cohort.scans, cohort.metrics)
    published = [(method, published_table(cohort.scans, method, cohort.region)) for method in cohort.methods]
    tables: dict[str, Table] = {
        "scans.csv": scans_table(cohort.scans, cohort.metrics, cohort.failures),
        "statistics.csv": statistics_table(statistics.described),
        "tests.csv": differences_table(statistics.compared),
        "agreement.csv": agreement_table(statistics.agreements),
        "table1.csv": published_csv_table(published),
    }
    tables = {name: table for name, table in tables.items() if table.rows}
    writers: dict[str, Callable[[Path], None]] = {name: partial(write_csv, table) for name, table in tables.items()}
    writers[WORKBOOK_NAME] = lambda path: write_workbook(tables, path)
    writers[REPORT_NAME] = lambda path: write_cohort_report(path.parent, cohort, statistics)
    for name, write in writers.items():
        write_whole(write, folder / name)
    return list(writers)
