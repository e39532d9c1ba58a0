"""Wrong settings are named; secrets stay secret; the table of error codes is data."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from typing import Any

import pytest

from wa_omnichannel.adapters.twilio import AsyncTwilioMedia, AsyncTwilioTransport, Secret, TwilioMedia, TwilioTransport
from wa_omnichannel.adapters.twilio.error_codes import ADVICE, UNKNOWN, advice
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.ports import AsyncMediaSource, AsyncTransport, MediaSource, Transport

GOOD: dict[str, Any] = {"account_sid": "AC" + "0" * 32, "auth_token": "t", "public_url": "https://example.com/wa/"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("account_sid", "SK" + "0" * 32),
        ("account_sid", ""),
        ("account_sid", "AC123"),
        ("auth_token", ""),
        ("auth_token", Secret("")),
        ("public_url", "example.com/wa"),
        ("public_url", "ftp://example.com"),
        ("public_url", "https://"),
        ("public_url", "https://exa mple.com"),
        ("public_url", "https://example.com/ñ"),
        ("public_url", "https://example.com?x=1"),
        ("public_url", "https://example.com/#rc=2"),
        ("public_url", "https://my_host.example.com"),
        ("public_url", "https://example.com:99999"),
        ("public_url", "https://[::1"),
        ("base_url", "api.twilio.com"),
        ("base_url", ""),
        ("api_key", ("PK" + "0" * 32, "x")),
        ("api_key", ("SK" + "0" * 32, "")),
        ("messaging_service_sid", "XX1"),
        ("timeouts", (0.0, 1.0)),
    ],
)
@pytest.mark.parametrize("kind", [TwilioTransport, AsyncTwilioTransport])
def test_a_wrong_setting_is_named(kind: type[Any], name: str, value: Any) -> None:
    with pytest.raises(InvalidValue) as caught:
        kind(**{**GOOD, name: value})
    assert caught.value.field == name
    assert caught.value.fix


def test_a_wrong_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidValue) as caught:
        TwilioTransport(**{**GOOD, "public_url": "https://user:word@example.com?x"})
    assert "word" not in str(caught.value)
    assert "example.com" in str(caught.value)


def test_addresses_to_configure_at_the_provider() -> None:
    transport = TwilioTransport(**GOOD)
    assert transport.inbound_url == "https://example.com/wa/inbound"
    assert transport.status_url == "https://example.com/wa/status"


def test_the_adapters_fit_the_ports() -> None:
    media = {name: GOOD[name] for name in ("account_sid", "auth_token")}
    transport: Transport = TwilioTransport(**GOOD)
    later: AsyncTransport = AsyncTwilioTransport(**GOOD)
    source: MediaSource = TwilioMedia(**media)
    later_source: AsyncMediaSource = AsyncTwilioMedia(**media)
    assert isinstance(transport, Transport)
    assert isinstance(later, AsyncTransport)
    assert isinstance(source, MediaSource)
    assert isinstance(later_source, AsyncMediaSource)


# --- secrets


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("word")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", "%s" % secret, repr([secret]), repr({1: secret})]  # noqa: UP031
    assert not [text for text in shown if "word" in text]
    assert secret.reveal() == Secret(secret).reveal() == "word"


@pytest.mark.parametrize("dump", [pickle.dumps, json.dumps, copy.deepcopy])
def test_a_secret_is_not_written(dump: Any) -> None:
    with pytest.raises(TypeError):
        dump(Secret("word"))


def test_secrets_compare_by_their_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("ñ")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


SECRETS: dict[str, Any] = {"auth_token": "hunter2", "api_key": ("SK" + "0" * 32, "hunter2")}
MORE_SECRETS: dict[str, Any] = {"shared_keys": {"k": "hunter2"}, "other_auth_tokens": ["hunter2"]}


def test_the_adapters_do_not_show_their_secrets() -> None:
    transport = TwilioTransport(**{**GOOD, **SECRETS, **MORE_SECRETS})
    media = TwilioMedia(account_sid=GOOD["account_sid"], **SECRETS)
    assert "hunter2" not in repr([vars(transport), vars(transport.signatures), vars(media)])


@pytest.mark.parametrize("kind", [TwilioTransport, AsyncTwilioTransport, TwilioMedia, AsyncTwilioMedia])
def test_a_wrong_setting_does_not_show_the_others(kind: type[Any]) -> None:
    """Error reporters print the local variables of every frame; those of ours hold no plain secret."""
    more = {} if "Media" in kind.__name__ else {**MORE_SECRETS, "public_url": GOOD["public_url"]}
    with pytest.raises(InvalidValue) as caught:
        kind(account_sid="wrong", **SECRETS, **more)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    ours = [repr(frame.f_locals) for frame in frames if "adapters" in frame.f_code.co_filename]
    assert len(ours) == 2
    assert not [text for text in ours if "hunter2" in text]


# --- error codes


def test_every_code_has_one_advice() -> None:
    from wa_omnichannel.adapters.twilio import error_codes

    codes = [code for group, _ in error_codes._GROUPS for code in group]
    assert len(codes) == len(set(codes)) == len(ADVICE)
    assert all(told.text.endswith(".") for told in ADVICE.values())


@pytest.mark.parametrize(
    ("code", "retryable"),
    [(20429, True), (63018, True), (63009, True), (63016, False), (21610, False), (20500, False), (63999, False)],
)
def test_what_may_be_repeated(code: int, retryable: bool) -> None:
    """Only what is known not to have been delivered; an unknown code is never repeated."""
    assert advice(code).retryable is retryable


def test_an_unknown_code() -> None:
    assert advice(63999) is UNKNOWN
