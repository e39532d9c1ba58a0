"""Faults that other WhatsApp libraries had, by their number in our list of must-pass cases: 14 to 16.

17 (two tokens during rotation) and 18 (forwarded headers) are in ``test_signature_keys.py``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, PUBLIC, TOKEN, Blocking, RawServer, signed

from wa_omnichannel.adapters.blobs import FolderBlobs
from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioMedia, TwilioTransport
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE, Mismatch, SignatureCheck
from wa_omnichannel.attachments import MEGABYTE, AttachmentRules
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import MediaUnavailable
from wa_omnichannel.messages import ButtonReply, FlowReply, Inbound, ListReply, Location, Media, Unsupported
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.webhooks import WebhookRequest

TRANSPORT = TwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
MESSAGE = {"MessageSid": "SM1", "From": f"whatsapp:{ANA}", "To": f"whatsapp:{NUMBER}", "SmsStatus": "received"}
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'2' * 32}/Media/ME{'3' * 32}"
Colour = Callable[..., Blocking]


@pytest.mark.parametrize("body", [{}, {"Body": ""}])
@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg"}, Media),
        ({"Latitude": "40.4", "Longitude": "-3.7"}, Location),
        ({"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "text/vcard"}, Media),
        ({"ButtonPayload": "yes"}, ButtonReply),
        ({"ListId": "1"}, ListReply),
        ({"FlowData": "{}"}, FlowReply),
        ({"MessageType": "reaction"}, Unsupported),
        ({}, Unsupported),
    ],
)
def test_case_14_a_message_without_a_text_is_a_message(form: dict[str, str], body: dict[str, str], kind: type) -> None:
    """Told apart by the fields of its direction, never by an empty Body."""
    found = TRANSPORT.read(signed(urlencode({**MESSAGE, **form, **body}).encode()))
    assert isinstance(found, Inbound)
    assert isinstance(found.content, kind)


def test_case_15_a_download(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    """404, then 200; and the local Twilio, like the real one, redirects to a second host.

    The second host never sees credentials, and private addresses behind a file host are refused: test_media.py.
    """
    ana.sends_media(b"\xff\xd8\xff" * 1000, "image/jpeg")
    message = twilio.messages[-1]
    url = f"{twilio.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}/Media/{message.media[0].sid}"
    twilio.faults.hide_media(times=1)
    side = colour(base_url=twilio.base_url)
    with pytest.raises(MediaUnavailable):
        side.fetch(url)
    assert side.fetch(url) == ("image/jpeg", b"\xff\xd8\xff" * 1000)


def test_case_15_a_size_cap_holds_without_a_content_length(raw: RawServer, tmp_path: Path) -> None:
    """An endless file without a length is given up in the middle, and nothing of it is kept."""
    written: list[int] = []

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "image/jpeg")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        chunk = b"10000\r\n" + b"\xff\xd8\xff\xe0" + b"x" * (0x10000 - 4) + b"\r\n"
        while len(written) < 10_000:
            handler.wfile.write(chunk)
            written.append(1)

    raw.answer = endless
    files = AttachmentRules(enabled=True, customers=True, max_bytes=MEGABYTE)
    media = TwilioMedia(account_sid=ACCOUNT, auth_token=TOKEN, base_url=raw.url)
    desk = Omnichannel(
        shop(files=files), store=MemoryStore(), transport=TRANSPORT, media=media, blobs=FolderBlobs(tmp_path)
    )
    photo = {"NumMedia": "1", "MediaUrl0": raw.url + PATH, "MediaContentType0": "image/jpeg"}
    assert desk.receive(signed(urlencode({**MESSAGE, **photo}).encode())).status == 200
    desk.tick()
    reasons = [each.event.facts.get("reason") for each in desk.events(limit=100)]
    assert "media_too_large" in reasons
    assert len(written) < 1000, "far less than the file"
    assert not [each for each in tmp_path.rglob("*") if each.is_file()]


# --- 16: signatures

FORMS = {
    "repeated": b"a=2&a=1&a=2&b=",
    "blank": b"a=&b=1&c",
    "unusual": b"a=%c3%a9+%F0%9F%98%80&b=%2B%26%3D&%C3%B1=1",
    "plain": b"MessageSid=SM1&Body=Hola",
}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    ("configured", "called"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com", "https://example.com:443"),
        ("https://example.com:8443", "https://example.com"),
        ("https://[2001:db8::1]:8443/wa", "https://[2001:db8::1]/wa"),
        ("https://user:word@example.com/wa", "https://user:word@example.com/wa"),
        ("https://user:word@example.com/wa", "https://example.com/wa"),
    ],
)
def test_case_16_ports_ipv6_users_repeats_blanks_and_encodings(
    configured: str, called: str, form: bytes, algorithm: str
) -> None:
    text = f"{called}/inbound?m=a%20b+c".encode() + parse(form).signed
    signature = base64.b64encode(hmac.digest(b"secret", text, algorithm)).decode()
    settings = ((SETTINGS, f"algorithm=HMAC_{algorithm.upper()}"),) if algorithm == "sha256" else ()
    request = WebhookRequest(form, ((SIGNATURE, signature), *settings), "/inbound", "m=a%20b+c")
    check = SignatureCheck(configured, ["secret"])
    assert check.values(request) == parse(form).values
    changed = attrs.evolve(request, body=form + b"&x=1")
    assert check.mismatch(changed, parse(changed.body).signed) is Mismatch.WRONG


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_case_16_a_json_body_is_compared_with_its_hash(algorithm: str) -> None:
    body = '{"Body": "ñ"}'.encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    mac = hmac.digest(b"secret", f"https://example.com/inbound?{query}".encode(), algorithm)
    headers = ((SIGNATURE, base64.b64encode(mac).decode()), (SETTINGS, f"algorithm=HMAC_{algorithm.upper()}"))
    request = WebhookRequest(body, headers, "/inbound", query)
    check = SignatureCheck("https://example.com", ["secret"])
    assert check.values(request) == {"Body": "ñ"}
    assert check.mismatch(attrs.evolve(request, body=body + b" "), b"") is Mismatch.BODY_CHANGED
