"""Both signature schemes, as Twilio's own validator judges them, and JSON webhooks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twilio.request_validator import (  # type: ignore[import-untyped]
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

from wa_omnichannel.emulator import Customer, Emulator, SharedKey

NUMBER = "+14155550100"
KEY = SharedKey("webhooks_sharedkey_1", "a shared secret")


def is_valid(receiver: Any, request: Any, secret: str, content: Any) -> bool:
    settings = request.headers.get(str(SIGNATURE_SETTINGS_HEADER).lower(), "")
    given = request.headers["x-twilio-signature"]
    algorithm = get_signature_algorithm(settings)
    return bool(RequestValidator(secret).validate(receiver.url + request.path, content, given, algorithm))


def test_a_shared_key_signs_with_sha_256(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """With a shared key every webhook names it and verifies with its secret only."""
    twilio.configure(shared_key=KEY)
    ana.says("¿Está listo?")
    send(body="Hi")
    twilio.wait_idle()
    assert len(receiver.received) == 3
    for request in receiver.received:
        settings = request.headers["x-twilio-webhooks-signature-settings"]
        assert settings == "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
        assert is_valid(receiver, request, KEY.secret, request.form)
        assert not is_valid(receiver, request, twilio.auth_token, request.form)


def test_the_account_token_is_the_default(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """Without a shared key no settings header is sent, and one that is taken away again is forgotten."""
    twilio.configure(shared_key=KEY)
    ana.says("uno")
    twilio.configure(shared_key=None)
    ana.says("dos")
    assert "x-twilio-webhooks-signature-settings" not in receiver.received[1].headers
    assert receiver.is_genuine(receiver.received[1])


@pytest.mark.parametrize("key", [None, KEY])
def test_json_webhooks_carry_the_hash_of_their_body(
    twilio: Emulator, ana: Customer, receiver: Any, key: SharedKey | None
) -> None:
    """A JSON webhook signs its URL, which holds bodySHA256; another body does not verify."""
    twilio.configure(webhook_format="json", shared_key=key)
    twilio.add_number(NUMBER, f"{receiver.url}/inbound?shop=1")
    ana.says("¿Está listo?")
    (request,) = receiver.received
    secret = key.secret if key else twilio.auth_token
    assert request.headers["content-type"] == "application/json"
    assert "?shop=1&bodySHA256=" in request.path
    assert json.loads(request.body)["Body"] == "¿Está listo?"
    assert is_valid(receiver, request, secret, request.body)
    assert not is_valid(receiver, request, secret, request.body + " ")
