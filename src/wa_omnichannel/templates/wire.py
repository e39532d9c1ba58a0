"""Templates as the Content API writes them, read into values and written back.

Pure: it reads mappings that somebody else fetched or parsed. What we have no name for is kept in ``fields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.templates.approval import Standing, observe
from wa_omnichannel.templates.kinds import KINDS, Button, ButtonKind, Kind
from wa_omnichannel.templates.model import Category
from wa_omnichannel.templates.translation import Translation, Variable

Json = Mapping[str, object]
"""A JSON object."""


@attrs.frozen
class Held:
    """One content as the provider holds it: one language (TPL-6), with its approval and its category."""

    name: str
    content_sid: str
    translation: Translation
    """What it says; its approval carries the instant of reading."""
    category: Category | None = None
    """The category that WhatsApp assigned; None if it was never submitted or is one we do not know."""


@attrs.frozen
class Unread:
    """An entry of the provider's list that could not be read; the others are not held up by it."""

    place: int
    """Its place in the list, from 1."""
    content_sid: str
    """Its identifier as far as it could be read; may be empty."""
    error: InvalidValue


@attrs.frozen
class Holdings:
    """Every content that the provider holds, as it was read."""

    read_at: datetime
    """When the list was read; aware."""
    held: tuple[Held, ...] = ()
    unread: tuple[Unread, ...] = ()
    """Entries that could not be read; they are there all the same, so nothing about them changes."""


def read_contents(items: Iterable[Json], at: datetime) -> Holdings:
    """Return what the provider's complete list says; an entry that cannot be read stops no other.

    Args:
        items: The entries, each as :func:`read_content` takes it.
        at: When they were read; aware.

    >>> from datetime import UTC, datetime
    >>> read_contents([{"sid": "HX1"}], datetime(2026, 1, 1, tzinfo=UTC)).unread[0].error.field
    'types'
    """
    held: list[Held] = []
    unread: list[Unread] = []
    for place, item in enumerate(items, 1):
        try:
            held.append(read_content(item, at))
        except InvalidValue as error:
            unread.append(Unread(place, str(item.get("sid") or ""), error))
    return Holdings(at, tuple(held), tuple(unread))


def read_content(item: Json, at: datetime) -> Held:
    """Return what one entry of the provider's list says, as it was at the instant *at* of reading.

    Args:
        item: An entry of ``ContentAndApprovals``, or one of ``Content`` with its approval under
            ``approval_requests``.
        at: When it was read; aware.

    Raises:
        InvalidValue: A field is missing or of another form; the error names it.

    >>> from datetime import UTC, datetime
    >>> text = {"twilio/text": {"body": "Hola {{1}}"}}
    >>> entry = {"sid": "HX" + "0" * 32, "friendly_name": "hola", "language": "es", "types": text}
    >>> read_content(entry, datetime(2026, 1, 1, tzinfo=UTC)).translation.variables
    ('1',)
    """
    asked = _object(item.get("approval_requests") or {}, "approval_requests")
    kind, fields = _main_type(_object(item.get("types"), "types"), str(asked.get("content_type") or ""))
    sid = _text(item, "sid", "sid")
    samples = _object(item.get("variables") or {}, "variables")
    word = str(asked.get("status") or "unsubmitted")
    approval = observe(Standing(), word, at, str(asked.get("rejection_reason") or ""))
    read = read_type(_text(item, "language", "language"), kind, fields, samples)
    return Held(
        name=str(asked.get("name") or _text(item, "friendly_name", "friendly_name")),
        content_sid=sid,
        translation=attrs.evolve(read, approval=approval, content_sid=sid),
        category=Category.parse(str(asked.get("category") or "")),
    )


def read_type(language: str, kind: str, fields: Json, samples: Json) -> Translation:
    """Return the translation that one content type describes.

    Args:
        language: Its language.
        kind: The content type, such as ``twilio/quick-reply``.
        fields: The fields of the type, as the provider writes them.
        samples: Example values by the name of the variable.

    Raises:
        InvalidValue: A field has another form than the provider gives it.
    """
    known = KINDS.get(kind, Kind(kind, ()))
    left = dict(fields)
    media = _media(left, known)
    return Translation(
        language,
        _take(left, "body"),
        kind=kind,
        header=_take(left, known.header),
        footer=_take(left, known.footer),
        media=media,
        buttons=tuple(_button(action) for action in _sequence(left.pop("actions", ()), "actions")),
        declared=tuple(Variable(name, sample=str(sample)) for name, sample in samples.items()),
        fields=left,
    )


def write_type(translation: Translation) -> dict[str, object]:
    """Return the fields of *translation* as the provider writes them; the inverse of :func:`read_type`.

    >>> write_type(Translation("es", "Hola {{1}}"))
    {'body': 'Hola {{1}}'}
    """
    kind = KINDS.get(translation.kind, Kind(translation.kind, ()))
    written: dict[str, object] = {"body": translation.body} if translation.body else {}
    lines = ((kind.header, translation.header), (kind.footer, translation.footer))
    written |= {field: text for field, text in lines if field is not None and text}
    if kind.media is not None and translation.media:
        written[kind.media] = [translation.media] if kind.media == "media" else translation.media
    if translation.buttons:
        written["actions"] = [_action(kind, button) for button in translation.buttons]
    return {**written, **translation.fields}


def write_content(name: str, translation: Translation) -> dict[str, object]:
    """Return the request that creates *translation* at the provider.

    >>> write_content("hola", Translation("es", "Hola {{1}}", declared=(Variable("1", sample="Ana"),)))["variables"]
    {'1': 'Ana'}
    """
    return {
        "friendly_name": name,
        "language": translation.language,
        "variables": {variable.name: variable.sample for variable in translation.declared},
        "types": {translation.kind: write_type(translation)},
    }


def _main_type(types: Json, submitted: str) -> tuple[str, Json]:
    """Return the type that was submitted; otherwise the first one that WhatsApp carries, or the first."""
    names = [submitted] if submitted in types else [name for name in types if name in KINDS and KINDS[name].whatsapp]
    name = next(iter(names or types), None)
    if name is None:
        raise InvalidValue("types", "", "A content has at least one type, such as twilio/text.")
    return name, _object(types[name], f"types.{name}")


def _media(left: dict[str, object], kind: Kind) -> str:
    """Take the first file out of *left*; further ones stay, for the linter to complain about."""
    if kind.media is None or kind.media not in left:
        return ""
    held = left.pop(kind.media)
    if isinstance(held, str):
        return held
    first, *more = _sequence(held, kind.media) or ("",)
    if more:
        left[kind.media] = more
    return str(first)


def _button(action: object) -> Button:
    entry = _object(action, "actions")
    word = str(entry.get("type") or ButtonKind.QUICK_REPLY.value)
    kind = _BUTTONS.get(word)
    if kind is None:
        raise InvalidValue("actions.type", word, f"Use one of: {', '.join(_BUTTONS)}.")
    target = entry.get(_TARGETS[kind])
    text = entry.get("title") or entry.get(_CODE_LABEL) or ""
    return Button(kind, str(text), "" if target is None else str(target))


_BUTTONS = {kind.value: kind for kind in ButtonKind}
_CODE_LABEL = "copy_code_text"
_TARGETS = {
    ButtonKind.QUICK_REPLY: "id",
    ButtonKind.URL: "url",
    ButtonKind.PHONE_NUMBER: "phone",
    ButtonKind.COPY_CODE: "code",
    ButtonKind.VOICE_CALL: "id",
    ButtonKind.VOICE_CALL_REQUEST: "id",
}


def _action(kind: Kind, button: Button) -> dict[str, str]:
    """Return *button* as the provider writes it in a content of *kind*."""
    label = _CODE_LABEL if kind.name == "whatsapp/authentication" else "title"
    target = {_TARGETS[button.kind]: button.target} if button.target else {}
    return {"type": button.kind.value, label: button.text, **target}


def _take(left: dict[str, object], field: str | None) -> str:
    value = left.pop(field, None) if field is not None else None
    return "" if value is None else str(value)


def _text(item: Json, key: str, field: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidValue(field, str(value), "It is a text that is not empty.")
    return value


def _object(value: object, field: str) -> Json:
    if not isinstance(value, Mapping):
        raise InvalidValue(field, str(value)[:60], "It is an object with names and values.")
    return {str(key): item for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _sequence(value: object, field: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise InvalidValue(field, str(value)[:60], "It is a list.")
    return tuple(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
