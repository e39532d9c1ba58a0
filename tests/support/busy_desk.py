"""A process of a busy desk: it assigns, and plays agents who answer, decline and pick, and supervisors.

Usage: busy_desk.py FILE SEED. Several work on one file until nothing is left; one of them may be killed.
"""

import contextlib
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import Affinity, WorkPolicy
from wa_omnichannel.conversation import Contact, Conversation, Status, Thread, item_of
from wa_omnichannel.errors import Refused, StoreUnavailable
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import (
    Changes,
    Entry,
    Listing,
    Put,
    agent_key,
    contact_key,
    conversation_key,
    entry_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.session import Window
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import Agent, Presence

NUMBER = Address("+14155550100")
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUEUES = ("a", "b", "c")
CAPACITY = 4
RULES = Rules(
    [Number(NUMBER, "Shop", "main")],
    [Workstream("main", "a", policy=WorkPolicy(affinity=Affinity.IGNORE, pick_from_push=True))],
    [Queue(name) for name in QUEUES],
    presences=frozenset(Presence),
    decliner_limit=3,
)


def fill(store: SqliteStore, items: int, agents: int) -> None:
    """Let customers wait, some of whom need Spanish, and agents come."""
    for first in range(0, items, 500):
        puts = [put for n in range(first, min(first + 500, items)) for put in _waiting(n)]
        store.commit(Changes(tuple(puts)))
    staff = [_agent(n) for n in range(agents)]
    entry = Entry("assign:default", "assign:default", "assign", AT, "a")
    store.commit(Changes((*(Put(agent_key(agent.id), agent, 0) for agent in staff), Put(entry_key(entry.id), entry))))


def _agent(n: int) -> Agent:
    queues, skills = frozenset(QUEUES[: 1 + n % 3]), {"es": n % 3}
    return Agent(f"agent{n}", f"Agent {n}", queues, Presence.AVAILABLE, CAPACITY, skills=skills)


def _waiting(n: int) -> tuple[Put, ...]:
    since, customer = AT + timedelta(seconds=n), Address(f"+346{n:08d}")
    needs = Requirement.of({"es": 1} if n % 2 else {})
    queue, demand = QUEUES[n % 3], 1 + n % 2
    known = Conversation(f"v{n}", Status.OPEN, "main", queue, since, since, since, demand=demand, needs=needs)
    return (
        Put(contact_key(f"c{n}"), Contact(f"c{n}", (customer,)), 0),
        Put(thread_key(NUMBER, f"c{n}"), Thread(NUMBER, f"c{n}", customer, Window(AT), known), 0),
        Put(conversation_key(known.id), Listing(known, NUMBER, f"c{n}"), 0),
        Put(waiting_key(known.id), item_of(NUMBER, f"c{n}", known, RULES.assignment), 0),
    )


def work(store: SqliteStore, chance: random.Random) -> None:
    """Work until nobody waits and nobody is served."""
    desk = Omnichannel(RULES, store=store, transport=None)
    staff = [agent.id for agent in desk.agents()]
    idle = 0
    while idle < 3:
        with contextlib.suppress(StoreUnavailable):
            desk.tick()
            busy = serve(desk, chance.choice(staff), chance)
            idle = 0 if busy or left(desk) else idle + 1


def left(desk: Omnichannel) -> bool:
    found = any(desk.conversations(status=status, limit=1) for status in (Status.OPEN, Status.ACTIVE))
    if found:
        time.sleep(0.002)
    return found


def serve(desk: Omnichannel, agent: str, chance: random.Random) -> bool:
    """Let an agent do what agents do; tells whether there was anything."""
    mine = [each.conversation.id for each in desk.conversations(status=Status.ACTIVE, agent=agent, limit=8)]
    for conversation in mine:
        attempt(partial(act, desk, conversation, agent, chance.random()))
    if chance.random() < 0.1:
        for item in desk.pickable(agent, 2):
            attempt(partial(desk.pick, item.conversation, agent))
    if chance.random() < 0.1:
        for listing in desk.conversations(status=Status.OPEN, limit=2):
            attempt(partial(desk.assign, listing.conversation.id, agent))
    return bool(mine)


def act(desk: Omnichannel, conversation: str, agent: str, choice: float) -> object:
    if choice < 0.1:
        return desk.decline(conversation, agent)
    if choice < 0.3:
        return desk.accept(conversation, agent)
    return desk.close(conversation, agent=agent)


def attempt(ask: Callable[[], object]) -> None:
    """Do something unless somebody else was faster."""
    with contextlib.suppress(Refused):
        ask()


if __name__ == "__main__":
    with SqliteStore(sys.argv[1]) as opened:
        work(opened, random.Random(int(sys.argv[2])))
