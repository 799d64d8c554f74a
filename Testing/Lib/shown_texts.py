"""The English texts in a Python file that can come to the panel, by its syntax tree: literals with \\0 where a value is put in."""

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

VALUE = "\0"


def sentences(text: str) -> list[str]:
    """Split a text; what only holds a value is left out."""
    return [sentence for sentence in text.split(". ") if sentence.strip(f" .{VALUE}")]


def pattern_of(sentence: str) -> re.Pattern[str]:
    """Compile a sentence, or a part of one, that may hold any value."""
    return re.compile(".*?".join(re.escape(part) for part in sentence.strip().removesuffix(".").split(VALUE)), re.IGNORECASE)


def literals(root: ast.AST, raised: bool | None = None) -> list[str]:
    """List the texts in a tree; those of raised errors only, or none of them, or all."""
    documented = {id(node.value) for node in ast.walk(root) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    within = [node for node in ast.walk(root) if isinstance(node, ast.Raise)]
    if raised:
        return [text for node in within for text in _texts(node, documented)]
    skipped = documented | ({id(node) for node in within} if raised is False else set())
    return list(_texts(root, skipped))


def function_of(path: Path, name: str) -> ast.AST:
    """Find a function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)


def _texts(node: ast.AST, skipped: set[int]) -> Iterator[str]:
    if id(node) in skipped:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from map("".join, itertools.product(*map(_alternatives, node.values)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from _texts(part.value, skipped)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, skipped)


def _alternatives(part: ast.expr) -> list[str]:
    """Give what a part of an f-string may be: itself, both texts of a condition, or any value."""
    if isinstance(part, ast.Constant):
        return [str(part.value)]
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.IfExp) and isinstance(value.body, ast.Constant) and isinstance(value.orelse, ast.Constant):
        return [str(value.body.value), str(value.orelse.value)]
    return [VALUE]
