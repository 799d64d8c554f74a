"""Small sound DICOM objects with their truth, and what hostile ones are made with."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from dicom_files import ORIGIN_LPS_MM, SEGMENTATION, SPACING_ZYX_MM, new_dataset, positions_along_normal, save, save_as_it_is, write_series
from dicom_outlines import outlines_mm, write_structure_set
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import ExplicitVRLittleEndian

from LungSegmentationLib.volume import CtVolume

from . import Scan

Make = Callable[[Path, Scan], Path]

DEFLATED = "1.2.840.10008.1.2.1.99"
ITEM, ITEM_END, SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0"
_CODES = {1: ("39607008", "24028007"), 2: ("39607008", "7771000"), 3: ("110726009", "")}
_NAMES = {1: "Lung_R", 2: "Lung_L", 3: "Airways"}


def small_scan() -> Scan:
    """Make a body with two lungs in air, and noise: next to each other two slices are alike, as in a scan; no files."""
    shape = (6, 24, 28)
    rows, columns = np.indices(shape[1:])
    hu, labels = np.full(shape, -1000.0), np.zeros(shape, np.uint8)
    for index in range(shape[0]):
        hu[index][((rows - 12) / 10) ** 2 + ((columns - 14) / 12) ** 2 < 1] = 40
        for label, middle in ((1, 8.5), (2, 19.5)):
            lung = ((rows - 12) / (5 + 0.2 * index)) ** 2 + ((columns - middle) / 4) ** 2 < 1
            hu[index][lung], labels[index][lung & (0 < index < 5)] = -830, label
    hu = np.rint(hu + np.random.default_rng(0).normal(0, 15, shape)).clip(-1024, 2000)
    return Scan(CtVolume(hu.astype(np.int16), SPACING_ZYX_MM, ORIGIN_LPS_MM), labels, Path(), Path())


def write_body(folder: Path, scan: Scan, edit: Callable[[FileDataset, int], None] | None = None) -> Path:
    """Write the scan as a CT series; ``edit(dataset, index)`` may change each slice."""
    volume = scan.volume
    positions = positions_along_normal(len(volume.voxels_hu), volume.spacing_zyx_mm[0], volume.origin_lps_mm)

    def place(dataset: FileDataset, index: int) -> None:
        dataset.PixelSpacing, dataset.SliceThickness = list(volume.spacing_zyx_mm[1:]), volume.spacing_zyx_mm[0]
        if edit is not None:
            edit(dataset, index)

    write_series(folder / "series", volume.voxels_hu, positions, edit=place)
    return folder / "series"


def write_segments(folder: Path, scan: Scan, edit: Callable[[FileDataset], None] | None = None, fractional: int | None = None) -> Path:
    """Write the labels as a segmentation, one frame per slice and segment: one bit per pixel, or one byte if fractional."""
    volume, labels = scan.volume, scan.labels
    dataset = new_dataset(SEGMENTATION, "1.2.3.7")
    dataset.SegmentationType = "BINARY" if fractional is None else "FRACTIONAL"
    if fractional is not None:
        dataset.MaximumFractionalValue, dataset.SegmentationFractionalType = fractional, "PROBABILITY"
    shared, measures, orientation = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = list(volume.spacing_zyx_mm[1:]), volume.spacing_zyx_mm[0]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [orientation]
    dataset.SharedFunctionalGroupsSequence = [shared]
    numbers = [int(number) for number in np.unique(labels) if number]
    dataset.SegmentSequence = [_segment(number) for number in numbers]
    positions = positions_along_normal(len(labels), volume.spacing_zyx_mm[0], volume.origin_lps_mm)
    groups, frames = [], []
    for number in numbers:
        for index in np.flatnonzero((labels == number).any(axis=(1, 2))):
            own, place, segment = Dataset(), Dataset(), Dataset()
            place.ImagePositionPatient, segment.ReferencedSegmentNumber = list(positions[index]), number
            own.PlanePositionSequence, own.SegmentIdentificationSequence = [place], [segment]
            groups.append(own)
            frames.append(labels[index] == number)
    dataset.PerFrameFunctionalGroupsSequence, dataset.NumberOfFrames = groups, len(groups)
    dataset.Rows, dataset.Columns = labels.shape[1:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    bits = 1 if fractional is None else 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    stored = np.stack(frames).astype(np.uint8)
    content = np.packbits(stored.ravel(), bitorder="little") if fractional is None else stored * np.uint8(min(fractional, 255))
    dataset.PixelData = content.tobytes() + bytes(content.size % 2)
    dataset["PixelData"].VR = "OB"
    if edit is not None:
        edit(dataset)
    save(dataset, folder / "seg.dcm")
    return folder / "seg.dcm"


def _segment(number: int) -> Dataset:
    segment, kind = Dataset(), Dataset()
    kind.CodeValue, kind.CodingSchemeDesignator, kind.CodeMeaning = _CODES[number][0], "SCT", "Lung"
    if _CODES[number][1]:
        modifier = Dataset()
        modifier.CodeValue, modifier.CodingSchemeDesignator, modifier.CodeMeaning = _CODES[number][1], "SCT", "side"
        kind.SegmentedPropertyTypeModifierCodeSequence = [modifier]
    segment.SegmentNumber, segment.SegmentLabel, segment.SegmentAlgorithmType = number, f"side {number}", "MANUAL"
    segment.SegmentedPropertyTypeCodeSequence = [kind]
    return segment


def write_outlines(folder: Path, scan: Scan, edit: Callable[[FileDataset], None] | None = None, names: Mapping[int, str] = _NAMES) -> Path:
    """Write the labels as a structure set."""
    regions = [(int(n), names[int(n)], outlines_mm(scan.labels == n, scan.volume)) for n in np.unique(scan.labels) if n]
    write_structure_set(folder / "rt.dcm", regions)
    return folder / "rt.dcm" if edit is None else rewrite(folder / "rt.dcm", edit)


class OneFile:
    """Makers of hostile objects of one file each, from the function that writes a sound one.

    Parameters
    ----------
    write : callable
        ``write(folder, scan, edit)`` writes it, its dataset edited before, and gives its path.
    """

    def __init__(self, write: Callable[..., Path]) -> None:
        self._write = write

    def edited(self, edit: Callable[[FileDataset], None]) -> Make:
        """Make one whose dataset is edited before it is written."""
        return lambda folder, scan: self._write(folder, scan, edit)

    def with_values(self, **values: Any) -> Make:
        """Make one with other values of attributes; see :func:`set_values`."""
        return self.edited(lambda dataset: set_values(dataset, values))

    def changed(self, change: Callable[[Path], Path]) -> Make:
        """Make one whose file is changed afterwards."""
        return lambda folder, scan: change(self._write(folder, scan))

    def bytes_changed(self, change: Callable[[bytes], bytes]) -> Make:
        """Make one whose bytes are changed afterwards."""
        return self.changed(lambda path: change_bytes(path, change))

    def of_syntax(self, uid: str) -> Make:
        """Make one that claims a transfer syntax."""

        def claim(path: Path) -> Path:
            dataset = pydicom.dcmread(path)
            dataset.file_meta.TransferSyntaxUID = uid
            save_as_it_is(dataset, path, ExplicitVRLittleEndian)
            return path

        return self.changed(claim)


def set_values(dataset: FileDataset, values: Mapping[str, Any]) -> None:
    """Set attributes; a callable gets the old value, None takes the attribute away."""
    for keyword, value in values.items():
        if value is not None:
            setattr(dataset, keyword, value(dataset.get(keyword)) if callable(value) else value)
        elif keyword in dataset:
            del dataset[keyword]


def rewrite(path: Path, edit: Callable[[FileDataset], None]) -> Path:
    """Change a file's dataset; its values are written as they are, sense or not."""
    dataset = pydicom.dcmread(path, force=True)
    edit(dataset)
    pydicom.dcmwrite(path, dataset)
    return path


def change_bytes(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """Change a file's bytes."""
    path.write_bytes(change(path.read_bytes()))
    return path


def deflate(path: Path, damage: Callable[[bytes], bytes] = lambda packed: packed, more_megabytes: int = 0) -> Path:
    """Pack a file's dataset as a whole; zeros may follow it, ``damage`` changes what was packed."""
    content = path.read_bytes()
    dataset = pydicom.dcmread(path)
    start = content.index(struct.pack("<HH", 0x0008, 0x0008 if "ImageType" in dataset else 0x0016), 140)
    meta = dataset.file_meta
    meta.TransferSyntaxUID = DEFLATED
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content[start:])
    if more_megabytes:  # a block that needs nothing of what was before can be repeated
        packed += packer.flush(zlib.Z_FULL_FLUSH)
        packed += more_megabytes * (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH))
    packed += packer.flush()
    head = pydicom.filebase.DicomBytesIO()
    pydicom.filewriter.write_file_meta_info(head, meta, enforce_standard=False)
    path.write_bytes(bytes(128) + b"DICM" + head.getvalue() + damage(packed))
    return path


def insert_before(content: bytes, tag: tuple[int, int], what: bytes) -> bytes:
    """Put bytes in front of an element of a file in explicit VR."""
    place = content.index(struct.pack("<HH", *tag), 132)
    return content[:place] + what + content[place:]


def nested_private(depth: int) -> bytes:
    """Sequences within each other, of undefined length, in a private element."""
    start = struct.pack("<HH2sHL", 0x0027, 0x1010, b"SQ", 0, 0xFFFFFFFF) + ITEM + b"\xff\xff\xff\xff"
    return start * depth + (ITEM_END + bytes(4) + SEQUENCE_END + bytes(4)) * depth
