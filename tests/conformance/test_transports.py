"""Our transports keep every promise, in both colours, one test for each obligation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.conformance import benches

from wa_omnichannel.testing.conformance import (
    TRANSPORT_CHECKS,
    TransportCheck,
    arun_transport_check,
    run_transport_check,
)

every_check = pytest.mark.parametrize("check", TRANSPORT_CHECKS, ids=lambda check: check.name)


@every_check
@pytest.mark.parametrize("make", [benches.meta, benches.twilio], ids=["meta", "twilio"])
def test_a_blocking_transport_keeps_the_promise(make: Callable[[], Any], check: TransportCheck) -> None:
    run_transport_check(check, make)


@every_check
@pytest.mark.parametrize("make", [benches.async_meta, benches.async_twilio], ids=["meta", "twilio"])
@pytest.mark.anyio
async def test_an_asynchronous_transport_keeps_the_promise(make: Callable[[], Any], check: TransportCheck) -> None:
    await arun_transport_check(check, make)


def test_every_check_states_its_obligation() -> None:
    assert len({check.name for check in TRANSPORT_CHECKS}) == len(TRANSPORT_CHECKS)
    assert all(check.obligation.endswith(".") for check in TRANSPORT_CHECKS)
