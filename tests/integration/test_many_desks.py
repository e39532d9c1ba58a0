"""Several processes distribute the work of one file: nobody is served twice, no capacity is exceeded.

``WA_ITEMS`` sets how many conversations wait; 5,000 and more take minutes and take minutes: ``make desks``.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support import busy_desk

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.conversation import Status
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import EventsAfter, NewEvent

ITEMS = int(os.environ.get("WA_ITEMS", "600"))
AGENTS, PROCESSES = 50, 4
BY_HAND = {"ASG-17", "CAP-6"}
"""The rules by which a person may go beyond a capacity."""


def start(path: Path, seed: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, busy_desk.__file__, str(path), str(seed)])


def closed(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=30)) as db:
        (found,) = db.execute("SELECT count(*) FROM conversation WHERE status = 'closed'").fetchone()
    return int(found)


def events(store: SqliteStore) -> Iterator[NewEvent]:
    position = 0
    while found := store.select(EventsAfter(position, 1000)):
        for happening in found:
            position = happening.position
            yield happening.event


class Ledger:
    """Who has what, as the events tell it; what must not happen is asserted where it would."""

    def __init__(self, demands: dict[str, int]) -> None:
        self.demands = demands
        self.holder: dict[str, str] = {}
        self.used: Counter[str] = Counter()
        self.over: set[str] = set()
        self.kinds: Counter[str] = Counter()

    def note(self, event: NewEvent) -> None:
        conversation, kind = event.conversation or "", event.kind
        self.kinds[kind] += 1
        if kind in ("assigned", "picked"):
            self._give(conversation, str(event.facts["agent"]), {check.rule for check in event.trace})
        elif kind in ("declined", "conversation_closed"):
            self.used[self.holder.pop(conversation)] -= self.demands[conversation]

    def _give(self, conversation: str, agent: str, rules: set[str]) -> None:
        assert conversation not in self.holder, f"{conversation} was given twice"
        self.holder[conversation] = agent
        self.used[agent] += self.demands[conversation]
        beyond = self.used[agent] > busy_desk.CAPACITY
        assert not beyond or rules & BY_HAND, f"{agent} has {self.used[agent]} by {rules}"
        self.over |= {agent} if beyond else set()


@pytest.mark.timeout(900)
def test_asg_1_cap_1_four_processes_serve_everybody_once_and_exceed_no_capacity(tmp_path: Path) -> None:
    path = tmp_path / "desks.db"
    with SqliteStore(path) as store:
        busy_desk.fill(store, ITEMS, AGENTS)
    crew = [start(path, seed) for seed in range(PROCESSES)]
    try:
        while closed(path) < ITEMS // 3:
            assert all(process.poll() is None for process in crew)
            time.sleep(0.05)  # an event of another process cannot be awaited
        crew[0].kill()
        assert [process.wait(600) for process in crew[1:]] == [0] * (PROCESSES - 1)
    finally:
        for process in crew:
            process.kill()
            process.wait()
    with SqliteStore(path) as store:
        desk = Omnichannel(busy_desk.RULES, store=store, transport=None)
        listings = [each.conversation for each in desk.conversations(limit=10 * ITEMS)]
        assert {each.status for each in listings} == {Status.CLOSED}
        ledger = Ledger({each.id: each.demand for each in listings})
        for event in events(store):
            ledger.note(event)
        assert ledger.kinds["conversation_closed"] == ITEMS == len(listings)
        assert not ledger.holder
        assert {agent.used for agent in desk.agents()} == {0}
        assert not [kind for kind in ("declined", "picked", "accepted") if not ledger.kinds[kind]]
        assert ledger.kinds["assigned"] + ledger.kinds["picked"] == ITEMS + ledger.kinds["declined"]
