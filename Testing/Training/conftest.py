"""Training needs torch, which nothing else does: where it is missing, these tests are left out and say so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


@pytest.fixture(scope="session", autouse=True)
def torch():
    return pytest.importorskip("torch", reason="torch is not installed; it is for training only: pip install -e '.[training]'")
