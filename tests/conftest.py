"""What every test may rely on: Hypothesis profiles, strict skips, one async backend."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

STRICT = os.environ.get("WA_TEST_STRICT") == "1"
CI = os.environ.get("CI", "").lower() in {"1", "true"}

# dev: quick, other inputs each time. ci: deeper, the same inputs each time, so a red run can be repeated.
# thorough: for a long look after a change of the rules.
hypothesis.settings.register_profile("dev", max_examples=50, deadline=None, database=None)
hypothesis.settings.register_profile(
    "ci", max_examples=100, deadline=None, database=None, derandomize=True, print_blob=True
)
hypothesis.settings.register_profile("thorough", max_examples=5000, deadline=None, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if CI else "dev"))


@pytest.fixture
def anyio_backend() -> str:
    """Run ``@pytest.mark.anyio`` tests on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the address of a real PostgreSQL: ``WA_TEST_POSTGRES_DSN``, or a server for this session."""
    given = os.environ.get("WA_TEST_POSTGRES_DSN")
    if given:
        yield given
        import psycopg
        from tests.support.postgres import SHARED

        with psycopg.connect(given, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {SHARED} CASCADE".encode())
        return
    pytest.importorskip("psycopg", exc_type=ImportError)
    from wa_omnichannel.testing.postgres_server import PostgresServer

    with PostgresServer() as server:
        yield server.dsn


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a store that is not there yet, on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/a shop.sqlite"
        return
    dsn = request.getfixturevalue("postgres")
    from tests.support.postgres import schema

    with schema(dsn) as name:
        yield f"{dsn}{'&' if '?' in dsn else '?'}schema={name}&patience=5"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything must run (``WA_TEST_STRICT=1``), unless a service is missing."""
    report = yield
    excused = hasattr(report, "wasxfail") or item.get_closest_marker("service") is not None
    if STRICT and report.skipped and not excused:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in strict mode: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself while it is collected (``importorskip``)."""
    report = yield
    if STRICT and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in strict mode: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return what the skip said about itself."""
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
