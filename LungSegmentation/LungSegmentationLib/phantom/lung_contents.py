"""What lies inside the lungs: small airways, vessels, nodules, consolidation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .airways import LOBES, Lobe, lobe_of
from .branching import Tree, grow_tree
from .grid import Ellipsoid, Grid, SmoothField, Tube, is_empty, paint
from .parameters import PhantomParameters
from .structures import CONSOLIDATION, NODULE, SIDES, SMALL_AIRWAY, SMALL_AIRWAY_WALL, VESSEL, lung_members, members

PLANNING_STEP_MM = 5.0
_THINNEST_AIRWAY_MM = 0.9


def thinnest_vessel_mm(grid: Grid) -> float:
    """Give the radius below which vessels are not drawn: thinner ones would hardly change a voxel."""
    return max(0.65, 0.25 * grid.voxel_mm)


def planning_grid() -> Grid:
    """Give the coarse grid on which trees, nodules and patches are placed, whatever the phantom's grid."""
    z, y, x = (
        np.arange(low, high, PLANNING_STEP_MM).astype(np.float32) for low, high in ((-200.0, 115.0), (-110.0, 115.0), (-145.0, 145.0))
    )
    return Grid(z, y, x)


@dataclass(frozen=True)
class Patch:
    """Where a smooth score exceeds a threshold: about a given fraction of a territory."""

    field: SmoothField
    threshold: float


@dataclass(frozen=True)
class Plan:
    """Contents of the lungs in body coordinates, decided once for every grid."""

    arteries_and_airways: tuple[tuple[str, Lobe, Tree], ...]
    veins: tuple[tuple[str, Lobe, Tree], ...]
    nodules: tuple[tuple[str, Ellipsoid], ...]
    consolidation: Patch
    emphysema: Patch
    texture: SmoothField


def make_plan(planned: np.ndarray, grid: Grid, parameters: PhantomParameters, generator: np.random.Generator, thinnest_mm: float) -> Plan:
    """Place everything inside the lungs.

    Parameters
    ----------
    planned : numpy.ndarray
        Structures on the planning grid, with empty lungs.
    grid : Grid
    parameters : PhantomParameters
    generator : numpy.random.Generator
    thinnest_mm : float
        Radius below which vessels are not drawn.

    Returns
    -------
    Plan
    """
    arteries, veins, nodules = [], [], []
    for side, parenchyma in SIDES.items():
        generator_of_side = generator.spawn(1)[0]
        lung = planned == parenchyma
        if not lung.any():
            continue
        places = _points(grid, lung)
        places = places + generator_of_side.uniform(-0.5, 0.5, places.shape) * PLANNING_STEP_MM
        for name, lobe in LOBES[side].items():
            territory = places[lobe_of(side, places[:, 2], places[:, 1], name)]
            smallest = (thinnest_mm / lobe.artery_radius_mm) ** 3
            arteries.append(
                (side, lobe, grow_tree(lobe.bronchus.end, generator_of_side.permutation(territory)[: len(territory) // 2], smallest))
            )
            veins.append((side, lobe, grow_tree(lobe.vein_root, generator_of_side.permutation(territory)[: len(territory) // 2], smallest)))
        if parameters.nodules:
            nodules += [(side, nodule) for nodule in _nodules(lung, grid, generator_of_side)]
    fields = [SmoothField(stream, knot) for stream, knot in zip(generator.spawn(3), (16.0, 9.0, 6.0), strict=True)]
    z, y, _ = grid.open()
    lobe_mask = (planned == SIDES[parameters.sick_side]) & lobe_of(parameters.sick_side, z, y, "lower")
    consolidation = Patch(fields[0], _quantile(consolidation_score(fields[0], grid)[lobe_mask], parameters.consolidation))
    both = np.isin(planned, list(SIDES.values()))
    emphysema = Patch(fields[1], _quantile(fields[1].on(grid)[both], parameters.emphysema))
    return Plan(tuple(arteries), tuple(veins), tuple(nodules), consolidation, emphysema, fields[2])


def consolidation_score(field: SmoothField, grid: Grid) -> np.ndarray:
    """Give how early each place consolidates: the back and the base first, in uneven patches."""
    z, y, _ = grid.open()
    return field.on(grid) * np.float32(0.35) + (y / 30 - z / 45)


def _quantile(values: np.ndarray, fraction: float) -> float:
    if fraction <= 0 or values.size == 0:
        return np.inf
    return -np.inf if fraction >= 1 else float(np.quantile(values, 1 - fraction))


def _points(grid: Grid, mask: np.ndarray) -> np.ndarray:
    k, j, i = np.nonzero(mask)
    return np.stack([grid.x[i], grid.y[j], grid.z[k]], axis=1).astype(float)


def _nodules(lung: np.ndarray, grid: Grid, generator: np.random.Generator) -> list[Ellipsoid]:
    """Place three nodules deep in a lung and two whose middle lies at the pleura."""
    depth = ndimage.distance_transform_edt(lung, sampling=PLANNING_STEP_MM)
    nodules = []
    for places, count, (smallest, largest) in (
        (_points(grid, depth >= 4 * PLANNING_STEP_MM), 3, (3.0, 7.0)),
        (_points(grid, lung & (depth <= PLANNING_STEP_MM) & (np.abs(grid.x) > 70)), 2, (5.0, 9.0)),
    ):
        for centre in generator.permutation(places)[:count].tolist():
            radius = float(generator.uniform(smallest, largest))
            radii = radius * generator.uniform(0.85, 1.15, 3)
            nodules.append(Ellipsoid(tuple(centre), tuple(radii.tolist())))
    return nodules


def paint_contents(structures: np.ndarray, grid: Grid, plan: Plan, consolidated: str | None) -> np.ndarray:
    """Paint the plan into both lungs.

    Parameters
    ----------
    structures : numpy.ndarray
        uint8 on the grid, with empty lungs; changed.
    grid : Grid
    plan : Plan
    consolidated : str or None
        Side whose lower lobe is consolidated.

    Returns
    -------
    numpy.ndarray
        uint8 on the grid: which part (0 to 255) of a lung's voxel is vessel or airway wall, also
        where the voxel's centre is not. It gives thin vessels their density in coarse voxels.
    """
    soft, hollow = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8)
    for side, tube in vessel_tubes(grid, plan):
        _paint_vessel(structures, soft, grid, tube, side)
    for side, lobe, tree in plan.arteries_and_airways:
        tubes = tree.tubes(lobe.bronchus.end_radius, max(_THINNEST_AIRWAY_MM, 0.4 * grid.voxel_mm))
        for tube in tubes:
            _paint_small_airway(structures, soft, grid, tube.grown(_wall_mm(tube)), side, SMALL_AIRWAY_WALL)
        for tube in tubes:
            _paint_small_airway(structures, hollow, grid, tube, side, SMALL_AIRWAY)
    # Lumens are hollowed out last, and once where branches overlap.
    np.subtract(soft, np.minimum(soft, hollow, out=hollow), out=soft)
    for side, nodule in plan.nodules:
        first = SIDES[side]
        paint(structures, grid, nodule, first + NODULE, members(first, first + VESSEL))
    if consolidated:
        _paint_consolidation(structures, grid, plan.consolidation, consolidated)
    return soft


def vessel_tubes(grid: Grid, plan: Plan) -> Iterator[tuple[str, Tube]]:
    """Give the side and the shape of each piece of artery and vein that the grid can show."""
    thinnest = thinnest_vessel_mm(grid)
    trees = [(side, lobe, tree, lobe.artery_offset_xyz) for side, lobe, tree in plan.arteries_and_airways]
    trees += [(side, lobe, tree, (0.0, 0.0, 0.0)) for side, lobe, tree in plan.veins]
    for side, lobe, tree, offset in trees:
        for tube in tree.tubes(lobe.artery_radius_mm, thinnest, offset):
            yield side, tube


def _share(distance: np.ndarray, tube: Tube, voxel_mm: float) -> np.ndarray:
    """Estimate which part (0 to 255) of each voxel lies in a tube, from the distance to its surface.

    Across the surface the part falls evenly over a voxel's width. The radius at which it is half is a little smaller
    than the tube's, and in a tube thinner than a voxel the part stays below 1 in the middle, such that the sum of the
    parts over a cross-section is the cross-section's area.
    """
    radius_mm = (tube.start_radius + tube.end_radius) / 2
    half_at_mm = max(radius_mm**2 - voxel_mm**2 / 12, voxel_mm**2 / 4) ** 0.5
    middle = min(1.0, 3 * (radius_mm / voxel_mm) ** 2)
    return (255 * middle) * np.clip(0.5 - (distance + (radius_mm - half_at_mm)) / voxel_mm, 0, 1)


def _wall_mm(lumen: Tube) -> float:
    return 0.25 + 0.15 * lumen.end_radius


def _paint_vessel(structures: np.ndarray, soft: np.ndarray, grid: Grid, tube: Tube, side: str) -> None:
    box, distance = tube.distance(grid, grid.voxel_mm)
    if is_empty(box):
        return
    part = structures[box]
    in_lung = (part == SIDES[side]) | (part == SIDES[side] + VESSEL)
    part[in_lung & (distance < 0)] = SIDES[side] + VESSEL
    share = np.rint(_share(distance, tube, grid.voxel_mm) * in_lung).astype(np.uint8)
    np.maximum(soft[box], share, out=soft[box])


def _paint_small_airway(structures: np.ndarray, shares: np.ndarray, grid: Grid, tube: Tube, side: str, kind: int) -> None:
    box, distance = tube.distance(grid, grid.voxel_mm)
    if is_empty(box):
        return
    part = structures[box]
    in_lung = lung_members(side)[part]
    part[in_lung & (distance < 0)] = SIDES[side] + kind
    share = np.rint(_share(distance, tube, grid.voxel_mm) * in_lung).astype(np.uint8)
    np.maximum(shares[box], share, out=shares[box])


def _paint_consolidation(structures: np.ndarray, grid: Grid, patch: Patch, side: str) -> None:
    """Fill parenchyma and vessels; the airways stay open (air bronchogram)."""
    first = SIDES[side]
    table = members(first, first + VESSEL, first + NODULE)
    for slab in grid.slabs():
        inner = Grid(grid.z[slab], grid.y, grid.x)
        part = structures[slab]
        candidates = table[part]
        if not candidates.any():
            continue
        z, y, _ = inner.open()
        dense = candidates & lobe_of(side, z, y, "lower") & (consolidation_score(patch.field, inner) > patch.threshold)
        part[dense] = first + CONSOLIDATION
