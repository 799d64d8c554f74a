"""The page that the overview and the picture of differences share: six panels in two rows, and a column of text at the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..presets.window_level import find_preset
from .overview_panels import SCALE_BAR_MM
from .overview_views import View

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

TEXT, QUIET, WARNING = (235, 238, 242), (150, 160, 173), (255, 193, 94)
_LUNG_WINDOW = find_preset("lung")
LUNG_WINDOW_TEXT = f"Lung window: level {_LUNG_WINDOW.level_hu:.0f}, width {_LUNG_WINDOW.width_hu:.0f} HU"
_BACKGROUND, _CELL, _RULE = (17, 20, 25), (0, 0, 0), (48, 55, 65)
_CELL_WIDTH, _AXIAL_HEIGHT, _LONG_HEIGHT = 540, 480, 640  # pixels at most; every panel has the same scale
_GAP, _MARGIN, _CAPTION_HEIGHT, _SIDE_WIDTH = 10, 24, 26, 400
_FOOTER = (f"Scale bars: {SCALE_BAR_MM:.0f} mm. Marks: axial levels.", "Axial and coronal: the patient's right is on the left.")
# The font that comes with Pillow knows little beyond ASCII; these are spelled with what it has, accents are left out.
_PLAIN = str.maketrans({"×": "x", "−": "-", "–": "-", "—": "-", "µ": "u", "≥": ">=", "≤": "<=", "‘": "'", "’": "'", "ß": "ss"})


def pixels_per_mm(views: Sequence[View]) -> float:
    """Find the largest scale at which every view fits its cell: three axial views, then three along the body."""
    limits = [(_CELL_WIDTH, _AXIAL_HEIGHT)] * 3 + [(_CELL_WIDTH, _LONG_HEIGHT)] * 3
    return min(min(wide / view.size_mm[0], high / view.size_mm[1]) for view, (wide, high) in zip(views, limits, strict=True))


def arrange(views: Sequence[View], panels: Sequence[Image.Image], minimum_height: int) -> tuple[Image.Image, SidePanel]:
    """Put six panels with their captions on a page.

    Parameters
    ----------
    views : sequence of View
        Three axial ones, then three along the body.
    panels : sequence of PIL.Image.Image
        One a view, at the scale of :func:`pixels_per_mm`.
    minimum_height : int
        Pixels that the column of text needs.

    Returns
    -------
    picture : PIL.Image.Image
        RGB, about 2070 pixels wide.
    side_panel : SidePanel
        Writes on the picture.
    """
    from PIL import Image, ImageDraw

    heights = [max(panel.height for panel in row) for row in (panels[:3], panels[3:])]
    width = 2 * _MARGIN + 3 * _CELL_WIDTH + 2 * _GAP + _SIDE_WIDTH
    height = max(minimum_height, 2 * _MARGIN + sum(heights) + 2 * _CAPTION_HEIGHT + _GAP)
    picture = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(picture)
    for number, (view, panel) in enumerate(zip(views, panels, strict=True)):
        row, column = divmod(number, 3)
        left = _MARGIN + column * (_CELL_WIDTH + _GAP)
        top = _MARGIN + row * (heights[0] + _CAPTION_HEIGHT + _GAP)
        draw.text((left, top), view.title, font=font_of(16), fill=TEXT)
        draw.text((left + _CELL_WIDTH - 1, top), view.position, font=font_of(16), fill=QUIET, anchor="ra")
        top += _CAPTION_HEIGHT
        draw.rectangle([left, top, left + _CELL_WIDTH - 1, top + heights[row] - 1], fill=_CELL)
        picture.paste(panel, (left + (_CELL_WIDTH - panel.width) // 2, top + (heights[row] - panel.height) // 2))
    return picture, SidePanel(draw, width - _SIDE_WIDTH, width - _MARGIN, height - _MARGIN)


def without_side_panel(views: Sequence[View], panels: Sequence[Image.Image]) -> Image.Image:
    """Put six panels with their captions on a page, with no column of text; parameters as of :func:`arrange`."""
    picture, side_panel = arrange(views, panels, 0)
    return picture.crop((0, 0, side_panel.left - _GAP, picture.height))


class SidePanel:
    """The column of text at the right, written from the top down; ``y`` is where the next line begins."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, right: int, bottom: int) -> None:
        self.draw, self.left, self.right, self.bottom = draw, left, right, bottom
        self.y = _MARGIN

    def paragraph(self, text: str, size: int, colour: Colour, lines: int = 1) -> None:
        """Write a text of at most so many lines."""
        font = font_of(size)
        for line in wrapped(text, self.right - self.left, lines, font):
            self.draw.text((self.left, self.y), line, font=font, fill=colour)
            self.y += round(size * 1.45)

    def rule(self) -> None:
        """Draw a line from edge to edge."""
        self.y += 12
        self.draw.line([(self.left, self.y), (self.right, self.y)], fill=_RULE, width=1)
        self.y += 14

    def swatch(self, colour: Colour) -> None:
        """Draw a small field of colour at the left of the present line."""
        self.draw.rounded_rectangle([self.left, self.y + 3, self.left + 16, self.y + 17], 4, fill=colour)

    def footer(self, first_lines: Sequence[str]) -> None:
        """Write some lines and how to read the panels at the bottom."""
        lines = (*first_lines, *_FOOTER)
        self.y = max(self.y, self.bottom - 22 * len(lines) + 4)
        for line in lines:
            self.paragraph(line, 14, QUIET)


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


def font_of(size: int) -> Any:
    """Give the font that comes with Pillow."""
    from PIL import ImageFont

    return ImageFont.load_default(size)
