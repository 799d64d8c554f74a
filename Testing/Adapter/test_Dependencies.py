"""Packages installed on request, by the real pip from wheels made here, into a folder of the test."""

import subprocess
import sys
import sysconfig
import zipfile
from importlib.metadata import version
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("PySide6", reason="PySide6-Essentials is not installed")

import slicer.util

from LungSegmentationAdapter.Run import Dependencies
from LungSegmentationAdapter.Run.Dependencies import Package
from LungSegmentationLib.errors import InputError
from LungSegmentationLib.method import Method
from LungSegmentationLib.registry import METHODS

FILTERS = Package("bench-filters", "bench_filters", ">=1.2", "filters of the test")
RUNTIME = Package("bench-runtime", "bench_runtime", "", "runs the networks of the test")
METHOD = Method("filtered", "Filtered", "", object, lambda *_: None, requires=("bench-filters",))


def makeWheel(folder, name, release, requires=()):
    stem = f"{name.replace('-', '_')}-{release}"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {release}", *(f"Requires-Dist: {requirement}" for requirement in requires)]
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name.replace('-', '_')}.py", f"__version__ = {release!r}\n")
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


bothVersions = pytest.mark.parametrize("slicerVersion", ["5.10", "5.12"])


class Index:
    """A folder of wheels, and pip that installs from it alone into another folder that Python looks in."""

    def __init__(self, folder):
        self.wheels, self.prefix, self.calls = folder / "wheels", folder / "prefix", []
        self.wheels.mkdir()
        self.site = Path(sysconfig.get_path("purelib", vars={"base": str(self.prefix)}))

    def pipInstall(self, requirements):
        """As ``slicer.util.pip_install`` of Slicer 5.10: a list of arguments after ``pip install``; raises where pip fails."""
        self.calls.append(list(requirements))
        self.constraints = Path(requirements[requirements.index("-c") + 1]).read_text(encoding="utf-8").split()
        where = [
            "--no-index",
            "--find-links",
            str(self.wheels),
            "--prefix",
            str(self.prefix),
            "--disable-pip-version-check",
            "--no-compile",
        ]
        subprocess.run([sys.executable, "-m", "pip", "install", *where, *requirements], check=True, capture_output=True)


class Answers:
    """A user who answers as the test says, and reads what is shown."""

    def __init__(self, monkeypatch, agrees):
        self.agrees, self.questions, self.warnings = agrees, [], []
        for name in ("confirmOkCancelDisplay", "confirmYesNoDisplay"):
            monkeypatch.setattr(slicer.util, name, self._answer)
        monkeypatch.setattr(slicer.util, "warningDisplay", lambda text, *_, **__: self.warnings.append(text))

    def _answer(self, text, *_, **__):
        self.questions.append(text)
        return self.agrees


@pytest.fixture
def user(monkeypatch):
    return Answers(monkeypatch, agrees=True)


@pytest.fixture
def slicerVersion():
    return "5.10"


@pytest.fixture
def index(slicerVersion, slicerApplication, tmp_path, monkeypatch):
    """Install by the means of a version of Slicer, outside its testing mode, in which it installs nothing."""
    index = Index(tmp_path)
    monkeypatch.setattr(slicer, "app", SimpleNamespace(temporaryPath=str(tmp_path), testingEnabled=lambda: False))
    monkeypatch.setattr(slicer.util, "pip_install", index.pipInstall, raising=False)
    if slicerVersion == "5.10":
        monkeypatch.setitem(sys.modules, "slicer.packaging", None)
    else:
        packaging = ModuleType("slicer.packaging")

        def pip_ensure(requirements, constraints=None, skip_packages=None, prompt_install=True, prompt_restart=True, requester=None):
            assert not prompt_install and requester  # the user was asked already
            index.pipInstall([*requirements, "-c", str(constraints)])

        packaging.pip_ensure = pip_ensure
        monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(Dependencies, "PACKAGES", (FILTERS,))
    monkeypatch.syspath_prepend(index.site)
    yield index
    for name in ("bench_filters",):
        sys.modules.pop(name, None)
    assert not list(tmp_path.glob("LungSegmentation-*"))


def test_every_package_that_a_method_needs_is_known():
    known = {package.name for package in Dependencies.PACKAGES}
    assert {name for method in METHODS for name in method.requires} <= known
    assert all(package.versions.startswith(">=") and package.purpose for package in Dependencies.PACKAGES)


def test_a_method_that_needs_nothing_asks_nothing(index, user):
    Dependencies.ensureMethod(Method("plain", "Plain", "", object, lambda *_: None))
    assert user.questions == [] and index.calls == []


@bothVersions
def test_a_package_is_installed_once_the_user_agrees(index, user):
    makeWheel(index.wheels, "bench-filters", "1.1")
    makeWheel(index.wheels, "bench-filters", "1.3", requires=["numpy>=1.0"])
    assert Dependencies.missingPackages(METHOD) == (FILTERS,)
    Dependencies.ensureMethod(METHOD)
    import bench_filters

    assert bench_filters.__version__ == "1.3" and Dependencies.missingPackages(METHOD) == ()
    assert len(user.questions) == 1 and "bench-filters: filters of the test" in user.questions[0] and "Filtered" in user.questions[0]
    Dependencies.ensureMethod(METHOD)
    assert len(user.questions) == 1 and len(index.calls) == 1


def test_refusal_is_an_error_that_names_what_is_left_to_do(index, user):
    user.agrees = False
    with pytest.raises(
        InputError, match=r"^bench-filters was not installed; choose another method than Filtered, or allow the installation$"
    ):
        Dependencies.ensureMethod(METHOD)
    assert index.calls == []


def test_a_package_that_is_there_is_never_replaced(index, user):
    before = version("numpy")
    makeWheel(index.wheels, "numpy", "999.0")
    makeWheel(index.wheels, "bench-filters", "1.3", requires=["numpy>=999"])
    with pytest.raises(InputError, match="could not be installed"):
        Dependencies.ensureMethod(METHOD)
    assert version("numpy") == before and not list(index.site.glob("*"))
    assert {f"{name}=={version(name)}" for name in ("numpy", "scipy", "simpleitk", "pydicom", "vtk")} <= set(index.constraints)


def test_source_packages_are_not_built(index, user, tmp_path):
    source = tmp_path / "bench_filters-1.3"
    source.mkdir()
    (source / "setup.py").write_text(f"open({str(tmp_path / 'was run')!r}, 'w')\n")
    subprocess.run(["tar", "-czf", str(index.wheels / "bench_filters-1.3.tar.gz"), "-C", str(tmp_path), source.name], check=True)
    with pytest.raises(InputError, match=r"^bench-filters could not be installed \(is this computer online\?"):
        Dependencies.ensureMethod(METHOD)
    assert not (tmp_path / "was run").exists()


@bothVersions
def test_in_testing_mode_nothing_is_installed(index, user, monkeypatch):
    makeWheel(index.wheels, "bench-filters", "1.3")
    monkeypatch.setattr(slicer.app, "testingEnabled", lambda: True)
    if sys.modules["slicer.packaging"]:
        monkeypatch.setattr(sys.modules["slicer.packaging"], "pip_ensure", lambda *_, **__: None)  # as Slicer's own does then
    with pytest.raises(InputError, match="bench-filters is still missing"):
        Dependencies.ensureMethod(METHOD)
    assert index.calls == []
