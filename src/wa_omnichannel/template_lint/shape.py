"""Rules about what a content type may consist of: fields, buttons, files, list items, cards.

Sources: Twilio, "Content types overview" and the page of each type; Meta, "Template components".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from wa_omnichannel.template_lint.findings import Spot
from wa_omnichannel.templates import KINDS, PLACEHOLDER, Button, ButtonKind, Kind, Translation
from wa_omnichannel.templates.wire import write_type

MAX_BUTTONS = 10
MAX_LABEL = 25
MAX_URL = 2000
MAX_PHONE = 20
LIST_ITEMS = range(1, 11)
LIST_LIMITS: Mapping[str, int] = {"item": 24, "id": 200, "description": 72}
"""Longest texts of an item of a list, in characters."""

_URL = re.compile(r"https?://[^\s/{}]+(?:/\S*)?")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]*")
_PARTS = ("body", "header", "footer", "media", "buttons")


def kind_rules(translation: Translation) -> Iterator[Spot]:
    """Check that the content type exists, that WhatsApp carries it, and that it has the fields it needs."""
    kind = KINDS.get(translation.kind)
    facts = {"kind": translation.kind}
    if kind is None:
        yield Spot("kind_unknown", "kind", None, {**facts, "known": tuple(KINDS)})
        return
    if not kind.whatsapp:
        yield Spot("kind_not_on_whatsapp", "kind", None, facts)
    elif not kind.approvable:
        yield Spot("kind_session_only", "kind", None, facts)
    yield from _field_rules(translation, kind)
    special = _SPECIAL.get(kind.name)
    if special is not None:
        yield from special(translation)


def _field_rules(translation: Translation, kind: Kind) -> Iterator[Spot]:
    carried = {"body": "body" in kind.fields, "header": kind.header, "footer": kind.footer, "media": kind.media}
    for part in _PARTS:
        if getattr(translation, part) and not carried.get(part, kind.buttons):
            yield Spot("field_not_in_kind", part, None, {"kind": kind.name, "field": part})
    written = write_type(translation)
    for field in kind.required:
        if field not in written:
            yield Spot("field_missing", _OURS.get(field, field), None, {"kind": kind.name, "field": field})
    for field in translation.fields:
        if field == kind.media:
            yield Spot("media_several", "media")
        elif field not in kind.fields:
            yield Spot("field_unknown", f"fields.{field}", None, {"kind": kind.name, "field": field})


_OURS = {"actions": "buttons", "title": "header", "header_text": "header", "subtitle": "footer"}


def button_rules(translation: Translation) -> Iterator[Spot]:
    """Check number, labels and targets of the buttons, and the URL of the file."""
    count = len(translation.buttons)
    kind = KINDS.get(translation.kind)
    if count > MAX_BUTTONS:
        yield Spot("buttons_too_many", "buttons", None, {"found": count, "limit": MAX_BUTTONS})
    elif kind is not None and count > kind.session_buttons:
        yield Spot("buttons_need_approval", "buttons", None, {"found": count, "limit": kind.session_buttons})
    for index, button in enumerate(translation.buttons):
        yield from _button(f"buttons.{index}", button, kind)
    if translation.media:
        yield from _url("media", translation.media)


def _button(field: str, button: Button, kind: Kind | None) -> Iterator[Spot]:
    facts = {"label": button.text, "kind": button.kind.value, "length": len(button.text), "limit": MAX_LABEL}
    if kind is not None and kind.buttons and button.kind not in kind.buttons:
        yield Spot("button_not_in_kind", f"{field}.kind", None, {**facts, "content": kind.name})
    if not button.text.strip():
        yield Spot("button_label_missing", f"{field}.text", None, facts)
    if len(button.text) > MAX_LABEL:
        yield Spot("button_label_too_long", f"{field}.text", MAX_LABEL, facts)
    check = _TARGETS.get(button.kind)
    if check is not None:
        yield from check(f"{field}.target", button.target)


def _url(field: str, url: str) -> Iterator[Spot]:
    place = PLACEHOLDER.search(url)
    fixed = url if place is None else url[: place.start()]
    if place is not None and not re.match(r"https?://[^\s/{}]+/", fixed):
        yield Spot("url_variable", field, place.start(), {"variable": place[1], "url": url})
    elif not _URL.fullmatch(PLACEHOLDER.sub("x", url)):
        yield Spot("url_invalid", field, None, {"url": url})
    if len(url) > MAX_URL:
        yield Spot("url_too_long", field, MAX_URL, {"length": len(url), "limit": MAX_URL})


def _phone(field: str, phone: str) -> Iterator[Spot]:
    if not _PHONE.fullmatch(phone):
        yield Spot("phone_invalid", field, None, {"phone": phone})
    if len(phone) > MAX_PHONE:
        yield Spot("phone_too_long", field, MAX_PHONE, {"length": len(phone), "limit": MAX_PHONE})


_TARGETS: Mapping[ButtonKind, Callable[[str, str], Iterator[Spot]]] = {
    ButtonKind.URL: _url,
    ButtonKind.PHONE_NUMBER: _phone,
}


def _objects(value: object) -> Sequence[Mapping[str, object]]:
    """Return the objects of a list; what is no object counts as an empty one."""
    items = value if isinstance(value, list | tuple) else ()  # pyright: ignore[reportUnknownVariableType]
    return [item if isinstance(item, Mapping) else {} for item in items]  # pyright: ignore[reportUnknownVariableType]


def _list(translation: Translation) -> Iterator[Spot]:
    items = _objects(translation.fields.get("items"))
    if len(items) not in LIST_ITEMS:
        yield Spot("list_items", "fields.items", None, {"found": len(items), "limit": LIST_ITEMS.stop - 1})
    for index, item in enumerate(items):
        for key, limit in LIST_LIMITS.items():
            text = item.get(key)
            field = f"fields.items.{index}.{key}"
            if key != "description" and not text:
                yield Spot("field_missing", field, None, {"kind": translation.kind, "field": key})
            elif isinstance(text, str) and len(text) > limit:
                yield Spot("list_item_too_long", field, limit, {"field": key, "length": len(text), "limit": limit})


def _carousel(translation: Translation) -> Iterator[Spot]:
    for index, card in enumerate(_objects(translation.fields.get("cards"))):
        missing = tuple(key for key in ("media", "body", "actions") if not card.get(key))
        if missing:
            yield Spot("card_incomplete", f"fields.cards.{index}", None, {"missing": missing})


def _card(translation: Translation) -> Iterator[Spot]:
    """A card is a title or a body, and something more."""
    given = [part for part in _PARTS if getattr(translation, part)]
    if not {"header", "body"} & {*given}:
        yield Spot("card_incomplete", "header", None, {"missing": ("title", "body")})
    elif len(given) == 1:
        yield Spot("card_incomplete", given[0], None, {"missing": ("subtitle", "media", "actions")})


_SPECIAL: Mapping[str, Callable[[Translation], Iterator[Spot]]] = {
    "twilio/list-picker": _list,
    "twilio/carousel": _carousel,
    "twilio/card": _card,
}
