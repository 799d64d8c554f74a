"""Slice views and a 3D view drawn off screen by Slicer's own displayable managers: what a user would see in them."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

# As far as this build of Slicer's libraries has them.
_SLICE_MANAGERS = (
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
)
_THREE_D_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
)
_LETTERS = (("R", "L"), ("A", "P"), ("S", "I"))  # towards the positive and the negative end of each axis of RAS


class _RenderedView:
    """A window off screen, and the displayable managers that fill it for a view node."""

    def __init__(self, factory: slicer.vtkMRMLDisplayableManagerFactory, managers: tuple[str, ...], size: tuple[int, int]) -> None:
        self._window, self.renderer = vtk.vtkRenderWindow(), vtk.vtkRenderer()
        self._window.SetOffScreenRendering(True)
        self._window.SetMultiSamples(0)
        self._window.SetSize(*size)
        self._window.AddRenderer(self.renderer)
        # Displayable managers ask the renderer's window for one.
        self._interactor = vtk.vtkRenderWindowInteractor()
        self._interactor.SetRenderWindow(self._window)
        for name in managers:
            if hasattr(slicer, name) and not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        self._factory, self._managers = factory, slicer.vtkMRMLDisplayableManagerGroup()

    def _show(self, viewNode: slicer.vtkMRMLAbstractViewNode, logic: slicer.vtkMRMLAbstractLogic, logics: vtk.vtkCollection) -> None:
        self._logics = logics
        self._logics.AddItem(logic)
        self._managers.Initialize(self._factory, self.renderer)
        self._managers.SetMRMLDisplayableNode(viewNode)

    def close(self) -> None:
        """Take the view, its node and its logic away."""
        self._managers.SetMRMLDisplayableNode(None)
        self._logics.RemoveItem(self._logic)
        self._logic.SetMRMLScene(None)
        for node in self._ownNodes():
            slicer.mrmlScene.RemoveNode(node)

    def _ownNodes(self) -> tuple[slicer.vtkMRMLNode, ...]:
        raise NotImplementedError

    def draw(self) -> np.ndarray:
        """Draw the view: uint8 (rows, columns, 3), the top row first."""
        self._window.Render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self._window)
        grab.ReadFrontBufferOff()
        grab.SetInputBufferTypeToRGB()
        grab.Update()
        image = grab.GetOutput()
        columns, rows, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(rows, columns, 3)[::-1].copy()


class RenderedSliceView(_RenderedView):
    """A slice view.

    Parameters
    ----------
    applicationLogic : vtkMRMLApplicationLogic
    name, orientation : str
        Layout name that no other view has, and ``Axial``, ``Coronal`` or ``Sagittal``.
    size : tuple of int
        Columns and rows of the picture.
    """

    def __init__(self, applicationLogic: slicer.vtkMRMLApplicationLogic, name: str, orientation: str, size: tuple[int, int]) -> None:
        super().__init__(slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance(), _SLICE_MANAGERS, size)
        self._size, self._logic = size, slicer.vtkMRMLSliceLogic()
        self._logic.SetMRMLApplicationLogic(applicationLogic)
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self._logic.AddSliceNode(name)
        self._compositeNode = self._logic.GetSliceCompositeNode()
        self.node.SetOrientation(orientation)
        self._mapper, actor = vtk.vtkImageMapper(), vtk.vtkActor2D()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        actor.SetMapper(self._mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        self.renderer.AddViewProp(actor)  # before the managers add theirs: what is translucent mixes with what is there already
        self._show(self.node, self._logic, applicationLogic.GetSliceLogics())

    def show(self, volumeNode: slicer.vtkMRMLScalarVolumeNode, at_ras_mm: np.ndarray, width_mm: float) -> None:
        """Show a volume's slice through a point, the point in the middle and so many mm from left to right."""
        self._compositeNode.SetBackgroundVolumeID(volumeNode.GetID())
        columns, rows = self._size
        self._logic.ResizeSliceNode(columns, rows)
        self.node.SetFieldOfView(width_mm, width_mm * rows / columns, 1.0)
        self.node.JumpSliceByCentering(*(float(mm) for mm in at_ras_mm))
        self._mapper.SetInputConnection(self._logic.GetImageDataConnection())

    def _ownNodes(self) -> tuple[slicer.vtkMRMLNode, ...]:
        return self._compositeNode, self.node

    def letters(self) -> dict[str, str]:
        """Tell the side of the body at each edge of the picture: ``left``, ``right``, ``top``, ``bottom``."""
        matrix = self.node.GetSliceToRAS()
        right, top = ([matrix.GetElement(row, column) for row in range(3)] for column in (0, 1))
        return {"right": _letter(right, 1), "left": _letter(right, -1), "top": _letter(top, 1), "bottom": _letter(top, -1)}


class RenderedThreeDView(_RenderedView):
    """A 3D view, seen from the front: the patient's right is on the left of the picture.

    Parameters
    ----------
    applicationLogic : vtkMRMLApplicationLogic
    name : str
        Layout name that no other view has.
    size : tuple of int
        Columns and rows of the picture.
    """

    def __init__(self, applicationLogic: slicer.vtkMRMLApplicationLogic, name: str, size: tuple[int, int]) -> None:
        super().__init__(slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance(), _THREE_D_MANAGERS, size)
        self._logic = slicer.vtkMRMLViewLogic()
        self._logic.SetMRMLApplicationLogic(applicationLogic)
        self._logic.SetMRMLScene(slicer.mrmlScene)
        self.node = self._logic.AddViewNode(name)
        self.node.SetBoxVisible(False)
        self.node.SetAxisLabelsVisible(False)
        self._camera = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLCameraNode", f"{name} camera")
        self._camera.SetLayoutName(self.node.GetLayoutName())
        self._show(self.node, self._logic, applicationLogic.GetViewLogics())
        self.renderer.GradientBackgroundOn()
        self.renderer.SetBackground(self.node.GetBackgroundColor())
        self.renderer.SetBackground2(self.node.GetBackgroundColor2())

    def showFromTheFront(self, azimuth_degrees: float = 0.0, zoom: float = 1.5) -> None:
        """Put the camera in front of the patient, turned to the patient's left by an angle."""
        camera = self.renderer.GetActiveCamera()
        camera.SetFocalPoint(0, 0, 0)
        camera.SetPosition(0, 1, 0)  # the front is at +A
        camera.SetViewUp(0, 0, 1)
        camera.Azimuth(azimuth_degrees)
        self.renderer.ResetCamera()
        camera.Zoom(zoom)
        self.renderer.ResetCameraClippingRange()

    def _ownNodes(self) -> tuple[slicer.vtkMRMLNode, ...]:
        return self._camera, self.node

    def letters(self) -> dict[str, str]:
        """Tell the side of the body at each edge of the picture."""
        camera = self.renderer.GetActiveCamera()
        right = np.cross(camera.GetDirectionOfProjection(), camera.GetViewUp())
        top = np.asarray(camera.GetViewUp())
        return {"right": _letter(right, 1), "left": _letter(right, -1), "top": _letter(top, 1), "bottom": _letter(top, -1)}


def _letter(direction_ras: np.ndarray | list[float], sign: int) -> str:
    axis = int(np.argmax(np.abs(direction_ras)))
    return _LETTERS[axis][0 if sign * direction_ras[axis] > 0 else 1]
