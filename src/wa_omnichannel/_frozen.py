"""Frozen values: copies of them with changes, made quickly, and mappings that are frozen, too.

``attrs.evolve`` looks at the fields of the class at every call, which takes about as long as making the value;
:func:`evolve` is compiled once per class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

T = TypeVar("T")

if TYPE_CHECKING:
    evolve = attrs.evolve
else:

    def evolve(value: T, /, **changes: object) -> T:
        """Return a copy of *value* with these fields changed; like ``attrs.evolve``, in half of its time.

        >>> from wa_omnichannel.explain import Check
        >>> evolve(Check("SES-2", True, "window_open"), met=False).met
        False
        """
        kind = type(value)
        copy = _COPIES.get(kind)
        if copy is None:
            copy = _COPIES[kind] = _compiled(kind)
        return copy(value, **changes)


_COPIES: dict[type[Any], Callable[..., Any]] = {}
_SAME = object()


def _compiled(kind: type[Any]) -> Callable[..., Any]:
    """Write the function that copies a value of this class; names come from the class, nothing from outside."""
    fields = [field for field in attrs.fields(kind) if field.init]
    changes = ", ".join(f"{field.alias}=_same" for field in fields)
    given = ", ".join(
        f"{f'{field.alias}=' if field.kw_only else ''}_old.{field.name} if {field.alias} is _same else {field.alias}"
        for field in fields
    )
    known: dict[str, Any] = {"_kind": kind, "_same": _SAME}
    exec(f"def copy(_old, /, *, {changes}): return _kind({given})", known)  # noqa: S102 - see above
    return known["copy"]  # type: ignore[no-any-return]


class FixedDict(dict[Any, Any]):
    """A mapping that cannot be changed, and nothing in it either; so it is shared and never copied.

    A copy of it is an ordinary ``dict``.

    >>> FixedDict(a=1) | {"b": 2}
    {'a': 1, 'b': 2}
    """

    __slots__ = ()

    def _refused(self, *_: object, **__: object) -> Any:
        raise TypeError("What a store keeps cannot be changed; make a dict of it first.")

    __setitem__: Any = _refused
    __delitem__: Any = _refused
    __ior__: Any = _refused
    clear: Any = _refused
    pop: Any = _refused
    popitem: Any = _refused
    setdefault: Any = _refused
    update: Any = _refused

    def __reduce__(self) -> tuple[type[dict[Any, Any]], tuple[dict[Any, Any]]]:
        """Let ``copy`` and ``pickle`` make an ordinary ``dict`` of it."""
        return dict, (dict(self),)


EMPTY = FixedDict()
"""The mapping with nothing in it."""
