"""Tables of README.md and docs/ that are made from ``Testing/Baselines`` and from the model cards, so that no figure is typed.

    python Testing/Documentation/page_tables.py

puts each table between the lines ``<!-- table: NAME -->`` and ``<!-- end of table -->``; a test says which one is out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "LungSegmentation"), str(ROOT / "Testing" / "Benchmarks")]

from accuracy_tables import left_out_scans, left_out_summary, methods, model_data, model_scores, models, side_by_side
from check_tables import quality_checks
from cohort_tables import cohort_runs, field_inputs, hard_inputs, verdicts
from speed_tables import growth, network_speed, review_speed, slicer_clicks, speed, whole_command
from structure_tables import airway_trees, airway_walls, vessel_border, vessel_graph, vessel_lookalikes, vessel_trees, vessel_volumes

TABLES: dict[str, Callable[[], str]] = {
    table.__name__: table
    for table in (
        *(methods, left_out_scans, left_out_summary, side_by_side, models, model_data, model_scores),
        *(speed, growth, network_speed, slicer_clicks, whole_command, review_speed),
        *(hard_inputs, field_inputs, verdicts, cohort_runs, quality_checks),
        *(vessel_trees, vessel_lookalikes, vessel_volumes, vessel_graph, vessel_border, airway_walls, airway_trees),
    )
}
# The empty lines make it a table of Markdown; nothing of another table's lines can lie between.
_TABLE = re.compile(r"<!-- table: (\w+) -->\n(?P<text>(?:(?!<!-- ).)*)<!-- end of table -->\n", re.DOTALL)


def pages() -> list[Path]:
    """List README.md and the pages of docs/."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def named_tables(text: str) -> Iterator[tuple[str, str]]:
    """Give the name and the text of each made table of a page."""
    for found in _TABLE.finditer(text):
        yield found[1], found["text"].strip() + "\n"


def with_tables(text: str) -> str:
    """Put the tables of today into a page."""
    return _TABLE.sub(lambda found: f"<!-- table: {found[1]} -->\n\n{TABLES[found[1]]()}\n<!-- end of table -->\n", text)


def main() -> None:
    """Bring all pages up to date."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        made = with_tables(text)
        if made != text:
            page.write_text(made, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} was out of date")


if __name__ == "__main__":
    main()
