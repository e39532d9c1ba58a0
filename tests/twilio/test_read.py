"""Reading whole webhooks: the size limit, what is refused, and that nothing else comes out."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.twilio.conftest import ACCOUNT, PUBLIC, TOKEN, signed

from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.adapters.twilio.webhook import KINDS, REFERRAL
from wa_omnichannel.emulator import Emulator, WebhookRecord
from wa_omnichannel.errors import MalformedWebhook, SignatureMismatch, WebhookError, WebhookTooLarge
from wa_omnichannel.messages import ButtonReply, Inbound, Incoming, ListReply, Location, Media, StatusReport, Text
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest

SETTINGS = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC}
TRANSPORT = TwilioTransport(**SETTINGS)  # type: ignore[arg-type]
MESSAGE = {"MessageSid": "SM1", "From": "whatsapp:+34600000001", "To": "whatsapp:+14155550100", "Body": "Hola"}


def read(form: dict[str, str], query: str = "") -> Incoming:
    return TRANSPORT.read(signed(urlencode(form).encode(), query=query))


def test_both_colours_read_without_waiting() -> None:
    request = signed(urlencode(MESSAGE).encode())
    assert AsyncTwilioTransport(**SETTINGS).read(request) == TRANSPORT.read(request)  # type: ignore[arg-type]


def test_a_body_that_is_too_large_is_not_even_hashed() -> None:
    with pytest.raises(WebhookTooLarge) as caught:
        TRANSPORT.read(WebhookRequest(b"a=" + b"x" * MAX_BODY))
    assert caught.value.status == 413
    with pytest.raises(SignatureMismatch):
        TRANSPORT.read(WebhookRequest(b"a=" + b"x" * (MAX_BODY - 2)))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"MessageSid": ""}, "MessageSid"),
        ({"From": "+34600000001", "To": "+14155550100"}, "WhatsApp"),
        ({"From": "messenger:1234", "To": "messenger:5678"}, "WhatsApp"),
        ({"From": "", "To": ""}, "WhatsApp"),
        ({"From": "whatsapp:12"}, "From"),
        ({"To": "whatsapp:"}, "To"),
    ],
)
def test_what_is_no_message_of_whatsapp_is_refused(change: dict[str, str], text: str) -> None:
    with pytest.raises(MalformedWebhook, match=text) as caught:
        read({**MESSAGE, **change})
    assert caught.value.status == 400
    assert "34600000001" not in str(caught.value)


def test_our_id_comes_back() -> None:
    report = read({"MessageSid": "SM1", "MessageStatus": "sent"}, "m=42")
    assert isinstance(report, StatusReport)
    assert report.message_id == "42"


NAMES = st.sampled_from(
    sorted(
        {sign for kind in KINDS for sign in kind.signs}
        | {name for kind in KINDS for name in kind.used}
        | REFERRAL.keys()
        | {"MessageStatus", "SmsStatus", "ErrorCode", "NumMedia", "WaId", "ExternalUserId", "MessageType", "New"}
    )
)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["whatsapp:+34600000001", "whatsapp:ES.12", "received", "true", "1", "nan", "inf", "1e999", "-3.5", "²", "9" * 20]
)


@given(st.dictionaries(NAMES, VALUES), st.text(max_size=10) | st.sampled_from(["m=1", "m=%", "m=%ff", "m"]))
def test_any_parameters(form: dict[str, str], query: str) -> None:
    """A genuine webhook with any parameters is read or refused, and is read the same way twice."""
    try:
        request = signed(urlencode({**MESSAGE, **form}).encode(), query=query)
        meaning = TRANSPORT.read(request)
    except WebhookError:
        return
    assert TRANSPORT.read(request) == meaning
    if isinstance(meaning, Inbound):
        assert meaning.sid
        assert meaning.addresses


@given(st.binary(max_size=60), st.text(max_size=12), st.text(max_size=12))
def test_any_request(body: bytes, path: str, query: str) -> None:
    with pytest.raises(WebhookError):
        TRANSPORT.read(WebhookRequest(body, (("x-twilio-signature", "AAAA"),), path, query))


@given(st.binary(max_size=60))
def test_any_signed_body(body: bytes) -> None:
    """Signed by the provider, but no message: refused as malformed, never another error."""
    try:
        request = signed(body)
    except MalformedWebhook:
        return
    with pytest.raises(MalformedWebhook):
        TRANSPORT.read(request)


def test_what_the_emulator_sends_is_read(twilio: Emulator) -> None:
    """Its webhooks are signed by Twilio's SDK; nobody needs to take them to read them."""
    here = "http://127.0.0.1:9/wa"
    twilio.faults.clear()
    twilio.add_number("+14155550100", f"{here}/inbound#rc=0", f"{here}/status?m=7#rc=0")
    ana = twilio.customer("+34600000001", "Ana ñ", "+14155550100", "ES.1349120865")
    ana.says("¿Qué tal?\n😀")
    ana.sends_media(b"x", "image/webp")
    ana.sends_location(40.4, -3.7, label="Sol")
    ana.taps("Sí", "yes")
    ana.picks("1", "Mañana", "9 h")
    ana.quotes(twilio.messages[0].sid, "Este")
    transport = TwilioTransport(account_sid=twilio.account_sid, auth_token=twilio.auth_token, public_url=here)
    read_ = [transport.read(request_of(record)) for record in twilio.webhooks]
    contents = [each.content for each in read_ if isinstance(each, Inbound)]
    assert [type(content) for content in contents] == [Text, Media, Location, ButtonReply, ListReply, Text]
    assert all(isinstance(each, Inbound) and each.addresses == ("+34600000001", "ES.1349120865") for each in read_)
    last = read_[-1]
    assert isinstance(last, Inbound)
    assert last.quoted_sid == twilio.messages[0].sid


def request_of(record: WebhookRecord) -> WebhookRequest:
    """Return the request that a framework would make of a webhook."""
    headers = tuple((name.lower(), value) for name, value in record.headers.items())
    path = "/" + record.url.partition("#")[0].rpartition("/")[2]
    return WebhookRequest(urlencode(record.params).encode(), headers, path)
