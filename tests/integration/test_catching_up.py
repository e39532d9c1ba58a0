"""After an outage nothing is lost: what the provider did not deliver is found in its list, and counts from its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from wa_omnichannel import AsyncOmnichannel, Number, Omnichannel, Queue, Rules, Text, Workstream
from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import ConfigurationError, InvalidValue, StoreUnavailable, TransportError
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.machine import OffsetClock
from wa_omnichannel.messages import Media, Unsupported
from wa_omnichannel.ports import Changes, EventsAfter
from wa_omnichannel.session import closes_at
from wa_omnichannel.testing.fakes import RecordingTransport

NUMBER = "+14155550100"
ACCOUNT = "AC" + "b2" * 16
TOKEN = "a-token-for-tests"
RULES = Rules([Number(NUMBER, "Shop", "support")], [Workstream("support", "general")], [Queue("general")])
PEOPLE = [f"+3460000{n:04d}" for n in range(12)]


class Wobbly(MemoryStore):
    """A store that can be down."""

    down = False

    def commit(self, changes: Changes) -> None:
        if self.down:
            raise StoreUnavailable("planted")
        super().commit(changes)


@attrs.frozen
class Stage:
    """A channel behind a real server, the local Twilio that calls it, and the store below."""

    twilio: Emulator
    desk: Omnichannel
    store: Wobbly
    clock: OffsetClock
    settings: dict[str, Any]
    inbound_url: str

    def later(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.twilio.clock.advance(by)

    def everybody_says(self, text: str) -> None:
        for person in PEOPLE:
            self.twilio.customer(person, number=NUMBER).says(text)
            self.later(timedelta(seconds=1))
        self.twilio.wait_idle()

    def timelines(self) -> list[list[str]]:
        """Return what each customer said, the first customer first."""
        found = {}
        for listing in self.desk.conversations():
            said = [message.content for message in self.desk.messages(listing.conversation.id)]
            found[listing.name] = [content.body for content in said if isinstance(content, Text)]
        return [found[name] for name in sorted(found)]

    def windows(self) -> list[datetime]:
        threads = (self.desk.thread(listing.conversation.id) for listing in self.desk.conversations())
        ends = {thread.reply_to: closes_at(thread.window) for thread in threads}
        return [end for name, end in sorted(ends.items()) if end is not None]


@pytest.fixture
def new_stage() -> Iterator[Callable[[], Stage]]:

    with contextlib.ExitStack() as stack:

        def make() -> Stage:
            listener = listen()
            twilio = stack.enter_context(Emulator(ACCOUNT, TOKEN))
            settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": listener.url}
            settings["base_url"] = twilio.base_url
            transport = stack.enter_context(TwilioTransport(**settings))
            store, clock = Wobbly(), OffsetClock()
            desk = Omnichannel(RULES, store=store, transport=transport, clock=clock)
            stack.enter_context(serving(WebhookApp(desk, every=timedelta(hours=1)), listener))
            twilio.add_number(NUMBER, transport.inbound_url)
            return Stage(twilio, desk, store, clock, settings, transport.inbound_url)

        yield make


def _outage(stage: Stage) -> datetime:
    """Let everybody write before, in and after an outage of the store; return when it began."""
    stage.everybody_says("before")
    stage.store.down = True
    since = stage.clock.now()
    stage.everybody_says("during")
    stage.store.down = False
    stage.later(timedelta(minutes=5))
    stage.everybody_says("after")
    return since


@pytest.mark.parametrize("retries", ["", "#rc=2&rp=all&rt=1000"], ids=["no retries", "retries"])
def test_every_message_is_on_a_timeline_once_and_every_window_ends_when_it_should(
    new_stage: Callable[[], Stage], retries: str
) -> None:
    """SES-2, SES-9: whether the provider repeats webhooks or not, an outage leaves no trace in the windows."""
    stage = new_stage()
    stage.twilio.add_number(NUMBER, stage.inbound_url + retries)
    since = _outage(stage)
    assert stage.timelines() == [["before", "after"]] * len(PEOPLE)
    done = stage.desk.catch_up(since - timedelta(minutes=1))
    assert done.recovered == len(PEOPLE)
    assert done.listed >= done.recovered
    assert [sorted(said) for said in stage.timelines()] == [["after", "before", "during"]] * len(PEOPLE)
    after = [message.created_at for message in stage.twilio.messages if message.body == "after"]
    for end, said in zip(stage.windows(), after, strict=True):
        assert abs(end - said - timedelta(hours=24)) <= timedelta(seconds=1)


def test_a_window_that_only_the_outage_saw_opened_ends_24_hours_after_the_provider_got_the_message(
    new_stage: Callable[[], Stage],
) -> None:
    """SES-2: found late, it does not open a longer window; the order in the timeline is that of the provider."""
    stage = new_stage()
    stage.store.down = True
    stage.twilio.customer(PEOPLE[0], number=NUMBER).says("during")
    stage.twilio.wait_idle()
    stage.store.down = False
    (sent,) = stage.twilio.messages
    stage.later(timedelta(hours=20))
    assert stage.desk.catch_up(sent.created_at - timedelta(minutes=1)).recovered == 1
    (end,) = stage.windows()
    assert abs(end - sent.created_at - timedelta(hours=24)) <= timedelta(seconds=1)


def test_catching_up_twice_or_over_more_days_changes_nothing(new_stage: Callable[[], Stage]) -> None:
    stage = new_stage()
    since = _outage(stage)
    first = stage.desk.catch_up(since)
    before = stage.store.select(EventsAfter(0, 10_000))
    again = stage.desk.catch_up(since - timedelta(days=3))
    assert (first.recovered, again.recovered) == (len(PEOPLE), 0)
    assert again.listed >= 3 * len(PEOPLE)
    assert stage.store.select(EventsAfter(0, 10_000)) == before


def test_recovered_messages_say_so_and_bring_their_file(new_stage: Callable[[], Stage]) -> None:
    stage = new_stage()
    stage.store.down = True
    ana = stage.twilio.customer(PEOPLE[0], number=NUMBER)
    ana.sends_media(b"%PDF-1.4 a bill", "application/pdf", "my bill")
    ana.sends_location(40.4, -3.7)
    stage.twilio.wait_idle()
    stage.store.down = False
    stage.desk.catch_up(stage.clock.now() - timedelta(hours=1))
    (listing,) = stage.desk.conversations()
    media, place = (message.content for message in stage.desk.messages(listing.conversation.id))
    assert isinstance(media, Media)
    assert (media.content_type, media.caption) == ("application/pdf", "my bill")
    assert f"/Accounts/{ACCOUNT}/Messages/" in media.url
    assert isinstance(place, Unsupported)
    received = [h.event for h in stage.desk.timeline(listing.conversation.id) if h.event.kind == "message_received"]
    assert [event.facts["recovered"] for event in received] == [True, True]


def test_both_colours_find_the_same(new_stage: Callable[[], Stage]) -> None:
    stage = new_stage()
    since = _outage(stage)

    async def run() -> tuple[int, int]:
        async with AsyncTwilioTransport(**stage.settings) as transport:
            desk = AsyncOmnichannel(RULES, store=AsyncMemoryStore(stage.store), transport=transport, clock=stage.clock)
            done = await desk.catch_up(since)
        return done.listed, done.recovered

    assert asyncio.run(run()) == (2 * len(PEOPLE), len(PEOPLE))
    assert stage.desk.catch_up(since).recovered == 0


def test_what_cannot_be_asked_says_so(new_stage: Callable[[], Stage]) -> None:
    stage = new_stage()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidValue, match="before"):
        stage.desk.catch_up(now, now - timedelta(seconds=1))
    with pytest.raises(InvalidValue):
        stage.desk.catch_up(now.replace(tzinfo=None))
    stage.twilio.faults.fail_next(503, method="GET")
    with pytest.raises(TransportError):
        stage.desk.catch_up(stage.clock.now() - timedelta(hours=1))
    mute = Omnichannel(RULES, store=MemoryStore(), transport=RecordingTransport(stage.clock))
    with pytest.raises(ConfigurationError, match="cannot list"):
        mute.catch_up(now)
