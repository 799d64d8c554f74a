"""Start a training from a network that was exported before: its batch norms, folded away in the file, are set up anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

_UNLIKELY_LOGIT = -6.0


def start_from(network: nn.Module, path: Path, images: torch.Tensor) -> None:
    """Give a network the weights of an ONNX file of the same architecture, so that training can go on.

    An exported convolution holds the batch norm that followed it. Each batch norm is given the mean and spread that its
    channels have on some images, and undoes them: the network answers as the file does, in training too. Classes that the
    file's network does not know, the last ones, start as very unlikely.

    Parameters
    ----------
    network : torch.nn.Module
        Its convolutions are followed by batch norm, or have a bias.
    path : pathlib.Path
        ONNX file.
    images : torch.Tensor
        float32 (slices, channels, rows, columns), in the network's units; some tens of slices of the training.

    Raises
    ------
    ValueError
        If the file's convolutions are not those of the network, or its weights have 8 bits.
    """
    layers = _convolutions_and_norms(network, images[:1])
    folded = _folded_weights(path)
    folded[-1] = _with_more_outputs(*folded[-1], outputs=layers[-1][0].weight.shape[0])
    shapes = [tuple(convolution.weight.shape) for convolution, _ in layers], [kernels.shape for kernels, _ in folded]
    if shapes[0] != shapes[1]:
        raise ValueError(f"{path.name} has convolutions of the shapes {shapes[1]}; this architecture has {shapes[0]}")
    with torch.no_grad():
        for (convolution, norm), (kernels, bias) in zip(layers, folded, strict=True):
            convolution.weight.copy_(torch.from_numpy(kernels))
            (norm if convolution.bias is None else convolution).bias.copy_(torch.from_numpy(bias))
            if norm is not None:
                _make_neutral(norm)
        _follow_statistics([norm for _, norm in layers if norm is not None], network, images)


def _convolutions_and_norms(network: nn.Module, image: torch.Tensor) -> list[tuple[nn.Module, nn.BatchNorm2d | None]]:
    """List the convolutions in the order in which they run, each with the batch norm that follows it."""
    layers: list[tuple[nn.Module, nn.BatchNorm2d | None]] = []

    def note(module: nn.Module, *_: object) -> None:
        if isinstance(module, nn.BatchNorm2d):
            layers[-1] = (layers[-1][0], module)
        else:
            layers.append((module, None))

    handles = [
        module.register_forward_hook(note)
        for module in network.modules()
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d)
    ]
    network.eval()
    with torch.no_grad():
        network(image)
    for handle in handles:
        handle.remove()
    return layers


def _folded_weights(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    values = {initializer.name: numpy_helper.to_array(initializer) for initializer in graph.initializer}
    layers = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose")]
    if any(name not in values for node in layers for name in node.input[1:]):
        raise ValueError(f"{path.name} has its weights in 8 bits; start from the network of 32 bits that it was made of")
    return [(values[node.input[1]].copy(), values[node.input[2]].copy()) for node in layers]


def _with_more_outputs(kernels: np.ndarray, bias: np.ndarray, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    more = max(0, outputs - bias.size)
    return np.pad(kernels, ((0, more), (0, 0), (0, 0), (0, 0))), np.pad(bias, (0, more), constant_values=_UNLIKELY_LOGIT)


def _make_neutral(norm: nn.BatchNorm2d) -> None:
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.fill_(1)


def _follow_statistics(norms: Sequence[nn.BatchNorm2d], network: nn.Module, images: torch.Tensor) -> None:
    """Set each batch norm to the statistics of what it is given, and its scale and shift to undo them."""
    found: dict[nn.Module, tuple[torch.Tensor, torch.Tensor]] = {}

    def note(module: nn.Module, given: tuple[torch.Tensor], _: object) -> None:
        found[module] = given[0].mean(dim=(0, 2, 3)), given[0].var(dim=(0, 2, 3))

    handles = [norm.register_forward_hook(note) for norm in norms]
    network.eval()
    network(images)
    for handle in handles:
        handle.remove()
    for norm in norms:
        mean, variance = found[norm]
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias += mean
