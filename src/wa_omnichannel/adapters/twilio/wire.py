"""What both colours share about HTTP: the request body, and how a call can end.

Neither colour raises errors of its HTTP library: a call ends with a 2xx answer, or with one of the three
exceptions here, which say whether the provider may have acted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlencode

import attrs

from wa_omnichannel.adapters.twilio.error_codes import advice
from wa_omnichannel.errors import OutcomeUnknown, TransportError, TransportUnavailable
from wa_omnichannel.messages import TOO_MANY_REQUESTS, Ambiguous, NotSent, Outcome, Rejected

LONGEST_PAUSE = timedelta(hours=1)
"""Longest wait that an answer can ask for."""


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


@attrs.frozen(eq=False)
class Answered(CallFailed):
    """The provider answered with an error or a redirect."""

    status: int
    text: str
    headers: Mapping[str, str]

    def outcome(self) -> Outcome:
        """Only 429 is defined as never processed; a server error says nothing about the message."""
        if self.status == 429:
            return NotSent(TOO_MANY_REQUESTS, self._retry_after())
        if self.status >= 500 or self.status == 408:
            return Ambiguous(f"provider_error_{self.status}")
        code, message = self._code_and_message()
        told = advice(code)
        return Rejected(code, message, told.retryable, told.text)

    def error(self, *, repeatable: bool = True) -> TransportError:
        """The provider refused to answer."""
        code, message = self._code_and_message()
        said = (f"The provider answered {self.status}: {message}", code, self.status, advice(code).text)
        if self.status == 429:
            return TransportUnavailable(*said, self._retry_after())
        if self.status < 500 and self.status != 408:
            return TransportError(*said)
        return TransportUnavailable(*said) if repeatable else OutcomeUnknown(*said)

    def _code_and_message(self) -> tuple[int, str]:
        """Return the provider's error code and text; without a code the HTTP status stands for it."""
        try:
            body: object = json.loads(self.text)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return self.status, f"HTTP status {self.status}"
        found = cast("dict[str, Any]", body)
        code = found.get("code")
        message = found.get("message") or found.get("detail") or found.get("title") or f"HTTP status {self.status}"
        return code if isinstance(code, int) else self.status, str(message)

    def _retry_after(self) -> timedelta | None:
        """Return how long to wait: the header holds seconds or a date."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isascii() and text.isdecimal():
            return min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
        try:
            pause = parsedate_to_datetime(text) - datetime.now(UTC)
        except (ValueError, TypeError):
            return None
        return max(timedelta(0), min(pause, LONGEST_PAUSE))


def body_of(data: Mapping[str, object] | None, headers: Mapping[str, str]) -> bytes | None:
    """Return a request's body in the form that its ``Content-Type`` names."""
    if data is None:
        return None
    if headers.get("Content-Type", "").endswith("json"):
        return json.dumps(data).encode()
    return urlencode(data, doseq=True).encode()
