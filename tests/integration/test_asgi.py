"""The ASGI application: what it answers, in both colours."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import attrs
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from wa_omnichannel import Text
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.ports import Changes
from wa_omnichannel.webhooks import MAX_BODY

pytestmark = pytest.mark.anyio

NUMBER = "+14155550100"


async def value(answer: Any) -> Any:
    """Return what a call of either colour comes to."""
    return await answer if inspect.isawaitable(answer) else answer


async def post(client: httpx.AsyncClient, webhook: Any, path: str = "/inbound") -> httpx.Response:
    return await client.post(path, content=webhook.body, headers=webhook.headers)


async def test_a_signed_message_is_in_the_store_before_it_is_answered(client, desk, sign) -> None:
    answer = await post(client, sign.message())
    assert (answer.status_code, answer.content) == (200, b"<Response/>")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    (listing,) = await value(desk.conversations())
    (message,) = await value(desk.messages(listing.conversation.id))
    assert message.content == Text("Hola")
    assert listing.name == "Ana"


async def test_a_repeated_webhook_is_answered_with_200_and_changes_nothing(client, desk, sign) -> None:
    webhook = sign.message()
    answers = [(await post(client, webhook)).status_code for _ in range(3)]
    assert answers == [200, 200, 200]
    (listing,) = await value(desk.conversations())
    assert len(await value(desk.messages(listing.conversation.id))) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"x-twilio-signature": ""}, {"x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
)
async def test_a_webhook_without_a_right_signature_gets_403_and_leaves_no_trace(
    client, desk, sign, headers, caplog
) -> None:
    caplog.set_level(logging.DEBUG, "wa_omnichannel")
    answer = await post(client, attrs.evolve(sign.message(), headers=headers))
    assert answer.status_code == 403
    assert await value(desk.events()) == ()
    assert "signature_mismatch" in caplog.text
    assert "34600000001" not in caplog.text


async def test_a_message_without_its_parts_is_put_in_quarantine_and_begins_nothing(client, desk, sign) -> None:
    answer = await post(client, sign.form({"Body": "no sender, no sid"}))
    assert answer.status_code == 200
    assert {each.event.kind for each in await value(desk.events())} <= {"webhook_held"}


async def test_text_that_is_not_utf8_gets_400(client, desk, sign) -> None:
    answer = await post(client, sign.raw(b"MessageSid=SM1&Body=%ff%fe"))
    assert answer.status_code == 400
    assert await value(desk.events()) == ()


async def test_a_body_beyond_the_limit_gets_413_without_being_read_to_its_end(client) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * MAX_BODY:
            read += 8192
            yield b"a" * 8192

    answer = await client.post("/inbound", content=endless())
    assert answer.status_code == 413
    assert read <= MAX_BODY + 4 * 8192


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "HEAD"])
async def test_other_methods_get_405(client, method) -> None:
    assert (await client.request(method, "/inbound")).status_code == 405


async def test_it_works_below_a_mount_point(desk, sign) -> None:
    site = Starlette(routes=[Mount("/wa", WebhookApp(desk, every=None))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=site), base_url="https://shop.example") as client:
        assert (await post(client, sign.message(), "/wa/inbound")).status_code == 200


async def test_it_works_at_the_root_of_a_server_although_the_public_url_has_a_path(client, sign) -> None:
    assert (await post(client, sign.message(), "/wa/inbound")).status_code == 200


async def test_a_store_that_is_away_gets_503_and_the_repetition_is_taken(client, desk, sign, monkeypatch) -> None:
    store = desk._outside.store
    commit = store.commit

    def away(_: Changes) -> None:
        raise StoreUnavailable("the database is away")

    monkeypatch.setattr(store, "commit", away)
    assert (await post(client, sign.message())).status_code == 503
    monkeypatch.setattr(store, "commit", commit)
    assert (await post(client, sign.message())).status_code == 200
    assert len(await value(desk.conversations(number=NUMBER))) == 1


async def test_a_hundred_webhooks_at_once_make_one_conversation(client, desk, sign) -> None:
    webhooks = [sign.message(f"SM{n:032x}", f"message {n}") for n in range(100)]
    answers = await asyncio.gather(*(post(client, webhook) for webhook in webhooks))
    assert {answer.status_code for answer in answers} == {200}
    (listing,) = await value(desk.conversations())
    assert len(await value(desk.messages(listing.conversation.id))) == 100


async def test_while_the_server_runs_it_ticks_and_a_webhook_wakes_it(desk, sign) -> None:
    ticks = 0
    seen = asyncio.Event()
    loop = asyncio.get_running_loop()
    tick = desk.tick

    def counted(limit: int, **more: Any) -> Any:
        nonlocal ticks
        ticks += 1
        loop.call_soon_threadsafe(seen.set)
        return tick(limit, **more)

    desk.tick = counted
    app = WebhookApp(desk, every=timedelta(hours=1))
    lifespan: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan"}, lifespan.get, told.put))
    await lifespan.put({"type": "lifespan.startup"})
    assert (await told.get())["type"] == "lifespan.startup.complete"
    await asyncio.wait_for(seen.wait(), 5)
    before = ticks
    seen.clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://shop.example") as client:
        assert (await post(client, sign.message())).status_code == 200
    await asyncio.wait_for(seen.wait(), 5)
    assert ticks > before
    await lifespan.put({"type": "lifespan.shutdown"})
    assert (await told.get())["type"] == "lifespan.shutdown.complete"
    await running


async def test_an_application_that_is_cancelled_stops_ticking(desk) -> None:
    threads = set(threading.enumerate())
    tasks = asyncio.all_tasks()
    app = WebhookApp(desk, every=timedelta(hours=1))
    lifespan: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan"}, lifespan.get, told.put))
    await lifespan.put({"type": "lifespan.startup"})
    await told.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == tasks
    assert not [each for each in threading.enumerate() if each not in threads and each.name == "wa-omnichannel-worker"]


async def test_monitors_learn_whether_the_store_answers_and_work_is_done(client, desk, monkeypatch) -> None:
    for path in ("/wa/health", "/wa/ready"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["store"]) == (200, "ok")

    def away(*_: object) -> Any:
        raise StoreUnavailable("planted")

    monkeypatch.setattr(desk._outside.store, "select", away)
    for path in ("/wa/health", "/wa/ready"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["store"]) == (503, "store_unavailable")
