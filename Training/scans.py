"""Scans with reference labels, reduced to the pixels on which the networks are trained."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from LungSegmentationLib.anatomy.aorta import find_aorta
from LungSegmentationLib.anatomy.limits import WORKING_VOXEL_MM
from LungSegmentationLib.anatomy.working_grid import WorkingGrid, make_working_grid
from LungSegmentationLib.io.label_maps import read_labels
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.network.preprocessing import NetworkGrid, body_box, reduced_slices, spaced_positions
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.scan_field.limits import LOWEST_CT_HU
from LungSegmentationLib.volume import CtVolume, to_canonical

# A little finer than a network's pixel, so that turning and scaling lose little.
PIXEL_MM = 2.4
_AORTIC_WALL_MM = 1.0
# What the references label, and what is learnt beside it so that it is not taken for lung.
REFERENCE_CLASSES = ("background", "right_lung", "left_lung", "airways")
CLASSES = (*REFERENCE_CLASSES, "aorta")


@dataclass(frozen=True)
class TrainingScan:
    """One scan, cropped to the body: slices of the working grid with pixels of 2.4 mm.

    Parameters
    ----------
    name, patient, group : str
        Scans of one patient are never split between training and test.
    hu : numpy.ndarray
        int16 (z, y, x).
    labels : numpy.ndarray
        uint8 (z, y, x): 0 background, 1 right lung, 2 left lung, 3 airways, 4 descending aorta and arch.
    leave_out : numpy.ndarray
        bool (z, y, x): nobody can be sure of these.
    spacing_zyx_mm : tuple of float
    """

    name: str
    patient: str
    group: str
    hu: np.ndarray
    labels: np.ndarray
    leave_out: np.ndarray
    spacing_zyx_mm: tuple[float, float, float]


def read_cases(cases_csv: Path, without: Sequence[str] = ()) -> list[TrainingScan]:
    """Read the scans of a table with the columns name, ct, reference, doubt and group; paths are relative to it.

    Parameters
    ----------
    cases_csv : pathlib.Path
    without : sequence of str
        Patients to leave out.
    """
    with cases_csv.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if patient_of(row["name"]) not in without]
    return [_read_case(row, cases_csv.parent) for row in rows]


def patient_of(name: str) -> str:
    """Give a scan's patient: its name without the mark of a reconstruction kernel (``_L``, ``_B``)."""
    return name[:-2] if name[-2:] in ("_L", "_B") else name


def _read_case(row: dict[str, str], folder: Path) -> TrainingScan:
    volume = read_ct(folder / row["ct"])
    labels = read_labels(folder / row["reference"], volume)
    leave_out = np.zeros(labels.shape, np.uint8)
    if row.get("doubt"):
        leave_out = read_labels(folder / row["doubt"], volume, {1: CLASSES[1]})
    return reduced_scan(volume, labels, leave_out, row["name"], row.get("group", ""))


def phantom_scan(seed: int) -> TrainingScan:
    """Make a phantom of a given seed as a scan."""
    phantom = make_phantom(seed=seed)
    name = f"phantom{seed}"
    return reduced_scan(phantom.volume, phantom.labels, np.zeros(phantom.labels.shape, np.uint8), name, "phantom")


def reduced_scan(volume: CtVolume, labels: np.ndarray, leave_out: np.ndarray, name: str, group: str) -> TrainingScan:
    """Reduce a volume and its labels (uint8, its shape) to the pixels of training, cropped to the body."""
    canonical, order = to_canonical(volume)
    working = make_working_grid(canonical.voxels_hu, canonical.spacing_zyx_mm, WORKING_VOXEL_MM, canonical.measured)
    _, rows, columns = body_box(working)
    slice_mm, row_mm, column_mm = working.spacing_zyx_mm
    grid = NetworkGrid(
        slices=np.arange(float(working.mean_hu.shape[0])),
        rows=spaced_positions(rows.start, rows.stop, row_mm, PIXEL_MM),
        columns=spaced_positions(columns.start, columns.stop, column_mm, PIXEL_MM),
        neighbour_steps=(0.0,),
    )
    shares = [_share(order.apply(labels) == label, working, grid) for label in range(1, len(REFERENCE_CLASSES))]
    shares.insert(0, 1 - sum(shares))
    hu = np.rint(reduced_slices(working.mean_hu, grid)).astype(np.int16)
    labels_found = np.stack(shares).argmax(axis=0).astype(np.uint8)
    labels_found[_aorta(hu, labels_found, (slice_mm, PIXEL_MM, PIXEL_MM))] = CLASSES.index("aorta")
    return TrainingScan(
        name=name,
        patient=patient_of(name),
        group=group,
        hu=hu,
        labels=labels_found,
        leave_out=_share(order.apply(leave_out) != 0, working, grid) > 0.1,
        spacing_zyx_mm=(slice_mm, PIXEL_MM, PIXEL_MM),
    )


def _aorta(hu: np.ndarray, labels: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> np.ndarray:
    """Mark the descending aorta and its arch as their shape shows them; what a reference labels stays as it is."""
    aorta = find_aorta(hu, (labels > 0) & (labels < len(REFERENCE_CLASSES) - 1), spacing_zyx_mm)
    return aorta.mask_with_arch(hu, spacing_zyx_mm, _AORTIC_WALL_MM) & (labels == 0)


def _share(mask: np.ndarray, working: WorkingGrid, grid: NetworkGrid) -> np.ndarray:
    """Share (float32) of each pixel that lies in a mask at full resolution."""
    (fz, fy, fx), (z, y, x) = working.factors_zyx, working.mean_hu.shape
    blocks = mask[: z * fz, : y * fy, : x * fx].reshape(z, fz, y, fy, x, fx)
    percent = 100 * blocks.mean(axis=(1, 3, 5), dtype=np.float32)
    # Outside the image the resampled value is that of outside air: no part of the mask.
    shifted = reduced_slices((percent + LOWEST_CT_HU).astype(np.int16), grid)
    return (shifted - LOWEST_CT_HU) / 100
