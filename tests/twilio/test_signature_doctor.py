"""The signature doctor: each thing that usually goes wrong is named, in both languages, and nothing else is."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.twilio.conftest import ACCOUNT, TOKEN

from wa_omnichannel.adapters.twilio import SigningKey
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE, Mismatch, SignatureCheck
from wa_omnichannel.adapters.twilio.signature_doctor import diagnose
from wa_omnichannel.cli import main
from wa_omnichannel.errors import SignatureMismatch
from wa_omnichannel.webhooks import WebhookRequest

BODY = b"AccountSid=AC1&Body=a%0Ab&MessageSid=SM1&To="


def called(
    url: str, query: str = "", body: bytes = BODY, token: str = TOKEN, kind: str = "sha1", **headers: str
) -> WebhookRequest:
    """Return a request as it arrives after the provider called *url*."""
    text = (url + (f"?{query}" if query else "")).encode() + parse(body).signed
    signature = base64.b64encode(hmac.digest(token.encode(), text, kind)).decode()
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return WebhookRequest(body, ((SIGNATURE, signature), *named), "/inbound", query)


def check(url: str = "https://shop.example/wa", **keys: str) -> SignatureCheck:
    return SignatureCheck(url, [TOKEN], keys)


@pytest.mark.parametrize(
    ("configured", "request_", "codes", "text"),
    [
        ("http://shop.example/wa", called("https://shop.example/wa/inbound"), ["signature_scheme"], "with https"),
        ("https://shop.example/wa", called("http://shop.example/wa/inbound"), ["signature_scheme"], "with http:"),
        (
            "https://internal:8000/wa",
            called("https://shop.example/wa/inbound", host="shop.example"),
            ["signature_host"],
            "shop.example",
        ),
        (
            "https://internal:8000",
            called("https://shop.example/wa/inbound", x_forwarded_host="shop.example", x_forwarded_prefix="/wa"),
            ["signature_host", "signature_path"],
            "/wa/inbound",
        ),
        ("https://shop.example/wa", called("https://shop.example/inbound"), ["signature_path"], "/inbound"),
        ("https://shop.example", called("https://shop.example/inbound/"), ["signature_path"], "/inbound/"),
        ("https://shop.example/wa", called("https://other.example/wa/inbound"), ["signature_other_url"], "other"),
        (
            "http://shop.example/wa",
            called("https://other.example:8443/wa/inbound"),
            ["signature_scheme", "signature_other_url"],
            "other.example:8443",
        ),
    ],
)
def test_the_address(configured: str, request_: WebhookRequest, codes: list[str], text: str) -> None:
    others = ["https://other.example/wa", "https://other.example:8443/wa"]
    found = diagnose(check(configured), request_, others)
    assert [each.code for each in found.advice] == codes
    assert found.reason is Mismatch.WRONG
    assert text in found.explain("en")
    assert found.explain("es") != found.explain("en")


def test_a_port_is_tolerated_so_the_doctor_has_nothing_to_say() -> None:
    """The check itself tries the address without the port, and with it."""
    for configured, url in (
        ("https://a.example:8443", "https://a.example"),
        ("https://a.example", "https://a.example:443"),
    ):
        found = diagnose(check(configured), called(f"{url}/inbound"))
        assert (found.reason, [each.code for each in found.advice]) == (None, ["signature_fits"])


@pytest.mark.parametrize(
    ("signed_query", "arrived"), [("m=a%20b", "m=a+b"), ("m=a+b", "m=a%20b"), ("a=1&b=2", "b=2&a=1"), ("", "m=1")]
)
def test_a_query_that_was_rewritten(signed_query: str, arrived: str) -> None:
    request = attrs.evolve(called("https://shop.example/wa/inbound", signed_query), query=arrived)
    (advice,) = diagnose(check(), request).advice
    assert advice.code == "signature_query"


def test_line_ends_that_were_rewritten() -> None:
    original = called("https://shop.example/wa/inbound", body=b"Body=a%0D%0Ab")
    (advice,) = diagnose(check(), attrs.evolve(original, body=b"Body=a%0Ab")).advice
    assert advice.code == "signature_lines"


def test_a_body_that_was_not_signed() -> None:
    original = called("https://shop.example/wa/inbound", body=b"")
    (advice,) = diagnose(check(), attrs.evolve(original, body=BODY)).advice
    assert advice.code == "signature_body_unsigned"


@pytest.mark.parametrize("header", ["key=KE9,algorithm=HMAC_SHA256", "algorithm=HMAC_MD5"])
def test_a_key_that_is_known_by_another_name(header: str) -> None:
    request = called("https://shop.example/wa/inbound", token="shared", kind="sha256")
    request = attrs.evolve(request, headers=(*request.headers, (SETTINGS, header)))
    (advice,) = diagnose(check(KE1="shared"), request).advice
    assert (advice.code, advice.facts["key"]) == ("signature_key", "KE1")


def test_nothing_helps() -> None:
    request = called("https://shop.example/wa/inbound", token="somebody else's")
    keys = SignatureCheck("https://shop.example/wa", [SigningKey(TOKEN, "t", ACCOUNT)])
    codes = [each.code for each in diagnose(keys, request).advice]
    assert codes == ["signature_other_account", "signature_secret_or_body"]
    assert [each.code for each in diagnose(check(), request).advice] == ["signature_secret_or_body"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (WebhookRequest(BODY), "signature_missing"),
        (WebhookRequest(b"a=%zz", ((SIGNATURE, "x"),)), "signature_form"),
        (WebhookRequest(b"{}", ((SIGNATURE, "x"),), query="bodySHA256=00"), "signature_body_changed"),
    ],
)
def test_what_needs_no_tries(request_: WebhookRequest, code: str) -> None:
    (advice,) = diagnose(check(), request_).advice
    assert advice.code == code
    assert advice.sentence("es") != advice.sentence("en")


def test_no_secret_is_shown() -> None:
    found = diagnose(check("https://user:word@internal"), called("https://shop.example/inbound", host="shop.example"))
    assert TOKEN not in repr(found)
    assert "word" not in repr(found)


@example(b"", "x", "[", "/", "")
@example(b"", "x", "a]b", "[", "[")
@settings(max_examples=25)
@given(st.binary(max_size=40), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_anything_can_be_diagnosed(body: bytes, signature: str, host: str, path: str, query: str) -> None:
    """It always answers, never makes a request genuine, and agrees with the check."""
    headers = ((SIGNATURE, signature), ("host", host), ("x-forwarded-prefix", path))
    request = WebhookRequest(body, headers, path, query)
    found: Any = diagnose(check(), request)
    assert found.advice
    with pytest.raises(Exception) as caught:  # noqa: PT011 - compared below
        check().values(request)
    assert isinstance(caught.value, SignatureMismatch) or found.advice[0].code == "signature_form"


# --- the command


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize(
    ("public_url", "status", "said"),
    [
        ("https://shop.example/wa", 0, "The signature fits"),
        ("http://shop.example/wa", 1, "It would match with https"),
        ("https://internal:8000/wa", 1, "shop.example"),
    ],
)
def test_the_command_looks_into_a_saved_request(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ends: str,
    public_url: str,
    status: int,
    said: str,
) -> None:
    request = called("https://shop.example/wa/inbound", "m=1")
    signature = f"X-Twilio-Signature: {request.headers[0][1]}"
    head = ["POST /wa/inbound?m=1 HTTP/1.1", "Host: shop.example", signature, "", ""]
    (tmp_path / "request").write_bytes(ends.join(head).encode() + request.body)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    assert main(["twilio", "signature", str(tmp_path / "request"), "--public-url", public_url]) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"Body=1", b"POST x HTTP/1.1", b"\xff\xfe"])
def test_a_file_that_is_no_request(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "request").write_bytes(data)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    assert main(["twilio", "signature", str(tmp_path / "request"), "--public-url", "https://shop.example"]) == 2


def test_a_file_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    assert main(["twilio", "signature", str(tmp_path / "none"), "--public-url", "https://shop.example"]) == 2
    assert "none" in capsys.readouterr().err
