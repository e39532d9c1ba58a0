"""Ordered faults: what a real platform does on a bad day."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator, Faults, apply_script, read_script
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


def test_callbacks_change_places(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """A reordered callback comes after the one that follows it; the last one is not lost for want of another."""
    twilio.faults.reorder("sent")
    ana.says("Hola")
    send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses() == ["delivered", "sent"]
    twilio.faults.reorder("delivered")
    send(body="Hi")
    twilio.wait_idle()
    assert receiver.statuses()[2:] == ["sent", "delivered"]


SCRIPT = """
seed: 7
faults:
  - {event: sent, do: drop, share: 0.3}
  - {event: delivered, do: duplicate, copies: 2, share: 0.3}
  - {event: send, do: refuse, code: 63010, share: 0.2}
  - {event: POST, do: fail, status: 503, processed: true, times: 1}
  - {event: GET, do: slow, seconds: 0.01}
  - {event: media, do: hide}
  - {event: read, do: delay, seconds: 0.01}
  - {event: "*", do: reorder, times: 1, share: 0.01}
  - {event: DELETE, do: disconnect}
"""


def play(script: str, path: Any, receiver: Any, seed: int) -> list[tuple[str, str]]:
    """Send twenty messages through an emulator with a script and return what was called back."""
    file = path / "faults.yaml"
    file.write_text(script, encoding="utf-8")
    receiver.received.clear()
    with Emulator(delay=0, seed=seed) as twilio:
        apply_script(twilio.faults, read_script(file))
        twilio.add_number("+14155550100")
        twilio.customer("+34600000001", "Ana", "+14155550100").calls()
        client = twilio.sdk_client()
        for number in range(20):
            fields = {"from_": "whatsapp:+14155550100", "to": "whatsapp:+34600000001"}
            try:
                client.messages.create(**fields, body=str(number), status_callback=f"{receiver.url}/status?n={number}")
            except TwilioRestException:
                assert number == 0
        twilio.wait_idle()
        client.http_client.session.close()
    return sorted((each.form["MessageSid"], each.form["MessageStatus"]) for each in receiver.received)


def test_a_script_replays(receiver: Any, tmp_path: Path) -> None:
    """The same seeds and traffic make the same sids and the same faults; another seed makes others."""
    first = play(SCRIPT, tmp_path, receiver, 1)
    assert play(SCRIPT, tmp_path, receiver, 1) == first
    assert play(SCRIPT.replace("seed: 7", "seed: 8"), tmp_path, receiver, 1) != first
    assert {sid for sid, _ in first}.isdisjoint(sid for sid, _ in play(SCRIPT, tmp_path, receiver, 2))
    statuses = [status for _, status in first]
    assert 0 < statuses.count("failed") < 20
    assert statuses.count("sent") < 20 - statuses.count("failed")
    assert len(set(first)) < len(first)


def test_sids_repeat_whatever_goes_wrong_meanwhile(receiver: Any) -> None:
    """A file gets the same sid in each run, and alerts of the background do not shift the sids of the messages."""

    def play(inbound_url: str | None) -> list[str]:
        with Emulator(delay=0, seed=1) as twilio:
            twilio.add_number("+14155550100", inbound_url)
            ana = twilio.customer("+34600000001", "Ana", "+14155550100")
            ana.says("Hola")
            client = twilio.sdk_client()
            image = receiver.serve("/a.png", "image/png", b"png")
            sent = client.messages.create(from_="whatsapp:+14155550100", to=ana.address, media_url=[image])
            record = twilio.wait_for(sent.sid, "delivered")
            client.http_client.session.close()
            assert len(twilio.alerts) == int(inbound_url is not None)
            return [*(each.sid for each in twilio.messages), *(each.sid for each in record.media)]

    assert play(None) == play("http://127.0.0.1:9/") == play(None)


@pytest.mark.parametrize(
    "text",
    [
        "- a list",
        "faults: [{event: sent, do: vanish}]",
        "faults: [{event: sent, do: delay}]",
        "faults: [{event: GET, do: slow, x: 1}]",
    ],
)
def test_unreadable_scripts(tmp_path: Path, text: str) -> None:
    """A script with an unknown deed or argument is refused."""
    file = tmp_path / "faults.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"script|fault"):
        apply_script(Faults(), read_script(file))


def test_scripts_in_json_need_no_yaml(tmp_path: Path) -> None:
    """A .json script is read by the standard library."""
    file = tmp_path / "faults.json"
    file.write_text('{"faults": [{"event": "sent", "do": "drop"}]}', encoding="utf-8")
    code = (
        "import sys; sys.modules['yaml'] = None\n"
        "from wa_omnichannel.emulator import *\n"
        "faults = Faults()\n"
        f"apply_script(faults, read_script({str(file)!r}))\n"
        "assert faults.take_callback('sent').copies == 0\n"
        "try: read_script('x.yaml')\n"
        "except FileNotFoundError: pass\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    missing = code.replace("'x.yaml'", repr(str(tmp_path / "y.yaml"))).replace("FileNotFoundError", "ImportError")
    (tmp_path / "y.yaml").write_text("seed: 1", encoding="utf-8")
    assert subprocess.run([sys.executable, "-c", missing], check=False).returncode == 0


@given(st.integers(0, 2**32), st.floats(0, 1), st.lists(st.sampled_from(["sent", "delivered", "read"]), max_size=30))
def test_a_share_depends_on_the_event_alone(seed: int, share: float, statuses: list[str]) -> None:
    """Whether a callback is hit does not depend on what was asked before it."""
    events = list(enumerate(statuses))

    def hits(order: list[tuple[int, str]]) -> set[tuple[int, str]]:
        faults = Faults(seed)
        faults.drop("*", share=share, times=1000)
        return {event for event in order if faults.take_callback(event[1], event[0]).copies == 0}

    assert hits(events) == hits(events[::-1])
    if share in {0.0, 1.0}:
        assert hits(events) == (set(events) if share else set())
