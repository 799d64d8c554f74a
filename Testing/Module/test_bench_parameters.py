"""The bench's parameterNodeWrapper: what it stores, what it refuses, and which widgets it ties."""

import enum
from pathlib import Path
from typing import Annotated, Optional

import pytest


class Side(enum.Enum):
    RIGHT = 1
    LEFT = 2


@pytest.fixture
def makeParameters(scene):
    """Make a wrapper class from annotations, on a new parameter node; give an object of it and the node."""
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    def make(defaults=None, **annotations):
        cls = parameterNodeWrapper(type("Parameters", (), {"__annotations__": annotations, **(defaults or {})}))
        node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")
        return cls(node), node

    return make


def stored(node):
    return {name: node.GetParameter(name) for name in node.GetParameterNames()}


def test_values_are_stored_as_slicer_stores_them(makeParameters, scene):
    import slicer
    from slicer.parameterNodeWrapper import Default

    parameters, node = makeParameters(
        {"threshold_hu": -500.0},
        threshold_hu=float,
        steps=int,
        holes=bool,
        side=Side,
        folder=Path,
        names=Annotated[list[str], Default(generator=lambda: ["right"])],
        limits=dict[str, float],
        pair=tuple[int, str],
        limit=Optional[float],  # noqa: UP045
        volume=slicer.vtkMRMLScalarVolumeNode,
    )
    assert (parameters.threshold_hu, parameters.side, parameters.folder, parameters.volume) == (-500.0, Side.RIGHT, Path(), None)
    volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    parameters.steps, parameters.holes, parameters.side, parameters.folder = 3, True, Side.LEFT, Path("a/b")
    parameters.names.append("left")
    parameters.limits["low"] = -950
    parameters.pair, parameters.limit, parameters.volume = (1, "x"), 2.5, volume
    assert stored(node) == {
        "threshold_hu": "-500.0",
        "steps": "3",
        "holes": "True",
        "side": "LEFT",
        "folder": "a/b",
        "names.0": "right",
        "names.1": "left",
        "names.len": "2",
        "limits.0.0": "low",
        "limits.0.1": "-950",
        "limits.len": "1",
        "pair.0": "1",
        "pair.1": "x",
        "limit.0": "2.5",
        "volume": "",
    }
    assert node.GetNodeReference("volume") is volume is parameters.volume
    again = type(parameters)(node)
    assert (again.names, again.limits, again.pair, again.limit, again.side) == (
        ["right", "left"],
        {"low": -950.0},
        (1, "x"),
        2.5,
        Side.LEFT,
    )
    parameters.names = []
    parameters.limit = None
    assert (again.names, again.limit, "names.0" in stored(node)) == ([], None, False)


def test_one_change_is_one_event(makeParameters, scene):
    import slicer

    parameters, node = makeParameters(names=list[str], volume=slicer.vtkMRMLScalarVolumeNode)
    calls = []
    tag = parameters.AddObserver("ModifiedEvent", lambda caller, event: calls.append(caller))
    parameters.names = ["a", "b", "c"]
    parameters.volume = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert calls == [node, node]
    with slicer.util.NodeModify(parameters):
        parameters.names, parameters.volume = [], None
    assert len(calls) == 3
    parameters.RemoveObserver(tag)
    parameters.names = ["d"]
    assert len(calls) == 3


@pytest.mark.parametrize("datatype", [bytes, complex, list[bytes], dict[str, bytes], set[int], int | bytes, type("Own", (), {})])
def test_a_type_that_can_not_be_stored_is_refused_when_the_class_is_made(makeParameters, datatype):
    with pytest.raises(Exception, match="member thing"):
        makeParameters(thing=datatype)


@pytest.mark.parametrize("name", ["allParameters", "default", "connectGui", "Modified"])
def test_a_reserved_name_is_refused(makeParameters, name):
    with pytest.raises(ValueError, match="reserved name"):
        makeParameters(**{name: int})


class TestRefusals:
    @pytest.fixture
    def parameters(self, makeParameters):
        import slicer
        from slicer.parameterNodeWrapper import Choice, Exclude, Maximum, Minimum, WithinRange

        return makeParameters(
            {"ranged": 5, "low": 1, "side": "left"},
            number=int,
            real=float,
            text=str,
            switch=bool,
            folder=Path,
            ranged=Annotated[int, WithinRange(1, 9)],
            low=Annotated[float, Minimum(0), Maximum(2), Exclude([1.5])],
            side=Annotated[str, Choice(["left", "right"])],
            numbers=list[int],
            volume=slicer.vtkMRMLScalarVolumeNode,
        )[0]

    @pytest.mark.parametrize(
        ("name", "value", "error"),
        [
            ("number", 1.5, TypeError),
            ("number", None, ValueError),
            ("real", "1", TypeError),
            ("text", 1, TypeError),
            ("text", None, ValueError),
            ("switch", 1, TypeError),
            ("folder", "a/b", TypeError),
            ("ranged", 0, ValueError),
            ("ranged", 10, ValueError),
            ("low", -0.1, ValueError),
            ("low", 2.1, ValueError),
            ("low", 1.5, ValueError),
            ("side", "top", ValueError),
            ("numbers", [1, "2"], TypeError),
        ],
    )
    def test_a_wrong_value_is_refused_and_the_old_one_stays(self, parameters, name, value, error):
        before = getattr(parameters, name)
        with pytest.raises(error):
            setattr(parameters, name, value)
        assert getattr(parameters, name) == before

    def test_a_node_of_another_class_is_refused(self, parameters, scene):
        with pytest.raises(TypeError):
            parameters.volume = scene.AddNewNodeByClass("vtkMRMLModelNode")
        assert parameters.volume is None

    def test_a_refused_element_leaves_the_list_as_it_was(self, parameters):
        parameters.numbers = [1, 2]
        with pytest.raises(TypeError):
            parameters.numbers.append("3")
        assert parameters.numbers == [1, 2]

    def test_an_unknown_parameter_is_refused(self, parameters):
        with pytest.raises(ValueError, match="nothing"):
            parameters.setValue("nothing", 1)


class TestConnectors:
    @pytest.mark.parametrize(
        ("kind", "datatype", "widget", "shown", "values"),
        [
            ("qt", bool, "QCheckBox", "checked", (True, False)),
            ("ctk", bool, "ctkCheckBox", "checked", (True, False)),
            ("qt", bool, "QPushButton", "checked", (True, False)),
            ("qt", "ranged", "QSpinBox", "value", (3, 7)),
            ("qt", "ranged", "QSlider", "value", (3, 7)),
            ("qt", float, "QDoubleSpinBox", "value", (-0.25, 1000.5)),
            ("ctk", float, "ctkDoubleSpinBox", "value", (-0.25, 1000.5)),
            ("ctk", "ranged", "ctkSliderWidget", "value", (3, 7)),
            ("qt", str, "QLineEdit", "text", ("a", "b")),
            ("qt", str, "QLabel", "text", ("a", "b")),
        ],
    )
    def test_a_value_goes_both_ways(self, makeParameters, kind, datatype, widget, shown, values):
        import ctk
        import qt
        from slicer.parameterNodeWrapper import WithinRange

        annotated = Annotated[int, WithinRange(1, 9)] if datatype == "ranged" else datatype
        parameters, _node = makeParameters({"thing": 1} if datatype == "ranged" else None, thing=annotated)
        made = getattr({"qt": qt, "ctk": ctk}[kind], widget)()
        tag = parameters.connectParametersToGui({"thing": made})
        first, second = values
        parameters.thing = first
        assert getattr(made, shown) == first
        if widget != "QLabel":
            setattr(made, shown, second)
            assert parameters.thing == second
        parameters.disconnectGui(tag)
        parameters.thing = first
        assert getattr(made, shown) == (first if widget == "QLabel" and first == second else getattr(made, shown))
        before = parameters.thing
        setattr(made, shown, second)
        assert parameters.thing == before

    @pytest.mark.parametrize(
        ("datatype", "widget"),
        [(str, "QComboBox"), (int, "QSlider"), (float, "QSpinBox"), (bool, "QLineEdit"), (Path, "QLineEdit"), (list[int], "QSpinBox")],
    )
    def test_a_widget_that_can_not_show_the_type_is_refused(self, makeParameters, datatype, widget):
        import qt

        with pytest.raises(RuntimeError):
            makeParameters(thing=datatype)[0].connectParametersToGui({"thing": getattr(qt, widget)()})

    def test_a_widget_of_a_derived_class_is_refused(self, makeParameters):
        import qt

        derived = type("Switch", (qt.QCheckBox,), {})()
        with pytest.raises(RuntimeError):
            makeParameters(thing=bool)[0].connectParametersToGui({"thing": derived})

    def test_a_name_that_is_no_parameter_is_refused(self, makeParameters):
        import qt

        panel = qt.QWidget()
        qt.QCheckBox(panel).setProperty("SlicerParameterName", "nothing")
        with pytest.raises(ValueError, match="nothing"):
            makeParameters(thing=bool)[0].connectGui(panel)
