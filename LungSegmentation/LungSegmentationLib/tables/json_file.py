"""All tables as one JSON file, for programs: full precision, units beside the keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..version import __version__
from .rows import Table


def write_json(tables: Mapping[str, Table], input_name: str, path: Path) -> None:
    """Write tables by their key, each with its columns and rows; a missing value is null.

    Parameters
    ----------
    tables : mapping of str to Table
    input_name : str
        Name of the scan.
    path : pathlib.Path
        The file; its folder exists.

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    content = {
        "software": "LungSegmentation",
        "version": __version__,
        "input": input_name,
        "tables": {
            key: {
                "title": table.title,
                "columns": [{"key": column.key, "title": column.title, "unit": column.unit} for column in table.columns],
                "rows": list(table.rows),
            }
            for key, table in tables.items()
        },
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
