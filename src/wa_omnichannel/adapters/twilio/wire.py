"""The body of a request to the API, and what an answer that is an error says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

import attrs

from wa_omnichannel._net.calls import CallFailed, doubtful, json_object, retry_after, too_many
from wa_omnichannel.adapters.twilio.error_codes import advice
from wa_omnichannel.errors import OutcomeUnknown, TransportError, TransportUnavailable
from wa_omnichannel.messages import Outcome, Rejected


@attrs.frozen(eq=False)
class Answered(CallFailed):
    """The provider answered with an error or a redirect."""

    status: int
    text: str
    headers: Mapping[str, str]

    def outcome(self) -> Outcome:
        """Only 429 is defined as never processed; a server error says nothing about the message."""
        if self.status == 429:
            return too_many(self.headers)
        doubt = doubtful(self.status)
        if doubt is not None:
            return doubt
        code, message = self._code_and_message()
        told = advice(code)
        return Rejected(code, message, told.retryable, told.text)

    def error(self, *, repeatable: bool = True) -> TransportError:
        """The provider refused to answer."""
        code, message = self._code_and_message()
        said = (f"The provider answered {self.status}: {message}", code, self.status, advice(code).text)
        if self.status == 429:
            return TransportUnavailable(*said, retry_after(self.headers))
        if self.status < 500 and self.status != 408:
            return TransportError(*said)
        return TransportUnavailable(*said) if repeatable else OutcomeUnknown(*said)

    def _code_and_message(self) -> tuple[int, str]:
        """Return the provider's error code and text; without a code the HTTP status stands for it."""
        found = json_object(self.text)
        code = found.get("code")
        message = found.get("message") or found.get("detail") or found.get("title") or f"HTTP status {self.status}"
        return code if isinstance(code, int) else self.status, str(message)


def body_of(data: Mapping[str, object] | None, headers: Mapping[str, str]) -> bytes | None:
    """Return a request's body in the form that its ``Content-Type`` names."""
    if data is None:
        return None
    if headers.get("Content-Type", "").endswith("json"):
        return json.dumps(data).encode()
    return urlencode(data, doseq=True).encode()
