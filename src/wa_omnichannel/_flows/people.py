"""Who wrote: one contact for all addresses of a person, and one person for contacts that turn out to be the same.

A webhook may show several addresses: a phone number, another spelling of it, a business-scoped user id. If
they are known from two contacts, these are merged in one commit; the older contact stays and the id of the
other leads to it. A known phone number with another person's user id was given to somebody new by the phone
company; it moves to a new contact, unless the settings say to merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from wa_omnichannel import consent
from wa_omnichannel._flows.changes import changes_of, closed_listing, together, version
from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.steps import Flow, Pseudonym, commit, load, new_ids
from wa_omnichannel.addresses import Address, is_phone, variants
from wa_omnichannel.consent import Consent
from wa_omnichannel.conversation import Contact, ContactsMerged, State, Thread, decide
from wa_omnichannel.conversation.merging import older, united
from wa_omnichannel.customers import shown_name
from wa_omnichannel.ports import (
    Changes,
    Drop,
    Key,
    Put,
    Rows,
    Stored,
    agent_key,
    alias_key,
    contact_key,
    forgotten_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent

Aliases = Mapping[Address, Stored[object]]


@attrs.frozen
class Person:
    """Whom a webhook is from."""

    contact: str
    """The contact's id."""
    known: bool
    """Whether the contact is in the store."""
    puts: tuple[Put, ...] = ()
    """What must be written so that each of the addresses leads to the contact."""
    stops: Consent = consent.UNKNOWN
    """What a stranger had stopped before they were erased."""


def identify(rules: Rules, addresses: tuple[Address, ...], at: datetime) -> Flow[Person]:
    """Find the contact that has one of *addresses*; those of one person are merged on the way.

    Args:
        rules: The compiled settings.
        addresses: Every address of the webhook.
        at: When the webhook arrived.
    """
    aliases = yield from _aliases(rules, addresses)
    people = sorted({str(stored.value) for stored in aliases.values()})
    user_ids = frozenset(address for address in addresses if not is_phone(address))
    if not people:
        stops = yield from remembered(addresses)
        (new,) = yield from new_ids(1)
        return Person(new, False, _links(rules, addresses, aliases, new), stops)
    if len(people) == 1 and not user_ids:
        return Person(people[0], known=True, puts=_links(rules, addresses, aliases, people[0]))
    contacts = yield from _contacts(people)
    strangers = _strangers(contacts, user_ids) if user_ids and not rules.merge_recycled_numbers else ()
    same = [contact.id for contact in contacts if contact not in strangers]
    contact = same[0] if same else (yield from new_ids(1))[0]
    if strangers:
        moved = yield from _take_away(rules, strangers, addresses)
        puts = (*moved, *_links(rules, addresses, aliases, contact))
        return Person(contact, known=bool(same), puts=puts)
    for other in same[1:]:
        yield from merge(rules, contact, other, at)
    if same[1:]:
        return (yield from identify(rules, addresses, at))
    return Person(contact, known=True, puts=_links(rules, addresses, aliases, contact))


def contact_at(rules: Rules, address: Address, new_contact: str) -> Flow[tuple[str, Aliases]]:
    """Return the contact that an address leads to, its own spelling first, and the addresses that are known.

    Args:
        rules: The compiled settings.
        address: The address.
        new_contact: The id to return if nobody has the address.
    """
    aliases = yield from _aliases(rules, (address,))
    return next((str(stored.value) for stored in aliases.values()), new_contact), aliases


def _aliases(rules: Rules, addresses: tuple[Address, ...]) -> Flow[Aliases]:
    """Return those of the addresses, and of the other spellings of their numbers, that are known; in that order."""
    others = (other for address in addresses for other in variants(address))
    keys = {alias_key(rules.pool, address): address for address in (*addresses, *others)}
    rows = yield from load(*keys)
    return {keys[key]: rows[key] for key in keys if key in rows}


def remembered(addresses: tuple[Address, ...]) -> Flow[Consent]:
    """Return what somebody with one of these addresses had stopped before they were erased."""
    stops = consent.UNKNOWN
    for address in addresses:
        name: str | None = yield Pseudonym(address)
        if name is not None:
            key = forgotten_key(name)
            stops = consent.merge(stops, row((yield from load(key)), key, Consent) or consent.UNKNOWN)
    return stops


def _links(rules: Rules, addresses: tuple[Address, ...], known: Aliases, contact: str) -> tuple[Put, ...]:
    """Let every address lead to the contact; one that is known is written against the version it was read with."""
    wrong = (address for address in addresses if address not in known or known[address].value != contact)
    return tuple(
        Put(alias_key(rules.pool, address), contact, known[address].version if address in known else 0)
        for address in wrong
    )


def _contacts(ids: Iterable[str]) -> Flow[tuple[Contact, ...]]:
    keys = [contact_key(each) for each in ids]
    rows = yield from load(*keys)
    return tuple(row(rows, key, Contact) or Contact(key[1]) for key in keys)


def _strangers(contacts: Iterable[Contact], user_ids: frozenset[Address]) -> tuple[Contact, ...]:
    """Return the contacts whose user id is another one: they share a phone number, not a person."""
    return tuple(
        contact
        for contact in contacts
        if not user_ids.intersection(contact.addresses) and not all(map(is_phone, contact.addresses))
    )


def _take_away(rules: Rules, strangers: Iterable[Contact], addresses: tuple[Address, ...]) -> Flow[tuple[Put, ...]]:
    """Take the addresses off contacts that no longer have them; their answers go to what they keep."""
    puts: list[Put] = []
    for contact in strangers:
        kept = tuple(address for address in contact.addresses if address not in addresses)
        keys = [contact_key(contact.id), *(thread_key(number.number, contact.id) for number in rules.numbers)]
        rows = yield from load(*keys)
        puts.append(Put(keys[0], attrs.evolve(contact, addresses=kept), version(rows, keys[0])))
        for key in keys[1:]:
            thread = row(rows, key, Thread)
            if thread is not None and thread.reply_to not in kept:
                puts.append(Put(key, attrs.evolve(thread, reply_to=kept[0]), version(rows, key)))
    return tuple(puts)


def merge(rules: Rules, into: str, other: str, at: datetime) -> Flow[None]:
    """Make one person of two contacts: addresses, windows and live conversations, in one commit.

    Raises:
        ConcurrentUpdate: One of the rows changed meanwhile; decide again.
    """
    rows = yield from _pair(rules, into, other)
    kept = row(rows, contact_key(into), Contact) or Contact(into)
    gone = row(rows, contact_key(other), Contact) or Contact(other)
    contact = united(kept, gone)
    parts = [Changes(tuple(_united(rules, rows, contact, gone)))]
    for number in rules.numbers:
        theirs = row(rows, thread_key(number.number, other), Thread)
        if theirs is not None:
            changes, rows = _merge_threads(rules, rows, contact, theirs, at)
            parts.append(changes)
    yield from commit(together(parts))


def _pair(rules: Rules, into: str, other: str) -> Flow[Rows]:
    """Load everything that two contacts have: themselves, threads, addresses, and the agents concerned."""
    keys: list[Key] = [contact_key(into), contact_key(other)]
    keys += [thread_key(number.number, contact) for number in rules.numbers for contact in (into, other)]
    rows = yield from load(*keys)
    gone = row(rows, contact_key(other), Contact)
    more = [alias_key(rules.pool, address) for address in gone.addresses] if gone else []
    threads = (stored.value for stored in rows.values() if isinstance(stored.value, Thread))
    agents = {thread.live.agent for thread in threads if thread.live is not None and thread.live.agent}
    return {**rows, **(yield from load(*more, *map(agent_key, sorted(agents))))}


def _united(rules: Rules, rows: Rows, contact: Contact, gone: Contact) -> Iterator[Put]:
    yield Put(contact_key(contact.id), contact, version(rows, contact_key(contact.id)))
    redirect = Contact(gone.id, name=gone.name, language=gone.language, merged_into=contact.id)
    yield Put(contact_key(gone.id), redirect, version(rows, contact_key(gone.id)))
    for address in gone.addresses:
        key = alias_key(rules.pool, address)
        yield Put(key, contact.id, version(rows, key))


def _merge_threads(rules: Rules, rows: Rows, contact: Contact, theirs: Thread, at: datetime) -> tuple[Changes, Rows]:
    """Merge two threads with one number; also returns the rows as the next number must see them."""
    mine = row(rows, thread_key(theirs.number, contact.id), Thread)
    mine = mine or Thread(theirs.number, contact.id, theirs.reply_to)
    _, goes = older(mine.live, theirs.live)
    holder = agent_key(goes.agent) if goes is not None and goes.agent else None
    before = State(contact, mine, row(rows, holder, Agent) if holder else None)
    decision = decide(rules, before, ContactsMerged(theirs), at)
    key = thread_key(theirs.number, theirs.contact)
    puts = [Put(key, attrs.evolve(theirs, conversation=None), version(rows, key))]
    if goes is not None and goes is theirs.live:
        puts.append(closed_listing(goes, theirs, shown_name(contact.link, contact.name, theirs.reply_to), at))
    more = Changes(tuple(puts), (Drop(waiting_key(goes.id)),) if goes is not None else ())
    changes = changes_of(rules, rows, before, decision, at, more=more)
    if holder is not None:
        rows = {**rows, holder: Stored(decision.state.agent, version(rows, holder))}
    return changes, rows
