"""A small HTTP client on the emulator's loop: h11 speaks the protocol, connections are kept and used again."""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

import attrs
import h11

MAX_ANSWER = 256 * 1024
MAX_IDLE = 1.0
_CHUNK = 65536
_PRINTABLE = "%/:=&?~#+!$,;'@()*[]|"

Origin = tuple[str, str, int]
Headers = list[tuple[str, str]]


class ConnectFailed(Exception):
    """No connection within the time allowed."""


class ReadFailed(Exception):
    """A connection, but no whole answer within the time allowed."""


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """A status, the content type and the body (at most 256 kB of it) of an answer."""

    status: int
    content_type: str
    body: bytes


@attrs.define
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    protocol: h11.Connection
    idle_since: float = 0.0

    @property
    def is_fresh(self) -> bool:
        recent = time.monotonic() - self.idle_since < MAX_IDLE
        return recent and not self.reader.at_eof() and not self.writer.is_closing()


class Connections:
    """Connections to the webhooks' servers. One loop only; an idle connection is used again for a second."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[_Connection]] = {}

    async def request(
        self, method: str, url: str, headers: Headers, body: bytes, *, connect: float, read: float
    ) -> HttpAnswer:
        """Make one request; redirects are not followed.

        Args:
            method: The HTTP verb.
            url: An absolute http or https URL.
            headers: Besides Host and Content-Length, which are added.
            body: What to send, maybe nothing.
            connect: Seconds until there must be a connection.
            read: Seconds until the whole answer must be there.

        Raises:
            ConnectFailed: If there is no connection in time.
            ReadFailed: If the answer does not come, is no HTTP or breaks off.
        """
        parts = urlsplit(url)
        origin = _origin(parts)
        connection = self._take(origin) or await _open(origin, connect)
        try:
            async with asyncio.timeout(read):
                answer = await _exchange(connection, _head(method, parts, headers, body), body)
        except (OSError, TimeoutError, h11.ProtocolError) as failure:
            connection.writer.close()
            raise ReadFailed(str(failure) or "no answer in time") from failure
        except BaseException:
            connection.writer.close()
            raise
        self._give_back(origin, connection)
        return answer

    async def close(self) -> None:
        """Close the connections that are idle."""
        for connections in self._idle.values():
            for connection in connections:
                connection.writer.close()
        self._idle.clear()

    def _take(self, origin: Origin) -> _Connection | None:
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_fresh:
                return connection
            connection.writer.close()
        return None

    def _give_back(self, origin: Origin, connection: _Connection) -> None:
        protocol = connection.protocol
        if protocol.our_state is h11.DONE and protocol.their_state is h11.DONE:
            protocol.start_next_cycle()
            connection.idle_since = time.monotonic()
            self._idle.setdefault(origin, []).append(connection)
        else:
            connection.writer.close()


async def _open(origin: Origin, seconds: float) -> _Connection:
    scheme, host, port = origin
    try:
        async with asyncio.timeout(seconds):
            context = _tls() if scheme == "https" else None
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError, UnicodeError, ValueError) as failure:
        raise ConnectFailed(str(failure) or "no connection in time") from failure
    return _Connection(reader, writer, h11.Connection(h11.CLIENT))


async def _exchange(connection: _Connection, head: h11.Request, body: bytes) -> HttpAnswer:
    protocol, writer = connection.protocol, connection.writer
    writer.write(b"".join(protocol.send(event) or b"" for event in (head, h11.Data(data=body), h11.EndOfMessage())))
    response: h11.Response | None = None
    content = bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            protocol.receive_data(await connection.reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            content += event.data[: MAX_ANSWER - len(content)]
        elif isinstance(event, h11.EndOfMessage) and response is not None:
            return HttpAnswer(status=response.status_code, content_type=_type(response), body=bytes(content))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionResetError("the connection was closed without an answer")


def _head(method: str, parts: SplitResult, headers: Headers, body: bytes) -> h11.Request:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    own = [("Host", parts.netloc.rpartition("@")[2]), ("Content-Length", str(len(body)))]
    return h11.Request(method=method, target=quote(target, _PRINTABLE), headers=[*own, *headers])


def _type(response: h11.Response) -> str:
    found = (value for name, value in response.headers if name == b"content-type")
    return next(found, b"").decode("latin-1")


def _origin(parts: SplitResult) -> Origin:
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as failure:
        raise ConnectFailed(str(failure)) from failure
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConnectFailed(f"{parts.geturl()!r} is not an http or https URL")
    return parts.scheme, parts.hostname, port


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
