"""ONNX Runtime has to prove itself: broken ones by real packages in a folder on the path, the real one by its labels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from LungSegmentationLib.network import runners, runtime_trial
from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.numpy_runner import NumpyRunner
from LungSegmentationLib.network.onnx_runner import OnnxRunner
from LungSegmentationLib.network.runtime_trial import TRIALS_VARIABLE

LIB_PARENT = Path(__file__).resolve().parents[2] / "LungSegmentation"

BROKEN = {
    "DLL load failed": "raise ImportError('DLL load failed')\n",
    "numpy ABI": "raise RuntimeError('built for another numpy ABI')\n",
    "no attribute": "",
    "no session": (
        "def get_available_providers(): return ['CPUExecutionProvider']\n"
        "def __getattr__(name):\n    if name.startswith('__'): raise AttributeError(name)\n    raise OSError('no session')\n"
    ),
}


@pytest.mark.parametrize("words", BROKEN)
@pytest.mark.parametrize("remembered", [False, True], ids=["not tried", "tried"])
def test_an_onnx_runtime_that_is_broken_is_no_error_and_is_in_the_log(tmp_path, words, remembered):
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").write_text(BROKEN[words])
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(LIB_PARENT)!r}]\n"
        "from LungSegmentationLib.network import model_store, runners\n"
        "runner = runners.open_runner(model_store.find_model('compact')); print(runner.provider, *runner.warnings)\n"
    )
    environment = {**os.environ, TRIALS_VARIABLE: str(tmp_path / "trials.json") if remembered else ""}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, timeout=60, capture_output=True, encoding="utf-8", env=environment
        )
        assert done.stdout == "numpy\n"
        assert "runs in numpy" in done.stderr and words in done.stderr


class TestTrial:
    """One run against numpy for each version, remembered."""

    @pytest.fixture
    def memory(self, tmp_path, monkeypatch):
        path = tmp_path / "settings" / "trials.json"
        monkeypatch.setenv(TRIALS_VARIABLE, str(path))
        return path

    @pytest.fixture
    def tried(self, monkeypatch):
        calls, real = [], runtime_trial._try_out
        monkeypatch.setattr(runtime_trial, "_try_out", lambda *models: calls.append(models) or real(*models))
        return calls

    def test_the_real_one_passes_once_and_is_tried_again_with_the_next_version(self, memory, tried, monkeypatch):
        for _ in range(2):
            assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner)
        assert len(tried) == 1 and runtime_trial.last_failure(memory) == ""
        monkeypatch.setattr(runtime_trial, "_version", lambda: "99.0")
        assert runtime_trial.last_failure(memory) is None
        assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner) and len(tried) == 2

    @pytest.mark.parametrize("share", [0.0005, 0.002])
    def test_other_labels_for_the_same_weights_are_a_failure(self, memory, monkeypatch, share):
        def labels(runner, batch):
            found = real(runner, batch)
            if isinstance(runner, OnnxRunner) and runner._model.card.name == "compact-float32":
                changed = found.reshape(-1)[: round(share * found.size)]
                changed[:] = (changed + 1) % 5
            return found

        real = runtime_trial._labels
        monkeypatch.setattr(runtime_trial, "_labels", labels)
        runner = runners.open_runner(find_model("compact"))
        assert isinstance(runner, OnnxRunner if share < 1e-3 else NumpyRunner)
        assert ("labels differ" in runtime_trial.last_failure(memory)) == (share > 1e-3)

    def test_one_that_ends_the_process_twice_is_left_alone_and_one_cancelled_run_does_no_harm(self, memory, tried, monkeypatch):
        def end(*models):
            raise SystemExit

        with monkeypatch.context() as patched:
            patched.setattr(runtime_trial, "_try_out", end)
            with pytest.raises(SystemExit):
                runners.open_runner(find_model("compact"))
            kept = memory.read_text()
            with pytest.raises(SystemExit):
                runners.open_runner(find_model("compact"))
        assert isinstance(runners.open_runner(find_model("compact")), NumpyRunner) and tried == []
        memory.write_text(kept)
        assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner) and len(tried) == 1

    @pytest.mark.parametrize("content", ["", "nonsense", "[1]", '{"1": 2}'])
    def test_a_memory_that_can_not_be_read_or_written_only_costs_time(self, memory, tried, content):
        memory.parent.mkdir()
        memory.write_text(content)
        assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner) and len(tried) == 1
        memory.unlink()
        memory.mkdir()
        assert isinstance(runners.open_runner(find_model("compact")), OnnxRunner)
