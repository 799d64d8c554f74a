"""Arrays as text for a page: what a predictor leaves of grey values, compressed without loss.

References
----------
M. J. Weinberger, G. Seroussi, G. Sapiro, The LOCO-I lossless image compression algorithm, IEEE Transactions on Image Processing 9, 2000:
prediction by the median of what the neighbours that are known already let expect; here in three dimensions.
"""

from __future__ import annotations

import base64
import zlib

import numpy as np

_GZIP_WINDOW = 31  # zlib's number for a gzip stream with the largest window
_LEVEL = 1  # noise shrinks no further; long runs of one value are all that is looked for, which is quick


def packed(array: np.ndarray) -> str:
    """Compress an array's bytes (gzip) and write them in base64.

    Parameters
    ----------
    array : numpy.ndarray
        Any shape and type.

    Returns
    -------
    str
    """
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW, 9, zlib.Z_RLE)
    return base64.b64encode(stream.compress(np.ascontiguousarray(array).data) + stream.flush()).decode("ascii")


def prediction_errors(grey: np.ndarray) -> np.ndarray:
    """Give what remains of each voxel when its neighbours before it say what to expect.

    Parameters
    ----------
    grey : numpy.ndarray
        uint8 (z, y, x).

    Returns
    -------
    numpy.ndarray
        uint8, modulo 256: the voxel less what the three neighbours before it (left, above, below; 0 outside) and those between them
        let expect, the median of the three planes' gradients. ``unpack.js`` undoes it.
    """
    padded = np.pad(grey.astype(np.int16), ((1, 0), (1, 0), (1, 0)))
    left, above, below = padded[1:, 1:, :-1], padded[1:, :-1, 1:], padded[:-1, 1:, 1:]
    one = left + above - padded[1:, :-1, :-1]
    other = left + below - padded[:-1, 1:, :-1]
    third = above + below - padded[:-1, :-1, 1:]
    expected = np.maximum(np.minimum(one, other), np.minimum(np.maximum(one, other), third))
    return grey - expected.astype(np.uint8)
