"""The message list: filters and pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import attrs

from wa_omnichannel.emulator.calls import Call
from wa_omnichannel.emulator.problems import RestError
from wa_omnichannel.emulator.records import MessageRecord
from wa_omnichannel.emulator.resources import message_json, messages_uri
from wa_omnichannel.emulator.world import World

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
_PAGING = {"Page", "PageToken", "PageSize"}

Filter = Callable[[MessageRecord], bool]


@attrs.frozen(kw_only=True)
class Page:
    """One page: its number from 0, its size, the index of its first record and the records."""

    number: int
    size: int
    start: int
    records: tuple[MessageRecord, ...]
    is_last: bool


def list_json(world: World, call: Call) -> dict[str, object]:
    """Return one page of the messages that pass the filters of the query, newest first.

    Raises:
        RestError: If the page size or a date is not readable.
    """
    page = _page(tuple(_matching(world, call)), call)
    end = page.start + len(page.records) - 1
    token = {"PageToken": f"PA{page.records[-1].sid}"} if page.records else {}
    following = None if page.is_last else _uri(world, call, page, page.number + 1, token)
    previous = _uri(world, call, page, page.number - 1, {}) if page.number else None
    return {
        "end": max(end, 0),
        "first_page_uri": _uri(world, call, page, 0, {}),
        "messages": [message_json(world, record) for record in page.records],
        "next_page_uri": following,
        "page": page.number,
        "page_size": page.size,
        "previous_page_uri": previous,
        "start": page.start,
        "uri": _uri(world, call, page, page.number, {}),
    }


def _page(records: tuple[MessageRecord, ...], call: Call) -> Page:
    size = min(max(_number(call, "PageSize", DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE)
    number = _number(call, "Page", 0)
    start = _start(records, call.argument("PageToken"), number * size)
    chosen = records[start : start + size]
    return Page(number=number, size=size, start=start, records=chosen, is_last=start + size >= len(records))


def _start(records: tuple[MessageRecord, ...], token: str, default: int) -> int:
    sid = token.removeprefix("PA")
    after = (index + 1 for index, record in enumerate(records) if record.sid == sid)
    return next(after, default)


def _number(call: Call, name: str, default: int) -> int:
    text = call.argument(name) or str(default)
    if not text.isdecimal():
        raise RestError(20001, f"{name} must be a number")
    return int(text)


def _uri(world: World, call: Call, page: Page, number: int, token: dict[str, str]) -> str:
    filters = [(name, value) for name, value in call.query if name not in _PAGING]
    paging = {"PageSize": str(page.size), "Page": str(number), **token}
    return f"{messages_uri(world)}.json?{urlencode([*filters, *paging.items()])}"


def _matching(world: World, call: Call) -> list[MessageRecord]:
    wanted = [make(call.argument(name)) for name, make in _FILTERS.items() if call.argument(name)]
    newest_first = reversed(world.messages)
    return [each for each in newest_first if not each.deleted and all(keep(each) for keep in wanted)]


def _instant(record: MessageRecord) -> datetime:
    return (record.sent_at or record.created_at).replace(microsecond=0)


def _read_date(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as failure:
        raise RestError(20001, f"{text!r} is not a date") from failure
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _last_second(text: str) -> datetime:
    bound = _read_date(text)
    is_date = len(text) <= len("2026-01-31")
    return bound.replace(hour=23, minute=59, second=59) if is_date else bound


def _sent_on(text: str) -> Filter:
    day = _read_date(text).date()
    return lambda record: _instant(record).date() == day


def _sent_until(text: str) -> Filter:
    bound = _last_second(text)
    return lambda record: _instant(record) <= bound


def _sent_since(text: str) -> Filter:
    bound = _read_date(text)
    return lambda record: _instant(record) >= bound


_FILTERS: dict[str, Callable[[str], Filter]] = {
    "To": lambda text: lambda record: record.to == text,
    "From": lambda text: lambda record: record.from_ == text,
    "DateSent": _sent_on,
    "DateSent<": _sent_until,
    "DateSent>": _sent_since,
}
