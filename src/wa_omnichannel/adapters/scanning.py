"""Looking for malware in files with ClamAV, over the protocol of its daemon ``clamd``.

No package is needed: the protocol is a command, the file in chunks with their lengths, and one line as the
answer. One deadline holds for all of it, connecting included, so a slow daemon never holds anything up.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from wa_omnichannel.attachments import Clean, Infected, ScanResult, Unavailable

TIMEOUT = timedelta(seconds=30)
"""Longest time for one file."""

LONGEST_ANSWER = 4096
"""Most bytes of an answer that are read."""

_BEGIN = b"zINSTREAM\0"
_END = b"\0\0\0\0"
_PIECE = 64 * 1024
_FOUND = re.compile(r"stream: (.+) FOUND")


class _Clamd:
    """Where the daemon listens, and how long it may take."""

    def __init__(
        self, address: str | os.PathLike[str] | tuple[str, int] = ("127.0.0.1", 3310), *, timeout: timedelta = TIMEOUT
    ) -> None:
        """Scan with the daemon at *address*.

        Args:
            address: Host and port, or the path of its socket.
            timeout: Longest time for one file, connecting included.
        """
        self._address = address if isinstance(address, tuple) else os.fspath(address)
        self._seconds = timeout.total_seconds()


class ClamdScanner(_Clamd):
    """Scans files for threads; see :class:`~wa_omnichannel.ports.Scanner`."""

    def scan(self, chunks: Iterator[bytes]) -> ScanResult:
        """Scan one file."""
        deadline = time.monotonic() + self._seconds
        try:
            with self._connect() as connection:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has had enough, and says why
                    for piece in _pieces(chunks):
                        _limit(connection, deadline)
                        connection.sendall(piece)
                return _verdict(_answer(connection, deadline))
        except OSError as error:
            return Unavailable(type(error).__name__)

    def _connect(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, self._seconds)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self._seconds)
        try:
            connection.connect(self._address)
        except OSError:
            connection.close()
            raise
        return connection


class AsyncClamdScanner(_Clamd):
    """Scans files for coroutines; see :class:`~wa_omnichannel.ports.AsyncScanner`."""

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        """Scan one file."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._scan(chunks)
        except OSError as error:
            return Unavailable(type(error).__name__)

    async def _scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:
        reader, writer = await self._connect()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has had enough, and says why
                writer.write(_BEGIN)
                async for chunk in chunks:
                    writer.writelines(_framed(chunk))
                    await writer.drain()
                writer.write(_END)
                await writer.drain()
            return _verdict(await _aanswer(reader))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._address, tuple):
            return await asyncio.open_connection(*self._address)
        return await asyncio.open_unix_connection(self._address)


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is sent: the command, the file in framed pieces, the end."""
    yield _BEGIN
    for chunk in chunks:
        yield from _framed(chunk)
    yield _END


def _framed(chunk: bytes) -> Iterator[bytes]:
    """Yield *chunk* in pieces with their lengths; an empty one would mean the end, so it is left out."""
    for at in range(0, len(chunk), _PIECE):
        piece = chunk[at : at + _PIECE]
        yield len(piece).to_bytes(4) + piece


def _limit(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _answer(connection: socket.socket, deadline: float) -> bytes:
    answer = b""
    while len(answer) < LONGEST_ANSWER and not answer.endswith(b"\0"):
        _limit(connection, deadline)
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer


async def _aanswer(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while len(answer) < LONGEST_ANSWER and not answer.endswith(b"\0"):
        more = await reader.read(LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer


def _verdict(answer: bytes) -> ScanResult:
    """Return what the daemon's answer means; only a clear "OK" is clean."""
    text = answer.rstrip(b"\0\n").decode("utf-8", "replace")
    if text == "stream: OK":
        return Clean()
    found = _FOUND.fullmatch(text)
    if found is None:
        return Unavailable(text or "no answer")
    return Unavailable(found[1]) if found[1].startswith("Heuristics.Limits.Exceeded") else Infected(found[1])
