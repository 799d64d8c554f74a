"""Train one network: ``python -m Training.train --cases CASES.csv --architecture compact --output DIR``."""

from __future__ import annotations

import argparse
import copy
import csv
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .augmentation import random_sample
from .batches import batch_stream
from .curves import draw_curves
from .recipes import DIVIDE_HU, RECIPES, SUBTRACT_HU, Recipe, find_recipe
from .scans import TrainingScan, patient_of, phantom_scan, read_cases
from .start_weights import start_from

CHECKPOINT, CURVE_CSV, CURVE_PNG = "checkpoint.pt", "curve.csv", "curve.png"
_AVERAGE_DECAY = 0.998
_WARM_UP_SAMPLES = 2000
_VALIDATION_SLICES = 96


@dataclass
class _State:
    """Everything that a resumed training needs."""

    network: nn.Module
    average: nn.Module
    optimiser: torch.optim.Optimizer
    samples: int = 0
    best_loss: float = math.inf
    checks_without_better: int = 0


def normalised(image_hu: torch.Tensor) -> torch.Tensor:
    """Bring HU to the network's units."""
    return (image_hu - SUBTRACT_HU) / DIVIDE_HU


def train(
    recipe: Recipe,
    scans: Sequence[TrainingScan],
    output: Path,
    samples: int,
    validation: Sequence[TrainingScan] = (),
    seed: int = 0,
    check_every: int = 4000,
    start: Path | None = None,
) -> nn.Module:
    """Train a network, or go on where an earlier run in ``output`` stopped.

    Parameters
    ----------
    recipe : Recipe
    scans : sequence of TrainingScan
    output : pathlib.Path
        Folder for the checkpoint and the curves.
    samples : int
        Slices to see in all.
    validation : sequence of TrainingScan
        Scans for early stopping; none: the whole training is run.
    seed : int
    check_every : int
        Slices between checkpoints.
    start : pathlib.Path, optional
        ONNX file of the same architecture whose weights are the first ones; a quarter of the learning rate is enough then.

    Returns
    -------
    torch.nn.Module
        The running average of the weights, on the CPU, in evaluation mode.
    """
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    output.mkdir(parents=True, exist_ok=True)
    if start is not None:
        recipe = replace(recipe, learning_rate=recipe.learning_rate / 4)
    state = _start(recipe, device)
    _resume(state, output / CHECKPOINT)
    stream = batch_stream(scans, recipe.form, recipe.batch, seed + state.samples)
    if start is not None and not state.samples:
        _start_from(state, start, [next(stream)[0] for _ in range(4)], device)
    checks = _validation_batch(validation, recipe)
    scaler = torch.amp.GradScaler(enabled=device.type == "cuda")
    losses: list[float] = []
    since, before, next_check = time.perf_counter(), state.samples, state.samples + check_every
    while state.samples < samples:
        losses.append(_step(state, recipe, next(stream), samples, device, scaler))
        if state.samples >= next_check or state.samples >= samples:
            speed = (state.samples - before) / (time.perf_counter() - since)
            loss = _validation_loss(state.average, recipe, checks, device)
            _record(output, state, float(np.mean(losses)), loss, speed)
            if loss is not None and _should_stop(state, loss, recipe.patience):
                break
            losses, since, before, next_check = [], time.perf_counter(), state.samples, state.samples + check_every
    draw_curves(output / CURVE_CSV, output / CURVE_PNG)
    return state.average.cpu().eval()


def _start(recipe: Recipe, device: torch.device) -> _State:
    network = recipe.make_network().to(device, memory_format=torch.channels_last)
    average = copy.deepcopy(network).eval()
    optimiser = recipe.optimiser(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)  # type: ignore[call-arg]
    return _State(network, average, optimiser)


def _start_from(state: _State, path: Path, images_hu: Sequence[torch.Tensor], device: torch.device) -> None:
    start_from(state.network, path, normalised(torch.cat(list(images_hu))).to(device))
    state.average.load_state_dict(state.network.state_dict())


def _step(
    state: _State,
    recipe: Recipe,
    batch: tuple[torch.Tensor, torch.Tensor],
    samples: int,
    device: torch.device,
    scaler: torch.amp.GradScaler,
) -> float:
    image, target = (part.to(device) for part in batch)
    warm = min(1.0, (state.samples + recipe.batch) / _WARM_UP_SAMPLES)
    for group in state.optimiser.param_groups:
        group["lr"] = recipe.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, state.samples / samples)))
    state.network.train()
    with torch.autocast(device.type, torch.float16 if device.type == "cuda" else torch.bfloat16, enabled=_has_fast_half_floats(device)):
        logits = state.network(normalised(image).contiguous(memory_format=torch.channels_last))
    loss = recipe.loss(logits.float(), target)
    state.optimiser.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.step(state.optimiser)
    scaler.update()
    state.samples += image.shape[0]
    _follow(state.average, state.network, min(_AVERAGE_DECAY, state.samples / (state.samples + 20 * recipe.batch)))
    return float(loss.detach())


def _has_fast_half_floats(device: torch.device) -> bool:
    """Say whether half-width floats save time: a processor without AVX-512 takes ten times as long with them."""
    return device.type == "cuda" or torch.backends.cpu.get_cpu_capability() == "AVX512"


def _follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    with torch.no_grad():
        for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now.to(mean.dtype), 1 - decay)
            else:
                mean.copy_(now)


def _validation_batch(scans: Sequence[TrainingScan], recipe: Recipe) -> list[tuple[torch.Tensor, torch.Tensor]]:
    rng = np.random.default_rng(0)
    return [
        random_sample(scans[index % len(scans)], recipe.form, rng, augment=False) for index in range(_VALIDATION_SLICES if scans else 0)
    ]


def _validation_loss(
    network: nn.Module, recipe: Recipe, checks: list[tuple[torch.Tensor, torch.Tensor]], device: torch.device
) -> float | None:
    if not checks:
        return None
    with torch.no_grad():
        losses = [float(recipe.loss(network(normalised(image[None].to(device))), target[None].to(device))) for image, target in checks]
    return float(np.mean(losses))


def _should_stop(state: _State, loss: float, patience: int) -> bool:
    state.checks_without_better = 0 if loss < state.best_loss else state.checks_without_better + 1
    state.best_loss = min(state.best_loss, loss)
    return state.checks_without_better >= patience


def _record(output: Path, state: _State, loss: float, validation_loss: float | None, slices_per_s: float) -> None:
    path = output / CURVE_CSV
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["samples", "loss", "validation_loss", "slices_per_s"])
        check = "" if validation_loss is None else f"{validation_loss:.5f}"
        writer.writerow([state.samples, f"{loss:.5f}", check, f"{slices_per_s:.1f}"])
    whole = output / (CHECKPOINT + ".part")
    torch.save(
        {
            "network": state.network.state_dict(),
            "average": state.average.state_dict(),
            "optimiser": state.optimiser.state_dict(),
            "samples": state.samples,
            "best_loss": state.best_loss,
            "checks_without_better": state.checks_without_better,
        },
        whole,
    )
    whole.replace(output / CHECKPOINT)


def _resume(state: _State, checkpoint: Path) -> None:
    if not checkpoint.exists():
        return
    kept = torch.load(checkpoint, weights_only=True)
    state.network.load_state_dict(kept["network"])
    state.average.load_state_dict(kept["average"])
    state.optimiser.load_state_dict(kept["optimiser"])
    state.samples, state.best_loss = kept["samples"], kept["best_loss"]
    state.checks_without_better = kept["checks_without_better"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="table with the columns name, ct, reference, doubt, group")
    parser.add_argument("--architecture", choices=[recipe.key for recipe in RECIPES], default="compact")
    parser.add_argument("--output", type=Path, required=True, help="folder for checkpoint and curves; an earlier run there goes on")
    parser.add_argument("--samples", type=int, default=60000, help="slices to see")
    parser.add_argument("--without", nargs="*", default=[], metavar="NAME", help="scans whose patients are left out of training")
    parser.add_argument("--validate", nargs="*", default=[], metavar="NAME", help="scans whose patients decide when to stop early")
    parser.add_argument("--phantoms", type=int, default=2, help="phantoms to train on too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, metavar="NAME.onnx", help="network of the same architecture whose weights are the first ones")
    options = parser.parse_args(arguments)
    recipe = find_recipe(options.architecture)
    kept_out, checking = ({patient_of(name) for name in names} for names in (options.without, options.validate))
    scans = read_cases(options.cases, without=sorted(kept_out))
    validation = [scan for scan in scans if scan.patient in checking]
    scans = [scan for scan in scans if scan.patient not in checking]
    scans += [phantom_scan(seed) for seed in range(options.phantoms)]
    train(recipe, scans, options.output, options.samples, validation, options.seed, start=options.start)


if __name__ == "__main__":
    main()
