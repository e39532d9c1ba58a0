"""Files in memory, for tests and demonstrations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from wa_omnichannel.adapters.blobs.names import checked
from wa_omnichannel.errors import NotFound


class MemoryBlobs:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        self.content[checked(key)] = b"".join(chunks)
        return len(self.content[key])

    def read(self, key: str) -> Iterator[bytes]:
        """Yield the content.

        Raises:
            NotFound: There is nothing under *key*.
        """
        if key not in self.content:
            raise NotFound("file", key)
        yield self.content[key]

    def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        self.content.pop(key, None)


class AsyncMemoryBlobs:
    """:class:`MemoryBlobs` for coroutines."""

    def __init__(self) -> None:
        self._blobs = MemoryBlobs()

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        return self._blobs.write(key, iter([chunk async for chunk in chunks]))

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Yield the content.

        Raises:
            NotFound: There is nothing under *key*.
        """
        for chunk in self._blobs.read(key):
            yield chunk

    async def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        self._blobs.delete(key)
