"""Consent as plain rows, for import from and export to spreadsheets and other systems.

A row has the columns ``address``, ``scope`` (``everything``, ``marketing`` or ``block``), ``state`` (``in`` or
``out``), ``at`` (ISO 8601 with a time zone), ``source`` and ``number``. A row that cannot be read is reported with
its line, column and remedy, and never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from wa_omnichannel.addresses import Address, parse, parse_number
from wa_omnichannel.consent import OPT_OUT_CODES, UNKNOWN, Block, Consent, Scope, Statement, learn, record
from wa_omnichannel.errors import InvalidValue

Row: TypeAlias = Mapping[str, str]

COLUMNS = ("address", "scope", "state", "at", "source", "number")
"""The columns of a row, in the order of an export."""

_STATES = {"in": True, "out": False}
_PROVIDER = "provider: "


@attrs.frozen
class Fault:
    """A row that was not imported."""

    line: int
    """Its place among the rows, from 1."""
    error: InvalidValue


@attrs.frozen
class Imported:
    """What an import came to."""

    consents: Mapping[Address, Consent]
    faults: tuple[Fault, ...] = ()


def export_rows(address: Address, consent: Consent) -> tuple[dict[str, str], ...]:
    """Return the rows of one person under *address*.

    >>> from datetime import UTC, datetime
    >>> stop = Statement(Scope.EVERYTHING, False, datetime(2026, 1, 1, tzinfo=UTC), "word: stop")
    >>> [row["state"] for row in export_rows(Address("+34600000001"), Consent(stop))]
    ['out']
    """
    said = (known for known in (consent.everything, consent.marketing) if known is not None)
    return (*(_statement(address, known) for known in said), *(_block(address, block) for block in consent.blocks))


def _statement(address: Address, known: Statement) -> dict[str, str]:
    state = "in" if known.granted else "out"
    return dict(zip(COLUMNS, (address, known.scope.value, state, known.at.isoformat(), known.source, ""), strict=True))


def _block(address: Address, block: Block) -> dict[str, str]:
    source = f"{_PROVIDER}{block.code}"
    return dict(zip(COLUMNS, (address, "block", "out", block.at.isoformat(), source, block.number), strict=True))


def import_rows(rows: Iterable[Row]) -> Imported:
    """Read rows; several of one address become one record, in any order.

    >>> import_rows([{"address": "+34600000001", "scope": "marketing", "state": "maybe"}]).faults[0].error.field
    'state'
    """
    consents: dict[Address, Consent] = {}
    faults: list[Fault] = []
    for line, row in enumerate(rows, 1):
        try:
            address = parse(_cell(row, "address"))
            consents[address] = _add(consents.get(address, UNKNOWN), row)
        except InvalidValue as error:
            faults.append(Fault(line, error))
    return Imported(consents, tuple(faults))


def all_rows(consents: Mapping[Address, Consent]) -> Iterator[dict[str, str]]:
    """Yield the rows of many people, by address."""
    for address in sorted(consents):
        yield from export_rows(address, consents[address])


def _add(consent: Consent, row: Row) -> Consent:
    scope = _cell(row, "scope").lower()
    if scope == "block":
        return learn(consent, _code(row), parse_number(_cell(row, "number")), _instant(row))
    if scope not in ("everything", "marketing"):
        raise InvalidValue("scope", scope, "Use everything, marketing or block.")
    state = _cell(row, "state").lower()
    if state not in _STATES:
        raise InvalidValue("state", state, "Use in or out.")
    source = _cell(row, "source")
    if not source:
        raise InvalidValue("source", "", "Say where the statement comes from, for example: web form.")
    return record(consent, Statement(Scope(scope), _STATES[state], _instant(row), source))


def _cell(row: Row, column: str) -> str:
    return (row.get(column) or "").strip()


def _instant(row: Row) -> datetime:
    text = _cell(row, "at")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue("at", text, "Use ISO 8601, for example 2026-01-31T09:00:00+01:00.") from None


def _code(row: Row) -> int:
    text = _cell(row, "source").removeprefix(_PROVIDER)
    code = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
    if OPT_OUT_CODES.get(code, Scope.EVERYTHING) is not None:
        raise InvalidValue("source", text, "A block comes from the provider: use provider: 63014 or provider: 63033.")
    return code
