"""Values of the emulator as JSON and back: records with their class under ``~``, instants, spans and bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import attrs

from wa_omnichannel.emulator.state.options import Limits, Sandbox, SharedKey
from wa_omnichannel.emulator.state.records import (
    Alert,
    Delivery,
    MediaItem,
    MessageRecord,
    Number,
    Profile,
    RequestRecord,
    StatusChange,
    WebhookRecord,
)
from wa_omnichannel.emulator.state.templates import Template

KIND = "~"

_RECORDS: dict[str, Any] = {
    each.__name__: each
    for each in (
        Alert,
        Delivery,
        Limits,
        MediaItem,
        MessageRecord,
        Number,
        Profile,
        RequestRecord,
        Sandbox,
        SharedKey,
        StatusChange,
        Template,
        WebhookRecord,
    )
}

_READERS: dict[str, Callable[[Any], object]] = {
    "datetime": lambda value: datetime.fromisoformat(str(value)),
    "timedelta": lambda value: timedelta(seconds=float(value)),
    "bytes": lambda value: base64.b64decode(str(value)),
}


def encode(value: object) -> object:
    """Return a value as JSON can hold it.

    >>> encode(timedelta(minutes=1))
    {'~': 'timedelta', 'value': 60.0}
    """
    record: Any = _RECORDS.get(type(value).__name__)
    if record is not None:
        fields = {each.name: encode(getattr(value, each.name)) for each in attrs.fields(record)}
        return {KIND: record.__name__, **fields}
    if isinstance(value, datetime):
        return {KIND: "datetime", "value": value.isoformat()}
    if isinstance(value, timedelta):
        return {KIND: "timedelta", "value": value.total_seconds()}
    if isinstance(value, bytes):
        return {KIND: "bytes", "value": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(key): encode(each) for key, each in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(each) for each in cast("Sequence[object]", value)]
    return value


def decode(value: object) -> object:
    """Return the value that ``encode`` made JSON of; lists become tuples.

    Raises:
        ValueError: If a class or a value is unknown.
    """
    if isinstance(value, list):
        return tuple(decode(each) for each in cast("list[object]", value))
    if not isinstance(value, dict):
        return value
    fields = {key: decode(each) for key, each in cast("dict[str, object]", value).items()}
    kind = fields.pop(KIND, None)
    if kind is None:
        return fields
    if kind in _READERS:
        return _READERS[str(kind)](fields.get("value"))
    if kind not in _RECORDS:
        raise ValueError(f"{kind!r} is no class of the emulator")
    return _RECORDS[str(kind)](**fields)
