"""Linking customers with the business's own directory: when they write, by hand, and again later if it failed.

The directory is asked before a conversation is opened, so that its rules know the customer. It may fail, be slow
(adapters have time limits) or know several: then the conversation goes on unlinked, says why, and the agenda tries
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.changes import changes_of
from wa_omnichannel._flows.loading import Loaded, conversation_of, find_conversation, load_thread, until_agreed
from wa_omnichannel._flows.steps import FindCustomers, Flow, GetCustomer, HasDirectory, commit, now
from wa_omnichannel.addresses import Address, variants
from wa_omnichannel.conversation import Conversation, Decision, Record, State
from wa_omnichannel.customers import Customer, Link, match
from wa_omnichannel.errors import NotFound
from wa_omnichannel.explain import Check
from wa_omnichannel.ports import Changes, Drop, Entry, Put, Stored, entry_key
from wa_omnichannel.rules import Rules

DIRECTORY = "directory"
"""Who links a customer that was found."""

FIRST_PAUSE = timedelta(seconds=30)
"""How long to wait before the directory is asked again; each time twice as long."""

TRIES = 12
"""How often it is asked again: for about a day."""

_AGAIN = frozenset({"customer_ambiguous", "directory_unavailable"})


@attrs.define
class Lookup:
    """One question to the directory, asked at most once however often a decision is made."""

    addresses: Sequence[Address]
    asked: bool = False
    answer: Customer | str | None = None
    """The one record, or the reason why there is none; None without a directory."""

    def ask(self) -> Flow[Customer | str | None]:
        """Return the answer."""
        if not self.asked:
            self.asked, self.answer = True, (yield from ask(self.addresses))
        return self.answer


@attrs.frozen
class Linking:
    """What the directory's answer means for one decision."""

    state: State
    """With the customer linked, if there is one."""
    told: tuple[Record, ...] = ()
    puts: tuple[Put, ...] = ()


def ask(addresses: Sequence[Address]) -> Flow[Customer | str | None]:
    """Return the one record with one of *addresses*, or why there is no link; None without a directory."""
    if not (yield HasDirectory()):
        return None
    spelled = (*addresses, *(other for address in addresses for other in variants(address)))
    try:
        return match((yield FindCustomers(spelled)))
    except Exception:  # noqa: BLE001 - whatever a directory raises, the conversation goes on
        return "directory_unavailable"


def link(lookup: Lookup, state: State, at: datetime) -> Flow[Linking]:
    """Link the customer before a conversation is opened; one who is linked stays so (CH-41)."""
    if state.contact.link is not None or state.thread.live is not None:
        return Linking(state)
    answer = yield from lookup.ask()
    if answer is None:
        return Linking(state)
    if isinstance(answer, Customer):
        return Linking(linked(state, answer, DIRECTORY, at), (_told(answer, DIRECTORY),))
    contact, number = state.contact.id, state.thread.number
    again = _entry(number, contact, 0, at)
    puts = (Put(entry_key(again.id), again),) if answer in _AGAIN else ()
    return Linking(state, (_untold(answer),), puts)


def linked(state: State, customer: Customer, by: str, at: datetime) -> State:
    """Return the state with its contact linked to *customer*."""
    language = state.contact.language or customer.language
    preferred = customer.preferred or state.contact.preferred
    contact = attrs.evolve(state.contact, link=Link(customer, by, at), language=language, preferred=preferred)
    return attrs.evolve(state, contact=contact)


def _told(customer: Customer, by: str) -> Record:
    facts = {"customer": customer.id, "by": by}
    return Record("customer_linked", facts, (Check("CH-42", True, "customer_matched", facts),))


def _untold(reason: str) -> Record:
    return Record("customer_not_linked", {"reason": reason}, (Check("CH-42", False, reason),))


def _entry(number: Address, contact: str, tries: int, at: datetime) -> Entry:
    name = f"identify:{contact}"
    return Entry(name, name, "identify", at + FIRST_PAUSE * 2**tries, str(tries + 1), number, contact)


def work_on_identify(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Ask the directory again for somebody who could not be linked."""
    entry = stored.value
    loaded = yield from load_thread(entry.number, entry.contact)
    answer = yield from ask(loaded.state.contact.addresses)
    return (yield from until_agreed(lambda: _again(rules, stored, answer)))


def _again(rules: Rules, stored: Stored[Entry], answer: Customer | str | None) -> Flow[bool]:
    entry, at = stored.value, (yield from now())
    loaded = yield from load_thread(entry.number, entry.contact)
    done = Changes(drops=(Drop(entry_key(entry.id), stored.version),))
    if isinstance(answer, Customer) and loaded.state.contact.link is None:
        yield from commit(_linking(rules, loaded, answer, DIRECTORY, at, done))
        return True
    tries = int(entry.subject)
    if answer in _AGAIN and tries < TRIES and loaded.state.contact.link is None:
        later = _entry(entry.number, entry.contact, tries, at)
        yield from commit(Changes((Put(entry_key(entry.id), later, stored.version),)))
        return False
    yield from commit(done)
    return True


def _linking(rules: Rules, loaded: Loaded, customer: Customer, by: str, at: datetime, more: Changes) -> Changes:
    before = loaded.state
    decision = Decision(linked(before, customer, by, at), (_told(customer, by),))
    return changes_of(rules, loaded.rows, before, decision, at, more=more)


def link_by_hand(rules: Rules, conversation: str, customer: str, agent: str) -> Flow[Conversation]:
    """Link the customer of a conversation with a record, whatever it was linked with before (CH-41).

    Raises:
        NotFound: There is no such conversation or record.
    """
    found: Customer | None = (yield GetCustomer(customer)) if (yield HasDirectory()) else None
    if found is None:
        raise NotFound("customer", customer)
    listing = yield from find_conversation(conversation)
    return (yield from until_agreed(lambda: _by_hand(rules, listing.number, listing.contact, found, agent)))


def _by_hand(rules: Rules, number: Address, contact: str, customer: Customer, agent: str) -> Flow[Conversation]:
    loaded, at = (yield from load_thread(number, contact)), (yield from now())
    yield from commit(_linking(rules, loaded, customer, agent, at, Changes()))
    return conversation_of(loaded.state)
