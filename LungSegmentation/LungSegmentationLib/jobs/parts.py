"""Jobs and outcomes taken apart into facts, which JSON can hold, and arrays; and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..result import Result
from ..volume import CtVolume

if TYPE_CHECKING:
    from ..measurement.quality import QualityFlag
    from ..tables.rows import Table

Facts = dict[str, Any]
Arrays = dict[str, np.ndarray]
Parts = tuple[Facts, Arrays]

VOXELS = "voxels"
RESULT_ARRAYS = ("labels", "vessels", "probability")


def present(arrays: Mapping[str, np.ndarray | None]) -> Arrays:
    """Leave out the arrays that are not there."""
    return {key: array for key, array in arrays.items() if array is not None}


def facts_of_volume(volume: CtVolume) -> Facts:
    """Give everything of a scan but its voxels."""
    return {
        "spacing_zyx_mm": [float(mm) for mm in volume.spacing_zyx_mm],
        "origin_lps_mm": [float(mm) for mm in volume.origin_lps_mm],
        "direction_lps": np.asarray(volume.direction_lps, float).tolist(),
        "name": volume.name,
        "warnings": list(volume.warnings),
        "source": volume.source,
    }


def volume_from(facts: Facts, voxels_hu: np.ndarray) -> CtVolume:
    """Put a scan together again."""
    return CtVolume(
        voxels_hu=voxels_hu,
        spacing_zyx_mm=tuple(facts["spacing_zyx_mm"]),
        origin_lps_mm=tuple(facts["origin_lps_mm"]),
        direction_lps=np.array(facts["direction_lps"]),
        name=facts["name"],
        warnings=tuple(facts["warnings"]),
        source=facts["source"],
    )


def facts_of_result(result: Result) -> Facts:
    """Give everything of a result but its arrays and the scan."""
    return {part.name: getattr(result, part.name) for part in fields(Result) if part.name not in (*RESULT_ARRAYS, "volume")}


def arrays_of_result(result: Result) -> Arrays:
    """Give a result's arrays, as far as it has them."""
    return present({key: getattr(result, key) for key in RESULT_ARRAYS})


def result_from(facts: Facts, arrays: Mapping[str, np.ndarray], volume: CtVolume) -> Result:
    """Put a result together again."""
    parts: Facts = {**facts, "warnings": tuple(facts["warnings"]), **{key: arrays[key] for key in RESULT_ARRAYS if key in arrays}}
    return Result(volume=volume, **parts)


def facts_of_table(table: Table) -> Facts:
    """Give a table."""
    return asdict(table)


def table_from(facts: Facts) -> Table:
    """Put a table together again."""
    from ..tables.rows import Column, Table

    return Table(facts["title"], tuple(Column(**column) for column in facts["columns"]), tuple(facts["rows"]))


def facts_of_measures(tables: Mapping[str, Table], flags: Iterable[QualityFlag]) -> Facts:
    """Give tables by their keys, and quality flags."""
    return {"tables": {key: asdict(table) for key, table in tables.items()}, "flags": [asdict(flag) for flag in flags]}


def measures_from(facts: Facts) -> tuple[dict[str, Table], tuple[QualityFlag, ...]]:
    """Put tables and quality flags together again."""
    from ..measurement.quality import QualityFlag

    tables = {key: table_from(table) for key, table in facts["tables"].items()}
    return tables, tuple(QualityFlag(**flag) for flag in facts["flags"])
