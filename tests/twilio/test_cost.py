"""Reading grows with the size of what is read, never faster: counted in calls, not in seconds."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
from tests.twilio.conftest import ACCOUNT, PUBLIC, TOKEN, signed

from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE
from wa_omnichannel.adapters.twilio.vcards import read_cards
from wa_omnichannel.errors import WebhookError
from wa_omnichannel.webhooks import WebhookRequest

TRANSPORT = TwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
ENVELOPE = b"MessageSid=SM1&From=whatsapp%3A%2B34600000001&To=whatsapp%3A%2B14155550100&"


def calls(work: Callable[[], Any]) -> int:
    """Return how many functions, of Python and of C, are called in *work*."""
    counted = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        with contextlib.suppress(WebhookError):
            work()
    finally:
        sys.setprofile(None)
    return counted


def forged(body: bytes, header: str = "x", query: str = "") -> Callable[[], Any]:
    headers = ((SIGNATURE, header), (SETTINGS, header))
    return lambda: TRANSPORT.read(WebhookRequest(body, headers, "/inbound", query))


WORKS: dict[str, Callable[[int], Callable[[], Any]]] = {
    "many pairs": lambda n: lambda: parse(b"a=1&" * n),
    "many names": lambda n: lambda: parse(b"&".join(b"%d=1" % each for each in range(n))),
    "one name": lambda n: lambda: parse(b"&".join(b"a=%d" % each for each in range(n))),
    "only separators": lambda n: lambda: parse(b"&" * n),
    "only signs": lambda n: lambda: parse(b"=" * n),
    "escapes": lambda n: lambda: parse(b"a=" + b"%41" * n),
    "broken escapes": lambda n: lambda: parse(b"a=" + b"%" * n),
    "control characters": lambda n: lambda: parse(b"a=\r\n&" * n),
    "no text": lambda n: lambda: parse(b"a=" + b"%ff" * n),
    "a long header": lambda n: forged(b"", "key=" * n),
    "settings": lambda n: forged(b"", "a=b," * n),
    "a long query": lambda n: forged(b"", query="m=1&" * n),
    "a message": lambda n: lambda: TRANSPORT.read(signed(ENVELOPE + b"&".join(b"x%d=1" % each for each in range(n)))),
    "cards": lambda n: lambda: read_cards(b"BEGIN:VCARD\nFN:a\nEND:VCARD\n" * n),
    "folded lines": lambda n: lambda: read_cards(b"BEGIN:VCARD\nFN:a" + b"\n b" * n),
    "escapes in a card": lambda n: lambda: read_cards(b"BEGIN:VCARD\nFN:" + b"\\n" * n + b"\nEND:VCARD"),
}


@pytest.mark.parametrize("name", WORKS)
def test_twice_the_size_is_at_most_twice_the_work(name: str) -> None:
    make = WORKS[name]
    calls(make(10))  # whatever is loaded once
    small, large = calls(make(500)), calls(make(1000))
    assert large <= 2 * small + 50


def test_a_form_of_1_mb_is_refused_before_it_is_looked_at() -> None:
    """The same few calls whatever is in it."""
    few = calls(forged(b"a=1&" * 262_144))
    assert few < 20
    assert calls(forged(b"%" * 1_048_576)) == few
