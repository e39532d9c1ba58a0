"""Templates in life: reading what the provider holds, adding, and heeding what is told about one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.steps import Flow, ReadHoldings, commit, load, new_ids, now
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import ConfigurationError, Refused, TransportError
from wa_omnichannel.explain import Facts
from wa_omnichannel.ports import (
    Changes,
    Drop,
    Entry,
    NewEvent,
    Put,
    Rows,
    Stored,
    catalog_key,
    entry_key,
    stamp_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.templates import ALERTS, ApprovalEvent, Standing, Template
from wa_omnichannel.templates.catalog import EMPTY, Catalog, Moved, add, current, read, report, stand
from wa_omnichannel.templates.linking import Change, Refreshed, refresh
from wa_omnichannel.templates.syncing import Synced
from wa_omnichannel.templates.wire import Holdings

TRY_AGAIN = timedelta(minutes=1)
"""How long after a failed reading the provider's list is read again."""


def live(rules: Rules) -> Flow[Rules]:
    """Return the settings with the templates as they stand now; compiled once for each state of the catalog."""
    key = stamp_key(rules.pool)
    stamp = row((yield from load(key)), key, str)
    if stamp is None:
        return rules
    known = rules.known_as(stamp)
    if known is not None:
        return known
    catalog, _ = yield from _load(rules)
    return rules.with_templates(catalog.stamp, current(rules.templates, catalog))


def voiced(rules: Rules) -> Flow[Rules]:
    """Return the settings for a decision in which the system may speak: live, where it says anything by itself."""
    return (yield from live(rules)) if rules.life.messages is not None else rules


def templates(rules: Rules) -> Flow[tuple[Template, ...]]:
    """Return the templates as they stand."""
    return (yield from live(rules)).templates


def sync_templates(rules: Rules) -> Flow[Synced]:
    """Read the provider's list, bring every template up to it, and plan the next reading.

    Raises:
        ConfigurationError: The channel has no template source.
        TransportError: The provider could not be asked.
    """
    at = yield from now()
    holdings: Holdings = yield ReadHoldings(at)
    (stamp,) = yield from new_ids(1)
    return (yield from until_agreed(lambda: _sync(rules, holdings, stamp, at)))


def _sync(rules: Rules, holdings: Holdings, stamp: str, at: datetime) -> Flow[Synced]:
    catalog, rows = yield from _load(rules)
    reading = read(rules.templates, catalog, holdings, stamp)
    events = tuple(_event(at, change.code, _facts(change)) for change in reading.synced.changes)
    again = (_refresh_entry(rules, at + rules.template_refresh),) if rules.template_refresh is not None else ()
    yield from commit(Changes((*_puts(rules, rows, reading.catalog), *again), events=events))
    return reading.synced


def add_template(rules: Rules, template: Template) -> Flow[Refreshed]:
    """Add a template, and look for its contents in the provider's list if there is a source (TPL-3, TPL-5).

    Raises:
        Refused: There is a template of that name.
    """
    (stamp,) = yield from new_ids(1)
    yield from until_agreed(lambda: _add(rules, template, stamp))
    try:
        synced = yield from sync_templates(rules)
    except (ConfigurationError, TransportError):
        return refresh(template, (), (yield from now()))
    return next(each for each in synced.refreshed if each.template.name == template.name)


def _add(rules: Rules, template: Template, stamp: str) -> Flow[None]:
    at = yield from now()
    catalog, rows = yield from _load(rules)
    after = add(rules.templates, catalog, template, stamp)
    if isinstance(after, Refused):
        raise after
    facts = {"template": template.name, "language": template.default_language}
    yield from commit(Changes(_puts(rules, rows, after), events=(_event(at, "template_added", facts),)))


def report_template(
    rules: Rules, about: tuple[str, str], event: ApprovalEvent, at: datetime | None, reason: str
) -> Flow[Change | None]:
    """Note what the provider told about one language of a template; returns what changed.

    Raises:
        Refused: There is no such translation, or the event cannot be.
    """
    (stamp,) = yield from new_ids(1)
    told = at or (yield from now())

    def move(defined: tuple[Template, ...], catalog: Catalog) -> Moved | Refused:
        return report(defined, catalog, about, event, told, stamp, reason)

    return (yield from until_agreed(lambda: _move(rules, move, ())))


def override_template(rules: Rules, about: tuple[str, str], standing: Standing) -> Flow[Change | None]:
    """Let somebody's word count for the approval of a translation until the provider's list is read again.

    Raises:
        Refused: There is no such translation.
    """
    (stamp,) = yield from new_ids(1)

    def move(defined: tuple[Template, ...], catalog: Catalog) -> Moved | Refused:
        return stand(defined, catalog, about, lambda _: standing, stamp)

    return (yield from until_agreed(lambda: _move(rules, move, ())))


def _move(
    rules: Rules,
    move: Callable[[tuple[Template, ...], Catalog], Moved | Refused],
    more: tuple[Put | Drop, ...],
) -> Flow[Change | None]:
    at = yield from now()
    catalog, rows = yield from _load(rules)
    moved = move(rules.templates, catalog)
    if isinstance(moved, Refused):
        raise moved
    puts = _puts(rules, rows, moved.catalog) if moved.catalog is not catalog else ()
    events = (_event(at, moved.change.code, _facts(moved.change)),) if moved.change is not None else ()
    puts += tuple(each for each in more if isinstance(each, Put))
    drops = tuple(each for each in more if isinstance(each, Drop))
    if puts or drops or events:
        yield from commit(Changes(puts, drops, events=events))
    return moved.change


def work_on_refresh(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Read the provider's list because it is time; where that fails it is tried again soon."""
    entry = stored.value
    try:
        yield from sync_templates(rules)
    except (ConfigurationError, TransportError):
        later = attrs.evolve(entry, due=(yield from now()) + TRY_AGAIN)
        yield from commit(Changes(puts=(Put(entry_key(entry.id), later),)))
        return False
    if rules.template_refresh is None:
        yield from commit(Changes(drops=(Drop(entry_key(entry.id), stored.version),)))
    return True


def work_on_report(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Heed the error code of a send that tells something about its template, and have the list read again (TPL-8)."""
    entry = stored.value
    language, code, name = entry.subject.split(":", 2)
    event = ALERTS.get(int(code))
    at = yield from now()
    (stamp,) = yield from new_ids(1)

    def move(defined: tuple[Template, ...], catalog: Catalog) -> Moved | Refused:
        if event is None:
            return Moved(catalog)
        moved = report(defined, catalog, (name, language), event, at, stamp, f"error {code}")
        return Moved(catalog) if isinstance(moved, Refused) else moved

    done = (Drop(entry_key(entry.id)), _refresh_entry(rules, at))
    yield from until_agreed(lambda: _move(rules, move, done))
    return True


def _load(rules: Rules) -> Flow[tuple[Catalog, Rows]]:
    keys = (catalog_key(rules.pool), stamp_key(rules.pool))
    rows = yield from load(*keys)
    return row(rows, keys[0], Catalog) or EMPTY, rows


def _puts(rules: Rules, rows: Rows, catalog: Catalog) -> tuple[Put, ...]:
    whole, stamp = catalog_key(rules.pool), stamp_key(rules.pool)
    return (Put(whole, catalog, version(rows, whole)), Put(stamp, catalog.stamp))


def _refresh_entry(rules: Rules, due: datetime) -> Put:
    key = f"templates:{rules.pool}"
    return Put(entry_key(key), Entry(key, key, "templates", due, rules.pool, bulk=True))


def _event(at: datetime, kind: str, facts: Facts) -> NewEvent:
    return NewEvent(Address(""), "", 0, None, kind, at, facts)


def _facts(change: Change) -> Facts:
    return {name: value for name, value in attrs.asdict(change).items() if name != "code"}
