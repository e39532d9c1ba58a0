"""Where a secret is found: a settings file names the place, never the secret itself (CH-20).

========================  =====================================================
``env:TWILIO_TOKEN``      the environment variable of the process
``file:/run/secrets/t``   a file, without the line break at its end
``stored:twilio``         the store, encrypted; see ``wa_omnichannel.vault``
========================  =====================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.secret import Secret

_WRITTEN = re.compile(r"(env|file|stored):(\S.*)")
HIDDEN = "***"
"""Stands in errors for what was written in place of a secret's name."""

_FIX = "Name where it is kept: env:NAME, file:/path or stored:NAME. A secret itself never stands in a settings file."


@attrs.frozen
class SecretName:
    """The place of a secret."""

    kind: str
    """``env``, ``file`` or ``stored``."""
    name: str

    @classmethod
    def parse(cls, text: object) -> SecretName:
        """Return the place that *text* names.

        Raises:
            InvalidValue: It names none; what was written there is not shown, because it may be the secret.

        >>> SecretName.parse("env:TWILIO_TOKEN")
        SecretName(kind='env', name='TWILIO_TOKEN')
        """
        found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise InvalidValue("", HIDDEN, _FIX)
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    def resolve(self, environment: Mapping[str, str], stored: Callable[[str], Secret] | None = None) -> Secret:
        """Fetch the secret.

        Args:
            environment: The variables of the process.
            stored: Fetches one that is kept in the store.

        Raises:
            ConfigurationError: It is not there; says where it was looked for.
        """
        if self.kind == "stored":
            if stored is None:
                raise ConfigurationError(f"{self}: no vault was given; open one with the key of the store.")
            return stored(self.name)
        found = environment.get(self.name, "") if self.kind == "env" else _read(Path(self.name))
        if not found:
            raise ConfigurationError(_MISSING[self.kind].format(name=self.name))
        return Secret(found)


_MISSING = {
    "env": "The environment variable {name} is not set; set it to the secret.",
    "file": "The file {name} is empty, or not there; write the secret into it.",
}


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return ""
