"""Start ONNX Runtime for a network: processor choice, threads, and whether the network is as its card says."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from ..errors import InputError, ModelError
from ..io.file_checks import MEMORY_LIMIT_VARIABLE, memory_limit_gb
from . import limits
from .model_card import FixedPixels
from .model_store import Model, check_file
from .processor_cores import available_physical_cores

CPU_PROVIDER = "CPUExecutionProvider"
PROVIDERS_VARIABLE = "LUNGSEGMENTATION_PROVIDERS"
"""Environment variable with ONNX Runtime's names of what networks run on, in order of preference, with commas between them."""
_ONLY_FATAL = 4  # What ONNX Runtime logs as an error it also raises.
_TRIAL_PIXELS = 64


def import_onnxruntime() -> ModuleType:
    """Import ONNX Runtime.

    Raises
    ------
    InputError
        If it is not installed or cannot be loaded.
    """
    try:
        import onnxruntime
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "onnxruntime":
            raise InputError(
                "the package onnxruntime is not installed; networks need it: pip install onnxruntime (the other methods work without it)"
            ) from error
        raise InputError(
            f"the package onnxruntime cannot be loaded ({error}); networks need it: pip install --force-reinstall onnxruntime "
            "(the other methods work without it)"
        ) from error
    return onnxruntime


def open_session(model: Model, providers: Sequence[str] | None, threads: int | None) -> tuple[Any, str, tuple[str, ...]]:
    """Start a session with the first provider that works.

    Parameters
    ----------
    model : Model
    providers : sequence of str, optional
        ONNX Runtime's names in order of preference; by default those of :data:`PROVIDERS_VARIABLE`, or else the CPU alone: what a
        graphics card gives differs from machine to machine, and its start can take longer than the whole run.
    threads : int, optional
        Of the CPU; by default one for each physical core that this process may use.

    Returns
    -------
    onnxruntime.InferenceSession
    str
        The provider that is used.
    tuple of str
        One sentence for each provider that did not start.

    Raises
    ------
    InputError
        If ONNX Runtime is not installed, does not offer a provider, or ``threads`` is less than 1.
    ModelError
        If the file is not the card's, no provider starts, or the network's input or output is not what the card says.
    """
    if threads is not None and threads < 1:
        raise InputError(f"the number of threads is {threads}; expected a whole number from 1")
    check_file(model)
    onnxruntime = import_onnxruntime()
    offered = onnxruntime.get_available_providers()
    wanted = tuple(providers) if providers else chosen_providers()
    for name in wanted:
        if name not in offered:
            raise InputError(f"the provider {name!r} is not offered by onnxruntime here; expected one of {', '.join(offered)}")

    def start(provider: str) -> Any:
        session = _start(onnxruntime, model, provider, threads)
        if provider != CPU_PROVIDER:
            _try_out(session, model)
        return session

    session, provider, failures = first_that_starts(wanted, start)
    if session is None:
        raise ModelError(f"the network {model.path} cannot be started: {'; '.join(failures)}")
    _check_input(model, session)
    _check_output(model, session)
    return session, provider, tuple(f"{failure}; the network runs on {provider}" for failure in failures)


@contextmanager
def providers_set_to(names: str | None) -> Iterator[None]:
    """Set :data:`PROVIDERS_VARIABLE` for a block and the processes that it starts; None leaves it as it is."""
    before = os.environ.get(PROVIDERS_VARIABLE)
    if names is not None:
        os.environ[PROVIDERS_VARIABLE] = names
    try:
        yield
    finally:
        if names is not None:
            os.environ.pop(PROVIDERS_VARIABLE)
            if before is not None:
                os.environ[PROVIDERS_VARIABLE] = before


def chosen_providers() -> tuple[str, ...]:
    """Give the providers that the user set in the environment; the CPU alone where none is set."""
    names = tuple(name.strip() for name in os.environ.get(PROVIDERS_VARIABLE, "").split(",") if name.strip())
    return names or (CPU_PROVIDER,)


def first_that_starts(providers: Sequence[str], start: Callable[[str], Any]) -> tuple[Any, str, list[str]]:
    """Give what ``start`` gives for the first provider for which it raises nothing, that provider, and what failed before.

    Parameters
    ----------
    providers : sequence of str
        In the order in which they are tried.
    start : callable
        ``start(provider)``.

    Returns
    -------
    object or None
        None if none starts.
    str
        The provider; empty if none starts.
    list of str
    """
    failures: list[str] = []
    for provider in providers:
        try:
            return start(provider), provider, failures
        except Exception as error:  # ONNX Runtime's errors have no common base
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            failures.append(f"{provider} did not start ({first_line})")
    return None, "", failures


def _start(onnxruntime: ModuleType, model: Model, provider: str, threads: int | None) -> Any:
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ONLY_FATAL
    # 0: ONNX Runtime's own count, one for each physical core.
    options.intra_op_num_threads = threads or available_physical_cores() or 0
    # Threads that wait in a loop would take the cores from the preparation of the next batch.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # DirectML cannot have it.
    options.enable_mem_pattern = provider != "DmlExecutionProvider"
    if provider == CPU_PROVIDER:
        _limit_memory(onnxruntime)
        options.add_session_config_entry("session.use_env_allocators", "1")
    session = onnxruntime.InferenceSession(str(model.path), options, providers=[provider], enable_fallback=0)
    if session.get_providers()[0] != provider:
        raise RuntimeError("its libraries were not found")
    return session


def network_memory_gb() -> float:
    """Give the most memory that a network may take on the CPU for one batch: 1 GB, or the limit that the user set."""
    is_set = os.environ.get(MEMORY_LIMIT_VARIABLE, "").strip()
    return memory_limit_gb() if is_set else limits.MOST_MEMORY_GB


@cache
def _limit_memory(onnxruntime: ModuleType) -> None:
    """Let ONNX Runtime refuse a network that asks for more memory than it may have; the first session's limit holds for the process.

    Before ONNX Runtime 1.23 a second call raises.
    """
    of_system = -1
    arena = onnxruntime.OrtArenaCfg(int(min(network_memory_gb() * 1e9, sys.maxsize)), of_system, of_system, of_system)
    kind = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, onnxruntime.OrtMemType.DEFAULT), arena)


def _try_out(session: Any, model: Model) -> None:
    """Run one empty slice: some libraries are only looked for at the first run."""
    in_plane = model.card.input.in_plane
    if isinstance(in_plane, FixedPixels):
        rows, columns = in_plane.rows, in_plane.columns
    else:
        rows = columns = -(-_TRIAL_PIXELS // in_plane.multiple_of) * in_plane.multiple_of
    trial = np.zeros((1, len(model.card.input.neighbour_offsets), rows, columns), np.float32)
    run_limited(session, session.get_inputs()[0].name, trial)


def run_limited(session: Any, input_name: str, batch: np.ndarray) -> np.ndarray:
    """Run a network on a batch, for no longer than :data:`.limits.MOST_SECONDS`.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
    input_name : str
    batch : numpy.ndarray
        float32 (slices, channels, rows, columns).

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    TimeoutError
        When it was stopped.
    Exception
        What ONNX Runtime raises, which has no common base.
    """
    options = import_onnxruntime().RunOptions()
    stop = threading.Timer(limits.MOST_SECONDS, setattr, (options, "terminate", True))
    stop.daemon = True
    stop.start()
    try:
        values: np.ndarray = session.run(None, {input_name: batch}, options)[0]
    except Exception as error:
        if options.terminate:
            raise TimeoutError from error
        raise
    finally:
        stop.cancel()
    return values


def _check_input(model: Model, session: Any) -> None:
    found = _only_tensor(model, "input", session.get_inputs())
    channels = len(model.card.input.neighbour_offsets)
    in_plane = model.card.input.in_plane
    rows_columns = (in_plane.rows, in_plane.columns) if isinstance(in_plane, FixedPixels) else (None, None)
    # A size that the card does not fix must be free in the network; one that it fixes may be.
    fits = found[0] in (None, 1) and found[1] in (None, channels)
    fits &= all(size is None or size == wanted for size, wanted in zip(found[2:], rows_columns, strict=True))
    if not fits:
        wanted_shape = _shown((None, channels, *rows_columns))
        raise ModelError(
            f"the network {model.path.name} has an input of shape {_shown(found)}; its card says {wanted_shape}, ? being any size"
        )


def _check_output(model: Model, session: Any) -> None:
    found = _only_tensor(model, "output", session.get_outputs())
    channels = len(model.card.output.channels)
    if found[1] not in (None, channels):
        listed = ", ".join(model.card.output.channels)
        raise ModelError(f"the network {model.path.name} has {found[1]} output channels; its card says {channels} ({listed})")


def _only_tensor(model: Model, which: str, tensors: Sequence[Any]) -> tuple[int | None, ...]:
    """Give the shape of the network's only input or output; None for a size that is free."""
    if len(tensors) != 1 or tensors[0].type != "tensor(float)" or len(tensors[0].shape) != 4:
        listed = "; ".join(f"{tensor.name}, {tensor.type}, {len(tensor.shape)} axes" for tensor in tensors)
        raise ModelError(f"the network {model.path.name} has the {which}s: {listed}; expected one, tensor(float), 4 axes")
    return tuple(size if isinstance(size, int) and size > 0 else None for size in tensors[0].shape)


def _shown(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("?" if size is None else str(size) for size in shape) + ")"
