"""A REST request and its answer, without any web framework."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.state.records import RequestRecord
from wa_omnichannel.emulator.state.world import World

Pairs = tuple[tuple[str, str], ...]
Document = Mapping[str, object]


@attrs.frozen(kw_only=True)
class Call:
    """One REST request: query and form fields in order, the raw body, path parameters, the Authorization header."""

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()
    body: bytes = attrs.field(default=b"", repr=False)
    params: Mapping[str, str] = attrs.field(factory=dict[str, str])
    authorization: str = attrs.field(default="", repr=False)
    _first: Mapping[str, str] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_first", {name: value for name, value in reversed(self.form) if value})

    def field(self, name: str) -> str:
        """Return the first form field of this name that is not blank, or an empty string."""
        return self._first.get(name, "")

    def fields(self, name: str) -> tuple[str, ...]:
        """Return every form field of this name that is not blank."""
        return tuple(value for key, value in self.form if key == name and value)

    def has(self, name: str) -> bool:
        """Tell whether the form has this field, be it blank."""
        return any(key == name for key, _ in self.form)

    def argument(self, name: str, default: str = "") -> str:
        """Return the first query field of this name, or ``default``."""
        return next((value for key, value in self.query if key == name), default)

    def arguments(self, name: str) -> tuple[str, ...]:
        """Return every query field of this name that is not blank."""
        return tuple(value for key, value in self.query if key == name and value)

    def document(self) -> Document:
        """Return the JSON object of the body.

        Raises:
            RestError: If the body is no JSON object (20001), for instance a form sent as JSON.
        """
        try:
            value: object = json.loads(self.body.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as failure:
            raise RestError(20001, "The body is not JSON") from failure
        if not isinstance(value, dict):
            raise RestError(20001, "The body is not a JSON object")
        return cast("Document", value)

    def record(self, at: datetime) -> RequestRecord:
        """Return the log entry of this request."""
        return RequestRecord(
            method=self.method,
            path=self.path,
            query=dict(reversed(self.query)),
            form=dict(reversed(self.form)),
            at=at,
            body="" if self.form else self.body.decode("utf-8", "replace"),
            authorized=bool(self.authorization),
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


def not_found(call: Call) -> RestError:
    """Return the refusal of a path that leads nowhere."""
    return RestError(20404, f"The requested resource {call.path} was not found")


def flag(text: str) -> bool:
    """Read a boolean form field.

    Raises:
        RestError: If the text is neither ``true`` nor ``false``.
    """
    if text.lower() not in {"true", "false"}:
        raise RestError(20001, f"{text!r} is neither true nor false")
    return text.lower() == "true"
