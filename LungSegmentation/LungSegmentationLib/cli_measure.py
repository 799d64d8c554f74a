"""The command ``lungsegmentation measure``: every table of a scan and labels that are there already."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import Any

from .cli_common import check_path, progress_bar, report_text, write_text


def add_measure(commands: Any) -> None:
    """Add the command to the parser's commands."""
    measure = commands.add_parser(
        "measure",
        help="measure lungs that were segmented before",
        description="Measures a chest CT with labels that exist already, also those made elsewhere, and writes the tables into a folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            files written (all of them or none):
              volumes.csv         volume, surface area, mean and SD of HU of each region
              slices.csv          lung area, vessel area and tracheal area in each axial slice
              density.csv         percentiles, low and high attenuation, mass, by side and by third
              airways.csv         volume of the airways, cross-section of the trachea
              quality.csv         what to check before using the numbers
              NAME_measures.xlsx  all tables as one workbook; NAME is the scan's
              measures.json       all tables for programs

            Segments of a .seg.nrrd or DICOM SEG file are known by their SNOMED codes, outlines of an RTSTRUCT
            by their names (such as Lung_R); --labels-map names them by number instead."""),
        allow_abbrev=False,
    )
    measure.add_argument("ct", metavar="CT", type=Path, help="DICOM folder or file, or NIfTI, NRRD or MetaImage file, in HU")
    measure.add_argument("labels", metavar="LABELS", type=Path, help="labels on the CT's grid: label map, .seg.nrrd, DICOM SEG or RTSTRUCT")
    measure.add_argument("--output", metavar="DIR", type=Path, required=True, help="folder for the tables; made where it is missing")
    measure.add_argument(
        "--labels-map",
        metavar="MAP",
        help="what each number means: right_lung, left_lung, airways or background; default 1=right_lung,2=left_lung,3=airways",
    )
    measure.add_argument("--vessels", metavar="FILE", type=Path, help="mask on the CT's grid in which vessels are not 0")
    measure.add_argument("--series", metavar="UID", help="SeriesInstanceUID to read from a DICOM folder with several series")
    measure.add_argument("--overwrite", action="store_true", help="replace the tables of an earlier run in DIR")
    measure.add_argument("--quiet", action="store_true", help="write nothing but errors: no progress, no summary")
    measure.set_defaults(run=run_measure)


def run_measure(options: argparse.Namespace) -> None:
    """Read scan and labels, measure, and write the tables.

    Raises
    ------
    InputError, OutputError
        When an input cannot be used or the tables cannot be written.
    """
    from .label_maps import parse_labels_map, read_labels, read_vessels

    inputs = [path for path in (options.ct, options.labels, options.vessels) if path is not None]
    for path in (*inputs, options.output):
        check_path(path)
    labels_map = None if options.labels_map is None else parse_labels_map(options.labels_map)
    with progress_bar(wanted=not options.quiet and sys.stderr.isatty()) as progress:
        from .io import read_ct
        from .measurement.volumes import measure_regions
        from .output.atomic_folder import atomic_folder
        from .progress import part_of
        from .result import Result
        from .tables.rows import volumes_table
        from .tables.table_files import table_names, write_tables

        volume = read_ct(options.ct, options.series, part_of(progress, 0.0, 0.5))
        with atomic_folder(options.output, table_names(options.output, volume.name), options.overwrite, inputs) as staging:
            progress(0.5, "Reading the labels")
            labels = read_labels(options.labels, volume, labels_map)
            vessels = None if options.vessels is None else read_vessels(options.vessels, volume, labels)
            progress(0.7, "Measuring")
            result = Result(volume, labels, method=f"labels of {options.labels.name}", warnings=volume.warnings, vessels=vessels)
            written = write_tables(result, staging)
    if not options.quiet:
        table = volumes_table(measure_regions(volume, labels))
        write_text(sys.stdout, report_text(f"{volume.name}: {result.method}", table, result.warnings, options.output, written))
