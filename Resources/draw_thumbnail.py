"""Draw the phantom's thumbnail in Slicer's module Sample Data: a coronal slice through the lung window, right on the viewer's left.

PYTHONPATH=LungSegmentation python Resources/draw_thumbnail.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.presets.window_level import find_preset
from LungSegmentationLib.volume import to_canonical

THUMBNAIL = Path(__file__).resolve().parents[1] / "LungSegmentation" / "Resources" / "Icons" / "LungPhantom.png"
SIZE_PX = (260, 280)


def draw_thumbnail() -> Image.Image:
    """Give the slice in the middle of the body, on black."""
    volume, _ = to_canonical(make_phantom().volume)
    # Slices run to the head and columns to the patient's left, who faces the viewer.
    plane = volume.voxels_hu[::-1, volume.voxels_hu.shape[1] // 2].astype(np.float32)
    lower_hu, upper_hu = find_preset("lung").limits_hu(float(plane.min()), float(plane.max()))
    grey = Image.fromarray(np.clip((plane - lower_hu) * (255 / (upper_hu - lower_hu)), 0, 255).astype(np.uint8))
    height_mm, width_mm = (count * mm for count, mm in zip(plane.shape, volume.spacing_zyx_mm[::2], strict=True))
    scale = min(SIZE_PX[0] / width_mm, SIZE_PX[1] / height_mm)
    shown = grey.resize((round(width_mm * scale), round(height_mm * scale)), Image.Resampling.LANCZOS)
    picture = Image.new("L", SIZE_PX)
    picture.paste(shown, tuple((whole - part) // 2 for whole, part in zip(SIZE_PX, shown.size, strict=True)))
    return picture


if __name__ == "__main__":
    draw_thumbnail().save(THUMBNAIL, optimize=True)
