"""Items that need the same: waiting in order, and which agents could ever serve them.

Items of one queue and workstream with the same requirement and size form a group: either its first item has an
agent, or none of them has. So a hundred thousand items that nobody can take are one look, not a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop
from typing import Any, TypeAlias

from wa_omnichannel._distribution.policies import Scoring
from wa_omnichannel.assignment.choosing import method_of
from wa_omnichannel.assignment.finding import Finder
from wa_omnichannel.assignment.model import AssignmentRules, WaitingItem
from wa_omnichannel.assignment.ordering import QueueRank
from wa_omnichannel.assignment.ring import Kind, Seat, presence_mask

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
        self.required = {} if self.custom else rules.demanded(item)
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
            self.bounds.update((group.least, group.presences) for group in found)

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
