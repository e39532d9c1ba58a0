"""From a message of ours to the body of a request (Meta, "Messages", 2026)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from wa_omnichannel.adapters.meta.templates import Catalogue
from wa_omnichannel.addresses import is_phone
from wa_omnichannel.messages import Content, Location, Media, MediaKind, Outgoing, TemplateMessage, Text

Body: TypeAlias = dict[str, Any]
"""A JSON object to be sent."""

CAPTIONED = frozenset({MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.DOCUMENT})
"""Kinds of files that may have a caption."""


def body_of(outgoing: Outgoing, catalogue: Catalogue) -> Body | None:
    """Return what to send, or None for content that cannot be sent.

    Our message id travels along and comes back with every status.

    >>> from wa_omnichannel.addresses import Address
    >>> hello = Outgoing("42", Address("+14155550100"), Address("+34600000001"), Text("Hello"))
    >>> body_of(hello, Catalogue())["text"]
    {'body': 'Hello', 'preview_url': False}
    """
    write = _WRITERS.get(type(outgoing.content))
    content = write(outgoing.content, catalogue) if write is not None else None
    if content is None:
        return None
    to = outgoing.to
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **({"to": to.removeprefix("+")} if is_phone(to) else {"recipient": to}),
        "biz_opaque_callback_data": outgoing.message_id,
        **content,
    }


def _text(content: Any, _: Catalogue) -> Body | None:
    return {"type": "text", "text": {"body": content.body, "preview_url": False}}


def _media(content: Any, _: Catalogue) -> Body | None:
    """A file is sent by its link; the API fetches it."""
    if content.kind is MediaKind.CONTACT:
        return None
    file: Body = {"link": content.url}
    if content.caption and content.kind in CAPTIONED:
        file["caption"] = content.caption
    if content.name and content.kind is MediaKind.DOCUMENT:
        file["filename"] = content.name
    return {"type": content.kind.value, content.kind.value: file}


def _location(content: Any, _: Catalogue) -> Body | None:
    place: Body = {"latitude": content.latitude, "longitude": content.longitude}
    place |= {"name": content.label} if content.label else {}
    place |= {"address": content.address} if content.address else {}
    return {"type": "location", "location": place}


def _template(content: Any, catalogue: Catalogue) -> Body | None:
    return catalogue.write(content)


_WRITERS: Mapping[type[Content], Callable[[Any, Catalogue], Body | None]] = {
    Text: _text,
    Media: _media,
    Location: _location,
    TemplateMessage: _template,
}
