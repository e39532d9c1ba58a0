"""Printing what a check found: as text, as JSON, or beside the line in a review."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from wa_omnichannel.explain import LANGUAGES, show
from wa_omnichannel.template_lint import Finding, Severity

Found: TypeAlias = tuple[str, Finding]
"""A file and one finding in it."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every check has."""
    parser.add_argument("--format", choices=tuple(_WRITERS), default="text", help="how to print findings (text)")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the sentences (en)")
    parser.add_argument("--strict", action="store_true", help="let warnings count as errors")


def report(found: Sequence[Found], arguments: argparse.Namespace) -> int:
    """Print the findings and return the exit status: 0 if nothing is wrong, otherwise 1."""
    for line in _WRITERS[arguments.format](found, arguments.language):
        print(line)
    bad = {Severity.ERROR, Severity.WARNING} if arguments.strict else {Severity.ERROR}
    return int(any(item.severity in bad for _, item in found))


def _text(found: Sequence[Found], language: str) -> Iterator[str]:
    for name, item in found:
        place = f"{name}:{item.line}:{item.column}" if item.line is not None else name
        where = f" [{item.field}]" if item.field else ""
        yield f"{place}: {item.severity.value} {item.code}{where}: {item.sentence(language)} {item.fix(language)}"
    counts = ((severity, sum(item.severity is severity for _, item in found)) for severity in Severity)
    yield ", ".join(f"{severity.value}s: {count}" for severity, count in counts)


def _json(found: Sequence[Found], language: str) -> Iterator[str]:
    yield json.dumps([_entry(name, item, language) for name, item in found], ensure_ascii=False, indent=2)


def _entry(name: str, item: Finding, language: str) -> Mapping[str, Any]:
    return {
        "file": name,
        "line": item.line,
        "column": item.column,
        "severity": item.severity.value,
        "code": item.code,
        "template": item.template,
        "field": item.field,
        "offset": item.offset,
        "facts": {key: show(value) for key, value in item.facts.items()},
        "message": item.sentence(language),
        "fix": item.fix(language),
    }


def _github(found: Sequence[Found], language: str) -> Iterator[str]:
    """Write workflow commands, which show a finding beside its line in a review."""
    for name, item in found:
        word = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}[item.severity]
        place = f",line={item.line},col={item.column}" if item.line is not None else ""
        message = f"{item.sentence(language)} {item.fix(language)}".replace("%", "%25").replace("\n", "%0A")
        yield f"::{word} file={name}{place},title={item.code}::{message}"


_WRITERS: Mapping[str, Callable[[Sequence[Found], str], Iterator[str]]] = {
    "text": _text,
    "json": _json,
    "github": _github,
}
