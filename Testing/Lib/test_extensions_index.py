"""The checks by which the Slicer Extensions Index judges an entry, on a clone of this repository as the index makes one.

They follow ``scripts/check_description_files.py``, the schema and the hooks of https://github.com/Slicer/ExtensionsIndex (as of November
2026) as far as they need no network: whether the address answers and the repository has the topic ``3d-slicer-extension`` is left out. What
CMake makes of the lists, and the agreement of address, category and dependencies, is tested in ``test_cmake_lists.py``.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from test_cmake_lists import IN_CMAKE, listed

ROOT = Path(__file__).resolve().parents[2]
ENTRY = Path("Resources", "LungCTSegmentation.json")
NAME, MODULE = ENTRY.stem, "LungSegmentation"
# Types of the schema; the first three are required, no other key is allowed.
TYPES = {
    "$schema": str,
    "category": str,
    "scm_url": str,
    "scm_revision": str,
    "scm_type": str,
    "build_dependencies": list,
    "build_subdirectory": str,
    "enabled": bool,
    "tier": int,
}
REQUIRED = {"$schema", "category", "scm_url"}
LICENCE_NAMES = ("LICENSE", "LICENCE", "License.txt", "license.txt", "LICENSE.txt", "COPYING", "COPYING.txt")
REPOSITORY_BYTES = 100 * 1024 * 1024
PICTURE_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".gif": "GIF"}
ICON_PIXELS = (128, 128)  # https://slicer.readthedocs.io/en/latest/developer_guide/extensions.html


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """Clone the repository with its history; what git does not know is not there."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, or git is not installed")
    folder = tmp_path_factory.mktemp("clone") / "Slicer"
    command = ["git", "-c", f"safe.directory={ROOT.as_posix()}", "clone", "--quiet", ROOT.as_uri(), str(folder)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    return folder


def entry() -> dict[str, object]:
    return json.loads((ROOT / ENTRY).read_text(encoding="utf-8"))


def in_cmake(folder: Path, key: str) -> str:
    found = re.findall(IN_CMAKE[key], (folder / "CMakeLists.txt").read_text(encoding="utf-8"), re.IGNORECASE | re.MULTILINE)
    return found[0].strip()


def test_the_entry_is_plain_json_of_the_schema():
    content = (ROOT / ENTRY).read_bytes()
    assert b"\r" not in content and b"\t" not in content and content.endswith(b"}\n")
    assert not re.search(rb"[ \t]+$", content, re.MULTILINE)
    facts = entry()
    assert REQUIRED <= set(facts) <= set(TYPES)
    assert {key: type(value) for key, value in facts.items()} == {key: TYPES[key] for key in facts}
    assert all(isinstance(name, str) for name in facts["build_dependencies"]) and 1 <= facts["tier"] <= 5
    assert re.search(r"/slicer-extension-catalog-entry-schema-v1\.0\.[12]\.json#?$", facts["$schema"])


def test_names_and_address_are_as_the_index_wants_them(clone):
    address = urlsplit(str(entry()["scm_url"]))
    assert address.scheme in ("git", "https") and address.netloc and address.path.endswith(".git")
    repository = Path(address.path).stem
    assert repository == f"Slicer{NAME}" and not NAME.lower().startswith("slicer")
    assert in_cmake(clone, "name").strip("\"'") == NAME


def test_a_clone_is_small_and_has_a_licence(clone):
    assert sum(path.stat().st_size for path in clone.rglob("*") if path.is_file()) < REPOSITORY_BYTES
    (licence,) = (clone / name for name in LICENCE_NAMES if (clone / name).is_file())
    assert "Apache License" in licence.read_text(encoding="utf-8")
    assert "Apache" in (clone / "README.md").read_text(encoding="utf-8")


def test_icon_and_screenshots_are_pictures_in_a_clone(clone):
    icons, screenshots = [in_cmake(clone, "icon")], in_cmake(clone, "screenshots").split()
    assert screenshots
    for address in (*icons, *screenshots):
        raw = f"{str(entry()['scm_url']).removesuffix('.git')}/raw/{entry()['scm_revision']}/"
        assert address.startswith(raw), address
        path = clone / address.removeprefix(raw)
        with Image.open(path) as picture:
            assert picture.format == PICTURE_FORMATS[path.suffix.lower()], path
            assert address not in icons or picture.size == ICON_PIXELS


def test_every_listed_file_is_in_a_clone_and_the_description_is_short(clone):
    missing = [name for key in ("SCRIPTS", "RESOURCES") for name in listed(f"MODULE_PYTHON_{key}") if not (clone / MODULE / name).is_file()]
    assert not missing, "listed in CMakeLists.txt and not in git"
    cmake = (clone / "CMakeLists.txt").read_text(encoding="utf-8")
    (description,) = re.findall(r'set\(EXTENSION_DESCRIPTION "([^"\n]+)"\)', cmake)
    assert 1 <= len(re.findall(r"\.(?:\s|$)", description)) <= 2  # one or two sentences
