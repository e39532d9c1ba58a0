"""From one message of a webhook to its content. What we have no name for is kept as it came."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from wa_omnichannel.adapters.meta.shapes import Json, child, first, text
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    FlowReply,
    ListReply,
    Location,
    Media,
    Text,
    Unsupported,
)

FILE_ID = re.compile(r"[A-Za-z0-9_]{1,128}", re.ASCII)
"""The id of a file."""

_UNKNOWN_TYPE = "application/octet-stream"

Reader: TypeAlias = Callable[[Json, str, str], Content | None]
"""Takes the message, its type and where files are fetched; None if it is not that kind after all."""


def _text(message: Json, _: str, __: str) -> Content | None:
    body = text(child(message, "text"), "body")
    return Text(body) if body else None


def _media(message: Json, kind: str, files: str) -> Content | None:
    """A file is fetched under its id, in two steps; see :mod:`~wa_omnichannel.adapters.meta.media`."""
    file = child(message, kind)
    if not FILE_ID.fullmatch(text(file, "id")):
        return None
    content_type = text(file, "mime_type") or _UNKNOWN_TYPE
    return Media(f"{files}/{text(file, 'id')}", content_type, text(file, "caption"), text(file, "filename"))


def _location(message: Json, _: str, __: str) -> Content | None:
    place = child(message, "location")
    try:
        latitude, longitude = float(text(place, "latitude")), float(text(place, "longitude"))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Location(latitude, longitude, text(place, "name"), text(place, "address"))


def _button(message: Json, _: str, __: str) -> Content | None:
    """A quick reply of a template."""
    button = child(message, "button")
    return ButtonReply(text(button, "text"), text(button, "payload")) if button else None


def _interactive(message: Json, _: str, __: str) -> Content | None:
    answer = child(message, "interactive")
    kind = text(answer, "type")
    read = _INTERACTIVE.get(kind)
    return read(child(answer, kind)) if read is not None and child(answer, kind) else None


def _tapped(reply: Json) -> Content:
    return ButtonReply(text(reply, "title"), text(reply, "id"))


def _picked(reply: Json) -> Content:
    return ListReply(text(reply, "id"), text(reply, "title"), text(reply, "description"))


def _form(reply: Json) -> Content:
    return FlowReply(text(reply, "response_json") or "{}")


_INTERACTIVE: Mapping[str, Callable[[Json], Content]] = {
    "button_reply": _tapped,
    "list_reply": _picked,
    "nfm_reply": _form,
}


def _reaction(message: Json, _: str, __: str) -> Content | None:
    """A reaction is read as its emoji, said in answer to the message; a reaction that is taken back says nothing."""
    emoji = text(child(message, "reaction"), "emoji")
    return Text(emoji) if emoji else None


def _unsupported(message: Json, kind: str, _: str) -> Content | None:
    error = first(message, "errors")
    return Unsupported(text(error, "title") or "unknown kind", text(child(message, "unsupported"), "type") or kind)


_FILES = ("image", "audio", "voice", "video", "document", "sticker")

READERS: Mapping[str, Reader] = {
    "text": _text,
    **dict.fromkeys(_FILES, _media),
    "location": _location,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    "unsupported": _unsupported,
}
"""How each kind of message is read."""


def content_of(message: Json, files: str) -> Content:
    """Return what a customer said.

    Args:
        message: One entry of ``messages``.
        files: Address below which files are fetched.

    >>> content_of({"type": "text", "text": {"body": "Hola"}}, "")
    Text(body='Hola')
    >>> content_of({"type": "hologram", "hologram": {}}, "")
    Unsupported(reason='unknown kind', kind='hologram')
    """
    kind = text(message, "type")
    read = READERS.get(kind)
    content = read(message, kind, files) if read is not None else None
    return content if content is not None else Unsupported("unknown kind", kind)
