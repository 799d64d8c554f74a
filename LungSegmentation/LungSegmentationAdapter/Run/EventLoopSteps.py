"""Work in steps, done from Qt's event loop: the window answers in between."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

import qt

from LungSegmentationLib.background.steps import Steps

_TURN_S = 0.01  # then the event loop has its turn


class EventLoopSteps:
    """Does steps until they end.

    Parameters
    ----------
    steps : generator
        See :data:`LungSegmentationLib.background.steps.Steps`.
    onDone : callable
        ``onDone(value)`` with what the steps return.
    onError : callable
        ``onError(exception)``. Exactly one of the two comes, from the event loop, unless :meth:`cancel` is called before.
    """

    def __init__(self, steps: Steps[Any], onDone: Callable[[Any], None], onError: Callable[[Exception], None]) -> None:
        self._steps: Steps[Any] | None = steps
        self._onDone, self._onError = onDone, onError
        self._timer = qt.QTimer()
        self._timer.connect("timeout()", self._turn)
        self._timer.start(0)

    def cancel(self) -> None:
        """Stop; the steps leave nothing behind."""
        steps = self._end()
        # Within a step, as when it changes the scene and somebody listens, the generator is closed after that step.
        if steps is not None and inspect.getgeneratorstate(steps) != inspect.GEN_RUNNING:
            steps.close()

    def _turn(self) -> None:
        steps, until = self._steps, time.perf_counter() + _TURN_S
        if steps is None:
            return
        try:
            while self._steps is steps and time.perf_counter() < until:
                next(steps)
        except StopIteration as end:
            if self._end() is not None:
                self._onDone(end.value)
        except Exception as error:
            if self._end() is None:
                raise
            self._onError(error)
        else:
            if self._steps is not steps:
                steps.close()

    def _end(self) -> Steps[Any] | None:
        self._timer.stop()
        steps, self._steps = self._steps, None
        return steps
