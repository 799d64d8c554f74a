"""A result as one Slicer scene file (.mrb): the CT, its segmentation, the tables, and the centrelines.

Runs in Slicer, and in any Python process where the package ``slicer-core`` is installed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from LungSegmentationLib.errors import InputError, OutputError, output_errors
from LungSegmentationLib.measures import Measures
from LungSegmentationLib.presets.window_level import find_preset
from LungSegmentationLib.segmentation import Segmentation

if TYPE_CHECKING:
    import slicer
    import vtk


def writeScene(result: Segmentation, measures: Measures, path: str | os.PathLike[str]) -> None:
    """Write a result as a Slicer scene: CT in a lung window, segmentation, table of volumes, table of slices, centrelines (hidden).

    A scene of its own is made; an application's open scene is not touched.

    Parameters
    ----------
    result : Segmentation
    measures : Measures
    path : str or path
        The file, ending in ``.mrb``; its folder exists. An existing file is replaced at the end.

    Raises
    ------
    InputError
        If the file's ending is another one, or if Slicer's MRML library is not installed.
    OutputError
        If the file cannot be written; nothing is left behind.
    """
    target = Path(path).absolute()
    if target.suffix.lower() != ".mrb":
        raise InputError(f"the scene file is to be named {target.name!r}; its name must end in .mrb")
    try:
        from slicer import vtkMRMLMessageCollection, vtkMRMLScene  # an unrelated package has the name too
    except ImportError as error:
        raise InputError(
            "Slicer's MRML library is not installed, so no scene can be written; install it with: pip install 'lungsegmentation[mrml]'"
        ) from error

    with _silentVtk():
        scene = vtkMRMLScene()
        try:
            _fillScene(scene, result, measures)
            _writeBundle(scene, vtkMRMLMessageCollection(), target)
        finally:
            scene.Clear(True)


def _fillScene(scene: slicer.vtkMRMLScene, result: Segmentation, measures: Measures) -> None:
    from . import Centrelines, Nodes, Segments, Tables

    volumeNode = Nodes.addVolumeNode(scene, result.volume)
    displayNode = volumeNode.GetDisplayNode()
    displayNode.AutoWindowLevelOff()
    lung = find_preset("lung")
    displayNode.SetWindowLevel(lung.width_hu, lung.level_hu)
    name = volumeNode.GetName()
    segmentationNode = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} lungs")
    Segments.updateSegmentationNode(segmentationNode, result, volumeNode)
    Centrelines.updateCentrelines(segmentationNode, measures.centrelines)
    for table in (measures.tables["volumes"], measures.tables["slices"]):
        tableNode = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{name} {table.title.lower()}")
        Tables.updateTableNode(tableNode, table.columns, table.rows)


def _writeBundle(scene: slicer.vtkMRMLScene, messages: vtk.vtkCollection, target: Path) -> None:
    """Pack the scene in a folder beside the target, then rename: the target is never half-written."""
    failure, advice = f"the scene file {target} could not be written", "choose another file"
    with output_errors(failure, advice), tempfile.TemporaryDirectory(dir=target.parent, prefix=".scene-") as folder:
        bundle = Path(folder) / target.name
        written = scene.WriteToMRB(str(bundle), None, messages) and bundle.is_file()
        if written:
            os.replace(bundle, target)
    if not written:
        reason = messages.GetNthMessageText(0) if messages.GetNumberOfMessages() else "Slicer gave no reason"
        raise OutputError(f"{failure} ({reason}); {advice}")


@contextmanager
def _silentVtk() -> Iterator[None]:
    """Keep VTK's log from the terminal; what matters comes as an error."""
    import vtk

    verbosity = vtk.vtkLogger.GetCurrentVerbosityCutoff()
    vtk.vtkLogger.SetStderrVerbosity(vtk.vtkLogger.VERBOSITY_OFF)
    try:
        yield
    finally:
        vtk.vtkLogger.SetStderrVerbosity(verbosity)
