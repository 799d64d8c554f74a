"""Phantoms that several tests look at, and what the methods make of the small one: each worker makes each of them once.

Nobody can write to their arrays, for the next test would see it.
"""

from functools import lru_cache

import numpy as np

from LungSegmentationLib.phantom import Phantom, make_phantom
from LungSegmentationLib.pipeline import segment
from LungSegmentationLib.segmentation import Segmentation

SMALL = {"shape_zyx": (90, 128, 128), "spacing_zyx_mm": (3.4, 2.8, 2.8)}


def frozen(array: np.ndarray) -> np.ndarray:
    """Let nobody write to an array."""
    array.flags.writeable = False
    return array


@lru_cache(maxsize=6)
def phantom_of(**parameters: object) -> Phantom:
    """Make a phantom, or give the one that was made before by the same parameters."""
    phantom = make_phantom(**parameters)
    for array in (phantom.volume.voxels_hu, phantom.labels, phantom.structures):
        frozen(array)
    return phantom


def small_phantom(**changes: object) -> Phantom:
    """Give a whole chest in coarse voxels."""
    return phantom_of(**SMALL, **changes)


@lru_cache(maxsize=8)
def result_on_small_phantom(method: str) -> Segmentation:
    """Give a method's result, with its own parameters, on the small phantom as it is."""
    result = segment(small_phantom().volume, method)
    frozen(result.labels)
    return result
