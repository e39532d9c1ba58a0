"""A bot behind a real HTTP server on loopback: signed, limited, and never trusted."""

from __future__ import annotations

import contextlib
import hmac
import json
import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bots.test_flows import desk_of, hears
from tests.support.shop import NOW

from wa_omnichannel.adapters.http_bot import LARGEST_ANSWER, HttpBot, read_reply, sign
from wa_omnichannel.bots import Escalation, Reply, Turn
from wa_omnichannel.errors import InvalidValue, TransportError
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import TemplateMessage, Text

SECRET = b"sixteen or more bytes"
TURN = Turn("c1", "m1", Text("¿Qué tal?"), "+14155550100", "es", "Ana", {"topic": "bill", "day": NOW})


@attrs.frozen
class Posted:
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Posted], tuple[int, bytes]]


@contextlib.contextmanager
def server(answer: Answer) -> Generator[tuple[str, list[Posted]]]:
    """Serve a bot; gives its address and what was posted."""
    posted: list[Posted] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            posted.append(Posted({name.lower(): value for name, value in self.headers.items()}, body))
            status, content = answer(posted[-1])
            self.send_response(status)
            if status in (301, 302, 307, 308):
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}/bot", posted
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def bot(url: str, limit: timedelta = timedelta(seconds=10)) -> HttpBot:
    return HttpBot(url, SECRET, clock=FixedClock(NOW), limit=limit)


def replies(**parts: Any) -> Answer:
    return lambda _: (200, json.dumps(parts).encode())


def test_a_turn_is_posted_as_signed_json_and_the_answer_is_a_reply() -> None:
    answer = replies(
        messages=[{"text": "Hola"}, {"template": "order_ready", "variables": {"1": "Ana"}}],
        context={"topic": "x", "n": 2},
        escalate={"summary": "Quiere hablar"},
    )
    with server(answer) as (url, posted):
        reply = bot(url)(TURN)
    content = (Text("Hola"), TemplateMessage("order_ready", {"1": "Ana"}))
    assert reply == Reply(content, {"topic": "x", "n": 2}, Escalation("Quiere hablar"))
    (seen,) = posted
    stamp = seen.headers["x-bot-timestamp"]
    expected = hmac.new(SECRET, stamp.encode() + b"." + seen.body, "sha256").hexdigest()
    assert seen.headers["x-bot-signature"] == f"sha256={expected}"
    assert datetime.fromtimestamp(int(stamp), UTC) == NOW
    told = json.loads(seen.body)
    assert (told["text"], told["language"], told["message"], told["kind"]) == ("¿Qué tal?", "es", "m1", "text")
    assert told["context"]["topic"] == "bill"


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: (500, b"{}"),
        lambda _: (307, b""),
        lambda _: (200, b"not json"),
        lambda _: (200, b"[]"),
        lambda _: (200, b'{"messages": [1]}'),
        lambda _: (200, b'{"messages": [{}]}'),
        lambda _: (200, b'{"escalate": "yes"}'),
        lambda _: (200, b"[" * 60_000),
        lambda _: (200, b" " * (LARGEST_ANSWER + 1)),
    ],
)
def test_an_answer_that_makes_no_sense_is_a_typed_error(answer: Answer) -> None:
    with server(answer) as (url, posted), pytest.raises(TransportError):
        bot(url)(TURN)
    assert len(posted) == 1


def test_a_server_that_hangs_or_is_not_there_is_a_typed_error() -> None:
    release = threading.Event()

    def hangs(_: Posted) -> tuple[int, bytes]:
        release.wait()
        return 200, b"{}"

    with server(hangs) as (url, _):
        with pytest.raises(TransportError):
            bot(url, timedelta(seconds=0.05))(TURN)
        release.set()
    with pytest.raises(TransportError):
        bot(url)(TURN)


def test_its_settings_are_checked_and_never_show_the_secret() -> None:
    with pytest.raises(InvalidValue) as error:
        HttpBot("https://bot.example", b"short", clock=FixedClock(NOW))
    assert "short" not in str(error.value)
    with pytest.raises(InvalidValue, match="url"):
        HttpBot("bot.example", SECRET, clock=FixedClock(NOW))
    assert sign(SECRET, b"a", NOW) != sign(SECRET, b"b", NOW)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("messages", "text", "context", "escalate", "end", "template", "x")), inner
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_is_answered_it_is_a_reply_or_a_typed_error(body: bytes) -> None:
    with contextlib.suppress(TransportError):
        assert isinstance(read_reply(body), Reply)


def test_a_bot_over_http_serves_a_customer_and_its_failure_escalates() -> None:
    def answers(posted: Posted) -> tuple[int, bytes]:
        said = json.loads(posted.body)["text"]
        return (500, b"") if said == "romper" else (200, json.dumps({"messages": [{"text": said.upper()}]}).encode())

    with server(answers) as (url, _):
        desk = desk_of(bot(url))
        hears(desk, "hola", "romper")
    assert desk.said() == ["HOLA"]
    assert [fact["details"] for fact in desk.facts("bot_escalated")] == ["TransportError"]
    assert desk.latest().agent == "ana"
