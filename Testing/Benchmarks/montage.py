"""Draw our outlines and the reference's on every tenth slice of real scans: one picture a scan.

    python montage.py CASES.csv --output FOLDER [--method KEY] [--scan NAME ...] [--every SLICES]

The pictures show patients: they belong in no repository.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from comparison import bounding_box
from LungSegmentationLib.io.scans import read_ct
from LungSegmentationLib.labels import REGIONS
from LungSegmentationLib.output.overview_panels import lung_window, outline_opacity
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.registry import METHODS, find_method
from LungSegmentationLib.volume import to_canonical
from scans import Case, read_cases

REFERENCE_COLOUR_RGB = (255, 235, 60)
TILE_WIDTH_PIXELS, TILES_A_ROW, MARGIN_MM, LEGEND_PIXELS = 420, 5, 15.0, 34


def main() -> None:
    """Segment and draw each scan."""
    parser = argparse.ArgumentParser(description="Draw our outlines and the reference's on slices of real scans.")
    parser.add_argument("cases", type=Path, help="CSV with the columns name, ct, reference, doubt, group")
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--method", choices=[method.key for method in METHODS], default=find_method().key)
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    parser.add_argument("--every", type=int, default=10, help="slices from one tile to the next, default 10")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for case in read_cases(arguments.cases, arguments.scan):
        path = arguments.output / f"{case.name}_{arguments.method}.png"
        montage_of_case(case, arguments.method, arguments.every).save(path)
        print(path, flush=True)


def montage_of_case(case: Case, method: str, every: int) -> Image.Image:
    """Segment a scan and lay out its slices, in canonical orientation."""
    volume = read_ct(case.ct)
    reference, _ = case.read_reference()
    labels = segment(volume, method).labels
    canonical, order = to_canonical(volume)
    title = f"{case.name}, {method}"
    return montage(canonical.voxels_hu, order.apply(labels), order.apply(reference), canonical.spacing_zyx_mm, every, title)


def montage(
    voxels_hu: np.ndarray, labels: np.ndarray, reference: np.ndarray, spacing_zyx_mm: tuple[float, float, float], every: int, title: str
) -> Image.Image:
    """Lay out every so many slices, from the lungs' top down, below a legend of the colours.

    Parameters
    ----------
    voxels_hu, labels, reference : numpy.ndarray
        (z, y, x) in canonical orientation.
    spacing_zyx_mm : tuple of float
        Distance between voxel centres.
    every : int
        Slices from one tile to the next.
    title : str
        Written before the legend.

    Returns
    -------
    PIL.Image.Image
        RGB.
    """
    marked = (labels > 0) | (reference > 0)
    box = bounding_box(marked) if marked.any() else tuple(slice(0, size) for size in marked.shape)
    rows, columns = (
        slice(max(0, part.start - int(MARGIN_MM / mm)), part.stop + int(MARGIN_MM / mm))
        for part, mm in zip(box[1:], spacing_zyx_mm[1:], strict=True)
    )
    aspect = spacing_zyx_mm[1] / spacing_zyx_mm[2]
    tiles = [
        _tile(voxels_hu[z, rows, columns], labels[z, rows, columns], reference[z, rows, columns], aspect, f"slice {z}")
        for z in range(box[0].stop - 1, box[0].start - 1, -every)
    ]
    width, height = tiles[0].size
    lines = -(-len(tiles) // TILES_A_ROW)
    sheet = Image.new("RGB", (width * min(TILES_A_ROW, len(tiles)), LEGEND_PIXELS + height * lines))
    for index, tile in enumerate(tiles):
        line, place = divmod(index, TILES_A_ROW)
        sheet.paste(tile, (place * width, LEGEND_PIXELS + line * height))
    _draw_legend(sheet, title)
    return sheet


def _tile(voxels_hu: np.ndarray, labels: np.ndarray, reference: np.ndarray, pixel_height_over_width: float, caption: str) -> Image.Image:
    """Draw one slice: the reference's outlines, and ours above them."""
    height = max(1, round(TILE_WIDTH_PIXELS * voxels_hu.shape[0] / voxels_hu.shape[1] * pixel_height_over_width))
    grey = Image.fromarray(lung_window(voxels_hu)).resize((TILE_WIDTH_PIXELS, height), Image.Resampling.BICUBIC)
    pixels = np.repeat(np.asarray(grey, np.float32)[..., np.newaxis], 3, axis=2)
    outlines = [(reference == region.label, REFERENCE_COLOUR_RGB) for region in REGIONS]
    outlines += [(labels == region.label, region.colour_rgb) for region in REGIONS]
    for mask, colour_rgb in outlines:
        opacity = outline_opacity(mask, (height, TILE_WIDTH_PIXELS))
        if opacity is not None:
            pixels += opacity[..., np.newaxis] * (np.asarray(colour_rgb, np.float32) - pixels)
    tile = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    ImageDraw.Draw(tile).text((6, 4), caption, fill=(255, 255, 255), font=ImageFont.load_default(14))
    return tile


def _draw_legend(sheet: Image.Image, title: str) -> None:
    draw, font, x = ImageDraw.Draw(sheet), ImageFont.load_default(18), 8
    entries = [(title, (255, 255, 255)), ("reference", REFERENCE_COLOUR_RGB), *((region.name, region.colour_rgb) for region in REGIONS)]
    for text, colour_rgb in entries:
        draw.text((x, 6), text, fill=colour_rgb, font=font)
        x += round(draw.textlength(text, font=font)) + 24


if __name__ == "__main__":
    main()
