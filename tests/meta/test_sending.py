"""What is on the wire to Meta, and what every answer comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.conformance.benches import ANA, NUMBER, OUTGOING, meta_settings
from tests.support import meta_double
from tests.support.meta_double import PICTURE, TOKEN, MetaDouble

from wa_omnichannel._net.calls import Reply
from wa_omnichannel.adapters.meta import AsyncMetaMedia, AsyncMetaTransport, MetaMedia, MetaTransport
from wa_omnichannel.adapters.meta.answers import outcome_of
from wa_omnichannel.adapters.meta.error_codes import ADVICE, THROTTLED
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import MediaRefused, MediaUnavailable
from wa_omnichannel.messages import (
    Accepted,
    Ambiguous,
    ButtonReply,
    Content,
    Location,
    Media,
    NotSent,
    Outcome,
    Outgoing,
    Rejected,
    TemplateMessage,
    Text,
)
from wa_omnichannel.templates import Approval, Button, ButtonKind, Template, Translation

SID = "meta:order_ready"
Colour = Callable[..., Outcome]


@pytest.fixture
def double() -> Iterator[MetaDouble]:
    with MetaDouble() as found:
        yield found


def blocking(double: MetaDouble, outgoing: Outgoing, **more: Any) -> Outcome:
    with MetaTransport(**meta_settings(double), **more) as transport:
        return transport.send(outgoing)


def coroutines(double: MetaDouble, outgoing: Outgoing, **more: Any) -> Outcome:
    async def run() -> Outcome:
        async with AsyncMetaTransport(**meta_settings(double), **more) as transport:
            return await transport.send(outgoing)

    return asyncio.run(run())


@pytest.fixture(params=[blocking, coroutines])
def send(request: pytest.FixtureRequest) -> Colour:
    found: Colour = request.param
    return found


def said(content: Content) -> Outgoing:
    return attrs.evolve(OUTGOING, content=content)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (Text("Hola"), {"type": "text", "text": {"body": "Hola", "preview_url": False}}),
        (
            Media("https://x.example/a.jpg", "image/jpeg", "Mira", "a.jpg"),
            {"type": "image", "image": {"link": "https://x.example/a.jpg", "caption": "Mira"}},
        ),
        (
            Media("https://x.example/a.pdf", "application/pdf", "Su factura", "a.pdf"),
            {
                "type": "document",
                "document": {"link": "https://x.example/a.pdf", "caption": "Su factura", "filename": "a.pdf"},
            },
        ),
        (
            Media("https://x.example/a.ogg", "audio/ogg", "no"),
            {"type": "audio", "audio": {"link": "https://x.example/a.ogg"}},
        ),
        (Location(40.4, -3.7), {"type": "location", "location": {"latitude": 40.4, "longitude": -3.7}}),
        (
            Location(40.4, -3.7, "Sol", "Madrid"),
            {"type": "location", "location": {"latitude": 40.4, "longitude": -3.7, "name": "Sol", "address": "Madrid"}},
        ),
    ],
)
def test_every_kind_of_content(send: Colour, double: MetaDouble, content: Content, expected: dict[str, Any]) -> None:
    assert isinstance(send(double, said(content)), Accepted)
    (request,) = double.requests
    envelope = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "34600000001",
        "biz_opaque_callback_data": "m-1",
    }
    assert request.body == {**envelope, **expected}
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_user_id_is_answered_as_a_recipient(send: Colour, double: MetaDouble) -> None:
    double.open_windows.add("US.1234")
    assert isinstance(send(double, attrs.evolve(OUTGOING, to=Address("US.1234"))), Accepted)
    assert double.sent[0]["recipient"] == "US.1234"
    assert "to" not in double.sent[0]


@pytest.mark.parametrize(
    "content", [ButtonReply("x"), TemplateMessage("a"), TemplateMessage("a", {}, "es", "HX" + "0" * 32)]
)
def test_what_cannot_be_sent_is_not_tried(send: Colour, double: MetaDouble, content: Content) -> None:
    assert isinstance(send(double, said(content)), Rejected)
    assert not double.requests


def test_a_number_without_an_id_sends_nothing(send: Colour, double: MetaDouble) -> None:
    outcome = send(double, attrs.evolve(OUTGOING, sender=Address("+14155550199")))
    assert isinstance(outcome, Rejected)
    assert not double.requests


# --- templates


def template(**more: Any) -> Template:
    given: dict[str, Any] = {
        "body": "Hola {{1}}, pedido {{2}}",
        "approval": Approval.APPROVED,
        "content_sid": SID,
        **more,
    }
    return Template("order_ready", (Translation("es", **given),), "es")


def parts(double: MetaDouble, known: Template | None, **values: str) -> Any:
    """Return what is sent for the template with these values, the names without their first letter."""
    variables = {name.removeprefix("v"): value for name, value in values.items()}
    content = TemplateMessage("order_ready", variables, "es", SID)
    assert isinstance(blocking(double, said(content), templates=[known] if known else []), Accepted)
    return double.sent[-1]


def text(value: str, **more: str) -> dict[str, str]:
    return {"type": "text", "text": value, **more}


def test_a_template_without_variables(double: MetaDouble) -> None:
    sent = parts(double, template(body="Hola"))
    assert sent["template"] == {"name": "order_ready", "language": {"code": "es"}}


def test_the_variables_of_a_template_that_is_not_known_are_the_bodys(double: MetaDouble) -> None:
    sent = parts(double, None, v2="B", v10="C", v1="A")
    assert sent["template"]["components"] == [{"type": "body", "parameters": [text("A"), text("B"), text("C")]}]


def test_the_variables_of_a_known_template_go_where_they_stand(double: MetaDouble) -> None:
    """Numbers go by their size, whatever their order in the text."""
    known = template(
        body="Pedido {{2}} de {{1}}",
        header="Hola {{name}}",
        buttons=(
            Button(ButtonKind.URL, "Ver", "https://x.example/{{3}}"),
            Button(ButtonKind.URL, "Web", "https://x.example"),
            Button(ButtonKind.QUICK_REPLY, "Sí", "yes-{{1}}"),
            Button(ButtonKind.COPY_CODE, "Copiar", "{{4}}"),
        ),
    )
    sent = parts(double, known, v1="Ana", v2="4711", v3="p/4711", v4="SAVE", vname="Ana María")
    assert sent["template"]["components"] == [
        {"type": "header", "parameters": [text("Ana María", parameter_name="name")]},
        {"type": "body", "parameters": [text("Ana"), text("4711")]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("p/4711")]},
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": "2",
            "parameters": [{"type": "payload", "payload": "Ana"}],
        },
        {
            "type": "button",
            "sub_type": "copy_code",
            "index": "3",
            "parameters": [{"type": "coupon_code", "coupon_code": "SAVE"}],
        },
    ]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://x.example/{{1}}.png", "image"),
        ("https://x.example/{{1}}.mp4", "video"),
        ("https://x.example/{{1}}", "document"),
    ],
)
def test_a_file_in_the_header(double: MetaDouble, url: str, kind: str) -> None:
    sent = parts(double, template(body="Hola", media=url, kind="twilio/card"), v1="a")
    link = url.replace("{{1}}", "a")
    assert sent["template"]["components"] == [{"type": "header", "parameters": [{"type": kind, kind: {"link": link}}]}]


def test_a_list_goes_out_as_an_interactive_message(double: MetaDouble) -> None:
    items = [{"id": "1", "item": "Camisa", "description": "Azul"}, {"id": "2", "item": "Falda"}]
    known = template(
        body="Elija, {{1}}",
        approval=Approval.UNSUBMITTED,
        kind="twilio/list-picker",
        fields={"items": items, "button": "Ver"},
    )
    rows = [{"id": "1", "title": "Camisa", "description": "Azul"}, {"id": "2", "title": "Falda"}]
    assert parts(double, known, v1="Ana")["interactive"] == {
        "type": "list",
        "body": {"text": "Elija, Ana"},
        "action": {"button": "Ver", "sections": [{"rows": rows}]},
    }


def test_reply_buttons_in_an_open_window(double: MetaDouble) -> None:
    known = template(
        body="¿Sí?",
        header="Pregunta",
        footer="Gracias",
        approval=Approval.UNSUBMITTED,
        kind="twilio/quick-reply",
        buttons=(Button(ButtonKind.QUICK_REPLY, "Sí", "yes"), Button(ButtonKind.QUICK_REPLY, "No")),
    )
    replies = [{"id": "yes", "title": "Sí"}, {"id": "No", "title": "No"}]
    assert parts(double, known)["interactive"] == {
        "type": "button",
        "body": {"text": "¿Sí?"},
        "header": {"type": "text", "text": "Pregunta"},
        "footer": {"text": "Gracias"},
        "action": {"buttons": [{"type": "reply", "reply": reply} for reply in replies]},
    }


# --- answers


def answered(status: int, code: int | None = None, **headers: str) -> Outcome:
    error = {"code": code, "message": "m", "error_data": {"details": "d"}}
    body = "" if code is None else json.dumps({"error": error})
    return outcome_of(Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_too_many_requests_are_safe_to_repeat_whatever_the_status(code: int) -> None:
    assert answered(400, code) == NotSent("too_many_requests")
    assert answered(429, None, Retry_After="7") == NotSent("too_many_requests", timedelta(seconds=7))


@pytest.mark.parametrize("code", sorted(set(ADVICE) - THROTTLED))
def test_every_known_code_says_what_to_do(code: int) -> None:
    assert answered(400, code) == Rejected(code, "d", ADVICE[code].retryable, ADVICE[code].text)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_server_error_is_ambiguous_whatever_its_code(status: int) -> None:
    assert answered(status, 131000) == Ambiguous(f"provider_error_{status}")


def test_an_error_without_a_code_is_rejected_with_its_status() -> None:
    assert answered(404) == Rejected(
        404, "HTTP status 404", False, "Look the code up at the provider; do not repeat the message unchanged."
    )


def test_a_closed_window_is_said_by_the_provider(send: Colour, double: MetaDouble) -> None:
    double.open_windows.clear()
    outcome = send(double, OUTGOING)
    assert isinstance(outcome, Rejected)
    assert outcome.code == 131047


# --- files


def fetch(double: MetaDouble, url: str, **more: Any) -> tuple[str, bytes]:
    with MetaMedia(access_token=TOKEN, base_url=double.url, **more).open(url) as download:
        found = download.content_type, b"".join(download.chunks)

    async def run() -> tuple[str, bytes]:
        async with AsyncMetaMedia(access_token=TOKEN, base_url=double.url, **more).open(url) as download:
            return download.content_type, b"".join([chunk async for chunk in download.chunks])

    assert asyncio.run(run()) == found
    return found


def test_a_file_is_fetched_in_two_steps_with_the_token(double: MetaDouble) -> None:
    assert fetch(double, double.file().url) == ("image/png", PICTURE)
    assert [each.path for each in double.requests] == ["/v23.0/5544", "/files/5544"] * 2
    assert {each.headers["Authorization"] for each in double.requests} == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/x",
        "http://lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:444/x",
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://[::1",
        "",
    ],
)
def test_the_token_goes_to_no_other_host(double: MetaDouble, target: str) -> None:
    """Whatever the first answer says, only hosts of the provider get the second request."""
    double.file_url = target
    with pytest.raises(MediaRefused):
        fetch(double, double.file().url)
    assert len(double.requests) == 1


def test_a_wrong_token_is_no_reason_to_try_again(double: MetaDouble) -> None:
    with pytest.raises(MediaRefused), MetaMedia(access_token="wrong", base_url=double.url).open(double.file().url):
        pass


def test_a_file_that_is_not_there_yet_may_come(double: MetaDouble) -> None:
    with (
        pytest.raises(MediaUnavailable) as caught,
        MetaMedia(access_token=TOKEN, base_url=double.url).open(double.missing()),
    ):
        pass
    assert caught.value.retryable


assert meta_double.NUMBER == NUMBER
assert meta_double.ANA == ANA
