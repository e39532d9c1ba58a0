"""Every kind of webhook, as a file with its raw body and its meaning.

``evidence`` says whether the provider documents the parameters, or whether the case rests on what was seen
or is assumed; an unverified case fixes what we do, not what the provider promises.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from wa_omnichannel.adapters.twilio import webhook
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.messages import media_kind

FOLDER = Path(__file__).parents[1] / "golden" / "twilio"
CASES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def plain(value: Any) -> Any:
    """Turn what was read into what JSON can hold, with the names of the types; Twilio gives no instant (``at``)."""
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value))]
        fields = {name: plain(getattr(value, name)) for name in names if (name, getattr(value, name)) != ("at", None)}
        return {"type": type(value).__name__, **fields}
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", CASES)
def test_meaning(name: str) -> None:
    case = CASES[name]
    meaning = webhook.read(parse(case["body"].encode()).values, case["query"])
    assert plain(meaning) == case["expected"], case["about"]


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_lost(name: str) -> None:
    """Every value that is not blank is somewhere in the meaning, or repeats or counts what is there."""
    case = CASES[name]
    form = parse(case["body"].encode()).values
    text = json.dumps(plain(webhook.read(form, case["query"])), ensure_ascii=False)
    counted = {"NumMedia", "NumSegments", "ReferralNumMedia", "SmsStatus", "Forwarded", "FrequentlyForwarded"}
    numbers = {"Latitude", "Longitude"}
    lost = {
        name
        for name, value in form.items()
        if name not in counted | numbers
        and json.dumps(value, ensure_ascii=False)[1:-1].removeprefix("whatsapp:") not in text
    }
    assert not lost


def test_each_case_says_how_sure_it_is() -> None:
    assert {case["evidence"] for case in CASES.values()} == {"documented", "unverified"}


def test_every_kind_is_covered() -> None:
    kinds = {case["expected"].get("content", {}).get("type") for case in CASES.values()}
    assert {"Text", "Media", "Location", "ButtonReply", "ListReply", "FlowReply", "Unsupported", None} == kinds
    types = {case["expected"].get("content", {}).get("content_type") for case in CASES.values()} - {None}
    assert {media_kind(each).value for each in types} == {"image", "video", "audio", "document", "sticker", "contact"}


DOCUMENTED = """
    MessageSid SmsMessageSid SmsSid AccountSid MessagingServiceSid From To ExternalUserId Body NumMedia
    MediaUrl0 MediaContentType0 NumSegments ProfileName WaId ButtonText ButtonPayload ButtonType ListId
    ListTitle ListDescription InteractiveData FlowData ChannelMetadata Latitude Longitude Address Label
    Forwarded FrequentlyForwarded OriginalRepliedMessageSid OriginalRepliedMessageSender ReferralBody
    ReferralHeadline ReferralSourceId ReferralSourceType ReferralSourceUrl ReferralMediaId
    ReferralMediaContentType ReferralMediaUrl ReferralNumMedia ReferralCtwaClid MessageType SmsStatus ApiVersion
    FromCity FromState FromZip FromCountry ToCity ToState ToZip ToCountry MessageStatus ErrorCode ErrorUrl
    ChannelInstallSid ChannelPrefix ChannelStatusMessage EventType ChannelToAddress ChannelStatusCode
    ErrorMessage StructuredMessage
"""
"""Every parameter that the provider documents or that was ever seen on a webhook of WhatsApp."""


def test_every_parameter_has_a_case() -> None:
    seen = {name for case in CASES.values() for name, value in parse(case["body"].encode()).values.items() if value}
    assert not set(DOCUMENTED.split()) - seen
