"""The command ``lungsegmentation segment``: a chest CT becomes a folder with its result."""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..progress import part_of
from .method_parameters import add_method_parameters, method_parameters
from .options import SCAN_HELP, add_label_mapping, add_output, add_run_options, add_series, add_table_layout, progress_of
from .terminal import given_path, report_text, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..io.label_mappings import LabelMapping
    from ..measures import Measures
    from ..output.result_folder import SceneWriter
    from ..progress import Progress
    from ..segmentation import Segmentation
    from ..volume import CtVolume

SCENE_WRITER_GROUP, SCENE_WRITER_NAME, _SCENE_LIBRARY = "lungsegmentation.scene_writers", "mrb", "slicer"

_NEEDED_LATER = ("..measures", "..pipeline", "..network.onnx_runner", "slicerio", "xlsxwriter", "PIL.ImageDraw", "PIL.ImageFont")


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
              labels_NAME.nii.gz      with --label-mapping NAME: the same in the numbering of another tool
              vessels.nii.gz          vessels: 1 in the right lung, 2 in the left one
              probability.nii.gz      with --probability: lung probability, 0 to 255 for 0 to 1
              segmentation.seg.nrrd   the same as named, coloured, coded segments for 3D Slicer
              volumes.csv             volume, surface, mean and SD of HU of each region
              slices.csv              lung, vessel and tracheal area in each axial slice
              density.csv             percentiles, low and high attenuation, mass, by side and third
              airways.csv             volume of the airways, cross-section of the trachea, their tree, Pi10
              airway_branches.csv     length, lumen and wall of each branch of the airways
              vessels.csv             vessel volume by calibre (BV5, BV5-10, BV10, TBV), branches by radius
              vessel_branches.csv     length, radius and order of each branch of the vessels
              *_centrelines.vtp       middle lines of airways and vessels, in LPS
              cip_phenotypes.csv, pyradiomics.csv    with --table-layout: measures as these tools' tables
              quality.csv             what to check before using the numbers
              NAME_measures.xlsx      all tables as one workbook; NAME is the scan's
              measures.json           all tables for programs
              summary.json            input, method, parameters, volumes, quality, timings, warnings
              overview.png            axial, coronal and sagittal views with outlines
              report.html             one page with pictures, tables and quality; opens offline
              viewer.html             the scan around the lungs with outlines, to look through; opens offline
              scene.mrb               with --scene: everything as a scene for 3D Slicer
              segmentation.dcm        with --dicom-seg or --dicom-sr: DICOM segmentation object
              measurements.dcm        with --dicom-sr: volumes and densities as a DICOM structured report

            Right and left are the patient's."""),
        allow_abbrev=False,
    )
    _add_options(segment)
    segment.set_defaults(run=_run_segment)
    if with_parameters:
        add_method_parameters(segment)


def _add_options(segment: argparse.ArgumentParser) -> None:
    segment.add_argument("input", metavar="INPUT", type=given_path, help=SCAN_HELP)
    add_output(segment, "result")
    segment.add_argument("--method", metavar="KEY", help="how to find the lungs; `lungsegmentation methods` lists them; default auto")
    add_series(segment)
    segment.add_argument("--no-airways", dest="airways", action="store_false", help="leave the airways out of the result (never lung)")
    segment.add_argument("--no-vessels", dest="vessels", action="store_false", help="do not look for vessels: several times as fast")
    segment.add_argument("--vessel-rule", metavar="KEY", help="how to find the vessels: tubularity (default) or threshold")
    segment.add_argument("--probability", action="store_true", help="write the lung probability too; method network only")
    add_label_mapping(segment)
    add_table_layout(segment)
    segment.add_argument("--no-report", dest="report", action="store_false", help="do not write report.html")
    segment.add_argument("--no-viewer", dest="viewer", action="store_false", help="do not write viewer.html, which holds the CT's voxels")
    segment.add_argument("--scene", action="store_true", help="write a scene for 3D Slicer too; needs lungsegmentation[mrml]")
    needs = "of a DICOM scan, with the patient's identity as in its images; needs lungsegmentation[dicom]"
    segment.add_argument("--dicom-seg", action="store_true", help=f"write a DICOM segmentation object too, {needs}")
    segment.add_argument("--dicom-sr", action="store_true", help="write the measures as a DICOM structured report too, and --dicom-seg")
    segment.add_argument(
        "--providers",
        metavar="NAMES",
        help="what ONNX Runtime runs the network on, in order of preference, such as CUDAExecutionProvider,CPUExecutionProvider; "
        "default CPUExecutionProvider (also by the environment variable LUNGSEGMENTATION_PROVIDERS)",
    )
    add_run_options(segment, "result of an earlier run")


def _run_segment(options: argparse.Namespace) -> None:
    scene_writer = find_scene_writer() if options.scene else None
    dicom = _dicom_objects(options)
    parameters = method_parameters(options)
    from ..network.onnx_session import providers_set_to
    from ..output.atomic_folder import atomic_folder
    from ..output.result_folder import result_names, write_files
    from ..registry import find_method
    from ..volume import scan_name

    find_method(options.method).make_parameters(parameters)
    mapping, layouts = _of_other_tools(options)
    name = scan_name(options.input)
    with (
        atomic_folder(options.output, lambda: result_names(options.output, name), options.overwrite, [options.input]) as staging,
        progress_of(options) as progress,
        providers_set_to(options.providers),
    ):
        start = time.perf_counter()
        volume = _read(options, part_of(progress, 0.0, 0.25))
        timings_s = {"Reading": time.perf_counter() - start}
        from ..measures import measure
        from ..pipeline import segment

        if dicom:
            from ..output.dicom_source import check_dicom_writing

            check_dicom_writing(volume)
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
        write_files(
            result,
            measures,
            staging,
            timings_s,
            scene_writer,
            part_of(progress, 0.85, 1.0),
            options.report,
            options.viewer,
            dicom,
            mapping,
            layouts,
        )
        written = [file_name for file_name in result_names(staging, name) if (staging / file_name).exists()]
    if not options.quiet:
        notes = () if mapping is None else mapping.note(result.labels)
        _show(replace(result, warnings=(*result.warnings, *notes)), measures, options.output, written)


def _of_other_tools(options: argparse.Namespace) -> tuple[LabelMapping | None, tuple[str, ...]]:
    """Find the numbering and the tables that are wanted besides our own.

    Raises
    ------
    InputError
        When there is none of a name.
    """
    from ..io.label_mappings import find_written_mapping
    from ..tables.layouts import check_layouts

    mapping = None if options.label_mapping is None else find_written_mapping(options.label_mapping)
    return mapping, check_layouts(options.table_layouts)


def _show(result: Segmentation, measures: Measures, folder: Path, written: Sequence[str]) -> None:
    from ..tables.rows import volumes_table

    reason = f" ({result.method_reason})" if result.method_reason else ""
    title = f"{result.volume.name}: method {result.method}{reason}"
    write_text(sys.stdout, report_text(title, volumes_table(measures.volumes), result.warnings, folder, written))


def _read(options: argparse.Namespace, progress: Progress) -> CtVolume:
    from ..io.scans import read_ct

    with ThreadPoolExecutor(1) as beside:  # unpacking a file leaves Python's lock free
        beside.submit(_import_what_follows)
        return read_ct(options.input, options.series, progress)


def _import_what_follows() -> None:
    """Import while the scan is read what will be needed after it; what cannot be imported says so there."""
    for name in _NEEDED_LATER:
        with suppress(ImportError):
            import_module(name, __package__)


def _dicom_objects(options: argparse.Namespace) -> tuple[str, ...]:
    """List the DICOM objects that are wanted: a report refers to a segmentation.

    Raises
    ------
    InputError
        When the package that writes them is missing.
    """
    if not options.dicom_seg and not options.dicom_sr:
        return ()
    from ..output.dicom_objects import SEG_NAME, SR_NAME
    from ..output.dicom_source import check_dicom_writing

    check_dicom_writing(None)
    return (SEG_NAME, SR_NAME) if options.dicom_sr else (SEG_NAME,)


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
