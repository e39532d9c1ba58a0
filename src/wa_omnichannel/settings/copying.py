"""Copying a workstream within the settings (CH-33)."""

from __future__ import annotations

import attrs

from wa_omnichannel import routing
from wa_omnichannel.errors import NotFound
from wa_omnichannel.settings.model import Settings


def copied(settings: Settings, workstream: str, name: str = "") -> Settings:
    """Return *settings* with a copy of a workstream: its rules, and what the life of conversations has for it (CH-33).

    Numbers stay where they are.

    Args:
        settings: The settings.
        workstream: Name of the original.
        name: Name of the copy; *Copy of* the original by default, numbered if that is taken.

    Raises:
        NotFound: There is no such workstream.
        ConfigurationError: The name is taken.
    """
    rules = settings.rules
    original = rules.workstream_named(workstream)
    if original is None:
        raise NotFound("workstream", workstream)
    made = routing.copy(original, [known.name for known in rules.workstreams])
    if name:
        made = attrs.evolve(made, name=name)
    known = rules.life.workstreams
    own = {made.name: known[workstream]} if workstream in known else {}
    life = attrs.evolve(rules.life, workstreams={**known, **own})
    return attrs.evolve(settings, rules=attrs.evolve(rules, workstreams=(*rules.workstreams, made), life=life))
