"""Strategies for what an application is told over days: in any order, late, twice, under several addresses."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.messages import ButtonReply, Content, Location, Media, Text, Unsupported
from wa_omnichannel.session import WINDOW
from wa_omnichannel.testing.models import Told, What
from wa_omnichannel.testing.strategies.instants import ZONES, clock_changes, zones

BUSINESSES = (Address("+14155550100"), Address("+14155550199"))
"""The business numbers of the stories."""
CUSTOMERS = (Address("+34600000001"), Address("ES.1"), Address("+447700900123"))
"""The addresses of their customers; the first two may turn out to be one person."""

_CARDS = ((CUSTOMERS[0],), (CUSTOMERS[1],), CUSTOMERS[:2], (CUSTOMERS[2],))
_SOMETIME = datetime(2026, 1, 1, 10, 0, 30, tzinfo=UTC)
_NOW = timedelta(0)
_TICK = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_WHEN = (_NOW, _TICK, _HOUR, timedelta(hours=23), WINDOW - _TICK, WINDOW, WINDOW + _TICK, 2 * WINDOW)
_TICKS = (_NOW, -_TICK, _TICK, -_HOUR, _HOUR - _TICK, -timedelta(minutes=30), timedelta(minutes=30) - _TICK)
_SAID: tuple[Content | None, ...] = (
    Text("Hola"),
    Text("STOP"),
    ButtonReply("Yes", "yes"),
    Location(40.4, -3.7),
    Media("https://example.com/file", "image/jpeg"),
    Unsupported("unknown_kind", "reaction"),
    None,
)
_DONE = (
    *((What.CUSTOMER, said) for said in _SAID),
    *((what, None) for what in What if what is not What.CUSTOMER for _ in range(2)),
)
_OFTEN = (BUSINESSES[0], BUSINESSES[0], BUSINESSES[0], BUSINESSES[1])  # most of a story is about one thread
_WHO = (_CARDS[0], _CARDS[0], *_CARDS)
_EVENTS = tuple(
    Told(what, _SOMETIME, number, card, "", said) for number in _OFTEN for card in _WHO for what, said in _DONE
)


@attrs.frozen
class Story:
    """What an application is told, in the order in which it hears of it, and a question about that."""

    events: tuple[Told, ...]
    number: Address
    """Which business number asks."""
    customer: Address
    """Whom it wants to write to."""
    now: datetime
    """When it asks."""


@functools.cache
@st.composite
def stories(draw: st.DrawFn, *, max_size: int = 6) -> Story:
    """Make stories of two business numbers and two customers, one of whom has two addresses.

    Events lie within four days of each other, often a day apart. They come in any order (a webhook may have waited
    in a queue), and some come again later with the same sid. The question is often asked within a tick of the
    instant at which the answer changes, or while clocks are being changed.

    Args:
        draw: Given by Hypothesis.
        max_size: The longest story.
    """
    begin, events, again = draw(_BEGIN), list[Told](), list[Told]()
    for event, later, zone, repeated in draw(st.lists(_DRAWN, max_size=max_size)):
        at = (begin.astimezone(UTC) + later).astimezone(zone or begin.tzinfo)
        events.append(attrs.evolve(event, at=at, sid=f"SM{len(events)}"))
        if repeated is not None:
            again.append(attrs.evolve(events[-1], at=at + repeated))
    about_first, number, customer, after, window, tick, zone = draw(_QUESTIONS)
    if about_first and events:
        number, customer = events[0].number, events[0].addresses[-1]
    return Story((*events, *again), number, customer, (begin.astimezone(UTC) + after + window + tick).astimezone(zone))


# One choice for each part of an event: what is found is then shrunk to its last event.
_OFFSETS = st.sampled_from(
    (_NOW, *_WHEN) * 10 + (_NOW,) * 60 + tuple(timedelta(hours=hours) for hours in range(4 * 24))
)
_AGAIN = st.sampled_from((None, None, None, None, _TICK, _HOUR, WINDOW))
_BEGIN = st.just(_SOMETIME) | clock_changes()
_DRAWN = st.tuples(st.sampled_from(_EVENTS), _OFFSETS, st.sampled_from((*[None] * 16, *ZONES)), _AGAIN)
_QUESTIONS = st.tuples(
    st.sampled_from((True, True, False)),
    st.sampled_from(_OFTEN),
    st.sampled_from((CUSTOMERS[0], *CUSTOMERS)),
    st.just(_NOW) | _OFFSETS,
    st.sampled_from((WINDOW, _NOW)),
    st.sampled_from(_TICKS[:3] * 3 + _TICKS[3:]),
    zones(),
)
