"""Options that several commands have, each worded once."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..evaluation.limits import SURFACE_TOLERANCE_MM
from ..io.file_checks import MEMORY_LIMIT_OPTION
from ..io.limits import DEFAULT_MEMORY_LIMIT_GB
from .terminal import given_path, progress_bar

if TYPE_CHECKING:
    from ..progress import Progress

LABEL_MAPPING_OPTION = "--label-mapping"
SCAN_HELP = "DICOM folder or file, or NIfTI, NRRD or MetaImage file, in HU"


def add_output(parser: argparse.ArgumentParser, content: str) -> None:
    """Add the option of the folder that a command writes to; ``content`` says what it is for."""
    parser.add_argument(
        "--output", metavar="DIR", type=given_path, required=True, help=f"folder for the {content}; made where it is missing"
    )


def add_overwrite(parser: argparse.ArgumentParser, replaced: str) -> None:
    """Add the option to replace earlier files; ``replaced`` says which."""
    parser.add_argument("--overwrite", action="store_true", help=f"replace the {replaced} in DIR")


def add_run_options(parser: argparse.ArgumentParser, replaced: str) -> None:
    """Add what every command that reads images ends with: the limit on memory, ``--overwrite`` and ``--quiet``."""
    parser.add_argument(
        MEMORY_LIMIT_OPTION,
        dest="memory_limit_gb",
        metavar="GB",
        type=float,
        help=f"most memory that the voxels of one image may take, default {DEFAULT_MEMORY_LIMIT_GB:g}; larger ones are refused",
    )
    add_overwrite(parser, replaced)
    parser.add_argument("--quiet", action="store_true", help="write nothing but errors: no progress, no summary")


def add_series(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses a series of a DICOM folder."""
    parser.add_argument("--series", metavar="UID", help="UID or number of the series to read from a DICOM folder with several series")


def add_labels_map(parser: argparse.ArgumentParser, labels: str = "") -> None:
    """Add the option that says what the numbers of a label map mean; ``labels`` names the map, where there are several."""
    of_labels = f" of {labels}" if labels else ""
    names = "right_lung, left_lung, airways or background; default 1=right_lung,2=left_lung,3=airways"
    what = f"what each number{of_labels} means: {names}; or the name of a tool, such as totalsegmentator"
    parser.add_argument("--labels-map", LABEL_MAPPING_OPTION, dest="labels_map", metavar="MAP", help=what)


def add_label_mapping(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the numbering of another tool."""
    parser.add_argument(
        LABEL_MAPPING_OPTION,
        metavar="NAME",
        help="write the label map with the numbers of another tool too (labels_NAME.nii.gz): lungmask, totalsegmentator-mr, luna16 or ptk",
    )


def add_table_layout(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses tables of other tools; it may be given more than once."""
    parser.add_argument(
        "--table-layout",
        dest="table_layouts",
        metavar="NAME",
        action="append",
        default=[],
        help="write the measures as another tool's table too: cip (cip_phenotypes.csv) or pyradiomics (pyradiomics.csv); may be repeated",
    )


def add_comparison(parser: argparse.ArgumentParser, results: str, references: str) -> None:
    """Add the options of a comparison with a reference.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    results, references : str
        What the command calls its label maps.
    """
    add_labels_map(parser, results)
    parser.add_argument("--reference-labels-map", metavar="MAP", help=f"the same of {references}")
    tolerance_help = f"tolerance of the surface Dice, default {SURFACE_TOLERANCE_MM:g} mm"
    parser.add_argument("--tolerance-mm", metavar="MM", type=float, default=SURFACE_TOLERANCE_MM, help=tolerance_help)
    parser.add_argument("--resample", action="store_true", help="where grids differ, take the nearest voxels on the reference's grid")


def comparison_of(options: argparse.Namespace) -> dict[str, Any]:
    """Give the arguments of :func:`LungSegmentationLib.evaluation.pair.evaluate_pair` that :func:`add_comparison` asks for.

    Raises
    ------
    InputError
        For a map of labels that is none.
    """
    from ..io.label_maps import parse_labels_map

    maps = [None if text is None else parse_labels_map(text) for text in (options.labels_map, options.reference_labels_map)]
    return {
        "labels_map": maps[0],
        "reference_labels_map": maps[1],
        "resample": options.resample,
        "tolerance_mm": options.tolerance_mm,
    }


def progress_of(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    """Show progress on a terminal, unless the user wants it quiet."""
    return progress_bar(wanted=not options.quiet and sys.stderr.isatty())
