"""Files as documents: their data, and where in the file each value stands.

YAML tells line and column of every value. JSON and TOML tell them of a syntax error only; for the rest the path of
the field has to do. Keys are taken as they are written, so ``1:`` and ``no:`` stay texts.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from wa_omnichannel.errors import MissingExtra
from wa_omnichannel.template_files.places import FieldPath, Mark, Scalar, inside
from wa_omnichannel.template_lint import Spot


@attrs.frozen
class Document:
    """A parsed file."""

    data: object = None
    source: str = ""
    marks: Mapping[FieldPath, Scalar] = attrs.field(factory=dict[FieldPath, Scalar])
    spots: tuple[tuple[Spot, Mark | None], ...] = ()
    """What is wrong with its form."""

    def place(self, path: FieldPath, offset: int | None = None) -> Mark | None:
        """Return where the value at *path*, or the nearest one above it, stands; *offset* leads into a text."""
        for size in range(len(path), -1, -1):
            found = self.marks.get(path[:size])
            if found is not None:
                return inside(self.source, found, offset) if size == len(path) and offset else found.mark
        return None


def parse(text: str, suffix: str) -> Document:
    """Return the document in *text*; what is wrong with its form stands in its ``spots``.

    Args:
        text: The content of the file.
        suffix: ``.yaml``, ``.yml``, ``.json`` or ``.toml``; it says which format it is.

    Raises:
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    parser = _PARSERS.get(suffix.lower())
    if parser is None:
        return _broken("file_unreadable", f"the suffix {suffix!r} is none of {', '.join(_PARSERS)}", None)
    try:
        return parser(text)
    except RecursionError:
        return _broken("file_syntax", "it is nested too deeply", None)


def _broken(code: str, problem: str, mark: Mark | None) -> Document:
    return Document(spots=((Spot(code, facts={"problem": problem}), mark),))


def _json(text: str) -> Document:
    spots: list[tuple[Spot, Mark | None]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                spots.append((Spot("file_duplicate", facts={"name": key}), None))
            found[key] = value
        return found

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        return _broken("file_syntax", error.msg, Mark(error.lineno, error.colno))
    return Document(data, text, spots=tuple(spots))


_TOML_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def _toml(text: str) -> Document:
    try:
        return Document(tomllib.loads(text), text)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.search(str(error))
        mark = Mark(int(found[1]), int(found[2])) if found else None
        return _broken("file_syntax", _TOML_PLACE.sub("", str(error)), mark)


def _yaml(text: str) -> Document:
    try:
        import yaml
    except ImportError:
        raise MissingExtra.of("PyYAML", "yaml") from None
    from wa_omnichannel.template_files.yaml_reader import YamlReader

    try:
        reader = YamlReader(text)
        data = reader.read()
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark
        mark = Mark(place.line + 1, place.column + 1) if place is not None else None
        return _broken("file_syntax", error.problem or "it is no YAML", mark)
    except yaml.YAMLError as error:
        return _broken("file_syntax", str(error).splitlines()[0], None)
    if any(spot.code == "file_alias" for spot, _ in reader.spots):
        data = None
    return Document(data, text, reader.marks, tuple(reader.spots))


_PARSERS: Mapping[str, Callable[[str], Document]] = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".toml": _toml}
