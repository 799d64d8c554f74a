"""A real, clean MRML scene for each test; skipped where Slicer's MRML library is not installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@pytest.fixture(scope="session")
def slicerApplication():
    """Start the bench once: scene, logics, slicer.app."""
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from SlicerBench import application

    running = application.start()
    yield running
    running.close()


@pytest.fixture
def mrmlScene(slicerApplication):
    """Give an empty scene, and fail the test if VTK or MRML reported an error that the test did not expect."""
    from SlicerBench.application import MessageLog

    slicerApplication.clearScene()
    with MessageLog() as log:
        yield slicerApplication.mrmlScene()
    assert "ERROR" not in log.text.upper(), log.text


_ANGLE = np.deg2rad(20)
_OBLIQUE = np.array([[np.cos(_ANGLE), -np.sin(_ANGLE), 0], [np.sin(_ANGLE), np.cos(_ANGLE), 0], [0, 0, 1]]) @ np.array(
    [[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]]
)
_DIRECTIONS = {
    "identity": np.eye(3),
    "oblique": _OBLIQUE,
    "left-handed": np.diag([1.0, 1.0, -1.0]),
    "permuted": np.eye(3)[[2, 0, 1]],
    "oblique, left-handed, permuted": _OBLIQUE @ np.diag([1.0, -1.0, 1.0])[[1, 2, 0]],
}


@pytest.fixture(params=_DIRECTIONS.values(), ids=_DIRECTIONS.keys())
def direction(request):
    """Give the direction matrix (LPS) of each kind of grid."""
    return request.param


@pytest.fixture
def labels():
    """Give a small label map (6, 8, 10): two lungs that touch, airways between them, and air around."""
    array = np.zeros((6, 8, 10), np.uint8)
    array[1:5, 2:6, 1:4] = 1
    array[2:5, 2:7, 4:9] = 2
    array[1:6, 3:5, 3:5] = 3
    return array
