"""Outside the 24-hour window: the template that goes out instead, and what 63016 teaches.

A template that the settings name goes out once instead of a message that only the window forbids: when it is
accepted, when its turn comes and the window closed meanwhile, or after WhatsApp refused it (63016). It is decided
upon like any other template, so nobody who said stop gets it, and nothing stands in for a template. After it went
out, the next one does only when the customer wrote in between, however many messages were late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from wa_omnichannel import sending, session
from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation.events import Deliver, Effect, Enqueue, Record
from wa_omnichannel.conversation.model import Direction, Message, State, Thread
from wa_omnichannel.conversation.situations import situation
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import FAILURES, Content, DeliveryStatus, summary
from wa_omnichannel.rules import Rules
from wa_omnichannel.sending import Allowed, SendPolicy, Verdict

OUTSIDE_WINDOW = frozenset({63016, 131047})
"""The providers' error codes for a free-form message outside the 24-hour window (Twilio, Meta)."""

_REMEDIES_TOLD = 5


@attrs.frozen
class Wanted:
    """What somebody wants to send."""

    content: Content
    party: Party


@attrs.frozen
class Outcome:
    """What goes out in the end."""

    verdict: Verdict
    """On the message, or on the template that goes out instead."""
    thread: Thread
    """Knows that a template went out, if one did."""
    told: tuple[Record, ...] = ()
    """What the timeline says about the template."""


def decide_or_instead(
    policy: SendPolicy, state: State, wanted: Wanted, now: datetime, about: Mapping[str, object]
) -> Outcome:
    """Decide on a message, and where only the window forbids it on the template that goes out instead.

    Args:
        policy: The settings of the business number.
        state: The rows of the thread.
        wanted: What is to be sent, and by whom.
        now: The current instant.
        about: What the timeline says about it, such as the message.
    """
    thread, known = state.thread, situation(state, wanted.party)
    verdict = sending.decide(policy, known, wanted.content, now)
    instead = sending.fallback(policy, known, now) if isinstance(verdict, NeedsTemplate) else None
    if instead is None or not isinstance(verdict, NeedsTemplate):
        return Outcome(verdict, thread)
    facts = {**about, "template": policy.fallback, "reason": verdict.reason, "text": summary(wanted.content)[:250]}
    if isinstance(instead, Refused):
        refused = Record("fallback_refused", {**facts, "refused": instead.reason}, instead.trace)
        return Outcome(verdict, thread, (refused,))
    used = Record("fallback_used", facts, (*verdict.trace, *instead.trace))
    return Outcome(instead, attrs.evolve(thread, replaced_at=now), (used,))


def exceeded(verdict: Verdict, agent: str | None) -> tuple[Record, ...]:
    """Return what an agent is shown who answers after the 24 hours, as the product says it (SES-5).

    Args:
        verdict: What was decided on the answer.
        agent: Who answers, if it is an agent.
    """
    if agent is None or not isinstance(verdict, NeedsTemplate) or verdict.reason not in _OVER:
        return ()
    check = Check("SES-5", False, "window_exceeded", verdict.facts)
    return (Record("message_outside_window", {"agent": agent, "shown": check.sentence()}, (*verdict.trace, check)),)


_OVER = frozenset({"window_closed", "window_in_margin", "window_refuted"})


def learn(
    rules: Rules, state: State, before: Message, code: int | None, now: datetime
) -> tuple[State, tuple[Effect, ...]]:
    """Correct the window after the provider said that it was closed, and take the remedy, once (63016).

    Only what was opened before the message was dispatched is refuted; whatever the message was, and with which words
    the provider says so. If the window is still closed then, the template of the settings goes out.

    Args:
        rules: The compiled settings.
        state: The rows after the failure; its message is the one that was refused.
        before: The same message before the failure.
        code: The provider's error code.
        now: The current instant.
    """
    message = state.message
    if code not in OUTSIDE_WINDOW or message is None or message.dispatched_at is None:
        return state, ()
    window = session.refute(state.thread.window, message.dispatched_at)
    effects: list[Effect] = []
    if window is not state.thread.window:
        effects.append(Record("window_refuted", {"message": message.id, "dispatched_at": message.dispatched_at}))
        state = attrs.evolve(state, thread=attrs.evolve(state.thread, window=window))
    policy = rules.send_policy(message.number)
    if policy is None or before.error_code in OUTSIDE_WINDOW or message.status not in FAILURES:
        return state, tuple(effects)
    return _remedied(policy, state, message, now, effects)


def _remedied(
    policy: SendPolicy, state: State, message: Message, now: datetime, effects: list[Effect]
) -> tuple[State, tuple[Effect, ...]]:
    """Send the template of the settings instead of *message*, or say what can be done."""
    facts = {"message": message.id}
    outcome = decide_or_instead(policy, state, Wanted(message.content, message.party), now, facts)
    verdict = outcome.verdict
    effects += outcome.told
    if isinstance(verdict, NeedsTemplate):
        effects.append(
            Record("template_needed", {**facts, "remedies": verdict.remedies[:_REMEDIES_TOLD]}, verdict.trace)
        )
    if not outcome.told or not isinstance(verdict, Allowed) or message.replaced_by is not None:
        return state, tuple(effects)
    instead = substitute(message, verdict.content, now)
    effects += (Enqueue(instead), Deliver(instead.id))
    after = attrs.evolve(message, replaced_by=instead.id)
    return attrs.evolve(state, message=after, thread=outcome.thread), tuple(effects)


def substitute(message: Message, content: Content, now: datetime) -> Message:
    """Return the message that says *content* instead of *message*; its id follows from the other's."""
    return Message(
        f"{message.id}-instead",
        message.number,
        message.contact,
        message.conversation,
        Direction.OUT,
        content,
        now,
        message.author,
        DeliveryStatus.PENDING,
        party=message.party,
        instead_of=message.id,
    )
