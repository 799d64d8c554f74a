"""Tables of how well methods and networks agree with the references."""

from __future__ import annotations

import json

from accuracy import BASELINES, CLASSICAL, GROUPS, LEFT_OUT, NETWORK, accuracies, unseen_scans
from table_files import markdown_table, read_csv

_USE = {
    "network": "the default (*Automatic*): misses less dense disease, takes in more beside the lung",
    "connected-components": "aerated lungs; no network wanted",
    "threshold": "a single slice; outlines",
    "contour-tracking": "comparison with its source",
}
# What the benchmarks call a gross error: a piece of more than so many mL, after an opening by 3 mm.
_GROSS_ML = 30.0
_NETWORKS = {
    NETWORK: ("`compact`, present recipe", "three networks, seven patients left out of each, 40,000 slices"),
    "compact, 12 scans": ("`compact`, earlier recipe", "networks of an earlier recipe, three patients left out of each"),
    "resnet": ("`resnet`", "four networks, three patients left out of each, 3,500 slices"),
    "unet": ("`unet`", "four networks, three patients left out of each, 4,000 slices"),
}
_MODELS = BASELINES.parents[1] / "LungSegmentation" / "Resources" / "Models"


def methods() -> str:
    """Say how good and how fast each method is on the same scans, and when to use it."""
    times = {row["method"]: row for row in read_csv(BASELINES / "speed.csv")}
    names = {row["name"] for row in unseen_scans(NETWORK)}
    rows = []
    for method in (NETWORK, *CLASSICAL):
        own = [row for row in unseen_scans(method) if row["name"] in names]
        found = accuracies(own)
        gross = sum(max(float(row["gross_added_ml"]), float(row["gross_missed_ml"])) > _GROSS_ML for row in own)
        shown = {f"Dice, {group}": found[group].text for group in GROUPS}
        shown |= {"Gross errors": f"{gross} of {len(own)}", "Seconds": f"{float(times[method]['median_s']):.1f}"}
        rows.append({"Method": f"`{method}`", **shown, "Use it for": _USE[method]})
    return markdown_table(tuple(rows[0]), rows)


def left_out_scans() -> str:
    """List the scans that the left-out networks were tried on, with connected-components beside them."""
    classical = {row["name"]: row for row in read_csv(BASELINES / "bench.csv") if row["method"] == "connected-components"}
    rows = []
    for row in read_csv(BASELINES / "left_out" / LEFT_OUT[NETWORK]):
        other = classical[row["name"]]
        rows.append(
            {
                "Scan": row["name"],
                "Group": row["group"],
                "Right, left": f"{float(row['dice_right']):.3f}, {float(row['dice_left']):.3f}",
                "Both": f"{float(row['dice_both']):.3f}",
                "Added, missed (mL)": f"{float(row['gross_added_ml']):.0f}, {float(row['gross_missed_ml']):.0f}",
                "Verdict": row["verdict"],
                "`connected-components`, both": f"{float(other['dice_both']):.3f}",
                "its added, missed (mL)": f"{float(other['gross_added_ml']):.0f}, {float(other['gross_missed_ml']):.0f}",
            }
        )
    return markdown_table(tuple(rows[0]), rows)


def left_out_summary() -> str:
    """Sum up every network that was tried on patients it never saw, and the classical methods."""
    protocols = {**_NETWORKS, **{key: (f"`{key}`", "no training; limits were set with these scans in view") for key in CLASSICAL}}
    scans = [(*protocols[key], unseen_scans(key)) for key in protocols]
    scans.append(
        (
            "the reference itself, border at −400 HU",
            "the most that a border by density allows",
            read_csv(BASELINES / "reference_border.csv"),
        )
    )
    rows = []
    for name, protocol, own in scans:
        found = accuracies(own)
        shown = {f"Dice, {group}": found[group].text for group in GROUPS}
        lowest = min(group.lowest for group in found.values())
        rows.append({"Network or method": name, **shown, "Lowest": f"{lowest:.3f}", "Protocol": protocol})
    return markdown_table(tuple(rows[0]), rows)


def side_by_side() -> str:
    """Average the figures of every method, and of the sources' published steps, on the scans of each group."""
    rows = []
    scans = read_csv(BASELINES / "bench.csv")
    for group in GROUPS:
        for method in dict.fromkeys(row["method"] for row in scans):
            own = [row for row in scans if row["group"] == group and row["method"] == method]
            columns = {
                "Dice, both": _mean(own, "dice_both", 3),
                "lowest": f"{min(float(row['dice_both']) for row in own):.3f}",
                "HD95 (mm)": _mean(own, "hd95_right_mm hd95_left_mm", 1),
                "ASSD (mm)": _mean(own, "assd_right_mm assd_left_mm", 2),
                "Added (mL)": _mean(own, "largest_wrongly_in_ml", 0),
                "Missed (mL)": _mean(own, "largest_wrongly_out_ml", 0),
            }
            rows.append({"Group": f"{group}, {len(own)}", "Method": f"`{method}`", **columns})
    return markdown_table(tuple(rows[0]), rows)


def models() -> str:
    """List the networks that are delivered."""
    rows = [
        {
            "Name": f"`{card['name']}`",
            "Version": card["version"],
            "What it is": card["summary"].rstrip("."),
            "Parameters": f"{card['training']['parameters']:,}",
            "Pixel, slice step (mm)": f"{card['input']['in_plane']['spacing_mm']:g}, {card['input']['slice_spacing_mm']:g}",
            "Slices seen in the last training": f"{card['training']['slices_seen']:,}",
            "Date": card["training"]["date"],
        }
        for card in _cards()
    ]
    return markdown_table(tuple(rows[0]), rows)


def model_data() -> str:
    """List the data sets that each network was trained on."""
    cards = _cards()
    sets: dict[str, dict[str, str]] = {}
    for card in cards:
        for data in card["training"]["data_sets"]:
            name, _, scans = data["name"].partition(" (")
            row = sets.setdefault(name, {"Data set": name, "Licence": data["licence"], "doi": data.get("doi", "")})
            row[f"`{card['name']}`"] = scans.rstrip(")") or "yes"
    columns = ("Data set", "Licence", "doi", *(f"`{card['name']}`" for card in cards))
    return markdown_table(columns, [{column: row.get(column, "") for column in columns} for row in sets.values()])


def model_scores() -> str:
    """List what each card says of the network's accuracy."""
    rows = [
        {"Network": f"`{card['name']}`", "On": score["data"], "Measure": score["measure"], "Value": f"{score['value']:g}"}
        for card in _cards()
        if card["name"] != "compact-float32"  # the same network as compact
        for score in card["scores"]
    ]
    return markdown_table(tuple(rows[0]), rows)


def _cards() -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(_MODELS.glob("*.json"))]


def _mean(rows: list[dict[str, str]], columns: str, decimals: int) -> str:
    values = [float(row[column]) for row in rows for column in columns.split() if row[column]]
    return f"{sum(values) / len(values):.{decimals}f}" if values else ""
