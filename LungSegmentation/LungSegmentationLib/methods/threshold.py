"""Lungs as closed sub-voxel outlines at a density, slice by slice, made consistent between slices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..anatomy.chest import Chest
from ..anatomy.limits import WORKING_VOXEL_MM
from ..anatomy.pieces import joined
from ..method import Method, parameter
from ..progress import Progress, part_of
from ..segmentation import LungMask
from ..tracking.contours import Region, hull_area_mm2, import_measure, rasterised, regions_of_slice
from ..tracking.limits import SOFT_TISSUE_HU
from ..volume import CtVolume
from . import limits
from .lungs import LungParameters, examine_for, lung_air, lungs_from_air


@dataclass(frozen=True)
class ThresholdParameters(LungParameters):
    """Parameters of the method; ``threshold_hu`` is the upper end of the range of densities."""

    lowest_mean_hu: float = parameter(
        limits.LOWEST_MEAN_HU,
        "Lowest mean density",
        "HU",
        -1024.0,
        -800.0,
        "an outline that is darker on average holds gas, not lung; -1024: none does",
    )
    smallest_area_mm2: float = parameter(
        limits.SMALLEST_OUTLINE_MM2,
        "Smallest area",
        "mm²",
        20.0,
        10000.0,
        "an outline whose convex hull is at least as large may be lung by itself",
    )
    shortest_region_mm: float = parameter(
        limits.SHORTEST_REGION_MM,
        "Shortest region",
        "mm",
        0.0,
        100.0,
        "smaller outlines may be lung if they overlap from slice to slice over this height",
    )
    working_voxel_mm: float = parameter(
        WORKING_VOXEL_MM, "Working voxel", "mm", 0.5, 4.0, "voxel size of the grid on which the outlines are drawn and chosen"
    )


def segment(volume: CtVolume, parameters: ThresholdParameters, progress: Progress) -> LungMask:
    """Segment the lungs by outlines at a density.

    The published steps take two outlines from one slice: those of at least 2000 pixels (1233 mm² there) by
    their convex hull. Here any number is taken, the air outside the body is left out by the anatomy and not
    by its size, and an outline that is too small by itself is taken with those that it overlaps in the
    slices above and below: so apex, base and recesses stay. The outlines are drawn and chosen on the working
    grid; at full resolution each border voxel is decided by its own density, which gives the voxels whose
    centres lie inside the outline there.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation; one slice is enough.
    parameters : ThresholdParameters
    progress : callable

    Returns
    -------
    LungMask

    Raises
    ------
    InputError
        If scikit-image is not installed, or there is no lung in the image.
    """
    import_measure()
    slices, (slice_mm, row_mm, column_mm) = volume.voxels_hu.shape[0], volume.spacing_zyx_mm
    is_slab = slices * slice_mm < limits.LOWEST_CHEST_MM
    examined, asked = volume, parameters
    if is_slab:
        examined = replace(volume, spacing_zyx_mm=(limits.SLAB_COUNTS_AS_MM / slices, row_mm, column_mm))
        asked = replace(parameters, find_airways=False)
    chest = examine_for(examined, asked, parameters.working_voxel_mm, part_of(progress, 0.0, 0.55))
    outlined = _outlined_air(chest, parameters, slice_mm / chest.scale * chest.grid.factors_zyx[0], part_of(progress, 0.55, 0.65))
    progress(0.65, "Choosing the lungs")
    mask = lungs_from_air(volume, chest, lung_air(chest, outlined, asked), asked, part_of(progress, 0.7, 1.0))
    if not is_slab:
        return mask
    warning = f"the image is only {slices * slice_mm:.1f} mm high: airways were not looked for, and small outlines were left out"
    return replace(mask, warnings=(*mask.warnings, warning))


def _outlined_air(chest: Chest, parameters: ThresholdParameters, slice_mm: float, progress: Progress) -> np.ndarray:
    """Mark the air (bool, working grid) inside the outlines that may be lung."""
    air, mean_hu = chest.air & ~chest.airway_blocks, chest.grid.mean_hu
    # What is dark but outside the body or in an airway is made tissue: it gets no outline.
    inner_hu = np.where((mean_hu < parameters.threshold_hu) & ~air, np.int16(SOFT_TISSUE_HU), mean_hu)
    spacing_yx_mm = (chest.grid.spacing_zyx_mm[1], chest.grid.spacing_zyx_mm[2])
    numbers = np.zeros(air.shape, np.int32)
    # Number 0 is what lies in no outline.
    slice_of, large, means_hu = [0], [False], [-np.inf]
    slices = np.flatnonzero(air.any(axis=(1, 2))).tolist()
    for done, index in enumerate(slices):
        if done % 16 == 0:
            progress(done / len(slices), "Drawing the outlines")
        box = _box_around(air[index])
        part_hu = inner_hu[index][box]
        regions = regions_of_slice(part_hu, parameters.threshold_hu)
        drawn = rasterised(regions, part_hu.shape)
        sums_hu = np.bincount(drawn.ravel(), weights=part_hu.ravel())
        numbers[index][box] = np.where(drawn > 0, drawn + (len(large) - 1), 0)
        slice_of += [index] * len(regions)
        large += [_is_large(region, parameters.smallest_area_mm2, spacing_yx_mm) for region in regions]
        means_hu += list((sums_hu / np.bincount(drawn.ravel()))[1:])
    may_be_lung = _large_or_high(numbers, np.array(slice_of), np.array(large), parameters.shortest_region_mm / slice_mm)
    may_be_lung &= np.array(means_hu) >= parameters.lowest_mean_hu
    return may_be_lung[numbers]


def _box_around(air: np.ndarray) -> tuple[slice, slice]:
    """Box of a slice's air with the one row and column of tissue between which and the air the outline runs."""
    rows, columns = (np.flatnonzero(air.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - 1), min(air.shape[0], int(rows[-1]) + 2)),
        slice(max(0, int(columns[0]) - 1), min(air.shape[1], int(columns[-1]) + 2)),
    )


def _is_large(region: Region, smallest_area_mm2: float, spacing_yx_mm: tuple[float, float]) -> bool:
    # Almost all outlines are too small for their hull to matter.
    if float(np.prod(np.ptp(region.outer, axis=0) * spacing_yx_mm)) < smallest_area_mm2:
        return False
    return hull_area_mm2(region.outer, spacing_yx_mm) >= smallest_area_mm2


def _large_or_high(numbers: np.ndarray, slice_of: np.ndarray, large: np.ndarray, fewest_slices: float) -> np.ndarray:
    """Tell which regions hang together, by overlap from slice to slice, with a large one or over enough slices.

    Parameters
    ----------
    numbers : numpy.ndarray
        int32 (z, y, x): number of the region that each block belongs to; every region lies in one slice.
    slice_of, large : numpy.ndarray
        Whole number and bool, per region.
    fewest_slices : float
        A chain without a large region needs as many, and at least two.

    Returns
    -------
    numpy.ndarray
        bool, per region.
    """
    both = (numbers[:-1] > 0) & (numbers[1:] > 0)
    chain, count = joined(numbers[:-1][both], numbers[1:][both], large.size)
    with_large = np.bincount(chain, weights=large, minlength=count) > 0
    lowest, highest = np.full(count, numbers.shape[0]), np.full(count, -1)
    np.minimum.at(lowest, chain, slice_of)
    np.maximum.at(highest, chain, slice_of)
    return (with_large | (highest - lowest + 1 >= max(2, fewest_slices)))[chain]


METHOD = Method(
    key="threshold",
    title="Threshold and outlines",
    summary="Closed sub-voxel outlines at a density in each slice, kept where they are large or continue from slice to slice. "
    "Also for a single slice.",
    parameters=ThresholdParameters,
    segment=segment,
    requires=("scikit-image",),
    reference="N. Adaloglou, Introduction to medical image processing with Python: CT lung and vessel segmentation without labels (2021): "
    "HU range, marching squares, convex hull, polygon to mask",
    fewest_slices=1,
)
