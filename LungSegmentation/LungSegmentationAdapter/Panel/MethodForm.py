"""Method picker and the fields of its parameters, made from the registry of methods."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import qt
from slicer.i18n import tr as _
from slicer.i18n import translate

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.method import Method, ParameterDescription
from LungSegmentationLib.methods.network import METHOD as NETWORK
from LungSegmentationLib.registry import AUTO_KEY, METHODS, choose_method, find_method

from .NetworkPicker import NetworkPicker
from .PanelMessage import inUsersLanguage
from .ParameterNode import LungSegmentationParameterNode

_STEPS_IN_RANGE = 20
_LARGEST_INTEGER = 2**31 - 1


def _text(text: str) -> str:
    """Translate what the registry says."""
    return translate("LungSegmentation.Methods", text)


class MethodForm:
    """Shows and changes the method and its parameters in the parameter node.

    Parameters
    ----------
    ui : namespace of widgets
        ``methodComboBox``, ``methodSummaryLabel``, ``advancedButton``, ``parametersButton``, ``parametersWidget`` and
        ``resetParametersButton``.

    Attributes
    ----------
    method : Method or None
        What the choice means now; None where the scene names a method that is not known.
    """

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._parameterNode: LungSegmentationParameterNode | None = None
        self.method: Method | None = None
        self._forms: dict[str, _ParameterFields] = {}
        ui.methodComboBox.addItem(_("Automatic"), AUTO_KEY)
        for method in METHODS:
            ui.methodComboBox.addItem(_text(method.title), method.key)
            ui.methodComboBox.setItemData(ui.methodComboBox.count - 1, _text(method.summary), qt.Qt.ToolTipRole)
        ui.methodComboBox.connect("currentIndexChanged(int)", self._onMethodChosen)
        ui.resetParametersButton.connect("clicked()", self._onReset)

    def setParameterNode(self, parameterNode: LungSegmentationParameterNode | None) -> None:
        """Show another parameter node; None shows nothing new."""
        self._parameterNode = parameterNode
        self.update()

    def update(self) -> None:
        """Show what the parameter node says."""
        if self._parameterNode is None:
            return
        comboBox, key = self._ui.methodComboBox, self._parameterNode.method
        wasBlocked = comboBox.blockSignals(True)
        comboBox.setCurrentIndex(comboBox.findData(key))  # none is chosen where the scene names a method that is not known
        comboBox.blockSignals(wasBlocked)
        try:
            self.method, reason = choose_method(key)
        except InputError as error:
            self.method = None
            self._ui.methodSummaryLabel.text = inUsersLanguage(str(error))
            self._showFields(None)
            return
        method = self.method
        summary, reason = _text(method.summary), inUsersLanguage(reason).removesuffix(".")
        if key == AUTO_KEY and method is NETWORK:
            summary = _("{title}: {summary}").format(title=_text(method.title), summary=summary)
        elif key == AUTO_KEY:  # not what was hoped for
            summary = _("{title}: {reason}. {summary}").format(title=_text(method.title), reason=reason, summary=summary)
        self._ui.methodSummaryLabel.text, self._ui.methodSummaryLabel.toolTip = summary, reason
        self._showFields(method)

    def _showFields(self, method: Method | None) -> None:
        if method is not None and method.key not in self._forms:
            self._forms[method.key] = _ParameterFields(method, self._onEdited)
            self._ui.parametersWidget.layout().addWidget(self._forms[method.key].widget)
        for key, form in self._forms.items():
            form.widget.setVisible(method is not None and key == method.key)
        values = methodValues(self._parameterNode, method) if method and self._parameterNode else {}
        if method is not None:
            self._forms[method.key].show(values)
            self._ui.parametersButton.text = (
                _("Parameters of {title} ({count} changed)").format(title=_text(method.title), count=len(values))
                if values
                else _("Parameters of {title}").format(title=_text(method.title))
            )
        # Seen while the section is folded.
        self._ui.advancedButton.text = _("Advanced (parameters changed: {count})").format(count=len(values)) if values else _("Advanced")
        self._ui.resetParametersButton.enabled = bool(values)

    def _onMethodChosen(self, index: int) -> None:
        if self._parameterNode is not None and index >= 0:
            self._parameterNode.method = self._ui.methodComboBox.itemData(index)

    def _onEdited(self, method: Method, name: str, value: object) -> None:
        if self._parameterNode is not None:
            setMethodValues(self._parameterNode, method, {**methodValues(self._parameterNode, method), name: value})

    def _onReset(self) -> None:
        if self._parameterNode is not None:
            setMethodValues(self._parameterNode, find_method(self._parameterNode.method), {})


def methodValues(parameterNode: LungSegmentationParameterNode, method: Method) -> dict[str, Any]:
    """Give the parameters of a method that differ from its defaults; what the method does not know or accept is left out."""
    try:
        stored = json.loads(parameterNode.methodParameters).get(method.key, {})
    except (ValueError, AttributeError):
        return {}
    values = {}
    for description in method.describe_parameters():
        if description.name in stored:
            try:
                values[description.name] = description.checked(stored[description.name])
            except InputError:
                continue
    return values


def setMethodValues(parameterNode: LungSegmentationParameterNode, method: Method, values: dict[str, Any]) -> None:
    """Keep the parameters of a method in the parameter node; those at their default are left out."""
    try:
        stored = dict(json.loads(parameterNode.methodParameters))
    except (ValueError, TypeError):
        stored = {}
    defaults = {description.name: description.default for description in method.describe_parameters()}
    stored[method.key] = {name: value for name, value in values.items() if value != defaults[name]}
    parameterNode.methodParameters = json.dumps({key: changed for key, changed in stored.items() if changed})


class _ParameterFields:
    """One row for each parameter of a method."""

    def __init__(self, method: Method, onEdited: Callable[[Method, str, object], None]) -> None:
        self.widget = qt.QWidget()
        layout = qt.QFormLayout(self.widget)
        layout.setContentsMargins(0, 0, 0, 0)
        self._fields: dict[str, tuple[ParameterDescription, Any]] = {}
        self._networks: dict[str, NetworkPicker] = {}
        for description in method.describe_parameters():
            edited = partial(onEdited, method, description.name)
            if isinstance(description.default, str):  # the only text is the name of a network
                self._networks[description.name] = NetworkPicker(description.default, edited)
                field = self._networks[description.name].widget
            else:
                field = _makeField(description, edited)
            field.objectName = f"{method.key}.{description.name}"
            label = qt.QLabel(_text(description.title) + ":")
            field.toolTip = label.toolTip = _toolTip(description)
            layout.addRow(label, field)
            self._fields[description.name] = (description, field)

    def show(self, values: dict[str, Any]) -> None:
        """Show values; the others show their defaults."""
        for name, (description, field) in self._fields.items():
            value, wasBlocked = values.get(name, description.default), field.blockSignals(True)
            if name in self._networks:
                self._networks[name].show(value)
            elif isinstance(value, bool):
                field.checked = value
            else:
                field.value = value
            field.blockSignals(wasBlocked)


def _toolTip(description: ParameterDescription) -> str:
    help = _text(description.help)
    lines = [help[:1].upper() + help[1:] + "."]
    unit = f" {description.unit}" if description.unit else ""
    if isinstance(description.default, bool):
        lines.append(_("Default: {value}").format(value=_("on") if description.default else _("off")))
    elif isinstance(description.default, str):
        lines.append(_("Default: {value}").format(value=description.default))
    else:
        lines.append(
            _("From {minimum} to {maximum}, default: {default}").format(
                minimum=f"{description.minimum:g}", maximum=f"{description.maximum:g}{unit}", default=f"{description.default:g}{unit}"
            )
        )
    return "\n".join(lines)


def _makeField(description: ParameterDescription, edited: Callable[[object], None]) -> Any:
    default = description.default
    if isinstance(default, bool):
        field = qt.QCheckBox()
        field.connect("toggled(bool)", edited)
    elif isinstance(default, int):
        field = qt.QSpinBox()
        field.setRange(max(int(description.minimum), -_LARGEST_INTEGER), min(int(description.maximum), _LARGEST_INTEGER))
        field.connect("valueChanged(int)", edited)
    else:
        field = qt.QDoubleSpinBox()
        exponent = math.floor(math.log10((description.maximum - description.minimum) / _STEPS_IN_RANGE))
        field.decimals = max(0, 1 - exponent)
        field.setRange(description.minimum, description.maximum)
        field.singleStep = 10.0**exponent
        field.connect("valueChanged(double)", edited)
    if description.unit:
        field.suffix = f" {description.unit}"
    if hasattr(field, "keyboardTracking"):
        field.keyboardTracking = False
    return field
