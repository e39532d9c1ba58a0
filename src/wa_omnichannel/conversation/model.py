"""The rows a conversation is made of, and its states.

Three clocks that must not be mixed: the WhatsApp window (:mod:`wa_omnichannel.session`), an agent's
session, and the conversation, whose states stand in :data:`TRANSITIONS`. Source: Microsoft Learn,
"Understand conversation states", for asynchronous channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum

import attrs

from wa_omnichannel._frozen import EMPTY, evolve
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import Party
from wa_omnichannel.automation import NOTHING, Memory
from wa_omnichannel.conditions import Attributes, Value
from wa_omnichannel.consent import UNKNOWN, Consent
from wa_omnichannel.customers import Link
from wa_omnichannel.free_entry import FreeEntry
from wa_omnichannel.messages import Content, DeliveryStatus
from wa_omnichannel.overflow import Arrival
from wa_omnichannel.sandbox import Membership
from wa_omnichannel.sending.limits import NOTHING_COUNTED, Counters
from wa_omnichannel.session import NEVER_OPENED, Window
from wa_omnichannel.skills import NO_NEEDS, Requirement
from wa_omnichannel.workforce import Agent

_NO_ATTRIBUTES: Mapping[str, Value] = EMPTY
_NO_DECLINES: Mapping[str, int] = EMPTY


class Status(Enum):
    """State of a conversation."""

    OPEN = "open"
    """Waits in a queue; nobody has it."""
    ACTIVE = "active"
    """An agent has it; capacity is in use from assignment on (LIF-1)."""
    WAITING = "waiting"
    """The agent left it open for the customer; no capacity in use (LIF-2)."""
    WRAP_UP = "wrap_up"
    """The agent ended it and finishes the paperwork."""
    CLOSED = "closed"
    """Final: a later message starts a new conversation."""

    __hash__ = object.__hash__  # the members of an enumeration are themselves; by name it takes five times as long


class Step(Enum):
    """What can happen to a conversation."""

    CUSTOMER_WRITES = "customer_writes"
    ASSIGNED = "assigned"
    PICKED = "picked"
    RELEASED = "released"
    """The agent is gone, or it goes back to a queue."""
    PARKED = "parked"
    """The agent closes the session without ending the conversation."""
    ENDED = "ended"
    CLOSED = "closed"
    EXPIRED = "expired"
    """The time limit of the state passed."""

    __hash__ = object.__hash__


TRANSITIONS: Mapping[tuple[Status | None, Step], Status] = {
    (None, Step.CUSTOMER_WRITES): Status.OPEN,
    (Status.OPEN, Step.CUSTOMER_WRITES): Status.OPEN,
    (Status.OPEN, Step.ASSIGNED): Status.ACTIVE,
    (Status.OPEN, Step.PICKED): Status.ACTIVE,
    (Status.OPEN, Step.CLOSED): Status.CLOSED,
    (Status.OPEN, Step.EXPIRED): Status.CLOSED,
    (Status.ACTIVE, Step.CUSTOMER_WRITES): Status.ACTIVE,
    (Status.ACTIVE, Step.RELEASED): Status.OPEN,
    (Status.ACTIVE, Step.PARKED): Status.WAITING,
    (Status.ACTIVE, Step.ENDED): Status.WRAP_UP,
    (Status.ACTIVE, Step.CLOSED): Status.CLOSED,
    (Status.ACTIVE, Step.EXPIRED): Status.CLOSED,
    (Status.WAITING, Step.CUSTOMER_WRITES): Status.OPEN,
    (Status.WAITING, Step.PICKED): Status.ACTIVE,
    (Status.WAITING, Step.CLOSED): Status.CLOSED,
    (Status.WAITING, Step.EXPIRED): Status.CLOSED,
    (Status.WRAP_UP, Step.CLOSED): Status.CLOSED,
    (Status.WRAP_UP, Step.EXPIRED): Status.CLOSED,
}
"""The life cycle: what is not in this table does not happen. Closed has no way out (§9.1)."""


class Direction(Enum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"


class Watch(Enum):
    """What the timer of a thread's window is to tell next."""

    OPEN = "open"
    """That it is about to close."""
    SOON = "soon"
    """That it closed; that it is about to was told."""


@attrs.frozen
class Contact:
    """A customer: a set of addresses that belong to one person."""

    id: str
    addresses: tuple[Address, ...] = ()
    name: str = ""
    """Display name the customer chose; the phone number stands in where it is empty (CH-40)."""
    language: str | None = None
    merged_into: str | None = None
    """The contact that this one turned out to be; its old id leads there."""
    consent: Consent = UNKNOWN
    """What they said about being written to."""
    link: Link | None = None
    """Their record in the business's directory (CH-41)."""
    preferred: tuple[str, ...] = ()
    """Agents whom they would rather talk to, the best first (PREF-1)."""


@attrs.frozen
class Conversation:
    """One conversation, from the first message to closing."""

    id: str
    status: Status
    workstream: str
    queue: str
    opened_at: datetime
    changed_at: datetime
    """Last change of state."""
    last_customer_at: datetime
    """Last message of the customer; the place in the queue (ASG-3)."""
    agent: str | None = None
    accepted_at: datetime | None = None
    demand: int = 1
    """Units of capacity it consumes."""
    attributes: Attributes = _NO_ATTRIBUTES
    """What classification, bots, surveys and the application know about it."""
    needs: Requirement = NO_NEEDS
    """Skills with ratings, and capacity profiles: the workstream's own, then those that rules attached (CAP-4)."""
    previous: str | None = None
    """The agent who had it when it went to waiting (WS-15)."""
    preferred: tuple[str, ...] = ()
    """Preferred agents of the customer, as they were when it began (PREF-1)."""
    declines: Mapping[str, int] = _NO_DECLINES
    """How often each agent rejected it or let it time out (ASG-15)."""
    route: str = ""
    """The route rule that led to its queue, whose overflow counts instead of the queue's (R2Q-8)."""
    arrival: Arrival = Arrival.ROUTED
    """How it came to its queue (OVF-1)."""
    entered_at: datetime | None = None
    """When it came to its queue, or back to it (OVF-7); None in rows of an older release: when it was opened."""
    freed: bool = False
    """Whether its capacity came back although it is in wrap-up (WS-12)."""
    alarmed: str = ""
    """The queue without members for which an alarm was raised (QUE-6)."""

    answered_at: datetime | None = None
    """When an agent last wrote; None while it is their turn."""
    offered_until: datetime | None = None
    """End of the countdown of an offer that is open (NOT-1)."""
    fired: tuple[str, ...] = ()
    """Timeout rules that acted since the last message of either side."""
    bot: str | None = None
    """The bot that has it."""
    bots: tuple[str, ...] = ()
    """Bots that had it; none of them gets it again (BOT-4)."""
    served: bool = False
    """Whether a person ever took it."""
    dispositions: tuple[str, ...] = ()
    """The codes that say how it came out (ACT-5)."""
    consultants: tuple[str, ...] = ()
    """Agents who are asked for advice; they read along (ACT-1)."""
    joined: tuple[str, ...] = ()
    """Those beside its agent who may write to the customer (ACT-1)."""
    handed_by: str = ""
    """Who transferred it to whoever takes it next (ACT-2)."""

    def accepted(self, now: datetime) -> Conversation:
        """Return it as its agent accepted it; who handed it over leaves."""
        without = {self.handed_by}
        return evolve(
            self,
            accepted_at=now,
            handed_by="",
            consultants=tuple(who for who in self.consultants if who not in without),
            joined=tuple(who for who in self.joined if who not in without),
        )

    @property
    def in_queue_since(self) -> datetime:
        """When it came to its queue."""
        return self.entered_at or self.opened_at

    @property
    def consumes(self) -> bool:
        """Whether it takes capacity of its agent now (LIF-1, LIF-2, WS-12)."""
        busy = self.status in (Status.ACTIVE, Status.WRAP_UP)
        return self.agent is not None and busy and not self.freed


@attrs.frozen
class Thread:
    """One business number and one customer: the window, and the conversation that is going on."""

    number: Address
    contact: str
    reply_to: Address
    """The address the customer last wrote from; answers go there."""
    window: Window = NEVER_OPENED
    conversation: Conversation | None = None
    """The live conversation, or the last one once it is closed."""
    events: int = 0
    """How many events the thread has."""
    watch: Watch | None = None
    """What the timer of the window is to tell next; None while none runs."""
    replaced_at: datetime | None = None
    """When a template last went out by itself instead of a message; again only after the customer wrote."""
    free_entry: FreeEntry | None = None
    """How the customer came through an advertisement; about price, never about permission."""
    remembered: Memory | None = None
    """What the thread remembers of its automated messages; None while there is nothing to."""

    membership: Membership | None = None
    """What is known about the customer's part in the sandbox; None where the number is not its number."""

    @property
    def memory(self) -> Memory:
        """What the thread remembers of its automated messages."""
        return self.remembered or NOTHING

    @property
    def live(self) -> Conversation | None:
        """The conversation that is going on, or None."""
        known = self.conversation
        return known if known is not None and known.status is not Status.CLOSED else None


@attrs.frozen
class Message:
    """One message, in either direction."""

    id: str
    number: Address
    contact: str
    conversation: str | None
    direction: Direction
    content: Content
    at: datetime
    """Receipt for inbound, acceptance by us for outbound messages."""
    author: str
    """``customer``, an agent's id, or ``system``."""
    status: DeliveryStatus
    sid: str | None = None
    """The provider's identifier, once known."""
    quoted_sid: str | None = None
    party: Party = Party.AGENTS
    attempt: int = 0
    """How often it was handed to the provider."""
    dispatched_at: datetime | None = None
    """Start of the latest attempt."""
    error_code: int | None = None
    error: str = ""
    instead_of: str | None = None
    """The message that this one was sent instead of."""
    replaced_by: str | None = None
    """The message that was sent instead of this one, at most one."""
    bulk: bool = False
    """Whether it is one of many that nobody waits for: others go first."""
    former: tuple[str, ...] = ()
    """The provider's identifiers of earlier attempts; what is said about them no longer counts, unless it arrived."""


@attrs.frozen
class State:
    """The rows one decision reads, and writes."""

    contact: Contact
    thread: Thread
    agent: Agent | None = None
    """The agent concerned by the event, or who holds the conversation."""
    message: Message | None = None
    """The message concerned by the event."""
    counters: Counters = NOTHING_COUNTED
    """What was counted for the secondary rules of sending."""
    free_at: tuple[tuple[str, datetime], ...] = ()
    """Rates that make the next message wait: the rule's id, and until when."""
    other: Agent | None = None
    """A second agent concerned by the event: who is consulted, or one of the two sides of a transfer."""
