"""The Debugger's alerts: failed webhooks, and templates approved, rejected, paused or disabled."""

from __future__ import annotations

from functools import partial

from wa_omnichannel.emulator.behaviour.callbacks import API_VERSION
from wa_omnichannel.emulator.behaviour.problems import MORE_INFO
from wa_omnichannel.emulator.rest.calls import Answer, Call, not_found
from wa_omnichannel.emulator.rest.dates import iso8601, last_second, read_date
from wa_omnichannel.emulator.rest.paging import new_style, page_of
from wa_omnichannel.emulator.state.records import Alert
from wa_omnichannel.emulator.state.world import World

PATH = "/v1/Alerts"


def alert_json(world: World, alert: Alert) -> dict[str, object]:
    """Return the alert resource; what the emulator does not keep of the failed request is empty."""
    at = iso8601(alert.at)
    unknown = ("request_headers", "request_variables", "response_body", "response_headers", "service_sid")
    return {
        "account_sid": world.options.account_sid,
        "alert_text": alert.text,
        "api_version": API_VERSION,
        "date_created": at,
        "date_generated": at,
        "date_updated": at,
        "error_code": str(alert.code),
        "log_level": alert.level,
        "more_info": f"{MORE_INFO}{alert.code}",
        "request_method": "POST" if alert.url else None,
        "request_url": alert.url or None,
        "resource_sid": alert.resource_sid,
        "sid": alert.sid,
        "url": f"{world.base_url}{PATH}/{alert.sid}",
        **dict.fromkeys(unknown),
    }


def list_alerts(world: World, call: Call) -> Answer:
    """List the alerts, newest first, by ``LogLevel``, ``StartDate`` and ``EndDate``."""
    level, start, end = (call.argument(name) for name in ("LogLevel", "StartDate", "EndDate"))
    since, until = read_date(start) if start else None, last_second(end) if end else None
    found = [
        each
        for each in reversed(world.alerts)
        if level in {"", each.level} and (since is None or each.at >= since) and (until is None or each.at <= until)
    ]
    page = page_of(found, call, lambda alert: alert.sid)
    return Answer(payload=new_style(world.base_url + PATH, "alerts", page, call, partial(alert_json, world)))


def fetch_alert(world: World, call: Call) -> Answer:
    """Return one alert."""
    for alert in world.alerts:
        if alert.sid == call.params["alert"]:
            return Answer(payload=alert_json(world, alert))
    raise not_found(call)
