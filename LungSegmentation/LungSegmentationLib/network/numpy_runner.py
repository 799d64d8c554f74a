"""Run a network over batches of slices with numpy alone: slower than ONNX Runtime, and there wherever the engine is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..errors import ModelError
from .activation import as_probabilities, check_batch
from .model_store import Model, check_file
from .numpy_network import NumpyNetwork
from .onnx_graph import read_graph
from .processor_cores import available_physical_cores

_SLICES_A_THREAD = 4  # of a batch: so many that no thread waits long for the others


class NumpyRunner:
    """A network of 32 bits, read and ready; the counterpart of :class:`.onnx_runner.OnnxRunner`.

    Parameters
    ----------
    model : Model
    threads : int, optional
        By default one for each physical core that this process may use.

    Raises
    ------
    ModelError
        If the file is not what its card says, or the network has operators that are not known here.
    """

    provider = "numpy"
    warnings: tuple[str, ...] = ()

    def __init__(self, model: Model, threads: int | None = None) -> None:
        check_file(model)
        self._card = model.card
        self._threads: int = threads or available_physical_cores() or 1
        self._network = NumpyNetwork(read_graph(model.path), model.card.name)

    def batch_size(self, rows: int, columns: int) -> int:  # noqa: ARG002  every runner takes them
        """Give how many slices to run together."""
        return _SLICES_A_THREAD * self._threads

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Run the network on each batch, in order; see :meth:`.onnx_runner.OnnxRunner.run`."""
        with ThreadPoolExecutor(self._threads) as pool:
            for batch in batches:
                check_batch(batch, self._card)
                values = np.stack(list(pool.map(self._network.run, batch)))
                expected = (batch.shape[0], len(self._card.output.channels), *batch.shape[2:])
                if values.shape != expected:
                    raise ModelError(
                        f"the network {self._card.name} gives the shape {values.shape} for {batch.shape}; its card says {expected}"
                    )
                yield as_probabilities(values, self._card)
