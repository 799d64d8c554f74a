"""What is built for Slicer: every file is listed, CMake accepts the lists, and names, addresses and icons agree."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "LungSegmentation"

# In place of Slicer: its package configuration and macros write down what they are given. Languages are left out, no compiler is needed.
DRIVER = f"""
cmake_minimum_required(VERSION 3.16)
project(Driver LANGUAGES NONE)
macro(project name)
  _project(${{name}} LANGUAGES NONE)
endmacro()
set(RECORD ${{CMAKE_BINARY_DIR}}/record.txt)
add_subdirectory("{ROOT.as_posix()}" extension)
"""
SLICER_CONFIG = """
set(Slicer_USE_FILE ${CMAKE_CURRENT_LIST_DIR}/macros.cmake)
set(Slicer_EXTENSION_GENERATE_CONFIG ${CMAKE_CURRENT_LIST_DIR}/nothing.cmake)
set(Slicer_EXTENSION_CPACK ${CMAKE_CURRENT_LIST_DIR}/metadata.cmake)
"""
MACROS = """
function(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MY "WITH_GENERIC_TESTS;WITH_SUBDIR" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(MY_UNPARSED_ARGUMENTS OR MY_WITH_SUBDIR)
    message(FATAL_ERROR "unexpected: ${ARGN}")
  endif()
  file(APPEND ${RECORD} "NAME=${MY_NAME}\\nSCRIPTS=${MY_SCRIPTS}\\nRESOURCES=${MY_RESOURCES}\\n")
endfunction()
function(slicer_add_python_unittest)
  cmake_parse_arguments(MY "" "SCRIPT" "" ${ARGN})
  file(APPEND ${RECORD} "TEST=${CMAKE_CURRENT_SOURCE_DIR}/${MY_SCRIPT}\\n")
endfunction()
"""
METADATA = """
foreach(name HOMEPAGE CATEGORY CONTRIBUTORS DESCRIPTION ICONURL SCREENSHOTURLS DEPENDS)
  file(APPEND ${RECORD} "${name}=${EXTENSION_${name}}\\n")
endforeach()
"""


def listed(name: str) -> list[str]:
    text = (MODULE / "CMakeLists.txt").read_text(encoding="utf-8")
    (body,) = re.findall(rf"set\({name}\s+([^)]*)\)", text)
    return body.split()


def files_of_the_module() -> set[str]:
    paths = (path.relative_to(MODULE) for path in MODULE.rglob("*") if path.is_file() and path.name != "CMakeLists.txt")
    return {
        path.as_posix() for path in paths if not any(part.startswith((".", "__pycache__")) or "egg-info" in part for part in path.parts)
    }


def test_lists_hold_exactly_the_files_there_are():
    files = files_of_the_module()
    scripts = {file for file in files if file.endswith(".py")}
    assert set(listed("MODULE_PYTHON_SCRIPTS")) == scripts
    assert set(listed("MODULE_PYTHON_RESOURCES")) == files - scripts


@pytest.mark.parametrize("name", ["MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES"])
def test_lists_are_sorted_and_name_nothing_twice(name):
    assert listed(name) == sorted(set(listed(name)))


def configured(folder: Path, testing: bool) -> dict[str, str]:
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    (folder / "slicer").mkdir()
    contents = {
        "CMakeLists.txt": DRIVER,
        "slicer/SlicerConfig.cmake": SLICER_CONFIG,
        "slicer/macros.cmake": MACROS,
        "slicer/metadata.cmake": METADATA,
        "slicer/nothing.cmake": "",
    }
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    options = [f"-DSlicer_DIR={folder / 'slicer'}", f"-DBUILD_TESTING={'ON' if testing else 'OFF'}"]
    command = ["cmake", "--warn-uninitialized", "-S", str(folder), "-B", str(folder / "build"), *options]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert run.returncode == 0 and "Warning" not in run.stderr, run.stderr
    lines = (folder / "build" / "record.txt").read_text(encoding="utf-8").splitlines()
    record = dict(line.split("=", 1) for line in lines)
    assert len(record) == len(lines)  # nothing is built or registered twice
    return record


def test_cmake_builds_one_module_of_the_lists_and_registers_its_test(tmp_path):
    record = configured(tmp_path, testing=True)
    assert record["NAME"] == "LungSegmentation"
    assert record["SCRIPTS"].split(";") == listed("MODULE_PYTHON_SCRIPTS")
    assert record["RESOURCES"].split(";") == listed("MODULE_PYTHON_RESOURCES")
    test = Path(record["TEST"])
    assert test.parent == ROOT / "Testing" / "InSlicer"
    assert re.search(r"^from LungSegmentation import LungSegmentationTest$", test.read_text(encoding="utf-8"), re.MULTILINE)


def test_metadata_agree_with_the_entry_of_the_extensions_index(tmp_path):
    record = configured(tmp_path, testing=False)
    assert "TEST" not in record
    entry = json.loads((ROOT / "Resources" / "LungCTSegmentation.json").read_text(encoding="utf-8"))
    # Keys and types of slicer-extension-catalog-entry-schema-v1.0.1.json.
    assert entry.pop("$schema").endswith("/slicer-extension-catalog-entry-schema-v1.0.1.json#")
    types = {"build_dependencies": list, "build_subdirectory": str, "category": str, "scm_revision": str, "scm_url": str, "tier": int}
    assert {key: type(value) for key, value in entry.items()} == types
    assert 1 <= entry["tier"] <= 5
    assert entry["category"] == record["CATEGORY"] == "Segmentation"
    assert entry["scm_url"] == record["HOMEPAGE"] + ".git"
    assert record["DEPENDS"] == "NA" and entry["build_dependencies"] == []
    assert record["CONTRIBUTORS"] and "\n" not in record["DESCRIPTION"]
    pictures = f"{record['HOMEPAGE']}/raw/{entry['scm_revision']}/"
    for address in (record["ICONURL"], *record["SCREENSHOTURLS"].split(";")):
        assert address.startswith(pictures) and (ROOT / address.removeprefix(pictures)).is_file()


# As check_description_files.py of Slicer/ExtensionsIndex reads CMakeLists.txt.
IN_CMAKE = {
    "name": r"project\s*\(\s*([^\s\)\n\r]+)",
    "icon": r'set\s*\(EXTENSION_ICONURL\s*"([^"]+)"[ ]*\)',
    "screenshots": r'set\s*\(EXTENSION_SCREENSHOTURLS\s*"([^"]+)"\)',
}


def test_one_call_puts_the_address_wherever_the_index_reads_it(tmp_path):
    spec = importlib.util.spec_from_file_location("set_address", ROOT / "Resources" / "set_address.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "Resources").mkdir()
    for name in ("CMakeLists.txt", str(script.ENTRY)):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    address = "https://git.example.org/lungs/SlicerLungCTSegmentation"
    script.main([f"{address}.git", "--contributors", "A. Nyone (Somewhere)"], tmp_path)
    cmake = (tmp_path / "CMakeLists.txt").read_text(encoding="utf-8")
    entry = json.loads((tmp_path / script.ENTRY).read_text(encoding="utf-8"))
    found = {key: re.findall(pattern, cmake)[0] for key, pattern in IN_CMAKE.items()}
    assert found["name"] == script.ENTRY.stem == "LungCTSegmentation"
    assert found["icon"] == f"{address}/raw/main/LungSegmentation.png" and found["screenshots"].startswith(f"{address}/raw/main/")
    assert entry["scm_url"] == f"{address}.git" and f'(EXTENSION_HOMEPAGE "{address}")' in cmake and "A. Nyone (Somewhere)" in cmake
    assert "example.com" not in cmake
    with pytest.raises(SystemExit):
        script.main(["https://git.example.org/lungs/Lungs"], tmp_path)


def test_requirements_are_the_packages_asked_for_in_slicer_with_the_bounds_of_the_pip_package():
    lines = (MODULE / "Resources" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    requirements = [line for line in lines if not line.startswith("#")]
    names = [re.split("[<>=]", line)[0] for line in requirements]
    asked_for = (MODULE / "LungSegmentationAdapter" / "Run" / "Dependencies.py").read_text(encoding="utf-8")
    assert names == sorted(re.findall(r'^[A-Z_]+ = Package\("([^"]+)"', asked_for, re.MULTILINE), key=str.lower)
    pip_package = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [line for line in requirements if f'"{line}"' not in pip_package] == []


def test_icons_are_what_the_script_draws():
    spec = importlib.util.spec_from_file_location("draw_icon", ROOT / "Resources" / "draw_icon.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    drawn = np.asarray(script.draw(), dtype=np.int16)
    assert drawn.shape == (128, 128, 4)
    assert [tuple(drawn[y, x]) for y, x in ((0, 0), (0, 127), (127, 0), (127, 64))] == [(0, 0, 0, 0)] * 4
    for path in script.ICONS:
        with Image.open(path) as icon:
            assert np.abs(np.asarray(icon, dtype=np.int16) - drawn).max() <= 2, path
    right, left = drawn[95, 20], drawn[95, 108]  # as the viewer sees the patient: right lung red, left lung blue
    assert right[3] == left[3] == 255 and right[0] > right[2] and left[2] > left[0]
