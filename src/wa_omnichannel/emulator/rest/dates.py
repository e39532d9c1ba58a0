"""Dates as the two generations of the API write them, and as filters and writes may give them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from wa_omnichannel.emulator.behaviour.problems import RestError

_DATE_LENGTH = len("2026-01-31")


def rfc2822(instant: datetime) -> str:
    """Return an instant as the 2010 API writes it."""
    return format_datetime(instant)


def iso8601(instant: datetime) -> str:
    """Return an instant as the newer APIs write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def read_date(text: str) -> datetime:
    """Return the instant (aware, UTC) of an ISO 8601 text; without a zone it is UTC.

    Raises:
        RestError: If the text is no date (20001).
    """
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as failure:
        raise RestError(20001, f"{text!r} is not a date") from failure


def last_second(text: str) -> datetime:
    """Return the end of a day, or the instant itself if the text has a time.

    Raises:
        RestError: If the text is no date (20001).
    """
    bound = read_date(text)
    return bound.replace(hour=23, minute=59, second=59) if len(text) <= _DATE_LENGTH else bound
