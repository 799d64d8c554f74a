"""The report: one HTML file with everything a reader needs, that opens without a network and prints on A4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..segmentation import Segmentation
from ..tables.rows import Table
from ..version import __version__
from . import html_parts as html
from .measure_charts import draw_area_profile, draw_histogram
from .overview import draw_overview
from .rendering import draw_rendering
from .report_quality import checks_section, quality_sections, verdict_line
from .result_pictures import ResultPictures
from .tree_picture import draw_trees

if TYPE_CHECKING:
    from ..measures import Measures

_OVERVIEW_WIDTH = 1400
_TABLES = ("volumes", "vessels", "density", "airways")
_WIDEST_TABLE = 9  # with more columns it is turned, so that it fits the page
_NOTICE = (
    "Not a medical device. The figures and pictures are made by software for research, "
    "unseen by a physician; they must not be used for diagnosis or treatment."
)


def write_report(
    result: Segmentation, measures: Measures, path: Path, rendering: bool = True, pictures: ResultPictures | None = None
) -> None:
    """Write the report.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
        The tables ``volumes``, ``vessels``, ``density`` and ``airways`` are shown, ``slices`` and the histogram are drawn.
    path : pathlib.Path
        The file.
    rendering : bool
        Whether to draw the lungs in three dimensions and the trees, which takes some tenths of a second.
    pictures : ResultPictures, optional
        Of the same result, where they were drawn before.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path.write_text(make_report(result, measures, rendering, pictures), encoding="utf-8")


def make_report(result: Segmentation, measures: Measures, rendering: bool = True, pictures: ResultPictures | None = None) -> str:
    """Make the report's HTML; parameters as in :func:`write_report`.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    rendering : bool
    pictures : ResultPictures, optional

    Returns
    -------
    str
        An HTML 5 document in which every value is escaped.
    """
    tables, flags = measures.tables, measures.flags
    about = html.paragraph(result.volume.name, "scan") + html.paragraph(_NOTICE, "notice")
    sections = [
        f"<header><h1>Lung segmentation</h1>{about}</header>",
        verdict_line(flags),
        html.section("Pictures", _pictures(result, measures, rendering, pictures or ResultPictures(result))),
        *(html.section(tables[key].title, _table(tables[key])) for key in _TABLES[:1] if key in tables),
        *quality_sections(result, flags),
        html.section("Warnings", html.bullets(result.warnings)) if result.warnings else "",
        *(html.section(tables[key].title, _table(tables[key])) for key in _TABLES[1:] if key in tables),
        html.section("Charts", _charts(measures)),
        checks_section(flags),
        html.section("How it was made", _method(result)),
    ]
    return html.document(f"Lung segmentation: {result.volume.name}", sections)


def _table(table: Table) -> str:
    """Write a table; a wide one with its columns as rows."""
    head = [column.header for column in table.columns]
    body = [[column.text(row[column.key]) for column in table.columns] for row in table.rows]
    if len(head) > _WIDEST_TABLE:
        turned = list(zip(head, *body, strict=True))
        head, body = list(turned[0]), [list(row) for row in turned[1:]]
    return html.table(head, body)


def _pictures(result: Segmentation, measures: Measures, rendering: bool, pictures: ResultPictures) -> str:
    overview = draw_overview(result, measures, with_quality=False, pictures=pictures)
    overview = overview.resize((_OVERVIEW_WIDTH, round(overview.height * _OVERVIEW_WIDTH / overview.width)))
    parts = [html.figure(overview, "Axial, coronal and sagittal views in the lung window with the outlines of the regions", "JPEG")]
    if rendering:
        picture = draw_rendering(pictures.scan)
        caption = "Lungs, airways and vessels from in front (the patient's right is on the left) and from the right and above"
        missing = "There is no picture in three dimensions: the result is empty."
        parts.append(html.paragraph(missing) if picture is None else html.figure(picture, caption, "JPEG"))
        trees = draw_trees(measures.centrelines)
        caption = "Middle lines of vessels and airways from in front, as wide as these are, coloured by order and generation"
        parts += [] if trees is None else [html.figure(trees, caption, "JPEG")]
    return "\n".join(parts)


def _charts(measures: Measures) -> str:
    parts = []
    if measures.tables["slices"].rows:
        parts.append(html.figure(draw_area_profile(measures.tables["slices"]), "Area along the body"))
    histogram = draw_histogram(measures.histogram)
    parts.append(html.figure(histogram, "Density of each lung; dashed: the limits of low attenuation at -950, -910 and -856 HU"))
    return "\n".join(parts)


def _method(result: Segmentation) -> str:
    slices, rows, columns = result.volume.voxels_hu.shape
    z_mm, y_mm, x_mm = result.volume.spacing_zyx_mm
    facts = {
        "Software": f"LungSegmentation {__version__}",
        "Scan": f"{columns} × {rows} × {slices} voxels of {x_mm:.3g} × {y_mm:.3g} × {z_mm:.3g} mm (columns, rows, slices)",
        "Method": result.method,
        **{f"Parameter {name}": f"{value:g}" if isinstance(value, float) else str(value) for name, value in result.parameters.items()},
        **({"Rule for vessels": result.vessel_rule} if result.vessel_rule else {}),
        "Time": f"{sum(result.timings_s.values()):.1f} s",
    }
    return html.facts(facts)
