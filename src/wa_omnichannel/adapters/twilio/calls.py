"""Calls of the provider's REST API as values, and questions made of them.

A *question* is a generator that yields calls and gets the answers, so it is written once and asked by threads
and coroutines alike (:mod:`.api`). It never sees HTTP: an answer is a JSON object, a failure is an error.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeAlias, TypeVar
from urllib.parse import urlencode, urlsplit

import attrs

from wa_omnichannel.adapters.twilio.answers import unreadable
from wa_omnichannel.errors import TransportError

T = TypeVar("T")

Json: TypeAlias = Mapping[str, Any]
"""A JSON object of the provider."""

NO_SENSE = (ValueError, TypeError, AttributeError, KeyError)
"""What reading an answer raises that is not what the API promises."""

PAGE = 100
"""Entries per page of a list that is read whole."""

ACCOUNT = "/2010-04-01/Accounts/{account}"
"""Path of what belongs to the account; its SID is filled in with the call."""

_NOTHING: Mapping[str, object] = {}


@attrs.frozen
class Call:
    """One call of the API."""

    method: str
    product: str
    """The part of the API that serves it: ``api``, ``content`` or ``messaging``."""
    path: str
    query: Mapping[str, object] = _NOTHING
    """Parameters; a value may be a list. None is left out."""
    form: Mapping[str, object] | None = None
    """What is written as a form."""
    json: Mapping[str, object] | None = None
    """What is written as JSON."""

    local: ClassVar[bool] = False

    def run(self, outside: Any) -> Any:
        """Have the call made."""
        return outside.call(self)

    @property
    def target(self) -> str:
        """Path and query."""
        given = {name: value for name, value in self.query.items() if value is not None}
        return f"{self.path}?{urlencode(given, doseq=True)}" if given else self.path

    @property
    def repeatable(self) -> bool:
        """Whether making it twice is the same as making it once."""
        return self.method != "POST"


@attrs.frozen
class Pause:
    """Wait before the next call."""

    duration: timedelta

    local: ClassVar[bool] = False

    def run(self, outside: Any) -> Any:
        """Have the time pass."""
        return outside.pause(self)


Question: TypeAlias = Generator[Call | Pause, Any, T]
"""Calls that lead to a *T*."""


def ask(call: Call) -> Question[Json]:
    """Make one call and return its answer.

    Raises:
        TransportError: There is none; see :meth:`.api.TwilioApi.run`.
    """
    answer: Json = yield call
    return answer


def pages(call: Call, key: str) -> Question[list[Json]]:
    """Return every entry of a list, page by page.

    Args:
        call: Asks for the first page.
        key: Where the entries are in a page.

    Raises:
        TransportError: A page cannot be read, or the pages lead in a circle.
    """
    found: list[Json] = []
    seen: set[str] = set()
    while True:
        page = yield from ask(call)
        found += page[key]
        meta: Json = page.get("meta") or {}
        following: str | None = page.get("next_page_uri") or meta.get("next_page_url")
        if not following:
            return found
        if following in seen:
            raise TransportError("The provider's pages lead in a circle.")
        seen.add(following)
        parts = urlsplit(following)  # the host is ours to choose, whatever the answer names
        call = attrs.evolve(call, path=f"{parts.path}?{parts.query}", query=_NOTHING)


def guarded(question: Question[T]) -> Question[T]:
    """Return *question* with an error of our own in place of what an answer without sense raises."""
    try:
        return (yield from question)
    except NO_SENSE as error:
        failure = unreadable(error)
    raise failure
