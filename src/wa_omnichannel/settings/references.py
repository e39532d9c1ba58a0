"""What one part of a file says about another: names that must be there, and must not be there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wa_omnichannel.conditions import Kind
from wa_omnichannel.overflow import Action
from wa_omnichannel.routing import ITEM_ATTRIBUTES, NO_LIMITS, Queue, check
from wa_omnichannel.settings.faults import closest, fault, problem_of
from wa_omnichannel.settings.parts import Parts
from wa_omnichannel.settings.plain import is_mapping, items, mapping
from wa_omnichannel.settings.sections import sections
from wa_omnichannel.template_files.places import FieldPath
from wa_omnichannel.template_lint import Finding


def reference_faults(parts: Parts) -> Iterator[Finding]:
    """Yield what is wrong between the sections of a file."""
    for name, section in sections().items():
        if section.many:
            yield from _twice(parts, name, section.identity)
    yield from _numbers(parts)
    yield from _workstreams(parts)
    yield from _agents(parts)
    yield from _transfers(parts, (), parts.data)


def _twice(parts: Parts, name: str, identity: str) -> Iterator[Finding]:
    """Yield entries whose name an earlier entry has; numbers have rules of their own (CH-7)."""
    seen: dict[str, Mapping[str, Any]] = {}
    for index, item in _items(parts, name):
        key = str(item.get(identity))
        if key not in seen:
            seen[key] = item
        elif name == "numbers":
            facts = {"number": key, "workstream": seen[key].get("workstream")}
            yield fault(parts.document, (name, index, identity), "number_taken", facts)
        elif name != "templates":  # the reader of templates says so itself
            yield fault(parts.document, (name, index, identity), "file_duplicate", {"name": key})


def _items(parts: Parts, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, item in enumerate(items(parts.data.get(name))):
        if is_mapping(item):
            yield index, mapping(item)


def _dangling(parts: Parts, path: FieldPath, kind: str, name: str, known: Iterable[str]) -> Iterator[Finding]:
    names = tuple(known)
    if name not in names:
        yield fault(parts.document, path, "setting_dangling", {"kind": kind, "name": name, **closest(name, names)})


def _numbers(parts: Parts) -> Iterator[Finding]:
    known = parts.names("workstreams")
    for index, number in parts.entries("numbers").items():
        if number.workstream:
            yield from _dangling(parts, ("numbers", index, "workstream"), "workstream", number.workstream, known)


def _workstreams(parts: Parts) -> Iterator[Finding]:
    """Yield what the check of routing says; a queue that could not be read is still known by its name."""
    queues = {name: Queue(name) for name in parts.names("queues")}
    queues |= {queue.name: queue for queue in parts.entries("queues").values()}
    limits, directory = parts.values.get("limits", NO_LIMITS), parts.values.get("directory")
    asked: Mapping[str, Kind] = directory.attributes if directory is not None else {}
    known = {**ITEM_ATTRIBUTES, **{f"customer.{name}": kind for name, kind in asked.items()}}
    for index, workstream in parts.entries("workstreams").items():
        raw = parts.data["workstreams"][index]
        for problem in check(workstream, queues, limits, known):
            yield problem_of(parts.document, ("workstreams", index), problem, raw)


def _agents(parts: Parts) -> Iterator[Finding]:
    queues, profiles = parts.names("queues"), parts.names("capacity_profiles")
    for index, agent in parts.entries("agents").items():
        for queue in agent.queues:
            yield from _dangling(parts, ("agents", index, "queues"), "queue", queue, queues)
        for profile in agent.profiles:
            path = ("agents", index, "profiles", profile)
            yield from _dangling(parts, path, "capacity profile", profile, profiles)


def _transfers(parts: Parts, path: FieldPath, data: object) -> Iterator[Finding]:
    """Yield transfers of overflow, wherever they stand, that lead to no queue."""
    fields = mapping(data)
    if fields.get("action") == Action.TRANSFER.value and isinstance(fields.get("queue"), str):
        yield from _dangling(parts, (*path, "queue"), "queue", fields["queue"], parts.names("queues"))
    below: Iterable[tuple[str | int, Any]] = (*enumerate(items(data)), *fields.items())
    for step, value in below:
        yield from _transfers(parts, (*path, step), value)
