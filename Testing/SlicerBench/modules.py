"""Load a scripted module the way Slicer's module factory does, and show its widget."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
import slicer.util
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property, Signal

from . import pythonqt
from .mrml_widgets import qSlicerWidget
from .properties import stored


@pythonqt.standsForCpp
class qSlicerModuleFactoryManager(QtCore.QObject):
    def loadedModuleNames(self) -> tuple[str, ...]:
        return tuple(vars(slicer.moduleNames))


@pythonqt.standsForCpp
class qSlicerModuleManager(QtCore.QObject):
    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._factoryManager = qSlicerModuleFactoryManager()

    def factoryManager(self) -> qSlicerModuleFactoryManager:
        return self._factoryManager

    def modulesNames(self) -> tuple[str, ...]:
        return self._factoryManager.loadedModuleNames()

    def module(self, name: str) -> Any:
        return getattr(slicer.modules, name.lower(), None)


@pythonqt.standsForCpp
class qSlicerScriptedLoadableModule(QtCore.QObject):
    """What a module's ``parent`` is, and what ``slicer.modules.<name>`` gives."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path, self._name, self._widget = path, Path(path).stem, None
        self._logic = slicer.vtkMRMLAbstractLogic()

    name = Property(str, lambda self: self._name)
    path = Property(str, lambda self: self._path)
    title = stored(str, "_title", "")
    categories = stored("QStringList", "_categories", ())
    dependencies = stored("QStringList", "_dependencies", ())
    contributors = stored("QStringList", "_contributors", ())
    associatedNodeTypes = stored("QStringList", "_associatedNodeTypes", ())
    helpText = stored(str, "_helpText", "")
    acknowledgementText = stored(str, "_acknowledgementText", "")
    icon = stored(QtGui.QIcon, "_icon", None)
    hidden = stored(bool, "_hidden", False)
    index = stored(int, "_index", -1)
    widgetRepresentationCreationEnabled = stored(bool, "_widgetEnabled", True)

    def logic(self) -> slicer.vtkMRMLAbstractLogic:
        return self._logic

    def mrmlScene(self) -> slicer.vtkMRMLScene:
        return slicer.mrmlScene

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget | None:
        if self._widget is None:
            self._widget = self.createNewWidgetRepresentation()
        return self._widget

    def createNewWidgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget | None:
        if not self.widgetRepresentationCreationEnabled:
            return None
        widget = qSlicerScriptedLoadableModuleWidget()
        widget.setMRMLScene(slicer.mrmlScene)
        widget.setPythonSource(self._path)
        widget.setup()
        return widget

    def discardWidget(self) -> None:
        """Forget the widget after its module was unloaded; part of the bench."""
        self._widget = None


@pythonqt.standsForCpp
class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """What a module widget's ``parent`` is: the panel that Slicer enters and leaves."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._entered, self._python, self._source = False, None, ""
        QtWidgets.QVBoxLayout(self)

    isEntered = Property(bool, lambda self: self._entered)
    moduleName = Property(str, lambda self: Path(self._source).stem)

    def setPythonSource(self, path: str) -> bool:
        self._source = path
        className = f"{Path(path).stem}Widget"
        self._python = getattr(sys.modules[Path(path).stem], className)(self)
        setattr(slicer.modules, className, self._python)
        return True

    def setup(self) -> None:
        self._python.setup()

    def reload(self) -> None:
        self.setPythonSource(self._source)
        self.setup()

    def self(self) -> Any:
        return self._python

    def enter(self) -> None:
        self._entered = True
        self._callIfDefined("enter")

    def exit(self) -> None:
        self._entered = False
        self._callIfDefined("exit")

    def _callIfDefined(self, name: str) -> None:
        method = getattr(self._python, name, None)
        if method is not None:
            method()


class LoadedModule:
    """A scripted module in the application, for tests.

    Attributes
    ----------
    python : module
        The module file as Python imported it; after a reload the new one.
    module : qSlicerScriptedLoadableModule
        ``slicer.modules.<name>``.
    """

    def __init__(self, path: str | Path) -> None:
        file = Path(path).resolve()
        self._name = file.stem
        self._folderWasOnPath = str(file.parent) in sys.path
        if not self._folderWasOnPath:
            sys.path.insert(0, str(file.parent))
        self._folder = str(file.parent)
        self._import(file)
        self.module = qSlicerScriptedLoadableModule(str(file))
        setattr(slicer.modules, self._name.lower(), self.module)
        setattr(slicer.moduleNames, self._name, self._name)
        instance = getattr(self.python, self._name)(self.module)
        setattr(slicer.modules, f"{self._name}Instance", instance)
        self.module.widgetRepresentationCreationEnabled = hasattr(self.python, f"{self._name}Widget")
        if hasattr(instance, "setup"):
            instance.setup()
        slicer.app.moduleManager().moduleLoaded.emit(self._name)

    def _import(self, file: Path) -> None:
        spec = importlib.util.spec_from_file_location(self._name, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[self._name] = module
        spec.loader.exec_module(module)

    @property
    def python(self) -> ModuleType:
        return sys.modules[self._name]

    @property
    def widget(self) -> Any:
        """The module's own widget object; made, set up and entered at the first time, as when the user opens the module."""
        if not self.panel.isEntered:
            self.panel.enter()
        return self.panel.self()

    @property
    def panel(self) -> qSlicerScriptedLoadableModuleWidget:
        panel = self.module.widgetRepresentation()
        if panel is None:
            raise RuntimeError(f"{self._name} has no widget")
        return panel

    def leave(self) -> None:
        """Go to another module."""
        self.panel.exit()

    def reload(self) -> Any:
        """Press Reload; the panel is entered again as Slicer leaves it, without a new ``enter()``."""
        slicer.util.reloadScriptedModule(self._name)
        return self.widget

    def unload(self) -> None:
        """Take the module away as Slicer does at exit: ``cleanup()``, then the widget goes; nothing waits for start-up any more."""
        slicer.app.moduleManager().moduleAboutToBeUnloaded.emit(self._name)
        slicer.app.startupCompleted.disconnect()
        if self.module._widget is not None:
            self.module._widget.deleteLater()
            self.module.discardWidget()
        for name in (self._name.lower(), f"{self._name}Instance", f"{self._name}Widget"):
            if hasattr(slicer.modules, name):
                delattr(slicer.modules, name)
        delattr(slicer.moduleNames, self._name)
        del sys.modules[self._name]
        if not self._folderWasOnPath:
            sys.path.remove(self._folder)
        slicer.app.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)


def loadModule(path: str | Path) -> LoadedModule:
    """Load a scripted module from its file.

    Parameters
    ----------
    path : str or Path
        The module's .py file; the class in it has the name of the file.
    """
    return LoadedModule(path)
