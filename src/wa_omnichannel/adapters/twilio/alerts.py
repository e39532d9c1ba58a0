"""The provider's alerts (its Debugger): templates that were rejected, paused or disabled, and webhooks that failed.

They come as a webhook, if one is configured in the console, and can be listed. An alert about a template names its
content; :func:`concerning` says which translation of ours that is, and what happened to it::

    for told in concerning(desk.templates(), api.run(alerts(since))):
        desk.report_template(*told.about, told.event, at=told.at)

Source: Twilio, "Debugger webhooks", "Monitor alerts", error pages 63040 to 63042 (2026).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from wa_omnichannel.adapters.twilio.calls import PAGE, Call, Json, Question, pages
from wa_omnichannel.errors import MalformedWebhook
from wa_omnichannel.instants import in_utc
from wa_omnichannel.templates import ALERTS, ApprovalEvent, Template


@attrs.frozen
class Alert:
    """One entry of the Debugger."""

    sid: str
    code: int
    """The error code."""
    level: str
    """``error``, ``warning`` or ``notice``."""
    subject: str
    """SID of what it is about: a content, a message."""
    at: datetime


@attrs.frozen
class Told:
    """What an alert says about one of our translations."""

    about: tuple[str, str]
    """Name and language of the template."""
    event: ApprovalEvent
    at: datetime


def alerts(since: datetime, until: datetime | None = None) -> Question[tuple[Alert, ...]]:
    """List alerts, the latest first, all pages.

    Args:
        since: From this instant on; aware.
        until: Up to this instant; aware.
    """
    query = {"StartDate": _instant(since, "since"), "EndDate": until and _instant(until, "until"), "PageSize": PAGE}
    found = yield from pages(Call("GET", "monitor", "/v1/Alerts", query), "alerts")
    return tuple(_listed(each) for each in found)


def read_alert(values: Mapping[str, str]) -> Alert:
    """Read the form of a Debugger webhook whose signature was checked (:meth:`.signature.SignatureCheck.values`).

    Raises:
        MalformedWebhook: It is none.
    """
    try:
        payload: Any = json.loads(values["Payload"])
        at = datetime.fromisoformat(values["Timestamp"])
        code, subject = int(payload["error_code"]), str(payload.get("resource_sid") or "")
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise MalformedWebhook("This is no alert of the Debugger.") from None
    if at.tzinfo is None:
        raise MalformedWebhook("The alert has an instant without a time zone.")
    return Alert(values.get("Sid", ""), code, values.get("Level", "").lower(), subject, at)


def concerning(templates: Iterable[Template], told: Iterable[Alert]) -> Iterator[Told]:
    """Yield what *told* says about *templates*; alerts about anything else are left out."""
    names = {
        each.content_sid: (template.name, each.language) for template in templates for each in template.translations
    }
    names.pop(None, None)
    for alert in told:
        event, about = ALERTS.get(alert.code), names.get(alert.subject)
        if event is not None and about is not None:
            yield Told(about, event, alert.at)


def _listed(told: Json) -> Alert:
    at = datetime.fromisoformat(told["date_generated"])
    return Alert(told["sid"], int(told["error_code"]), told["log_level"], told["resource_sid"] or "", at)


def _instant(at: datetime, field: str) -> str:
    return in_utc(at, field).strftime("%Y-%m-%dT%H:%M:%SZ")
