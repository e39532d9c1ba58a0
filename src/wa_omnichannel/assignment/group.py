"""Items that need the same, and how an agent for them is found.

Items of one queue and workstream with the same requirement and size form a group: either its first item has an
agent, or none of them has. So a hundred thousand items that nobody can take are one look, not a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heapify, heappop
from typing import Any, TypeAlias

from wa_omnichannel.assignment.choosing import method_of
from wa_omnichannel.assignment.model import AssignmentRules, Scoring, WaitingItem
from wa_omnichannel.assignment.ordering import QueueRank
from wa_omnichannel.assignment.ring import PRESENT, UNITS, UNRELEASED, Gauge, Kind, Ring, Seat, presence_mask
from wa_omnichannel.skills import Matching
from wa_omnichannel.workforce import Presence

Entry: TypeAlias = tuple[QueueRank, Any, int, str, int, WaitingItem, "Group"]
"""Queue's rank, place in the queue, age, conversation, a running number, the item, and its group."""


_ANY = 1 << 62


class Group:
    """Waiting items that need the same, in order. The first of the heap always waits; others may be gone."""

    __slots__ = (
        "blocked",
        "code",
        "custom",
        "finder",
        "heap",
        "least",
        "live",
        "presences",
        "profiles",
        "queue",
        "rank",
        "required",
        "rule",
        "scoring",
    )

    def __init__(self, item: WaitingItem, rank: QueueRank, rules: AssignmentRules, finder: Finder | None) -> None:
        policy = rules.policy(item.queue)
        self.rank = rank
        self.queue = item.queue
        self.least = item.demand or -_ANY
        """Units that an agent must have left."""
        self.profiles = item.needs.profiles
        self.custom = finder is None
        exact = not self.custom and rules.works(item.workstream).matching is Matching.EXACT
        self.required = rules.required(item) if exact else {}
        self.presences = presence_mask(rules.allowed(item.workstream))
        self.scoring: Scoring | None = policy.scoring
        self.finder = finder
        """Finds an agent; None where custom rules do."""
        self.rule, self.code = ("", "") if self.custom else method_of(item, rules)[:2]
        self.heap: list[Entry] = []
        self.live = 0
        """How many items really wait."""
        self.blocked = False
        """Items wait, nobody can take them, and nobody who could has changed since."""

    def pop(self, waiting: Mapping[str, WaitingItem]) -> None:
        """Take out the first item; those *waiting* stay."""
        heap = self.heap
        heappop(heap)
        self.live -= 1
        if len(heap) != self.live:
            self._sweep(waiting)

    def forget(self, waiting: Mapping[str, WaitingItem]) -> None:
        """Note that an item is not among those *waiting* any more."""
        self.live -= 1
        self._sweep(waiting)

    def _sweep(self, waiting: Mapping[str, WaitingItem]) -> None:
        heap = self.heap
        if len(heap) > 2 * self.live + 64:
            heap[:] = [entry for entry in heap if waiting.get(entry[3]) is entry[5]]
            heapify(heap)
        while heap and waiting.get(heap[0][3]) is not heap[0][5]:
            heappop(heap)

    def suits(self, kind: Kind) -> bool:
        """Tell whether agents of *kind* can ever serve it."""
        if self.queue not in kind.queues or not kind.profiles.issuperset(self.profiles):
            return False
        ratings = kind.ratings
        for name, rating in self.required.items():  # noqa: SIM110 - asked for every kind and group; a loop is faster
            if ratings.get(name, 0) < rating:
                return False
        return True

    def fits(self, seat: Seat) -> bool:
        """Tell whether *seat*, of a kind that suits, can serve it now; custom rules are not asked."""
        if seat.blocked or (self.profiles and any(seat.rooms[name] < 1 for name in self.profiles)):
            return False
        if self.custom:
            return True
        return bool(seat.bit & self.presences) and seat.free >= self.least


class Suited:
    """The groups that agents of one kind can serve."""

    __slots__ = ("_seen", "bounds", "groups", "heaps", "kind", "plain")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._seen = 0
        self.groups: list[Group] = []
        self.heaps: list[list[Entry]] = []
        """The items of the groups."""
        self.plain = True
        """Whether units are all that counts, and the order of items does not change by itself."""
        self.bounds: set[tuple[int, int]] = set()
        """The least units and the presences of all these groups."""

    def look_at(self, listed: Sequence[Group]) -> None:
        """Take in the groups among all *listed* ones, which only grow in number."""
        if self._seen < len(listed):
            found = [group for group in listed[self._seen :] if group.suits(self.kind)]
            self._seen = len(listed)
            self.groups += found
            self.heaps += [group.heap for group in found]
            self.plain = self.plain and not any(group.custom or group.scoring or group.profiles for group in found)
            bounds = {(group.least, group.presences) for group in found}
            self.bounds = self.bounds | bounds if self.bounds else bounds

    def first(self, seat: Seat) -> Entry | None:
        """Return the first item that *seat* can take, where all is plain."""
        heaps = self.heaps
        if len(self.bounds) == 1:
            ((least, presences),) = self.bounds
            if seat.free < least or not seat.bit & presences:
                return None
        else:
            heaps = [group.heap for group in self.groups if group.fits(seat)]
        best: Entry | None = None
        for heap in heaps:
            if heap and (best is None or heap[0] < best):
                best = heap[0]
        return best


class Finder:
    """Finds by the queue's own methods, on rings."""

    __slots__ = ("_demand", "_features", "_filters", "_limit", "_members", "_orders", "_rings", "_sources", "_tiers")

    def __init__(self, item: WaitingItem, rules: AssignmentRules, rings: Sequence[Ring], *, by_capacity: bool) -> None:
        presences = presence_mask(rules.allowed(item.workstream))
        exact = rules.works(item.workstream).matching is Matching.EXACT
        required = rules.required(item) if exact else {}
        wanted = [("skill", name, rating) for name, rating in required.items()]
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
        found = ((ring, able) for ring, able in self._able())
        return next((self._first(ring, able) for ring, able in found if able), None)

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
            able = gauge.most(able)[0]
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
