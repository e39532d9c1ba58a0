"""Files in a local folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from wa_omnichannel.adapters.blobs.names import CHUNK, checked
from wa_omnichannel.errors import NotFound, StoreUnavailable


@contextlib.contextmanager
def _disk() -> Generator[None]:
    """Turn what the disk says into a typed error; the same call may succeed later."""
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(f"The folder of files failed: {error.strerror or type(error).__name__}.") from error


class _Part:
    """A file that is being written; it appears under its name whole or not at all."""

    def __init__(self, target: Path) -> None:
        with _disk():
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
        self._file = os.fdopen(handle, "wb")
        self._name = Path(name)
        self._target = target

    def write(self, chunk: bytes) -> int:
        with _disk():
            return self._file.write(chunk)

    def finish(self) -> None:
        with _disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._name.replace(self._target)

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # the error that led here is the one to tell
            self._file.close()
        with contextlib.suppress(OSError):
            self._name.unlink(missing_ok=True)


class _Folder:
    """A folder of blobs and the names in it."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Use *folder*, which is created if it is not there."""
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Return the path of a blob; a key cannot lead out of the folder."""
        return self._folder / checked(key)

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield the content in chunks; NotFound if there is none."""
        with _disk():
            try:
                file = self.path(key).open("rb")
            except FileNotFoundError:
                raise NotFound("file", key) from None
        with file:
            while chunk := _read(file):
                yield chunk

    def remove(self, key: str) -> None:
        """Remove a blob if it is there."""
        with _disk():
            self.path(key).unlink(missing_ok=True)


def _read(file: BinaryIO) -> bytes:
    with _disk():
        return file.read(CHUNK)


class FolderBlobs(_Folder):
    """Blobs as files in one folder; a file appears whole or not at all."""

    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        part = _Part(self.path(key))
        try:
            size = sum(part.write(chunk) for chunk in chunks)
            part.finish()
        except BaseException:
            part.abandon()
            raise
        return size

    def read(self, key: str) -> Iterator[bytes]:
        """Yield the content in chunks.

        Raises:
            NotFound: There is nothing under *key*.
        """
        return self.chunks(key)

    def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        self.remove(key)


class AsyncFolderBlobs(_Folder):
    """:class:`FolderBlobs` for coroutines; the disk is used in a worker thread."""

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store the chunks under *key* and return the number of bytes."""
        part = await asyncio.to_thread(_Part, self.path(key))
        size = 0
        try:
            async for chunk in chunks:
                size += await asyncio.to_thread(part.write, chunk)
            await asyncio.to_thread(part.finish)
        except BaseException:
            part.abandon()
            raise
        return size

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Yield the content in chunks.

        Raises:
            NotFound: There is nothing under *key*.
        """
        chunks = self.chunks(key)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield chunk

    async def delete(self, key: str) -> None:
        """Remove the content under *key*, if there is any."""
        await asyncio.to_thread(self.remove, key)
