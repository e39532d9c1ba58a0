"""What agents do with conversations: handling, answering, sessions, transfers, consults, bots (§10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from wa_omnichannel.metrics.arithmetic import ZERO, below, between, mean, ratio
from wa_omnichannel.metrics.log import TRANSFER_CLOSURES
from wa_omnichannel.metrics.stories import Session, Story

FIRST_RESPONSE_LEVEL = timedelta(seconds=60)
"""Answers that come sooner are in time."""

Elapsed: TypeAlias = Callable[[datetime, datetime], timedelta]
"""Time between two instants, for example within operating hours only."""


def simply(begin: datetime, end: datetime) -> timedelta:
    """Return all the time between two instants."""
    return end - begin


def sessions(stories: Iterable[Story]) -> Iterator[Session]:
    """Yield every session: an offer to an agent and what became of it."""
    return (session for story in stories for session in story.sessions)


def handle_time(story: Story) -> timedelta:
    """Return the time over all agents from acceptance to the end of wrap-up; consult time is not theirs."""
    return sum(between(_parts(story)), ZERO)


def _parts(story: Story) -> Iterator[tuple[datetime, datetime | None]]:
    for session in story.sessions:
        if session.accepted_at is not None:
            yield session.accepted_at, session.ended_at
            if session.ended_at is not None:
                yield session.ended_at, session.closed_at


def average_handle_time(stories: Iterable[Story]) -> timedelta | None:
    """Return handle time / conversations that were handled (AHT); those an agent still has do not count yet."""
    return mean([handle_time(each) for each in stories if each.engaged and each.session is None])


def first_responses(stories: Iterable[Story], elapsed: Elapsed = simply) -> list[timedelta]:
    """Return the time from request (or escalation) to the first message of an agent, of each engaged conversation."""
    found: list[timedelta] = []
    for story in stories:
        first = next((at for at, who in story.said if who not in ("", "customer")), None)
        if story.engaged and first is not None:
            found.append(elapsed(story.escalated_at or story.opened_at, first))
    return found


def first_response_time(stories: Iterable[Story], elapsed: Elapsed = simply) -> timedelta | None:
    """Return the average first response time."""
    return mean(first_responses(stories, elapsed))


def first_response_level(stories: Iterable[Story], elapsed: Elapsed = simply) -> float | None:
    """Return the share of first responses in less than 60 seconds."""
    return below(first_responses(stories, elapsed), FIRST_RESPONSE_LEVEL)


def responses(stories: Iterable[Story]) -> list[timedelta]:
    """Return the wait of each exchange: from the first unanswered customer message to the agent's answer.

    Before acceptance nobody answers, so what was written earlier waits from acceptance on.
    """
    return [wait for story in stories for wait in _exchanges(story)]


def _exchanges(story: Story) -> Iterator[timedelta]:
    began: datetime | None = None
    taken = story.accepted_at
    for at, who in story.said:
        if who == "customer":
            began = began or at
        elif who and began is not None and taken is not None:
            yield at - max(began, min(taken, at))
            began = None


def response_time(stories: Iterable[Story]) -> timedelta | None:
    """Return the average agent response time."""
    return mean(responses(stories))


def response_level(stories: Iterable[Story]) -> float | None:
    """Return the share of agents' answers in less than 60 seconds."""
    return below(responses(stories), FIRST_RESPONSE_LEVEL)


def conversation_time(stories: Iterable[Story]) -> timedelta | None:
    """Return the average time from the customer's request to the end of wrap-up."""
    return mean(between((each.opened_at, each.closed_at) for each in stories))


def session_rates(stories: Iterable[Story]) -> Mapping[str, float | None]:
    """Return how offers end: ``rejected`` and ``timed_out``, each over all sessions that were assigned."""
    known = list(sessions(stories))
    return {
        "rejected": ratio(sum(each.rejected_at is not None for each in known), len(known)),
        "timed_out": ratio(sum(each.missed_at is not None for each in known), len(known)),
    }


def session_times(stories: Iterable[Story]) -> Mapping[str, timedelta | None]:
    """Return the average time from the offer to ``accept`` and to ``reject``."""
    known = list(sessions(stories))
    return {
        "accept": mean(between((each.offered_at, each.accepted_at) for each in known)),
        "reject": mean(between((each.offered_at, each.rejected_at) for each in known)),
    }


def transfer_rate(stories: Iterable[Story]) -> float | None:
    """Return transferred sessions / handled sessions."""
    handled = [each for each in sessions(stories) if each.accepted_at is not None]
    return ratio(sum(each.transferred for each in handled), len(handled))


def queue_transfers(stories: Iterable[Story], queue: str, *, bots: bool = True) -> Mapping[str, int]:
    """Return transfers ``into`` and ``out`` of a *queue*, and ``net`` = into - out.

    Args:
        stories: The conversations.
        queue: The queue.
        bots: Whether conversations that a bot escalated count.
    """
    stays = [
        stay for each in stories if bots or each.escalated_at is None for stay in each.segments if stay.queue == queue
    ]
    into = sum(bool(stay.source) for stay in stays)
    out = sum(bool(stay.target) or stay.closed_by in TRANSFER_CLOSURES for stay in stays)
    return {"into": into, "out": out, "net": into - out}


def consults(stories: Iterable[Story]) -> Mapping[str, int | timedelta | None]:
    """Return consults ``requested``, ``accepted``, ``rejected`` and ``missed``, and their ``average`` time."""
    known = [each for story in stories for each in story.consults]
    counts = {name: sum(each.outcome == name for each in known) for name in ("accepted", "rejected", "missed")}
    spent = between((each.accepted_at, each.ended_at) for each in known if each.accepted_at is not None)
    average = sum(spent, ZERO) / counts["accepted"] if counts["accepted"] else None
    return {"requested": len(known), **counts, "average": average}


def bots(stories: Iterable[Story]) -> Mapping[str, int]:
    """Return the conversations of bots: ``deflected`` + ``escalated`` = ``total``."""
    known = list(stories)
    deflected = sum(each.deflected for each in known)
    escalated = sum(each.escalated_at is not None for each in known)
    return {"deflected": deflected, "escalated": escalated, "total": deflected + escalated}


def ghosts(stories: Iterable[Story]) -> list[Story]:
    """Return the conversations that were accepted, and in which the customer wrote nothing afterwards."""
    return [each for each in stories if each.accepted_at is not None and not _wrote_after(each, each.accepted_at)]


def _wrote_after(story: Story, accepted: datetime) -> bool:
    return any(who == "customer" and at > accepted for at, who in story.said)
