"""The class decorator ``parameterNodeWrapper``."""

from __future__ import annotations

import logging
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer
import slicer.util
import vtk

from .annotations import Default, findFirstAnnotation, isValidator, splitAnnotations
from .connectors import GuiConnector, createGuiConnector
from .serializers import Serializer, createSerializer

__all__ = ["SlicerParameterNamePropertyName", "findChildWidgetForParameter", "isParameterNodeWrapper", "parameterNodeWrapper"]

SlicerParameterNamePropertyName = "SlicerParameterName"


class _Parameter:
    """One member of a wrapper class; a descriptor that reads and writes the parameter node."""

    def __init__(self, name: str, datatype: Any, serializer: Serializer, default: Default) -> None:
        self.name, self.unalteredType, self.serializer, self.default = name, datatype, serializer, default

    def key(self, wrapper: Any) -> str:
        return f"{wrapper._prefix}{self.name}"

    def __get__(self, wrapper: Any, owner: type) -> Any:
        if wrapper is None:
            return self
        self.ensure(wrapper)
        return self.serializer.read(wrapper.parameterNode, self.key(wrapper))

    def __set__(self, wrapper: Any, value: Any) -> None:
        with slicer.util.NodeModify(wrapper.parameterNode):
            self.serializer.write(wrapper.parameterNode, self.key(wrapper), value)

    def ensure(self, wrapper: Any) -> None:
        """Give the parameter its default where it has no value yet."""
        if not self.serializer.isIn(wrapper.parameterNode, self.key(wrapper)):
            self.__set__(wrapper, self.default.value)


def _makeParameter(cls: type, name: str, datatype: Any) -> _Parameter:
    bare, annotations = splitAnnotations(datatype)
    if isinstance(bare, types.UnionType):
        bare = typing.Union[typing.get_args(bare)]  # noqa: UP007
        datatype = typing.Annotated[(bare, *annotations)] if annotations else bare
    try:
        serializer = createSerializer(datatype)
    except Exception as error:
        raise Exception(f"Unable to create serializer for {cls} member {name}") from error
    default = Default(getattr(cls, name)) if hasattr(cls, name) else findFirstAnnotation(annotations, Default)
    unused = [annotation for annotation in annotations if not (isinstance(annotation, Default) or isValidator(annotation))]
    if unused:
        logging.warning("Unused annotations: %s", unused)
    return _Parameter(name, datatype, serializer, default or Default(generator=serializer.default))


class _Wrapper:
    """What every wrapper class gets beside its parameters."""

    allParameters: typing.ClassVar[dict[str, _Parameter]] = {}
    _is_parameter_node_wrapper = True

    def __init__(self, parameterNode: slicer.vtkMRMLScriptedModuleNode, prefix: str | None = None) -> None:
        self.parameterNode, self._prefix = parameterNode, prefix or ""
        self._connectors: dict[int, dict[str, GuiConnector]] = {}
        self._observers: dict[int, int] = {}
        self._nextTag, self._showing = 0, False
        for parameter in self.allParameters.values():
            parameter.ensure(self)

    @classmethod
    def _find(cls, name: str) -> _Parameter:
        if name not in cls.allParameters:
            raise ValueError(f"Cannot find a param with the given name: {name}; there are {', '.join(cls.allParameters)}")
        return cls.allParameters[name]

    @classmethod
    def dataType(cls, name: str) -> Any:
        return cls._find(name).unalteredType

    def isCached(self, name: str) -> bool:
        """Tell whether Slicer keeps the value beside the node, as it does for all types that are known here."""
        return self._find(name) is not None

    def default(self, name: str) -> Default:
        return self._find(name).default

    def getValue(self, name: str) -> Any:
        return self._find(name).__get__(self, type(self))

    def setValue(self, name: str, value: Any) -> None:
        self._find(name).__set__(self, value)

    def connectGui(self, gui: Any) -> int:
        """Tie the widgets that name a parameter in their property ``SlicerParameterName``; give a tag for disconnectGui."""
        isWidget = getattr(gui, "isWidgetType", lambda: False)()
        widgets = gui.findChildren(qt.QWidget) if isWidget else list(vars(gui).values())
        named = {widget.property(SlicerParameterNamePropertyName): widget for widget in widgets}
        return self.connectParametersToGui({name: widget for name, widget in named.items() if name})

    def connectParametersToGui(self, mapping: Mapping[str, Any]) -> int:
        for name in mapping:
            self._find(name)
        connectors = {
            name: widget if isinstance(widget, GuiConnector) else createGuiConnector(widget, self.dataType(name))
            for name, widget in mapping.items()
        }
        tag, self._nextTag = self._nextTag, self._nextTag + 1
        self._connectors[tag] = connectors
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(self._reader(name, connector))
        self._observers[tag] = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: self._show())
        return tag

    def _reader(self, name: str, connector: GuiConnector) -> Callable[[], None]:
        def readWidget() -> None:
            with slicer.util.NodeModify(self):
                if not self._showing:
                    self.setValue(name, connector.read())

        return readWidget

    def _show(self) -> None:
        if self._showing:
            return
        self._showing = True
        try:
            with slicer.util.NodeModify(self):
                for connectors in list(self._connectors.values()):
                    for name, connector in connectors.items():
                        connector.write(self.getValue(name))
        finally:
            self._showing = False

    def disconnectGui(self, tag: int | None) -> None:
        for connector in self._connectors.pop(tag, {}).values():
            connector.onChanged(None)
        if tag in self._observers:
            self.RemoveObserver(self._observers.pop(tag))

    def StartModify(self) -> int:
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified: int) -> None:
        self.parameterNode.EndModify(wasModified)

    def AddObserver(self, event: Any, callback: Callable[..., None], priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def Modified(self) -> None:
        self.parameterNode.Modified()


def _process(cls: type) -> type:
    members = typing.get_type_hints(cls, include_extras=True)
    for name in vars(_Wrapper):
        if name in members or (not name.startswith("__") and hasattr(cls, name)):
            raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
    parameters = {name: _makeParameter(cls, name, datatype) for name, datatype in members.items()}
    for name, parameter in parameters.items():
        setattr(cls, name, parameter)
    for name, value in vars(_Wrapper).items():
        if name == "__init__" or not name.startswith("__"):
            setattr(cls, name, value)
    cls.allParameters = parameters
    return cls


def parameterNodeWrapper(classtype: type | None = None) -> Any:
    """Make a class whose annotated members are parameters in a parameter node.

    Raises
    ------
    Exception
        At the making of the class, for a member whose type can not be a parameter.
    """
    return _process if classtype is None else _process(classtype)


def isParameterNodeWrapper(classOrObject: Any) -> bool:
    return getattr(classOrObject, "_is_parameter_node_wrapper", False)


def findChildWidgetForParameter(widget: qt.QWidget, parameter: str) -> qt.QWidget | None:
    """Find the child widget that names the parameter in its property ``SlicerParameterName``."""
    named = (child for child in widget.findChildren(qt.QWidget) if child.property(SlicerParameterNamePropertyName) == parameter)
    return next(named, None)
