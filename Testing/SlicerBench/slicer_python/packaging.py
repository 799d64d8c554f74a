"""Stand-in for ``slicer.packaging`` of Slicer 5.12: it checks what is installed, and installs as a machine without a network.

``pip_install`` fails as pip does there, with ``subprocess.CalledProcessError``. A test that wants another end puts its own
function in its place.
"""

from __future__ import annotations

import importlib.metadata
import logging
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
import slicer.util
from packaging.requirements import InvalidRequirement, Requirement

Requirements = str | Requirement | list[str | Requirement]


def load_requirements(path: str | Path) -> list[Requirement]:
    """Read a requirements file; comments and options of pip are passed over."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _toRequirements(requirements: Requirements) -> list[Requirement]:
    if isinstance(requirements, str):
        try:
            return [Requirement(requirements)]
        except InvalidRequirement:
            return [Requirement(one) for one in requirements.split()]
    if isinstance(requirements, Requirement):
        return [requirements]
    if isinstance(requirements, list):
        return [Requirement(one) if isinstance(one, str) else one for one in requirements]
    raise TypeError(f"Expected str, Requirement, or list, got {type(requirements).__name__}")


def _isSatisfied(requirement: Requirement) -> bool:
    if requirement.marker is not None and not requirement.marker.evaluate():
        return True
    try:
        return requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False


def pip_check(req: Requirements) -> bool:
    """Tell whether all requirements are met; what a package needs by itself is not looked at."""
    return all(_isSatisfied(requirement) for requirement in _toRequirements(req))


def pip_install(
    requirements: str | list[str],
    constraints: str | Path | None = None,
    no_deps_requirements: str | list[str] | None = None,
    skip_packages: list[str] | None = None,
    blocking: bool = True,
    show_progress: bool = True,
    requester: str | None = None,
    logCallback: Callable[[str], None] | None = None,
    completedCallback: Callable[[int], None] | None = None,
) -> Any:
    """Fail as pip does without a network."""
    given = shlex.split(requirements) if isinstance(requirements, str) else list(requirements)
    command = [sys.executable, "-m", "pip", "install", *given, *(["-c", str(constraints)] if constraints else [])]
    raise subprocess.CalledProcessError(1, command)


def pip_uninstall(requirements: str | list[str], **options: Any) -> None:
    """Fail: nothing was installed."""
    raise subprocess.CalledProcessError(1, [sys.executable, "-m", "pip", "uninstall", "--yes", str(requirements)])


def pip_ensure(
    requirements: Requirements,
    constraints: str | Path | None = None,
    skip_packages: list[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> list[str] | None:
    """Ask, then install what is missing.

    Raises
    ------
    RuntimeError
        Where the user declines.
    """
    missing = [str(requirement) for requirement in _toRequirements(requirements) if not _isSatisfied(requirement)]
    if not missing:
        return None
    if skip_in_testing and slicer.app.testingEnabled():
        logging.info("Testing mode is enabled: skipping pip_ensure for %s", missing)
        return None
    title = f"{requester} - Install Python Packages" if requester else "Install Python Packages"
    message = f"{len(missing)} Python packages need to be installed.\n\nThis will modify Slicer's Python environment. Continue?"
    if prompt_install and not slicer.util.confirmOkCancelDisplay(message, title, detailedText="\n".join(missing)):
        raise RuntimeError("User declined package installation")
    return pip_install(missing, constraints=constraints, skip_packages=skip_packages, show_progress=show_progress, requester=requester)
