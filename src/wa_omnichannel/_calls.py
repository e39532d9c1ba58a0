"""Calling what the application gave us: handlers and bots, of either colour, from a channel of either colour.

A coroutine function is awaited, a plain function runs in a worker thread, so neither blocks an event loop. What goes
wrong in it is a value: somebody else's mistake never stops a tick.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from wa_omnichannel._flows.steps import Called

_log = logging.getLogger("wa_omnichannel")

Call = Callable[[Any], Any]


class Calls:
    """Calls for a blocking channel."""

    def call(self, function: Call, argument: object, limit: timedelta | None) -> Called:
        """Call *function*, for at most *limit*; a coroutine function runs in an event loop of its own."""
        try:
            if limit is None and not _is_coroutine(function):
                return Called(function(argument))
            seconds = limit.total_seconds() if limit is not None else None
            return Called(_threaded(function, argument).result(seconds))
        except Exception as error:  # noqa: BLE001 - somebody else's code
            return _failed(error)


class AsyncCalls:
    """Calls for a channel of coroutines."""

    async def call(self, function: Call, argument: object, limit: timedelta | None) -> Called:
        """Call *function*, for at most *limit*; a plain function never blocks the event loop."""
        seconds = limit.total_seconds() if limit is not None else None
        running = function(argument) if _is_coroutine(function) else asyncio.wrap_future(_threaded(function, argument))
        try:
            return Called(await asyncio.wait_for(running, seconds))
        except Exception as error:  # noqa: BLE001 - somebody else's code
            return _failed(error)


def _is_coroutine(function: Call) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _threaded(function: Call, argument: object) -> Future[Any]:
    """Run *function* in a thread that nobody waits for at the end of the program, should it hang."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            answer = asyncio.run(function(argument)) if _is_coroutine(function) else function(argument)
        except BaseException as error:  # noqa: BLE001 - belongs to whoever waits
            if not future.cancelled():
                future.set_exception(error)
        else:
            if not future.cancelled():
                future.set_result(answer)

    threading.Thread(target=run, name="wa-call", daemon=True).start()
    return future


def _failed(error: Exception) -> Called:
    """Return what went wrong, and log it; the kind of error alone, as texts may be private."""
    if not isinstance(error, TimeoutError):
        _log.warning("a function of the application failed: %s", type(error).__name__, exc_info=error)
    return Called(None, type(error).__name__, isinstance(error, TimeoutError))
