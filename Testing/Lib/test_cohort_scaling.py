"""The law of many workers, and its simulation where the answer is known."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Benchmarks"))
from cohort_scaling import lawful_rate, simulated_rate


def test_each_worker_adds_the_same_until_the_command_is_the_limit():
    assert [lawful_rate(workers, 5.0, 0.01) for workers in (1, 100, 500, 5000)] == pytest.approx([0.2, 20, 100, 100])


@pytest.mark.parametrize("workers", [1, 7, 64])
def test_scans_of_one_length_follow_the_law(workers):
    assert simulated_rate(workers, 5.0, 1e-9, variation=0.0, scans=70 * 64) == pytest.approx(lawful_rate(workers, 5.0, 1e-9), rel=0.02)
    assert simulated_rate(workers, 5.0, 10.0, variation=0.0) == pytest.approx(0.1 if workers > 1 else 1 / 15, rel=0.02)


def test_scans_of_different_lengths_wait_for_each_other_at_the_bend_only():
    bend = simulated_rate(500, 5.0, 0.01, variation=0.5, scans=20_000)
    assert 0.85 * 100 < bend < 0.985 * 100
    assert simulated_rate(50, 5.0, 0.01, variation=0.5) == pytest.approx(lawful_rate(50, 5.01, 0.01), rel=0.03)
    assert simulated_rate(5000, 5.0, 0.01, variation=0.5) == pytest.approx(100, rel=0.01)
