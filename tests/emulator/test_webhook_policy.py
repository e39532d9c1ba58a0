"""Timeouts and retries of webhooks by the fragment of their URL, and the small HTTP client beneath."""

from __future__ import annotations

import base64
import contextlib
import itertools
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.emulator.conftest import Receiver
from tests.support.tls import own_certificate
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from wa_omnichannel.emulator import DEFAULT_AUTH_TOKEN, Emulator, http
from wa_omnichannel.emulator.behaviour.webhooks import Policy, policy_of
from wa_omnichannel.emulator.http import HttpAnswer, parse_answer

NUMBER = "+14155550100"


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", Policy()),
        ("#ct=2000&rt=3000&tt=4000&rc=2", Policy(connect=2.0, read=3.0, total=4.0, retries=2)),
        ("#ct=1&rt=1&tt=1", Policy(connect=0.1, read=0.1, total=0.1)),
        ("#ct=99999&rt=99999&tt=99999&rc=99", Policy(connect=10.0, read=15.0, total=15.0, retries=5)),
        ("#ct=soon&rc=-1", Policy()),
        ("#rp=4xx,5xx", Policy(retry_on=frozenset({"4xx", "5xx"}))),
        ("#e=dublin&sni=y", Policy()),
    ],
)
def test_the_overrides(fragment: str, expected: Policy) -> None:
    """Each key has a range and a default; the fragment is not part of what is called."""
    assert policy_of(f"https://example.com/hook{fragment}") == expected


@contextlib.contextmanager
def raw_server(*answers: bytes, keep_open: bool = False) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one raw answer per connection; without one it is closed, unless ``keep_open``."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    opened = contextlib.ExitStack()

    def serve() -> None:
        for answer in answers:
            connection = opened.enter_context(listener.accept()[0])
            seen.append(connection.recv(65536))
            connection.sendall(answer)
            if answer or not keep_open:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook", seen
    finally:
        thread.join(5)
        opened.close()
        listener.close()


def delivered(url: str) -> tuple[int | None, int, str]:
    with Emulator(delay=0) as twilio:
        twilio.add_number(NUMBER, url)
        delivery = twilio.customer("+34600000001", "Ana", NUMBER).says("Hola")
    return delivery.status_code, delivery.attempts, delivery.error


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200),
        (b"HTTP/1.0 200 OK\r\n\r\n<Response/>", 200),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200),
        (b"HTTP/1.1 429 Slow down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", 429),
        (b"", None),
        (b"nonsense\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nshort", None),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", None),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-6\r\n", None),
    ],
)
def test_answers_of_all_kinds(answer: bytes, expected: int | None) -> None:
    """Every way to end an answer is understood; half an answer and nonsense are none."""
    with raw_server(answer) as (url, _):
        assert delivered(url)[:2] == (expected, 1)


@contextlib.contextmanager
def lasting_server(answer: bytes) -> Iterator[tuple[str, list[int]]]:
    """Give one answer to each request and leave closing to the other side; count the requests of each connection."""
    counts: list[int] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            counts.append(0)
            while self.request.recv(65536):
                counts[-1] += 1
                self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", counts
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("idle", "headers", "expected"),
    [
        (60.0, b"content-length: 0\r\n\r\n", [3]),
        (60.0, b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n", [3]),
        (0.0, b"content-length: 0\r\n\r\n", [1, 1, 1]),
        (60.0, b"content-length: 0\r\nconnection: close\r\n\r\n", [1, 1, 1]),
        (60.0, b"content-length: 0\r\nconnection: Keep-Alive, Close\r\n\r\n", [1, 1, 1]),
    ],
)
def test_a_connection_is_used_again(
    idle: float, headers: bytes, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Webhooks share a connection, unless it was idle for too long or the server wants it closed."""
    monkeypatch.setattr(http, "MAX_IDLE", idle)
    with lasting_server(b"HTTP/1.1 200 OK\r\n" + headers) as (url, counts), Emulator(delay=0) as twilio:
        twilio.add_number(NUMBER, url)
        ana = twilio.customer("+34600000001", "Ana", NUMBER)
        assert [ana.says("Hola").status_code for _ in range(3)] == [200, 200, 200]
        assert counts == expected


def test_a_server_that_does_not_answer_is_given_up() -> None:
    """After the read timeout there is no answer, and rp=rt tries again."""
    with raw_server(b"", b"HTTP/1.1 204 Fine\r\n\r\n", keep_open=True) as (url, seen):
        status, attempts, _ = delivered(f"{url}#rt=150&rp=rt")
    assert (status, attempts) == (204, 2)
    assert seen[0].split(b"\r\n")[0] == b"POST /hook HTTP/1.1"
    assert seen[0].partition(b"\r\n\r\n")[2] == seen[1].partition(b"\r\n\r\n")[2]


def test_the_total_timeout_ends_the_retries() -> None:
    """No attempt begins after the total time."""
    with raw_server(b"", b"", b"", b"", b"", b"", keep_open=True) as (url, seen):
        status, attempts, error = delivered(f"{url}#rt=100&tt=150&rc=5&rp=all")
        assert (status, error) == (None, "no answer in time")
        assert 1 <= attempts <= 3
        for _ in range(6 - len(seen)):  # lets the server's thread end
            socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))).close()


@pytest.mark.parametrize(("connecting", "expected"), [(14.0, 204), (15.0, None), (20.0, None)])
def test_connecting_and_reading_share_the_total_time(
    connecting: float, expected: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers at once, but nothing of the 15 s may be left when the connection stands."""
    times = itertools.chain([0.0], itertools.repeat(connecting))
    with raw_server(b"HTTP/1.1 204 Fine\r\n\r\n", keep_open=True) as (url, _):
        monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=lambda: next(times)))
        status, _, error = delivered(f"{url}#rc=0")
    assert (status, error) == (expected, "" if expected else "no answer in time")


def test_credentials_in_the_url_are_sent_and_not_in_the_host() -> None:
    """Twilio answers a webhook's Basic authentication with the user and password of its URL."""
    with raw_server(b"HTTP/1.1 204 Fine\r\n\r\n") as (url, seen):
        assert delivered(url.replace("http://", "http://us%3Aer:p%40ss@"))[0] == 204
    head = seen[0].partition(b"\r\n\r\n")[0].decode()
    assert f"Authorization: Basic {base64.b64encode(b'us:er:p@ss').decode()}" in head
    assert f"Host: {url.split('/')[2]}" in head


@pytest.mark.service("openssl")
@pytest.mark.parametrize("trusted", [True, False])
def test_https_webhooks(trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is checked, and the webhook is signed for the https address."""
    context = own_certificate(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    http._tls.cache_clear()
    receiver = Receiver()
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    receiver.server.handle_error = lambda *_: None  # type: ignore[method-assign]
    try:
        url = receiver.url.replace("http:", "https:") + "/in"
        status, _, error = delivered(f"{url}#rc=0")
        assert (status, bool(error)) == ((200, False) if trusted else (None, True))
        for each in receiver.received:
            signature = each.headers["x-twilio-signature"]
            assert RequestValidator(DEFAULT_AUTH_TOKEN).validate(url, each.form, signature)
        assert len(receiver.received) == trusted
    finally:
        receiver.stop()
        http._tls.cache_clear()


@pytest.mark.parametrize("url", ["ftp://example.com/", "http://", "http://127.0.0.1:99999/", "no url"])
def test_urls_that_cannot_be_called(url: str) -> None:
    """An URL without host, with another scheme or an impossible port fails like a refused connection."""
    status, attempts, error = delivered(url)
    assert (status, attempts) == (None, 2)
    assert error


@given(st.binary(max_size=200), st.booleans())
def test_the_parser_takes_anything(data: bytes, ended: bool) -> None:
    """Any bytes give an answer, nothing yet, or a ValueError."""
    try:
        found = parse_answer(b"HTTP/1.1 200 OK\r\n" + data, ended=ended)
    except ValueError:
        return
    assert found is None or isinstance(found, HttpAnswer)


@given(
    st.binary(max_size=300),
    st.integers(1, 50),
    st.integers(200, 599).filter(lambda status: status not in {204, 304}),
    st.sampled_from([b"", b"Checksum: 1\r\n"]),
)
def test_bodies_arrive_whole_in_any_pieces(body: bytes, size: int, status: int, trailer: bytes) -> None:
    """With a length or in chunks, the answer is there with the last byte and not before."""
    start = f"HTTP/1.1 {status} x\r\nContent-Type: text/xml\r\n".encode()
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (body[i : i + size] for i in range(0, len(body), size))
    )
    for whole in (
        start + f"content-length: {len(body)}\r\n\r\n".encode() + body,
        start + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailer + b"\r\n",
    ):
        assert parse_answer(whole[:-1], ended=False) is None
        found = parse_answer(whole, ended=False)
        assert found == HttpAnswer(status=status, content_type="text/xml", body=body, keeps_alive=True)
