"""Agents as bits: who is the best among thousands, found with a few operations on large integers.

A :class:`Ring` keeps agents in one order (last assigned, last released, turns of a queue, id). The position of
an agent is a bit; a *feature* (member of a queue, rated at least so in a skill) is an integer with the bits of
those who have it. A *gauge* holds a number per agent, bit by bit in *planes*: units or room in a profile, nothing
while the agent's presence does not allow work. The agents for an item are the ``and`` of a few integers; the most
free capacity is found plane by plane, and the lowest bit left is the first in the order.

Changes are noted and applied when somebody asks, so that many changes of one agent cost one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel import capacity, workforce
from wa_omnichannel.assignment.custom import NEVER
from wa_omnichannel.assignment.model import WaitingItem
from wa_omnichannel.skills import Ratings
from wa_omnichannel.workforce import Agent, AgentValue, Presence

Feature: TypeAlias = tuple[str, str, int]
"""Kind (``queue`` or ``skill``), name, and the least rating."""
Key: TypeAlias = tuple[datetime, datetime, str]

PRESENCE_BITS: Mapping[Presence, int] = {presence: 1 << n for n, presence in enumerate(Presence)}
UNITS, PRESENT, UNRELEASED = "units", "present", "unreleased"
"""What a gauge may measure besides room in a profile."""


def presence_mask(presences: Iterable[Presence]) -> int:
    """Return *presences* as bits."""
    return sum(PRESENCE_BITS[presence] for presence in presences)


class Kind:
    """What does not change from hour to hour, shared by the agents who have it in common."""

    __slots__ = ("profiles", "queues", "ratings")

    def __init__(self, agent: Agent) -> None:
        self.queues = agent.queues
        self.ratings: Ratings = agent.skills
        self.profiles = frozenset(agent.profiles)

    def has(self, feature: Feature) -> bool:
        """Tell whether an agent of this kind has *feature*."""
        what, name, rating = feature
        return name in self.queues if what == "queue" else self.ratings.get(name, 0) >= rating


class Seat:
    """An agent as the index knows them: the stored row, and what happened since."""

    __slots__ = ("_changed", "_row", "_turns", "assigned", "bit", "blocked", "bot", "free", "gone", "id", "kind", "name")
    __slots__ += ("released", "rooms")

    def __init__(self, agent: Agent, kind: Kind) -> None:
        self.id = agent.id
        self.gone = False
        self.take_over(agent, kind)

    def take_over(self, agent: Agent, kind: Kind) -> None:
        """Become what the row says."""
        self._row, self.kind, self.name, self.bot = agent, kind, agent.name, agent.bot
        self._changed = False
        self.bit = PRESENCE_BITS[agent.presence]
        self.free = agent.free
        self.assigned, self.released = agent.last_assigned_at, agent.last_released_at
        self._turns: dict[str, datetime] | None = None
        rooms = agent.profiles
        self.rooms = {name: allowance.free for name, allowance in rooms.items()} if rooms else _NO_ROOMS
        self.blocked = bool(rooms) and bool(capacity.blocking(rooms))

    @property
    def turns(self) -> Mapping[str, datetime]:
        """Per queue, when it was last the agent's turn."""
        return self._row.turns if self._turns is None else self._turns

    @property
    def attributes(self) -> Mapping[str, AgentValue]:
        """The agent's own facts."""
        return self._row.attributes

    def current(self) -> Agent:
        """Return the agent as they are now."""
        if self._changed:
            self._row = attrs.evolve(
                self._row,
                used=self._row.capacity - self.free,
                last_assigned_at=self.assigned,
                last_released_at=self.released,
                turns=self.turns,
            )
            self._changed = False
            self._turns = None
        return self._row

    def give(self, item: WaitingItem, at: datetime) -> None:
        """Give *item* to the agent."""
        profiles = item.needs.profiles
        if profiles and not self.bot:
            row = workforce.take(self.current(), item.demand, at, profiles=profiles, queue=item.queue)
            self.take_over(row, self.kind)
            return
        if not self.bot:
            self.free -= item.demand
        self.assigned = at
        self._own_turns()[item.queue] = at
        self._changed = True

    def _own_turns(self) -> dict[str, datetime]:
        """Return turns that no row shares."""
        if self._turns is None:
            self._turns = dict(self._row.turns)
        return self._turns

    def take_back(self, item: WaitingItem, at: datetime) -> None:
        """Take *item* off the agent."""
        profiles = item.needs.profiles
        if profiles and not self.bot:
            self.take_over(workforce.release(self.current(), item.demand, at, profiles=profiles), self.kind)
            return
        if not self.bot:
            self.free += item.demand
        self.released = at
        self._changed = True


_NO_ROOMS: dict[str, int] = {}


class Gauge:
    """A number per agent, bit by bit: plane *n* has the agents whose number has bit *n*."""

    __slots__ = ("planes", "presences", "what")

    def __init__(self, what: str, presences: int) -> None:
        self.what = what
        self.presences = presences
        self.planes: list[int] = []

    def value(self, seat: Seat) -> int:
        """Return the number of *seat*; 0 while they may not get work."""
        if self.what == UNRELEASED:
            return seat.released is None
        if not seat.bit & self.presences or seat.blocked:
            return 0
        if self.what == UNITS:
            return max(seat.free, 0)
        return 1 if self.what == PRESENT else max(seat.rooms.get(self.what, 0), 0)

    def change(self, old: int, new: int, low: int, high: int) -> None:
        """Move the number of an agent from *old* at the bit *low* to *new* at the bit *high*."""
        planes = self.planes
        while new >> len(planes):
            planes.append(0)
        for n in range((old | new).bit_length()):
            flip = (low if old >> n & 1 else 0) ^ (high if new >> n & 1 else 0)
            if flip:
                planes[n] ^= flip

    def at_least(self, agents: int, need: int) -> int:
        """Return those of *agents* whose number is *need* or more."""
        if need >> len(self.planes):
            return 0
        more, equal = 0, agents
        for n in range(len(self.planes) - 1, -1, -1):
            has = equal & self.planes[n]
            if need >> n & 1:
                equal = has
            else:
                more |= has
                equal ^= has
        return more | equal

    def most(self, agents: int) -> tuple[int, int]:
        """Return those of *agents* with the highest number, and the number."""
        highest = 0
        for n in range(len(self.planes) - 1, -1, -1):
            has = agents & self.planes[n]
            if has:
                agents = has
                highest |= 1 << n
        return agents, highest


class _Place:
    __slots__ = ("at", "key", "kind", "values")

    def __init__(self, at: int, key: Key, kind: Kind, values: tuple[int, ...]) -> None:
        self.at, self.key, self.kind, self.values = at, key, kind, values


class Ring:
    """Agents in one order, as bits."""

    __slots__ = ("_features", "_gauges", "_key", "_owned", "_places", "_primaries", "_seats", "_sorted", "_tail")
    __slots__ += ("_tiers", "masks", "order", "stale")

    def __init__(self, key: Callable[[Seat], Key], seats: Mapping[str, Seat]) -> None:
        self._key = key
        self._seats = seats
        self._features: dict[Feature, int] = {}
        self._owned: dict[Kind, tuple[int, ...]] = {}
        self._gauges: dict[tuple[str, int], Gauge] = {}
        self._places: dict[Seat, _Place] = {}
        self._primaries: Counter[datetime] = Counter()
        self._tiers: dict[object, list[int]] = {}
        self._sorted = False
        self._tail: Key = (NEVER, NEVER, "")
        self.masks: list[int] = []
        """Per feature, who has it."""
        self.order: list[Seat | None] = []
        """Agents by position; None where somebody moved away."""
        self.stale: set[Seat] = set()
        """Who changed in some way since anybody asked; the owner adds to it."""

    def feature(self, feature: Feature) -> int:
        """Return the number of *feature*, under which :attr:`masks` has it."""
        known = self._features.get(feature)
        if known is None:
            known = self._features[feature] = len(self.masks)
            self._owned.clear()
            self.masks.append(0)
            self._sorted = False
        return known

    def gauge(self, what: str, presences: int) -> Gauge:
        """Return the gauge of *what* for work that these presences may get."""
        known = self._gauges.get((what, presences))
        if known is None:
            known = self._gauges[what, presences] = Gauge(what, presences)
            self._sorted = False
        return known

    def bit(self, agent: str) -> int:
        """Return the bit of an agent, or 0 if they are not here."""
        seat = self._seats.get(agent)
        place = self._places.get(seat) if seat else None
        return 1 << place.at if place else 0

    def tiers(self, name: object, key: Callable[[Kind], object]) -> list[int]:
        """Return all agents in groups with the same *key*, the smallest first; *name* stands for the key."""
        known = self._tiers.get(name)
        if known is None:
            by_key: dict[object, int] = {}
            for seat, place in self._places.items():
                found = key(seat.kind)
                by_key[found] = by_key.get(found, 0) | 1 << place.at
            known = self._tiers[name] = [by_key[found] for found in sorted(by_key)]  # type: ignore[type-var]
        return known

    def sync(self) -> None:
        """Apply the changes noted so far."""
        size = len(self._places)
        if not self._sorted or len(self.stale) * 8 > size + 16 or len(self.order) > 3 * size + 64:
            self._pack()
        elif self.stale:
            changed = sorted(self.stale, key=self._key) if len(self.stale) > 1 else list(self.stale)
            if not all(map(self._settle, changed)):
                self._pack()
        self.stale.clear()

    def _pack(self) -> None:
        """Lay out everything anew, in order and without gaps."""
        seats = sorted(self._seats.values(), key=self._key)
        self.order = list(seats)
        self._tail = self._key(seats[-1]) if seats else (NEVER, NEVER, "")
        self._tiers.clear()
        gauges = tuple(self._gauges.values())
        self._places = {
            seat: _Place(at, self._key(seat), seat.kind, tuple(gauge.value(seat) for gauge in gauges))
            for at, seat in enumerate(seats)
        }
        self._primaries = Counter(place.key[0] for place in self._places.values())
        self.masks = _lay_out((self._owns(seat.kind) for seat in seats), len(self._features), len(seats))
        for n, gauge in enumerate(gauges):
            values = [place.values[n] for place in self._places.values()]
            width = max(values, default=0).bit_length()
            gauge.planes = _lay_out((_bits(value) for value in values), width, len(seats))
        self._sorted = True

    def _owns(self, kind: Kind) -> tuple[int, ...]:
        """Return the numbers of the features that agents of *kind* have."""
        known = self._owned.get(kind)
        if known is None:
            known = self._owned[kind] = tuple(n for feature, n in self._features.items() if kind.has(feature))
        return known

    def _settle(self, seat: Seat) -> bool:
        """Apply what changed about *seat*; False if that needs a new layout."""
        place = self._places.get(seat)
        if seat.gone or place is None or place.kind is not seat.kind:
            return place is None and seat.gone
        key = self._key(seat)
        if key == place.key or self._stays(place, key):
            self._move(seat, place, place.at)
            return True
        if key < self._tail:
            return False
        self._primaries[place.key[0]] -= 1
        self._primaries[key[0]] += 1
        place.key = self._tail = key
        self.order[place.at] = None
        self.order.append(seat)
        self._move(seat, place, len(self.order) - 1)
        return True

    def _stays(self, place: _Place, key: Key) -> bool:
        """Tell whether a new *key* leaves the order as it is: the first part is the same and nobody shares it."""
        stays = key[0] == place.key[0] and self._primaries[key[0]] == 1
        if stays:
            place.key = key
            self._tail = max(self._tail, key)
        return stays

    def _move(self, seat: Seat, place: _Place, to: int) -> None:
        low = high = 1 << place.at
        if to != place.at:
            high = 1 << to
            flip = low | high
            masks = self.masks
            for n in self._owns(place.kind):
                masks[n] ^= flip
            place.at = to
            self._tiers.clear()
        values: list[int] = []
        for gauge, old in zip(self._gauges.values(), place.values, strict=True):
            new = gauge.value(seat)
            if low != high or new != old:
                gauge.change(old, new, low, high)
            values.append(new)
        place.values = tuple(values)


def _bits(value: int) -> tuple[int, ...]:
    return tuple(n for n in range(value.bit_length()) if value >> n & 1)


def _lay_out(owned: Iterable[tuple[int, ...]], masks: int, size: int) -> list[int]:
    """Return integers with a bit for each agent; *owned* has, agent by agent, in which of them it is set."""
    fields = [bytearray(size // 8 + 1) for _ in range(masks)]
    for at, numbers in enumerate(owned):
        byte, bit = at >> 3, 1 << (at & 7)
        for n in numbers:
            fields[n][byte] |= bit
    return [int.from_bytes(field, "little") for field in fields]
