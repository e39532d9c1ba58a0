"""Writing to customers first: OUT-1 to OUT-6."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, OTHER_NUMBER, shop

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import Scope, Statement
from wa_omnichannel.errors import InvalidValue, Refused
from wa_omnichannel.machine import FixedClock, KeyedHashes
from wa_omnichannel.messages import Inbound, NotSent, TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.outbound import Caps, Configuration, Item, QuietHours, Recipient, Sent, chunks, decide
from wa_omnichannel.testing.fakes import RecordingTransport

READY = Configuration("c1", "Order ready", NUMBER, "order_ready")


def recipient(to: str = ANA, **more: Any) -> Recipient:
    return Recipient(**{"to": to, "opted_in": True, "variables": {"1": "Ana"}, **more})


@attrs.define
class Desk:
    channel: Omnichannel
    provider: RecordingTransport
    clock: FixedClock

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))
        self.channel.tick()

    @property
    def reached(self) -> list[str]:
        return [each.outgoing.to for each in self.provider.arrived]


def desk_on(store: Any) -> Desk:
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    channel = Omnichannel(
        shop(), store=store, transport=provider, clock=clock, pseudonyms=KeyedHashes("0123456789abcdef")
    )
    return Desk(channel, provider, clock)


@pytest.fixture
def desk() -> Desk:
    return desk_on(MemoryStore())


def test_an_event_of_one_customer(desk: Desk) -> None:
    """OUT-2, OUT-3: a template with its values, whether the window is open or not."""
    (found,) = desk.channel.reach(READY, [recipient()])
    (handed,) = desk.provider.arrived
    assert isinstance(handed.outgoing.content, TemplateMessage)
    assert (handed.outgoing.to, handed.outgoing.content.variables) == (ANA, {"1": "Ana"})
    assert desk.channel.message(found.message or "").author == "outbound:c1"


@pytest.mark.parametrize(
    ("changes", "shown"), [({}, True), ({"bulk": True}, False), ({"bulk": True, "in_timeline": True}, True)]
)
def test_what_is_shown_in_the_timeline(desk: Desk, changes: dict[str, Any], shown: bool) -> None:
    """OUT-1: event-driven ones by default, bulk ones not."""
    desk.channel.reach(attrs.evolve(READY, **changes), [recipient()])
    (event,) = [each.event for each in desk.channel.events(limit=1000) if each.event.kind == "outreach_sent"]
    assert event.facts == {"configuration": "c1", "shown": shown}


def test_bulk_gives_a_result_for_each_contact(desk: Desk) -> None:
    """OUT-3, OUT-6: without an opt-in nothing is sent; a stop outranks the sender's word; others are not concerned."""
    desk.channel.record_consent("+34600000002", Statement(Scope.EVERYTHING, False, NOW, "web"))
    people = [
        recipient(),
        recipient("+34600000002"),
        recipient("+34600000003", opted_in=False),
        recipient("+34600000004", variables={}),
        recipient("+34600000005"),
    ]
    found = desk.channel.reach(attrs.evolve(READY, bulk=True), people)
    assert [each.to for each in found] == [each.to for each in people]
    assert [each.refusal and each.refusal.reason for each in found] == [
        None,
        "opted_out",
        "not_opted_in",
        "template_variables_wrong",
        None,
    ]
    assert desk.reached == [ANA, "+34600000005"]


def test_more_than_a_hundred_are_split() -> None:
    """OUT-4 (seed 24)."""
    people = [recipient(f"+346{number:08}") for number in range(205)]
    parts = list(chunks(people))
    assert [len(part) for part in parts] == [100, 100, 5]
    assert [each for part in parts for each in part] == people
    with pytest.raises(InvalidValue):
        list(chunks([people[0], people[0]]))


def test_a_repeated_request_sends_nothing_twice(desk: Desk) -> None:
    first = desk.channel.reach(READY, [recipient()], request_id="r1")
    capped = attrs.evolve(READY, caps=Caps(1))
    assert desk.channel.reach(READY, [recipient()], request_id="r1") == first
    assert desk.channel.reach(capped, [recipient()], request_id="r1") == first  # the cap does not count it again
    assert len(desk.reached) == 1


# --- quiet hours and caps


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-05-01T12:00", "UTC", "2026-05-01T12:00"),
        ("2026-05-01T21:00", "UTC", "2026-05-02T08:00"),
        ("2026-05-01T03:00", "UTC", "2026-05-01T08:00"),
        ("2026-05-01T08:00", "UTC", "2026-05-01T08:00"),
        ("2026-05-01T19:30", "Europe/Madrid", "2026-05-02T06:00"),
        ("2026-05-01T12:00", "Pacific/Auckland", "2026-05-01T20:00"),
        ("2026-10-24T22:00", "Europe/Madrid", "2026-10-25T07:00"),  # the night has one more hour
    ],
)
def test_quiet_hours_are_the_customers_own(now: str, zone: str, expected: str) -> None:
    quiet = QuietHours()
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert quiet.over(at, ZoneInfo(zone)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


TIMES = st.times()
ZONES = st.sampled_from(["UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), ZONES, TIMES, TIMES)  # noqa: DTZ001
def test_whoever_waits_is_not_quiet_any_more(now: datetime, zone: str, begins: time, ends: time) -> None:
    """Never earlier, at most a day and an hour later, and not inside the quiet hours."""
    at, quiet, place = now.replace(tzinfo=UTC), QuietHours(begins, ends), ZoneInfo(zone)
    free = quiet.over(at, place)
    assert at <= free <= at + timedelta(hours=26)
    if free > at:
        assert free.astimezone(place).time() >= ends or quiet.over(free, place) == free


def test_a_message_waits_for_the_morning(desk: Desk) -> None:
    """It is decided again then, and sent once."""
    quiet = attrs.evolve(READY, quiet=QuietHours())
    (found,) = desk.channel.reach(quiet, [recipient(zone="Pacific/Auckland")], request_id="r1")
    assert found.due == datetime(2026, 5, 1, 20, tzinfo=UTC)
    assert desk.channel.reach(quiet, [recipient(zone="Pacific/Auckland")], request_id="r1") == (found,)
    desk.later(hours=7)
    assert desk.reached == []
    desk.later(hours=2)
    desk.later(hours=1)
    assert desk.reached == [ANA]


def test_a_stop_during_the_wait_is_respected(desk: Desk) -> None:
    desk.channel.reach(READY, [recipient()], due=NOW + timedelta(hours=1))
    desk.channel.record_consent(ANA, Statement(Scope.EVERYTHING, False, NOW, "web"))
    desk.later(hours=2)
    assert desk.reached == []
    (event,) = [each.event for each in desk.channel.events(limit=1000) if each.event.kind == "outreach_refused"]
    assert event.facts["reason"] == "opted_out"


@pytest.mark.parametrize(
    ("caps", "hours_ago", "allowed"),
    [
        (Caps(2), [1, 30], True),
        (Caps(2), [1, 23.9], False),
        (Caps(None, 3), [1, 30, 167], False),
        (Caps(None, 3), [1, 30, 168], True),
        (Caps(), [1] * 50, True),
        (Caps(0), [], False),
    ],
)
def test_frequency_caps(caps: Caps, hours_ago: list[float], allowed: bool) -> None:
    known = [Sent(str(hours), NOW - timedelta(hours=hours)) for hours in hours_ago]
    decided = decide(Item("k", attrs.evolve(READY, caps=caps), recipient()), known, NOW)
    assert (decided == NOW) is allowed
    if isinstance(decided, Refused):
        assert decided.reason == "frequency_cap"
        assert "{" not in decided.explain("es")


def test_caps_count_over_all_numbers(desk: Desk) -> None:
    capped = attrs.evolve(READY, caps=Caps(1))
    desk.channel.reach(capped, [recipient()])
    (found,) = desk.channel.reach(attrs.evolve(capped, number=OTHER_NUMBER), [recipient()])
    assert found.refusal is not None
    assert found.refusal.reason == "frequency_cap"
    desk.later(hours=25)
    (found,) = desk.channel.reach(capped, [recipient()])
    assert found.refusal is None


# --- answers


def answer(desk: Desk, sid: str = "SM1", number: Address = NUMBER) -> Any:
    desk.channel.receive(desk.provider.webhook(Inbound(sid, number, (ANA,), Text("Sí"))))
    (listing,) = desk.channel.conversations(number=number)
    return listing.conversation


def test_an_answer_in_time_carries_the_context(desk: Desk) -> None:
    """OUT-5: it is routed and assigned like any other, and knows what it answers."""
    desk.channel.reach(READY, [recipient(context={"order": "4711"})])
    desk.later(minutes=5)
    conversation = answer(desk)
    assert conversation.agent is None
    told = {name: conversation.attributes.get(name) for name in ("order", "outbound_configuration", "outbound_name")}
    assert told == {"order": "4711", "outbound_configuration": "c1", "outbound_name": "Order ready"}


@pytest.mark.parametrize("why", ["late", "another number", "never reached"])
def test_any_other_message_is_a_message_like_any_other(desk: Desk, why: str) -> None:
    """OUT-5."""
    if why != "never reached":
        desk.channel.reach(READY, [recipient(context={"order": "4711"})])
    desk.later(minutes=5.1 if why == "late" else 1)
    conversation = answer(desk, number=OTHER_NUMBER if why == "another number" else NUMBER)
    assert "order" not in conversation.attributes


# --- stores


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    return MemoryStore if request.param == "memory" else lambda: SqliteStore(tmp_path / "db.sqlite").open()


def test_a_scheduled_message_survives_in_every_store(make: Callable[[], Any], tmp_path: Path) -> None:
    """OUT-2: scheduled; an attempt that fails is repeated like any other send."""
    store = make()
    desk = desk_on(store)
    full = attrs.evolve(READY, quiet=QuietHours(time(22), time(6, 30)), caps=Caps(3, 5), in_timeline=False)
    context = {"order": "4711", "amount": 12.5, "vip": True}
    desk.channel.reach(full, [recipient(context=context, language="es")], due=NOW + timedelta(hours=1))
    desk.provider.plan(NotSent("busy"))
    desk.later(hours=1)
    desk.later(seconds=5)
    desk.later(seconds=5)
    assert desk.reached == [ANA]
    assert {**context, "outbound_configuration": "c1"}.items() <= answer(desk).attributes.items()
    desk.channel.reach(READY, [recipient()], due=NOW + timedelta(days=1))
    desk.channel.erase_person(ANA)
    if isinstance(store, SqliteStore):
        left = b"".join(path.read_bytes() for path in tmp_path.glob("db.sqlite*"))
        assert b"34600000001" not in left
        store.close()
