"""From settings to plain data and files; what a file does not need to say is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from wa_omnichannel.errors import InvalidValue, MissingExtra
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.plain import mapping
from wa_omnichannel.settings.sections import sections
from wa_omnichannel.settings.shapes import default_of, fields_of
from wa_omnichannel.template_files import write_entry
from wa_omnichannel.templates import Template

_ORDER = ("account", "sandbox", "directory", "numbers", "workstreams", "queues", "hours")
"""What a reader looks for first."""


def to_data(settings: Settings) -> dict[str, Any]:
    """Return *settings* as the plain data of a file.

    >>> from wa_omnichannel.routing import Queue, Workstream
    >>> from wa_omnichannel.rules import Number
    >>> rules = Rules([Number("+14155550100", "Shop", "main")], [Workstream("main", "all")], [Queue("all")])
    >>> to_data(Settings(rules))["workstreams"]
    [{'name': 'main', 'fallback_queue': 'all'}]
    """
    found = {**_written(Settings, settings), **_written(Rules, settings.rules)}
    hours = _hoisted(found)
    if hours:
        found["hours"] = hours
    first = {name: found[name] for name in _ORDER if name in found}
    return {**first, **{name: part for name, part in found.items() if name not in first}}


def _written(owner: type[Any], value: Any) -> dict[str, Any]:
    """Return the sections that *owner* has, without those that are as they are by default."""
    found: dict[str, Any] = {}
    for name, field in fields_of(owner).items():
        part, section = getattr(value, field.name), sections()[name]
        if part != default_of(field, value):
            write: Callable[[Any], Any] = write_entry if section.kind is Template else section.shape.write
            found[name] = [write(each) for each in part] if section.many else write(part)
    return found


def _hoisted(data: Mapping[str, Any]) -> list[Any]:
    """Take hours that are written out in queues into a section of their own, and leave their names behind."""
    known: dict[str, Any] = {}
    for queue in data.get("queues", ()):
        hours = mapping(queue.get("hours"))
        if hours and known.setdefault(hours["name"], hours) == hours:
            queue["hours"] = hours["name"]
    return list(known.values())


def write_text(settings: Settings, suffix: str = ".yaml") -> str:
    """Return *settings* as the text of a file.

    Args:
        settings: What to write.
        suffix: ``.yaml``, ``.yml`` or ``.json``. TOML is read, but not written: it has no word for a limit that is
            taken away, which the others write as ``null``.

    Raises:
        InvalidValue: It is another suffix.
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    writer = _WRITERS.get(suffix)
    if writer is None:
        raise InvalidValue("suffix", suffix, f"Use one of {', '.join(_WRITERS)}.")
    return writer(to_data(settings))


def document_of(settings: Settings) -> str:
    """Return *settings* in the form in which the store keeps them."""
    return json.dumps(to_data(settings), ensure_ascii=False, separators=(",", ":"))


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _yaml(data: Mapping[str, Any]) -> str:
    try:
        import yaml
    except ImportError:
        raise MissingExtra.of("PyYAML", "yaml") from None
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json}
