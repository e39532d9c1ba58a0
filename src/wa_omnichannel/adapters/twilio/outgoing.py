"""From a message of ours to the parameters of the provider's API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from wa_omnichannel.adapters.twilio.webhook import MESSAGE_ID
from wa_omnichannel.addresses import wire
from wa_omnichannel.messages import Content, Location, Media, Outgoing, TemplateMessage, Text

Fields: TypeAlias = dict[str, Any]
"""Keyword arguments of the SDK's ``messages.create``."""


def fields_of(outgoing: Outgoing, status_url: str, service: str | None = None) -> Fields | None:
    """Return what to send, or None for content that cannot be sent.

    Args:
        outgoing: The message.
        status_url: Where its callbacks go; our message id is added to the query.
        service: Messaging Service to send with, if any; the sender stays the message's own.

    >>> from wa_omnichannel.addresses import Address
    >>> hello = Outgoing("42", Address("+14155550100"), Address("+34600000001"), Text("Hello"))
    >>> fields_of(hello, "https://example.com/wa/status")["status_callback"]
    'https://example.com/wa/status?m=42'
    """
    write = _WRITERS.get(type(outgoing.content))
    content = write(outgoing.content) if write is not None else None
    if content is None:
        return None
    fields: Fields = {
        "from_": wire(outgoing.sender),
        "to": wire(outgoing.to),
        "status_callback": f"{status_url}?{MESSAGE_ID}={quote(outgoing.message_id, safe='')}",
        **content,
    }
    if outgoing.validity is not None:
        fields["validity_period"] = max(1, int(outgoing.validity.total_seconds()))
    if service is not None:
        fields["messaging_service_sid"] = service
    return fields


def _text(content: Any) -> Fields | None:
    return {"body": content.body}


def _media(content: Any) -> Fields | None:
    caption = {"body": content.caption} if content.caption else {}
    return {"media_url": [content.url], **caption}


def _location(content: Any) -> Fields | None:
    """A place is an action beside the text; the text is the place's name."""
    point = f"{content.latitude:.6f},{content.longitude:.6f}"
    place = (content.address or content.label).replace("|", " ")
    action = f"geo:{point}|{place}" if place else f"geo:{point}"
    return {"body": content.label or content.address or point, "persistent_action": [action]}


def _template(content: Any) -> Fields | None:
    if not content.content_sid:
        return None
    return {"content_sid": content.content_sid, **_variables(content.variables)}


def _variables(variables: Mapping[str, str]) -> Fields:
    """The API wants a JSON object of strings, as text."""
    return {"content_variables": json.dumps(dict(variables), ensure_ascii=False)} if variables else {}


_WRITERS: Mapping[type[Content], Callable[[Any], Fields | None]] = {
    Text: _text,
    Media: _media,
    Location: _location,
    TemplateMessage: _template,
}
