"""Whatever is committed, every store comes to the same as memory: rows, refusals, and every answer."""

import contextlib
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.support import postgres as on_postgresql

from wa_omnichannel import ports
from wa_omnichannel._storage import reading
from wa_omnichannel._storage.rows import KINDS
from wa_omnichannel.adapters import memory
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.consent import Consent
from wa_omnichannel.conversation import Contact, Conversation, Direction, Message, Status, Thread
from wa_omnichannel.editions import Edition
from wa_omnichannel.errors import InvalidValue, WaOmnichannelError
from wa_omnichannel.messages import DeliveryStatus, Text
from wa_omnichannel.outbound import Configuration, Item, Outreach, Recipient
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import (
    Agents,
    Changes,
    Contacts,
    Conversations,
    DeadLetter,
    Drop,
    DueEntries,
    Entry,
    EventsAfter,
    Key,
    KnownSids,
    Lane,
    Listing,
    MessageBySid,
    MessagesOf,
    NewEvent,
    NextDue,
    Put,
    Quarantined,
    Query,
    Reached,
    Store,
    Timeline,
    WaitingItems,
    agent_key,
    alias_key,
    catalog_key,
    contact_key,
    conversation_key,
    dead_key,
    done_key,
    edition_key,
    entry_key,
    forgotten_key,
    lane_key,
    message_key,
    outreach_item_key,
    outreach_key,
    pace_key,
    quarantine_key,
    reach_key,
    secret_key,
    settings_key,
    stamp_key,
    tally_keys,
    thread_key,
    waiting_key,
)
from wa_omnichannel.secret import Sealed
from wa_omnichannel.templates.catalog import Catalog
from wa_omnichannel.webhooks import Held
from wa_omnichannel.workforce import Agent

START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = (Address("+14155550100"), Address("+34911000000"))
few = st.sampled_from(("a", "b", "c"))
instants = st.integers(0, 4).map(lambda n: START + timedelta(microseconds=n))
numbers = st.sampled_from(NUMBERS)
maybe = st.none() | few
statuses = st.sampled_from(Status)


def conversation(name: str, status: Status, queue: str, agent: str | None, at: datetime) -> Conversation:
    return Conversation(name, status, "main", queue, START, at, at, agent)


def row(key: Any, value: Any) -> st.SearchStrategy[Put]:
    """Make a put whose expected version is drawn later."""
    return st.builds(Put, key, value)


few_rows = few.flatmap(
    lambda name: st.one_of(
        row(st.just(contact_key(name)), st.builds(Contact, st.just(name), name=few)),
        row(st.just(alias_key("p", Address(name))), few),
        row(
            st.just(thread_key(NUMBERS[0], name)),
            st.builds(Thread, st.just(NUMBERS[0]), st.just(name), numbers, events=st.integers(0, 2)),
        ),
        row(st.just(agent_key(name)), st.builds(Agent, st.just(name), few)),
        row(
            st.just(message_key(name)),
            st.builds(
                Message,
                st.just(name),
                numbers,
                few,
                maybe,
                st.just(Direction.IN),
                st.builds(Text, few),
                instants,
                few,
                st.just(DeliveryStatus.RECEIVED),
                maybe,
            ),
        ),
        row(
            st.just(conversation_key(name)),
            st.builds(Listing, st.builds(conversation, st.just(name), statuses, few, maybe, instants), numbers, few),
        ),
        row(st.just(waiting_key(name)), st.builds(WaitingItem, few, instants, numbers, few, st.just(name))),
        row(st.just(entry_key(name)), st.builds(Entry, st.just(name), few, few, instants, few)),
        row(st.just(lane_key(name)), st.builds(Lane, instants)),
        row(st.just(catalog_key(name)), st.builds(Catalog, few)),
        row(st.just(stamp_key(name)), few),
        row(st.just(settings_key(name)), st.integers(1, 3)),
        row(st.just(edition_key(name, 1)), st.builds(Edition, st.just(1), few, few, instants)),
        row(st.just(secret_key(name)), st.builds(Sealed, few, few, few)),
        row(st.just(quarantine_key(name)), st.builds(Held, st.just(name), instants, few)),
        row(
            st.just(dead_key(name)),
            st.builds(DeadLetter, st.builds(Entry, st.just(name), few, few, instants, few), few, instants),
        ),
        row(st.just(forgotten_key(name)), st.builds(Consent)),
        row(st.just(outreach_key(name)), st.builds(Outreach, st.just(name))),
        row(
            st.just(outreach_item_key(name)),
            st.builds(
                Item,
                st.just(name),
                st.builds(Configuration, few, few, st.just(NUMBERS[0]), few),
                st.builds(Recipient, st.just(Address("+34600000001")), st.booleans()),
            ),
        ),
        row(st.just(pace_key(NUMBERS[0], name)), st.builds(Pace, st.none(), st.none(), st.integers(0, 9))),
        row(st.just(reach_key("p", name)), instants),
        row(st.just(tally_keys(NUMBERS[0], START)["abc".index(name)]), st.integers(0, 3)),
    )
)
KEYS: tuple[Key, ...] = tuple(
    key
    for name in "abc"
    for key in (
        *(make(name) for make in (contact_key, agent_key, message_key, conversation_key, waiting_key)),
        *(make(name) for make in (entry_key, lane_key, done_key, catalog_key, stamp_key)),
        *(make(name) for make in (settings_key, secret_key, quarantine_key)),
        *(make(name) for make in (dead_key, forgotten_key, outreach_key, outreach_item_key)),
        edition_key(name, 1),
        alias_key("p", Address(name)),
        reach_key("p", name),
        tally_keys(NUMBERS[0], START)["abc".index(name)],
        thread_key(NUMBERS[0], name),
        pace_key(NUMBERS[0], name),
    )
)
events = st.builds(NewEvent, numbers, few, st.integers(1, 3), maybe, few, instants, st.dictionaries(few, few))
queries: st.SearchStrategy[Query[Any]] = st.one_of(
    st.builds(DueEntries, instants, instants, st.integers(0, 4), maybe),
    st.just(NextDue()),
    st.builds(WaitingItems, st.integers(0, 4)),
    st.builds(Quarantined, st.integers(0, 4)),
    st.just(Agents()),
    st.builds(Reached, st.just("p"), instants),
    st.builds(Contacts, few, st.integers(0, 4)),
    st.builds(Conversations, st.none() | statuses, maybe, maybe, st.none() | numbers, st.integers(0, 4)),
    st.builds(MessagesOf, numbers, few, maybe),
    st.builds(MessageBySid, few),
    st.builds(KnownSids, st.lists(few).map(tuple)),
    st.builds(Timeline, numbers, few, maybe),
    st.builds(EventsAfter, st.integers(-1, 6), st.integers(0, 4)),
)
guards = st.sampled_from(("none", "right", "right", "stale"))


class TwoStores(RuleBasedStateMachine):
    """Does the same to a store and to memory; versions differ between them, so each is told its own."""

    @initialize()
    def open(self) -> None:
        self.memory = MemoryStore()
        self.ended = contextlib.ExitStack()
        self.other = self.opened()

    def opened(self) -> Store:
        """Open the store that is compared with memory."""
        raise NotImplementedError

    def teardown(self) -> None:
        if hasattr(self, "ended"):
            self.ended.close()

    def version(self, store: Any, key: Key, guard: str) -> int | None:
        known = store.load([key]).get(key)
        right = known.version if known is not None else 0
        return {"none": None, "right": right, "stale": right + 1}[guard]

    @rule(
        puts=st.lists(st.tuples(few_rows, guards), max_size=4),
        drops=st.lists(st.tuples(st.sampled_from(KEYS), guards), max_size=2),
        relies_on=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(("right", "right", "stale"))), max_size=1),
        happened=st.lists(events, max_size=2),
        once=maybe,
        result=maybe,
    )
    def commit(self, puts: Any, drops: Any, relies_on: Any, happened: Any, once: Any, result: Any) -> None:
        outcomes: list[Any] = []
        for store in (self.memory, self.other):
            changes = Changes(
                tuple(Put(put.key, put.value, self.version(store, put.key, guard)) for put, guard in puts),
                tuple(Drop(key, self.version(store, key, guard)) for key, guard in drops),
                tuple((key, self.version(store, key, guard) or 0) for key, guard in relies_on),
                tuple(happened),
                once,
                result,
            )
            try:
                store.commit(changes)
                outcomes.append((None, None))
            except WaOmnichannelError as error:
                outcomes.append((type(error), getattr(error, "result", None)))
        assert outcomes[0] == outcomes[1]

    @rule(query=queries)
    def ask(self, query: Query[Any]) -> None:
        assert without_versions(self.memory.select(query)) == without_versions(self.other.select(query))

    @invariant()
    def rows_are_equal(self) -> None:
        if hasattr(self, "other"):
            one, other = self.memory.load(KEYS), self.other.load(KEYS)
            assert {key: stored.value for key, stored in one.items()} == {
                key: stored.value for key, stored in other.items()
            }


class SqliteMachine(TwoStores):
    def opened(self) -> Store:
        folder = self.ended.enter_context(tempfile.TemporaryDirectory())
        store = self.ended.enter_context(SqliteStore(f"{folder}/wa.sqlite"))
        writer: Any = store._writing.writer  # type: ignore[union-attr]
        writer.db.execute("PRAGMA synchronous = OFF")  # nothing here is about the disk
        return store


class PostgresMachine(TwoStores):
    dsn = ""

    def opened(self) -> Store:
        return self.ended.enter_context(on_postgresql.store(self.dsn))


def without_versions(answer: Any) -> Any:
    if isinstance(answer, tuple):
        return tuple(getattr(part, "value", part) for part in answer)
    return answer


TestSqlite = SqliteMachine.TestCase
TestSqlite.settings = settings(max_examples=30, stateful_step_count=20)


def test_postgresql(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostgresMachine, "dsn", postgres)
    run_state_machine_as_test(PostgresMachine, settings=settings(max_examples=15, stateful_step_count=20))


def test_both_answer_every_query_there_is() -> None:
    known = {kind for kind in vars(ports).values() if isinstance(kind, type) and issubclass(kind, Query)} - {Query}
    assert known == set(memory._ANSWERS) == set(reading._ANSWERS)


def test_a_question_that_nobody_knows_is_a_typed_error(tmp_path: Path) -> None:
    class Weather(Query[str]):
        """Not a query of the ports."""

    with SqliteStore(tmp_path / "wa.sqlite") as sqlite:
        for store in (MemoryStore(), sqlite):
            with pytest.raises(InvalidValue, match="Ask one of the queries in ports"):
                store.select(Weather())


def test_every_kind_of_row_is_tried() -> None:
    assert {key[0] for key in KEYS} == set(KINDS)
