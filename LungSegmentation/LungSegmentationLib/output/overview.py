"""The overview: one picture that shows at a glance whether a segmentation is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..labels import REGIONS
from ..measurement.volumes import RegionMeasure
from ..quality.flag import Kind, QualityFlag, quality_verdict, standing_out
from ..segmentation import Segmentation
from .picture_page import LUNG_WINDOW_TEXT, QUIET, TEXT, WARNING, SidePanel, arrange, font_of
from .result_pictures import ResultPictures

if TYPE_CHECKING:
    from PIL import Image

    from ..measures import Measures

_COMPRESSION_LEVEL = 1  # noise shrinks no further at higher ones
_MINIMUM_HEIGHT = 820
_LEAST_ROOM = 190  # below a line of text, for what follows


def write_overview(result: Segmentation, measures: Measures, path: Path, pictures: ResultPictures | None = None) -> None:
    """Draw the overview and write it as a PNG file.

    Parameters
    ----------
    result : Segmentation
        What to show, on any grid; it is shown along the scan's own axes nearest to LPS.
    measures : Measures
        For the legend, and what was checked.
    path : pathlib.Path
        The file.
    pictures : ResultPictures, optional
        Of the same result, where they were drawn before.

    Raises
    ------
    OSError
        When the file could not be written.
    """
    draw_overview(result, measures, pictures=pictures).save(path, format="PNG", compress_level=_COMPRESSION_LEVEL)


def draw_overview(
    result: Segmentation, measures: Measures, with_quality: bool = True, pictures: ResultPictures | None = None
) -> Image.Image:
    """Draw axial, coronal and sagittal views in the lung window with outlines, and a legend.

    Parameters
    ----------
    result, measures
        As in :func:`write_overview`.
    with_quality : bool
        Whether the legend says what was checked.
    pictures
        As in :func:`write_overview`.

    Returns
    -------
    PIL.Image.Image
        RGB, about 2070 pixels wide.
    """
    pictures = pictures or ResultPictures(result)
    picture, side_panel = arrange(pictures.views, pictures.panels, _MINIMUM_HEIGHT)
    _write(side_panel, result, measures.volumes, measures.flags if with_quality else ())
    return picture


def _write(panel: SidePanel, result: Segmentation, measures: Sequence[RegionMeasure], flags: Sequence[QualityFlag]) -> None:
    """Write what was segmented, how, with which volumes and warnings."""
    volume = result.volume
    slices, rows, columns = volume.voxels_hu.shape
    z_mm, y_mm, x_mm = volume.spacing_zyx_mm
    panel.paragraph("LUNG SEGMENTATION", 14, QUIET)
    panel.paragraph(volume.name, 26, TEXT, lines=3)
    panel.y += 4
    panel.paragraph(f"{columns} x {rows} x {slices} voxels, {x_mm:.2f} x {y_mm:.2f} x {z_mm:.2f} mm", 15, QUIET)
    panel.rule()
    _legend(panel, measures)
    panel.rule()
    panel.paragraph(f"Method: {result.method}", 17, TEXT, lines=2)
    shown = [f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}" for name, value in result.parameters.items()]
    panel.paragraph(", ".join(shown), 14, QUIET, lines=8)
    if flags:
        panel.rule()
        _quality(panel, flags)
    if result.warnings:
        panel.rule()
        _warnings(panel, result.warnings)
    panel.footer([LUNG_WINDOW_TEXT])


def _legend(panel: SidePanel, measures: Sequence[RegionMeasure]) -> None:
    colours = {region.key: region.colour_rgb for region in REGIONS}
    volume_edge, density_edge = panel.right - 96, panel.right
    for text, edge in (("volume", volume_edge), ("mean", density_edge)):
        panel.draw.text((edge, panel.y), text, font=font_of(14), fill=QUIET, anchor="ra")
    panel.y += 26
    for measure in measures:
        if measure.key in colours:
            panel.swatch(colours[measure.key])
        panel.draw.text((panel.left + 28, panel.y), measure.name, font=font_of(18), fill=TEXT)
        panel.draw.text((volume_edge, panel.y), f"{measure.volume_ml:.0f} mL", font=font_of(18), fill=TEXT, anchor="ra")
        density = "none" if measure.mean_hu is None else f"{measure.mean_hu:.0f} HU"
        panel.draw.text((density_edge, panel.y), density, font=font_of(18), fill=QUIET, anchor="ra")
        panel.y += 30


def _quality(panel: SidePanel, flags: Sequence[QualityFlag]) -> None:
    verdict = quality_verdict(flags)
    panel.paragraph(f"Quality: {verdict}", 17, TEXT if verdict == "pass" else WARNING)
    _reasons(panel, standing_out(flags, "quality"))
    titles: dict[Kind, str] = {"coverage": "Coverage: cut", "note": "Notes on the scan"}
    for kind, title in titles.items():
        found = standing_out(flags, kind)
        if found and panel.y < panel.bottom - _LEAST_ROOM:
            panel.paragraph(title, 17, WARNING if kind == "coverage" else TEXT)
            _reasons(panel, found)


def _reasons(panel: SidePanel, flags: Sequence[QualityFlag]) -> None:
    for flag in flags:
        if panel.y < panel.bottom - _LEAST_ROOM:
            panel.paragraph(flag.reason, 14, QUIET, lines=4)
            panel.y += 4


def _warnings(panel: SidePanel, warnings: Sequence[str]) -> None:
    panel.paragraph("Warnings" if len(warnings) > 1 else "Warning", 17, WARNING)
    for number, warning in enumerate(warnings):
        if panel.y > panel.bottom - _LEAST_ROOM:
            panel.paragraph(f"… and {len(warnings) - number} more, see summary.json", 15, WARNING)
            return
        panel.paragraph(warning, 15, TEXT, lines=5)
        panel.y += 6
