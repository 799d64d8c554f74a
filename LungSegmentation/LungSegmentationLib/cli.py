"""The command line: ``lungsegmentation segment``, ``phantom`` and ``methods``; the other commands have files of their own.

Heavy packages are imported by the commands themselves, so that ``--help`` is there at once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .cli_common import TEXT_WIDTH, check_path, progress_bar, report_text, write_text
from .cli_evaluate import add_evaluate
from .cli_evaluate_cohort import add_evaluate_cohort
from .cli_measure import add_measure
from .errors import InputError, LungSegmentationError
from .progress import part_of
from .version import __version__

if TYPE_CHECKING:
    from .method import ParameterDescription
    from .output.result_folder import SceneWriter

EXIT_SUCCESS, EXIT_BAD_INPUT = 0, 2
EXIT_INTERRUPTED, EXIT_TERMINATED = 128 + 2, 128 + 15  # a shell's codes for SIGINT and SIGTERM

PHANTOM_NAMES = ("ct.nii.gz", "truth_labels.nii.gz", "truth_volumes.csv")
SCENE_WRITER_GROUP, SCENE_WRITER_NAME, _SCENE_LIBRARY = "lungsegmentation.scene_writers", "mrb", "slicer"
_PARAMETER_PREFIX = "parameter "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after the program's name; those of this process for None.

    Returns
    -------
    int
        0 on success, 2 on bad input or output, 130 after Ctrl-C. SIGTERM ends the process with 143.
        Nothing half-written is left in any case.
    """
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_TERMINATED))
        words = list(sys.argv[1:] if arguments is None else arguments)
        options = _parser(words).parse_args(words)
        with _only_our_own_lines_on_stderr():
            options.run(options)
    except LungSegmentationError as error:
        _say_error(" ".join(str(error).split()))
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        _say_error("stopped; nothing was written")
        return EXIT_INTERRUPTED
    return EXIT_SUCCESS


@contextmanager
def _only_our_own_lines_on_stderr() -> Iterator[None]:
    """Send what C libraries print of a damaged file or a full disk nowhere: the error says it in one line."""
    python_stderr = sys.stderr
    try:
        is_process_stderr = python_stderr.fileno() == 2
    except (OSError, ValueError):
        is_process_stderr = False
    if not is_process_stderr:
        yield
        return
    python_stderr.flush()
    kept = os.dup(2)
    with (
        open(os.devnull, "wb") as nowhere,
        open(kept, "w", encoding=python_stderr.encoding, errors="backslashreplace", buffering=1) as ours,
    ):
        os.dup2(nowhere.fileno(), 2)
        sys.stderr = ours
        try:
            yield
        finally:
            ours.flush()
            os.dup2(kept, 2)
            sys.stderr = python_stderr


def _say_error(text: str) -> None:
    write_text(sys.stderr, f"lungsegmentation: error: {text}\n")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="lungsegmentation",
        description="Segments right lung, left lung and airways in a chest CT.",
        epilog="Exit status: 0 success, 2 bad input or output, 130 stopped with Ctrl-C, 143 terminated. "
        "Help on a command: lungsegmentation COMMAND --help",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"lungsegmentation {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    _add_segment(commands, with_parameters="segment" in words)
    add_measure(commands)
    add_evaluate(commands)
    add_evaluate_cohort(commands)
    _add_phantom(commands)
    methods = commands.add_parser("methods", help="list the methods", description="Lists the methods.", allow_abbrev=False)
    methods.set_defaults(run=_run_methods)
    return parser


def _add_segment(commands: Any, with_parameters: bool) -> None:
    segment = commands.add_parser(
        "segment",
        help="segment a chest CT",
        description="Segments a chest CT and writes the result into a folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent("""\
            files written (all of them or none):
              labels.nii.gz           label map on the input's grid: 1 right lung, 2 left lung, 3 airways
              vessels.nii.gz          vessels: 1 in the right lung, 2 in the left one
              probability.nii.gz      with --probability: how probable lung is, 0 to 255 for 0 to 1
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
              scene.mrb               with --scene: everything as a scene for 3D Slicer

            Right and left are the patient's."""),
        allow_abbrev=False,
    )
    segment.add_argument("input", metavar="INPUT", type=Path, help="DICOM folder or file, or NIfTI, NRRD or MetaImage file, in HU")
    segment.add_argument("--output", metavar="DIR", type=Path, required=True, help="folder for the result; made where it is missing")
    segment.add_argument("--method", metavar="KEY", help="how to find the lungs; `lungsegmentation methods` lists them; default auto")
    segment.add_argument("--series", metavar="UID", help="SeriesInstanceUID to read from a DICOM folder with several series")
    segment.add_argument("--no-airways", dest="airways", action="store_false", help="leave the airways out of the result (never lung)")
    segment.add_argument("--no-vessels", dest="vessels", action="store_false", help="do not look for vessels: several times as fast")
    segment.add_argument("--vessel-rule", metavar="KEY", help="how to find the vessels: tubularity (default) or threshold")
    segment.add_argument("--probability", action="store_true", help="write how probable lung is too; method network only")
    segment.add_argument("--no-report", dest="report", action="store_false", help="do not write report.html: saves some seconds")
    segment.add_argument("--scene", action="store_true", help="write a scene for 3D Slicer too; needs lungsegmentation[mrml]")
    segment.add_argument("--overwrite", action="store_true", help="replace the result of an earlier run in DIR")
    segment.add_argument("--quiet", action="store_true", help="write nothing but errors: no progress, no summary")
    segment.set_defaults(run=_run_segment)
    if with_parameters:
        _add_parameters(segment)


def _add_phantom(commands: Any) -> None:
    phantom = commands.add_parser(
        "phantom",
        help="make a synthetic chest CT with exact truth",
        description=f"Writes a synthetic chest CT with its exact label map and volumes: {', '.join(PHANTOM_NAMES)}.",
        allow_abbrev=False,
    )
    phantom.add_argument("--output", metavar="DIR", type=Path, required=True, help="folder for the files; made where it is missing")
    phantom.add_argument("--seed", metavar="N", type=int, default=0, help="number of the random variant, default 0")
    phantom.add_argument("--overwrite", action="store_true", help="replace the files of an earlier run in DIR")
    phantom.set_defaults(run=_run_phantom)


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    """Make an option of every parameter that any method describes."""
    from .registry import METHODS

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
    check_path(options.input)
    check_path(options.output)
    scene_writer = find_scene_writer() if options.scene else None
    parameters = {
        name.removeprefix(_PARAMETER_PREFIX): value
        for name, value in vars(options).items()
        if name.startswith(_PARAMETER_PREFIX) and value is not None
    }
    from .output.atomic_folder import atomic_folder
    from .output.result_folder import result_names, write_files
    from .registry import find_method
    from .volume import scan_name

    find_method(options.method).make_parameters(parameters)
    names = result_names(options.output, scan_name(options.input))
    with (
        atomic_folder(options.output, names, options.overwrite, inputs=[options.input]) as staging,
        progress_bar(wanted=not options.quiet and sys.stderr.isatty()) as progress,
    ):
        from .io import read_ct
        from .pipeline import segment

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
        measures = write_files(result, staging, timings_s, scene_writer, part_of(progress, 0.8, 1.0), options.report)
        written = [name for name in names if (staging / name).exists()]
    if not options.quiet:
        from .tables.rows import volumes_table

        reason = f" ({result.method_reason})" if result.method_reason else ""
        title = f"{result.volume.name}: method {result.method}{reason}"
        write_text(sys.stdout, report_text(title, volumes_table(measures), result.warnings, options.output, written))


def find_scene_writer() -> SceneWriter:
    """Find the installed writer of Slicer scenes.

    Returns
    -------
    callable
        ``write(result, path)``, from the entry point ``mrb`` of the group ``lungsegmentation.scene_writers``.

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


def _run_phantom(options: argparse.Namespace) -> None:
    check_path(options.output)
    from .output.atomic_folder import atomic_folder

    with atomic_folder(options.output, PHANTOM_NAMES, options.overwrite) as staging:
        from .measurement.volumes import measure_regions
        from .output.label_files import write_nifti
        from .output.result_folder import write_whole
        from .phantom import make_phantom
        from .tables.csv_files import write_csv
        from .tables.rows import volumes_table

        phantom = make_phantom(seed=options.seed)
        truth = volumes_table(measure_regions(phantom.volume, phantom.labels))
        writers: tuple[Callable[[Path], None], ...] = (
            lambda path: write_nifti(phantom.volume.voxels_hu, phantom.volume, path),
            lambda path: write_nifti(phantom.labels, phantom.volume, path),
            lambda path: write_csv(truth, path),
        )
        for name, write in zip(PHANTOM_NAMES, writers, strict=True):
            write_whole(write, staging / name)
    write_text(sys.stdout, f"Written to {options.output}: {', '.join(PHANTOM_NAMES)}\n")


def _run_methods(options: argparse.Namespace) -> None:
    from .registry import METHODS, choose_method

    chosen, reason = choose_method()
    for method in METHODS:
        default = f" (auto: {reason})" if method is chosen else ""
        write_text(sys.stdout, f"{method.key}{default}: {method.title}\n")
        for text in (method.summary, method.reference and f"Reference: {method.reference}"):
            for line in textwrap.wrap(text, TEXT_WIDTH, initial_indent="  ", subsequent_indent="  "):
                write_text(sys.stdout, f"{line}\n")
