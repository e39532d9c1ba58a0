"""A store in which everything is as it should be, and every planted contradiction is found."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.support.shop import ANA, NOW, NUMBER, OTHER_NUMBER, shop

from wa_omnichannel import Omnichannel, Text
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.cli import main
from wa_omnichannel.conversation import Contact, Status
from wa_omnichannel.machine import CountingIds, FixedClock, SystemClock
from wa_omnichannel.messages import DeliveryStatus, Inbound
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import (
    Changes,
    Drop,
    Entry,
    Everything,
    Lane,
    Put,
    agent_key,
    alias_key,
    contact_key,
    conversation_key,
    entry_key,
    lane_key,
    message_key,
    pace_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.testing.fakes import RecordingTransport
from wa_omnichannel.workforce import Agent, Presence

PEOPLE = [Address(ANA), Address("+34600000002"), Address("+34600000003")]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after some stories: one conversation with an agent, one that waits, one that was closed."""
    path = tmp_path_factory.mktemp("sound") / "wa.sqlite"
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    with SqliteStore(path) as store:
        desk = Omnichannel(shop(), store=store, transport=provider, clock=clock, ids=CountingIds())
        desk.put_agent(Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 1))
        for n, person in enumerate(PEOPLE):
            clock.advance(timedelta(seconds=1))
            desk.receive(provider.webhook(Inbound(f"IN{n}", NUMBER, (person,), Text("Hola"))))
        desk.tick()
        (served,) = desk.conversations(agent="ana")
        desk.accept(served.conversation.id, "ana")
        desk.reply(served.conversation.id, Text("Buenas"), agent="ana")
        waiting = desk.conversations(status=Status.OPEN)
        desk.close(waiting[0].conversation.id)
        clock.advance(timedelta(seconds=1))
        desk.tick()
        assert desk.invariants() == ()
    return path


def _threads(store: SqliteStore) -> list[Any]:
    return list(store.select(Everything()).kinds["thread"].values())


def live(store: SqliteStore, status: Status) -> Any:
    return next(thread for thread in _threads(store) if thread.live is not None and thread.live.status is status)


def closed(store: SqliteStore) -> Any:
    return next(thread for thread in _threads(store) if thread.conversation and thread.live is None)


def sent(store: SqliteStore) -> Any:
    messages: Any = store.select(Everything()).kinds["message"].values()
    return next(message for message in messages if message.author == "ana")


def put(key: Any, value: object) -> Changes:
    return Changes((Put(key, value),))


def own(thread: Any) -> Any:
    return thread_key(thread.number, thread.contact)


def agent(store: SqliteStore) -> Any:
    return store.load([agent_key("ana")])[agent_key("ana")].value


def contact(store: SqliteStore, thread: Any) -> Any:
    key = contact_key(thread.contact)
    return store.load([key])[key].value


def later(days: int) -> Any:
    return SystemClock().now() + timedelta(days=days)


PLANTS: dict[str, tuple[str, Callable[[SqliteStore], Changes]]] = {
    "capacity leaks": (
        "store_capacity_wrong",
        lambda s: put(agent_key("ana"), attrs.evolve(agent(s), used=0)),
    ),
    "waits although an agent has it": (
        "store_waits_for_nothing",
        lambda s: put(
            waiting_key(live(s, Status.ACTIVE).live.id),
            next(iter(s.select(Everything()).kinds["waiting"].values())),
        ),
    ),
    "open and forgotten": (
        "store_never_assigned",
        lambda s: Changes(drops=(Drop(waiting_key(live(s, Status.OPEN).live.id)),)),
    ),
    "live twice": (
        "store_live_twice",
        lambda s: put(
            thread_key(OTHER_NUMBER, live(s, Status.OPEN).contact),
            attrs.evolve(live(s, Status.OPEN), number=OTHER_NUMBER, events=0),
        ),
    ),
    "address of nobody": (
        "store_alias_of_nobody",
        lambda _: put(alias_key("default", PEOPLE[0]), "gone"),
    ),
    "thread of nobody": (
        "store_thread_of_nobody",
        lambda s: Changes(drops=(Drop(contact_key(live(s, Status.OPEN).contact)),)),
    ),
    "merged into nobody": (
        "store_merged_into_nobody",
        lambda _: put(contact_key("x"), Contact("x", merged_into="gone")),
    ),
    "merged, but live": (
        "store_merged_but_live",
        lambda s: put(
            contact_key(live(s, Status.OPEN).contact),
            attrs.evolve(contact(s, live(s, Status.OPEN)), merged_into=closed(s).contact),
        ),
    ),
    "timer of a closed conversation": (
        "store_timer_of_nothing",
        lambda s: put(
            entry_key("x"),
            Entry("x", "x", "timer", NOW, closed(s).conversation.id, NUMBER, closed(s).contact),
        ),
    ),
    "sends nothing": (
        "store_sends_nothing",
        lambda _: put(entry_key("send:x"), Entry("send:x", "x", "send", NOW, "x")),
    ),
    "never sent": (
        "store_never_sent",
        lambda s: put(message_key(sent(s).id), attrs.evolve(sent(s), status=DeliveryStatus.PENDING)),
    ),
    "a listing that differs": (
        "store_list_differs",
        lambda s: Changes(drops=(Drop(conversation_key(live(s, Status.OPEN).live.id)),)),
    ),
    "events that are missing": (
        "store_events_missing",
        lambda s: put(own(closed(s)), attrs.evolve(closed(s), events=closed(s).events + 1)),
    ),
    "a lane held for ever": ("store_lane_held", lambda _: put(lane_key("thread:x"), Lane(later(1)))),
    "halted for ever": ("store_halted_for_ever", lambda _: put(pace_key(NUMBER), Pace(halted_until=later(900)))),
    "a window from the future": (
        "store_window_from_the_future",
        lambda s: put(
            own(closed(s)),
            attrs.evolve(closed(s), window=attrs.evolve(closed(s).window, last_inbound_at=later(900))),
        ),
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_every_planted_contradiction_is_found(
    name: str, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, plant = PLANTS[name]
    path = tmp_path / "wa.sqlite"
    shutil.copy(sound, path)
    with SqliteStore(path) as store:
        store.commit(plant(store))
        found = Omnichannel(shop(), store=store, transport=None, clock=FixedClock(NOW)).invariants()
    assert code in {check.code for check in found}
    assert main(["doctor", "--invariants", "--store", f"sqlite:///{path}"]) == 1
    (sentence,) = {check.sentence() for check in found if check.code == code}
    assert sentence in capsys.readouterr().out


def test_an_event_that_was_removed_from_the_file_is_missed(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "wa.sqlite"
    shutil.copy(sound, path)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM event WHERE n = 1")
    db.close()
    with SqliteStore(path) as store:
        found = Omnichannel(shop(), store=store, transport=None, clock=FixedClock(NOW)).invariants()
    assert {check.code for check in found} == {"store_events_missing"}


def test_a_store_that_is_not_there_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--store", f"sqlite:///{tmp_path}/none.sqlite"]) == 2
    assert "db upgrade" in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()
