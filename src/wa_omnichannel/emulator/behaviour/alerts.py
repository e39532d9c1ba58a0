"""What the Debugger's webhook says about an alert."""

from __future__ import annotations

import json

from wa_omnichannel.emulator.state.records import Alert
from wa_omnichannel.emulator.state.world import World


def alert_params(world: World, alert: Alert) -> dict[str, str]:
    """Return the form of the Debugger's webhook for one alert."""
    payload = {
        "resource_sid": alert.resource_sid,
        "service_sid": None,
        "error_code": str(alert.code),
        "more_info": {"Msg": alert.text, "ErrorCode": str(alert.code), "LogLevel": alert.level.upper()},
        "webhook": {"type": "application/json", "request": {"url": alert.url, "method": "POST"}} if alert.url else None,
    }
    return {
        "AccountSid": world.options.account_sid,
        "Sid": alert.sid,
        "ParentAccountSid": "",
        "Timestamp": alert.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Level": alert.level.capitalize(),
        "PayloadType": "application/json",
        "Payload": json.dumps(payload),
    }
