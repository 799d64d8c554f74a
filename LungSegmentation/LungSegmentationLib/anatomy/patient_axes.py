"""Along which axis of an array the patient's spine runs, along which his sides mirror each other, and at which end his back lies.

The evidence is bone and symmetry, which need no lungs: the spine is the only column of bone that passes through nearly every plane
across it; bones and body are nearly alike on both sides of it, and in no other direction; and it lies at the back. The table is not
asked, because a patient may lie on it in any way.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import ndimage

from ..scan_field.limits import AIR_BELOW_HU
from ..volume import CtVolume
from . import limits
from .body import air_off_border
from .morphology import SpacingZyx
from .view_edge import view_lies_in_body
from .working_grid import block_factors, make_working_grid

_MIRROR_CELLS = 2


class CoarseChest:
    """A scan in cells of about 5 mm, asked axis by axis; axes are 0, 1, 2 for the array's (slice, row, column).

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float
    padding : numpy.ndarray, optional
        bool (z, y, x): not measured; nowhere for None.
    """

    def __init__(self, mean_hu: np.ndarray, spacing_zyx_mm: SpacingZyx, padding: np.ndarray | None = None) -> None:
        self._hu, self._spacing_mm = mean_hu, spacing_zyx_mm
        nowhere = np.zeros(mean_hu.shape, bool)
        self.fills_view = view_lies_in_body(nowhere if padding is None else padding, mean_hu, spacing_zyx_mm[0])
        self._tissue = (mean_hu > limits.TISSUE_ABOVE_HU).astype(np.float32)
        bright = (mean_hu > limits.BONE_CELL_ABOVE_HU).astype(np.float32)
        filled = self._mean_around(bright, limits.BLOOD_CUBE_MM) > 0.999
        self._blood = self._mean_around(filled.astype(np.float32), limits.BLOOD_CUBE_MM) > 1e-6
        self._bone = np.where(self._blood, np.float32(0), bright)
        self._columns: dict[int, np.ndarray] = {}
        self._symmetries: dict[int, tuple[float, float]] = {}

    def column(self, axis: int) -> float:
        """Say through how much of the image a column of bone runs along an axis: 0 to 1."""
        return float(self._columns_along(axis).max())

    def symmetry(self, axis: int) -> tuple[float, float]:
        """Say how well bones and body fit their mirror images along an axis (0 to 2), and about which cell."""
        if axis not in self._symmetries:
            (bone, middle), (body, _) = (_mirrored(image, axis) for image in self._mirror_images)
            self._symmetries[axis] = bone + body, middle
        return self._symmetries[axis]

    def length_mm(self, axis: int) -> float:
        """Give the image's length along an axis."""
        return self._hu.shape[axis] * self._spacing_mm[axis]

    def spine_and_rival(self, axis: int, long_axis: int, side_axis: int) -> tuple[float, float]:
        """Weigh at which end of an axis the back lies, where it is known along which ones spine and sides lie.

        Parameters
        ----------
        axis, long_axis, side_axis : int
            Of the array: the one that is weighed, and those from the feet to the head and from side to side.

        Returns
        -------
        spine_offset_mm : float
            How far the spine lies beyond the middle of the body's tissue, in the axis's direction.
        rival : float
            The best column of bone on the other side of that middle as a share of the spine; near 1 either may be the spine.
        """
        profile = self._columns_near_middle(long_axis, side_axis).max(axis=1)
        thick = self._mean_around(self._tissue, limits.SPINE_WINDOW_MM) > limits.THICK_TISSUE_SHARE
        places = np.arange(profile.size)
        tissue = np.count_nonzero(thick, axis=tuple(other for other in range(3) if other != axis))
        middle = float((tissue * places).sum() / max(1, tissue.sum()))
        spine = int(profile.argmax())
        rivals = profile[(places < middle) != (spine < middle)]
        rival = float(rivals.max() / profile[spine]) if rivals.size and profile[spine] > 0 else 1.0
        return (spine - middle) * self._spacing_mm[axis], rival

    def spine_mm(self, axis: int, long_axis: int, side_axis: int) -> tuple[float, float]:
        """Place the front of the spine along an axis that leads to the back, and its middle from side to side, from the start in mm."""
        near = self._columns_near_middle(long_axis, side_axis)
        # Windows that hold the whole spine are alike.
        rows, columns = np.nonzero(near >= limits.SPINE_ALIKE_SHARE * near.max())
        return float((rows.min() + 0.5) * self._spacing_mm[axis]), float((columns.mean() + 0.5) * self._spacing_mm[side_axis])

    def middle_mm(self, axis: int) -> float:
        """Place the plane of symmetry along an axis, from the array's start in mm."""
        return (self.symmetry(axis)[1] + 0.5) * self._spacing_mm[axis]

    def _columns_near_middle(self, long_axis: int, side_axis: int) -> np.ndarray:
        """Columns of bone along the long axis: float (to the back, to the side), 0 away from the middle."""
        columns = self._columns_along(long_axis)
        if side_axis < 3 - long_axis - side_axis:
            columns = columns.T
        off_middle_mm = np.abs(np.arange(columns.shape[1]) - self.symmetry(side_axis)[1]) * self._spacing_mm[side_axis]
        return columns * (off_middle_mm <= limits.SPINE_NEAR_MIDDLE_MM)

    def bend_mm(self, axis: int, long_axis: int) -> float:
        """Say how far the chest's air at both ends lies beyond that in the middle, in the axis's direction: chests are bent forward."""
        side_axis = 3 - axis - long_axis
        profile = air_off_border(np.transpose(self._hu, (long_axis, axis, side_axis)) < AIR_BELOW_HU).sum(axis=2).astype(float)
        share = np.cumsum(profile.sum(axis=1)) / max(1.0, profile.sum())

        def place(planes: np.ndarray) -> float:
            weights = profile[planes].sum(axis=0)
            return float((weights * np.arange(weights.size)).sum() / max(1.0, weights.sum()))

        middle = place((share > limits.BEND_MIDDLE_SHARES[0]) & (share < limits.BEND_MIDDLE_SHARES[1]))
        return (place(share < limits.BEND_END_SHARE) + place(share > 1 - limits.BEND_END_SHARE) - 2 * middle) * self._spacing_mm[axis]

    def _columns_along(self, axis: int) -> np.ndarray:
        if axis not in self._columns:
            across = [other for other in range(3) if other != axis]
            bone, tissue = self._bone, self._tissue
            for other in across:
                bone, tissue = (self._smoothed(array, other, limits.SPINE_WINDOW_MM) for array in (bone, tissue))
            shares = np.minimum(bone, limits.SPINE_FULL_SHARE) * (tissue > limits.SPINE_TISSUE_SHARE)
            self._columns[axis] = shares.mean(axis=axis) / limits.SPINE_FULL_SHARE
        return self._columns[axis]

    @cached_property
    def _mirror_images(self) -> tuple[np.ndarray, np.ndarray]:
        """Bones, and the body, in larger cells, blurred so that the two sides need not be alike to the centimetre."""
        bones = np.where(self._blood, limits.SOFT_TISSUE_HU, np.clip(self._hu, limits.SOFT_TISSUE_HU, limits.BONE_CLIP_HU))
        return _blurred(bones), _blurred(np.clip(self._hu, *limits.BODY_CLIP_HU))

    def _mean_around(self, array: np.ndarray, side_mm: float) -> np.ndarray:
        for axis in range(3):
            array = self._smoothed(array, axis, side_mm)
        return array

    def _smoothed(self, array: np.ndarray, axis: int, side_mm: float) -> np.ndarray:
        cells = max(1, round(side_mm / self._spacing_mm[axis]))
        return array if cells == 1 else ndimage.uniform_filter1d(array, cells, axis=axis, mode="constant")


def coarse_chest(volume: CtVolume) -> CoarseChest:
    """Reduce a volume to cells of about 5 mm: one slice of several, and means within it."""
    step = block_factors(volume.spacing_zyx_mm, limits.COARSE_CELL_MM, volume.voxels_hu.shape)[0]
    z, y, x = volume.spacing_zyx_mm
    some = slice(step // 2, None, step)
    measured = volume.measured.crop((some, slice(None), slice(None)))
    grid = make_working_grid(volume.voxels_hu[some], (z * step, y, x), limits.COARSE_CELL_MM, measured)
    return CoarseChest(grid.mean_hu, grid.spacing_zyx_mm, grid.padding)


def _blurred(hu: np.ndarray) -> np.ndarray:
    image = hu.astype(np.float32)
    for axis, size in enumerate(hu.shape):
        whole = size // _MIRROR_CELLS * _MIRROR_CELLS
        if whole:
            starts = (np.take(image, range(start, whole, _MIRROR_CELLS), axis=axis) for start in range(_MIRROR_CELLS))
            image = sum(starts) / np.float32(_MIRROR_CELLS)  # type: ignore[assignment]
            image = ndimage.uniform_filter1d(image, 3, axis=axis, mode="nearest")
    return image


def _mirrored(image: np.ndarray, axis: int) -> tuple[float, float]:
    """Correlate an image with its mirror image along an axis, at the best place near its middle."""
    size = image.shape[axis]
    rows = np.moveaxis(image - image.mean(), axis, -1).reshape(-1, size)
    # The convolution of a row with itself at k sums what lies mirrored about k / 2.
    convolved = np.fft.irfft((np.fft.rfft(rows, 2 * size, axis=1) ** 2).sum(axis=0), 2 * size)
    squares = np.concatenate([[0.0], np.cumsum((rows**2).sum(axis=0))])
    shift = int(limits.LARGEST_SHIFT_SHARE * size)
    twice_middle = np.arange(size - 1 - shift, size + shift)
    first, last = np.maximum(0, twice_middle - size + 1), np.minimum(size - 1, twice_middle)
    fit = convolved[twice_middle] / np.maximum(squares[last + 1] - squares[first], 1.0)
    best = int(fit.argmax())
    return float(fit[best]), _MIRROR_CELLS * twice_middle[best] / 2
