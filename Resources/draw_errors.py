"""Draw Resources/left_out_errors.png: where networks that never saw a patient go wrong.

    .venv/bin/python Resources/draw_errors.py ../shared/data/cases.csv lidc0314 fourdlung113 --networks runs/left_out

Each scan is shown in the two slices with the largest errors at least seven slices apart: reference green, network red. lidc0314 is of
LIDC-IDRI (doi 10.7937/K9/TCIA.2015.LO9QL9SX), fourdlung113 of 4D-Lung (doi 10.7937/K9/TCIA.2016.ELN8YGLE), both The Cancer Imaging
Archive, CC BY 3.0.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "Testing" / "Benchmarks"), str(REPOSITORY / "LungSegmentation")]

from left_out_networks import LeftOutNetworks, parameters_for  # noqa: E402
from LungSegmentationLib.io.scans import read_ct  # noqa: E402
from LungSegmentationLib.pipeline import segment  # noqa: E402
from scans import read_cases  # noqa: E402

_WIDTH, _GAP, _TITLE_HEIGHT, _ENLARGED = 480, 6, 24, 4
_LEVEL_HU, _WINDOW_HU = 40, 400
_REFERENCE, _NETWORK, _TEXT, _GROUND = (90, 220, 90), (255, 80, 60), (230, 230, 230), (20, 20, 24)
_APART_SLICES = 7


def pictures(cases: Path, name: str, networks: LeftOutNetworks) -> list[tuple[str, Image.Image]]:
    """Draw a scan's two worst slices, each with its title."""
    (case,) = read_cases(cases, [name])
    volume = read_ct(case.ct)
    reference, _ = case.read_reference()
    labels = segment(volume, "network", parameters_for(name, "network", networks)).labels
    lungs = [(array == 1) | (array == 2) for array in (reference, labels)]
    errors = np.count_nonzero(ndimage.binary_opening(lungs[0] != lungs[1], iterations=2), axis=(1, 2))
    worst = int(errors.argmax())
    errors[max(0, worst - _APART_SLICES + 1) : worst + _APART_SLICES] = 0
    rows, columns = np.nonzero(ndimage.binary_opening(volume.voxels_hu[worst] > -300, iterations=2))
    box = tuple(_ENLARGED * int(end) for end in (columns.min(), rows.min(), columns.max(), rows.max()))
    drawn = []
    for index in sorted((worst, int(errors.argmax()))):
        grey = np.clip((volume.voxels_hu[index] - _LEVEL_HU) / _WINDOW_HU + 0.5, 0, 1)
        rgb = np.repeat(_enlarged((255 * grey).astype(np.uint8), Image.Resampling.BICUBIC)[..., None], 3, axis=2)
        for lung, colour in zip(lungs, (_REFERENCE, _NETWORK), strict=True):
            inside = _enlarged(lung[index].astype(np.uint8), Image.Resampling.NEAREST) > 0
            rgb[inside & ~ndimage.binary_erosion(inside)] = colour
        picture = Image.fromarray(rgb).crop(box)
        height = round(_WIDTH * picture.height / picture.width)
        drawn.append((f"{name}, slice {index}", picture.resize((_WIDTH, height))))
    return drawn


def _enlarged(array: np.ndarray, resampling: Image.Resampling) -> np.ndarray:
    size = (array.shape[1] * _ENLARGED, array.shape[0] * _ENLARGED)
    return np.asarray(Image.fromarray(array).resize(size, resampling))


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw where networks that never saw a patient go wrong.")
    parser.add_argument("cases", type=Path)
    parser.add_argument("names", nargs="+", metavar="NAME", help="a scan")
    parser.add_argument("--networks", type=Path, required=True, help="folder of networks trained without some patients")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "Resources" / "left_out_errors.png")
    arguments = parser.parse_args()
    networks = LeftOutNetworks(arguments.networks)
    rows = [pictures(arguments.cases, name, networks) for name in arguments.names]
    heights = [_TITLE_HEIGHT + max(picture.height for _, picture in row) for row in rows]
    sheet = Image.new("RGB", (2 * _WIDTH + _GAP, sum(heights)), _GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for row, top in zip(rows, np.cumsum([0, *heights[:-1]]), strict=True):
        for place, (title, picture) in enumerate(row):
            left = place * (_WIDTH + _GAP)
            draw.text((left + 6, int(top) + 3), title, fill=_TEXT, font=font)
            sheet.paste(picture, (left, int(top) + _TITLE_HEIGHT))
    sheet.save(arguments.output)


if __name__ == "__main__":
    main()
