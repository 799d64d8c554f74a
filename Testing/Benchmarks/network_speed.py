"""The benchmark's network part: our networks beside the architecture of the best-known lung network, slice by slice in turn."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from LungSegmentationLib.network.model_store import find_model
from LungSegmentationLib.network.onnx_session import import_onnxruntime, open_session
from peers.large_unet import SIZE_PIXELS, write_large_unet
from table_files import markdown_table, write_csv

COLUMNS = ("network", "parameters", "channels_rows_columns", "ms_per_slice", "times_faster_than_large_unet")
NETWORKS = ("compact", "compact-float32", "unet", "resnet")
# A body of 336 mm × 384 mm: broader than most.
_ROWS_MM, _COLUMNS_MM = 336.0, 384.0
_SLICES_TOGETHER = 4
_BATCHES = 10


def bench_networks(rounds: int, output: Path) -> None:
    """Time networks on the CPU in turn, so that a busy minute touches all; print, and write ``network_speed.csv``.

    Parameters
    ----------
    rounds : int
        Each round runs the large network on two slices, and each of ours on eleven batches of four slices.
    output : pathlib.Path
        Folder of the table.
    """
    with tempfile.TemporaryDirectory() as temporary:
        large = Path(temporary) / "large_unet.onnx"
        parameters = {"large_unet": write_large_unet(large)}
        onnxruntime = import_onnxruntime()
        options = onnxruntime.SessionOptions()
        sessions = {"large_unet": onnxruntime.InferenceSession(str(large), options, providers=["CPUExecutionProvider"])}
    shapes = {"large_unet": (1, 1, SIZE_PIXELS, SIZE_PIXELS)}
    for key in NETWORKS:
        model = find_model(key)
        sessions[key], _, _ = open_session(model, ("CPUExecutionProvider",), None)
        pixel_mm = model.card.input.in_plane.spacing_mm
        rows, columns = (round(length / pixel_mm) for length in (_ROWS_MM, _COLUMNS_MM))
        shapes[key] = (_SLICES_TOGETHER, len(model.card.input.neighbour_offsets), rows, columns)
        parameters[key] = model.card.training["parameters"]
    seconds: dict[str, list[float]] = {key: [] for key in sessions}
    for number in range(rounds + 1):
        for key, session in sessions.items():
            took = _seconds(session, shapes[key], 1 if key == "large_unet" else _BATCHES) / shapes[key][0]
            if number:
                seconds[key].append(took)
    rows_out = []
    for key, those in seconds.items():
        ratio = statistics.median(large / ours for large, ours in zip(seconds["large_unet"], those, strict=True))
        size = "x".join(map(str, shapes[key][1:]))
        values = (key, parameters[key], size, round(1000 * statistics.median(those), 2), round(ratio, 1))
        rows_out.append(dict(zip(COLUMNS, values, strict=True)))
    print(f"\n{markdown_table(COLUMNS, rows_out)}")
    write_csv(output / "network_speed.csv", COLUMNS, rows_out)


def _seconds(session: Any, shape: tuple[int, ...], batches: int) -> float:
    """Time a batch: the median of some that follow each other, after one that meets the threads of the network before."""
    values = np.random.default_rng(0).standard_normal(shape, np.float32)
    times = []
    for _ in range(batches + 1):
        start = time.perf_counter()
        session.run(None, {session.get_inputs()[0].name: values})
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])
