"""Running the checks on a store of either colour."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TypeAlias

from wa_omnichannel.ports import AsyncStore, Store
from wa_omnichannel.testing.conformance import _queries, _rows
from wa_omnichannel.testing.conformance._steps import Check, ConformanceError, Steps, Unmet, adrive, drive

Make: TypeAlias = Callable[[], AbstractContextManager[Store]]
AsyncMake: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncStore]]


def _check(steps: Callable[[], Steps[None]]) -> Check:
    return Check(steps.__name__, " ".join((steps.__doc__ or "").split()), steps)


CHECKS: tuple[Check, ...] = tuple(map(_check, (*_rows.CHECKS, *_queries.CHECKS)))
"""Every obligation of a store, by name."""


def run_check(check: Check, make: Make) -> None:
    """Run one check on a new store.

    Args:
        check: One of :data:`CHECKS`.
        make: Returns a context manager that gives an empty store.

    Raises:
        ConformanceError: The store does not keep this promise.
    """
    with make() as store:
        try:
            drive(check.steps(), store)
        except Exception as error:
            raise _failure(check, error) from error


async def arun_check(check: Check, make: AsyncMake) -> None:
    """Run one check on a new asynchronous store; raises as :func:`run_check` does."""
    async with make() as store:
        try:
            await adrive(check.steps(), store)
        except Exception as error:
            raise _failure(check, error) from error


def _failure(check: Check, error: Exception) -> ConformanceError:
    problem = str(error) if isinstance(error, Unmet) else f"it raised {error!r}"
    return ConformanceError(check.name, check.obligation, problem)


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
