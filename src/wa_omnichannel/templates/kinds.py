"""The kinds of content that the Content API knows: their fields, and where they may be sent.

Source: Twilio, "Content types overview" and the page of each type (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import attrs


class ButtonKind(Enum):
    """What a button does, by the provider's names."""

    QUICK_REPLY = "QUICK_REPLY"
    URL = "URL"
    PHONE_NUMBER = "PHONE_NUMBER"
    COPY_CODE = "COPY_CODE"
    VOICE_CALL = "VOICE_CALL"
    VOICE_CALL_REQUEST = "VOICE_CALL_REQUEST"


_CALLS = frozenset(ButtonKind) - {ButtonKind.QUICK_REPLY}


@attrs.frozen
class Kind:
    """One content type."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    approvable: bool = True
    """WhatsApp can approve it, so that it may start a conversation (TPL-7)."""
    in_session: bool = True
    """It may be sent without approval while the window is open."""
    whatsapp: bool = True
    """WhatsApp carries it at all."""
    header: str | None = None
    """The field that holds the header text, if it can have one."""
    footer: str | None = None
    media: str | None = None
    buttons: frozenset[ButtonKind] = frozenset()
    """What its buttons may do; empty if it has none."""
    session_buttons: int = 3
    """Most buttons it may have without approval."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the type."""
        return (*self.required, *self.optional)


TEXT = "twilio/text"

_ALL = (
    Kind(TEXT, ("body",)),
    Kind("twilio/media", ("media",), ("body",), media="media"),
    Kind("twilio/location", ("latitude", "longitude"), ("label", "id", "address"), approvable=False),
    Kind("twilio/list-picker", ("body", "button", "items"), approvable=False),
    Kind("twilio/call-to-action", ("body", "actions"), buttons=_CALLS),
    Kind("twilio/quick-reply", ("body", "actions"), buttons=frozenset({ButtonKind.QUICK_REPLY})),
    Kind(
        "twilio/card",
        (),
        ("title", "subtitle", "body", "media", "actions"),
        header="title",
        footer="subtitle",
        media="media",
        buttons=frozenset(ButtonKind),
    ),
    Kind("twilio/catalog", ("body",), ("title", "subtitle", "id", "items", "dynamic_items"), header="title"),
    Kind("twilio/carousel", ("body", "cards"), in_session=False),
    Kind("twilio/flows", ("body", "button_text", "pages", "type"), ("subtitle", "media_url"), media="media_url"),
    Kind("twilio/schedule", ("id", "title", "timeSlots"), approvable=False, in_session=False, whatsapp=False),
    Kind(
        "whatsapp/card",
        ("body",),
        ("header_text", "footer", "media", "actions"),
        header="header_text",
        footer="footer",
        media="media",
        buttons=frozenset(ButtonKind),
    ),
    Kind(
        "whatsapp/authentication",
        ("actions",),
        ("add_security_recommendation", "code_expiration_minutes"),
        in_session=False,
        buttons=frozenset({ButtonKind.COPY_CODE}),
    ),
    Kind(
        "whatsapp/flows",
        ("body", "button_text", "flow_id"),
        ("flow_token", "subtitle", "media_url", "flow_first_page_id", "is_flow_first_page_endpoint"),
        media="media_url",
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every content type by its name. One that is not here is never sendable."""


@attrs.frozen
class Button:
    """A button below a message."""

    kind: ButtonKind
    text: str
    """The label."""
    target: str = ""
    """Where it leads: the URL, the phone number, the code to copy, or the identifier of a quick reply."""
