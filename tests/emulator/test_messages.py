"""The REST resources of messages, seen through Twilio's SDK and as raw HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from wa_omnichannel.emulator import Customer, Emulator
from wa_omnichannel.emulator.rest.fields import FIELDS

NUMBER = "+14155550100"
SENDER = f"whatsapp:{NUMBER}"
ANA = "whatsapp:+34600000001"


def post(twilio: Emulator, form: Any, auth: tuple[str, str] | None = None) -> requests.Response:
    path = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    credentials = auth or (twilio.account_sid, twilio.auth_token)
    return requests.post(twilio.base_url + path, data=form, auth=credentials, timeout=5)


def test_a_send_is_queued_and_has_every_field(twilio: Emulator) -> None:
    """A send answers 201 with the whole message resource."""
    answer = post(twilio, {"To": ANA, "From": SENDER, "Body": "Hola"})
    assert answer.status_code == 201
    assert set(answer.json()) == set(FIELDS["message"])
    assert answer.json()["status"] == "queued"
    assert answer.json()["date_created"].endswith("+0000")


def test_the_sdk_reads_every_attribute(twilio: Emulator, ana: Customer, send: Any, client: Any) -> None:
    """After delivery the SDK has a value in every attribute that can have one."""
    ana.says("Hola")
    message = send(body="Buenos días")
    twilio.wait_for(message.sid, "delivered")
    fetched = client.messages(message.sid).fetch()
    empty = {name for name, value in vars(fetched).items() if value is None and not name.startswith("_")}
    assert empty == {"error_code", "error_message", "messaging_service_sid", "price", "price_unit"}
    assert (fetched.status, fetched.direction) == ("delivered", "outbound-api")
    assert (fetched.num_media, fetched.num_segments) == ("0", "1")
    assert fetched.uri == f"/2010-04-01/Accounts/{twilio.account_sid}/Messages/{message.sid}.json"


def test_a_messaging_service_accepts_first(twilio: Emulator, ana: Customer, send: Any, receiver: Any) -> None:
    """With a service the first status is accepted, and queued comes by callback."""
    ana.says("Hola")
    service = twilio.add_messaging_service(NUMBER)
    message = send(from_=None, messaging_service_sid=service, body="Hi")
    twilio.wait_idle()
    assert (message.status, message.from_) == ("accepted", None)
    assert receiver.statuses() == ["queued", "sent", "delivered"]
    assert twilio.message(message.sid).from_ == SENDER


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (21604, {"To": ""}),
        (21211, {"To": "whatsapp:600"}),
        (21211, {"To": "+34600000001"}),
        (21603, {"From": ""}),
        (21606, {"From": NUMBER}),
        (63007, {"From": "whatsapp:+14155550199"}),
        (21701, {"From": "", "MessagingServiceSid": "MG" + "0" * 32}),
        (21602, {"Body": ""}),
        (21617, {"Body": "x" * 1601}),
        (21623, {"MediaUrl": ["http://127.0.0.1/a.png", "http://127.0.0.1/b.png"]}),
        (21656, {"ContentSid": "HX" + "1" * 32, "ContentVariables": '{"1": 2}'}),
        (21656, {"ContentSid": "HX" + "1" * 32, "ContentVariables": "Ana"}),
        (20404, {"ContentSid": "HX" + "9" * 32}),
        (21609, {"StatusCallback": "http://under_score.example/"}),
        (20001, {"ValidityPeriod": "0"}),
        (20001, {"ValidityPeriod": "soon"}),
        (35118, {"ScheduleType": "fixed", "SendAt": "2026-12-01T00:00:00Z"}),
        (21656, {"ContentSid": "HX" + "1" * 32, "ContentVariables": "[]"}),
    ],
)
def test_refusals(twilio: Emulator, code: int, changes: dict[str, Any]) -> None:
    """A wrong send gets Twilio's code, status and body, and creates nothing."""
    answer = post(twilio, {"To": ANA, "From": SENDER, "Body": "Hola", **changes})
    assert answer.status_code == (404 if code == 20404 else 400)
    assert answer.json()["code"] == code
    assert answer.json()["status"] == answer.status_code
    assert answer.json()["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert answer.json()["message"]
    assert twilio.messages == ()


def test_a_body_of_1600_characters_passes(twilio: Emulator) -> None:
    """The longest allowed body is accepted."""
    assert post(twilio, {"To": ANA, "From": SENDER, "Body": "x" * 1600}).status_code == 201


def test_wrong_credentials(twilio: Emulator) -> None:
    """A wrong token answers 401 with code 20003."""
    answer = post(twilio, {"To": ANA, "From": SENDER, "Body": "Hola"}, (twilio.account_sid, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_account_is_not_found(twilio: Emulator, client: Any) -> None:
    """Another account's path answers 404 with code 20404, as does an unknown path."""
    with pytest.raises(TwilioRestException) as caught:
        client.api.v2010.accounts("AC" + "9" * 32).messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
    unknown = requests.get(f"{twilio.base_url}/2010-04-01/Nothing.json", timeout=5)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 20404)


def test_an_unknown_message_is_not_found(client: Any) -> None:
    """A sid that does not exist answers 404."""
    with pytest.raises(TwilioRestException) as caught:
        client.messages("SM" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_the_list_has_both_directions(twilio: Emulator, ana: Customer, send: Any, client: Any) -> None:
    """Inbound and outbound messages are listed, newest first."""
    incoming = ana.says("Hola")
    outgoing = send(body="Hi")
    listed = client.messages.list()
    assert [each.sid for each in listed] == [outgoing.sid, incoming.sid]
    assert (listed[1].direction, listed[1].status, listed[1].body) == ("inbound", "received", "Hola")


def test_the_list_filters(twilio: Emulator, ana: Customer, send: Any, client: Any) -> None:
    """To, From and the three DateSent filters choose messages."""
    start = twilio.clock.freeze().replace(microsecond=0)
    twilio.clock.set(start)
    old = ana.says("Hola")
    twilio.clock.advance(hours=30)
    new = send(body="Hi").sid
    twilio.wait_idle()

    def found(**filters: Any) -> list[str]:
        return [each.sid for each in client.messages.list(**filters)]

    assert found(from_=ana.address) == [old.sid]
    assert found(to=ana.address) == [new]
    assert found(date_sent=start) == [old.sid]
    assert found(date_sent_after=start + timedelta(seconds=1)) == [new]
    assert found(date_sent_before=start) == [old.sid]
    assert found(to=ana.address, date_sent_before=start) == []


def test_the_list_pages(ana: Customer, client: Any) -> None:
    """The SDK walks through every page and back."""
    sids = [ana.says(str(n)).sid for n in range(5)]
    assert [each.sid for each in client.messages.list(page_size=2)] == sids[::-1]
    first = client.messages.page(page_size=2)
    second = first.next_page()
    assert [each.sid for each in second] == [sids[2], sids[1]]
    assert [each.sid for each in second.previous_page()] == [sids[4], sids[3]]
    assert second.next_page().next_page() is None


@pytest.mark.parametrize("query", ["PageSize=many", "DateSent=yesterday"])
def test_unreadable_filters(twilio: Emulator, query: str) -> None:
    """A filter that cannot be read answers 400."""
    path = f"/2010-04-01/Accounts/{twilio.account_sid}/Messages.json?{query}"
    auth = (twilio.account_sid, twilio.auth_token)
    answer = requests.get(twilio.base_url + path, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_redaction_and_deletion(twilio: Emulator, ana: Customer, send: Any, client: Any) -> None:
    """A blank Body redacts a message; DELETE hides it from the API only."""
    ana.says("Hola")
    message = send(body="secret")
    twilio.wait_idle()
    with pytest.raises(TwilioRestException) as caught:
        message.update(body="another text")
    assert caught.value.code == 20001
    assert message.update(body="").body == ""
    assert message.delete() is True
    with pytest.raises(TwilioRestException):
        message.fetch()
    assert twilio.message(message.sid).rendered_body == "secret"


def test_a_queued_message_can_be_canceled(twilio: Emulator, ana: Customer, send: Any) -> None:
    """Cancelling works while a message is queued, and stops it."""
    twilio.configure(delay=0.5)
    ana.says("Hola")
    message = send(body="Hi")
    with pytest.raises(TwilioRestException) as caught:
        message.delete()
    assert caught.value.code == 20009
    assert message.update(status="canceled").status == "canceled"
    twilio.wait_idle()
    assert twilio.message(message.sid).statuses == ("queued", "canceled")
    with pytest.raises(TwilioRestException) as again:
        message.update(status="canceled")
    assert again.value.code == 30409


def test_requests_are_logged(twilio: Emulator, ana: Customer, send: Any) -> None:
    """The log shows every request with its form, so that a test can count sends."""
    send(body="Hi")
    posts = [each for each in twilio.requests if each.method == "POST"]
    assert [each.form["Body"] for each in posts] == ["Hi"]
    assert posts[0].path.endswith("/Messages.json")
