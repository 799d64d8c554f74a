"""The command ``lungsegmentation phantom``: a synthetic chest CT with exact truth."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .options import add_output, add_overwrite
from .terminal import shown, write_text

PHANTOM_NAMES = ("ct.nii.gz", "truth_labels.nii.gz", "truth_volumes.csv")


def add_phantom(commands: Any) -> None:
    """Add the command to the parser's commands."""
    phantom = commands.add_parser(
        "phantom",
        help="make a synthetic chest CT with exact truth",
        description=f"Writes a synthetic chest CT with its exact label map and volumes: {', '.join(PHANTOM_NAMES)}.",
        allow_abbrev=False,
    )
    add_output(phantom, "files")
    phantom.add_argument("--seed", metavar="N", type=int, default=0, help="number of the random variant, default 0")
    add_overwrite(phantom, "files of an earlier run")
    phantom.set_defaults(run=_run_phantom)


def _run_phantom(options: argparse.Namespace) -> None:
    from ..output.atomic_folder import atomic_folder

    with atomic_folder(options.output, PHANTOM_NAMES, options.overwrite) as staging:
        from ..measurement.volumes import measure_regions
        from ..output.label_files import write_nifti
        from ..output.result_folder import write_whole
        from ..phantom import make_phantom
        from ..tables.csv_files import write_csv
        from ..tables.rows import volumes_table

        phantom = make_phantom(seed=options.seed)
        truth = volumes_table(measure_regions(phantom.volume, phantom.labels))
        writers: tuple[Callable[[Path], None], ...] = (
            lambda path: write_nifti(phantom.volume.voxels_hu, phantom.volume, path),
            lambda path: write_nifti(phantom.labels, phantom.volume, path),
            lambda path: write_csv(truth, path),
        )
        for name, write in zip(PHANTOM_NAMES, writers, strict=True):
            write_whole(write, staging / name)
    write_text(sys.stdout, f"Written to {shown(str(options.output))}: {', '.join(PHANTOM_NAMES)}\n")
