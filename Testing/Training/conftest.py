"""Training needs torch, which nothing else does: where it is missing, these tests are left out and say so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


@pytest.fixture(scope="session", autouse=True)
def torch():
    return pytest.importorskip("torch", reason="torch is not installed; it is for training only: pip install -e '.[training]'")


@pytest.fixture(scope="session")
def trained(torch, tmp_path_factory):
    """A small recipe, the network that it has trained in two runs, and the folder of the training."""
    import training_parts

    from Training.train import train

    folder = tmp_path_factory.mktemp("training")
    recipe = training_parts.small_recipe()
    scans = [training_parts.small_scan(seed) for seed in (0, 1)]
    train(recipe, scans, folder, training_parts.SAMPLES // 2, validation=scans[:1], check_every=400)
    network = train(recipe, scans, folder, training_parts.SAMPLES, validation=scans[:1], check_every=400)
    return recipe, network, folder
