"""Secured columns: separate rights, nothing in plain sight, and a canary that is found nowhere."""

import base64
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import Any

import attrs
import pytest

from wa_omnichannel.adapters.memory import AsyncMemoryStore, MemoryStore
from wa_omnichannel.adapters.sealing import KeyRing
from wa_omnichannel.cli import main
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import ConfigurationError, InvalidValue, NotFound, Refused, WaOmnichannelError
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.assembly import KEYS, connected
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.messages import Text
from wa_omnichannel.ports import secret_key
from wa_omnichannel.secret import Actor, Capability, Secret
from wa_omnichannel.settings import SecretName, Settings, read_text, write_text
from wa_omnichannel.stores import open_store
from wa_omnichannel.vault import AsyncVault, Vault

CANARY = "c4n4ry" + "0123456789abcdef" * 2
OLD, NEW = KeyRing.new_key(), KeyRing.new_key()
ADMIN = Actor("admin", frozenset(Capability))
FILE = """\
account: {sid: AC00000000000000000000000000000000, token: stored:twilio, public_url: https://example.com}
numbers:
  - {number: +14155550100, name: Shop, workstream: main, attachments: {enabled: true, customers: true, agents: true}}
workstreams: [{name: main, fallback_queue: all}]
queues: [{name: all}]
"""


def actor(*capabilities: Capability) -> Actor:
    return Actor("ana", frozenset(capabilities))


CALLS: dict[Capability, Callable[[Vault, Actor], object]] = {
    Capability.READ: lambda vault, who: vault.read(who, "twilio"),
    Capability.UPDATE: lambda vault, who: vault.update(who, "twilio", Secret("new")),
    Capability.CREATE: lambda vault, who: vault.create(who, "other", Secret("new")),
}


@pytest.fixture
def vault() -> Vault:
    made = Vault(MemoryStore(), KeyRing({"old": OLD}))
    made.create(ADMIN, "twilio", Secret(CANARY))
    return made


@pytest.mark.parametrize(("has", "wants"), list(permutations(Capability, 2)))
def test_no_capability_includes_another(vault: Vault, has: Capability, wants: Capability) -> None:
    """CH-21: read, update and create are granted separately; who can set a token need not be able to read it."""
    CALLS[has](vault, actor(has))
    with pytest.raises(Refused) as refused:
        CALLS[wants](vault, actor(has))
    assert (refused.value.reason, refused.value.rules) == ("secret_not_permitted", ("CH-21",))
    assert wants.value in refused.value.explain("es")


def test_a_secret_is_created_once_changed_and_read(vault: Vault) -> None:
    with pytest.raises(Refused, match="already"):
        vault.create(ADMIN, "twilio", Secret("x"))
    vault.update(ADMIN, "twilio", Secret("changed"))
    assert vault.read(ADMIN, "twilio").reveal() == "changed"
    with pytest.raises(NotFound):
        vault.update(ADMIN, "unknown", Secret("x"))


@pytest.mark.anyio
async def test_the_vault_of_coroutines_does_the_same() -> None:
    store = MemoryStore()
    vault = AsyncVault(AsyncMemoryStore(store), KeyRing({"old": OLD}))
    await vault.create(ADMIN, "twilio", Secret("a"))
    await vault.update(ADMIN, "twilio", Secret("b"))
    assert (await vault.read(ADMIN, "twilio")).reveal() == "b"
    assert await AsyncVault(AsyncMemoryStore(store), KeyRing({"new": NEW, "old": OLD})).reseal(ADMIN, "twilio")


def test_keys_are_exchanged_without_anybody_seeing_the_secret() -> None:
    """The new key first; encrypted again; then the old key can go."""
    store = MemoryStore()
    Vault(store, KeyRing({"old": OLD})).create(ADMIN, "twilio", Secret(CANARY))
    both = Vault(store, KeyRing({"new": NEW, "old": OLD}))
    assert both.reseal(actor(Capability.UPDATE), "twilio")
    assert not both.reseal(actor(Capability.UPDATE), "twilio")
    assert Vault(store, KeyRing({"new": NEW})).read(ADMIN, "twilio").reveal() == CANARY
    with pytest.raises(ConfigurationError, match="'new', which is not on the ring"):
        Vault(store, KeyRing({"old": OLD})).read(ADMIN, "twilio")


def test_a_sealed_secret_opens_under_its_own_name_only() -> None:
    ring, store = KeyRing({"old": OLD}), MemoryStore()
    Vault(store, ring).create(ADMIN, "twilio", Secret(CANARY))
    sealed = store.load([secret_key("twilio")])[secret_key("twilio")].value
    assert CANARY not in repr(sealed)
    with pytest.raises(ConfigurationError):
        ring.open("another", sealed)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        KeyRing({"old": NEW}).open("twilio", sealed)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "k", "k:!", "k:" + base64.b64encode(b"short").decode(), CANARY])
def test_keys_that_are_none_are_not_repeated(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        KeyRing.parse(text)
    assert CANARY not in str(caught.value)


def test_secrets_are_named_by_their_place(tmp_path: Path) -> None:
    """CH-20: a reference leads to the environment, a file or the store."""
    (tmp_path / "token").write_text("from a file\n")
    assert SecretName.parse("env:T").resolve({"T": "from the environment"}).reveal() == "from the environment"
    assert SecretName.parse(f"file:{tmp_path}/token").resolve({}).reveal() == "from a file"
    assert SecretName.parse("stored:x").resolve({}, Secret).reveal() == "x"
    for text in ("env:T", f"file:{tmp_path}/none", "stored:x"):
        with pytest.raises(ConfigurationError):
            SecretName.parse(text).resolve({})


def test_the_account_sid_stays_readable() -> None:
    """CH-20: the SID is no secret."""
    settings = settings_of()
    assert settings.provider().sid in write_text(settings)


def settings_of() -> Settings:
    reading = read_text(FILE)
    assert reading.settings is not None
    return reading.settings


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Write every log record of every library, tracebacks included, into a text."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


class Watcher:
    """An observer that writes down everything it is shown."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    @contextmanager
    def flow(self, name: str) -> Iterator[None]:
        self.seen.append(name)
        yield

    @contextmanager
    def step(self, name: str, facts: object) -> Iterator[None]:
        self.seen.append((name, facts))
        yield


def test_a_canary_is_found_nowhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CH-20: a whole run with faults leaves the token in no database, log, repr, traceback, trace or export."""
    shown: list[object] = []
    url, listener = f"sqlite:///{tmp_path}/wa.sqlite", listen()
    keys = {KEYS: "k:" + base64.b64encode(OLD).decode()}
    with everything_logged() as logs, Emulator(auth_token=CANARY, delay=0) as twilio, open_store(url) as store:
        vault = Vault(store, KeyRing({"k": OLD}))
        vault.create(ADMIN, "twilio", Secret(CANARY))
        account: dict[str, Any] = {"sid": twilio.account_sid, "public_url": listener.url, "base_url": twilio.base_url}
        settings = settings_of()
        settings = attrs.evolve(settings, account=attrs.evolve(settings.provider(), **account))
        with connected(store, settings, environment=keys, files=tmp_path / "files") as channel:
            watcher = Watcher()
            channel._outside.observer = watcher
            with serving(WebhookApp(channel, every=None), listener):
                twilio.add_number("+14155550100", inbound_url=f"{listener.url}/inbound")
                ana = twilio.customer("+34600000001", number="+14155550100")
                ana.says("Hola")
                ana.sends_media(b"\xff\xd8\xff\xe0" + bytes(100), "image/jpeg")
                conversation = channel.conversations()[0].conversation.id
                for status, processed in ((401, False), (500, True)):
                    twilio.faults.fail_next(status, processed=processed)
                    shown.append(channel.reply(conversation, Text("Buenas")))
                    shown.append(channel.tick())
                for attempt in (
                    lambda: vault.read(Actor("eve"), "twilio"),
                    lambda: vault.create(ADMIN, "twilio", Secret(CANARY)),
                    lambda: channel.send("+14155550100", "+34600000009", Text("Hola")),
                    lambda: pickle.dumps(Secret(CANARY)),
                    lambda: json.dumps(Secret(CANARY)),
                ):
                    try:
                        shown.append(attempt())
                    except (WaOmnichannelError, TypeError) as error:
                        shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
            shown += [watcher.seen, channel, vars(channel), channel.rules, settings, vault, vars(vault)]
            shown += [channel.events(limit=1000), channel.messages(conversation), channel.edition()]
    assert main(["config", "export", str(tmp_path / "export.yaml"), "--store", url]) == 0
    main(["quarantine", "list", "--store", url])
    texts = [repr(each) for each in shown] + [logs.getvalue(), *capsys.readouterr()]
    assert not [text[:200] for text in texts if CANARY in text]
    found = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert not found
