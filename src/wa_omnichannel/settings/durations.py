"""Durations as people write them: ``90s``, ``5m``, ``1h30m``, ``2d``; ISO 8601 is read as well."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from wa_omnichannel.errors import InvalidValue

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_WRITTEN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,6})?)s)?")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,6})?)S)?)?")
_FIX = "Write a duration such as 90s, 5m, 1h30m or 2d."
_MICROSECOND = timedelta(microseconds=1)


def parse_duration(text: object) -> timedelta:
    """Return the duration that *text* stands for; ``0`` is none.

    Raises:
        InvalidValue: It stands for none.

    >>> parse_duration("1h30m"), parse_duration("PT90S")
    (datetime.timedelta(seconds=5400), datetime.timedelta(seconds=90))
    """
    if isinstance(text, timedelta):
        return text
    written = "0s" if text == 0 else str(text).strip()
    found = _WRITTEN.fullmatch(written) or _ISO.fullmatch(written)
    if found is None or not any(found.groups()):
        raise InvalidValue("", written[:40], _FIX)
    try:
        parts = zip(found.groups(), _UNITS.values(), strict=True)
        return sum(
            (float(number) * unit if "." in number else int(number) * unit for number, unit in parts if number),
            timedelta(0),
        )
    except OverflowError as error:
        raise InvalidValue("", written[:40], _FIX) from error


def write_duration(value: timedelta) -> str:
    """Return *value* as :func:`parse_duration` reads it.

    >>> write_duration(timedelta(days=1, minutes=5)), write_duration(timedelta(0))
    ('1d5m', '0s')
    """
    return "".join(_pieces(value)) or "0s"


def _pieces(value: timedelta) -> Iterator[str]:
    for letter, unit in _UNITS.items():
        number, value = divmod(value, unit)
        fraction = f".{value // _MICROSECOND:06}".rstrip("0") if letter == "s" and value else ""
        if number or fraction:
            yield f"{number}{fraction}{letter}"
