"""The trachea: a round, air-filled tube near the midline that runs down from the neck and forks into both lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from . import limits
from .carina import forks
from .morphology import SpacingZyx, components


@dataclass(frozen=True)
class _Disc:
    """One candidate cross-section in one axial slice."""

    label: int
    slice: int
    area_mm2: float
    row_mm: float
    column_mm: float
    air_around_share: float
    lumen_hu: float


def find_trachea(mean_hu: np.ndarray, air: np.ndarray, core: np.ndarray, spacing_zyx_mm: SpacingZyx) -> np.ndarray:
    """Find the lumen of the trachea above the carina.

    Cross-sections of tracheal size and shape near the body's midline are linked from slice to slice. Of the chains
    that come from above, lie above the middle of the chest's air, and have more tissue than air around them, the most
    voluminous is the trachea. Where there are several, only one that forks below may be: a gas-filled oesophagus or
    gastric conduit is as wide, but blind. Of several that fork the trachea is the one in front. Where the scan ends in the
    lungs, a stump of the trachea or both main bronchi may be all there is of it: tubes near its end may be short, if they
    hold air that is darker than lung, and two that lie side by side are the bronchi.

    Parameters
    ----------
    mean_hu : numpy.ndarray
        int16 (z, y, x).
    air : numpy.ndarray
        bool (z, y, x): air inside the body.
    core : numpy.ndarray
        bool (z, y, x): solid core of the body, for the midline.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        bool (z, y, x); empty when no chain of at least 20 mm exists; where the scan ends in the lungs, of two slices.
    """
    labels, count = components(air & (mean_hu < limits.LUMEN_BELOW_HU), in_plane=True)
    air_per_slice = air.sum(axis=(1, 2))
    middle_slice = float((air_per_slice * np.arange(air.shape[0])).sum() / max(1, air_per_slice.sum()))
    shortest = max(2, int(np.ceil(limits.SHORTEST_TRACHEA_MM / spacing_zyx_mm[0])))
    chains = _chains(_discs(labels, mean_hu, air, core, spacing_zyx_mm), spacing_zyx_mm[0])
    lowest_end = lowest_upper_end(air, spacing_zyx_mm[0])
    is_cut = lowest_end > 0
    least_slices = limits.SHORTEST_STUMP_SLICES if is_cut else shortest
    chains = [chain for chain in chains if chain[0].slice >= lowest_end and len(chain) >= least_slices]
    chains = [chain for chain in chains if np.mean([disc.slice for disc in chain]) > middle_slice]
    chains = [chain for chain in chains if _mean(chain, "air_around_share") < limits.AIR_AROUND_SHARE]
    if is_cut:
        chains = [chain for chain in chains if _mean(chain, "lumen_hu") < limits.STUMP_BELOW_HU]
    tubes = _rivals(chains, spacing_zyx_mm[0], is_cut)
    chosen = _forking(tubes, labels, mean_hu, air, spacing_zyx_mm, is_cut) if len(tubes) > 1 else []
    if is_cut:
        chosen = chosen or _frontmost(_in_pairs(tubes) or tubes)
        chosen = chosen + [tube for tube in tubes if any(_is_pair(tube, other) for other in chosen)]
    return _drawn([disc for tube in chosen or tubes[:1] for disc in tube], labels, count)


def _in_pairs(tubes: list[list[_Disc]]) -> list[list[_Disc]]:
    return [tube for tube in tubes if any(_is_pair(tube, other) for other in tubes)]


def _is_pair(first: list[_Disc], second: list[_Disc]) -> bool:
    """Tell whether two tubes lie side by side, as the main bronchi do; the oesophagus lies behind the trachea."""
    if first is second:
        return False
    beside_mm = abs(np.median([disc.column_mm for disc in first]) - np.median([disc.column_mm for disc in second]))
    behind_mm = abs(np.median([disc.row_mm for disc in first]) - np.median([disc.row_mm for disc in second]))
    return bool(beside_mm >= limits.BRONCHI_APART_MM and beside_mm > behind_mm)


def lowest_upper_end(air: np.ndarray, slice_mm: float) -> float:
    """Give the slice down to which the upper end of the trachea may lie.

    Where the scan ends in the middle of the lungs, as of the abdomen, a trachea reaches the last slices: air that begins farther below is
    a bronchus or bowel.

    Parameters
    ----------
    air : numpy.ndarray
        bool (z, y, x): air inside the body.
    slice_mm : float

    Returns
    -------
    float
        0 where the scan ends above the lungs.
    """
    areas = np.count_nonzero(air, axis=(1, 2))
    ends_above = areas[-1] < limits.CUT_LUNGS_SHARE * areas.max()
    return 0.0 if ends_above else len(air) - 1 - limits.SHORTEST_TRACHEA_MM / slice_mm


def _drawn(chain: list[_Disc], labels: np.ndarray, count: int) -> np.ndarray:
    wanted = np.zeros(count + 1, bool)
    wanted[[disc.label for disc in chain]] = True
    return wanted[labels]


def _rivals(chains: list[list[_Disc]], dz_mm: float, is_cut: bool) -> list[list[_Disc]]:
    """Take the most voluminous chain, and the next ones that run beside it, or begin above it, and share no disc with it."""
    tubes: list[list[_Disc]] = []
    largest = max(chains, key=_volume, default=[])
    used: set[int] = set()
    for chain in sorted(chains, key=_volume, reverse=True):
        if len(tubes) == limits.MOST_TUBES_COUNT:
            break
        is_rival = chain is largest or is_cut or _run_beside(chain, largest, dz_mm, is_cut) or chain[0].slice > largest[0].slice
        if is_rival and used.isdisjoint(disc.label for disc in chain):
            tubes.append(chain)
            used.update(disc.label for disc in chain)
    return tubes


def _forking(
    tubes: list[list[_Disc]], labels: np.ndarray, mean_hu: np.ndarray, air: np.ndarray, spacing_zyx_mm: SpacingZyx, is_cut: bool
) -> list[list[_Disc]]:
    """Choose among tubes the frontmost of those that fork; none gives an empty list.

    Each is looked at from its upper end down, without the air of those that run beside it.
    """
    count, found = int(labels.max()), []
    for tube in tubes:
        beside = (other for other in tubes if other is not tube and _run_beside(tube, other, spacing_zyx_mm[0], is_cut))
        others = [disc for other in beside for disc in other]
        lumen = _drawn(tube, labels, count)
        own = air & (lumen | ~_drawn(others, labels, count))
        own[tube[0].slice + 1 :] = False
        if forks(mean_hu, own, lumen, spacing_zyx_mm):
            found.append(tube)
    # Where the largest forks, what begins above it and does not run beside it is its own upper part.
    if tubes[0] in found:
        found = [tube for tube in found if _run_beside(tube, tubes[0], spacing_zyx_mm[0], is_cut)]
    return _frontmost(found)


def _frontmost(tubes: list[list[_Disc]]) -> list[list[_Disc]]:
    return sorted(tubes, key=lambda tube: float(np.median([disc.row_mm for disc in tube])))[:1]


def _run_beside(first: list[_Disc], second: list[_Disc], dz_mm: float, is_cut: bool) -> bool:
    """Tell whether tubes share so long a way that neither is a branch of the other; of short stumps, whether one lies behind the other."""
    shared = _shared_slices(first, second)
    return shared * dz_mm >= limits.TUBES_BESIDE_MM or (is_cut and shared > 0 and not _is_pair(first, second))


def _shared_slices(first: list[_Disc], second: list[_Disc]) -> int:
    return len({disc.slice for disc in first}.intersection(disc.slice for disc in second))


def _volume(chain: list[_Disc]) -> float:
    return sum(disc.area_mm2 for disc in chain)


def _mean(chain: list[_Disc], name: str) -> float:
    """Mean of a property over the cross-sections, by area."""
    return sum(disc.area_mm2 * float(getattr(disc, name)) for disc in chain) / _volume(chain)


def _chains(discs: list[list[_Disc]], dz_mm: float) -> list[list[_Disc]]:
    """Link candidates from the head down: for each one the most voluminous chain that ends in it."""
    every: list[list[_Disc]] = []
    ending_above: list[list[_Disc]] = []
    for here in reversed(discs):
        ending_here = []
        for disc in here:
            linked = [chain for chain in ending_above if _continues(chain[-1], disc, dz_mm)]
            ending_here.append([*max(linked, key=_volume, default=[]), disc])
        every += ending_here
        ending_above = ending_here
    return every


def _discs(labels: np.ndarray, mean_hu: np.ndarray, air: np.ndarray, core: np.ndarray, spacing_zyx_mm: SpacingZyx) -> list[list[_Disc]]:
    """Candidate cross-sections of each slice, by size, shape and place."""
    _, dy, dx = spacing_zyx_mm
    middle_mm = _midline_mm(core, dx)
    discs: list[list[_Disc]] = [[] for _ in range(labels.shape[0])]
    areas_mm2 = np.bincount(labels.ravel()) * dy * dx
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        area_mm2 = float(areas_mm2[label])
        if not limits.SMALLEST_TRACHEA_MM2 <= area_mm2 <= limits.LARGEST_TRACHEA_MM2:
            continue
        z, rows, columns = box[0].start, box[1], box[2]
        height_mm, width_mm = (rows.stop - rows.start) * dy, (columns.stop - columns.start) * dx
        longer_mm, shorter_mm = max(height_mm, width_mm), min(height_mm, width_mm)
        is_hollow = area_mm2 < limits.TRACHEA_BOX_SHARE * height_mm * width_mm
        if is_hollow or longer_mm > limits.TRACHEA_LARGEST_RATIO * shorter_mm:
            continue
        row_mm, column_mm = (rows.start + rows.stop - 1) / 2 * dy, (columns.start + columns.stop - 1) / 2 * dx
        if abs(column_mm - middle_mm[z]) <= limits.TRACHEA_OFF_CENTRE_MM:
            around = _air_around(labels[z], air[z], label, (rows, columns))
            lumen_hu = float(np.percentile(mean_hu[z, rows, columns][labels[z, rows, columns] == label], limits.DARKEST_PERCENT))
            discs[z].append(_Disc(label, z, area_mm2, row_mm, column_mm, around, lumen_hu))
    return discs


def _air_around(labels: np.ndarray, air: np.ndarray, label: int, box: tuple[slice, slice]) -> float:
    """Give the share of air in the second ring of pixels around a cross-section, beyond its blurred rim."""
    rows, columns = (slice(max(0, part.start - 3), part.stop + 3) for part in box)
    disc = labels[rows, columns] == label
    ring = ndimage.binary_dilation(disc, iterations=2) & ~ndimage.binary_dilation(disc)
    return float(air[rows, columns][ring].mean()) if ring.any() else 0.0


def _midline_mm(core: np.ndarray, dx: float) -> np.ndarray:
    """Left-right centre of the body's core in each slice; slices without core take the image's centre."""
    profile = core.sum(axis=1)
    weight = profile.sum(axis=1)
    centre = (profile * np.arange(core.shape[2])).sum(axis=1) / np.maximum(weight, 1)
    return np.where(weight > 0, centre, core.shape[2] / 2) * dx


def _continues(above: _Disc, below: _Disc, dz_mm: float) -> bool:
    step_mm = np.hypot(above.row_mm - below.row_mm, above.column_mm - below.column_mm)
    smallest, largest = limits.TRACHEA_AREA_RATIOS
    largest_step_mm = max(limits.TRACHEA_LEAST_STEP_MM, limits.TRACHEA_STEP_RATIO * dz_mm)
    return bool(step_mm <= largest_step_mm and smallest < below.area_mm2 / above.area_mm2 < largest)
