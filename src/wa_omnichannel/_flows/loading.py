"""Loading the rows of a decision, and deciding again when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from wa_omnichannel._flows.steps import Flow, T, load
from wa_omnichannel.addresses import Address
from wa_omnichannel.consent import UNKNOWN, Consent
from wa_omnichannel.conversation import Contact, Conversation, Message, State, Thread
from wa_omnichannel.errors import ConcurrentUpdate, NotFound, StoreUnavailable
from wa_omnichannel.ports import (
    Key,
    Listing,
    Rows,
    agent_key,
    contact_key,
    conversation_key,
    message_key,
    pace_key,
    thread_key,
)
from wa_omnichannel.workforce import Agent

CONFLICTS = 100
"""How often a decision is made again because rows changed in the meantime."""


def row(rows: Rows, key: Key, kind: type[T]) -> T | None:
    """Return the value of a row if it is there."""
    stored = rows.get(key)
    if stored is None:
        return None
    if not isinstance(stored.value, kind):
        raise TypeError(f"{key} holds a {type(stored.value).__name__}")
    return stored.value


@attrs.frozen
class Loaded:
    """The rows of one thread and the state they make."""

    rows: Rows
    state: State


def begun(rows: Rows, number: Address, contact: str, addresses: tuple[Address, ...], stops: Consent = UNKNOWN) -> State:
    """Return the contact and the thread as they are in *rows*, or at their beginning if they are not there.

    *stops* is what somebody new had stopped before they were erased.
    """
    person = row(rows, contact_key(contact), Contact) or Contact(contact, addresses, consent=stops)
    thread = row(rows, thread_key(number, contact), Thread) or Thread(number, contact, addresses[0])
    return State(person, thread)


def pace_keys(number: Address, contact: str) -> tuple[Key, Key]:
    """Return the keys of the paces of the pair and of the number."""
    return pace_key(number, contact), pace_key(number)


def load_thread(
    number: Address, contact: str, *, message: str | None = None, agent: str | None = None, paces: bool = False
) -> Flow[Loaded]:
    """Load a thread with its contact, and a message, an agent and the paces of its sends if they are asked for.

    A contact that was merged into another leads to that one. The agent who holds the live conversation is loaded
    where no other is named.

    Raises:
        NotFound: There is no such thread, or no such agent.
    """
    keys: list[Key] = [contact_key(contact), thread_key(number, contact)]
    keys += [message_key(message)] if message else []
    keys += [agent_key(agent)] if agent else []
    keys += pace_keys(number, contact) if paces else ()
    rows = yield from load(*keys)
    known = row(rows, contact_key(contact), Contact) or Contact(contact)
    if known.merged_into is not None:
        return (yield from load_thread(number, known.merged_into, message=message, agent=agent, paces=paces))
    thread = row(rows, thread_key(number, contact), Thread)
    if thread is None:
        raise NotFound("conversation", f"{number}/{contact}")
    if agent is not None and agent_key(agent) not in rows:
        raise NotFound("agent", agent)
    holder = agent or (thread.live.agent if thread.live else None)
    if holder is not None and agent is None:
        rows = {**rows, **(yield from load(agent_key(holder)))}
    found = row(rows, message_key(message), Message) if message else None
    staff = row(rows, agent_key(holder), Agent) if holder else None
    return Loaded(rows, State(known, thread, staff, found))


def find_conversation(conversation: str) -> Flow[Listing]:
    """Return where a conversation is.

    Raises:
        NotFound: There is no such conversation.
    """
    key = conversation_key(conversation)
    listing = row((yield from load(key)), key, Listing)
    if listing is None:
        raise NotFound("conversation", conversation)
    return listing


def until_agreed(attempt: Callable[[], Flow[T]]) -> Flow[T]:
    """Run *attempt*, which loads, decides and commits, until no other change comes in between.

    Raises:
        StoreUnavailable: It did not succeed in :data:`CONFLICTS` attempts.
    """
    for _ in range(CONFLICTS):
        try:
            return (yield from attempt())
        except ConcurrentUpdate:
            continue
    raise StoreUnavailable(f"The rows kept changing during {CONFLICTS} attempts; try again.")


def conversation_of(state: State) -> Conversation:
    """Return the conversation of a thread that has one."""
    conversation = state.thread.conversation
    if conversation is None:
        raise NotFound("conversation", state.thread.contact)
    return conversation
