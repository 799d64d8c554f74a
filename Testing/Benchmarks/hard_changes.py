"""Ways to make a scan harder: each gives the changed scan with the reference that now holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import ndimage

from hard_scan import Change, HardScan, lungs_of, middle_slice, slice_below_carina
from hard_tissue import filled_apex, filled_base, hernia, raised_colon
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG

_AIR_HU, _GAS_HU, _WATER_HU, _BODY_ABOVE_HU = -1000, -990, 20, -300


def unchanged(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Leave the scan as it is."""
    return scan


def sharp_noise(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Sharpen edges as a lung kernel does, and add noise of 80 HU."""
    hu = np.maximum(scan.volume.voxels_hu, -1024).astype(np.float32)
    blurred = ndimage.gaussian_filter(hu, [0.8 * min(scan.volume.spacing_zyx_mm) / mm for mm in scan.volume.spacing_zyx_mm])
    return scan.with_voxels(np.maximum(hu + 0.7 * (hu - blurred) + random.normal(0, 80, hu.shape).astype(np.float32), -1024))


def thick_slices(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Average slices to 8 mm; the reference is the majority's."""
    z_mm, y_mm, x_mm = scan.volume.spacing_zyx_mm
    factor = max(1, round(8 / z_mm))
    slices = scan.reference.shape[0] // factor * factor
    shape = (slices // factor, factor, *scan.reference.shape[1:])
    voxels_hu = scan.volume.voxels_hu[:slices].reshape(shape).mean(axis=1)
    parts = scan.reference[:slices].reshape(shape)
    votes = np.stack([np.count_nonzero(parts == label, axis=1) for label in range(4)])
    volume = replace(scan.volume, voxels_hu=np.rint(voxels_hu).astype(np.int16), spacing_zyx_mm=(z_mm * factor, y_mm, x_mm))
    return HardScan(volume, votes.argmax(axis=0).astype(np.uint8), scan.certain[:slices].reshape(shape).all(axis=1))


def upper_half(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Keep the upper half of the lungs' height."""
    return scan.part((slice(middle_slice(scan), None),))


def lower_half(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Keep the lower half of the lungs' height."""
    return scan.part((slice(None, middle_slice(scan)),))


def below_carina(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Keep what lies below the carina: the last slice cuts both main bronchi."""
    return scan.part((slice(None, slice_below_carina(scan) + 1),))


def heart_view(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Keep a square of 18 cm around the heart, from the carina down, as a scan of the coronary arteries shows it."""
    part = below_carina(scan, random)
    _, y_mm, x_mm = scan.volume.spacing_zyx_mm
    _, rows, columns = np.nonzero(lungs_of(part))
    row = 0.55 * np.percentile(rows, 2) + 0.45 * np.percentile(rows, 98)  # it lies a little in front of the lungs' middle,
    column = (columns.min() + columns.max()) / 2 + 15 / x_mm  # and to the left
    ends = ((max(0, int(row - 90 / y_mm)), int(row + 90 / y_mm)), (max(0, int(column - 90 / x_mm)), int(column + 90 / x_mm)))
    return part.part((slice(None), *(slice(*end) for end in ends)))


def head_down(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Reverse the slices without telling the header."""
    return scan.part((slice(None, None, -1),))


def cut_left_and_right(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Let a rectangular field of view end 8 mm inside both lungs."""
    margin = round(8 / scan.volume.spacing_zyx_mm[2])
    columns = np.flatnonzero(lungs_of(scan).any(axis=(0, 1)))
    return scan.part((slice(None), slice(None), slice(columns[0] + margin, columns[-1] + 1 - margin)))


def round_view(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Set everything outside a disc that holds the lungs to -2000."""
    return _in_disc(scan, 12.0, -2000)


def round_view_3024(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Set everything outside a disc that cuts 5 mm off the lungs to -3024."""
    return _in_disc(scan, -5.0, -3024)


def narrow_view(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Set everything outside a disc that cuts 20 mm off the lungs, and the chest wall on three sides, to -2000."""
    return _in_disc(scan, -20.0, -2000)


def narrow_view_of_air(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Do the same with -1024, which looks like air."""
    return _in_disc(scan, -20.0, -1024)


def shifted_air(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Raise air by 60 HU, tissue not at all, as a badly calibrated scanner does."""
    hu = scan.volume.voxels_hu.astype(np.float32)
    return scan.with_voxels(np.where(hu < -1024, hu, hu + 60 * np.clip(-hu / 1000, 0, 1)))


def arms_and_tables(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Put arms of water beside the chest, and a hollow table in front of it besides the one behind."""
    hu = scan.volume.voxels_hu.copy()
    rows, columns = hu.shape[1:]
    _, y_mm, x_mm = scan.volume.spacing_zyx_mm
    body = ndimage.binary_opening(hu.max(axis=0) > _BODY_ABOVE_HU, iterations=2)
    used_columns, used_rows = np.flatnonzero(body.any(axis=0)), np.flatnonzero(body.any(axis=1))
    middle = float(used_rows.mean())
    y, x = np.ogrid[:rows, :columns]
    empty = hu < -700
    lungs = ndimage.binary_dilation(lungs_of(scan).any(axis=0), iterations=3)
    for edge in (used_columns[0], used_columns[-1]):
        inward = 25 if edge == used_columns[0] else -25
        arm = ((y - middle) * y_mm) ** 2 + ((x - edge) * x_mm - inward / 2) ** 2 < 40**2
        hu[empty & (arm & ~lungs)[np.newaxis]] = _WATER_HU
    top = max(2, used_rows[0])
    for shell in (slice(top - 2, top - 1), slice(top + round(30 / y_mm), top + round(30 / y_mm) + 1)):
        table = np.zeros((rows, columns), bool)
        table[shell] = True
        hu[empty & (table & ~lungs)[np.newaxis]] = 100
    return scan.with_voxels(hu)


def bowel_gas(scan: HardScan, random: np.random.Generator) -> HardScan:
    """Paste gas of up to 90 mm under the left diaphragm and up to 50 mm under the right, behind a wall of at least two voxels."""
    hu = scan.volume.voxels_hu.copy()
    spacing = scan.volume.spacing_zyx_mm
    lungs, wall_mm = lungs_of(scan), max(5.0, 2.2 * max(spacing))
    away_mm = ndimage.distance_transform_edt(~lungs, spacing)
    z, y, x = np.ogrid[tuple(slice(size) for size in hu.shape)]
    for label, radius_mm in ((LEFT_LUNG, 45.0), (RIGHT_LUNG, 25.0)):
        side = scan.reference == label
        below = np.where(side.any(axis=0), side.argmax(axis=0), -1)
        # The dome is where the lung's lower face is highest among the columns it covers well inside its outline.
        inner = ndimage.binary_erosion(below >= 0, iterations=max(1, round(25 / spacing[1]))) & (below < middle_slice(scan))
        if not inner.any():
            continue
        row, column = np.unravel_index(np.argmax(np.where(inner, below, -1)), below.shape)
        centre = below[row, column] - (radius_mm + wall_mm) / spacing[0]
        squared = ((z - centre) * spacing[0]) ** 2 + ((y - row) * spacing[1]) ** 2 + ((x - column) * spacing[2]) ** 2
        hu[(squared < radius_mm**2) & (away_mm > wall_mm) & (hu > _BODY_ABOVE_HU)] = _GAS_HU
    return scan.with_voxels(hu)


def _in_disc(scan: HardScan, beyond_lungs_mm: float, outside_hu: int) -> HardScan:
    """Keep a disc whose radius is the lungs' largest distance from its centre and some mm; what lies outside is not lung any more."""
    _, y_mm, x_mm = scan.volume.spacing_zyx_mm
    shown = lungs_of(scan).any(axis=0)
    rows, columns = (np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0))
    y, x = np.ogrid[: shown.shape[0], : shown.shape[1]]
    far_mm = np.hypot((y - (rows[0] + rows[-1]) / 2) * y_mm, (x - (columns[0] + columns[-1]) / 2) * x_mm)
    outside = far_mm > far_mm[shown].max() + beyond_lungs_mm
    hard = scan.with_voxels(np.where(outside, outside_hu, scan.volume.voxels_hu))
    return replace(hard, reference=np.where(outside, np.uint8(BACKGROUND), scan.reference))


CHANGES: dict[str, Change] = {
    "unchanged": unchanged,
    "noise of 80 HU, sharp kernel": sharp_noise,
    "slices of 8 mm": thick_slices,
    "upper half": upper_half,
    "lower half": lower_half,
    "below the carina": below_carina,
    "view of the heart, 18 cm": heart_view,
    "head down": head_down,
    "view cut left and right": cut_left_and_right,
    "round view, padding -2000": round_view,
    "round view cuts 5 mm, -3024": round_view_3024,
    "round view cuts 20 mm, -2000": narrow_view,
    "round view cuts 20 mm, air": narrow_view_of_air,
    "air raised by 60 HU": shifted_air,
    "arms and second table": arms_and_tables,
    "gas under the diaphragm": bowel_gas,
    "right apex filled": filled_apex,
    "left base filled at the back": filled_base,
    "hernia beside the spine": hernia,
    "fat and colon raise the left dome": raised_colon,
}
