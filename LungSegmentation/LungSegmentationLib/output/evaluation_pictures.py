"""The picture of where a result and its reference differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..evaluation.pair import MISSED, WRONG_SIDE, WRONGLY_ADDED, PairEvaluation
from ..labels import BACKGROUND, LEFT_LUNG, RIGHT_LUNG
from ..volume import CtVolume, to_canonical
from .overview import wrapped
from .overview_panels import LUNG_WINDOW_LEVEL_HU, LUNG_WINDOW_WIDTH_HU, SCALE_BAR_MM, _annotate, lung_window, outline_opacity
from .overview_views import View, _crop_to_labels, _position_text

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

COLOURS = {MISSED: (255, 128, 32), WRONGLY_ADDED: (64, 156, 255), WRONG_SIDE: (224, 72, 208)}
NAMES = {MISSED: "Missed", WRONGLY_ADDED: "Wrongly added", WRONG_SIDE: "On the wrong side"}
_LEFT_OUT_COLOUR, _OUTLINE_COLOUR = (240, 236, 150), (104, 214, 96)
_FILL_OPACITY, _LEFT_OUT_OPACITY, _OUTLINE_OPACITY = 0.6, 0.3, 0.85
_CELL_WIDTH, _AXIAL_HEIGHT, _LONG_HEIGHT = 540, 480, 640  # pixels at most; every panel has the same scale
_GAP, _MARGIN, _CAPTION_HEIGHT, _SIDE_WIDTH, _MINIMUM_HEIGHT = 10, 24, 26, 400, 700
_BACKGROUND, _CELL = (17, 20, 25), (0, 0, 0)
_TEXT, _QUIET, _RULE = (235, 238, 242), (150, 160, 173), (48, 55, 65)
_LEVELS, _LEAST_APART_MM = 3, 15.0
_LUNG_WITHOUT_CT_HU, _BODY_WITHOUT_CT_HU = -800, -1100  # two dark greys in the lung window


def draw_differences(pair: PairEvaluation, path: Path) -> None:
    """Draw the slices with most differences and write them as a PNG file.

    Parameters
    ----------
    pair : PairEvaluation
        On any grid; it is shown along the scan's own axes nearest to LPS. Without a CT the lungs are shown as a flat grey.
    path : pathlib.Path
        The file.

    Raises
    ------
    OSError
        When the file could not be written.
    """
    differences_picture(pair).save(path, format="PNG", compress_level=4)


def differences_picture(pair: PairEvaluation) -> Image.Image:
    """Draw three axial views, a coronal one and a sagittal one through each lung where most voxels differ, and a legend.

    Parameters
    ----------
    pair : PairEvaluation
        As in :func:`draw_differences`.

    Returns
    -------
    PIL.Image.Image
        RGB, about 2070 pixels wide.
    """
    from PIL import Image, ImageDraw

    layers = _Layers.of(pair)
    views = _choose_views(layers)
    limits = [(_CELL_WIDTH, _AXIAL_HEIGHT)] * 3 + [(_CELL_WIDTH, _LONG_HEIGHT)] * 3
    scale = min(min(wide / v.size_mm[0], high / v.size_mm[1]) for (v, _), (wide, high) in zip(views, limits, strict=True))
    panels = [_draw_panel(view, plane, layers, scale) for view, plane in views]
    heights = [max(panel.height for panel in row) for row in (panels[:3], panels[3:])]
    width = 2 * _MARGIN + 3 * _CELL_WIDTH + 2 * _GAP + _SIDE_WIDTH
    height = max(_MINIMUM_HEIGHT, 2 * _MARGIN + sum(heights) + 2 * _CAPTION_HEIGHT + _GAP)
    picture = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(picture)
    for number, ((view, _), panel) in enumerate(zip(views, panels, strict=True)):
        row, column = divmod(number, 3)
        left = _MARGIN + column * (_CELL_WIDTH + _GAP)
        top = _MARGIN + row * (heights[0] + _CAPTION_HEIGHT + _GAP)
        draw.text((left, top), view.title, font=_font(16), fill=_TEXT)
        draw.text((left + _CELL_WIDTH - 1, top), view.position, font=_font(16), fill=_QUIET, anchor="ra")
        top += _CAPTION_HEIGHT
        draw.rectangle([left, top, left + _CELL_WIDTH - 1, top + heights[row] - 1], fill=_CELL)
        picture.paste(panel, (left + (_CELL_WIDTH - panel.width) // 2, top + (heights[row] - panel.height) // 2))
    _SidePanel(draw, width - _SIDE_WIDTH, width - _MARGIN, height - _MARGIN).write(pair)
    return picture


@dataclass(frozen=True)
class _Layers:
    """What is drawn, in canonical order; ``either`` holds the reference's labels, and the result's where that has none."""

    volume: CtVolume
    has_ct: bool
    reference: np.ndarray
    difference: np.ndarray
    either: np.ndarray
    leave_out: np.ndarray | None

    @staticmethod
    def of(pair: PairEvaluation) -> _Layers:
        volume, order = to_canonical(pair.volume)
        reference = order.apply(pair.reference)
        either = np.where(reference == BACKGROUND, order.apply(pair.result), reference)
        leave_out = None if pair.leave_out is None else order.apply(pair.leave_out)
        return _Layers(volume, pair.has_ct, reference, order.apply(pair.difference), either, leave_out)


def _choose_views(layers: _Layers) -> list[tuple[View, Callable[[np.ndarray], np.ndarray]]]:
    """Choose the planes; each comes with a function that takes it out of an array, the way it is seen."""
    crop = _crop_to_labels(layers.either, layers.volume.spacing_zyx_mm)
    height, depth, width = layers.volume.spacing_zyx_mm
    profiles = _profiles(layers)
    levels = _levels(profiles[0], layers.volume.spacing_zyx_mm[0])

    def view(title: str, axis: int, index: int, spacing: tuple[float, float], sides: tuple[str, str]) -> tuple[View, Any]:
        selection = tuple(index if a == axis else crop[a] for a in range(3))

        def plane(array: np.ndarray) -> np.ndarray:
            return array[selection] if axis == 0 else array[selection][::-1]  # the head on top

        labels = plane(layers.either)
        flat_hu = np.where(labels == BACKGROUND, _BODY_WITHOUT_CT_HU, _LUNG_WITHOUT_CT_HU).astype(np.int16)
        voxels_hu = plane(layers.volume.voxels_hu) if layers.has_ct else flat_hu
        marks = () if axis == 0 else tuple(crop[0].stop - 1 - level + 0.5 for level in levels)
        return View(title, _position_text(layers.volume, axis, index), voxels_hu, labels, spacing, sides, marks), plane

    return [
        *(view("Axial", 0, level, (depth, width), ("R", "L")) for level in levels),
        view("Coronal", 1, int(np.argmax(profiles[1])), (height, width), ("R", "L")),
        view("Sagittal, right lung", 2, int(np.argmax(profiles[RIGHT_LUNG + 1])), (height, depth), ("A", "P")),
        view("Sagittal, left lung", 2, int(np.argmax(profiles[LEFT_LUNG + 1])), (height, depth), ("A", "P")),
    ]


def _profiles(layers: _Layers) -> list[np.ndarray]:
    """Count along each axis how many voxels differ: slices, rows, columns of the right lung, columns of the left lung.

    Where nothing differs, the lungs themselves are counted.
    """
    sizes = layers.either.shape
    slices, rows = np.zeros(sizes[0]), np.zeros(sizes[1])
    columns = {RIGHT_LUNG: np.zeros(sizes[2]), LEFT_LUNG: np.zeros(sizes[2])}
    # One voxel of a lung counts a little, so that it decides only where there is no difference at all.
    little = 1.0 / layers.either.size
    for index, (labels, difference) in enumerate(zip(layers.either, layers.difference, strict=True)):
        weight = np.float64(difference != 0) + little * ((labels == RIGHT_LUNG) | (labels == LEFT_LUNG))
        slices[index] = weight.sum()
        rows += weight.sum(axis=1)
        for side, profile in columns.items():
            profile += np.where(labels == side, weight, 0).sum(axis=0)
    return [slices, rows, columns[RIGHT_LUNG], columns[LEFT_LUNG]]


def _levels(slices: np.ndarray, spacing_mm: float) -> tuple[int, ...]:
    """Choose three slices with most differences that lie apart from each other, the highest first."""
    amount = slices.copy()
    extent_mm = np.count_nonzero(amount) * spacing_mm
    apart = max(1, round(max(_LEAST_APART_MM, extent_mm / (2 * _LEVELS)) / spacing_mm))
    chosen: list[int] = []
    for _ in range(_LEVELS):
        level = int(np.argmax(amount))
        chosen.append(level)
        amount[max(0, level - apart) : level + apart + 1] = -1
    return tuple(sorted(chosen, reverse=True))


def _draw_panel(view: View, plane: Callable[[np.ndarray], np.ndarray], layers: _Layers, pixels_per_mm: float) -> Image.Image:
    from PIL import Image

    width, height = (max(1, round(length * pixels_per_mm)) for length in view.size_mm)
    grey = Image.fromarray(lung_window(view.voxels_hu)).resize((width, height), Image.Resampling.BICUBIC)
    pixels = np.repeat(np.asarray(grey, np.float32)[..., np.newaxis], 3, axis=2)

    def blend(opacity: np.ndarray, colour: tuple[int, int, int]) -> None:
        pixels[...] += opacity[..., np.newaxis] * (np.asarray(colour, np.float32) - pixels)

    def area(mask: np.ndarray) -> np.ndarray:
        smooth = Image.fromarray(mask.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(smooth, np.float32)

    if layers.leave_out is not None:
        blend(_LEFT_OUT_OPACITY * area(plane(layers.leave_out)), _LEFT_OUT_COLOUR)
    difference = plane(layers.difference)
    for kind, colour in COLOURS.items():
        blend(_FILL_OPACITY * area(difference == kind), colour)
    reference = plane(layers.reference)
    for side in (RIGHT_LUNG, LEFT_LUNG):
        line = outline_opacity(reference == side, (height, width))
        if line is not None:
            blend(_OUTLINE_OPACITY * line, _OUTLINE_COLOUR)
    panel = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    _annotate(panel, view, pixels_per_mm)
    return panel


class _SidePanel:
    """The column of text at the right: which scan, what the colours mean, and how well both agree."""

    def __init__(self, draw: ImageDraw.ImageDraw, left: int, right: int, bottom: int) -> None:
        self.draw, self.left, self.right, self.bottom = draw, left, right, bottom
        self.y = _MARGIN

    def write(self, pair: PairEvaluation) -> None:
        self._paragraph("RESULT AND REFERENCE", 14, _QUIET)
        self._paragraph(pair.name, 26, _TEXT, lines=3)
        self._rule()
        self._legend(pair)
        self._rule()
        rows = [("", "Dice", "95 % HD")]
        for comparison in pair.comparisons:
            dice = "none" if comparison.dice is None else f"{comparison.dice:.3f}"
            distance = "none" if comparison.hausdorff_95_mm is None else f"{comparison.hausdorff_95_mm:.1f} mm"
            rows.append((comparison.name, dice, distance))
        for number, row in enumerate(rows):
            size, colour = (18, _TEXT) if number else (14, _QUIET)
            self._row(row, size, colour)
        self._footer(pair)

    def _legend(self, pair: PairEvaluation) -> None:
        voxel_ml = pair.volume.voxel_volume_ml
        for kind, name in NAMES.items():
            self._swatch(COLOURS[kind], name, f"{np.count_nonzero(pair.difference == kind) * voxel_ml:.1f} mL")
        if pair.leave_out is not None:
            self._swatch(_LEFT_OUT_COLOUR, "Left out (doubtful)", f"{np.count_nonzero(pair.leave_out) * voxel_ml:.1f} mL")
        self.draw.line([(self.left, self.y + 10), (self.left + 16, self.y + 10)], fill=_OUTLINE_COLOUR, width=2)
        self.draw.text((self.left + 28, self.y), "Outline of the reference", font=_font(18), fill=_TEXT)
        self.y += 30

    def _swatch(self, colour: tuple[int, int, int], name: str, amount: str) -> None:
        self.draw.rounded_rectangle([self.left, self.y + 3, self.left + 16, self.y + 17], 4, fill=colour)
        self.draw.text((self.left + 28, self.y), name, font=_font(18), fill=_TEXT)
        self.draw.text((self.right, self.y), amount, font=_font(18), fill=_TEXT, anchor="ra")
        self.y += 30

    def _row(self, cells: tuple[str, str, str], size: int, colour: tuple[int, int, int]) -> None:
        self.draw.text((self.left, self.y), cells[0], font=_font(size), fill=colour)
        for text, edge in zip(cells[1:], (self.right - 110, self.right), strict=True):
            self.draw.text((edge, self.y), text, font=_font(size), fill=colour, anchor="ra")
        self.y += 30

    def _footer(self, pair: PairEvaluation) -> None:
        window = f"Lung window: level {LUNG_WINDOW_LEVEL_HU:.0f}, width {LUNG_WINDOW_WIDTH_HU:.0f} HU"
        lines = (
            "Slices with most differences of the lungs.",
            window if pair.has_ct else "No CT was given: grey is what either calls lung or airway.",
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


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
