"""Two contacts turn out to be one person.

The later of each instant makes the window, so both histories count. The conversation that began first stays;
the other one is closed as merged, with a link. The same two threads give the same result in any order.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel import consent, free_entry, sandbox
from wa_omnichannel.conversation.events import (
    ContactsMerged,
    Decision,
    Effect,
    Record,
    set_free,
)
from wa_omnichannel.conversation.model import Contact, Conversation, State, Status, Thread
from wa_omnichannel.conversation.watching import merged
from wa_omnichannel.rules import Rules


def united(kept: Contact, other: Contact) -> Contact:
    """Return the contact with all that is known about both; *kept* goes first, the stricter consent counts."""
    fresh = tuple(address for address in other.addresses if address not in kept.addresses)
    addresses = (*kept.addresses, *fresh)
    return attrs.evolve(
        kept,
        addresses=addresses,
        name=kept.name or other.name,
        language=kept.language or other.language,
        consent=consent.merge(kept.consent, other.consent),
        link=kept.link or other.link,
        preferred=kept.preferred or other.preferred,
    )


def contacts_merged(rules: Rules, state: State, event: ContactsMerged, now: datetime) -> Decision:
    """Put the other contact's window and live conversation on this thread (SES-9)."""
    thread, other = state.thread, event.thread
    stays, goes = older(thread.live, other.live)
    timer: list[Effect] = []
    after = attrs.evolve(
        merged(rules, thread, other, timer),
        replaced_at=max((at for at in (thread.replaced_at, other.replaced_at) if at is not None), default=None),
        free_entry=free_entry.merge(thread.free_entry, other.free_entry),
        membership=sandbox.merge(thread.membership, other.membership),
        reply_to=_later(thread, other).reply_to,
        conversation=stays or thread.conversation,
    )
    record = Record("contacts_merged", {"contact": other.contact, "into": thread.contact})
    if goes is None or stays is None:
        return Decision(attrs.evolve(state, thread=after), (record, *timer))
    effects: tuple[Effect, ...] = (
        record,
        Record("conversation_closed", {"conversation": goes.id, "by": "merged", "into": stays.id}),
        *timer,
    )
    agent, again = set_free(state.agent, goes, now)
    return Decision(State(state.contact, after, agent, None), (*effects, *again))


def older(one: Conversation | None, other: Conversation | None) -> tuple[Conversation | None, Conversation | None]:
    """Return the live conversation that stays and the one that goes; one in wrap-up never outlives another."""
    first, *second = sorted(
        (conversation for conversation in (one, other) if conversation is not None),
        key=lambda each: (each.status is Status.WRAP_UP, each.opened_at, each.id),
    ) or (None,)
    return first, (second[0] if second else None)


def _later(one: Thread, other: Thread) -> Thread:
    """Return the thread in which the customer wrote last; that address is where answers go."""
    mine, theirs = one.window.last_inbound_at, other.window.last_inbound_at
    return other if theirs is not None and (mine is None or theirs > mine) else one
