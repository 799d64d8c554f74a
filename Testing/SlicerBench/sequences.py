"""A sequence of volumes that is browsed through one volume node, by Slicer's own logic."""

from __future__ import annotations

from collections.abc import Sequence

import slicer


class BrowsedSequence:
    """A sequence in the scene, and the volume node that shows one frame of it.

    Parameters
    ----------
    scene : vtkMRMLScene
    frames : sequence of vtkMRMLScalarVolumeNode
        In the scene; they move into the sequence.
    name : str
        Of the volume node.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, frames: Sequence[slicer.vtkMRMLScalarVolumeNode], name: str) -> None:
        self._logic = slicer.vtkSlicerSequencesLogic()
        self._logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        self._logic.SetMRMLScene(scene)
        self._sequence = scene.AddNewNodeByClass("vtkMRMLSequenceNode", f"{name} sequence")
        self._sequence.SetIndexName("time")
        self._sequence.SetIndexUnit("s")
        for number, frame in enumerate(frames):
            self._sequence.SetDataNodeAtValue(frame, f"{0.5 * number:g}")
            scene.RemoveNode(frame)
        self._browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{name} browser")
        self._browser.SetAndObserveMasterSequenceNodeID(self._sequence.GetID())
        self.show(0)
        self.volumeNode = self._browser.GetProxyNode(self._sequence)
        self.volumeNode.SetName(name)

    def show(self, number: int) -> None:
        """Show a frame, counted from 0."""
        self._browser.SetSelectedItemNumber(number)
        self._logic.UpdateProxyNodesFromSequences(self._browser)
