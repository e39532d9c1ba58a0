"""The signature check against Twilio's own validator where that is right, and by itself where it is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.macs import Mac
from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE, Mismatch, SignatureCheck
from wa_omnichannel.errors import MalformedWebhook, SignatureMismatch
from wa_omnichannel.webhooks import WebhookRequest

TOKEN = "a-token-for-tests"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=10)
BASES = ["https://example.com", "https://example.com/wa", "http://example.com:8080", "https://example.com:443/a/b"]


class Pairs(list[tuple[str, str]]):
    """A form with repeated names, as the validator knows them from web frameworks."""

    def __iter__(self) -> Any:
        return iter([name for name, _ in super().__iter__()])

    def getall(self, wanted: str) -> list[str]:
        return [value for name, value in super().__iter__() if name == wanted]


@attrs.frozen
class Signed:
    """A request as the provider makes it."""

    base: str
    path: str
    query: str
    pairs: list[tuple[str, str]]
    signature: str
    algorithm: str | None = None

    @property
    def url(self) -> str:
        return self.base + self.path + (f"?{self.query}" if self.query else "")

    @property
    def request(self) -> WebhookRequest:
        headers = [(SIGNATURE, self.signature)]
        if self.algorithm:
            headers.append((SETTINGS, f"key=k1,algorithm={self.algorithm}"))
        return WebhookRequest(urlencode(self.pairs).encode(), tuple(headers), self.path, self.query)


def sign(url: str, pairs: list[tuple[str, str]], algorithm: str | None = None, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, Pairs(pairs), algorithm))


@st.composite
def signed_requests(draw: st.DrawFn) -> Signed:
    base = draw(st.sampled_from(BASES))
    path = draw(st.sampled_from(["/inbound", "/status", "/"]))
    query = draw(st.sampled_from(["", "m=42", "m=a%20b&x=", "a=1&a=2"]))
    pairs = draw(st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=6))
    algorithm = draw(st.sampled_from([None, "HMAC_SHA256", "HMAC_SHA1"]))
    plain = Signed(base, path, query, pairs, "", algorithm)
    return attrs.evolve(plain, signature=sign(plain.url, pairs, algorithm))


def verdict(signed: Signed, configured: str) -> bool:
    check = SignatureCheck(configured, [TOKEN], {"k1": TOKEN})
    try:
        check.values(signed.request)
    except SignatureMismatch:
        return False
    return True


def oracle(signed: Signed, configured: str) -> bool:
    url = attrs.evolve(signed, base=configured).url
    return bool(RequestValidator(TOKEN).validate(url, Pairs(signed.pairs), signed.signature, signed.algorithm))


@given(signed_requests(), st.sampled_from(BASES))
def test_same_verdict_as_the_validator(signed: Signed, configured: str) -> None:
    """Genuine requests, whatever address is configured."""
    assert verdict(signed, configured) == oracle(signed, configured)
    assert verdict(signed, signed.base)


@given(signed_requests(), st.data())
def test_same_verdict_about_changed_requests(signed: Signed, data: st.DataObject) -> None:
    """A changed path, query, parameter, signature or algorithm."""
    changes: dict[str, st.SearchStrategy[Any]] = {
        "path": st.sampled_from(["/inbound/", "/INBOUND", "/inbound"]),
        "query": st.sampled_from(["m=43", "x=&m=a%20b", "m=a+b&x="]),
        "pairs": st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=6),
        "signature": TEXT | st.just(signed.signature[:-2] + "A="),
        "algorithm": st.sampled_from([None, "HMAC_SHA256", "HMAC_SHA1"]),
    }
    name = data.draw(st.sampled_from(sorted(changes)))
    changed = attrs.evolve(signed, **{name: data.draw(changes[name])})
    if changed.signature.isascii():  # the validator compares text
        assert verdict(changed, signed.base) == oracle(changed, signed.base)


def test_the_known_answer() -> None:
    """The example in Twilio's documentation."""
    pairs = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    headers = ((SIGNATURE, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),)
    request = WebhookRequest(urlencode(pairs).encode(), headers, "/myapp.php", "foo=1&bar=2")
    assert SignatureCheck("https://mycompany.com", ["12345"]).values(request) == dict(pairs)


# --- where the validator is wrong


def check(base: str = "https://example.com", **keys: str) -> SignatureCheck:
    return SignatureCheck(base, [TOKEN], keys)


def reason(request: WebhookRequest, base: str = "https://example.com", **keys: str) -> Mismatch | None:
    return check(base, **keys).mismatch(request, parse(request.body).signed)


def test_a_missing_header_is_a_mismatch() -> None:
    """The validator raises TypeError."""
    with pytest.raises(TypeError):
        RequestValidator(TOKEN).validate("https://example.com/", {}, None)
    assert reason(WebhookRequest(b"a=1")) is Mismatch.MISSING
    assert reason(WebhookRequest(b"a=1", ((SIGNATURE, ""),))) is Mismatch.MISSING
    with pytest.raises(SignatureMismatch, match="no X-Twilio-Signature") as caught:
        check().values(WebhookRequest(b"a=1"))
    assert caught.value.status == 403
    assert "proxy" in caught.value.hint


@pytest.mark.parametrize(
    ("configured", "called"),
    [
        ("https://user:word@example.com:8443/wa", "https://user:word@example.com/wa"),
        ("https://user:word@example.com:8443/wa", "https://example.com:8443/wa"),
        ("https://user:word@example.com:8443/wa", "https://example.com/wa"),
        ("https://[2001:db8::1]:8443/wa", "https://[2001:db8::1]/wa"),
        ("https://[2001:db8::1]/wa", "https://[2001:db8::1]:443/wa"),
        ("http://example.com/wa", "http://example.com:80/wa"),
    ],
)
def test_ports_user_names_and_ipv6(configured: str, called: str) -> None:
    """The validator cuts a host at its first colon."""
    request = WebhookRequest(b"a=1", ((SIGNATURE, sign(called + "/inbound", [("a", "1")])),), "/inbound")
    assert reason(request, configured) is None
    assert reason(request, "https://example.org/wa") is Mismatch.WRONG


def test_repeated_parameters_are_signed_once_each() -> None:
    signature = sign("https://example.com/x", [("a", "2"), ("a", "1"), ("a", "2")])
    request = WebhookRequest(b"a=2&a=1&a=2", ((SIGNATURE, signature),), "/x")
    assert reason(request) is None


def test_two_tokens_are_valid_while_they_are_exchanged() -> None:
    old = WebhookRequest(b"", ((SIGNATURE, sign("https://example.com/", [], token="old")),))
    new = WebhookRequest(b"", ((SIGNATURE, sign("https://example.com/", [], token="new")),))
    both = SignatureCheck("https://example.com", ["new", "old"])
    assert [both.mismatch(each, b"") for each in (old, new)] == [None, None]
    assert SignatureCheck("https://example.com", ["new"]).mismatch(old, b"") is Mismatch.WRONG


def test_headers_never_decide_the_address() -> None:
    signature = sign("https://evil.example/x", [("a", "1")])
    forwarded = (("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example"), ("host", "evil.example"))
    request = WebhookRequest(b"a=1", (*forwarded, (SIGNATURE, signature)), "/x")
    assert reason(request) is Mismatch.WRONG


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("key=k1,algorithm=HMAC_SHA256", None),
        (" algorithm = hmac_sha256 , key = k1 ", None),
        ("key=k2,algorithm=HMAC_SHA256", Mismatch.UNKNOWN_KEY),
        ("key=k1,algorithm=HMAC_MD5", Mismatch.UNKNOWN_ALGORITHM),
        ("key=k1", Mismatch.WRONG),
        ("algorithm=HMAC_SHA256", Mismatch.WRONG),
        ("", Mismatch.WRONG),
        (",,=,", Mismatch.WRONG),
    ],
)
def test_shared_keys(settings: str, expected: Mismatch | None) -> None:
    """The secret is chosen by the key's id; an unknown algorithm or key is refused."""
    signature = sign("https://example.com/x", [("a", "1")], "HMAC_SHA256", token="key-secret")
    request = WebhookRequest(b"a=1", ((SIGNATURE, signature), (SETTINGS, settings)), "/x")
    assert reason(request, k1="key-secret") is expected


def hashed(body: bytes, digest: str | None = None) -> WebhookRequest:
    query = "bodySHA256=" + (digest or hashlib.sha256(body).hexdigest())
    mac = hmac.new(TOKEN.encode(), f"https://example.com/x?{query}".encode(), "sha1")
    signature = base64.b64encode(mac.digest()).decode()
    headers = ((SIGNATURE, signature), ("content-type", "application/json"))
    return WebhookRequest(body, headers, "/x", query)


@pytest.mark.parametrize("body", [b'{"a": 1}', b"", b"\xff\xfe", b"a=%"])
def test_a_hashed_body_is_compared(body: bytes) -> None:
    """A body of any kind is covered by its hash in the query; the validator fails on bytes."""
    assert check().mismatch(hashed(body), b"") is None
    with pytest.raises(SignatureMismatch, match="hash"):
        check().values(attrs.evolve(hashed(body), body=body + b" "))
    with pytest.raises(SignatureMismatch, match="hash"):
        check().values(hashed(body, "0" * 64))


def test_a_json_body_without_a_hash_is_not_covered_by_the_address() -> None:
    """With an empty form the validator would check the address only and take any body."""
    signature = sign("https://example.com/x", [])
    request = WebhookRequest(b'{"a": 1}', ((SIGNATURE, signature), ("content-type", "application/json")), "/x")
    with pytest.raises(SignatureMismatch):
        check().values(request)


def test_get_webhooks_have_their_parameters_in_the_query() -> None:
    query = "MessageSid=SM1&Body=a+b"
    signature = sign(f"https://example.com/x?{query}", [])
    request = WebhookRequest(b"", ((SIGNATURE, signature),), "/x", query, "GET")
    assert check().values(request) == {"MessageSid": "SM1", "Body": "a b"}


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=30), st.binary(max_size=30))
def test_only_webhook_errors(given_: str, settings: str, path: str, query: str, body: bytes) -> None:
    """Whatever the headers, path, query and body are, nothing but a webhook error comes out."""
    request = WebhookRequest(body, ((SIGNATURE, given_), (SETTINGS, settings)), path, query)
    with pytest.raises((SignatureMismatch, MalformedWebhook)):
        check(k1="s").values(request)


def test_the_hint_shows_the_address_but_no_password() -> None:
    request = WebhookRequest(b"", ((SIGNATURE, "x"),))
    with pytest.raises(SignatureMismatch) as caught:
        check("https://user:word@example.com/wa").values(request)
    assert "example.com/wa" in str(caught.value)
    assert "word" not in str(caught.value)


@example(b"k" * 65, b"a", b"b", "sha1")
@example(b"k" * 64, b"a", b"b", "sha256")
@given(st.binary(max_size=100), st.binary(max_size=80), st.binary(max_size=80), st.sampled_from(["sha1", "sha256"]))
def test_a_code_that_was_begun_is_that_of_the_standard_library(key: bytes, one: bytes, two: bytes, kind: str) -> None:
    """Keys longer than a block are hashed first; one beginning serves many ends."""
    begun = Mac.begin(key, one, kind)
    assert [begun.end(two), begun.end(one), begun.end(two)] == [
        hmac.digest(key, one + each, kind) for each in (two, one, two)
    ]
    assert repr(begun) == "Mac()"
