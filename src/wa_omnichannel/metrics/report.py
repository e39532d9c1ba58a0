"""All figures of a stretch of time in one table, and the stretches that dashboards show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

import attrs

from wa_omnichannel.metrics import waiting, working
from wa_omnichannel.metrics.stories import Story
from wa_omnichannel.metrics.working import Elapsed, simply

Value: TypeAlias = float | timedelta | None
"""A count, a share, a length of time, or blank."""


@attrs.frozen
class Figure:
    """One row of a report."""

    name: str
    value: Value
    variant: str = ""
    """Which reading, where the documentation has several."""


@attrs.frozen
class Thresholds:
    """What a queue's settings say about its figures; without them some stay blank."""

    service_level: timedelta | None = None
    short_abandoned: timedelta | None = None


NO_THRESHOLDS = Thresholds()


def report(
    stories: Sequence[Story], now: datetime, thresholds: Thresholds = NO_THRESHOLDS, elapsed: Elapsed = simply
) -> tuple[Figure, ...]:
    """Return every figure about *stories*.

    Args:
        stories: The conversations of the stretch.
        now: The current instant, for what is going on.
        thresholds: The queue's settings.
        elapsed: Time within operating hours, for first responses.
    """
    return (*_counts(stories), *_waits(stories, now, thresholds), *_work(stories, elapsed))


def _named(name: str, values: Mapping[str, Value]) -> Iterator[Figure]:
    return (Figure(name, value, variant) for variant, value in values.items())


def _counts(stories: Sequence[Story]) -> Iterator[Figure]:
    yield Figure("conversations", len(stories))
    yield Figure("engaged", sum(each.engaged for each in stories))
    yield Figure("closed", sum(each.closed_at is not None for each in stories))
    yield Figure("ghost", len(working.ghosts(stories)))
    yield from _named("bot", working.bots(stories))


def _waits(stories: Sequence[Story], now: datetime, thresholds: Thresholds) -> Iterator[Figure]:
    waits = [wait for each in stories if (wait := waiting.first_wait(each)) is not None]
    yield Figure("first_wait", sum(waits, timedelta(0)) / len(waits) if waits else None)
    yield Figure("speed_to_answer", waiting.average_speed_to_answer(stories), "all")
    yield Figure("speed_to_answer", waiting.average_speed_to_answer(stories, closed_only=True), "closed")
    yield Figure("speed_to_answer", waiting.segment_speed_to_answer(stories), "segments")
    yield Figure("agent_accept_time", waiting.agent_accept_time(stories))
    for limit in waiting.LEVELS:
        name = f"{int(limit.total_seconds())} s"
        yield Figure("service_level", waiting.service_level(stories, limit), name)
    yield Figure("service_level", waiting.queue_service_level(stories, thresholds.service_level), "queue")
    yield from _named("abandon_rate", waiting.abandon_rates(stories))
    yield from _named("abandoned", waiting.abandoned_counts(stories, thresholds.short_abandoned))
    yield Figure("waiting_now", len(waiting.waiting_now(stories)))
    yield Figure("longest_wait", waiting.longest_wait(stories, now))


def _work(stories: Sequence[Story], elapsed: Elapsed) -> Iterator[Figure]:
    yield Figure("handle_time", working.average_handle_time(stories))
    yield Figure("first_response_time", working.first_response_time(stories, elapsed))
    yield Figure("first_response_level", working.first_response_level(stories, elapsed))
    yield Figure("response_time", working.response_time(stories))
    yield Figure("response_level", working.response_level(stories))
    yield Figure("conversation_time", working.conversation_time(stories))
    yield from _named("session", working.session_rates(stories))
    yield from _named("session_time", working.session_times(stories))
    yield Figure("transfer_rate", working.transfer_rate(stories))
    yield from _named("consult", working.consults(stories))


def by_queue(stories: Iterable[Story]) -> Mapping[str, tuple[Story, ...]]:
    """Return the conversations by the queue they came into first."""
    found: dict[str, list[Story]] = {}
    for story in stories:
        found.setdefault(story.segments[0].queue if story.segments else "-", []).append(story)
    return {queue: tuple(found[queue]) for queue in sorted(found)}


def today(stories: Iterable[Story], now: datetime, zone: tzinfo) -> list[Story]:
    """Return those that were opened on the day of *now* in *zone*."""
    day = now.astimezone(zone).date()
    return [each for each in stories if each.opened_at.astimezone(zone).date() == day]


def last_day(stories: Iterable[Story], now: datetime) -> list[Story]:
    """Return those that were opened in the last 24 hours."""
    return [each for each in stories if each.opened_at > now - timedelta(hours=24)]


def last_day_and_open(stories: Iterable[Story], now: datetime) -> list[Story]:
    """Return those that were opened in the last 24 hours, and the open ones of the last 3 days."""
    edge, oldest = now - timedelta(hours=24), now - timedelta(days=3)
    return [each for each in stories if each.opened_at > (oldest if each.closed_at is None else edge)]
