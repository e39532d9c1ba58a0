"""Background jobs: timed, in order within a lane, and countable, so that "idle" is exact."""

from __future__ import annotations

import asyncio
import heapq
import logging
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

from wa_omnichannel.emulator.state.clock import VirtualClock

Result = TypeVar("Result")
Job = Callable[[], Coroutine[Any, Any, object]]

_log = logging.getLogger(__name__)


class Scheduler:
    """Run jobs on an event loop in a thread of its own, which the server shares.

    Jobs of one lane run one at a time, in the order they fall due; lanes run beside each other. A job is due after
    a delay in real seconds, or at an instant of the emulated clock. Every method may be called from any thread.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._lanes: dict[str, deque[Job]] = {}
        self._timers: list[tuple[datetime, int, str, Job]] = []
        self._count = 0
        self._pending = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._alarm: asyncio.TimerHandle | None = None
        clock.subscribe(self._release_timers)

    def start(self) -> None:
        """Start the loop; jobs submitted from now on will run."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator", daemon=True)
        self._thread.start()
        self._release_timers()

    def stop(self) -> None:
        """Forget the jobs not yet due, cancel the running ones and end the loop."""
        with self._changed:
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()

    @property
    def is_running(self) -> bool:
        """Tell whether the loop was started and not stopped."""
        return self._loop is not None

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine on the loop and wait for its result, from another thread.

        Raises:
            RuntimeError: If the emulator does not run.
        """
        loop = self._loop
        if loop is None:
            work.close()
            raise RuntimeError("the emulator does not run; call start() or use it as a context manager")
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    def submit(self, lane: str, delay: float, job: Job) -> None:
        """Run ``job`` in ``lane`` after ``delay`` seconds of real time; nothing happens unless started."""
        with self._changed:
            loop = self._loop
            if loop is None:
                return
            self._pending += 1
        if threading.current_thread() is self._thread:
            self._plan(loop, lane, delay, job)
        else:
            loop.call_soon_threadsafe(self._plan, loop, lane, delay, job)

    def submit_at(self, instant: datetime, lane: str, job: Job) -> None:
        """Run ``job`` in ``lane`` once the emulated clock shows ``instant``; until then it counts as idle."""
        with self._changed:
            self._count += 1
            heapq.heappush(self._timers, (instant, self._count, lane, job))
        self._release_timers()

    def wait_idle(self, timeout: float) -> bool:
        """Wait until no job is due, running or to come; tell whether that was so within ``timeout`` s."""
        with self._changed:
            return self._changed.wait_for(lambda: self._pending == 0, timeout)

    def _plan(self, loop: asyncio.AbstractEventLoop, lane: str, delay: float, job: Job) -> None:
        if delay > 0:
            loop.call_later(delay, self._enter, loop, lane, job)
        else:
            self._enter(loop, lane, job)

    def _enter(self, loop: asyncio.AbstractEventLoop, lane: str, job: Job) -> None:
        if self._loop is not loop:  # stopped meanwhile
            return
        waiting = self._lanes.get(lane)
        if waiting is not None:
            waiting.append(job)
            return
        self._lanes[lane] = deque([job])
        loop.create_task(self._drain(lane))

    async def _drain(self, lane: str) -> None:
        waiting = self._lanes[lane]
        while waiting:
            job = waiting.popleft()
            try:
                await job()
            except Exception:  # noqa: BLE001 - one broken job must not end its lane
                _log.exception("a background job of the emulator failed")
            finally:
                if not waiting:
                    del self._lanes[lane]
                self._finish_one()

    def _finish_one(self) -> None:
        with self._changed:
            self._pending -= 1
            if not self._pending:
                self._changed.notify_all()

    def _release_timers(self) -> None:
        now = self._clock.now()
        with self._changed:
            due: list[tuple[str, Job]] = []
            while self._loop is not None and self._timers and self._timers[0][0] <= now:
                due.append(heapq.heappop(self._timers)[2:])
            first = self._timers[0][0] if self._timers else None
            loop = self._loop
        for lane, job in due:
            self.submit(lane, 0, job)
        if loop is not None and first is not None and not self._clock.is_frozen:
            loop.call_soon_threadsafe(self._set_alarm, loop, (first - now).total_seconds())

    def _set_alarm(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = loop.call_later(seconds + 0.001, self._release_timers)


async def _cancel_others() -> None:
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
