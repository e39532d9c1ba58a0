"""The loops that tick: they stop when told, and nothing that goes wrong in a tick ends them."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.omnichannel import Report
from wa_omnichannel.worker import AsyncWorker, Worker

LONG = timedelta(hours=1)
TROUBLES = [StoreUnavailable("planted"), OSError("planted: the disk is full")]


class Ticked:
    """A channel whose first tick goes wrong."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.ticks = 0
        self.first, self.second = threading.Event(), threading.Event()

    def tick(self, limit: int) -> Report:
        self.ticks += 1
        (self.first if self.ticks == 1 else self.second).set()
        if self.trouble is not None and self.ticks == 1:
            raise self.trouble
        return Report()


def test_a_stop_at_any_moment_is_heard() -> None:
    """Also between the look at whether to stop and the next tick."""
    worker = Worker(Ticked(), LONG)  # type: ignore[arg-type]

    class Hurried(threading.Event):
        def clear(self) -> None:
            worker._stopping = True
            self.set()
            super().clear()

    worker._wake = Hurried()
    worker.wake()
    worker.start()
    worker._thread.join(5)
    assert not worker._thread.is_alive()


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
def test_the_thread_outlives_a_tick_that_goes_wrong(trouble: Exception, caplog: pytest.LogCaptureFixture) -> None:
    channel = Ticked(trouble)
    with Worker(channel, LONG) as worker:  # type: ignore[arg-type]
        assert channel.first.wait(5)
        worker.wake()
        assert channel.second.wait(5)
    assert "tick failed" in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda error: type(error).__name__)
async def test_the_task_outlives_a_tick_that_goes_wrong(trouble: Exception, caplog: pytest.LogCaptureFixture) -> None:
    ticks: asyncio.Queue[int] = asyncio.Queue()
    channel = Ticked(trouble)

    class Awaited:
        async def tick(self, limit: int) -> Report:
            ticks.put_nowait(channel.ticks)
            return channel.tick(limit)

    awaited: Any = Awaited()
    worker = AsyncWorker(awaited, LONG)
    task = asyncio.create_task(worker.run())
    assert await asyncio.wait_for(ticks.get(), 5) == 0
    worker.wake()
    assert await asyncio.wait_for(ticks.get(), 5) == 1
    worker.stop()
    await task
    assert "tick failed" in caplog.text
