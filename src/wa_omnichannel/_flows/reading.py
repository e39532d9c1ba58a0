"""Looking: conversations, messages, timelines, events. Nothing is written."""

from __future__ import annotations

import attrs

from wa_omnichannel._flows.loading import find_conversation, row
from wa_omnichannel._flows.steps import Flow, T, load, select
from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.errors import NotFound
from wa_omnichannel.masking import NO_MASKING, Masking
from wa_omnichannel.ports import (
    Agents,
    Happening,
    MessagesOf,
    Query,
    Timeline,
    contact_key,
    message_key,
    thread_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent


def select_all(query: Query[T]) -> Flow[T]:
    """Return the store's answer to *query*."""
    return (yield from select(query))


def shown(rules: Rules, masked: bool) -> Masking:
    """Return how texts are shown: as the settings mask them, or as they are."""
    return rules.masking if masked else NO_MASKING


def agents() -> Flow[tuple[Agent, ...]]:
    """Return all agents by id."""
    found = yield from select(Agents())
    return tuple(stored.value for stored in found)


def messages(conversation: str, masking: Masking = NO_MASKING) -> Flow[tuple[Message, ...]]:
    """Return the messages of a conversation, the oldest first, as *masking* shows them (MSK-1)."""
    listing = yield from find_conversation(conversation)
    found = yield from select(MessagesOf(listing.number, listing.contact, conversation))
    return tuple(attrs.evolve(each, content=masking.content(each.content, each.party)) for each in found)


def message(message_id: str) -> Flow[Message]:
    """Return one message.

    Raises:
        NotFound: There is no such message.
    """
    key = message_key(message_id)
    found = row((yield from load(key)), key, Message)
    if found is None:
        raise NotFound("message", message_id)
    return found


def timeline(conversation: str, masking: Masking = NO_MASKING) -> Flow[tuple[Happening, ...]]:
    """Return what happened in a conversation, in order, with the words of messages as *masking* shows them."""
    listing = yield from find_conversation(conversation)
    found = yield from select(Timeline(listing.number, listing.contact, conversation))
    return tuple(_masked(each, masking) for each in found)


def _masked(happening: Happening, masking: Masking) -> Happening:
    """Mask the beginning of a message that its event repeats."""
    event = happening.event
    said = event.facts.get("text")
    if not isinstance(said, str):
        return happening
    party = Party.CUSTOMERS if event.kind == "message_received" else Party.AGENTS
    shown = {**event.facts, "text": masking.text(said, party)}
    return attrs.evolve(happening, event=attrs.evolve(event, facts=shown))


def thread(conversation: str) -> Flow[Thread]:
    """Return the thread of a conversation: its window and the conversation that is going on now."""
    listing = yield from find_conversation(conversation)
    key = thread_key(listing.number, listing.contact)
    found = row((yield from load(key)), key, Thread)
    if found is None:
        raise NotFound("conversation", conversation)
    return found


def contact(contact_id: str) -> Flow[Contact]:
    """Return a contact.

    Raises:
        NotFound: There is no such contact.
    """
    key = contact_key(contact_id)
    found = row((yield from load(key)), key, Contact)
    if found is None:
        raise NotFound("contact", contact_id)
    return found
