"""The steps of docs/tutorial.md, and its pictures.

SLICER_BENCH_PICTURES=docs/pictures QT_SCALE_FACTOR=1 python -m pytest THIS_FILE
"""

import os
from pathlib import Path

import numpy as np
import pytest

from .panel_helpers import METHOD, MODULE_FILE, Panel, addPhantom

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ("1_choose", "2_result", "3_edited", "4_measured_again", "5_exported")


@pytest.fixture
def panel(loadedModule, runEventLoopUntil):
    return Panel(loadedModule(MODULE_FILE), runEventLoopUntil)


def test_the_tutorial_step_by_step(panel, scene, grab, tmp_path):
    import slicer

    from LungSegmentationAdapter.Scene import Display, SampleDataSets

    def picture(name):
        """Take one of the pictures, with what the step is about in sight."""
        slicer.app.processEvents()
        parent.resize(440, parent.sizeHint().height())
        assert grab(parent, name).is_file()

    parent = panel.widget.parent
    parent.show()
    ui = panel.ui
    # The small phantom takes a second; the pictures show the one of Sample Data.
    volumeNode = SampleDataSets.loadPhantom()[0] if "SLICER_BENCH_PICTURES" in os.environ else addPhantom(scene)
    panel.choose(volumeNode, METHOD)
    Display.applyPreset(volumeNode, "lung")
    picture("1_choose")
    panel.segment()
    assert panel.message == "" and "mL" in ui.rightVolumeLabel.text
    picture("2_result")
    before = ui.leftVolumeLabel.text
    output = panel.parameters.outputSegmentation
    mask = slicer.util.arrayFromSegmentBinaryLabelmap(output, "left_lung", volumeNode).copy()
    mask[: int(np.flatnonzero(mask.any(axis=(1, 2))).mean())] = 0
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, output, "left_lung", volumeNode)
    assert "edited" in ui.verdictLabel.text and ui.leftVolumeLabel.text == before
    picture("3_edited")
    ui.measureButton.click()
    panel.wait()
    assert float(ui.leftVolumeLabel.text.removesuffix(" mL")) < 0.9 * float(before.removesuffix(" mL"))
    picture("4_measured_again")
    ui.htmlCheckBox.checked = False
    ui.exportFolderButton.directory = str(tmp_path / "lungs")
    ui.exportButtonSection.collapsed = False
    ui.exportButton.click()
    panel.wait()
    assert "files were written" in panel.message and (tmp_path / "lungs" / "volumes.csv").is_file()
    ui.exportFolderButton.directory = "/home/you/lungs"  # the picture is to be the same everywhere
    ui.messageLabel.text = ui.messageLabel.text.replace(str(tmp_path), "/home/you")
    picture("5_exported")


def test_the_tutorial_shows_these_pictures():
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for name in PICTURES:
        assert f"(pictures/{name}.png)" in text and (ROOT / "docs" / "pictures" / f"{name}.png").is_file()
