"""Mean and variance around each voxel, against numpy's own."""

import numpy as np
import pytest

from LungSegmentationLib.anatomy.local_statistics import local_statistics


def test_mean_and_variance_are_those_of_the_27_values():
    hu = np.random.default_rng(0).integers(-1024, 600, (5, 6, 7)).astype(np.int16)
    mean, variance = local_statistics(hu)
    padded = np.pad(hu, 1, mode="edge").astype(float)
    for z, y, x in np.ndindex(hu.shape):
        around = padded[z : z + 3, y : y + 3, x : x + 3]
        assert mean[z, y, x] == pytest.approx(around.mean(), abs=0.05)
        assert variance[z, y, x] == pytest.approx(around.var(), rel=1e-3)
