"""Closed transports say so; a cancelled send is never unknown to us; links and webhooks find their path."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, PUBLIC, TOKEN, outgoing, signed

from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import TransportClosed, TransportError
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Accepted, DeliveryStatus, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.ports import SentQuery

SETTINGS: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
QUERY = SentQuery(NUMBER, ANA, NOW, NOW)


def test_a_closed_transport_says_so(twilio: Emulator, ana: Customer) -> None:
    transport = TwilioTransport(**SETTINGS, base_url=twilio.base_url)
    assert isinstance(transport.send(outgoing()), Accepted)
    transport.close()
    transport.close()
    for call in (lambda: transport.send(outgoing()), lambda: transport.find(QUERY), lambda: transport.holdings(NOW)):
        with pytest.raises(TransportClosed, match="closed") as caught:
            call()
        assert isinstance(caught.value, TransportError)
    with transport:
        assert isinstance(transport.send(outgoing()), Accepted)


@pytest.mark.anyio
@pytest.mark.parametrize("used", [True, False])
async def test_a_closed_transport_of_coroutines_says_so(twilio: Emulator, ana: Customer, used: bool) -> None:
    transport = AsyncTwilioTransport(**SETTINGS, base_url=twilio.base_url)
    if used:
        assert isinstance(await transport.send(outgoing()), Accepted)
    await transport.aclose()
    await transport.aclose()
    for call in (transport.send(outgoing()), transport.find(QUERY), transport.holdings(NOW)):
        with pytest.raises(TransportClosed, match="closed"):
            await call
    async with transport:
        assert isinstance(await transport.send(outgoing()), Accepted)


class CancelledAt:
    """Awaits a coroutine, and cancels the task that does so when it waits for the *n*-th time."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], n: int) -> None:
        self.coroutine, self.n, self.waits = coroutine, n, 0

    def __await__(self) -> Generator[Any, Any, Any]:
        inner = self.coroutine.__await__()
        answer: Any = None
        try:
            waited = inner.send(None)
            while True:
                self.waits += 1
                if self.waits == self.n:
                    task = asyncio.current_task()
                    assert task is not None
                    task.cancel()
                try:
                    answer = yield waited
                except BaseException as error:  # noqa: BLE001 - passed on
                    waited = inner.throw(error)
                else:
                    waited = inner.send(answer)
        except StopIteration as end:
            return end.value


FINAL = {DeliveryStatus.ACCEPTED, DeliveryStatus.QUEUED, DeliveryStatus.SENT, DeliveryStatus.DELIVERED}


@pytest.mark.anyio
async def test_cancelling_a_send_at_every_step(twilio: Emulator, ana: Customer) -> None:
    """Wherever a send is cancelled, it ends as sent or not sent after the list was asked, and is sent once at most."""
    settings = {**SETTINGS, "base_url": twilio.base_url}
    for n in range(1, 60):
        text = f"text {n}"
        waits = await _cancel_at(n, text, settings, twilio)
        await asyncio.to_thread(twilio.wait_idle)
        if waits < n:
            break
    assert 4 <= n < 60, "connecting, writing and reading are steps of their own"


async def _cancel_at(n: int, text: str, settings: dict[str, Any], twilio: Emulator) -> int:
    clock = FixedClock(datetime.now(UTC))
    async with AsyncTwilioTransport(**settings) as transport:
        desk = AsyncOmnichannel(shop(), store=AsyncMemoryStore(), transport=transport, clock=clock)
        desk._outside.store_clock = clock  # leases end with it
        form = {"MessageSid": f"SM{n}", "From": f"whatsapp:{ANA}", "To": f"whatsapp:{NUMBER}", "Body": "Hola"}
        assert (await desk.receive(signed(urlencode(form).encode()))).status == 200
        sending = CancelledAt(desk.send(NUMBER, ANA, Text(text), request_id="r1"), n)
        task = asyncio.ensure_future(_run(sending))
        await asyncio.wait([task])
        if not task.cancelled():
            await task
        for _ in range(14):
            clock.advance(timedelta(seconds=6))
            await desk.tick()
        message = await desk.send(NUMBER, ANA, Text(text), request_id="r1")  # the same request: its first result
        posted = [each.sid for each in twilio.messages if each.body == text]
        known = await desk.message(message.id)
        assert known.status in FINAL, (n, known)
        assert [known.sid] == posted, n
    return sending.waits


async def _run(sending: CancelledAt) -> Any:
    return await sending
