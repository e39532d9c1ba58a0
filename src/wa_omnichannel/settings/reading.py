"""From a file to settings: every section and entry is read by itself, so that all faults are found at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from pydantic import ValidationError

from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.routing import Classifier
from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.faults import SettingsError, closest, fault, faults_of, spot_fault
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.parts import Parts
from wa_omnichannel.settings.plain import is_list, items, mapping
from wa_omnichannel.settings.references import reference_faults
from wa_omnichannel.settings.sections import Section, sections
from wa_omnichannel.settings.shapes import fields_of
from wa_omnichannel.settings.special import Surroundings
from wa_omnichannel.template_files import read_item
from wa_omnichannel.template_files.documents import Document, parse
from wa_omnichannel.template_lint import Finding, Severity

MAX_BYTES = 16 * 1024 * 1024
"""Largest file that is read, in bytes."""

_NO_CLASSIFIERS: Mapping[str, Classifier] = {}


@attrs.frozen
class Reading:
    """What one file came to."""

    settings: Settings | None
    """The settings; None if there is an error in the file."""
    findings: tuple[Finding, ...] = ()
    """Everything that is wrong or worth knowing."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the file from being used."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def read_file(path: Path, classifiers: Mapping[str, Classifier] = _NO_CLASSIFIERS) -> Reading:
    """Read the settings file at *path*. What is wrong with it is in the findings.

    Args:
        path: The file; its suffix says whether it is YAML, JSON or TOML.
        classifiers: What rulesets of models may name.

    Raises:
        MissingExtra: It is YAML, or uses something, for which a package is not installed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            return _unreadable(f"it is larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return _unreadable(error.strerror or type(error).__name__)
    except UnicodeDecodeError as error:
        return _unreadable(f"byte {error.start} is not UTF-8")
    return read_text(text, path.suffix, classifiers)


def _unreadable(problem: str) -> Reading:
    return Reading(None, (fault(Document(), (), "file_unreadable", {"problem": problem}),))


def load(path: Path | str, classifiers: Mapping[str, Classifier] = _NO_CLASSIFIERS) -> Settings:
    """Return the settings in the file at *path*.

    Args:
        path: The file; its suffix says whether it is YAML, JSON or TOML.
        classifiers: What rulesets of models may name.

    Raises:
        SettingsError: The file cannot be used; names every place, and what to do.
        MissingExtra: A package is not installed.
    """
    return settled(read_file(Path(path), classifiers), str(path))


def settled(reading: Reading, name: str) -> Settings:
    """Return the settings of a file that has no error.

    Raises:
        SettingsError: It has errors; they are all in it.
    """
    if reading.settings is None:
        raise SettingsError("The settings cannot be used.", reading.errors, name)
    return reading.settings


def read_text(text: str, suffix: str = ".yaml", classifiers: Mapping[str, Classifier] = _NO_CLASSIFIERS) -> Reading:
    """Read the content of a settings file; see :func:`read_file`.

    >>> reading = read_text('{"numbers": [{"number": "14155550100"}], "queue": []}', ".json")
    >>> [(found.code, found.field) for found in reading.findings][:2]
    [('setting_unknown', 'queue'), ('file_field_missing', 'numbers.0.name')]
    """
    document = parse(text, suffix)
    faults = [spot_fault(spot, mark) for spot, mark in document.spots]
    data = mapping(document.data)
    if not data:
        faults = faults or [fault(document, (), "settings_shape", {})]
        return Reading(None, tuple(faults))
    parts = Parts(document, data, Surroundings({}, classifiers), findings=faults)
    for section in sections().values():
        _read_section(parts, section)
    parts.findings[:0] = _unknown_sections(parts)
    parts.findings += reference_faults(parts)
    return _built(parts)


def _unknown_sections(parts: Parts) -> Iterator[Finding]:
    for name in parts.data:
        if name not in sections():
            facts = {"field": name, **closest(name, sections())}
            yield fault(parts.document, (name,), "setting_unknown", facts)


def _read_section(parts: Parts, section: Section) -> None:
    data = parts.data.get(section.name)
    if data is None:
        if section.required:
            parts.findings.append(fault(parts.document, (section.name,), "file_field_missing", {"field": section.name}))
    elif not section.many:
        _read(parts, section, (section.name,), data)
    elif not is_list(data):
        facts = {"problem": repr(data)[:40], "advice": "Write a list of entries"}
        parts.findings.append(fault(parts.document, (section.name,), "file_value", facts))
    else:
        _read_list(parts, section, items(data))
    if section.name == "hours":
        known = {hours.name: hours for hours in parts.entries("hours").values()}
        parts.surroundings = attrs.evolve(parts.surroundings, hours=known)


def _read_list(parts: Parts, section: Section, data: Sequence[Any]) -> None:
    found: dict[int, Any] = {}
    parts.values[section.name] = found
    for index, item in enumerate(data):
        if section.name == "templates":
            template, said = read_item(parts.document, (section.name, index), item)
            parts.findings += said if template is None else map(_milder, said)
            if template is not None:
                found[index] = template
        else:
            _read(parts, section, (section.name, index), item)


def _milder(found: Finding) -> Finding:
    """Let the linter warn only: a template that it would not submit may have been approved long ago."""
    form = found.code.startswith("file_")
    return found if form or found.severity is not Severity.ERROR else attrs.evolve(found, severity=Severity.WARNING)


def _read(parts: Parts, section: Section, path: tuple[str | int, ...], data: Any) -> None:
    try:
        value = section.adapter.validate_python(data, context=parts.surroundings)
    except ValidationError as error:
        parts.findings += faults_of(parts.document, path, section.kind, data, error)
        return
    if section.many:
        parts.values[section.name][path[-1]] = value
    else:
        parts.values[section.name] = value


def _built(parts: Parts) -> Reading:
    """Put the sections together, if nothing is wrong with them."""
    if not any(each.severity is Severity.ERROR for each in parts.findings):
        try:
            return Reading(_settings(parts), tuple(parts.findings))
        except (ConfigurationError, InvalidValue) as error:
            facts = {"problem": str(error), "advice": "Mend what the sentence names"}
            parts.findings.append(fault(parts.document, (), "file_value", facts))
    return Reading(None, tuple(parts.findings))


def _settings(parts: Parts) -> Settings:
    given: dict[str, Any] = {
        name: tuple(parts.entries(name).values()) if sections()[name].many else value
        for name, value in parts.values.items()
    }
    rules = Rules(**{name: given[name] for name in fields_of(Rules) if name in given})
    return Settings(rules, **{name: given[name] for name in fields_of(Settings) if name in given})
