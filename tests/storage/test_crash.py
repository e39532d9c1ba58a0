"""Processes die and race: what was acknowledged is there whole, and nothing is there by halves."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.ports import EventsAfter, contact_key, done_key, entry_key, thread_key

CHILD = Path(__file__).with_name("committing_child.py")
NUMBER = Address("+14155550100")
ROUNDS = 5


def start(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, str(CHILD), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def rows_of(store: SqliteStore, name: str) -> int:
    """Return how many of the four rows of a commit are there."""
    return len(store.load([contact_key(name), thread_key(NUMBER, name), entry_key(name), done_key(name)]))


def test_a_process_that_is_killed_loses_nothing_and_leaves_no_halves(tmp_path: Path) -> None:
    """Killed without warning at a random commit, several times on the same file (kill -9)."""
    path = tmp_path / "wa.sqlite"
    acknowledged: dict[str, int] = {}
    for turn in range(ROUNDS):
        child = start(path, f"r{turn}-")
        assert child.stdout is not None
        for _ in range(random.randint(1, 60)):
            acknowledged[f"r{turn}-"] = int(child.stdout.readline())
        child.kill()
        rest = child.stdout.read().splitlines()
        acknowledged[f"r{turn}-"] += len([line for line in rest if line.isdigit()])
        child.stdout.close()
        child.wait()
    with SqliteStore(path) as store:
        events = [happening.event.contact for happening in store.select(EventsAfter(0, 100_000))]
        assert len(events) == len(set(events))
        for name, last in acknowledged.items():
            for n in range(last + 3):
                wanted = {4} if n <= last else {0, 4}
                assert rows_of(store, f"{name}{n}") in wanted
                assert (f"{name}{n}" in events) == (rows_of(store, f"{name}{n}") == 4)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


@pytest.mark.parametrize("fresh", [False, True], ids=["known file", "all create the file"])
def test_processes_that_race_on_one_row_lose_no_update(tmp_path: Path, fresh: bool) -> None:
    path = tmp_path / "wa.sqlite"
    if not fresh:
        with SqliteStore(path):
            pass
    children = [start(path, "race", 25) for _ in range(3)]
    for child in children:
        child.communicate()
    assert [child.returncode for child in children] == [0, 0, 0]
    key = thread_key(NUMBER, "shared")
    with SqliteStore(path) as store:
        assert store.load([key])[key].value.events == 75  # type: ignore[attr-defined]
