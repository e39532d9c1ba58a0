"""Automated messages: what the system says by itself, when, and in which words.

* **AM-1** three layers: the shipped text, the channel's, the number's; the nearest one wins whole.
* **AM-2** a message can be deactivated; on overflow the shipped text is sent all the same.
* **AM-3** a text has at most 2,000 characters; ``{AgentName}``, ``{QueueName}``, ``{$ContextVariable$}``.
* **AM-4** a workstream can switch them all off. **AM-5** the language is the number's.
* **AM-6** the customer's transcript leaves them out: their author is :data:`AUTHOR`.
* **AM-7** the shipped texts are ours. **AM-8** a greeting rather than *agent assigned*.
* **AM-9** places in the queue and waiting times are not for WhatsApp.
* **AM-10** holidays and hours are looked at when a conversation begins, not at each message.

Each one is a send like any other: window, consent and template rules decide about it.
Source: Microsoft Learn, "Configure automated messages".
"""

from __future__ import annotations

from wa_omnichannel.automation.layers import LONGEST_TEXT, Automation, CustomMessage, Fallback, Resolved, texts_of
from wa_omnichannel.automation.life import (
    MOST_CONSULTANTS,
    AutoAssign,
    Dispositions,
    LifeRules,
    OfferSettings,
    Reopening,
    ReopeningPolicy,
    Supervision,
    Transfers,
    WorkstreamLife,
)
from wa_omnichannel.automation.memory import NOTHING, Memory, closed_period, heard, may_speak, person_spoke, said
from wa_omnichannel.automation.slugs import Named, fill
from wa_omnichannel.automation.texts import CATALOGUE, LANGUAGES
from wa_omnichannel.automation.timeouts import Action, Limits, Silence, TimeoutRule, effective, longer
from wa_omnichannel.automation.triggers import (
    CLOSED_HOURS,
    OFF_BY_DEFAULT,
    OVERFLOW,
    TO_AGENTS,
    Receiver,
    Trigger,
    receiver,
)

AUTHOR = "automation"
"""Author of automated messages, by which transcripts for the customer leave them out (AM-6)."""

__all__ = [
    "AUTHOR",
    "CATALOGUE",
    "CLOSED_HOURS",
    "LANGUAGES",
    "LONGEST_TEXT",
    "MOST_CONSULTANTS",
    "NOTHING",
    "OFF_BY_DEFAULT",
    "OVERFLOW",
    "TO_AGENTS",
    "Action",
    "AutoAssign",
    "Automation",
    "CustomMessage",
    "Dispositions",
    "Fallback",
    "LifeRules",
    "Limits",
    "Memory",
    "Named",
    "OfferSettings",
    "Receiver",
    "Reopening",
    "ReopeningPolicy",
    "Resolved",
    "Silence",
    "Supervision",
    "TimeoutRule",
    "Transfers",
    "Trigger",
    "WorkstreamLife",
    "closed_period",
    "effective",
    "fill",
    "heard",
    "longer",
    "may_speak",
    "person_spoke",
    "receiver",
    "said",
    "texts_of",
]
