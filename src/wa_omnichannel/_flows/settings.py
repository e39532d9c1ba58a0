"""The settings in force: followed from edition to edition, and put into force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.steps import Flow, commit, known_settings, load, now, select
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Status
from wa_omnichannel.editions import Change, Edition
from wa_omnichannel.errors import ConcurrentUpdate, NotFound, Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.ports import Changes, Conversations, NewEvent, Put, edition_key, settings_key
from wa_omnichannel.routing import Workstream, change
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


def newest() -> Flow[Rules]:
    """Return the rules of the edition in force, compiled when there is a new one; one read of a small row."""
    live: Live = yield from known_settings()
    if live.compile is None:
        return live.rules
    key = settings_key(live.rules.pool)
    number = row((yield from load(key)), key, int)
    if number is not None and number != live.edition:
        edition = yield from edition_of(live.rules.pool, number)
        live.rules, live.edition = attrs.evolve(live.compile(edition.document), version=number), number
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


def publish(rules: Rules, document: str, changes: tuple[Change, ...], by: str, after: int) -> Flow[Edition]:
    """Put settings into force as the next edition.

    Args:
        rules: What the document was compiled to.
        document: The settings in JSON.
        changes: What they change of the edition before.
        by: Who does it.
        after: Number of the edition that the changes were compared with; 0 if there is none yet.

    Raises:
        Refused: Another edition came in between, or a change is not possible while work goes on.
    """
    at = yield from now()
    key = settings_key(rules.pool)
    rows = yield from load(key)
    if (row(rows, key, int) or 0) != after:
        raise _overtaken(after)
    yield from _check_work(rules, changes)
    edition = Edition(after + 1, document, by, at, changes)
    puts = (
        Put(key, edition.number, version(rows, key)),
        Put(edition_key(rules.pool, edition.number), edition, 0),
    )
    try:
        yield from commit(Changes(puts, events=tuple(_events(edition, at))))
    except ConcurrentUpdate as error:
        raise _overtaken(after) from error
    return edition


def _overtaken(after: int) -> Refused:
    facts = {"edition": after}
    trace = (Check("WA-EDITION", False, "settings_overtaken", facts),)
    return Refused("settings_overtaken", facts, trace, (Remedy("compare_settings_again"),))


def _events(edition: Edition, at: datetime) -> Iterator[NewEvent]:
    """Say on the event stream who changed what, from which value to which."""
    for made in edition.changes:
        facts = {"by": edition.by, "edition": edition.number, **attrs.asdict(made)}
        yield NewEvent(Address(""), "", 0, None, "settings_changed", at, facts)


def _check_work(rules: Rules, changes: tuple[Change, ...]) -> Flow[None]:
    """Refuse to remove a queue in which somebody still waits; the conversation would wait for ever."""
    for made in changes:
        kind, _, name = made.what.partition(" ")
        if made.code == "setting_removed" and kind == "Queue":
            for status in (Status.OPEN, Status.ACTIVE, Status.WAITING):
                if (yield from select(Conversations(status, queue=name, limit=1))):
                    facts = {"queue": name}
                    trace = (Check("WA-EDITION", False, "queue_in_use", facts),)
                    raise Refused("queue_in_use", facts, trace, (Remedy("empty_queue_first", facts=facts),))


def check_fixed(before: tuple[Workstream, ...], after: tuple[Workstream, ...]) -> Refused | None:
    """Return why a workstream cannot become what it shall be: what was chosen at creation stays (WS-1 to WS-3)."""
    known = {workstream.name: workstream for workstream in before}
    tried = (change(known[each.name], each) for each in after if each.name in known)
    return next((refused for refused in tried if isinstance(refused, Refused)), None)
