"""The real parts of the demonstration: local Twilio, our application behind a real server, SQLite, files."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from datetime import timedelta
from importlib import resources
from pathlib import Path

import attrs

from wa_omnichannel.adapters.blobs import FolderBlobs
from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.adapters.twilio import TwilioMedia, TwilioTransport
from wa_omnichannel.attachments import AttachmentRules
from wa_omnichannel.conditions import AnyOf, Test
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.links import MediaLinks
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.machine import OffsetClock
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.routing import ClassificationRule, Queue, RouteRule, Ruleset, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.templates import Approval, Template, Translation
from wa_omnichannel.workforce import Agent, Presence

NUMBER = "+14155550100"
TICK = timedelta(milliseconds=50)
ACCOUNT = "AC" + "0" * 32
TOKEN = "demo-auth-token"  # noqa: S105 - of the local Twilio on loopback
SECRET = b"demo-link-secret"


def demo_file(name: str) -> bytes:
    """Return one of the files that come with the demonstration."""
    return resources.files("wa_omnichannel.cli").joinpath("demo_files", name).read_bytes()


@attrs.frozen
class Stage:
    """Everything the story is played on."""

    twilio: Emulator
    desk: Omnichannel
    clock: OffsetClock
    public_url: str

    def pass_time(self, by: timedelta) -> None:
        """Move the clocks of the platform and of the application forwards."""
        self.clock.advance(by)
        self.twilio.clock.advance(by)


def rules(content_sid: str) -> Rules:
    """Return the settings of the demonstration: one number, one workstream, two queues, one template."""
    bills = AnyOf(tuple(Test("first_message", "contains", word) for word in ("factura", "invoice", "recibo")))
    text = "Hola {{1}}, su pedido {{2}} ya está listo. ¿Desea que se lo enviemos hoy?"
    return Rules(
        numbers=(Number(NUMBER, "Tienda", "atencion", "es", AttachmentRules(True, True, True)),),
        workstreams=(
            Workstream(
                "atencion",
                "general",
                (Ruleset("asunto", (ClassificationRule("facturas", bills, {"subject": "billing"}),)),),
                (RouteRule("facturas", "facturacion", Test("subject", "equals", "billing")),),
            ),
        ),
        queues=(Queue("general"), Queue("facturacion", 1)),
        templates=(Template("pedido_listo", (Translation("es", text, Approval.APPROVED, content_sid),), "es"),),
    )


@contextlib.contextmanager
def staged(folder: Path) -> Generator[Stage]:
    """Start everything on loopback, keep data in *folder*, and stop everything at the end."""
    with contextlib.ExitStack() as stack:
        listener = listen()
        public_url = listener.url
        twilio = stack.enter_context(Emulator(ACCOUNT, TOKEN))
        transport = TwilioTransport(
            account_sid=ACCOUNT, auth_token=TOKEN, public_url=public_url, base_url=twilio.base_url
        )
        clock = OffsetClock()
        desk = Omnichannel(
            rules(twilio.pedido_listo_sid),
            store=stack.enter_context(SqliteStore(folder / "demo.sqlite")),
            transport=transport,
            clock=clock,
            blobs=FolderBlobs(folder / "files"),
            media=TwilioMedia(account_sid=ACCOUNT, auth_token=TOKEN, base_url=twilio.base_url),
            links=MediaLinks(public_url, [SECRET]),
        )
        desk.put_agent(Agent("lucia", "Lucía", frozenset({"general", "facturacion"}), Presence.AVAILABLE, 2))
        stack.enter_context(serving(WebhookApp(desk, every=TICK), listener))
        twilio.add_number(NUMBER, transport.inbound_url)
        yield Stage(twilio, desk, clock, public_url)
