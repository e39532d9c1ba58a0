"""Coverage-guided fuzzing of what reads strangers' bytes: forms, signatures, webhooks, contact cards.

Run by ``test_fuzz.py`` for a fixed number of inputs from a fixed seed, or by hand for as long as you like::

    python tests/fuzz/webhooks.py -max_total_time=600
"""

from __future__ import annotations

import base64
import hmac
import sys
from urllib.parse import parse_qsl

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

with atheris.instrument_imports(include=["wa_omnichannel.adapters.twilio"]):
    from wa_omnichannel.adapters.twilio import TwilioTransport
    from wa_omnichannel.adapters.twilio.forms import parse
    from wa_omnichannel.adapters.twilio.signature import SETTINGS, SIGNATURE
    from wa_omnichannel.adapters.twilio.signature_doctor import diagnose
    from wa_omnichannel.adapters.twilio.vcards import read_cards

from wa_omnichannel.errors import MalformedWebhook, WebhookError
from wa_omnichannel.webhooks import WebhookRequest

PUBLIC = "https://example.com/wa"
TRANSPORT = TwilioTransport(account_sid="AC" + "0" * 32, auth_token="token", public_url=PUBLIC)


def one_input(data: bytes) -> None:
    """Read *data* in every way; only webhook errors may come out."""
    read_cards(data)
    header = data[:40].decode("latin-1")
    _refused(WebhookRequest(data, ((SIGNATURE, header), (SETTINGS, header), ("host", header)), header, header))
    try:
        form = parse(data)
    except MalformedWebhook:
        return
    assert form.values == dict(parse_qsl(data.decode(), keep_blank_values=True))
    signature = base64.b64encode(hmac.digest(b"token", f"{PUBLIC}/inbound".encode() + form.signed, "sha1")).decode()
    try:
        TRANSPORT.read(WebhookRequest(data, ((SIGNATURE, signature),), "/inbound"))
    except MalformedWebhook:
        return


def _refused(request: WebhookRequest) -> None:
    try:
        TRANSPORT.read(request)
    except WebhookError:
        if len(request.body) % 64 == 0:  # the doctor is slow
            diagnose(TRANSPORT.signatures, request)
    else:
        raise AssertionError("a forged request was taken")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
