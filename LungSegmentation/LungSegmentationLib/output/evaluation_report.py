"""The report of one evaluation: one HTML file with table, picture and curves, that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..evaluation.comparison_tables import comparison_table
from ..evaluation.pair import PairEvaluation
from ..tables.rows import Cell, Column, Table
from ..version import __version__
from . import html_parts as html
from .evaluation_charts import draw_calibration, draw_roc_curves

if TYPE_CHECKING:
    from PIL import Image

_PICTURE_WIDTH = 1400
_NOTICE = (
    "Not a medical device. The figures say how well a result agrees with a reference, no more: "
    "they must not be used for diagnosis or treatment."
)
_EXPLANATIONS = (
    "Dice and Jaccard: overlap of result and reference, from 0 to 1.",
    (
        "Specificity and false-positive rate count against all of the scan that is not the region, also the air around the patient: "
        "a larger field of view makes them look better."
    ),
    "Distances are between the voxels at the surfaces; surface Dice is the share of both surfaces within the tolerance.",
    "Mean and absolute error of density, and the difference of the mean density, compare the CT inside result and reference.",
    "A cell without a number is what cannot be said, such as a distance to a region that is empty.",
)


def probability_table(pair: PairEvaluation) -> Table | None:
    """Make the table of how well a probability map tells lung from background; None where there was no map."""
    if pair.histogram is None or not pair.histogram.has_both:
        return None
    curves = pair.histogram.curves()
    columns = (
        Column("region", "Region"),
        Column("auc", "Area under the ROC curve", "", 5),
        Column("average_precision", "Average precision", "", 5),
        Column("expected_calibration_error", "Expected calibration error", "", 5),
        Column("voxels", "Voxels"),
    )
    voxels = int(pair.histogram.positives.sum() + pair.histogram.negatives.sum())
    values = (curves.auc, curves.average_precision, curves.expected_calibration_error, voxels)
    row: dict[str, Cell] = dict(zip([column.key for column in columns], ("Both lungs", *values), strict=True))
    return Table("Probability map", columns, (row,))


def write_evaluation_report(pair: PairEvaluation, picture: Image.Image, path: Path) -> None:
    """Write the report.

    Parameters
    ----------
    pair : PairEvaluation
    picture : PIL.Image.Image
        From :func:`.evaluation_pictures.differences_picture`.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    path.write_text(make_evaluation_report(pair, picture), encoding="utf-8")


def make_evaluation_report(pair: PairEvaluation, picture: Image.Image) -> str:
    """Make the report's HTML, a document in which every value is escaped; parameters as in :func:`write_evaluation_report`."""
    about = html.paragraph(pair.name, "scan") + html.paragraph(_NOTICE, "notice")
    sections = [
        f"<header><h1>Lung segmentation: result and reference</h1>{about}</header>",
        html.section("Warnings", html.bullets(pair.warnings)) if pair.warnings else "",
        html.section("Agreement", _turned(comparison_table(pair.comparisons)), html.bullets(_EXPLANATIONS)),
        html.section("Where they differ", _picture(picture)),
        _probability(pair),
        html.section("How it was made", _facts(pair)),
    ]
    return html.document(f"Evaluation: {pair.name}", sections)


def _turned(wide: Table) -> str:
    """Write a table with its columns as rows; those without any value are left out."""
    used = [column for column in wide.columns if any(row[column.key] is not None for row in wide.rows)]
    cells = [[column.header, *(column.text(row[column.key]) for row in wide.rows)] for column in used]
    return html.table(cells[0], cells[1:])


def _picture(picture: Image.Image) -> str:
    picture = picture.resize((_PICTURE_WIDTH, round(picture.height * _PICTURE_WIDTH / picture.width)))
    caption = "Slices with most differences: orange what the result missed, blue what it added wrongly, magenta lung on the wrong side"
    return html.figure(picture, caption, "JPEG")


def _probability(pair: PairEvaluation) -> str:
    figures = probability_table(pair)
    if figures is None or pair.histogram is None:
        return ""
    curves = {"Both lungs": pair.histogram.curves()}
    charts = _beside(draw_roc_curves(curves), draw_calibration(curves))
    return html.section("Probability map", _turned(figures), html.figure(charts, "ROC curve and calibration of the probability of lung"))


def _beside(left: Image.Image, right: Image.Image) -> Image.Image:
    from PIL import Image

    paper = Image.new("RGB", (left.width + right.width, max(left.height, right.height)), (255, 255, 255))
    paper.paste(left, (0, 0))
    paper.paste(right, (left.width, 0))
    return paper


def _facts(pair: PairEvaluation) -> str:
    slices, rows, columns = pair.volume.voxels_hu.shape
    z_mm, y_mm, x_mm = pair.volume.spacing_zyx_mm
    facts = {
        "Software": f"LungSegmentation {__version__}",
        "Grid": f"{columns} × {rows} × {slices} voxels of {x_mm:.3g} × {y_mm:.3g} × {z_mm:.3g} mm (columns, rows, slices)",
        "CT": "given" if pair.has_ct else "not given: nothing is said of density",
        "Tolerance of the surface Dice": f"{pair.comparisons[0].tolerance_mm:g} mm",
        "Doubtful voxels left out": "none" if pair.leave_out is None else f"{int(pair.leave_out.sum())}",
    }
    return html.facts(facts)
