"""A settings file while it is read: what could be read of each section, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import attrs

from wa_omnichannel.settings.plain import items, mapping
from wa_omnichannel.settings.sections import sections
from wa_omnichannel.settings.special import Surroundings
from wa_omnichannel.template_files.documents import Document
from wa_omnichannel.template_lint import Finding


@attrs.define
class Parts:
    """The sections of a file as far as they could be read."""

    document: Document
    data: Mapping[str, Any]
    surroundings: Surroundings
    values: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Single values, and for a list its entries by index."""
    findings: list[Finding] = attrs.field(factory=list[Finding])

    def entries(self, name: str) -> Mapping[int, Any]:
        """Return the entries of a list that could be read, by index."""
        return cast("Mapping[int, Any]", self.values.get(name, {}))

    def names(self, name: str) -> tuple[str, ...]:
        """Return the names of all entries of a list, those included that could not be read."""
        identity = sections()[name].identity
        found = (mapping(item) for item in items(self.data.get(name)))
        return tuple(str(item[identity]) for item in found if identity in item)
