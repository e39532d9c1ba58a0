"""Telling the customer that their file was withheld (ATT-12)."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel import sending
from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation.events import Deliver, Effect, Enqueue, Record
from wa_omnichannel.conversation.model import Direction, Message, State
from wa_omnichannel.conversation.situations import situation
from wa_omnichannel.errors import Refused
from wa_omnichannel.messages import DeliveryStatus, Text
from wa_omnichannel.rules import Rules


def withheld(rules: Rules, state: State, message: Message, now: datetime) -> tuple[Effect, ...]:
    """Return what tells the customer that the file of *message* was withheld; nothing unless the settings say so.

    It is a message like any other: where a rule forbids it, it is not sent, and the timeline says why.

    Args:
        rules: The compiled settings.
        state: The rows of the thread after the message.
        message: The customer's message.
        now: The current instant.
    """
    number, policy = rules.number(message.number), rules.send_policy(message.number)
    if number is None or policy is None or not number.withheld_notice:
        return ()
    verdict = sending.decide(policy, situation(state, Party.AGENTS), Text(number.withheld_notice), now)
    facts = {"message": message.id, "by": "system"}
    if isinstance(verdict, Refused):
        return (Record("send_refused", {**facts, "reason": verdict.reason}, verdict.trace),)
    notice = attrs.evolve(
        message,
        id=f"{message.id}-withheld",
        direction=Direction.OUT,
        content=verdict.content,
        at=now,
        author="system",
        status=DeliveryStatus.PENDING,
        sid=None,
        quoted_sid=None,
        party=Party.AGENTS,
        error="",
    )
    told = {**facts, "message": notice.id, "text": number.withheld_notice[:250]}
    return (Record("message_accepted", told, verdict.trace), Enqueue(notice), Deliver(notice.id))
