"""Lungs as contours followed from one axial slice to the next."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.limits import THIN_WALL_MM, WORKING_VOXEL_MM
from ..anatomy.morphology import component_sizes, components, dilated
from ..anatomy.working_grid import WorkingGrid
from ..method import Method, parameter
from ..progress import Progress, part_of
from ..segmentation import LungMask
from ..tracking.coarse_mask import coarse_mask, on_blocks
from ..tracking.slice_regions import find_slice_regions
from ..tracking.tracker import find_start_slice, track
from ..volume import CtVolume
from . import limits
from .lungs import LungParameters, examine_for, lung_air, lungs_from_air


@dataclass(frozen=True)
class ContourTrackingParameters(LungParameters):
    """Parameters of the method; the published numbers of pixels are counted as 0.7 mm each."""

    working_voxel_mm: float = parameter(
        WORKING_VOXEL_MM, "Working voxel", "mm", 0.5, 4.0, "voxel size of the grid on which contours are followed"
    )
    table_width_mm: float = parameter(
        limits.TABLE_WIDTH_MM, "Table width", "mm", 0.0, 100.0, "a table thinner than this does not hold up the background"
    )
    filling_box_mm: float = parameter(
        limits.FILLING_BOX_MM, "Filling box", "mm", 0.0, 60.0, "box filter that fills the holes of the coarse mask"
    )
    # Published: 4, to save time; a lung that disease breaks up has more, and here they cost nothing.
    contours_per_slice: int = parameter(
        limits.MOST_CONTOURS_COUNT, "Contours per slice", "", 1, 30, "the largest contours of a slice that are followed"
    )
    jaccard_threshold: float = parameter(
        limits.JACCARD_SHARE,
        "Jaccard threshold",
        "",
        0.0,
        1.0,
        "a contour goes on in the next slice (1 mm away) where the two overlap more than this",
    )


def segment(volume: CtVolume, parameters: ContourTrackingParameters, progress: Progress) -> LungMask:
    """Segment the lungs by tracking their contours.

    Unlike the published steps, tracking starts where both lungs are most certain instead of in the centre
    slice, and goes back from the contours that are too large for a trachea, so that the trachea is dropped in
    the middle slices too; the closing is done per lung in 3D.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    parameters : ContourTrackingParameters
    progress : callable

    Returns
    -------
    LungMask
    """
    with ThreadPoolExecutor(1) as beside:
        sizes_mm = parameters.table_width_mm, parameters.filling_box_mm
        masking = beside.submit(coarse_mask, volume.voxels_hu, volume.spacing_zyx_mm, *sizes_mm, volume.measured)
        chest = examine_for(volume, parameters, parameters.working_voxel_mm, part_of(progress, 0.0, 0.5))
        progress(0.5, "Masking the lungs coarsely")
        mask, mask_grid = masking.result()
    candidates = _masked(chest.air & ~chest.airway_blocks, on_blocks(mask, mask_grid, chest.grid, chest.box), chest.grid)
    progress(0.6, "Tracking contours")
    air = lung_air(chest, candidates, parameters)
    regions = find_slice_regions(air, parameters.contours_per_slice, chest.grid.spacing_zyx_mm)
    start_slice = find_start_slice(regions, chest.midline_column)
    airways_are_out = chest.trachea_hu is not None
    air &= regions.pixels_of(track(regions, start_slice, parameters.jaccard_threshold, airways_are_out))
    return lungs_from_air(volume, chest, air, parameters, part_of(progress, 0.7, 1.0))


def _masked(air: np.ndarray, mask: np.ndarray, grid: WorkingGrid) -> np.ndarray:
    """Keep the air in the mask, and the whole of a region that lies at the edge of the field of view, where the mask fails."""
    masked = air & mask
    kept, total = (np.count_nonzero(part, axis=(1, 2)) for part in (masked, air))
    slices = np.flatnonzero(kept < limits.LEAST_KEPT_SHARE * total)
    if slices.size:
        labels, count = components(air[slices], in_plane=True)
        near_outside = dilated(grid.padding, THIN_WALL_MM, grid.spacing_zyx_mm)
        at_edge = np.zeros(count + 1, bool)
        at_edge[labels[near_outside[slices]]] = True
        sizes, in_mask = component_sizes(labels, count), component_sizes(labels * masked[slices], count)
        masked[slices] |= (at_edge & (in_mask < limits.LEAST_KEPT_SHARE * sizes))[labels]
    return masked


METHOD = Method(
    key="contour-tracking",
    title="Contour tracking",
    summary="Contours of air are followed from slice to slice, out from where both lungs are certain and back; the trachea falls away.",
    parameters=ContourTrackingParameters,
    segment=segment,
    reference="F. Hartmann, Y. B. Tanriverdi, Lung segmentation in 3D CT scans (2023): Jaccard 0.978 on VESSEL12",
)
