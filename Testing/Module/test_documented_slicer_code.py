"""The scripts of README.md and docs/ for Slicer's Python console run there, in order, page by page."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Documentation"))

from documented_code import PAGES, blocks_of

from .panel_helpers import phantom

KIND = "python slicer"
WITH_CODE = [page for page in PAGES if any(block.kind == KIND for block in blocks_of(page))]


def test_pages_have_such_scripts():
    assert {page.name for page in WITH_CODE} >= {"README.md", "scripts.md"}


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.name)
def test_scripts_for_slicer_s_console_run(page, scene, capsys):
    import slicer
    import vtk

    from LungSegmentationAdapter.Scene.Nodes import addVolumeNode

    addVolumeNode(scene, replace(phantom().volume, name="LungPhantom"))
    namespace = {"__name__": "__main__", "slicer": slicer, "vtk": vtk}  # as in the console
    for block in blocks_of(page):
        if block.kind == KIND:
            exec(compile("\n" * block.line + block.text, str(page), "exec"), namespace)
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") >= 1
    assert capsys.readouterr().out
