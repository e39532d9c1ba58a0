"""What can happen to a thread, and what a decision asks to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel.attachments import Party, ScanResult, Sniffed
from wa_omnichannel.bots import Failure, Reply
from wa_omnichannel.conditions import Value
from wa_omnichannel.conversation.model import Conversation, Message, State, Thread
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Facts, Remedy, Trace
from wa_omnichannel.messages import Content, Inbound, Outcome, Outgoing, Sighting, StatusReport
from wa_omnichannel.surveys import Answers
from wa_omnichannel.workforce import Agent, release, settle_presence

_NO_FACTS: Facts = {}
_NO_CONTEXT: Mapping[str, Value] = {}
_NO_COUNTS: Mapping[str, int] = {}
_NO_SKILLS: Mapping[str, int] = {}


@attrs.frozen
class Received:
    """A customer's message arrived. The ids are for what it may create."""

    inbound: Inbound
    at: datetime
    """When it reached the edge; never when it was processed."""
    message_id: str
    conversation_id: str
    recovered: bool = False
    """Whether its webhook was lost and it was found in the provider's list."""
    context: Mapping[str, Value] = _NO_CONTEXT
    """What a conversation that it opens gets to know, because it answers what was sent first (OUT-5)."""
    open_items: Mapping[str, int] = _NO_COUNTS
    """How many items are open in each queue that has a limit (OVF-4)."""


@attrs.frozen
class SendRequested:
    """Somebody wants to say something to the customer."""

    message_id: str
    content: Content
    author: str = "system"
    party: Party = Party.AGENTS
    conversation: str | None = None
    """The conversation it answers; None for a message that starts nothing (OUT-5)."""
    agent: str | None = None
    """The agent who answers, if it is one; must hold the conversation."""
    bulk: bool = False
    """Whether it is one of many that nobody waits for."""


@attrs.frozen
class DispatchDue:
    """It is the message's turn to be handed to the provider."""


@attrs.frozen
class SendFinished:
    """The provider's answer to a message, or the lack of one."""

    outcome: Outcome


@attrs.frozen
class Reconciled:
    """The provider's list was searched for a message whose answer was lost."""

    sightings: tuple[Sighting, ...] | None
    """Messages that could be it and that we know from nowhere else; None if the provider has no list."""


@attrs.frozen
class StatusReported:
    """A status callback arrived for the message."""

    report: StatusReport


@attrs.frozen
class AgentAssigned:
    """Work distribution, or a supervisor, gave the conversation to the agent."""

    trace: Trace = ()
    at: datetime | None = None
    """The agent's time of last assignment, so that turns are never disputed; None: now."""
    by: str = ""
    """The supervisor who did it; empty for work distribution."""


@attrs.frozen
class AcceptRequested:
    """The agent takes the conversation: accepts an assignment, or picks it from the queue."""


@attrs.frozen
class AgentLost:
    """The agent's connection was lost: for an offer at once, for a conversation after they did not return in time."""

    agent: str


@attrs.frozen
class PickRequested:
    """The agent chooses the conversation from the open ones (WS-3, CAP-6)."""


@attrs.frozen
class SupervisorAssigned:
    """A supervisor gives the conversation to the agent, whatever their presence and capacity (ASG-17)."""

    by: str = "supervisor"


@attrs.frozen
class DeclineRequested:
    """The agent rejects the conversation that was given to them, or let the offer time out (ASG-15)."""

    missed: bool = False


@attrs.frozen
class ParkRequested:
    """The agent leaves the conversation open for the customer, without ending it."""

    agent: str | None = None
    """The agent who asks, who must hold the conversation; None for the application itself."""


@attrs.frozen
class TransferRequested:
    """The conversation goes to a queue: another one, or its own because the agent gives it back."""

    queue: str
    agent: str | None = None
    """The agent who asks, who must hold the conversation; None for the application or a supervisor."""
    by: str = ""
    """The supervisor, if it is one."""


@attrs.frozen
class HandOverRequested:
    """The conversation goes to an agent, who is the other agent of the state (ACT-2, §9.8)."""

    agent: str | None = None
    """The agent who asks, who must hold the conversation; None for a supervisor."""
    by: str = "supervisor"
    """The supervisor, where no agent asks."""


@attrs.frozen
class ConsultRequested:
    """The agent asks the other agent of the state for advice (ACT-1)."""

    agent: str
    """Who asks; must hold the conversation."""


@attrs.frozen
class ConsultEnded:
    """Somebody who was asked for advice, or joined, leaves (ACT-1)."""

    who: str
    by: str
    """Themselves, or the agent who holds the conversation."""


@attrs.frozen
class ConsultantAdded:
    """The agent lets a consultant write to the customer (ACT-1)."""

    who: str
    agent: str
    """Who adds them; must hold the conversation."""


@attrs.frozen
class MonitorRequested:
    """A supervisor looks into a conversation, and may join it (§9.8)."""

    by: str
    join: bool = False


@attrs.frozen
class ForceClosed:
    """A supervisor closes a conversation in whatever state it is (§9.8)."""

    by: str = "supervisor"


@attrs.frozen
class RerouteRequested:
    """The conversation is classified and routed once more; skills and profiles are added (CLS-8)."""

    first: bool = False
    """Whether a bot had it until now, so that overflow was not looked at yet (BOT-7)."""
    open_items: Mapping[str, int] = _NO_COUNTS
    """How many items are open in each queue that has a limit, for the first time (OVF-6)."""


@attrs.frozen
class ContextGiven:
    """A survey, a bot or the application knows something about the conversation (WA-CONTEXT)."""

    values: Mapping[str, Value]
    by: str = "application"


@attrs.frozen
class QueueFoundEmpty:
    """The conversation is in a queue of which nobody is a member (QUE-6)."""

    check: Check


@attrs.frozen
class NoteAdded:
    """Somebody of ours says something that the customer never sees (ACT-4, ACT-6)."""

    text: str
    by: str


@attrs.frozen
class DispositionsGiven:
    """The agent says how the conversation came out (ACT-5)."""

    codes: tuple[str, ...]
    agent: str | None = None
    """The agent who says so, who must hold the conversation; None for the application itself."""


@attrs.frozen
class SkillsChanged:
    """Somebody changes what a conversation needs: takes skills off it, and adds others (SKL-9)."""

    add: Mapping[str, int] = _NO_SKILLS
    """The required rating by skill."""
    remove: tuple[str, ...] = ()
    agent: str | None = None
    """The agent who does it, who must hold the conversation; None for the application itself."""


@attrs.frozen
class EndRequested:
    """The conversation is to end; wrap-up begins."""

    agent: str | None = None
    """The agent who asks, who must hold the conversation; None for the application itself."""


@attrs.frozen
class CloseRequested:
    """The conversation is to be closed for good."""

    agent: str | None = None
    """The agent who asks, who must hold the conversation; None for the application itself."""


@attrs.frozen
class TimerFired:
    """A timer of the conversation is due."""

    timer: str
    conversation: str


@attrs.frozen
class MediaFetched:
    """An inbound file was fetched and stored."""

    blob: str
    content_type: str
    """What the provider said it is when it was fetched."""
    size: int
    sniffed: Sniffed = Sniffed()
    """What its bytes say."""
    scan: ScanResult | None = None
    """What the scanner says; None without a scanner."""


@attrs.frozen
class Called:
    """The customer called the number; a call opens the window like a message (SES-2)."""

    at: datetime


@attrs.frozen
class WindowDue:
    """The timer of the thread's window fired."""


@attrs.frozen
class ContactsMerged:
    """Another contact turned out to be the same person; this is their thread with the same number."""

    thread: Thread


@attrs.frozen
class MediaFailed:
    """An inbound file could not be fetched, for good."""

    reason: str


@attrs.frozen
class BotAnswered:
    """The bot that has the conversation answered a message, or failed to."""

    conversation: str
    message: str
    bot: str
    outcome: Reply | Failure
    open_items: Mapping[str, int] = _NO_COUNTS
    """How many items are open in each queue that has a limit, in case the bot escalates (OVF-6)."""


@attrs.frozen
class SurveyDue:
    """The customer is to be asked how a closed conversation was."""

    conversation: str
    survey: str
    """Name of the survey."""
    expires_at: datetime
    """Until when the link works."""
    link: str | None
    """The personal link; None if the channel makes none."""


@attrs.frozen
class SurveyAnswered:
    """The customer said how a conversation was."""

    conversation: str
    survey: str
    answers: Answers


Event: TypeAlias = (
    Received
    | SendRequested
    | DispatchDue
    | SendFinished
    | Reconciled
    | StatusReported
    | AgentAssigned
    | AcceptRequested
    | AgentLost
    | PickRequested
    | SupervisorAssigned
    | DeclineRequested
    | ParkRequested
    | TransferRequested
    | HandOverRequested
    | ConsultRequested
    | ConsultEnded
    | ConsultantAdded
    | MonitorRequested
    | ForceClosed
    | RerouteRequested
    | ContextGiven
    | QueueFoundEmpty
    | NoteAdded
    | DispositionsGiven
    | SkillsChanged
    | EndRequested
    | CloseRequested
    | TimerFired
    | WindowDue
    | MediaFetched
    | MediaFailed
    | Called
    | ContactsMerged
    | BotAnswered
    | SurveyDue
    | SurveyAnswered
)
"""Everything that can happen to a thread."""


@attrs.frozen
class Record:
    """Put this on the timeline."""

    kind: str
    facts: Facts = _NO_FACTS
    trace: Trace = ()


@attrs.frozen
class Deliver:
    """Hand the message to the provider, at once or at an instant."""

    message: str
    due: datetime | None = None
    bulk: bool = False
    """Whether others go first."""


@attrs.frozen
class Reconcile:
    """Look for the message in the provider's list."""

    message: str
    due: datetime


@attrs.frozen
class Post:
    """Send this now; the attempt is already on record."""

    outgoing: Outgoing


@attrs.frozen
class Assign:
    """Distribute the work of this queue."""

    queue: str


@attrs.frozen
class Fetch:
    """Fetch the file of this inbound message."""

    message: str


@attrs.frozen
class StartTimer:
    """Wake the conversation up at an instant; an older timer of that name is replaced."""

    timer: str
    conversation: str
    due: datetime


@attrs.frozen
class StopTimer:
    """The timer of that name is no longer wanted."""

    timer: str
    conversation: str


@attrs.frozen
class WatchWindow:
    """Wake the thread up at an instant, because of its window; an older timer of it is replaced."""

    due: datetime


@attrs.frozen
class ReportTemplate:
    """The provider's error code tells something about one language of a template (TPL-8)."""

    template: str
    language: str
    code: int


@attrs.frozen
class Count:
    """Count the message for the secondary rules."""

    first: bool
    """As writing to the customer first."""
    reply: bool
    """As a service message."""


@attrs.frozen
class Enqueue:
    """Keep one more message of ours, and hand it over when its turn comes."""

    message: Message


@attrs.frozen
class AskBot:
    """Let the bot answer the customer's message."""

    message: str
    conversation: str


@attrs.frozen
class Ask:
    """Send the customer the survey about a closed conversation."""

    conversation: str


Effect: TypeAlias = (
    Record
    | Deliver
    | Reconcile
    | Post
    | Assign
    | Fetch
    | StartTimer
    | StopTimer
    | WatchWindow
    | Count
    | Enqueue
    | ReportTemplate
    | Ask
    | AskBot
)
"""Everything that a decision can ask for."""


@attrs.frozen
class Decision:
    """What an event comes to."""

    state: State
    """The rows afterwards; those that did not change are the same objects."""
    effects: tuple[Effect, ...] = ()
    refusal: Refused | None = None
    """Why nothing was done, if a rule said no."""
    trace: Trace = ()
    """The rules that were looked at, in order."""


def refusal(
    state: State,
    reason: str,
    facts: Mapping[str, object] = _NO_FACTS,
    trace: Trace = (),
    remedies: tuple[Remedy, ...] = (),
) -> Decision:
    """Return the decision that nothing happens because of *reason*, and what can be done about it."""
    return Decision(state, (), Refused(reason, facts, trace, remedies), trace)


def handed(live: Conversation) -> Facts:
    """Return who transferred the conversation, if anybody did, for the entry that says who took it."""
    return {"handed_by": live.handed_by} if live.handed_by else {}


def set_free(agent: Agent | None, over: Conversation, now: datetime) -> tuple[Agent | None, tuple[Assign, ...]]:
    """Give the capacity of a conversation that its agent no longer works on back; their queues are served again.

    Nothing comes back twice, and under *end of day* nothing before the shift ends (LIF-2, CAP-3, CAP-8). The
    agent's presence follows, unless they chose another.
    """
    if agent is None or agent.id != over.agent or not over.consumes:
        return agent, ()
    freed = release(agent, over.demand, now, profiles=over.needs.profiles)
    return settle_presence(freed), tuple(Assign(queue) for queue in sorted(agent.queues))
