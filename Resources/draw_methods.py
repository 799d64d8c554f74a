"""Draw Resources/method_steps.png: the steps that the methods share, on a phantom with consolidation, each by the engine's own switches.

.venv/bin/python Resources/draw_methods.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "LungSegmentation"))

from LungSegmentationLib.labels import AIRWAYS, LEFT_LUNG, RIGHT_LUNG  # noqa: E402
from LungSegmentationLib.phantom import make_phantom  # noqa: E402
from LungSegmentationLib.pipeline import segment  # noqa: E402

CLASSICAL = "connected-components"
STEPS = {
    "air inside the body, split into sides": (CLASSICAL, {"find_airways": False, "closing_radius_mm": 0.0, "recover_dense": False}),
    "airways taken out": (CLASSICAL, {"closing_radius_mm": 0.0, "recover_dense": False}),
    "vessels and nodules filled": (CLASSICAL, {}),
    "network: a part of the consolidation too": ("network", {}),
}
COLOURS = {RIGHT_LUNG: (230, 110, 90), LEFT_LUNG: (100, 160, 230), AIRWAYS: (240, 210, 60)}
SHARE, WINDOW_HU, LEVEL_HU = 0.55, 1400.0, -400.0
SPACING_ZYX_MM = (1.5, 1.4, 1.4)
SHAPE_ZYX = (220, 256, 256)
GAP, TITLE_HEIGHT, COLUMNS = 6, 24, 3
GROUND, TEXT = (20, 20, 24), (230, 230, 230)


def coloured(grey: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Lay the labels' colours over a grey picture (uint8)."""
    picture = np.repeat(grey[..., None].astype(float), 3, axis=2)
    for label, colour in COLOURS.items():
        inside = labels == label
        picture[inside] = (1 - SHARE) * picture[inside] + SHARE * np.array(colour)
    return picture.astype(np.uint8)


def main() -> None:
    """Draw the picture beside this file."""
    phantom = make_phantom(shape_zyx=SHAPE_ZYX, spacing_zyx_mm=SPACING_ZYX_MM, consolidation=0.35, seed=2)
    airways = np.count_nonzero(phantom.labels == AIRWAYS, axis=(0, 2))
    row = int(airways.argmax())  # the coronal plane that shows most of the airways
    hu = phantom.volume.voxels_hu[::-1, row]
    grey = (np.clip((hu - LEVEL_HU) / WINDOW_HU + 0.5, 0, 1) * 255).astype(np.uint8)
    found = {"scan": np.zeros_like(phantom.labels)}
    found |= {title: segment(phantom.volume, method, parameters).labels for title, (method, parameters) in STEPS.items()}
    found["the phantom's truth"] = phantom.labels
    pictures = [(title, coloured(grey, labels[::-1, row])) for title, labels in found.items()]
    height, width = round(SHAPE_ZYX[0] * SPACING_ZYX_MM[0]), round(SHAPE_ZYX[2] * SPACING_ZYX_MM[2])
    lines = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (width + GAP) - GAP, lines * (height + TITLE_HEIGHT + GAP) - GAP), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for number, (title, picture) in enumerate(pictures):
        x, y = number % COLUMNS * (width + GAP), number // COLUMNS * (height + TITLE_HEIGHT + GAP)
        draw.text((x + GAP, y + 2), title, TEXT, font)
        sheet.paste(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR), (x, y + TITLE_HEIGHT))
    sheet.quantize(200).save(Path(__file__).parent / "method_steps.png", optimize=True)


if __name__ == "__main__":
    main()
