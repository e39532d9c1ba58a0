"""A process is killed without warning, at random times: nothing acknowledged is lost, nothing happens twice.

``WA_FAULT_ROUNDS`` says how often (``make faults``: 200), ``WA_FAULT_SEED`` repeats a run.
"""

import multiprocessing
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.support.ledger import LedgerTransport
from tests.support.serving import make, serve

from wa_omnichannel.conversation import Direction, Message
from wa_omnichannel.machine import OffsetClock
from wa_omnichannel.messages import DeliveryStatus
from wa_omnichannel.ports import Conversations, EventsAfter, MessagesOf, Store
from wa_omnichannel.stores import open_store

ROUNDS = int(os.environ.get("WA_FAULT_ROUNDS", "20"))
SEED = int(os.environ.get("WA_FAULT_SEED", "20261125"))
STEP = timedelta(seconds=31)
"""Leases and the search for lost answers end after half a minute."""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.serving", "psycopg"])

pytestmark = pytest.mark.timeout(60 + 5 * ROUNDS)


def one_round(url: str, ledger: Path, first: int, chance: random.Random) -> set[tuple[str, int]]:
    """Let a process serve from the n-th customer on, kill it at a random time, and return what it acknowledged."""
    hears, says = processes.Pipe(duplex=False)
    child = processes.Process(target=serve, args=(url, ledger, first, says), daemon=True)
    child.start()
    says.close()
    said: set[tuple[str, int]] = set()
    try:
        for _ in range(chance.randint(0, 12)):
            said.add(hears.recv())
        time.sleep(chance.uniform(0, 0.02))  # anywhere between two acknowledgements
        child.kill()
        while True:
            said.add(hears.recv())
    except EOFError:
        child.join()
    assert child.exitcode == -9
    return said


def settle(store: Store, ledger: Path) -> None:
    """Work until nothing is on its way, half a minute of both clocks at a time."""
    clock = OffsetClock()
    desk = make(store, ledger, clock=clock)
    desk._outside.store_clock = clock
    for _ in range(6):
        while desk.tick().done:
            pass
        clock.advance(STEP)


def messages(store: Store) -> dict[str, list[Message]]:
    """Return all messages by the number of their customer."""
    found: dict[str, list[Message]] = {}
    for listing in store.select(Conversations(limit=100_000)):
        for message in store.select(MessagesOf(listing.number, listing.contact)):
            found.setdefault(listing.name, []).append(message)
    return found


def test_nothing_is_lost_and_nothing_happens_twice(
    store_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("seed", SEED)
    chance, ledger = random.Random(SEED), tmp_path / "ledger"
    said: set[tuple[str, int]] = set()
    first = 0
    for _ in range(ROUNDS):
        said |= one_round(store_url, ledger, first, chance)
        first = max((n + 1 for word, n in said if word == "answered"), default=0)
    with open_store(store_url) as store:
        settle(store, ledger)
        everything = messages(store)
        events = store.select(EventsAfter(0, 1_000_000))
    accepted = Counter(line["sid"] for line in LedgerTransport(ledger).lines())
    assert not [sid for sid, times in accepted.items() if times > 1], f"sent twice; seed {SEED}"
    for word, n in said:
        kept = everything.get(f"+34600{n:06d}", [])
        way = Direction.IN if word == "received" else Direction.OUT
        assert len([message for message in kept if message.direction is way]) == 1, f"{word} {n}; seed {SEED}"
    outbound = [message for kept in everything.values() for message in kept if message.direction is Direction.OUT]
    for message in outbound:
        seen = accepted.pop(f"SM{message.id}", 0)
        assert message.status in (DeliveryStatus.QUEUED, DeliveryStatus.UNKNOWN), (message, SEED)
        assert seen == 1 or message.status is DeliveryStatus.UNKNOWN, (message, SEED)
    assert not accepted, f"sent, but not kept; seed {SEED}"
    received = Counter(happening.event.contact for happening in events if happening.event.kind == "message_received")
    assert set(received.values()) == {1}
    assert len(said) >= ROUNDS
