"""The settings in force: followed from edition to edition, and put into force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.steps import Flow, KnownSettings, commit, load, now, select
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Status
from wa_omnichannel.editions import Edition, SettingChange
from wa_omnichannel.errors import ConcurrentUpdate, ConfigurationError, NotFound, Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.ports import Changes, Conversations, NewEvent, Put, edition_key, settings_key
from wa_omnichannel.routing import change
from wa_omnichannel.rules import Rules

Compile: TypeAlias = Callable[[str], Rules]
"""Makes rules of the document of an edition."""


@attrs.define
class Live:
    """The rules that a channel decides with. It is shared by all its threads or tasks; replaced, never changed."""

    rules: Rules
    compile: Compile | None = None
    """Without it the channel keeps the rules it was given."""
    edition: int = 0
    """The number of the edition the rules were compiled from; 0: those that were given."""
    problem: str = ""
    """Why the newest edition could not be compiled, if so."""


@attrs.frozen
class Draft:
    """Settings that shall be put into force."""

    document: str
    """The settings in JSON."""
    changes: tuple[SettingChange, ...]
    """What they change of the edition before."""
    by: str
    """Who does it."""
    after: int
    """Number of the edition that they were compared with; 0 if there is none yet."""


def newest(known: Rules) -> Flow[Rules]:
    """Return the rules of the edition in force, compiled when there is a new one; costs one read of a small row.

    An edition that this release cannot compile does not replace the one that works.

    Args:
        known: What is returned if the channel does not follow the settings of the store.
    """
    live: Live | None = yield KnownSettings()
    if live is None or live.compile is None:
        return known
    key = settings_key(live.rules.pool)
    number = row((yield from load(key)), key, int)
    if number is not None and number != live.edition:
        edition = yield from edition_of(live.rules.pool, number)
        try:
            live.rules = attrs.evolve(live.compile(edition.document), version=number)
            live.problem = ""
        except ConfigurationError as error:
            live.problem = str(error)
        live.edition = number
    return live.rules


def edition_of(pool: str, number: int | None = None) -> Flow[Edition]:
    """Return an edition of the settings, the one in force by default.

    Raises:
        NotFound: There is none.
    """
    if number is None:
        pointer = settings_key(pool)
        number = row((yield from load(pointer)), pointer, int) or 0
    key = edition_key(pool, number)
    edition = row((yield from load(key)), key, Edition)
    if edition is None:
        raise NotFound("edition of the settings", str(number))
    return edition


def publish(known: Rules, rules: Rules, draft: Draft) -> Flow[Edition]:
    """Put settings into force as the next edition.

    Args:
        known: The rules in force.
        rules: What the new settings were compiled to.
        draft: The new settings, and what they change.

    Raises:
        Refused: Another edition came in between, or a change is not possible.
    """
    at = yield from now()
    key = settings_key(rules.pool)
    rows = yield from load(key)
    if (row(rows, key, int) or 0) != draft.after:
        raise _overtaken(draft.after)
    yield from _check(known, rules)
    edition = Edition(draft.after + 1, draft.document, draft.by, at, draft.changes)
    puts = (
        Put(key, edition.number, version(rows, key)),
        Put(edition_key(rules.pool, edition.number), edition, 0),
    )
    try:
        yield from commit(Changes(puts, events=tuple(_events(edition))))
    except ConcurrentUpdate as error:
        raise _overtaken(draft.after) from error
    return edition


def _overtaken(after: int) -> Refused:
    facts = {"edition": after}
    trace = (Check("WA-EDITION", False, "settings_overtaken", facts),)
    return Refused("settings_overtaken", facts, trace, (Remedy("compare_settings_again"),))


def _events(edition: Edition) -> Iterator[NewEvent]:
    """Say on the event stream who changed what, from which value to which."""
    for made in edition.changes:
        facts = {"by": edition.by, "edition": edition.number, **attrs.asdict(made)}
        yield NewEvent(Address(""), "", 0, None, "settings_changed", edition.at, facts)


_UNFINISHED = (Status.OPEN, Status.ACTIVE, Status.WAITING)


def _check(known: Rules, rules: Rules) -> Flow[None]:
    """Refuse what must not change: what a workstream was made as, and a queue in which work goes on.

    Raises:
        Refused: Says which.
    """
    before = {workstream.name: workstream for workstream in known.workstreams}
    for workstream in rules.workstreams:
        if workstream.name in before:
            changed = change(before[workstream.name], workstream)
            if isinstance(changed, Refused):
                raise changed
    for name in {queue.name for queue in known.queues} - {queue.name for queue in rules.queues}:
        for status in _UNFINISHED:
            if (yield from select(Conversations(status, queue=name, limit=1))):
                facts = {"queue": name}
                trace = (Check("WA-EDITION", False, "queue_in_use", facts),)
                raise Refused("queue_in_use", facts, trace, (Remedy("empty_queue_first", facts=facts),))
