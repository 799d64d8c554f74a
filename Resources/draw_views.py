"""Draw Resources/Screenshots/views.png: a real scan and its result in Slicer's own slice and 3D views.

    .venv/bin/python Resources/draw_views.py ../shared/data/lidc1011_ct.nii.gz

The scan is case 1011 of LIDC-IDRI (The Cancer Imaging Archive, CC BY 3.0, doi 10.7937/K9/TCIA.2015.LO9QL9SX). What is seen in
the views is drawn by Slicer's displayable managers; the letters at their edges, which Slicer draws by another module, come
from the views' own directions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "Testing"), str(REPOSITORY / "LungSegmentation")]

from SlicerBench import application  # noqa: E402

_SIZE = (480, 400)
_GAP = 6
_TITLE_HEIGHT = 24
_BAR_COLOURS = {"Axial": (243, 74, 51), "Coronal": (110, 176, 75), "Sagittal": (237, 213, 76), "3D": (116, 116, 190)}  # as in Slicer


def draw(scan: Path, method: str) -> Image.Image:
    """Segment a scan and draw the four views."""
    running = application.start()
    import slicer

    from LungSegmentationAdapter.Run.SegmentationLogic import Outputs, process
    from LungSegmentationAdapter.Scene import Display, Nodes
    from LungSegmentationLib.io.scans import read_ct
    from SlicerBench.rendered_views import RenderedSliceView, RenderedThreeDView

    volumeNode = Nodes.addVolumeNode(slicer.mrmlScene, read_ct(scan))
    Display.applyPreset(volumeNode, "lung")
    made = process(volumeNode, method=method, outputs=Outputs(surfaces3D=True, tables=False))
    middle, width_mm = _middle_of_lungs(made.result)
    pictures = []
    for orientation in ("Axial", "Coronal", "Sagittal"):
        view = RenderedSliceView(running.applicationLogic(), f"Picture{orientation}", orientation, _SIZE)
        # The sagittal slice goes through the right lung, not between the two.
        at = middle + np.array([0.2 * width_mm, 0, 0]) if orientation == "Sagittal" else middle
        view.show(volumeNode, at, width_mm * 1.25)
        pictures.append(_framed(view.draw(), view.letters(), orientation))
        view.close()
    view = RenderedThreeDView(running.applicationLogic(), "Picture3D", _SIZE)
    view.showFromTheFront()
    pictures.append(_framed(view.draw(), view.letters(), "3D"))
    view.close()
    running.close()
    return _four_up(pictures)


def _middle_of_lungs(result: object) -> tuple[np.ndarray, float]:
    """Give the middle of both lungs' box in RAS mm, and the box's width from right to left."""
    lungs = (result.labels == 1) | (result.labels == 2)
    box = [np.flatnonzero(lungs.any(axis=tuple(other for other in range(3) if other != axis)))[[0, -1]] for axis in range(3)]
    spacing_xyz_mm = np.array(result.volume.spacing_zyx_mm[::-1])
    corners_mm = np.array(box)[::-1] * spacing_xyz_mm[:, None]
    direction = np.asarray(result.volume.direction_lps)
    middle_lps = np.array(result.volume.origin_lps_mm) + direction @ corners_mm.mean(axis=1)
    width_mm = float(np.abs(direction @ (corners_mm[:, 1] - corners_mm[:, 0]))[0])
    return middle_lps * (-1, -1, 1), width_mm


def _framed(pixels: np.ndarray, letters: dict[str, str], title: str) -> Image.Image:
    """Put the view's bar above the picture, and the letters at its edges."""
    rows, columns, _ = pixels.shape
    picture = Image.new("RGB", (columns, rows + _TITLE_HEIGHT), _BAR_COLOURS[title])
    picture.paste(Image.fromarray(pixels), (0, _TITLE_HEIGHT))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(20)
    pen.text((8, _TITLE_HEIGHT // 2), title, "black", ImageFont.load_default(15), anchor="lm")
    x, y = columns // 2, _TITLE_HEIGHT + rows // 2
    places = {
        "left": ((8, y), "lm"),
        "right": ((columns - 8, y), "rm"),
        "top": ((x, _TITLE_HEIGHT + 6), "mt"),
        "bottom": ((x, _TITLE_HEIGHT + rows - 6), "mb"),
    }
    for edge, (place, anchor) in places.items():
        pen.text(place, letters[edge], (255, 255, 120), font, anchor=anchor, stroke_width=2, stroke_fill="black")
    return picture


def _four_up(pictures: list[Image.Image]) -> Image.Image:
    """Arrange the views as Slicer's four-up layout does: axial and 3D above, coronal and sagittal below."""
    axial, coronal, sagittal, three_d = pictures
    columns, rows = axial.size
    whole = Image.new("RGB", (2 * columns + _GAP, 2 * rows + _GAP), "white")
    for picture, place in ((axial, (0, 0)), (three_d, (1, 0)), (coronal, (0, 1)), (sagittal, (1, 1))):
        whole.paste(picture, (place[0] * (columns + _GAP), place[1] * (rows + _GAP)))
    return whole


def main() -> None:
    """Draw and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scan", type=Path)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "Resources" / "Screenshots" / "views.png")
    options = parser.parse_args()
    # 256 colours are enough for grey slices with three tints, at half the size.
    draw(options.scan, options.method).quantize(256, dither=Image.Dither.NONE).save(options.output, optimize=True)
    print(f"{options.output}: {options.output.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
