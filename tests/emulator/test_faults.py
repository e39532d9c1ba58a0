"""Ordered faults: what a real platform does on a bad day."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.emulator.rest.app import Application


def outbound(twilio: Emulator) -> int:
    return sum(each.direction == "outbound-api" for each in twilio.messages)


def test_a_lost_callback(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A dropped callback never comes although the status is reached; the next one comes again."""
    twilio.faults.drop("delivered")
    ana.says("Hola")
    record = twilio.wait_for(send(body="Hi").sid, "delivered")
    twilio.wait_idle()
    assert receiver.statuses() == ["sent"]
    assert record.status == "delivered"
    send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses() == ["sent", "sent", "delivered"]


def test_a_repeated_callback(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A duplicate has the same parameters and the same token."""
    twilio.faults.duplicate("sent")
    ana.says("Hola")
    send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses() == ["sent", "sent", "delivered"]
    first, second = receiver.received[1:3]
    assert first.pairs == second.pairs
    assert first.headers["i-twilio-idempotency-token"] == second.headers["i-twilio-idempotency-token"]


def test_callbacks_overtake(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A delayed callback comes after the later ones, and idle waits for it."""
    twilio.faults.delay("sent", 0.3)
    ana.says("Hola")
    send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses() == ["delivered", "sent"]


def test_inbound_faults(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """Inbound webhooks can be lost and repeated too."""
    twilio.faults.drop("received")
    assert ana.says("uno").attempts == 0
    twilio.faults.duplicate("received")
    ana.says("dos")
    assert [form["Body"] for form in receiver.forms("/inbound")] == ["dos", "dos"]
    assert [each.status_code for each in twilio.webhooks] == [200, 200]


@pytest.mark.parametrize(
    ("status", "processed", "code", "created"),
    [
        (500, False, 20500, 0),
        (503, True, 20503, 1),
        (429, False, 20429, 0),
        (429, True, 20429, 0),
        (502, True, 20500, 1),
    ],
)
def test_failing_answers(
    twilio: Emulator, ana: Customer, send: Any, status: int, processed: bool, code: int, created: int
) -> None:
    """A failing answer may hide a processed send, but never a 429."""
    ana.says("Hola")
    twilio.faults.fail_next(status, processed=processed)
    with pytest.raises(TwilioRestException) as caught:
        send(body="Hi")
    assert (caught.value.status, caught.value.code) == (status, code)
    assert outbound(twilio) == created
    assert sum(each.method == "POST" for each in twilio.requests) == 1
    send(body="Hi")
    assert outbound(twilio) == created + 1


def test_faults_by_method(twilio: Emulator, client: Any) -> None:
    """A fault for GET leaves sends alone, and clear() forgets what is left."""
    twilio.faults.fail_next(500, times=2, method="GET")
    with pytest.raises(TwilioRestException):
        client.messages("SM" + "0" * 32).fetch()
    twilio.faults.clear()
    assert client.messages.list() == []


def test_a_slow_answer(twilio: Emulator, ana: Customer, send: Any) -> None:
    """A slow answer comes late although the message is taken at once."""
    ana.says("Hola")
    twilio.faults.slow_next(0.2)
    start = time.monotonic()
    message = send(body="Hi")
    assert time.monotonic() - start >= 0.2
    assert "delivered" in twilio.message(message.sid).statuses


def test_stopping_during_a_slow_answer() -> None:
    """Stopping cuts off requests that take longer than a second."""
    twilio = Emulator().start()
    twilio.faults.slow_next(30, method="GET")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(requests.get, f"{twilio.base_url}/v1/Content", timeout=10)
        while not twilio.requests:
            time.sleep(0.01)
        twilio.stop()
        assert isinstance(answer.exception(), requests.ConnectionError)


@pytest.mark.parametrize("processed", [True, False])
def test_a_dropped_connection(twilio: Emulator, ana: Customer, send: Any, processed: bool) -> None:
    """A dropped connection gives no answer at all, whether the message was taken or not."""
    twilio.faults.disconnect_next(processed=processed)
    with pytest.raises(requests.ConnectionError):
        send(body="Hi")
    assert outbound(twilio) == int(processed)


def test_the_application_can_be_mounted() -> None:
    """The REST API runs without a server; a dropped connection is then an exception."""
    twilio = Emulator()
    app = Application(twilio.world)
    status: list[int] = []

    async def call(method: str) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def note(message: Any) -> None:
            status.append(message.get("status", 0))

        scope = {
            "type": "http",
            "method": method,
            "path": "/v1/Content",
            "raw_path": b"/v1/Content",
            "query_string": b"",
            "headers": [],
            "server": ("test", 80),
        }
        await app(scope, receive, note)

    asyncio.run(call("GET"))
    asyncio.run(call("PUT"))
    assert [each for each in status if each] == [401, 405]
    twilio.faults.disconnect_next(method="GET")
    with pytest.raises(ConnectionResetError):
        asyncio.run(call("GET"))
    twilio.stop()
