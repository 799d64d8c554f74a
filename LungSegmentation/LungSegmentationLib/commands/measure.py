"""The command ``lungsegmentation measure``: every table of a scan and labels that are there already."""

from __future__ import annotations

import argparse
import sys
import textwrap
from functools import partial
from pathlib import Path
from typing import Any

from .options import SCAN_HELP, add_labels_map, add_output, add_run_options, add_series, add_table_layout, progress_of
from .terminal import given_path, report_text, write_text


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
              airways.csv         volume of the airways, cross-section of the trachea, their tree, Pi10
              airway_branches.csv, airway_centrelines.vtp    the airways' branches
              vessels.csv, vessel_branches.csv, vessel_centrelines.vtp    with --vessels: their volume by calibre, and branches
              cip_phenotypes.csv, pyradiomics.csv    with --table-layout: measures as these tools' tables
              quality.csv         what to check before using the numbers
              NAME_measures.xlsx  all tables as one workbook; NAME is the scan's
              measures.json       all tables for programs

            Segments of a .seg.nrrd or DICOM SEG file are known by their SNOMED codes, outlines of an RTSTRUCT
            by their names (such as Lung_R); --labels-map names them by number instead."""),
        allow_abbrev=False,
    )
    measure.add_argument("ct", metavar="CT", type=given_path, help=SCAN_HELP)
    measure.add_argument(
        "labels", metavar="LABELS", type=given_path, help="labels on the CT's grid: label map, .seg.nrrd, DICOM SEG or RTSTRUCT"
    )
    add_output(measure, "tables")
    add_labels_map(measure)
    add_table_layout(measure)
    measure.add_argument("--vessels", metavar="FILE", type=given_path, help="mask on the CT's grid in which vessels are not 0")
    add_series(measure)
    add_run_options(measure, "tables of an earlier run")
    measure.set_defaults(run=run_measure)


def run_measure(options: argparse.Namespace) -> None:
    """Read scan and labels, measure, and write the tables.

    Raises
    ------
    InputError, OutputError
        When an input cannot be used or the tables cannot be written.
    """
    from ..io.label_maps import parse_labels_map, read_labels, read_vessels
    from ..tables.layouts import check_layouts, write_layouts

    inputs = [path for path in (options.ct, options.labels, options.vessels) if path is not None]
    labels_map = None if options.labels_map is None else parse_labels_map(options.labels_map)
    layouts = check_layouts(options.table_layouts)
    with progress_of(options) as progress:
        from ..io.scans import read_ct
        from ..measures import measure
        from ..output.atomic_folder import atomic_folder
        from ..output.polydata import POLYDATA_NAMES, write_polydata
        from ..output.result_folder import write_whole
        from ..progress import part_of
        from ..quality.label_sides import sides_of_labels
        from ..segmentation import Segmentation
        from ..tables.rows import volumes_table
        from ..tables.table_files import write_tables

        volume = read_ct(options.ct, options.series, part_of(progress, 0.0, 0.5))
        with atomic_folder(options.output, lambda: _names(options.output, volume.name), options.overwrite, inputs) as staging:
            progress(0.5, "Reading the labels")
            notes: list[str] = []
            labels = read_labels(options.labels, volume, labels_map, notes)
            vessels = None if options.vessels is None else read_vessels(options.vessels, volume, labels, notes)
            warnings = (*volume.warnings, *dict.fromkeys(notes), *sides_of_labels(volume, labels).warnings)
            result = Segmentation(volume, labels, method=f"labels of {options.labels.name}", warnings=warnings, vessels=vessels)
            measures = measure(result, part_of(progress, 0.7, 0.95))
            written = write_tables(measures.tables, volume.name, staging) + write_layouts(layouts, result, staging)
            for key, lines in measures.centrelines.items():
                write_whole(partial(write_polydata, lines), staging / POLYDATA_NAMES[key])
                written.append(POLYDATA_NAMES[key])
    if not options.quiet:
        table = volumes_table(measures.volumes)
        write_text(sys.stdout, report_text(f"{volume.name}: {result.method}", table, result.warnings, options.output, written))


def _names(folder: Path, scan_name: str) -> tuple[str, ...]:
    from ..output.polydata import POLYDATA_NAMES
    from ..tables.table_files import table_names

    *first, last = table_names(folder, scan_name)
    return (*first, *POLYDATA_NAMES.values(), last)
