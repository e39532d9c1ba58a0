"""The webhooks that the kit makes are what the library reads and what Twilio's own check accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import SignatureMismatch
from wa_omnichannel.messages import (
    ButtonReply,
    FlowReply,
    Inbound,
    ListReply,
    Location,
    Media,
    StatusReport,
    Text,
    Unsupported,
)
from wa_omnichannel.testing import strategies as wa
from wa_omnichannel.testing.strategies.forms import KINDS
from wa_omnichannel.webhooks import WebhookRequest

PUBLIC, TOKEN = "https://shop.example/whatsapp", "token-of-the-kit"
TRANSPORT = TwilioTransport(account_sid="AC" + "0" * 32, auth_token=TOKEN, public_url=PUBLIC)
MEANINGS = {
    "text": Text,
    "button": ButtonReply,
    "list": ListReply,
    "flow": FlowReply,
    "location": Location,
    "reaction": Unsupported,
    "unknown": Unsupported,
    **dict.fromkeys(("image", "sticker", "video", "audio", "document", "contacts"), Media),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
def test_peers_case_14_every_kind_is_read_as_what_it_is(kind: str, data: st.DataObject) -> None:
    """A message is recognised by its own fields, never by whether it has a text."""
    form = data.draw(wa.inbound_forms(kinds=st.just(kind)))
    meaning = TRANSPORT.read(wa.posted(form, "/inbound", public_url=PUBLIC, secret=TOKEN))
    assert isinstance(meaning, Inbound)
    assert isinstance(meaning.content, MEANINGS[kind])
    assert meaning.sid == form["MessageSid"]


@given(form=wa.inbound_forms(customers=wa.user_ids()))
def test_peers_case_8_a_sender_without_a_phone_number_is_not_dropped(form: dict[str, str]) -> None:
    meaning = TRANSPORT.read(wa.posted(form, "/inbound", public_url=PUBLIC, secret=TOKEN))
    assert isinstance(meaning, Inbound)
    assert Address(form["From"].removeprefix("whatsapp:")) in meaning.addresses


@given(form=wa.status_forms(), own=st.text("abc", min_size=1, max_size=5))
def test_peers_case_21_every_status_is_read_also_words_of_tomorrow(form: dict[str, str], own: str) -> None:
    meaning = TRANSPORT.read(wa.posted(form, "/status", query=f"m={own}", public_url=PUBLIC, secret=TOKEN))
    assert isinstance(meaning, StatusReport)
    assert (meaning.sid, meaning.status, meaning.message_id) == (form["MessageSid"], form["MessageStatus"], own)


@given(form=wa.inbound_forms() | wa.status_forms())
def test_the_signature_is_twilios(form: dict[str, str]) -> None:
    made = wa.signature(f"{PUBLIC}/inbound", form, TOKEN)
    assert RequestValidator(TOKEN).validate(f"{PUBLIC}/inbound", form, made)


@given(request=wa.webhook_requests())
def test_an_unsigned_one_is_refused(request: WebhookRequest) -> None:
    with pytest.raises(SignatureMismatch):
        TRANSPORT.read(request)


@given(form=wa.inbound_forms(extra={"Body": "mine", "Own": "1"}))
def test_own_data_is_kept(form: dict[str, str]) -> None:
    assert (form["Body"], form["Own"]) == ("mine", "1")
    meaning = TRANSPORT.read(wa.posted(form, "/inbound", public_url=PUBLIC, secret=TOKEN))
    assert isinstance(meaning, Inbound)
    assert meaning.extra["Own"] == "1"
