"""Tables of a benchmark: CSV for programs, Markdown for readers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from LungSegmentationLib.tables.spreadsheet_text import spreadsheet_text

Row = Mapping[str, object]


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read rows by the names in the header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows with a header; the folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: spreadsheet_text(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows)


def markdown_table(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Lay rows out as a Markdown table that is also readable as plain text; None is an empty cell."""
    cells = [[str(column) for column in columns]]
    cells += [["" if row[column] is None else str(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"
