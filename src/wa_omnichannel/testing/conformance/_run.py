"""Running the checks on a store of either colour."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, TypeAlias

from wa_omnichannel.ports import AsyncStore, Store
from wa_omnichannel.testing.conformance import _blobs, _queries, _rows
from wa_omnichannel.testing.conformance._steps import Check, Obligation, adrive, drive

Make: TypeAlias = Callable[[], AbstractContextManager[Store]]
AsyncMake: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncStore]]


CHECKS: tuple[Check, ...] = tuple(map(Obligation.of, (*_rows.CHECKS, *_queries.CHECKS)))
"""Every obligation of a store, by name."""

BLOB_CHECKS: tuple[Check, ...] = tuple(map(Obligation.of, _blobs.CHECKS))
"""Every obligation of a blob store, by name."""


def run_check(check: Check, make: Make) -> None:
    """Run one check on a new store.

    Args:
        check: One of :data:`CHECKS`.
        make: Returns a context manager that gives an empty store.

    Raises:
        ConformanceError: The store does not keep this promise.
    """
    _run(check, make)


def _run(check: Check, make: Callable[[], AbstractContextManager[Any]]) -> None:
    with make() as adapter:
        try:
            drive(check.steps(), adapter)
        except Exception as error:
            raise check.failure(error) from error


async def arun_check(check: Check, make: AsyncMake) -> None:
    """Run one check on a new asynchronous store; raises as :func:`run_check` does."""
    await _arun(check, make)


async def _arun(check: Check, make: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    async with make() as adapter:
        try:
            await adrive(check.steps(), adapter)
        except Exception as error:
            raise check.failure(error) from error


def check_store(make: Make) -> None:
    """Run every check, each on a new store.

    Raises:
        ConformanceError: Names the first promise that the store does not keep.

    >>> from contextlib import nullcontext
    >>> from wa_omnichannel.adapters.memory import MemoryStore
    >>> check_store(lambda: nullcontext(MemoryStore()))
    """
    for check in CHECKS:
        run_check(check, make)


async def check_async_store(make: AsyncMake) -> None:
    """Run every check, each on a new asynchronous store; raises as :func:`check_store` does."""
    for check in CHECKS:
        await arun_check(check, make)


def run_blob_check(check: Check, make: _blobs.MakeBlobs) -> None:
    """Run one of :data:`BLOB_CHECKS` on a new blob store; raises as :func:`run_check` does."""
    _run(check, _blobs.blocking(make))


async def arun_blob_check(check: Check, make: _blobs.AsyncMakeBlobs) -> None:
    """Run one of :data:`BLOB_CHECKS` on a new asynchronous blob store; raises as :func:`run_check` does."""
    await _arun(check, _blobs.coroutines(make))


def check_blobs(make: _blobs.MakeBlobs) -> None:
    """Run every check of blob stores, each on a new one.

    Raises:
        ConformanceError: Names the first promise that the blob store does not keep.

    >>> from contextlib import nullcontext
    >>> from wa_omnichannel.adapters.blobs import MemoryBlobs
    >>> check_blobs(lambda: nullcontext(MemoryBlobs()))
    """
    for check in BLOB_CHECKS:
        run_blob_check(check, make)


async def check_async_blobs(make: _blobs.AsyncMakeBlobs) -> None:
    """Run every check of blob stores, each on a new asynchronous one; raises as :func:`check_blobs` does."""
    for check in BLOB_CHECKS:
        await arun_blob_check(check, make)
