"""From Meta's webhooks to messages, reports and notices."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.meta_double import ANA, APP_SECRET, NUMBER, NUMBER_ID, TOKEN, VERIFY, MetaDouble, signature_of

from wa_omnichannel.adapters.meta import AsyncMetaTransport, MetaTransport
from wa_omnichannel.errors import InvalidValue, MalformedWebhook, SignatureMismatch, WebhookError
from wa_omnichannel.messages import (
    ButtonReply,
    FlowReply,
    Inbound,
    ListReply,
    Location,
    Media,
    Notice,
    StatusReport,
    Text,
    Unsupported,
)
from wa_omnichannel.webhooks import Batch, WebhookRequest

SETTINGS: dict[str, Any] = {
    "access_token": TOKEN,
    "app_secret": APP_SECRET,
    "verify_token": VERIFY,
    "numbers": {NUMBER: NUMBER_ID},
}
META = MetaTransport(**SETTINGS)
DOUBLE = MetaDouble()
FILES = "https://graph.facebook.com/v23.0"


def read(request: WebhookRequest) -> tuple[Any, ...]:
    batch = META.read(request)
    assert (batch.answer.status, batch.answer.content_type) == (200, "text/plain; charset=utf-8")
    return batch.items


def message(**content: Any) -> Inbound:
    (item,) = read(DOUBLE.webhook(messages=[DOUBLE.message(**content)]))
    assert isinstance(item, Inbound)
    return item


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"type": "text", "text": {"body": "Hola 😀"}}, Text("Hola 😀")),
        (
            {"type": "image", "image": {"id": "77", "mime_type": "image/jpeg", "caption": "Mira"}},
            Media(f"{FILES}/77", "image/jpeg", "Mira"),
        ),
        (
            {"type": "document", "document": {"id": "78", "mime_type": "application/pdf", "filename": "a.pdf"}},
            Media(f"{FILES}/78", "application/pdf", "", "a.pdf"),
        ),
        (
            {"type": "audio", "audio": {"id": "7", "mime_type": "audio/ogg", "voice": True}},
            Media(f"{FILES}/7", "audio/ogg"),
        ),
        ({"type": "voice", "voice": {"id": "7", "mime_type": "audio/ogg"}}, Media(f"{FILES}/7", "audio/ogg")),
        ({"type": "sticker", "sticker": {"id": "7", "mime_type": "image/webp"}}, Media(f"{FILES}/7", "image/webp")),
        ({"type": "video", "video": {"id": "7"}}, Media(f"{FILES}/7", "application/octet-stream")),
        (
            {"type": "location", "location": {"latitude": 40.4, "longitude": -3.7, "name": "Sol", "address": "Madrid"}},
            Location(40.4, -3.7, "Sol", "Madrid"),
        ),
        ({"type": "button", "button": {"text": "Sí", "payload": "yes"}}, ButtonReply("Sí", "yes")),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "y", "title": "Sí"}},
            },
            ButtonReply("Sí", "y"),
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "A", "description": "B"}},
            },
            ListReply("1", "A", "B"),
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": '{"a": 1}'}},
            },
            FlowReply('{"a": 1}'),
        ),
        (
            {"type": "unsupported", "errors": [{"code": 131051, "title": "Unsupported message type"}]},
            Unsupported("Unsupported message type", "unsupported"),
        ),
        ({"type": "order", "order": {"catalog_id": "c"}}, Unsupported("unknown kind", "order")),
        # what says to be a kind and is not
        ({"type": "text", "text": 7}, Unsupported("unknown kind", "text")),
        ({"type": "location", "location": {"latitude": 91, "longitude": 0}}, Unsupported("unknown kind", "location")),
        ({"type": "image", "image": {"id": "../me"}}, Unsupported("unknown kind", "image")),
        ({"type": "interactive", "interactive": {"type": "new"}}, Unsupported("unknown kind", "interactive")),
    ],
)
def test_every_kind_of_message(content: dict[str, Any], expected: object) -> None:
    found = message(**content)
    assert found.content == expected
    assert (found.number, found.addresses, found.profile_name) == (NUMBER, (ANA,), "Ana")
    assert found.at == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_is_not_interpreted_is_kept() -> None:
    found = message(type="order", order={"catalog_id": "c"}, odd={"b": 1})
    assert found.extra == {"order": '{"catalog_id":"c"}', "odd": '{"b":1}'}


def test_a_reaction_is_an_emoji_in_answer_to_a_message() -> None:
    found = message(type="reaction", reaction={"message_id": "wamid.out1", "emoji": "👍"})
    assert (found.content, found.quoted_sid) == (Text("👍"), "wamid.out1")


def test_a_quote_a_forward_and_an_advertisement() -> None:
    context = {"id": "wamid.out1", "frequently_forwarded": True}
    referral = {"source_url": "https://fb.me/x", "source_id": "1", "source_type": "ad", "ctwa_clid": "click"}
    found = message(
        type="text", text={"body": "Hola"}, context=context, referral={**referral, "image_url": "https://x"}
    )
    assert (found.quoted_sid, found.forwarded) == ("wamid.out1", True)
    assert found.referral == {
        "source_url": "https://fb.me/x",
        "source_id": "1",
        "source_type": "ad",
        "click_id": "click",
        "media_url": "https://x",
    }


def test_somebody_who_hides_their_number_is_answered_by_user_id() -> None:
    """The phone comes first where it is shown, because answers go there."""
    text = {"type": "text", "text": {"body": "Hi"}, "timestamp": "1767225600", "id": "wamid.9"}
    hidden = DOUBLE.webhook(contacts=[{"user_id": "US.1234"}], messages=[{**text, "from_user_id": "US.1234"}])
    (found,) = read(hidden)
    assert found.addresses == ("US.1234",)
    both = DOUBLE.webhook(
        contacts=[{"wa_id": "34600000001", "user_id": "ES.99"}], messages=[{**text, "from": "34600000001"}]
    )
    (found,) = read(both)
    assert found.addresses == (ANA, "ES.99")


def test_a_batch_of_messages_statuses_and_errors_keeps_its_order() -> None:
    """One body, several entries and changes; what cannot be read hides nothing else."""
    first, second = DOUBLE.message(type="text", text={"body": "1"}), DOUBLE.message(type="text", text={"body": "2"})
    status = {"id": "wamid.out1", "status": "read", "timestamp": "1767225600", "biz_opaque_callback_data": "m-1"}
    body = DOUBLE.body(
        DOUBLE.change(messages=[first, {"id": "x", "type": "text"}, second, first], statuses=[status]),
        DOUBLE.change(errors=[{"code": 130429, "title": "Rate limit hit"}]),
        DOUBLE.change("message_template_status_update", event="APPROVED"),
    )
    items = read(DOUBLE.signed(json.dumps(body).encode()))
    assert [type(item) for item in items] == [Inbound, Notice, Inbound, StatusReport, Notice, Notice]
    assert [item.content for item in items if isinstance(item, Inbound)] == [Text("1"), Text("2")]
    assert [item.kind for item in items if isinstance(item, Notice)] == [
        "unreadable",
        "account_error",
        "message_template_status_update",
    ]
    report = items[3]
    assert (report.sid, report.status, report.message_id, report.error_code) == ("wamid.out1", "read", "m-1", None)


def test_a_failed_status_says_why() -> None:
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours"}}
    (report,) = read(DOUBLE.status("wamid.out1", "m-1", "failed", errors=[error]))
    assert (report.error_code, report.error_message) == (131047, "More than 24 hours")


@pytest.mark.parametrize(
    "broken",
    [
        {"from": "bla"},
        {"from": None},
        {"timestamp": "asdf"},
        {"timestamp": "99999999999999"},
        {"id": ""},
        {"group_id": "5"},
        {"type": "system"},
    ],
)
def test_what_is_no_customers_message_becomes_a_notice(broken: dict[str, Any]) -> None:
    said = {**DOUBLE.message(type="text", text={"body": "Hola"}), **broken}
    (item,) = read(DOUBLE.webhook(contacts=[], messages=[said]))
    assert isinstance(item, Notice)
    assert json.loads(item.data) == said


def test_an_unknown_number_is_read_from_its_display_form() -> None:
    metadata = {"display_phone_number": "+44 20 7946 0018", "phone_number_id": "9"}
    (item,) = read(DOUBLE.webhook(metadata=metadata, messages=[DOUBLE.message(type="text", text={"body": "Hi"})]))
    assert item.number == "+442079460018"


NAMES = [
    "entry",
    "changes",
    "value",
    "field",
    "messages",
    "statuses",
    "errors",
    "contacts",
    "id",
    "from",
    "type",
    "text",
    "body",
    "timestamp",
    "metadata",
    "interactive",
    "image",
    "status",
    "code",
    "profile",
]


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)


LEAVES = st.none() | st.integers() | st.text() | st.floats(allow_nan=False)


@given(st.recursive(LEAVES, nested, max_leaves=30))
def test_no_body_makes_it_fail(value: Any) -> None:
    """Whatever is where something else belongs, what comes out can be written as UTF-8."""
    entry = {"changes": [{"field": "messages", "value": value}, value]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry, value]}).encode()
    for item in META.read(DOUBLE.signed(body)).items:
        str(attrs.asdict(item)).encode()


@given(st.binary(max_size=200))
def test_garbage_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedWebhook):
        META.read(DOUBLE.signed(body))


# --- signatures


@given(st.binary(max_size=300), st.integers(0, 299), st.integers(1, 255))
def test_one_changed_byte_is_noticed(body: bytes, place: int, change: int) -> None:
    forged = bytearray(body or b"x")
    forged[place % len(forged)] ^= change
    header = (("x-hub-signature-256", signature_of(body or b"x")),)
    with pytest.raises(SignatureMismatch):
        META.read(WebhookRequest(bytes(forged), header))


@pytest.mark.parametrize("header", ["", "sha256=", "sha1=abc", "sha256=" + "é" * 64, "sha256=" + "0" * 64])
def test_a_wrong_signature_is_refused(header: str) -> None:
    request = attrs.evolve(DOUBLE.inbound("Hola"), headers=(("x-hub-signature-256", header),))
    with pytest.raises(SignatureMismatch):
        META.read(request)


def test_secrets_are_exchanged_without_a_gap() -> None:
    both = MetaTransport(**{**SETTINGS, "app_secret": "new", "other_app_secrets": [APP_SECRET]})
    assert both.read(DOUBLE.inbound("Hola")).items
    with pytest.raises(SignatureMismatch):
        MetaTransport(**{**SETTINGS, "app_secret": "new"}).read(DOUBLE.inbound("Hola"))


def question(query: str) -> WebhookRequest:
    return WebhookRequest(b"", (), "/meta", query, "GET")


def test_the_question_at_the_set_up_gets_its_challenge_back() -> None:
    batch = META.read(question(f"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY}"))
    assert batch == Batch((), attrs.evolve(batch.answer, status=200, body=b"1158201444"))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
        f"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token={VERIFY}",
        f"hub.mode=subscribe&hub.verify_token={VERIFY}",
    ],
)
def test_any_other_question_is_refused(query: str) -> None:
    with pytest.raises(WebhookError):
        META.read(question(query))


def test_an_empty_verify_token_verifies_nobody() -> None:
    open_door = MetaTransport(**{**SETTINGS, "verify_token": ""})
    with pytest.raises(SignatureMismatch):
        open_door.read(question("hub.mode=subscribe&hub.challenge=1&hub.verify_token="))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("access_token", {"access_token": ""}),
        ("app_secret", {"app_secret": ""}),
        ("numbers", {"numbers": {NUMBER: "+1415"}}),
        ("number", {"numbers": {"14155550100": "1"}}),
        ("version", {"version": "23"}),
        ("base_url", {"base_url": "graph.facebook.com"}),
        ("timeouts", {"timeouts": (0, 1)}),
    ],
)
def test_wrong_settings_are_named(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue) as caught:
        MetaTransport(**{**SETTINGS, **changes})
    assert caught.value.field == field


def test_no_secret_is_shown() -> None:
    shown = repr(vars(META)) + repr(vars(AsyncMetaTransport(**SETTINGS)))
    assert not any(secret in shown for secret in (TOKEN, APP_SECRET, VERIFY))
