"""The command ``lungsegmentation cohort``: every CT in folders, files and lists, segmented by many workers into one folder."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import textwrap
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .method_parameters import add_method_parameters, method_parameters
from .options import add_label_mapping, add_output, add_run_options, add_table_layout
from .terminal import given_path, shown, write_text

if TYPE_CHECKING:
    from ..cohort.result_layouts import ResultLayout
    from ..cohort.run_options import Options, Outcome

_PACKAGES = ("dask", "distributed", "cryptography")


def add_cohort(commands: Any, with_parameters: bool) -> None:
    """Add the command to the parser's commands, on request with an option for every parameter of every method."""
    cohort = commands.add_parser(
        "cohort",
        help="segment every CT of folders, files and lists, by many workers; the same command goes on where it was ended",
        description="Segments every CT that it finds, each in a process of its own, and writes one table of all.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            A list is a CSV file with a column ct, and perhaps patient and date (YYYY-MM-DD); paths are relative to its folder.
            Projections and scouts are left out, and where a study has axial and original series also its others.

            files written:
              scans/ID/          the files of `lungsegmentation segment` for each scan; ID comes from the content of its files
              not_done/          why a scan was not done, a small file each
              cohort.csv         a row for each scan: volumes, density, airways, vessels, flags, verdict, timings, error
              index.html         all results to look through and to rate, offline; `lungsegmentation review DIR` keeps the ratings
              cohort.parquet     the same, where pyarrow is installed
              bids, monai        with --layout: the label maps once more, as a BIDS derivative or as MONAI names them
              changes.csv        where patients have several scans: the change between successive ones
              keys.csv           which ID is which file; only you can read it (mode 0600)

            Without --identifiers no name, number or date of a patient and no name of a file is in any other file.
            The same command again repeats nothing that is done, and tries again what was killed or took too long.
            Exit status: 0 when every scan is done, 2 when one is not (the others are)."""),
        allow_abbrev=False,
    )
    _add_options(cohort)
    cohort.set_defaults(run=run_cohort_command)
    if with_parameters:
        add_method_parameters(cohort)


def _add_options(cohort: argparse.ArgumentParser) -> None:
    cohort.add_argument(
        "inputs", metavar="INPUT", nargs="*", type=given_path, help="folder, image file, DICOM file, or list of scans (CSV)"
    )
    add_output(cohort, "results")
    cohort.add_argument("--method", metavar="KEY", help="how to find the lungs; `lungsegmentation methods` lists them; default auto")
    cohort.add_argument("--airways", action=argparse.BooleanOptionalAction, default=True, help="make the airways a region of their own")
    cohort.add_argument(
        "--vessels", action=argparse.BooleanOptionalAction, default=True, help="look for vessels, which takes most of the time"
    )
    cohort.add_argument("--vessel-rule", metavar="KEY", help="how to find the vessels: tubularity (default) or threshold")
    add_label_mapping(cohort)
    add_table_layout(cohort)
    cohort.add_argument("--report", action=argparse.BooleanOptionalAction, default=True, help="write report.html for each scan")
    cohort.add_argument(
        "--viewer", action=argparse.BooleanOptionalAction, default=True, help="write viewer.html for each scan, which holds its voxels"
    )
    cohort.add_argument(
        "--ratings", metavar="FILE", type=given_path, help="ratings of a review, for cohort.csv; default ratings.csv in DIR, where it is"
    )
    cohort.add_argument("--workers", metavar="N", type=int, help="how many scans at once; default one for each core")
    cohort.add_argument("--scheduler", metavar="ADDRESS", help="use a running cluster of Dask, such as tcp://10.0.0.1:8786")
    cohort.add_argument(
        "--memory", metavar="GB", type=float, help="what all workers may take together; default four fifths of what is free"
    )
    cohort.add_argument("--retries", metavar="N", type=int, help="how often a scan is tried again whose process was killed; default 2")
    cohort.add_argument("--timeout", metavar="S", type=float, help="how long a scan may take, default 1800 s; 0 for as long as it likes")
    cohort.add_argument(
        "--layout",
        metavar="NAME",
        help="copy the label maps into folders as another tool wants them too: bids (DIR/bids) or monai (DIR/monai)",
    )
    cohort.add_argument("--identifiers", action="store_true", help="write sources, PatientID, dates and UIDs into the tables and results")
    cohort.add_argument("--tables", action="store_true", help="only make cohort.csv again, from the folders of DIR alone")
    add_run_options(cohort, "results of other parameters or another version")


def run_cohort_command(options: argparse.Namespace) -> None:
    """Do every scan that is not done.

    Raises
    ------
    InputError
        When nothing can be begun, or, after writing, when a scan was not done.
    OutputError
        When the output cannot be written, or another run has it.
    """
    if options.tables:
        from ..cohort.run import rebuild_tables

        written = rebuild_tables(options.output, options.ratings, _layout(options))
        if not options.quiet:
            write_text(sys.stdout, f"Written to {shown(str(options.output))}: {', '.join(written)}\n")
        return
    settled = _settled(options)
    from ..cohort.progress_lines import ProgressLines
    from ..cohort.run import run_cohort

    def write(text: str) -> None:
        if not options.quiet:
            sys.stdout.write(text)
            sys.stdout.flush()

    outcome = run_cohort(settled, ProgressLines(write, sys.stdout.isatty(), shutil.get_terminal_size().columns))
    if not options.quiet:
        write_text(sys.stdout, _summary(outcome, options))
    if outcome.errors:
        raise InputError(
            f"{outcome.errors} scans or files could not be done (cohort.csv says why; the others are), the first: {outcome.first_error}"
        )


def _settled(options: argparse.Namespace) -> Options:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError(
            f"the command cohort needs {', '.join(missing)}; install what is missing with: pip install 'lungsegmentation[cohort]'"
        )
    if not options.inputs:
        raise InputError("no INPUT is given; give folders, image files, DICOM files, or lists of scans (CSV)")
    if options.workers is not None and options.scheduler is not None:
        raise InputError("--workers and --scheduler are both given; a running cluster has its own workers: leave one out")
    for name, value, lowest in (("--workers", options.workers, 1), ("--retries", options.retries, 0)):
        if value is not None and value < lowest:
            raise InputError(f"{name} is {value}; give a whole number from {lowest}")
    if options.memory is not None and not 0 < options.memory < math.inf:
        raise InputError(f"--memory is {options.memory:g}; give a number of GB above 0")
    if options.timeout is not None and not 0 <= options.timeout < math.inf:
        raise InputError(f"--timeout is {options.timeout:g}; give a number of seconds, or 0 for no limit")
    from ..cohort import limits
    from ..cohort.identity import run_parameters
    from ..cohort.run_options import Options

    timeout_s = limits.DEFAULT_TIMEOUT_SECONDS if options.timeout is None else options.timeout or None
    return Options(
        inputs=tuple(options.inputs),
        output=options.output,
        parameters=run_parameters(
            options.method,
            method_parameters(options),
            options.airways,
            options.vessels,
            options.vessel_rule,
            options.report,
            options.viewer,
            options.identifiers,
            options.label_mapping,
            options.table_layouts,
        ),
        workers=options.workers,
        scheduler=options.scheduler,
        memory_gb=options.memory,
        retries=limits.DEFAULT_RETRIES_COUNT if options.retries is None else options.retries,
        timeout_s=timeout_s,
        overwrite=options.overwrite,
        ratings=options.ratings,
        layout=_layout(options),
    )


def _layout(options: argparse.Namespace) -> ResultLayout | None:
    from ..cohort.result_layouts import find_layout

    return None if options.layout is None else find_layout(options.layout)


def _summary(outcome: Outcome, options: argparse.Namespace) -> str:
    parts = [f"{outcome.done} scans done now, {outcome.before} before"]
    parts += [f"{outcome.copies} copies or moved ones of done scans"] if outcome.copies else []
    parts += [f"{outcome.left_out} series left out (projections, scouts, reformats)"] if outcome.left_out else []
    parts += [f"{outcome.errors} not done"] if outcome.errors else []
    return f"{', '.join(parts)}\nWritten to {shown(str(options.output))}: scans, {', '.join(outcome.written)}, keys.csv\n"
