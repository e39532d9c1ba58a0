"""Settings as plain data: each class of settings is compiled once into a pydantic model, and back into plain data.

The classes that decisions read are the form of the file: what they get a field for can be set in it, with the
same name, default and check. Only what plain data cannot hold as it is has a form of its own, in ``special``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from types import NoneType, UnionType
from typing import Annotated, Any, NewType, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from wa_omnichannel.errors import ConfigurationError, InvalidValue

Write: TypeAlias = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


@attrs.frozen
class Shape:
    """How the values of one type stand in a file."""

    annotation: Any
    """What pydantic checks; it gives the value itself."""
    write: Write = _same
    """Returns plain data for a value."""


SPECIAL: dict[Any, Shape] = {}
"""Shapes of types that are not written field by field; filled by ``special``."""

FIELDS: dict[tuple[type[Any], str], Shape] = {}
"""Shapes of single fields."""

LEFT_OUT: dict[type[Any], frozenset[str]] = {}
"""Fields that no file sets, by class."""


def refusal(wrong: InvalidValue) -> PydanticCustomError:
    """Return *wrong* as pydantic reports errors; its field leads on from the place that is checked."""
    context = {"field": wrong.field, "problem": repr(wrong.value), "advice": wrong.fix.rstrip(".")}
    return PydanticCustomError("settings_value", "{problem}: {advice}", context)


def checked(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return *make* with its refusals as pydantic's errors.

    The field of a refusal counts only as far as it leads into the value: ``.any[0]``.
    """

    def made(data: Any) -> Any:
        try:
            return make(data)
        except InvalidValue as wrong:
            inside = wrong.field if wrong.field.startswith((".", "[")) else ""
            raise refusal(InvalidValue(inside, wrong.value, wrong.fix)) from None

    return made


def shape_of(kind: Any) -> Shape:
    """Return the shape of a type; compiled when it is first asked for."""
    known = SPECIAL.get(kind)
    if known is None:
        known = SPECIAL[kind] = _compiled(kind)
    return known


def _compiled(kind: Any) -> Shape:
    if isinstance(kind, NewType):
        return shape_of(kind.__supertype__)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union(parts)
    if origin is not None:
        return _GENERIC[origin](*parts)
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return Shape(kind, lambda member: member.value)
    if attrs.has(kind):
        return _record(kind)
    return Shape(kind)


def _union(parts: tuple[Any, ...]) -> Shape:
    """Something or nothing, or one of several kinds, of which the first that fits counts."""
    shapes = {part: shape_of(part) for part in parts if part is not NoneType}
    annotation: Any = Union[tuple(shape.annotation for shape in shapes.values())]  # noqa: UP007 - made at run time
    if NoneType in parts:
        annotation = annotation | None
    if len(shapes) == 1:
        write = next(iter(shapes.values())).write
        return Shape(annotation, lambda value: None if value is None else write(value))
    return Shape(annotation, lambda value: None if value is None else shapes[type(value)].write(value))


def _tuple(*parts: Any) -> Shape:
    if parts[-1] is not Ellipsis:
        shapes = [shape_of(part) for part in parts]
        annotation = _of(tuple, *(shape.annotation for shape in shapes))
        return Shape(annotation, lambda value: [s.write(part) for s, part in zip(shapes, value, strict=True)])
    item = shape_of(parts[0])
    return Shape(_of(tuple, item.annotation, ...), lambda value: [item.write(part) for part in value])


def _of(container: Any, *parts: Any) -> Any:
    """Return the type of a container of these types, which are known at run time only."""
    (*first, last) = parts
    return container[(*first, last) if first else last]


def _sequence(part: Any) -> Shape:
    return _tuple(part, ...)


def _set(part: Any) -> Shape:
    item = shape_of(part)
    return Shape(_of(frozenset, item.annotation), lambda value: sorted(item.write(part) for part in value))


def _mapping(key: Any, part: Any) -> Shape:
    name, item = shape_of(key), shape_of(part)
    annotation = _of(dict, name.annotation, item.annotation)
    return Shape(annotation, lambda value: {str(name.write(k)): item.write(part) for k, part in value.items()})


_GENERIC: Mapping[Any, Callable[..., Shape]] = {tuple: _tuple, Sequence: _sequence, frozenset: _set, Mapping: _mapping}


class Entry(BaseModel):
    """Fields of one class of settings; keys it does not know are refused."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, frozen=True, hide_input_in_errors=True)


def fields_of(kind: type[Any]) -> Mapping[str, attrs.Attribute[Any]]:
    """Return the fields of *kind* that a file can set, by the name they have there."""
    hidden = LEFT_OUT.get(kind, frozenset())
    return {cast("str", field.alias): field for field in attrs.fields(kind) if field.init and field.alias not in hidden}


def shapes_of(kind: type[Any]) -> Mapping[str, Shape]:
    """Return the shapes of the fields of *kind* that a file can set."""
    hints = get_type_hints(kind)
    return {name: FIELDS.get((kind, name)) or shape_of(hints[field.name]) for name, field in fields_of(kind).items()}


def _record(kind: type[Any]) -> Shape:
    model = entry_of(kind)
    return Shape(Annotated[model, AfterValidator(partial(_made, kind))], partial(_written, kind))


_ENTRIES: dict[type[Any], type[Entry]] = {}


def entry_of(kind: type[Any]) -> type[Entry]:
    """Return the model of a class of settings."""
    if kind not in _ENTRIES:
        shapes = shapes_of(kind)
        fields = {name: (shapes[name].annotation, _default(field)) for name, field in fields_of(kind).items()}
        _ENTRIES[kind] = create_model(
            kind.__name__, __base__=Entry, __module__=kind.__module__, **cast("dict[str, Any]", fields)
        )
    return _ENTRIES[kind]


def _default(field: attrs.Attribute[Any]) -> Any:
    """Return what pydantic is told of a default: that there is one. The class itself knows which."""
    return Field() if field.default is attrs.NOTHING else Field(default=None)


def _made(kind: type[Any], entry: Entry) -> Any:
    """Return the value of an entry; fields that are not given take the default of the class.

    Raises:
        PydanticCustomError: The class refuses them.
    """
    try:
        return kind(**{name: getattr(entry, name) for name in entry.model_fields_set})
    except InvalidValue as wrong:
        raise refusal(wrong) from None
    except ConfigurationError as wrong:
        raise refusal(InvalidValue("", "", str(wrong))) from None


def _written(kind: type[Any], value: Any) -> dict[str, Any]:
    """Return the fields of *value* that differ from their defaults, as plain data."""
    shapes = shapes_of(kind)
    found: dict[str, Any] = {}
    for name, field in fields_of(kind).items():
        part = getattr(value, field.name)
        if part != default_of(field, value):
            found[name] = shapes[name].write(part)
    return found


_NOTHING = object()


def default_of(field: attrs.Attribute[Any], value: Any) -> object:
    """Return the default of a field as it is in a value, after its converter; something unequal if it has none."""
    default: Any = field.default
    convert = cast("Callable[[Any], object] | None", field.converter)  # pyright: ignore[reportUnknownMemberType]
    if default is attrs.NOTHING:
        return _NOTHING
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        default = default.factory(value) if default.takes_self else default.factory()
    return default if convert is None else convert(default)


def known_fields(kind: Any, steps: Sequence[str | int]) -> tuple[str, ...]:
    """Return the fields that a file can set at the place that *steps* lead to, from a value of type *kind*.

    >>> from wa_omnichannel.overflow import Overflow
    >>> known_fields(Overflow, ("limit",))
    ('items', 'handling')
    """
    kinds = set(_records(kind))
    for step in steps:
        inner = (get_type_hints(each).get(str(step)) if isinstance(step, str) else each for each in kinds)
        kinds = {found for each in inner for found in _records(each)}
    return tuple(dict.fromkeys(name for each in kinds for name in fields_of(each)))


def _records(kind: Any) -> Iterator[type[Any]]:
    """Yield the classes of settings in a type: those of a choice, and those inside lists and mappings."""
    if isinstance(kind, type) and attrs.has(kind):
        yield kind
    for part in get_args(kind):
        yield from _records(part)


def entries() -> Mapping[type[Any], type[Entry]]:
    """Return the model of every class that was compiled."""
    return _ENTRIES
