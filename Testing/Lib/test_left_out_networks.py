"""Which network of a cross-validation never saw a patient."""

import csv
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "Benchmarks"))

from accuracy import LEFT_OUT, NETWORK
from left_out_networks import LeftOutNetworks, parameters_for
from LungSegmentationLib.network.model_store import check_file, find_model


@pytest.fixture
def networks(tmp_path):
    for fold, patients in enumerate((["lidc0001", "lungdx_A0001"], ["tb1_001"])):
        folder = tmp_path / f"fold{fold}"
        folder.mkdir()
        (folder / "compact.json").write_text(json.dumps({"training": {"left_out": patients}}), encoding="utf-8")
    return LeftOutNetworks(tmp_path)


@pytest.mark.parametrize(("scan", "fold"), [("lidc0001", "fold0"), ("lungdx_A0001_L", "fold0"), ("tb1_001", "fold1")])
def test_each_scan_gets_the_network_that_never_saw_its_patient(networks, scan, fold):
    card = networks.card_for(scan)
    assert card.parent.name == fold
    assert parameters_for(scan, "network", networks) == {"model": str(card)}
    assert parameters_for(scan, "connected-components", networks) is None
    assert parameters_for(scan, "network", None) is None


@pytest.mark.parametrize("scan", ["lidc0002", "lidc00012", "tb1_0011"])
def test_a_scan_whose_patient_every_network_saw_is_refused(networks, scan):
    with pytest.raises(SystemExit, match=scan):
        networks.card_for(scan)


def test_the_networks_of_this_repository_leave_out_every_patient_once():
    folder = Path(__file__).parents[1] / "Baselines" / "left_out" / "networks"
    left_out = [
        patient for path in folder.glob("fold*/*.json") for patient in json.loads(path.read_text(encoding="utf-8"))["training"]["left_out"]
    ]
    with (folder.parent / LEFT_OUT[NETWORK]).open(newline="", encoding="utf-8") as file:
        scans = [row["name"] for row in csv.DictReader(file)]
    networks = LeftOutNetworks(folder)
    assert len(left_out) == len(set(left_out)) == len(scans)
    for scan in scans:
        check_file(find_model(networks.card_for(scan)))


def test_a_folder_without_networks_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="fold0"):
        LeftOutNetworks(tmp_path)
