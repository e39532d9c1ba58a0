"""A REST request and its answer, without any web framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from wa_omnichannel.emulator.records import RequestRecord
from wa_omnichannel.emulator.world import World

Pairs = tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class Call:
    """One REST request: query and form fields in order, path parameters, the Authorization header."""

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()
    params: Mapping[str, str] = attrs.field(factory=dict[str, str])
    authorization: str = attrs.field(default="", repr=False)

    def field(self, name: str) -> str:
        """Return the first form field of this name, or an empty string."""
        return next(iter(self.fields(name)), "")

    def fields(self, name: str) -> tuple[str, ...]:
        """Return every form field of this name that is not blank."""
        return tuple(value for key, value in self.form if key == name and value)

    def has(self, name: str) -> bool:
        """Tell whether the form has this field, be it blank."""
        return any(key == name for key, _ in self.form)

    def argument(self, name: str, default: str = "") -> str:
        """Return the first query field of this name, or ``default``."""
        return next((value for key, value in self.query if key == name), default)

    def record(self, at: datetime) -> RequestRecord:
        """Return the log entry of this request."""
        return RequestRecord(
            method=self.method,
            path=self.path,
            query=dict(reversed(self.query)),
            form=dict(reversed(self.form)),
            at=at,
        )


@attrs.frozen(kw_only=True)
class Answer:
    """What to answer: a JSON ``payload``, or ``content`` with its type."""

    status: int = 200
    payload: object = None
    content: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


Handler = Callable[[World, Call], Answer]
