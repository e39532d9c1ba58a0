"""Loops that call ``tick`` as often as needed: one for a thread, one for an event loop.

A worker sleeps until it is woken or its time between two ticks is over, and outlives a tick that goes wrong. It begins
at a place by chance, so that several seldom reach for the same work.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from datetime import timedelta

from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel, Report

_log = logging.getLogger("wa_omnichannel")

EVERY = timedelta(seconds=1)
"""Longest time between two ticks."""

AT_ONCE = 100
"""How many entries one tick works on; between two ticks a worker can be stopped."""


class Worker:
    """Ticks a blocking channel in a thread of its own.

    Use it as a context manager, or call :meth:`start` and :meth:`stop`.
    """

    def __init__(self, channel: Omnichannel, every: timedelta = EVERY) -> None:
        """Prepare a worker for *channel* that ticks at least once in *every*."""
        self._channel = channel
        self._every = every
        self._chance = random.Random()  # noqa: S311 - no secret
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="wa-omnichannel-worker", daemon=True)

    def start(self) -> Worker:
        """Start the thread."""
        self._thread.start()
        return self

    def wake(self) -> None:
        """Tick now instead of at the next turn."""
        self._wake.set()

    def finish(self) -> None:
        """End the thread after the current tick, without waiting for it."""
        self._stopping = True
        self._wake.set()

    def stop(self) -> None:
        """Finish the current tick, then end the thread."""
        self.finish()
        self._thread.join()

    def __enter__(self) -> Worker:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping:
            try:
                if _note(self._channel.tick(AT_ONCE, place=self._chance.random())):
                    continue
            except Exception as error:  # noqa: BLE001 - the next tick may go well
                _note_failure(error)
            self._wake.wait(self._every.total_seconds())
            self._wake.clear()  # not before the tick: what was set since the last look must not be forgotten


class AsyncWorker:
    """Ticks an asynchronous channel in a task; run :meth:`run` until it is cancelled or stopped."""

    def __init__(self, channel: AsyncOmnichannel, every: timedelta = EVERY) -> None:
        """Prepare a worker for *channel* that ticks at least once in *every*."""
        self._channel = channel
        self._every = every
        self._chance = random.Random()  # noqa: S311 - no secret
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Tick now instead of at the next turn; call it from the event loop."""
        self._wake.set()

    def stop(self) -> None:
        """Let :meth:`run` return after the current tick; call it from the event loop."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Tick until stopped."""
        while not self._stopping:
            try:
                if _note(await self._channel.tick(AT_ONCE, place=self._chance.random())):
                    continue
            except Exception as error:  # noqa: BLE001 - the next tick may go well
                _note_failure(error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._every.total_seconds())
            self._wake.clear()


def _note(report: Report) -> bool:
    """Log what went wrong in a tick, and tell whether there is probably more to do at once."""
    if report.errors:
        _log.info(
            "tick: %d done, %d postponed (%s)", report.done, report.postponed, ", ".join(sorted(set(report.errors)))
        )
    for letter in report.dead:
        _log.error("set aside as a dead letter (wa-omnichannel agenda dead shows it): %s", letter)
    return report.done >= AT_ONCE


def _note_failure(error: Exception) -> None:
    """Log a tick that failed; with the traceback if it is no error of the library."""
    if isinstance(error, WaOmnichannelError):
        _log.warning("tick failed: %s", error.code)
    else:
        _log.error("tick failed: %s", type(error).__name__, exc_info=error)
