"""What an operator looks at: entries that keep failing, and whether the channel is well."""

from __future__ import annotations

from datetime import timedelta

import attrs

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.steps import Flow, commit, load, now, select
from wa_omnichannel.errors import NotFound, StoreError
from wa_omnichannel.pacing import Backoff
from wa_omnichannel.ports import (
    Changes,
    DeadLetter,
    DeadLetters,
    Drop,
    Entry,
    NextDue,
    Put,
    dead_key,
    entry_key,
)

MAX_FAILURES = 5
"""How often in a row something unexpected may go wrong with an entry before it is set aside."""

PAUSES = Backoff(timedelta(seconds=1), timedelta(minutes=1))
"""Pauses between its tries; its lane waits meanwhile."""

_OVERDUE = timedelta(minutes=5)
_MANY = 1000


@attrs.frozen
class Health:
    """How a channel is."""

    problem: str = ""
    """Code of the error that the store gave; empty if it answers, and its schema is one that this release knows."""
    overdue: timedelta = timedelta(0)
    """How long the oldest agenda entry has been due; grows while no worker works."""
    dead: int = 0
    """How many entries were set aside, counted up to 1000."""

    @property
    def ready(self) -> bool:
        """Whether webhooks can be taken."""
        return not self.problem

    @property
    def well(self) -> bool:
        """Whether work is done, too: nothing is overdue by more than five minutes."""
        return self.ready and self.overdue <= _OVERDUE


def health() -> Flow[Health]:
    """Ask the store how things are; a store that cannot answer is a problem, not an error."""
    at = yield from now()
    try:
        due = yield from select(NextDue())
        letters = yield from select(DeadLetters(_MANY))
    except StoreError as error:
        return Health(error.code)
    return Health("", max(at - due, timedelta(0)) if due is not None else timedelta(0), len(letters))


def note_failure(entry_id: str, error: Exception) -> Flow[str | None]:
    """Put off an entry with which something unexpected went wrong, or set it aside; returns why, if so.

    Raises:
        ConcurrentUpdate: Somebody else went on with the entry meanwhile.
    """
    at = yield from now()
    key = entry_key(entry_id)
    rows = yield from load(key)
    known = row(rows, key, Entry)
    if known is None:
        return None
    entry = attrs.evolve(known, failures=known.failures + 1)
    if entry.failures < MAX_FAILURES:
        later = attrs.evolve(entry, due=at + PAUSES.pause(entry.failures, entry.id))
        yield from commit(Changes((Put(key, later, version(rows, key)),)))
        return None
    reason = _reason(error)
    letter = Put(dead_key(entry.id), DeadLetter(entry, reason, at))
    yield from commit(Changes((letter,), (Drop(key),), ((key, version(rows, key)),)))
    return reason


def _reason(error: Exception) -> str:
    """Return the kind of an error and its place; its text may hold personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}{place}"


def replay(entry_id: str) -> Flow[Entry]:
    """Put an entry that was set aside back on the agenda, due now.

    Raises:
        NotFound: It was not set aside, or somebody was faster.
    """
    key = dead_key(entry_id)
    rows = yield from load(key)
    letter = row(rows, key, DeadLetter)
    if letter is None:
        raise NotFound("dead letter", entry_id)
    entry = attrs.evolve(letter.entry, due=(yield from now()), failures=0)
    yield from commit(Changes((Put(entry_key(entry_id), entry),), (Drop(key),), ((key, rows[key].version),)))
    return entry
