"""A pytest plugin: the local Twilio as fixtures, with a seed that a failing test reports.

``twilio_emulator`` is a running emulator for one test. ``@pytest.mark.twilio_emulator(delay=0.1, limits=...)`` gives it
options. Its seed follows from the test's name, so a test meets the same sids and the same faults in every run;
``--emulator-seed`` chooses another. ``twilio_client`` is Twilio's own client, pointed at it.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wa_omnichannel.emulator import Emulator

MARKER = "twilio_emulator"
_SEED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--emulator-seed``."""
    parser.getgroup("wa_omnichannel").addoption(
        "--emulator-seed", type=int, default=None, help="the seed of every twilio_emulator, instead of each test's own"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", f"{MARKER}(**options): options of the twilio_emulator fixture")


def seed_of(nodeid: str) -> int:
    """Return the seed of a test that was given none: always the same for the same test.

    >>> seed_of("tests/test_shop.py::test_order") == seed_of("tests/test_shop.py::test_order")
    True
    """
    return zlib.crc32(nodeid.encode())


@pytest.fixture
def twilio_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """A running emulator for one test, without a number yet."""
    from wa_omnichannel.emulator import Emulator

    given: int | None = request.config.getoption("--emulator-seed")
    seed = seed_of(request.node.nodeid) if given is None else given
    marker = request.node.get_closest_marker(MARKER)
    options: dict[str, Any] = {"delay": 0.0, "seed": seed, **(marker.kwargs if marker else {})}
    request.node.stash[_SEED] = options["seed"]
    with Emulator(**options) as emulator:
        yield emulator


@pytest.fixture
def twilio_client(twilio_emulator: Emulator) -> Iterator[Any]:
    """Twilio's client of the emulated account (messages, content, messaging and monitor)."""
    client = twilio_emulator.sdk_client()
    yield client
    client.http_client.session.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the emulator's seed to the report of a failed test."""
    report = yield
    seed = item.stash.get(_SEED, None)
    if report.failed and seed is not None:
        report.sections.append(("local Twilio", f"run again with --emulator-seed={seed}"))
    return report
