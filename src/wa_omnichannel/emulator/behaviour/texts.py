"""The texts and buttons of a template, wherever its content types keep them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import attrs

from wa_omnichannel.emulator.state.templates import Template

Fields = Mapping[str, object]


@attrs.frozen(kw_only=True)
class Button:
    """One button: its title, and its web address or phone number if it has one."""

    title: str
    url: str = ""
    phone: str = ""


@attrs.frozen(kw_only=True)
class Texts:
    """What a reviewer reads: the bodies (a carousel has several), headers, footers and buttons."""

    bodies: tuple[str, ...]
    headers: tuple[str, ...]
    footers: tuple[str, ...]
    buttons: tuple[Button, ...]


def texts_of(template: Template) -> Texts:
    """Return the texts of a template over all its content types."""
    parts = [part for fields in template.types.values() for part in _parts(fields)]
    return Texts(
        bodies=_strings(parts, "body"),
        headers=_strings(parts, "header_text"),
        footers=_strings(parts, "footer"),
        buttons=tuple(_button(action) for part in parts for action in _maps(part.get("actions"))),
    )


def _parts(fields: Fields) -> Iterator[Fields]:
    yield fields
    yield from _maps(fields.get("cards"))


def _maps(value: object) -> list[Fields]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    items = cast("Sequence[object]", value)
    return [cast("Fields", each) for each in items if isinstance(each, Mapping)]


def _strings(parts: list[Fields], name: str) -> tuple[str, ...]:
    found = (part.get(name) for part in parts)
    return tuple(text for text in found if isinstance(text, str))


def _button(action: Fields) -> Button:
    texts = {name: str(action.get(name) or "") for name in ("title", "url", "phone")}
    return Button(**texts)
