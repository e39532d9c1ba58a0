"""Files through the whole channel, in both colours: what customers send and what is attached."""

import asyncio
import contextlib
import io
import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wa_omnichannel import AsyncOmnichannel, Number, Omnichannel, Queue, Rules, Workstream
from wa_omnichannel.adapters.blobs import AsyncMemoryBlobs, MemoryBlobs
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.attachments import AttachmentRules, Clean, Infected, ScanResult, Unavailable
from wa_omnichannel.errors import ConfigurationError, MediaUnavailable, NotFound, Refused, StoreUnavailable
from wa_omnichannel.integrations.links import MediaLinks
from wa_omnichannel.machine import CountingIds, FixedClock
from wa_omnichannel.messages import Content, Inbound, Media, Text
from wa_omnichannel.ports import AsyncDownload, Changes, Download, Happening, SharedFile
from wa_omnichannel.testing.fakes import AsyncRecordingTransport, RecordingTransport
from wa_omnichannel.workforce import Agent, Presence

Waits = asyncio.Runner | None
"""What runs the coroutines of an asynchronous channel; None for a blocking one."""
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBER, CUSTOMER = Address("+14155550100"), Address("+34600000001")
ON = AttachmentRules(enabled=True, customers=True, agents=True, max_bytes=1000)
Golden = Mapping[str, tuple[str, bytes]]


class Files:
    """The provider's files by URL, in small chunks; counts what was asked for."""

    def __init__(self) -> None:
        self.content: dict[str, tuple[str, bytes]] = {}
        self.opened: list[str] = []
        self.given = 0

    def chunks(self, url: str) -> Iterator[bytes]:
        data = self.content[url][1]
        for at in range(0, len(data), 100):
            self.given += 100
            yield data[at : at + 100]

    @contextlib.contextmanager
    def open(self, url: str) -> Iterator[Download]:
        self.opened.append(url)
        if url not in self.content:
            raise MediaUnavailable("not yet")
        yield Download(self.content[url][0], self.chunks(url))


class AsyncFiles(Files):
    @contextlib.asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[AsyncDownload]:  # type: ignore[override]
        with super().open(url) as download:
            yield AsyncDownload(download.content_type, as_stream(download.chunks))


async def as_stream(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class Scripted:
    """A scanner that says what a script says, and reads the file as real ones do."""

    def __init__(self, *script: ScanResult | Exception) -> None:
        self.script = itertools.chain(script, itertools.repeat(script[-1]))
        self.seen: list[bytes] = []

    def scan(self, chunks: Iterator[bytes]) -> ScanResult:
        self.seen.append(b"".join(chunks))
        said = next(self.script)
        if isinstance(said, Exception):
            raise said
        return said


class AsyncScripted(Scripted):
    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanResult:  # type: ignore[override]
        return super().scan(iter([chunk async for chunk in chunks]))


class Shaky(MemoryStore):
    """A store that fails a given commit once, before or after writing."""

    def __init__(self) -> None:
        super().__init__()
        self.fail: tuple[int, bool] | None = None

    def commit(self, changes: Changes) -> None:
        if self.fail is not None:
            left, late = self.fail
            self.fail = (left - 1, late) if left else None
            if not left:
                if late:
                    super().commit(changes)
                raise StoreUnavailable("for a moment")
        super().commit(changes)


class Desk:
    """A channel of either colour, used from blocking tests."""

    def __init__(
        self,
        *,
        waits: Waits,
        rules: AttachmentRules = ON,
        scanner: Sequence[ScanResult | Exception] = (),
        links: bool = True,
        notice: str = "",
    ) -> None:
        self.clock = FixedClock(T0)
        self.provider, self.sids = RecordingTransport(self.clock), itertools.count()
        self.files = AsyncFiles() if waits else Files()
        self.links = MediaLinks("https://shop.example/wa", [b"a secret of the tests"]) if links else None
        self.runner = waits
        self.store = Shaky()
        self.scanner = (AsyncScripted if waits else Scripted)(*scanner) if scanner else None
        settings = Rules(
            [Number(NUMBER, "Shop", "main", attachments=rules, withheld_notice=notice)],
            [Workstream("main", "all")],
            [Queue("all"), Queue("second line")],
        )
        blobs = AsyncMemoryBlobs() if waits else MemoryBlobs()
        more: dict[str, Any] = {
            "transport": AsyncRecordingTransport(self.provider) if waits else self.provider,
            "clock": self.clock,
            "blobs": blobs,
            "media": self.files,
            "ids": CountingIds(),
            "scanner": self.scanner,
            "links": self.links,
        }
        self.kept = blobs._blobs.content if isinstance(blobs, AsyncMemoryBlobs) else blobs.content
        if waits:
            self.channel: Any = AsyncOmnichannel(settings, store=AsyncMemoryStore(), **more)
        else:
            self.channel = Omnichannel(settings, store=self.store, **more)
        self.run(self.channel.put_agent(Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 1)))

    def run(self, answer: Any) -> Any:
        return self.runner.run(answer) if self.runner is not None else answer

    def arrives(self, media: Media, data: bytes | None, served_as: str | None = None) -> str:
        if data is not None:
            self.files.content[media.url] = (served_as or media.content_type, data)
        self.hears(media)
        self.tick()
        return str(self.messages()[-1].id)

    def hears(self, content: Content) -> None:
        request = self.provider.webhook(Inbound(f"SM{next(self.sids)}", NUMBER, (CUSTOMER,), content))
        assert self.run(self.channel.receive(request)).status == 200

    def tick(self) -> None:
        self.run(self.channel.tick())

    @property
    def conversation(self) -> str:
        return str(self.run(self.channel.conversations())[0].conversation.id)

    def messages(self) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self.run(self.channel.messages(self.conversation))
        return found

    def events(self, kind: str) -> list[Happening]:
        return [found for found in self.run(self.channel.events(limit=1000)) if found.event.kind == kind]

    def content(self, message: str) -> bytes:
        async def collect() -> bytes:
            return b"".join([chunk async for chunk in await self.channel.file(message)])

        return self.run(collect()) if self.runner else b"".join(self.channel.file(message))

    def attach(self, chunks: Iterable[bytes], name: str, **more: Any) -> Media:
        stream = as_stream(chunks) if self.runner else chunks
        media: Media = self.run(self.channel.attach(NUMBER, stream, name, **more))
        return media

    def shared(self, path: str) -> tuple[SharedFile, bytes]:
        async def collect() -> tuple[SharedFile, bytes]:
            file, chunks = await self.channel.shared(path)
            return file, b"".join([chunk async for chunk in chunks])

        if self.runner:
            return self.runner.run(collect())
        file, chunks = self.channel.shared(path)
        return file, b"".join(chunks)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(params=[False, True], ids=["blocking", "awaiting"])
def waits(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Waits:
    return runner if request.param else None


PHOTO = Media("https://api.twilio.com/1", "image/jpeg", "Aquí está")


def test_a_file_is_fetched_once_and_opens_even_after_closing(waits: Waits, golden: Golden) -> None:
    """ATT-11: whoever reads the conversation when it is over opens it too."""
    desk = Desk(waits=waits, scanner=[Clean()])
    data = golden["photo.jpg"][1]
    message = desk.arrives(PHOTO, data)
    assert desk.content(message) == data
    assert desk.scanner is not None
    assert desk.scanner.seen == [data]
    desk.run(desk.channel.end(desk.conversation))
    desk.run(desk.channel.close(desk.conversation))
    desk.clock.advance(timedelta(days=400))
    assert desk.content(message) == data
    assert len(desk.events("attachment_fetched")) == 1


def test_att_10_whoever_takes_the_conversation_over_opens_the_files_of_both_sides(waits: Waits, golden: Golden) -> None:
    """The customer's and the first agent's, with the second agent, and still when the conversation is closed."""
    desk = Desk(waits=waits, scanner=[Clean()])
    data = golden["photo.jpg"][1]
    received = desk.arrives(PHOTO, data)
    desk.run(desk.channel.accept(desk.conversation, "ana"))
    sent = desk.run(desk.channel.reply(desk.conversation, desk.attach([data], "mine.jpg"), agent="ana")).id
    desk.run(desk.channel.put_agent(Agent("ben", "Ben", frozenset({"second line"}), Presence.AVAILABLE, 1)))
    desk.run(desk.channel.transfer(desk.conversation, "second line", agent="ana"))
    desk.tick()
    desk.run(desk.channel.accept(desk.conversation, "ben"))
    assert desk.run(desk.channel.conversations())[0].conversation.agent == "ben"
    seen = [message.id for message in desk.messages()]
    assert {received, sent} <= set(seen)
    assert [desk.content(message) for message in (received, sent)] == [data, data]
    desk.run(desk.channel.end(desk.conversation, agent="ben"))
    desk.run(desk.channel.close(desk.conversation))
    assert [desk.content(message) for message in (received, sent)] == [data, data]


def test_what_customers_may_not_send_is_not_even_downloaded(waits: Waits, golden: Golden) -> None:
    """ATT-12: the text is kept, the file is withheld, the event says why."""
    desk = Desk(waits=waits, rules=AttachmentRules(enabled=True, agents=True))
    message = desk.arrives(PHOTO, golden["photo.jpg"][1])
    assert desk.files.opened == []
    assert desk.messages()[-1].content.caption == "Aquí está"
    (event,) = desk.events("attachment_withheld")
    assert event.event.trace[-1].rule == "ATT-1"
    with pytest.raises(NotFound):
        desk.content(message)


NOTICE = "No hemos podido recibir su archivo."


def told(desk: Desk) -> list[str]:
    """What reached the customer."""
    return [handed.outgoing.content.body for handed in desk.provider.arrived]  # type: ignore[union-attr]


def test_att_12_the_customer_is_told_once_if_the_settings_say_so(waits: Waits, golden: Golden) -> None:
    desk = Desk(waits=waits, rules=AttachmentRules(enabled=True, agents=True), notice=NOTICE)
    desk.arrives(PHOTO, golden["photo.jpg"][1])
    desk.tick()
    assert told(desk) == [NOTICE]
    assert [message.author for message in desk.messages()] == ["customer", "system"]


def test_att_12_a_file_that_lies_is_told_of_and_one_that_is_fine_is_not(waits: Waits, golden: Golden) -> None:
    desk = Desk(waits=waits, notice=NOTICE)
    desk.arrives(PHOTO, golden["photo.jpg"][1])
    assert told(desk) == []
    desk.arrives(Media("https://api.twilio.com/2", "image/jpeg"), b"MZ" + b"x" * 60)
    desk.tick()
    assert told(desk) == [NOTICE]


def test_att_12_a_file_that_waits_for_its_scan_is_told_of_only_when_it_is_infected(
    waits: Waits, golden: Golden
) -> None:
    desk = Desk(waits=waits, scanner=[Unavailable("slow"), Unavailable("slow"), Infected("Eicar")], notice=NOTICE)
    desk.arrives(PHOTO, golden["photo.jpg"][1])
    desk.clock.advance(timedelta(minutes=1))
    desk.tick()
    assert told(desk) == []
    for _ in range(2):
        desk.clock.advance(timedelta(minutes=5))
        desk.tick()
    assert told(desk) == [NOTICE]


def test_att_12_who_said_stop_is_not_told(waits: Waits, golden: Golden) -> None:
    desk = Desk(waits=waits, rules=AttachmentRules(enabled=True, agents=True), notice=NOTICE)
    desk.hears(Text("STOP"))
    desk.arrives(PHOTO, golden["photo.jpg"][1])
    desk.tick()
    assert told(desk) == []
    assert len(desk.events("send_refused")) == 1


def test_a_document_keeps_its_name_under_the_preset(waits: Waits, golden: Golden) -> None:
    """ATT-7: the agent gets the name of the document, not the document."""
    desk = Desk(waits=waits, rules=AttachmentRules.dynamics(customers=True))
    kind, data = golden["letter.docx"]
    desk.arrives(Media("https://api.twilio.com/1", kind, name="carta.docx"), data)
    assert desk.files.opened == []
    assert desk.messages()[-1].content.name == "carta.docx"
    assert desk.events("attachment_withheld")[0].event.trace[-1].rule == "ATT-7"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"MZ\x90\0" + b"\0" * 60, "media_type_lies"),
        (b"\x01\x02\x03", "media_type_unproven"),
        (b"\xff\xd8\xff\xe0<script>alert(1)</script>", "media_polyglot"),
        (b"", "media_empty"),
        (b"\xff\xd8\xff" + b"\0" * 5000, "media_too_large"),
    ],
)
def test_a_file_that_is_not_what_was_announced_is_withheld_and_removed(waits: Waits, data: bytes, reason: str) -> None:
    """ATT-9: withheld, and out of the blob store as well."""
    desk = Desk(waits=waits)
    message = desk.arrives(PHOTO, data)
    (event,) = desk.events("attachment_withheld")
    assert event.event.facts["reason"] == reason
    assert desk.kept == {}
    assert desk.files.given <= 1100
    assert (desk.messages()[-1].error, desk.messages()[-1].content.caption) == (reason, "Aquí está")
    with pytest.raises(NotFound):
        desk.content(message)


def test_another_type_at_the_download_than_in_the_webhook_is_judged_by_the_download(
    waits: Waits, golden: Golden
) -> None:
    desk = Desk(waits=waits)
    desk.arrives(PHOTO, golden["invoice.pdf"][1], served_as="application/pdf")
    assert desk.messages()[-1].content.content_type == "application/pdf"
    desk.arrives(PHOTO, b"<html></html>", served_as="text/html")
    assert desk.messages()[-1].error == "media_kind_unknown"


def test_an_infected_file_is_shown_to_nobody(waits: Waits, golden: Golden) -> None:
    """ATT-9: malicious files are left out of the conversation and of the store."""
    desk = Desk(waits=waits, scanner=[Infected("Ours")])
    message = desk.arrives(PHOTO, golden["photo.jpg"][1])
    assert desk.events("attachment_withheld")[0].event.facts["reason"] == "media_infected"
    assert desk.kept == {}
    with pytest.raises(NotFound):
        desk.content(message)
    desk.clock.advance(timedelta(days=2))
    desk.tick()
    assert len(desk.files.opened) == 1


@pytest.mark.parametrize("trouble", [Unavailable("gone"), RuntimeError("broken"), OSError("no route")])
def test_a_file_that_cannot_be_scanned_is_withheld_and_tried_again(
    waits: Waits, trouble: ScanResult | Exception, golden: Golden
) -> None:
    desk = Desk(waits=waits, scanner=[trouble, trouble, trouble, Clean()])
    data = golden["photo.jpg"][1]
    message = desk.arrives(PHOTO, data)
    for _ in range(3):
        with pytest.raises(NotFound):
            desk.content(message)
        assert desk.kept == {}
        desk.clock.advance(timedelta(minutes=10))
        desk.tick()
    assert desk.content(message) == data
    assert desk.messages()[-1].error == ""
    assert [found.event.facts["reason"] for found in desk.events("attachment_withheld")] == ["media_not_scanned"]


def test_a_scanner_that_never_comes_back_is_given_up_and_the_file_never_shown(waits: Waits, golden: Golden) -> None:
    desk = Desk(waits=waits, scanner=[Unavailable("gone")])
    message = desk.arrives(PHOTO, golden["photo.jpg"][1])
    tries = 0
    while (due := desk.run(desk.channel.tick()).next_due) is not None:
        desk.clock.set(due)
        tries += 1
    assert desk.clock.now() - T0 >= timedelta(days=1)
    assert 100 < tries < 250
    with pytest.raises(NotFound):
        desk.content(message)
    assert desk.kept == {}


def test_a_file_that_is_not_there_yet_is_tried_again(waits: Waits, golden: Golden) -> None:
    """Case 15: the provider answers 404 right after the webhook, and 200 a moment later."""
    desk = Desk(waits=waits)
    data = golden["photo.jpg"][1]
    message = desk.arrives(PHOTO, None)
    desk.files.content[PHOTO.url] = ("image/jpeg", data)
    desk.clock.advance(timedelta(seconds=1))
    desk.tick()
    assert desk.content(message) == data


@pytest.mark.parametrize("scanner", [[Clean()], [Infected("Ours")], [Unavailable("gone"), Clean()]])
@pytest.mark.parametrize("late", [False, True])
def test_a_crash_at_any_commit_neither_loses_nor_shows_a_file(
    scanner: list[ScanResult], late: bool, golden: Golden
) -> None:
    data = golden["photo.jpg"][1]
    for crash in range(8):
        desk = Desk(waits=None, scanner=scanner)
        sid = desk.arrives(Media("https://api.twilio.com/0", "image/jpeg"), None)
        desk.files.content[PHOTO.url] = desk.files.content["https://api.twilio.com/0"] = ("image/jpeg", data)
        desk.store.fail = (crash, late)
        for _ in range(6):
            with contextlib.suppress(StoreUnavailable):
                desk.tick()
            desk.clock.advance(timedelta(seconds=10))
        if isinstance(scanner[0], Infected):
            assert desk.kept == {}
        else:
            assert desk.content(sid) == data
            assert len(desk.events("attachment_fetched")) == 1


def ready(desk: Desk) -> Desk:
    """Let the customer write, so that the window is open."""
    desk.hears(Text("Hola"))
    return desk


def test_an_attached_file_goes_out_under_a_link(waits: Waits, golden: Golden) -> None:
    desk = ready(Desk(waits=waits, scanner=[Clean()]))
    data = golden["invoice.pdf"][1]
    media = desk.attach([data[:10], data[10:]], "Factura marzo 2026.pdf")
    assert (media.content_type, media.size, media.url) == ("application/pdf", len(data), "")
    desk.run(desk.channel.reply(desk.conversation, media))
    (sent,) = desk.provider.arrived
    assert isinstance(sent.outgoing.content, Media)
    assert sent.outgoing.content.url.startswith("https://shop.example/wa/files/")
    file, content = desk.shared(sent.outgoing.content.url.removeprefix("https://shop.example/wa"))
    assert (file.content_type, file.name, file.size) == ("application/pdf", "Factura_marzo_20.pdf", len(data))
    assert content == data
    assert desk.messages()[-1].content.url == ""


def test_a_message_that_waits_gets_a_fresh_link_when_it_leaves(waits: Waits, golden: Golden) -> None:
    desk = ready(Desk(waits=waits))
    media = desk.attach([golden["invoice.pdf"][1]], "a.pdf")
    desk.clock.advance(timedelta(hours=23))
    desk.run(desk.channel.reply(desk.conversation, media))
    (sent,) = desk.provider.arrived
    assert isinstance(sent.outgoing.content, Media)
    path = sent.outgoing.content.url.removeprefix("https://shop.example/wa")
    assert desk.shared(path)[0].blob == media.blob


def refused(desk: Desk, chunks: Iterable[bytes], name: str, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        desk.attach(chunks, name, **more)
    assert desk.kept == {}
    assert caught.value.remedies
    assert "?" not in caught.value.explain("es")
    return caught.value.reason


def never() -> Iterator[bytes]:
    pytest.fail("the file must not be read")
    yield b""


@pytest.mark.parametrize(
    ("name", "more", "reason"),
    [
        ("a.exe", {}, "extension_blocked"),
        ("a.zip", {}, "media_kind_unknown"),
        ("sin nombre", {}, "media_kind_unknown"),
        ("a.pdf", {"caption": "Mire"}, "caption_dropped"),
        ("a.gif", {}, "media_kind_unknown"),
    ],
)
def test_what_the_name_already_rules_out_is_not_read(
    waits: Waits, name: str, more: dict[str, str], reason: str
) -> None:
    assert refused(Desk(waits=waits), never(), name, **more) == reason


def test_agents_need_their_own_permission(waits: Waits) -> None:
    """ATT-1: the permission of customers is not that of agents."""
    assert refused(Desk(waits=waits, rules=AttachmentRules(True, True)), never(), "a.pdf") == "attachments_off"


def test_too_much_is_noticed_while_it_streams(waits: Waits) -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        for at in itertools.count():
            taken.append(at)
            yield b"%PDF-1.7" + b" " * 92

    assert refused(Desk(waits=waits), endless(), "a.pdf") == "media_too_large"
    assert len(taken) <= 12


def test_the_content_decides_in_the_end(waits: Waits, golden: Golden, dangerous: Golden) -> None:
    assert refused(Desk(waits=waits), [b""], "a.pdf") == "media_empty"
    assert refused(Desk(waits=waits), [dangerous["macros.docm"][1]], "a.docx") == "media_type_lies"
    assert refused(Desk(waits=waits), [golden["photo.jpg"][1], dangerous["tool.jar"][1]], "a.jpg") == "media_polyglot"
    assert (
        refused(Desk(waits=waits, scanner=[Infected("Ours")]), [golden["invoice.pdf"][1]], "a.pdf") == "media_infected"
    )
    assert refused(Desk(waits=waits, scanner=[OSError()]), [golden["invoice.pdf"][1]], "a.pdf") == "media_not_scanned"


def test_an_open_file_can_be_attached(golden: Golden) -> None:
    media = Desk(waits=None).attach(io.BytesIO(golden["photo.jpg"][1]), "a.jpg", caption="Mire")
    assert (media.caption, media.size) == ("Mire", len(golden["photo.jpg"][1]))


def test_the_type_can_be_given_where_the_name_does_not_tell_it(waits: Waits, golden: Golden) -> None:
    media = Desk(waits=waits).attach([golden["photo.jpg"][1]], "foto", content_type="image/jpeg")
    assert media.content_type == "image/jpeg"


def test_without_links_or_blobs_it_says_what_is_missing(waits: Waits) -> None:
    with pytest.raises(ConfigurationError, match="links="):
        Desk(waits=waits, links=False).attach(never(), "a.pdf")
    with pytest.raises(NotFound):
        Desk(waits=waits, links=False).shared("/files/x/y")
