"""A CT volume with its geometry, and its canonical orientation and back.

Arrays are ``(slice, row, column)`` = (z, y, x). Physical space is LPS in mm, as in DICOM and ITK:
x grows to the patient's left, y to the back (posterior), z to the head (superior).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from pathlib import Path

import numpy as np

from .errors import InputError
from .scan_field.find_measured import find_measured
from .scan_field.measured_field import MeasuredField

# No CT has finer voxels, micro-CT apart, nor coarser ones that show a chest.
SMALLEST_SPACING_MM, LARGEST_SPACING_MM = 0.05, 50.0
# Headers hold axes to six digits and more; rounding is far below, a tilted gantry far above.
PERPENDICULAR_TOLERANCE = 1e-3
# The bores of CT scanners are 0.7 to 0.9 m wide and reconstructions reach a little beyond; tables move through them by 2 m or less.
_LONGEST_MM, _WIDEST_MM = 3000.0, 1500.0


@dataclass(frozen=True)
class CtVolume:
    """A CT image in Hounsfield units.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16, shape (slices, rows, columns).
    spacing_zyx_mm : tuple of float
        Distance between voxel centres along the slice, row and column axes.
    origin_lps_mm : tuple of float
        Position (x, y, z) of the centre of voxel [0, 0, 0].
    direction_lps : numpy.ndarray
        float64 (3, 3), ITK's convention: column i is the unit vector along which the i-th of the
        axes (column, row, slice) runs in LPS.
    name : str
        What the user calls it: a file or folder name without its ending.
    warnings : tuple of str
        What reading had to put right.
    source : mapping
        Facts about where it came from (path, modality, series UID ...), for the summary.
    """

    voxels_hu: np.ndarray
    spacing_zyx_mm: tuple[float, float, float]
    origin_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction_lps: np.ndarray = field(default_factory=lambda: np.eye(3))
    name: str = "ct"
    warnings: tuple[str, ...] = ()
    source: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.voxels_hu.ndim != 3 or self.voxels_hu.dtype != np.int16:
            raise InputError(
                f"the CT array is {self.voxels_hu.dtype} with shape {self.voxels_hu.shape}; expected int16 Hounsfield units "
                "with shape (slices, rows, columns)"
            )
        spacing = np.asarray(self.spacing_zyx_mm, float)
        if spacing.shape != (3,) or not np.all((spacing >= SMALLEST_SPACING_MM) & (spacing <= LARGEST_SPACING_MM)):
            raise InputError(
                f"the voxel spacing is {tuple(self.spacing_zyx_mm)} mm (slice, row, column); "
                f"each must lie in {SMALLEST_SPACING_MM} to {LARGEST_SPACING_MM} mm"
            )
        direction = np.asarray(self.direction_lps, float)
        if direction.shape != (3, 3) or not np.allclose(direction.T @ direction, np.eye(3), atol=PERPENDICULAR_TOLERANCE):
            raise InputError(
                f"the direction matrix {np.round(direction, 4).tolist()} is not orthonormal; the axes must be perpendicular unit vectors"
            )
        if not np.all(np.isfinite(self.origin_lps_mm)):
            raise InputError(f"the origin is {tuple(self.origin_lps_mm)}; it must be three finite numbers in mm")

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of one voxel in mL."""
        return float(np.prod(self.spacing_zyx_mm)) / 1000.0

    @cached_property
    def measured(self) -> MeasuredField:
        """What the scanner measured, in canonical order whatever the array's; looked for at the first call only."""
        order = canonical_order(self.direction_lps)
        spacing_yx_mm = self.spacing_zyx_mm[order.axes[1]], self.spacing_zyx_mm[order.axes[2]]
        return find_measured(np.transpose(self.voxels_hu, order.axes), spacing_yx_mm).flipped(order.flipped)


def with_measured(volume: CtVolume, measured: MeasuredField) -> CtVolume:
    """Tell a volume, new and nobody else's, what of it was measured, so that it is not looked for again."""
    vars(volume)["measured"] = measured
    return volume


def check_extent(volume: CtVolume) -> None:
    """Refuse an image that is larger than any CT of a person: its voxel spacing is wrong, and all that is measured in mm with it.

    Raises
    ------
    InputError
        For more than 3 m along the body or 1.5 m across it.
    """
    order = canonical_order(volume.direction_lps)
    long_mm, deep_mm, wide_mm = (volume.voxels_hu.shape[axis] * volume.spacing_zyx_mm[axis] for axis in order.axes)
    if long_mm > _LONGEST_MM or max(deep_mm, wide_mm) > _WIDEST_MM:
        raise InputError(
            f"{volume.name} is {wide_mm / 1000:.2f} m wide, {deep_mm / 1000:.2f} m deep and {long_mm / 1000:.2f} m long; a CT of a person "
            f"is at most {_WIDEST_MM / 1000:g} m across and {_LONGEST_MM / 1000:g} m long: its voxel spacing must be wrong"
        )


@dataclass(frozen=True)
class AxisOrder:
    """How an array was brought to canonical order: a permutation of axes, then flips.

    ``axes[i]`` is the input axis that became canonical axis i; ``flipped[i]`` says whether canonical
    axis i was reversed after that.
    """

    axes: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]

    def apply(self, array: np.ndarray) -> np.ndarray:
        """Bring an array on the input's grid to canonical order (contiguous)."""
        return np.ascontiguousarray(self.view(array))

    def view(self, array: np.ndarray) -> np.ndarray:
        """See an array on the input's grid in canonical order: nothing is copied, which is quick where only a part is read."""
        return np.transpose(array, self.axes)[self._steps()]

    def places_of(self, places: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
        """Give the canonical indices along each axis of voxels that are given by their flat indices on the input's grid."""
        indices = np.unravel_index(places, shape)
        turned = zip(self.axes, self.flipped, strict=True)
        return tuple(shape[axis] - 1 - indices[axis] if flip else indices[axis] for axis, flip in turned)

    def undo(self, array: np.ndarray) -> np.ndarray:
        """Bring an array in canonical order back to the input's grid (contiguous)."""
        return np.ascontiguousarray(np.transpose(array[self._steps()], np.argsort(self.axes)))

    def then(self, following: AxisOrder) -> AxisOrder:
        """Give the order that does this one and then another one."""
        a, b, c = (self.axes[axis] for axis in following.axes)
        d, e, f = (self.flipped[axis] != flip for axis, flip in zip(following.axes, following.flipped, strict=True))
        return AxisOrder((a, b, c), (d, e, f))

    def _steps(self) -> tuple[slice, ...]:
        return tuple(slice(None, None, -1 if flip else 1) for flip in self.flipped)


def canonical_order(direction_lps: np.ndarray) -> AxisOrder:
    """Find the axis order nearest to LPS, without interpolation.

    Parameters
    ----------
    direction_lps : numpy.ndarray
        float (3, 3), as in :class:`CtVolume`.

    Returns
    -------
    AxisOrder
        After it, the array's axes (z, y, x) run to the head, to the back and to the left as
        nearly as a permutation with flips can make them.
    """
    direction = np.asarray(direction_lps, float)
    # The permutation with the largest sum of |cosine| is the nearest one, also for 45° oblique scans.
    best = max(permutations(range(3)), key=lambda index_axes: sum(abs(direction[world, index_axes[world]]) for world in range(3)))
    axes_zyx = tuple(2 - best[world] for world in (2, 1, 0))
    flipped_zyx = tuple(bool(direction[world, best[world]] < 0) for world in (2, 1, 0))
    return AxisOrder(axes_zyx, flipped_zyx)  # type: ignore[arg-type]


def to_canonical(volume: CtVolume, copy: bool = True) -> tuple[CtVolume, AxisOrder]:
    """Reorder a volume to the canonical LPS axis order by flips and permutations only.

    Parameters
    ----------
    volume : CtVolume
    copy : bool
        Whether its array is made contiguous; without, it is a view, quick where only a part of it is read.

    Returns
    -------
    CtVolume
        The same voxels at the same physical places; not copied when already canonical.
    AxisOrder
        ``order.undo`` brings a label array back to the input's grid.
    """
    order = canonical_order(volume.direction_lps)
    direction = np.asarray(volume.direction_lps, float)
    spacing_zyx = np.asarray(volume.spacing_zyx_mm, float)
    origin = np.asarray(volume.origin_lps_mm, float)
    new_direction = np.empty((3, 3))
    for canonical_axis, (input_axis, flip) in enumerate(zip(order.axes, order.flipped, strict=True)):
        column = direction[:, 2 - input_axis]
        if flip:
            origin = origin + column * spacing_zyx[input_axis] * (volume.voxels_hu.shape[input_axis] - 1)
            column = -column
        new_direction[:, 2 - canonical_axis] = column
    z, y, x = (float(spacing_zyx[axis]) for axis in order.axes)
    canonical = replace(
        volume,
        voxels_hu=order.apply(volume.voxels_hu) if copy else order.view(volume.voxels_hu),
        spacing_zyx_mm=(z, y, x),
        origin_lps_mm=(float(origin[0]), float(origin[1]), float(origin[2])),
        direction_lps=new_direction,
    )
    return (with_measured(canonical, volume.measured) if "measured" in vars(volume) else canonical), order


_FILE_ENDINGS = (".nii.gz", ".nii", ".hdr.gz", ".img.gz", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm")


def scan_name(path: Path) -> str:
    """What the user calls a scan: the name of its folder, or of its file without the ending."""
    if path.is_dir():
        return path.resolve().name
    ending = next((ending for ending in _FILE_ENDINGS if path.name.lower().endswith(ending)), path.suffix)
    return path.name[: len(path.name) - len(ending)] or path.name
