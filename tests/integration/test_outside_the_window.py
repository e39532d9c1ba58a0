"""Outside the window against the local Twilio: added templates, 63016 both ways, a template that is paused."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.adapters.twilio import TwilioTransport, contents
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import Refused
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.machine import OffsetClock
from wa_omnichannel.messages import TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.sources import Source
from wa_omnichannel.templates import Category, Template, Translation, Variable

NUMBER, ANA = "+14155550100", "+34600000001"
ACCOUNT, TOKEN = "AC" + "b2" * 16, "a-token-for-tests"
TEXT = "Hola {{1}}, tenemos una respuesta para usted."
WAITING = Template(
    "waiting", (Translation("es", TEXT, declared=(Variable("1", Source.CUSTOMER, "first_name", "Ana"),)),), "es"
)
PATIENCE = 10.0


@attrs.frozen
class Shop:
    twilio: Emulator
    desk: Omnichannel
    clock: OffsetClock
    sid: str
    ana: Any

    def writes(self) -> str:
        """Let Ana write, and return the conversation."""
        self.ana.says("Hola")
        return str(self.desk.conversations()[0].conversation.id)

    def received(self) -> list[str]:
        return [record.body for record in self.ana.received]

    def eventually(self, holds: Callable[[], bool]) -> None:
        """Let a worker tick until it holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline
            self.desk.tick()
            time.sleep(0.005)


@contextlib.contextmanager
def opened(folder: Path, **options: Any) -> Generator[Shop]:
    with contextlib.ExitStack() as stack:
        listener = listen()
        twilio = stack.enter_context(Emulator(ACCOUNT, TOKEN, delay=0.001, reviews=False, **options))
        transport = TwilioTransport(
            account_sid=ACCOUNT, auth_token=TOKEN, public_url=listener.url, base_url=twilio.base_url
        )
        clock = OffsetClock()
        rules = Rules(
            [Number(NUMBER, "Tienda", "main", "es", fallback="waiting")],
            [Workstream("main", "all")],
            [Queue("all")],
            [WAITING],
        )
        desk = Omnichannel(
            rules,
            store=stack.enter_context(SqliteStore(folder / "wa.sqlite")),
            transport=transport,
            clock=clock,
            templates=transport,
        )
        stack.enter_context(serving(WebhookApp(desk), listener))
        twilio.add_number(NUMBER, transport.inbound_url)
        sid = approved(twilio, transport)
        yield Shop(twilio, desk, clock, sid, twilio.customer(ANA, "Ana López", NUMBER))


def approved(twilio: Emulator, transport: TwilioTransport) -> str:
    """Create the template at the provider, and have it approved."""
    sid = transport.api.run(contents.create("waiting", WAITING.translations[0]))
    transport.api.run(contents.submit(sid, "waiting", Category.UTILITY))
    twilio.review_template(sid)
    return str(sid)


def test_a_late_answer_becomes_the_template_that_was_read_from_the_provider(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        conversation = shop.writes()
        synced = shop.desk.sync_templates()
        assert [link.check.code for each in synced.refreshed for link in each.links] == ["template_link_found"]
        shop.clock.advance(timedelta(hours=25))
        shop.twilio.clock.advance(timedelta(hours=25))
        message = shop.desk.reply(conversation, Text("¿Sigue ahí?"))
        assert isinstance(message.content, TemplateMessage)
        assert message.content.content_sid == shop.sid
        shop.eventually(lambda: shop.received() == ["Hola Ana, tenemos una respuesta para usted."])


@pytest.mark.parametrize("synchronous", [True, False], ids=["in the answer", "in a callback"])
def test_peers_case_6_whatsapp_has_the_last_word_and_the_template_goes_out_once(
    tmp_path: Path, synchronous: bool
) -> None:
    """Our clock lags behind: we believe that the window is open, WhatsApp knows that it is closed."""
    with opened(tmp_path, synchronous_63016=synchronous) as shop:
        conversation = shop.writes()
        shop.desk.sync_templates()
        shop.twilio.clock.advance(timedelta(hours=25))
        message = shop.desk.reply(conversation, Text("¿Sigue ahí?"))
        shop.eventually(lambda: bool(shop.received()))
        assert shop.received() == ["Hola Ana, tenemos una respuesta para usted."]
        refused = shop.desk.message(message.id)
        assert refused.error_code == 63016
        assert shop.desk.message(str(refused.replaced_by)).instead_of == message.id
        kinds = [happening.event.kind for happening in shop.desk.timeline(conversation)]
        assert (kinds.count("window_refuted"), kinds.count("fallback_used")) == (1, 1)


def test_tpl_8_a_template_that_is_paused_is_noticed_by_its_first_failure(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.writes()
        shop.desk.sync_templates()
        shop.twilio.set_template_status(shop.sid, "paused")
        shop.desk.send(NUMBER, ANA, TemplateMessage("waiting", {"1": "Ana"}))

        def paused() -> bool:
            return not shop.desk.templates()[0].translations[0].sendable

        shop.eventually(paused)
        with pytest.raises(Refused, match="not approved"):
            shop.desk.send(NUMBER, ANA, TemplateMessage("waiting", {"1": "Ana"}))
        shop.twilio.set_template_status(shop.sid, "approved")
        shop.desk.sync_templates()
        assert shop.desk.templates()[0].translations[0].sendable
