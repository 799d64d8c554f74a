"""Valid files changed at random: each is read or refused, whatever was changed. ``make fuzz`` does the same for longer."""

import time
from pathlib import Path

import pytest
from malformed.mutants import mutant, read_mutant, valid_files

from malformed import Scan, valid_scan

OF_EACH = 30
MOST_SECONDS = 10
KINDS = ("nii", "nii.gz", "nrrd", "nrrd packed", "mha", "mha packed", "seg.nrrd", "labels", "probability", "card", "network", "pairs")


@pytest.fixture(scope="module")
def scan(tmp_path_factory) -> Scan:
    return valid_scan(tmp_path_factory.mktemp("valid"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("error")
def test_mutants_are_read_or_refused(kind: str, scan: Scan, tmp_path: Path) -> None:
    valid = valid_files(scan)[kind]
    refused = 0
    for seed in range(OF_EACH):
        start = time.process_time()
        try:
            refused += not read_mutant(valid, seed, tmp_path, scan)
        except Exception as error:
            raise AssertionError(f"mutant {seed} of {kind}") from error
        assert time.process_time() - start < MOST_SECONDS, f"mutant {seed} of {kind}"
    assert refused > OF_EACH // 10  # the changes reach what is checked


def test_valid_files_are_read_and_a_seed_gives_its_mutant_again(scan: Scan, tmp_path: Path) -> None:
    files = valid_files(scan)
    assert tuple(files) == KINDS
    for valid in files.values():
        path = tmp_path / valid.name
        path.write_bytes(valid.content)
        valid.read(path, scan)
        assert mutant(valid, 7) == mutant(valid, 7) != mutant(valid, 8)
