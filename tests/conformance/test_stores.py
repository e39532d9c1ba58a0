"""Our stores keep every promise, in both colours, one test for each obligation."""

import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from tests.support import postgres as on_postgresql

from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.sqlite import AsyncSqliteStore, SqliteStore
from wa_omnichannel.ports import AsyncStore, Store
from wa_omnichannel.testing.conformance import (
    CHECKS,
    Check,
    arun_check,
    check_async_store,
    check_store,
    run_check,
)

STORES = ("memory", "sqlite")
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)


def blocking(kind: str, folder: Path) -> Callable[[], AbstractContextManager[Store]]:
    serial = itertools.count()
    return lambda: nullcontext(MemoryStore()) if kind == "memory" else SqliteStore(folder / f"{next(serial)}.sqlite")


def coroutine(kind: str, folder: Path) -> Callable[[], AbstractAsyncContextManager[AsyncStore]]:
    serial = itertools.count()
    return lambda: (
        nullcontext(AsyncMemoryStore()) if kind == "memory" else AsyncSqliteStore(folder / f"{next(serial)}.sqlite")
    )


@every_check
@pytest.mark.parametrize("kind", STORES)
def test_a_blocking_store_keeps_the_promise(kind: str, check: Check, tmp_path: Path) -> None:
    run_check(check, blocking(kind, tmp_path))


@every_check
@pytest.mark.parametrize("kind", STORES)
@pytest.mark.anyio
async def test_an_asynchronous_store_keeps_the_promise(kind: str, check: Check, tmp_path: Path) -> None:
    await arun_check(check, coroutine(kind, tmp_path))


@every_check
def test_a_blocking_store_on_postgresql_keeps_the_promise(postgres: str, check: Check) -> None:
    run_check(check, lambda: on_postgresql.store(postgres))


@every_check
@pytest.mark.anyio
async def test_an_asynchronous_store_on_postgresql_keeps_the_promise(postgres: str, check: Check) -> None:
    await arun_check(check, lambda: on_postgresql.astore(postgres))


@pytest.mark.parametrize("kind", STORES)
def test_all_checks_run_with_one_call(kind: str, tmp_path: Path) -> None:
    check_store(blocking(kind, tmp_path))


@pytest.mark.parametrize("kind", STORES)
@pytest.mark.anyio
async def test_all_checks_run_with_one_call_for_coroutines(kind: str, tmp_path: Path) -> None:
    await check_async_store(coroutine(kind, tmp_path))


def test_every_check_states_its_obligation() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.obligation.endswith(".") for check in CHECKS)
