"""The module keeps to this computer: a whole run, window and process in the background, where no socket to outside can be opened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Lib"))
from no_sockets import forbid_sockets, why_not

ROOT = Path(__file__).resolve().parents[2]
# A click, the worker, tables, plots and views.
RUN = "test_LungSegmentation_runs.py::test_a_click_makes_the_lungs_in_the_background_and_a_double_click_makes_them_once"


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")
def test_a_run_of_the_module_opens_no_socket_and_writes_nothing_into_the_users_folder(tmp_path):
    folders = {name: tmp_path / name for name in ("HOME", "TMPDIR")}
    for folder in folders.values():
        folder.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "SLICER_PYTHON_SOURCE") if name in os.environ}
    own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT / "LungSegmentation"), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--basetemp={tmp_path / 'tests'}",
            str(Path(__file__).parent / RUN),
        ],
        env={**kept, **own, **{name: str(folder) for name, folder in folders.items()}},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        # Local ones are the window system's.
        preexec_fn=lambda: forbid_sockets(but_local=True),
    )
    assert done.returncode == 0 and "1 passed" in done.stdout, (done.returncode, done.stdout, done.stderr)
    # Qt keeps the application's settings there, and nothing of ours.
    assert [path for path in folders["HOME"].rglob("*") if path.is_file() and "onnx" in str(path).lower()] == []
    left = [path.relative_to(folders["HOME"]).as_posix() for path in folders["HOME"].rglob("*") if path.is_file()]
    assert [path for path in left if not path.startswith(".config/")] == []
