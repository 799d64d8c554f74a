"""What a run over many scans does when processes are killed, disks are full, scans hang: each fault is really made."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the command cohort needs dask and distributed")
if sys.platform != "linux":
    pytest.skip("the faults are made as Linux makes them", allow_module_level=True)
sys.path.insert(0, str(Path(__file__).parent))
from cohort_cluster import engines_found
from cohort_engines import HERE
from cohort_faults import OF_RUNS, QUICK, Case


@pytest.mark.parametrize("fault", OF_RUNS.values(), ids=[function.__name__ for function in OF_RUNS.values()])
def test_nothing_is_lost_and_nothing_repeated(fault, tmp_path):
    assert fault(tmp_path)


def test_the_example_for_clusters_runs_with_this_computer_in_a_clusters_place(tmp_path):
    case = Case(tmp_path, ["a", "b"])
    example = Path(HERE).parents[1] / "docs" / "cluster_example.py"
    command = [sys.executable, f"{HERE}/cohort_command.py", "cohort", case.scans, "--output", case.out, *QUICK]
    words = [sys.executable, example, "--kind", "local", "--workers", "1", "--", *command]
    with engines_found():
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    assert case.rows() == {"done": 2}
