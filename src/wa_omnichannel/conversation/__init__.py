"""The life of a conversation: one pure function over everything that can happen to it.

``decide(rules, state, event, now)`` is total and deterministic: it reads no clock, draws no ids, does no
input or output. If it raises anything for a legal argument, that is a bug in this library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wa_omnichannel.conversation import delivering, lifecycle, merging, receiving, watching
from wa_omnichannel.conversation.events import (
    AcceptRequested,
    AgentAssigned,
    Assign,
    Called,
    CloseRequested,
    ContactsMerged,
    Decision,
    Deliver,
    DispatchDue,
    Effect,
    EndRequested,
    Enqueue,
    Event,
    Fetch,
    MediaFailed,
    MediaFetched,
    Post,
    Received,
    Reconcile,
    Reconciled,
    Record,
    ReportTemplate,
    SendFinished,
    SendRequested,
    StartTimer,
    StatusReported,
    StopTimer,
    TimerFired,
    WatchWindow,
    WindowDue,
)
from wa_omnichannel.conversation.model import (
    TRANSITIONS,
    Contact,
    Conversation,
    Direction,
    Message,
    State,
    Status,
    Step,
    Thread,
    Watch,
)
from wa_omnichannel.instants import aware
from wa_omnichannel.rules import Rules

__all__ = [
    "TRANSITIONS",
    "AcceptRequested",
    "AgentAssigned",
    "Assign",
    "Called",
    "CloseRequested",
    "Contact",
    "ContactsMerged",
    "Conversation",
    "Decision",
    "Deliver",
    "Direction",
    "DispatchDue",
    "Effect",
    "EndRequested",
    "Enqueue",
    "Event",
    "Fetch",
    "MediaFailed",
    "MediaFetched",
    "Message",
    "Post",
    "Received",
    "Reconcile",
    "Reconciled",
    "Record",
    "ReportTemplate",
    "SendFinished",
    "SendRequested",
    "StartTimer",
    "State",
    "Status",
    "StatusReported",
    "Step",
    "StopTimer",
    "Thread",
    "TimerFired",
    "Watch",
    "WatchWindow",
    "WindowDue",
    "decide",
]

_HANDLERS: Mapping[type[Event], Callable[[Rules, State, Any, datetime], Decision]] = {
    Received: receiving.received,
    Called: receiving.called,
    ContactsMerged: merging.contacts_merged,
    MediaFetched: receiving.media_fetched,
    MediaFailed: receiving.media_failed,
    SendRequested: delivering.send_requested,
    DispatchDue: delivering.dispatch_due,
    SendFinished: delivering.send_finished,
    Reconciled: delivering.reconciled,
    StatusReported: delivering.status_reported,
    AgentAssigned: lifecycle.agent_assigned,
    AcceptRequested: lifecycle.accept_requested,
    EndRequested: lifecycle.end_requested,
    CloseRequested: lifecycle.close_requested,
    TimerFired: lifecycle.timer_fired,
    WindowDue: watching.window_due,
}


def decide(rules: Rules, state: State, event: Event, now: datetime) -> Decision:
    """Return what *event* comes to at the instant *now*.

    Args:
        rules: The compiled settings.
        state: The rows the event concerns.
        event: What happened, or is wanted.
        now: The current instant; aware.

    Returns:
        The rows afterwards, the effects to carry out, or the refusal; with the rules looked at.

    Raises:
        InvalidValue: *now* is naive.
    """
    aware(now, "now")
    return _HANDLERS[type(event)](rules, state, event, now)
