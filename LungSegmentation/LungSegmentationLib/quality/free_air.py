"""Whether air without lung structure lies in the lungs, or was left out beside them: pneumothorax or giant bulla."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..anatomy.body import air_off_border
from ..anatomy.foreign_air import foreign_air
from ..anatomy.free_gas import free_gas, looked_around
from ..anatomy.limits import LEAST_BARE_SHARE, LUNG_BELOW_HU, SMALLEST_PLEURAL_ML, WORKING_VOXEL_MM
from ..anatomy.morphology import grown_by_one
from ..anatomy.working_grid import WorkingGrid, make_working_grid
from ..labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG
from . import limits
from .density import AirwayFindings
from .flag import QualityFlag
from .grid import QualityGrid
from .pieces import Piece


def structureless_air_flag(airways: AirwayFindings, fine: FineGas | None) -> QualityFlag:
    """Flag air without lung structure at the chest wall; what it is cannot be told from the image alone."""
    volume_ml, place = structureless_air(airways, fine) if fine else (0.0, "")
    reason = "No large air without lung structure lies at the chest wall."
    if place:
        reason = f"{volume_ml / 1000:.2f} L of air without lung structure {place}: pneumothorax or giant bulla."
    return QualityFlag(
        "structureless_air",
        "Air without lung structure",
        "quality",
        volume_ml,
        "mL",
        f"less than {SMALLEST_PLEURAL_ML:g} in one piece",
        "review" if place else "pass",
        reason,
    )


@dataclass(frozen=True)
class FineGas:
    """Air without lung structure, on blocks of the slices around the lungs.

    Parameters
    ----------
    blocks : WorkingGrid
    first_slice : int
        Of the scan in canonical order, at which the blocks begin.
    lungs, air : numpy.ndarray
        bool (z, y, x), blocks: the labels' lungs, and air inside the body without the airways.
    gas : numpy.ndarray
        int32 (z, y, x), blocks: regions by their number, as :func:`..anatomy.free_gas.free_gas` gives them.
    count : int
        Of the regions.
    """

    blocks: WorkingGrid
    first_slice: int
    lungs: np.ndarray
    air: np.ndarray
    gas: np.ndarray
    count: int


def examine_gas(grid: QualityGrid, airways: AirwayFindings) -> FineGas | None:
    """Find air without lung structure in the lungs and around them; None where there are no lungs.

    Parameters
    ----------
    grid : QualityGrid
    airways : AirwayFindings
        The density of their air is the measure.

    Returns
    -------
    FineGas or None
    """
    slices = np.flatnonzero(grid.sample_lungs.any(axis=(1, 2)))
    if not slices.size:
        return None
    step, more = grid.steps_zyx[0], int(limits.BEYOND_LUNGS_MM / grid.spacing_zyx_mm[0])
    first, stop = max(0, int(slices[0]) * step - more), min(len(grid.labels), int(slices[-1] + 1) * step + more)
    measured = grid.measured.crop((slice(first, stop), slice(None), slice(None)))
    blocks = make_working_grid(grid.voxels_hu[first:stop], grid.spacing_zyx_mm, WORKING_VOXEL_MM, measured)
    labels = blocks.sample(grid.labels[first:stop])
    lungs = (labels == RIGHT_LUNG) | (labels == LEFT_LUNG)
    tubes = grown_by_one(labels == AIRWAYS)
    # Room air reaches the image's edge, or what fills it.
    air = (air_off_border((blocks.mean_hu < LUNG_BELOW_HU) | blocks.padding) & ~blocks.padding | lungs) & ~tubes
    gas, count = free_gas(blocks.mean_hu, air, airways.air_hu, blocks.spacing_zyx_mm)
    return FineGas(blocks, first, lungs, air, gas, count)


def lies_bare_in_lung(piece: Piece, grid: QualityGrid, fine: FineGas) -> bool:
    """Tell whether no wall parts a piece of gas from aerated lung, as of a bulla: bowel always has one.

    Parameters
    ----------
    piece : Piece
        Of the lungs.
    grid : QualityGrid
    fine : FineGas

    Returns
    -------
    bool
    """
    z, y, x = (places[used] for places, used in zip(grid.places_zyx(), np.nonzero(piece.mask), strict=True))
    factors, sizes = fine.blocks.factors_zyx, fine.gas.shape
    inside = (z >= fine.first_slice) & (z - fine.first_slice < sizes[0] * factors[0])
    places = zip((z[inside] - fine.first_slice, y[inside], x[inside]), factors, sizes, strict=True)
    found = fine.gas[tuple(np.minimum(at // factor, size - 1) for at, factor, size in places)]
    if not found.any():
        return False
    label = int(np.bincount(found[found > 0]).argmax())
    box = ndimage.find_objects(fine.gas)[label - 1]
    around = looked_around(fine.gas[box] == label, box, fine.blocks.mean_hu, fine.air, fine.gas > 0, fine.blocks.spacing_zyx_mm)
    return around.bare >= LEAST_BARE_SHARE


def structureless_air(airways: AirwayFindings, fine: FineGas) -> tuple[float, str]:
    """Measure the largest piece of at least 30 mL of air at the chest wall that has no vessels, in a lung or left out beside it.

    Parameters
    ----------
    airways : AirwayFindings
        The density of their air is the measure.
    fine : FineGas

    Returns
    -------
    volume_ml : float
        0 where there is none.
    place : str
        In words: side, and the slice of the input grid's canonical order at its middle, counted from the feet; empty where there is none.
    """
    blocks, lungs, air, gas, count = fine.blocks, fine.lungs, fine.air, fine.gas, fine.count
    columns = np.flatnonzero(lungs.any(axis=(0, 1)))
    middle = float(columns[0] + columns[-1]) / 2
    found = (0.0, "")
    foreign = foreign_air(blocks.mean_hu, air, airways.air_hu, middle, blocks.spacing_zyx_mm, (gas, count))
    if foreign.lungs_are_dark:
        return found
    for label, box in enumerate(ndimage.find_objects(gas), start=1):
        region = gas[box] == label
        volume_ml = np.count_nonzero(region) * blocks.voxel_volume_ml
        if volume_ml <= max(found[0], SMALLEST_PLEURAL_ML):
            continue
        in_lung = lungs[box][region].mean() >= 0.5
        around = looked_around(region, box, blocks.mean_hu, air, gas > 0, blocks.spacing_zyx_mm)
        if (in_lung and around.solid >= limits.SOLID_SHARE) or foreign.pleural[box][region].all():
            z, _, x = (part.start + float(place.mean()) for part, place in zip(box, np.nonzero(region), strict=True))
            slice_number = fine.first_slice + round(z * blocks.factors_zyx[0])
            found = (float(volume_ml), f"on the {'left' if x > middle else 'right'}, around slice {slice_number}")
    return found
