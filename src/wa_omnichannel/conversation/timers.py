"""The timers of a conversation, derived from its state: offer, automatic closing, timeout rules (§9.5, §9.6).

What is wanted follows from the conversation alone (:func:`wanted`); nothing arms a timer by hand. After each decision
the timers wanted before and after are compared (:func:`rearmed`). One that is only put off stays as it is in the
agenda: when it fires too soon it is set to its new instant, so a busy conversation writes no timer with every message.
An entry of the agenda is therefore never later than what is wanted; a timer is neither early nor lost, and after a
downtime it fires late, once, and in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from wa_omnichannel.automation import Silence, TimeoutRule, longer
from wa_omnichannel.capacity import WrapUp
from wa_omnichannel.conversation.events import Effect, StartTimer, StopTimer, TimerFired
from wa_omnichannel.conversation.model import Conversation, Status
from wa_omnichannel.rules import Rules

AUTO_CLOSE = "auto_close"
"""Closes a conversation that was idle for too long."""

OFFER = "offer"
"""Ends the countdown of an offer (NOT-1)."""

RELEASE = "release"
"""Gives capacity back during wrap-up (WS-12)."""

TIMEOUT = "timeout."
"""Followed by the name of a timeout rule."""

_ANSWERABLE = frozenset({Status.OPEN, Status.ACTIVE, Status.WAITING})
"""States in which somebody may be waiting for an answer."""


def wanted(rules: Rules, live: Conversation | None) -> Mapping[str, datetime]:
    """Return when each timer of the conversation shall fire, by name; none for a closed one."""
    if live is None or live.status is Status.CLOSED:
        return {}
    timers = {f"{TIMEOUT}{rule.name}": due for rule, due in _silences(rules, live)}
    limit = idle_limit(rules, live)
    if limit is not None:
        timers[AUTO_CLOSE] = longer(_last_activity(live), limit)
    released = _block_ends(rules, live)
    if live.offered_until is not None:
        timers[OFFER] = live.offered_until
    if released is not None:
        timers[RELEASE] = released
    return timers


def _block_ends(rules: Rules, live: Conversation) -> datetime | None:
    """Return when capacity comes back during wrap-up, if that is a matter of time (WS-12)."""
    workstream = rules.workstream_named(live.workstream)
    if live.status is not Status.WRAP_UP or live.freed or workstream is None:
        return None
    return workstream.wrap_up.until(live.changed_at)


def idle_limit(rules: Rules, live: Conversation) -> timedelta | None:
    """Return how long the conversation may be idle in its state; None: for ever (ACL-2, ACL-4, ACL-5, WS-10)."""
    limits = rules.life.limits
    workstream = rules.workstream_named(live.workstream)
    if live.status is Status.WAITING:
        return (workstream.auto_close_after if workstream else None) or limits.waiting
    if live.status is Status.ACTIVE and live.bot is not None:
        return limits.bot
    if live.status is Status.WRAP_UP and limits.wrap_up is not None and workstream is not None:
        block = workstream.wrap_up
        return max(limits.wrap_up, block.time) if block.kind is WrapUp.CUSTOM else limits.wrap_up
    if live.status is Status.OPEN:
        return limits.open
    return limits.active if live.status is Status.ACTIVE else limits.wrap_up


def _last_activity(live: Conversation) -> datetime:
    """Return the last message of either side, or the last change of state (ACL-3)."""
    return max(live.changed_at, live.last_customer_at, live.answered_at or live.opened_at)


def _silences(rules: Rules, live: Conversation) -> Iterator[tuple[TimeoutRule, datetime]]:
    """Yield the timeout rules that wait for somebody to answer, and when they lose patience (§9.6)."""
    if live.status not in _ANSWERABLE:
        return
    silent = Silence.AGENT if live.answered_at is None else Silence.CUSTOMER
    since = live.last_customer_at if live.answered_at is None else live.answered_at
    for rule in rules.life.of(live.workstream).timeouts:
        if rule.silence is silent and rule.name not in live.fired:
            yield rule, longer(since, rule.after)


def rearmed(
    rules: Rules, before: tuple[Conversation, ...], after: Conversation | None, fired: TimerFired | None = None
) -> Iterator[Effect]:
    """Yield what is to be done about the agenda when *after* has come of *before*.

    Args:
        rules: The compiled settings.
        before: The live conversations there were; two where contacts merge.
        after: The live conversation there is now.
        fired: The timer that just fired, which is no longer in the agenda.
    """
    armed = {(timer, live.id): due for live in before for timer, due in wanted(rules, live).items()}
    if fired is not None:
        armed.pop((fired.timer, fired.conversation), None)
    needed = {} if after is None else {(timer, after.id): due for timer, due in wanted(rules, after).items()}
    for (timer, conversation), due in needed.items():
        known = armed.get((timer, conversation))
        if known is None or due < known:
            yield StartTimer(timer, conversation, due)
    for timer, conversation in armed:
        if (timer, conversation) not in needed:
            yield StopTimer(timer, conversation)
