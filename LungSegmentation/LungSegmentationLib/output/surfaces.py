"""Surfaces of the lungs, airways and vessels, and their picture: the only file of the engine that uses VTK.

Run as a program it draws one picture: VTK ends the process where the machine's OpenGL fails, so that this must
not be the process that holds the results (see :mod:`LungSegmentationLib.output.rendering`).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..labels import AIRWAYS, LEFT_LUNG, REGIONS, RIGHT_LUNG

_PAPER = (1.0, 1.0, 1.0)
_LUNG_STEP_MM = 2.0
_MOST_TRIANGLES = 250_000
_SMOOTHING_STEPS, _PASS_BAND = 15, 0.1


@dataclass(frozen=True)
class _Look:
    """How one structure is drawn; the label None stands for the vessels, the blur takes the voxels' steps away."""

    label: int | None
    colour_rgb: tuple[int, int, int]
    opacity: float
    blur_voxels: float


_LUNG_COLOURS = {region.label: region.colour_rgb for region in REGIONS}
_LOOKS = (
    _Look(RIGHT_LUNG, _LUNG_COLOURS[RIGHT_LUNG], 0.25, 0.9),
    _Look(LEFT_LUNG, _LUNG_COLOURS[LEFT_LUNG], 0.25, 0.9),
    _Look(AIRWAYS, (40, 120, 165), 1.0, 0.6),  # darker than in the label map: it is seen through the lungs, on white
    _Look(None, (190, 40, 60), 1.0, 0.5),
)
_AZIMUTHS_AND_ELEVATIONS = ((0.0, 0.0), (-48.0, 14.0))
_VIEW_WIDTH, _VIEW_HEIGHT = 640, 640


def make_surface(mask: np.ndarray, spacing_zyx_mm: tuple[float, float, float], blur_voxels: float = 0.6) -> Any:
    """Make a smooth triangle surface of a mask.

    Parameters
    ----------
    mask : numpy.ndarray
        bool (z, y, x).
    spacing_zyx_mm : tuple of float
    blur_voxels : float
        Standard deviation of the Gaussian before the surface is taken at one half.

    Returns
    -------
    vtkPolyData
        With normals, in mm from the first voxel's centre, axes (x, y, z).

    References
    ----------
    Flying edges: Schroeder et al., IEEE LDAV 2015. Windowed sinc: Taubin et al., ECCV 1996.
    """
    from scipy import ndimage
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkDecimatePro, vtkFlyingEdges3D, vtkPolyDataNormals, vtkWindowedSincPolyDataFilter

    # A border of background closes the surface where the mask reaches the array's end.
    field = ndimage.gaussian_filter(np.pad(mask, 2).astype(np.float32), blur_voxels)
    image = vtkImageData()
    image.SetDimensions(*field.shape[::-1])
    image.SetSpacing(*spacing_zyx_mm[::-1])
    image.SetOrigin(*(-2 * mm for mm in spacing_zyx_mm[::-1]))
    image.GetPointData().SetScalars(numpy_to_vtk(field.reshape(-1), deep=True))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    edges.ComputeNormalsOff()
    edges.Update()
    source: Any = edges
    triangles = edges.GetOutput().GetNumberOfPolys()
    if triangles > _MOST_TRIANGLES:
        source = vtkDecimatePro()
        source.SetInputConnection(edges.GetOutputPort())
        source.SetTargetReduction(1 - _MOST_TRIANGLES / triangles)
        source.PreserveTopologyOn()
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(source.GetOutputPort())
    smooth.SetNumberOfIterations(_SMOOTHING_STEPS)
    smooth.SetPassBand(_PASS_BAND)
    smooth.NormalizeCoordinatesOn()
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput()


def draw_surfaces(labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> np.ndarray:
    """Draw lungs (translucent), airways and vessels from in front, and obliquely from the patient's right.

    Parameters
    ----------
    labels, vessels : numpy.ndarray
        uint8 (z, y, x), canonical order; vessels are not 0.
    spacing_zyx_mm : tuple of float

    Returns
    -------
    numpy.ndarray
        uint8 (rows, columns, 3).
    """
    import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers the OpenGL back end
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter

    window = vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetAlphaBitPlanes(1)
    window.SetMultiSamples(0)
    window.SetSize(_VIEW_WIDTH, _VIEW_HEIGHT)
    renderer = vtkRenderer()
    renderer.SetBackground(*_PAPER)
    renderer.SetUseDepthPeeling(1)
    renderer.SetMaximumNumberOfPeels(6)
    renderer.SetUseFXAA(True)
    window.AddRenderer(renderer)
    for actor in _actors(labels, vessels, spacing_zyx_mm):
        renderer.AddActor(actor)

    views = []
    for azimuth, elevation in _AZIMUTHS_AND_ELEVATIONS:
        camera = renderer.GetActiveCamera()
        camera.SetFocalPoint(0, 0, 0)
        camera.SetPosition(0, -1, 0)  # in front of the patient, in LPS
        camera.SetViewUp(0, 0, 1)
        camera.Azimuth(azimuth)
        camera.Elevation(elevation)
        camera.OrthogonalizeViewUp()
        renderer.ResetCamera()
        camera.Zoom(1.35)
        window.Render()
        grab = vtkWindowToImageFilter()
        grab.SetInput(window)
        grab.ReadFrontBufferOff()
        grab.Update()
        pixels = vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
        views.append(pixels.reshape(_VIEW_HEIGHT, _VIEW_WIDTH, 3)[::-1])
    return np.hstack(views)


def _actors(labels: np.ndarray, vessels: np.ndarray, spacing_zyx_mm: tuple[float, float, float]) -> list[Any]:
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    lung_steps = [max(1, round(_LUNG_STEP_MM / mm)) for mm in spacing_zyx_mm]
    actors = []
    for look in _LOOKS:
        steps = lung_steps if look.label in (RIGHT_LUNG, LEFT_LUNG) else [1, 1, 1]
        every = tuple(slice(None, None, step) for step in steps)
        mask = vessels[every] > 0 if look.label is None else labels[every] == look.label
        if not mask.any():
            continue
        z_mm, y_mm, x_mm = (mm * step for mm, step in zip(spacing_zyx_mm, steps, strict=True))
        surface = make_surface(mask, (z_mm, y_mm, x_mm), look.blur_voxels)
        offset = [-mm * (size - 1) / 2 for mm, size in zip(spacing_zyx_mm, labels.shape, strict=True)]
        mapper = vtkPolyDataMapper()
        mapper.SetInputData(surface)
        mapper.ScalarVisibilityOff()
        actor = vtkActor()
        actor.SetMapper(mapper)
        actor.SetPosition(*offset[::-1])
        properties = actor.GetProperty()
        properties.SetColor(*(channel / 255 for channel in look.colour_rgb))
        properties.SetOpacity(look.opacity)
        properties.SetSpecular(0.15)
        actors.append(actor)
    return actors


def main(folder: Path) -> None:
    """Draw the arrays of ``surfaces.npz`` (labels, vessels, spacing_zyx_mm) into ``surfaces.png`` beside it."""
    from PIL import Image

    with np.load(folder / "surfaces.npz") as arrays:
        z_mm, y_mm, x_mm = (float(mm) for mm in arrays["spacing_zyx_mm"])
        picture = draw_surfaces(arrays["labels"], arrays["vessels"], (z_mm, y_mm, x_mm))
    Image.fromarray(picture).save(folder / "surfaces.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
