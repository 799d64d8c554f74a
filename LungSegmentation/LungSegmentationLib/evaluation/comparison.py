"""Compare a label map with a reference: overlap, volume, density and distance of the surfaces, region by region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..anatomy.morphology import SpacingZyx, bounding_box
from ..errors import InputError
from ..labels import AIRWAYS, BACKGROUND, LEFT_LUNG, REGIONS, RIGHT_LUNG
from . import limits
from .intensity import IntensityDifference, intensity_difference, sum_hu
from .overlap import Overlap, count_pairs, overlap_of
from .surface_distance import SurfaceDistances, surface_distances

_THREADS = 2
_LABELS = AIRWAYS + 1
_LEAVE_OUT = "mask of voxels to leave out"
_NO_INTENSITY = IntensityDifference(None, None, None)


@dataclass(frozen=True)
class _Region:
    """One region: its labels, and whether it is compared only where the reference has it."""

    key: str
    name: str
    labels: tuple[int, ...]
    needs_reference: bool = False


_NAMES = {region.label: (region.key, region.name) for region in REGIONS}
_REGIONS = (
    _Region(*_NAMES[RIGHT_LUNG], (RIGHT_LUNG,)),
    _Region(*_NAMES[LEFT_LUNG], (LEFT_LUNG,)),
    _Region("both_lungs", "Both lungs", (RIGHT_LUNG, LEFT_LUNG)),
    _Region(*_NAMES[AIRWAYS], (AIRWAYS,), needs_reference=True),
)
_VESSELS = _Region("vessels", "Vessels", (1,))


@dataclass(frozen=True)
class RegionComparison:
    """How one region of a result differs from the reference's; voxels left out count nowhere.

    Parameters
    ----------
    key, name : str
        ``right_lung``, ``left_lung``, ``both_lungs``, ``airways`` or ``vessels``, and the name for readers.
    dice, jaccard, sensitivity, specificity, precision, false_positive_rate, false_negative_rate : float or None
        0 to 1, see :class:`.overlap.Overlap`. The background of specificity and false-positive rate is the whole grid.
    result_ml, reference_ml, volume_difference_ml : float
        Volumes in mL; the difference is the result's volume minus the reference's.
    relative_volume_difference_percent, absolute_volume_difference_percent : float or None
        The difference in % of the reference's volume, with and without its sign.
    mean_error_hu, mean_absolute_error_hu, relative_mean_hu_difference_percent : float or None
        See :class:`.intensity.IntensityDifference`; None without CT.
    hausdorff_mm, hausdorff_95_mm, average_surface_distance_mm, surface_dice : float or None
        See :class:`.surface_distance.SurfaceDistances`.
    tolerance_mm : float
        Tolerance of the surface Dice.
    result_voxels, reference_voxels : int

    Notes
    -----
    None is what cannot be said. Where both regions are empty, that is every rate but specificity (1) and false-positive
    rate (0). Where one is empty, Dice, Jaccard index and surface Dice are 0, so that a lung that was missed altogether
    lowers the mean of a cohort; its distances are None. Sensitivity, false-negative rate and relative volume difference
    need a reference, precision needs a result.
    """

    key: str
    name: str
    dice: float | None
    jaccard: float | None
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    false_positive_rate: float | None
    false_negative_rate: float | None
    result_ml: float
    reference_ml: float
    volume_difference_ml: float
    relative_volume_difference_percent: float | None
    absolute_volume_difference_percent: float | None
    mean_error_hu: float | None
    mean_absolute_error_hu: float | None
    relative_mean_hu_difference_percent: float | None
    hausdorff_mm: float | None
    hausdorff_95_mm: float | None
    average_surface_distance_mm: float | None
    surface_dice: float | None
    tolerance_mm: float
    result_voxels: int
    reference_voxels: int


def compare_labels(
    result: np.ndarray,
    reference: np.ndarray,
    spacing_zyx_mm: SpacingZyx,
    voxels_hu: np.ndarray | None = None,
    leave_out: np.ndarray | None = None,
    tolerance_mm: float = limits.SURFACE_TOLERANCE_MM,
    result_vessels: np.ndarray | None = None,
    reference_vessels: np.ndarray | None = None,
) -> tuple[RegionComparison, ...]:
    """Compare a label map with a reference.

    Parameters
    ----------
    result, reference : numpy.ndarray
        uint8 (z, y, x): 0 background, 1 right lung, 2 left lung, 3 airways.
    spacing_zyx_mm : tuple of float
    voxels_hu : numpy.ndarray, optional
        int16, the scan.
    leave_out : numpy.ndarray, optional
        bool: voxels nobody can be sure of; they are counted nowhere.
    tolerance_mm : float
        Of the surface Dice.
    result_vessels, reference_vessels : numpy.ndarray, optional
        uint8 or bool: vessels are not 0.

    Returns
    -------
    tuple of RegionComparison
        Right lung, left lung, both lungs; airways where the reference has any; vessels where both maps are given.

    Raises
    ------
    InputError
        If an array has another shape or type, a label is unknown, or spacing or tolerance is not usable.
    """
    others = {
        "scan": voxels_hu,
        _LEAVE_OUT: leave_out,
        "map of the result's vessels": result_vessels,
        "map of the reference's vessels": reference_vessels,
    }
    _check(result, reference, others, spacing_zyx_mm, tolerance_mm)
    comparisons = _compare_regions(_cropped(result, reference, voxels_hu, leave_out), _REGIONS, spacing_zyx_mm, tolerance_mm)
    if result_vessels is not None and reference_vessels is not None:
        vessels, reference_vessels = ((array != 0).view(np.uint8) for array in (result_vessels, reference_vessels))
        maps = _cropped(vessels, reference_vessels, voxels_hu, leave_out)
        comparisons += _compare_regions(maps, (_VESSELS,), spacing_zyx_mm, tolerance_mm)
    return tuple(comparisons)


def difference_masks(result: np.ndarray, reference: np.ndarray, leave_out: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Mark where the lungs of a result differ from the reference's.

    Parameters
    ----------
    result, reference : numpy.ndarray
        uint8 (z, y, x), as in :func:`compare_labels`.
    leave_out : numpy.ndarray, optional
        bool: voxels that are not marked.

    Returns
    -------
    missed, added : numpy.ndarray
        bool: lung of the reference that the result does not call the same lung, and lung of the result that the
        reference does not call the same lung. A voxel on the wrong side is both.
    """
    _check(result, reference, {_LEAVE_OUT: leave_out}, (1.0, 1.0, 1.0), 0.0)
    differs = result != reference
    if leave_out is not None:
        differs &= ~leave_out
    missed, added = (differs & ((labels == RIGHT_LUNG) | (labels == LEFT_LUNG)) for labels in (reference, result))
    return missed, added


@dataclass(frozen=True)
class _Maps:
    """What is compared, cut to the box around all regions; ``counted_voxels`` are those of the whole grid not left out."""

    result: np.ndarray
    reference: np.ndarray
    voxels_hu: np.ndarray | None
    leave_out: np.ndarray | None
    counted_voxels: int


def _cropped(result: np.ndarray, reference: np.ndarray, voxels_hu: np.ndarray | None, leave_out: np.ndarray | None) -> _Maps:
    either = np.logical_or(result, reference)
    box = bounding_box(either) if either.any() else (slice(0), slice(0), slice(0))
    counted_voxels = result.size - (0 if leave_out is None else int(np.count_nonzero(leave_out)))
    return _Maps(
        result[box],
        reference[box],
        None if voxels_hu is None else voxels_hu[box],
        None if leave_out is None or not leave_out[box].any() else leave_out[box],
        counted_voxels,
    )


def _compare_regions(maps: _Maps, regions: Sequence[_Region], spacing_zyx_mm: SpacingZyx, tolerance_mm: float) -> list[RegionComparison]:
    """Compare the regions, without those that are only compared where the reference has them."""
    counts = count_pairs(maps.result, maps.reference, _LABELS, maps.leave_out)
    counts[BACKGROUND, BACKGROUND] += maps.counted_voxels - counts.sum()
    regions = [region for region in regions if not region.needs_reference or overlap_of(counts, region.labels).reference_voxels]
    sums = None if maps.voxels_hu is None else sum_hu(maps.voxels_hu, maps.result, maps.reference, _LABELS, maps.leave_out)

    def distances_of(region: _Region) -> SurfaceDistances:
        in_result, in_reference = (np.isin(labels, region.labels) for labels in (maps.result, maps.reference))
        return surface_distances(in_result, in_reference, spacing_zyx_mm, maps.leave_out)

    with ThreadPoolExecutor(_THREADS) as pool:
        # The last regions first: both lungs take as long as the right and the left one together.
        distances = list(pool.map(distances_of, regions[::-1]))[::-1]
    voxel_ml = float(np.prod(spacing_zyx_mm)) / 1000.0
    return [
        _comparison(
            region,
            overlap_of(counts, region.labels),
            _NO_INTENSITY if sums is None else intensity_difference(sums, region.labels),
            of_region,
            voxel_ml,
            tolerance_mm,
        )
        for region, of_region in zip(regions, distances, strict=True)
    ]


def _comparison(
    region: _Region, overlap: Overlap, intensity: IntensityDifference, distances: SurfaceDistances, voxel_ml: float, tolerance_mm: float
) -> RegionComparison:
    relative = overlap.relative_volume_difference_percent
    return RegionComparison(
        key=region.key,
        name=region.name,
        dice=overlap.dice,
        jaccard=overlap.jaccard,
        sensitivity=overlap.sensitivity,
        specificity=overlap.specificity,
        precision=overlap.precision,
        false_positive_rate=overlap.false_positive_rate,
        false_negative_rate=overlap.false_negative_rate,
        result_ml=overlap.result_voxels * voxel_ml,
        reference_ml=overlap.reference_voxels * voxel_ml,
        volume_difference_ml=(overlap.result_voxels - overlap.reference_voxels) * voxel_ml,
        relative_volume_difference_percent=relative,
        absolute_volume_difference_percent=None if relative is None else abs(relative),
        mean_error_hu=intensity.mean_error_hu,
        mean_absolute_error_hu=intensity.mean_absolute_error_hu,
        relative_mean_hu_difference_percent=intensity.relative_mean_hu_difference_percent,
        hausdorff_mm=distances.hausdorff_mm,
        hausdorff_95_mm=distances.hausdorff_95_mm,
        average_surface_distance_mm=distances.average_mm,
        surface_dice=distances.surface_dice(tolerance_mm),
        tolerance_mm=float(tolerance_mm),
        result_voxels=overlap.result_voxels,
        reference_voxels=overlap.reference_voxels,
    )


def _check(
    result: np.ndarray, reference: np.ndarray, others: Mapping[str, np.ndarray | None], spacing_zyx_mm: SpacingZyx, tolerance_mm: float
) -> None:
    for name, labels in (("result", result), ("reference", reference)):
        if labels.ndim != 3 or labels.dtype != np.uint8:
            raise InputError(f"the {name} is {labels.dtype} with shape {labels.shape}; expected uint8 with shape (slices, rows, columns)")
        if labels.size and labels.max() >= _LABELS:
            raise InputError(f"the {name} holds the label {labels.max()}; expected 0 background, 1 right lung, 2 left lung, 3 airways")
    for name, array in {"result": result, **others}.items():
        if array is not None and array.shape != reference.shape:
            raise InputError(f"the {name} has the shape {array.shape} and the reference {reference.shape}; both must lie on the same grid")
    leave_out = others.get(_LEAVE_OUT)
    if leave_out is not None and leave_out.dtype != np.bool_:
        raise InputError(f"the {_LEAVE_OUT} is {leave_out.dtype}; expected bool")
    spacing = np.asarray(spacing_zyx_mm, float)
    if spacing.shape != (3,) or not np.all(np.isfinite(spacing) & (spacing > 0)):
        raise InputError(f"the voxel spacing is {tuple(spacing_zyx_mm)} mm; expected three numbers above 0 (slice, row, column)")
    if not np.isfinite(tolerance_mm) or tolerance_mm < 0:
        raise InputError(f"the tolerance is {tolerance_mm:g} mm; expected 0 mm or more")
