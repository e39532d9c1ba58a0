"""The console transport prints, in both colours, and believes everybody: it is a fake."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from tests.support.shop import ANA, NUMBER, shop

from wa_omnichannel.adapters.console import AsyncConsoleTransport, ConsoleTransport
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.errors import MalformedWebhook
from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.ports import SentQuery
from wa_omnichannel.webhooks import WebhookRequest

HELLO = WebhookRequest(b'{"from": "+34600000001", "to": "+14155550100", "text": "Hola"}')
LINES = ["+34600000001 -> +14155550100: Hola", "+14155550100 -> +34600000001: Hi"]


def test_a_conversation_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Omnichannel(shop(), store=MemoryStore(), transport=ConsoleTransport())
    assert desk.receive(HELLO).status == 200
    desk.send(NUMBER, ANA, Text("Hi"))
    assert capsys.readouterr().out.splitlines() == LINES


def test_the_same_for_coroutines() -> None:
    lines: list[str] = []

    async def run() -> None:
        desk = AsyncOmnichannel(shop(), store=AsyncMemoryStore(), transport=AsyncConsoleTransport(lines.append))
        await desk.receive(HELLO)
        await desk.send(NUMBER, ANA, Text("Hi"))

    asyncio.run(run())
    assert lines == LINES


def test_what_was_printed_is_found() -> None:
    transport = ConsoleTransport(lambda _: None)
    now = datetime.now(UTC)
    query = SentQuery(NUMBER, ANA, now - timedelta(seconds=5), now + timedelta(seconds=5))
    assert transport.find(query) == ()
    desk = Omnichannel(shop(), store=MemoryStore(), transport=transport)
    desk.receive(HELLO)
    message = desk.send(NUMBER, ANA, Text("Hi"))
    assert [each.sid for each in transport.find(query)] == [message.sid]
    assert asyncio.run(AsyncConsoleTransport(lambda _: None).find(query)) == ()
    assert transport.find(attrs.evolve(query, to=NUMBER)) == ()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"{}", b'{"from": 1, "to": 2, "text": 3}', b"[" * 100_000])
def test_anything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        ConsoleTransport().read(WebhookRequest(body))
