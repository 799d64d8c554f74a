"""Everything that an output shows of a segmentation, computed once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .measurement.airways import measure_airways
from .measurement.areas import measure_slices
from .measurement.density import measure_density
from .measurement.histograms import count_voxels
from .measurement.volumes import RegionMeasure, measure_in_detail, measure_regions
from .progress import Progress, no_progress
from .quality.flags import QualityFlag, quality_flags
from .segmentation import Segmentation
from .tables.histogram_rows import histogram_table
from .tables.rows import Table, airways_table, density_table, detailed_volumes_table, quality_table, slices_table, vessels_table
from .tables.tree_rows import airway_branches_table, vessel_branches_table
from .trees.centrelines import Centrelines
from .trees.measure import SIDE_LABELS, airway_branches, vessel_trees
from .trees.summary import airway_tree_figures, vessel_tree_figures
from .vessels.calibre import measure_vessels


@dataclass(frozen=True)
class Measures:
    """What was measured and checked.

    Parameters
    ----------
    volumes : tuple of RegionMeasure
        Right lung, left lung, both lungs, airways.
    tables : mapping of str to Table
        ``volumes``, ``slices``, ``density``, ``airways``, ``airway_branches``, ``vessels`` and ``vessel_branches`` (where they
        were looked for), ``quality``.
    flags : tuple of QualityFlag
    histogram : Table
        The share of each lung by density, to be drawn.
    centrelines : mapping of str to Centrelines
        The trees of ``airways`` and ``vessels``, where they have a branch.
    """

    volumes: tuple[RegionMeasure, ...]
    tables: Mapping[str, Table]
    flags: tuple[QualityFlag, ...]
    histogram: Table
    centrelines: Mapping[str, Centrelines] = field(default_factory=dict)


def measure(result: Segmentation, progress: Progress = no_progress) -> Measures:
    """Measure and check a segmentation.

    Parameters
    ----------
    result : Segmentation
        On any grid.
    progress : callable
        ``progress(fraction, text)``; may raise :class:`LungSegmentationLib.progress.Cancelled`.

    Returns
    -------
    Measures
    """
    progress(0.0, "Measuring")
    with ThreadPoolExecutor(1) as pool:
        # Both look at all voxels and neither needs the other; most of it is outside Python's lock.
        measuring = pool.submit(measured_tables, result)
        flags = quality_flags(result)
        progress(0.7, "Measuring")
        volumes, tables, histogram, centrelines = measuring.result()
    progress(1.0, "Measured")
    return Measures(volumes, {**tables, "quality": quality_table(flags)}, flags, histogram, centrelines)


def measured_tables(result: Segmentation) -> tuple[tuple[RegionMeasure, ...], dict[str, Table], Table, dict[str, Centrelines]]:
    """Make volumes, tables, histogram and centrelines of :class:`Measures`: all but what the checks say."""
    volume, labels, vessels = result.volume, result.labels, result.vessels
    with ThreadPoolExecutor(1) as pool:
        following_airways = pool.submit(airway_branches, volume, labels)
        voxel_counts = count_voxels(volume, labels, vessels)
        slices = measure_slices(volume, labels, vessels, voxel_counts)
        tables = {
            "volumes": detailed_volumes_table(measure_in_detail(volume, labels, vessels, voxel_counts)),
            "slices": slices_table(slices),
            "density": density_table(measure_density(voxel_counts, volume.voxel_volume_ml)),
        }
        airways = following_airways.result()
    tables["airways"] = airways_table(measure_airways(volume, voxel_counts, slices), airway_tree_figures(airways))
    tables["airway_branches"] = airway_branches_table(airways)
    lines = {} if airways is None else {"airways": airways.lines}
    if vessels is not None:
        sides = measure_vessels(volume.voxels_hu, labels, vessels, volume.spacing_zyx_mm)
        trees = vessel_trees(volume, sides)
        figures = {key: vessel_tree_figures(trees, SIDE_LABELS[key]) for key in sides}
        tables["vessels"] = vessels_table({key: side.volumes for key, side in sides.items()}, figures)
        tables["vessel_branches"] = vessel_branches_table(trees)
        lines |= {} if trees is None else {"vessels": trees}
    return measure_regions(volume, labels, voxel_counts), tables, histogram_table(voxel_counts), lines
