"""One language of a template: its texts, its approval, its identifier at the provider."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from wa_omnichannel.addresses import parse_language, parse_sid
from wa_omnichannel.sources import Source
from wa_omnichannel.templates.approval import Approval, Standing, standing
from wa_omnichannel.templates.kinds import KINDS, TEXT, Button

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,16})\s*\}\}")
"""A variable in a text: ``{{1}}`` or ``{{name}}``, at most 16 letters, digits and underscores."""

_NOTHING: Mapping[str, object] = {}


@attrs.frozen
class Variable:
    """What is known about one placeholder: where its value comes from, and an example for the reviewer."""

    name: str
    source: Source = Source.CALLER
    key: str = ""
    """What to ask the source for, such as ``first_name`` or ``OrderID``; unused for the caller."""
    sample: str = ""
    """Example value, mandatory for approval; never a real person's data."""


_FOREIGN = re.compile(r"[a-z]{2,16}:[!-~]{1,512}", re.ASCII)


def _check_sid(_: object, __: object, value: str | None) -> None:
    if value is not None and not _FOREIGN.fullmatch(value):
        parse_sid(value, "HX", "content_sid")


def _strings(value: object) -> Iterator[str]:
    """Yield every text inside *value*, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _strings(item)  # pyright: ignore[reportUnknownArgumentType]


def _placeholders(translation: Translation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in translation.texts() for name in PLACEHOLDER.findall(text)))


def _pieces(translation: Translation) -> tuple[str, ...]:
    return tuple(PLACEHOLDER.split(translation.body))


def _sendable(translation: Translation) -> bool:
    return translation.content_sid is not None and translation.approved


def _approvable(translation: Translation) -> bool:
    kind = KINDS.get(translation.kind)
    return kind is not None and kind.approvable


def _session_only(translation: Translation) -> bool:
    kind = KINDS.get(translation.kind)
    return kind is not None and kind.in_session and not kind.approvable


@attrs.frozen
class Translation:
    """A template in one language (TPL-6: one language each, approved on its own)."""

    language: str = attrs.field(converter=parse_language)
    body: str
    """Approved text with its placeholders, ``{{1}}`` or ``{{name}}``."""
    approval: Standing = attrs.field(default=Standing(), converter=standing)
    """What is known about its approval; a bare :class:`Approval` is the word of the program."""
    content_sid: str | None = attrs.field(default=None, validator=_check_sid)
    """Identifier at the provider, without which it cannot be sent: ``HX…`` at Twilio, ``meta:order_ready`` at Meta."""
    kind: str = TEXT
    """Content type at the provider, a key of :data:`~wa_omnichannel.templates.kinds.KINDS`."""
    header: str = ""
    footer: str = ""
    media: str = ""
    """URL of the file in the header."""
    buttons: tuple[Button, ...] = attrs.field(default=(), converter=tuple[Button, ...])
    declared: tuple[Variable, ...] = attrs.field(default=(), converter=tuple[Variable, ...])
    """What is known about the placeholders; one that is not declared is given by the caller."""
    fields: Mapping[str, object] = attrs.field(default=_NOTHING, hash=False)
    """Other fields of the content type, as the provider writes them: ``items``, ``cards``, ``latitude``."""
    variables: tuple[str, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_placeholders, takes_self=True)
    )
    """Names of the placeholders in the order of their first appearance."""
    pieces: tuple[str, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_pieces, takes_self=True)
    )
    """The body taken apart: fixed text, a variable's name, fixed text, and so on; it begins and ends with text."""
    approvable: bool = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_approvable, takes_self=True)
    )
    """Whether its content type can start a conversation at all (TPL-7)."""
    sendable: bool = attrs.field(init=False, eq=False, repr=False, default=attrs.Factory(_sendable, takes_self=True))
    """Whether it may be sent at any time: approved (TPL-2) and with the provider's identifier (TPL-5)."""
    session_only: bool = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_session_only, takes_self=True)
    )
    """Whether it is of a kind that nobody approves and that goes out while the window is open (TPL-7)."""

    def texts(self) -> Iterator[str]:
        """Yield every text in which a placeholder may stand."""
        yield from (self.header, self.body, self.footer, self.media)
        for button in self.buttons:
            yield from (button.text, button.target)
        yield from _strings(self.fields)

    @property
    def approved(self) -> bool:
        """Whether WhatsApp approved it (TPL-2) and it is of a kind that can be approved (TPL-7)."""
        return self.approval.state is Approval.APPROVED and self.approvable
