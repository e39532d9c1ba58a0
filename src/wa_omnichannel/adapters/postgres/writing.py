"""Writing: many commits as one statement, asked again under the same number when its answer was lost."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from itertools import count
from typing import Any

import attrs

from wa_omnichannel._storage.batching import Ticket
from wa_omnichannel._storage.codec import decode, encode
from wa_omnichannel._storage.rows import KINDS, event_row, settled
from wa_omnichannel.adapters.postgres.database import Database
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate, InvalidValue, WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Put

_TEXTS = 4
"""Most columns of text that a row has beside its value."""

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


@attrs.frozen
class Order:
    """The changes of one commit as the function in the database takes them."""

    once: str | None
    text: str


def order_of(changes: Changes) -> Order:
    """Check and encode *changes*; done by who asks, so that the writing thread only writes.

    Raises:
        InvalidValue: A key or a value is not one that stores keep.
    """
    changes = settled(changes)
    result = encode(object, changes.result) if changes.once is not None else None
    guards = [_row(key, version) for key, version in changes.relies_on]
    guards += [_row(put.key, put.expected) for put in changes.puts if put.expected is not None]
    drops = [_row(drop.key, drop.version) for drop in changes.drops]
    puts = [_put(put) for put in changes.puts]
    events = [event_row(event) for event in changes.events]
    return Order(changes.once, _fit(_encode([changes.once, result, guards, drops, puts, events])))


def _row(key: Key, *more: object) -> list[object]:
    """Return the kind and the two parts of a key, the second empty where there is none, and what comes with it."""
    return [*key, *[""] * (3 - len(key)), *more]


def _put(put: Put) -> list[object]:
    kind = KINDS[put.key[0]]
    columns = kind.values(put.value)
    texts = [column for column in columns if not isinstance(column, int)]
    instant = next((column for column in columns if isinstance(column, int)), None)
    return _row(put.key, *texts, *[None] * (_TEXTS - len(texts)), instant, encode(kind.holds, put.value))


def _fit(text: str) -> str:
    """Return *text* if PostgreSQL can keep it.

    Raises:
        InvalidValue: It holds half an emoji.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue("key", type(error).__name__, "Use Unicode text.") from error
    return text


class Writer:
    """Writes batches of orders, each batch as one statement."""

    def __init__(self, database: Database) -> None:
        """Write through *database*, which nobody else uses."""
        self.database = database
        self._process = secrets.token_hex(16)
        self._numbers = count(1)
        self.close = database.close

    def write(self, tickets: list[Ticket[Order]]) -> None:
        """Write a batch; every ticket gets its own outcome.

        What makes the database refuse the whole statement, such as a text it cannot keep, is found by asking for
        each order alone.
        """
        try:
            answers = self._commit(tickets)
        except WaOmnichannelError as error:
            if isinstance(error, InvalidValue) and len(tickets) > 1:
                for ticket in tickets:
                    self.write([ticket])
                return
            answers = [error] * len(tickets)
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.error = answer

    def _commit(self, tickets: list[Ticket[Order]]) -> list[WaOmnichannelError | None]:
        orders = f"[{','.join(ticket.request.text for ticket in tickets)}]"
        asked = (self._process, next(self._numbers), orders)
        ((answers,),) = self.database.insist("SELECT {}commit_1(?, ?, ?)", asked)
        return list(map(_outcome, (ticket.request for ticket in tickets), _pairs(answers)))


def _pairs(answers: Iterable[list[Any]]) -> Iterable[tuple[int, Any]]:
    return ((code, rest[0] if rest else None) for code, *rest in answers)


def _outcome(order: Order, answer: tuple[int, Any]) -> WaOmnichannelError | None:
    """Return what the database's answer means for one order."""
    code, detail = answer
    if code == _DONE:
        return AlreadyDone(order.once or "", decode(object, detail))
    return ConcurrentUpdate(detail.removesuffix("/")) if code == _STALE else None


_DONE, _STALE = 1, 2
