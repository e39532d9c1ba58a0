"""Files in both directions."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.emulator.behaviour import media as media_module

PNG = b"\x89PNG\r\n" + bytes(range(256))


def test_a_file_is_fetched_and_kept(twilio: Emulator, ana: Customer, send: Any, receiver: Any, client: Any) -> None:
    """A MediaUrl is really fetched; the record and the Media resource hold the same bytes."""
    ana.says("Hola")
    message = send(media_url=[receiver.serve("/a.png", "image/png", PNG)], body="caption")
    record = twilio.wait_for(message.sid, "delivered")
    assert message.sid.startswith("MM")
    assert message.num_media == "1"
    assert (record.media_bytes, record.rendered_body) == (PNG, "caption")
    (item,) = client.messages(message.sid).media.list()
    assert (item.content_type, item.parent_sid) == ("image/png", message.sid)
    assert client.messages(message.sid).media(item.sid).fetch().sid == item.sid


def test_a_caption_only_goes_with_an_image(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """The text beside a document does not reach the phone."""
    ana.says("Hola")
    message = send(media_url=[receiver.serve("/a.pdf", "application/pdf", b"%PDF-1.7")], body="caption")
    assert twilio.wait_for(message.sid, "delivered").rendered_body == ""


@pytest.mark.parametrize("case", ["wrong type", "HEAD differs", "not found", "empty", "too large", "nobody listens"])
def test_a_bad_file_fails_with_63019(
    twilio: Emulator,
    ana: Customer,
    send: Any,
    receiver: Any,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file WhatsApp cannot take fails the message by callback."""
    monkeypatch.setattr(media_module, "MAX_BYTES", 1000)
    urls = {
        "wrong type": receiver.serve("/a.gif", "image/gif", b"GIF89a"),
        "HEAD differs": receiver.serve("/b.png", "image/png", PNG, head_type="image/jpeg"),
        "not found": f"{receiver.url}/c.png",
        "empty": receiver.serve("/d.png", "image/png", b""),
        "too large": receiver.serve("/e.png", "image/png", bytes(1001)),
        "nobody listens": "http://127.0.0.1:9/f.png",
    }
    ana.says("Hola")
    message = send(media_url=[urls[case]])
    record = twilio.wait_for(message.sid, "failed")
    twilio.wait_idle()
    assert record.error_code == 63019
    assert receiver.forms("/status")[-1]["ErrorCode"] == "63019"


def test_inbound_files_can_be_downloaded(twilio: Emulator, ana: Customer, receiver: Any, client: Any) -> None:
    """The URL of an inbound file needs the account's credentials and serves the true content type."""
    ana.sends_media(PNG, "image/png", caption="mira")
    form = receiver.forms("/inbound")[0]
    assert (form["NumMedia"], form["Body"], form["MessageType"]) == ("1", "mira", "image")
    assert form["MediaContentType0"] == "image/png"
    url = form["MediaUrl0"]
    refused = requests.get(url, timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (401, 20003)
    assert refused.headers["WWW-Authenticate"].startswith("Basic")
    auth = (twilio.account_sid, twilio.auth_token)
    answer = requests.get(url, auth=auth, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "image/png", PNG)
    head = requests.head(url, auth=auth, timeout=5)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(PNG)))
    (item,) = client.messages(form["MessageSid"]).media.list()
    assert item.delete() is True
    assert requests.get(url, auth=auth, timeout=5).status_code == 404
