"""The Content API's form: what is read is what was written, and bad entries are named."""

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.templates import KINDS, Approval, Button, ButtonKind, Category, Kind, Translation, Variable
from wa_omnichannel.templates.wire import read_content, read_type, write_content, write_type

AT = datetime(2026, 1, 1, tzinfo=UTC)
SID = "HX" + "0" * 32
texts = st.text("ab {}1", max_size=8)


@st.composite
def translations(draw: st.DrawFn) -> Translation:
    kind: Kind = draw(st.sampled_from(list(KINDS.values())))
    extra = [field for field in kind.fields if field not in ("body", "actions", kind.header, kind.footer, kind.media)]
    buttons = st.builds(Button, st.sampled_from(sorted(kind.buttons, key=str)), texts, texts) if kind.buttons else None
    return Translation(
        "es",
        draw(texts),
        kind=kind.name,
        header=draw(texts) if kind.header else "",
        footer=draw(texts) if kind.footer else "",
        media=draw(texts) if kind.media else "",
        buttons=tuple(draw(st.lists(buttons, max_size=3))) if buttons is not None else (),
        declared=tuple(Variable(name, sample=name) for name in draw(st.lists(st.sampled_from("123"), unique=True))),
        fields=draw(st.dictionaries(st.sampled_from(extra), texts)) if extra else {},
    )


@given(translations())
def test_what_is_written_is_read_again_for_every_content_type(translation: Translation) -> None:
    samples = {variable.name: variable.sample for variable in translation.declared}
    assert read_type("es", translation.kind, write_type(translation), samples) == translation


@given(translations())
def test_a_created_content_comes_back_from_the_list(translation: Translation) -> None:
    asked = {**write_content("hola", translation), "sid": SID}
    held = read_content(asked, AT)
    assert held.name == "hola"
    assert held.category is None
    assert (held.translation.approval.state, held.translation.approval.read_at) == (Approval.UNSUBMITTED, AT)
    assert attrs.evolve(held.translation, approval=Approval.UNSUBMITTED, content_sid=None) == translation


ENTRY: dict[str, Any] = {
    "sid": SID,
    "friendly_name": "Order ready",
    "language": "es_MX",
    "variables": {"1": "Ana"},
    "types": {
        "twilio/schedule": {"id": "x", "title": "y", "timeSlots": "z"},
        "twilio/media": {"body": "Hola {{1}}", "media": ["https://example.com/a.jpg", "https://example.com/b.jpg"]},
        "twilio/text": {"body": "Hola"},
    },
    "approval_requests": {
        "name": "order_ready",
        "category": "TRANSACTIONAL",
        "content_type": "twilio/media",
        "status": "rejected",
        "rejection_reason": "INVALID_FORMAT",
    },
}


def test_an_entry_with_its_approval() -> None:
    held = read_content(ENTRY, AT)
    assert (held.name, held.content_sid, held.category) == ("order_ready", SID, Category.UTILITY)
    read = held.translation
    assert (read.language, read.kind, read.media) == ("es_MX", "twilio/media", "https://example.com/a.jpg")
    assert read.fields == {"media": ["https://example.com/b.jpg"]}
    assert (read.approval.state, read.approval.reason) == (Approval.REJECTED, "INVALID_FORMAT")


def test_without_a_submitted_type_the_first_that_whatsapp_carries_counts() -> None:
    entry = {name: value for name, value in ENTRY.items() if name != "approval_requests"}
    assert read_content(entry, AT).translation.kind == "twilio/media"
    only = {"twilio/schedule": ENTRY["types"]["twilio/schedule"]}
    assert read_content({**entry, "types": only}, AT).translation.kind == "twilio/schedule"


def test_the_button_of_an_authentication_template() -> None:
    fields = {"actions": [{"type": "COPY_CODE", "copy_code_text": "Copy"}], "code_expiration_minutes": 5}
    read = read_type("en", "whatsapp/authentication", fields, {})
    assert read.buttons == (Button(ButtonKind.COPY_CODE, "Copy"),)
    assert write_type(read) == fields


BROKEN: dict[str, dict[str, Any]] = {
    "sid": {"sid": None},
    "friendly_name": {"friendly_name": "", "approval_requests": {}},
    "language": {"language": 7},
    "types": {"types": {}},
    "types.twilio/text": {"types": {"twilio/text": "Hola"}, "approval_requests": {}},
    "variables": {"variables": ["1"]},
    "approval_requests": {"approval_requests": "approved"},
    "actions": {"types": {"twilio/quick-reply": {"body": "a", "actions": "b"}}},
    "actions.type": {"types": {"twilio/card": {"body": "a", "actions": [{"type": "DANCE"}]}}},
    "media": {"types": {"twilio/media": {"media": 7}}},
    "content_sid": {"sid": "SM" + "0" * 32},
}


@pytest.mark.parametrize("field", BROKEN)
def test_a_broken_entry_names_the_field(field: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        read_content({**ENTRY, **BROKEN[field]}, AT)
    assert raised.value.field == field
