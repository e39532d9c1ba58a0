"""How the best agent for an item is found on the rings of a pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from wa_omnichannel import skills
from wa_omnichannel._distribution.custom import NEVER
from wa_omnichannel._distribution.policies import Method
from wa_omnichannel.assignment.choosing import CLOSEST, method_of
from wa_omnichannel.assignment.model import AssignmentRules, WaitingItem
from wa_omnichannel.assignment.ring import PRESENT, UNITS, UNRELEASED, Gauge, Key, Kind, Ring, Seat, presence_mask
from wa_omnichannel.workforce import Presence


class Finder:
    """Finds by the queue's own methods, on rings."""

    __slots__ = ("_demand", "_features", "_filters", "_limit", "_members", "_orders", "_rings", "_sources", "_tiers")

    def __init__(self, item: WaitingItem, rules: AssignmentRules, rings: Sequence[Ring], *, by_capacity: bool) -> None:
        presences = presence_mask(rules.allowed(item.workstream))
        wanted = [("skill", name, rating) for name, rating in rules.demanded(item).items()]
        rooms = [(profile, 1) for profile in item.needs.profiles]
        rooms += [(UNITS, item.demand)] if item.demand else []
        self._limit = rules.decline_limit
        self._rings = rings
        self._demand = item.demand
        self._members = [ring.feature(("queue", item.queue, 0)) for ring in rings]
        self._features = [[ring.feature(feature) for feature in wanted] for ring in rings]
        self._filters = [
            [(ring.gauge(what, presences), need) for what, need in rooms or [(PRESENT, 1)]] for ring in rings
        ]
        if len(rings) > 1:
            self._filters[0].append((rings[0].gauge(UNRELEASED, presence_mask(Presence)), 1))
        units = [UNITS] if item.demand or not rooms else []
        self._orders: list[Gauge] = [
            rings[0].gauge(what, presences) for what in (*item.needs.profiles, *units) if by_capacity
        ]
        self._tiers: Callable[[Ring], Sequence[int]] | None = None

    def by_closeness(self, name: object, key: Callable[[Kind], object]) -> Finder:
        """Let closeness of the agents to *name* decide, computed by *key*."""
        self._tiers = lambda ring: ring.tiers(name, key)
        return self

    def find(self, item: WaitingItem) -> Seat | None:
        """Return the best agent for *item*, or None."""
        for ring in self._rings:
            if ring.stale or not ring.packed:
                ring.sync()
        if item.declines:
            return self._after_declines(item)
        if len(self._orders) == 1 and self._demand:
            return self._most_free(self._rings[0])
        return next((self._first(ring, able) for ring, able in self._able() if able), None)

    def _most_free(self, ring: Ring) -> Seat | None:
        """The common case in one go: the highest number of units, if that is enough."""
        masks, highest = ring.masks, 0
        able = masks[self._members[0]]
        for feature in self._features[0]:
            able &= masks[feature]
        planes = self._orders[0].planes
        for n in range(len(planes) - 1, -1, -1):
            has = able & planes[n]
            if has:
                able = has
                highest |= 1 << n
        return _lowest(ring, able) if highest >= self._demand else None

    def _having(self, ring: Ring, n: int) -> int:
        masks = ring.masks
        able = masks[self._members[n]]
        for feature in self._features[n]:
            able &= masks[feature]
        return able

    def _able(self) -> Iterator[tuple[Ring, int]]:
        """Yield who may get it, ring by ring."""
        for n, ring in enumerate(self._rings):
            able = self._having(ring, n)
            for gauge, need in self._filters[n]:
                able = gauge.at_least(able, need) if able else 0
            yield ring, able

    def _first(self, ring: Ring, able: int) -> Seat:
        """Return the best of those who may get it, at least one."""
        if self._tiers is not None:
            able = next(both for tier in self._tiers(ring) if (both := able & tier))
        for gauge in self._orders:
            able = gauge.most(able)
        return _lowest(ring, able)

    def _after_declines(self, item: WaitingItem) -> Seat | None:
        """Look at agents without a decline first, then at those with one, and so on (ASG-15)."""
        rings = list(self._able())
        seats = {agent: times for agent, times in item.declines.items() if times}
        for times in (0, *sorted({times for times in seats.values() if times < self._limit})):
            for ring, able in rings:
                left = self._with_declines(ring, able, seats, times)
                if left:
                    return self._first(ring, left)
        return None

    def _with_declines(self, ring: Ring, able: int, declines: Mapping[str, int], times: int) -> int:
        for agent, number in declines.items():
            if number != times:
                able &= ~ring.bit(agent)
        if not times:
            return able
        return able & sum(ring.bit(agent) for agent, number in declines.items() if number == times)


def _lowest(ring: Ring, able: int) -> Seat:
    seat = ring.order[(able & -able).bit_length() - 1]
    assert seat is not None  # noqa: S101 - a bit without an agent would be a fault of this module
    return seat


class Rings:
    """The orders of a pool's agents, each laid out when a method first asks for it."""

    __slots__ = ("_rings", "_rules", "_seats", "_stale")

    def __init__(self, rules: AssignmentRules, seats: Mapping[str, Seat]) -> None:
        self._rules = rules
        self._seats = seats
        self._rings: dict[str, Ring] = {}
        self._stale: list[set[Seat]] = []

    def touch(self, seat: Seat) -> None:
        """Note that something about *seat* changed."""
        for stale in self._stale:
            stale.add(seat)

    def finder(self, item: WaitingItem) -> Finder:
        """Return how agents for *item* and its like are found, where no custom rules decide."""
        rules, method = self._rules, self._rules.policy(item.queue).method
        if method_of(item, rules) is CLOSEST:
            required = rules.required(item)
            finder = Finder(item, rules, [self._ring("fixed")], by_capacity=False)
            return finder.by_closeness(item.needs, lambda kind: skills.closeness(required, kind.ratings, rules.skills))
        names = {Method.ROUND_ROBIN: [f"turn:{item.queue}"], Method.LEAST_ACTIVE: ["assigned", "released"]}
        rings = [self._ring(name) for name in names.get(method, ["assigned"])]
        return Finder(item, rules, rings, by_capacity=method is Method.HIGHEST_CAPACITY)

    def _ring(self, name: str) -> Ring:
        known = self._rings.get(name)
        if known is None:
            what, _, queue = name.partition(":")
            known = self._rings[name] = Ring(_turn_of(queue) if queue else _ORDERS[what], self._seats)
            self._stale.append(known.stale)
        return known


_ORDERS: Mapping[str, Callable[[Seat], Key]] = {
    "assigned": lambda seat: (seat.assigned or NEVER, NEVER, seat.id),
    "released": lambda seat: (seat.released or NEVER, seat.assigned or NEVER if seat.released else NEVER, seat.id),
    "fixed": lambda seat: (NEVER, NEVER, seat.id),
}


def _turn_of(queue: str) -> Callable[[Seat], Key]:
    """Return the order of the round robin of *queue*."""
    return lambda seat: (seat.turns.get(queue, NEVER), seat.assigned or NEVER, seat.id)
