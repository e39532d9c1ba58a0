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


def test_a_download_leads_to_a_second_host(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """With the redirect option a 307 leads to a signed URL elsewhere, which needs no credentials and ends after 4 h."""
    twilio.configure(media_redirect=True)
    twilio.clock.freeze()
    ana.sends_media(PNG, "image/png")
    url = receiver.forms("/inbound")[0]["MediaUrl0"]
    auth = (twilio.account_sid, twilio.auth_token)
    assert requests.get(url, timeout=5, allow_redirects=False).status_code == 401
    first = requests.get(url, auth=auth, timeout=5, allow_redirects=False)
    location = first.headers["Location"]
    assert first.status_code == 307
    assert location.startswith(twilio.world.media_host)
    assert not location.startswith(twilio.base_url)
    assert requests.get(location, timeout=5).content == PNG
    assert [each.authorized for each in twilio.requests] == [False, True, False]
    assert requests.get(location + "0", timeout=5).status_code == 403
    assert requests.get(location.replace("Expires=", "Expires=9"), timeout=5).status_code == 403
    twilio.clock.advance(hours=4, seconds=1)
    assert requests.get(location, timeout=5).status_code == 403


def test_a_file_may_come_late(twilio: Emulator, ana: Customer, receiver: Any) -> None:
    """In the first moments after the webhook a download may find nothing."""
    twilio.faults.hide_media(times=2)
    ana.sends_media(PNG, "image/png")
    url = receiver.forms("/inbound")[0]["MediaUrl0"]
    auth = (twilio.account_sid, twilio.auth_token)
    statuses = [requests.get(url, auth=auth, timeout=5).status_code for _ in range(3)]
    assert statuses == [404, 404, 200]


def test_a_large_image_fails_with_63034(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """An image above 5 MB is too large although other files may have 16 MB."""
    ana.says("Hola")
    image = send(media_url=[receiver.serve("/big.png", "image/png", bytes(5 * 1024 * 1024 + 1))])
    video = send(media_url=[receiver.serve("/big.mp4", "video/mp4", bytes(5 * 1024 * 1024 + 1))])
    assert twilio.wait_for(image.sid, "failed").error_code == 63034
    twilio.wait_for(video.sid, "delivered")
