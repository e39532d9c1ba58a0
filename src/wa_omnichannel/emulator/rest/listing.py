"""The message list: its filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from wa_omnichannel.emulator.rest.calls import Call
from wa_omnichannel.emulator.rest.dates import last_second, read_date
from wa_omnichannel.emulator.state.records import MessageRecord
from wa_omnichannel.emulator.state.world import World

Filter = Callable[[MessageRecord], bool]


def matching_messages(world: World, call: Call) -> list[MessageRecord]:
    """Return the messages that pass the filters of the query, newest first.

    Raises:
        RestError: If a date is not readable (20001).
    """
    wanted = [make(call.argument(name)) for name, make in _FILTERS.items() if call.argument(name)]
    newest_first = reversed(world.messages.all)
    return [each for each in newest_first if not each.deleted and all(keep(each) for keep in wanted)]


def _instant(record: MessageRecord) -> datetime:
    return (record.sent_at or record.created_at).replace(microsecond=0)


def _sent_on(text: str) -> Filter:
    day = read_date(text).date()
    return lambda record: _instant(record).date() == day


def _sent_until(text: str) -> Filter:
    bound = last_second(text)
    return lambda record: _instant(record) <= bound


def _sent_since(text: str) -> Filter:
    bound = read_date(text)
    return lambda record: _instant(record) >= bound


_FILTERS: dict[str, Callable[[str], Filter]] = {
    "To": lambda text: lambda record: record.to == text,
    "From": lambda text: lambda record: record.from_ == text,
    "DateSent": _sent_on,
    "DateSent<": _sent_until,
    "DateSent>": _sent_since,
}
