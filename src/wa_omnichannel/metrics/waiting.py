"""How long customers wait, and who gives up (§10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from wa_omnichannel.metrics.arithmetic import between, mean, ratio, within
from wa_omnichannel.metrics.log import OVERFLOW, SYSTEM
from wa_omnichannel.metrics.stories import Segment, Story

LEVELS = tuple(timedelta(seconds=n) for n in (10, 20, 30, 40, 60, 120))
"""The limits of the service level report."""


def first_wait(story: Story) -> timedelta | None:
    """Return the wait from queue entry (or the bot's escalation) to acceptance, or to closing if abandoned.

    None while it is not known.
    """
    end = story.accepted_at or (story.closed_at if story.abandoned else None)
    return None if end is None else end - story.asked_at


def speeds(stories: Iterable[Story], *, closed_only: bool = False) -> list[timedelta]:
    """Return the speed to answer of each inbound conversation that was accepted."""
    return between(
        (each.asked_at, each.accepted_at)
        for each in stories
        if each.inbound and (each.closed_at is not None or not closed_only)
    )


def average_speed_to_answer(stories: Iterable[Story], *, closed_only: bool = False) -> timedelta | None:
    """Return the mean speed to answer over accepted inbound conversations (ASA).

    Args:
        stories: The conversations.
        closed_only: Count closed ones only, as the historical report does.
    """
    return mean(speeds(stories, closed_only=closed_only))


def service_level(stories: Iterable[Story], limit: timedelta) -> float | None:
    """Return the share of accepted inbound conversations that were answered within *limit*, which counts as in time."""
    return within(speeds(stories), limit)


def in_service_level(story: Story, threshold: timedelta | None) -> bool:
    """Tell whether a conversation is within its queue's service level: true if engaged and there is no threshold."""
    wait = first_wait(story)
    return story.engaged and story.inbound and (threshold is None or (wait is not None and wait <= threshold))


def queue_service_level(stories: Iterable[Story], threshold: timedelta | None) -> float | None:
    """Return the share of engaged inbound conversations that are within the queue's service level."""
    engaged = [each for each in stories if each.inbound and each.engaged]
    return ratio(sum(in_service_level(each, threshold) for each in engaged), len(engaged))


def segments(stories: Iterable[Story]) -> Iterator[Segment]:
    """Yield every stay of inbound conversations in a queue."""
    return (segment for story in stories if story.inbound for segment in story.segments)


def segment_speed_to_answer(stories: Iterable[Story]) -> timedelta | None:
    """Return the mean wait of engaged inbound stays, from entering the queue to acceptance."""
    return mean(between((each.entered_at, each.accepted_at) for each in segments(stories)))


def agent_accept_time(stories: Iterable[Story]) -> timedelta | None:
    """Return the mean time of inbound stays from the first offer to acceptance."""
    found = segments(stories)
    return mean(between((each.offered_at, each.accepted_at) for each in found if each.offered_at is not None))


def abandoned(stories: Iterable[Story]) -> list[Story]:
    """Return the inbound conversations that were closed before anybody took them, after people were asked for.

    Closing by a supervisor and by overflow counts; what a bot had alone and outbound ones do not.
    """
    return [each for each in stories if each.abandoned]


def abandon_rates(stories: Iterable[Story]) -> Mapping[str, float | None]:
    """Return the four readings of the abandon rate, by name.

    * ``of_escalated``: abandoned / those that a bot escalated
    * ``of_incoming``: abandoned / incoming
    * ``streaming``: abandoned without overflow and the system's own closing / incoming
    * ``of_segments``: abandoned stays / stays of inbound conversations
    """
    known = list(stories)
    gave_up, incoming = abandoned(known), [each for each in known if each.inbound]
    own = [each for each in gave_up if each.closed_by not in OVERFLOW | SYSTEM]
    stays = list(segments(known))
    left = [each for each in stays if each.closed_by and each.accepted_at is None]
    return {
        "of_escalated": ratio(len(gave_up), sum(each.escalated_at is not None for each in known)),
        "of_incoming": ratio(len(gave_up), len(incoming)),
        "streaming": ratio(len(own), len(incoming)),
        "of_segments": ratio(len(left), len(stays)),
    }


def short_abandoned(stories: Iterable[Story], threshold: timedelta | None) -> list[Story] | None:
    """Return the abandoned conversations that lasted less than *threshold*; None without a threshold."""
    if threshold is None:
        return None
    return [each for each in abandoned(stories) if (each.closed_at or each.opened_at) - each.opened_at < threshold]


def abandoned_counts(stories: Iterable[Story], threshold: timedelta | None) -> Mapping[str, float | None]:
    """Return the counts around short abandoned ones, in both readings.

    * ``abandoned_queue_page``: short ones are not among the abandoned
    * ``abandoned_segment_page``: short ones are a part of the abandoned
    * ``short``: the short ones
    * ``short_share``: short / abandoned, of the segment page
    """
    gave_up = abandoned(list_ := list(stories))
    short = short_abandoned(list_, threshold)
    return {
        "abandoned_queue_page": len(gave_up) - len(short or ()),
        "abandoned_segment_page": len(gave_up),
        "short": None if short is None else len(short),
        "short_share": None if short is None else ratio(len(short), len(gave_up)),
    }


def waiting_now(stories: Iterable[Story]) -> list[Story]:
    """Return the backlog: open ones, and active ones that nobody accepted after a rejection or a missed offer.

    What a bot still has, or waits for the customer, is not waiting for us.
    """
    mine = (each for each in stories if each.segments and each.closed_at is None and each.ended_at is None)
    return [each for each in mine if not _taken(each)]


def _taken(story: Story) -> bool:
    session = story.session
    return story.parked or (session is not None and session.accepted_at is not None)


def longest_wait(stories: Iterable[Story], now: datetime) -> timedelta | None:
    """Return the longest wait of those nobody accepted yet; a transfer begins it anew in the other queue."""
    waits = [now - each.segments[-1].entered_at for each in waiting_now(stories)]
    return max(waits, default=None)


PERIOD = timedelta(minutes=10)
"""How often the wait that is shown to customers is computed."""

ENOUGH = 20
"""How many connected conversations it needs."""

FORGOTTEN = timedelta(days=7)
"""After so long without a connected conversation it starts anew."""

SHOWN_ABOVE = timedelta(minutes=1)
"""Shorter waits are not shown."""


def wait_shown(
    connected: Iterable[tuple[datetime, timedelta]],
    now: datetime,
    *,
    shown: timedelta | None = None,
    weight: float = 0.1,
) -> timedelta | None:
    """Return the average wait that a customer is shown; None if none is.

    Args:
        connected: When each conversation was connected, and how long it had waited; in order.
        now: The current instant.
        shown: What this customer was shown before; it does not change any more.
        weight: Weight of the latest conversation in the moving average; the documentation gives no number.
    """
    if shown is not None:
        return shown
    computed = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % PERIOD
    average, count, last = 0.0, 0, None
    for at, wait in connected:
        if at > computed:
            break
        if last is not None and at - last >= FORGOTTEN:
            count = 0
        seconds = wait.total_seconds()
        average = seconds if not count else average + weight * (seconds - average)
        count, last = count + 1, at
    if count < ENOUGH or last is None or computed - last >= FORGOTTEN:
        return None
    found = timedelta(seconds=average)
    return found if found > SHOWN_ABOVE else None
