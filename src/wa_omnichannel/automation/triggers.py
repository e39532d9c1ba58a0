"""What makes the system speak by itself.

Source: Microsoft Learn, "Configure automated messages" (2025-04) and the table ``msdyn_ocsystemmessage``. Left out is
what WhatsApp does not have: average waiting times and places in the queue (AM-9), call-backs, second channels, and a
customer who disconnects.
"""

from __future__ import annotations

from enum import Enum


class Trigger(Enum):
    """An occasion for an automated message."""

    GREETING = "greeting"
    """A conversation begins."""
    OUT_OF_HOURS = "out_of_hours"
    """A conversation begins outside the operating hours of its queue (AM-10)."""
    HOLIDAY = "holiday"
    """A conversation begins on a holiday of its queue (AM-10)."""
    AGENT_ASSIGNED = "agent_assigned"
    """An agent was given the conversation, accepted or not."""
    AGENT_NOT_ASSIGNED = "agent_not_assigned"
    """Distribution failed; not merely that no agent matches."""
    AGENT_JOINED = "agent_joined"
    """An agent accepted or picked the conversation."""
    AGENT_DISCONNECTED = "agent_disconnected"
    """The agent's connection was lost, and they did not return in time."""
    AGENT_ENDED = "agent_ended"
    """The agent ended the conversation."""
    SESSION_ENDED = "session_ended"
    """The agent ended the conversation and closed the session."""
    TRANSFER_ACCEPTED = "transfer_accepted"
    """The agent to whom the conversation was transferred took it."""
    OVERFLOW_ENDED = "overflow_ended"
    """The conversation was ended because its queue overflows."""
    UNSUPPORTED_MESSAGE = "unsupported_message"
    """The customer sent something that agents cannot be shown."""
    OUTSIDE_WINDOW = "outside_window"
    """An agent wrote after the 24-hour window had closed; told to the agent."""
    MESSAGE_FAILED = "message_failed"
    """A message did not reach the customer; told to the agent."""


class Receiver(Enum):
    """Who reads an automated message."""

    CUSTOMER = "customer"
    AGENT = "agent"


TO_AGENTS = frozenset({Trigger.OUTSIDE_WINDOW, Trigger.MESSAGE_FAILED})
"""Triggers whose message is for the agent: it is shown on the timeline and never leaves."""

OVERFLOW = frozenset({Trigger.OVERFLOW_ENDED})
"""Triggers of overflow: even if their message is deactivated, the shipped text is sent (AM-2)."""

CLOSED_HOURS = frozenset({Trigger.OUT_OF_HOURS, Trigger.HOLIDAY})
"""Triggers that say that nobody is there; a customer is told once in each closed period."""

OFF_BY_DEFAULT = frozenset({Trigger.AGENT_ASSIGNED, Trigger.SESSION_ENDED})
"""Triggers that stay silent until they get a text of one's own.

A greeting is better than *agent assigned* (AM-8), and *agent ended* has already said good-bye.
"""


def receiver(trigger: Trigger) -> Receiver:
    """Return who reads the message of *trigger*."""
    return Receiver.AGENT if trigger in TO_AGENTS else Receiver.CUSTOMER
