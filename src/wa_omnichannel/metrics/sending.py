"""Messages, templates and windows: what was sent, what became of it, and what could not be sent any more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, tzinfo

import attrs

from wa_omnichannel.metrics.log import Logged, text

WINDOW_KINDS = ("window_closing_soon", "window_closed", "window_refuted")
"""Events about the 24-hour window."""

_REACHED = {"sent": 1, "delivered": 2, "read": 3, "failed": 0, "undelivered": 0}


@attrs.define
class TemplateUse:
    """How often a template was sent in one language, and what became of it."""

    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    """Those that were read were delivered."""
    read: int = 0
    failed: int = 0


def template_use(events: Iterable[Logged]) -> Mapping[tuple[str, str], TemplateUse]:
    """Return the use of each template by name and language; each message counts once in each column."""
    found: dict[tuple[str, str], TemplateUse] = defaultdict(TemplateUse)
    message_of: dict[str, tuple[str, str]] = {}
    reached: dict[str, set[str]] = defaultdict(set)
    for event in events:
        message = text(event, "message")
        if event.kind == "message_accepted" and (named := _template(event)) is not None:
            message_of[message] = named
            found[named].accepted += 1
        elif message in message_of:
            reached[message] |= _columns(event)
    for message, columns in reached.items():
        for column in columns:
            use = found[message_of[message]]
            setattr(use, column, getattr(use, column) + 1)
    return dict(found)


def _template(event: Logged) -> tuple[str, str] | None:
    """Return the template that a message was made from, as the checks before it say."""
    for check in event.trace:
        if check.rule == "TPL-10":
            return str(check.facts.get("template", "")), str(check.facts.get("language", ""))
    return None


def _columns(event: Logged) -> set[str]:
    status = {"message_sent": "sent", "message_failed": "failed"}.get(event.kind, text(event, "status"))
    if event.kind not in ("message_sent", "message_failed", "message_status") or status not in _REACHED:
        return set()
    reached = _REACHED[status]
    return {"failed"} if not reached else {name for name, rank in _REACHED.items() if 0 < rank <= reached}


def window_events(events: Iterable[Logged], zone: tzinfo) -> Mapping[date, Mapping[str, int]]:
    """Return, for each day in *zone*, how many windows were about to close, closed, or were refuted by WhatsApp."""
    found: dict[date, Counter[str]] = defaultdict(Counter)
    for event in events:
        if event.kind in WINDOW_KINDS:
            found[event.at.astimezone(zone).date()][event.kind] += 1
    return {day: {kind: found[day][kind] for kind in WINDOW_KINDS} for day in sorted(found)}


def refusals(events: Iterable[Logged]) -> Mapping[str, int]:
    """Return how often a message was refused, by reason, the most frequent first."""
    return dict(Counter(text(event, "reason") for event in events if event.kind == "send_refused").most_common())
