"""Run a network over batches of slices with ONNX Runtime, the next batch being prepared while the network runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..errors import ModelError
from ..io.file_checks import MEMORY_LIMIT_OPTION
from . import limits
from .activation import as_probabilities, check_batch
from .model_store import Model
from .onnx_session import CPU_PROVIDER, network_memory_gb, open_session, run_limited

_NO_MEMORY = ("Available memory of", "Failed to allocate memory", "bad allocation", "bad_alloc")


class OnnxRunner:
    """A network, started and checked against its card.

    Parameters
    ----------
    model : Model
    providers : sequence of str, optional
        ONNX Runtime's names in order of preference; see :func:`.onnx_session.open_session` for the default.
    threads : int, optional
        Of the CPU; by default one for each physical core that this process may use.

    Attributes
    ----------
    provider : str
        What the network runs on.
    warnings : tuple of str
        One sentence for each preferred provider that did not start.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed, does not offer a provider, or ``threads`` is less than 1.
    ModelError
        If the network is not what its card says, or does not start.
    """

    def __init__(self, model: Model, providers: Sequence[str] | None = None, threads: int | None = None) -> None:
        self._model = model
        self._session, self.provider, self.warnings = open_session(model, providers, threads)
        entry = self._session.get_inputs()[0]
        self._input_name: str = entry.name
        self._slice_by_slice = entry.shape[0] == 1

    def batch_size(self, rows: int, columns: int) -> int:
        """Give how many slices of a size to run together: as many as make it fast, no more."""
        together = limits.TOGETHER_CPU_PIXELS if self.provider == CPU_PROVIDER else limits.TOGETHER_OTHER_PIXELS
        return max(1, together // (rows * columns))

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Run the network on each batch, in order.

        Parameters
        ----------
        batches : iterable of numpy.ndarray
            float32 (slices, channels, rows, columns), prepared as the card says. It is advanced in another
            thread, one batch ahead; what it raises is raised here.

        Yields
        ------
        numpy.ndarray
            float32 (slices, output channels, rows, columns), probabilities.

        Raises
        ------
        ModelError
            If a batch has another shape or type than the card says, or the network fails, gives another shape, a value that
            is not finite, or no probabilities where the card says that it does.
        """
        remaining = iter(batches)
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(next, remaining, None)
            while (batch := coming.result()) is not None:
                coming = pool.submit(next, remaining, None)
                yield self._probabilities(batch)

    def _probabilities(self, batch: np.ndarray) -> np.ndarray:
        card = self._model.card
        check_batch(batch, card)
        if self._slice_by_slice and batch.shape[0] > 1:
            values = np.concatenate([self._output(batch[index : index + 1]) for index in range(batch.shape[0])])
        else:
            values = self._output(batch)
        return as_probabilities(values, card)

    def _output(self, batch: np.ndarray) -> np.ndarray:
        card = self._model.card
        try:
            values = run_limited(self._session, self._input_name, batch)
        except TimeoutError as error:
            raise ModelError(
                f"the network {card.name} was stopped: it took more than {limits.MOST_SECONDS:g} s for a batch of shape {batch.shape}; "
                "choose a smaller network"
            ) from error
        except Exception as error:  # ONNX Runtime's errors have no common base
            if any(words in str(error) for words in _NO_MEMORY):
                raise ModelError(
                    f"the network {card.name} needs more memory than the limit of {network_memory_gb():g} GB for a batch of shape "
                    f"{batch.shape}; raise the limit with {MEMORY_LIMIT_OPTION} GB or choose a smaller network"
                ) from error
            raise ModelError(f"the network {card.name} failed on {self.provider} with a batch of shape {batch.shape}: {error}") from error
        expected = (batch.shape[0], len(card.output.channels), *batch.shape[2:])
        if values.shape != expected:
            raise ModelError(f"the network {card.name} gives the shape {values.shape} for {batch.shape}; its card says {expected}")
        return values
