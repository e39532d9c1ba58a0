"""The SDK's HTTP client for threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.http.response import Response  # type: ignore[import-untyped, unused-ignore]

from wa_omnichannel._net.blocking import exchange, new_session
from wa_omnichannel.adapters.twilio.account import Account
from wa_omnichannel.adapters.twilio.wire import Answered, body_of


class BlockingHttp:
    """What the SDK calls to send a request."""

    is_async = False

    def __init__(self, account: Account) -> None:
        """Send with the credentials of *account*."""
        self._session = new_session(account)
        self._timeouts = account.timeouts

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request, once; the credentials are the session's, whatever *auth* says.

        Raises:
            CallFailed: There was no 2xx answer.
        """
        named = dict(headers or {})
        limits = (self._timeouts[0], timeout or self._timeouts[1])
        reply = exchange(
            self._session, method, uri, timeouts=limits, params=params, body=body_of(data, named), headers=named
        )
        if reply.good:
            return Response(reply.status, reply.text, reply.headers)
        raise Answered(reply.status, reply.text, reply.headers)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
