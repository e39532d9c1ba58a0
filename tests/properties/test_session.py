"""The 24-hour rule over any history, order, repetition, zone and margin."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NUMBER, shop

from wa_omnichannel import session
from wa_omnichannel.conversation import (
    Contact,
    Direction,
    DispatchDue,
    Event,
    Message,
    Received,
    SendFinished,
    SendRequested,
    State,
    StatusReported,
    Thread,
    decide,
)
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.messages import Accepted, DeliveryStatus, Inbound, StatusReport, TemplateMessage, Text
from wa_omnichannel.session import NEVER_OPENED, WINDOW, Window
from wa_omnichannel.testing import strategies as wa
from wa_omnichannel.testing.strategies import Happened, What

RULES = shop()
MADRID = ZoneInfo("Europe/Madrid")
TICK = timedelta(microseconds=1)


def after(window: Window, happened: Happened) -> Window:
    """Tell the window what happened, as the library does: the business's own doings are none of its business."""
    if happened.what is What.CUSTOMER:
        return session.receive(window, happened.at)
    if happened.what is What.REFUSED:
        return session.refute(window, happened.at)
    return window


def told(history: list[Happened]) -> Window:
    return reduce(after, history, NEVER_OPENED)


OUR_OWN = (DispatchDue(), SendFinished(Accepted("SM1", DeliveryStatus.QUEUED)))
EVENTS: Mapping[What, Callable[[datetime], tuple[Event, ...]]] = {
    What.CUSTOMER: lambda at: (Received(Inbound("IN1", NUMBER, (ANA,), Text("Hola")), at, "m1", "c1"),),
    What.BUSINESS: lambda _: (SendRequested("m1", Text("Buenas")), *OUR_OWN),
    What.TEMPLATE: lambda _: (SendRequested("m1", TemplateMessage("order_ready", {"1": "Ana"})), *OUR_OWN),
    What.CALLBACK: lambda _: (StatusReported(StatusReport("SM1", "delivered")),),
    What.REFUSED: lambda _: (StatusReported(StatusReport("SM1", "undelivered", error_code=63016)),),
}


def lived(history: list[Happened]) -> Window:
    """Return the window of a whole thread that lived through the history."""
    state = State(Contact("k1", (ANA,)), Thread(NUMBER, "k1", ANA))
    for what, at in ((happened.what, happened.at) for happened in history):
        sent = Message("m1", NUMBER, "k1", None, Direction.OUT, Text("Buenas"), at, "system", DeliveryStatus.SENDING)
        state = attrs.evolve(state, message=attrs.evolve(sent, dispatched_at=at))
        for event in EVENTS[what](at):
            state = decide(RULES, state, event, at).state
    return state.thread.window


def expected_open(history: list[Happened], now: datetime) -> bool:
    """Say it once more in plain words, with nothing of the library: the model."""
    wrote = [happened.at for happened in history if happened.what is What.CUSTOMER]
    refused = [happened.at for happened in history if happened.what is What.REFUSED]
    standing = [at for at in wrote if all(at.timestamp() > no.timestamp() for no in refused)]
    return any(now.astimezone(UTC) - at.astimezone(UTC) < timedelta(hours=24) for at in standing)


@given(st.data(), wa.histories())
def test_ses_2_a_window_is_what_the_customer_made_it(data: st.DataObject, history: list[Happened]) -> None:
    window = told(history)
    now = data.draw(wa.moments(window))
    assert session.is_open(window, now) == expected_open(history, now)


@given(wa.instants(), wa.zones())
def test_ses_8_peers_case_1_the_end_is_exact_to_the_microsecond_in_any_zone(at: datetime, zone) -> None:
    """Peers' case 1: open one tick before 24 hours have passed, closed at 24 hours; summer time changes nothing."""
    window = session.receive(NEVER_OPENED, at)
    end = (at.astimezone(UTC) + timedelta(hours=24)).astimezone(zone)
    assert session.closes_at(window) == end.astimezone(UTC)
    assert session.is_open(window, at)
    assert session.is_open(window, (end.astimezone(UTC) - TICK).astimezone(zone))
    assert not session.is_open(window, end)


@given(st.data(), wa.histories())
def test_ses_4_and_6_only_the_customer_opens_a_window(data: st.DataObject, history: list[Happened]) -> None:
    """Peers' case 4: nothing the business or the provider does moves the end, in a thread that lives through it."""
    window = told(history)
    assert lived(history) == window
    refused = data.draw(wa.instants())
    assert session.closes_at(session.refute(window, refused)) in (None, session.closes_at(window))


@given(st.data(), wa.histories())
def test_late_and_repeated_events_change_nothing(data: st.DataObject, history: list[Happened]) -> None:
    """Peers' case 2: any order and any repetition gives the same window."""
    again = data.draw(st.lists(st.sampled_from(history), max_size=5)) if history else []
    shuffled = data.draw(st.permutations([*history, *again]))
    assert told(shuffled) == told(history)


@given(wa.windows(), wa.instants())
def test_ses_2_a_message_never_shortens_the_window(window: Window, at: datetime) -> None:
    before, later = session.closes_at(window), session.closes_at(session.receive(window, at))
    assert before is None or (later is not None and later >= before)
    assert session.receive(session.receive(window, at), at) == session.receive(window, at)


@given(wa.windows(), wa.windows(), wa.windows())
def test_windows_are_a_join_semilattice(a: Window, b: Window, c: Window) -> None:
    """Peers' case 8: two identities of one person merge to one window, in whatever order that is noticed."""
    assert session.merge(a, b) == session.merge(b, a)
    assert session.merge(session.merge(a, b), c) == session.merge(a, session.merge(b, c))
    assert session.merge(a, a) == a
    assert session.merge(a, NEVER_OPENED) == a


@given(wa.histories(), wa.histories())
def test_merging_windows_is_the_same_as_one_person_all_along(one: list[Happened], other: list[Happened]) -> None:
    assert session.merge(told(one), told(other)) == told([*one, *other])


@given(st.data(), wa.windows(), wa.margins())
def test_ses_8_a_margin_closes_earlier_by_exactly_itself(
    data: st.DataObject, window: Window, margin: timedelta
) -> None:
    """Peers' case 7: a margin never opens what is closed."""
    now = data.draw(wa.moments(window))
    end = session.closes_at(window)
    assert session.closes_at(window, margin) == (end - margin if end is not None else None)
    assert session.is_open(window, now, margin) == (
        session.is_open(window, now) and end is not None and now < end - margin
    )


@given(st.data(), wa.windows(), wa.margins())
def test_what_is_left_is_zero_exactly_when_closed(data: st.DataObject, window: Window, margin: timedelta) -> None:
    now = data.draw(wa.moments(window))
    left = session.remaining(window, now, margin)
    assert (left > timedelta(0)) == session.is_open(window, now, margin)
    if left:
        assert session.closes_at(window, margin) == now.astimezone(UTC) + left


@given(wa.instants(), wa.instants())
def test_peers_case_6_a_refusal_refutes_only_what_was_open_at_its_dispatch(
    wrote: datetime, dispatched: datetime
) -> None:
    """63016 for a message dispatched at t says nothing about a window that the customer opened after t."""
    window = session.refute(session.receive(NEVER_OPENED, wrote), dispatched)
    assert session.is_open(window, wrote) == (wrote.timestamp() > dispatched.timestamp())
    assert window == session.receive(session.refute(NEVER_OPENED, dispatched), wrote)


@given(wa.windows(), wa.instants())
def test_ses_4_the_customer_reopens_a_refuted_window(window: Window, at: datetime) -> None:
    known = [instant for instant in (window.last_inbound_at, window.refuted_at) if instant is not None]
    latest = max([at, *known], key=lambda instant: instant.timestamp())
    answered = session.receive(window, latest.astimezone(UTC) + TICK)
    assert session.closes_at(answered) == latest.astimezone(UTC) + TICK + WINDOW


@pytest.mark.parametrize("ask", [session.is_open, session.remaining, session.receive, session.refute])
@given(at=wa.instants())
def test_a_naive_instant_is_a_typed_error(ask, at: datetime) -> None:
    with pytest.raises(InvalidValue, match="time zone"):
        ask(Window(at), at.replace(tzinfo=None))


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
ASKED: tuple[tuple[str, Callable[[], object]], ...] = (
    ("at", lambda: session.receive(NEVER_OPENED, NAIVE)),
    ("dispatched_at", lambda: session.refute(NEVER_OPENED, NAIVE)),
    ("now", lambda: session.is_open(NEVER_OPENED, NAIVE)),
    ("last_inbound_at", lambda: Window(NAIVE)),
    ("refuted_at", lambda: Window(None, NAIVE)),
    ("margin", lambda: session.closes_at(Window(datetime(2026, 1, 1, tzinfo=UTC)), -TICK)),
)


@pytest.mark.parametrize(("field", "ask"), ASKED, ids=[field for field, _ in ASKED])
def test_an_error_names_the_argument_and_says_what_to_do(field: str, ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue) as caught:
        ask()
    assert caught.value.field == field
    assert caught.value.fix.endswith(("datetime.now(timezone.utc).", "use zero or more."))


@given(at=wa.instants())
def test_a_window_cannot_be_made_of_naive_instants(at: datetime) -> None:
    with pytest.raises(InvalidValue, match="last_inbound_at"):
        Window(at.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="refuted_at"):
        Window(at, at.replace(tzinfo=None))


@given(window=wa.windows(), at=wa.instants(), days=st.integers(1, 3))
def test_ses_8_a_margin_that_would_lengthen_the_window_is_a_typed_error(
    window: Window, at: datetime, days: int
) -> None:
    opened = session.receive(window, at.astimezone(UTC) + timedelta(days=9000))
    with pytest.raises(InvalidValue, match="margin"):
        session.is_open(opened, at, -timedelta(days=days))


def test_the_repeated_hour_in_autumn_is_compared_in_utc() -> None:
    """At 02:40 summer time WhatsApp refused; at 02:30 winter time, 50 minutes later, the customer wrote."""
    refused = datetime(2026, 10, 25, 0, 40, tzinfo=UTC).astimezone(MADRID)
    wrote = datetime(2026, 10, 25, 1, 30, tzinfo=UTC).astimezone(MADRID)
    assert wrote.replace(tzinfo=None) < refused.replace(tzinfo=None)
    assert session.is_open(Window(wrote, refused), wrote)
    assert session.merge(Window(wrote), Window(refused)) == Window(wrote)
