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
from .overview_panels import annotate, lung_window, outline_opacity
from .overview_views import View, crop_to_labels, position_text
from .picture_page import LUNG_WINDOW_TEXT, QUIET, TEXT, Colour, SidePanel, arrange, font_of, pixels_per_mm

if TYPE_CHECKING:
    from PIL import Image

COLOURS = {MISSED: (255, 128, 32), WRONGLY_ADDED: (64, 156, 255), WRONG_SIDE: (224, 72, 208)}
NAMES = {MISSED: "Missed", WRONGLY_ADDED: "Wrongly added", WRONG_SIDE: "On the wrong side"}
_LEFT_OUT_COLOUR, _OUTLINE_COLOUR = (240, 236, 150), (104, 214, 96)
_FILL_OPACITY, _LEFT_OUT_OPACITY, _OUTLINE_OPACITY = 0.6, 0.3, 0.85
_MINIMUM_HEIGHT = 700
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
    layers = _Layers.of(pair)
    chosen = _choose_views(layers)
    views = [view for view, _ in chosen]
    scale = pixels_per_mm(views)
    picture, side_panel = arrange(views, [_draw_panel(view, plane, layers, scale) for view, plane in chosen], _MINIMUM_HEIGHT)
    _write(side_panel, pair)
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
    crop = crop_to_labels(layers.either, layers.volume.spacing_zyx_mm)
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
        return View(title, position_text(layers.volume, axis, index), voxels_hu, labels, spacing, sides, marks), plane

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
    annotate(panel, view, pixels_per_mm)
    return panel


def _write(panel: SidePanel, pair: PairEvaluation) -> None:
    """Write which scan it is, what the colours mean, and how well both agree."""
    panel.paragraph("RESULT AND REFERENCE", 14, QUIET)
    panel.paragraph(pair.name, 26, TEXT, lines=3)
    panel.rule()
    _legend(panel, pair)
    panel.rule()
    rows = [("", "Dice", "95 % HD")]
    for comparison in pair.comparisons:
        dice = "none" if comparison.dice is None else f"{comparison.dice:.3f}"
        distance = "none" if comparison.hausdorff_95_mm is None else f"{comparison.hausdorff_95_mm:.1f} mm"
        rows.append((comparison.name, dice, distance))
    for number, row in enumerate(rows):
        size, colour = (18, TEXT) if number else (14, QUIET)
        _row(panel, row, size, colour)
    window = LUNG_WINDOW_TEXT if pair.has_ct else "No CT was given: grey is what either calls lung or airway."
    panel.footer(["Slices with most differences of the lungs.", window])


def _legend(panel: SidePanel, pair: PairEvaluation) -> None:
    voxel_ml = pair.volume.voxel_volume_ml
    for kind, name in NAMES.items():
        _swatch(panel, COLOURS[kind], name, f"{np.count_nonzero(pair.difference == kind) * voxel_ml:.1f} mL")
    if pair.leave_out is not None:
        _swatch(panel, _LEFT_OUT_COLOUR, "Left out (doubtful)", f"{np.count_nonzero(pair.leave_out) * voxel_ml:.1f} mL")
    panel.draw.line([(panel.left, panel.y + 10), (panel.left + 16, panel.y + 10)], fill=_OUTLINE_COLOUR, width=2)
    panel.draw.text((panel.left + 28, panel.y), "Outline of the reference", font=font_of(18), fill=TEXT)
    panel.y += 30


def _swatch(panel: SidePanel, colour: Colour, name: str, amount: str) -> None:
    panel.swatch(colour)
    panel.draw.text((panel.left + 28, panel.y), name, font=font_of(18), fill=TEXT)
    panel.draw.text((panel.right, panel.y), amount, font=font_of(18), fill=TEXT, anchor="ra")
    panel.y += 30


def _row(panel: SidePanel, cells: tuple[str, str, str], size: int, colour: Colour) -> None:
    panel.draw.text((panel.left, panel.y), cells[0], font=font_of(size), fill=colour)
    for text, edge in zip(cells[1:], (panel.right - 110, panel.right), strict=True):
        panel.draw.text((edge, panel.y), text, font=font_of(size), fill=colour, anchor="ra")
    panel.y += 30
