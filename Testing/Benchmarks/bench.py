"""Run our methods and the sources' published steps side by side.

    python bench.py [--scans] [--speed] [--networks] [--growth] [--cases CASES.csv] [--output FOLDER] [--scan NAME ...] [--method KEY ...]

Four parts, all of them where none is named: agreement with references and cost on real scans (``bench.csv``,
``bench.md``, ``bench_report.html``), speed on a phantom of 512 x 512 x 300 voxels (``speed.csv``), the networks alone beside a large
one (``network_speed.csv``), and time per voxel as scans grow (``growth.csv``).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from growth import bench_growth
from left_out_networks import LeftOutNetworks
from LungSegmentationLib.phantom import make_phantom
from network_speed import bench_networks
from run_method import DEFAULT_KEYS, OUR_KEYS, PEER_KEYS, missing_packages, save_scan
from scan_part import bench_scans
from scans import read_cases
from speed import bench_speed

TESTING = Path(__file__).resolve().parents[1]
NETWORK_ROUNDS = 15
SHAPE_ZYX, SPACING_ZYX_MM = (300, 512, 512), (1.1, 0.75, 0.75)


def main() -> None:
    """Run the parts that were asked for."""
    arguments = _parser().parse_args()
    every_part = not (arguments.scans or arguments.speed or arguments.networks or arguments.growth)
    keys = _installed(arguments.method or DEFAULT_KEYS)
    if arguments.scans or every_part:
        if arguments.cases.is_file():
            left_out = LeftOutNetworks(arguments.left_out) if arguments.left_out else None
            bench_scans(read_cases(arguments.cases, arguments.scan), keys, arguments.output, left_out)
        else:
            print(f"no real scans: {arguments.cases} is not there; that part is left out", flush=True)
    if arguments.networks or every_part:
        bench_networks(NETWORK_ROUNDS, arguments.output)
    if not (arguments.speed or arguments.growth or every_part):
        return
    volume = make_phantom(shape_zyx=SHAPE_ZYX, spacing_zyx_mm=SPACING_ZYX_MM).volume
    if arguments.speed or every_part:
        with tempfile.TemporaryDirectory() as temporary:
            save_scan(volume, Path(temporary))
            bench_speed(Path(temporary), keys, arguments.runs, arguments.output)
    if arguments.growth or every_part:
        bench_growth(volume, [key for key in keys if key in OUR_KEYS], arguments.runs, arguments.output)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Run our methods and the sources' published steps side by side.")
    parser.add_argument("--scans", action="store_true", help="the part on real scans")
    parser.add_argument("--speed", action="store_true", help="the speed part")
    parser.add_argument("--networks", action="store_true", help="the part on networks alone")
    parser.add_argument("--growth", action="store_true", help="the growth part")
    parser.add_argument("--cases", type=Path, default=TESTING.parents[1] / "shared" / "data" / "cases.csv", help="table of real scans")
    parser.add_argument("--output", type=Path, default=TESTING / "Baselines", help="folder for the tables")
    parser.add_argument("--left-out", type=Path, help="folder of networks trained without some patients; each scan gets one")
    parser.add_argument("--scan", action="append", default=[], help="only this scan (may be repeated)")
    parser.add_argument("--method", action="append", choices=(*OUR_KEYS, *PEER_KEYS), help="only this method or peer (may be repeated)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each in the speed and growth parts, default 3")
    return parser


def _installed(keys: tuple[str, ...] | list[str]) -> list[str]:
    """Leave out, and name, what lacks a package."""
    chosen = []
    for key in keys:
        missing = missing_packages(key)
        if missing:
            print(f"{key} is left out: it needs {', '.join(missing)}, which make bench installs", flush=True)
        else:
            chosen.append(key)
    return chosen


if __name__ == "__main__":
    main()
