"""The Content API and the life of an approval."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.rest.content.v1.content import ContentList  # type: ignore[import-untyped]
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Emulator, Template
from wa_omnichannel.emulator.behaviour.reviews import RULES, problems_of

GOOD = "Hola {{1}}, su pedido {{2}} ya salió de nuestro almacén."
SAMPLES = {"1": "Ana", "2": "A-100"}


def create(client: Any, body: str = GOOD, **fields: Any) -> Any:
    given = {"friendly_name": "shipped", "language": "es", "variables": SAMPLES, **fields}
    request = ContentList.ContentCreateRequest({"types": {"twilio/text": {"body": body}}, **given})
    return client.content.v1.contents.create(content_create_request=request)


def submit(client: Any, sid: str, name: str = "shipped", category: str = "UTILITY", **fields: Any) -> Any:
    request = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category})
    return client.content.v1.contents(sid).approval_create.create(content_approval_request=request)


def status_of(client: Any, sid: str) -> tuple[str, str]:
    approval = client.content.v1.contents(sid).approval_fetch().fetch().whatsapp
    return approval["status"], approval["rejection_reason"]


def refusal(make: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        make()
    return caught.value.status, caught.value.code


def test_from_draft_to_approval(twilio: Emulator, client: Any) -> None:
    """A template is created unsubmitted, submitted once, reviewed, listed and deleted."""
    content = create(client)
    assert (content.friendly_name, content.language, content.variables) == ("shipped", "es", SAMPLES)
    assert status_of(client, content.sid) == ("unsubmitted", "")
    assert submit(client, content.sid).status == "received"
    twilio.wait_idle()
    assert status_of(client, content.sid) == ("approved", "")
    assert refusal(lambda: submit(client, content.sid)) == (400, 92009)
    assert content.delete() is True
    assert refusal(content.fetch) == (404, 20404)


def test_an_approval_passes_through_its_states(twilio: Emulator, client: Any) -> None:
    """Without automatic reviews a template stays received until the test decides."""
    twilio.configure(reviews=False)
    content = create(client)
    submit(client, content.sid)
    assert status_of(client, content.sid) == ("received", "")
    twilio.set_template_status(content.sid, "pending")
    assert status_of(client, content.sid) == ("pending", "")
    assert twilio.review_template(content.sid).status == "approved"


def test_a_rejected_template_says_why(twilio: Emulator, client: Any) -> None:
    """The hard rules reject, an alert says so, and the name of a deleted template is blocked for 30 days."""
    content = create(client, "{{1}} {{2}}")
    submit(client, content.sid)
    twilio.wait_idle()
    status, reason = status_of(client, content.sid)
    assert status == "rejected"
    assert "begins or ends" in reason
    assert "touch" in reason
    assert [each.code for each in twilio.alerts] == [63040]
    content.delete()
    for days, expected in ((29, "rejected"), (2, "approved")):
        twilio.clock.advance(timedelta(days=days))
        again = create(client)
        submit(client, again.sid)
        twilio.wait_idle()
        assert status_of(client, again.sid)[0] == expected


def test_category_change(twilio: Emulator, client: Any) -> None:
    """A utility template that advertises becomes marketing, or is rejected where no change is allowed."""
    text = "Hola {{1}}, aproveche nuestra oferta de verano con el código {{2}} antes del domingo."
    content = create(client, text)
    submit(client, content.sid)
    twilio.wait_idle()
    assert client.content.v1.contents(content.sid).approval_fetch().fetch().whatsapp["category"] == "MARKETING"
    strict = create(client, text)
    path = f"{twilio.base_url}/v1/Content/{strict.sid}/ApprovalRequests/whatsapp"
    form: dict[str, Any] = {"name": "strict", "category": "UTILITY", "allow_category_change": False}
    answer = requests.post(path, json=form, auth=(twilio.account_sid, twilio.auth_token), timeout=5)
    assert (answer.status_code, answer.json()["allow_category_change"]) == (201, False)
    twilio.wait_idle()
    assert status_of(client, strict.sid) == ("rejected", "INCORRECT_CATEGORY")
    assert twilio.set_template_category(strict.sid, "MARKETING").category == "MARKETING"


def test_pauses(twilio: Emulator, send: Any) -> None:
    """Low quality pauses for 3 h, then for 6 h, then disables; sends fail with 63041 and 63042 meanwhile."""
    twilio.clock.freeze()
    sid = twilio.order_ready_sid

    def outcome() -> tuple[str, int | None]:
        message = send(content_sid=sid)
        twilio.wait_idle()
        record = twilio.message(message.sid)
        return record.status, record.error_code

    for hours in (3, 6):
        twilio.lower_template_quality(sid)
        assert outcome() == ("failed", 63041)
        twilio.clock.advance(hours=hours - 1)
        assert outcome() == ("failed", 63041)
        twilio.clock.advance(hours=1)
        twilio.wait_idle()
        assert outcome() == ("delivered", None)
    assert twilio.lower_template_quality(sid).status == "disabled"
    assert outcome() == ("failed", 63042)
    codes = [each.code for each in twilio.alerts]
    assert codes == [63041, 63046, 63041, 63046, 63042]


BREAKERS: dict[str, dict[str, Any]] = {
    "the name is": {"name": "Shipped!"},
    "the content type": {"types": {"twilio/list-picker": {"body": "Elija usted", "button": "Ver", "items": []}}},
    "authentication content": {"category": "AUTHENTICATION"},
    "a body is empty": {"types": {"twilio/text": {"body": "x" * 1025}}},
    "a body begins": {"types": {"twilio/text": {"body": "{{1}}, su pedido ya salió de aquí"}}},
    "two variables": {"types": {"twilio/text": {"body": "Hola {{1}}, {{2}} ya salió de nuestro almacén hoy"}}},
    "the variables are": {"types": {"twilio/text": {"body": "Hola {{1}}, su pedido {{3}} ya salió de aquí"}}},
    "a body has too few": {"types": {"twilio/text": {"body": "Hola {{1}} y {{2}} hoy"}}},
    "a sample value": {"variables": {"1": "Ana"}},
    "a body has more than": {"types": {"twilio/text": {"body": "Gracias " + "😀" * 11}}},
    "a header": {"types": {"whatsapp/card": {"body": "Gracias por venir", "header_text": "línea\notra"}}},
    "a footer": {"types": {"whatsapp/card": {"body": "Gracias por venir", "footer": "para {{1}} hoy"}}},
    "a button": {"types": {"twilio/quick-reply": {"body": "¿Sí?", "actions": [{"title": "x" * 26, "id": "1"}]}}},
    "a variable stands": {
        "types": {
            "twilio/call-to-action": {
                "body": "Siga su pedido",
                "actions": [{"type": "URL", "title": "Ver", "url": "https://{{1}}.example/"}],
            }
        }
    },
}


@pytest.mark.parametrize("beginning", BREAKERS)
def test_each_hard_rule(beginning: str) -> None:
    """Each line of the table rejects its own example, and nothing rejects the good template."""
    good: dict[str, Any] = {
        "name": "shipped",
        "language": "es",
        "types": {"twilio/text": {"body": GOOD}},
        "variables": SAMPLES,
    }
    assert problems_of(Template(**good)) == ()
    found = problems_of(Template(**{**good, **BREAKERS[beginning]}))
    assert any(each.startswith(beginning) for each in found)


def test_every_hard_rule_has_an_example() -> None:
    """No line of the table goes untested."""
    assert all(sum(text.startswith(each) for each in BREAKERS) == 1 for text, _ in RULES)


@pytest.mark.parametrize(
    ("code", "document"),
    [
        (92003, {"types": {"twilio/text": {"body": "Hola"}}}),
        (92001, {"language": "es"}),
        (92001, {"language": "es", "types": []}),
        (92004, {"language": "Spanish", "types": {"twilio/text": {"body": "Hola"}}}),
        (92008, {"language": "es", "types": {"twilio/button": {"body": "Hola"}}}),
        (
            92002,
            {
                "language": "es",
                "types": {"twilio/text": {"body": "Hola"}},
                "variables": {str(n): "x" for n in range(101)},
            },
        ),
        (20422, {"language": "es", "types": {"twilio/text": {}}}),
        (20422, {"language": "es", "types": {"twilio/text": "Hola"}}),
        (20422, {"language": "es", "types": {"twilio/text": {"body": "Hola"}}, "variables": {"1": 2}}),
        (20422, {"language": "es", "types": {"twilio/text": {"body": "Hola"}}, "variables": ["Ana"]}),
        (20001, ["a list"]),
    ],
)
def test_refused_drafts(twilio: Emulator, code: int, document: Any) -> None:
    """A draft that Twilio refuses gets its code and creates nothing."""
    before = len(twilio.world.templates)
    auth = (twilio.account_sid, twilio.auth_token)
    answer = requests.post(f"{twilio.base_url}/v1/Content", json=document, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert len(twilio.world.templates) == before


def test_a_form_sent_as_json_is_refused(twilio: Emulator) -> None:
    """A body that is no JSON gets 20001: the fault of the SDK's async client would show here."""
    auth, headers = (twilio.account_sid, twilio.auth_token), {"Content-Type": "application/json"}
    answer = requests.post(f"{twilio.base_url}/v1/Content", data="language=es", headers=headers, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert twilio.requests[-1].body == "language=es"


def test_updates(client: Any) -> None:
    """A draft can be changed; after submission it cannot."""
    content = create(client)
    body = {"types": {"twilio/text": {"body": "Otro texto"}}}
    changed = content.update(content_update_request=ContentList.ContentUpdateRequest(body))
    assert changed.types["twilio/text"]["body"] == "Otro texto"
    assert changed.language == "es"
    submit(client, content.sid)
    request = ContentList.ContentUpdateRequest(body)
    assert refusal(lambda: content.update(content_update_request=request)) == (409, 20409)


def test_refused_submissions(client: Any) -> None:
    """A name in capitals and an unknown category are refused at once."""
    content = create(client)
    assert refusal(lambda: submit(client, content.sid, name="Shipped")) == (400, 20422)
    assert refusal(lambda: submit(client, content.sid, category="TRANSACTIONAL")) == (400, 20422)


def test_searches(twilio: Emulator, client: Any) -> None:
    """Version 2 filters by language, type, eligibility, name, text and date, and sorts."""
    start = twilio.clock.freeze().replace(microsecond=0) + timedelta(seconds=1)
    twilio.clock.set(start)
    menu = {"twilio/quick-reply": {"body": "¿Qué necesita?", "actions": [{"title": "Ayuda", "id": "1"}]}}
    twilio.add_template(
        Template(name="menu", language="es", types=menu, status="pending", created_at=start, updated_at=start)
    )

    def names(**filters: Any) -> list[str]:
        return [each.friendly_name for each in client.content.v2.contents.list(**filters)]

    assert names() == ["pedido_listo", "order_ready", "menu"]
    assert names(language=["es"]) == ["pedido_listo", "menu"]
    assert names(content_type=["twilio/quick-reply"]) == ["menu"]
    assert names(channel_eligibility=["whatsapp:approved"]) == ["pedido_listo", "order_ready"]
    assert names(content_name="order.*ady") == ["order_ready"]
    assert names(content="QUÉ NEC") == ["menu"]
    assert names(content="(((") == []
    assert names(date_created_after=start) == ["menu"]
    assert names(date_created_before=start - timedelta(days=1)) == ["pedido_listo", "order_ready"]
    assert names(sort_by_content_name="asc") == ["menu", "order_ready", "pedido_listo"]
    assert names(sort_by_date="desc")[0] == "menu"
    assert names(page_size=1) == ["pedido_listo", "order_ready", "menu"]
    found = client.content.v2.content_and_approvals.list(channel_eligibility=["whatsapp:pending"])
    assert [each.approval_requests["status"] for each in found] == ["pending"]


def test_marketing(twilio: Emulator, ana: Any, send: Any) -> None:
    """Marketing does not reach people who stopped it (63050), nor numbers of the USA (63049)."""
    twilio.set_template_category(twilio.order_ready_sid, "MARKETING")

    def outcome(**fields: Any) -> int | None:
        message = send(content_sid=twilio.order_ready_sid, **fields)
        twilio.wait_idle()
        return twilio.message(message.sid).error_code

    ana.stops_marketing()
    assert outcome() == 63050
    ana.resumes_marketing()
    assert outcome() is None
    assert outcome(to="whatsapp:+14155550123") == 63049


def test_an_approved_text_is_at_most_1024_long(twilio: Emulator, send: Any) -> None:
    """Body and variables above 1024 characters fail with 63021."""
    message = send(content_sid=twilio.order_ready_sid, content_variables='{"1": "%s"}' % ("x" * 1000))
    twilio.wait_idle()
    assert twilio.message(message.sid).error_code == 63021


def test_the_debugger_is_told(twilio: Emulator, receiver: Any) -> None:
    """With a Debugger webhook, alerts about templates are posted and signed."""
    twilio.configure(debugger_url=f"{receiver.url}/debugger")
    twilio.set_template_status(twilio.order_ready_sid, "disabled")
    twilio.wait_idle()
    (request,) = receiver.received
    assert receiver.is_genuine(request)
    assert request.form["Level"] == "Error"
    assert '"error_code": "63042"' in request.form["Payload"]
    assert f'"resource_sid": "{twilio.order_ready_sid}"' in request.form["Payload"]
