"""Our blob stores keep every promise, in both colours; and the suite finds every fault that is planted."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from pathlib import Path

import obstore.store
import pytest

from wa_omnichannel.adapters.blobs import (
    AsyncFolderBlobs,
    AsyncMemoryBlobs,
    AsyncObjectBlobs,
    FolderBlobs,
    MemoryBlobs,
    ObjectBlobs,
)
from wa_omnichannel.errors import InvalidValue, NotFound, StoreUnavailable
from wa_omnichannel.ports import AsyncBlobStore, BlobStore
from wa_omnichannel.testing.conformance import (
    BLOB_CHECKS,
    Check,
    ConformanceError,
    arun_blob_check,
    check_async_blobs,
    check_blobs,
    run_blob_check,
)

KINDS = ("memory", "folder", "objects in memory", "objects in a folder")
every_check = pytest.mark.parametrize("check", BLOB_CHECKS, ids=lambda check: check.name)
every_kind = pytest.mark.parametrize("kind", KINDS)


def blocking(kind: str, folder: Path) -> Callable[[], AbstractContextManager[BlobStore]]:
    serial = itertools.count()
    makers: dict[str, Callable[[Path], BlobStore]] = {
        "memory": lambda _: MemoryBlobs(),
        "folder": FolderBlobs,
        "objects in memory": lambda _: ObjectBlobs(obstore.store.MemoryStore(), "files/"),
        "objects in a folder": lambda path: ObjectBlobs(obstore.store.LocalStore(path, mkdir=True)),
    }
    return lambda: nullcontext(makers[kind](folder / str(next(serial))))


def coroutines(kind: str, folder: Path) -> Callable[[], AbstractAsyncContextManager[AsyncBlobStore]]:
    serial = itertools.count()
    makers: dict[str, Callable[[Path], AsyncBlobStore]] = {
        "memory": lambda _: AsyncMemoryBlobs(),
        "folder": AsyncFolderBlobs,
        "objects in memory": lambda _: AsyncObjectBlobs(obstore.store.MemoryStore(), "files/"),
        "objects in a folder": lambda path: AsyncObjectBlobs(obstore.store.LocalStore(path, mkdir=True)),
    }
    return lambda: nullcontext(makers[kind](folder / str(next(serial))))


@every_check
@every_kind
def test_a_blocking_blob_store_keeps_the_promise(kind: str, check: Check, tmp_path: Path) -> None:
    run_blob_check(check, blocking(kind, tmp_path))


@every_check
@every_kind
@pytest.mark.anyio
async def test_an_asynchronous_blob_store_keeps_the_promise(kind: str, check: Check, tmp_path: Path) -> None:
    await arun_blob_check(check, coroutines(kind, tmp_path))


@pytest.mark.anyio
async def test_all_checks_run_with_one_call(tmp_path: Path) -> None:
    check_blobs(blocking("folder", tmp_path))
    await check_async_blobs(coroutines("memory", tmp_path))


class Miscounts(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        return super().write(key, chunks) + 1


class LosesEmptyContent(MemoryBlobs):
    def read(self, key: str) -> Iterator[bytes]:
        content = b"".join(super().read(key))
        if not content:
            raise NotFound("file", key)
        yield content


class InventsContent(MemoryBlobs):
    def read(self, key: str) -> Iterator[bytes]:
        yield self.content.get(key, b"")


class KeepsTheFirst(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        if key not in self.content:
            return super().write(key, chunks)
        return len(b"".join(chunks))


class Appends(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        size = len(self.content.setdefault(key, b""))
        for chunk in chunks:
            self.content[key] += chunk
        return len(self.content[key]) - size


class LeavesHalves(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        self.content[key] = b""
        for chunk in chunks:
            self.content[key] += chunk
        return len(self.content[key])


class ClearsBeforeWriting(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        self.content.pop(key, None)
        return super().write(key, chunks)


class SwallowsErrors(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        try:
            return super().write(key, chunks)
        except Exception:  # noqa: BLE001 - the fault
            return 0


class NeverDeletes(MemoryBlobs):
    def delete(self, key: str) -> None:
        return


class MissesWhatIsNotThere(MemoryBlobs):
    def delete(self, key: str) -> None:
        del self.content[key]


class IgnoresCase(MemoryBlobs):
    def write(self, key: str, chunks: Iterator[bytes]) -> int:
        return super().write(key.lower(), chunks)

    def read(self, key: str) -> Iterator[bytes]:
        return super().read(key.lower())


class DeletesByPrefix(MemoryBlobs):
    def delete(self, key: str) -> None:
        for name in [name for name in self.content if key.startswith(name[:1])]:
            del self.content[name]


BROKEN = {
    Miscounts: "content_comes_back",
    LosesEmptyContent: "content_comes_back",
    InventsContent: "absent_content_is_not_found",
    KeepsTheFirst: "the_last_write_counts",
    Appends: "the_last_write_counts",
    LeavesHalves: "a_broken_write_leaves_nothing",
    ClearsBeforeWriting: "a_broken_write_keeps_the_old_content",
    SwallowsErrors: "a_broken_write_leaves_nothing",
    NeverDeletes: "deleted_content_is_gone",
    MissesWhatIsNotThere: "deleted_content_is_gone",
    IgnoresCase: "keys_are_told_apart",
    DeletesByPrefix: "keys_are_told_apart",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda kind: kind.__name__)
def test_every_planted_fault_is_found(broken: type[MemoryBlobs]) -> None:
    with pytest.raises(ConformanceError) as found:
        check_blobs(lambda: nullcontext(broken()))
    assert found.value.check == BROKEN[broken]


def test_an_object_store_that_fails_says_so_and_can_be_asked_again(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where a folder should be")
    blobs = ObjectBlobs(obstore.store.LocalStore(tmp_path), "files/")
    with pytest.raises(StoreUnavailable, match="object store failed"):
        blobs.write("key", iter([b"content"]))
    (tmp_path / "files").unlink()
    assert blobs.write("key", iter([b"content"])) == 7


@pytest.mark.parametrize("key", ["", "../evil", "a/b", "a b", "."])
@every_kind
def test_a_key_cannot_lead_elsewhere(kind: str, key: str, tmp_path: Path) -> None:
    with blocking(kind, tmp_path)() as blobs, pytest.raises(InvalidValue):
        blobs.write(key, iter([b"content"]))
