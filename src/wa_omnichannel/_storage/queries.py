"""Looking up how a store answers a query: each store has one table of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.ports import Query, Touched, TouchedAfter

S = TypeVar("S")
T = TypeVar("T")

Answers: TypeAlias = Mapping[type[Query[Any]], Callable[[S, Any], Any]]
"""How each kind of query is answered from the rows of a store, which are an *S*."""


def touched(query: TouchedAfter, events: Sequence[tuple[int, str | None, str | None]]) -> Touched:
    """Return the answer to *query* from the events it asks for: position, conversation and agent of each."""
    conversations = dict.fromkeys(conversation for _, conversation, _ in events if conversation is not None)
    agents = dict.fromkeys(agent for _, _, agent in events if agent is not None)
    position = events[-1][0] if events else query.position
    return Touched(position, tuple(conversations), tuple(agents), len(events) == query.limit)


def answer(answers: Answers[S], rows: S, query: Query[T]) -> T:
    """Return the answer to *query*.

    Raises:
        InvalidValue: It is a question that stores do not know.
    """
    find = answers.get(type(query))
    if find is None:
        raise InvalidValue("query", type(query).__name__, "Ask one of the queries in ports.")
    return find(rows, query)  # type: ignore[no-any-return]
