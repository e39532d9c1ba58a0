"""Looking: conversations, messages, timelines, events. Nothing is written."""

from __future__ import annotations

from wa_omnichannel._flows.loading import find_conversation, row
from wa_omnichannel._flows.steps import Flow, T, load, select
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.errors import NotFound
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
from wa_omnichannel.workforce import Agent


def select_all(query: Query[T]) -> Flow[T]:
    """Return the store's answer to *query*."""
    return (yield from select(query))


def agents() -> Flow[tuple[Agent, ...]]:
    """Return all agents by id."""
    found = yield from select(Agents())
    return tuple(stored.value for stored in found)


def messages(conversation: str) -> Flow[tuple[Message, ...]]:
    """Return the messages of a conversation, the oldest first."""
    listing = yield from find_conversation(conversation)
    return (yield from select(MessagesOf(listing.number, listing.contact, conversation)))


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


def timeline(conversation: str) -> Flow[tuple[Happening, ...]]:
    """Return what happened in a conversation, in order."""
    listing = yield from find_conversation(conversation)
    return (yield from select(Timeline(listing.number, listing.contact, conversation)))


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
