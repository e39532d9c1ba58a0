"""The SDK's HTTP client for coroutines, on ``aiohttp``: bounded in time, never repeating, nothing shared."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from twilio.http.response import Response  # type: ignore[import-untyped, unused-ignore]

from wa_omnichannel.adapters.twilio.account import Account
from wa_omnichannel.adapters.twilio.network import is_public
from wa_omnichannel.adapters.twilio.wire import Answered, AnswerLost, CallFailed, Unreached, body_of

FAILURES = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""Everything ``aiohttp`` raises when a call fails."""

_NO_CONNECTION = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def new_session(
    account: Account | None, timeouts: tuple[float, float], resolver: AbstractResolver | None = None
) -> Any:
    """Return a session without cookies, proxies or passwords from the environment.

    Args:
        account: Whose credentials go with every request; None for none.
        timeouts: For connecting and for reading, in seconds.
        resolver: Looks up host names; the system's by default.
    """
    connect, read = timeouts
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver),
        headers={"Authorization": account.authorization()} if account is not None else None,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read),
    )


def failure_of(error: Exception) -> CallFailed:
    """Tell whether anything can have been written before *error*."""
    return Unreached() if isinstance(error, _NO_CONNECTION) else AnswerLost()


class CoroutineHttp:
    """What the SDK calls to send a request. Must be made while a loop runs."""

    is_async = True

    def __init__(self, account: Account) -> None:
        """Send with the credentials of *account*."""
        self._session = new_session(account, account.timeouts)

    async def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the SDK's signature
        allow_redirects: bool = False,
    ) -> Response:
        """Send one request, once; the credentials are the session's, whatever *auth* says.

        Raises:
            CallFailed: There was no 2xx answer.
        """
        named = dict(headers or {})
        try:
            async with self._session.request(
                method, uri, params=params, data=body_of(data, named), headers=named, allow_redirects=False
            ) as answer:
                text = (await answer.read()).decode("utf-8", "replace")
        except FAILURES as error:
            failed = failure_of(error)
        else:
            if 200 <= answer.status < 300:
                return Response(answer.status, text, answer.headers)
            failed = Answered(answer.status, text, answer.headers)
        raise failed

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


class PublicResolver(aiohttp.ThreadedResolver):
    """Resolves to public addresses only."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of *host*.

        Raises:
            OSError: It has none.
        """
        found = [each for each in await super().resolve(host, port, family) if is_public(each["host"])]
        if not found:
            raise OSError(None, "the host has no public address")
        return found
