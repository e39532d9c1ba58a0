"""What every blob store must do, written once for both colours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, TypeAlias, TypeVar

import attrs

from wa_omnichannel.errors import NotFound
from wa_omnichannel.ports import AsyncBlobStore, BlobStore
from wa_omnichannel.testing.conformance._steps import Steps, expect, together

T = TypeVar("T")

MakeBlobs: TypeAlias = Callable[[], AbstractContextManager[BlobStore]]
AsyncMakeBlobs: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncBlobStore]]


class Interrupted(Exception):
    """What the chunks of a broken upload raise."""


@attrs.frozen
class _Blocking:
    """A blob store with whole contents instead of chunks."""

    blobs: BlobStore

    def write(self, key: str, chunks: Iterable[bytes], broken: bool) -> int:
        return self.blobs.write(key, _chunks(chunks, broken))

    def read(self, key: str) -> bytes:
        return b"".join(self.blobs.read(key))

    def delete(self, key: str) -> None:
        self.blobs.delete(key)


@attrs.frozen
class _Coroutines:
    """:class:`_Blocking` for coroutines."""

    blobs: AsyncBlobStore

    async def write(self, key: str, chunks: Iterable[bytes], broken: bool) -> int:
        return await self.blobs.write(key, _achunks(chunks, broken))

    async def read(self, key: str) -> bytes:
        return b"".join([chunk async for chunk in self.blobs.read(key)])

    async def delete(self, key: str) -> None:
        await self.blobs.delete(key)


def _chunks(chunks: Iterable[bytes], broken: bool) -> Iterator[bytes]:
    yield from chunks
    if broken:
        raise Interrupted


async def _achunks(chunks: Iterable[bytes], broken: bool) -> AsyncIterator[bytes]:
    for chunk in _chunks(chunks, broken):
        yield chunk


def blocking(make: MakeBlobs) -> Callable[[], AbstractContextManager[Any]]:
    """Return *make* with the face that the steps use."""

    @contextmanager
    def opened() -> Generator[_Blocking]:
        with make() as blobs:
            yield _Blocking(blobs)

    return opened


def coroutines(make: AsyncMakeBlobs) -> Callable[[], AbstractAsyncContextManager[Any]]:
    """Return *make* with the face that the steps use."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[_Coroutines]:
        async with make() as blobs:
            yield _Coroutines(blobs)

    return opened


@attrs.frozen
class _Call:
    """Call one method of the blob store."""

    method: str
    arguments: tuple[Any, ...]

    def run(self, blobs: Any) -> Any:
        """Ask the blob store."""
        return getattr(blobs, self.method)(*self.arguments)


def _write(key: str, *chunks: bytes, broken: bool = False) -> Steps[int]:
    return (yield _Call("write", (key, chunks, broken)))  # type: ignore[misc, no-any-return]


def _read(key: str) -> Steps[bytes | None]:
    """Return the content, or None if there is none."""
    try:
        return (yield _Call("read", (key,)))  # type: ignore[misc, no-any-return]
    except NotFound:
        return None


def _delete(key: str) -> Steps[None]:
    yield _Call("delete", (key,))  # type: ignore[misc]


_LARGE = tuple(bytes([n]) * 100_000 for n in range(30))


def content_comes_back() -> Steps[None]:
    """What was written comes back byte for byte, of any size, and ``write`` returns the number of bytes."""
    for key, chunks in {"small": (b"a", b"", b"bc"), "empty": (), "large": _LARGE}.items():
        whole = b"".join(chunks)
        expect(f"size of {key}", (yield from _write(key, *chunks)), len(whole))
        expect(f"content of {key}", (yield from _read(key)), whole)


def absent_content_is_not_found() -> Steps[None]:
    """Reading what is not there raises NotFound, at the first chunk at the latest."""
    expect("content of an unknown key", (yield from _read("nothing")), None)


def the_last_write_counts() -> Steps[None]:
    """Writing again replaces the content, also by a shorter one."""
    yield from _write("key", b"a long first content")
    yield from _write("key", b"short")
    expect("content", (yield from _read("key")), b"short")


def a_broken_write_leaves_nothing() -> Steps[None]:
    """If the chunks raise, that error passes as it is and nothing appears under the key."""
    for chunks in ((), (b"half",), _LARGE):
        expect("how the write ended", (yield from _broken("key", *chunks)), "interrupted")
        expect("content", (yield from _read("key")), None)


def a_broken_write_keeps_the_old_content() -> Steps[None]:
    """If the chunks raise, the content of an earlier write stays."""
    yield from _write("key", b"old")
    yield from _broken("key", b"new")
    expect("content", (yield from _read("key")), b"old")


def _broken(key: str, *chunks: bytes) -> Steps[str]:
    try:
        yield from _write(key, *chunks, broken=True)
    except Interrupted:
        return "interrupted"
    return "as if nothing had happened"


def deleted_content_is_gone() -> Steps[None]:
    """``delete`` removes the content; deleting what is not there does nothing."""
    yield from _write("key", b"content")
    yield from _delete("key")
    yield from _delete("key")
    expect("content", (yield from _read("key")), None)
    yield from _write("key", b"again")
    expect("content after writing again", (yield from _read("key")), b"again")


def keys_are_told_apart() -> Steps[None]:
    """Keys differ by every character, also by upper and lower case, and one key may begin like another."""
    keys = ("a", "A", "aa", "a-", "a_", "0a")
    for key in keys:
        yield from _write(key, key.encode())
    yield from _delete("aa")
    found: dict[str, bytes | None] = {}
    for key in keys:
        found[key] = yield from _read(key)
    expect("contents", found, {key: None if key == "aa" else key.encode() for key in keys})


def writers_do_not_mix() -> Steps[None]:
    """Of several writes of one key at a time one wins whole; a reader meanwhile sees one whole content or none."""
    contents = [bytes([n]) * 300_000 for n in range(4)]
    writes = (_write("key", *(content[at : at + 100_000] for at in range(0, 300_000, 100_000))) for content in contents)
    seen = yield from together([*writes, *(_read("key") for _ in range(4))])
    found = yield from _read("key")
    if found not in contents or any(each not in (None, 300_000, *contents) for each in seen):
        expect("content", "a mixture", "one of those written")


CHECKS: tuple[Callable[[], Steps[None]], ...] = (
    content_comes_back,
    absent_content_is_not_found,
    the_last_write_counts,
    a_broken_write_leaves_nothing,
    a_broken_write_keeps_the_old_content,
    deleted_content_is_gone,
    keys_are_told_apart,
    writers_do_not_mix,
)
