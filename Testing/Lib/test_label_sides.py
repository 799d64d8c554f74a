"""Labels whose right and left are exchanged: said by measure and by evaluate, and never where the labels are right."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from LungSegmentationLib.anatomy.stance import turned
from LungSegmentationLib.background.jobs.compare import CompareJob
from LungSegmentationLib.commands import main as cli
from LungSegmentationLib.output.label_files import write_nifti
from LungSegmentationLib.phantom import make_phantom
from LungSegmentationLib.progress import no_progress
from LungSegmentationLib.quality.flags import quality_flags
from LungSegmentationLib.quality.label_sides import sides_of_labels
from LungSegmentationLib.segmentation import Segmentation
from LungSegmentationLib.volume import AxisOrder, canonical_order, to_canonical

HALF_TURN = AxisOrder((0, 1, 2), (False, True, True))
EXCHANGE = np.array([0, 2, 1, 3], np.uint8)


@pytest.fixture(scope="module")
def phantom():
    return make_phantom(shape_zyx=(75, 90, 90), spacing_zyx_mm=(4.0, 4.0, 4.0), orientation="RAS")


def verdicts(volume, labels) -> dict[str, str]:
    return {flag.key: flag.verdict for flag in quality_flags(Segmentation(volume, labels, "given"))}


def test_exchanged_labels_are_said_and_right_ones_are_not(phantom):
    assert sides_of_labels(phantom.volume, phantom.labels).warnings == ()
    (warning,) = sides_of_labels(phantom.volume, EXCHANGE[phantom.labels]).warnings
    assert '"right lung" lies in the patient\'s left half' in warning
    right, wrong = verdicts(phantom.volume, phantom.labels), verdicts(phantom.volume, EXCHANGE[phantom.labels])
    assert (right["sides"], right["header"], wrong["sides"], wrong["header"]) == ("pass", "pass", "fail", "pass")


@pytest.mark.parametrize(("label", "half"), [(1, "left"), (2, "right")])
def test_a_single_lung_is_placed_by_the_body_s_middle(phantom, label, half):
    single = np.where(phantom.labels == label, phantom.labels, 0)
    assert sides_of_labels(phantom.volume, single).warnings == ()
    (warning,) = sides_of_labels(phantom.volume, EXCHANGE[single]).warnings
    assert f"lies in the patient's {half} half" not in warning and "look exchanged" in warning
    assert (verdicts(phantom.volume, single)["sides"], verdicts(phantom.volume, EXCHANGE[single])["sides"]) == ("pass", "fail")


def test_labels_that_follow_the_anatomy_are_right_although_the_header_is_wrong(phantom):
    canonical, order = to_canonical(phantom.volume)
    volume, labels = turned(canonical, HALF_TURN), HALF_TURN.apply(order.apply(phantom.labels))
    sides = sides_of_labels(volume, labels)
    assert "front and back are exchanged" in sides.stance.finding and not sides.exchanged
    assert "look exchanged" in sides_of_labels(volume, EXCHANGE[labels]).exchanged
    right, wrong = verdicts(volume, labels), verdicts(volume, EXCHANGE[labels])
    assert (right["sides"], right["header"], wrong["sides"], wrong["header"]) == ("pass", "review", "fail", "review")
    assert CompareJob(volume, labels, labels).compare(no_progress).warnings == (), "the scan is asked, not its header alone"


def test_labels_of_a_scan_that_lies_head_down_show_it(phantom):
    canonical, order = to_canonical(phantom.volume)
    upside_down = replace(canonical, voxels_hu=np.ascontiguousarray(canonical.voxels_hu[::-1]))
    sides = sides_of_labels(upside_down, order.apply(phantom.labels)[::-1])
    assert "head and feet look exchanged" in sides.stance.finding and not sides.exchanged


@pytest.fixture(scope="module")
def files(phantom, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, array in (("ct", phantom.volume.voxels_hu), ("truth", phantom.labels), ("exchanged", EXCHANGE[phantom.labels])):
        write_nifti(array, phantom.volume, folder / f"{name}.nii.gz")
    return folder


def test_measure_says_it_and_measures_the_labels_as_they_are(files, phantom, tmp_path, capsys):
    assert cli.main(["measure", str(files / "ct.nii.gz"), str(files / "exchanged.nii.gz"), "--output", str(tmp_path / "out")]) == 0
    assert '"right lung" lies in the patient\'s left half' in " ".join(capsys.readouterr().out.split())
    with (tmp_path / "out" / "volumes.csv").open(encoding="utf-8", newline="") as file:
        volumes_ml = {row["Region"]: float(row["Volume (mL)"]) for row in csv.DictReader(file)}
    assert volumes_ml["Right lung"] == pytest.approx(np.count_nonzero(phantom.labels == 2) * 0.064, rel=1e-3)


@pytest.mark.parametrize(("result", "reference", "named"), [("exchanged", "truth", "result"), ("truth", "exchanged", "reference")])
def test_evaluate_says_in_which_of_the_two_the_sides_are_exchanged(files, tmp_path, capsys, result, reference, named):
    paths = {"result": files / f"{result}.nii.gz", "reference": files / f"{reference}.nii.gz"}
    assert cli.main(["evaluate", *(str(path) for path in paths.values()), "--output", str(tmp_path / "out")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "both lungs agree (Dice 1.00) but neither side does (0.00 and 0.00)" in said
    assert f"right and left are exchanged in {paths[named].name}" in said


def test_the_module_s_comparison_says_it_and_carries_it_between_processes(phantom):
    order = canonical_order(phantom.volume.direction_lps)
    assert order.flipped != (False, False, False)  # the phantom's array does not run as its space does
    job = CompareJob(phantom.volume, EXCHANGE[phantom.labels], phantom.labels)
    compared = job.compare(no_progress)
    assert any("exchanged in the segmentation" in warning for warning in compared.warnings)
    assert job.received(*job.do(no_progress)).warnings == compared.warnings
    assert CompareJob(phantom.volume, phantom.labels, phantom.labels).compare(no_progress).warnings == ()
