"""One result beside its reference: both read, brought onto one grid, and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..grids import Grid, covering, fits, grid_of, place_onto, volume_without_voxels
from ..io.file_checks import check_name_lengths
from ..io.label_maps import LABELS_MAP_OPTION, LabelImage, outlines_on, placed_labels, read_label_image, read_mask
from ..io.limits import PADDING_HU
from ..io.probability_maps import read_probability
from ..io.scans import read_ct
from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume, scan_name
from . import limits
from .comparison import RegionComparison, compare_labels, difference_masks
from .exchanged_sides import exchanged_sides
from .intensity import measured_hu
from .resampling import resampled
from .roc import ProbabilityHistogram, probability_histogram

REFERENCE_MAP_OPTION = "--reference-labels-map"
MISSED, WRONGLY_ADDED, WRONG_SIDE = 1, 2, 3
LABELS_NAME, VESSELS_NAME = "labels.nii.gz", "vessels.nii.gz"
_ADVICE = "give the labels of one scan, or use --resample to take the nearest voxels"


@dataclass(frozen=True)
class PairEvaluation:
    """A result, its reference, and how they compare.

    Parameters
    ----------
    name : str
        What the user calls the scan.
    comparisons : tuple of RegionComparison
    histogram : ProbabilityHistogram or None
        Of the probability map against both lungs of the reference; None where there is no map.
    result, reference : numpy.ndarray
        uint8, the volume's shape and axis order: 0 background, 1 right lung, 2 left lung, 3 airways.
    leave_out : numpy.ndarray or None
        bool: voxels that nobody can be sure of, counted nowhere.
    volume : CtVolume
        The scan; its geometry only, with 0 HU everywhere, where no CT is given.
    has_ct : bool
    warnings : tuple of str
        What the user should know.
    """

    name: str
    comparisons: tuple[RegionComparison, ...]
    histogram: ProbabilityHistogram | None
    result: np.ndarray
    reference: np.ndarray
    leave_out: np.ndarray | None
    volume: CtVolume
    has_ct: bool
    warnings: tuple[str, ...] = ()

    @cached_property
    def difference(self) -> np.ndarray:
        """Where the lungs differ: uint8, 1 missed, 2 wrongly added, 3 lung on the wrong side (both)."""
        missed, added = difference_masks(self.result, self.reference, self.leave_out)
        return missed * np.uint8(MISSED) + added * np.uint8(WRONGLY_ADDED)


def evaluate_pair(
    result_path: str | Path,
    reference_path: str | Path,
    ct_path: str | Path | None = None,
    probability_path: str | Path | None = None,
    doubt_path: str | Path | None = None,
    labels_map: Mapping[int, str] | None = None,
    reference_labels_map: Mapping[int, str] | None = None,
    resample: bool = False,
    tolerance_mm: float = limits.SURFACE_TOLERANCE_MM,
) -> PairEvaluation:
    """Compare a result with a reference.

    Parameters
    ----------
    result_path, reference_path : str or pathlib.Path
        Anything that :func:`LungSegmentationLib.io.label_maps.read_labels` reads, or a folder with the ``labels.nii.gz`` and
        ``vessels.nii.gz`` of an earlier result. Vessels are compared where both have them.
    ct_path : str or pathlib.Path, optional
        The scan, for the differences in density and for the pictures.
    probability_path : str or pathlib.Path, optional
        Lung probability of each voxel, see :func:`LungSegmentationLib.io.probability_maps.read_probability`.
    doubt_path : str or pathlib.Path, optional
        Mask of voxels to leave out, which are not 0.
    labels_map, reference_labels_map : mapping of int to str, optional
        Region key of each number in result and reference.
    resample : bool
        Where grids differ, take the result's nearest voxels on the reference's grid.
    tolerance_mm : float
        Of the surface Dice.

    Returns
    -------
    PairEvaluation
        On the scan's grid, or else on the result's where the reference fits it, or else on the reference's.

    Raises
    ------
    InputError
        When a file cannot be used, the reference holds no lung, or grids differ and are not to be resampled.
    """
    ct = None if ct_path is None else read_ct(ct_path)
    result_at, reference_at = Path(result_path), Path(reference_path)
    result = read_label_image(_labels_in(result_at), labels_map, LABELS_MAP_OPTION)
    reference = read_label_image(_labels_in(reference_at), reference_labels_map, REFERENCE_MAP_OPTION)
    desk = _Desk(*_choose_grid(ct, result, reference, resample, reference_at.name), resample)
    volume = desk.volume(ct, scan_name(result_at))
    result_labels = desk.labels(result, result_at, labels_map, LABELS_MAP_OPTION)
    reference_labels = desk.labels(reference, reference_at, reference_labels_map, REFERENCE_MAP_OPTION)
    desk.check_lungs({result_at.name: result_labels}, {reference_at.name: reference_labels})
    leave_out = None if doubt_path is None else desk.mask(Path(doubt_path))
    comparisons = compare_labels(
        result_labels,
        reference_labels,
        volume.spacing_zyx_mm,
        None if ct is None else measured_hu(volume),
        leave_out,
        tolerance_mm,
        *desk.vessels(result_at, reference_at),
    )
    histogram = None if probability_path is None else desk.histogram(Path(probability_path), _lungs(reference_labels), leave_out)
    names = result_at.name, reference_at.name
    desk.warnings += exchanged_sides(comparisons, result_labels, reference_labels, volume, *names, has_ct=ct is not None)
    warnings = tuple(dict.fromkeys((*(() if ct is None else ct.warnings), *desk.warnings)))
    maps = result_labels, reference_labels, leave_out
    return PairEvaluation(volume.name, comparisons, histogram, *maps, volume, ct is not None, warnings)


def _labels_in(path: Path) -> Path:
    """Take the label map of a result folder; any other path stays."""
    check_name_lengths(path)
    return path / LABELS_NAME if (path / LABELS_NAME).is_file() else path


def _lungs(labels: np.ndarray) -> np.ndarray:
    return (labels == RIGHT_LUNG) | (labels == LEFT_LUNG)


def _choose_grid(
    ct: CtVolume | None, result: LabelImage | None, reference: LabelImage | None, resample: bool, reference_name: str
) -> tuple[Grid, str]:
    """Choose the grid to compare on, and say what it is."""
    whole = [image for image in (result, reference) if image is not None and not image.is_part]
    if ct is not None:
        grid, name = grid_of(ct), f"the scan {ct.name}"
    elif whole:
        grid, name = whole[0].grid, f"the label map {whole[0].name}"
    elif result is not None and reference is not None:
        grid, name = covering(result.grid, reference.grid), f"the segmentation {result.name}"
    else:
        raise InputError(f"neither the result nor {reference_name} holds the whole grid of the scan; give the scan with --ct")
    if resample and reference is not None and not fits(reference.grid, grid, reference.is_part):
        # Beyond the frames that a segmentation holds there is background, where the result may be wrong as well.
        beyond = covering(reference.grid, grid) if reference.is_part else reference.grid
        return beyond, f"the reference {reference.name}"
    return grid, name


class _Desk:
    """The one grid that everything is laid out on; what lies on another one is refused, or resampled with a warning."""

    def __init__(self, grid: Grid, name: str, may_resample: bool) -> None:
        self.grid, self.name, self.may_resample = grid, name, may_resample
        self.warnings: list[str] = []

    def volume(self, ct: CtVolume | None, name: str) -> CtVolume:
        """Give the scan on the grid, or the bare grid where there is none."""
        if ct is None:
            return volume_without_voxels(self.grid, name)
        if fits(grid_of(ct), self.grid):
            return ct
        voxels_hu = self._laid_out(ct.voxels_hu, grid_of(ct), ct.name, nearest=False, outside=PADDING_HU)
        geometry = volume_without_voxels(self.grid, ct.name)
        return replace(geometry, voxels_hu=voxels_hu, source=ct.source)

    def labels(self, image: LabelImage | None, path: Path, labels_map: Mapping[int, str] | None, map_option: str) -> np.ndarray:
        """Give labels on the grid; None stands for a structure set, which is filled there."""
        if image is None:
            return outlines_on(path, self.grid, self.name, labels_map, map_option, self.warnings)
        self.warnings += image.notes
        if self.may_resample and not fits(image.grid, self.grid, image.is_part):
            return self._laid_out(image.labels, image.grid, image.name, nearest=True)
        return placed_labels(image, self.grid, self.name, _ADVICE)

    def check_lungs(self, result: Mapping[str, np.ndarray], reference: Mapping[str, np.ndarray]) -> None:
        """Refuse a reference without lungs, and say it of a result: labels by the name of their file."""
        for name, labels in reference.items():
            if not _lungs(labels).any():
                raise InputError(f"{name} holds no voxel of the right or left lung; give a reference with lungs")
        self.warnings += [f"{name} holds no voxel of the right or left lung" for name, labels in result.items() if not _lungs(labels).any()]

    def mask(self, path: Path) -> np.ndarray:
        """Read what is not 0 in a mask."""
        mask, grid = read_mask(path, self.warnings)
        return self._laid_out(mask.view(np.uint8), grid, path.name, nearest=True).view(np.bool_)

    def vessels(self, result: Path, reference: Path) -> tuple[np.ndarray, ...]:
        """Read the vessels of two result folders; nothing where not both have some."""
        paths = [path / VESSELS_NAME for path in (result, reference)]
        return tuple(self.mask(path) for path in paths) if all(path.is_file() for path in paths) else ()

    def histogram(self, path: Path, lungs: np.ndarray, leave_out: np.ndarray | None) -> ProbabilityHistogram:
        """Read a probability map (float32 from 0 to 1 or uint8 from 0 to 255) and count it against the lungs of the reference."""
        probability, grid = read_probability(path, self.warnings)
        return probability_histogram(self._laid_out(probability, grid, path.name, nearest=False), lungs, leave_out)

    def _laid_out(self, array: np.ndarray, grid: Grid, name: str, nearest: bool, outside: float = 0) -> np.ndarray:
        if not self.may_resample or fits(grid, self.grid):
            return place_onto(array, grid, self.grid, name, self.name, advice=_ADVICE)
        how = "the nearest voxels were taken" if nearest else "interpolated linearly, which smooths it"
        self.warnings.append(f"{name} lies on another grid than {self.name}: {how}")
        return resampled(array, grid, self.grid, nearest, outside)
