"""Fetching customers' files in both colours."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from tests.twilio.conftest import ACCOUNT, Blocking, RawServer, reply

from wa_omnichannel._net import blocking, coroutine
from wa_omnichannel._net.network import is_public
from wa_omnichannel.adapters.twilio import media as media_module
from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.errors import MediaRefused, MediaUnavailable

Colour = Callable[..., Blocking]
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'2' * 32}/Media/ME{'3' * 32}"
DATA = bytes(range(256)) * 1000


def url_of(twilio: Emulator) -> str:
    sid = twilio.messages[-1].sid
    return f"{twilio.base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{twilio.messages[-1].media[0].sid}"


def test_a_file_is_fetched(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    ana.sends_media(DATA, "image/jpeg")
    assert colour(base_url=twilio.base_url).fetch(url_of(twilio)) == ("image/jpeg", DATA)


def test_a_file_that_comes_a_little_later(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    """404 right after the webhook, then 200 (must-pass 15)."""
    ana.sends_media(DATA, "image/jpeg")
    twilio.faults.fail_next(404, method="GET")
    side = colour(base_url=twilio.base_url)
    with pytest.raises(MediaUnavailable) as caught:
        side.fetch(url_of(twilio))
    assert caught.value.retryable
    assert caught.value.http_status == 404
    assert side.fetch(url_of(twilio))[1] == DATA


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("http://", "https://"),
        lambda url: url.replace("127.0.0.1", "localhost"),
        lambda url: url.replace("127.0.0.1", "127.0.0.1@evil.example"),
        lambda url: url.replace("127.0.0.1", "evil.example:80/127.0.0.1"),
        lambda url: url.replace(ACCOUNT, "AC" + "b2" * 16),
        lambda url: url.replace("/Media/", "/Media/../"),
        lambda url: url + "?x=1",
        lambda url: url + "#x",
        lambda url: url + "\n",
        lambda url: url + ".json",
        lambda url: url.upper(),
        lambda _: "file:///etc/passwd",
        lambda _: "",
    ],
)
def test_only_files_of_the_account_are_asked_for(colour: Colour, raw: RawServer, change: Callable[[str], str]) -> None:
    with pytest.raises(MediaRefused) as caught:
        colour(base_url=raw.url).fetch(change(raw.url + PATH))
    assert not caught.value.retryable
    assert not raw.seen


def redirecting(raw: RawServer, target: str, status: int = 307) -> Callable[[Any], None]:
    def answer(handler: Any) -> None:
        if handler.path.startswith("/2010"):
            reply(handler, status, Location=target)
        else:
            reply(handler, 200, DATA, Content_Type="image/png")

    return answer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_without_credentials(colour: Colour, raw: RawServer, status: int) -> None:
    raw.answer = redirecting(raw, "/files/x?signature=1", status)
    assert colour(base_url=raw.url).fetch(raw.url + PATH) == ("image/png", DATA)
    first, second = raw.seen
    assert first.headers["Authorization"].startswith("Basic ")
    assert "Authorization" not in second.headers
    assert "Cookie" not in second.headers


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "http://mms.twiliocdn.com/x",
        "https://mms.twiliocdn.com:8443/x",
        "https://twiliocdn.com.evil.example/x",
        "https://eviltwiliocdn.com/x",
        "https://twiliocdn.com@evil.example/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://[::1",
        "https://x:99999/",
    ],
)
def test_a_redirect_elsewhere_is_refused(colour: Colour, raw: RawServer, target: str) -> None:
    raw.answer = redirecting(raw, target)
    with pytest.raises(MediaRefused, match="redirect"):
        colour(base_url=raw.url).fetch(raw.url + PATH)
    assert len(raw.seen) == 1


def test_a_second_redirect_is_refused(colour: Colour, raw: RawServer) -> None:
    raw.answer = lambda handler: reply(handler, 307, Location="/again")
    with pytest.raises(MediaRefused, match="another redirect"):
        colour(base_url=raw.url).fetch(raw.url + PATH)
    assert len(raw.seen) == 2


def test_a_file_host_with_a_private_address_is_refused(
    colour: Colour, raw: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A known host name that leads into our own network: nothing is written to it."""
    monkeypatch.setattr(media_module, "is_loopback", lambda _: False)
    raw.answer = redirecting(raw, "/files/x")
    with pytest.raises(MediaUnavailable):
        colour(base_url=raw.url.replace("127.0.0.1", "localhost")).fetch(
            raw.url.replace("127.0.0.1", "localhost") + PATH
        )
    assert [each.path for each in raw.seen] == [PATH]


def test_a_file_host_with_a_public_address_is_asked(
    colour: Colour, raw: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same redirect, once the address counts as public."""
    monkeypatch.setattr(media_module, "is_loopback", lambda _: False)
    for module in (blocking, coroutine):
        monkeypatch.setattr(module, "is_public", lambda _: True)
    raw.answer = redirecting(raw, "/files/x")
    here = raw.url.replace("127.0.0.1", "localhost")
    assert colour(base_url=here).fetch(here + PATH) == ("image/png", DATA)


def test_a_tls_connection_looks_at_the_address_too(raw: RawServer) -> None:
    with blocking.new_session(None, blocking.PublicAdapter()) as session, pytest.raises(OSError, match="private"):
        session.get(raw.url.replace("http:", "https:"), timeout=1)
    assert not raw.seen


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(
    ("status", "error", "retryable"),
    [
        (400, MediaRefused, False),
        (401, MediaRefused, False),
        (403, MediaRefused, False),
        (410, MediaRefused, False),
        (404, MediaUnavailable, True),
        (429, MediaUnavailable, True),
        (500, MediaUnavailable, True),
        (503, MediaUnavailable, True),
    ],
)
def test_what_an_error_means(
    colour: Colour, raw: RawServer, status: int, error: type[MediaUnavailable], retryable: bool
) -> None:
    raw.answer = lambda handler: reply(handler, status, b"no")
    with pytest.raises(error) as caught:
        colour(base_url=raw.url).fetch(raw.url + PATH)
    assert caught.value.retryable is retryable
    assert caught.value.http_status == status


def test_a_file_without_a_type(colour: Colour, raw: RawServer) -> None:
    raw.answer = lambda handler: reply(handler, 200, b"x")
    assert colour(base_url=raw.url).fetch(raw.url + PATH) == ("application/octet-stream", b"x")


def test_a_file_that_breaks_off(colour: Colour, raw: RawServer) -> None:
    raw.answer = lambda handler: reply(handler, 200, b"x" * 1000, Content_Length="2000")
    with pytest.raises(MediaUnavailable, match="middle") as caught:
        colour(base_url=raw.url).fetch(raw.url + PATH)
    assert caught.value.retryable
    assert any("chunks" in frame.f_code.co_name for frame, _ in traceback.walk_tb(caught.value.__traceback__))


@pytest.mark.parametrize("kind", ["dropped", "silent"])
def test_no_answer(colour: Colour, raw: RawServer, kind: str) -> None:
    answers: dict[str, Callable[[Any], Any]] = {
        "dropped": lambda handler: handler.connection.shutdown(socket.SHUT_RDWR),
        "silent": lambda _: raw.release.wait(30),
    }
    raw.answer = answers[kind]
    with pytest.raises(MediaUnavailable) as caught:
        colour(base_url=raw.url, timeouts=(1.0, 0.1)).fetch(raw.url + PATH)
    assert caught.value.retryable


def test_nobody_there(colour: Colour) -> None:
    with pytest.raises(MediaUnavailable):
        colour(base_url="http://127.0.0.1:9").fetch("http://127.0.0.1:9" + PATH)


def test_an_error_of_the_reader_is_its_own(twilio: Emulator, ana: Customer) -> None:
    """What goes wrong while the chunks are used, for example a full disk, is not taken for the provider's fault."""
    ana.sends_media(DATA, "image/jpeg")
    source = media_module.TwilioMedia(account_sid=ACCOUNT, auth_token=twilio.auth_token, base_url=twilio.base_url)
    with pytest.raises(OSError, match="disk full"):
        use(source, url_of(twilio))


def use(source: media_module.TwilioMedia, url: str) -> None:
    with source.open(url) as download:
        next(download.chunks)
        raise OSError("disk full")
