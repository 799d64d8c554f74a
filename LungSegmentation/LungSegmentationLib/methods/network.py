"""Lungs as a small trained network sees them; the border is decided by the density at full resolution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..anatomy.chest import adult_grid
from ..anatomy.limits import WORKING_VOXEL_MM
from ..anatomy.working_grid import WorkingGrid
from ..method import Method, parameter, text_parameter
from ..network.model_card import ModelCard
from ..network.model_store import find_model
from ..network.numpy_runner import NumpyRunner
from ..network.onnx_runner import OnnxRunner
from ..network.postprocessing import lungs_from_probabilities
from ..network.preprocessing import (
    Box,
    NetworkGrid,
    body_box,
    check_grid_memory,
    enlarged,
    network_grid,
    normalised,
    reduced_slices,
    stacked_neighbours,
    whole_box,
)
from ..network.probabilities import LungProbabilities, probabilities_of_channels
from ..network.runners import open_runner
from ..progress import Progress, part_of
from ..segmentation import Evidence, LungMask
from ..volume import CtVolume
from .lungs import BorderParameters

DEFAULT_MODEL = "compact"


@dataclass(frozen=True)
class NetworkParameters(BorderParameters):
    """Parameters of the method."""

    model: str = text_parameter(DEFAULT_MODEL, "Network", "name of a network that is installed, or the path of its card NAME.json")
    slice_step_mm: float = parameter(0.0, "Slice step", "mm", 0.0, 20.0, "the network is run every so many mm; 0: as its card says")
    mirror_averaging: bool = parameter(
        True, "Mirror averaging", "", 0, 1, "the network sees each slice mirrored too, and both answers are averaged"
    )


def segment(volume: CtVolume, parameters: NetworkParameters, progress: Progress) -> LungMask:
    """Segment the lungs by a network.

    The network labels slices of a few millimetres' pixel size, cropped to the body. Its answer, brought to the
    working grid, decides what is lung, on which side, and where dense disease belongs to it; air at the border
    is decided by each voxel's density, as in the classical methods.

    Parameters
    ----------
    volume : CtVolume
        In canonical orientation.
    parameters : NetworkParameters
    progress : callable

    Returns
    -------
    LungMask

    Raises
    ------
    InputError
        If the network needs ONNX Runtime, which is not installed, or there is no lung in the image.
    ModelError
        If the network cannot be used.
    """
    progress(0.0, "Starting the network")
    model = find_model(parameters.model)
    runner = open_runner(model)
    progress(0.1, "Reducing the image")
    whole, scale = adult_grid(volume, WORKING_VOXEL_MM, model.card.input.body_crop)
    probabilities = network_probabilities(whole, model.card, runner, parameters, part_of(progress, 0.15, 0.6))
    border = parameters.threshold_hu, parameters.closing_radius_mm
    mask = lungs_from_probabilities(volume, whole, probabilities, *border, part_of(progress, 0.6, 1.0), scale)
    lung_probability = np.rint(255 * np.clip(probabilities.right + probabilities.left, 0, 1)).astype(np.uint8)
    return LungMask(
        mask.labels,
        (*runner.warnings, *mask.warnings),
        probability=lambda: whole.enlarge(lung_probability),
        uncertainty=mask.uncertainty,
        evidence=Evidence(whole.factors_zyx, lung_probability),
    )


def network_probabilities(
    whole: WorkingGrid,
    card: ModelCard,
    runner: OnnxRunner | NumpyRunner,
    parameters: NetworkParameters,
    progress: Progress,
) -> LungProbabilities:
    """Ask a network for the share of each side and of the airways in each block of the working grid."""
    box = body_box(whole) if card.input.body_crop else whole_box(whole.mean_hu.shape)
    grid = network_grid(card.input, whole, box, parameters.slice_step_mm or None)
    check_grid_memory(card, grid, whole)
    progress(0.0, "Running the network")
    planes = _run(whole, grid, card, runner, parameters.mirror_averaging, progress)
    return probabilities_of_channels(_on_working_grid(planes, grid, whole, box), card.output, whole, box)


def _run(
    whole: WorkingGrid, grid: NetworkGrid, card: ModelCard, runner: OnnxRunner | NumpyRunner, mirror_averaging: bool, progress: Progress
) -> np.ndarray:
    """Give the network's probabilities, float32 (channels, slices, rows, columns)."""
    reduced = normalised(reduced_slices(whole.mean_hu, grid), card.input)
    slices, _, rows, columns = grid.shape_nchw
    together = runner.batch_size(rows, columns)
    planes = np.empty((len(card.output.channels), slices, rows, columns), np.float32)

    def batches(mirrored: bool) -> Iterator[np.ndarray]:
        for start in range(0, slices, together):
            stack = stacked_neighbours(reduced, grid, slice(start, start + together))
            yield np.ascontiguousarray(stack[..., ::-1]) if mirrored else stack

    passes = (False, True) if mirror_averaging else (False,)
    for number, mirrored in enumerate(passes):
        start = 0
        for probabilities in runner.run(batches(mirrored)):
            stop = start + probabilities.shape[0]
            answer = probabilities.transpose(1, 0, 2, 3)
            if mirrored:
                planes[:, start:stop] += answer[[_mirrored(card, channel) for channel in range(len(answer))], ..., ::-1]
            else:
                planes[:, start:stop] = answer
            start = stop
            progress((number + start / slices) / len(passes), "Running the network")
    return planes / len(passes) if mirror_averaging else planes


def _mirrored(card: ModelCard, channel: int) -> int:
    names = card.output.channels
    swapped = {"right_lung": "left_lung", "left_lung": "right_lung"}.get(names[channel], names[channel])
    return names.index(swapped) if swapped in names else channel


def _on_working_grid(planes: np.ndarray, grid: NetworkGrid, whole: WorkingGrid, box: Box) -> list[np.ndarray]:
    return [enlarged(plane, grid, whole.mean_hu.shape, box) for plane in planes]


METHOD = Method(
    key="network",
    title="Network",
    summary="A small trained network finds the lungs, dense disease included; the border is decided by the density.",
    parameters=NetworkParameters,
    segment=segment,
    gives_probability=True,
    reference="O. Ronneberger et al., U-Net, MICCAI 2015; W. Li et al., IPMI 2017; trained by this project, see Training/README.md",
)
