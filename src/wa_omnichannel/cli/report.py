"""``wa-omnichannel report``: the figures of a store as tables, CSV, JSON and charts."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.metrics import Story, Thresholds, report, tell
from wa_omnichannel.metrics import sending as sent
from wa_omnichannel.metrics.report import Figure, Value, by_queue
from wa_omnichannel.ports import EventsAfter, NewEvent, Store
from wa_omnichannel.stores import open_store

HELP = "compute the figures of a store: waiting, service level, handling, templates, windows"

PAGE = 1000
"""Events that are read at a time."""

_BLANK = "-"

Table: TypeAlias = tuple[str, Sequence[str], Sequence[Sequence[Value | str]]]
"""A title, the names of the columns, and the rows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--store", required=True, metavar="STORE", help="the SQLite file of the channel, or the URL of any store"
    )
    parser.add_argument("--since", metavar="INSTANT", help="count conversations opened from here on (ISO 8601)")
    parser.add_argument("--until", metavar="INSTANT", help="count conversations opened before")
    parser.add_argument("--queue", help="count conversations that came into this queue first")
    parser.add_argument("--service-level", type=float, metavar="SECONDS", help="the queue's service level")
    parser.add_argument("--short-abandoned", type=float, metavar="SECONDS", help="when an abandoned one is short")
    parser.add_argument("--csv", metavar="FILE", help="write the figures there")
    parser.add_argument("--json", metavar="FILE", help="write everything there")
    parser.add_argument("--charts", metavar="DIR", help="draw charts into this folder (extra charts)")
    parser.add_argument("--chart-format", choices=("png", "svg"), default="png", help="format of the charts (png)")
    parser.set_defaults(run=run)


@attrs.frozen
class Findings:
    """What a report is about."""

    stories: tuple[Story, ...]
    events: tuple[NewEvent, ...]
    now: datetime
    thresholds: Thresholds


def run(arguments: argparse.Namespace) -> int:
    """Print the tables, write what was asked for, and return the exit status."""
    found = _findings(arguments)
    tables = tuple(_tables(found))
    for table in tables:
        print(*_lines(table), "", sep="\n")
    if arguments.csv:
        _write_csv(Path(arguments.csv), tables)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(_plain(tables), ensure_ascii=False, indent=1), encoding="utf-8")
    if arguments.charts:
        from wa_omnichannel.cli import charts

        charts.draw(Path(arguments.charts), arguments.chart_format, found.stories, found.events)
    return 0


def _findings(arguments: argparse.Namespace) -> Findings:
    if "://" not in arguments.store and not Path(arguments.store).is_file():
        raise InvalidValue("--store", arguments.store, "Give the database file of a channel, or a URL.")
    since, until = _instant(arguments.since, "--since"), _instant(arguments.until, "--until")
    url = arguments.store
    with open_store(url) if "://" in url else SqliteStore(url) as store:
        events = tuple(_events(store))
    stories = tuple(
        story
        for story in tell(events)
        if (since is None or story.opened_at >= since)
        and (until is None or story.opened_at < until)
        and (arguments.queue is None or (story.segments and story.segments[0].queue == arguments.queue))
    )
    inside = tuple(each for each in events if _inside(each.at, since, until))
    thresholds = Thresholds(_seconds(arguments.service_level), _seconds(arguments.short_abandoned))
    return Findings(stories, inside, until or datetime.now(UTC), thresholds)


def _inside(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _instant(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(name, text, "Write an instant such as 2026-05-01T00:00:00+02:00.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _seconds(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(seconds=number)


def _events(store: Store) -> Iterator[NewEvent]:
    position = 0
    while page := store.select(EventsAfter(position, PAGE)):
        yield from (each.event for each in page)
        position = page[-1].position


def _tables(found: Findings) -> Iterator[Table]:
    yield _figures("all queues", report(found.stories, found.now, found.thresholds))
    queues = by_queue(found.stories)
    for queue, stories in queues.items() if len(queues) > 1 else ():
        yield _figures(f"queue {queue}", report(stories, found.now, found.thresholds))
    columns = [field.name for field in attrs.fields(sent.TemplateUse)]
    uses = sent.template_use(found.events)
    yield (
        "templates",
        ("template", "language", *columns),
        [(*name, *(getattr(use, column) for column in columns)) for name, use in sorted(uses.items())],
    )
    days = sent.window_events(found.events, UTC)
    yield "windows", ("day", *sent.WINDOW_KINDS), [(day.isoformat(), *kinds.values()) for day, kinds in days.items()]
    yield "refused sends", ("reason", "count"), list(sent.refusals(found.events).items())


def _figures(title: str, figures: Iterable[Figure]) -> Table:
    return title, ("figure", "variant", "value"), [(each.name, each.variant, each.value) for each in figures]


def _shown(value: Value | str) -> str:
    """Return a cell for people: shares as percentages, lengths of time in seconds, blank as a dash."""
    if value is None:
        return _BLANK
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.1f} s"
    return f"{value:.1%}" if isinstance(value, float) else str(value)


def _lines(table: Table) -> Iterator[str]:
    title, columns, rows = table
    cells = [list(columns), *([_shown(value) for value in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    yield title
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _exact(value: Value | str) -> float | str | None:
    """Return a cell for programs: seconds as numbers, shares as fractions, blank as nothing."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def _write_csv(path: Path, tables: Iterable[Table]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for title, columns, rows in tables:
            writer.writerow(("table", *columns))
            writer.writerows((title, *map(_exact, row)) for row in rows)


def _plain(tables: Iterable[Table]) -> Mapping[str, list[dict[str, Any]]]:
    return {
        title: [dict(zip(columns, map(_exact, row), strict=True)) for row in rows] for title, columns, rows in tables
    }
