"""The OpenAPI document describes what is answered, and nothing a client sends makes a 5xx."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from wa_omnichannel.emulator import Account
from wa_omnichannel.emulator.rest.app import Application
from wa_omnichannel.emulator.rest.fields import CONTENT_TYPES, FIELDS
from wa_omnichannel.emulator.rest.openapi import document
from wa_omnichannel.emulator.rest.routes import OPERATIONS, Operation
from wa_omnichannel.emulator.state.options import Options
from wa_omnichannel.emulator.state.records import MediaItem, MessageRecord, StatusChange
from wa_omnichannel.emulator.state.world import World

ACCOUNT = "AC" + "1" * 32
TOKEN = "token"
NUMBER = "+14155550100"
LOGIN = b"Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode())
CASES = [(path, verb, operation) for path, verbs in OPERATIONS.items() for verb, operation in verbs.items()]


def peopled() -> World:
    """Return a world with one of everything; its loop does not run, so nothing happens in the background."""
    world = World(Options(account_sid=ACCOUNT, auth_token=TOKEN, seed=1))
    world.clock.freeze()
    now = world.clock.set(datetime(2026, 11, 25, tzinfo=UTC))
    account = Account(world)
    account.add_number(NUMBER)
    account.add_messaging_service(NUMBER, opt_out=True)
    for direction, status in (("inbound", "received"), ("outbound-api", "delivered")):
        world.messages.add(
            MessageRecord(
                sid=f"SM{direction}",
                direction=direction,
                from_="whatsapp:+34600000001",
                to=f"whatsapp:{NUMBER}",
                history=(StatusChange(status, now),),
                media=(MediaItem("ME1", "image/png", b"png", now),),
            )
        )
    world.add_alert(63041, "warning", "Template paused", account.order_ready_sid)
    return world


def known(world: World) -> dict[str, list[str]]:
    """Return values that exist for each parameter of a path."""
    return {
        "account": [ACCOUNT],
        "sid": [each.sid for each in world.messages.all],
        "media": ["ME1"],
        "content": [each.sid for each in world.templates],
        "sender": [each.install_sid for each in world.senders.all],
        "service": [each.sid for each in world.senders.services],
        "alert": [each.sid for each in world.alerts],
    }


TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "whatsapp",
        "WHATSAPP",
        "canceled",
        "whatsapp:+34600000001",
        "whatsapp:ES.1",
        f"whatsapp:{NUMBER}",
        "whatsapp:+14155550123",
        "HX" + "1" * 32,
        "SMinbound",
        "true",
        "fixed",
        "2026-11-26T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        '{"1": "Ana"}',
        "[" * 2000,
        "http://[::1",
        "http://a:99999999999/",
        "http://example.com/x#rc=9",
        "-1",
        "99999999999999999999",
        "٣",
        "²",
        "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "UTILITY",
        "es",
        "greeting",
        ".*" * 50,
        "\x00",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
TYPES = st.dictionaries(
    st.sampled_from(sorted(CONTENT_TYPES)),
    st.fixed_dictionaries({"body": TEXTS}, optional={"actions": JSON, "media": JSON, "items": JSON, "cards": JSON}),
    min_size=1,
    max_size=2,
)
# Well-formed arguments of the operations that need some, from which a request deviates.
USUAL: dict[str, dict[str, Any]] = {
    "create_message": {"To": "whatsapp:+34600000001", "From": f"whatsapp:{NUMBER}", "Body": "Hola"},
    "create_content": {"language": "es", "types": {"twilio/text": {"body": "Hola"}}},
    "update_content": {"types": {"twilio/text": {"body": "Hola"}}},
    "create_approval": {"name": "greeting", "category": "UTILITY"},
    "create_sender": {"sender_id": "whatsapp:+14155550177", "profile": {"name": "Tienda"}},
    "create_service": {"FriendlyName": "Ventas"},
    "list_senders": {"Channel": "whatsapp"},
    "type_v2": {"channel": "whatsapp", "messageId": "SMinbound"},
    "type_v3": {"channel": "WHATSAPP", "messageId": "SMinbound"},
}
FORM = b"application/x-www-form-urlencoded"


@attrs.frozen
class Sent:
    """A request and what it is a case of."""

    operation: Operation
    verb: str
    path: str
    query: bytes = b""
    content_type: bytes = FORM
    body: bytes = b""


@st.composite
def requests_to(draw: st.DrawFn, world: World) -> Sent:
    """Draw a request to one of the operations, mostly well-formed."""
    path, verb, operation = draw(st.sampled_from(CASES))
    for name, values in known(world).items():
        path = path.replace(
            f"{{{name}}}", draw(st.sampled_from(values or ["none"]) | st.text("ab~%é", min_size=1, max_size=5))
        )
    usual = draw(st.sampled_from([USUAL.get(operation.handler.__name__, {}), {}]))
    query = urlencode({**(usual if operation.query else {}), **draw(pairs(operation.query))}).encode()
    if operation.body:
        given = {name: TYPES | JSON if name == "types" else JSON for name in operation.body}
        changes = draw(st.fixed_dictionaries({}, optional=given) | JSON)
        body = json.dumps({**usual, **changes} if isinstance(changes, dict) else changes).encode()
        raw = draw(st.just(body) | st.binary(max_size=20))
        return Sent(operation, verb, path, query, b"application/json", raw)
    form = urlencode({**usual, **draw(pairs(operation.form))}, doseq=True).encode()
    return Sent(operation, verb, path, query, FORM, draw(st.just(form) | st.binary(max_size=20)))


def pairs(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), TEXTS, max_size=4) if names else st.just({})


def answer_to(app: Application, sent: Sent) -> tuple[int, dict[bytes, bytes], bytes]:
    """Call the application as a server would."""
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent.body, "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": sent.verb,
        "path": sent.path,
        "query_string": sent.query,
        "headers": [(b"authorization", LOGIN), (b"content-type", sent.content_type)],
    }
    with contextlib.suppress(StopIteration):
        app(scope, receive, send).send(None)  # nothing in it really waits
    start, end = messages
    return start["status"], dict(start["headers"]), end["body"]


@given(st.data())
@settings(deadline=None)
def test_no_request_makes_a_5xx(data: st.DataObject) -> None:
    """Whatever is asked in a row, each answer is a resource with all its fields, or a refusal with Twilio's four."""
    world = peopled()
    app = Application(world)
    for _ in range(data.draw(st.integers(1, 8))):
        check_answer(app, data.draw(requests_to(world)))


def check_answer(app: Application, sent: Sent) -> None:
    status, headers, body = answer_to(app, sent)
    assert status < 500
    if status >= 400:
        assert set(json.loads(body)) == {"code", "message", "more_info", "status"}
    elif status == 204:
        assert body == b""
        assert b"content-length" not in headers
    else:
        check_resource(sent.operation, json.loads(body) if sent.operation.resource else {})


def check_resource(operation: Operation, payload: dict[str, Any]) -> None:
    name = operation.resource.strip("[]")
    records = [payload] if name == operation.resource else next(v for v in payload.values() if isinstance(v, list))
    for record in records:
        assert not name or set(record) == set(FIELDS[name])


def test_every_operation_is_described() -> None:
    """The document has each path and verb with its own operation id, and each reference leads somewhere."""
    described = document()
    operations = [each for path in described["paths"].values() for each in path.values()]  # type: ignore[attr-defined]
    assert len(operations) == len(CASES)
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    schemas = described["components"]["schemas"]  # type: ignore[index]
    references = {each.split('"')[0] for each in json.dumps(described).split("#/components/schemas/")[1:]}
    assert references <= set(schemas)
    assert all(each["summary"] for each in operations)


def test_a_body_above_1_mb_is_refused() -> None:
    """Large bodies are refused without being parsed."""
    sent = Sent(CASES[0][2], "POST", "/v1/Content", b"", b"application/json", b" " * (1024 * 1024 + 1))
    status, _, body = answer_to(Application(peopled()), sent)
    assert (status, json.loads(body)["code"]) == (400, 20422)
