"""Writing to customers first: now, when quiet hours are over, or at a time; each of them on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import attrs

from wa_omnichannel._flows import sending
from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.people import contact_at
from wa_omnichannel._flows.steps import Flow, commit, load, new_ids, now
from wa_omnichannel.errors import Refused
from wa_omnichannel.messages import TemplateMessage
from wa_omnichannel.outbound import Configuration, Item, Outreach, Reached, Recipient, chunks, decide
from wa_omnichannel.ports import (
    Changes,
    Drop,
    Entry,
    NewEvent,
    Put,
    Stored,
    entry_key,
    outreach_item_key,
    outreach_key,
)
from wa_omnichannel.rules import Rules

KIND = "outreach"
"""Kind of the agenda entries of recipients who have to wait."""


def reach(
    rules: Rules,
    configuration: Configuration,
    recipients: Sequence[Recipient],
    due: datetime | None,
    request: str | None,
) -> Flow[tuple[Reached, ...]]:
    """Write to *recipients*, in requests of at most a hundred (OUT-4); one who is refused stops nobody else.

    Raises:
        InvalidValue: Somebody is among them twice.
    """
    (own,) = yield from new_ids(1)
    requests = [tuple(_items(configuration, part, request or own)) for part in chunks(recipients)]
    found: list[Reached] = []
    for item in (item for items in requests for item in items):
        reached = yield from _one(rules, item, due)
        found.append(reached)
    return tuple(found)


def _items(configuration: Configuration, recipients: Sequence[Recipient], request: str) -> Iterator[Item]:
    for recipient in recipients:
        print_ = sha256(recipient.to.encode()).hexdigest()[:16]
        yield Item(f"{request}:{print_}", configuration, recipient)


def _one(rules: Rules, item: Item, due: datetime | None) -> Flow[Reached]:
    """Write to one recipient, or plan to."""
    at = yield from now()
    if due is not None and due > at:
        return (yield from _plan(item, due))
    to = item.recipient.to
    contact, _ = yield from contact_at(rules, to, "")
    known = (yield from _outreach(contact))[0]
    if all(each.key != item.key for each in known.sent):
        decided = decide(item, known.sent, at)
        if isinstance(decided, Refused):
            return Reached(to, refusal=decided)
        if decided > at:
            return (yield from _plan(item, decided))
    return (yield from _send(rules, item, at))


def _outreach(contact: str) -> Flow[tuple[Outreach, int]]:
    key = outreach_key(contact)
    rows = yield from load(key)
    return row(rows, key, Outreach) or Outreach(contact), version(rows, key)


def _plan(item: Item, due: datetime) -> Flow[Reached]:
    """Put it on the agenda; planning it again moves it."""
    entry = Entry(f"{KIND}:{item.key}", f"{KIND}:{item.key}", KIND, due, item.key, item.configuration.number)
    yield from commit(Changes((Put(entry_key(entry.id), entry), Put(outreach_item_key(item.key), item))))
    return Reached(item.recipient.to, due=due)


def _send(rules: Rules, item: Item, at: datetime) -> Flow[Reached]:
    """Hand it to the same flow as any other message, and note it for caps and answers."""
    configuration, recipient = item.configuration, item.recipient
    content = TemplateMessage(configuration.template, recipient.variables, recipient.language)
    order = sending.Order(content, f"outbound:{configuration.id}")
    request = f"{KIND}:{item.key}"
    try:
        message = yield from sending.start(rules, configuration.number, recipient.to, order, request)
    except Refused as refused:
        return Reached(recipient.to, refusal=refused)
    yield from until_agreed(_noting(item, message.contact, at))
    return Reached(recipient.to, message.id)


def _noting(item: Item, contact: str, at: datetime) -> Callable[[], Flow[None]]:
    def attempt() -> Flow[None]:
        known, expected = yield from _outreach(contact)
        if any(each.key == item.key for each in known.sent):
            return
        after = known.noted(item.configuration, item.recipient, item.key, at)
        facts = {"configuration": item.configuration.id, "shown": item.configuration.shown}
        event = NewEvent(item.configuration.number, contact, 0, None, "outreach_sent", at, facts)
        yield from commit(Changes((Put(outreach_key(contact), after, expected),), events=(event,)))

    return attempt


def work_on_outreach(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Write to somebody whose time has come; everything is decided again."""
    entry, at = stored.value, (yield from now())
    key = outreach_item_key(entry.subject)
    item = row((yield from load(key)), key, Item)
    done = Changes(drops=(Drop(entry_key(entry.id)), Drop(key)))
    if item is None:
        yield from commit(done)
        return True
    reached = yield from _one(rules, item, None)
    if reached.due is not None:
        return False
    if reached.refusal is not None:
        facts = {"configuration": item.configuration.id, "reason": reached.refusal.reason}
        event = NewEvent(item.configuration.number, "", 0, None, "outreach_refused", at, facts, reached.refusal.trace)
        done = attrs.evolve(done, events=(event,))
    yield from commit(done)
    return True
