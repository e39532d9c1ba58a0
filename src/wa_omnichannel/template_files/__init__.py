"""Template files: YAML, JSON or TOML in, templates and findings with their place in the file out.

A file is never refused as a whole because of one entry: every template is read by itself, and what is wrong
with one becomes findings that name the field and, in YAML, the line and the column.

::

    templates:
      - name: order_ready
        category: utility
        default_language: es
        variables:
          1: {source: customer, key: first_name, sample: Ana}
          2: {sample: A-100}
        translations:
          es: {body: "Hola {{1}}, su pedido {{2}} ya está listo para recoger."}
          en: {body: "Hello {{1}}, your order {{2}} is ready to be collected."}

An entry with ``text`` in place of ``translations`` is the short form of the dialog (TPL-3). A file with the key
``contents`` in place of ``templates`` holds contents as the provider's list writes them. Approval is not part of
a file: it is read from the provider.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
from pydantic import ValidationError

from wa_omnichannel.addresses import parse_language
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.template_files.documents import Document, parse
from wa_omnichannel.template_files.entries import TemplateEntry, write_entry
from wa_omnichannel.template_files.places import FieldPath, Mark
from wa_omnichannel.template_lint import Finding, Spot, finding, lint
from wa_omnichannel.templates import Approval, Category, Template, Translation
from wa_omnichannel.templates.wire import read_content

__all__ = ["MAX_BYTES", "TemplateFile", "read_file", "read_item", "read_text", "write_entry"]

MAX_BYTES = 4 * 1024 * 1024
"""Largest file that is read, in bytes."""

_APPROVAL_KEYS = frozenset({"approval", "approved", "status", "approval_status"})
_NEVER = datetime.min.replace(tzinfo=UTC)
_CODES = {
    "missing": "file_field_missing",
    "extra_forbidden": "file_field_unknown",
    "string_type": "file_not_text",
    "enum": "file_choice",
}


@attrs.frozen
class TemplateFile:
    """What one file came to."""

    templates: tuple[Template, ...] = ()
    """Those that could be read, whatever the linter says about them."""
    findings: tuple[Finding, ...] = ()
    """What is wrong, in the order of the file: first with its form, then with each template."""


def read_file(path: Path) -> TemplateFile:
    """Read and lint the template file at *path*. A file that cannot be read is a finding, not an error.

    Raises:
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            return _unreadable(f"it is larger than {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return _unreadable(error.strerror or type(error).__name__)
    except UnicodeDecodeError as error:
        return _unreadable(f"byte {error.start} is not UTF-8")
    return read_text(text, path.suffix)


def _unreadable(problem: str) -> TemplateFile:
    return TemplateFile(findings=(finding("", Spot("file_unreadable", facts={"problem": problem})),))


def read_text(text: str, suffix: str = ".yaml") -> TemplateFile:
    """Read and lint the content of a template file.

    Args:
        text: The content.
        suffix: What the name of the file ends with; it says which format it is.

    Raises:
        MissingExtra: It is YAML, and PyYAML is not installed.

    >>> found = read_text('{"templates": [{"name": "hola", "default_language": "es", "text": "Hola"}, {}]}', ".json")
    >>> [template.name for template in found.templates], [(f.code, f.field) for f in found.findings]
    (['hola'], [('file_field_missing', 'templates.1.name'), ('file_field_missing', 'templates.1.default_language')])
    """
    document = parse(text, suffix)
    findings = [_placed(finding("", spot), mark) for spot, mark in document.spots]
    key, items = _items(document.data)
    if not key and not findings:
        findings.append(finding("", Spot("file_shape")))
    templates: dict[str, Template] = {}
    for index, item in enumerate(items):
        template, found = read_item(document, (key, index), item)
        findings += found
        if template is not None and template.name in templates:
            spot = Spot("file_duplicate", "name", facts={"name": template.name})
            findings.append(_at(document, (key, index), finding(template.name, spot)))
        elif template is not None:
            templates[template.name] = template
    return TemplateFile(tuple(templates.values()), tuple(findings))


def _items(data: object) -> tuple[str, list[Any]]:
    """Return the list of templates and the key it stands under; no key if there is no list."""
    entries = _mapping(data)
    key = next((key for key in _READERS if isinstance(entries.get(key), list)), "")
    return key, entries.get(key, [])


def _placed(found: Finding, mark: Mark | None) -> Finding:
    return found if mark is None else attrs.evolve(found, line=mark.line, column=mark.column)


def read_item(document: Document, path: FieldPath, item: Any) -> tuple[Template | None, list[Finding]]:
    """Return the template of one entry, if it could be read, and its findings with their places.

    Args:
        document: The file.
        path: Where the entry stands; its first step is ``templates`` or ``contents``.
        item: The entry.
    """
    entry = _mapping(item)
    name = str(entry.get("name") or entry.get("friendly_name") or "")
    template, spots = _READERS[str(path[0])](item)
    found = [_at(document, path, finding(name, spot)) for spot in spots]
    if template is not None:
        found += [_at(document, path, said, entry) for said in lint(template)]
    return template, found


def _mapping(item: Any) -> Mapping[str, Any]:
    """Return *item* if it is a mapping, otherwise an empty one."""
    return item if isinstance(item, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]


def _at(document: Document, path: FieldPath, found: Finding, entry: Mapping[str, Any] | None = None) -> Finding:
    """Return *found* with its path from the top of the file and its line and column."""
    steps = tuple(int(step) if step.isdigit() else step for step in found.field.split(".") if step)
    below = steps if entry is None else _as_written(entry, steps)
    mark = document.place((*path, *_texts(below)), found.offset)
    field = ".".join(str(step) for step in (*path, *below))
    return _placed(attrs.evolve(found, field=field), mark)


def _texts(steps: FieldPath) -> FieldPath:
    """Return *steps* with the names of variables as texts: they are keys, though they look like indexes."""
    return tuple(str(step) if at and steps[at - 1] == "variables" else step for at, step in enumerate(steps))


def _as_written(entry: Mapping[str, Any], steps: FieldPath) -> FieldPath:
    """Return the path of a finding of the linter in the words of the file: its language tag, its short form."""
    if steps[:1] != ("translations",):
        return steps
    _, language, *rest = steps
    translations: Mapping[str, Any] = _mapping(entry.get("translations"))
    written = next((key for key in translations if _same_language(key, str(language))), None)
    if written is None:
        return ("text",) if rest == ["body"] else tuple(rest)
    own = _mapping(translations[written].get("variables"))
    if rest[:1] == ["variables"] and str(rest[1]) not in own:
        return tuple(rest)
    return ("translations", written, *rest)


def _same_language(written: str, language: str) -> bool:
    try:
        return parse_language(written) == language
    except InvalidValue:
        return False


def _read_template(item: Any) -> tuple[Template | None, list[Spot]]:
    """Read an entry of ``templates``; one bad language does not hide the others."""
    try:
        entry = TemplateEntry.model_validate(item)
    except ValidationError as error:
        return None, list(_validation_spots(error))
    spots: list[Spot] = []
    translations: list[Translation] = []
    for language, written in entry.languages().items():
        try:
            translations.append(written.translation(language, entry.variables))
        except InvalidValue as wrong:
            spots.append(_invalid(wrong, f"translations.{language}"))
    try:
        return Template(entry.name, tuple(translations), entry.default_language, entry.category), spots
    except InvalidValue as wrong:
        return None, [*spots, _invalid(wrong, "")]


def _invalid(wrong: InvalidValue, where: str) -> Spot:
    field = ".".join(part for part in (where, wrong.field) if part)
    return Spot("file_value", field, None, {"problem": repr(wrong.value), "advice": wrong.fix.rstrip(".")})


def _validation_spots(error: ValidationError) -> Iterator[Spot]:
    for problem in error.errors(include_url=False, include_context=False):
        steps = tuple(step for step in problem["loc"] if step != "[key]")
        name = str(steps[-1]) if steps else ""
        code = _CODES.get(problem["type"], "file_value")
        if code == "file_field_unknown" and name in _APPROVAL_KEYS:
            code = "file_approval"
        facts = {"field": name, "problem": problem["msg"], "advice": problem["msg"]}
        yield Spot(code, ".".join(str(step) for step in steps), None, facts)


def _read_content(item: Any) -> tuple[Template | None, list[Spot]]:
    """Read an entry of the provider's list, without what it says about approval."""
    try:
        held = read_content(_mapping(item), _NEVER)
    except InvalidValue as wrong:
        return None, [_invalid(wrong, "")]
    translation = attrs.evolve(held.translation, approval=Approval.UNSUBMITTED)
    return Template(held.name, (translation,), translation.language, held.category or Category.UTILITY), []


_READERS: Mapping[str, Callable[[Any], tuple[Template | None, list[Spot]]]] = {
    "templates": _read_template,
    "contents": _read_content,
}
