"""What is due: one ``tick`` works on every agenda entry whose time has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.assigning import assign
from wa_omnichannel._flows.botting import take_turn
from wa_omnichannel._flows.catalogs import live, work_on_refresh, work_on_report
from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.connections import lease_over
from wa_omnichannel._flows.feeding import feed, subscribe
from wa_omnichannel._flows.identifying import work_on_identify
from wa_omnichannel._flows.loading import Loaded, load_thread, until_agreed
from wa_omnichannel._flows.reaching import work_on_outreach
from wa_omnichannel._flows.sending import work_on_lane, work_on_send
from wa_omnichannel._flows.settings import newest
from wa_omnichannel._flows.steps import Discard, Flow, Pipe, StoreNow, commit, now, select
from wa_omnichannel._flows.steps import Stored as StoredFile
from wa_omnichannel._flows.surveying import invite
from wa_omnichannel._flows.upkeep import note_failure
from wa_omnichannel._flows.windows import work_on_window
from wa_omnichannel.attachments import Unavailable, fetch_limit
from wa_omnichannel.conversation import (
    Event,
    MediaFailed,
    MediaFetched,
    TimerFired,
    decide,
)
from wa_omnichannel.errors import ConcurrentUpdate, ConfigurationError, NotFound, StoreUnavailable, TransportError
from wa_omnichannel.messages import Media
from wa_omnichannel.ports import Changes, Drop, DueEntries, Entry, NextDue, Put, Stored, entry_key
from wa_omnichannel.rules import Rules

MEDIA_PATIENCE = timedelta(minutes=1)
"""How long a file that cannot be fetched yet is tried again."""

MEDIA_PAUSE = timedelta(seconds=1)
"""Time between two tries."""

SCAN_PATIENCE = timedelta(days=1)
"""How long a file that cannot be scanned is tried again."""

SCAN_PAUSE = timedelta(seconds=5)
"""Shortest time between two tries to scan."""

SCAN_LONGEST_PAUSE = timedelta(minutes=10)
"""Longest time between two tries to scan."""


@attrs.frozen
class Report:
    """What one tick did."""

    done: int = 0
    """Entries that are finished."""
    postponed: int = 0
    """Entries that will be tried again."""
    errors: tuple[str, ...] = ()
    """Codes of the errors that postponed them; no personal data."""
    dead: tuple[str, ...] = ()
    """Kinds of entries that were set aside as dead letters, and why; no personal data."""
    next_due: datetime | None = None
    """When the next entry is due, in domain time."""


SHARE = 20
"""How many entries are worked on before the agenda is looked at again: others may have done the rest meanwhile."""


def tick(rules: Rules, limit: int, place: float = 0) -> Flow[Report]:
    """Work on entries that are due until none is left, at most *limit* of them.

    Args:
        rules: The compiled settings.
        limit: Most entries to work on.
        place: Where among those that are due to begin, from 0 up to 1: workers at different places seldom meet.
    """
    report = Report()
    yield from subscribe()
    seen: set[tuple[str, int]] = set()
    while report.done + report.postponed < limit:
        at = yield from now()
        due = yield from select(DueEntries(at, (yield StoreNow()), limit))
        fresh = [stored for stored in due if (stored.value.id, stored.version) not in seen]
        if not fresh:
            break
        first = int(place * len(fresh))
        for stored in [*fresh[first:], *fresh[:first]][:SHARE]:
            rules = yield from newest(rules)
            seen.add((stored.value.id, stored.version))
            report = yield from _work(rules, stored, report)
    return attrs.evolve(report, next_due=(yield from select(NextDue())))


def _work(rules: Rules, stored: Stored[Entry], report: Report) -> Flow[Report]:
    """Work on one entry; what goes wrong with it is noted and stops nobody else."""
    try:
        done = yield from _WORKERS[stored.value.kind](rules, stored)
    except (ConcurrentUpdate, StoreUnavailable, TransportError, NotFound, ConfigurationError) as error:
        return attrs.evolve(report, postponed=report.postponed + 1, errors=(*report.errors, error.code))
    except Exception as error:  # noqa: BLE001 - one bad entry must not stop the others
        return (yield from _failed(stored, error, report))
    if done:
        return attrs.evolve(report, done=report.done + 1)
    return attrs.evolve(report, postponed=report.postponed + 1)


def _failed(stored: Stored[Entry], error: Exception, report: Report) -> Flow[Report]:
    """Note that something unexpected went wrong with an entry."""
    report = attrs.evolve(report, postponed=report.postponed + 1, errors=(*report.errors, type(error).__name__))
    try:
        reason = yield from note_failure(stored.value.id, error)
    except ConcurrentUpdate:
        return report
    return report if reason is None else attrs.evolve(report, dead=(*report.dead, f"{stored.value.kind}: {reason}"))


def _send(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Work on a send; if somebody else took the turn of its number meanwhile, see what is first in the lane now."""
    try:
        return (yield from work_on_send(rules, stored.value))
    except ConcurrentUpdate:
        return (yield from work_on_lane(rules, stored.value.lane))


def _timer(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    entry = stored.value
    timer = entry.id.partition(":")[0]
    rules = yield from live(rules)
    return (yield from _decide_entry(rules, entry, TimerFired(timer, entry.subject), None))


def _fetch(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Copy an inbound file into the blob store; one that is not there or not scanned yet is tried again."""
    entry = stored.value
    loaded = yield from load_thread(entry.number, entry.contact, message=entry.subject)
    message, number = loaded.state.message, rules.number(entry.number)
    if message is None or number is None or not isinstance(message.content, Media):
        raise NotFound("message", entry.subject)
    limit = fetch_limit(number.attachments, message.content.content_type)
    event: Event
    again = None
    try:
        file: StoredFile = yield Pipe(message.content.url, message.id, limit)
        event = MediaFetched(message.id, file.content_type, file.size, file.sniffed, file.scan)
        if isinstance(file.scan, Unavailable):
            again = _rest((yield from now()) - message.at)
    except TransportError as error:
        at = yield from now()
        if error.retryable and at - message.at < MEDIA_PATIENCE:
            later = attrs.evolve(entry, due=at + MEDIA_PAUSE)
            yield from commit(Changes(puts=(Put(entry_key(entry.id), later),)))
            return False
        event = MediaFailed(str(error))
    return (yield from _decide_entry(rules, entry, event, entry.subject, again))


def _rest(waited: timedelta) -> timedelta | None:
    """Return how long to wait for a scanner that does not answer, longer each time; None to give up."""
    return max(SCAN_PAUSE, min(waited, SCAN_LONGEST_PAUSE)) if waited < SCAN_PATIENCE else None


def _decide_entry(
    rules: Rules, entry: Entry, event: Event, message: str | None, again: timedelta | None = None
) -> Flow[bool]:
    """Decide on *event* and finish the entry in the same commit, or put it off if it is to be done *again*.

    A file that is withheld is removed before that is committed, so that a crash in between leaves nothing behind.
    """

    def attempt() -> Flow[bool]:
        at = yield from now()
        loaded: Loaded = yield from load_thread(entry.number, entry.contact, message=message)
        decision = decide(rules, loaded.state, event, at)
        if isinstance(event, MediaFetched) and decision.trace and not decision.trace[-1].met:
            yield Discard(event.blob)
        key = entry_key(entry.id)
        done = Changes(drops=(Drop(key),))
        if again is not None and not decision.refusal:
            done = Changes(puts=(Put(key, attrs.evolve(entry, due=at + again)),))
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at, more=done))
        return again is None

    return (yield from until_agreed(attempt))


def _survey(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    return (yield from invite(rules, stored.value))


def _feed(_: Rules, stored: Stored[Entry]) -> Flow[bool]:
    return (yield from feed(stored))


def _bot(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    return (yield from take_turn(rules, stored))


_WORKERS: Mapping[str, Callable[[Rules, Stored[Entry]], Flow[bool]]] = {
    "send": _send,
    "assign": assign,
    "timer": _timer,
    "window": work_on_window,
    "templates": work_on_refresh,
    "template": work_on_report,
    "fetch": _fetch,
    "identify": work_on_identify,
    "outreach": work_on_outreach,
    "survey": _survey,
    "presence": lease_over,
    "bot": _bot,
    "feed": _feed,
}
