"""The command ``lungsegmentation segment``: a chest CT becomes a folder with its result."""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..progress import part_of
from .options import SCAN_HELP, add_output, add_run_options, add_series, progress_of
from .terminal import given_path, report_text, write_text

if TYPE_CHECKING:
    from ..method import ParameterDescription
    from ..output.result_folder import SceneWriter

SCENE_WRITER_GROUP, SCENE_WRITER_NAME, _SCENE_LIBRARY = "lungsegmentation.scene_writers", "mrb", "slicer"
_PARAMETER_PREFIX = "parameter "


def add_segment(commands: Any, with_parameters: bool) -> None:
    """Add the command to the parser's commands, on request with an option for every parameter of every method."""
    segment = commands.add_parser(
        "segment",
        help="segment a chest CT",
        description="Segments a chest CT and writes the result into a folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            files written (all of them or none):
              labels.nii.gz           label map on the input's grid: 1 right lung, 2 left lung, 3 airways
              vessels.nii.gz          vessels: 1 in the right lung, 2 in the left one
              probability.nii.gz      with --probability: lung probability, 0 to 255 for 0 to 1
              segmentation.seg.nrrd   the same as named, coloured, coded segments for 3D Slicer
              volumes.csv             volume, surface, mean and SD of HU of each region
              slices.csv              lung, vessel and tracheal area in each axial slice
              density.csv             percentiles, low and high attenuation, mass, by side and third
              airways.csv             volume of the airways, cross-section of the trachea
              vessels.csv             vessel volume by calibre (BV5, BV5-10, BV10, TBV)
              quality.csv             what to check before using the numbers
              NAME_measures.xlsx      all tables as one workbook; NAME is the scan's
              measures.json           all tables for programs
              summary.json            input, method, parameters, volumes, quality, timings, warnings
              overview.png            axial, coronal and sagittal views with outlines
              report.html             one page with pictures, tables and quality; opens offline
              viewer.html             the scan around the lungs with outlines, to look through; opens offline
              scene.mrb               with --scene: everything as a scene for 3D Slicer

            Right and left are the patient's."""),
        allow_abbrev=False,
    )
    segment.add_argument("input", metavar="INPUT", type=given_path, help=SCAN_HELP)
    add_output(segment, "result")
    segment.add_argument("--method", metavar="KEY", help="how to find the lungs; `lungsegmentation methods` lists them; default auto")
    add_series(segment)
    segment.add_argument("--no-airways", dest="airways", action="store_false", help="leave the airways out of the result (never lung)")
    segment.add_argument("--no-vessels", dest="vessels", action="store_false", help="do not look for vessels: several times as fast")
    segment.add_argument("--vessel-rule", metavar="KEY", help="how to find the vessels: tubularity (default) or threshold")
    segment.add_argument("--probability", action="store_true", help="write the lung probability too; method network only")
    segment.add_argument("--no-report", dest="report", action="store_false", help="do not write report.html")
    segment.add_argument("--no-viewer", dest="viewer", action="store_false", help="do not write viewer.html, which holds the CT's voxels")
    segment.add_argument("--scene", action="store_true", help="write a scene for 3D Slicer too; needs lungsegmentation[mrml]")
    add_run_options(segment, "result of an earlier run")
    segment.set_defaults(run=_run_segment)
    if with_parameters:
        _add_parameters(segment)


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    """Make an option of every parameter that any method describes, and hidden ones of their earlier names."""
    from ..method import EARLIER_PARAMETER_NAMES
    from ..registry import METHODS

    users: dict[str, dict[ParameterDescription, list[str]]] = {}
    for method in METHODS:
        for description in method.describe_parameters():
            users.setdefault(description.name, {}).setdefault(description, []).append(method.key)
    group = parser.add_argument_group("parameters of the methods")
    for name, descriptions in users.items():
        first = next(iter(descriptions))
        help_text = "; ".join(_parameter_help(description, keys) for description, keys in descriptions.items()).replace("%", "%%")
        option, destination = "--" + name.replace("_", "-"), _PARAMETER_PREFIX + name
        if isinstance(first.default, str):
            group.add_argument(option, dest=destination, metavar="NAME", help=help_text)
        elif isinstance(first.default, bool):
            group.add_argument(option, dest=destination, action=argparse.BooleanOptionalAction, default=None, help=help_text)
        else:
            group.add_argument(option, dest=destination, type=float, metavar=first.unit.upper() or "NUMBER", help=help_text)
    for earlier, name in EARLIER_PARAMETER_NAMES.items():
        option, destination = "--" + earlier.replace("_", "-"), _PARAMETER_PREFIX + name
        parser.add_argument(option, dest=destination, action=argparse.BooleanOptionalAction, default=None, help=argparse.SUPPRESS)


def _parameter_help(description: ParameterDescription, method_keys: Sequence[str]) -> str:
    if isinstance(description.default, str):
        limits = f"default {description.default}"
    elif isinstance(description.default, bool):
        limits = f"default {'yes' if description.default else 'no'}"
    else:
        unit = f" {description.unit}" if description.unit else ""
        limits = f"{description.minimum:g} to {description.maximum:g}{unit}, default {description.default:g}"
    return f"{description.title}: {description.help} [{limits}; {', '.join(method_keys)}]"


def _run_segment(options: argparse.Namespace) -> None:
    scene_writer = find_scene_writer() if options.scene else None
    parameters = {
        name.removeprefix(_PARAMETER_PREFIX): value
        for name, value in vars(options).items()
        if name.startswith(_PARAMETER_PREFIX) and value is not None
    }
    from ..output.atomic_folder import atomic_folder
    from ..output.result_folder import result_names, write_files
    from ..registry import find_method
    from ..volume import scan_name

    find_method(options.method).make_parameters(parameters)
    name = scan_name(options.input)
    with (
        atomic_folder(options.output, lambda: result_names(options.output, name), options.overwrite, [options.input]) as staging,
        progress_of(options) as progress,
    ):
        from ..io.scans import read_ct
        from ..measures import measure
        from ..pipeline import segment

        start = time.perf_counter()
        volume = read_ct(options.input, options.series, part_of(progress, 0.0, 0.25))
        timings_s = {"Reading": time.perf_counter() - start}
        result = segment(
            volume,
            options.method,
            parameters,
            part_of(progress, 0.25, 0.8),
            airways=options.airways,
            vessels=options.vessels,
            vessel_rule=options.vessel_rule,
            probability=options.probability,
        )
        start = time.perf_counter()
        measures = measure(result, part_of(progress, 0.8, 0.85))
        result = replace(result, timings_s={**result.timings_s, "Measuring": time.perf_counter() - start})
        write_files(result, measures, staging, timings_s, scene_writer, part_of(progress, 0.85, 1.0), options.report, options.viewer)
        written = [file_name for file_name in result_names(staging, name) if (staging / file_name).exists()]
    if not options.quiet:
        from ..tables.rows import volumes_table

        reason = f" ({result.method_reason})" if result.method_reason else ""
        title = f"{result.volume.name}: method {result.method}{reason}"
        write_text(sys.stdout, report_text(title, volumes_table(measures.volumes), result.warnings, options.output, written))


def find_scene_writer() -> SceneWriter:
    """Find the installed writer of Slicer scenes.

    Returns
    -------
    callable
        ``write(result, measures, path)``, from the entry point ``mrb`` of the group ``lungsegmentation.scene_writers``.

    Raises
    ------
    InputError
        When none is installed, or Slicer's MRML library is missing.
    """
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    writers = [point for point in entry_points(group=SCENE_WRITER_GROUP) if point.name == SCENE_WRITER_NAME]
    try:
        if writers and find_spec(_SCENE_LIBRARY) is not None:
            writer: SceneWriter = writers[0].load()
            return writer
    except ImportError:
        pass
    raise InputError("--scene needs Slicer's MRML library, which is not installed; install it with: pip install 'lungsegmentation[mrml]'")
