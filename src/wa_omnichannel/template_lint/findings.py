"""What the linter says: findings with a stable code, a severity and a place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import attrs

from wa_omnichannel.explain import Facts, sentence

_NO_FACTS: Facts = {}


class Severity(Enum):
    """How much a finding matters."""

    ERROR = "error"
    """WhatsApp or the provider refuses it."""
    WARNING = "warning"
    """It may be refused, or is not what was meant."""
    HINT = "hint"
    """Worth knowing; nothing is wrong."""


@attrs.frozen
class Spot:
    """A finding while it is being made: the rule's word and where, relative to what the rule looked at."""

    code: str
    field: str = ""
    offset: int | None = None
    facts: Facts = _NO_FACTS


@attrs.frozen
class Finding:
    """One thing to mend in one template."""

    code: str
    """Stable identifier; safe to match on."""
    severity: Severity
    template: str
    """Name of the template, or an empty string if the file as a whole is meant."""
    field: str
    """Path of the field, such as ``translations.es.body``."""
    offset: int | None = None
    """Place in the field, in characters from 0; None if the whole field is meant."""
    facts: Facts = _NO_FACTS
    line: int | None = None
    """Line in the file, from 1, if it came from a file whose format tells."""
    column: int | None = None
    """Column in that line, from 1."""
    place: str = ""
    """The rule that it is about, by name, where the field does not tell."""

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong, as one sentence that begins with the rule it is about."""
        said = sentence(self.code, self.facts, language)
        return f"{self.place}: {said}" if self.place else said

    def fix(self, language: str = "en") -> str:
        """Return what to do about it, as one sentence."""
        return sentence(f"fix_{self.code}", self.facts, language)


_E, _W, _H = Severity.ERROR, Severity.WARNING, Severity.HINT

SEVERITIES: Mapping[str, Severity] = {
    # The template
    "name_characters": _E,
    "name_too_long": _E,
    "name_blocked": _E,
    "language_unknown": _W,
    "language_unverified": _H,
    "variables_differ": _W,
    # Its texts
    "header_too_long": _E,
    "header_variables": _E,
    "header_newline": _E,
    "header_emoji": _E,
    "footer_too_long": _E,
    "footer_variable": _E,
    "footer_newline": _E,
    "footer_emoji": _E,
    "body_too_long": _E,
    "body_filled_too_long": _E,
    "body_emojis": _E,
    # Its variables
    "variable_malformed": _E,
    "variable_at_start": _E,
    "variable_at_end": _E,
    "variable_near_edge": _W,
    "variables_adjacent": _E,
    "variables_not_sequential": _E,
    "variables_mixed": _E,
    "variables_too_many": _E,
    "words_too_few": _E,
    "sample_missing": _E,
    "sample_unusable": _E,
    "sample_too_long": _E,
    "sample_long": _W,
    "sample_unused": _W,
    "sample_personal": _W,
    # Its buttons and files
    "button_label_missing": _E,
    "button_label_too_long": _E,
    "buttons_too_many": _E,
    "buttons_need_approval": _H,
    "button_not_in_kind": _E,
    "url_invalid": _E,
    "url_too_long": _E,
    "url_variable": _E,
    "phone_invalid": _E,
    "phone_too_long": _E,
    "media_several": _E,
    # Its kind
    "kind_unknown": _E,
    "kind_not_on_whatsapp": _E,
    "kind_session_only": _H,
    "field_missing": _E,
    "field_not_in_kind": _E,
    "field_unknown": _W,
    "list_items": _E,
    "list_item_too_long": _E,
    "card_incomplete": _E,
    # Its category
    "category_promotional": _W,
    "category_code": _W,
    "category_kind": _E,
    # The account
    "account_full": _W,
    "account_hourly": _W,
    # The file
    "file_unreadable": _E,
    "file_syntax": _E,
    "file_shape": _E,
    "file_alias": _E,
    "file_value": _E,
    "file_field_missing": _E,
    "file_field_unknown": _E,
    "file_not_text": _E,
    "file_choice": _E,
    "file_duplicate": _E,
    "file_approval": _E,
}
"""Every code with its severity."""
