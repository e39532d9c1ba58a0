"""Sending and searching in both colours: what is on the wire, and what every answer comes to."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from types import FrameType
from typing import Any

import attrs
import pytest
from tests.support.tls import own_certificate
from tests.twilio.conftest import ACCOUNT, ANA, NUMBER, PUBLIC, TOKEN, Blocking, RawServer, outgoing, reply

from wa_omnichannel.adapters.twilio import AsyncTwilioTransport, TwilioTransport
from wa_omnichannel.adapters.twilio.account import Account
from wa_omnichannel.adapters.twilio.blocking import BlockingHttp
from wa_omnichannel.adapters.twilio.coroutine import CoroutineHttp
from wa_omnichannel.addresses import Address
from wa_omnichannel.emulator import Customer, Emulator, MessageRecord
from wa_omnichannel.errors import TransportError
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    ButtonReply,
    Content,
    DeliveryStatus,
    Location,
    Media,
    NotSent,
    Rejected,
    TemplateMessage,
    Text,
)
from wa_omnichannel.ports import SentQuery

Colour = Callable[..., Blocking]


def sent(twilio: Emulator) -> tuple[MessageRecord, ...]:
    return tuple(each for each in twilio.messages if each.direction == "outbound-api")


def posts(twilio: Emulator) -> int:
    return sum(each.method == "POST" for each in twilio.requests)


def post(twilio: Emulator) -> dict[str, str]:
    return dict(twilio.requests[-1].form)


# --- what is on the wire


def test_a_text_is_sent(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    message = attrs.evolve(outgoing(message_id="m 1/ñ"), validity=timedelta(hours=1, microseconds=5))
    outcome = colour(base_url=twilio.base_url).send(message)
    (record,) = sent(twilio)
    assert outcome == Accepted(record.sid, DeliveryStatus.QUEUED)
    assert post(twilio) == {
        "To": f"whatsapp:{ANA}",
        "From": f"whatsapp:{NUMBER}",
        "Body": "Hola",
        "StatusCallback": f"{PUBLIC}/status?m=m%201%2F%C3%B1",
        "ValidityPeriod": "3600",
    }


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (Media("https://example.com/a.pdf", "application/pdf"), {"MediaUrl": "https://example.com/a.pdf"}),
        (
            Media("https://example.com/a.jpg", "image/jpeg", "El ticket"),
            {"MediaUrl": "https://example.com/a.jpg", "Body": "El ticket"},
        ),
        (
            Location(40.416775, -3.70379, "Sol", "Puerta del Sol | Madrid"),
            {"Body": "Sol", "PersistentAction": "geo:40.416775,-3.703790|Puerta del Sol   Madrid"},
        ),
        (
            Location(0.00000001, 1e-7),
            {"Body": "0.000000,0.000000", "PersistentAction": "geo:0.000000,0.000000"},
        ),
        (TemplateMessage("t", content_sid="HX" + "1" * 32), {"ContentSid": "HX" + "1" * 32}),
    ],
)
def test_every_kind_of_content(
    colour: Colour, twilio: Emulator, ana: Customer, content: Content, fields: dict[str, str]
) -> None:
    colour(base_url=twilio.base_url).send(outgoing(content))
    form = post(twilio)
    assert {name: form[name] for name in form.keys() - {"To", "From", "StatusCallback"}} == fields


def test_a_template_with_variables(colour: Colour, twilio: Emulator) -> None:
    """The variables travel as a JSON object of strings (must-pass 10)."""
    variables = {"1": 'Ana "la" \\ n', "2": "4711 €"}
    content = TemplateMessage("pedido_listo", variables, content_sid=twilio.pedido_listo_sid)
    outcome = colour(base_url=twilio.base_url).send(outgoing(content))
    assert isinstance(outcome, Accepted)
    assert json.loads(post(twilio)["ContentVariables"]) == variables
    assert "4711 €" in sent(twilio)[0].rendered_body


def test_a_user_id_is_answered_as_it_is(colour: Colour, twilio: Emulator) -> None:
    hidden = twilio.customer(None, number=NUMBER, user_id="US.1234")
    hidden.says("Hi")
    outcome = colour(base_url=twilio.base_url).send(outgoing(to=Address("US.1234")))
    assert isinstance(outcome, Accepted)
    assert post(twilio)["To"] == "whatsapp:US.1234"


@pytest.mark.parametrize("content", [ButtonReply("Sí"), TemplateMessage("not_linked")])
def test_what_cannot_be_sent_is_not_tried(colour: Colour, twilio: Emulator, content: Content) -> None:
    outcome = colour(base_url=twilio.base_url).send(outgoing(content))
    assert isinstance(outcome, Rejected)
    assert outcome.code == 0
    assert not twilio.requests


def test_a_messaging_service(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    service = twilio.add_messaging_service(NUMBER)
    outcome = colour(base_url=twilio.base_url, messaging_service_sid=service).send(outgoing())
    assert isinstance(outcome, Accepted)
    assert outcome.status is DeliveryStatus.ACCEPTED
    assert (post(twilio)["MessagingServiceSid"], post(twilio)["From"]) == (service, f"whatsapp:{NUMBER}")


def test_an_api_key_replaces_the_token(colour: Colour, raw: RawServer) -> None:
    """The key is the user of the API; the account stays in the path."""
    raw.answer = lambda handler: reply(handler, 201, b'{"sid": "SM1", "status": "queued"}')
    key = "SK" + "0" * 32
    assert colour(base_url=raw.url, api_key=(key, "word")).send(outgoing()) == Accepted("SM1", DeliveryStatus.QUEUED)
    assert raw.seen[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert raw.seen[0].headers["Authorization"] == "Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp3b3Jk"


def test_the_main_account_sends_for_a_sub_account(colour: Colour, raw: RawServer) -> None:
    """Its credentials are the user of the API; the sub-account is in the path."""
    raw.answer = lambda handler: reply(handler, 201, b'{"sid": "SM1", "status": "queued"}')
    main = "AC" + "c3" * 16
    colour(base_url=raw.url, api_key=(main, "its token")).send(outgoing())
    assert raw.seen[0].path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    signed_in = base64.b64decode(raw.seen[0].headers["Authorization"].removeprefix("Basic ")).decode()
    assert signed_in == f"{main}:its token"


def test_the_environment_sends_nothing_elsewhere(
    colour: Colour, twilio: Emulator, ana: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would rewrite the host for these, and the HTTP libraries would use the proxy."""
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert isinstance(colour(base_url=twilio.base_url).send(outgoing()), Accepted)


# --- what every answer comes to


def test_outside_the_window(colour: Colour) -> None:
    """63016 at once is a rejection with advice (must-pass 6)."""
    with Emulator(ACCOUNT, TOKEN, synchronous_63016=True) as twilio:
        twilio.add_number(NUMBER)
        outcome = colour(base_url=twilio.base_url).send(outgoing())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retryable) == (63016, False)
    assert "template" in outcome.advice
    assert "outside the allowed window" in outcome.message


def test_wrong_credentials(colour: Colour, twilio: Emulator) -> None:
    outcome = colour(base_url=twilio.base_url, auth_token="wrong").send(outgoing())
    assert isinstance(outcome, Rejected)
    assert outcome.code == 20003
    assert "token" in outcome.advice


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("processed", [True, False])
def test_a_server_error_is_ambiguous_and_posted_once(
    colour: Colour, twilio: Emulator, ana: Customer, status: int, processed: bool
) -> None:
    """The SDK's client for coroutines posts again after a 5xx (must-pass 23)."""
    twilio.faults.fail_next(status, times=3, processed=processed)
    assert colour(base_url=twilio.base_url).send(outgoing()) == Ambiguous(f"provider_error_{status}")
    assert posts(twilio) == 1


def test_a_dropped_connection_is_ambiguous_and_posted_once(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    twilio.faults.disconnect_next(times=3)
    assert colour(base_url=twilio.base_url).send(outgoing()) == Ambiguous("answer_lost")
    assert posts(twilio) == 1


def test_a_timeout_is_ambiguous_and_posted_once(colour: Colour, raw: RawServer) -> None:
    """The SDK's clients wait without limit, or ignore their timeout."""
    raw.answer = lambda _: raw.release.wait(30)
    assert colour(base_url=raw.url, timeouts=(1.0, 0.1)).send(outgoing()) == Ambiguous("answer_lost")
    assert len(raw.seen) == 1


def test_a_refused_connection_is_not_sent(colour: Colour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert colour(base_url=f"http://127.0.0.1:{port}").send(outgoing()) == NotSent("provider_unreachable")


def test_an_unknown_host_is_not_sent(colour: Colour, monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert colour(base_url="http://no-such-host.invalid").send(outgoing()) == NotSent("provider_unreachable")


def test_a_connection_that_does_not_come_about_is_not_sent(colour: Colour) -> None:
    """A full backlog: the handshake is never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address), _backlog(address):
            found = colour(base_url=f"http://127.0.0.1:{address[1]}", timeouts=(0.2, 5.0)).send(outgoing())
    assert found == NotSent("provider_unreachable")


def _backlog(address: Any) -> socket.socket:
    """Fill up the backlog of a listener."""
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(address)
    return filler


def test_plain_text_where_tls_is_expected_never_sees_the_request(colour: Colour, raw: RawServer) -> None:
    """The handshake fails; the HTTP libraries do not all say how far it came, so at worst it counts as ambiguous."""
    outcome = colour(base_url=raw.url.replace("http:", "https:")).send(outgoing())
    assert isinstance(outcome, NotSent | Ambiguous)
    assert not raw.seen


@pytest.mark.service("openssl")
def test_a_certificate_that_nobody_vouches_for_is_not_sent(colour: Colour, raw: RawServer, tmp_path: Path) -> None:
    raw.server.socket = own_certificate(tmp_path).wrap_socket(
        raw.server.socket, server_side=True, do_handshake_on_connect=False
    )
    outcome = colour(base_url=raw.url.replace("http:", "https:")).send(outgoing())
    assert outcome == NotSent("provider_unreachable")
    assert not raw.seen


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", timedelta(seconds=7)),
        ("999999999999", timedelta(hours=1)),
        ("-1", None),
        ("soon", None),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC)), timedelta(0)),
        (format_datetime(datetime(2999, 1, 1, tzinfo=UTC)), timedelta(hours=1)),
    ],
)
def test_too_many_requests_is_not_sent(colour: Colour, raw: RawServer, header: str, expected: timedelta | None) -> None:
    """429 is never processed; how long to wait is not lost, as it is in the SDK's exceptions (must-pass 24)."""
    raw.answer = lambda handler: reply(handler, 429, b'{"code": 20429}', Retry_After=header)
    assert colour(base_url=raw.url).send(outgoing()) == NotSent("too_many_requests", expected)
    assert len(raw.seen) == 1


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (400, b'{"code": 21610, "message": "Unsubscribed", "status": 400}', 21610, "Unsubscribed"),
        (400, b'{"code": 1001}', 1001, "HTTP status 400"),
        (400, b'{"code": "x", "detail": "No"}', 400, "No"),
        (422, b'{"type": "t", "title": "Bad", "status": 422, "code": 20422}', 20422, "Bad"),
        (401, b'{"error": "out of credits"}', 401, "HTTP status 401"),
        (404, b"<html>", 404, "HTTP status 404"),
        (400, b"[]", 400, "HTTP status 400"),
        (413, b"\xff\xfe", 413, "HTTP status 413"),
        (400, b"[" * 100_000, 400, "HTTP status 400"),
        (301, b"", 301, "HTTP status 301"),
    ],
)
def test_refusals(colour: Colour, raw: RawServer, status: int, body: bytes, code: int, message: str) -> None:
    raw.answer = lambda handler: reply(handler, status, body, Location="/elsewhere")
    outcome = colour(base_url=raw.url).send(outgoing())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.message, outcome.retryable) == (code, message, False)
    assert len(raw.seen) == 1


def test_a_message_that_failed_at_once(colour: Colour, raw: RawServer) -> None:
    body = b'{"sid": "SM1", "status": "failed", "error_code": 63018, "error_message": null}'
    raw.answer = lambda handler: reply(handler, 201, body)
    outcome = colour(base_url=raw.url).send(outgoing())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.retryable) == (63018, True)


def test_a_status_that_does_not_exist_yet(colour: Colour, raw: RawServer) -> None:
    raw.answer = lambda handler: reply(handler, 201, b'{"sid": "SM1", "status": "in_orbit"}')
    assert colour(base_url=raw.url).send(outgoing()) == Accepted("SM1", DeliveryStatus.ACCEPTED)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"sid": 5}', b'{"sid": "SM1", "date_sent": 7}', b"\xff", b"[" * 100_000],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_an_answer_without_sense_is_ambiguous(colour: Colour, raw: RawServer, body: bytes) -> None:
    raw.answer = lambda handler: reply(handler, 201, body)
    assert colour(base_url=raw.url).send(outgoing()) == Ambiguous("answer_unreadable")


def test_an_answer_that_breaks_off_is_ambiguous(colour: Colour, raw: RawServer) -> None:
    raw.answer = lambda handler: reply(handler, 201, b'{"sid":', Content_Length="400")
    assert colour(base_url=raw.url).send(outgoing()) == Ambiguous("answer_lost")


@pytest.mark.anyio
async def test_json_is_sent_as_json(raw: RawServer) -> None:
    """The SDK's client for coroutines sends a form under the name of JSON; newer APIs refuse that."""
    raw.answer = lambda handler: reply(handler, 200, b"{}")
    account = Account.of(ACCOUNT, TOKEN, base_url=raw.url)
    headers = {"Content-Type": "application/json"}
    later, now = CoroutineHttp(account), BlockingHttp(account)
    await later.request("POST", raw.url, data={"a": {"b": 1}}, headers=headers)
    await later.close()
    await asyncio.to_thread(now.request, "POST", raw.url, data={"a": {"b": 1}}, headers=headers)
    now.close()
    assert [each.body for each in raw.seen] == ['{"a": {"b": 1}}'] * 2


# --- many at once


def test_threads_do_not_mix_up_answers(twilio: Emulator, ana: Customer) -> None:
    """16 threads on one transport: each gets the sid of its own message."""
    texts = [f"text {n}" for n in range(160)]
    with (
        TwilioTransport(
            account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=twilio.base_url
        ) as transport,
        ThreadPoolExecutor(16) as pool,
    ):
        outcomes = list(pool.map(lambda text: transport.send(outgoing(Text(text))), texts))
    _each_its_own(twilio, texts, outcomes)


@pytest.mark.anyio
async def test_tasks_do_not_mix_up_answers(twilio: Emulator, ana: Customer) -> None:
    """400 tasks on one transport; the SDK's own client mixes up most of them without a pool."""
    texts = [f"text {n}" for n in range(400)]
    async with AsyncTwilioTransport(
        account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=twilio.base_url, timeouts=(30.0, 30.0)
    ) as transport:
        outcomes = await asyncio.gather(*(transport.send(outgoing(Text(text))) for text in texts))
    _each_its_own(twilio, texts, outcomes)


def _each_its_own(twilio: Emulator, texts: list[str], outcomes: list[Any]) -> None:
    assert [twilio.message(outcome.sid).body for outcome in outcomes] == texts
    assert posts(twilio) == len(texts)


@pytest.mark.anyio
async def test_cancelling_cancels_at_once(raw: RawServer) -> None:
    """The caller has recorded the attempt; what became of it is found out as after a lost answer."""
    written = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_: Any) -> None:
        loop.call_soon_threadsafe(written.set)
        raw.release.wait(30)

    raw.answer = hold
    async with AsyncTwilioTransport(
        account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=raw.url
    ) as transport:
        task = asyncio.create_task(transport.send(outgoing()))
        await written.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(raw.seen) == 1


def test_a_transport_is_made_without_a_loop() -> None:
    """The SDK's client for coroutines can only be made inside one."""
    transport = AsyncTwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC)
    assert transport.status_url == f"{PUBLIC}/status"
    asyncio.run(transport.aclose())


def test_one_transport_in_two_loops(twilio: Emulator, ana: Customer) -> None:
    transport = AsyncTwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=twilio.base_url)

    async def run() -> Any:
        async with transport:
            return await transport.send(outgoing())

    assert [isinstance(asyncio.run(run()), Accepted) for _ in range(2)] == [True, True]


# --- searching


def query(at: datetime, reach: timedelta = timedelta(minutes=1)) -> SentQuery:
    return SentQuery(NUMBER, ANA, at - reach, at + reach)


def test_a_lost_answer_is_found(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    """The list tells what became of a send without an answer (must-pass 23)."""
    side = colour(base_url=twilio.base_url)
    twilio.faults.fail_next(500, processed=True)
    assert isinstance(side.send(outgoing(Text("¿Lo encontramos?"))), Ambiguous)
    twilio.wait_idle()
    (found,) = side.find(query(twilio.clock.now()))
    record = sent(twilio)[0]
    assert (found.sid, found.status, found.body) == (record.sid, DeliveryStatus.DELIVERED, "¿Lo encontramos?")
    assert abs(found.created_at - record.created_at) < timedelta(seconds=1)
    assert not found.media


def test_only_ours_in_time_and_to_this_customer(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    side = colour(base_url=twilio.base_url)
    side.send(outgoing(Text("too early")))
    twilio.wait_idle()
    twilio.clock.advance(timedelta(hours=1))
    twilio.customer("+34600000002", number=NUMBER).says("Hola")
    ana.says("from the customer")
    side.send(outgoing(Text("to somebody else"), to=Address("+34600000002")))
    side.send(outgoing(Text("this one")))
    twilio.wait_idle()
    now = twilio.clock.now()
    twilio.clock.advance(timedelta(hours=1))
    side.send(outgoing(Text("too late")))
    twilio.wait_idle()
    assert [found.body for found in side.find(query(now))] == ["this one"]


def test_any_time_zone(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    """The SDK writes the local time of a zone as if it were UTC."""
    side = colour(base_url=twilio.base_url)
    side.send(outgoing())
    twilio.wait_idle()
    there = twilio.clock.now().astimezone(timezone(timedelta(hours=9)))
    assert len(side.find(query(there))) == 1


def test_every_page_is_read(colour: Colour, twilio: Emulator, ana: Customer) -> None:
    with TwilioTransport(
        account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url=twilio.base_url
    ) as transport:
        sids = {getattr(transport.send(outgoing()), "sid", "") for _ in range(120)}
    twilio.wait_idle()
    before = len(twilio.requests)
    found = colour(base_url=twilio.base_url).find(query(twilio.clock.now()))
    assert {each.sid for each in found} == sids
    assert len(twilio.requests) - before == 2


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b'{"code": 20500, "message": "x"}', 20500),
        (401, b"", 401),
        (200, b"<html>", None),
        (200, b"[]", None),
        (200, b"{}", None),
        (204, b"", None),
        (200, b'{"messages": [{"direction": "outbound-api"}]}', None),
    ],
)
def test_a_failed_search_says_so(colour: Colour, raw: RawServer, status: int, body: bytes, code: int | None) -> None:
    raw.answer = lambda handler: reply(handler, status, body)
    with pytest.raises(TransportError) as caught:
        colour(base_url=raw.url).find(query(datetime.now(UTC)))
    assert caught.value.provider_code == code


def test_a_search_that_cannot_reach_the_provider(colour: Colour) -> None:
    with pytest.raises(TransportError, match="provider_unreachable"):
        colour(base_url="http://127.0.0.1:9").find(query(datetime.now(UTC)))


# --- secrets


def test_no_traceback_shows_a_secret(colour: Colour, raw: RawServer) -> None:
    """Not even one with the local variables of every frame, the SDK's and the HTTP library's included."""
    raw.answer = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(TransportError) as caught:
        colour(base_url=raw.url).find(query(datetime.now(UTC)))
    credentials = raw.seen[0].headers["Authorization"].removeprefix("Basic ")
    shown = [repr(frame.f_locals) for frame in frames_of(caught.value) if "tests" not in frame.f_code.co_filename]
    assert shown
    assert not [text for text in shown if TOKEN in text or credentials in text]


def frames_of(error: BaseException | None) -> Iterator[FrameType]:
    """Yield the frames of an error and of those it came from, suppressed ones included."""
    while error is not None:
        yield from (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        error = error.__cause__ or error.__context__


def test_the_package_loads_neither_sdk_nor_http_library() -> None:
    import sys

    code = (
        "import sys; import wa_omnichannel.adapters.twilio as t; "
        "t.TwilioTransport(account_sid='AC'+'0'*32, auth_token='t', public_url='https://example.com'); "
        "print([m for m in ('twilio', 'requests', 'aiohttp', 'asyncio.runners') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("[]", "['asyncio.runners']")


def test_threads_build_one_client() -> None:
    """The first sends may come at once."""
    transport = TwilioTransport(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, base_url="http://127.0.0.1:9")
    start = threading.Barrier(8)

    def build(_: int) -> int:
        start.wait()
        return id(transport._sdk())

    with transport, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(build, range(8)))) == 1
