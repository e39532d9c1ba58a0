"""CPU time per inbound webhook: verify, parse, decide, commit to the memory store, answer.

The floor is what a careful programmer gets from the standard library alone: one raw HMAC over the signed
bytes and ``urllib.parse.parse_qsl`` of the body. Run: python benchmarks/bench_inbound.py
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
from wa_omnichannel.machine import SystemClock
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


def main() -> None:
    pool = requests()
    rules = Rules([Number(NUMBER, "Shop", "support")], [Workstream("support", "general")], [Queue("general")])
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

    cases = {
        "floor: raw HMAC + parse_qsl": floor,
        "parse_qsl + twilio's RequestValidator": twilio_validator,
        "verify + parse": verify_and_parse,
        "read: verify, parse, meaning": read,
        "full path: verify, parse, decide, commit": full_path,
        "the window alone": window_alone,
    }
    report("inbound webhook", measure(cases, POOL), "floor: raw HMAC + parse_qsl")


if __name__ == "__main__":
    main()
