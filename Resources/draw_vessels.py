"""Draw Resources/vessel_rules.png: vessels of one slice by both rules.

    .venv/bin/python Resources/draw_vessels.py SCAN

The README's is of LIDC-IDRI, case 1011, The Cancer Imaging Archive, CC BY 3.0, doi 10.7937/K9/TCIA.2015.LO9QL9SX.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "LungSegmentation"))

from LungSegmentationLib.io.scans import read_ct  # noqa: E402
from LungSegmentationLib.labels import LEFT_LUNG, RIGHT_LUNG  # noqa: E402
from LungSegmentationLib.pipeline import segment  # noqa: E402
from LungSegmentationLib.vessels.detection import find_vessels  # noqa: E402
from LungSegmentationLib.volume import to_canonical  # noqa: E402

TITLES = {"threshold": "threshold: brighter than -500 HU", "tubularity": "tubular shape (default)"}
HEIGHT_SHARE = 0.43  # of the lungs' height, from the base: many vessels, hardly any hilum
WINDOW_HU, LEVEL_HU = 1200.0, -500.0
ENLARGED, MARGIN, GAP, TITLE_HEIGHT = 2, 6, 8, 30
COLOUR, SHARE = np.array([255, 110, 100]), 0.85


def main() -> None:
    """Draw the picture beside this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scan", type=Path)
    scan = read_ct(parser.parse_args().scan)
    volume, order = to_canonical(scan)
    labels = order.apply(segment(scan, "connected-components").labels)
    lungs = (labels == RIGHT_LUNG) | (labels == LEFT_LUNG)
    slices = np.flatnonzero(lungs.any(axis=(1, 2)))
    index = int(slices[0] + HEIGHT_SHARE * (slices[-1] - slices[0]))
    rows, columns = np.nonzero(lungs[index])
    box = slice(rows.min() - MARGIN, rows.max() + MARGIN), slice(columns.min() - MARGIN, columns.max() + MARGIN)
    grey = np.clip((volume.voxels_hu[index][box] - LEVEL_HU) / WINDOW_HU + 0.5, 0, 1) * 255
    panels = []
    for rule in TITLES:
        vessels = find_vessels(volume.voxels_hu, labels, None, volume.spacing_zyx_mm, rule)[index][box] > 0
        rgb = np.repeat(grey[..., None], 3, axis=2)
        rgb[vessels] = SHARE * COLOUR + (1 - SHARE) * rgb[vessels]
        picture = Image.fromarray(rgb.astype(np.uint8))
        panels.append(picture.resize((ENLARGED * picture.width, ENLARGED * picture.height), Image.Resampling.NEAREST))
    width, height = panels[0].size
    sheet = Image.new("RGB", (2 * width + GAP, height + TITLE_HEIGHT), "white")
    write, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
    for number, (title, panel) in enumerate(zip(TITLES.values(), panels, strict=True)):
        left = number * (width + GAP)
        sheet.paste(panel, (left, TITLE_HEIGHT))
        write.text((left + width // 2, TITLE_HEIGHT // 2), title, "black", font, anchor="mm")
    sheet.save(REPOSITORY / "Resources" / "vessel_rules.png", optimize=True)


if __name__ == "__main__":
    main()
