"""Every number that decides an outcome stands in its room's ``limits.py``, named with its unit, with a source, once."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

LIB = Path(__file__).resolve().parents[2] / "LungSegmentation" / "LungSegmentationLib"
FILES = sorted(LIB.rglob("limits.py"))
ROOMS = [file.parent for file in FILES]
UNITS = {"HU", "MM", "MM2", "ML", "GB", "BYTES", "BYTE", "SECONDS", "DEG", "RAD", "VOXELS", "VOXEL", "PIXELS", "SLICES", "PERCENT"}
WORDS = {"SHARE", "SHARES", "RATIO", "RATIOS", "COUNT", "FACTOR", "WEIGHT", "EXPONENT", "SCORE", "COST", "COSINE", "DICE", "PERCENTILES"}
# A paper's or a standard's year or number, or one of the words that say where a number comes from.
SOURCE = re.compile(
    r"\b(19|20)\d\d\b|\bRFC \d|\bNISTIR \d|[Rr]easoned:|[Mm]easured(:| on| with)|[Aa]s published|By (definition|convention)"
)

# Numbers that change no result: how fast it comes, how a file is laid out, what a message lists, what an algorithm is made of.
TECHNICAL = {
    "cohort/folder_contents.py": {"_START_BYTES"},
    "cohort/folder_reading.py": {"_FEWEST_FILES", "_WAITING_A_PROCESS"},
    "cohort/identity.py": {"_READ_BYTES", "_ID_DIGITS"},
    "cohort/privacy.py": {"_PSEUDONYM_DIGITS"},
    "cohort/progress_lines.py": {"_LIVE_SECONDS", "_PLAIN_SECONDS"},
    "cohort/result_record.py": {"_READ_BYTES"},
    "cohort/run.py": {"_WRITE_SECONDS"},
    "cohort/scan_process.py": {"_READ_BYTES", "_IDLE_SECONDS"},
    "cohort/scheduling.py": {"_FEWEST_WAITING", "_WAITING_A_THREAD", "_LOOK_SECONDS", "_BUSY_SECONDS", "_MOST_TIMES_BUSY"},
    "cohort/state_folder.py": {"_SECRET_BYTES"},
    "cohort/worker.py": {"_READ_BYTES"},
    "anatomy/border.py": {"_THREADS", "_CERTAIN", "_SLAB_SLICES"},
    "anatomy/dense_disease.py": {"_STEPS", "_LEFT", "_RIGHT", "_QUARTER", "_HALF"},  # directions
    "anatomy/flooding.py": {"NEVER"},
    "anatomy/free_gas.py": {"_NONE", "_DIRECTIONS_ZYX"},  # a share that only rounding leaves; directions
    "anatomy/median.py": {"_VOXELS_AT_ONCE"},
    "anatomy/morphology.py": {"_MOST_ROWS", "_COUNTED_TOGETHER"},
    "anatomy/patient_axes.py": {"_MIRROR_CELLS"},
    "anatomy/pieces.py": {"_NEXT_ROWS"},  # directions
    "anatomy/sides.py": {"_OUTSIDE_RELIEF"},  # higher than any step of the relief
    "anatomy/working_grid.py": {"_THREADS", "_SLAB_VOXELS"},
    "scan_field/find_measured.py": {"_THREADS"},
    "scan_field/outline_hull.py": {"_ROUNDING"},
    "trees/forks.py": {"_WINDOW"},
    "trees/lines.py": {"_FEWEST_WITH_END", "_MEDIAN_OF"},
    "trees/slabs.py": {"ROOT"},
    "trees/voxel_graph.py": {"_NONE"},
    "trees/walls.py": {"_ITERATIONS"},
    "vessels/calibre.py": {"_SMALL", "_OTHER"},  # labels
    # Where formulas stay exact and finite; how densely a ring is sampled.
    "vessels/cross_sections.py": {"_THREE_WEIGHTS_BELOW_VOXELS2", "_FAINTEST", "_BRIGHTEST", "_RING_POINTS"},
    "vessels/lattice_lines.py": {"_STEPS"},
    "vessels/linking.py": {"_TOGETHER"},
    "vessels/neighbourhood.py": {"_LOOK_UP_COST"},
    "vessels/nodules.py": {"_RAYS", "_FEW_RAYS"},  # how densely directions are sampled
    "vessels/noise.py": {"_NORMAL_SD_OVER_QUARTILE"},  # of the normal distribution
    "vessels/sheets.py": {"_RAYS", "_SAMPLES", "_TUBE", "_SHEET"},  # how densely directions are sampled; labels
    "vessels/small_airways.py": {"_TOGETHER"},
    "vessels/tubularity.py": {"_TRUNCATE", "_SURFACE_TABLE_SIZE", "_TOGETHER"},
    "evaluation/comparison.py": {"_THREADS"},
    "evaluation/cohort_statistics.py": {"_SEED", "_NUMBERS_AT_ONCE"},
    "evaluation/cohort_tables.py": {"_EXACT_DECIMALS"},
    "evaluation/intensity.py": {"NOT_MEASURED_HU"},  # what 16 bits hold at least: no scanner measures it
    "evaluation/overlap.py": {"_VOXELS_AT_ONCE"},
    "evaluation/pair.py": {"MISSED", "WRONGLY_ADDED", "WRONG_SIDE"},  # labels
    "evaluation/published_table.py": {"_DECIMALS"},
    "evaluation/surface_distance.py": {"_NEAR_VOXELS", "_MOST_FAR_POINTS", "_ROUNDING"},
    "measurement/histograms.py": {"LOWEST_HU", "HU_LEVELS", "_VOXELS_AT_ONCE"},  # what 16 bits hold
    "network/card_rules.py": {"_LONGEST_SHOWN"},
    "network/model_card.py": {"CARD_FORMAT", "_LARGEST_CARD_BYTES", "_MOST_NEIGHBOURS"},
    "network/model_store.py": {"_READ_BYTES"},
    "network/numpy_network.py": {"_TWICE"},
    "network/numpy_runner.py": {"_SLICES_A_THREAD"},
    "network/onnx_file.py": {
        *("_VARINT", "_EIGHT_BYTES", "WITH_LENGTH", "_FOUR_BYTES", "_MOST_VARINT_BYTES"),
        *("_EXTERNAL_DATA", "_DATA_LOCATION", "_OPERATOR"),
    },
    "network/onnx_graph.py": {"_FLOAT32", "_INT64", "_GRAPH_OF_MODEL", "_NODE", "_TENSOR", "_INPUT", "_OUTPUT"},
    "network/preprocessing.py": {"_VALUE_BYTES"},
    "network/runtime_trial.py": {"_SHAPE_ZYX", "_SPACING_ZYX_MM", "_SLICES", "_VOXEL_MM"},  # of a phantom
    "network/onnx_session.py": {"_ONLY_FATAL", "_TRIAL_PIXELS"},
    "io/file_checks.py": {"_LONGEST_NAME_BYTES"},  # of the operating systems
    "io/hounsfield.py": {"_MOST_SAMPLES"},
    "io/label_maps.py": {"_MOST_LISTED", "_MOST_DIGITS", "_LONGEST_SHOWN"},
    "io/images.py": {"_START_BYTES"},
    "io/nifti.py": {"_START_BYTES"},
    "io/nifti_header.py": {"HEADER_SIZE", "LARGEST_HEADER_SIZE"},
    "io/probability_maps.py": {"_HIGHEST_BYTE"},
    "io/scans.py": {"_START_BYTES"},
    "io/slicer_segments.py": {"_MOST_NAMES", "_LONGEST_NAME"},
    "io/text_headers.py": {"_MOST_DIMENSIONS", "_MOST_DIGITS", "_LONGEST_SHOWN"},
    "io/voxel_data.py": {"_BLOCK_BYTES", "_ZLIB_OR_GZIP", "_LONGEST_NUMBER", "_HU_BYTES"},
    "io/dicom/agreement.py": {"_MOST_NAMES"},
    "io/dicom/compressed_pixels.py": {"_START_OF_SCAN"},
    "io/dicom/files.py": {"_START_BYTES", "_META_GROUP", "_TRANSFER_SYNTAX"},
    "io/dicom/structure_files.py": {"_MOST_LISTED"},
    "io/dicom/series.py": {"_MOST_NAMED"},
    "review/index.py": {"_START_BYTES"},
    "review/ratings.py": {"_LONGEST_WAIT_S", "_PAUSE_S"},
    "review/results.py": {"_DEEPEST", "_SIDE_PANEL_SHARE", "_START_BYTES", "_THUMBNAIL_PIXELS"},
    "review/server.py": {"_LARGEST_BODY_BYTES", "_TIMEOUT_S"},
    "web/packing.py": {"_GZIP_WINDOW", "_LEVEL"},
    "web/reduced_scan.py": {"COVERAGE_LEVELS", "_ROUNDING", "_SEVERAL_VOXELS", "_THREADS"},
}
# The range of numbers that a network's card may hold is the form of a file.
WITHOUT_DENSITIES = {"network/model_card.py"}


def name_of(path: Path) -> str:
    return path.relative_to(LIB).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def assigned(statement: ast.stmt) -> list[str]:
    """Name what a statement assigns; nothing for other statements."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def constants(path: Path) -> Iterator[tuple[ast.stmt, list[str]]]:
    for statement in parsed(path).body:
        if names := assigned(statement):
            yield statement, names


def is_number(node: ast.expr | None) -> bool:
    """Tell whether an expression holds numbers alone: signs, sums, tuples and numpy's types of them too."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    if isinstance(node, (ast.Tuple, ast.List)):
        return bool(node.elts) and all(map(is_number, node.elts))
    if isinstance(node, ast.Starred):
        return is_number(node.value)
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Call) and bool(node.args) and ast.unparse(node.func).startswith("np.") and all(map(is_number, node.args))


def source_of(lines: list[str], first: int) -> str:
    """Give the comment just above a statement (by its line's index), without headings."""
    comment = list(takewhile(lambda line: line.startswith("#"), reversed(lines[:first])))
    return "\n".join(line for line in reversed(comment) if not line.startswith("# ---"))


def limits_imported(path: Path) -> Iterator[tuple[Path, str]]:
    """Name the limits that a module imports one by one, each with the file that it comes from."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.level and (node.module or "").split(".")[-1] == "limits":
            file = path.parents[node.level - 1].joinpath(*node.module.split(".")).with_suffix(".py")
            yield from ((file, alias.name) for alias in node.names)


@pytest.fixture(scope="module")
def values() -> dict[Path, dict[str, object]]:
    """Give the values of all limits by their files."""
    import importlib

    found = {}
    for file in FILES:
        module = importlib.import_module(".".join(["LungSegmentationLib", *file.relative_to(LIB).with_suffix("").parts]))
        found[file] = {name: getattr(module, name) for _, names in constants(file) for name in names}
    return found


def test_there_are_limits():
    assert {name_of(room) for room in ROOMS} == {
        *("anatomy", "cohort", "evaluation", "io", "io/dicom", "measurement", "methods"),
        *("network", "quality", "review", "scan_field", "tracking", "trees", "vessels", "web"),
    }


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_of_limits_holds_numbers_and_nothing_else(file, values):
    allowed = (ast.Assign, ast.AnnAssign, ast.ImportFrom)
    assert not [ast.unparse(statement) for statement in parsed(file).body[1:] if not isinstance(statement, allowed)]
    for name, value in values[file].items():
        assert all(isinstance(number, (int, float)) for number in (value if isinstance(value, tuple) else (value,))), name


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_limit_is_used(file):
    own = [path for path in file.parent.glob("*.py") if path != file]
    used = {
        node.attr
        for path in own
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "limits"
    }
    used |= {name for path in LIB.rglob("*.py") for source, name in limits_imported(path) if source == file}
    used |= {node.id for statement, _ in constants(file) for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
    assert not {name for _, names in constants(file) for name in names} - used


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_names_are_public_and_say_the_unit(file):
    for _, names in constants(file):
        for name in names:
            assert re.fullmatch(r"[A-Z][A-Z0-9_]*", name), name
            assert set(name.split("_")) & (UNITS | WORDS), f"{name} names no unit"


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_every_limit_has_a_source(file):
    lines = file.read_text(encoding="utf-8").split("\n")
    without = [names for statement, names in constants(file) if not SOURCE.search(source_of(lines, statement.lineno - 1))]
    assert not without


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_other_files_of_the_room_keep_technical_numbers_only(file):
    for path in file.parent.glob("*.py"):
        if path != file:
            numbers = {name for statement, names in constants(path) if is_number(statement.value) for name in names}
            assert numbers == TECHNICAL.get(name_of(path), set()), name_of(path)


def test_technical_numbers_are_there():
    assert not [name for name in TECHNICAL if (LIB / name).parent not in ROOMS or not (LIB / name).is_file()]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_density_is_hidden_in_a_function(file):
    for path in file.parent.glob("*.py"):
        if name_of(path) in WITHOUT_DENSITIES:
            continue
        functions = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)]
        inner = [node for function in functions for statement in function.body for node in ast.walk(statement)]
        negative = [node for node in inner if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)]
        numbers = [node.operand.value for node in negative if isinstance(node.operand, ast.Constant)]
        hidden = [-number for number in numbers if 100 <= number <= 4096]
        assert not hidden, name_of(path)


def test_the_same_limit_stands_once(values):
    seen: dict[tuple[str, object], Path] = {}
    for file, limits in values.items():
        for name, value in limits.items():
            assert (name, value) not in seen, f"{name} stands in {name_of(file)} and {name_of(seen[name, value])}"
            seen[name, value] = file


def test_a_missing_source_or_a_hidden_number_would_be_found():
    lines = ["# --- Heading ---", "A_MM = 1", "# Reasoned: so,", "# and so.", "B_MM = 2", "C_MM = 3", "# They say so.", "D_MM = 3"]
    assert [bool(SOURCE.search(source_of(lines, line))) for line in (1, 4, 5, 7)] == [False, True, False, False]
    assert is_number(ast.parse("x = (-1.0, 2 * 3), np.float32(1e-3)").body[0].value)
    assert not is_number(ast.parse("x = np.arange(count)").body[0].value) and not is_number(ast.parse("x = True").body[0].value)
