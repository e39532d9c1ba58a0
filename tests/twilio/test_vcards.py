"""Contact cards of strangers: read if they can be, never a failure, always bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.adapters.twilio.vcards import (
    MAX_BYTES,
    MAX_CARDS,
    MAX_LENGTH,
    MAX_VALUES,
    ContactCard,
    read_cards,
)

WHATSAPP = b"""BEGIN:VCARD\r
VERSION:3.0\r
N:Garc\xc3\xada;Ana;;;\r
FN:Ana Garc\xc3\xada\r
item1.TEL;waid=34600000001:+34 600 00 00 01\r
item1.X-ABLabel:Mobile\r
EMAIL;TYPE=work:ana@shop.exam\r
 ple\r
ORG:Tienda\\, S.L.;Ventas;\r
PHOTO;ENCODING=b:AAAA\r
END:VCARD\r
"""


def test_a_card_as_whatsapp_writes_it() -> None:
    assert read_cards(WHATSAPP) == (
        ContactCard(
            "Ana García", ("+34 600 00 00 01",), ("34600000001",), ("ana@shop.example",), "Tienda, S.L., Ventas"
        ),
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"BEGIN:VCARD\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Garc=C3=ADa;Ana\nEND:VCARD", "Ana García"),
        (b"BEGIN:VCARD\nfn:Ana\nend:vcard", "Ana"),
        (b"BEGIN:VCARD\nFN:A\\nB\x00\x1b[31m\\;C\nEND:VCARD", "A B[31m;C"),
        (b"BEGIN:VCARD\nFN:\xff\xfe\nEND:VCARD", "\ufffd\ufffd"),
    ],
)
def test_names(data: bytes, name: str) -> None:
    (card,) = read_cards(data)
    assert card.name == name


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCARD", b"END:VCARD", b"BEGIN:VCARD\nEND:VCARD", b"\x00", b"FN:x"])
def test_no_card(data: bytes) -> None:
    assert read_cards(data) == ()


def test_everything_is_bounded() -> None:
    card = b"BEGIN:VCARD\nFN:" + b"x" * 5000 + b"\n" + b"TEL:1\n" * 100 + b"END:VCARD\n"
    cards = read_cards(card * 200)
    assert len(cards) <= MAX_CARDS
    assert all(len(each.name) == MAX_LENGTH and len(each.phones) == MAX_VALUES for each in cards)
    assert read_cards(b"x" * MAX_BYTES + WHATSAPP) == ()


LINES = st.sampled_from(
    [b"BEGIN:VCARD", b"END:VCARD", b"FN:Ana", b"N:;;", b"TEL;waid=:", b"TEL;waid=12;X=:+1", b"EMAIL", b":", b";", b" x"]
)


@given(st.lists(LINES | st.binary(max_size=20), max_size=12).map(b"\n".join))
def test_anything_can_be_read(data: bytes) -> None:
    for card in read_cards(data):
        texts = (card.name, card.organisation, *card.phones, *card.whatsapp_ids, *card.emails)
        assert all(text.isprintable() and len(text) <= MAX_LENGTH for text in texts)
        assert any(texts)
