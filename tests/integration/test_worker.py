"""The loops that tick: they stop when told, and nothing that goes wrong in a tick ends them."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.conversation import Thread
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.omnichannel import Omnichannel, Report
from wa_omnichannel.ports import Changes, Entry, Put, entry_key, thread_key
from wa_omnichannel.worker import AsyncWorker, Worker

LONG = timedelta(hours=1)
TROUBLES = [StoreUnavailable("planted"), OSError("planted: the disk is full")]


class Ticked:
    """A channel whose first tick goes wrong."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.ticks = 0
        self.first, self.second = threading.Event(), threading.Event()

    def tick(self, limit: int, place: float) -> Report:
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
        async def tick(self, limit: int, place: float) -> Report:
            ticks.put_nowait(channel.ticks)
            return channel.tick(limit, place)

    awaited: Any = Awaited()
    worker = AsyncWorker(awaited, LONG)
    task = asyncio.create_task(worker.run())
    assert await asyncio.wait_for(ticks.get(), 5) == 0
    worker.wake()
    assert await asyncio.wait_for(ticks.get(), 5) == 1
    worker.stop()
    await task
    assert "tick failed" in caplog.text


class Watched(MemoryStore):
    """Remembers in which order entries were finished."""

    def __init__(self) -> None:
        super().__init__()
        self.finished: list[str] = []

    def commit(self, changes: Changes) -> None:
        self.finished += [drop.key[1] for drop in changes.drops if drop.key[0] == "agenda"]
        super().commit(changes)


@pytest.mark.parametrize(("place", "first"), [(0.0, "e0"), (0.5, "e15"), (0.99, "e29")])
def test_workers_at_different_places_begin_with_different_work(place: float, first: str) -> None:
    """Each begins elsewhere among what is due, and goes on until nothing is left."""
    store = Watched()
    entries = [Entry(f"e{n}", f"lane{n}", "send", NOW, f"m{n}", NUMBER, "c1") for n in range(30)]
    thread = Put(thread_key(NUMBER, "c1"), Thread(NUMBER, "c1", ANA))
    store.commit(Changes((thread, *(Put(entry_key(entry.id), entry) for entry in entries))))
    desk = Omnichannel(shop(), store=store, transport=None, clock=FixedClock(NOW))
    assert desk.tick(place=place).done == 30
    assert store.finished[0] == first
    assert sorted(store.finished) == sorted(entry.id for entry in entries)
