"""What a run over many scans does when processes are killed, disks are full, scans hang: each fault is really made."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the command cohort needs dask and distributed")
if sys.platform != "linux":
    pytest.skip("the faults are made as Linux makes them", allow_module_level=True)
sys.path.insert(0, str(Path(__file__).parent))
from cohort_faults import OF_RUNS


@pytest.mark.parametrize("fault", OF_RUNS.values(), ids=[function.__name__ for function in OF_RUNS.values()])
def test_nothing_is_lost_and_nothing_repeated(fault, tmp_path):
    assert fault(tmp_path)
