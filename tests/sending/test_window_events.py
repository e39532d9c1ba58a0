"""The window as events: about to close, closed; never early, each once and in order, late after a downtime."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop
from tests.support.stage import Stage

from wa_omnichannel import session
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact, State, Thread, Watch, WindowDue, decide
from wa_omnichannel.conversation.events import WatchWindow
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.ports import DueEntries, NewEvent
from wa_omnichannel.rules import Rules

SOON, CLOSED = "window_closing_soon", "window_closed"
HOUR = timedelta(hours=1)


def rules(lead: timedelta = HOUR, margin: timedelta = timedelta(0)) -> Rules:
    known = shop()
    return Rules(known.numbers, known.workstreams, known.queues, safety_margin=margin, closing_soon=lead)


def writes(made: Stage, n: int) -> None:
    inbound = Inbound(f"IN{n}", NUMBER, (ANA,), Text("Hola"))
    made.desk.receive(made.provider.webhook(inbound, made.clock.now()))


def told(made: Stage) -> list[NewEvent]:
    return [h.event for h in made.desk.events(limit=1000) if h.event.kind in (SOON, CLOSED)]


def kinds(made: Stage) -> list[str]:
    return [event.kind for event in told(made)]


def due_kinds(made: Stage) -> set[str]:
    """What is on the agenda, whenever it is due."""
    entries = made.store.select(DueEntries(made.clock.now() + timedelta(days=365), made.clock.now()))
    return {stored.value.kind for stored in entries}


def test_a_closing_window_is_told_when_it_is_time() -> None:
    made = Stage(rules())
    writes(made, 1)
    for hours, expected in ((22.99, []), (0.01, [SOON]), (0.99, [SOON]), (0.01, [SOON, CLOSED]), (48, [SOON, CLOSED])):
        made.clock.advance(timedelta(hours=hours))
        made.desk.tick()
        assert kinds(made) == expected
    assert [event.facts.get("closes_at") or event.facts["closed_at"] for event in told(made)] == [
        NOW + session.WINDOW
    ] * 2


def test_a_message_of_the_customer_sets_the_timer_anew() -> None:
    made = Stage(rules())
    writes(made, 1)
    made.clock.advance(timedelta(hours=23, minutes=30))
    made.desk.tick()
    writes(made, 2)
    made.clock.advance(HOUR)
    made.desk.tick()
    assert kinds(made) == [SOON]
    made.clock.advance(timedelta(hours=22))
    made.desk.tick()
    assert kinds(made) == [SOON, SOON]


def test_after_a_downtime_both_are_told_late_once_and_in_order() -> None:
    made = Stage(rules())
    writes(made, 1)
    made.clock.advance(timedelta(days=3))
    made.desk.tick()
    made.desk.tick()
    assert kinds(made) == [SOON, CLOSED]
    assert [event.at for event in told(made)] == [NOW + timedelta(days=3)] * 2


def test_a_customer_who_writes_before_the_worker_is_back_is_told_after_the_old_window() -> None:
    made = Stage(rules())
    writes(made, 1)
    made.clock.advance(timedelta(days=3))
    writes(made, 2)
    made.desk.tick()
    assert [kind for kind in made.kinds() if kind in (SOON, CLOSED, "message_received")] == [
        "message_received",
        SOON,
        CLOSED,
        "message_received",
    ]


def test_a_safety_margin_closes_earlier_for_the_events_too() -> None:
    made = Stage(rules(margin=timedelta(minutes=30)))
    writes(made, 1)
    made.clock.advance(timedelta(hours=23, minutes=30))
    made.desk.tick()
    assert kinds(made) == [SOON, CLOSED]


def test_a_call_sets_the_timer_too() -> None:
    made = Stage(rules())
    made.desk.record_call(NUMBER, ANA, NOW)
    made.clock.advance(timedelta(days=1))
    made.desk.tick()
    assert kinds(made) == [SOON, CLOSED]


@pytest.mark.parametrize("lead", [-HOUR, session.WINDOW])
def test_a_lead_that_cannot_be_is_refused(lead: timedelta) -> None:
    with pytest.raises(InvalidValue, match="closing_soon"):
        rules(lead)


@given(
    st.lists(st.tuples(st.sampled_from(("writes", "tick")), st.integers(0, 30 * 60)), max_size=12),
    st.integers(0, 23 * 60),
)
def test_nothing_is_told_early_twice_or_out_of_order(steps: Sequence[tuple[str, int]], lead: int) -> None:
    """Against a model: the instants at which the windows of a history end."""
    settings = rules(timedelta(minutes=lead))
    made = Stage(settings)
    ends: list[datetime] = []
    for n, (step, minutes) in enumerate(steps):
        made.clock.advance(timedelta(minutes=minutes))
        if step == "tick":
            made.desk.tick()
            continue
        end = made.clock.now() + session.WINDOW
        if ends and made.clock.now() < ends[-1]:
            ends[-1] = end
        else:
            ends.append(end)
        writes(made, n)
    made.clock.advance(timedelta(days=2))
    made.desk.tick()
    closed = [event.facts["closed_at"] for event in told(made) if event.kind == CLOSED]
    assert closed == ends
    for event in told(made):
        ended = event.facts.get("closes_at") or event.facts["closed_at"]
        assert isinstance(ended, datetime)
        assert event.at >= (ended if event.kind == CLOSED else ended - settings.closing_soon)
    order = [event.kind for event in told(made)]
    assert all(order[n - 1] == SOON for n, kind in enumerate(order) if kind == CLOSED)
    assert "window" not in due_kinds(made)


def test_a_timer_that_fires_for_a_refuted_window_tells_nothing() -> None:
    thread = Thread(NUMBER, "c1", ANA, session.Window(NOW, NOW), watch=Watch.OPEN)
    decision = decide(rules(), State(Contact("c1"), thread), WindowDue(), NOW + session.WINDOW)
    assert decision.effects == ()
    assert decision.state.thread.watch is None


def test_a_timer_that_fires_early_is_set_to_where_the_window_moved() -> None:
    thread = Thread(NUMBER, "c1", ANA, session.Window(NOW), watch=Watch.OPEN)
    decision = decide(rules(), State(Contact("c1"), thread), WindowDue(), NOW)
    assert decision.effects == (WatchWindow(NOW + session.WINDOW - HOUR),)


@pytest.mark.parametrize("last", ["phone", "user id", "both"])
def test_two_contacts_that_prove_to_be_one_person_have_one_window_to_tell_of(last: str) -> None:
    made = Stage(rules())
    cards = {"phone": (ANA,), "user id": (Address("ES.1"),)}
    order = [each for each in cards if each != last] + ([last] if last in cards else [])
    for n, name in enumerate(order):
        made.desk.receive(made.provider.webhook(Inbound(f"IN{n}", NUMBER, cards[name], Text("Hola")), NOW + n * HOUR))
    made.clock.advance(2 * HOUR)
    both = Inbound("IN9", NUMBER, (*cards["phone"], *cards["user id"]), Text("Hola"))
    made.desk.receive(made.provider.webhook(both, made.clock.now()))
    end = made.clock.now() + session.WINDOW
    for _ in range(60):
        made.clock.advance(HOUR / 2)
        made.desk.tick()
    assert kinds(made) == [SOON, CLOSED]
    assert [event.at for event in told(made)] == [end - HOUR, end]
    assert "window" not in due_kinds(made)
