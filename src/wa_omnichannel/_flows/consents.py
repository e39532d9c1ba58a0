"""Consent from outside the conversation: a web form, a shop, another system."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from wa_omnichannel import consent
from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.steps import Flow, commit, load, new_ids, now
from wa_omnichannel.addresses import Address, variants
from wa_omnichannel.consent import Consent
from wa_omnichannel.conversation import Contact
from wa_omnichannel.ports import Changes, Key, NewEvent, Put, Rows, alias_key, contact_key
from wa_omnichannel.rules import Rules


def consent_of(rules: Rules, to: Address) -> Flow[Consent]:
    """Return what a customer said; nothing for a stranger."""
    _, contact = yield from _find(rules, to, "")
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


def _tell(rules: Rules, to: Address, said: Consent, new_contact: str) -> Flow[Consent]:
    rows, contact = yield from _find(rules, to, new_contact)
    after = attrs.evolve(contact, consent=consent.update(contact.consent, said))
    if after.consent == contact.consent:
        return after.consent
    at = yield from now()
    key, alias = contact_key(contact.id), alias_key(rules.pool, to)
    puts = [Put(key, after, version(rows, key))]
    if not any(_alias(rules, to, rows)):
        puts.append(Put(alias, contact.id, 0))
    facts = {"consent": after.consent, "to": to}
    event = NewEvent(Address(""), contact.id, 0, None, "consent_recorded", at, facts)
    yield from commit(Changes(tuple(puts), events=(event,)))
    return after.consent


def _find(rules: Rules, to: Address, new_contact: str) -> Flow[tuple[Rows, Contact]]:
    aliases = yield from load(*_keys(rules, to))
    contact = next(iter(_alias(rules, to, aliases)), new_contact)
    rows = {**aliases, **(yield from load(contact_key(contact)))}
    return rows, row(rows, contact_key(contact), Contact) or Contact(contact, (to,))


def _keys(rules: Rules, to: Address) -> tuple[Key, ...]:
    return tuple(alias_key(rules.pool, address) for address in (to, *variants(to)))


def _alias(rules: Rules, to: Address, rows: Rows) -> tuple[str, ...]:
    """Return the contacts that the address leads to, its own spelling first."""
    return tuple(str(rows[key].value) for key in _keys(rules, to) if key in rows)
