"""Centrelines as polydata files that VTK, ParaView and 3D Slicer open; nothing but numpy writes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..trees.centrelines import Centrelines

POLYDATA_NAMES = {"airways": "airway_centrelines.vtp", "vessels": "vessel_centrelines.vtp"}
"""File of each kind of centrelines."""

_TYPES = {np.dtype("<f4"): "Float32", np.dtype("<i4"): "Int32", np.dtype("<i8"): "Int64"}


def write_polydata(lines: Centrelines, path: Path) -> None:
    """Write centrelines as an XML PolyData file: a line a branch, in LPS.

    Parameters
    ----------
    lines : Centrelines
        Radii become point data; branch and parent (from 1 on, 0 for none), generation, Strahler order and side (1 right lung,
        2 left lung) become cell data.
    path : pathlib.Path
        The file, ending in ``.vtp``; its folder exists.

    Raises
    ------
    OSError
        When the file cannot be written.

    References
    ----------
    VTK file formats, section XML file formats: https://docs.vtk.org/en/latest/vtk_file_formats/
    """
    cells = {
        "branch": np.arange(1, len(lines) + 1),
        "parent": lines.parents + 1,
        "generation": lines.generations,
        "strahler_order": lines.orders,
        "side": lines.sides,
    }
    points = len(lines.points_lps_mm)
    content = [
        '<?xml version="1.0"?>',
        '<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">',
        f'<PolyData><Piece NumberOfPoints="{points}" NumberOfVerts="0" NumberOfLines="{len(lines)}" NumberOfStrips="0" NumberOfPolys="0">',
        *_section("Points", [_data_array("Points", lines.points_lps_mm.astype("<f4"))]),
        *_section("PointData", [_data_array("radius_mm", lines.radii_mm.astype("<f4"))], ' Scalars="radius_mm"'),
        *_section("CellData", [_data_array(name, values.astype("<i4")) for name, values in cells.items()], ' Scalars="generation"'),
        *_section(
            "Lines", [_data_array("connectivity", np.arange(points, dtype="<i8")), _data_array("offsets", lines.starts[1:].astype("<i8"))]
        ),
        "</Piece></PolyData></VTKFile>",
    ]
    path.write_text("\n".join(content) + "\n", encoding="ascii")


def _section(name: str, arrays: Iterable[str], attributes: str = "") -> list[str]:
    return [f"<{name}{attributes}>", *arrays, f"</{name}>"]


def _data_array(name: str, values: np.ndarray) -> str:
    """Write an array as the number of its bytes and the bytes, in base 64."""
    components = f' NumberOfComponents="{values.shape[1]}"' if values.ndim == 2 else ""
    data = np.ascontiguousarray(values).tobytes()
    text = base64.b64encode(np.uint64(len(data)).astype("<u8").tobytes() + data).decode("ascii")
    return f'<DataArray type="{_TYPES[values.dtype]}" Name="{name}"{components} format="binary">{text}</DataArray>'
