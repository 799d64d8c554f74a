"""Every table of one result, by one count of its voxels."""

from __future__ import annotations

from collections.abc import Sequence

from ..measurement.airways import measure_airways
from ..measurement.areas import measure_slices
from ..measurement.density import measure_density
from ..measurement.histograms import Census, take_census
from ..measurement.quality import QualityFlag, quality_flags
from ..measurement.vessel_calibre import vessel_volumes_ml
from ..measurement.volumes import measure_in_detail
from ..result import Result
from .rows import Table, airways_table, density_table, detailed_volumes_table, quality_table, slices_table, vessels_table


def all_tables(result: Result, flags: Sequence[QualityFlag] | None = None) -> dict[str, Table]:
    """Make every table of a result.

    Parameters
    ----------
    result : Result
    flags : sequence of QualityFlag, optional
        What was checked before; checked here for None.

    Returns
    -------
    dict of str to Table
        ``volumes``, ``slices``, ``density``, ``airways``, ``vessels`` (where they were looked for), ``quality``.
    """
    tables, _ = measured_tables(result)
    return {**tables, "quality": quality_table(quality_flags(result) if flags is None else flags)}


def measured_tables(result: Result) -> tuple[dict[str, Table], Census]:
    """Make every table but that of the quality, and give the count that they are made from.

    Parameters
    ----------
    result : Result

    Returns
    -------
    dict of str to Table
    Census
    """
    volume, labels, vessels = result.volume, result.labels, result.vessels
    census = take_census(volume, labels, vessels)
    slices = measure_slices(volume, labels, vessels, census)
    tables = {
        "volumes": detailed_volumes_table(measure_in_detail(volume, labels, vessels, census)),
        "slices": slices_table(slices),
        "density": density_table(measure_density(census, volume.voxel_volume_ml)),
        "airways": airways_table(measure_airways(volume, census, slices)),
    }
    if vessels is not None:
        tables["vessels"] = vessels_table(vessel_volumes_ml(volume.voxels_hu, labels, vessels, volume.spacing_zyx_mm))
    return tables, census
