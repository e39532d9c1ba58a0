"""What differs between two settings, in the words of the domain: one change for every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from wa_omnichannel.editions import SettingChange
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.plain import items
from wa_omnichannel.settings.sections import sections
from wa_omnichannel.settings.shapes import Shape, entries, fields_of, shape_of, shapes_of
from wa_omnichannel.template_files import write_entry
from wa_omnichannel.templates import Template

_WORDS = {
    "numbers": "Number",
    "workstreams": "Workstream",
    "queues": "Queue",
    "templates": "Template",
    "agents": "Agent",
    "bots": "Bot",
    "capacity_profiles": "Capacity profile",
    "hours": "Operating hours",
    "account": "Account",
    "sandbox": "Sandbox",
    "directory": "Directory",
}


def diff(old: Settings, new: Settings) -> tuple[SettingChange, ...]:
    """Return what *new* changes of *old*, in the order of a file."""
    owned = ((name, owner) for owner in (Settings, Rules) for name in fields_of(owner))
    parts = (
        (name, *(getattr(each if owner is Settings else each.rules, name) for each in (old, new)))
        for name, owner in owned
    )
    return tuple(change for name, before, after in parts for change in _section(name, before, after))


def _section(name: str, old: Any, new: Any) -> Iterator[SettingChange]:
    word, section = _WORDS.get(name, "Channel"), sections()[name]
    if section.many:
        before, after = (_by_key(each, section.identity) for each in (old, new))
        for key in dict.fromkeys((*before, *after)):
            yield from _values(f"{word} {key}", "", before.get(key), after.get(key), section.shape)
    else:
        yield from _values(word, name if word == "Channel" else "", old, new, section.shape)


def _by_key(entries: Iterable[Any], identity: str) -> Mapping[str, Any]:
    return {str(getattr(each, identity)): each for each in entries}


def _values(what: str, setting: str, old: Any, new: Any, shape: Shape) -> Iterator[SettingChange]:
    """Yield the single values that differ inside two values of one setting."""
    kind: Any = old.__class__
    if old == new:
        return
    if old is None or new is None:
        yield _whole(what, setting, old, new, shape)
    elif kind is new.__class__ and kind in entries():
        shapes = shapes_of(kind)
        for name, field in fields_of(kind).items():
            below = f"{setting} / {name}" if setting else name
            yield from _values(what, below, getattr(old, field.name), getattr(new, field.name), shapes[name])
    elif _are_named(items(old)) and _are_named(items(new)):
        yield from _named(what, setting, items(old), items(new))
    else:
        yield SettingChange("setting_changed", what, setting, shape.write(old), shape.write(new))


def _whole(what: str, setting: str, old: Any, new: Any, shape: Shape) -> SettingChange:
    before, after = (None if each is None else _plain(each, shape) for each in (old, new))
    if setting:
        return SettingChange("setting_changed", what, setting, before, after)
    return SettingChange("setting_removed" if new is None else "setting_added", what, setting, before, after)


def _plain(value: Any, shape: Shape) -> Any:
    return write_entry(value) if isinstance(value, Template) else shape.write(value)


def _are_named(things: Sequence[Any]) -> bool:
    """Tell whether they are things with names of their own, of which each is compared with its twin."""
    named = [each.name for each in things if type(each) in entries() and hasattr(each, "name")]
    return len(set(named)) == len(things) > 0


def _named(what: str, setting: str, old: Sequence[Any], new: Sequence[Any]) -> Iterator[SettingChange]:
    before, after = _by_key(old, "name"), _by_key(new, "name")
    for key in dict.fromkeys((*before, *after)):
        known = before.get(key, after.get(key))
        yield from _values(what, f"{setting} / {key}", before.get(key), after.get(key), shape_of(type(known)))
    kept = [[name for name in each if name in before and name in after] for each in (before, after)]
    if kept[0] != kept[1]:
        yield SettingChange("setting_changed", what, f"{setting} / order", kept[0], kept[1])
