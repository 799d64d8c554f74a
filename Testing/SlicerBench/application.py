"""Start a real MRML scene with module logics, and give ``slicer`` the names that scripts expect."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import slicer
import vtk

from .files import CoreIOManager
from .subject_hierarchy import SubjectHierarchyPlugins
from .views import Views, nodesOfClass

_RESOURCES = Path(__file__).parent / "Resources"

# Name in slicer.modules, class, and its folder of resource files where it reads any.
_LOGICS = (
    ("Units", "vtkSlicerUnitsLogic", None),
    ("Terminologies", "vtkSlicerTerminologiesModuleLogic", "Terminologies"),
    ("SubjectHierarchy", "vtkSlicerSubjectHierarchyModuleLogic", None),
    ("Volumes", "vtkSlicerVolumesLogic", "Volumes"),
    ("Segmentations", "vtkSlicerSegmentationsModuleLogic", None),
    ("Tables", "vtkSlicerTablesLogic", None),
    ("Plots", "vtkSlicerPlotsLogic", None),
)


class Module:
    """What ``slicer.modules.<name>`` offers: a name and a logic."""

    def __init__(self, name: str, logic: slicer.vtkMRMLAbstractLogic) -> None:
        self.name = self.title = name
        self._logic = logic

    def logic(self) -> slicer.vtkMRMLAbstractLogic:
        return self._logic


class Application:
    """The part of ``slicer.app`` that works without Qt: the scene, and Slicer's own logics on it."""

    def __init__(self) -> None:
        self.temporaryPath = tempfile.mkdtemp(prefix="SlicerBench-")
        self._scene = slicer.vtkMRMLScene()
        self._applicationLogic = slicer.vtkSlicerApplicationLogic()
        self._applicationLogic.SetTemporaryPath(self.temporaryPath)
        self._applicationLogic.SetMRMLScene(self._scene)
        colorLogic = self._applicationLogic.GetColorLogic()
        colorLogic.SetMRMLScene(self._scene)
        self._applicationLogic.SetModuleLogic("Colors", colorLogic)
        self.modules = {"Colors": Module("Colors", colorLogic)}
        for name, className, folder in _LOGICS:
            self.modules[name] = Module(name, self._startLogic(name, className, folder))
        self._startBundleReader()
        self.views = Views(self._scene, self._applicationLogic)
        self._subjectHierarchy = SubjectHierarchyPlugins(self._scene)
        self._ioManager = CoreIOManager(self._scene, self.modules, self._closeScene)
        self.clearScene()

    def _startLogic(self, name: str, className: str, folder: str | None) -> slicer.vtkMRMLAbstractLogic:
        logic = getattr(slicer, className)()
        if folder:
            logic.SetModuleShareDirectory(str(_RESOURCES / folder))
        logic.SetMRMLApplicationLogic(self._applicationLogic)
        logic.SetMRMLScene(self._scene)
        self._applicationLogic.SetModuleLogic(name, logic)
        return logic

    def _startBundleReader(self) -> None:
        """Reading an .mrb unpacks it into the cache folder of the remote-IO logic."""
        self._remoteIOLogic = slicer.vtkMRMLRemoteIOLogic()
        self._remoteIOLogic.SetMRMLScene(self._scene)
        self._remoteIOLogic.GetCacheManager().SetRemoteCacheDirectory(self.temporaryPath)
        self._remoteIOLogic.AddDataIOToScene()

    def _closeScene(self) -> None:
        """Close the scene as the user does: nodes that there is one of stay, with their defaults."""
        self._scene.Clear(False)

    def clearScene(self) -> None:
        """Leave what a scene holds after start-up: views, default colours, units and an empty subject hierarchy."""
        self._closeScene()
        for node in nodesOfClass(self._scene, "vtkMRMLScriptedModuleNode"):
            self._scene.RemoveNode(node)
        self.views.reset()

    def close(self) -> None:
        self._closeScene()
        shutil.rmtree(self.temporaryPath, ignore_errors=True)

    def mrmlScene(self) -> slicer.vtkMRMLScene:
        return self._scene

    def applicationLogic(self) -> slicer.vtkSlicerApplicationLogic:
        return self._applicationLogic

    def coreIOManager(self) -> CoreIOManager:
        return self._ioManager

    ioManager = coreIOManager

    def processEvents(self) -> None:
        """There is no event loop."""


@functools.cache
def start() -> Application:
    """Start the application once; set ``slicer.app``, ``slicer.mrmlScene`` and ``slicer.modules``.

    Where PySide6 is installed ``slicer.app`` is a Qt application, and ``qt``, ``ctk`` and Slicer's widgets can be imported.
    """
    application = Application()
    slicer.app = application
    slicer.mrmlScene = application.mrmlScene()
    slicer.modules = SimpleNamespace(**{name.lower(): module for name, module in application.modules.items()})
    slicer.moduleNames = SimpleNamespace(**{name: name for name in application.modules})
    if importlib.util.find_spec("PySide6"):
        from .gui import startQt

        startQt(application)
    return application


class MessageLog:
    """Collects what VTK and MRML would print, so that a test can fail on errors.

    Examples
    --------
    >>> with MessageLog() as log:
    ...     vtk.vtkImageThreshold().Update()
    >>> "ERROR" in log.text
    True
    """

    def __enter__(self) -> MessageLog:
        self._window = vtk.vtkStringOutputWindow()
        self._before = vtk.vtkOutputWindow.GetInstance()
        vtk.vtkOutputWindow.SetInstance(self._window)
        return self

    def __exit__(self, *exception: object) -> None:
        vtk.vtkOutputWindow.SetInstance(self._before)

    @property
    def text(self) -> str:
        return self._window.GetOutput()
