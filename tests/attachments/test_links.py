"""Links to attached files: signed, for a while, and served with HEAD and GET to a real client."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel import AsyncOmnichannel, Number, Omnichannel, Queue, Rules, Workstream
from wa_omnichannel.adapters.blobs import AsyncFolderBlobs, FolderBlobs
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.attachments import MEDIA_TYPES, MEGABYTE, AttachmentRules, safe_name
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import InvalidValue, LinkExpired, NotFound
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.links import LIFETIME, MediaLinks
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Media
from wa_omnichannel.ports import Links, SharedFile
from wa_omnichannel.sending import MAX_VALIDITY

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "https://shop.example/wa"
NUMBER = "+14155550100"
OLD, NEW, OTHER = (bytes([at]) * 16 for at in range(3))
LINKS = MediaLinks(BASE, [NEW])
FILE = SharedFile("b1", "application/pdf", "factura.pdf", 1234)
SECOND = timedelta(seconds=1)

kinds = st.sampled_from(sorted(MEDIA_TYPES))
files = st.builds(
    lambda blob, kind, name, size: SharedFile(blob, kind, safe_name(name, kind), size),
    st.text("abcdef0123456789", min_size=1, max_size=40),
    kinds,
    st.text(max_size=12),
    st.integers(0, 2**40),
)


def path(links: MediaLinks, file: SharedFile = FILE, at: datetime = T0) -> str:
    url = links.url(file, at)
    assert url.startswith(BASE)
    return url.removeprefix(BASE)


@given(files, st.integers(0, int(LIFETIME.total_seconds()) - 1))
def test_a_link_leads_to_its_file_while_it_is_young(file: SharedFile, age: int) -> None:
    assert LINKS.read(path(LINKS, file), T0 + age * SECOND) == file


@given(files, st.integers(0, 10**7))
def test_an_old_link_leads_nowhere(file: SharedFile, age: int) -> None:
    with pytest.raises(LinkExpired):
        LINKS.read(path(LINKS, file), T0 + LIFETIME + age * SECOND)


@given(st.data())
def test_a_changed_link_leads_nowhere(data: st.DataObject) -> None:
    """Every character of the token counts, also those that base64 would let pass."""
    link = path(LINKS)
    at = data.draw(st.integers(len("/files/"), link.rindex("/") - 1))
    other = data.draw(st.sampled_from("ABCabc012-_=+/. %").filter(lambda char: char != link[at]))
    with pytest.raises(NotFound):
        LINKS.read(link[:at] + other + link[at + 1 :], T0)


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_leads_nowhere(text: str) -> None:
    for link in (text, f"/files/{text}", f"/files/{text}/a.pdf"):
        with pytest.raises(NotFound):
            LINKS.read(link, T0)


def test_secrets_are_replaced_without_breaking_links() -> None:
    before, during, after = MediaLinks(BASE, [OLD]), MediaLinks(BASE, [NEW, OLD]), MediaLinks(BASE, [NEW])
    assert during.read(path(before), T0) == FILE
    assert after.read(path(during), T0) == FILE
    with pytest.raises(NotFound):
        after.read(path(before), T0)
    with pytest.raises(NotFound):
        before.read(path(MediaLinks(BASE, [OTHER])), T0)


def test_the_name_in_the_link_decides_nothing() -> None:
    assert LINKS.read(path(LINKS).replace("factura.pdf", "run.exe"), T0).name == "factura.pdf"


def test_a_link_outlives_the_longest_wait_at_the_provider() -> None:
    assert LIFETIME > MAX_VALIDITY


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("ftp://x", [NEW]), "public_url"),
        (("https://user:short@shop.example/wa?x=1", [NEW]), "public_url"),
        ((BASE, []), "secrets"),
        ((BASE, [b"short"]), "secrets"),
    ],
)
def test_wrong_arguments_are_named_and_no_secret_is_shown(arguments: Any, field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        MediaLinks(*arguments)
    assert caught.value.field == field
    assert "short" not in str(caught.value)
    with pytest.raises(InvalidValue, match="lifetime"):
        MediaLinks(BASE, [NEW], lifetime=timedelta(0))


def test_instants_need_a_time_zone_and_secrets_are_not_in_the_repr() -> None:
    with pytest.raises(InvalidValue, match="time zone"):
        LINKS.url(FILE, datetime(2026, 1, 1))  # noqa: DTZ001 - the point
    assert repr(NEW) not in repr(LINKS)
    assert isinstance(LINKS, Links)


# --- over HTTP ------------------------------------------------------------------------------------------------

ON = AttachmentRules(enabled=True, agents=True, max_bytes=16 * MEGABYTE)
RULES = Rules([Number(NUMBER, "Shop", "main", attachments=ON)], [Workstream("main", "all")], [Queue("all")])
Channel = Omnichannel | AsyncOmnichannel


async def stream(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def attached(channel: Channel, data: bytes, name: str) -> Media:
    if isinstance(channel, AsyncOmnichannel):
        return await channel.attach(NUMBER, stream(data), name)
    return channel.attach(NUMBER, [data], name)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(T0)


@pytest.fixture(params=["blocking", "awaiting"])
def channel(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> Channel:
    more: dict[str, Any] = {"transport": None, "clock": clock, "links": LINKS}
    if request.param == "blocking":
        return Omnichannel(RULES, store=MemoryStore(), blobs=FolderBlobs(tmp_path), **more)
    return AsyncOmnichannel(RULES, store=AsyncMemoryStore(), blobs=AsyncFolderBlobs(tmp_path), **more)


@pytest.fixture
def client(channel: Channel) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(WebhookApp(channel, every=None)), base_url="https://shop.example"
    )


def link_of(media: Media) -> str:
    assert media.blob is not None
    return path(
        LINKS, SharedFile(media.blob, media.content_type, safe_name(media.name, media.content_type), media.size or 0)
    )


@pytest.mark.anyio
async def test_head_and_get_tell_the_same_truth(
    channel: Channel, client: httpx.AsyncClient, golden: dict[str, Any]
) -> None:
    for name, (kind, data) in golden.items():
        if not MEDIA_TYPES[kind].outbound or kind == "audio/3gpp":
            continue
        media = await attached(channel, data, name)
        head, got = await client.head(link_of(media)), await client.get(link_of(media))
        assert (head.status_code, got.status_code) == (200, 200)
        assert head.headers == got.headers
        assert got.headers["content-type"] == kind
        assert got.headers["content-disposition"] == f'inline; filename="{name}"'
        assert got.headers["x-content-type-options"] == "nosniff"
        assert int(got.headers["content-length"]) == len(data)
        assert (head.content, got.content) == (b"", data)


@pytest.mark.anyio
async def test_a_large_file_streams_whole(channel: Channel, client: httpx.AsyncClient) -> None:
    data = b"%PDF-1.7\n" + bytes(range(256)) * 4096
    media = await attached(channel, data, "grande.pdf")
    assert (await client.get(link_of(media))).content == data


@pytest.mark.anyio
async def test_links_that_lead_nowhere(channel: Channel, client: httpx.AsyncClient, clock: FixedClock) -> None:
    media = await attached(channel, b"%PDF-1.7\n", "a.pdf")
    link = link_of(media)
    assert (await client.post(link)).status_code == 405
    assert (await client.get("/files/x/a.pdf")).status_code == 404
    assert (await client.get("/files/")).status_code == 404
    assert (await client.get(path(LINKS, SharedFile("gone", "application/pdf", "a.pdf", 1)))).status_code == 404
    clock.advance(LIFETIME)
    assert (await client.get(link)).status_code == 410
    assert (await client.head(link)).status_code == 410


@pytest.mark.anyio
async def test_without_links_nothing_is_served() -> None:
    app = WebhookApp(Omnichannel(RULES, store=MemoryStore(), transport=None), every=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shop.example") as client:
        assert (await client.get(path(LINKS))).status_code == 404


def test_a_local_twilio_fetches_what_was_attached(tmp_path: Path, golden: dict[str, Any]) -> None:
    """The whole way: a customer writes, a file is attached, Twilio asks with HEAD and GET, the customer has it."""
    listener = listen()
    with Emulator() as twilio:
        transport = TwilioTransport(
            account_sid=twilio.account_sid,
            auth_token=twilio.auth_token,
            public_url=f"{listener.url}/wa",
            base_url=twilio.base_url,
        )
        links = MediaLinks(f"{listener.url}/wa", [NEW])
        desk = Omnichannel(RULES, store=MemoryStore(), transport=transport, blobs=FolderBlobs(tmp_path), links=links)
        app = WebhookApp(desk, every=None)

        async def mounted(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "root_path": "/wa"}, receive, send)

        with serving(mounted, listener):
            twilio.add_number(NUMBER, transport.inbound_url)
            ana = twilio.customer("+34600000001", "Ana", NUMBER)
            ana.says("Hola")
            twilio.wait_idle()
            (conversation,) = desk.conversations()
            kind, data = golden["invoice.pdf"]
            media = desk.attach(NUMBER, [data], "Su factura.pdf")
            message = desk.reply(conversation.conversation.id, media)
            assert message.sid is not None
            twilio.wait_for(message.sid, "delivered")
            received = ana.received[-1]
            assert (received.media_bytes, received.media[0].content_type) == (data, kind)


# --- where the application is


@pytest.mark.anyio
@pytest.mark.parametrize("root", ["", "/wa"], ids=["not mounted", "mounted"])
async def test_links_and_webhooks_work_mounted_or_not(channel: Channel, root: str) -> None:
    """Below a public path, an application that is not mounted sees the whole of it; both kinds find their way."""
    media = await attached(channel, b"%PDF-1.7\n", "a.pdf")
    app = WebhookApp(channel, every=None)
    whole = f"/wa{link_of(media)}"

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "root_path": root}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(asked), base_url="https://shop.example") as client:
        assert (await client.get(whole)).content == b"%PDF-1.7\n"
        assert (await client.get("/wa/files/x")).status_code == 404
        assert (await client.get(f"/elsewhere{link_of(media)}")).status_code == 404


def test_a_public_path_is_taken_off_at_whole_steps_only() -> None:
    """A link made below /in is not found by cutting letters off another path."""
    links = MediaLinks("https://shop.example/in", [NEW])
    whole = links.url(FILE, T0).removeprefix("https://shop.example")
    assert links.read(whole, T0) == links.read(whole.removeprefix("/in"), T0) == FILE
    with pytest.raises(NotFound):
        links.read(whole.replace("/in/", "/inn/"), T0)
