"""Bring an exported network to whole numbers of 8 bits: ``python -m Training.quantise CARD.json --cases CASES.csv ...``.

A quarter of the size, and on processors with instructions for such numbers (most since 2019) less than half of the time.

References
----------
B. Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, CVPR 2018.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quant_pre_process, quantize_static

from LungSegmentationLib.network.model_card import ModelCard, read_card, write_card
from LungSegmentationLib.network.model_store import file_sha256

from .batches import batch_stream
from .recipes import RECIPES, Recipe, find_recipe
from .scans import phantom_scan, read_cases
from .train import normalised

LOWEST_AGREEMENT = 0.99
_CALIBRATION_BATCHES, _CHECK_BATCHES = 24, 12
_LUNGS = (1, 2)


class _Batches(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, batches: Sequence[np.ndarray], name: str) -> None:
        self._batches, self._name = iter(batches), name

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._batches, None)
        return None if batch is None else {self._name: batch}


def quantise(
    source: Path, calibration: Sequence[np.ndarray], checks: Sequence[np.ndarray], target: Path, lowest: float = LOWEST_AGREEMENT
) -> float:
    """Write a network's 8-bit variant and compare it with the network.

    Parameters
    ----------
    source : pathlib.Path
        ONNX file with 32-bit weights.
    calibration, checks : sequence of numpy.ndarray
        float32 (slices, channels, rows, columns), in the network's units: inputs that show which values occur inside the
        network, and others for the comparison.
    target : pathlib.Path
        ONNX file to write.
    lowest : float
        Agreement with which the variant is still accepted.

    Returns
    -------
    float
        Agreement: Dice of the lungs that both see in ``checks``, the smaller of right and left.

    Raises
    ------
    ValueError
        If that is less than ``lowest``; then nothing is written.
    """
    with tempfile.TemporaryDirectory() as temporary:
        prepared, written = Path(temporary) / "prepared.onnx", Path(temporary) / "quantised.onnx"
        # Shapes are free in the file, which the symbolic inference does not get through.
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        # Weights of 7 bits: in older processors' sums of 16 bits, products of 8 and 8 bits overflow.
        quantize_static(
            str(prepared),
            str(written),
            _Batches(calibration, _session(source).get_inputs()[0].name),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        agreement = lungs_agreement(source, written, checks)
        if agreement < lowest:
            raise ValueError(
                f"the 8-bit variant of {source.name} agrees with it by a Dice of {agreement:.3f}; at least {lowest:g} is wanted"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(written.read_bytes())
    return agreement


def lungs_agreement(first: Path, second: Path, batches: Sequence[np.ndarray]) -> float:
    """Give the Dice between the lungs that two networks see, the smaller of right and left."""
    sessions = [_session(path) for path in (first, second)]
    both, either = np.zeros(len(_LUNGS)), np.zeros(len(_LUNGS))
    for batch in batches:
        ours, theirs = (session.run(None, {session.get_inputs()[0].name: batch})[0].argmax(axis=1) for session in sessions)
        for place, label in enumerate(_LUNGS):
            both[place] += np.count_nonzero((ours == label) & (theirs == label))
            either[place] += np.count_nonzero(ours == label) + np.count_nonzero(theirs == label)
    return float((2 * both / np.maximum(either, 1)).min())


def quantised_card(
    card: ModelCard, recipe: Recipe, name: str, sha256: str, command: str, agreement: float, scores: Sequence[dict[str, Any]]
) -> ModelCard:
    """Describe the variant by the card of the network that it was made of."""
    training = {key: value for key, value in card.training.items() if key != "largest_difference_to_torch"}
    training |= {"quantised": f"8 bits, by {command}", "agreement_with_32_bits_dice": round(agreement, 4)}
    scores = tuple(scores) or card.scores
    return dataclasses.replace(card, name=name, title=recipe.title, summary=recipe.summary, sha256=sha256, training=training, scores=scores)


def _session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def _inputs(cases: Path, recipe: Recipe, phantoms: int) -> Iterator[np.ndarray]:
    scans = [*read_cases(cases), *(phantom_scan(seed) for seed in range(phantoms))]
    for image, _ in batch_stream(scans, recipe.form, recipe.batch, seed=0):
        yield normalised(image).numpy()


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, quantise, and write the card."""
    parser = argparse.ArgumentParser(description="Bring an exported network to whole numbers of 8 bits.")
    parser.add_argument("card", type=Path, help="card of the network with 32-bit weights; its file lies beside it")
    parser.add_argument("--architecture", choices=[recipe.key for recipe in RECIPES], default="compact")
    parser.add_argument("--cases", type=Path, required=True, help="table with the columns name, ct, reference, doubt, group")
    parser.add_argument("--phantoms", type=int, default=3)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--name", required=True, help="of the variant")
    parser.add_argument("--scores", type=Path, help="JSON list of measured scores (data, measure, value), for the card")
    options = parser.parse_args(arguments)
    card = read_card(options.card)
    recipe = find_recipe(options.architecture)
    stream = _inputs(options.cases, recipe, options.phantoms)
    calibration = [next(stream) for _ in range(_CALIBRATION_BATCHES)]
    checks = [next(stream) for _ in range(_CHECK_BATCHES)]
    target = options.output / f"{options.name}.onnx"
    agreement = quantise(options.card.parent / card.file, calibration, checks, target)
    command = f"python -m Training.quantise {options.card.name} --architecture {options.architecture} --cases CASES.csv"
    scores = json.loads(options.scores.read_text(encoding="utf-8")) if options.scores else []
    write_card(
        quantised_card(card, recipe, options.name, file_sha256(target), command, agreement, scores), options.output / f"{options.name}.json"
    )
    print(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB, agreement {agreement:.4f}")


if __name__ == "__main__":
    main()
