"""Builds what is released, and runs the wheel in clean environments: ``python Testing/wheels.py``.

Released are the wheel, the source archive, and the module for Slicer with the files that CMake installs, to be added in Slicer as a folder.

Each environment has one version of Python and either the oldest versions that pyproject.toml allows (as far as there are wheels of them)
or the newest ones. In those of the oldest versions the tests run too that are named, on the repository's code.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "LungSegmentation"
SOME_EXTRAS, ALL_EXTRAS = ("network", "threshold"), ("network", "threshold", "dicom", "cohort")
# Some extras need newer versions of what the package itself allows older ones of.
OLDEST = {"oldest": SOME_EXTRAS, "oldest, more extras": ALL_EXTRAS}
NEWEST = {"newest": ALL_EXTRAS}
# What the tests need besides what users install.
TEST_PACKAGES = ("pytest", "hypothesis", "onnx", "nibabel", "pandas")
SHOWN = ("numpy", "scipy", "simpleitk", "pydicom", "onnxruntime", "highdicom")
PACKAGES = ("LungSegmentationLib", "LungSegmentationAdapter")
MODELS = "LungSegmentationLib/network/models"
OVERLAP = """
import sys, numpy as np, SimpleITK as sitk, LungSegmentationLib
found, truth = (sitk.GetArrayFromImage(sitk.ReadImage(path)) for path in sys.argv[1:3])
dice = [2 * np.sum((found == side) & (truth == side)) / (np.sum(found == side) + np.sum(truth == side)) for side in (1, 2)]
assert min(dice) > 0.9, dice
assert "site-packages" in LungSegmentationLib.__file__, LungSegmentationLib.__file__
"""


def wheel_files() -> set[str]:
    """List what the wheel must hold besides its metadata: the code, and all that the code reads."""
    kept = {path for package in PACKAGES for path in (MODULE / package).rglob("*") if path.is_file() and _is_ours(path)}
    files = {path.relative_to(MODULE).as_posix() for path in kept}
    return files | {f"{MODELS}/{path.name}" for path in (MODULE / "Resources" / "Models").iterdir()}


def check_contents(wheel: Path, source_archive: Path) -> None:
    """Check that the wheel holds exactly the library's files, and the source archive all that the wheel is made of.

    Raises
    ------
    SystemExit
        With the files that are missing or too many.
    """
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if ".dist-info/" not in name}
    _compare(wheel.name, found, wheel_files())
    with tarfile.open(source_archive) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {f"LungSegmentation/{name}" for name in wheel_files() if not name.startswith(MODELS)}
    needed |= {f"LungSegmentation/Resources/Models/{path.name}" for path in (MODULE / "Resources" / "Models").iterdir()}
    needed |= {"pyproject.toml", "setup.py", "README.md", "LICENSE.txt"}
    _compare(source_archive.name, names & needed, needed)


def write_module(folder: Path, version: str) -> Path:
    """Pack the module's files that ``CMakeLists.txt`` lists, and the licence, into one folder of a ZIP file."""
    text = (MODULE / "CMakeLists.txt").read_text(encoding="utf-8")
    lists = re.findall(r"set\(MODULE_PYTHON_(?:SCRIPTS|RESOURCES)\s+([^)]*)\)", text)
    path = folder / f"LungCTSegmentation-{version}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(ROOT / "LICENSE.txt", f"{MODULE.name}/LICENSE.txt")
        for name in " ".join(lists).split():
            archive.write(MODULE / name, f"{MODULE.name}/{name}")
    return path


def environment(folder: Path, python: str, versions: str, wheel: Path) -> Path:
    """Make an environment with the wheel and give its programs' folder."""
    _uv("venv", "--quiet", "--python", python, folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", programs / "python"]
    if versions in OLDEST:
        extras = [word for extra in OLDEST[versions] for word in ("--extra", extra)]
        oldest = ["--resolution", "lowest-direct", "--only-binary", ":all:"]
        _uv(*install, *oldest, "--requirements", ROOT / "pyproject.toml", *extras)
        _uv(*install, "--no-deps", wheel)
    else:
        _uv(*install, "--upgrade", f"{wheel}[{','.join(NEWEST[versions])}]")
    return programs


def run_wheel(programs: Path, folder: Path) -> None:
    """Make a phantom, segment it by the network and by a threshold, measure the result, and look at it."""
    command = programs / "lungsegmentation"
    scan, truth = folder / "phantom" / "ct.nii.gz", folder / "phantom" / "truth_labels.nii.gz"
    _quietly(command, "phantom", "--output", folder / "phantom")
    for method in ("network", "threshold"):
        _quietly(command, "segment", scan, "--output", folder / method, "--method", method, "--quiet", "--label-mapping", "luna16")
        _quietly(programs / "python", "-c", OVERLAP, folder / method / "labels.nii.gz", truth)
    _quietly(
        command, "measure", scan, folder / "network" / "labels_luna16.nii.gz", "--output", folder / "measured", "--labels-map", "luna16"
    )


def run_tests(programs: Path, tests: Iterable[str]) -> str:
    """Run tests of the repository in an environment, and give the last line of their report."""
    _uv("pip", "install", "--quiet", "--compile-bytecode", "--python", programs / "python", *TEST_PACKAGES)
    run = subprocess.run(
        [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return run.stdout.strip().splitlines()[-1]


def versions_in(programs: Path) -> str:
    """Name the versions of the packages that matter most."""
    listed = _uv("pip", "freeze", "--python", programs / "python")
    found = dict(line.split("==") for line in listed.splitlines() if "==" in line)
    return ", ".join(f"{name} {found[name]}" for name in SHOWN if name in found)


def main(arguments: list[str] | None = None) -> None:
    """Build, check, run, and print a row for each environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder of the archives")
    parser.add_argument("--pythons", nargs="+", default=["3.10", "3.13"], help="versions of Python, or paths of interpreters")
    parser.add_argument("--tests", nargs="*", default=[], help="tests to run with the oldest versions too")
    options = parser.parse_args(arguments)
    _uv("build", "--quiet", "--out-dir", options.output, ROOT)
    version = re.findall(r'"(.+)"', (MODULE / "LungSegmentationLib" / "version.py").read_text(encoding="utf-8"))[-1]
    (wheel,) = options.output.glob(f"lungsegmentation-{version}-*.whl")
    check_contents(wheel, options.output / f"lungsegmentation-{version}.tar.gz")
    for path in (wheel, write_module(options.output, version)):
        print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    print("\n| Python | versions | runs in s | packages | tests |\n|---|---|---|---|---|", flush=True)
    for python in options.pythons:
        for versions in (*OLDEST, *NEWEST):
            with tempfile.TemporaryDirectory() as name:
                programs = environment(Path(name) / "environment", python, versions, wheel)
                start = time.perf_counter()
                run_wheel(programs, Path(name))
                seconds = time.perf_counter() - start
                packages, number = versions_in(programs), _python_version(programs)
                tests = run_tests(programs, options.tests) if options.tests and versions in OLDEST else ""
                print(f"| {number} | {versions} | {seconds:.0f} | {packages} | {tests} |", flush=True)


def _python_version(programs: Path) -> str:
    return subprocess.check_output(
        [programs / "python", "-c", "import platform; print(platform.python_version())"], encoding="utf-8"
    ).strip()


def _is_ours(path: Path) -> bool:
    return not any(part == "__pycache__" or part.endswith(".egg-info") for part in path.parts)


def _compare(name: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise SystemExit(f"{name} lacks {sorted(expected - found)} and should not hold {sorted(found - expected)}")


def _quietly(*command: object) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run([str(word) for word in command], capture_output=True, encoding="utf-8", env=environment)
    if run.returncode or run.stderr:
        raise SystemExit(f"{command[1]}: exit status {run.returncode}\n{run.stderr}")


def _uv(*arguments: object) -> str:
    run = subprocess.run([sys.executable, "-m", "uv", *(str(word) for word in arguments)], capture_output=True, encoding="utf-8")
    if run.returncode:
        raise SystemExit(f"uv {arguments[0]}: {run.stderr}")
    return run.stdout


if __name__ == "__main__":
    main()
