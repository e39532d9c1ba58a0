"""Files in an object store (S3, Google Cloud Storage, Azure, a folder), through ``obstore`` (extra ``s3``)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, TypeVar

from wa_omnichannel.adapters.blobs.names import CHUNK, checked
from wa_omnichannel.errors import MissingExtra, NotFound, StoreUnavailable

T = TypeVar("T")

_PART = 8 * 1024 * 1024
"""Bytes per part of an upload; an object store takes no smaller parts than 5 MiB."""


def _library() -> Any:
    try:
        import obstore
    except ModuleNotFoundError:
        raise MissingExtra.of("obstore", "s3") from None
    return obstore


@contextlib.contextmanager
def _asking(library: Any, key: str) -> Generator[None]:
    """Turn what the object store says into our errors; what the chunks raise passes as it is."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound("file", key) from None
    except library.exceptions.BaseError as error:
        raise StoreUnavailable(f"The object store failed: {type(error).__name__}.") from error


class _Bucket:
    """A place in an object store and the names in it."""

    def __init__(self, store: Any, prefix: str = "") -> None:
        """Use a place in an object store.

        Args:
            store: One of ``obstore.store``, for example ``S3Store("my-bucket", region="eu-west-1")``; it knows the
                credentials.
            prefix: Begins the name of every object, for example ``whatsapp/``.

        Raises:
            MissingExtra: The extra ``s3`` is not installed.
        """
        self._library = _library()
        self._store = store
        self._prefix = prefix

    def _name(self, key: str) -> str:
        return self._prefix + checked(key)

    def _asking(self, key: str) -> contextlib.AbstractContextManager[None]:
        return _asking(self._library, key)


class _Counted:
    """Passes chunks on and knows how many bytes they had."""

    size = 0

    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk


class ObjectBlobs(_Bucket):
    """Blobs in an object store; an object appears whole or not at all, and is never whole in memory.

    >>> from obstore.store import MemoryStore
    >>> blobs = ObjectBlobs(MemoryStore(), "files/")
    >>> blobs.write("m1", iter([b"Hello ", b"world"]))
    11
    >>> b"".join(blobs.read("m1"))
    b'Hello world'
    """

    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        counted = _Counted(chunks)
        with self._asking(key):
            self._library.put(self._store, self._name(key), iter(counted), chunk_size=_PART)
        return counted.size

    def read(self, key: str) -> Iterator[bytes]:
        """Yield the content in chunks.

        Raises:
            NotFound: There is nothing under *key*.
        """
        with self._asking(key):
            for chunk in self._library.get(self._store, self._name(key)).stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        with contextlib.suppress(NotFound), self._asking(key):
            self._library.delete(self._store, self._name(key))


class AsyncObjectBlobs(_Bucket):
    """:class:`ObjectBlobs` for coroutines."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        counted = _Counted(chunks)
        with self._asking(key):
            await self._library.put_async(self._store, self._name(key), aiter(counted), chunk_size=_PART)
        return counted.size

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Yield the content in chunks.

        Raises:
            NotFound: There is nothing under *key*.
        """
        with self._asking(key):
            found = await self._library.get_async(self._store, self._name(key))
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        with contextlib.suppress(NotFound), self._asking(key):
            await self._library.delete_async(self._store, self._name(key))
