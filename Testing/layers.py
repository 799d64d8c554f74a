"""Which rooms of the engine import which, drawn from the imports: ``python Testing/layers.py`` puts the drawing into CONTRIBUTING.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "LungSegmentationLib"
LIB = ROOT / "LungSegmentation" / PACKAGE
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
_BEGIN, _END = "<!-- layers: made by Testing/layers.py -->\n", "<!-- end of layers -->\n"

Graph = Mapping[str, set[str]]


def module_imports() -> dict[str, set[str]]:
    """List for each module of the engine the modules of the engine that it imports, at any time but for type checkers."""
    files = {_module_name(path): path for path in LIB.rglob("*.py")}
    return {name: {found for found in _imported(name, path, files) if found != name} for name, path in files.items()}


def room_imports() -> dict[str, set[str]]:
    """List for each room (a folder, or a file at the root) the rooms that it imports."""
    rooms: dict[str, set[str]] = {}
    for name, imported in module_imports().items():
        if name != PACKAGE:  # the package's own names are those of its rooms
            rooms.setdefault(room_of(name), set()).update(room_of(other) for other in imported if other != PACKAGE)
    return {room: others - {room} for room, others in rooms.items()}


def room_of(module: str) -> str:
    """Name the room of a module."""
    return module.split(".")[1]


def circles(graph: Graph) -> list[list[str]]:
    """List the groups in which each imports each other, directly or through others."""
    reached = {start: _reachable(start, graph) for start in graph}
    groups = {tuple(sorted(other for other in graph if other in reached[name] and name in reached[other])) for name in graph}
    return [list(group) for group in sorted(groups) if group]


def layers(graph: Graph) -> list[list[str]]:
    """Order rooms such that each imports only from layers below; the lowest layer comes last."""
    left, ordered = dict(graph), []
    while left:
        free = sorted(room for room, imported in left.items() if not imported & left.keys())
        if not free:
            raise ValueError(f"these import each other: {', '.join(left)}")
        ordered.insert(0, free)
        for room in free:
            del left[room]
    return ordered


def drawing() -> str:
    """Draw the layers as a table: each room, what it is for, and what it imports."""
    graph = room_imports()
    lines = ["| layer | room | what it is for | imports |\n", "|---|---|---|---|\n"]
    ordered = layers(graph)
    for number, rooms in enumerate(ordered):
        for room in rooms:
            name = f"`{room}/`" if (LIB / room).is_dir() else f"`{room}.py`"
            lines.append(f"| {len(ordered) - number} | {name} | {_purpose(room)} | {', '.join(sorted(graph[room]))} |\n")
    return "".join(lines)


def with_drawing(text: str) -> str:
    """Put today's drawing where a text holds an earlier one."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{drawing()}\n{_END}{after}"


def _purpose(room: str) -> str:
    path = LIB / room / "__init__.py" if (LIB / room).is_dir() else LIB / f"{room}.py"
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _module_name(path: Path) -> str:
    parts = path.relative_to(LIB.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(name: str, path: Path, files: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"]
    for_types = {id(inner) for block in blocks for inner in ast.walk(block)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or id(node) in for_types:
            continue
        base = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
        source = ".".join(filter(None, (base, node.module)))
        if source.split(".")[0] == PACKAGE:
            for alias in node.names:
                yield f"{source}.{alias.name}" if f"{source}.{alias.name}" in files else source


def _reachable(start: str, graph: Graph) -> set[str]:
    found: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return found


if __name__ == "__main__":
    CONTRIBUTING.write_text(with_drawing(CONTRIBUTING.read_text(encoding="utf-8")), encoding="utf-8")
