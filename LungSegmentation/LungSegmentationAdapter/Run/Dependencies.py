"""Packages that Slicer lacks: those that some methods need are asked for at the moment of use, one for speed at a click on its button.

They are installed by Slicer's own means (``slicer.packaging`` since 5.12, ``slicer.util.pip_install`` before), as
wheels only, and without touching a package that is there already: Slicer and other extensions were built for those.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import CalledProcessError

import slicer

from LungSegmentationLib.errors import InputError
from LungSegmentationLib.method import Method

REQUESTER = "Lung CT Segmentation"
_WHY = "(is this computer online? the Python console says more)"


@dataclass(frozen=True)
class Package:
    """A package that may have to be installed: its name on the index, what is imported, the versions that do, and what for."""

    name: str
    importName: str
    versions: str
    purpose: str

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return self.name + self.versions

    def isInstalled(self) -> bool:
        """Tell whether it can be imported, without importing it."""
        importlib.invalidate_caches()
        return find_spec(self.importName) is not None


SCIKIT_IMAGE = Package("scikit-image", "skimage", ">=0.22", "image processing of the method threshold")
ONNXRUNTIME = Package("onnxruntime", "onnxruntime", ">=1.20", "runs the network in less time")
XLSXWRITER = Package("XlsxWriter", "xlsxwriter", ">=3.1", "writes Excel workbooks")
PACKAGES = (SCIKIT_IMAGE,)


def missingPackages(method: Method) -> tuple[Package, ...]:
    """List what a method needs and Slicer does not have.

    Parameters
    ----------
    method : LungSegmentationLib.method.Method
        ``requires`` names packages of :data:`PACKAGES`.

    Returns
    -------
    tuple of Package
    """
    known = {package.name: package for package in PACKAGES}
    return tuple(known[name] for name in method.requires if not known[name].isInstalled())


def ensureMethod(method: Method) -> None:
    """Make a method's packages available, asking the user first.

    Parameters
    ----------
    method : LungSegmentationLib.method.Method

    Raises
    ------
    InputError
        When the user refuses or the packages cannot be installed. Methods that need none still work.
    """
    advice = f"choose another method than {method.title}, or allow the installation"
    _ensure(missingPackages(method), advice, method.title)


def ensureWorkbooks() -> None:
    """Make Excel workbooks possible, asking the user first.

    Raises
    ------
    InputError
        As :func:`ensureMethod`.
    """
    _ensure([XLSXWRITER] if not XLSXWRITER.isInstalled() else [], "export CSV files, or allow the installation")


def offerOnnxRuntime() -> bool:
    """Ask whether ONNX Runtime is to be installed, and do so; the network runs without it too.

    Returns
    -------
    bool
        Whether the user agreed.

    Raises
    ------
    InputError
        If it cannot be installed.
    """
    if not _agreed([ONNXRUNTIME], isForSpeed=True):
        return False
    _installOrExplain([ONNXRUNTIME], "the network runs without it; try")
    return True


def _ensure(missing: Sequence[Package], advice: str, method: str | None = None) -> None:
    if not missing:
        return
    if not _agreed(missing, method):
        raise InputError(f"{_names(missing)} was not installed; {advice}")
    _installOrExplain(missing, advice)


def _names(packages: Sequence[Package]) -> str:
    return " and ".join(package.name for package in packages)


def _installOrExplain(packages: Sequence[Package], advice: str) -> None:
    try:
        _install(packages)
    except CalledProcessError as error:
        raise InputError(f"{_names(packages)} could not be installed {_WHY}; {advice} later") from error


def _agreed(packages: Sequence[Package], method: str | None = None, *, isForSpeed: bool = False) -> bool:
    from .InstallationQuestion import question  # needs the application, which everything else here runs without

    text = question({package.name: package.purpose for package in packages}, method, isForSpeed=isForSpeed)
    return bool(slicer.util.confirmOkCancelDisplay(text, f"{REQUESTER} - {_names(packages)}"))


def _install(packages: Sequence[Package]) -> None:
    """Install packages whose installation the user has agreed to.

    Raises
    ------
    subprocess.CalledProcessError
        When pip fails.
    InputError
        When they are still missing afterwards, as in Slicer's testing mode, where nothing is installed.
    """
    requirements = [package.requirement for package in packages]
    with _constraintsFile() as constraints:
        try:
            from slicer.packaging import pip_ensure
        except ImportError:  # Slicer 5.10
            if not slicer.app.testingEnabled():
                slicer.util.pip_install([*requirements, "-c", str(constraints)])
        else:
            pip_ensure(requirements, constraints=constraints, prompt_install=False, requester=REQUESTER)
    missing = [package.name for package in packages if not package.isInstalled()]
    if missing:
        raise InputError(f"{' and '.join(missing)} is still missing after the installation; restart Slicer and try again")


@contextmanager
def _constraintsFile() -> Iterator[Path]:
    """Write a constraints file for pip: wheels only, and every package that is there stays at its version.

    Options in such a file hold for the whole installation:
    https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options
    """
    with tempfile.TemporaryDirectory(prefix="LungSegmentation-", dir=slicer.app.temporaryPath) as folder:
        path = Path(folder) / "constraints.txt"
        pins = [f"{name}=={version}" for name, version in sorted(_installedVersions().items())]
        path.write_text("\n".join(["--only-binary=:all:", *pins]) + "\n", encoding="utf-8")
        yield path


def _installedVersions() -> dict[str, str]:
    """Map distributions to versions; where one is on the path twice, the first counts, as it does for imports."""
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version

    versions: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        # The remains of a package that was removed by half have neither, and pip refuses what it cannot read.
        with suppress(InvalidVersion, TypeError):
            versions.setdefault(canonicalize_name(distribution.metadata["Name"]), str(Version(distribution.metadata["Version"])))
    return versions
