"""Hostile CT series: sizes, bits, geometry, rescaling, encodings, structure, files that are none."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import SimpleITK as sitk
from dicom_files import save, set_pixels
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLosslessSV1, RLELossless

from LungSegmentationLib.io.dicom.compressed_pixels import fragments_of

from . import RIGHT, Malformed, Scan
from .dicom_parts import (
    DEFLATED,
    ITEM,
    SEQUENCE_END,
    change_bytes,
    deflate,
    insert_before,
    nested_private,
    rewrite,
    set_values,
    write_body,
)

ROWS = (0x0028, 0x0010)
LENGTHS = "bytes of pixel data"
Make = Callable[[Path, Scan], Path]


def _with(**values: Any) -> Make:
    """Make a series of which every slice has these values; see :func:`.dicom_parts.set_values`."""
    return lambda folder, scan: write_body(folder, scan, lambda dataset, _index: set_values(dataset, values))


def _third(change: Callable[[Path], Path]) -> Make:
    """Make a series of which the third file is changed."""
    return lambda folder, scan: change(write_body(folder, scan) / "slice002.dcm").parent


def _bytes(change: Callable[[bytes], bytes]) -> Make:
    return _third(lambda path: change_bytes(path, change))


def _raw(tag: tuple[int, int], kind: str, value: bytes) -> Make:
    """Make a series of which the third slice has bytes for a value that pydicom would not write."""

    def change(path: Path) -> Path:
        packed = value + b" " * (len(value) % 2)
        content, start = path.read_bytes(), struct.pack("<HH2s", *tag, kind.encode())
        at = content.index(start)
        end = at + 8 + struct.unpack_from("<H", content, at + 6)[0]
        path.write_bytes(content[:at] + start + struct.pack("<H", len(packed)) + packed + content[end:])
        return path

    return _third(change)


def _inserted(what: bytes) -> Make:
    return _bytes(lambda content: insert_before(content, ROWS, what))


def _bits(used: int, high_bit: int | None = None, stored: Callable[[np.ndarray], np.ndarray] = lambda values: values) -> Make:
    def make(folder: Path, scan: Scan) -> Path:
        def edit(dataset: FileDataset, index: int) -> None:
            set_pixels(dataset, stored(scan.volume.voxels_hu[index].astype(np.int32) + 1024).astype(np.uint16))
            dataset.BitsStored, dataset.HighBit = used, used - 1 if high_bit is None else high_bit

        return write_body(folder, scan, edit)

    return make


def _longer(more: Callable[[FileDataset], bytes]) -> Make:
    def edit(dataset: FileDataset, _index: int) -> None:
        dataset.PixelData = dataset.PixelData + more(dataset)

    return lambda folder, scan: write_body(folder, scan, edit)


def _each(change: Callable[[Path], object]) -> Make:
    """Make a series of which each file is changed."""

    def make(folder: Path, scan: Scan) -> Path:
        for path in sorted(write_body(folder, scan).iterdir()):
            change(path)
        return folder / "series"

    return make


def _syntax(uid: str) -> Make:
    """Claim a transfer syntax that the pixels are not in: the file meta information alone is changed."""

    def claim(path: Path) -> None:
        content = path.read_bytes()
        start = struct.pack("<HH2s", 0x0002, 0x0010, b"UI")
        at = content.index(start)
        length = struct.unpack_from("<H", content, at + 6)[0]
        given = uid.encode() + bytes(len(uid) % 2)
        content = content[:at] + start + struct.pack("<H", len(given)) + given + content[at + 8 + length :]
        group = struct.unpack_from("<L", content, 140)[0] + len(given) - length
        path.write_bytes(content[:140] + struct.pack("<L", group) + content[144:])

    return _each(claim)


def _rle(change: Callable[[FileDataset], None] = lambda _dataset: None) -> Make:
    def pack(path: Path) -> None:
        dataset = pydicom.dcmread(path)
        dataset.compress(RLELossless, generate_instance_uid=False)
        change(dataset)
        save(dataset, path)

    return _each(pack)


def _jpeg(compressor: str, **values: Any) -> Make:
    def pack(path: Path) -> None:
        rewrite(path, lambda dataset: set_values(dataset, {"RescaleIntercept": 0}))
        writer = sitk.ImageFileWriter()
        writer.SetImageIO("GDCMImageIO")
        writer.KeepOriginalImageUIDOn()
        writer.UseCompressionOn()
        writer.SetCompressor(compressor)
        writer.SetFileName(str(path))
        writer.Execute(sitk.ReadImage(str(path)))
        rewrite(path, lambda dataset: set_values(dataset, {"RescaleIntercept": -1024, **values}))

    return _each(pack)


def _codestream(syntax: str, stream: bytes, **values: Any) -> Make:
    """Replace the pixels by one compressed stream."""

    def pack(path: Path) -> None:
        dataset = pydicom.dcmread(path)
        dataset.file_meta.TransferSyntaxUID = syntax
        fragment = stream + bytes(len(stream) % 2)
        dataset.PixelData = ITEM + bytes(4) + ITEM + struct.pack("<L", len(fragment)) + fragment + SEQUENCE_END + bytes(4)
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
        set_values(dataset, values)
        save(dataset, path)

    return _each(pack)


def _half_rle(dataset: FileDataset) -> None:
    frame = max(fragments_of(dataset.PixelData), key=len)
    dataset.PixelData = encapsulate([frame[: len(frame) // 4 * 2]])


def _no_fragments(dataset: FileDataset) -> None:
    dataset.PixelData = ITEM + bytes(4) + SEQUENCE_END + bytes(4)


def _beside(add: Callable[[Path], object]) -> Make:
    def make(folder: Path, scan: Scan) -> Path:
        write_body(folder, scan)
        add(folder / "series")
        return folder / "series"

    return make


def _socket_in(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path has at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s.dcm")
    finally:
        os.chdir(here)


def _large_jpeg_2000(size: int) -> bytes:
    return b"\xff\x4f\xff\x51" + struct.pack(">HH8LH3B", 41, 0, size, size, 0, 0, size, size, 0, 0, 1, 15, 1, 1) + bytes(20) + b"\xff\xd9"


def _rle_bomb(rows: int) -> bytes:
    segment = b"\x81\x00" * (rows * rows // 128)
    return struct.pack("<16L", 2, 64, 64 + len(segment), *[0] * 13) + segment * 2


_SIZES = [
    Malformed("rows_smaller", "ct", _with(Rows=lambda rows: rows - 4), LENGTHS),
    Malformed("rows_one_less", "ct", _with(Rows=lambda rows: rows - 1), LENGTHS),
    Malformed("rows_half", "ct", _with(Rows=lambda rows: rows // 2), LENGTHS),
    Malformed("rows_larger", "ct", _with(Rows=lambda rows: rows + 1), "cut short: it holds"),
    Malformed("rows_0", "ct", _with(Rows=0), "has 0 Rows; expected"),
    Malformed("rows_65535", "ct", _with(Rows=65535), "has 65535 Rows; expected"),
    Malformed("rows_missing", "ct", _with(Rows=None), "Rows is missing"),
    Malformed("columns_smaller", "ct", _with(Columns=lambda columns: columns - 4), LENGTHS),
    Malformed("columns_one_less", "ct", _with(Columns=lambda columns: columns - 1), LENGTHS),
    Malformed("columns_larger", "ct", _with(Columns=lambda columns: columns + 4), "cut short: it holds"),
    Malformed("columns_0", "ct", _with(Columns=0), "has 0 Columns; expected"),
    Malformed("columns_65535", "ct", _with(Columns=65535), "has 65535 Columns; expected"),
    Malformed("rows_and_columns_65535", "ct", _with(Rows=65535, Columns=65535), "has 65535 Rows; expected"),
    Malformed("rows_and_columns_4096", "ct", _with(Rows=4096, Columns=4096), "cut short: it holds"),
    Malformed("rows_more_columns_fewer", "ct", _with(Rows=lambda rows: rows + 1, Columns=lambda columns: columns - 2), LENGTHS),
    Malformed("one_byte_of_padding", "ct", _longer(lambda _dataset: b"\0\0"), RIGHT),
    Malformed("some_zeros_follow", "ct", _longer(lambda _dataset: bytes(40)), RIGHT),
    Malformed("a_row_of_zeros_follows", "ct", _longer(lambda dataset: bytes(2 * dataset.Columns)), LENGTHS),
    Malformed("other_bytes_follow", "ct", _longer(lambda _dataset: b"\1\2\3\4"), LENGTHS),
    Malformed("frames_2", "ct", _with(NumberOfFrames=2), "has 2 frames"),
    Malformed("frames_0", "ct", _with(NumberOfFrames=0), "has 0 frames"),
    Malformed("frames_negative", "ct", _with(NumberOfFrames=-3), "has -3 frames"),
    Malformed("frames_2_to_the_31", "ct", _with(NumberOfFrames=2**31 - 1), "has 2147483647 frames"),
    Malformed("pixels_missing", "ct", _with(PixelData=None), "holds no pixels"),
    Malformed("pixels_empty", "ct", _with(PixelData=b""), "holds no pixels"),
    Malformed("three_samples", "ct", _with(SamplesPerPixel=3), "pixels .PhotometricInterpretation"),
    Malformed("colour", "ct", _with(PhotometricInterpretation="RGB"), "holds RGB pixels"),
    Malformed("photometric_missing", "ct", _with(PhotometricInterpretation=None), "holds unknown pixels"),
]
_BITS = [
    Malformed("bits_stored_8", "ct", _bits(8), "beyond the 8 bits"),
    Malformed("bits_stored_10", "ct", _bits(10), "beyond the 10 bits"),
    Malformed("bits_stored_12", "ct", _bits(12), RIGHT),
    Malformed("bits_stored_0", "ct", _bits(0, 0), "stores 0 of 16 bits"),
    Malformed("bits_stored_17", "ct", _bits(17, 16), "stores 17 of 16 bits"),
    Malformed("high_bit_20", "ct", _bits(12, 20), "up to bit 20"),
    Malformed("high_bit_too_low", "ct", _bits(12, 7), "up to bit 7"),
    Malformed("left_aligned", "ct", _bits(12, 15, lambda values: values << 4), RIGHT),
    Malformed("constant_high_bits", "ct", _bits(12, None, lambda values: values | 0xA000), RIGHT),
    Malformed("bits_allocated_8", "ct", _with(BitsAllocated=8, BitsStored=8, HighBit=7), LENGTHS),
    Malformed("bits_allocated_32", "ct", _with(BitsAllocated=32), "cut short: it holds"),
    Malformed("bits_allocated_12", "ct", _with(BitsAllocated=12, BitsStored=12, HighBit=11), "stores 12 bits per pixel"),
    Malformed("bits_allocated_64", "ct", _with(BitsAllocated=64), "stores 64 bits per pixel"),
    Malformed("pixel_representation_5", "ct", _with(PixelRepresentation=5), "PixelRepresentation 5"),
]
_GEOMETRY = [
    Malformed("position_missing", "ct", _with(ImagePositionPatient=None), "ImagePositionPatient is missing"),
    Malformed("position_of_two", "ct", _with(ImagePositionPatient=[1, 2]), "ImagePositionPatient is"),
    Malformed("position_the_same", "ct", _with(ImagePositionPatient=[1, 2, 3]), "different images of one place"),
    Malformed("position_nan", "ct", _raw((0x0020, 0x0032), "DS", rb"0\0\nan"), "ImagePositionPatient"),
    Malformed("position_text", "ct", _raw((0x0020, 0x0032), "DS", rb"0\left\1"), "slice002.dcm"),
    Malformed("position_far", "ct", _raw((0x0020, 0x0032), "DS", rb"0\0\1e30"), "slices are|gap of|shifted|lie evenly|unevenly"),
    Malformed("orientation_zero", "ct", _with(ImageOrientationPatient=[0] * 6), "expected two perpendicular unit vectors"),
    Malformed("orientation_of_five", "ct", _with(ImageOrientationPatient=[1, 0, 0, 0, 1]), "ImageOrientationPatient is"),
    Malformed("orientation_nan", "ct", _raw((0x0020, 0x0037), "DS", rb"nan\0\0\0\1\0"), "ImageOrientationPatient"),
    Malformed("spacing_negative", "ct", _with(PixelSpacing=[-0.7, 0.7]), "expected two numbers above 0"),
    Malformed("spacing_huge", "ct", _with(PixelSpacing=[1e9, 1e9]), "voxel spacing is"),
    Malformed("spacing_tiny", "ct", _with(PixelSpacing=[1e-9, 1e-9]), "voxel spacing is"),
    Malformed("spacing_of_three", "ct", _with(PixelSpacing=[1, 1, 1]), "PixelSpacing is"),
    Malformed("spacing_missing", "ct", _with(PixelSpacing=None), "PixelSpacing is missing"),
]
_RESCALING = [
    Malformed("slope_0", "ct", _with(RescaleSlope=0), "slope 0"),
    Malformed("slope_huge", "ct", _with(RescaleSlope=1e30), "Hounsfield units of a CT lie between"),
    Malformed("intercept_huge", "ct", _with(RescaleIntercept=1e9), "Hounsfield units of a CT lie between"),
    Malformed("intercept_nan", "ct", _raw((0x0028, 0x1052), "DS", b"nan"), "RescaleIntercept is nan"),
    Malformed("slope_text", "ct", _raw((0x0028, 0x1053), "DS", b"one"), "slice002.dcm"),
    Malformed("rescale_type_od", "ct", _with(RescaleType="OD"), "values of type OD"),
]
_ENCODINGS = [
    Malformed("unknown_syntax", "ct", _syntax("1.2.3.4.5"), "no standard DICOM transfer syntax"),
    Malformed("syntax_is_no_uid", "ct", _syntax("explicit"), "no standard DICOM transfer syntax|damaged"),
    Malformed("syntax_of_video", "ct", _syntax("1.2.840.10008.1.2.4.102"), RIGHT),
    Malformed("syntax_jpeg_for_raw", "ct", _syntax(JPEGLosslessSV1), RIGHT),
    Malformed("syntax_rle_for_raw", "ct", _syntax(RLELossless), "holds 0 RLE frames"),
    Malformed("syntax_deflated_for_raw", "ct", _syntax(DEFLATED), "damaged"),
    Malformed("deflated", "ct", _each(deflate), RIGHT),
    Malformed("deflated_cut", "ct", _each(lambda path: deflate(path, lambda packed: packed[:-40])), "damaged"),
    Malformed(
        "deflated_damaged",
        "ct",
        _each(lambda path: deflate(path, lambda packed: packed[:30] + bytes(9) + packed[39:])),
        "damaged|cut short",
    ),
    Malformed("deflated_bomb_behind", "ct", _third(lambda path: deflate(path, more_megabytes=600)), "inflates to more"),
    Malformed("rle", "ct", _rle(), RIGHT),
    Malformed("rle_cut", "ct", _rle(_half_rle), "damaged or cut short"),
    Malformed("rle_rows_smaller", "ct", _rle(lambda dataset: set_values(dataset, {"Rows": 20})), "damaged|its header"),
    Malformed("rle_columns_larger", "ct", _rle(lambda dataset: set_values(dataset, {"Columns": 29})), "damaged|its header"),
    Malformed("rle_bits_stored_8", "ct", _rle(lambda dataset: set_values(dataset, {"BitsStored": 8, "HighBit": 7})), "beyond the 8 bits"),
    Malformed(
        "rle_bits_allocated_8",
        "ct",
        _rle(lambda dataset: set_values(dataset, {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7})),
        "RLE pixels of 2 bytes",
    ),
    Malformed("rle_no_fragments", "ct", _rle(_no_fragments), "holds 0 RLE frames"),
    Malformed("rle_of_4096_by_4096", "ct", _codestream(RLELossless, _rle_bomb(64), Rows=4096, Columns=4096), "damaged"),
    Malformed("jpeg", "ct", _jpeg("JPEG"), RIGHT),
    Malformed("jpeg_rows_smaller", "ct", _jpeg("JPEG", Rows=20), r"holds compressed pixels of \d+ rows"),
    Malformed("jpeg_columns_larger", "ct", _jpeg("JPEG", Columns=64), r"holds compressed pixels of \d+ rows"),
    Malformed("jpeg_bits_stored_8", "ct", _jpeg("JPEG", BitsStored=8, HighBit=7), "beyond the 8 bits"),
    Malformed("jpeg_2000", "ct", _jpeg("JPEG2000"), RIGHT),
    Malformed("jpeg_2000_rows_smaller", "ct", _jpeg("JPEG2000", Rows=20), r"holds compressed pixels of \d+ rows"),
    Malformed("jpeg_2000_of_65535", "ct", _codestream(JPEG2000Lossless, _large_jpeg_2000(65535)), "holds compressed pixels of 65535 rows"),
    Malformed(
        "jpeg_2000_of_4096", "ct", _codestream(JPEG2000Lossless, _large_jpeg_2000(4096), Rows=4096, Columns=4096), "cannot be decompressed"
    ),
    Malformed("jpeg_of_noise", "ct", _codestream(JPEGLosslessSV1, np.random.default_rng(1).bytes(500)), "cannot be decompressed"),
    Malformed("jpeg_empty", "ct", _codestream(JPEGLosslessSV1, b""), "cannot be decompressed|damaged"),
]
_STRUCTURE = [
    Malformed("nested_private_20", "ct", _inserted(nested_private(20)), RIGHT),
    Malformed("nested_private_3000", "ct", _inserted(nested_private(3000)), "nested too deeply"),
    Malformed("nested_private_cut", "ct", _inserted(nested_private(3000)[:9000]), "slice002.dcm"),
    Malformed(
        "items_without_end",
        "ct",
        _inserted(nested_private(1)[:12] + (ITEM + bytes(4)) * 45_000),
        "far more elements|damaged",
    ),
    Malformed("private_without_end", "ct", _inserted(nested_private(1)[:12]), "slice002.dcm"),
    Malformed(
        "longer_than_the_file",
        "ct",
        _inserted(struct.pack("<HH2sHL", 0x27, 0x1010, b"OB", 0, 0xFFFFFFF0)),
        "slice002.dcm",
    ),
    Malformed("cut_in_the_header", "ct", _bytes(lambda content: content[:500]), "slice002.dcm"),
    Malformed("cut_in_the_pixels", "ct", _bytes(lambda content: content[:-100]), "slice002.dcm is cut short"),
    Malformed("cut_after_the_mark", "ct", _bytes(lambda content: content[:132]), "slice002.dcm"),
    Malformed("noise_after_the_mark", "ct", _bytes(lambda content: content[:132] + np.random.default_rng(0).bytes(4000)), "slice002.dcm"),
    Malformed(
        "meta_of_4_gigabytes",
        "ct",
        _bytes(lambda content: content[:132] + struct.pack("<HH2sHL", 2, 1, b"OB", 0, 0xFFFFFFFE) + content[140:]),
        "slice002",
    ),
    Malformed("character_set_of_nowhere", "ct", _with(SpecificCharacterSet="ISO_IR 999", SeriesDescription="Bauch"), RIGHT),
    Malformed("description_with_escapes", "ct", _with(SeriesDescription="\x1b[31mSecret\nPerson"), RIGHT),
    Malformed("series_uid_missing", "ct", _with(SeriesInstanceUID=None), RIGHT),
    Malformed("instance_uids_missing", "ct", _with(SOPInstanceUID=None), RIGHT),
    Malformed("class_missing", "ct", _with(SOPClassUID=None), RIGHT),
    Malformed("class_of_mr", "ct", _with(SOPClassUID="1.2.840.10008.5.1.4.1.1.4", Modality="MR"), "no CT images, only MR"),
    Malformed("class_unknown", "ct", _with(SOPClassUID="1.2.3", Modality="\x1b[2JX"), "no CT images, only"),
    Malformed("private_data", "ct", _inserted(struct.pack("<HH2sHL", 0x27, 0x1010, b"OB", 0, 9000) + bytes(9000)), RIGHT),
]
_FILES = [
    Malformed("pipe_beside", "ct", _beside(lambda folder: os.mkfifo(folder / "pipe.dcm")), RIGHT),
    Malformed("socket_beside", "ct", _beside(_socket_in), RIGHT),
    Malformed("folder_named_dcm", "ct", _beside(lambda folder: (folder / "x.dcm").mkdir()), RIGHT),
    Malformed("empty_file_beside", "ct", _beside(lambda folder: (folder / "x.dcm").touch()), RIGHT),
    Malformed("text_beside", "ct", _beside(lambda folder: (folder / "readme.txt").write_text("text " * 1000)), RIGHT),
    Malformed(
        "dicomdir_of_noise", "ct", _beside(lambda folder: (folder / "DICOMDIR").write_bytes(np.random.default_rng(0).bytes(2000))), RIGHT
    ),
    Malformed(
        "link_to_nothing",
        "ct",
        _beside(lambda folder: (folder / "slice9.dcm").symlink_to("nowhere.dcm")),
        "link to a file that is not there",
    ),
    Malformed("link_to_itself", "ct", _beside(lambda folder: (folder / "again").symlink_to(folder)), RIGHT),
]
CASES = [*_SIZES, *_BITS, *_GEOMETRY, *_RESCALING, *_ENCODINGS, *_STRUCTURE, *_FILES]
