"""Content templates: what the Content API lists and what a send renders."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from wa_omnichannel.emulator.state.addresses import new_sid

APPROVED = "approved"
UNSUBMITTED = "unsubmitted"
MAX_APPROVED_BODY = 1024

PEDIDO_LISTO_SID = "HX" + "1" * 32
ORDER_READY_SID = "HX" + "2" * 32

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def _new_content_sid() -> str:
    return new_sid("HX")


@attrs.frozen(kw_only=True)
class Template:
    """A Content resource and its WhatsApp approval.

    ``types`` maps a content type (``twilio/text``) to its fields; ``variables`` holds the sample values,
    which Twilio sends for every variable a request leaves out. ``name`` is the one it was submitted under, blank until
    then; ``friendly_name`` defaults to it. ``pauses`` counts how often low quality paused it.
    """

    name: str
    language: str
    types: Mapping[str, Mapping[str, object]]
    variables: Mapping[str, str] = attrs.field(factory=dict[str, str])
    category: str = "UTILITY"
    status: str = APPROVED
    rejection_reason: str = ""
    sid: str = attrs.field(factory=_new_content_sid)
    created_at: datetime = _LONG_AGO
    updated_at: datetime = _LONG_AGO
    friendly_name: str = ""
    allow_category_change: bool = True
    pauses: int = 0

    @property
    def content_type(self) -> str:
        """The first content type, for instance ``twilio/quick-reply``."""
        return next(iter(self.types), "")

    @property
    def title(self) -> str:
        """The friendly name, or the approval's name without one."""
        return self.friendly_name or self.name

    @property
    def body(self) -> str:
        """The text of the first type that has one."""
        bodies = (fields["body"] for fields in self.types.values() if "body" in fields)
        return str(next(bodies, ""))

    def render(self, values: Mapping[str, str]) -> str:
        """Return the body with its placeholders filled: from ``values``, else from the samples."""
        known = {**self.variables, **values}
        return PLACEHOLDER.sub(lambda match: known.get(match[1], match[0]), self.body)


PRESETS: tuple[Template, ...] = (
    Template(
        sid=PEDIDO_LISTO_SID,
        name="pedido_listo",
        language="es",
        types={"twilio/text": {"body": "Hola {{1}}, su pedido {{2}} ya está listo. ¿Desea que se lo enviemos hoy?"}},
        variables={"1": "Ana", "2": "A-100"},
    ),
    Template(
        sid=ORDER_READY_SID,
        name="order_ready",
        language="en",
        types={
            "twilio/text": {"body": "Hello {{1}}, your order {{2}} is ready. Would you like us to deliver it today?"}
        },
        variables={"1": "Ann", "2": "A-100"},
    ),
)

_REFUSING_CODES: dict[str, int | None] = {
    APPROVED: None,
    UNSUBMITTED: None,
    "paused": 63041,
    "disabled": 63042,
}
_OTHER_CODE = 63040


def refusal_of(template: Template) -> int | None:
    """Return the error code a send with ``template`` fails with, or ``None`` if its approval lets it pass.

    An unsubmitted template passes here: it is session content, to which the 24-hour window applies.
    """
    return _REFUSING_CODES.get(template.status, _OTHER_CODE)
