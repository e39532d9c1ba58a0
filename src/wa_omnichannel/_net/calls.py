"""How a call to a provider can end, in both colours.

Neither colour raises errors of its HTTP library: a call ends with a :class:`Reply`, or with one of the
exceptions here, which say whether the provider may have acted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol, cast

import attrs

from wa_omnichannel.errors import OutcomeUnknown, TransportError, TransportUnavailable
from wa_omnichannel.messages import TOO_MANY_REQUESTS, Ambiguous, NotSent, Outcome

LONGEST_PAUSE = timedelta(hours=1)
"""Longest wait that an answer can ask for."""


class Credentials(Protocol):
    """Whoever asks."""

    def authorization(self) -> str:
        """Return the value of the ``Authorization`` header. Secret."""
        ...


@attrs.frozen
class Reply:
    """An answer of any status."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def good(self) -> bool:
        """Whether the status is a 2xx."""
        return 200 <= self.status < 300


class CallFailed(Exception):
    """A call that did not end with a 2xx answer."""

    reason = "answer_lost"
    """A short code for records."""

    def outcome(self) -> Outcome:
        """Return what became of a message that was sent with this call."""
        return Ambiguous(self.reason)

    def error(self, *, repeatable: bool = True) -> TransportError:
        """Return the error for a call that is no send.

        Args:
            repeatable: Whether the call may be made again, because it asks or sets something to a value.
        """
        if repeatable:
            return TransportUnavailable(f"The provider could not be asked: {self.reason}.")
        return OutcomeUnknown(f"The provider's answer was lost: {self.reason}.")


class Unreached(CallFailed):
    """No connection came about, so nothing was written."""

    reason = "provider_unreachable"

    def outcome(self) -> Outcome:
        """The message was not sent."""
        return NotSent(self.reason)

    def error(self, *, repeatable: bool = True) -> TransportError:
        """Nothing was written, so any call may be made again."""
        return TransportUnavailable(f"The provider could not be asked: {self.reason}.")


class AnswerLost(CallFailed):
    """The request was written (or may have been), and no usable answer came."""


def too_many(headers: Mapping[str, str]) -> NotSent:
    """Return the outcome of a message that was turned away because there were too many."""
    return NotSent(TOO_MANY_REQUESTS, retry_after(headers))


def doubtful(status: int) -> Ambiguous | None:
    """Return the outcome of an answer that says nothing about the message: a server error or a time-out."""
    return Ambiguous(f"provider_error_{status}") if status >= 500 or status == 408 else None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long an answer asks to wait: its header holds seconds or a date.

    >>> retry_after({"Retry-After": "7"})
    datetime.timedelta(seconds=7)
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(text) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), min(pause, LONGEST_PAUSE))


def json_object(text: str | bytes) -> dict[str, object]:
    """Return the JSON object in *text*; an empty one if it is anything else.

    >>> json_object('{"a": 1}'), json_object("[1]"), json_object("<html>")
    ({'a': 1}, {}, {})
    """
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
