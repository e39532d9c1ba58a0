"""Masking rules hide from agents and transcripts, and never change what was said (MSK-1)."""

from __future__ import annotations

import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import ANA, NOW, NUMBER, shop

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.patterns import shipped_masks, spans
from wa_omnichannel.attachments import Party
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.masking import Masking, MaskRule
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    FlowReply,
    Inbound,
    ListReply,
    Location,
    Media,
    TemplateMessage,
    Text,
    Unsupported,
)
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.testing.fakes import RecordingTransport

SHIPPED = Masking(shipped_masks())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mi tarjeta: 4111 1111 1111 1111, gracias", "Mi tarjeta: ###################, gracias"),
        ("4111-1111-1111-1111", "###################"),
        ("4222222222222", "#############"),
        ("escriba a ana.maria+x@correo.example.com ya", "escriba a ############################## ya"),
        ("SSN 078-05-1120", "SSN ###########"),
        ("Pedido 4711 de 2026-05-01, 12 unidades", "Pedido 4711 de 2026-05-01, 12 unidades"),
        ("😀 078-05-1120 ñ", "😀 ########### ñ"),
        ("", ""),
    ],
)
def test_the_shipped_rules_of_msk_1(text: str, shown: str) -> None:
    """MSK-1: card numbers, e-mail addresses, social security numbers; the mask is ``#``."""
    assert SHIPPED.text(text, Party.CUSTOMERS) == shown


def test_rules_apply_to_customers_agents_or_both_and_only_when_active() -> None:
    """MSK-1."""
    digits = spans(r"\d+")
    mine = Masking([MaskRule("digits", digits, [Party.CUSTOMERS])])
    assert mine.text("12", Party.CUSTOMERS) == "##"
    assert mine.text("12", Party.AGENTS) == "12"
    off = Masking([MaskRule("digits", digits, active=False)])
    assert off.text("12", Party.CUSTOMERS) == "12"


def test_there_are_at_most_ten_rules() -> None:
    """MSK-1."""
    rule = shipped_masks()[0]
    Masking([rule] * 10)
    with pytest.raises(InvalidValue):
        Masking([rule] * 11)


def test_overlapping_rules_hide_what_any_of_them_finds() -> None:
    masking = Masking([MaskRule("a", spans("abcd")), MaskRule("b", spans("cdef"))])
    assert masking.text("xabcdefx", Party.AGENTS) == "x######x"


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (Text("a@b.co"), Text("######")),
        (Media("u", "image/png", "a@b.co", "a@b.co"), Media("u", "image/png", "######", "######")),
        (Location(1, 2, "a@b.co", "a@b.co"), Location(1, 2, "######", "######")),
        (ButtonReply("a@b.co", "a@b.co"), ButtonReply("######", "######")),
        (ListReply("1", "a@b.co", "a@b.co"), ListReply("1", "######", "######")),
        (FlowReply('{"mail": "a@b.co"}'), FlowReply('{"mail": "######"}')),
        (TemplateMessage("t", {"1": "a@b.co"}, "es"), TemplateMessage("t", {"1": "######"}, "es")),
        (Unsupported("x"), Unsupported("x")),
    ],
)
def test_every_kind_of_content_is_masked(content: Content, shown: Content) -> None:
    assert SHIPPED.content(content, Party.CUSTOMERS) == shown


@given(st.text())
def test_the_length_stays_and_twice_is_once(text: str) -> None:
    once = SHIPPED.text(text, Party.CUSTOMERS)
    assert len(once) == len(text)
    assert all(shown in ("#", letter) for shown, letter in zip(once, text, strict=True))
    assert SHIPPED.text(once, Party.CUSTOMERS) == once


def test_no_text_makes_it_hang() -> None:
    """What takes a backtracking engine for ever is a text like any other here."""
    for bomb in ("1 " * 20_000 + "x", "a" * 40_000 + "@", "a@" + "a." * 20_000 + "!"):
        assert len(SHIPPED.text(bomb, Party.CUSTOMERS)) == len(bomb)


def test_rules_can_be_pickled() -> None:
    copy = pickle.loads(pickle.dumps(SHIPPED))
    assert copy.text("a@b.co", Party.AGENTS) == "######"


def test_agents_and_transcripts_do_not_see_it_and_nothing_else_changes() -> None:
    """Seed 25: masking on async hides from agent and transcript, never alters what the customer sent (MSK-1)."""
    clock = FixedClock(NOW)
    provider = RecordingTransport(clock)
    desk = Omnichannel(attrs.evolve(shop(), masking=SHIPPED), store=MemoryStore(), transport=provider, clock=clock)
    desk.receive(provider.webhook(Inbound("SM1", NUMBER, (ANA,), Text("Mi correo es a@b.co"))))
    (listing,) = desk.conversations()
    conversation = listing.conversation.id
    desk.reply(conversation, Text("¿a@b.co?"))
    assert [each.content for each in desk.messages(conversation)] == [Text("Mi correo es a@b.co"), Text("¿a@b.co?")]
    assert [each.content for each in desk.messages(conversation, masked=True)] == [
        Text("Mi correo es ######"),
        Text("¿######?"),
    ]
    assert provider.handed[0].outgoing.content == Text("¿a@b.co?")
    plain, shown = (str(desk.timeline(conversation, masked=masked)) for masked in (False, True))
    assert "a@b.co" in plain
    assert "a@b.co" not in shown
