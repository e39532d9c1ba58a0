"""Whose secret a webhook is checked with: rotation, sub-accounts, tenants; proxies; and the roll-out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, PUBLIC, TOKEN, signed

from wa_omnichannel.adapters.memory import AsyncMemoryStore
from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, SigningKey, TwilioTransport
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE, Mismatch, SignatureCheck
from wa_omnichannel.emulator import SharedKey
from wa_omnichannel.emulator.behaviour.signing import webhook_headers
from wa_omnichannel.emulator.state.options import Options
from wa_omnichannel.errors import InvalidValue, MalformedWebhook, SignatureMismatch
from wa_omnichannel.integrations._http import Proxies
from wa_omnichannel.integrations.asgi import WebhookApp
from wa_omnichannel.messages import Inbound, Text
from wa_omnichannel.omnichannel import AsyncOmnichannel
from wa_omnichannel.webhooks import WebhookRequest

SUB = "AC" + "b2" * 16
OTHER = "+14155550111"
SETTINGS_OF: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "public_url": PUBLIC}


def message(account: str = ACCOUNT, to: str = NUMBER) -> bytes:
    form = {"MessageSid": "SM1", "AccountSid": account, "From": f"whatsapp:{ANA}", "To": f"whatsapp:{to}", "Body": "x"}
    return urlencode(form).encode()


def request(body: bytes, token: str, url: str = PUBLIC, path: str = "/inbound", **headers: str) -> WebhookRequest:
    text = (url + path).encode() + parse(body).signed
    signature = base64.b64encode(hmac.digest(token.encode(), text, "sha1")).decode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return WebhookRequest(body, ((SIGNATURE, signature), *named), path)


def key_of(check: SignatureCheck, webhook: WebhookRequest) -> SigningKey | Mismatch:
    form = parse(webhook.body)
    return check.match(webhook, form.signed, form.values)


# --- several secrets


def test_case_17_two_tokens_are_valid_during_rotation() -> None:
    """No webhook is lost while the primary token is exchanged, and it can be seen which one was used."""
    transport = TwilioTransport(**SETTINGS_OF, other_auth_tokens=["the-next-token"])
    for token, name in ((TOKEN, "auth token 1"), ("the-next-token", "auth token 2")):
        webhook = request(message(), token)
        assert isinstance(transport.read(webhook), Inbound)
        found = key_of(transport.signatures, webhook)
        assert isinstance(found, SigningKey)
        assert found.id == name
    with pytest.raises(SignatureMismatch):
        transport.read(request(message(), "a-third-token"))


def test_shared_keys_rotate_by_their_id() -> None:
    """As the SDK signs with them."""
    options = Options(account_sid=ACCOUNT, auth_token=TOKEN, shared_key=SharedKey("KEnew", "new-secret"))
    headers = webhook_headers(options, f"{PUBLIC}/inbound", parse(message()).values, "x")
    webhook = WebhookRequest(message(), tuple((name.lower(), value) for name, value in headers.items()), "/inbound")
    both = TwilioTransport(**SETTINGS_OF, shared_keys={"KEold": "old-secret", "KEnew": "new-secret"})
    assert isinstance(both.read(webhook), Inbound)
    with pytest.raises(SignatureMismatch) as caught:
        TwilioTransport(**SETTINGS_OF, shared_keys={"KEold": "new-secret"}).read(webhook)
    assert caught.value.reason == "unknown_key"


def test_the_secret_of_the_account_and_number_is_tried_first() -> None:
    """Two tenants, one of them with a number of its own in the same account; then the account, then everybody."""
    keys = [
        SigningKey("one", "main", ACCOUNT),
        SigningKey("two", "own number", ACCOUNT, [OTHER]),
        SigningKey("three", "sub-account", SUB),
    ]
    check = SignatureCheck(PUBLIC, keys)
    values = {"AccountSid": ACCOUNT, "To": f"whatsapp:{OTHER}"}
    groups = check._groups("HMAC_SHA1", values)
    assert [group[0][1].id for group in groups] == ["own number", "main", "main"]
    stranger = "AC" + "9" * 32
    for account, to, key in (
        (ACCOUNT, NUMBER, keys[0]),
        (ACCOUNT, OTHER, keys[1]),
        (SUB, NUMBER, keys[2]),
        (SUB, NUMBER, keys[0]),
        (stranger, NUMBER, keys[2]),
    ):
        assert key_of(check, request(message(account, to), key.secret.reveal())) is key
    assert key_of(check, request(message(), "four")) is Mismatch.WRONG


def test_two_tenants_behind_one_messaging_service() -> None:
    """A service of the main account has senders of two tenants; either's secret may sign for either's number."""
    transport = TwilioTransport(
        **SETTINGS_OF,
        signing_keys=[SigningKey("tenant-a", "a", SUB, [NUMBER]), SigningKey("tenant-b", "b", SUB, [OTHER])],
    )
    for to in (NUMBER, OTHER):
        for token in ("tenant-a", "tenant-b", TOKEN):
            assert isinstance(transport.read(request(message(SUB, to), token)), Inbound)
    with pytest.raises(SignatureMismatch):
        transport.read(request(message(SUB), "tenant-c"))


@given(st.lists(st.sampled_from(["one", "two", "three", "four"]), min_size=1, max_size=6), st.data())
def test_who_is_named_never_decides(tokens: list[str], data: st.DataObject) -> None:
    """Account and number choose the order only: a request passes if and only if some secret signed it."""
    accounts = st.sampled_from(["", ACCOUNT, SUB])
    keys = [
        SigningKey(token, str(n), data.draw(accounts), data.draw(st.lists(st.sampled_from([NUMBER, OTHER]))))
        for n, token in enumerate(tokens)
    ]
    token = data.draw(st.sampled_from(["one", "two", "three", "four", "five"]))
    body = message(data.draw(st.sampled_from([ACCOUNT, SUB])), data.draw(st.sampled_from([OTHER, NUMBER])))
    found = key_of(SignatureCheck(PUBLIC, keys), request(body, token))
    assert isinstance(found, SigningKey) == (token in tokens)


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidValue, match="numbers"):
        SigningKey("one", numbers=["not a number"])


# --- proxies


FORWARDED = {"x_forwarded_host": "shop.example", "x_forwarded_proto": "https", "x_forwarded_prefix": "/wa"}


@pytest.mark.parametrize(
    ("client", "trusted", "expected"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], "https://shop.example/wa"),
        ("::1", ["::1"], "https://shop.example/wa"),
        ("203.0.113.9", ["10.0.0.0/8"], ""),
        ("10.1.2.3", [], ""),
        ("", ["0.0.0.0/0"], ""),
        ("unix:socket", ["0.0.0.0/0"], ""),
    ],
)
def test_case_18_forwarded_headers_are_ignored_unless_the_proxy_is_trusted(
    client: str, trusted: list[str], expected: str
) -> None:
    """And even then they are only one more address to try."""
    webhook = request(message(), TOKEN, "https://shop.example/wa", **FORWARDED)
    told = Proxies(trusted).told(webhook, client)
    assert told.origin == expected
    check = SignatureCheck(PUBLIC, [TOKEN])
    assert isinstance(key_of(check, told), SigningKey) == bool(expected)
    assert key_of(check, webhook) is Mismatch.WRONG


@pytest.mark.parametrize("host", ["", "a b", "x/../y?z", "☃", "[", "a:99999"])
def test_a_forwarded_host_without_sense_is_none(host: str) -> None:
    webhook = WebhookRequest(b"", (("x-forwarded-host", host),))
    assert Proxies(["10.0.0.0/8"]).told(webhook, "10.0.0.1").origin in ("", f"https://{host}")
    assert key_of(SignatureCheck(PUBLIC, [TOKEN]), webhook) is Mismatch.MISSING


def test_a_proxy_that_is_no_network() -> None:
    with pytest.raises(InvalidValue, match="trusted_proxies"):
        Proxies(["proxy.example"])


@pytest.mark.anyio
@pytest.mark.parametrize(("client", "status"), [("10.0.0.7", 200), ("203.0.113.9", 403)])
async def test_a_trusted_proxy_in_front_of_the_application(client: str, status: int) -> None:
    webhook = request(message(), TOKEN, "https://shop.example/wa", **FORWARDED)
    assert await _status(webhook, client=(client, 1234)) == status


@pytest.mark.anyio
@pytest.mark.parametrize("root", ["", "/wa", "/caf\u00e9"])
async def test_a_path_is_signed_as_it_is_on_the_wire(root: str) -> None:
    """Servers decode the path; the provider signs it with its escapes."""
    webhook = request(message(), TOKEN, path="/inb%C3%B3und")
    raw = (quote(root) + webhook.path).encode()
    assert await _status(webhook, path=f"{root}/inb\u00f3und", raw_path=raw, root_path=root) == 200


async def _status(webhook: WebhookRequest, **scope: Any) -> int:
    """Return the status with which an application behind proxies of 10.0.0.0/8 answers."""
    channel = AsyncOmnichannel(shop(), store=AsyncMemoryStore(), transport=AsyncTwilioTransport(**SETTINGS_OF))
    app = WebhookApp(channel, every=None, trusted_proxies=["10.0.0.0/8"])
    headers = [(name.encode(), value.encode()) for name, value in webhook.headers]
    plain = {"type": "http", "method": "POST", "path": webhook.path, "query_string": b"", "headers": headers}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": webhook.body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({**plain, **scope}, receive, send)
    return int(sent[0]["status"])


# --- roll-out


def test_report_only_takes_what_it_reports() -> None:
    reported: list[tuple[str, WebhookRequest]] = []
    transport = TwilioTransport(**SETTINGS_OF, report_only=lambda error, asked: reported.append((error.reason, asked)))
    genuine, forged = signed(message()), request(message(), "wrong")
    assert isinstance(transport.read(genuine), Inbound)
    assert not reported
    assert isinstance(transport.read(forged), Inbound)
    assert reported == [("wrong", forged)]
    with pytest.raises(MalformedWebhook):
        transport.read(WebhookRequest(b"a=%zz"))


@pytest.mark.parametrize(
    ("webhook", "reason"),
    [
        (WebhookRequest(message()), "missing"),
        (request(message(), "wrong"), "wrong"),
        (request(message(), TOKEN, **{SETTINGS: "algorithm=HMAC_MD5"}), "unknown_algorithm"),
        (request(message(), TOKEN, **{SETTINGS: "key=KE1,algorithm=HMAC_SHA256"}), "unknown_key"),
        (WebhookRequest(b"{}", ((SIGNATURE, "x"),), "/inbound", "bodySHA256=00"), "body_changed"),
    ],
)
def test_each_failure_has_its_reason(webhook: WebhookRequest, reason: str) -> None:
    with pytest.raises(SignatureMismatch) as caught:
        TwilioTransport(**SETTINGS_OF).read(webhook)
    assert caught.value.reason == reason
    assert caught.value.hint


# --- JSON


def json_request(members: object, token: str = TOKEN) -> WebhookRequest:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    mac = hmac.digest(token.encode(), f"{PUBLIC}/inbound?{query}".encode(), "sha1")
    return WebhookRequest(body, ((SIGNATURE, base64.b64encode(mac).decode()),), "/inbound", query)


def test_a_json_webhook_has_the_parameters_of_a_form() -> None:
    members = {**parse(message()).values, "NumMedia": 0, "ChannelMetadata": {"type": "whatsapp"}}
    found = TwilioTransport(**SETTINGS_OF).read(json_request(members))
    assert isinstance(found, Inbound)
    assert found.content == Text("x")
    assert found.extra["ChannelMetadata"] == '{"type": "whatsapp"}'


@pytest.mark.parametrize("members", [[], "text", 7, None, b"{", b"\xff", b"[" * 50_000])
def test_a_json_webhook_that_is_no_object(members: object) -> None:
    with pytest.raises(MalformedWebhook, match="no JSON object"):
        TwilioTransport(**SETTINGS_OF).read(json_request(members))
