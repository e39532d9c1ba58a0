"""The index of assignment: as :func:`~wa_omnichannel.assignment.choose`, among a hundred thousand items, in microseconds.

A :class:`Pool` is told what waits and who works, and what changed. ``assign`` then pairs items and agents, and
notes each pairing as if it had happened. Between two cycles only what changed is looked at:

* a group of items (:mod:`.group`) that nobody could take stays *blocked* until an agent who suits it changes;
* an agent who changed looks only at the first items of the groups that suit them;
* the best agent for an item is found on a ring (:mod:`.ring`), not by asking everybody.

A property holds every cycle equal to ``choose`` over the same items and agents. The pool is a cache: rows and their
versions decide. When a commit of a pairing fails, put the rows as they are now, and both are looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import TypeAlias

import attrs

from wa_omnichannel import skills
from wa_omnichannel.assignment.choosing import (
    CLOSEST,
    Choice,
    after,
    best_of,
    choose,
    method_of,
    personal_choice,
    stays,
)
from wa_omnichannel.assignment.custom import NEVER
from wa_omnichannel.assignment.eligibility import exclusion
from wa_omnichannel.assignment.group import Entry, Group, RingFinder
from wa_omnichannel.assignment.model import AssignmentRules, Method, Mode, Pairing, WaitingItem
from wa_omnichannel.assignment.ordering import QueueRank, bucket_of, goes_back, next_bucket_at, place, queue_rank
from wa_omnichannel.assignment.ring import Key, Kind, Ring, Seat
from wa_omnichannel.workforce import Agent

_EPOCH = NEVER.replace(year=1970)
_MICROSECOND = timedelta(microseconds=1)
_FRONT = 1 << 62
"""Before any age."""
_PERSONAL, _GENERAL = 0, 1
_Candidate: TypeAlias = tuple[QueueRank, object, str, int, object]


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

    __slots__ = ("_agents", "_empty", "_front", "_groups", "_improved", "_items", "_kinds", "_last", "_listed")
    __slots__ += ("_now", "_personal", "_promotions", "_put", "_ranks", "_ready", "_restless", "_rings", "_rules", "_timed")
    __slots__ += ("_wanted",)

    def __init__(
        self, rules: AssignmentRules, agents: Iterable[Agent] = (), items: Iterable[WaitingItem] = ()
    ) -> None:
        self._rules = rules
        self._agents: dict[str, Seat] = {}
        self._kinds: dict[object, Kind] = {}
        self._rings: dict[str, Ring] = {}
        self._last = NEVER
        self._now = NEVER
        self._put = 0
        self._items: dict[str, WaitingItem] = {}
        self._groups: dict[object, Group] = {}
        self._listed: list[Group] = []
        self._ranks: dict[str, QueueRank] = {}
        self._ready: dict[Group, None] = {}
        self._timed: list[Group] = []
        self._improved: dict[Seat, None] = {}
        self._personal: dict[str, WaitingItem] = {}
        self._wanted: dict[str, set[str]] = {}
        self._restless: dict[str, None] = {}
        self._promotions: list[tuple[datetime, int, WaitingItem]] = []
        for agent in agents:
            self.put_agent(agent)
        for item in items:
            self.put_item(item)

    def __len__(self) -> int:
        """Return how many items wait."""
        return len(self._items)

    # ---- agents

    def put_agent(self, agent: Agent) -> None:
        """Add an agent, or take over the row of one who is known."""
        kind = self._kind(agent)
        seat = self._agents.get(agent.id)
        if seat is None:
            seat = self._agents[agent.id] = Seat(agent, kind)
            better = True
        else:
            old = (seat.kind, seat.bit, seat.free, seat.rooms, seat.blocked, seat.row.attributes)
            seat.take_over(agent, kind)
            better = _better(old, seat)
        self._last = max(self._last, seat.assigned or NEVER)
        self._touch(seat)
        if better:
            self._improved[seat] = None

    def drop_agent(self, agent: str) -> None:
        """Forget an agent; unknown ones are nothing to do."""
        seat = self._agents.pop(agent, None)
        if seat is not None:
            seat.gone = True
            self._improved.pop(seat, None)
            self._touch(seat)

    def release(self, agent: str, item: WaitingItem, at: datetime) -> None:
        """Give an agent back what *item* consumed, without waiting for their row."""
        seat = self._agents[agent]
        seat.change(item, at, given=False)
        self._touch(seat)
        self._improved[seat] = None

    def agents(self) -> list[Agent]:
        """Return everybody as they are now, pairings included."""
        return [seat.current() for seat in self._agents.values()]

    def _touch(self, seat: Seat) -> None:
        for ring in self._rings.values():
            ring.touch(seat)

    def _kind(self, agent: Agent) -> Kind:
        name = (agent.queues, frozenset(agent.skills.items()), frozenset(agent.profiles))
        known = self._kinds.get(name)
        if known is None:
            known = self._kinds[name] = Kind(agent)
        return known

    # ---- items

    def put_item(self, item: WaitingItem) -> None:
        """Add an item that waits, or take over what changed about it."""
        name = item.conversation
        if name in self._items:
            self.drop_item(name)
        self._items[name] = item
        self._put += 1
        self._note_promotion(item)
        rules = self._rules
        if rules.work and rules.works(item.workstream).mode is Mode.PICK:
            return
        if item.declines and len(item.declines) >= rules.decliner_limit:
            return
        if (item.previous is not None or item.preferred) and self._add_personal(item):
            return
        group = self._group(item)
        group.push((group.rank, self._key(item), name, self._put, item))
        if not group.blocked:
            self._ready[group] = None

    def drop_item(self, conversation: str) -> None:
        """Forget an item that was picked, closed or moved; unknown ones are nothing to do."""
        item = self._items.pop(conversation, None)
        if item is None:
            return
        if self._personal.pop(conversation, None) is not None:
            for agent in (item.previous, *item.preferred):
                self._wanted.get(agent or "", set()).discard(conversation)
        group = self._groups.get(self._group_name(item))
        if group is not None and not self._waits_apart(item):
            group.live -= 1

    def _waits_apart(self, item: WaitingItem) -> bool:
        """Tell whether *item* is in no group: it is picked, declined too often, or waits for preferred agents."""
        rules = self._rules
        if rules.works(item.workstream).mode is Mode.PICK or len(item.declines) >= rules.decliner_limit:
            return True
        return stays(item, rules)

    def _add_personal(self, item: WaitingItem) -> bool:
        """Note whom *item* is for; True if it waits for nobody else."""
        self._personal[item.conversation] = item
        for agent in (item.previous, *item.preferred):
            if agent is not None:
                self._wanted.setdefault(agent, set()).add(item.conversation)
        self._restless[item.conversation] = None
        return stays(item, self._rules)

    def _key(self, item: WaitingItem) -> object:
        """Return the place of *item* among those of queues with the same rank: age, or rule and then age."""
        age = (item.since - _EPOCH) // _MICROSECOND
        policy = self._rules.policy(item.queue)
        if item.previous is not None and goes_back(item, self._rules):
            return age - _FRONT if policy.first_in_first_out else ((-1,), age)
        if policy.first_in_first_out:
            return age
        if policy.scoring is not None:
            return ((0, -policy.scoring.score(policy.scoring.base(item.attributes), item.since, self._now)), age)
        return (place(item, policy, bucket_of(item, policy, self._now)), age)

    def _note_promotion(self, item: WaitingItem) -> None:
        """Note when *item* moves to an earlier bucket by waiting."""
        policy = self._rules.policy(item.queue)
        moves_at = next_bucket_at(item, policy, bucket_of(item, policy, self._now)) if policy.buckets else None
        if moves_at is not None:
            heappush(self._promotions, (moves_at, self._put, item))

    def _group_name(self, item: WaitingItem) -> object:
        policy = self._rules.policy(item.queue)
        name = (item.queue, item.workstream, item.needs, item.demand)
        if policy.scoring is not None:
            return (name, policy.scoring.base(item.attributes), goes_back(item, self._rules))
        if policy.method is Method.CUSTOM:
            return (name, repr(sorted(item.attributes.items())))
        return name

    def _group(self, item: WaitingItem) -> Group:
        name = self._group_name(item)
        group = self._groups.get(name)
        if group is None:
            if len(self._listed) > 128 and sum(not group.live for group in self._listed) * 2 > len(self._listed):
                self._forget_empty_groups()
            group = self._groups[name] = Group(item, self._rank(item.queue), self._rules, self._finder(item))
            self._listed.append(group)
            if group.custom and self._rules.policy(item.queue).custom.uses_calendar:
                self._timed.append(group)
        return group

    def _forget_empty_groups(self) -> None:
        self._groups = {name: group for name, group in self._groups.items() if group.live}
        self._listed = list(self._groups.values())
        self._timed = [group for group in self._timed if group.live]
        self._ready = {group: None for group in self._ready if group.live}
        for kind in self._kinds.values():
            kind.groups, kind.seen = [], 0

    def _rank(self, queue: str) -> QueueRank:
        return self._ranks.setdefault(queue, queue_rank(queue, self._rules))

    def _finder(self, item: WaitingItem) -> RingFinder | _CustomFinder:
        """Return how agents for *item* and its like are found."""
        rules, method = self._rules, self._rules.policy(item.queue).method
        if method is Method.CUSTOM:
            return _CustomFinder(self)
        if method_of(item, rules) is CLOSEST:
            required = rules.required(item)
            finder = RingFinder(item, rules, [self._ring("fixed")], by_capacity=False)
            return finder.by_closeness(
                item.needs, lambda agent: skills.closeness(required, agent.skills, rules.skills)
            )
        names = {Method.ROUND_ROBIN: [f"turn:{item.queue}"], Method.LEAST_ACTIVE: ["assigned", "released"]}
        rings = [self._ring(name) for name in names.get(method, ["assigned"])]
        return RingFinder(item, rules, rings, by_capacity=method is Method.HIGHEST_CAPACITY)

    def _ring(self, name: str) -> Ring:
        known = self._rings.get(name)
        if known is None:
            what, _, queue = name.partition(":")
            known = self._rings[name] = Ring(_turn_of(queue) if queue else _ORDERS[what], self._agents)
        return known

    # ---- the cycle

    def assign(self, now: datetime, limit: int | None = None) -> list[Pairing]:
        """Run an assignment cycle and return who gets what, as if it had happened.

        Args:
            now: The current instant; not before that of the cycle before.
            limit: At most so many pairings; the rest is found by the next call.
        """
        self._now = now
        self._promote()
        for group in self._timed:
            if group.live:
                self._ready[group] = None
        if self._rules.block is not None:
            return self._assign_block()
        if len(self._improved) == 1 and limit is None and not self._ready and not self._restless:
            found: list[Pairing] = []
            if self._pull(next(iter(self._improved)), found):
                self._improved.clear()
                return found
            return found + self._cycle(None)
        return self._cycle(limit)

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
            self._settle(self._agents[pairing.agent], pairing)
        self._improved.clear()
        self._ready.clear()
        self._restless.clear()
        return list(pairings)

    def _pull(self, seat: Seat, found: list[Pairing]) -> bool:
        """Give one agent who changed what they can take; False if the full cycle must decide."""
        kind = self._groups_of(seat.kind)
        if self._wanted.get(seat.id):
            return False
        while True:
            best: Entry | None = None
            for group in kind:
                if not group.fits(seat):
                    continue
                entry = group.head(self._items) if group.live else None
                if entry is None:
                    group.blocked = False
                elif group.custom or group.scoring is not None or entry[4].declines:
                    return False
                elif best is None or entry < best:
                    best, owner = entry, group
            if best is None:
                return True
            owner.pop()
            rule, code, _ = method_of(best[4], self._rules)
            found.append(self._give(seat, best[4], Choice(seat.id, rule, code, {"agent": seat.name, "free": seat.free})))

    def _groups_of(self, kind: Kind) -> list[Group]:
        """Return the groups that agents of *kind* can serve."""
        groups: list[Group] = kind.groups  # type: ignore[assignment]
        if kind.seen < len(self._listed):
            groups += [group for group in self._listed[kind.seen :] if group.suits(kind)]
            kind.seen = len(self._listed)
        return groups

    def _cycle(self, limit: int | None) -> list[Pairing]:
        for seat in self._improved:
            self._wake(seat)
        self._improved.clear()
        candidates = [self._personal_candidate(self._personal[name]) for name in self._restless if name in self._personal]
        candidates += [found for group in self._ready if (found := self._candidate(group)) is not None]
        self._restless.clear()
        heapify(candidates)
        pairings: list[Pairing] = []
        apart: list[tuple[Group, Entry]] = []
        while candidates and (limit is None or len(pairings) < limit):
            candidate = heappop(candidates)
            pairing = self._try(candidate, candidates, apart)
            if pairing is not None:
                pairings.append(pairing)
        self._ready = {thing: None for *_, thing in candidates if isinstance(thing, Group)}
        self._restless = {name: None for *_, name, kind, _ in candidates if kind == _PERSONAL}
        for group, entry in apart:
            heappush(group.heap, entry)
        return pairings

    def _wake(self, seat: Seat) -> None:
        """Make everything ready that an agent who changed may now take."""
        for group in self._groups_of(seat.kind):
            if group.live:
                if group.fits(seat):
                    self._ready[group] = None
            else:
                group.blocked = False
        for name in self._wanted.get(seat.id, ()):
            self._restless[name] = None

    def _personal_candidate(self, item: WaitingItem) -> _Candidate:
        return (self._rank(item.queue), self._key(item), item.conversation, _PERSONAL, item)

    def _candidate(self, group: Group) -> _Candidate | None:
        entry = group.head(self._items)
        if entry is None:
            group.blocked = False
            return None
        key = entry[1] if group.scoring is None else self._key(entry[4])
        return (group.rank, key, entry[2], _GENERAL, group)

    def _try(
        self, candidate: _Candidate, candidates: list[_Candidate], apart: list[tuple[Group, Entry]]
    ) -> Pairing | None:
        """Find an agent for a candidate; what comes next in its group becomes a candidate."""
        name, thing = candidate[2], candidate[4]
        if isinstance(thing, WaitingItem):
            return self._try_personal(thing)
        assert isinstance(thing, Group)  # noqa: S101 - there are two sorts of candidates
        entry = thing.head(self._items)
        pairing = None
        if entry is not None and entry[2] == name:
            pairing = self._try_general(thing, entry, apart)
            if pairing is None and thing.blocked:
                return None
        following = self._candidate(thing)
        if following is not None:
            heappush(candidates, following)
        elif pairing is None:
            thing.blocked = any(group is thing for group, _ in apart)
        return pairing

    def _try_personal(self, item: WaitingItem) -> Pairing | None:
        if self._items.get(item.conversation) is not item:
            return None
        wanted = (agent for agent in (item.previous, *item.preferred) if agent in self._agents)
        known = {agent: self._agents[agent].current() for agent in wanted if agent is not None}
        choice = personal_choice(item, known, self._rules)
        if choice is None:
            return None
        if not self._waits_apart(item):
            self._group(item).live -= 1
        return self._give(self._agents[choice.agent], item, choice)

    def _try_general(self, group: Group, entry: Entry, apart: list[tuple[Group, Entry]]) -> Pairing | None:
        """Find an agent for the first item of a group.

        Without one the group is blocked, unless the reason may be who declined this item: then it is set apart.
        """
        item = entry[4]
        choice = self._find(group, item)
        if choice is not None:
            group.pop()
            group.blocked = False
            return self._give(self._agents[choice.agent], item, choice)
        if item.declines:
            apart.append((group, heappop(group.heap)))
        else:
            group.blocked = True
        return None

    def _find(self, group: Group, item: WaitingItem) -> Choice | None:
        if isinstance(group.finder, _CustomFinder):
            return group.finder.choose(item, self._rules, self._now)
        seat = group.finder.find(item)
        if seat is None:
            return None
        rule, code, _ = method_of(item, self._rules)
        return Choice(seat.id, rule, code, {"agent": seat.name, "free": seat.free})

    def _give(self, seat: Seat, item: WaitingItem, choice: Choice) -> Pairing:
        """Note a pairing as if it had happened."""
        self._last = after(self._last, self._now)
        pairing = choice.pairing(item, self._last)
        del self._items[item.conversation]
        if item.conversation in self._personal:
            self._personal.pop(item.conversation)
            for agent in (item.previous, *item.preferred):
                self._wanted.get(agent or "", set()).discard(item.conversation)
        seat.change(item, self._last, given=True)
        self._touch(seat)
        return pairing

    def _settle(self, seat: Seat, pairing: Pairing) -> None:
        self.drop_item(pairing.item.conversation)
        self._last = pairing.at
        seat.change(pairing.item, pairing.at, given=True)
        self._touch(seat)

    def members(self, queue: str) -> list[Agent]:
        """Return the members of *queue* as they are now."""
        return [seat.current() for seat in self._agents.values() if queue in seat.kind.queues]


class _CustomFinder:
    """Finds by custom rules, which may look at anything: asks every member of the queue."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def choose(self, item: WaitingItem, rules: AssignmentRules, now: datetime) -> Choice | None:
        members = self._pool.members(item.queue)
        able = [agent for agent in members if exclusion(item, agent, rules) is None]
        return best_of(able, item, rules, now)

    def find(self, item: WaitingItem) -> Seat | None:
        raise NotImplementedError


def _better(old: tuple[object, ...], seat: Seat) -> bool:
    """Tell whether the change of an agent may let them take what they could not before."""
    kind, bit, free, rooms, blocked, attributes = old
    same = (kind, bit, blocked, attributes) == (seat.kind, seat.bit, seat.blocked, seat.row.attributes)
    assert isinstance(free, int)  # noqa: S101
    assert isinstance(rooms, Mapping)  # noqa: S101
    return not same or seat.free > free or any(seat.rooms[name] > rooms.get(name, 0) for name in seat.rooms)


_ORDERS = {
    "assigned": lambda seat: (seat.assigned or NEVER, NEVER, seat.id),
    "released": lambda seat: (seat.released or NEVER, seat.assigned or NEVER if seat.released else NEVER, seat.id),
    "fixed": lambda seat: (NEVER, NEVER, seat.id),
}


def _turn_of(queue: str):
    def key(seat: Seat) -> Key:
        return (seat.turns.get(queue, NEVER), seat.assigned or NEVER, seat.id)

    return key
