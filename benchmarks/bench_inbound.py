"""CPU time per inbound webhook: verify, parse, decide, commit to the memory store, answer.

The floor is what a careful programmer gets from the standard library alone: one raw HMAC over the signed
bytes and ``urllib.parse.parse_qsl`` of the body.

The pure path is the same without a store: bytes, verified, a typed message, a look whether it was there before, the
window, 100 routing rules, the decision with its events. Once each message opens a conversation, so that the rules are
asked; once it is one more of a conversation, which is what most messages are.

Run: python benchmarks/bench_inbound.py
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import random
import urllib.parse
from collections.abc import Iterator

from lab import measure, report
from twilio.request_validator import RequestValidator

from wa_omnichannel import Number, Omnichannel, Queue, Rules, WebhookRequest, Workstream
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.conditions import Condition, where
from wa_omnichannel.conversation import Contact, Received, State, Thread, decide
from wa_omnichannel.machine import SystemClock
from wa_omnichannel.messages import Inbound
from wa_omnichannel.routing import RouteRule
from wa_omnichannel.session import NEVER_OPENED, receive

NUMBER = "+14155550100"
ACCOUNT = "AC" + "0" * 32
TOKEN = "a token for benchmarks"
PUBLIC = "https://shop.example/wa"
URL = f"{PUBLIC}/inbound"
POOL = 2000
CUSTOMERS = 500
TEXTS = ("Hola, necesito mi factura", "¿Dónde está mi pedido nº 4711?", "Thank you!", "👍", "Sí, por favor. " * 8)


def form(n: int, chance: random.Random) -> dict[str, str]:
    phone = f"34600{n % CUSTOMERS:06d}"
    return {
        "SmsMessageSid": f"SM{n:032x}",
        "NumMedia": "0",
        "ProfileName": "María José",
        "MessageType": "text",
        "SmsSid": f"SM{n:032x}",
        "WaId": phone,
        "SmsStatus": "received",
        "Body": chance.choice(TEXTS),
        "To": f"whatsapp:{NUMBER}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": f"SM{n:032x}",
        "AccountSid": ACCOUNT,
        "ChannelMetadata": json.dumps(
            {"type": "whatsapp", "data": {"context": {"ProfileName": "María", "WaId": phone}}}
        ),
        "From": f"whatsapp:+{phone}",
        "ApiVersion": "2010-04-01",
    }


def requests() -> list[tuple[WebhookRequest, bytes]]:
    """Return signed webhooks, each with the bytes that its signature covers."""
    chance = random.Random(7)
    validator = RequestValidator(TOKEN)
    made = []
    for n in range(POOL):
        fields = form(n, chance)
        body = urllib.parse.urlencode(fields).encode()
        signed = (URL + "".join(k + v for k, v in sorted(fields.items()))).encode()
        headers = (
            ("host", "shop.example"),
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("x-twilio-signature", validator.compute_signature(URL, fields)),
        )
        made.append((WebhookRequest(body, headers, "/inbound"), signed))
    return made


def rules_of(routes: int) -> Rules:
    """Return settings with so many route rules, none of which matches: the worst case."""

    def condition(n: int) -> Condition:
        return where("language").equals(f"l{n % 9}") & where("first_message").contains(f"word {n}")

    made = [RouteRule(f"r{n}", "general", condition(n)) for n in range(routes)]
    workstream = Workstream("support", "general", routes=tuple(made))
    return Rules([Number(NUMBER, "Shop", "support")], [workstream], [Queue("general")])


class PurePath:
    """Takes webhooks without a store: what was seen, and the state of each customer, are in dictionaries."""

    def __init__(self, transport: TwilioTransport, *, goes_on: bool) -> None:
        self.rules = rules_of(100)
        self.transport = transport
        self.goes_on = goes_on
        self.states: dict[str, State] = {}

    def __call__(self, requests: list[WebhookRequest]) -> None:
        """Take each of *requests*."""
        seen: set[str] = set()
        now = SystemClock().now()
        for request in requests:
            inbound = self.transport.read(request)
            assert isinstance(inbound, Inbound)
            if inbound.sid in seen:
                continue
            seen.add(inbound.sid)
            sender = inbound.addresses[0]
            state = self.states.get(sender)
            if state is None:
                state = State(Contact(sender, inbound.addresses), Thread(inbound.number, sender, sender))
            decision = decide(self.rules, state, Received(inbound, now, inbound.sid, inbound.sid), now)
            assert decision.refusal is None
            if self.goes_on:
                self.states[sender] = decision.state


def main() -> None:
    pool = requests()
    rules = rules_of(0)
    transport = TwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
    now = SystemClock().now()

    def cycle(n: int) -> Iterator[tuple[WebhookRequest, bytes]]:
        return itertools.islice(itertools.cycle(pool), n)

    def floor(n: int) -> None:
        for request, signed in cycle(n):
            base64.b64encode(hmac.new(TOKEN.encode(), signed, hashlib.sha1).digest())
            urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True)

    def twilio_validator(n: int) -> None:
        validator = RequestValidator(TOKEN)
        for request, _ in cycle(n):
            fields = dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
            assert validator.validate(URL, fields, request.header("x-twilio-signature"))

    def verify_and_parse(n: int) -> None:
        for request, _ in cycle(n):
            transport.signatures.values(request)

    def read(n: int) -> None:
        for request, _ in cycle(n):
            transport.read(request)

    def full_path(n: int) -> None:
        for start in range(0, n, POOL):  # a fresh store for each pass over the pool: answered duplicates do not count
            desk = Omnichannel(rules, store=MemoryStore(), transport=transport)
            for request, _ in pool[: n - start]:
                assert desk.receive(request).status == 200

    def window_alone(n: int) -> None:
        window = NEVER_OPENED
        for _ in range(n):
            window = receive(window, now)

    bare = [request for request, _ in pool]
    opens, goes_on = PurePath(transport, goes_on=False), PurePath(transport, goes_on=True)

    cases = {
        "floor: raw HMAC + parse_qsl": floor,
        "parse_qsl + twilio's RequestValidator": twilio_validator,
        "verify + parse": verify_and_parse,
        "read: verify, parse, meaning": read,
        "pure path: opens a conversation, 100 rules": lambda n: opens(bare[:n]),
        "pure path: the conversation goes on": lambda n: goes_on(bare[:n]),
        "full path: verify, parse, decide, commit": full_path,
        "the window alone": window_alone,
    }
    report("inbound webhook", measure(cases, POOL), "floor: raw HMAC + parse_qsl")


if __name__ == "__main__":
    main()
