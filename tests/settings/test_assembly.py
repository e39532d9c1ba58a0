"""A channel put together from one file: everything the file names is there, against the local Twilio."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.bots.test_http_bot import Posted, server

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.telemetry import Telemetry
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import ConfigurationError, Refused
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.assembly import connected
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.messages import Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import Store
from wa_omnichannel.settings import read_text, settled

NUMBER = "+14155550100"
FILE = """\
account: {{sid: {sid}, token: env:TOKEN, public_url: "{url}", base_url: "{api}"}}
numbers:
  - {{number: {number}, name: Tienda, workstream: main, language: es, survey: {{survey: {{name: after}}}}}}
workstreams: [{{name: main, fallback_queue: all}}]
queues: [{{name: all}}]
agents: [{{id: ana, name: Ana, queues: [all], capacity: 2}}]
life: {{workstreams: {{main: {{bot: front}}}}}}
pseudonyms: env:PSEUDONYMS
telemetry: true
directory: {{sql: {{database: env:CRM, by_phone: "SELECT id, first_name FROM people WHERE mobile = ?",
  by_id: "SELECT id, first_name FROM people WHERE id = ?"}}}}
"""
MENUS = """\
bots:
  - name: front
    not_understood: {{es: ¿Perdón?}}
    menus:
      - name: start
        says: {{es: "1 facturas, 2 persona"}}
        choices:
          - {{keywords: ["1"], says: {{es: Aquí están.}}, sets: {{topic: bills}}}}
          - {{keywords: ["2"], escalate: true}}
"""


@contextmanager
def running(text: str, folder: Path, twilio: Emulator, store: Store) -> Iterator[tuple[Omnichannel, Customer]]:
    """Serve the settings in *text*; gives the channel and a customer of it."""
    listener = listen()
    twilio.add_number(NUMBER, inbound_url=f"{listener.url}/inbound")
    filled = text.format(sid=twilio.account_sid, url=listener.url, api=twilio.base_url, number=NUMBER)
    database = folder / "crm.sqlite"
    with closing(sqlite3.connect(database)) as crm:
        crm.execute("CREATE TABLE people (id TEXT, first_name TEXT, mobile TEXT)")
        crm.execute("INSERT INTO people VALUES ('7', 'Lola', '+34600000001')")
        crm.commit()
    secrets = {
        "TOKEN": twilio.auth_token,
        "PSEUDONYMS": "a key of sixteen and more",
        "CRM": f"sqlite:///{database}",
        "BOT": "sixteen or more bytes",
    }
    settings = settled(read_text(filled), "the test")
    with (
        closing(listener.socket),
        connected(store, settings, environment=secrets, files=folder / "files") as channel,
        serving(WebhookApp(channel, every=None), listener),
    ):
        yield channel, twilio.customer("+34600000001", "Ana", NUMBER)


def settle(channel: Omnichannel, twilio: Emulator) -> None:
    channel.tick()
    twilio.wait_idle()
    channel.tick()


def test_a_bot_of_menus_a_directory_and_keys_come_from_the_file(tmp_path: Path) -> None:
    """BOT-1, CH-42: the file says who answers first and where customers are known."""
    store = MemoryStore()
    with Emulator(delay=0) as twilio, running(FILE + MENUS, tmp_path, twilio, store) as (channel, customer):
        customer.says("Hola")
        settle(channel, twilio)
        customer.says("1")
        settle(channel, twilio)
        assert [message.body for message in customer.received] == ["1 facturas, 2 persona", "Aquí están."]
        (listing,) = channel.conversations()
        assert listing.conversation.bot == "front"
        assert [happening.event.facts["customer"] for happening in channel.events(kinds=["customer_linked"])] == ["7"]
        assert isinstance(channel._outside.observer, Telemetry)
        assert channel.sync_templates().templates == ()
        customer.says("STOP")
        settle(channel, twilio)
        channel.close(listing.conversation.id)
        assert channel.erase_person("+34600000001").rows > 0
        verdict = channel.can_send(NUMBER, "+34600000001", Text("Hola"))
        assert isinstance(verdict, Refused)
        assert verdict.reason == "opted_out"


def test_a_bot_behind_an_address_comes_from_the_file(tmp_path: Path) -> None:
    """BOT-1: what is posted is signed with the secret that the file names."""

    def answer(_: Posted) -> tuple[int, bytes]:
        return 200, b'{"messages": [{"text": "Buenas"}]}'

    with server(answer) as (url, posted), Emulator(delay=0) as twilio:
        text = FILE + f"bots: [{{{{name: front, url: '{url}', secret: env:BOT}}}}]\n"
        with running(text, tmp_path, twilio, MemoryStore()) as (channel, customer):
            customer.says("Hola")
            settle(channel, twilio)
            assert [message.body for message in customer.received] == ["Buenas"]
    assert posted[0].headers["x-bot-signature"].startswith("sha256=")


def test_a_bot_that_nobody_gives_is_said_at_the_start(tmp_path: Path) -> None:
    with (
        Emulator(delay=0) as twilio,
        pytest.raises(ConfigurationError, match="names the bot 'front', which is not there"),
        running(FILE, tmp_path, twilio, MemoryStore()),
    ):
        pass


@pytest.mark.parametrize(
    ("bot", "field"),
    [
        ("{name: b}", "bots.0.menus"),
        ("{name: b, url: 'https://bot.example'}", "bots.0.secret"),
        ("{name: b, menus: [{name: m, says: {}, choices: [{keywords: [a], goto: x}]}]}", "bots.0.menus"),
    ],
)
def test_a_bot_that_cannot_work_is_named(bot: str, field: str) -> None:
    reading = read_text(f"numbers: []\nworkstreams: []\nqueues: []\nbots: [{bot}]\n")
    assert [found.field for found in reading.errors] == [field]
