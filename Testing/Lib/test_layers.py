"""Imports run one way, and nothing heavy is imported before it is needed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import layers

LIB = Path(__file__).resolve().parents[2] / "LungSegmentation" / "LungSegmentationLib"
APPLICATION = {"slicer", "qt", "ctk", "mrml", "vtk", "vtkmodules", "LungSegmentationAdapter"}
TRAINING_ONLY = {"torch", "onnx", "Training"}
NOT_BUNDLED_WITH_SLICER = {
    "skimage",
    "onnx",
    "onnxruntime",
    "pandas",
    "matplotlib",
    "torch",
    "slicerio",
    "nrrd",
    "tqdm",
    "networkx",
    "nibabel",
    "xlsxwriter",
    "dask",
    "distributed",
    "psutil",
    "pyarrow",
}


def imported_packages(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return {(node.module or "").split(".")[0]}
    return set()


@pytest.mark.parametrize("path", sorted(LIB.rglob("*.py")), ids=lambda path: str(path.relative_to(LIB)))
def test_lib_file_keeps_to_its_layer(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    everywhere = set().union(*(imported_packages(node) for node in ast.walk(tree)))
    at_module_level = set().union(*(imported_packages(node) for node in tree.body))
    assert not everywhere & TRAINING_ONLY
    assert not everywhere & APPLICATION
    assert not at_module_level & APPLICATION
    assert not at_module_level & NOT_BUNDLED_WITH_SLICER


def test_nothing_imports_itself_through_others():
    assert layers.circles(layers.module_imports()) == []
    assert layers.circles(layers.room_imports()) == []


def test_a_circle_would_be_found_and_has_no_layers():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert layers.circles(graph) == [["b", "c"]]
    with pytest.raises(ValueError, match="a, b, c, d"):
        layers.layers(graph)
    assert layers.layers({"a": {"b"}, "b": set(), "c": {"b"}}) == [["a", "c"], ["b"]]


def test_the_drawing_of_the_rooms_is_todays():
    text = layers.CONTRIBUTING.read_text(encoding="utf-8")
    assert text == layers.with_drawing(text), "run: python Testing/layers.py"


def test_few_files_lie_loose_and_every_room_says_what_it_is_for():
    loose = {path.stem for path in LIB.glob("*.py")} - {"__init__", "__main__"}
    assert len(loose) <= 12, sorted(loose)
    for folder in {path.parent for path in LIB.rglob("*.py")}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))), folder


@pytest.mark.parametrize("package", [LIB, LIB.parent / "LungSegmentationAdapter"], ids=lambda path: path.name)
def test_files_and_functions_are_short(package):
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                assert not body or node.end_lineno - body[0].lineno < 60, f"{path}: {node.name}"


def run_python(program: str) -> str:
    program = f"import sys; sys.path.insert(0, {str(LIB.parent)!r})\n{program}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True).stdout


def test_engine_runs_where_only_what_slicer_bundles_is_installed():
    missing = sorted(APPLICATION | NOT_BUNDLED_WITH_SLICER)
    out = run_python(
        f"sys.modules.update(dict.fromkeys({missing}))\n"  # None makes every import of it fail
        "from LungSegmentationLib import read_ct, segment\n"
        "from LungSegmentationLib.phantom import make_phantom\n"
        "print(segment(make_phantom(shape_zyx=(60, 96, 96), spacing_zyx_mm=(5.0, 3.7, 3.7)).volume).labels.max())"
    )
    assert out.split() == ["3"]


def test_help_is_quick_because_it_loads_no_array_package():
    loaded = set(
        run_python("before = set(sys.modules); import LungSegmentationLib.commands.main; print(*(set(sys.modules) - before))").split()
    )
    assert "LungSegmentationLib.commands.main" in loaded
    assert not loaded & {"numpy", "scipy", "SimpleITK", "PIL", "pydicom"}
