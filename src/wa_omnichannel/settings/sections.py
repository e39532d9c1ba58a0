"""The sections of a settings file: one for each field of ``Rules`` and ``Settings``, and one for named hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import attrs
from pydantic import TypeAdapter

from wa_omnichannel.hours import OperatingHours
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.shapes import LEFT_OUT, Shape, fields_of, shape_of
from wa_omnichannel.settings.special import HOURS

LEFT_OUT[Settings] = frozenset({"rules"})
_IDENTITIES = {"numbers": "number", "agents": "id"}


@attrs.frozen
class Section:
    """One key at the top of a file."""

    name: str
    kind: Any
    """Type of its value, or of each entry."""
    shape: Shape
    many: bool
    required: bool
    adapter: TypeAdapter[Any]

    @property
    def identity(self) -> str:
        """The field by which the entries are told apart."""
        return _IDENTITIES.get(self.name, "name")


def _sections(owner: type[Any]) -> Iterator[Section]:
    hints = get_type_hints(owner)
    for name, field in fields_of(owner).items():
        kind = hints[field.name]
        many = get_origin(kind) is tuple
        kind = get_args(kind)[0] if many else kind
        shape = shape_of(kind)
        yield Section(name, kind, shape, many, field.default is attrs.NOTHING, TypeAdapter(shape.annotation))


@cache
def sections() -> Mapping[str, Section]:
    """Return every section by name, in the order in which they are read and written."""
    hours = Section("hours", OperatingHours, HOURS, True, False, TypeAdapter(HOURS.annotation))
    return {each.name: each for each in (hours, *_sections(Settings), *_sections(Rules))}
