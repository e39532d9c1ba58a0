"""What a message to a closed conversation does, where the settings do not leave it closed for good (§9.1)."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel.automation import Reopening
from wa_omnichannel.conditions import Attributes
from wa_omnichannel.conversation.events import Effect, Record
from wa_omnichannel.conversation.model import Conversation, Status
from wa_omnichannel.conversation.queueing import back
from wa_omnichannel.rules import Rules


def _goes_on(rules: Rules, last: Conversation | None, kind: Reopening, now: datetime) -> bool:
    policy = rules.life.reopening
    if last is None or last.status is not Status.CLOSED or policy.kind is not kind:
        return False
    return now - last.changed_at <= policy.within


def resumed(
    rules: Rules, last: Conversation | None, at: datetime, now: datetime, effects: list[Effect]
) -> Conversation | None:
    """Return a closed conversation as it opens again for its customer; None if a new one begins.

    Args:
        rules: The compiled settings.
        last: The closed conversation, if there was any.
        at: When the customer wrote.
        now: The current instant.
        effects: What is to be done about it is added here.
    """
    if last is None or not _goes_on(rules, last, Reopening.REOPEN, now):
        return None
    open_ = attrs.evolve(
        last,
        status=Status.OPEN,
        changed_at=now,
        last_customer_at=max(last.last_customer_at, at),
        agent=None,
        accepted_at=None,
        previous=last.agent,
        freed=False,
        consultants=(),
        joined=(),
        handed_by="",
    )
    effects.append(Record("conversation_reopened", {"conversation": last.id}))
    conversation, more = back(rules, open_, now)
    effects += more
    return conversation


def carried_over(rules: Rules, last: Conversation | None, now: datetime) -> Attributes:
    """Return what a new conversation takes over from the one that was closed before."""
    return last.attributes if last is not None and _goes_on(rules, last, Reopening.CONTINUE, now) else {}
