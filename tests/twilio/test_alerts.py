"""Alerts about templates: listed and as a webhook, joined with ours, and told to the channel."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.shop import shop
from tests.twilio.conftest import ACCOUNT, PUBLIC, TOKEN, signed
from tests.twilio.test_contents import Ask, asker, no_sleep

from wa_omnichannel.adapters.memory import MemoryStore
from wa_omnichannel.adapters.twilio import TwilioTransport
from wa_omnichannel.adapters.twilio.alerts import Alert, alerts, concerning, read_alert
from wa_omnichannel.adapters.twilio.signature import SignatureCheck
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.errors import InvalidValue, MalformedWebhook
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.templates import Approval, ApprovalEvent, Template, Translation

__all__ = ["asker"]  # the fixture with both colours

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "code", "event"),
    [
        ("rejected", 63040, ApprovalEvent.REJECT),
        ("paused", 63041, ApprovalEvent.PAUSE),
        ("disabled", 63042, ApprovalEvent.DISABLE),
    ],
)
def test_an_alert_reaches_the_channel(
    asker: Callable[..., Ask], twilio: Emulator, state: str, code: int, event: ApprovalEvent
) -> None:
    """TPL-8: nobody has to look into the console, nor to wait for the next reading of the list."""
    sid = twilio.pedido_listo_sid
    template = Template("pedido_listo", (Translation("es", "Hola {{1}}", Approval.APPROVED, sid),), "es")
    desk = Omnichannel(attrs.evolve(shop(), templates=[template]), store=MemoryStore(), transport=None)
    since = twilio.clock.now() - timedelta(minutes=1)
    twilio.set_template_status(sid, state)
    twilio.set_template_status(twilio.order_ready_sid, state)  # a template of the account that is not ours
    found = asker(twilio.base_url, no_sleep)(alerts(since))
    assert {(each.code, each.subject) for each in found} == {(code, sid), (code, twilio.order_ready_sid)}
    (told,) = concerning(desk.templates(), found)
    assert (told.about, told.event) == (("pedido_listo", "es"), event)
    change = desk.report_template(*told.about, told.event, at=told.at)
    assert change is not None
    assert change.after == state


def test_only_alerts_of_the_time_asked_for(asker: Callable[..., Ask], twilio: Emulator) -> None:
    twilio.set_template_status(twilio.pedido_listo_sid, "paused")
    now = twilio.clock.now()
    ask = asker(twilio.base_url, no_sleep)
    assert ask(alerts(now + timedelta(minutes=1))) == ()
    assert ask(alerts(now - timedelta(hours=2), now - timedelta(hours=1))) == ()
    with pytest.raises(InvalidValue, match="since"):
        ask(alerts(datetime(2026, 1, 1)))  # noqa: DTZ001 - naive on purpose


def test_the_webhook_of_the_debugger_is_read(twilio: Emulator) -> None:
    twilio.configure(debugger_url="http://127.0.0.1:9/debugger#rc=0")
    twilio.faults.clear()
    twilio.set_template_status(twilio.pedido_listo_sid, "paused")
    twilio.wait_idle()
    record = next(each for each in twilio.webhooks if each.kind == "debugger")
    request = signed(urlencode(record.params).encode(), "/debugger")
    found = read_alert(SignatureCheck(PUBLIC, [TOKEN]).values(request))
    assert (found.code, found.level, found.subject) == (63041, "warning", twilio.pedido_listo_sid)
    assert abs(found.at - twilio.clock.now()) < timedelta(minutes=1)


PAYLOADS: Any = st.sampled_from(
    ["", "{}", "[]", "7", "null", "[" * 99_999, '{"error_code": "x"}', '{"error_code": null}']
)
TIMES = st.sampled_from(["", "2026-11-25T12:00:00", "2026-11-25T12:00:00Z", "soon"])


@given(PAYLOADS | st.text(max_size=20), TIMES)
def test_anything_else_is_refused(payload: str, at: str) -> None:
    with pytest.raises(MalformedWebhook):
        read_alert({"Payload": payload, "Timestamp": at})
    naive = {"Payload": json.dumps({"error_code": "63041"}), "Timestamp": "2026-11-25T12:00:00"}
    with pytest.raises(MalformedWebhook, match="time zone"):
        read_alert(naive)


def test_alerts_about_other_things_are_left_out() -> None:
    template = Template(
        "x", (Translation("es", "Hola", Approval.APPROVED, "HX" + "0" * 32), Translation("en", "Hi")), "es"
    )
    told = [
        Alert("NO1", 11200, "error", "HX" + "0" * 32, NOW),
        Alert("NO2", 63041, "warning", "HX" + "1" * 32, NOW),
        Alert("NO3", 63041, "warning", "", NOW),
    ]
    assert list(concerning([template], told)) == []


def test_the_transport_has_the_api_that_alerts_are_asked_of(twilio: Emulator) -> None:
    settings: dict[str, Any] = {"account_sid": ACCOUNT, "auth_token": TOKEN, "base_url": twilio.base_url}
    with TwilioTransport(public_url=PUBLIC, **settings) as transport:
        assert transport.api.run(alerts(twilio.clock.now())) == ()
