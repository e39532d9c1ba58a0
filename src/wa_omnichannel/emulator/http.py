"""A small HTTP/1.1 client on the emulator's loop, whose connections are kept and used again.

Twilio's callbacks are plain form posts; a general client would take more CPU than benchmarks/bench_emulator.py allows
for a message. This one reads answers with a Content-Length, in chunks or up to the end of the connection, and follows
no redirects. A kept connection that breaks off under a request is a failed read, as a new one would be: the request
may have been heard.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

import attrs

MAX_ANSWER = 1024 * 1024
MAX_IDLE = 1.0

_PRINTABLE = "%/:=&?~#+!$,;'@()*[]|"

Origin = tuple[str, str, int]


class ConnectFailed(Exception):
    """No connection within the time allowed."""


class ReadFailed(Exception):
    """A connection, but no whole answer within the time allowed."""


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """A status, the content type and the body of an answer, and whether the connection may be used again."""

    status: int
    content_type: str
    body: bytes
    keeps_alive: bool


class _Wire(asyncio.Protocol):
    """One connection: it takes a request and gives a future of the answer."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.is_lost = False
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[HttpAnswer] | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether an idle connection is likely to be open at the other end."""
        return not self.is_lost and not self._buffer and time.monotonic() - self.idle_since < MAX_IDLE

    def ask(self, request: bytes) -> asyncio.Future[HttpAnswer]:
        """Send a request and return the future of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is not None:
            self._transport.write(request)
        return self._answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport if isinstance(transport, asyncio.Transport) else None

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is whole."""
        self._buffer += data
        self._look(ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take what there is as the answer, if it can be one."""
        self.is_lost = True
        self._look(ended=True)

    def _look(self, *, ended: bool) -> None:
        if self._answer is None or self._answer.done():
            return
        try:
            found = parse_answer(self._buffer, ended=ended)
        except ValueError as failure:
            self._answer.set_exception(ReadFailed(str(failure)))
            return
        if found is not None:
            self._buffer.clear()
            self._answer.set_result(found)
        elif ended:
            self._answer.set_exception(ReadFailed("the connection was closed without an answer"))


class Connections:
    """Connections to the webhooks' servers. One loop only; an idle connection is used again for a second."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[_Wire]] = {}

    async def request(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        *,
        connect: float,
        read: float,
        total: float,
    ) -> HttpAnswer:
        """Make one request.

        Args:
            method: The HTTP verb.
            url: An absolute http or https URL.
            headers: Besides Host and Content-Length, which are added.
            body: What to send, maybe nothing.
            connect: Seconds until there must be a connection.
            read: Seconds until the whole answer must be there, from the connection on.
            total: Seconds for both together.

        Raises:
            ConnectFailed: If there is no connection in time.
            ReadFailed: If the answer does not come, is no HTTP or breaks off.
        """
        parts = urlsplit(url)
        origin = _origin(parts)
        ends = time.monotonic() + total
        wire = self._take(origin) or await _open(origin, min(connect, total))
        try:
            async with asyncio.timeout(min(read, ends - time.monotonic())):
                answer = await wire.ask(_request(method, parts, headers, body))
        except TimeoutError as failure:
            wire.close()
            raise ReadFailed("no answer in time") from failure
        except BaseException:
            wire.close()
            raise
        self._give_back(origin, wire, answer)
        return answer

    async def close(self) -> None:
        """Close the connections that are idle."""
        for wires in self._idle.values():
            for wire in wires:
                wire.close()
        self._idle.clear()

    def _take(self, origin: Origin) -> _Wire | None:
        idle = self._idle.get(origin, [])
        while idle:
            wire = idle.pop()
            if wire.is_fresh:
                return wire
            wire.close()
        return None

    def _give_back(self, origin: Origin, wire: _Wire, answer: HttpAnswer) -> None:
        if answer.keeps_alive and not wire.is_lost:
            wire.idle_since = time.monotonic()
            self._idle.setdefault(origin, []).append(wire)
        else:
            wire.close()


async def _open(origin: Origin, seconds: float) -> _Wire:
    scheme, host, port = origin
    context = _tls() if scheme == "https" else None
    try:
        async with asyncio.timeout(seconds):
            _, wire = await asyncio.get_running_loop().create_connection(_Wire, host, port, ssl=context)
    except (OSError, TimeoutError, ValueError) as failure:
        raise ConnectFailed(str(failure) or "no connection in time") from failure
    return wire


def _request(method: str, parts: SplitResult, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), _PRINTABLE)
    user, _, host = parts.netloc.rpartition("@")
    own = [("Host", host), ("Content-Length", str(len(body)))]
    if user:
        own.append(("Authorization", "Basic " + b64encode(unquote_to_bytes(user)).decode()))
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in (*own, *headers)), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + body


def parse_answer(data: bytes | bytearray, *, ended: bool) -> HttpAnswer | None:
    r"""Return the answer that ``data`` begins with, or ``None`` while there is more to come.

    Args:
        data: What was received so far.
        ended: Whether the other side closed the connection.

    Raises:
        ValueError: If it is no HTTP, or larger than 1 MB.

    >>> parse_answer(b"HTTP/1.1 204 No Content\r\n\r\n", ended=False).status
    204
    """
    if len(data) > MAX_ANSWER:
        raise ValueError("the answer is larger than 1 MB")
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    status = _status(first)
    rest = data[end + 4 :]
    if status < 200:
        return parse_answer(rest, ended=ended)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = _body(status, headers, rest, ended=ended)
    if body is None:
        return None
    delimited = status in {204, 304} or "content-length" in headers or "transfer-encoding" in headers
    alive = delimited and first.startswith("HTTP/1.1") and "close" not in headers.get("connection", "").lower()
    return HttpAnswer(status=status, content_type=headers.get("content-type", ""), body=body, keeps_alive=alive)


def _status(line: str) -> int:
    version, _, rest = line.partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
        raise ValueError(f"{line[:40]!r} is not the start of an HTTP answer")
    return int(rest[:3])


def _body(status: int, headers: dict[str, str], rest: bytes | bytearray, *, ended: bool) -> bytes | None:
    if status in {204, 304}:
        return b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _joined_chunks(rest)
    if "content-length" not in headers:
        return bytes(rest) if ended else None
    length = _size(headers["content-length"])
    return bytes(rest[:length]) if len(rest) >= length else None


def _joined_chunks(data: bytes | bytearray) -> bytes | None:
    body, position = bytearray(), 0
    while (end := data.find(b"\r\n", position)) >= 0:
        size = _size(data[position:end].partition(b";")[0], 16)
        if size == 0:  # trailers may follow, up to an empty line
            return bytes(body) if data.find(b"\r\n\r\n", end) >= 0 else None
        position = end + 2 + size + 2
        if position > len(data):
            return None
        body += data[end + 2 : end + 2 + size]
    return None


def _size(text: str | bytes | bytearray, base: int = 10) -> int:
    size = int(text, base)
    if size < 0:
        raise ValueError(f"{size} is no length")
    return size


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
