"""Templates and interactive messages as the Cloud API takes them.

A template is sent by its name and language, with its variables sorted into header, body and buttons. Which
variable stands where is known from the settings' templates; of one that is not among them every variable
counts as the body's. A kind that is not approved (a list, or reply buttons in an open window) is written
out as an interactive message instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wa_omnichannel.adapters.meta.shapes import children, text
from wa_omnichannel.messages import MediaKind, TemplateMessage, media_kind
from wa_omnichannel.templates import Button, ButtonKind, Template, Translation
from wa_omnichannel.templates.translation import PLACEHOLDER
from wa_omnichannel.templates.variables import render_text

MARK = "meta:"
"""Begins the identifier of a template at Meta: ``meta:order_ready``."""

_SUB_TYPES = {
    ButtonKind.URL: "url",
    ButtonKind.QUICK_REPLY: "quick_reply",
    ButtonKind.COPY_CODE: "copy_code",
}
_LIST = "twilio/list-picker"
_AUTHENTICATION = "whatsapp/authentication"
_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4"}


class Catalogue:
    """The templates of the settings, as far as they are Meta's."""

    def __init__(self, templates: Iterable[Template] = ()) -> None:
        """Know these templates."""
        self._known = {(t.name, each.language): each for t in templates for each in t.translations}

    def write(self, content: TemplateMessage) -> dict[str, Any] | None:
        """Return the part of a request that says *content*; None if it is not linked to Meta.

        >>> hello = TemplateMessage("hi", {"1": "Ana"}, "es", "meta:hi_v2")
        >>> Catalogue().write(hello)["template"]["components"]
        [{'type': 'body', 'parameters': [{'type': 'text', 'text': 'Ana'}]}]
        """
        name = content.content_sid or ""
        if not name.startswith(MARK) or not content.language:
            return None
        known = self._known.get((content.name, content.language))
        if known is not None and not known.approved:
            return _interactive(known, content.variables)
        components = list(_components(known, content.variables))
        template: dict[str, Any] = {"name": name.removeprefix(MARK), "language": {"code": content.language}}
        return {"type": "template", "template": template | ({"components": components} if components else {})}


def _components(known: Translation | None, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if known is None:
        if values:
            yield _parameters("body", _in_order(values), values)
        return
    if known.media:
        yield {"type": "header", "parameters": [_file(render_text(known.media, values))]}
    elif names := _names(known.header):
        yield _parameters("header", names, values)
    if names := _names(known.body):
        yield _parameters("body", names, values)
    for index, button in enumerate(known.buttons):
        yield from _button(known, index, button, values)


def _in_order(values: Mapping[str, str]) -> list[str]:
    """Return numbers by size, then names as they were given."""
    return sorted(values, key=lambda name: (0, int(name)) if name.isdecimal() else (1, 0))


def _names(pattern: str) -> list[str]:
    return list(dict.fromkeys(PLACEHOLDER.findall(pattern)))


def _parameters(place: str, names: Sequence[str], values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of one component; numbered ones go by their place, others by their name."""
    ordered = sorted(names, key=int) if all(name.isdecimal() for name in names) else names
    return {
        "type": place,
        "parameters": [
            {"type": "text", "text": values.get(name, "")}
            | ({} if name.isdecimal() else {"parameter_name": name})
            for name in ordered
        ],
    }  # fmt: skip


def _file(url: str) -> dict[str, Any]:
    kind = media_kind(next((kind for end, kind in _TYPES.items() if url.lower().endswith(end)), "application/pdf"))
    name = (kind if kind is not MediaKind.AUDIO else MediaKind.DOCUMENT).value
    return {"type": name, name: {"link": url}}


def _button(known: Translation, index: int, button: Button, values: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the component of a button that has a variable part; the API fills it in behind the fixed one."""
    names = _names(button.target)
    kind = _SUB_TYPES.get(button.kind)
    if known.kind == _AUTHENTICATION:
        names, kind = _in_order(values)[:1], "url"
    if not names or kind is None:
        return
    filled = " ".join(values.get(name, "") for name in names)
    wanted = {"quick_reply": ("payload", "payload"), "copy_code": ("coupon_code", "coupon_code")}
    word, field = wanted.get(kind, ("text", "text"))
    yield {"type": "button", "sub_type": kind, "index": str(index), "parameters": [{"type": word, field: filled}]}


def _interactive(known: Translation, values: Mapping[str, str]) -> dict[str, Any] | None:
    """Return an interactive message, for kinds that go out in an open window without approval."""
    action = _list(known) if known.kind == _LIST else _reply_buttons(known)
    if action is None:
        return None
    kind, fields = action
    said: dict[str, Any] = {"type": kind, "body": {"text": render_text(known.body, values)}, "action": fields}
    if known.header:
        said["header"] = {"type": "text", "text": render_text(known.header, values)}
    if known.footer:
        said["footer"] = {"text": render_text(known.footer, values)}
    return {"type": "interactive", "interactive": said}


def _list(known: Translation) -> tuple[str, dict[str, Any]] | None:
    rows = [
        {"id": text(item, "id"), "title": text(item, "item")}
        | ({"description": text(item, "description")} if text(item, "description") else {})
        for item in children(dict(known.fields), "items")
    ]  # fmt: skip
    label = known.fields.get("button")
    return ("list", {"button": str(label or ""), "sections": [{"rows": rows}]}) if rows else None


def _reply_buttons(known: Translation) -> tuple[str, dict[str, Any]] | None:
    if not known.buttons or any(button.kind is not ButtonKind.QUICK_REPLY for button in known.buttons):
        return None
    replies = [{"id": button.target or button.text, "title": button.text} for button in known.buttons]
    return "button", {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
