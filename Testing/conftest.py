"""What all tests share: the folder of real scans, examples that are the same every time, and slow files before quick ones."""

import os
import sys
from pathlib import Path

# The tests run beside each other, one worker on each core: threads of linear algebra that wait in a loop for a core
# which another worker has took three times the processor time of the work itself.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "LungSegmentation"))
import LungSegmentationLib  # noqa: E402, F401  before any package that sends something of itself

# A run that fails must fail again for whoever looks into it. New examples: pytest --hypothesis-profile default
# How long drawing them takes says how busy the machine is, and nothing of the code.
settings.register_profile("same_examples", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same_examples")

# The files that take longest, in that order: a worker that began one of them last would be waited for.
SLOW_FILES = (
    "test_pipeline.py",
    "test_field_cases.py",
    "test_real_scans.py",
    "test_vessels.py",
    "test_cohort_faults.py",
    "test_cohort_run.py",
    "test_fills.py",
    "test_cli.py",
    "test_documented_code.py",
    "test_quality.py",
    "test_orientations.py",
    "test_worker.py",
    "test_nothing_leaves.py",
    "test_network.py",
    "test_quality_findings.py",
    "test_head_and_feet.py",
    "test_output.py",
    "test_viewer.py",
    "test_review_page.py",
    "test_review.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first; the tests of a file stay together and in order."""
    places = {name: place for place, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real CT scans with reference masks, or skip where it is not at hand."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not (folder / "cases.csv").is_file():
        pytest.skip(f"real CT scans are not at hand ({folder.name}/cases.csv not found beside the repository)")
    return folder
