"""All files of one result, in one folder."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OutputError, output_errors
from ..io.label_mappings import LABEL_MAPPINGS, WRITTEN_NAMES, LabelMapping, find_written_mapping, renumbered
from ..labels import REGIONS, VESSEL_REGIONS, Region
from ..progress import Progress, no_progress, part_of
from ..segmentation import Segmentation
from ..tables.layouts import check_layouts, write_layouts
from ..tables.table_files import TABLE_NAMES, table_names, write_tables
from .atomic_folder import atomic_folder
from .dicom_objects import SEG_NAME, SR_NAME, DicomObjects
from .label_files import write_nifti
from .overview import write_overview
from .polydata import POLYDATA_NAMES, write_polydata
from .report import write_report
from .result_pictures import ResultPictures
from .seg_nrrd import write_seg_nrrd
from .summary import write_summary
from .viewer import VIEWER_NAME, write_viewer

if TYPE_CHECKING:
    from ..measures import Measures

SceneWriter = Callable[[Segmentation, "Measures", Path], None]
_THREADS = 2

MAPPED_NAMES = tuple(LABEL_MAPPINGS[name].file_name for name in WRITTEN_NAMES)

# Every fixed name that a run may write; the workbook is named after the scan. The summary is the last to arrive.
RESULT_NAMES = (
    "labels.nii.gz",
    *MAPPED_NAMES,
    "vessels.nii.gz",
    "probability.nii.gz",
    "segmentation.seg.nrrd",
    *TABLE_NAMES,
    *POLYDATA_NAMES.values(),
    "overview.png",
    "report.html",
    VIEWER_NAME,
    "scene.mrb",
    SEG_NAME,
    SR_NAME,
    "summary.json",
)


def result_names(folder: Path, input_name: str) -> tuple[str, ...]:
    """List the file names that a run may write or replace in a folder; see :func:`atomic_folder`."""
    return (*table_names(folder, input_name), *(name for name in RESULT_NAMES if name not in TABLE_NAMES))


def save_result(
    result: Segmentation,
    folder: str | Path,
    overwrite: bool = False,
    label_mapping: str | None = None,
    table_layouts: Collection[str] = (),
) -> None:
    """Measure a result and write its files into a folder; they appear all together or not at all.

    Parameters
    ----------
    result : Segmentation
    folder : str or pathlib.Path
        Made where it is missing.
    overwrite : bool
        Replace the files of an earlier result.
    label_mapping : str, optional
        Name of a tool's numbering, in which the label map is written too; see :mod:`LungSegmentationLib.io.label_mappings`.
    table_layouts : collection of str
        Names of tools in whose tables the measures are written too; see :mod:`LungSegmentationLib.tables.layouts`.

    Raises
    ------
    InputError
        When the numbering is unknown, or has no number for a whole lung, or a table layout is unknown.
    OutputError
        When the folder holds a result or cannot be written.
    """
    from ..measures import measure

    mapping = None if label_mapping is None else find_written_mapping(label_mapping)
    layouts = check_layouts(table_layouts)
    with atomic_folder(Path(folder), lambda: result_names(Path(folder), result.volume.name), overwrite) as staging:
        write_files(result, measure(result), staging, label_mapping=mapping, table_layouts=layouts)


def write_files(
    result: Segmentation,
    measures: Measures,
    folder: Path,
    timings_s: Mapping[str, float] | None = None,
    scene_writer: SceneWriter | None = None,
    progress: Progress = no_progress,
    report: bool = True,
    viewer: bool = True,
    dicom: Collection[str] = (),
    label_mapping: LabelMapping | None = None,
    table_layouts: Collection[str] = (),
) -> None:
    """Write a result's files into an empty folder, each verified.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    folder : pathlib.Path
        Exists; see :func:`LungSegmentationLib.output.atomic_folder.atomic_folder`.
    timings_s : mapping, optional
        Seconds of the steps before the engine's own, such as reading.
    scene_writer : callable, optional
        ``scene_writer(result, measures, path)`` writes the Slicer scene ``scene.mrb``.
    progress : callable
    report : bool
        Whether to write ``report.html``.
    viewer : bool
        Whether to write ``viewer.html``, which holds the scan's voxels around the lungs.
    dicom : collection of str
        Which DICOM objects to write: :data:`.dicom_objects.SEG_NAME`, :data:`.dicom_objects.SR_NAME`; the scan comes from DICOM then.
    label_mapping : LabelMapping, optional
        The label map is written in this numbering too.
    table_layouts : collection of str
        Keys of :data:`LungSegmentationLib.tables.layouts.TABLE_LAYOUTS`: tables that are written too.

    Raises
    ------
    InputError
        As :meth:`.dicom_objects.DicomObjects.write`.
    OutputError
        When a file could not be written whole.
    """
    start = time.perf_counter()
    if label_mapping is not None:
        write_whole(
            lambda path: write_nifti(renumbered(result.labels, label_mapping), result.volume, path), folder / label_mapping.file_name
        )
        result = replace(result, warnings=(*result.warnings, *label_mapping.note(result.labels)))
    _write_side_by_side(result, measures, folder, report, viewer, part_of(progress, 0.0, 0.8))
    write_layouts(table_layouts, result, folder)
    objects = DicomObjects(result, measures)
    for name in (SEG_NAME, SR_NAME):
        if name in dicom:
            progress(0.85, f"Writing {name}")
            write_whole(objects.write, folder / name)
    if scene_writer is not None:
        progress(0.9, "Writing scene.mrb")
        write_whole(partial(_write_scene, scene_writer, result, measures), folder / "scene.mrb")
    timings = {**(timings_s or {}), **result.timings_s, "Writing": time.perf_counter() - start}
    write_whole(partial(write_summary, result, measures, timings), folder / "summary.json")
    progress(1.0, "Written")


def _write_side_by_side(result: Segmentation, measures: Measures, folder: Path, report: bool, viewer: bool, progress: Progress) -> None:
    """Pack the voxels, draw the pages and write the tables at once."""
    maps: dict[str, Callable[[Path], None]] = {
        "labels.nii.gz": lambda path: write_nifti(result.labels, result.volume, path),
        **_optional_maps(result),
        **{POLYDATA_NAMES[key]: partial(write_polydata, lines) for key, lines in measures.centrelines.items()},
        "segmentation.seg.nrrd": lambda path: write_seg_nrrd(_segment_layers(result), result.volume, path),
    }
    pool = ThreadPoolExecutor(_THREADS)  # packing and drawing keep Python's lock for moments only
    try:
        steps = {name: pool.submit(write_whole, write, folder / name) for name, write in maps.items()}
        pictures = ResultPictures(result).drawn(with_scan=report or viewer)
        pages: dict[str, Callable[[Path], None]] = {"overview.png": lambda path: write_overview(result, measures, path, pictures)}
        if report:
            pages["report.html"] = lambda path: write_report(result, measures, path, pictures=pictures)
        if viewer:
            pages[VIEWER_NAME] = lambda path: write_viewer(result, measures, path, steps["labels.nii.gz"].result(), pictures)
        steps |= {name: pool.submit(write_whole, write, folder / name) for name, write in pages.items()}
        progress(0.0, "Writing the tables")
        write_tables(measures.tables, result.volume.name, folder)
        for number, (name, step) in enumerate(steps.items()):
            progress(number / len(steps), f"Writing {name}")
            step.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _optional_maps(result: Segmentation) -> dict[str, Callable[[Path], None]]:
    maps = {"vessels.nii.gz": result.vessels, "probability.nii.gz": result.probability}
    return {name: partial(_write_map, array, result) for name, array in maps.items() if array is not None}


def _write_map(array: np.ndarray, result: Segmentation, path: Path) -> None:
    write_nifti(array, result.volume, path)


def _segment_layers(result: Segmentation) -> list[tuple[np.ndarray, dict[int, Region]]]:
    layers = [(result.labels, {region.label: region for region in REGIONS})]
    if result.vessels is not None:
        layers.append((result.vessels, {region.label: region for region in VESSEL_REGIONS}))
    return layers


def write_whole(write: Callable[[Path], None], path: Path) -> Path:
    """Run a file writer and give the path back; whatever the system refuses becomes an :class:`OutputError`."""
    with output_errors(f"{path.name} could not be written", "free some space or give another output folder"):
        write(path)
    return path


def _write_scene(scene_writer: SceneWriter, result: Segmentation, measures: Measures, path: Path) -> None:
    scene_writer(result, measures, path)
    try:
        with zipfile.ZipFile(path) as bundle:
            damaged = bundle.testzip()
    except zipfile.BadZipFile:
        damaged = path.name
    if damaged:
        raise OutputError(f"{path.name} was not written to its end; is the disk full?")
