"""A whole channel on Meta, through the webhook application, in both colours."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from tests.conformance.benches import meta_settings
from tests.support.meta_double import ANA, NUMBER, PICTURE, TOKEN, VERIFY, MetaDouble
from tests.support.shop import shop

from wa_omnichannel.adapters.blobs import AsyncFolderBlobs, FolderBlobs
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.meta import MAX_BODY, AsyncMetaMedia, AsyncMetaTransport, MetaMedia, MetaTransport
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import DeliveryStatus, Media, TemplateMessage, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel, Omnichannel
from wa_omnichannel.rules import Rules
from wa_omnichannel.templates import Approval, Template, Translation
from wa_omnichannel.testing.conformance import Fault

pytestmark = pytest.mark.anyio

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
READY = Template("order_ready", (Translation("es", "Hola {{1}}", Approval.APPROVED, "meta:order_ready"),), "es")


def rules() -> Rules:
    return attrs.evolve(shop(), templates=[READY])


async def value(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


@attrs.define
class Shop:
    """A channel of either colour on the double, behind the application."""

    double: MetaDouble
    desk: Any
    client: httpx.AsyncClient
    clock: FixedClock

    async def post(self, request: Any) -> httpx.Response:
        return await self.client.post("/meta", content=request.body, headers=request.headers)

    async def ask(self, name: str, *args: Any, **named: Any) -> Any:
        return await value(getattr(self.desk, name)(*args, **named))

    def advance(self, by: timedelta) -> None:
        self.clock.set(self.clock.now() + by)

    async def later(self, by: timedelta) -> None:
        self.advance(by)
        await self.ask("tick")


@pytest.fixture(params=["blocking", "coroutines"])
async def channel(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    clock = FixedClock(BEGIN + timedelta(minutes=5))
    with MetaDouble() as double:
        settings = meta_settings(double)
        desk: Any
        if request.param == "blocking":
            transport: Any = MetaTransport(**settings, templates=[READY])
            media: Any = MetaMedia(access_token=TOKEN, base_url=double.url)
            desk = Omnichannel(
                rules(), store=MemoryStore(), transport=transport, clock=clock, media=media, blobs=FolderBlobs(tmp_path)
            )
        else:
            transport = AsyncMetaTransport(**settings, templates=[READY])
            media = AsyncMetaMedia(access_token=TOKEN, base_url=double.url)
            desk = AsyncOmnichannel(
                rules(),
                store=AsyncMemoryStore(),
                transport=transport,
                clock=clock,
                media=media,
                blobs=AsyncFolderBlobs(tmp_path),
            )
        app = WebhookApp(desk, every=None, max_body=MAX_BODY)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
            yield Shop(double, desk, client, clock)
        await value(transport.close() if request.param == "blocking" else transport.aclose())


async def test_the_address_is_verified(channel: Shop) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": VERIFY}
    answer = await channel.client.get("/meta", params=query)
    assert (answer.status_code, answer.text) == (200, "42")
    answer = await channel.client.get("/meta", params={**query, "hub.verify_token": "guess"})
    assert answer.status_code == 403


async def test_a_customer_is_served(channel: Shop) -> None:
    """Text in, text out, the statuses find their message, and a repeated webhook changes nothing."""
    hello = channel.double.inbound("Hola")
    assert [(await channel.post(hello)).status_code for _ in range(2)] == [200, 200]
    (listing,) = await channel.ask("conversations")
    message = await channel.ask("reply", listing.conversation.id, Text("¡Buenas!"))
    assert channel.double.sent[0]["text"]["body"] == "¡Buenas!"
    await channel.post(channel.double.status(message.sid, message.id, "read"))
    assert (await channel.ask("message", message.id)).status is DeliveryStatus.READ
    assert len(await channel.ask("messages", listing.conversation.id)) == 2


async def test_the_window_opens_when_the_customer_wrote_not_when_the_webhook_came(channel: Shop) -> None:
    """The provider gives the instant (SES-2); a webhook that comes a day late opens nothing."""
    channel.advance(timedelta(hours=23, minutes=54))
    await channel.post(channel.double.inbound("Hola"))
    (listing,) = await channel.ask("conversations")
    thread = await channel.ask("thread", listing.conversation.id)
    assert thread.window.last_inbound_at == BEGIN
    assert (await channel.ask("can_send", NUMBER, ANA, Text("x"))).deadline == BEGIN + timedelta(days=1)
    channel.advance(timedelta(minutes=1))
    assert (await channel.ask("can_send", NUMBER, ANA, Text("x"))).reason == "window_closed"


async def test_a_template_goes_out_after_the_window(channel: Shop) -> None:
    channel.advance(timedelta(days=3))
    message = await channel.ask("send", NUMBER, ANA, TemplateMessage("order_ready", {"1": "Ana"}))
    assert message.status is DeliveryStatus.ACCEPTED
    assert channel.double.sent[0]["template"]["name"] == "order_ready"


async def test_a_batch_is_taken_whole(channel: Shop) -> None:
    double = channel.double
    messages = [double.message(type="text", text={"body": str(n)}) for n in range(200)]
    body = double.webhook(messages=messages, errors=[{"code": 130429}])
    assert len(body.body) < MAX_BODY
    assert (await channel.post(body)).status_code == 200
    (listing,) = await channel.ask("conversations")
    kept = await channel.ask("messages", listing.conversation.id)
    assert [message.content.body for message in kept] == [str(n) for n in range(200)]
    notices = [each.event for each in await channel.ask("events", limit=10_000) if each.event.kind == "provider_notice"]
    assert [notice.facts["about"] for notice in notices] == ["account_error"]


async def test_a_file_is_fetched(channel: Shop) -> None:
    picture = channel.double.message(type="image", image={"id": "5544", "mime_type": "image/png", "caption": "Mira"})
    await channel.post(channel.double.webhook(messages=[picture]))
    await channel.ask("tick")
    (listing,) = await channel.ask("conversations")
    (message,) = await channel.ask("messages", listing.conversation.id)
    assert isinstance(message.content, Media)
    assert (message.content.size, message.content.caption) == (len(PICTURE), "Mira")


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DROPPED, Fault.FAILED])
async def test_a_lost_answer_is_never_sent_again(channel: Shop, fault: Fault) -> None:
    """There is no list to look in: the message stays unknown, the next one goes, and a status tells the truth."""
    await channel.post(channel.double.inbound("Hola"))
    channel.double.plan(fault)
    lost = await channel.ask("send", NUMBER, ANA, Text("1"))
    assert lost.status is DeliveryStatus.UNKNOWN
    for _ in range(12):
        await channel.later(timedelta(seconds=6))
    after = await channel.ask("send", NUMBER, ANA, Text("2"))
    assert after.status is DeliveryStatus.ACCEPTED
    assert (await channel.ask("message", lost.id)).status is DeliveryStatus.UNKNOWN
    assert channel.double.posts == 2
    await channel.post(channel.double.status("wamid.out1", lost.id))
    assert (await channel.ask("message", lost.id)).status is DeliveryStatus.DELIVERED


async def test_a_refused_window_is_believed(channel: Shop) -> None:
    """131047 is Meta's word for 63016: it corrects what we believe about the window (SES-7)."""
    await channel.post(channel.double.inbound("Hola"))
    channel.double.open_windows.clear()
    message = await channel.ask("send", NUMBER, ANA, Text("1"))
    assert (message.status, message.error_code) == (DeliveryStatus.FAILED, 131047)
    assert (await channel.ask("can_send", NUMBER, ANA, Text("x"))).reason == "window_refuted"
