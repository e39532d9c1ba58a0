"""Consent from outside the conversation: a web form, a shop, another system."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wa_omnichannel import consent
from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.people import Aliases, contact_at
from wa_omnichannel._flows.steps import Flow, commit, load, new_ids, now, select
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import Consent
from wa_omnichannel.consent.rows import export_rows
from wa_omnichannel.conversation import Contact
from wa_omnichannel.ports import Changes, Contacts, NewEvent, Put, Rows, alias_key, contact_key
from wa_omnichannel.rules import Rules


def consent_of(rules: Rules, to: Address) -> Flow[Consent]:
    """Return what a customer said; nothing for a stranger."""
    contact, _, __ = yield from _find(rules, to, "")
    return contact.consent


def tell(rules: Rules, news: Mapping[Address, Consent]) -> Flow[dict[Address, Consent]]:
    """Add what is new about each customer to what is known; strangers become contacts.

    Returns:
        The consent of each of them afterwards.
    """
    known: dict[Address, Consent] = {}
    for to, said in news.items():
        (contact_id,) = yield from new_ids(1)
        known[to] = yield from until_agreed(lambda to=to, said=said, new=contact_id: _tell(rules, to, said, new))  # type: ignore[misc]
    return known


def export() -> Flow[tuple[dict[str, str], ...]]:
    """Return the consent of every contact of the store as rows, by contact, with instants and sources.

    A person with several addresses has rows under the first of them; an import finds them under any.
    """
    rows: list[dict[str, str]] = []
    after = ""
    while page := (yield from select(Contacts(after))):
        after = page[-1].id
        for contact in page:
            if contact.addresses and contact.merged_into is None:
                rows += export_rows(contact.addresses[0], contact.consent)
    return tuple(rows)


def _tell(rules: Rules, to: Address, said: Consent, new_contact: str) -> Flow[Consent]:
    contact, rows, aliases = yield from _find(rules, to, new_contact)
    after = attrs.evolve(contact, consent=consent.update(contact.consent, said))
    if after.consent == contact.consent:
        return after.consent
    at = yield from now()
    key = contact_key(contact.id)
    puts = [Put(key, after, version(rows, key))]
    if not aliases:
        puts.append(Put(alias_key(rules.pool, to), contact.id, 0))
    facts = {"consent": after.consent, "to": to}
    event = NewEvent(Address(""), contact.id, 0, None, "consent_recorded", at, facts)
    yield from commit(Changes(tuple(puts), events=(event,)))
    return after.consent


def _find(rules: Rules, to: Address, new_contact: str) -> Flow[tuple[Contact, Rows, Aliases]]:
    """Return whoever has the address, with the rows that were read to find out."""
    contact, aliases = yield from contact_at(rules, to, new_contact)
    key = contact_key(contact)
    rows = yield from load(key)
    return row(rows, key, Contact) or Contact(contact, (to,)), rows, aliases
