"""The life of a conversation: one pure function over everything that can happen to it.

``decide(rules, state, event, now)`` is total and deterministic: it reads no clock, draws no ids, does no
input or output. If it raises anything for a legal argument, that is a bug in this library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wa_omnichannel.conversation import (
    botting,
    company,
    delivering,
    firing,
    inquiring,
    lifecycle,
    merging,
    paperwork,
    queueing,
    receiving,
    watching,
)
from wa_omnichannel.conversation.events import (
    AcceptRequested,
    AgentAssigned,
    AgentLost,
    Ask,
    AskBot,
    Assign,
    BotAnswered,
    Called,
    CloseRequested,
    ConsultantAdded,
    ConsultEnded,
    ConsultRequested,
    ContactsMerged,
    ContextGiven,
    Count,
    Decision,
    DeclineRequested,
    Deliver,
    DispatchDue,
    DispositionsGiven,
    Effect,
    EndRequested,
    Enqueue,
    Event,
    Fetch,
    ForceClosed,
    HandOverRequested,
    MediaFailed,
    MediaFetched,
    MonitorRequested,
    NoteAdded,
    ParkRequested,
    PickRequested,
    Post,
    QueueFoundEmpty,
    Received,
    Reconcile,
    Reconciled,
    Record,
    ReportTemplate,
    RerouteRequested,
    SendFinished,
    SendRequested,
    SkillsChanged,
    StartTimer,
    StatusReported,
    StopTimer,
    SupervisorAssigned,
    SurveyAnswered,
    SurveyDue,
    TimerFired,
    TransferRequested,
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
from wa_omnichannel.conversation.queueing import item_of
from wa_omnichannel.conversation.reacting import reacted
from wa_omnichannel.instants import aware
from wa_omnichannel.rules import Rules

__all__ = [
    "TRANSITIONS",
    "AcceptRequested",
    "AgentAssigned",
    "AgentLost",
    "Ask",
    "AskBot",
    "Assign",
    "BotAnswered",
    "Called",
    "CloseRequested",
    "ConsultEnded",
    "ConsultRequested",
    "ConsultantAdded",
    "Contact",
    "ContactsMerged",
    "ContextGiven",
    "Conversation",
    "Count",
    "Decision",
    "DeclineRequested",
    "Deliver",
    "Direction",
    "DispatchDue",
    "DispositionsGiven",
    "Effect",
    "EndRequested",
    "Enqueue",
    "Event",
    "Fetch",
    "ForceClosed",
    "HandOverRequested",
    "MediaFailed",
    "MediaFetched",
    "Message",
    "MonitorRequested",
    "NoteAdded",
    "ParkRequested",
    "PickRequested",
    "Post",
    "QueueFoundEmpty",
    "Received",
    "Reconcile",
    "Reconciled",
    "Record",
    "ReportTemplate",
    "RerouteRequested",
    "SendFinished",
    "SendRequested",
    "SkillsChanged",
    "StartTimer",
    "State",
    "Status",
    "StatusReported",
    "Step",
    "StopTimer",
    "SupervisorAssigned",
    "SurveyAnswered",
    "SurveyDue",
    "Thread",
    "TimerFired",
    "TransferRequested",
    "Watch",
    "WatchWindow",
    "WindowDue",
    "decide",
    "item_of",
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
    AgentLost: queueing.agent_lost,
    PickRequested: lifecycle.pick_requested,
    SupervisorAssigned: lifecycle.supervisor_assigned,
    DeclineRequested: lifecycle.decline_requested,
    ParkRequested: lifecycle.park_requested,
    TransferRequested: queueing.transfer_requested,
    HandOverRequested: company.hand_over_requested,
    ConsultRequested: company.consult_requested,
    ConsultEnded: company.consult_ended,
    ConsultantAdded: company.consultant_added,
    MonitorRequested: company.monitor_requested,
    ForceClosed: company.force_closed,
    RerouteRequested: queueing.reroute_requested,
    ContextGiven: queueing.context_given,
    QueueFoundEmpty: queueing.queue_found_empty,
    NoteAdded: paperwork.note_added,
    SkillsChanged: paperwork.skills_changed,
    DispositionsGiven: paperwork.dispositions_given,
    EndRequested: lifecycle.end_requested,
    CloseRequested: lifecycle.close_requested,
    TimerFired: firing.timer_fired,
    BotAnswered: botting.bot_answered,
    SurveyDue: inquiring.survey_due,
    SurveyAnswered: inquiring.survey_answered,
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
    return reacted(rules, state, event, _HANDLERS[type(event)](rules, state, event, now), now)
