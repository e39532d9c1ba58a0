"""Agents as bits: who is the best among thousands, found with a few operations on large integers.

A :class:`Ring` keeps agents in one order (last assigned, last released, turns of a queue, id). The position of
an agent is a bit; a *feature* (member of a queue, rated at least so in a skill) is an integer with the bits of
those who have it. A *gauge* holds a number per agent, bit by bit in *planes*: units or room in a profile, nothing
while the agent's presence does not allow work. The agents for an item are the ``and`` of a few integers; the most
free capacity is found plane by plane, and the lowest bit left is the first in the order.

Changes are noted and applied when somebody asks, so that many changes of one agent cost one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel import capacity, workforce
from wa_omnichannel._distribution.custom import NEVER
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

    __slots__ = (
        "_changed",
        "_row",
        "_turns",
        "assigned",
        "bit",
        "blocked",
        "bot",
        "free",
        "gone",
        "id",
        "kind",
        "name",
        "released",
        "rooms",
    )

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


_MEASURES: Mapping[str, Callable[[Seat], int]] = {
    UNITS: lambda seat: seat.free,
    PRESENT: lambda _: 1,
    UNRELEASED: lambda seat: seat.released is None,
}


def _room(profile: str) -> Callable[[Seat], int]:
    return lambda seat: seat.rooms.get(profile, 0)


class Gauge:
    """A number per agent, bit by bit: plane *n* has the agents whose number has bit *n*."""

    __slots__ = ("_measure", "planes", "presences")

    def __init__(self, what: str, presences: int) -> None:
        self._measure = _MEASURES.get(what) or _room(what)
        self.presences = presences
        self.planes: list[int] = []

    def value(self, seat: Seat) -> int:
        """Return the number of *seat*; 0 while they may not get work."""
        if not seat.bit & self.presences or seat.blocked:
            return 0
        value = self._measure(seat)
        return value if value > 0 else 0

    def change(self, old: int, new: int, flips: tuple[int, int, int, int]) -> None:
        """Change the number of one agent; *flips* has the bits to flip by who has a plane: nobody, old, new, both."""
        planes = self.planes
        while new >> len(planes):
            planes.append(0)
        n = 0
        while old or new:
            flip = flips[old & 1 | (new & 1) << 1]
            if flip:
                planes[n] ^= flip
            old >>= 1
            new >>= 1
            n += 1

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

    def most(self, agents: int) -> int:
        """Return those of *agents* with the highest number."""
        for plane in reversed(self.planes):
            agents = agents & plane or agents
        return agents


class _Place:
    """Where a seat is on a ring, and what of it the ring's integers have."""

    __slots__ = ("at", "key", "kind", "owned", "values")

    def __init__(self, at: int, key: Key, kind: Kind, owned: tuple[int, ...], values: list[int]) -> None:
        self.at, self.key, self.kind, self.owned, self.values = at, key, kind, owned, values


_FIRST: Key = (NEVER, NEVER, "")


class Ring:
    """Agents in one order, as bits."""

    __slots__ = (
        "_features",
        "_gauges",
        "_key",
        "_listed",
        "_owned",
        "_places",
        "_seats",
        "_tail",
        "_tiers",
        "masks",
        "order",
        "packed",
        "stale",
    )

    def __init__(self, key: Callable[[Seat], Key], seats: Mapping[str, Seat]) -> None:
        self._key = key
        self._seats = seats
        self._features: dict[Feature, int] = {}
        self._owned: dict[Kind, tuple[int, ...]] = {}
        self._gauges: dict[tuple[str, int], Gauge] = {}
        self._listed: list[Gauge] = []
        self._places: dict[Seat, _Place] = {}
        self._tiers: dict[object, list[int]] = {}
        self.packed = False
        """Whether the integers are those of the agents, but for who is stale."""
        self._tail = _FIRST
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
            self.packed = False
        return known

    def gauge(self, what: str, presences: int) -> Gauge:
        """Return the gauge of *what* for work that these presences may get."""
        known = self._gauges.get((what, presences))
        if known is None:
            known = self._gauges[what, presences] = Gauge(what, presences)
            self._listed.append(known)
            self.packed = False
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
        stale, size = self.stale, len(self._places)
        if not self.packed or len(stale) * 8 > size + 16:
            self._pack()
        elif stale:
            self._settle_all()
            if len(self.order) > 3 * size + 64:
                self._close_gaps()
        stale.clear()

    def _settle_all(self) -> None:
        key = self._key
        changed = [(key(seat), seat) for seat in self.stale]
        if len(changed) > 1:
            changed.sort()
        for found, seat in changed:
            if not self._settle(seat, found):
                self._pack()
                return

    def _pack(self) -> None:
        """Lay out everything anew."""
        if len(self._owned) > 2 * len(self._seats) + 64:
            self._owned.clear()
        keyed = sorted((self._key(seat), seat) for seat in self._seats.values())
        gauges = self._listed
        self.order = [seat for _, seat in keyed]
        self._tail = keyed[-1][0] if keyed else _FIRST
        self._places = {
            seat: _Place(at, key, seat.kind, self._owns(seat.kind), [gauge.value(seat) for gauge in gauges])
            for at, (key, seat) in enumerate(keyed)
        }
        self.packed = True
        self._close_gaps()

    def _close_gaps(self) -> None:
        """Give the positions of those who moved away to those who came after them."""
        self._tiers.clear()
        self.order = [seat for seat in self.order if seat is not None]
        places = [self._places[seat] for seat in self.order if seat is not None]
        for at, place in enumerate(places):
            place.at = at
        self.masks = _lay_out([place.owned for place in places], len(self._features))
        for n, gauge in enumerate(self._listed):
            width = max((place.values[n] for place in places), default=0).bit_length()
            gauge.planes = _lay_out([_bits(place.values[n]) for place in places], width)

    def _owns(self, kind: Kind) -> tuple[int, ...]:
        """Return the numbers of the features that agents of *kind* have."""
        known = self._owned.get(kind)
        if known is None:
            known = self._owned[kind] = tuple(n for feature, n in self._features.items() if kind.has(feature))
        return known

    def _settle(self, seat: Seat, key: Key) -> bool:
        """Apply what changed about *seat*; False if that needs a new layout."""
        place = self._places.get(seat)
        if place is None or seat.gone or place.kind is not seat.kind:
            return place is None and seat.gone
        if key == place.key:
            self._measure(seat, place, 1 << place.at)
        elif key > self._tail:
            self._move_to_end(seat, place, key)
        elif self._stays(place, key):
            place.key = key
            self._measure(seat, place, 1 << place.at)
        else:
            return False
        return True

    def _measure(self, seat: Seat, place: _Place, bit: int) -> None:
        """Take over what the gauges say of a seat that stays where it is."""
        values = place.values
        for n, gauge in enumerate(self._listed):
            old, new = values[n], gauge.value(seat)
            if old != new:
                gauge.change(old, new, (0, bit, bit, 0))
                values[n] = new

    def _stays(self, place: _Place, key: Key) -> bool:
        """Tell whether a new *key* leaves the order as it is: it is still between those of its neighbours."""
        if key[0] != place.key[0]:
            return False
        order, places = self.order, self._places
        before = next((seat for seat in reversed(order[: place.at]) if seat is not None), None)
        behind = next((seat for seat in order[place.at + 1 :] if seat is not None), None)
        if before is not None and places[before].key > key:
            return False
        return behind is not None and places[behind].key > key

    def _move_to_end(self, seat: Seat, place: _Place, key: Key) -> None:
        order, masks = self.order, self.masks
        low, high = 1 << place.at, 1 << len(order)
        flip = low | high
        for n in place.owned:
            masks[n] ^= flip
        values = place.values
        for n, gauge in enumerate(self._listed):
            old, new = values[n], gauge.value(seat)
            if old or new:
                gauge.change(old, new, (0, low, high, flip))
                values[n] = new
        order[place.at] = None
        place.at, place.key, self._tail = len(order), key, key
        order.append(seat)
        if self._tiers:
            self._tiers.clear()


@functools.cache
def _bits(value: int) -> tuple[int, ...]:
    """Return which bits of *value* are set."""
    return tuple(n for n in range(value.bit_length()) if value >> n & 1)


def _lay_out(owned: Sequence[tuple[int, ...]], masks: int) -> list[int]:
    """Return integers with a bit for each agent; *owned* has, agent by agent, in which of them it is set."""
    fields = [bytearray(len(owned) // 8 + 1) for _ in range(masks)]
    for at, numbers in enumerate(owned):
        byte, bit = at >> 3, 1 << (at & 7)
        for n in numbers:
            fields[n][byte] |= bit
    return [int.from_bytes(field, "little") for field in fields]
