"""What a send decision needs to know, gathered from the rows of a thread."""

from __future__ import annotations

from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation.model import Contact, State
from wa_omnichannel.sending import Situation
from wa_omnichannel.sources import Person, Sources


def situation(state: State, party: Party) -> Situation:
    """Return what the send decision needs to know about the thread.

    Args:
        state: The rows of the thread.
        party: Who sends.
    """
    live = state.thread.live
    language = live.attributes.get("language") if live else None
    known = str(language) if language else state.contact.language
    thread, contact = state.thread, state.contact
    others = tuple(address for address in contact.addresses if address != thread.reply_to)
    return Situation(
        thread.window,
        known,
        party,
        contact.consent,
        sources(state),
        (thread.reply_to, *others),
        state.counters,
        thread.free_entry,
        state.free_at,
        thread.replaced_at,
    )


def sources(state: State) -> Sources:
    """Return what texts may say about the people and the conversation.

    The customer is called as the directory has them, otherwise what they call themselves on WhatsApp; the agent by
    the name in the settings. The first word of a name counts as the first name.
    """
    live, agent = state.thread.live, state.agent
    context = {name: str(value) for name, value in live.attributes.items()} if live else {}
    return Sources(customer(state.contact), person(agent.name if agent is not None else ""), context)


def customer(contact: Contact) -> Person:
    """Return what is known about a customer's name."""
    if contact.link is None or not contact.link.customer.name:
        return person(contact.name)
    known = contact.link.customer
    return Person(known.name, known.first_name, known.last_name, known.first_name)


def person(name: str) -> Person:
    """Return what *name* tells about somebody.

    >>> person("Ana María López").first_name
    'Ana'
    """
    first, _, last = name.strip().partition(" ")
    return Person(name.strip(), first, last.strip(), name.strip())
