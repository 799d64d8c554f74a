"""The bench's qt and ctk follow PythonQt: what Slicer refuses is refused, and what it does is done."""

import sys

import numpy as np
import pytest


@pytest.fixture
def qt(slicerApplication):
    import qt

    return qt


@pytest.fixture
def ctk(slicerApplication):
    import ctk

    return ctk


class TestProperties:
    def test_are_read_and_written_as_attributes_and_setters_stay(self, qt):
        button = qt.QPushButton("Segment")
        assert (button.text, button.enabled, button.checkable) == ("Segment", True, False)
        button.text, button.enabled = "Cancel", False
        assert (button.text, button.isEnabled()) == ("Cancel", False)
        button.setText("Again")
        assert button.text == "Again"

    @pytest.mark.parametrize(
        ("make", "act", "error"),
        [
            ("QPushButton", lambda w: w.text(), TypeError),
            ("QPushButton", lambda w: w.enabled(), TypeError),
            ("QSlider", lambda w: w.value(), TypeError),
            ("QPushButton", lambda w: w.caption, AttributeError),
            ("QPushButton", lambda w: setattr(w, "caption", "x"), AttributeError),
            ("QPushButton", lambda w: setattr(w, "_kept", "x"), AttributeError),
            ("QPushButton", lambda w: setattr(w, "text", 5), AttributeError),
            ("QPushButton", lambda w: setattr(w, "text", None), AttributeError),
            ("QSlider", lambda w: setattr(w, "value", "5"), AttributeError),
            ("QSlider", lambda w: setattr(w, "value", np.float64(5)), AttributeError),
            ("QSlider", lambda w: setattr(w, "value", None), AttributeError),
            ("QDoubleSpinBox", lambda w: setattr(w, "value", "5"), AttributeError),
            ("QPushButton", lambda w: setattr(w, "size", 5), AttributeError),
            ("QPushButton", lambda w: setattr(w, "click", print), AttributeError),
            ("QPushButton", lambda w: setattr(w, "clicked", print), AttributeError),
            ("QComboBox", lambda w: setattr(w, "count", 5), AttributeError),
            ("QPushButton", lambda w: w.connect("clack()", print), ValueError),
            ("QPushButton", lambda w: w.connect("clicked(int)", print), ValueError),
            ("QPushButton", lambda w: w.connect("clicked()", None), ValueError),
        ],
    )
    def test_what_slicer_refuses_is_refused(self, qt, make, act, error):
        with pytest.raises(error):
            act(getattr(qt, make)())

    def test_unknown_names_of_the_module_are_refused(self, qt):
        for name in ("Signal", "Property", "QtCore", "QNonsense"):
            with pytest.raises(AttributeError):
                getattr(qt, name)

    def test_numbers_are_converted_as_pythonqt_does(self, qt):
        slider, box, button = qt.QSlider(), qt.QDoubleSpinBox(), qt.QPushButton()
        slider.value, box.value = 4.7, np.float32(2.5)
        button.enabled = None
        assert (slider.value, box.value, button.enabled) == (4, 2.5, False)
        slider.value = np.int16(7)
        button.enabled = "any object"
        assert (slider.value, button.enabled) == (7, True)

    def test_children_are_found_by_name_and_by_class_name(self, qt):
        panel = qt.QWidget()
        panel.name = "panel"
        label = qt.QLabel("text", panel)
        label.objectName = "volume"
        assert (panel.objectName, label.name) == ("panel", "volume")
        assert panel.volume is label
        assert panel.findChildren("QLabel") == panel.findChildren(qt.QLabel) == [label]
        assert panel.findChildren(qt.QWidget, "other") == panel.findChildren("QSlider") == []
        assert label.className() == "QLabel"

    def test_dynamic_properties_are_attributes_once_they_are_set(self, qt):
        label = qt.QLabel()
        with pytest.raises(AttributeError):
            label.parameter = "threshold"
        label.setProperty("parameter", "threshold")
        label.parameter = "side"
        assert (label.parameter, label.property("parameter")) == ("side", "side")

    def test_a_class_of_python_keeps_its_own_attributes(self, qt):
        class Panel(qt.QWidget):
            def text(self):
                return "mine"

        panel = Panel()
        panel.volume = 3
        panel.enabled = False
        assert (panel.volume, panel.text(), panel.enabled) == (3, "mine", False)


class TestSignals:
    def test_both_forms_connect_and_short_slots_get_fewer_arguments(self, qt):
        slider, calls = qt.QSlider(), []
        slider.connect("valueChanged(int)", lambda value: calls.append(value))
        slider.connect("valueChanged(int)", lambda: calls.append("none"))
        slider.valueChanged.connect(calls.append)
        slider.valueChanged.connect(lambda *values: calls.append(values))
        slider.value = 5
        assert calls == [5, "none", 5, (5,)]

    def test_disconnect_takes_one_slot_away(self, qt):
        button, calls = qt.QPushButton(), []

        def first():
            calls.append("first")

        def second():
            calls.append("second")

        for slot in (first, second):
            button.connect("clicked(bool)", slot)
        assert button.disconnect("clicked(bool)", first) is True
        assert button.disconnect("clicked(bool)", first) is False
        button.click()
        assert calls == ["second"]
        assert button.clicked.disconnect(second) is True
        button.click()
        assert calls == ["second"]

    def test_an_error_in_a_slot_is_caught_by_the_watch(self, qt, uncaughtErrors):
        button = qt.QPushButton()
        button.connect("clicked()", lambda: 1 / 0)
        button.click()
        assert "ZeroDivisionError" in uncaughtErrors.report()
        assert [type(error) for error in uncaughtErrors.take()] == [ZeroDivisionError]
        assert uncaughtErrors.report() == ""

    def test_an_error_in_an_observer_and_a_warning_of_qt_are_caught(self, qt, scene, uncaughtErrors):
        node = scene.AddNewNodeByClass("vtkMRMLTextNode")
        node.AddObserver("ModifiedEvent", lambda caller, event: caller.noSuchMethod())
        node.SetText("new")
        assert {type(error) for error in uncaughtErrors.take()} == {AttributeError}
        qt.qWarning("careful")
        assert uncaughtErrors.takeMessages() == ["careful"]


class TestQt:
    def test_a_process_is_read_by_its_signals(self, qt, runEventLoopUntil):
        process, output, ends = qt.QProcess(), [], []
        process.connect("readyReadStandardOutput()", lambda: output.append(process.readAllStandardOutput().data().decode()))
        process.connect("finished(int,QProcess::ExitStatus)", lambda code, status: ends.append((code, status)))
        process.start(sys.executable, ["-c", "print('lung'); raise SystemExit(3)"])
        runEventLoopUntil(lambda: ends, timeout_s=20)
        assert "".join(output).split() == ["lung"]
        assert ends == [(3, qt.QProcess.NormalExit)]
        assert process.state() == qt.QProcess.NotRunning

    def test_a_timer_fires_once(self, qt, runEventLoopUntil):
        calls = []
        qt.QTimer.singleShot(0, lambda: calls.append("static"))
        timer = qt.QTimer()
        timer.singleShot, timer.interval = True, 1
        timer.timeout.connect(lambda: calls.append("own"))
        timer.start()
        runEventLoopUntil(lambda: len(calls) == 2)
        assert set(calls) == {"static", "own"}

    def test_the_event_loop_gives_up(self, runEventLoopUntil):
        with pytest.raises(AssertionError, match=r"within 0\.01 s"):
            runEventLoopUntil(lambda: False, timeout_s=0.01)

    def test_settings_stay_in_the_temporary_folder(self, qt):
        import slicer

        qt.QSettings().setValue("LungSegmentation/Test", "kept")
        assert qt.QSettings().value("LungSegmentation/Test") == "kept"
        assert qt.QSettings().fileName().startswith(slicer.app.temporaryPath)
        qt.QSettings().remove("LungSegmentation/Test")

    def test_a_file_dialog_gives_a_path_alone(self, qt):
        qt.QTimer.singleShot(50, lambda: qt.QApplication.activeModalWidget().reject())
        assert qt.QFileDialog.getSaveFileName(None, "Save", "", "*.csv") == ""


class TestCtk:
    def test_a_slider_has_what_the_cpp_class_offers_to_python(self, ctk):
        slider, values = ctk.ctkSliderWidget(), []
        slider.connect("valueChanged(double)", values.append)
        slider.minimum, slider.maximum, slider.value = -1000, 0, -500.5
        slider.value = -3000
        assert (slider.value, values) == (-1000.0, [-500.5, -1000.0])
        for missing in ("setMinimum", "setMaximum", "setRange"):
            with pytest.raises(AttributeError):
                getattr(slider, missing)

    def test_a_collapsible_button_hides_its_children_but_keeps_hidden_ones_hidden(self, qt, ctk):
        button, folds = ctk.ctkCollapsibleButton("Advanced"), []
        form = qt.QFormLayout(button)
        shown, hidden = qt.QLineEdit(), qt.QLabel("hidden")
        for widget in (shown, hidden):
            form.addRow(widget)
        hidden.visible = False
        button.connect("contentsCollapsed(bool)", folds.append)
        button.collapsed = True
        assert (shown.isHidden(), hidden.isHidden()) == (True, True)
        button.click()
        assert (shown.isHidden(), hidden.isHidden(), button.collapsed, folds) == (False, True, False, [True, False])

    def test_a_path_edit_tells_of_its_path(self, ctk):
        edit, paths = ctk.ctkPathLineEdit(), []
        edit.currentPathChanged.connect(paths.append)
        edit.currentPath = "/ct"
        edit.setCurrentPath("/lung")
        assert (edit.currentPath, paths) == ("/lung", ["/ct", "/lung"])


_UI = """<ui version="4.0"><class>Panel</class><widget class="qMRMLWidget" name="Panel"><layout class="QVBoxLayout" name="rows">
<item><widget class="QPushButton" name="button"><property name="{property}"{stdset}><string>x</string></property></widget></item>
</layout></widget><customwidgets><customwidget><class>qMRMLWidget</class><extends>QWidget</extends></customwidget>{custom}</customwidgets>
<connections><connection><sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal><receiver>{receiver}</receiver>
<slot>{slot}</slot></connection></connections></ui>"""


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"property": "caption"}, "no property 'caption'"),
        ({"receiver": "nobody"}, "'nobody'"),
        ({"slot": "setScene(vtkMRMLScene*)"}, "no attribute named 'setScene'"),
        ({"custom": "<customwidget><class>qMRMLNonsense</class><extends>QWidget</extends></customwidget>"}, "qMRMLNonsense"),
    ],
)
def test_a_mistake_in_a_ui_file_is_refused(slicerApplication, tmp_path, changes, problem):
    import slicer

    right = {"property": "text", "stdset": "", "custom": "", "receiver": "button", "slot": "setFocus()"}
    file = tmp_path / "Panel.ui"
    file.write_text(_UI.format(**right))
    assert slicer.util.loadUI(str(file)).button.text == "x"
    file.write_text(_UI.format(**right | {"property": "SlicerParameterName", "stdset": ' stdset="0"'}))
    assert slicer.util.loadUI(str(file)).button.property("SlicerParameterName") == "x"
    file.write_text(_UI.format(**right | changes))
    with pytest.raises((RuntimeError, AttributeError), match=problem):
        slicer.util.loadUI(str(file))
