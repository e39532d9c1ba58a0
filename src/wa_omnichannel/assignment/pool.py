"""The index of assignment: as :func:`~wa_omnichannel.assignment.choose`, among 100,000 items, in microseconds.

A :class:`Pool` is told what waits and who works, and what changed. ``assign`` then pairs items and agents, and
notes each pairing as if it had happened. Between two cycles only what changed is looked at:

* a group of items (:mod:`.group`) that nobody could take stays *blocked* until an agent who suits it changes;
* an agent who changed looks only at the first items of the groups that suit them;
* the best agent for an item is found on a ring (:mod:`.ring`), not by asking everybody.

A property holds every cycle equal to ``choose`` over the same items and agents. The pool is a cache: rows and their
versions decide. When a commit of a pairing fails, put the rows as they are now, and both are looked at again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Any, TypeAlias

import attrs

from wa_omnichannel._distribution.custom import NEVER
from wa_omnichannel._distribution.policies import Method, Mode, QueuePolicy
from wa_omnichannel.assignment.choosing import (
    Choice,
    after,
    best_of,
    choose,
    personal_choice,
    stays,
)
from wa_omnichannel.assignment.eligibility import exclusion
from wa_omnichannel.assignment.finding import Finder, Rings
from wa_omnichannel.assignment.group import Entry, Group, Suited
from wa_omnichannel.assignment.model import AssignmentRules, Pairing, WaitingItem
from wa_omnichannel.assignment.ordering import (
    EPOCH,
    MICROSECOND,
    bucket_of,
    goes_back,
    next_bucket_at,
    place,
    queue_rank,
)
from wa_omnichannel.assignment.ring import Kind, Seat
from wa_omnichannel.workforce import Agent

_FRONT: Any = -1
_FRONT_PLACE: Any = (-1,)
"""Places before all others, among numbers and among tuples."""
_PLACES = 10_000
"""Places that are kept to be shared, so that the same place is the same object and compares fast."""
_Candidate: TypeAlias = tuple[Any, Any, int, str, bool, Group | WaitingItem]
"""Queue's rank, place, age, conversation, whether it is a group, and what it is."""


@attrs.frozen
class _Queue:
    """What the pool asks again and again about a queue."""

    policy: QueuePolicy
    rank: tuple[int, bool, str]
    plain: bool
    """The oldest item first."""
    custom: bool
    simple: bool
    """Neither a score nor custom rules."""
    ages: bool
    """Waiting may move items to an earlier bucket."""


class Pool:
    """Everything that waits and everybody who works in one pool, indexed.

    Not thread-safe, and not frozen: it is the one mutable thing beside the rules.

    >>> from wa_omnichannel.addresses import Address
    >>> from wa_omnichannel.workforce import Presence
    >>> pool = Pool(AssignmentRules({}), [Agent("ana", "Ana", frozenset({"q"}), Presence.AVAILABLE)])
    >>> pool.put_item(WaitingItem("q", NEVER, Address("+14155550100"), "c1", "conv1"))
    >>> [(pairing.item.conversation, pairing.agent) for pairing in pool.assign(NEVER)]
    [('conv1', 'ana')]
    """

    __slots__ = (
        "_blocked",
        "_calendars",
        "_groups",
        "_improved",
        "_items",
        "_kinds",
        "_last",
        "_listed",
        "_now",
        "_numbers",
        "_personal",
        "_places",
        "_promotions",
        "_queues",
        "_ready",
        "_restless",
        "_rings",
        "_rules",
        "_seats",
        "_suited",
        "_timed",
        "_wanted",
    )

    def __init__(self, rules: AssignmentRules, agents: Iterable[Agent] = (), items: Iterable[WaitingItem] = ()) -> None:
        self._rules = rules
        self._now = self._last = NEVER
        self._seats: dict[str, Seat] = {}
        self._kinds: dict[object, Kind] = {}
        self._suited: dict[Kind, Suited] = {}
        self._rings = Rings(rules, self._seats)
        self._queues: dict[str, _Queue] = {}
        self._items: dict[str, WaitingItem] = {}
        self._numbers = itertools.count()
        self._places: dict[Any, Any] = {}
        self._groups: dict[object, Group] = {}
        self._listed: list[Group] = []
        self._timed: list[Group] = []
        self._calendars = any(policy.custom.uses_calendar for policy in rules.policies.values())
        self._promotions: list[tuple[datetime, int, WaitingItem]] = []
        self._personal: dict[str, WaitingItem] = {}
        self._wanted: dict[str, set[str]] = {}
        self._ready: dict[Group, None] = {}
        self._blocked = 0
        self._restless: dict[str, None] = {}
        self._improved: dict[Seat, None] = {}
        for agent in agents:
            self.put_agent(agent)
        for item in items:
            self.put_item(item)

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._items)

    def item(self, conversation: str) -> WaitingItem | None:
        """Return what waits under the id of a conversation, as the pool knows it."""
        return self._items.get(conversation)

    def has_members(self, queue: str) -> bool:
        """Tell whether anybody is a member of *queue*."""
        return any(queue in seat.kind.queues for seat in self._seats.values())

    def waiting(self) -> list[WaitingItem]:
        """Return what waits, in no particular order."""
        return list(self._items.values())

    # ---- agents

    def put_agent(self, agent: Agent) -> None:
        """Add an agent, or take over the row of one who is known."""
        kind = self._kind(agent)
        seat = self._seats.get(agent.id)
        if seat is None:
            seat = self._seats[agent.id] = Seat(agent, kind)
            better = True
        else:
            fixed, free, rooms = _fixed(seat), seat.free, seat.rooms
            seat.take_over(agent, kind)
            better = fixed != _fixed(seat) or seat.free > free
            better = better or any(room > rooms.get(name, 0) for name, room in seat.rooms.items())
        if seat.assigned is not None and seat.assigned > self._last:
            self._last = seat.assigned
        self._rings.touch(seat)
        if better:
            self._improved[seat] = None

    def drop_agent(self, agent: str) -> None:
        """Forget an agent; unknown ones are nothing to do."""
        seat = self._seats.pop(agent, None)
        if seat is not None:
            seat.gone = True
            self._improved.pop(seat, None)
            self._rings.touch(seat)

    def release(self, agent: str, item: WaitingItem, at: datetime) -> None:
        """Give an agent back what *item* consumed, without waiting for their row."""
        seat = self._seats[agent]
        seat.take_back(item, at)
        self._rings.touch(seat)
        self._improved[seat] = None

    def agents(self) -> list[Agent]:
        """Return everybody as they are now, pairings included."""
        return [seat.current() for seat in self._seats.values()]

    def _kind(self, agent: Agent) -> Kind:
        name = (agent.queues, frozenset(agent.skills.items()), frozenset(agent.profiles))
        known = self._kinds.get(name)
        if known is None:
            if len(self._kinds) > 2 * len(self._seats) + 64:
                self._forget_kinds()
            known = self._kinds[name] = Kind(agent)
            self._suited[known] = Suited(known)
        return known

    def _forget_kinds(self) -> None:
        """Keep only the kinds of agents that there are."""
        used = {seat.kind for seat in self._seats.values()}
        self._kinds = {name: kind for name, kind in self._kinds.items() if kind in used}
        self._suited = {kind: suited for kind, suited in self._suited.items() if kind in used}

    # ---- items

    def put_item(self, item: WaitingItem) -> None:
        """Add an item that waits, or take over what changed about it."""
        name = item.conversation
        if name in self._items:
            self.drop_item(name)
        self._items[name] = item
        if (self._rules.work or item.declines) and not self._is_pushed(item):
            return
        if item.previous is not None or item.preferred:
            self._add_personal(item)
            if stays(item, self._rules):
                return
        queue = self._queues.get(item.queue) or self._queue(item.queue)
        group = self._group(item, queue)
        where = 0 if queue.plain and item.previous is None else self._place(item, queue)
        age = (item.since - EPOCH) // MICROSECOND
        heappush(group.heap, (group.rank, where, age, name, next(self._numbers), item, group))
        group.live += 1
        if not group.blocked:
            self._ready[group] = None
        if queue.ages:
            self._note_promotion(item, queue.policy)

    def _is_pushed(self, item: WaitingItem) -> bool:
        """Tell whether *item* is assigned at all: not picked by hand, not declined by too many (WS-3, ASG-16)."""
        few = len(item.declines) < self._rules.decliner_limit
        return few and self._rules.works(item.workstream).mode is Mode.PUSH

    def _add_personal(self, item: WaitingItem) -> None:
        self._personal[item.conversation] = item
        for agent in _wanted_by(item):
            self._wanted.setdefault(agent, set()).add(item.conversation)
        self._restless[item.conversation] = None

    def drop_item(self, conversation: str) -> None:
        """Forget an item that was picked, closed or moved; unknown ones are nothing to do."""
        item = self._items.pop(conversation, None)
        if item is not None:
            self._leave(item)

    def _leave(self, item: WaitingItem) -> None:
        """Take an item that does not wait any more out of everything."""
        if self._personal:
            self._forget_personal(item)
        if not (self._rules.work or item.declines) or (self._is_pushed(item) and not stays(item, self._rules)):
            group = self._group(item, self._queue(item.queue))
            group.forget(self._items)
            if not group.live:
                self._unblock(group)

    def _forget_personal(self, item: WaitingItem) -> None:
        if self._personal.pop(item.conversation, None) is not None:
            for agent in _wanted_by(item):
                self._wanted[agent].discard(item.conversation)

    def _queue(self, queue: str) -> _Queue:
        known = self._queues.get(queue)
        if known is None:
            policy = self._rules.policy(queue)
            rank, custom = queue_rank(queue, self._rules), policy.method is Method.CUSTOM
            simple, ages = policy.scoring is None and not custom, any(rule.after for rule in policy.buckets)
            known = self._queues[queue] = _Queue(policy, rank, policy.first_in_first_out, custom, simple, ages)
        return known

    def _place(self, item: WaitingItem, queue: _Queue) -> Any:
        """Return the place of *item* in its queue, before age counts: a number in a plain queue, else a tuple."""
        if item.previous is not None and goes_back(item, self._rules):
            return _FRONT if queue.plain else _FRONT_PLACE
        if queue.plain:
            return 0
        scoring, policy = queue.policy.scoring, queue.policy
        if scoring is not None:
            return (0, -scoring.score(scoring.base(item.attributes), item.since, self._now))
        if len(self._places) > _PLACES:
            self._places.clear()
        found = place(item, policy, bucket_of(item, policy, self._now))
        return self._places.setdefault(found, found)

    def _note_promotion(self, item: WaitingItem, policy: QueuePolicy) -> None:
        """Note when *item* moves to an earlier bucket by waiting."""
        moves_at = next_bucket_at(item, policy, bucket_of(item, policy, self._now))
        if moves_at is not None:
            heappush(self._promotions, (moves_at, next(self._numbers), item))

    def _group(self, item: WaitingItem, queue: _Queue) -> Group:
        needs = item.needs
        name: object = (item.queue, item.workstream, item.demand, needs.skills, needs.profiles)
        if not queue.simple:
            name = (name, self._apart(item, queue))
        return self._groups.get(name) or self._new_group(name, item, queue)

    def _apart(self, item: WaitingItem, queue: _Queue) -> object:
        """Return what else must be the same in a group: the score and place at the start, or what custom rules see."""
        scoring = queue.policy.scoring
        score = (scoring.base(item.attributes), goes_back(item, self._rules)) if scoring else None
        return (score, repr(sorted(item.attributes.items())) if queue.custom else "")

    def _new_group(self, name: object, item: WaitingItem, queue: _Queue) -> Group:
        if len(self._listed) >= _MANY and sum(not group.live for group in self._listed) * 4 > len(self._listed) * 3:
            self._forget_empty_groups()
        group = Group(item, queue.rank, self._rules, None if queue.custom else self._rings.finder(item))
        self._groups[name] = group
        self._listed.append(group)
        if queue.custom and queue.policy.custom.uses_calendar:
            self._timed.append(group)
        return group

    def _forget_empty_groups(self) -> None:
        self._groups = {name: group for name, group in self._groups.items() if group.live}
        self._listed = list(self._groups.values())
        self._timed = [group for group in self._timed if group.live]
        self._ready = {group: None for group in self._ready if group.live}
        for suited in self._suited.values():
            suited.forget()

    # ---- the cycle

    def assign(self, now: datetime, limit: int | None = None) -> list[Pairing]:
        """Run an assignment cycle and return who gets what, as if it had happened.

        Args:
            now: The current instant; not before that of the cycle before.
            limit: At most so many pairings; the rest is found by the next call.
        """
        self._now = now
        if self._promotions:
            self._promote()
        if self._calendars:
            self._look_at_calendars()
        if self._rules.block is not None:
            return self._assign_block()
        if limit is not None or self._restless:
            return self._cycle(limit)
        found: list[Pairing] = []
        done = self._pull_if_alone(found) if self._improved else self._push_if_alone(found)
        return found if done else found + self._cycle(limit)

    def _look_at_calendars(self) -> None:
        """Make everything ready for which time alone may have made somebody eligible (ASG-13)."""
        self._ready.update((group, None) for group in self._timed if group.live)
        for name, item in self._personal.items():
            if self._queue(item.queue).custom:
                self._restless[name] = None

    def _promote(self) -> None:
        """Move items that have waited long enough to an earlier bucket (ASG-4)."""
        promotions = self._promotions
        while promotions and promotions[0][0] <= self._now:
            item = heappop(promotions)[2]
            if self._items.get(item.conversation) is item:
                self.put_item(attrs.evolve(item))  # another object, so that the old place is void

    def _assign_block(self) -> list[Pairing]:
        """Look at the block at the head only; what nobody takes there holds up the rest (ASG-2)."""
        pairings = choose(self._items.values(), self.agents(), self._rules, self._now)
        for pairing in pairings:
            self._last = pairing.at
            self.drop_item(pairing.item.conversation)
            seat = self._seats[pairing.agent]
            seat.give(pairing.item, pairing.at)
            self._rings.touch(seat)
        return list(pairings)

    def _pull_if_alone(self, found: list[Pairing]) -> bool:
        """Handle one agent who can do more; False if the full cycle must decide."""
        if not self._blocked and not self._personal:
            self._improved.clear()  # nothing waits for anybody
            return self._push_if_alone(found)
        if self._ready or len(self._improved) > 1:
            return False
        (seat,) = self._improved
        suited = self._suited[seat.kind]
        suited.look_at(self._listed)
        if not suited.plain or seat.blocked or self._wanted.get(seat.id):
            return False
        while (first := suited.first(seat)) is not None:
            if first[5].declines:
                return False
            found.append(self._take_first(first[6], seat))
        self._improved.clear()
        return True

    def _push_if_alone(self, found: list[Pairing]) -> bool:
        """Handle items of one group that came; False if the full cycle must decide."""
        if len(self._ready) > 1:
            return False
        for group in self._ready:
            if group.finder is None or not self._push(group, group.finder, found):
                return False
        self._ready.clear()
        return True

    def _push(self, group: Group, finder: Finder, found: list[Pairing]) -> bool:
        """Give items of one group to whomever can take them; False if the full cycle must decide."""
        while group.live:
            item = group.heap[0][5]
            if item.declines:
                return False
            seat = finder.find(item)
            if seat is None:
                self._block(group)
                break
            found.append(self._take_first(group, seat))
        return True

    def _take_first(self, group: Group, seat: Seat, choice: Choice | None = None) -> Pairing:
        """Give the first item of a group to an agent, and note it as if it had happened."""
        item = group.heap[0][5]
        del self._items[item.conversation]
        if self._personal:
            self._forget_personal(item)
        group.pop(self._items)
        if group.blocked and not group.live:
            self._unblock(group)
        if choice is not None:
            return self._give(seat, item, choice)
        pairing = Pairing(item, seat.id, self._next(), group.rule, group.code, {"agent": seat.name, "free": seat.free})
        seat.give(item, pairing.at)
        self._rings.touch(seat)
        return pairing

    def _give(self, seat: Seat, item: WaitingItem, choice: Choice) -> Pairing:
        pairing = choice.pairing(item, self._next())
        seat.give(item, pairing.at)
        self._rings.touch(seat)
        return pairing

    def _next(self) -> datetime:
        """Return the instant of the next assignment."""
        now = self._now
        self._last = now if now > self._last else after(self._last, now)
        return self._last

    def _block(self, group: Group) -> None:
        if not group.blocked:
            group.blocked = True
            self._blocked += 1

    def _unblock(self, group: Group) -> None:
        if group.blocked:
            group.blocked = False
            self._blocked -= 1

    def _cycle(self, limit: int | None) -> list[Pairing]:
        for seat in self._improved:
            self._wake(seat)
        self._improved.clear()
        candidates = [
            self._personal_candidate(self._personal[name]) for name in self._restless if name in self._personal
        ]
        candidates += [found for group in self._ready if (found := self._candidate(group)) is not None]
        heapify(candidates)
        pairings: list[Pairing] = []
        apart: list[tuple[Group, Entry]] = []
        while candidates and (limit is None or len(pairings) < limit):
            pairing = self._try(candidates, apart)
            if pairing is not None:
                pairings.append(pairing)
        self._restless = {left[3]: None for left in candidates if not left[4]}
        self._ready = {left[5]: None for left in candidates if isinstance(left[5], Group)}
        for group, entry in apart:
            heappush(group.heap, entry)
        return pairings

    def _wake(self, seat: Seat) -> None:
        """Make everything ready that an agent who changed may now take."""
        suited = self._suited[seat.kind]
        suited.look_at(self._listed)
        for group in suited.groups:
            if group.blocked and group.fits(seat):
                self._ready[group] = None
        for name in self._wanted.get(seat.id, ()):
            self._restless[name] = None

    def _personal_candidate(self, item: WaitingItem) -> _Candidate:
        queue = self._queue(item.queue)
        age = (item.since - EPOCH) // MICROSECOND
        return (queue.rank, self._place(item, queue), age, item.conversation, False, item)

    def _candidate(self, group: Group) -> _Candidate | None:
        if not group.heap:
            return None
        rank, where, age, name, _, item, _ = group.heap[0]
        if group.scoring is not None:
            where = self._place(item, self._queue(item.queue))
        return (rank, where, age, name, True, group)

    def _try(self, candidates: list[_Candidate], apart: list[tuple[Group, Entry]]) -> Pairing | None:
        """Find an agent for the first candidate; what comes next in its group becomes a candidate."""
        _, _, _, name, _, thing = heappop(candidates)
        if isinstance(thing, WaitingItem):
            return self._try_personal(thing)
        pairing = None
        if thing.heap and thing.heap[0][3] == name:
            pairing = self._try_first(thing, apart)
            if pairing is None and thing.heap and thing.blocked:
                return None
        following = self._candidate(thing)
        if following is not None:
            heappush(candidates, following)
        elif thing.live:
            self._block(thing)  # only items set apart are left
        return pairing

    def _try_personal(self, item: WaitingItem) -> Pairing | None:
        if self._items.get(item.conversation) is not item:
            return None
        known = {agent: self._seats[agent].current() for agent in _wanted_by(item) if agent in self._seats}
        choice = personal_choice(item, known, self._rules, self._now)
        if choice is None:
            return None
        self.drop_item(item.conversation)
        return self._give(self._seats[choice.agent], item, choice)

    def _try_first(self, group: Group, apart: list[tuple[Group, Entry]]) -> Pairing | None:
        """Find an agent for the first item of a group.

        Without one the group is blocked, unless the reason may be who declined this item: then it is set apart.
        """
        item = group.heap[0][5]
        if group.finder is None:
            pairing = self._take_by_custom_rules(group, item)
        else:
            seat = group.finder.find(item)
            pairing = None if seat is None else self._take_first(group, seat)
        if pairing is not None:
            self._unblock(group)
        elif item.declines:
            apart.append((group, heappop(group.heap)))
        else:
            self._block(group)
        return pairing

    def _take_by_custom_rules(self, group: Group, item: WaitingItem) -> Pairing | None:
        """Ask every member of the queue, as custom rules may look at anything."""
        rules = self._rules
        members = [seat.current() for seat in self._seats.values() if item.queue in seat.kind.queues]
        able = [agent for agent in members if exclusion(item, agent, rules) is None]
        choice = best_of(able, item, rules, self._now)
        if choice is None:
            return None
        return self._take_first(group, self._seats[choice.agent], choice)


_MANY = 1024
"""Groups above which empty ones are forgotten, if most are empty."""


def _wanted_by(item: WaitingItem) -> tuple[str, ...]:
    """Return the agents whom *item* would rather go to."""
    return item.preferred if item.previous is None else (item.previous, *item.preferred)


def _fixed(seat: Seat) -> tuple[object, ...]:
    """Return what may make an agent able to do more when it differs, other than numbers."""
    return (seat.kind, seat.bit, seat.blocked, seat.attributes)
