"""The overview: one picture that shows at a glance whether a segmentation is right."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..labels import REGIONS
from ..measurement.quality import QualityFlag, quality_verdict
from ..measurement.volumes import RegionMeasure
from ..result import Result
from ..volume import to_canonical
from .overview_panels import LUNG_WINDOW_LEVEL_HU, LUNG_WINDOW_WIDTH_HU, SCALE_BAR_MM, draw_panel
from .overview_views import View, choose_views

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_CELL_WIDTH, _AXIAL_HEIGHT, _LONG_HEIGHT = 540, 480, 640  # pixels at most; every panel has the same scale
_GAP, _MARGIN, _CAPTION_HEIGHT = 10, 24, 26
_SIDE_WIDTH, _MINIMUM_HEIGHT = 400, 820
_BACKGROUND, _CELL = (17, 20, 25), (0, 0, 0)
_TEXT, _QUIET, _RULE, _WARNING = (235, 238, 242), (150, 160, 173), (48, 55, 65), (255, 193, 94)
# The font that comes with Pillow knows little beyond ASCII; these are spelled with what it has, accents are left out.
_PLAIN = str.maketrans({"×": "x", "−": "-", "–": "-", "—": "-", "µ": "u", "≥": ">=", "≤": "<=", "‘": "'", "’": "'", "ß": "ss"})


def write_overview(result: Result, measures: Sequence[RegionMeasure], path: Path, flags: Sequence[QualityFlag] = ()) -> None:
    """Draw the overview and write it as a PNG file.

    Parameters
    ----------
    result : Result
        What to show, on any grid; it is shown along the scan's own axes nearest to LPS.
    measures : sequence of RegionMeasure
        For the legend.
    path : pathlib.Path
        The file.
    flags : sequence of QualityFlag
        What was checked; shown where there is any.

    Raises
    ------
    OSError
        When the file could not be written.
    """
    draw_overview(result, measures, flags).save(path, format="PNG", compress_level=4)


def draw_overview(result: Result, measures: Sequence[RegionMeasure], flags: Sequence[QualityFlag] = ()) -> Image.Image:
    """Draw axial, coronal and sagittal views in the lung window with outlines, and a legend.

    Parameters
    ----------
    result, measures, flags
        As in :func:`write_overview`.

    Returns
    -------
    PIL.Image.Image
        RGB, about 2070 pixels wide.
    """
    from PIL import Image, ImageDraw

    volume, order = to_canonical(result.volume)
    views = choose_views(volume, order.apply(result.labels))
    scale = _pixels_per_mm(views)
    panels = [draw_panel(view, scale) for view in views]
    heights = [max(panel.height for panel in row) for row in (panels[:3], panels[3:])]

    width = 2 * _MARGIN + 3 * _CELL_WIDTH + 2 * _GAP + _SIDE_WIDTH
    height = max(_MINIMUM_HEIGHT, 2 * _MARGIN + sum(heights) + 2 * _CAPTION_HEIGHT + _GAP)
    picture = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(picture)
    for number, (view, panel) in enumerate(zip(views, panels, strict=True)):
        row, column = divmod(number, 3)
        left = _MARGIN + column * (_CELL_WIDTH + _GAP)
        top = _MARGIN + row * (heights[0] + _CAPTION_HEIGHT + _GAP)
        draw.text((left, top), view.title, font=_font(16), fill=_TEXT)
        draw.text((left + _CELL_WIDTH - 1, top), view.position, font=_font(16), fill=_QUIET, anchor="ra")
        top += _CAPTION_HEIGHT
        draw.rectangle([left, top, left + _CELL_WIDTH - 1, top + heights[row] - 1], fill=_CELL)
        picture.paste(panel, (left + (_CELL_WIDTH - panel.width) // 2, top + (heights[row] - panel.height) // 2))
    _SidePanel(draw, width - _SIDE_WIDTH, width - _MARGIN, height - _MARGIN).write(result, measures, flags)
    return picture


def _pixels_per_mm(views: Sequence[View]) -> float:
    """Find the largest scale at which every view fits its cell."""
    limits = [(_CELL_WIDTH, _AXIAL_HEIGHT)] * 3 + [(_CELL_WIDTH, _LONG_HEIGHT)] * 3
    return min(min(wide / view.size_mm[0], high / view.size_mm[1]) for view, (wide, high) in zip(views, limits, strict=True))


class _SidePanel:
    """The column of text at the right: what was segmented, how, with which volumes and warnings."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, right: int, bottom: int) -> None:
        self.draw, self.left, self.right, self.bottom = draw, left, right, bottom
        self.y = _MARGIN

    def write(self, result: Result, measures: Sequence[RegionMeasure], flags: Sequence[QualityFlag]) -> None:
        volume = result.volume
        slices, rows, columns = volume.voxels_hu.shape
        z_mm, y_mm, x_mm = volume.spacing_zyx_mm
        self._paragraph("LUNG SEGMENTATION", 14, _QUIET)
        self._paragraph(volume.name, 26, _TEXT, lines=3)
        self.y += 4
        self._paragraph(f"{columns} x {rows} x {slices} voxels, {x_mm:.2f} x {y_mm:.2f} x {z_mm:.2f} mm", 15, _QUIET)
        self._rule()
        self._legend(measures)
        self._rule()
        self._paragraph(f"Method: {result.method}", 17, _TEXT, lines=2)
        shown = [f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}" for name, value in result.parameters.items()]
        self._paragraph(", ".join(shown), 14, _QUIET, lines=8)
        if flags:
            self._rule()
            self._quality(flags)
        if result.warnings:
            self._rule()
            self._warnings(result.warnings)
        self._footer()

    def _legend(self, measures: Sequence[RegionMeasure]) -> None:
        colours = {region.key: region.colour_rgb for region in REGIONS}
        volume_edge, density_edge = self.right - 96, self.right
        for text, edge in (("volume", volume_edge), ("mean", density_edge)):
            self.draw.text((edge, self.y), text, font=_font(14), fill=_QUIET, anchor="ra")
        self.y += 26
        for measure in measures:
            if measure.key in colours:
                self.draw.rounded_rectangle([self.left, self.y + 3, self.left + 16, self.y + 17], 4, fill=colours[measure.key])
            self.draw.text((self.left + 28, self.y), measure.name, font=_font(18), fill=_TEXT)
            self.draw.text((volume_edge, self.y), f"{measure.volume_ml:.0f} mL", font=_font(18), fill=_TEXT, anchor="ra")
            density = "none" if measure.mean_hu is None else f"{measure.mean_hu:.0f} HU"
            self.draw.text((density_edge, self.y), density, font=_font(18), fill=_QUIET, anchor="ra")
            self.y += 30

    def _quality(self, flags: Sequence[QualityFlag]) -> None:
        verdict = quality_verdict(flags)
        self._paragraph(f"Quality: {verdict}", 17, _TEXT if verdict == "pass" else _WARNING)
        for flag in flags:
            if flag.verdict != "pass" and self.y < self.bottom - 190:
                self._paragraph(flag.reason, 14, _QUIET, lines=4)
                self.y += 4

    def _warnings(self, warnings: Sequence[str]) -> None:
        self._paragraph("Warnings" if len(warnings) > 1 else "Warning", 17, _WARNING)
        for number, warning in enumerate(warnings):
            if self.y > self.bottom - 190:
                self._paragraph(f"… and {len(warnings) - number} more, see summary.json", 15, _WARNING)
                return
            self._paragraph(warning, 15, _TEXT, lines=5)
            self.y += 6

    def _footer(self) -> None:
        lines = (
            f"Lung window: level {LUNG_WINDOW_LEVEL_HU:.0f}, width {LUNG_WINDOW_WIDTH_HU:.0f} HU",
            f"Scale bars: {SCALE_BAR_MM:.0f} mm. Marks: axial levels.",
            "Axial and coronal: the patient's right is on the left.",
        )
        self.y = max(self.y, self.bottom - 22 * len(lines) + 4)
        for line in lines:
            self._paragraph(line, 14, _QUIET)

    def _rule(self) -> None:
        self.y += 12
        self.draw.line([(self.left, self.y), (self.right, self.y)], fill=_RULE, width=1)
        self.y += 14

    def _paragraph(self, text: str, size: int, colour: tuple[int, int, int], lines: int = 1) -> None:
        font = _font(size)
        for line in wrapped(text, self.right - self.left, lines, font):
            self.draw.text((self.left, self.y), line, font=font, fill=colour)
            self.y += round(size * 1.45)


def wrapped(text: str, width: float, lines: int, font: Any) -> list[str]:
    """Break a text into at most so many lines that fit a width; what does not fit ends in an ellipsis."""
    result: list[str] = []
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_PLAIN)) if not unicodedata.combining(c))
    plain = plain.encode("utf-8", "replace").decode()
    rest = " ".join(plain.split())
    while rest and len(result) < lines:
        fitting = len(rest)
        while fitting > 1 and font.getlength(rest[:fitting]) > width:
            fitting -= 1
        if fitting < len(rest):
            space = rest.rfind(" ", 1, fitting + 1)
            fitting = space if space > 0 else fitting
        result.append(rest[:fitting].strip())
        rest = rest[fitting:].strip()
    if rest:
        last = result[-1]
        while last and font.getlength(last + "…") > width:
            last = last[:-1]
        result[-1] = last.rstrip() + "…"
    return result


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
