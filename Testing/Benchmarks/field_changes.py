"""Inputs as users have them, made from real scans: filled, noisy, turned, of another size, with foreign air, with odd headers.

Each change is one kind of fault of files or one kind of patient; what must be said of it stands beside it.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

import field_gas as gas
from hard_changes import bowel_gas
from hard_scan import HardScan, lungs_of
from LungSegmentationLib.anatomy.stance import turned
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.volume import AxisOrder, CtVolume

FILLS_HU = (0, -1000, -1024, -2000, -2048, -3024)
_NEWS = r"filled with .* HU|axial slices .* hold nothing but"
_CUT = r"edge of the round field|cut at"
_TURNED = r"header (does not|may not) fit the anatomy"
_FREE_AIR = r"without lung structure"
_AS_IT_WAS = AxisOrder((0, 1, 2), (False, False, False))


@dataclass(frozen=True)
class FieldInput:
    """An input and what its labels must be.

    Parameters
    ----------
    volume : CtVolume
    reference, certain : numpy.ndarray
        uint8 and bool (z, y, x): what now holds, on the grid of the scan before the change.
    order : AxisOrder
        How the scan's array was turned.
    inner : tuple of slice
        Where the scan lies in the array, turned back.
    """

    volume: CtVolume
    reference: np.ndarray
    certain: np.ndarray
    order: AxisOrder = _AS_IT_WAS
    inner: tuple[slice, ...] = (slice(None),) * 3

    def on_scan(self, labels: np.ndarray) -> tuple[np.ndarray, int]:
        """Bring labels to the grid of the scan before the change; count the voxels of lung that lie outside it."""
        upright = self.order.undo(labels)
        part = np.ascontiguousarray(upright[self.inner])
        lungs, inside = (np.count_nonzero((array == RIGHT_LUNG) | (array == LEFT_LUNG)) for array in (upright, part))
        return part, lungs - inside


@dataclass(frozen=True)
class FieldChange:
    """A kind of input.

    Parameters
    ----------
    kind : str
        ``"fill"``, ``"noise"``, ``"file"``, ``"header"``, ``"pleura"``, ``"gullet"``, ``"bowel"`` or ``"size"``.
    make : callable
        ``make(scan, random, folder)`` gives the input.
    cause : str
        A regular expression of the words that name the cause.
    must_say : bool
        Whether it has to be named although the result is right.
    must_not_say : str
        A regular expression of words that would name a false cause; empty for none.
    """

    kind: str
    make: Callable[[HardScan, np.random.Generator, Path], FieldInput]
    cause: str = ""
    must_say: bool = False
    must_not_say: str = ""


def framed(scan: HardScan, random: np.random.Generator, folder: Path, fill_hu: int) -> FieldInput:
    """Put a frame of one value around the scan, as resampling and padding do."""
    pads = ((4, 6), (14, 10), (9, 17))
    hu = np.pad(scan.volume.voxels_hu, pads, constant_values=fill_hu)
    inner = tuple(slice(low, -high) for low, high in pads)
    return FieldInput(replace(scan.volume, voxels_hu=hu), scan.reference, scan.certain, inner=inner)


def in_disc(scan: HardScan, random: np.random.Generator, folder: Path, fill_hu: int, beyond_lungs_mm: float) -> FieldInput:
    """Keep a disc about the lungs; air that the scanner would write darker than the fill is clipped to it."""
    _, y_mm, x_mm = scan.volume.spacing_zyx_mm
    shown = lungs_of(scan).any(axis=0)
    rows, columns = np.nonzero(shown)
    y, x = np.ogrid[: shown.shape[0], : shown.shape[1]]
    far_mm = np.hypot((y - rows.mean()) * y_mm, (x - columns.mean()) * x_mm)
    measured = far_mm <= far_mm[shown].max() + beyond_lungs_mm
    lowest_hu = fill_hu if -1100 < fill_hu < 0 else -32768
    hu = np.where(measured, scan.volume.voxels_hu.clip(lowest_hu), fill_hu).astype(np.int16)
    reference = np.where(measured, scan.reference, np.uint8(BACKGROUND))
    return FieldInput(replace(scan.volume, voxels_hu=hu), reference, scan.certain)


def empty_slices(scan: HardScan, random: np.random.Generator, folder: Path, fill_hu: int) -> FieldInput:
    """Leave three slices at each end and two in the middle empty."""
    hu, reference = scan.volume.voxels_hu.copy(), scan.reference.copy()
    for empty in (slice(None, 3), slice(-3, None), slice(len(hu) // 2, len(hu) // 2 + 2)):
        hu[empty], reference[empty] = fill_hu, BACKGROUND
    return FieldInput(replace(scan.volume, voxels_hu=hu), reference, scan.certain)


def unclipped_noise(scan: HardScan, random: np.random.Generator, folder: Path) -> FieldInput:
    """Make the lung 60 HU airier and add noise of 90 HU that no scanner clipped; a fill stays as it is."""
    hu = scan.volume.voxels_hu.astype(np.float32)
    aerated = lungs_of(scan) & (hu < -700)
    noisy = np.where(aerated, np.maximum(hu - 60, -1000), hu) + random.normal(0, 90, hu.shape)
    hu = np.where(scan.volume.measured.mask(), np.clip(np.rint(noisy), -3024, 3071), hu).astype(np.int16)
    return FieldInput(replace(scan.volume, voxels_hu=hu), scan.reference, scan.certain)


def reoriented(scan: HardScan, random: np.random.Generator, folder: Path, order: AxisOrder) -> FieldInput:
    """Turn or mirror the array without telling the header, which is the same as a wrong header."""
    return FieldInput(turned(scan.volume, order), scan.reference, scan.certain, order)


def of_size(scan: HardScan, random: np.random.Generator, folder: Path, scale: float) -> FieldInput:
    """Shrink the voxels, and the patient with them, to the size of a child."""
    z, y, x = scan.volume.spacing_zyx_mm
    return FieldInput(replace(scan.volume, spacing_zyx_mm=(z * scale, y * scale, x * scale)), scan.reference, scan.certain)


def with_metal(scan: HardScan, random: np.random.Generator, folder: Path) -> FieldInput:
    """Write the scan as numbers of 32 bits with clips of 57343 HU in the chest wall."""
    hu = scan.volume.voxels_hu.astype(np.float32)
    bones = np.argwhere(hu > 250)
    for z, y, x in bones[random.choice(len(bones), 8)]:
        hu[z : z + 1, y : y + 3, x : x + 3] = 57343
    write_nifti(hu, scan.volume, folder / "metal.nii.gz")
    return FieldInput(read_ct(folder / "metal.nii.gz"), scan.reference, scan.certain)


def sheared(scan: HardScan, random: np.random.Generator, folder: Path, shear: float) -> FieldInput:
    """Write the scan with an sform whose columns are a little off the right angle, and no qform."""
    write_nifti(scan.volume.voxels_hu, scan.volume, folder / "sheared.nii.gz")
    content = bytearray(gzip.decompress((folder / "sheared.nii.gz").read_bytes()))
    struct.pack_into("<2h", content, 252, 0, 2)
    row = list(struct.unpack_from("<4f", content, 280))
    row[2] += shear * scan.volume.spacing_zyx_mm[0]
    struct.pack_into("<4f", content, 280, *row)
    (folder / "sheared.nii").write_bytes(content)
    volume = read_ct(folder / "sheared.nii")
    return FieldInput(volume, scan.reference, scan.certain)


def painted(scan: HardScan, random: np.random.Generator, folder: Path, paint: Callable[..., HardScan], **how: float) -> FieldInput:
    """Paint air into the scan; what is added above or below it is outside."""
    changed = paint(scan, random, **how)
    inner = (slice(None),) * 3
    if len(changed.reference) > len(scan.reference):
        start = int(np.flatnonzero((changed.reference > 0).any(axis=(1, 2)))[0] - np.flatnonzero((scan.reference > 0).any(axis=(1, 2)))[0])
        inner = (slice(start, start + len(scan.reference)), slice(None), slice(None))
    return FieldInput(changed.volume, changed.reference[inner], changed.certain[inner], inner=inner)


def _header(order: AxisOrder) -> FieldChange:
    return FieldChange("header", partial(reoriented, order=order), _TURNED, must_say=True)


def _paint(kind: str, paint: Callable[..., HardScan], cause: str = "", **how: float) -> FieldChange:
    false_cause = _TURNED if kind == "pleura" else rf"{_TURNED}|pneumothorax"
    return FieldChange(kind, partial(painted, paint=paint, **how), cause, must_not_say=false_cause)


CHANGES: dict[str, FieldChange] = {
    **{
        f"frame of {fill_hu} HU": FieldChange("fill", partial(framed, fill_hu=fill_hu), _NEWS, must_say=fill_hu == 0, must_not_say=_CUT)
        for fill_hu in FILLS_HU
    },
    **{
        f"round field that cuts, {fill_hu} HU": FieldChange(
            "fill", partial(in_disc, fill_hu=fill_hu, beyond_lungs_mm=-20.0), r"edge of the round field", must_say=True
        )
        for fill_hu in FILLS_HU
    },
    **{
        f"round field about the lungs, {fill_hu} HU": FieldChange(
            "fill", partial(in_disc, fill_hu=fill_hu, beyond_lungs_mm=12.0), must_not_say=r"edge of the round field"
        )
        for fill_hu in FILLS_HU
    },
    **{
        f"empty slices of {fill_hu} HU": FieldChange("fill", partial(empty_slices, fill_hu=fill_hu), _NEWS, must_say=True)
        for fill_hu in FILLS_HU
    },
    "noise of 90 HU, airier": FieldChange(
        "noise", unclipped_noise, cause="very noisy", must_not_say=rf"edge of the round field|{_NEWS}|{_TURNED}"
    ),
    "metal of 57343 HU": FieldChange("file", with_metal, r"saturated metal", must_say=True),
    "shear of 0.01 degrees": FieldChange("file", partial(sheared, shear=0.0002), must_not_say="right angle|perpendicular"),
    "shear of 0.1 degrees": FieldChange("file", partial(sheared, shear=0.0018), r"right angle|perpendicular", must_say=True),
    "front and back exchanged": _header(AxisOrder((0, 1, 2), (False, True, True))),
    "array of rows and columns exchanged": _header(AxisOrder((0, 2, 1), (False, False, False))),
    "quarter turn": _header(AxisOrder((0, 2, 1), (False, True, False))),
    "mirrored from front to back": _header(AxisOrder((0, 1, 2), (False, True, False))),
    "axes in the wrong order": _header(AxisOrder((1, 2, 0), (False, False, False))),
    "front and back, head and feet exchanged": _header(AxisOrder((0, 1, 2), (True, True, False))),
    "other quarter turn": _header(AxisOrder((0, 2, 1), (False, False, True))),
    "axes in the wrong order, reversed": _header(AxisOrder((2, 1, 0), (True, False, True))),
    "pneumothorax, left lung 0.75": _paint("pleura", gas.pneumothorax, _FREE_AIR, label=LEFT_LUNG, shrunk_to=0.75),
    "pneumothorax, right lung 0.75": _paint("pleura", gas.pneumothorax, _FREE_AIR, label=RIGHT_LUNG, shrunk_to=0.75),
    "pneumothorax, left lung 0.9": _paint("pleura", gas.pneumothorax, _FREE_AIR, label=LEFT_LUNG, shrunk_to=0.9),
    "pneumothorax, right lung 0.93": _paint("pleura", gas.pneumothorax, _FREE_AIR, label=RIGHT_LUNG, shrunk_to=0.93),
    "pneumothorax, right lung 0.5": _paint("pleura", gas.pneumothorax, _FREE_AIR, label=RIGHT_LUNG, shrunk_to=0.5),
    "bulla of 80 mm, right": _paint("pleura", gas.bulla, _FREE_AIR, label=RIGHT_LUNG, radius_mm=40.0),
    "bulla of 100 mm, left": _paint("pleura", gas.bulla, _FREE_AIR, label=LEFT_LUNG, radius_mm=50.0),
    "conduit of 36 mm": _paint("gullet", gas.conduit, radius_mm=18.0),
    "conduit of 24 mm": _paint("gullet", gas.conduit, radius_mm=12.0),
    "oesophagus of 16 mm": _paint("gullet", gas.oesophagus, radius_mm=8.0),
    "oesophagus of 26 mm": _paint("gullet", gas.oesophagus, radius_mm=13.0),
    "hernia of 50 mm": _paint("gullet", gas.hernia, radius_mm=25.0),
    "gas under the domes": _paint("bowel", bowel_gas),
    "left flexure of the colon": _paint("bowel", gas.colon_beside_dome, label=LEFT_LUNG),
    "colon before the liver": _paint("bowel", gas.colon_beside_dome, label=RIGHT_LUNG),
    "whole body": _paint("bowel", gas.whole_body),
    "head and neck": _paint("bowel", gas.head_and_neck),
    "size 0.4": FieldChange("size", partial(of_size, scale=0.4), must_not_say=_TURNED),
    "size 0.45": FieldChange("size", partial(of_size, scale=0.45), must_not_say=_TURNED),
    "size 0.5": FieldChange("size", partial(of_size, scale=0.5), must_not_say=_TURNED),
}
KINDS = tuple(dict.fromkeys(change.kind for change in CHANGES.values()))


def changes_for(number: int, per_kind: int) -> list[str]:
    """Name the changes of each kind that the scan of this number gets, so that all are used in turn over the scans."""
    chosen = []
    for kind in KINDS:
        names = [name for name, change in CHANGES.items() if change.kind == kind]
        chosen += list(dict.fromkeys(names[(number * per_kind + step) % len(names)] for step in range(per_kind)))
    return chosen
