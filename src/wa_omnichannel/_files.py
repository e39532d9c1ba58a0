"""The files of a channel, in both colours: into the blob store, and out of it under a link.

On its way in a file is capped and sniffed while it streams, then scanned. Nothing here decides whether it is
shown; that is for the rules. A scanner that raises says ``Unavailable``, never ``Clean``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import BinaryIO, TypeVar

import attrs

from wa_omnichannel._flows.steps import Keep, Pipe, Stored
from wa_omnichannel.attachments import Probe, ScanResult, Unavailable, canonical, safe_name
from wa_omnichannel.errors import ConfigurationError, NotFound, TransportError
from wa_omnichannel.messages import Media, Outgoing
from wa_omnichannel.ports import (
    AsyncBlobStore,
    AsyncMediaSource,
    AsyncScanner,
    BlobStore,
    Clock,
    Links,
    MediaSource,
    Scanner,
    SharedFile,
)

T = TypeVar("T")

CHUNK = 64 * 1024
"""Bytes read at a time from an open file."""


class _TooMuch(Exception):
    """The file is larger than its limit; stops the blob store in the middle of writing."""


@attrs.frozen
class _Linking:
    """Links to the files of the blob store; the same in both colours."""

    links: Links | None
    clock: Clock

    def linked(self, outgoing: Outgoing) -> Outgoing:
        """Give a file of the blob store the address under which the provider fetches it."""
        media = outgoing.content
        if self.links is None or not isinstance(media, Media) or media.url or media.blob is None:
            return outgoing
        kind = canonical(media.content_type)
        file = SharedFile(media.blob, kind, safe_name(media.name, kind), media.size or 0)
        url = self.links.url(file, self.clock.now())
        return attrs.evolve(outgoing, content=attrs.evolve(media, url=url))

    def shared(self, path: str) -> SharedFile:
        """Return the file behind a link.

        Raises:
            LinkExpired: The link is too old.
            NotFound: It is no link of ours.
        """
        if self.links is None:
            raise NotFound("file", path)
        return self.links.read(path, self.clock.now())


@attrs.frozen
class Files(_Linking):
    """The files of a blocking channel."""

    blobs: BlobStore | None
    source: MediaSource | None
    scanner: Scanner | None

    def pipe(self, step: Pipe) -> Stored:
        """Copy a file from the provider into the blob store."""
        source, _ = _fetching(self.source, self.blobs)
        with source.open(step.url) as download:
            return self.keep(Keep(download.chunks, step.blob, download.content_type, step.limit))

    def keep(self, step: Keep) -> Stored:
        """Put a file into the blob store; of one that is too large nothing is kept."""
        blobs, probe = _keeping(self.blobs), Probe()
        try:
            blobs.write(step.blob, _watched(step.chunks, probe, step.limit))
        except _TooMuch:
            return Stored(step.content_type, probe.size, probe.sniffed())
        return Stored(step.content_type, probe.size, probe.sniffed(), self._scan(blobs.read(step.blob)))

    def _scan(self, chunks: Iterator[bytes]) -> ScanResult | None:
        if self.scanner is None:
            return None
        try:
            return self.scanner.scan(chunks)
        except Exception as error:  # noqa: BLE001 - whatever a scanner raises, the file is not clean
            return Unavailable(type(error).__name__)

    def discard(self, blob: str) -> None:
        """Remove a file from the blob store."""
        _keeping(self.blobs).delete(blob)

    def read(self, blob: str | None, name: str) -> Iterator[bytes]:
        """Return the content of a file.

        Raises:
            NotFound: There is none.
        """
        store, key = _reading(self.blobs, blob, name)
        return store.read(key)


@attrs.frozen
class AsyncFiles(_Linking):
    """The files of a channel for coroutines; see :class:`Files`."""

    blobs: AsyncBlobStore | None
    source: AsyncMediaSource | None
    scanner: AsyncScanner | None

    async def pipe(self, step: Pipe) -> Stored:
        """Copy a file from the provider into the blob store."""
        source, _ = _fetching(self.source, self.blobs)
        async with source.open(step.url) as download:
            return await self.keep(Keep(download.chunks, step.blob, download.content_type, step.limit))

    async def keep(self, step: Keep) -> Stored:
        """Put a file into the blob store; of one that is too large nothing is kept."""
        blobs, probe = _keeping(self.blobs), Probe()
        try:
            await blobs.write(step.blob, _awatched(step.chunks, probe, step.limit))
        except _TooMuch:
            return Stored(step.content_type, probe.size, probe.sniffed())
        return Stored(step.content_type, probe.size, probe.sniffed(), await self._scan(blobs.read(step.blob)))

    async def _scan(self, chunks: AsyncIterator[bytes]) -> ScanResult | None:
        if self.scanner is None:
            return None
        try:
            return await self.scanner.scan(chunks)
        except Exception as error:  # noqa: BLE001 - whatever a scanner raises, the file is not clean
            return Unavailable(type(error).__name__)

    async def discard(self, blob: str) -> None:
        """Remove a file from the blob store."""
        await _keeping(self.blobs).delete(blob)

    def read(self, blob: str | None, name: str) -> AsyncIterator[bytes]:
        """Return the content of a file; see :meth:`Files.read`."""
        store, key = _reading(self.blobs, blob, name)
        return store.read(key)


def chunks_of(stream: Iterable[bytes] | BinaryIO) -> Iterator[bytes]:
    """Return the content of an open file in chunks of bounded size; other iterables as they are.

    >>> import io
    >>> [len(chunk) for chunk in chunks_of(io.BytesIO(bytes(70_000)))]
    [65536, 4464]
    """
    read = getattr(stream, "read", None)
    return iter(stream) if read is None else iter(lambda: read(CHUNK), b"")


async def achunks_of(stream: AsyncIterable[bytes] | BinaryIO) -> AsyncIterator[bytes]:
    """Return the content of an open file, read in a thread, or of an asynchronous iterable as it is."""
    if isinstance(stream, AsyncIterable):
        async for chunk in stream:
            yield chunk
        return
    while chunk := await asyncio.to_thread(stream.read, CHUNK):
        yield chunk


def _watched(chunks: Iterator[bytes], probe: Probe, limit: int) -> Iterator[bytes]:
    """Pass the chunks on, let *probe* see them, and stop as soon as they exceed *limit* bytes."""
    for chunk in chunks:
        probe.feed(chunk)
        if probe.size > limit:
            raise _TooMuch
        yield chunk


async def _awatched(chunks: AsyncIterator[bytes], probe: Probe, limit: int) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        probe.feed(chunk)
        if probe.size > limit:
            raise _TooMuch
        yield chunk


S = TypeVar("S")


def _fetching(source: S | None, blobs: T | None) -> tuple[S, T]:
    if source is None or blobs is None:
        raise TransportError("No blob store and media source are configured, so files are not fetched.")
    return source, blobs


def _keeping(blobs: T | None) -> T:
    if blobs is None:
        raise ConfigurationError("No blob store is configured: give the channel blobs=, for example FolderBlobs(...).")
    return blobs


def _reading(blobs: T | None, blob: str | None, name: str) -> tuple[T, str]:
    if blobs is None or blob is None:
        raise NotFound("file", name)
    return blobs, blob
