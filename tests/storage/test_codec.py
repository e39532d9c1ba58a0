"""Rows as text: everything comes back as it was, older and newer releases can read each other's rows."""

import copy
import json
import math
import pickle
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel._frozen import FixedDict
from wa_omnichannel._storage.codec import NAMED, decode, decode_all, detached, encode
from wa_omnichannel._storage.rows import KINDS, event_row, happening, kind_of
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact, Conversation, Message, Status, Thread
from wa_omnichannel.editions import Edition, SettingChange
from wa_omnichannel.errors import InvalidValue, SchemaMismatch
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import Text
from wa_omnichannel.outbound import Caps, Configuration, Item, Outreach, QuietHours, Recipient, Sent
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import DeadLetter, Entry, Lane, Listing, NewEvent
from wa_omnichannel.secret import Sealed
from wa_omnichannel.templates import Approval, Category, Standing
from wa_omnichannel.templates.catalog import Catalog, Known
from wa_omnichannel.testing import strategies as some
from wa_omnichannel.webhooks import Held, HeldRequest
from wa_omnichannel.workforce import Agent, Presence

AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
names = st.text(max_size=8)
numbers = some.phones()
listings = st.builds(Listing, some.conversations(), numbers, names, names)
entries = st.builds(Entry, names, names, names, some.instants(), names, numbers, names)
standings = st.builds(Standing, st.sampled_from(Approval), names, st.none() | some.instants(), names)
known = st.builds(
    Known, names, names, names, names, st.none() | names, standings, st.none() | st.sampled_from(Category)
)
catalogs = st.builds(
    Catalog,
    names,
    st.none() | some.instants(),
    st.lists(some.templates(), max_size=2).map(tuple),
    st.lists(known, max_size=2).map(tuple),
)
differences = st.builds(SettingChange, names, names, names, st.none() | st.booleans(), names)
requests = st.builds(HeldRequest, names, st.lists(st.tuples(names, names), max_size=2).map(tuple), names, names)
lanes = st.builds(Lane, some.instants())
values = st.dictionaries(names, st.one_of(st.none(), st.booleans(), st.integers(), names), max_size=3)
outreaches = st.builds(
    Outreach,
    names,
    st.lists(st.builds(Sent, names, some.instants()), max_size=3).map(tuple),
    numbers,
    st.none() | some.instants(),
    values,
)
configurations = st.builds(
    Configuration,
    names,
    names,
    numbers,
    names,
    st.booleans(),
    st.none() | st.booleans(),
    st.none() | st.builds(QuietHours, st.times(), st.times()),
    st.builds(Caps, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9)),
    st.timedeltas(timedelta(0), timedelta(days=1)),
)
recipients = st.builds(
    Recipient, numbers, st.booleans(), st.dictionaries(names, names, max_size=2), values, st.none() | names
)

ROWS: Mapping[str, st.SearchStrategy[Any]] = {
    "contact": some.contacts(),
    "alias": names,
    "thread": some.threads(),
    "agent": some.agents(),
    "settings": st.integers(1, 9),
    "edition": st.builds(Edition, st.integers(1, 9), names, names, some.instants(), st.lists(differences).map(tuple)),
    "secret": st.builds(Sealed, names, names, names),
    "quarantine": st.builds(Held, names, some.instants(), names, st.none() | some.inbounds(), st.none() | requests),
    "message": some.messages(),
    "conversation": listings,
    "waiting": some.waiting_items(),
    "agenda": entries,
    "lane": lanes,
    "template_catalog": catalogs,
    "template_stamp": names,
    "forgotten": some.consents(),
    "outreach": outreaches,
    "outreach_item": st.builds(Item, names, configurations, recipients),
    "pace": st.builds(Pace, st.none() | some.instants(), st.none() | some.instants(), st.integers(0, 9)),
    "dead": st.builds(DeadLetter, entries, names, some.instants()),
    "reach": some.instants(),
    "tally": st.integers(0),
}
RESULTS = st.one_of(
    st.none(), *(rows for kind, rows in ROWS.items() if kind not in ("forgotten", "outreach", "outreach_item"))
)

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    names,
    some.instants(),
    st.datetimes(),
    st.timedeltas(),
    st.sampled_from([member for kind in NAMED.values() if issubclass(kind, Enum) for member in kind]),
    some.contents(),
    some.inbounds(),
    some.status_reports(),
)
hashable = st.one_of(st.integers(), names, st.tuples(names, st.integers()))
keys = st.one_of(names, st.just("$"), st.integers(), some.instants())
things = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(hashable, max_size=3),
        st.dictionaries(keys, inner, max_size=3),
    ),
    max_leaves=8,
)
facts = st.dictionaries(names | st.just("$"), things, max_size=4)
checks = st.builds(Check, names, st.booleans(), names, facts)
events = st.builds(
    NewEvent,
    numbers,
    names,
    st.integers(0, 9),
    st.none() | names,
    names,
    some.instants(),
    facts,
    st.lists(checks, max_size=2).map(tuple),
)


def same(one: Any, other: Any) -> bool:
    """Compare values; instants by what they mean, because Python calls some of two zones unequal."""
    if isinstance(one, datetime) and one.utcoffset() is not None:
        return isinstance(other, datetime) and one.astimezone(UTC) == other.astimezone(UTC)
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    if attrs.has(type(one)):
        pairs = [(getattr(one, field.name), getattr(other, field.name, None)) for field in attrs.fields(type(one))]
        return type(one) is type(other) and all(same(*pair) for pair in pairs)
    if isinstance(one, Mapping):
        return len(one) == len(other) and all(
            same(a, b) and same(one[a], other[b]) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, tuple | list):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def test_there_is_a_strategy_for_every_kind_of_row() -> None:
    assert set(ROWS) | {"done"} == set(KINDS)


@pytest.mark.parametrize("kind", ROWS)
@given(data=st.data())
def test_every_row_comes_back(kind: str, data: st.DataObject) -> None:
    holds, value = KINDS[kind].holds, data.draw(ROWS[kind])
    text = encode(holds, value)
    back = decode(holds, text)
    assert same(value, back)
    assert encode(holds, back) == text
    assert same(value, detached(holds, value))


@given(RESULTS)
def test_a_result_comes_back_whatever_it_is(value: object) -> None:
    assert same(value, decode(object, encode(object, value)))


@given(events)
def test_events_come_back_with_facts_of_any_type(event: NewEvent) -> None:
    back = happening((7, *event_row(event)))
    assert back.position == 7
    assert same(event, back.event)
    assert same(event, detached(NewEvent, event))


@given(things)
def test_text_is_plain_json_and_utf8(value: object) -> None:
    """Other programs can read the rows: no NaN, no half characters."""
    text = encode(object, value)
    text.encode()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_what_cannot_come_back_is_kept_as_text() -> None:
    class Odd:
        def __str__(self) -> str:
            return "odd"

    kept = decode(object, encode(object, {"odd": Odd(), "deep": [b"x", {1, 2}]}))
    assert kept == {"odd": "odd", "deep": ["b'x'", frozenset({1, 2})]}


class TestReleases:
    def test_fields_of_a_newer_release_are_ignored(self) -> None:
        data = json.loads(encode(Contact, Contact("c1", (Address("+34600000001"),), "Ana")))
        assert decode(Contact, json.dumps({**data, "shoe_size": 39})) == Contact(
            "c1", (Address("+34600000001"),), "Ana"
        )

    def test_fields_that_an_older_release_did_not_write_take_their_default(self) -> None:
        assert decode(Lane, '{"until":"2026-01-01T10:00:00+00:00"}') == Lane(AT)
        agent = Agent("a", "A", presence=Presence.AWAY)
        assert decode(Agent, '{"id":"a","name":"A","presence":"away"}') == agent

    @given(st.data())
    def test_leaving_out_any_defaulted_field_gives_the_default(self, data: st.DataObject) -> None:
        message = data.draw(some.messages())
        optional = [field for field in attrs.fields(Message) if field.default is not attrs.NOTHING]
        field = data.draw(st.sampled_from(optional))
        written = json.loads(encode(Message, message))
        written.pop(field.name, None)
        assert same(decode(Message, json.dumps(written)), attrs.evolve(message, **{field.name: field.default}))

    @pytest.mark.parametrize(
        ("kind", "text"),
        [
            (Lane, "{}"),
            (Lane, '{"until":'),
            (Lane, '{"until":"tomorrow"}'),
            (Lane, '{"until":5}'),
            (Lane, "[]"),
            (Lane, "null"),
            (Contact, '{"id":"c1","addresses":5}'),
            (Agent, '{"id":"a","name":"A","presence":"in_orbit"}'),
            (object, '{"$":"Hologram","size":3}'),
            (object, '{"$":"at","v":"never"}'),
            (object, "[" * 100_000),
        ],
    )
    def test_what_cannot_be_read_says_so(self, kind: type[Any], text: str) -> None:
        with pytest.raises(SchemaMismatch, match="cannot be read by this release"):
            decode(kind, text)

    def test_the_text_of_a_row_stays_what_it_is(self) -> None:
        """Rows are in databases: a change of this text needs a migration."""
        thread = Thread(Address("+14155550100"), "c1", Address("+34600000001"), events=2)
        assert encode(Thread, thread) == (
            '{"number":"+14155550100","contact":"c1","reply_to":"+34600000001","window":{},"events":2}'
        )
        entry = Entry("send:m1", "thread:x", "send", AT, "m1")
        assert encode(Entry, entry) == (
            '{"id":"send:m1","lane":"thread:x","kind":"send","due":"2026-01-01T10:00:00+00:00","subject":"m1"}'
        )
        assert (
            encode(object, (Text("hola"), timedelta(seconds=1)))
            == '[{"$":"Text","body":"hola"},{"$":"for","v":1000000}]'
        )


class TestSealing:
    """What a store in memory keeps is sealed once, and then shared."""

    @given(events)
    def test_what_is_detached_cannot_be_changed_or_is_copied_again(self, event: NewEvent) -> None:
        kept = detached(NewEvent, event)
        again = detached(NewEvent, kept)
        assert same(kept, again)
        assert again.facts is not kept.facts or isinstance(kept.facts, FixedDict)

    def test_a_sealed_conversation_is_shared(self) -> None:
        thread = Thread(Address("+14155550100"), "c1", Address("+34600000001"))
        conversation = Conversation("x", Status.OPEN, "w", "q", AT, AT, AT, attributes={"at": AT, "day": AT.date()})
        kept = detached(Thread, attrs.evolve(thread, conversation=conversation))
        assert detached(Thread, kept) is kept
        assert isinstance(kept.conversation.attributes, FixedDict)

    def test_a_list_is_copied_each_time(self) -> None:
        kept = detached(object, {"names": ["Ana"]})
        assert detached(object, kept)["names"] is not kept["names"]

    def test_a_deeply_nested_value_takes_linear_time(self) -> None:
        deep: object = ["leaf"]
        for _ in range(100):
            deep = {"in": deep}
        assert detached(object, deep) == deep

    @pytest.mark.parametrize(
        "change",
        [
            lambda it: it.__setitem__("a", 2),
            lambda it: it.__delitem__("a"),
            lambda it: it.__ior__({"b": 2}),
            lambda it: it.clear(),
            lambda it: it.pop("a"),
            lambda it: it.popitem(),
            lambda it: it.setdefault("b", 2),
            lambda it: it.update(a=2),
        ],
    )
    def test_a_sealed_mapping_refuses_every_change(self, change: Callable[[Any], object]) -> None:
        kept = detached(object, {"a": 1})
        with pytest.raises(TypeError, match="cannot be changed"):
            change(kept)
        assert kept == {"a": 1}

    def test_a_copy_of_a_sealed_mapping_is_an_ordinary_one(self) -> None:
        kept = detached(object, {"a": 1})
        copies = (dict(kept), kept.copy(), copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept)))
        for made in copies:
            assert type(made) is dict
            assert made == kept


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (Lane, Lane(datetime(2026, 1, 1))),  # noqa: DTZ001 - that is what is wrong
            (Lane, Lane("soon")),  # type: ignore[arg-type]
            (Contact, Contact("c1", name=b"Ana")),  # type: ignore[arg-type]
            (Contact, Contact("c1", name=float("nan"))),  # type: ignore[arg-type]
            (Contact, "c1"),
        ],
    )
    def test_what_a_row_may_not_hold_is_refused(self, kind: type[Any], value: object) -> None:
        with pytest.raises(InvalidValue):
            encode(kind, value)

    def test_a_value_that_holds_itself_is_refused(self) -> None:
        endless: list[object] = []
        endless.append(endless)
        for function in (encode, detached):
            with pytest.raises(InvalidValue):
                function(object, endless)

    def test_an_event_without_a_zone_is_refused(self) -> None:
        naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is what is wrong
        with pytest.raises(InvalidValue, match="time zone"):
            event_row(NewEvent(Address("+14155550100"), "c1", 1, None, "x", naive, {}))

    @pytest.mark.parametrize("key", [(), ("planet", "x"), ("contact",), ("contact", "a", "b"), ("alias", "a")])
    def test_a_key_of_no_kind_is_refused(self, key: tuple[str, ...]) -> None:
        with pytest.raises(InvalidValue):
            kind_of(key)


@given(some.conversations())
def test_a_detached_value_shares_nothing_that_can_be_changed(conversation: Conversation) -> None:
    copy = detached(Conversation, conversation)
    assert copy.attributes is not conversation.attributes


@pytest.mark.parametrize("size", [0, 1, 49, 50, 51, 120])
def test_many_texts_are_read_as_one_by_one(size: int) -> None:
    texts = [encode(Lane, Lane(AT + timedelta(seconds=n), f"w{n}")) for n in range(size)]
    assert list(decode_all(Lane, iter(texts))) == [decode(Lane, text) for text in texts]
    with pytest.raises(SchemaMismatch, match="A stored Lane cannot be read"):
        decode_all(Lane, [*texts, '{"until":"yesterday"}'])
