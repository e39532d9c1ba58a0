"""The feed: what happened, in order, for whoever asks, and for handlers that are told.

A handler has a name, under which its place in the feed is kept in the agenda: it is told again from there after a
crash, so it may be told something twice and never misses anything. One that fails is told the same again, later each
time; nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

import attrs

from wa_omnichannel._flows.steps import Call, Called, Flow, Registered, commit, load, now, select
from wa_omnichannel.bots import AsyncBot, Bot
from wa_omnichannel.errors import ConcurrentUpdate
from wa_omnichannel.ports import Changes, Entry, EventsAfter, Happening, Put, Stored, entry_key

PAUSE = timedelta(seconds=1)
"""How long after everything was told the feed is looked at again."""

TURN = timedelta(seconds=60)
"""How long a worker has for one batch before another may take over."""

LONGEST_REST = timedelta(minutes=5)
"""Longest time before a handler that fails is told again."""

BATCH = 100
"""Events that are told before the place is kept."""


@attrs.frozen
class Subscription:
    """A handler, and what it wants to be told."""

    name: str
    kinds: frozenset[str]
    """Kinds of events; none means all."""
    handler: Callable[[Happening], Any]

    def wants(self, happening: Happening) -> bool:
        """Tell whether it is told about *happening*."""
        return not self.kinds or happening.event.kind in self.kinds


@attrs.define
class Registry:
    """What the application gave us to call; known to this process alone."""

    subscriptions: dict[str, Subscription] = attrs.Factory(dict[str, Subscription])
    bots: Mapping[str, Bot | AsyncBot] = attrs.Factory(dict[str, Bot | AsyncBot])
    bot_patience: timedelta = timedelta(seconds=20)
    """How long a bot may take."""


@attrs.frozen
class Place:
    """Where a handler is in the feed."""

    position: int = 0
    failures: int = 0
    """How often the next event failed in a row."""

    @classmethod
    def read(cls, text: str) -> Place:
        """Return the place that an entry of the agenda keeps.

        >>> Place.read(Place(17, 2).text)
        Place(position=17, failures=2)
        """
        return cls(*map(int, text.split("/")))

    @property
    def text(self) -> str:
        """The place as the entry keeps it."""
        return f"{self.position}/{self.failures}"


def events(after: int, limit: int, kinds: Collection[str] | None) -> Flow[tuple[Happening, ...]]:
    """Return what happened anywhere after a position, in order; with *kinds* only that."""
    found: list[Happening] = []
    while len(found) < limit:
        page = yield from select(EventsAfter(after, limit))
        if not page:
            break
        found += [happening for happening in page if kinds is None or happening.event.kind in kinds]
        after = page[-1].position
    return tuple(found[:limit])


def _id(name: str) -> str:
    return f"feed:{name}"


def subscribe() -> Flow[None]:
    """See that every handler of this process has its place in the agenda; a new one begins at the beginning."""
    registry: Registry = yield Registered()
    keys = [entry_key(_id(name)) for name in registry.subscriptions]
    if not keys:
        return
    known = yield from load(*keys)
    at = yield from now()
    for key in (key for key in keys if key not in known):
        entry = Entry(key[1], key[1], "feed", at, Place().text)
        try:
            yield from commit(Changes(puts=(Put(key, entry, 0),)))
        except ConcurrentUpdate:  # another process made it in the meantime
            continue


def feed(stored: Stored[Entry]) -> Flow[bool]:
    """Tell a handler what happened since; one that another process has is left alone."""
    registry: Registry = yield Registered()
    entry = stored.value
    subscription = registry.subscriptions.get(entry.id.removeprefix("feed:"))
    if subscription is None:
        return False
    key = entry_key(entry.id)
    at = yield from now()
    yield from commit(Changes(puts=(Put(key, attrs.evolve(entry, due=at + TURN), stored.version),)))
    taken = (yield from load(key))[key].version
    place = Place.read(entry.subject)
    page = yield from select(EventsAfter(place.position, BATCH))
    place = yield from _tell(subscription, page, place)
    rest = min(PAUSE * 2**place.failures, LONGEST_REST) if place.failures else PAUSE * (len(page) < BATCH)
    after = attrs.evolve(entry, due=(yield from now()) + rest, subject=place.text)
    yield from commit(Changes(puts=(Put(key, after, taken),)))
    return not place.failures


def _tell(subscription: Subscription, page: tuple[Happening, ...], place: Place) -> Flow[Place]:
    """Tell the handler one event after the other, until one fails; returns how far it came."""
    for happening in page:
        if subscription.wants(happening):
            called: Called = yield Call(subscription.handler, happening)
            if called.error is not None:
                return attrs.evolve(place, failures=min(place.failures + 1, 20))
        place = Place(happening.position)
    return place
