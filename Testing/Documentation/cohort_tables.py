"""Tables of many scans: made harder on purpose, changed as files differ, judged, and run by the thousand."""

from __future__ import annotations

from accuracy import BASELINES
from table_files import markdown_table, read_csv


def hard_inputs() -> str:
    """Give the lowest Dice of each change."""
    rows = read_csv(BASELINES / "hard_inputs.csv")
    shown = []
    for change in dict.fromkeys(row["change"] for row in rows):
        line: dict[str, object] = {"Change": change}
        for method in ("network", "connected-components"):
            own = [row for row in rows if row["change"] == change and row["method"] == method]
            line[f"`{method}`, mean"] = f"{sum(float(row['dice_both']) for row in own) / len(own):.3f}"
            line["lowest" if method == "network" else "lowest "] = f"{min(float(row['dice_both']) for row in own):.3f}"
        shown.append(line)
    return markdown_table(tuple(shown[0]), shown)


def field_inputs() -> str:
    """Count how the changed inputs come out, by method."""
    rows = read_csv(BASELINES / "field_inputs.csv")
    shown = []
    for method in dict.fromkeys(row["method"] for row in rows):
        changed = [row for row in rows if row["method"] == method and row["change"] not in ("unchanged", "labels exchanged")]
        counts = {verdict: sum(row["verdict"] == verdict for row in changed) for verdict in ("right", "named", "wrong")}
        shown.append(
            {
                "Method": f"`{method}`",
                "Inputs": len(changed),
                "Right": counts["right"],
                "True cause named": counts["named"],
                "Wrong": counts["wrong"],
            }
        )
    return markdown_table(tuple(shown[0]), shown)


def verdicts() -> str:
    """Count the verdicts on right results and on painted faults."""
    rows = read_csv(BASELINES / "verdicts.csv")
    cases = dict.fromkeys(row["case"] for row in rows)
    shown = []
    for case in cases:
        own = [row["verdict"] for row in rows if row["case"] == case]
        shown.append(
            {"Case": case, "Cases": len(own), **{verdict.capitalize(): own.count(verdict) for verdict in ("pass", "review", "fail")}}
        )
    return markdown_table(tuple(shown[0]), shown)


def cohort_runs() -> str:
    """Give the figures of runs over many scans."""
    titles = {"part": "Part", "what": "What", "value": "Value", "unit": "Unit", "limit": "Bar"}
    rows = [{title: row[key] for key, title in titles.items()} for row in read_csv(BASELINES / "cohort.csv")]
    return markdown_table(tuple(titles.values()), rows)
