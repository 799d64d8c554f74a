"""The application, a clean scene for each test, and a failure for every error that no test expected."""

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@pytest.fixture(scope="session")
def slicerApplication():
    """Start the bench once: scene, logics, Qt, slicer.app."""
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    pytest.importorskip("PySide6", reason="PySide6-Essentials is not installed")
    from SlicerBench import application

    running = application.start()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def uncaughtErrors(slicerApplication):
    """Fail the test on an error in a slot or an observer, and on warnings of Qt, that it did not take."""
    from SlicerBench.watch import UncaughtErrors

    with UncaughtErrors() as errors:
        yield errors
    assert not errors.report(), errors.report()


@pytest.fixture
def scene(slicerApplication, uncaughtErrors):
    """Give the scene as it is after start-up, and fail the test if VTK or MRML reported an error."""
    from SlicerBench.application import MessageLog

    slicerApplication.clearScene()
    with MessageLog() as log:
        yield slicerApplication.mrmlScene()
    assert "ERROR" not in log.text.upper(), log.text


@pytest.fixture
def loadedModule(scene):
    """Load scripted modules from their files as Slicer does; they are unloaded after the test."""
    from SlicerBench.modules import loadModule

    loaded = []

    def load(path):
        loaded.append(loadModule(path))
        return loaded[-1]

    yield load
    for module in reversed(loaded):
        module.unload()


@pytest.fixture
def runEventLoopUntil(slicerApplication):
    """Run Qt's event loop until a condition holds, for at most some seconds."""
    import slicer

    def run(condition, timeout_s=5.0):
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"the condition did not hold within {timeout_s} s"
            slicer.app.processEvents()
            time.sleep(0.001)

    return run


@pytest.fixture
def grab(slicerApplication, tmp_path):
    """Save a picture of a widget as NAME.png, in the folder SLICER_BENCH_PICTURES where that is set; give its path."""
    import slicer

    def save(widget, name):
        folder = Path(os.environ.get("SLICER_BENCH_PICTURES", tmp_path))
        folder.mkdir(parents=True, exist_ok=True)
        widget.show()
        slicer.app.processEvents()
        path = folder / f"{name}.png"
        assert widget.grab().save(str(path))
        return path

    return save
