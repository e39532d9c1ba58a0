"""Instants with a time zone: what every rule about time asks for first."""

from __future__ import annotations

from datetime import UTC, datetime

from wa_omnichannel.errors import InvalidValue


def aware(instant: datetime, field: str) -> datetime:
    """Return *instant* if it has a time zone.

    Raises:
        InvalidValue: It is naive; names *field*.
    """
    if instant.utcoffset() is None:
        raise InvalidValue.naive(instant, field)
    return instant


def in_utc(instant: datetime, field: str) -> datetime:
    """Return *instant* in UTC.

    Raises:
        InvalidValue: It is naive; names *field*.

    >>> from datetime import timedelta, timezone
    >>> in_utc(datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))), "at")
    datetime.datetime(2026, 1, 1, 10, 0, tzinfo=datetime.timezone.utc)
    """
    return instant if instant.tzinfo is UTC else aware(instant, field).astimezone(UTC)
