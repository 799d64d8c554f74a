"""Tables of vessels and airways: how much is found, how exactly it is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from accuracy import BASELINES
from table_files import markdown_table, read_csv

Row = dict[str, str]
_TIMES = "\u00a0×\u00a0"  # a size stays on one line
_SETTING = {"spacing_zyx_mm": "Voxel (mm)", "blur_mm": "Blur (mm)", "noise_hu": "Noise (HU)"}


def vessel_trees() -> str:
    """Say how much of the drawn vessels' middle lines is found."""
    figures = {
        "radius from 1 mm (%)": ("found_from_1_mm", min),
        "0.7 to 1 mm (%)": ("found_0.7_to_1_mm", min),
        "0.4 to 0.7 mm (%)": ("found_0.4_to_0.7_mm", min),
        "0.3 to 0.4 mm (%)": ("found_0.3_to_0.4_mm", min),
        "Found that is vessel (%)": ("precision", min),
        "In one piece (%)": ("largest_piece", min),
    }
    return _by_setting("vessel_trees.csv", {title: (column, _percent_of(pick)) for title, (column, pick) in figures.items()})


def vessel_lookalikes() -> str:
    """Say which share of what is no vessel is called vessel."""
    titles = {
        "solid_nodule_all": "Solid nodules, together",
        "solid_nodule_4_to_6_mm": "Solid nodule, 4 to 6 mm",
        "solid_nodule_6_to_10_mm": "Solid nodule, 6 to 10 mm",
        "solid_nodule_from_10_mm": "Solid nodule, from 10 mm",
        "part_solid_nodule_all": "Part-solid nodules, together",
        "part_solid_nodule_4_to_6_mm": "Part-solid nodule, 4 to 6 mm",
        "part_solid_nodule_6_to_10_mm": "Part-solid nodule, 6 to 10 mm",
        "part_solid_nodule_from_10_mm": "Part-solid nodule, from 10 mm",
        "scar": "Scar at the chest wall",
        "septum": "Thick septum",
        "fissure": "Fissure",
    }
    rows = read_csv(BASELINES / "vessel_lookalikes.csv")
    shown = []
    for column, title in titles.items():
        values = [100 * float(row[column]) for row in rows if row[column]]
        if values:
            low, high = min(values), max(values)
            shown.append(
                {"Structure": title, "Called vessel, lowest (%)": f"{low:.0f}", "highest (%)": f"{high:.0f}", "Blocks": len(values)}
            )
    return markdown_table(tuple(shown[0]), shown)


def vessel_volumes() -> str:
    """Compare the vessels' volume by calibre with the truth of phantoms."""
    return _by_setting(
        "vessel_volumes.csv",
        {
            "Volume to truth (%)": ("total_over_truth", _range(100.0)),
            "BV5 / TBV (%)": ("bv5_percent", _range(1.0)),
            "its truth": ("bv5_true_percent", _range(1.0)),
            "BV10 / TBV (%)": ("bv10_percent", _range(1.0)),
            "its truth ": ("bv10_true_percent", _range(1.0)),
            "Airway walls called vessel (%)": ("airway_wall_percent", _range(1.0)),
            "of them off vessels": ("wall_off_vessels_percent", _range(1.0)),
            "Nodules called vessel (%)": ("nodule_percent", _range(1.0)),
        },
    )


def vessel_graph() -> str:
    """Say how the vessels' tree changes with the scan."""
    return _by_setting(
        "vessel_graph.csv",
        {
            "Branches": ("branches", _range(1.0, 0)),
            "SD by noise": ("branches_sd", _range(1.0)),
            "Length (m)": ("length_m", _range(1.0, 2)),
            "Highest order": ("order", _range(1.0)),
            "Radius error (mm)": ("radius_error_mm", _range(1.0, 2)),
            "its SD (mm)": ("radius_error_sd_mm", _range(1.0, 2)),
            "Off the middle (mm)": ("off_middle_mm", _range(1.0, 2)),
        },
    )


def vessel_border() -> str:
    """Compare the two rules for vessels at the border of the lungs."""
    rows = read_csv(BASELINES / "vessel_border.csv")
    shown = []
    for rule in dict.fromkeys(row["rule"] for row in rows):
        shares = sorted(float(row["border_percent"]) for row in rows if row["rule"] == rule)
        figures = {
            "Scans": len(shares),
            "Median (%)": f"{shares[len(shares) // 2]:.1f}",
            "lowest": f"{shares[0]:.1f}",
            "highest": f"{shares[-1]:.1f}",
        }
        shown.append({"Rule": f"`{rule}`", **figures})
    return markdown_table(tuple(shown[0]), shown)


def airway_walls() -> str:
    """Say how exactly walls of drawn bronchi are measured."""
    rows = read_csv(BASELINES / "airway_walls.csv")
    shown = []
    for setting in dict.fromkeys((row["spacing_zyx_mm"], row["blur_mm"]) for row in rows):
        own = [row for row in rows if (row["spacing_zyx_mm"], row["blur_mm"]) == setting]
        shown.append(
            {
                "Voxel (mm)": setting[0].replace(" x ", _TIMES),
                "Blur (mm)": setting[1],
                "Lumen's radius (mm)": _range(1.0)([row["radius_mm"] for row in own]),
                "Error of its radius (mm)": _range(1.0, 2)([row["radius_error_mm"] for row in own]),
                "Error of the wall (mm)": _range(1.0, 2)([row["wall_error_mm"] for row in own]),
                "by half height (mm)": _range(1.0, 2)([row["half_height_error_mm"] for row in own]),
                "Pi10, truth (mm)": ", ".join(f"{row['pi10_mm']}, {row['pi10_true_mm']}" for row in own if row["pi10_mm"]),
            }
        )
    return markdown_table(tuple(shown[0]), shown)


def airway_trees() -> str:
    """Count the airways' branches on real scans."""
    titles = {
        "scan": "Scan",
        "spacing_zyx_mm": "Voxel (mm)",
        "branches_in_label": "Branches in the label",
        "branches": "Branches of the tree",
        "generations": "Highest generation",
        "tree_length_mm": "Length (mm)",
        "walls": "Measured walls",
        "pi10_mm": "Pi10 (mm)",
    }
    rows = [{title: row[key].replace(" x ", _TIMES) for key, title in titles.items()} for row in read_csv(BASELINES / "airway_trees.csv")]
    return markdown_table(tuple(titles.values()), rows)


def _by_setting(name: str, figures: dict[str, tuple[str, Callable[[list[str]], str]]]) -> str:
    """Make a row a setting from the rows of its seeds."""
    rows = read_csv(BASELINES / name)
    shown = []
    for setting in dict.fromkeys(tuple(row[key] for key in _SETTING) for row in rows):
        own = [row for row in rows if tuple(row[key] for key in _SETTING) == setting]
        start = {title: value.replace(" x ", _TIMES).removesuffix(".0") for title, value in zip(_SETTING.values(), setting, strict=True)}
        shown.append({**start, **{title: write([row[column] for row in own if row[column]]) for title, (column, write) in figures.items()}})
    return markdown_table(tuple(shown[0]), shown)


def _percent_of(pick: Callable[[Iterable[float]], float]) -> Callable[[list[str]], str]:
    return lambda values: f"{100 * pick(float(value) for value in values):.1f}"


def _range(factor: float, decimals: int = 1) -> Callable[[list[str]], str]:
    """Write the lowest and the highest, once where both are the same."""

    def write(values: list[str]) -> str:
        ends = [f"{factor * pick(float(value) for value in values):.{decimals}f}" for pick in (min, max)]
        return " to ".join(dict.fromkeys(ends))

    return write
