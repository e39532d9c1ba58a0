"""An entry that keeps failing is set aside, whole and visible, and stops nobody."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel import AsyncOmnichannel, Omnichannel, Text
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.cli import main
from wa_omnichannel.errors import NotFound, StoreUnavailable
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import DeliveryStatus, Inbound, Outcome, Outgoing
from wa_omnichannel.testing.fakes import AsyncRecordingTransport, RecordingTransport

BEN = Address("+34600000002")
SECRET = "a text of Ana's"


class Faulty(RecordingTransport):
    """A transport with a fault: one customer makes it raise what it must not."""

    repaired = False

    def send(self, outgoing: Outgoing) -> Outcome:
        if outgoing.to == ANA and not self.repaired:
            raise ValueError(f"{SECRET} {ANA}")
        return super().send(outgoing)

    def find(self, query: Any) -> Any:
        if query.to == ANA and not self.repaired:
            raise ValueError(f"{SECRET} {ANA}")
        return super().find(query)


def channel(store: Any, clock: FixedClock, provider: RecordingTransport) -> Omnichannel:
    desk = Omnichannel(shop(), store=store, transport=provider, clock=clock, ids=CountingIds())
    desk._outside.store_clock = clock
    for n, person in enumerate((Address(ANA), BEN)):
        desk.receive(provider.webhook(Inbound(f"IN{n}", NUMBER, (person,), Text("Hola"))))
    return desk


def work(desk: Omnichannel, clock: FixedClock) -> list[str]:
    dead: list[str] = []
    for _ in range(8):
        clock.advance(timedelta(minutes=1))
        dead += desk.tick().dead
    return dead


def test_an_entry_that_keeps_failing_is_set_aside_and_can_be_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    clock = FixedClock(NOW)
    provider = Faulty(clock)
    url = f"sqlite:///{tmp_path}/wa.sqlite"
    with SqliteStore(tmp_path / "wa.sqlite") as store:
        desk = channel(store, clock, provider)
        bad = desk.send(NUMBER, ANA, Text(SECRET), bulk=True)
        good = desk.send(NUMBER, BEN, Text("Hola"), bulk=True)
        (reason,) = work(desk, clock)
        assert "ValueError" in reason
        assert SECRET not in reason
        assert desk.message(good.id).status is DeliveryStatus.QUEUED
        (letter,) = desk.dead_letters()
        assert (letter.entry.kind, letter.entry.subject, letter.entry.bulk) == ("send", bad.id, True)
        assert desk.health().dead == 1
        with pytest.raises(NotFound):
            desk.replay_entry("send:nobody")
    assert SECRET not in caplog.text
    assert main(["agenda", "dead", "--store", url]) == 1
    assert letter.entry.id in capsys.readouterr().out
    provider.repaired = True
    assert main(["agenda", "replay", "--store", url, letter.entry.id]) == 0
    assert main(["agenda", "dead", "--store", url]) == 0
    with SqliteStore(tmp_path / "wa.sqlite") as store:
        desk = Omnichannel(shop(), store=store, transport=provider, ids=CountingIds("z"))
        assert desk.dead_letters() == ()


def test_what_is_replayed_is_done_once() -> None:
    clock = FixedClock(NOW)
    provider = Faulty(clock)
    desk = channel(MemoryStore(), clock, provider)
    bad = desk.send(NUMBER, ANA, Text("Hola"), bulk=True)
    work(desk, clock)
    provider.repaired = True
    (letter,) = desk.dead_letters()
    desk.replay_entry(letter.entry.id)
    with pytest.raises(NotFound):
        desk.replay_entry(letter.entry.id)
    work(desk, clock)
    assert len([each for each in provider.handed if each.outgoing.message_id == bad.id]) == 1
    assert desk.message(bad.id).sid is not None


class Away(MemoryStore):
    """A store that can be away."""

    away = False

    def select(self, query: Any) -> Any:
        if self.away:
            raise StoreUnavailable("planted")
        return super().select(query)


def test_health_tells_what_is_overdue_and_that_the_store_is_away() -> None:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    store = Away()
    desk = channel(store, clock, provider)
    desk.tick()
    assert (desk.health().well, desk.health().ready) == (True, True)
    desk.send(NUMBER, BEN, Text("Hola"), bulk=True)
    clock.advance(timedelta(minutes=6))
    assert (desk.health().overdue, desk.health().well) == (timedelta(minutes=6), False)
    assert desk.health().ready
    store.away = True
    assert (desk.health().problem, desk.health().ready) == ("store_unavailable", False)


def test_the_other_colour_does_the_same() -> None:
    clock = FixedClock(NOW)
    provider = Faulty(clock)
    store = MemoryStore()
    channel(store, clock, provider).send(NUMBER, ANA, Text("Hola"), bulk=True)

    async def story() -> None:
        desk = AsyncOmnichannel(
            shop(), store=AsyncMemoryStore(store), transport=AsyncRecordingTransport(provider), clock=clock
        )
        desk._outside.store_clock = clock
        for _ in range(8):
            clock.advance(timedelta(minutes=1))
            await desk.tick()
        (letter,) = await desk.dead_letters()
        assert (await desk.replay_entry(letter.entry.id)).failures == 0
        assert (await desk.health()).dead == 0

    asyncio.run(story())
