"""The report: one HTML file with everything a reader needs, that opens without a network and prints on A4."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..labels import LEFT_LUNG, RIGHT_LUNG
from ..measurement.histograms import take_census
from ..measurement.quality import QualityFlag, quality_verdict
from ..measurement.volumes import measure_regions
from ..result import Result
from ..tables.rows import Table
from ..version import __version__
from .measure_charts import draw_area_profile, draw_histogram
from .overview import draw_overview
from .rendering import draw_rendering
from .report_style import STYLE

if TYPE_CHECKING:
    from PIL import Image

_OVERVIEW_WIDTH, _JPEG_QUALITY = 1400, 88
_TABLES = ("volumes", "vessels", "density", "airways")
_WIDEST_TABLE = 9  # with more columns it is turned, so that it fits the page
_VERDICT_TEXTS = {
    "pass": "Nothing stands out.",
    "check": "Look at the marked points before using the figures.",
    "fail": "The figures do not hold as they stand.",
}
_NOTICE = (
    "Not a medical device. The figures and pictures are made by software for research, "
    "unseen by a physician; they must not be used for diagnosis or treatment."
)


def write_report(result: Result, tables: Mapping[str, Table], flags: Sequence[QualityFlag], path: Path, rendering: bool = True) -> None:
    """Write the report.

    Parameters
    ----------
    result : Result
    tables : mapping of str to Table
        As :func:`LungSegmentationLib.tables.all_tables.all_tables` gives them; ``volumes``, ``vessels``, ``density`` and ``airways`` are
        shown, ``slices`` is drawn. Those that are missing are left out.
    flags : sequence of QualityFlag
        From :func:`LungSegmentationLib.measurement.quality.quality_flags`.
    path : pathlib.Path
        The file.
    rendering : bool
        Whether to draw the picture in three dimensions, which takes seconds and the package vtk.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path.write_text(make_report(result, tables, flags, rendering), encoding="utf-8")


def make_report(result: Result, tables: Mapping[str, Table], flags: Sequence[QualityFlag], rendering: bool = True) -> str:
    """Make the report's HTML; parameters as in :func:`write_report`.

    Returns
    -------
    str
        An HTML 5 document in which every value is escaped.
    """
    name = escape(result.volume.name)
    sections = [
        f'<header><h1>Lung segmentation</h1><p class="scan">{name}</p><p class="notice">{escape(_NOTICE)}</p></header>',
        _section("Quality", _verdict(flags) + _flags(flags)),
        _section("Warnings", _list(result.warnings)) if result.warnings else "",
        *(_section(tables[key].title, _table(tables[key])) for key in _TABLES if key in tables),
        _section("Pictures", _pictures(result, tables, rendering)),
        _section("How it was made", _method(result)),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Lung segmentation: {name}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(filter(None, sections))
        + "\n</body>\n</html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _verdict(flags: Sequence[QualityFlag]) -> str:
    verdict = quality_verdict(flags)
    return f'<p class="verdict {verdict}"><strong>{verdict}</strong> {_VERDICT_TEXTS[verdict]}</p>'


def _flags(flags: Sequence[QualityFlag]) -> str:
    rows = []
    for flag in flags:
        value = "–" if flag.value is None else f"{flag.value:.0f}" if abs(flag.value) >= 20 else f"{flag.value:.1f}"
        cells = (flag.title, f"{value} {flag.unit}" if flag.value is not None else value, flag.limit, flag.reason)
        mark = f'<td><span class="flag {flag.verdict}">{flag.verdict}</span></td>'
        kinds = ("", "number", "", "")
        rows.append("<tr>" + mark + "".join(_cell("td", text, kind) for text, kind in zip(cells, kinds, strict=True)) + "</tr>")
    head = "".join(_cell("th", text) for text in ("", "What", "Value", "Passes", "Finding"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(tag: str, text: str, kind: str = "") -> str:
    return f'<{tag} class="{kind}">{escape(text)}</{tag}>' if kind else f"<{tag}>{escape(text)}</{tag}>"


def _table(table: Table) -> str:
    """Write a table; a wide one with its columns as rows."""
    head = [column.header for column in table.columns]
    body = [[column.text(row[column.key]) for column in table.columns] for row in table.rows]
    if len(head) > _WIDEST_TABLE:
        turned = list(zip(head, *body, strict=True))
        head, body = list(turned[0]), [list(row) for row in turned[1:]]
    kinds = ["", *["number"] * (len(head) - 1)]
    rows = ["<tr>" + "".join(_cell("td", text, kind) for text, kind in zip(row, kinds, strict=True)) + "</tr>" for row in body]
    header = "".join(_cell("th", text, kind) for text, kind in zip(head, kinds, strict=True))
    return f"<table><thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _pictures(result: Result, tables: Mapping[str, Table], rendering: bool) -> str:
    census = take_census(result.volume, result.labels)
    overview = draw_overview(result, measure_regions(result.volume, result.labels))
    overview = overview.resize((_OVERVIEW_WIDTH, round(overview.height * _OVERVIEW_WIDTH / overview.width)))
    parts = [_figure(overview, "JPEG", "Axial, coronal and sagittal views in the lung window with the outlines of the regions")]
    if rendering:
        picture, reason = draw_rendering(result)
        caption = "Lungs, airways and vessels from in front (the patient's right is on the left) and from the right and above"
        parts.append(f"<p>{escape(reason)}</p>" if picture is None else _figure(picture, "JPEG", caption))
    if "slices" in tables and tables["slices"].rows:
        parts.append(_figure(draw_area_profile(tables["slices"]), "PNG", "Area along the body"))
    histogram = draw_histogram(census.histogram(RIGHT_LUNG), census.histogram(LEFT_LUNG))
    parts.append(_figure(histogram, "PNG", "Density of each lung; dashed: the limits of low attenuation at -950, -910 and -856 HU"))
    return "\n".join(parts)


def _figure(picture: Image.Image, kind: str, caption: str) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, quality=_JPEG_QUALITY, optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    text = escape(caption)
    image = f'<img src="data:image/{kind.lower()};base64,{data}" alt="{text}" width="{picture.width}" height="{picture.height}">'
    return f"<figure>{image}<figcaption>{text}</figcaption></figure>"


def _method(result: Result) -> str:
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
    rows_html = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts.items())
    return f'<table class="facts"><tbody>{rows_html}</tbody></table>'
