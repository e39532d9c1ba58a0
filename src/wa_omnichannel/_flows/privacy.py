"""A person's data: everything about them in one value, and its removal."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import attrs

from wa_omnichannel import consent
from wa_omnichannel._flows import agents
from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.people import contact_at
from wa_omnichannel._flows.steps import CanRedact, Discard, Flow, Forget, Pseudonym, Redact, commit, load, select
from wa_omnichannel.addresses import Address, variants
from wa_omnichannel.consent import Consent, Scope, Statement
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.errors import ConfigurationError, Refused, TransportError
from wa_omnichannel.messages import Media
from wa_omnichannel.ports import (
    Changes,
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
    thread_key,
)
from wa_omnichannel.rules import Rules

ERASED = "erased"
"""Source of an opt-out that outlived the rest."""


@attrs.frozen
class PersonFile:
    """Everything that is known about one person."""

    contacts: tuple[Contact, ...] = ()
    """The contact, and those that were merged into it."""
    threads: tuple[Thread, ...] = ()
    conversations: tuple[Listing, ...] = ()
    messages: tuple[Message, ...] = ()
    events: tuple[Happening, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of the person."""
        replied = (thread.reply_to for thread in self.threads)
        return tuple(dict.fromkeys([each for it in self.contacts for each in it.addresses] + list(replied)))


@attrs.frozen
class Erasure:
    """What erasing a person came to."""

    rows: int
    """Rows that were removed, and events that were emptied."""
    files: int = 0
    redacted: tuple[str, ...] = ()
    """Messages whose copy at the provider was emptied, by the provider's identifier."""
    left: tuple[str, ...] = ()
    """Messages whose copy at the provider is still there: remove it by hand."""


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
