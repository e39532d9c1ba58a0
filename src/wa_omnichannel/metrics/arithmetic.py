"""Division as reports do it: what cannot be divided is blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

ZERO = timedelta(0)


def ratio(part: float, whole: float) -> float | None:
    """Return *part* / *whole*, or None if there is no whole.

    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None


def mean(spans: Sequence[timedelta]) -> timedelta | None:
    """Return the average, or None if there is nothing.

    >>> mean([timedelta(seconds=1), timedelta(seconds=2)]), mean([])
    (datetime.timedelta(seconds=1, microseconds=500000), None)
    """
    return sum(spans, ZERO) / len(spans) if spans else None


def within(spans: Sequence[timedelta], limit: timedelta) -> float | None:
    """Return the share of *spans* that are at most *limit*."""
    return ratio(sum(each <= limit for each in spans), len(spans))


def below(spans: Sequence[timedelta], limit: timedelta) -> float | None:
    """Return the share of *spans* that are shorter than *limit*."""
    return ratio(sum(each < limit for each in spans), len(spans))


def between(pairs: Iterable[tuple[datetime, datetime | None]]) -> list[timedelta]:
    """Return the length of every stretch that has an end."""
    return [end - begin for begin, end in pairs if end is not None]
