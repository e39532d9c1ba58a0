"""A channel's whole set-up as one file: read, checked, compared, written, and published as a JSON Schema.

::

    settings = load("wa.yaml")          # YAML, JSON or TOML; every fault at once, with its line
    channel = Omnichannel(settings.rules, store=..., transport=...)

A file holds no secret, only where it is kept (CH-20). What the classes of the rules get a field for can be set in
a file under the same name; :func:`schema` says what there is.
"""

from __future__ import annotations

from wa_omnichannel.editions import SettingChange
from wa_omnichannel.sandbox import Sandbox
from wa_omnichannel.settings.changes import diff
from wa_omnichannel.settings.copying import copied
from wa_omnichannel.settings.faults import SettingsError
from wa_omnichannel.settings.model import (
    Account,
    AgentProfile,
    BotSettings,
    CustomerDirectory,
    Settings,
    SqlSource,
)
from wa_omnichannel.settings.reading import Reading, load, read_file, read_text, settled
from wa_omnichannel.settings.schemas import schema
from wa_omnichannel.settings.secret_names import SecretName
from wa_omnichannel.settings.tables import tables
from wa_omnichannel.settings.versions import aapply, apply, compiler, in_force, settings_of
from wa_omnichannel.settings.writing import document_of, to_data, write_text

__all__ = [
    "Account",
    "AgentProfile",
    "BotSettings",
    "CustomerDirectory",
    "Reading",
    "Sandbox",
    "SecretName",
    "SettingChange",
    "Settings",
    "SettingsError",
    "SqlSource",
    "aapply",
    "apply",
    "compiler",
    "copied",
    "diff",
    "document_of",
    "in_force",
    "load",
    "read_file",
    "read_text",
    "schema",
    "settings_of",
    "settled",
    "tables",
    "to_data",
    "write_text",
]
