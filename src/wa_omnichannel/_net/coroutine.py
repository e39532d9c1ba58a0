"""Sessions for coroutines, on ``aiohttp``."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from wa_omnichannel._net.calls import AnswerLost, CallFailed, Credentials, Reply, Unreached
from wa_omnichannel._net.network import is_public

FAILURES = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
"""Everything ``aiohttp`` raises when a call fails."""

_NO_CONNECTION = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def new_session(
    who: Credentials | None, timeouts: tuple[float, float], resolver: AbstractResolver | None = None
) -> Any:
    """Return a session without cookies, proxies or passwords from the environment.

    Args:
        who: Whose credentials go with every request; None for none.
        timeouts: For connecting and for reading, in seconds.
        resolver: Looks up host names; the system's by default.
    """
    connect, read = timeouts
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver),
        headers={"Authorization": who.authorization()} if who is not None else None,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_read=read),
    )


def failure_of(error: Exception) -> CallFailed:
    """Tell whether anything can have been written before *error*."""
    return Unreached() if isinstance(error, _NO_CONNECTION) else AnswerLost()


async def exchange(
    session: Any,
    method: str,
    url: str,
    *,
    params: Mapping[str, Any] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request, once, and read the answer, whatever its status.

    Raises:
        CallFailed: There was no whole answer.
    """
    try:
        async with session.request(
            method, url, params=params, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return Reply(answer.status, (await answer.read()).decode("utf-8", "replace"), answer.headers)
    except FAILURES as error:
        failed = failure_of(error)
    raise failed


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
