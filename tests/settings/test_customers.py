"""Who the customer is: found by exactly one active record, linked, remembered, and asked for again."""

import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel.adapters.directories import (
    AsyncDirectory,
    CsvDirectory,
    HttpDirectory,
    MemoryDirectory,
    SqlDirectory,
    customer_of,
)
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.conditions import where
from wa_omnichannel.conversation import Contact
from wa_omnichannel.customers import Customer, match
from wa_omnichannel.errors import NotFound
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.ports import contact_key
from wa_omnichannel.routing import RouteRule
from wa_omnichannel.rules import Rules
from wa_omnichannel.testing.fakes import RecordingTransport

GOLD = Customer("7", "Ana", "López", attributes={"tier": "gold"}, preferred=("lucia",), language="es")


class Moody:
    """A directory whose answer can be changed."""

    def __init__(self, *found: Customer) -> None:
        self.found: tuple[Customer, ...] | Exception = found
        self.asked = 0

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        self.asked += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def get(self, customer: str) -> Customer | None:
        return GOLD if customer == GOLD.id else None


class Desk(Omnichannel):
    def __init__(self, directory: Any, rules: Rules | None = None) -> None:
        self.clock = FixedClock(NOW)
        self.provider = RecordingTransport(self.clock)
        self.kept = MemoryStore()
        super().__init__(
            rules or shop(), store=self.kept, transport=self.provider, clock=self.clock, directory=directory
        )

    def hears(self, sid: str, sender: Address = ANA) -> None:
        self.receive(self.provider.webhook(Inbound(sid, NUMBER, (sender,), Text("Hola"))))

    def named(self) -> str:
        return self.conversations()[0].name

    def said(self) -> list[tuple[str, object]]:
        told = self.timeline(self.conversations()[0].conversation.id)
        wanted = [event.event for event in told if event.event.kind.startswith("customer_")]
        return [(event.kind, event.facts.get("reason") or event.facts.get("customer")) for event in wanted]

    def contact(self) -> Contact:
        key = contact_key(self.conversations()[0].contact)
        found = self.kept.load([key])[key].value
        assert isinstance(found, Contact)
        return found


@given(st.lists(st.builds(Customer, st.sampled_from("123"), active=st.booleans()), max_size=5))
def test_only_exactly_one_active_record_is_linked(found: list[Customer]) -> None:
    """CH-42."""
    active = {customer.id for customer in found if customer.active}
    answer = match(found)
    assert isinstance(answer, Customer) == (len(active) == 1)


def test_a_customer_goes_by_the_number_until_linked() -> None:
    """CH-40: the phone number stands in for the name; linked, first and last name do."""
    directory = Moody()
    desk = Desk(directory)
    desk.hears("IN1")
    assert desk.named() == ANA
    desk.link_customer(desk.conversations()[0].conversation.id, "7", agent="lucia")
    assert desk.named() == "Ana López"


def test_somebody_of_whom_only_an_id_is_known_is_a_visitor() -> None:
    """CH-43: without a number the linked name counts, otherwise "Visitor"."""
    hidden = Address("US.13491208655302741918")
    desk = Desk(Moody())
    desk.hears("IN1", hidden)
    assert desk.named() == "Visitor"
    known = Desk(Moody(GOLD))
    known.hears("IN1", hidden)
    assert known.named() == "Ana López"


def test_a_link_is_remembered() -> None:
    """CH-41: linked by hand once, later conversations are linked without asking anybody."""
    directory = Moody()
    desk = Desk(directory)
    desk.hears("IN1")
    first = desk.conversations()[0].conversation.id
    desk.link_customer(first, "7", agent="lucia")
    desk.close(first)
    asked = directory.asked
    desk.hears("IN2")
    assert directory.asked == asked
    assert desk.named() == "Ana López"
    link = desk.contact().link
    assert link is not None
    assert (link.by, link.customer.preferred) == ("lucia", ("lucia",))
    with pytest.raises(NotFound):
        desk.link_customer(first, "8", agent="lucia")


def test_what_the_directory_knows_decides_where_a_conversation_goes() -> None:
    """CH-42: the customer is linked before the rules are asked, so they can ask for ``customer.tier``."""
    rules = shop()
    gold = RouteRule("gold", "billing", where("customer.tier").equals("gold"))
    rules = attrs.evolve(rules, workstreams=[attrs.evolve(rules.workstreams[0], routes=(gold,))])
    desk = Desk(Moody(GOLD), rules)
    desk.hears("IN1")
    conversation = desk.conversations()[0].conversation
    assert (conversation.queue, conversation.attributes["customer_name"]) == ("billing", "Ana López")
    assert desk.said() == [("customer_linked", "7")]
    assert desk.contact().language == "es"


@pytest.mark.parametrize(
    ("found", "reason"),
    [((GOLD, Customer("8")), "customer_ambiguous"), (OSError("down"), "directory_unavailable")],
)
def test_without_a_link_the_conversation_goes_on_and_it_is_tried_again(found: Any, reason: str) -> None:
    """CH-42: two matches, or no answer: the reason is on the timeline, and the agenda asks again."""
    directory = Moody()
    directory.found = found
    desk = Desk(directory)
    desk.hears("IN1")
    assert desk.named() == ANA
    assert desk.said() == [("customer_not_linked", reason)]
    desk.clock.advance(timedelta(seconds=31))
    desk.tick()
    assert desk.said() == [("customer_not_linked", reason)]
    directory.found = (GOLD,)
    desk.clock.advance(timedelta(seconds=61))
    desk.tick()
    assert desk.said() == [("customer_not_linked", reason), ("customer_linked", "7")]
    assert desk.named() == "Ana López"


def test_it_is_not_tried_for_ever() -> None:
    directory = Moody()
    directory.found = OSError("down")
    desk = Desk(directory)
    desk.hears("IN1")
    for _ in range(20):
        desk.clock.advance(timedelta(days=1))
        desk.tick()
    assert directory.asked == 13


@pytest.mark.anyio
async def test_coroutines_ask_a_directory_too() -> None:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = AsyncOmnichannel(
        shop(),
        store=AsyncMemoryStore(),
        transport=provider,  # type: ignore[arg-type]
        clock=clock,
        directory=AsyncDirectory(MemoryDirectory([(GOLD, [ANA])])),
    )
    await desk.receive(provider.webhook(Inbound("IN1", NUMBER, (ANA,), Text("Hola"))))
    (listing,) = await desk.conversations()
    assert listing.name == "Ana López"
    await desk.link_customer(listing.conversation.id, "7", agent="lucia")


RECORDS = [
    {"id": "7", "phone": ANA, "first_name": "Ana", "active": "yes", "tier": "gold"},
    {"id": "8", "phone": "+34600000008", "first_name": "Ben", "active": "0", "tier": ""},
]


def csv_directory(folder: Path) -> CsvDirectory:
    path = folder / "customers.csv"
    lines = [",".join(RECORDS[0]), *(",".join(record.values()) for record in RECORDS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CsvDirectory(path)


def sql_directory(folder: Path) -> SqlDirectory:
    path = folder / "customers.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE c (id TEXT, phone TEXT, first_name TEXT, active TEXT, tier TEXT)")
        db.executemany("INSERT INTO c VALUES (?, ?, ?, ?, ?)", [tuple(record.values()) for record in RECORDS])
    db.close()
    select = "SELECT id, first_name, active, tier FROM c WHERE"
    return SqlDirectory(lambda: sqlite3.connect(path), f"{select} phone = ?", f"{select} id = ?")


@pytest.mark.parametrize("make", [csv_directory, sql_directory])
def test_files_and_databases_hold_customers(make: Callable[[Path], Any], tmp_path: Path) -> None:
    directory = make(tmp_path)
    assert directory.find([ANA, "+34600000009"]) == [Customer("7", "Ana", attributes={"tier": "gold"})]
    assert directory.find(["+34600000008"]) == [Customer("8", "Ben", active=False)]
    assert directory.get("8") == Customer("8", "Ben", active=False)
    assert directory.get("9") is None


class Service(BaseHTTPRequestHandler):
    """A directory behind HTTP."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        phone = parse_qs(parts.query).get("phone", [""])[0]
        found: Any = [record for record in RECORDS if record["phone"] == phone]
        if not parts.query:
            found = next((record for record in RECORDS if record["id"] == parts.path.rpartition("/")[2]), None)
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/customers"
    server.shutdown()
    thread.join()
    server.server_close()


def test_services_hold_customers(service: str) -> None:
    directory = HttpDirectory(service)
    assert directory.find([ANA]) == [Customer("7", "Ana", attributes={"tier": "gold"})]
    assert directory.get("7") == customer_of(RECORDS[0])
    assert directory.get("9") is None


def test_a_service_that_is_slow_does_not_hold_the_conversation_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        desk = Desk(HttpDirectory(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=0.05))
        desk.hears("IN1")
    assert desk.said() == [("customer_not_linked", "directory_unavailable")]
