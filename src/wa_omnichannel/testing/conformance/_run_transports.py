"""Running the checks on a transport of either colour."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TypeAlias

from wa_omnichannel.testing.conformance import _transports
from wa_omnichannel.testing.conformance._bench import AsyncBench, Bench
from wa_omnichannel.testing.conformance._steps import Obligation, adrive, drive

TransportCheck: TypeAlias = Obligation[[_transports.AnyBench]]
MakeBench: TypeAlias = Callable[[], AbstractContextManager[Bench]]
AsyncMakeBench: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncBench]]

TRANSPORT_CHECKS: tuple[TransportCheck, ...] = tuple(map(Obligation.of, _transports.CHECKS))
"""Every obligation of a transport, by name."""


def run_transport_check(check: TransportCheck, make: MakeBench) -> None:
    """Run one check on a new bench.

    Args:
        check: One of :data:`TRANSPORT_CHECKS`.
        make: Returns a context manager that gives a bench on which nothing happened yet.

    Raises:
        ConformanceError: The transport does not keep this promise.
    """
    with make() as bench:
        try:
            drive(check.steps(bench), bench)
        except Exception as error:
            raise check.failure(error) from error


async def arun_transport_check(check: TransportCheck, make: AsyncMakeBench) -> None:
    """Run one check on a new asynchronous bench; raises as :func:`run_transport_check` does."""
    async with make() as bench:
        try:
            await adrive(check.steps(bench), bench)
        except Exception as error:
            raise check.failure(error) from error


def check_transport(make: MakeBench) -> None:
    """Run every check, each on a new bench.

    Raises:
        ConformanceError: Names the first promise that the transport does not keep.
    """
    for check in TRANSPORT_CHECKS:
        run_transport_check(check, make)


async def check_async_transport(make: AsyncMakeBench) -> None:
    """Run every check, each on a new asynchronous bench; raises as :func:`check_transport` does."""
    for check in TRANSPORT_CHECKS:
        await arun_transport_check(check, make)
