"""Editions of the settings: who put which settings into force, when, and what that changed.

The settings live in the store, one edition after another; nothing is overwritten. A channel that follows them
decides with the newest edition, so a switch that is changed here is obeyed by the next decision everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from wa_omnichannel.explain import sentence


@attrs.frozen
class SettingChange:
    """One value of the settings that differs."""

    code: str
    """``setting_changed``, ``setting_added`` or ``setting_removed``."""
    what: str
    """The thing it belongs to: ``Number +14155550100``."""
    setting: str
    """The setting in it: ``attachments / customers``."""
    old: object = None
    new: object = None

    def sentence(self, language: str = "en") -> str:
        """Return the change as one sentence.

        >>> SettingChange("setting_changed", "Queue all", "priority", 1, 2).sentence()
        'Queue all: priority was 1, is 2.'
        """
        facts = {"what": self.what, "setting": self.setting, "old": _shown(self.old), "new": _shown(self.new)}
        return sentence(self.code, facts, language)


_WORDS: Mapping[object, str] = {True: "on", False: "off", None: "not set"}


def _shown(value: object) -> object:
    return _WORDS[value] if value is None or isinstance(value, bool) else value


@attrs.frozen
class Edition:
    """One edition of the settings."""

    number: int
    """From 1; ``Rules.version`` of the rules that are compiled from it."""
    document: str
    """The settings as plain data, in JSON; secrets only by name (CH-20)."""
    by: str
    """Who put it into force."""
    at: datetime
    changes: tuple[SettingChange, ...] = ()
    """What it changed of the edition before."""
