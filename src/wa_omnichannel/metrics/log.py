"""What an event means to the figures. The names of events are data: a new one is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Protocol

import attrs

from wa_omnichannel.explain import Facts, Trace

_NO_FACTS: Facts = {}


class Logged(Protocol):
    """One event, as the store gives it back."""

    @property
    def conversation(self) -> str | None:
        """The conversation it is about."""
        ...

    @property
    def kind(self) -> str:
        """What happened."""
        ...

    @property
    def at(self) -> datetime:
        """When; aware."""
        ...

    @property
    def facts(self) -> Facts:
        """The values that belong to it."""
        ...

    @property
    def trace(self) -> Trace:
        """The checks that led to it."""
        ...


@attrs.frozen
class Entry:
    """One event of a log that comes from elsewhere."""

    conversation: str | None
    kind: str
    at: datetime
    facts: Facts = _NO_FACTS
    trace: Trace = ()


class Moment(Enum):
    """What an event means to the life of a conversation."""

    OPENED = "opened"
    BOT = "bot"
    """A bot has the conversation."""
    ESCALATED = "escalated"
    """The bot hands it to people."""
    QUEUED = "queued"
    """It enters a queue; its fact ``queue`` says which."""
    OFFERED = "offered"
    """It is offered or assigned to an agent."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MISSED = "missed"
    """The offer's time ran out."""
    RELEASED = "released"
    """The agent no longer has it, and it is not over."""
    TRANSFERRED = "transferred"
    """It goes to another queue or agent because somebody said so."""
    CUSTOMER_WROTE = "customer_wrote"
    WE_WROTE = "we_wrote"
    """Its fact ``by`` says who of us."""
    ENDED = "ended"
    """The agent ended it; wrap-up begins."""
    CLOSED = "closed"
    CONSULTED = "consulted"
    CONSULT_ACCEPTED = "consult_accepted"
    CONSULT_REJECTED = "consult_rejected"
    CONSULT_MISSED = "consult_missed"
    CONSULT_ENDED = "consult_ended"


MOMENTS: Mapping[str, Moment] = {
    "conversation_opened": Moment.OPENED,
    "bot_started": Moment.BOT,
    "bot_escalated": Moment.ESCALATED,
    "routed": Moment.QUEUED,
    "rerouted": Moment.QUEUED,
    "assigned": Moment.OFFERED,
    "accepted": Moment.ACCEPTED,
    "picked": Moment.ACCEPTED,
    "declined": Moment.REJECTED,
    "offer_missed": Moment.MISSED,
    "parked": Moment.RELEASED,
    "capacity_released": Moment.RELEASED,
    "transferred": Moment.TRANSFERRED,
    "message_received": Moment.CUSTOMER_WROTE,
    "message_accepted": Moment.WE_WROTE,
    "conversation_ended": Moment.ENDED,
    "conversation_closed": Moment.CLOSED,
    "consult_requested": Moment.CONSULTED,
    "consult_accepted": Moment.CONSULT_ACCEPTED,
    "consult_rejected": Moment.CONSULT_REJECTED,
    "consult_missed": Moment.CONSULT_MISSED,
    "consult_ended": Moment.CONSULT_ENDED,
}
"""What each kind of event means; kinds that are not here change no figure about conversations."""

NO_AGENTS = frozenset({"", "-", "system", "application", "bot"})
"""Authors that are no people."""

OVERFLOW = frozenset({"overflow", "OverflowQueueTransfer"})
"""Reasons for closing that are overflow."""

SYSTEM = frozenset({"time_limit", "auto_close", "new_message", "merged", "system"})
"""Reasons for closing where nobody of us decided."""

TRANSFER_CLOSURES = frozenset({"ExternalTransfer", "ExternalQueueTransfer", "OverflowQueueTransfer"})
"""Reasons for closing that count as a transfer out of the queue."""


def text(entry: Logged, name: str) -> str:
    """Return one fact as text, blank if it is not there."""
    found = entry.facts.get(name)
    return "" if found is None else str(found)
