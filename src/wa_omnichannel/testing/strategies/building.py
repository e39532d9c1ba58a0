"""Strategies from types: what the type of a field says about the values that it may have.

:func:`of` answers for any type of the library. A type has a strategy of its own, or it is an enumeration, or
a frozen class whose fields are filled one by one.
"""

from __future__ import annotations

import contextlib
import functools
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.testing.strategies.identities import addresses, languages, phones, sids
from wa_omnichannel.testing.strategies.instants import instants, zones

C = TypeVar("C")
Anything = st.SearchStrategy[Any]
Make = Callable[[], Anything]

OWN: dict[object, Make] = {}
"""Types with a strategy of their own; the modules :mod:`dependent` and :mod:`outside` fill it."""


def _words() -> st.SearchStrategy[str]:
    return st.sampled_from(("a", "b", "sales", "Ana")) | st.text(min_size=1, max_size=20)


def _scalars() -> Anything:
    return st.none() | st.booleans() | st.integers(-5, 5) | _words()


LEAVES: Mapping[object, Make] = {
    str: _words,
    int: lambda: st.integers(1, 100),
    float: lambda: st.floats(0, 1),
    bool: st.booleans,
    bytes: lambda: st.binary(max_size=40),
    object: _scalars,
    Any: _scalars,
    NoneType: st.none,
    Address: addresses,
    datetime: instants,
    date: lambda: st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    time: st.times,
    timedelta: lambda: st.timedeltas(timedelta(seconds=1), timedelta(days=2)),
    Decimal: lambda: st.decimals(0, 1, places=4),
    ZoneInfo: lambda: zones().filter(lambda zone: isinstance(zone, ZoneInfo)),
}
"""What is not ours: small values that are easy to read, instants with a time zone."""

NAMED: Mapping[str, Make] = {
    "language": languages,
    "locale": languages,
    "default_language": languages,
    "channel_language": languages,
    "number": phones,
    "sid": sids,
}
"""Texts that a field's name says more about than its type."""


def _tuples(parts: tuple[Any, ...]) -> Anything:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return st.lists(of(parts[0]), max_size=3).map(tuple)
    return st.tuples(*[of(part) for part in parts])


def _mappings(parts: tuple[Any, ...]) -> Anything:
    return st.dictionaries(of(parts[0]), of(parts[1]), max_size=3)


def _lists(parts: tuple[Any, ...]) -> Anything:
    return st.lists(of(parts[0]), max_size=3)


def _unions(parts: tuple[Any, ...]) -> Anything:
    return st.one_of([of(part) for part in parts])


_GENERIC: Mapping[object, Callable[[tuple[Any, ...]], Anything]] = {
    tuple: _tuples,
    Mapping: _mappings,
    list: _lists,
    Sequence: _lists,
    Iterable: _lists,
    frozenset: lambda parts: st.frozensets(of(parts[0]), max_size=3),
    UnionType: _unions,
    typing.Union: _unions,
}


def of(hint: Any) -> Anything:
    """Make values of a type: a class of the library, or what its fields are annotated with.

    Args:
        hint: The type.

    Raises:
        TypeError: Nothing is known about the type.
    """
    return _of(hint)


@functools.cache
def _of(hint: Any) -> Anything:
    make = OWN.get(hint) or LEAVES.get(hint)
    if make is not None:
        return make()
    origin = typing.get_origin(hint)
    if origin in _GENERIC:
        return _GENERIC[origin](typing.get_args(hint))
    if isinstance(origin, type):
        return of(origin)
    return _of_class(hint)


def _of_class(hint: Any) -> Anything:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return st.deferred(lambda: _accepted(hint))
    if isinstance(hint, type) and issubclass(hint, Exception):
        return st.builds(hint)
    if isinstance(hint, TypeVar):
        return _scalars()
    raise TypeError(f"Nothing is known about {hint!r}.")


def built(cls: type[C], **given: Anything) -> st.SearchStrategy[C]:
    """Make instances of a frozen class from the types of its fields.

    Args:
        cls: The class.
        given: Strategies for some of its fields instead.

    >>> from wa_omnichannel.capacity import CapacityProfile
    >>> built(CapacityProfile, limit=st.just(3)).map(lambda profile: profile.limit)
    builds(CapacityProfile, blocking=booleans(), ...)
    """
    return st.builds(cls, **_parts(cls, given), **given)


def _parts(cls: type[Any], given: Mapping[str, Anything]) -> dict[str, Anything]:
    hints, frozen = typing.get_type_hints(cls), cast("type[attrs.AttrsInstance]", cls)
    fields = [field for field in attrs.fields(frozen) if field.init and field.alias not in given]
    return {str(field.alias): _of_field(field, hints[field.name]) for field in fields}


def _accepted(cls: type[Any]) -> Anything:
    """Make instances of a frozen class, and others instead of those that it refuses itself."""
    return st.builds(functools.partial(_attempt, cls), **_parts(cls, {})).filter(lambda value: value is not None)


def _attempt(_cls: type[C], **fields: Any) -> C | None:
    with contextlib.suppress(InvalidValue, ConfigurationError):
        return _cls(**fields)
    return None


def _of_field(field: attrs.Attribute[Any], hint: Any) -> Anything:
    named = NAMED.get(field.name)
    if named is None:
        return of(hint)
    return named() | st.none() if NoneType in typing.get_args(hint) else named()
