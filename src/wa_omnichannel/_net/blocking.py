"""Sessions for threads, on ``requests``."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from wa_omnichannel._net.calls import AnswerLost, CallFailed, Credentials, Reply, Unreached
from wa_omnichannel._net.network import is_public

POOL = 32
"""Connections that are kept open."""

FAILURES = (requests.RequestException, HTTPError, OSError)
"""Everything ``requests`` raises when a call fails."""

_NO_CONNECTION = (NewConnectionError, ConnectTimeoutError)


class _Session(requests.Session):
    """A session that leaves redirects alone; even the next address is otherwise read, and may be malformed."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """There is no next address."""
        return None


def new_session(who: Credentials | None, adapter: HTTPAdapter | None = None) -> requests.Session:
    """Return a session without cookies, proxies or passwords from the environment, and without retries.

    Args:
        who: Whose credentials go with every request; None for none.
        adapter: What connects; a pool of :data:`POOL` connections by default.
    """
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter or HTTPAdapter(pool_connections=1, pool_maxsize=POOL, max_retries=0))
    if who is not None:
        session.headers["Authorization"] = who.authorization()
    return session


def failure_of(error: Exception) -> CallFailed:
    """Tell whether anything can have been written before *error*."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    rejected_certificate = isinstance(cause, Exception) and any(
        isinstance(each, ssl.SSLCertVerificationError) for each in (cause, *cause.args)
    )
    if isinstance(cause, _NO_CONNECTION) or rejected_certificate:
        return Unreached()
    return AnswerLost()


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    timeouts: tuple[float, float],
    params: Mapping[str, Any] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request, once, and read the answer, whatever its status.

    Raises:
        CallFailed: There was no whole answer.
    """
    try:
        answer = session.request(
            method, url, params=params, data=body, headers=headers, timeout=timeouts, allow_redirects=False
        )
    except FAILURES as error:
        failed = failure_of(error)
    else:
        return Reply(answer.status_code, answer.content.decode("utf-8", "replace"), answer.headers)
    raise failed


def _public(connection: HTTPConnection, connected: socket.socket) -> socket.socket:
    """Let a connection pass if it leads to the public internet; nothing was written on it yet."""
    if is_public(connected.getpeername()[0]):
        return connected
    connected.close()
    raise NewConnectionError(connection, "the host has a private address")


class _PublicHttp(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _public(self, super()._new_conn())


class _PublicHttps(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _public(self, super()._new_conn())


class _PublicHttpPool(HTTPConnectionPool):
    ConnectionCls: Any = _PublicHttp


class _PublicHttpsPool(HTTPSConnectionPool):
    ConnectionCls: Any = _PublicHttps


class PublicAdapter(HTTPAdapter):
    """Connects to public addresses only, whatever a host name resolves to."""

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Use pools whose connections look at the other end before anything is written."""
        super().init_poolmanager(*args, **named)
        pools: Any = {"http": _PublicHttpPool, "https": _PublicHttpsPool}
        self.poolmanager.pool_classes_by_scheme = pools
