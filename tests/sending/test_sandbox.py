"""CH-12: the provider's sandbox: who takes part, which templates it sends, how fast, and what 63015 teaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.emulator import Sandbox as Shared
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.integrations.assembly import connected
from wa_omnichannel.integrations.server import listen, serving
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import TemplateMessage, Text
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.sandbox import RATE, TEXTS, UNKNOWN, Membership, Sandbox, check_member, end, heard, is_member, merge
from wa_omnichannel.sending import Allowed, SendPolicy, Situation, decide
from wa_omnichannel.settings import read_text, settled
from wa_omnichannel.templates import Approval, Template, Translation

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
BOX = Sandbox("quiet-river")
HOUR = timedelta(hours=1)
ANA = "+34600000001"
FILE = """\
account: {{sid: {sid}, token: env:TOKEN, public_url: "{url}", base_url: "{api}"}}
sandbox: {{code: quiet-river}}
numbers: [{{number: +14155238886, name: Tienda, workstream: main}}]
workstreams: [{{name: main, fallback_queue: all}}]
queues: [{{name: all}}]
templates:
  - name: appointment_reminder
    default_language: en
    variables: {{1: {{sample: 12/1}}, 2: {{sample: 3pm}}}}
    translations: {{en: {{body: "Your appointment is coming up on {{{{1}}}} at {{{{2}}}}"}}}}
  - name: order_ready
    default_language: es
    variables: {{1: {{sample: Ana}}}}
    translations: {{es: {{body: "Hola {{{{1}}}}, su pedido está listo para recoger."}}}}
"""
APPOINTMENT = TemplateMessage("appointment_reminder", {"1": "12/1", "2": "3pm"})

instants = st.integers(0, 200).map(lambda hours: START + hours * HOUR)
memberships = st.builds(Membership, st.none() | instants, st.none() | instants)


@given(memberships, instants)
def test_ch_12_a_message_proves_that_its_sender_takes_part(known: Membership, at: datetime) -> None:
    """Unless something later is known already."""
    after = heard(BOX, known, "Hola", at)
    later = [each for each in (known.joined_at, known.ended_at) if each is not None and each >= at]
    assert is_member(BOX, after, at) or later
    assert check_member(BOX, after, at).met or later


@given(memberships, instants, instants)
def test_ch_12_a_membership_lasts_72_hours_from_the_first_proof(
    known: Membership, at: datetime, more: datetime
) -> None:
    """A further message within them does not prolong it, ``join`` does."""
    began = heard(BOX, known, "Hola", at)
    if is_member(BOX, began, more):
        assert heard(BOX, began, "¿Y bien?", more) == began
        assert heard(BOX, began, " Join  quiet-river", more).joined_at == more
    if began.joined_at is not None:
        assert not is_member(BOX, began, began.joined_at + 72 * HOUR)


@given(memberships, instants)
def test_ch_12_stop_and_63015_end_it(known: Membership, at: datetime) -> None:
    for after in (heard(BOX, known, "STOP", at), end(known, at)):
        assert not is_member(BOX, after, at)
        assert end(after, at) == after


@given(memberships, memberships, memberships)
def test_what_is_known_of_two_identities_is_united_in_any_order(a: Membership, b: Membership, c: Membership) -> None:
    assert merge(a, b) == merge(b, a)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(a, a) == merge(a, None) == a


def test_ch_12_nobody_is_refused_of_whom_nothing_is_known() -> None:
    """They may have joined without writing; the provider has the last word."""
    template = Template("reminder", (Translation("en", TEXTS[0], Approval.APPROVED, "HX" + "0" * 32),), "en")
    policy = SendPolicy(templates={"reminder": template}, sandbox=BOX)
    verdict = decide(policy, Situation(), TemplateMessage("reminder", {"1": "a", "2": "b"}), START)
    assert isinstance(verdict, Allowed)
    assert [check.code for check in verdict.trace[:1]] == ["sandbox_unknown"]
    assert Situation().membership == UNKNOWN


@attrs.define
class Bench:
    """A channel on the sandbox of the local Twilio, with the clocks of both."""

    channel: Omnichannel
    twilio: Emulator
    clock: FixedClock
    ana: Customer

    def waits(self, hours: float) -> None:
        self.clock.advance(timedelta(hours=hours))
        self.twilio.clock.advance(hours=hours)
        self.settle()

    def settle(self) -> None:
        self.channel.tick()
        self.twilio.wait_idle()


@contextmanager
def joined(folder: Path) -> Iterator[Bench]:
    listener = listen()
    with Emulator(delay=0, sandbox=Shared(code="quiet-river")) as twilio, closing(listener.socket):
        twilio.clock.freeze()
        clock = FixedClock(datetime.now(UTC))
        twilio.add_number(str(BOX.number), inbound_url=f"{listener.url}/inbound")
        text = FILE.format(sid=twilio.account_sid, url=listener.url, api=twilio.base_url)
        settings, secrets = settled(read_text(text), "the test"), {"TOKEN": twilio.auth_token}
        with (
            connected(MemoryStore(), settings, environment=secrets, files=folder, clock=clock) as channel,
            serving(WebhookApp(channel, every=None), listener),
        ):
            channel.sync_templates()
            bench = Bench(channel, twilio, clock, twilio.customer(ANA, "Ana", str(BOX.number)))
            bench.ana.says("join quiet-river")
            bench.ana.says("Hola")
            bench.waits(0.01)
            yield bench


def test_ch_12_outside_the_window_only_the_sandboxs_own_templates_go_out(tmp_path: Path) -> None:
    """25 hours after the tester wrote the window is over and the membership is not; after 72 hours both are."""
    with joined(tmp_path) as bench:
        channel, number = bench.channel, BOX.number
        assert isinstance(channel.can_send(number, ANA, Text("Hola")), Allowed)
        bench.waits(25)
        refused = channel.can_send(number, ANA, Text("Hola"))
        assert isinstance(refused, NeedsTemplate)
        offered = {remedy.facts.get("template") for remedy in refused.remedies}
        assert offered == {"appointment_reminder", None}
        foreign = channel.can_send(number, ANA, TemplateMessage("order_ready", {"1": "Ana"}))
        assert isinstance(foreign, Refused)
        assert foreign.reason == "sandbox_template_foreign"
        channel.send(number, ANA, APPOINTMENT)
        bench.settle()
        assert bench.ana.received[-1].body == "Your appointment is coming up on 12/1 at 3pm"
        bench.waits(48)
        over = channel.can_send(number, ANA, APPOINTMENT)
        assert isinstance(over, Refused)
        assert (over.reason, over.trace[-1].rule) == ("sandbox_over", "CH-12")
        assert [remedy.sentence() for remedy in over.remedies] == [
            "Ask the customer to send join quiet-river to +14155238886."
        ]


def test_ch_12_63015_teaches_that_the_tester_left(tmp_path: Path) -> None:
    """The sandbox takes ``stop`` itself; the first message after it brings the news."""
    with joined(tmp_path) as bench:
        bench.ana.says("stop")
        bench.channel.send(BOX.number, ANA, Text("¿Sigue ahí?"))
        bench.settle()
        refused = bench.channel.can_send(BOX.number, ANA, Text("Hola"))
        assert isinstance(refused, Refused)
        assert refused.reason == "sandbox_left"
        assert len(bench.channel.events(kinds=["sandbox_left"])) == 1


def test_ch_12_it_sends_one_message_in_three_seconds(tmp_path: Path) -> None:
    with joined(tmp_path) as bench:
        before = len(bench.ana.received)
        for text in ("uno", "dos"):
            bench.channel.send(BOX.number, ANA, Text(text))
        bench.settle()
        assert len(bench.ana.received) == before + 1
        bench.waits(RATE.interval / HOUR)
        assert [message.body for message in bench.ana.received[before:]] == ["uno", "dos"]


@pytest.mark.parametrize("hours", [0, -1])
def test_a_membership_without_length_is_refused_in_a_file(hours: int) -> None:
    text = f"sandbox: {{code: a-b, membership: {hours}h}}\nnumbers: []\nworkstreams: []\nqueues: []\n"
    assert [found.field for found in read_text(text).errors] == ["sandbox.membership"]
