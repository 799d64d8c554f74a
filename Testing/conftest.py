"""Fixtures shared by all tests: where real scans are."""

import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "LungSegmentation"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real CT scans with reference masks, or skip where it is not at hand."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not (folder / "cases.csv").is_file():
        pytest.skip(f"real CT scans are not at hand ({folder.name}/cases.csv not found beside the repository)")
    return folder
