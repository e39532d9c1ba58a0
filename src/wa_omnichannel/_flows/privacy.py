"""A person's data: everything about them in one value, and its removal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import attrs

from wa_omnichannel import consent
from wa_omnichannel._flows import agents
from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.people import contact_at
from wa_omnichannel._flows.steps import CanRedact, Discard, Flow, Forget, Pseudonym, Redact, commit, load, now, select
from wa_omnichannel.addresses import Address, variants
from wa_omnichannel.consent import Consent, Scope, Statement
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.errors import ConfigurationError, Refused, TransportError
from wa_omnichannel.messages import Media
from wa_omnichannel.ports import (
    Changes,
    ClosedBefore,
    Forgetting,
    Happening,
    Listing,
    MessagesOf,
    Put,
    Rows,
    Timeline,
    contact_key,
    conversation_key,
    forgotten_key,
    message_key,
    thread_key,
)
from wa_omnichannel.privacy import Erasure, PersonFile, Retained, Retention
from wa_omnichannel.rules import Rules

ERASED = "erased"
"""Source of an opt-out that outlived the rest."""


def person(rules: Rules, address: Address) -> Flow[PersonFile]:
    """Return everything that is known about whoever has *address*; an empty file for a stranger."""
    found, _ = yield from contact_at(rules, address, "")
    if not found:
        return PersonFile()
    waiting, seen = [found], PersonFile()
    while waiting:
        contact = waiting.pop()
        part = yield from _part(rules, contact)
        seen = PersonFile(
            (*seen.contacts, *part.contacts),
            (*seen.threads, *part.threads),
            (*seen.conversations, *part.conversations),
            (*seen.messages, *part.messages),
            (*seen.events, *part.events),
        )
        known = {each.id for each in seen.contacts}
        waiting += [old for old in _merged(part.events, contact) if old not in known]
    return seen


def _part(rules: Rules, contact: str) -> Flow[PersonFile]:
    """Return what is kept under one contact."""
    numbers = [number.number for number in rules.numbers]
    rows = yield from load(contact_key(contact), *(thread_key(number, contact) for number in numbers))
    threads = tuple(each.value for each in rows.values() if isinstance(each.value, Thread))
    messages: list[Message] = []
    events: list[Happening] = list((yield from select(Timeline(Address(""), contact))))
    for number in numbers:
        messages += yield from select(MessagesOf(number, contact))
        events += yield from select(Timeline(number, contact))
    known = {each.conversation for each in messages} | {each.event.conversation for each in events}
    keys = [conversation_key(each) for each in sorted(each for each in known if each)]
    listed: Rows = yield from load(*keys)
    listings = tuple(each.value for each in listed.values() if isinstance(each.value, Listing))
    owner = row(rows, contact_key(contact), Contact) or Contact(contact)
    return PersonFile((owner,), threads, listings, tuple(messages), tuple(events))


def _merged(events: tuple[Happening, ...], into: str) -> Iterator[str]:
    """Yield the contacts that were merged into one, as its timelines tell."""
    for happening in events:
        if happening.event.kind == "contacts_merged" and happening.event.facts.get("into") == into:
            yield str(happening.event.facts.get("contact"))


def erase(rules: Rules, address: Address) -> Flow[Erasure]:
    """Remove everything about whoever has *address*, whatever else they are known by. May be repeated.

    Raises:
        ConfigurationError: They stopped messages, and the channel has no key to keep that by; or the store cannot
            forget.
    """
    file = yield from person(rules, address)
    for listing in file.conversations:
        with contextlib.suppress(Refused):
            yield from agents.close(rules, listing.conversation.id, None, None)
    yield from _keep_stops(file)
    blobs = {each.content.blob for each in file.messages if isinstance(each.content, Media) and each.content.blob}
    for blob in sorted(blobs):
        yield Discard(blob)
    redacted, left = yield from _redact(tuple(each.sid for each in file.messages if each.sid))
    known = dict.fromkeys((address, *file.addresses))
    spellings = tuple(dict.fromkeys(each for one in known for each in (one, *variants(one))))
    ids = tuple(each.id for each in file.contacts)
    conversations = tuple(each.conversation.id for each in file.conversations)
    rows: int = yield Forget(Forgetting(ids, conversations, spellings))
    return Erasure(rows, len(blobs), redacted, left)


def _keep_stops(file: PersonFile) -> Flow[None]:
    """Keep what the person stopped under keyed hashes of their addresses."""
    known = consent.UNKNOWN
    for contact in file.contacts:
        known = consent.merge(known, contact.consent)
    stops = Consent(_stop(known, Scope.EVERYTHING), _stop(known, Scope.MARKETING), known.blocks)
    if stops.silent:
        return
    puts: list[Put] = []
    for address in file.addresses:
        name: str | None = yield Pseudonym(address)
        if name is None:
            raise ConfigurationError("This person stopped messages. Give the channel pseudonyms= to keep that.")
        puts.append(Put(forgotten_key(name), stops))
    yield from commit(Changes(tuple(puts)))


def _stop(known: Consent, scope: Scope) -> Statement | None:
    said = known.of(scope)
    return attrs.evolve(said, source=ERASED) if said is not None and not said.granted else None


def _redact(sids: tuple[str, ...]) -> Flow[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Empty the provider's copies; returns those that are empty now, and those that are left."""
    redacted: list[str] = []
    can: bool = yield CanRedact()
    for sid in sids if can else ():
        with contextlib.suppress(TransportError):
            yield Redact(sid)
            redacted.append(sid)
    return tuple(redacted), tuple(sid for sid in sids if sid not in redacted)


def retain(rules: Rules, retention: Retention) -> Flow[Retained]:
    """Remove what is older than it may be; may be repeated at any time."""
    at = yield from now()
    files = conversations = 0
    if retention.conversations is not None:
        gone = yield from _closed(at - retention.conversations)
        for listing in gone:
            files += yield from _drop_files(listing, keep_rows=False)
            yield from until_agreed(partial(_let_go, listing))
        if gone:
            yield Forget(Forgetting(closed=tuple(each.conversation.id for each in gone)))
        conversations = len(gone)
    if retention.files is not None:
        for listing in (yield from _closed(at - retention.files)):
            files += yield from _drop_files(listing, keep_rows=True)
    return Retained(conversations, files)


def _closed(before: datetime) -> Flow[tuple[Listing, ...]]:
    """Return every conversation that was closed before an instant."""
    found: list[Listing] = []
    while page := (yield from select(ClosedBefore(before, _place(found)))):
        found += page
    return tuple(found)


def _place(found: list[Listing]) -> tuple[datetime, str] | None:
    last = found[-1].conversation if found else None
    return (last.changed_at, last.id) if last is not None else None


def _drop_files(listing: Listing, *, keep_rows: bool) -> Flow[int]:
    """Remove the files of a conversation; returns how many."""
    count = 0
    for message in (yield from select(MessagesOf(listing.number, listing.contact, listing.conversation.id))):
        if isinstance(message.content, Media) and message.content.blob:
            yield Discard(message.content.blob)
            count += 1
            if keep_rows:
                bare = attrs.evolve(message, content=attrs.evolve(message.content, blob=None, url=""))
                yield from commit(Changes((Put(message_key(message.id), bare),)))
    return count


def _let_go(listing: Listing) -> Flow[None]:
    """Let the thread forget its last conversation, if it is this one."""
    key = thread_key(listing.number, listing.contact)
    rows = yield from load(key)
    thread = row(rows, key, Thread)
    if thread is not None and thread.conversation is not None and thread.conversation.id == listing.conversation.id:
        yield from commit(Changes((Put(key, attrs.evolve(thread, conversation=None), version(rows, key)),)))
