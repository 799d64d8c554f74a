"""``slicer.app`` with Qt: a real QApplication on the real scene, offscreen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import slicer
from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Property, Signal

from . import ctk, modules, mrml_widgets, pythonqt, sample_data
from .layout_manager import qSlicerLayoutManager
from .qt import qt

if TYPE_CHECKING:
    from .application import Application
    from .files import CoreIOManager

_SLICER_VERSION = (5, 12)


@pythonqt.standsForCpp
class qSlicerApplication(QtWidgets.QApplication):
    """The application object of Slicer.

    It runs in testing mode, in which Slicer's dialogs answer themselves; ``setTestingEnabled`` of the bench ends that.
    """

    startupCompleted = Signal()
    mrmlSceneChanged = Signal(object)

    def __init__(self, core: Application) -> None:
        super().__init__(["Slicer"])
        self._core, self._testing = core, True
        self._settings = QtCore.QSettings()
        self._layoutManager = qSlicerLayoutManager(core.views)
        self._moduleManager = modules.qSlicerModuleManager()
        slicer.mrmlScene = core.mrmlScene()

    temporaryPath = Property(str, lambda self: self._core.temporaryPath)
    slicerHome = Property(str, lambda self: str(Path(sys.prefix)))
    startupWorkingPath = Property(str, lambda self: str(Path.cwd()))
    majorVersion = Property(int, lambda self: _SLICER_VERSION[0])
    minorVersion = Property(int, lambda self: _SLICER_VERSION[1])
    revision = Property(str, lambda self: "0")
    os = Property(str, lambda self: sys.platform)
    documentationBaseUrl = Property(str, lambda self: "https://slicer.readthedocs.io/en/latest/")

    def mrmlScene(self) -> slicer.vtkMRMLScene:
        return self._core.mrmlScene()

    def applicationLogic(self) -> slicer.vtkSlicerApplicationLogic:
        return self._core.applicationLogic()

    def moduleLogic(self, moduleName: str) -> slicer.vtkMRMLAbstractLogic | None:
        module = self._core.modules.get(moduleName)
        return module.logic() if module else None

    def coreIOManager(self) -> CoreIOManager:
        return self._core.coreIOManager()

    ioManager = coreIOManager

    def moduleManager(self) -> modules.qSlicerModuleManager:
        return self._moduleManager

    def layoutManager(self) -> qSlicerLayoutManager:
        return self._layoutManager

    def pythonConsole(self) -> None:
        return None

    def settings(self) -> QtCore.QSettings:
        return self._settings

    userSettings = settings

    def startupEnvironment(self) -> QtCore.QProcessEnvironment:
        return QtCore.QProcessEnvironment.systemEnvironment()

    environment = startupEnvironment

    def testingEnabled(self) -> bool:
        return self._testing

    def setRenderPaused(self, pause: bool) -> None:
        self._layoutManager.setRenderPaused(pause)

    def pauseRender(self) -> None:
        self._layoutManager.pauseRender()

    def resumeRender(self) -> None:
        self._layoutManager.resumeRender()

    def restart(self) -> None:
        raise RuntimeError("the bench can not restart")

    def moduleDocumentationUrl(self, moduleName: str) -> str:
        return f"{self.documentationBaseUrl}user_guide/modules/{moduleName.lower()}.html"

    def installExtensionFromServer(self, *arguments: Any) -> None:
        raise RuntimeError("the bench installs no extensions")


def setTestingEnabled(enabled: bool) -> None:
    """Say whether Slicer's dialogs answer themselves; where they do not, a test has to."""
    slicer.app._testing = enabled


def startQt(core: Application) -> None:
    """Put the Qt application in place, and make ``qt``, ``ctk``, Slicer's widgets and its Python packages importable."""
    sys.modules["SampleData"] = sample_data
    sys.modules["qt"], sys.modules["ctk"] = qt, ModuleType("ctk", ctk.__doc__)
    for cls in ctk.WIDGETS:
        setattr(sys.modules["ctk"], cls.__name__, cls)
    for cls in (*mrml_widgets.WIDGETS, modules.qSlicerScriptedLoadableModule, modules.qSlicerScriptedLoadableModuleWidget):
        setattr(slicer, cls.__name__, cls)
    source = os.environ.get("SLICER_PYTHON_SOURCE")
    slicer.__path__.append(source if source else str(Path(__file__).parent / "slicer_python"))
    QtCore.QSettings.setDefaultFormat(QtCore.QSettings.Format.IniFormat)
    QtCore.QSettings.setPath(QtCore.QSettings.Format.IniFormat, QtCore.QSettings.Scope.UserScope, core.temporaryPath)
    QtCore.QCoreApplication.setOrganizationName("SlicerBench")
    QtCore.QCoreApplication.setApplicationName("Slicer")
    slicer.app = qSlicerApplication(core)
