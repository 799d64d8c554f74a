"""Jobs and outcomes taken apart into metadata, which JSON can hold, and arrays; and put together again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...region_of_interest import RegionOfInterest
from ...segmentation import Segmentation
from ...volume import CtVolume

if TYPE_CHECKING:
    from ...measures import Measures
    from ...tables.rows import Table
    from ...trees.centrelines import Centrelines

Metadata = dict[str, Any]
Arrays = dict[str, np.ndarray]
Parts = tuple[Metadata, Arrays]

VOXELS = "voxels"
RESULT_ARRAYS = ("labels", "vessels", "probability")


def present(arrays: Mapping[str, np.ndarray | None]) -> Arrays:
    """Leave out the arrays that are not there."""
    return {key: array for key, array in arrays.items() if array is not None}


def metadata_of_volume(volume: CtVolume) -> Metadata:
    """Give everything of a scan but its voxels."""
    return {
        "spacing_zyx_mm": [float(mm) for mm in volume.spacing_zyx_mm],
        "origin_lps_mm": [float(mm) for mm in volume.origin_lps_mm],
        "direction_lps": np.asarray(volume.direction_lps, float).tolist(),
        "name": volume.name,
        "warnings": list(volume.warnings),
        "source": volume.source,
    }


def volume_from(metadata: Metadata, voxels_hu: np.ndarray) -> CtVolume:
    """Put a scan together again."""
    return CtVolume(
        voxels_hu=voxels_hu,
        spacing_zyx_mm=tuple(metadata["spacing_zyx_mm"]),
        origin_lps_mm=tuple(metadata["origin_lps_mm"]),
        direction_lps=np.array(metadata["direction_lps"]),
        name=metadata["name"],
        warnings=tuple(metadata["warnings"]),
        source=metadata["source"],
    )


def metadata_of_result(result: Segmentation) -> Metadata:
    """Give everything of a result but its arrays and the scan."""
    left_out = (*RESULT_ARRAYS, "volume", "evidence", "region", "whole_labels")
    facts = {part.name: getattr(result, part.name) for part in fields(Segmentation) if part.name not in left_out}
    return {**facts, "region": result.region and asdict(result.region)}


def arrays_of_result(result: Segmentation) -> Arrays:
    """Give a result's arrays, as far as it has them."""
    return present({key: getattr(result, key) for key in RESULT_ARRAYS})


def result_from(metadata: Metadata, arrays: Mapping[str, np.ndarray], volume: CtVolume) -> Segmentation:
    """Put a result together again."""
    given = {key: arrays[key] for key in RESULT_ARRAYS if key in arrays}
    region = RegionOfInterest.from_facts(metadata["region"])
    parts: Metadata = {**metadata, "warnings": tuple(metadata["warnings"]), "region": region, **given}
    return Segmentation(volume=volume, **parts)


def metadata_of_measures(measures: Measures) -> Metadata:
    """Give everything of the measures but the centrelines' arrays."""
    return {**asdict(replace(measures, centrelines={})), "centrelines": list(measures.centrelines)}


def arrays_of_measures(measures: Measures) -> Arrays:
    """Give the arrays of the centrelines."""
    return {f"{key}.{name}": array for key, lines in measures.centrelines.items() for name, array in lines.arrays().items()}


def measures_from(metadata: Metadata, arrays: Mapping[str, np.ndarray]) -> Measures:
    """Put measures together again; without their arrays they have no centrelines."""
    from ...measurement.volumes import RegionMeasure
    from ...measures import Measures
    from ...quality.flag import flag_from

    return Measures(
        volumes=tuple(RegionMeasure(**volume) for volume in metadata["volumes"]),
        tables={key: _table_from(table) for key, table in metadata["tables"].items()},
        flags=tuple(flag_from(flag) for flag in metadata["flags"]),
        histogram=_table_from(metadata["histogram"]),
        centrelines={key: lines for key in metadata["centrelines"] if (lines := _lines_from(key, arrays)) is not None},
    )


def _lines_from(key: str, arrays: Mapping[str, np.ndarray]) -> Centrelines | None:
    from ...trees.centrelines import Centrelines

    found = {name.removeprefix(f"{key}."): array for name, array in arrays.items() if name.startswith(f"{key}.")}
    return Centrelines.from_arrays(found) if found else None


def _table_from(metadata: Metadata) -> Table:
    from ...tables.rows import Column, Table

    return Table(metadata["title"], tuple(Column(**column) for column in metadata["columns"]), tuple(metadata["rows"]))
