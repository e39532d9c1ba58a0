"""The assignment index: pull, push, head of line, rebuild, memory, and how good the greedy choice is.

The floor of pull and push is ``heapq`` push + pop at that size. *Pull*: 1,000 agents, all busy; one of them frees a
unit and takes the first waiting item they have the skills for; a new item of the same kind arrives. *Push*: an item
arrives and goes to the best agent; then one of those assigned ends. 40 skills, 200 requirement sets (Zipf-like),
ratings from 1 to 5, 2 to 6 skills per agent (*rich*: 10 to 20), three units each, one agent in eight away.
Run: python benchmarks/bench_assignment.py
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

import attrs
from lab import Case, measure, report

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import AssignmentRules, Bucket, Pool, QueuePolicy, WaitingItem, choose
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import Agent, Presence

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NUMBER = Address("+14155550100")
SKILLS = tuple(f"skill-{n}" for n in range(40))
NAMES = ("billing", "orders", "sales")
FIFO = AssignmentRules({name: Queue(name) for name in NAMES})
RANKED = attrs.evolve(
    FIFO, policies={"billing": QueuePolicy(buckets=(Bucket("by priority", order_by="priority", descending=True),))}
)
HERE = (Presence.AVAILABLE, Presence.BUSY)


def team(size: int, chance: random.Random, *, rich: bool = False, away: bool = True) -> list[Agent]:
    few, many = (10, 20) if rich else (2, 6)
    return [
        Agent(
            f"agent-{n:05}",
            f"Agent {n}",
            frozenset({"billing"}),
            Presence.AWAY if away and n % 8 == 7 else HERE[n % 2],
            3,
            skills={name: chance.randint(1, 5) for name in chance.sample(SKILLS, chance.randint(few, many))},
            last_assigned_at=NOW - (size - n) * SECOND,
        )
        for n in range(size)
    ]


def demands(agents: list[Agent], chance: random.Random) -> list[Requirement]:
    """Return 200 requirements, each held by somebody, in a Zipf-like number of copies."""
    found = {Requirement()}
    while len(found) < 200:
        has = chance.choice(agents).skills
        names = chance.sample(sorted(has), min(len(has), chance.randint(1, 3)))
        found.add(Requirement.of({name: chance.randint(1, min(3, has[name])) for name in names}))
        if len(agents) <= 10 and len(found) > 40:
            break
    kinds = sorted(found, key=lambda needs: needs.skills)
    weights = [1 / (n + 1) for n in range(len(kinds))]
    chance.shuffle(weights)
    return chance.choices(kinds, weights, k=8192)


_serial = itertools.count()


def item(needs: Requirement, at: datetime, priority: int = 0) -> WaitingItem:
    n = next(_serial)
    return WaitingItem("billing", at, NUMBER, f"c{n:07}", f"v{n:07}", needs=needs, attributes={"priority": priority})


def limit(size: int) -> Case:
    heap = [(-(n % 10), n, 0) for n in range(size)]
    heapify(heap)
    count = itertools.count(size)

    def run(n: int) -> None:
        for _ in range(n):
            first = heappop(heap)
            heappush(heap, (first[0], next(count), 0))

    return run


def renewed(gone: WaitingItem, at: datetime) -> WaitingItem:
    """Return the same item as if it came at *at*; a new value would be timed with the pool."""
    object.__setattr__(gone, "since", at)
    return gone


def instants() -> itertools.accumulate[datetime]:
    return itertools.accumulate(itertools.repeat(SECOND), lambda at, by: at + by, initial=NOW)


def pull(size: int, rules: AssignmentRules, *, rich: bool = False) -> Case:
    chance = random.Random(5)
    agents = team(1000, chance, rich=rich, away=False)
    kinds = demands(agents, chance)
    pool = Pool(rules, [attrs.evolve(agent, used=agent.capacity) for agent in agents])
    for n in range(size):
        pool.put_item(item(kinds[n % 8192], NOW - (size - n) * SECOND, chance.randrange(10)))
    pool.assign(NOW)
    done = item(Requirement(), NOW)
    who = [chance.choice(agents).id for _ in range(8192)]
    clock = instants()

    def run(n: int) -> None:
        for turn in range(n):
            at = next(clock)
            pool.release(who[turn & 8191], done, at)
            for pairing in pool.assign(at):
                pool.put_item(renewed(pairing.item, at))

    return run


def push(size: int, rules: AssignmentRules = FIFO, *, rich: bool = False) -> Case:
    chance = random.Random(6)
    agents = team(size, chance, rich=rich)
    kinds = demands(agents, chance)
    pool = Pool(rules, agents)
    spare: dict[Requirement, list[WaitingItem]] = {}
    clock = instants()
    busy: list[tuple[str, WaitingItem]] = []
    numbers = [chance.random() for _ in range(8192)]
    turns = itertools.count()
    full = size  # of 2.6 units per agent

    def one() -> bool:
        turn, at = next(turns) & 8191, next(clock)
        kept = spare.get(kinds[turn])
        arriving = renewed(kept.pop(), at) if kept else item(kinds[turn], at)
        pool.put_item(arriving)
        found = pool.assign(at)
        if found:
            busy.append((found[0].agent, arriving))
        else:
            pool.drop_item(arriving.conversation)
            spare.setdefault(arriving.needs, []).append(arriving)
        if len(busy) > full:
            number = int(numbers[turn] * len(busy))
            busy[number], busy[-1] = busy[-1], busy[number]
            agent, gone = busy.pop()
            pool.release(agent, gone, at)
            spare.setdefault(gone.needs, []).append(gone)
        return bool(found)

    def run(n: int) -> None:
        for _ in range(n):
            one()

    while len(busy) < full:
        one()
    share = sum(one() for _ in range(2000)) / 2000
    print(f"  ({share:.0%} of the items find an agent)")
    return run


def head_of_line(behind: int) -> Case:
    """One item that somebody can take, behind so many that nobody can."""
    chance = random.Random(7)
    pool = Pool(FIFO, team(100, chance, away=False))
    kinds = [Requirement.of({f"nobody-{n}": 1}) for n in range(200)]
    for n in range(behind):
        pool.put_item(item(kinds[n % 200], NOW - (behind - n) * SECOND))
    pool.assign(NOW)
    clock = instants()
    last = item(Requirement(), NOW)

    def run(n: int) -> None:
        for _ in range(n):
            at = next(clock)
            pool.put_item(renewed(last, at))
            (pairing,) = pool.assign(at)
            pool.release(pairing.agent, last, at)

    return run


def rebuild(size: int) -> float:
    """Return the seconds until the first cycle after a restart with so many items and 1,000 busy agents."""
    chance = random.Random(8)
    agents = [attrs.evolve(agent, used=agent.capacity) for agent in team(1000, chance)]
    kinds = demands(agents, chance)
    items = [item(kinds[n % 8192], NOW - (size - n) * SECOND) for n in range(size)]
    gc.collect()
    began = time.process_time()
    Pool(FIFO, agents, items).assign(NOW)
    return time.process_time() - began


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as sizes:  # noqa: PTH123 - a file of the kernel
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _own(text: str) -> str:
    """Return a text of one's own, as a row from a store has it."""
    return text[:1] + text[1:]


def memory(what: str) -> None:
    """Print the bytes of one plain record and of one in the pool; each in a process of its own."""
    size = 100_000 if what.startswith("item") else 10_000
    chance = random.Random(9)
    crowd = team(1000, chance)
    kinds = demands(crowd, chance)
    pool = Pool(FIFO, [attrs.evolve(agent, used=agent.capacity) for agent in crowd[:50]])
    warm = [item(kinds[n], NOW) for n in range(500)]
    for first in warm:
        pool.put_item(first)
    pool.assign(NOW)
    kept: list[object] = [None] * size
    gc.collect()
    before = resident()
    for n in range(size):
        row: WaitingItem | Agent
        if what.startswith("item"):
            row = item(kinds[n % 8192], NOW - n * SECOND)
        else:
            known = crowd[n % 1000]
            row = attrs.evolve(
                known,
                id=_own(f"{known.id}-{n}"),
                name=_own(f"Agent {n}"),
                skills=dict(known.skills),
                queues=frozenset({"billing", NAMES[1 + n % 2]}),
                last_assigned_at=NOW - n * SECOND,
                turns={"billing": NOW - n * SECOND},
            )
        kept[n] = row
        if what == "item_pool":
            pool.put_item(row)  # type: ignore[arg-type]
        elif what == "agent_pool":
            pool.put_agent(row)  # type: ignore[arg-type]
    pool.put_item(item(kinds[0], NOW))
    pool.assign(NOW)
    print((resident() - before) / size)


def ratio(what: str) -> float:
    """Return bytes of a record with its index, over those of the plain record."""
    both = []
    for kind in (f"{what}_pool", f"{what}_plain"):
        command = [sys.executable, __file__, "--memory", kind]
        both.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print(f"  {what}: {both[0]:.0f} bytes with its index, {both[1]:.0f} plain: {both[0] / both[1]:.2f} x")
    return both[0] / both[1]


def batch(size: int) -> tuple[list[Agent], list[WaitingItem]]:
    """Return agents with three units each, and as many items as they have units; skills without ratings."""
    chance = random.Random(11)
    held = [chance.sample(SKILLS, many) for many in (chance.randint(2, 6) for _ in range(-(-size // 3)))]
    found = {Requirement()}
    while len(found) < 200:
        has = sorted(chance.choice(held))
        found.add(Requirement.of(dict.fromkeys(chance.sample(has, min(len(has), chance.randint(1, 3))), 1)))
        if len(held) <= 10 and len(found) > 40:
            break
    kinds = sorted(found, key=lambda needs: needs.skills)
    weights = [1 / (n + 1) for n in range(len(kinds))]
    chance.shuffle(weights)
    agents = [
        Agent(f"a{n:04}", "Agent", frozenset({"billing"}), Presence.AVAILABLE, 3, skills=dict.fromkeys(names, 1))
        for n, names in enumerate(held)
    ]
    return agents, [item(needs, NOW, chance.randrange(10)) for needs in chance.choices(kinds, weights, k=size)]


def quality(size: int) -> float | None:
    """Return the value of our choice over the optimum, for a batch on as many units; None without scipy."""
    try:
        import numpy as np
        from scipy.optimize import linear_sum_assignment
    except ImportError:
        return None
    agents, items = batch(size)
    worth = [1 + int(one.attributes["priority"]) for one in items]
    fits = [[one.needs.ratings.keys() <= agent.skills.keys() for agent in agents for _ in range(3)] for one in items]
    score = np.array(fits) * np.array(worth)[:, None]
    rows, columns = linear_sum_assignment(score, maximize=True)
    found = Pool(RANKED, agents, items).assign(NOW)
    if size <= 300:
        assert [p.agent for p in found] == [p.agent for p in choose(items, agents, RANKED, NOW)]
    value = sum(1 + int(pairing.item.attributes["priority"]) for pairing in found)
    return value / float(score[rows, columns].sum())


def main() -> None:
    if "--memory" in sys.argv:
        memory(sys.argv[-1])
        return
    for size, rich in ((1_000, False), (100_000, False), (10_000, True)):
        cases = {"heap push + pop": limit(size), "pull, oldest first": pull(size, FIFO, rich=rich)}
        cases["pull, by priority"] = pull(size, RANKED, rich=rich)
        report(f"pull from {size:,} items{', rich' * rich}", measure(cases, 20_000), "heap push + pop")
    for size, rich in ((100, False), (1_000, True), (10_000, False)):
        cases = {"heap push + pop": limit(size), "push": push(size, rich=rich)}
        report(f"push to {size:,} agents{', rich' * rich}", measure(cases, 5_000), "heap push + pop")
    growth = {f"push to {size:,} agents": push(size) for size in (100, 10_000)}
    report("growth of push", measure(growth, 5_000), "push to 100 agents")
    growth = {f"pull from {size:,} items": pull(size, FIFO) for size in (1_000, 100_000)}
    report("growth of pull", measure(growth, 20_000), "pull from 1,000 items")
    lines = {"at the head": head_of_line(0), "behind 100,000 nobody can take": head_of_line(100_000)}
    report("one item that somebody can take", measure(lines, 5_000), "at the head")
    print(f"rebuild with 100,000 items: {rebuild(100_000):.2f} s")
    print("memory")
    ratio("item")
    ratio("agent")
    print("value of the choice over the optimum")
    for size in (100, 300, 1000, 3000):
        print(f"  {size:5} items: {quality(size) or 0:.4f}")


if __name__ == "__main__":
    main()
