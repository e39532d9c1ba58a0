"""Rows as JSON text, compiled once per class.

The text is made for years: a field that this release does not know is ignored, one that is missing takes
its default. So a newer release may add fields and an older one can still read. Empty values (None, "", 0,
empty tuples) are left out where they are the default; therefore such a default must never change.

Facts of events may be anything. Instants, durations, tuples, lists, sets, mappings and our own values come
back as they were; everything else comes back as its text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import islice
from operator import attrgetter, is_
from types import NoneType, UnionType
from typing import Any, NewType, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs

from wa_omnichannel import messages
from wa_omnichannel._frozen import EMPTY, FixedDict
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.attachments import Party
from wa_omnichannel.conversation import Contact, Conversation, Direction, Message, Status, Thread
from wa_omnichannel.customers import Customer, Link
from wa_omnichannel.editions import Edition, SettingChange
from wa_omnichannel.errors import InvalidValue, SchemaMismatch
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.instants import in_utc
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import Answered, DeadLetter, Entry, Lane, Listing
from wa_omnichannel.secret import Sealed
from wa_omnichannel.session import Window
from wa_omnichannel.surveys import Answers
from wa_omnichannel.templates.catalog import Catalog
from wa_omnichannel.webhooks import Held, HeldRequest
from wa_omnichannel.workforce import Agent, Presence

Convert: TypeAlias = Callable[[Any], Any]

TAG = "$"
"""Names the class of a value where its place does not say it."""

NAMED: Mapping[str, type[Any]] = {
    known.__name__: known
    for known in (
        *(messages.Text, messages.Media, messages.Location, messages.ButtonReply, messages.ListReply),
        *(messages.FlowReply, messages.TemplateMessage, messages.Unsupported, messages.Inbound),
        *(messages.StatusReport, messages.Outgoing, messages.Accepted, messages.Rejected, messages.NotSent),
        *(messages.Ambiguous, messages.Sighting, messages.DeliveryStatus, messages.MediaKind),
        *(Contact, Conversation, Direction, Message, Status, Thread, Window, Agent, Presence, Party),
        *(Customer, Link),
        *(Edition, SettingChange, Sealed, Held, HeldRequest),
        *(WaitingItem, Listing, Entry, DeadLetter, Lane, Check, Remedy, Answered, Answers, Catalog, Pace),
    )
}
"""Classes that a tag may name. A name stays for good: it is in databases."""

_PLAIN = frozenset({str, int, bool, NoneType})
_MICROSECOND = timedelta(microseconds=1)
_NEVER = object()


def _same(value: Any) -> Any:
    return value


@attrs.frozen
class Form:
    """How the values of one type become JSON values and back."""

    pack: Convert = _same
    unpack: Convert = _same
    """May change what it is given, and keep parts of it."""
    detach: Convert = _same
    """Copies what can be changed inside a value; the rest is shared. What detaches to itself is sealed."""

    @property
    def sealed(self) -> bool:
        """Whether nothing inside such a value can be changed."""
        return self.detach is _same


def instant(value: datetime) -> str:
    """Return an aware instant as ISO text in UTC.

    Raises:
        InvalidValue: It has no time zone.

    >>> instant(datetime(2026, 1, 1, 10, tzinfo=UTC))
    '2026-01-01T10:00:00+00:00'
    """
    return in_utc(value, "instant").isoformat()


def _duration(value: timedelta) -> int:
    return value // _MICROSECOND


def _from_duration(value: int) -> timedelta:
    return timedelta(microseconds=value)


def _number(value: float) -> float | str:
    """JSON has no infinity; ``float`` reads both forms."""
    return value if math.isfinite(value) else str(value)


def form(kind: Any) -> Form:
    """Return the form of a type; compiled when it is first asked for."""
    known = _FORMS.get(kind)
    if known is None:
        known = _FORMS[kind] = _compiled(kind)
    return known


def _compiled(kind: Any) -> Form:
    if isinstance(kind, NewType):
        return form(kind.__supertype__)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union(frozenset(parts))
    if origin is not None:
        return _GENERIC[origin](form(parts[-2] if origin is tuple else parts[-1]))
    return _enum(kind) if issubclass(kind, Enum) else _record(kind)


_FORMS: dict[Any, Form] = {
    **dict.fromkeys(_PLAIN, Form()),
    float: Form(_number, float),
    datetime: Form(instant, datetime.fromisoformat),
    timedelta: Form(_duration, _from_duration),
    time: Form(time.isoformat, time.fromisoformat),
}


def _enum(kind: type[Enum]) -> Form:
    return Form(attrgetter("_value_"), {member.value: member for member in kind}.__getitem__)


def _tuple(item: Form) -> Form:
    pack, unpack, detach = item.pack, item.unpack, item.detach
    return Form(
        lambda value: [pack(part) for part in value],
        lambda data: tuple(map(unpack, data)),
        _same if item.sealed else lambda value: _kept(value, tuple(map(detach, value))),
    )


def _kept(value: tuple[Any, ...], found: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return *value* itself if all its parts detached to themselves."""
    return value if all(map(is_, value, found)) else found


def _set(item: Form) -> Form:
    pack, unpack = item.pack, item.unpack
    return Form(lambda value: sorted(map(pack, value)), lambda data: frozenset(map(unpack, data)))


def _mapping(item: Form) -> Form:
    pack, unpack = item.pack, item.unpack
    if pack is _same:
        return Form(dict, detach=_sealer(detach_anything))
    detach = _sealer(item.detach)
    if item is not _ANYTHING:
        return Form(
            lambda value: {name: pack(part) for name, part in value.items()},
            lambda data: {name: unpack(part) for name, part in data.items()},
            detach,
        )
    return Form(  # most values are texts, which are the same in both forms
        lambda value: {name: part if type(part) is str else pack(part) for name, part in value.items()},
        lambda data: {name: part if type(part) is str else unpack(part) for name, part in data.items()},
        detach,
    )


def _sealer(detach: Convert) -> Convert:
    """Return what seals a mapping; if something in it stays changeable, it becomes an ordinary one."""

    def seal(value: Any) -> Any:
        if type(value) is FixedDict:
            return value
        found, fixed = dict[Any, Any](), True
        for name, part in value.items():
            kept = found[name] = part if type(part) is str else detach(part)
            fixed = fixed and (kept is part or detach(kept) is kept)
        return (FixedDict(found) if found else EMPTY) if fixed else found

    return seal


_GENERIC: dict[Any, Callable[[Form], Form]] = {tuple: _tuple, frozenset: _set, Mapping: _mapping}


def _union(parts: frozenset[Any]) -> Form:
    """Something or nothing, or a choice: of our classes, or of what JSON tells apart."""
    rest = parts - {NoneType}
    if len(rest) == 1:
        return _optional(form(next(iter(rest))))
    choice = Form() if rest <= _PLAIN else _ANYTHING
    return choice if NoneType not in parts else _optional(choice)


def _optional(some: Form) -> Form:
    if some.pack is _same:
        return some
    pack, unpack, detach = some.pack, some.unpack, some.detach
    return Form(
        lambda value: None if value is None else pack(value),
        lambda data: None if data is None else unpack(data),
        _same if some.sealed else lambda value: None if value is None else detach(value),
    )


def _record(kind: type[Any]) -> Form:
    """Compile an attrs class: its fields by name; those that it works out itself are not kept."""
    hints = get_type_hints(kind)
    forms = {field.name: form(hints[field.name]) for field in attrs.fields(kind) if field.init}
    readers = [(name, part.unpack) for name, part in forms.items() if part.unpack is not _same]

    def unpack(data: dict[str, Any]) -> Any:
        for name, read in readers:
            if name in data:
                data[name] = read(data[name])
        try:
            return kind(**data)
        except TypeError:  # a newer release wrote more fields
            return kind(**{name: part for name, part in data.items() if name in forms})

    open_fields = {name: part.detach for name, part in forms.items() if not part.sealed}
    return Form(_packer(kind, forms), unpack, _detacher(kind, open_fields) if open_fields else _same)


def _detacher(kind: type[Any], open_fields: Mapping[str, Convert]) -> Convert:
    """Write the function that copies a value in which fields could be changed; see :func:`_packer`."""
    known: dict[str, Any] = {"kind": kind, "new": object.__new__, "write": object.__setattr__, "refuse": _refuse}
    lines = ["def detach(value):", " if type(value) is not kind: refuse(value)"]
    for name, copied in open_fields.items():
        known[f"detach_{name}"] = copied
        lines.append(f" new_{name} = detach_{name}(value.{name})")
    lines.append(f" if {' and '.join(f'new_{name} is value.{name}' for name in open_fields)}: return value")
    lines.append(" copy = new(kind)")
    for field in attrs.fields(kind):
        name = field.name
        lines.append(f" write(copy, '{name}', " + (f"new_{name})" if name in open_fields else f"value.{name})"))
    return _written("detach", [*lines, " return copy"], known)


def _written(name: str, lines: list[str], known: dict[str, Any]) -> Convert:
    """Return the function *name* of these lines; what they are made of comes from our classes, nothing from outside."""
    exec("\n".join(lines), known)  # noqa: S102 - see above
    return known[name]  # type: ignore[no-any-return]


def _packer(kind: type[Any], forms: Mapping[str, Form]) -> Convert:
    """Write the function that takes a value apart, field by field; a loop over the fields takes twice as long."""
    known: dict[str, Any] = {}
    lines = ["def pack(value):", " data = {}"]
    for field in attrs.fields(kind):
        if not field.init:
            continue
        name, write, empty = field.name, forms[field.name].pack, _empty(field)
        known |= {f"write_{name}": write, f"empty_{name}": empty}
        lines.append(f" found = value.{name}")
        differs = "found" if isinstance(empty, Mapping | tuple | frozenset) else f"found is not empty_{name}"
        condition = "" if empty is _NEVER else f"if {differs}: "
        lines.append(f" {condition}data['{name}'] = " + ("found" if write is _same else f"write_{name}(found)"))
    return _written("pack", [*lines, " return data"], known)


def _empty(field: attrs.Attribute[Any]) -> object:
    """Return the default of a field if it is an empty value, which need not be written."""
    default = field.default
    return _NEVER if default is attrs.NOTHING or default else default


def _tagged(name: str, value: Any) -> dict[str, Any]:
    return {TAG: name, "v": value}


def pack_anything(value: object) -> Any:
    """Return the JSON value of a value whose type is not known beforehand."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(value)
    name = kind.__name__
    if NAMED.get(name) is kind:
        packed = form(kind).pack(value)
        return _tagged(name, packed) if isinstance(value, Enum) else {TAG: name, **packed}
    if isinstance(value, Mapping):
        return _pack_mapping(value)
    return str(value)


def _pack_mapping(value: Any) -> Any:
    if _is_object(value):
        return {name: pack_anything(part) for name, part in value.items()}
    return _tagged("map", [[pack_anything(name), pack_anything(part)] for name, part in value.items()])


def _is_object(value: Any) -> bool:
    """Tell whether a mapping is one of JSON as it is."""
    return all(type(name) is str for name in value) and TAG not in value


def _pack_all(value: Any) -> list[Any]:
    return [pack_anything(part) for part in value]


def _pack_set(value: Any) -> Any:
    return _tagged("set", sorted(_pack_all(value), key=repr))


def _pack_instant(value: datetime) -> Any:
    return _tagged("at", value.isoformat() if value.utcoffset() is None else instant(value))


_SPECIAL: Mapping[type[Any], Convert] = {
    float: lambda value: value if math.isfinite(value) else _tagged("float", str(value)),
    tuple: _pack_all,
    list: lambda value: _tagged("list", _pack_all(value)),
    set: _pack_set,
    frozenset: _pack_set,
    datetime: _pack_instant,
    timedelta: lambda value: _tagged("for", _duration(value)),
    date: lambda value: _tagged("day", value.isoformat()),
    time: lambda value: _tagged("time", value.isoformat()),
}

_BACK: Mapping[str, Convert] = {
    "float": float,
    "list": lambda data: list(map(unpack_anything, data)),
    "set": lambda data: frozenset(map(unpack_anything, data)),
    "at": datetime.fromisoformat,
    "for": _from_duration,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "map": lambda data: {unpack_anything(name): unpack_anything(part) for name, part in data},
}


def unpack_anything(data: object) -> Any:
    """Return the value of a JSON value that :func:`pack_anything` made."""
    unpack = _CONTAINERS.get(type(data))
    return data if unpack is None else unpack(data)


def _unpack_array(data: list[Any]) -> tuple[Any, ...]:
    return tuple(map(unpack_anything, data))


def _unpack_object(data: dict[str, Any]) -> Any:
    tag = data.get(TAG)
    if tag is None:
        return {name: unpack_anything(part) for name, part in data.items()}
    if tag in _BACK:
        return _BACK[tag](data["v"])
    kind = NAMED[tag]
    del data[TAG]
    return form(kind).unpack(data["v"] if issubclass(kind, Enum) else data)


_CONTAINERS: Mapping[type[Any], Convert] = {list: _unpack_array, dict: _unpack_object}


def detach_anything(value: object) -> Any:
    """Return a copy of a value whose type is not known beforehand, or the value if nothing in it can be changed."""
    kind = type(value)
    if kind in _UNCHANGEABLE or (isinstance(value, datetime | time) and value.tzinfo in (UTC, None)):
        return value
    if kind is tuple:
        parts = cast("tuple[object, ...]", value)
        return _kept(parts, tuple(map(detach_anything, parts)))
    if kind is FixedDict or (kind is dict and _is_object(value)):
        return _seal_anything(value)
    if NAMED.get(kind.__name__) is kind:
        return value if isinstance(value, Enum) else form(kind).detach(value)
    return unpack_anything(pack_anything(value))


_UNCHANGEABLE = _PLAIN | {float, timedelta, date}
_seal_anything = _sealer(detach_anything)
_ANYTHING = Form(pack_anything, unpack_anything, detach_anything)
_FORMS[object] = _ANYTHING

_STYLE: dict[str, Any] = {"allow_nan": False, "check_circular": False, "separators": (",", ":")}
_write_ascii = json.JSONEncoder(**_STYLE).encode


def _writer() -> Callable[[Any], str]:
    """Return what writes JSON; ``JSONEncoder`` would make a new C encoder for every text."""
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(ensure_ascii=False, **_STYLE).encode
    encoder = make(None, _refuse, json.encoder.encode_basestring, None, ":", ",", False, False, False)
    return lambda data: "".join(encoder(data, 0))


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} is not expected here")


_write = _writer()


def encode(kind: Any, value: object) -> str:
    """Return *value*, which is of type *kind*, as text.

    Raises:
        InvalidValue: It holds something that the type does not allow, such as an instant without a zone.

    >>> encode(Lane, Lane(datetime(2026, 1, 1, tzinfo=UTC)))
    '{"until":"2026-01-01T00:00:00+00:00"}'
    """
    try:
        data = form(kind).pack(value)
        text = _write(data)
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _unfit(kind, value, error) from error
    return text if text.isascii() or _is_unicode(text) else _write_ascii(data)


def _is_unicode(text: str) -> bool:
    """Tell whether *text* can be written as UTF-8; half an emoji cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def decode(kind: Any, text: str) -> Any:
    """Return the value of type *kind* that :func:`encode` wrote.

    Raises:
        SchemaMismatch: The text is damaged, or a newer release wrote something that this one does not know.

    >>> decode(Lane, '{"until":"2026-01-01T00:00:00+00:00","colour":"red"}')
    Lane(until=datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), holder='')
    """
    try:
        return form(kind).unpack(json.loads(text))
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise SchemaMismatch(
            f"A stored {getattr(kind, '__name__', kind)} cannot be read by this release of wa-omnichannel"
            f" ({type(error).__name__}: {error}). Use the release that wrote it, or restore a backup."
        ) from error


_AT_ONCE = 50
"""How many texts are read together."""


def decode_all(kind: Any, texts: Iterable[str]) -> tuple[Any, ...]:
    """Return the values of many texts; faster than one by one.

    Raises:
        SchemaMismatch: One of them cannot be read.
    """
    rest, found = iter(texts), list[Any]()
    unpack = form(kind).unpack
    while part := list(islice(rest, _AT_ONCE)):
        try:
            found += map(unpack, json.loads(f"[{','.join(part)}]"))
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError):
            found = [*found[: len(found) // _AT_ONCE * _AT_ONCE], *(decode(kind, text) for text in part)]
    return tuple(found)


def detached(kind: Any, value: object) -> Any:
    """Return an equal value that shares nothing changeable with *value*: what reading it back would give.

    Raises:
        InvalidValue: Where it could be changed, it holds something that the type does not allow; the rest is not
            looked at.
    """
    try:
        return form(kind).detach(value)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise _unfit(kind, value, error) from error


def _unfit(kind: Any, value: object, error: Exception) -> InvalidValue:
    fix = f"A row of this kind holds a {getattr(kind, '__name__', kind)} ({error})."
    return InvalidValue("value", type(value).__name__, fix)
