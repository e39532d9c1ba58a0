"""The form decoder against the standard library."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, quote_plus, unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.errors import MalformedWebhook

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=8)


@st.composite
def encoded_forms(draw: st.DrawFn) -> tuple[list[tuple[str, str]], bytes]:
    """Return pairs, and a body that says them in one of the legal ways."""
    pairs = draw(PAIRS)
    safe = draw(st.sampled_from(["", "/", "!*'()~:@/?,;$"]))
    quoting = draw(st.sampled_from([quote, quote_plus]))
    text = "&".join(f"{quoting(name, safe)}={quoting(value, safe)}" for name, value in pairs)
    if draw(st.booleans()):
        text = re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)
    return pairs, text.encode()


@given(encoded_forms())
def test_legal_forms_are_read_as_they_were_written(form: tuple[list[tuple[str, str]], bytes]) -> None:
    pairs, body = form
    read = parse(body)
    assert read.values == dict(pairs)
    assert read.signed.decode() == "".join(name + value for name, value in sorted(set(pairs)))


@given(st.binary(max_size=40) | st.text("ab=&%+0123DCce\r\n\0\x01\u00e9", max_size=24).map(str.encode))
@example(b"a=b=c&d")
@example(b"a=%3D%3d&b==")
@example(b"a=%00")
@example(b"a=%00&b=%01c")
@example(b"a%00b&c=1")
@example(b"a=b%")
@example(b"a=%\n&b=%%3D")
@example(b"a\0=b\x01=c")
@example(b"&&a&=&")
def test_any_bytes_are_read_as_the_standard_library_does_or_refused(body: bytes) -> None:
    """Strict where the library guesses: broken escapes and bytes that are not UTF-8 are refused."""
    try:
        read = parse(body)
    except MalformedWebhook:
        assert re.search(rb"%(?![0-9A-Fa-f]{2})", body) or not decodes(unquote_to_bytes(body))
        return
    latin = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    expected = [(name.encode("latin-1").decode(), value.encode("latin-1").decode()) for name, value in latin]
    assert read.values == dict(expected)
    assert read.signed.decode() == "".join(name + value for name, value in sorted(set(expected)))


def decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("body", [b"a=%", b"a=%4", b"a=%zz", b"%=1", b"a=1&b=%\n"])
def test_broken_escapes_are_refused(body: bytes) -> None:
    with pytest.raises(MalformedWebhook, match="percent"):
        parse(body)


@pytest.mark.parametrize("body", [b"a=%FF", b"a=\xff", b"a=1&\xc3=2", b"a=%C3&b=%A9", b"a=%ED%A0%80"])
def test_what_is_not_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedWebhook, match="UTF-8"):
        parse(body)


def test_blank_values_are_kept_and_repeated_pairs_are_signed_once() -> None:
    assert parse(b"b=&a=").values == {"b": "", "a": ""}
    assert parse(b"a=2&a=1&a=2").signed == b"a1a2"
