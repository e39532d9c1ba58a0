"""Strategies for points in time, most of them where calendars are difficult."""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hypothesis import strategies as st

_FIRST = datetime(2020, 1, 1, tzinfo=UTC)
_LAST = datetime(2035, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a machine without time zone data
        return None


_NAMED = ("Europe/Madrid", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu")
ZONES: tuple[tzinfo, ...] = (
    UTC,
    timezone(timedelta(hours=14)),
    timezone(timedelta(hours=-12)),
    *(found for found in map(_zone, _NAMED) if found is not None),
)

_EDGES = (
    datetime(2024, 2, 29, tzinfo=UTC),  # leap days
    datetime(2028, 2, 29, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),  # a year's end
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Madrid's clocks go forward
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # and back
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe: by half an hour
)


_CHANGES = (
    (datetime(2026, 3, 29, 1, tzinfo=UTC), "Europe/Madrid"),
    (datetime(2026, 10, 25, 1, tzinfo=UTC), "Europe/Madrid"),
    (datetime(2026, 3, 8, 7, tzinfo=UTC), "America/New_York"),
    (datetime(2026, 11, 1, 6, tzinfo=UTC), "America/New_York"),
    (datetime(2026, 4, 4, 15, tzinfo=UTC), "Australia/Lord_Howe"),
)


@functools.cache
def clock_changes() -> st.SearchStrategy[datetime]:
    """Make instants of the day before clocks are changed, as the clock there shows them."""
    known = [(at, zone) for at, name in _CHANGES if (zone := _zone(name)) is not None] or [(_EDGES[0], UTC)]
    before = (_TICK, timedelta(hours=1), timedelta(hours=12), _DAY - _TICK)
    return st.sampled_from([(at - gap).astimezone(zone) for gap in before for at, zone in known])


@functools.cache
def zones() -> st.SearchStrategy[tzinfo]:
    """Make time zones: UTC, the extremes of the map, and some with summer time or odd offsets."""
    return st.sampled_from(ZONES)


@functools.cache
def instants(min_value: datetime = _FIRST, max_value: datetime = _LAST) -> st.SearchStrategy[datetime]:
    """Make aware instants in any zone; many lie at leap days, year ends, and changes of summer time.

    Args:
        min_value: The earliest instant; aware.
        max_value: The latest instant; aware.
    """
    low, high = min_value.astimezone(UTC), max_value.astimezone(UTC)
    anywhere = st.timedeltas(timedelta(0), high - low).map(lambda after: low + after)
    edges = [edge for edge in _EDGES if low + _DAY <= edge <= high - _DAY]
    if edges:
        nudges = st.sampled_from((timedelta(0), _TICK, -_TICK, timedelta(minutes=30), timedelta(hours=-1), _DAY, -_DAY))
        anywhere |= moved(edges, nudges)
    return elsewhere(anywhere)


def moved(marks: list[datetime], by: st.SearchStrategy[timedelta]) -> st.SearchStrategy[datetime]:
    """Make instants at a distance from one of *marks*."""
    return st.tuples(st.sampled_from(marks), by).map(lambda both: both[0] + both[1])


def elsewhere(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[datetime]:
    """Make the same instants as they are written in any zone."""
    return st.tuples(instants, zones()).map(lambda both: both[0].astimezone(both[1]))


@functools.cache
def margins() -> st.SearchStrategy[timedelta]:
    """Make safety margins: from nothing to a little less than the whole window."""
    usual = st.sampled_from((timedelta(0), timedelta(minutes=5), timedelta(hours=1)))
    return usual | st.timedeltas(timedelta(0), timedelta(hours=24) - _TICK)
