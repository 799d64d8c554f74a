"""Source C: threshold, the air around the patient by a corner voxel, filling slice by slice, the largest air pocket.

The steps are those of Kharwal, "Lung Segmentation with Machine Learning", after Zuidhof's "Full Preprocessing
Tutorial" (2017). Faults kept: the label of one corner voxel alone decides what outside air is; a slice's largest solid
need not be the body; only one air pocket is kept, so of two lungs that are not joined (by the airways) one is lost; the
airways stay in.
"""

from __future__ import annotations

import numpy as np
from skimage.measure import label

AIR_BELOW_HU = -320


def segment(voxels_hu: np.ndarray, spacing_zyx_mm: tuple[float, float, float], fill_lung_structures: bool = True) -> np.ndarray:
    """Carry out all steps.

    Parameters
    ----------
    voxels_hu : numpy.ndarray
        int16 (z, y, x).
    spacing_zyx_mm : tuple of float
        Not used.
    fill_lung_structures : bool
        Whether what a slice's largest solid encloses is lung: vessels and nodules.

    Returns
    -------
    numpy.ndarray
        uint8 (z, y, x): 1 in both lungs.
    """
    solid = (voxels_hu > AIR_BELOW_HU).astype(np.int8) + 1
    regions = label(solid)
    solid[regions == regions[0, 0, 0]] = 2
    solid -= 1
    if fill_lung_structures:
        for axial in solid:
            components = label(axial, background=0)
            largest = largest_label(components)
            if largest is not None:
                axial[components != largest] = 0
    lungs = 1 - solid
    pockets = label(lungs, background=0)
    largest = largest_label(pockets)
    if largest is not None:
        lungs[pockets != largest] = 0
    return lungs.astype(np.uint8)


def largest_label(labels: np.ndarray) -> int | None:
    """Find the commonest label other than 0; None where there is none."""
    values, counts = np.unique(labels, return_counts=True)
    values, counts = values[values != 0], counts[values != 0]
    return int(values[np.argmax(counts)]) if len(counts) else None
