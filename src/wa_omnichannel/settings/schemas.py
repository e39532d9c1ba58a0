"""The published JSON Schema of a settings file, with the texts that the classes carry."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

import attrs
from pydantic import Field, create_model
from pydantic.json_schema import models_json_schema

from wa_omnichannel.rules import Rules
from wa_omnichannel.settings.model import Settings
from wa_omnichannel.settings.sections import Section, sections
from wa_omnichannel.settings.shapes import Entry, default_of, entries, fields_of, shapes_of
from wa_omnichannel.template_files.entries import TemplateEntry
from wa_omnichannel.templates import Template

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HOURS = "Operating hours, which queues name."


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file.

    >>> sorted(schema()["required"])
    ['numbers', 'queues', 'workstreams']
    """
    fields: dict[str, Any] = {section.name: _annotation(section) for section in sections().values()}
    top = create_model("Settings", __base__=Entry, **fields)
    models: dict[type[Entry], type[Any]] = {top: Settings, **{model: kind for kind, model in entries().items()}}
    named, made = models_json_schema([(model, "validation") for model in models])
    definitions: dict[str, Any] = made["$defs"]
    for model, kind in models.items():
        place = named[model, "validation"]["$ref"].rpartition("/")[2]
        _describe(definitions[place], kind)
    whole = definitions.pop(named[top, "validation"]["$ref"].rpartition("/")[2])
    _describe(whole, Rules)
    whole["description"] = "The whole set-up of a WhatsApp channel."
    whole["properties"]["hours"]["description"] = _HOURS
    return {"$schema": DIALECT, **whole, "$defs": definitions}


def _annotation(section: Section) -> tuple[Any, Any]:
    item = TemplateEntry if section.kind is Template else section.shape.annotation
    return (list[item] if section.many else item, Field() if section.required else Field(default=None))  # type: ignore[valid-type]


def _describe(definition: dict[str, Any], kind: type[Any]) -> None:
    """Add what the class *kind* says about itself and its fields, and the defaults as a file writes them."""
    definition["description"] = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    texts, shapes = field_texts(kind), shapes_of(kind)
    for name, field in fields_of(kind).items():
        described: dict[str, Any] = definition["properties"].get(name, {})
        described.pop("default", None)
        described.pop("title", None)
        if name in texts:
            described["description"] = texts[name]
        if field.default is not attrs.NOTHING and not isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
            described["default"] = shapes[name].write(default_of(field, None))


def field_texts(kind: type[Any]) -> Mapping[str, str]:
    """Return the text below each field of a class.

    >>> field_texts(Settings)["rules"]
    'What decisions read.'
    """
    return dict(_texts(_classes(kind.__module__)[kind.__name__]))


@cache
def _classes(module: str) -> Mapping[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            said = cast("ast.Constant", text.value).value
            yield field.target.id, " ".join(str(said).split())
