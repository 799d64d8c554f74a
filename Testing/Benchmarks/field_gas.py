"""Air that is not lung, painted on real scans as patients have it: in the pleura, the oesophagus and the bowel; and bullae, which are lung.

Gas is as dark and as noisy as the air in the scan's own trachea. Each change gives the scan with the reference that then holds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from hard_scan import HardScan
from LungSegmentationLib.labels import AIRWAYS, BACKGROUND, LEFT_LUNG, RIGHT_LUNG

_TISSUE_HU, _TISSUE_SD_HU = 40.0, 15.0
_AIR_RANGE_HU, _NOISE_RANGE_HU = (-1020.0, -960.0), (8.0, 90.0)
_BONE_ABOVE_HU = 150


def pneumothorax(scan: HardScan, random: np.random.Generator, label: int, shrunk_to: float) -> HardScan:
    """Shrink a lung towards its hilum, denser for the same mass; what it leaves is free air."""
    side = scan.reference == label
    slices = np.flatnonzero(side.any(axis=(1, 2)))
    z = slices[0] + 0.55 * (slices[-1] - slices[0])
    rows, columns = np.nonzero(side[round(z)])
    hilum = z, float(np.median(rows)), float(columns.max() if label == RIGHT_LUNG else columns.min())
    source = [place + (axis - place) / shrunk_to for place, axis in zip(hilum, np.indices(side.shape, np.float32), strict=True)]
    collapsed = (ndimage.map_coordinates(side.astype(np.float32), source, order=1) > 0.5) & side
    before_hu = ndimage.map_coordinates(scan.volume.voxels_hu.astype(np.float32), source, order=1)
    denser_hu = np.where(before_hu < -300, np.maximum(before_hu, -1000) + (1000 + before_hu) * (shrunk_to**-3 - 1), before_hu)
    hu = np.where(side, _gas_hu(scan, random), scan.volume.voxels_hu)
    hu[collapsed] = np.minimum(denser_hu, 100)[collapsed]
    return _with_labels(scan.with_voxels(hu), np.where(side & ~collapsed, BACKGROUND, scan.reference))


def bulla(scan: HardScan, random: np.random.Generator, label: int, radius_mm: float) -> HardScan:
    """Put a ball of air into the upper part of a lung, against the chest wall: it stays lung."""
    side = scan.reference == label
    deep_mm = ndimage.distance_transform_edt(side, scan.volume.spacing_zyx_mm)
    slices = np.flatnonzero(side.any(axis=(1, 2)))
    deep_mm[: round(slices[0] + 0.5 * (slices[-1] - slices[0]))] = 0
    centre = np.unravel_index(int(deep_mm.argmax()), side.shape)
    hu = np.where(side & _ball(scan, centre, radius_mm), _gas_hu(scan, random), scan.volume.voxels_hu)
    return scan.with_voxels(hu)


def conduit(scan: HardScan, random: np.random.Generator, radius_mm: float) -> HardScan:
    """Lay a tube of gas with a wall of 3.5 mm beside the spine in the right half, from 10 mm below the apex to the base."""
    z_mm, _, x_mm = scan.volume.spacing_zyx_mm
    right = scan.reference == RIGHT_LUNG
    slices = np.flatnonzero(right.any(axis=(1, 2)))
    slices = slices[round(8 / z_mm) : -round(10 / z_mm)]
    medial, behind = [], []
    for number in slices:
        rows, columns = np.nonzero(right[number])
        is_behind = rows >= np.percentile(rows, 60)
        # Its wall lies on the mediastinum, which it pushes aside by a few mm.
        medial.append(columns[is_behind].max() - (radius_mm - 3) / x_mm)
        behind.append(np.median(rows[is_behind]))
    smooth = [ndimage.gaussian_filter1d(np.array(line, float), 25 / z_mm, mode="nearest") for line in (behind, medial)]
    return _with_tube(scan, random, slices, *smooth, radius_mm, 3.5)


def oesophagus(scan: HardScan, random: np.random.Generator, radius_mm: float) -> HardScan:
    """Fill the oesophagus with air: a tube with a wall of 3 mm in front of the spine, from the trachea down to the diaphragm."""
    z_mm, y_mm, x_mm = scan.volume.spacing_zyx_mm
    trachea = scan.reference == AIRWAYS
    wide = np.flatnonzero(trachea.any(axis=(1, 2)))
    upper = wide[wide > wide[0] + 0.6 * (wide[-1] - wide[0])]
    _, rows, columns = np.nonzero(trachea[upper])
    low, high = round(_lungs_lowest(scan) + 35 / z_mm), round(np.percentile(upper, 90))
    numbers = np.arange(low, high)
    row = np.percentile(rows, 97) + (radius_mm + 4) / y_mm
    column = np.median(columns) + 6 / x_mm
    return _with_tube(scan, random, numbers, np.full(len(numbers), row), np.full(len(numbers), column), radius_mm, 3.0)


def hernia(scan: HardScan, random: np.random.Generator, radius_mm: float) -> HardScan:
    """Put a stomach of gas with a wall of 4 mm behind the heart, above the diaphragm."""
    z_mm, y_mm, _ = scan.volume.spacing_zyx_mm
    number = round(_lungs_lowest(scan) + (35 + radius_mm) / z_mm)
    middle, front_of_spine = _spine_at(scan, number)
    centre = number, front_of_spine - (radius_mm + 4) / y_mm, middle
    return _with_balls(scan, random, [(centre, radius_mm, 4.0)])


def colon_beside_dome(scan: HardScan, random: np.random.Generator, label: int) -> HardScan:
    """Let a flexure of the colon, a tube of gas of 40 mm with haustra, rise along the wall beneath a dome (left: spleen; right: liver)."""
    spacing = scan.volume.spacing_zyx_mm
    lungs = _lungs(scan)
    side = scan.reference == label
    below = np.where(side.any(axis=0), side.argmax(axis=0), -1)
    inner = ndimage.binary_erosion(below >= 0, iterations=max(1, round(20 / spacing[1])))
    rows, columns = np.nonzero(inner)
    lateral = columns >= np.percentile(columns, 60) if label == LEFT_LUNG else columns <= np.percentile(columns, 40)
    row, column = np.median(rows[lateral]), np.median(columns[lateral])
    away_mm = ndimage.distance_transform_edt(~lungs, spacing)
    hu = scan.volume.voxels_hu.astype(np.float32)
    gas = np.zeros(lungs.shape, bool)
    lowest = below[round(row), round(column)]
    for step in range(6):
        centre = lowest - (22 + 24 * step) / spacing[0], row + 12 * np.sin(step) / spacing[1], column
        gas |= _ball(scan, centre, 20.0)
    gas &= (away_mm > max(4.0, 1.6 * max(spacing))) & (hu > -300)
    return scan.with_voxels(np.where(gas, _gas_hu(scan, random), hu))


def whole_body(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Add 250 mm of abdomen with bowel gas and stool below the scan, its lowest slice without lung going on."""
    spacing = scan.volume.spacing_zyx_mm
    count = round(250 / spacing[0])
    lowest = scan.volume.voxels_hu[0].astype(np.float32)
    lowest[scan.reference[0] > 0] = _TISSUE_HU
    inside = ndimage.binary_fill_holes(ndimage.binary_opening(lowest > -300, iterations=2))
    inside = ndimage.binary_erosion(_largest(inside), iterations=round(30 / spacing[1]))
    abdomen = np.repeat(lowest[np.newaxis], count, axis=0) + random.normal(0, 5, (count, *lowest.shape))
    longer = _lengthened(scan, abdomen, at_top=False)
    rows, columns = np.nonzero(inside)
    hu = longer.volume.voxels_hu.astype(np.float32)
    places = random.choice(len(rows), 12)
    for number, place in enumerate(places):
        centre = (count * (0.08 + 0.07 * number), rows[place], columns[place])
        ball = _ball(longer, centre, random.uniform(15, 35)) & _inside_slices(inside, hu.shape)
        hu[ball] = _gas_hu(longer, random)[ball] if number % 3 else random.normal(-450, 250, np.count_nonzero(ball))
    return longer.with_voxels(hu)


def head_and_neck(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Add a neck of 60 mm with the trachea going on, and a head of 160 mm with mastoid cells, sinuses and a pharynx above the scan."""
    spacing = scan.volume.spacing_zyx_mm
    neck, head = round(60 / spacing[0]), round(160 / spacing[0])
    shape = neck + head, *scan.reference.shape[1:]
    longer = _lengthened(scan, np.full(shape, -1000.0), at_top=True)
    hu, start = longer.volume.voxels_hu.astype(np.float32), len(scan.reference)
    top = scan.reference[-1] == AIRWAYS
    if not top.any():
        numbers = np.flatnonzero((scan.reference == AIRWAYS).any(axis=(1, 2)))
        top = scan.reference[numbers[-1]] == AIRWAYS
    row, column = (float(np.mean(places)) for places in np.nonzero(top))
    z, y, x = np.ogrid[: hu.shape[0], : hu.shape[1], : hu.shape[2]]
    up_mm, off_y, off_x = (z - start) * spacing[0], (y - row) * spacing[1], (x - column) * spacing[2]
    in_neck = ((off_y - 30) ** 2 / 60**2 + off_x**2 / 58**2 < 1) & (up_mm >= 0) & (up_mm < 70)
    in_head = (off_y - 20) ** 2 / 95**2 + off_x**2 / 75**2 + (up_mm - 140) ** 2 / 85**2 < 1
    body, pharynx = (in_neck | in_head) & (up_mm >= 0), (np.hypot(off_y, off_x) < 9) & (up_mm >= 0) & (up_mm < 120)
    sinuses = (off_y + 45) ** 2 + (np.abs(off_x) - 25) ** 2 + (up_mm - 130) ** 2 < 17**2
    mastoids = (off_y - 45) ** 2 + (np.abs(off_x) - 50) ** 2 + (up_mm - 130) ** 2 < 16**2
    hu[body] = random.normal(_TISSUE_HU, _TISSUE_SD_HU, np.count_nonzero(body))
    hu[pharynx | (sinuses & body)] = _gas_hu(longer, random)[pharynx | (sinuses & body)]
    cells = mastoids & body
    hu[cells] = random.normal(-750, 120, np.count_nonzero(cells))
    return longer.with_voxels(hu)


def air_noise_hu(scan: HardScan) -> tuple[float, float]:
    """Give mean and standard deviation of the air in the trachea, off its wall."""
    inside = ndimage.binary_erosion(scan.reference == AIRWAYS)
    air = scan.volume.voxels_hu[inside]
    if air.size < 50:
        return -1000.0, 20.0
    low, middle, high = np.percentile(air, (16, 50, 84))
    return float(np.clip(middle, *_AIR_RANGE_HU)), float(np.clip((high - low) / 2, *_NOISE_RANGE_HU))


def _gas_hu(scan: HardScan, random: np.random.Generator) -> np.ndarray:
    mean, sd = air_noise_hu(scan)
    lowest = max(-1024, int(scan.volume.voxels_hu[scan.reference > 0].min()))
    return np.maximum(random.normal(mean, sd, scan.reference.shape), lowest)


def _with_tube(
    scan: HardScan,
    random: np.random.Generator,
    slices: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    radius_mm: float,
    wall_mm: float,
) -> HardScan:
    _, y_mm, x_mm = scan.volume.spacing_zyx_mm
    y, x = np.ogrid[: scan.reference.shape[1], : scan.reference.shape[2]]
    far_mm = np.full(scan.reference.shape, np.inf, np.float32)
    for number, row, column in zip(slices, rows, columns, strict=True):
        far_mm[number] = np.hypot((y - row) * y_mm, (x - column) * x_mm)
    ends = slices[[0, -1]]
    z = np.arange(len(far_mm))[:, None, None]
    # The ends are round.
    beyond_mm = np.maximum(ends[0] + radius_mm / scan.volume.spacing_zyx_mm[0] - z, z - ends[1] + radius_mm / scan.volume.spacing_zyx_mm[0])
    far_mm = np.hypot(far_mm, np.maximum(beyond_mm, 0) * scan.volume.spacing_zyx_mm[0])
    return _with_wall_and_gas(scan, random, far_mm, radius_mm, wall_mm)


def _with_balls(scan: HardScan, random: np.random.Generator, balls: list[tuple[tuple[float, ...], float, float]]) -> HardScan:
    for centre, radius_mm, wall_mm in balls:
        scan = _with_wall_and_gas(scan, random, _far_mm(scan, centre), radius_mm, wall_mm)
    return scan


def _with_wall_and_gas(scan: HardScan, random: np.random.Generator, far_mm: np.ndarray, radius_mm: float, wall_mm: float) -> HardScan:
    hu = scan.volume.voxels_hu.astype(np.float32)
    taken = (far_mm < radius_mm + wall_mm) & (hu < _BONE_ABOVE_HU) & (scan.reference != AIRWAYS)
    hu[taken] = random.normal(_TISSUE_HU, _TISSUE_SD_HU, np.count_nonzero(taken))
    # A wall lies between the gas and the airways: without one it would be a fistula.
    spacing_zyx_mm = scan.volume.spacing_zyx_mm
    off_airways_mm = ndimage.distance_transform_edt(scan.reference != AIRWAYS, spacing_zyx_mm)
    gas = taken & (far_mm < radius_mm) & (off_airways_mm > max(wall_mm, *spacing_zyx_mm))
    hu[gas] = _gas_hu(scan, random)[gas]
    return _with_labels(scan.with_voxels(hu), np.where(taken, BACKGROUND, scan.reference))


def _with_labels(scan: HardScan, reference: np.ndarray) -> HardScan:
    return replace(scan, reference=reference.astype(np.uint8))


def _lengthened(scan: HardScan, slices_hu: np.ndarray, at_top: bool) -> HardScan:
    def joined(array: np.ndarray, more: np.ndarray) -> np.ndarray:
        return np.concatenate([array, more] if at_top else [more, array])

    hu = joined(scan.volume.voxels_hu, np.rint(slices_hu).astype(np.int16))
    reference = joined(scan.reference, np.zeros(slices_hu.shape, np.uint8))
    certain = joined(scan.certain, np.ones(slices_hu.shape, bool))
    return HardScan(replace(scan.volume, voxels_hu=hu), reference, certain)


def _lungs(scan: HardScan) -> np.ndarray:
    return (scan.reference == RIGHT_LUNG) | (scan.reference == LEFT_LUNG)


def _lungs_lowest(scan: HardScan) -> float:
    """Give the slice where the lungs' lower ends are reached on average: half of their columns end above it."""
    lungs = _lungs(scan)
    return float(np.median(lungs.argmax(axis=0)[lungs.any(axis=0)]))


def _spine_at(scan: HardScan, number: int) -> tuple[float, float]:
    """Give the column of the middle between the lungs, and the row of the spine's front there."""
    plane, hu = _lungs(scan)[number], scan.volume.voxels_hu[number]
    columns = np.flatnonzero(plane.any(axis=0))
    middle = (columns[0] + columns[-1]) / 2
    half = round(15 / scan.volume.spacing_zyx_mm[2])
    rows = np.flatnonzero(plane.any(axis=1))
    behind = (rows[0] + rows[-1]) // 2
    bone = (hu[behind:, round(middle) - half : round(middle) + half] > _BONE_ABOVE_HU).mean(axis=1)
    found = np.flatnonzero(bone > 0.3)
    return middle, float(behind + found[0]) if found.size else float(np.percentile(rows, 75))


def _far_mm(scan: HardScan, centre: tuple[float, ...]) -> np.ndarray:
    axes = np.ogrid[tuple(slice(size) for size in scan.reference.shape)]
    squares = [((axis - place) * mm) ** 2 for axis, place, mm in zip(axes, centre, scan.volume.spacing_zyx_mm, strict=True)]
    return np.sqrt(squares[0] + squares[1] + squares[2])


def _ball(scan: HardScan, centre: tuple[float, ...], radius_mm: float) -> np.ndarray:
    return _far_mm(scan, centre) < radius_mm


def _largest(mask: np.ndarray) -> np.ndarray:
    labels, _ = ndimage.label(mask)
    return labels == 1 + np.argmax(np.bincount(labels.ravel())[1:])


def _inside_slices(plane: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(plane, shape)
