"""Makes phantoms: synthetic chest CT of which the truth is known exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from ..labels import REGIONS
from ..volume import AxisOrder, CtVolume, canonical_order
from .airways import paint_central_airways
from .chest_inside import JUNCTION_SLOPE_Z, Proportions, fill_crevices, paint_abdomen, paint_cavity, paint_mediastinum
from .chest_wall import paint_arms, paint_shoulders, paint_spine, paint_surroundings, paint_wall
from .grid import Grid, is_empty
from .intensities import outside_field_of_view, render
from .lung_contents import Plan, make_plan, paint_contents, planning_grid, thinnest_vessel_mm, vessel_tubes
from .parameters import PhantomParameters
from .structures import Structure, label_table

_MIDDLE_Z_MM = -35.0
_UNIT_VECTORS = {"L": (1, 0, 0), "R": (-1, 0, 0), "P": (0, 1, 0), "A": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}


@dataclass(frozen=True)
class Phantom:
    """A synthetic chest CT with its truth, all on one grid.

    Parameters
    ----------
    volume : CtVolume
        The image.
    structures : numpy.ndarray
        uint8: the :class:`Structure` in which each voxel's centre lies.
    labels : numpy.ndarray
        uint8: 1 right lung, 2 left lung, 3 air of trachea, main and lobar bronchi. The lungs include
        their vessels, small airways, nodules and consolidation.
    """

    volume: CtVolume
    structures: np.ndarray
    labels: np.ndarray

    def volumes_ml(self) -> dict[str, float]:
        """Give volumes by voxel count in mL.

        Returns
        -------
        dict
            One entry for each structure by its lower-case name, and one for each label by its key:
            ``"label:right_lung"``, ``"label:left_lung"``, ``"label:airways"``.
        """
        structure_counts = np.bincount(self.structures.reshape(-1), minlength=256)
        label_counts = np.bincount(self.labels.reshape(-1), minlength=256)
        counts = {structure.name.lower(): structure_counts[structure] for structure in Structure}
        counts |= {f"label:{region.key}": label_counts[region.label] for region in REGIONS}
        return {name: float(count) * self.volume.voxel_volume_ml for name, count in counts.items()}


def make_phantom(parameters: PhantomParameters | None = None, **changes: object) -> Phantom:
    """Make a synthetic chest CT.

    The shapes are formulas in body coordinates, decided at voxel centres: the truth does not depend
    on blur and noise, and another resolution or orientation shows the same body.

    Parameters
    ----------
    parameters : PhantomParameters, optional
        The default phantom by default.
    **changes
        Parameters to be replaced.

    Returns
    -------
    Phantom

    Raises
    ------
    InputError
        When a parameter is unknown or out of range.
    """
    parameters = _with_changes(parameters, changes)
    grid, origin_zyx_mm, structures, plan = _planned(parameters)
    soft = paint_contents(structures, grid, plan, parameters.sick_side if parameters.consolidation > 0 else None)
    image = render(structures, soft, grid, plan, parameters, [parameters.seed, 2])
    if parameters.padding:
        corners = outside_field_of_view(parameters)
        image[:, corners] = parameters.padding_hu
        structures[:, corners] = Structure.PADDING
    return _oriented(image, structures, origin_zyx_mm, parameters)


def vessel_radii_mm(parameters: PhantomParameters | None = None, **changes: object) -> np.ndarray:
    """Give the radius of the vessels of a phantom: of those that :func:`make_phantom` draws with the same parameters.

    Parameters
    ----------
    parameters : PhantomParameters, optional
    **changes
        Parameters to change.

    Returns
    -------
    numpy.ndarray
        float32 (z, y, x) in canonical order: radius in mm, in a body of scale 1, of the thickest vessel in which each
        voxel's centre lies, at that place of its branch; 0 outside vessels. Where something else was drawn over a
        vessel, the radius is still there.
    """
    parameters = _with_changes(parameters, changes)
    grid, _, _, plan = _planned(parameters)
    radii = np.zeros(grid.shape, np.float32)
    for _, tube in vessel_tubes(grid, plan):
        box, distance, radius = tube.around_axis(grid)
        if is_empty(box):
            continue
        part = radii[box]
        np.maximum(part, radius, out=part, where=distance < radius)
    return radii


def _with_changes(parameters: PhantomParameters | None, changes: dict[str, object]) -> PhantomParameters:
    unknown = sorted(set(changes) - set(PhantomParameters.__dataclass_fields__))
    if unknown:
        raise InputError(f"the phantom has no parameter {unknown[0]!r}; it has: {', '.join(PhantomParameters.__dataclass_fields__)}")
    return replace(parameters or PhantomParameters(), **changes)  # type: ignore[arg-type]


def _planned(parameters: PhantomParameters) -> tuple[Grid, tuple[float, float, float], np.ndarray, Plan]:
    """Give the grid, the physical place of its first voxel, the body with empty lungs, and what will fill them."""
    bodies, contents = np.random.default_rng([parameters.seed, 1]).spawn(2)
    grid, origin_zyx_mm = _grid(parameters, bodies.uniform(0.97, 1.03, 3))
    proportions = Proportions.drawn(bodies)
    structures = _anatomy(grid, proportions, parameters)
    coarse = planning_grid()
    plan = make_plan(_anatomy(coarse, proportions, parameters), coarse, parameters, contents, thinnest_vessel_mm(grid))
    return grid, origin_zyx_mm, structures, plan


def _grid(parameters: PhantomParameters, proportions_zyx: np.ndarray) -> tuple[Grid, tuple[float, float, float]]:
    """Give the grid in body coordinates, and the physical place of its first voxel."""
    offsets = (0.0, parameters.centre_xy_mm[1], parameters.centre_xy_mm[0])
    body_middle = (_MIDDLE_Z_MM, 0.0, 0.0)
    axes, origin = [], []
    for axis, (size, spacing) in enumerate(zip(parameters.shape_zyx, parameters.grid_spacing_zyx_mm, strict=True)):
        places = (np.arange(size) - (size - 1) / 2) * spacing
        if axis == 0:
            places = places[parameters.covered_slices]
        origin.append(float(places[0]))
        axes.append(((places - offsets[axis]) / (parameters.scale * proportions_zyx[axis]) + body_middle[axis]).astype(np.float32))
    return Grid(*axes), (origin[0], origin[1], origin[2])


def _anatomy(grid: Grid, proportions: Proportions, parameters: PhantomParameters) -> np.ndarray:
    """Paint the body with empty lungs."""
    structures = np.zeros(grid.shape, np.uint8)
    # Columns this far apart at least, so that the lungs never touch, not even over a corner.
    dz, _, dx = grid.spacing_zyx_mm
    junction_mm = max(parameters.junction_mm / parameters.scale, 1.01 * (dx + JUNCTION_SLOPE_Z * dz))
    for slab in grid.slabs():
        inner, part = Grid(grid.z[slab], grid.y, grid.x), structures[slab]
        paint_surroundings(part, inner, parameters)
        paint_wall(part, inner)
        paint_cavity(part, inner, proportions, parameters, junction_mm)
        paint_abdomen(part, inner, proportions, parameters.stomach_gas)
    if parameters.arms:
        paint_arms(structures, grid)
    paint_shoulders(structures, grid)
    paint_mediastinum(structures, grid, proportions.heart_factor)
    paint_spine(structures, grid)
    paint_central_airways(structures, grid, parameters.lungs)
    fill_crevices(structures, grid)
    return structures


def _oriented(
    image: np.ndarray, structures: np.ndarray, origin_zyx_mm: tuple[float, float, float], parameters: PhantomParameters
) -> Phantom:
    """Reorder canonical arrays to the asked orientation without moving the body."""
    direction = np.array([_UNIT_VECTORS[letter] for letter in parameters.orientation], float).T
    order: AxisOrder = canonical_order(direction)
    spacing, origin = np.array(parameters.grid_spacing_zyx_mm), np.array(origin_zyx_mm)
    ends = (np.array(image.shape) - 1) * spacing
    origin = origin + np.where(order.flipped, ends, 0)
    z, y, x = (float(mm) for mm in spacing[np.argsort(order.axes)])
    volume = CtVolume(
        voxels_hu=order.undo(image),
        spacing_zyx_mm=(z, y, x),
        origin_lps_mm=(float(origin[2]), float(origin[1]), float(origin[0])),
        direction_lps=direction,
        name="phantom",
        source={"modality": "CT", "phantom_seed": parameters.seed},
    )
    structures = order.undo(structures)
    return Phantom(volume, structures, label_table()[structures])
