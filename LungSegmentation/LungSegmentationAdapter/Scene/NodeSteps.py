"""Work in steps on nodes that the user may change or remove meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import slicer

from LungSegmentationLib.background.jobs import AnyJob
from LungSegmentationLib.background.protocol import write_job
from LungSegmentationLib.background.steps import Steps
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.volume import CtVolume

from . import Nodes

T = TypeVar("T")
MakeJob = Callable[[CtVolume], AnyJob | Steps[AnyJob]]
"""Makes a job of a volume, at once or in steps; the voxels are not to be kept or changed."""


def handOver(volumeNode: slicer.vtkMRMLScalarVolumeNode, makeJob: MakeJob, folder: Path) -> Steps[AnyJob]:
    """Read a volume node, make a job of it, and write the job into a folder.

    Parameters
    ----------
    volumeNode : vtkMRMLScalarVolumeNode
    makeJob : callable
        See :data:`MakeJob`.
    folder : pathlib.Path
        Of the job, see :mod:`LungSegmentationLib.background.protocol`.

    Returns
    -------
    Steps of AnyJob

    Raises
    ------
    InputError
        If the volume is not a CT, or its voxels change meanwhile.
    OutputError
        If the folder cannot hold the job.
    """
    volume = yield from Nodes.readVolume(volumeNode)
    scalars = volumeNode.GetImageData().GetPointData().GetScalars()
    changed = scalars.GetMTime()
    made = makeJob(volume)
    job = (yield from made) if isinstance(made, Generator) else made
    yield from write_job(job, folder)
    if scalars.GetMTime() != changed:
        raise InputError(f"the voxels of {volumeNode.GetName()!r} changed while they were handed over; try again")
    return job


def whileThere(steps: Steps[T], *nodes: slicer.vtkMRMLNode) -> Steps[T]:
    """Do steps as long as some nodes are in the scene.

    Parameters
    ----------
    steps : Steps
    *nodes : vtkMRMLNode

    Returns
    -------
    Steps
        Those steps.

    Raises
    ------
    InputError
        If one of them is removed between two steps.
    """
    with closing(steps):
        while True:
            for node in nodes:
                if node.GetScene() is None:
                    raise InputError(f"{node.GetName()!r} was removed meanwhile; the result was discarded")
            try:
                next(steps)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            yield
