"""Exporting and erasing a person: complete, in both stores and colours, and provable by looking at the bytes."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import psycopg
import pytest
from tests.conformance import benches
from tests.support.postgres import SHARED, empty
from tests.support.shop import ANA, NOW, NUMBER, OTHER_NUMBER, shop

from wa_omnichannel._storage import rows
from wa_omnichannel.adapters.blobs import AsyncFolderBlobs, FolderBlobs
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.postgres import AsyncPostgresStore, PostgresStore
from wa_omnichannel.adapters.sqlite import AsyncSqliteStore, SqliteStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import Scope
from wa_omnichannel.errors import ConfigurationError, InvalidValue, Refused
from wa_omnichannel.machine import FixedClock, KeyedHashes
from wa_omnichannel.messages import Inbound, Media, Outgoing, TemplateMessage, Text
from wa_omnichannel.metrics import tell, waiting
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.ports import AsyncDownload, Download
from wa_omnichannel.privacy import Retained, Retention
from wa_omnichannel.testing.fakes import AsyncRecordingTransport, RecordingTransport
from wa_omnichannel.workforce import Agent

HIDDEN = Address("ES.1349120865")
BEA = Address("+34600000077")
SECRETS = [ANA.removeprefix("+"), HIDDEN, "Ana Secreta", "mi-palabra-secreta", "respuesta-secreta", "%PDF-secreto"]
PDF = b"%PDF-secreto " + b"x" * 2000
HASHES = KeyedHashes("a key of sixteen and more")


class Source:
    """Gives the same file for every address, in both colours."""

    def open(self, url: str) -> Any:
        return self

    def __enter__(self) -> Download:
        return Download("application/pdf", iter([PDF]))

    def __exit__(self, *_: object) -> None:
        return None

    async def __aenter__(self) -> AsyncDownload:
        async def chunks() -> Any:
            yield PDF

        return AsyncDownload("application/pdf", chunks())

    async def __aexit__(self, *_: object) -> None:
        return None


@attrs.define
class Desk:
    """A channel of either colour, called as if it were blocking."""

    channel: Any
    provider: RecordingTransport
    clock: FixedClock
    folder: Path
    loop: asyncio.Runner
    rows: Callable[[], bytes] = bytes
    """Every row that a server keeps, as text."""

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.channel, name)

        def call(*args: Any, **named: Any) -> Any:
            answer = method(*args, **named)
            return self.loop.run(_awaited(answer)) if inspect.isawaitable(answer) else answer

        return call

    def hears(self, sid: str, content: Any, *people: Address, number: Address = NUMBER, name: str = "") -> None:
        self.receive(self.provider.webhook(Inbound(sid, number, people, content, name)))

    def bytes(self) -> bytes:
        files = b"".join(path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
        return files + self.rows()


def dumped(dsn: str) -> bytes:
    """Return every row of the shared schema."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SHARED,)).fetchall()
        found = (connection.execute(f"SELECT t::text FROM {SHARED}.{name} t".encode()) for (name,) in tables)
        return "".join(text for rows in found for (text,) in rows).replace('""', '"').encode()


async def _awaited(answer: Any) -> Any:
    return await answer


@pytest.fixture(params=["memory", "sqlite", "postgres", "async-memory", "async-sqlite", "async-postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    runner = asyncio.Runner()
    file = tmp_path / "db.sqlite"

    def server() -> str:
        return str(request.getfixturevalue("postgres"))

    asked: dict[str, Any] = {"clock": clock, "media": Source(), "pseudonyms": HASHES}
    store: Any = {
        "memory": MemoryStore, "sqlite": lambda: SqliteStore(file), "async-memory": AsyncMemoryStore,
        "async-sqlite": lambda: AsyncSqliteStore(file),
        "postgres": lambda: PostgresStore(server(), schema=empty(server())),
        "async-postgres": lambda: AsyncPostgresStore(server(), schema=empty(server())),
    }[request.param]()  # fmt: skip
    blobs = tmp_path / "blobs"
    if isinstance(store, SqliteStore | PostgresStore):
        store.open()
    elif isinstance(store, AsyncSqliteStore | AsyncPostgresStore):
        runner.run(store.open())
    channel: Any
    if request.param.startswith("async"):
        transport = AsyncRecordingTransport(provider)
        channel = AsyncOmnichannel(shop(), store=store, transport=transport, blobs=AsyncFolderBlobs(blobs), **asked)
    else:
        channel = Omnichannel(shop(), store=store, transport=provider, blobs=FolderBlobs(blobs), **asked)
    dump = partial(dumped, server()) if "postgres" in request.param else bytes
    yield Desk(channel, provider, clock, tmp_path, runner, dump)
    if isinstance(store, SqliteStore | PostgresStore):
        store.close()
    elif isinstance(store, AsyncSqliteStore | AsyncPostgresStore):
        runner.run(store.close())
    runner.close()


def lives(desk: Desk) -> None:
    """Ana writes to two numbers under two addresses that turn out to be one person; Bea writes, too."""
    desk.put_agent(Agent("eva", "Eva", frozenset({"all"}), capacity=5))
    desk.hears("SM1", Text("Hola, mi-palabra-secreta"), ANA, name="Ana Secreta")
    desk.hears("SM2", Text("mi-palabra-secreta otra vez"), HIDDEN, number=OTHER_NUMBER)
    desk.hears("SM3", Media("https://x.example/1", "application/pdf", "mi-palabra-secreta"), ANA, HIDDEN)
    desk.hears("SM4", Text("soy Bea"), BEA, name="Bea")
    desk.hears("SM5", Text("mi-palabra-secreta"), ANA, number=Address("+19995550100"))  # a number that is not ours
    desk.tick()
    (mine,) = [each for each in desk.conversations(number=NUMBER) if each.name == "Ana Secreta"]
    desk.accept(mine.conversation.id, "eva", request_id="take")
    desk.reply(mine.conversation.id, Text("respuesta-secreta"), agent="eva", request_id="say")
    desk.tick()


def test_the_export_holds_everything_under_every_address(desk: Desk) -> None:
    lives(desk)
    file = desk.export_person(HIDDEN)
    assert file == desk.export_person(ANA)
    text = json.dumps(file, ensure_ascii=False)
    assert all(secret in text for secret in SECRETS[:-1])
    assert "Bea" not in text
    assert len(file["messages"]) == 4
    assert {each["number"] for each in file["threads"]} == {NUMBER, OTHER_NUMBER}
    assert desk.export_person("+34699999999") == {}


def test_nothing_is_left_of_an_erased_person(desk: Desk) -> None:
    """Byte search over database, write-ahead log and files: no address, name or word, and Bea is untouched."""
    lives(desk)
    on_disk = list(desk.folder.glob("db.sqlite*"))
    on_disk += [desk.folder] if desk.rows() else []
    assert not on_disk or all(secret.encode() in desk.bytes() for secret in SECRETS)
    before = desk.export_person(BEA)
    erased = desk.erase_person(ANA)
    assert erased.rows > 10
    assert erased.files == 1
    assert [secret for secret in SECRETS if secret.encode() in desk.bytes()] == []
    assert desk.export_person(ANA) == desk.export_person(HIDDEN) == {}
    shown = str(desk.events(limit=1000)) + str(desk.conversations())
    assert [secret for secret in SECRETS if secret in shown] == []
    assert desk.export_person(BEA) == before
    assert desk.erase_person(ANA).rows == 0


def test_an_agent_gets_capacity_back_and_figures_stay(desk: Desk) -> None:
    """Events stay without what they say, so that past figures can still be computed."""
    lives(desk)
    stories = tell(each.event for each in desk.events(limit=1000))
    waits = waiting.average_speed_to_answer(stories)
    desk.erase_person(ANA)
    (eva,) = desk.agents()
    assert eva.used == 0
    after = tell(each.event for each in desk.events(limit=1000))
    assert len(after) == len(stories)
    assert waiting.average_speed_to_answer(after) == waits
    assert [each.position for each in desk.events(limit=1000)] == sorted(
        each.position for each in desk.events(limit=1000)
    )


def test_what_was_stopped_still_holds(desk: Desk) -> None:
    """The opt-out survives as a keyed hash: the address is nowhere, and nobody writes to it again."""
    lives(desk)
    desk.hears("SM9", Text("BAJA"), ANA)
    assert desk.consent(ANA).stopped(Scope.EVERYTHING)
    desk.erase_person(HIDDEN)
    assert ANA.encode() not in desk.bytes()
    with pytest.raises(Refused) as caught:
        desk.send(NUMBER, ANA, TemplateMessage("order_ready", {"1": "Ana"}))
    assert caught.value.reason == "opted_out"
    assert desk.consent(HIDDEN).stopped(Scope.EVERYTHING)


def test_somebody_who_comes_back_is_a_stranger(desk: Desk) -> None:
    lives(desk)
    desk.erase_person(ANA)
    desk.clock.set(NOW + timedelta(hours=1))
    desk.hears("SM10", Text("Hola de nuevo"), ANA)
    file = desk.export_person(ANA)
    assert [each["content"] for each in file["messages"]] == [{"$": "Text", "body": "Hola de nuevo"}]


def test_retention_by_class_of_data(desk: Desk) -> None:
    """Files go first, then conversations with every word; live ones, customers and figures stay."""
    lives(desk)
    closed = [each.conversation.id for each in desk.conversations() if each.contact in _mine(desk)]
    for conversation in closed:
        desk.close(conversation)
    rule = Retention(files=timedelta(days=30), conversations=timedelta(days=365))
    desk.clock.set(NOW + timedelta(days=29))
    assert desk.apply_retention(rule) == Retained()
    desk.clock.set(NOW + timedelta(days=31))
    assert desk.apply_retention(rule) == Retained(0, 1)
    assert b"%PDF-secreto" not in desk.bytes()
    assert desk.apply_retention(rule) == Retained()
    before = waiting.average_speed_to_answer(tell(each.event for each in desk.events(limit=1000)))
    desk.clock.set(NOW + timedelta(days=366))
    assert desk.apply_retention(rule) == Retained(len(closed), 0)
    shown = desk.bytes() + str(desk.events(limit=1000)).encode()
    assert len(desk.quarantine()) == 1  # the message to a number that is not ours belongs to no conversation
    assert b"respuesta-secreta" not in shown
    assert len(desk.export_person(ANA)["contacts"][0]["addresses"]) == 2
    assert "messages" not in desk.export_person(ANA)
    assert desk.export_person(BEA)["messages"][0]["content"]["body"] == "soy Bea"
    assert waiting.average_speed_to_answer(tell(each.event for each in desk.events(limit=1000))) == before


def _mine(desk: Desk) -> set[str]:
    return {each["id"] for each in desk.export_person(ANA)["contacts"]}


def test_without_a_key_a_stop_is_not_lost(tmp_path: Path) -> None:
    provider = RecordingTransport(FixedClock(NOW))
    bare = Omnichannel(shop(), store=MemoryStore(), transport=provider, clock=FixedClock(NOW))
    bare.receive(provider.webhook(Inbound("SM1", NUMBER, (ANA,), Text("BAJA"))))
    with pytest.raises(ConfigurationError, match="pseudonyms"):
        bare.erase_person(ANA)
    assert bare.consent(ANA).stopped(Scope.EVERYTHING)


def test_a_store_that_cannot_forget_says_so() -> None:
    class Plain:
        def __init__(self) -> None:
            inner = MemoryStore()
            self.load, self.commit, self.select = inner.load, inner.commit, inner.select

    provider = RecordingTransport(FixedClock(NOW))
    with pytest.raises(ConfigurationError, match="forget"):
        Omnichannel(shop(), store=Plain(), transport=provider).erase_person(ANA)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InvalidValue):
        KeyedHashes("short")


def test_copies_at_the_provider_are_emptied_or_listed() -> None:
    """Twilio's are redacted; those that could not be are in the result."""
    with benches.twilio() as bench:
        transport, emulator = bench.transport, bench.provider.emulator  # type: ignore[attr-defined]
        assert isinstance(transport, TwilioTransport)
        desk = Omnichannel(shop(), store=MemoryStore(), transport=transport)
        desk.receive(bench.provider.inbound("Hola"))
        sent = desk.send(benches.NUMBER, benches.ANA, Text("un secreto"))
        assert isinstance(bench.outgoing, Outgoing)
        erased = desk.erase_person(benches.ANA)
        assert erased.redacted == (sent.sid,)
        assert len(erased.left) == 1  # the emulator never saw the message that we signed ourselves
        (kept,) = [each for each in emulator.messages if each.direction == "outbound-api"]
        assert kept.body == ""


def test_without_a_redactor_everything_is_listed() -> None:
    provider = RecordingTransport(FixedClock(NOW))
    desk = Omnichannel(shop(), store=MemoryStore(), transport=provider, clock=FixedClock(NOW))
    desk.receive(provider.webhook(Inbound("SM1", NUMBER, (ANA,), Text("Hola"))))
    assert desk.erase_person(ANA).left == ("SM1",)


def test_every_kind_of_rows_is_said_to_hold_personal_data_or_none() -> None:
    """A new kind must be put into one of the groups, or this fails."""
    groups = [set(rows.PERSONAL), set(rows.KEYED), {rows.HELD}, {"lane", "outreach_item"}, set(rows.IMPERSONAL)]
    assert sum(map(len, groups)) == len(set[str]().union(*groups))
    assert set[str]().union(*groups) == set(rows.KINDS)
