"""From events to stories: one per conversation, with its stays in queues and its sessions with agents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel.metrics.log import MOMENTS, NO_AGENTS, Logged, Moment, text


@attrs.define
class Session:
    """One agent's part in a conversation, from the offer to its end."""

    agent: str
    offered_at: datetime
    accepted_at: datetime | None = None
    rejected_at: datetime | None = None
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    """When the active part ended: wrap-up began, or it was transferred, parked or closed."""
    closed_at: datetime | None = None
    """When wrap-up was over, if there was one."""
    transferred: bool = False

    @property
    def open(self) -> bool:
        """Whether the agent still has it, or may still take it."""
        return self.rejected_at is None and self.missed_at is None and self.ended_at is None


@attrs.define
class Segment:
    """One stay in a queue."""

    queue: str
    entered_at: datetime
    source: str = ""
    """The queue it was transferred from."""
    target: str = ""
    """The queue it was transferred to."""
    offered_at: datetime | None = None
    """The first offer."""
    accepted_at: datetime | None = None
    left_at: datetime | None = None
    closed_by: str = ""
    """Why the conversation was closed in this stay, if it was."""


@attrs.define
class Consult:
    """One agent asked another one for help."""

    requested_at: datetime
    accepted_at: datetime | None = None
    outcome: str = ""
    """``accepted``, ``rejected`` or ``missed``."""
    ended_at: datetime | None = None


@attrs.define
class Story:
    """Everything that the figures need to know about one conversation."""

    id: str
    opened_at: datetime
    inbound: bool = True
    bot: bool = False
    escalated_at: datetime | None = None
    segments: list[Segment] = attrs.Factory(list[Segment])
    sessions: list[Session] = attrs.Factory(list[Session])
    consults: list[Consult] = attrs.Factory(list[Consult])
    said: list[tuple[datetime, str]] = attrs.Factory(list[tuple[datetime, str]])
    """When somebody wrote: ``customer``, an agent's id, or blank for the system."""
    parked: bool = False
    """Whether it waits for the customer, so that nobody of us is waited for."""
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def asked_at(self) -> datetime:
        """When people were asked for: the bot's escalation, otherwise the entry into the first queue."""
        if self.escalated_at is not None:
            return self.escalated_at
        return self.segments[0].entered_at if self.segments else self.opened_at

    @property
    def accepted_at(self) -> datetime | None:
        """When the first agent took it."""
        return next((each.accepted_at for each in self.sessions if each.accepted_at is not None), None)

    @property
    def engaged(self) -> bool:
        """Whether any agent took it."""
        return self.accepted_at is not None

    @property
    def deflected(self) -> bool:
        """Whether the bot had it alone to the end."""
        return self.bot and self.escalated_at is None and self.closed_at is not None and not self.sessions

    @property
    def abandoned(self) -> bool:
        """Whether it was closed before anybody took it, after people were asked for (§10)."""
        return self.inbound and self.closed_at is not None and not self.engaged and not (
            self.bot and self.escalated_at is None
        )  # fmt: skip

    @property
    def session(self) -> Session | None:
        """The session that is going on."""
        return self.sessions[-1] if self.sessions and self.sessions[-1].open else None


def tell(events: Iterable[Logged]) -> tuple[Story, ...]:
    """Return one story for each conversation in *events*, which are in order; those that began earlier are left out.

    A conversation belongs to the stretch of time in which it was opened.
    """
    found: dict[str, Story] = {}
    for event in events:
        moment = MOMENTS.get(event.kind)
        if moment is None or event.conversation is None:
            continue
        if moment is Moment.OPENED and event.conversation not in found:
            inbound = text(event, "direction") != "outbound"
            found[event.conversation] = Story(event.conversation, event.at, inbound)
        story = found.get(event.conversation)
        if story is not None:
            _STEPS.get(moment, _nothing)(story, event)
    return tuple(found.values())


def _nothing(_: Story, __: Logged) -> None:
    """Change nothing."""


def _bot(story: Story, _: Logged) -> None:
    story.bot = True


def _escalated(story: Story, event: Logged) -> None:
    story.bot = True
    story.escalated_at = story.escalated_at or event.at


def _queued(story: Story, event: Logged) -> None:
    _leave(story, event.at)
    story.segments.append(Segment(text(event, "queue"), event.at))


def _leave(story: Story, at: datetime, target: str = "") -> None:
    """Leave the queue, if in one."""
    if story.segments and story.segments[-1].left_at is None:
        story.segments[-1].left_at = at
        story.segments[-1].target = target


def _stop(story: Story, at: datetime) -> Session | None:
    """End the session that is going on."""
    session = story.session
    if session is not None:
        session.ended_at = at
    return session


def _offered(story: Story, event: Logged) -> None:
    _stop(story, event.at)
    story.sessions.append(Session(text(event, "agent"), event.at))
    if story.segments and story.segments[-1].offered_at is None:
        story.segments[-1].offered_at = event.at


def _accepted(story: Story, event: Logged) -> None:
    """Take the offer; a conversation that is picked is offered and taken at once."""
    session = story.session
    if session is None or session.agent != text(event, "agent"):
        _offered(story, event)
        session = story.sessions[-1]
    session.accepted_at = session.accepted_at or event.at
    if story.segments and story.segments[-1].accepted_at is None:
        story.segments[-1].accepted_at = event.at


def _rejected(story: Story, event: Logged) -> None:
    session = story.session
    if session is not None:
        session.rejected_at = event.at


def _missed(story: Story, event: Logged) -> None:
    session = story.session
    if session is not None:
        session.missed_at = event.at


def _released(story: Story, event: Logged) -> None:
    _stop(story, event.at)
    story.parked = True


def _transferred(story: Story, event: Logged) -> None:
    """Begin a new stay if another queue gets it; an agent who gets it is offered it by an event of its own."""
    session, queue = _stop(story, event.at), text(event, "queue")
    if session is not None:
        session.transferred = True
    if queue:
        source = story.segments[-1].queue if story.segments else text(event, "from")
        _leave(story, event.at, queue)
        story.segments.append(Segment(queue, event.at, source))


def _customer_wrote(story: Story, event: Logged) -> None:
    story.parked = False
    story.said.append((event.at, "customer"))


def _we_wrote(story: Story, event: Logged) -> None:
    by = text(event, "by")
    story.said.append((event.at, "" if by in NO_AGENTS or by.startswith("bot:") else by))


def _ended(story: Story, event: Logged) -> None:
    story.ended_at = event.at
    _stop(story, event.at)


def _closed(story: Story, event: Logged) -> None:
    story.closed_at, story.closed_by = event.at, text(event, "by")
    _stop(story, event.at)
    if story.sessions and story.ended_at is not None:
        story.sessions[-1].closed_at = event.at
    if story.segments and story.segments[-1].left_at is None:
        story.segments[-1].closed_by = story.closed_by
    _leave(story, event.at)


def _consulted(story: Story, event: Logged) -> None:
    story.consults.append(Consult(event.at))


def _consult_answered(story: Story, event: Logged) -> None:
    if story.consults:
        story.consults[-1].outcome = MOMENTS[event.kind].value.removeprefix("consult_")
        if story.consults[-1].outcome == "accepted":
            story.consults[-1].accepted_at = event.at


def _consult_ended(story: Story, event: Logged) -> None:
    if story.consults:
        story.consults[-1].ended_at = event.at


Fold: TypeAlias = Callable[[Story, Logged], None]

_STEPS: Mapping[Moment, Fold] = {
    Moment.BOT: _bot,
    Moment.ESCALATED: _escalated,
    Moment.QUEUED: _queued,
    Moment.OFFERED: _offered,
    Moment.ACCEPTED: _accepted,
    Moment.REJECTED: _rejected,
    Moment.MISSED: _missed,
    Moment.RELEASED: _released,
    Moment.TRANSFERRED: _transferred,
    Moment.CUSTOMER_WROTE: _customer_wrote,
    Moment.WE_WROTE: _we_wrote,
    Moment.ENDED: _ended,
    Moment.CLOSED: _closed,
    Moment.CONSULTED: _consulted,
    Moment.CONSULT_ACCEPTED: _consult_answered,
    Moment.CONSULT_REJECTED: _consult_answered,
    Moment.CONSULT_MISSED: _consult_answered,
    Moment.CONSULT_ENDED: _consult_ended,
}
