"""Lists in pages: the 2010 API writes paths beside the records, the newer ones a ``meta`` object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from urllib.parse import urlencode

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Call

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
_PAGING = frozenset({"Page", "PageToken", "PageSize"})
_MAX_DIGITS = 9

Item = TypeVar("Item")


@attrs.frozen(kw_only=True)
class Page(Generic[Item]):
    """One page: its number from 0, its size, the index of its first record and the records."""

    number: int
    size: int
    start: int
    records: tuple[Item, ...]
    is_last: bool
    token: str


def page_of(records: Sequence[Item], call: Call, sid_of: Callable[[Item], str]) -> Page[Item]:
    """Return the page of ``records`` that the query asks for.

    A ``PageToken`` names the last record of the page before, so that new records in front move nothing.

    Raises:
        RestError: If the page or its size is no number.
    """
    size = min(max(_number(call, "PageSize", DEFAULT_PAGE_SIZE), 1), MAX_PAGE_SIZE)
    number = _number(call, "Page", 0)
    wanted = call.argument("PageToken").removeprefix("PA")
    after = (index + 1 for index, record in enumerate(records) if wanted and sid_of(record) == wanted)
    start = next(after, number * size)
    chosen = tuple(records[start : start + size])
    token = f"PA{sid_of(chosen[-1])}" if chosen else ""
    last = start + size >= len(records)
    return Page(number=number, size=size, start=start, records=chosen, is_last=last, token=token)


def old_style(path: str, key: str, page: Page[Item], call: Call, render: Callable[[Item], object]) -> dict[str, object]:
    """Return a page as the 2010 API writes it; ``path`` is that of the list."""
    return {
        "end": max(page.start + len(page.records) - 1, 0),
        "first_page_uri": _link(path, page, call, 0),
        key: [render(each) for each in page.records],
        "next_page_uri": None if page.is_last else _link(path, page, call, page.number + 1, page.token),
        "page": page.number,
        "page_size": page.size,
        "previous_page_uri": _link(path, page, call, page.number - 1) if page.number else None,
        "start": page.start,
        "uri": _link(path, page, call, page.number),
    }


def new_style(url: str, key: str, page: Page[Item], call: Call, render: Callable[[Item], object]) -> dict[str, object]:
    """Return a page as the newer APIs write it; ``url`` is that of the list."""
    meta = {
        "first_page_url": _link(url, page, call, 0),
        "key": key,
        "next_page_url": None if page.is_last else _link(url, page, call, page.number + 1, page.token),
        "page": page.number,
        "page_size": page.size,
        "previous_page_url": _link(url, page, call, page.number - 1) if page.number else None,
        "url": _link(url, page, call, page.number),
    }
    return {key: [render(each) for each in page.records], "meta": meta}


def _link(base: str, page: Page[Item], call: Call, number: int, token: str = "") -> str:
    filters = [(name, value) for name, value in call.query if name not in _PAGING]
    paging = {"PageSize": str(page.size), "Page": str(number), **({"PageToken": token} if token else {})}
    return f"{base}?{urlencode([*filters, *paging.items()])}"


def _number(call: Call, name: str, default: int) -> int:
    text = call.argument(name) or str(default)
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_DIGITS:
        raise RestError(20001, f"{name} must be a number")
    return int(text)
