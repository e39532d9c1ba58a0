"""Reading YAML with the place of every value. Needs PyYAML; imported only when a YAML file is read."""

from __future__ import annotations

import re
from typing import Any

import yaml

from wa_omnichannel.template_files.places import FieldPath, Mark, Scalar
from wa_omnichannel.template_lint import Spot

_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null")}
_INT = "tag:yaml.org,2002:int"
_NULL = "tag:yaml.org,2002:null"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)$")


def _pattern(tag: str, pattern: re.Pattern[str]) -> re.Pattern[str]:
    return _WHOLE if tag == _INT else pattern


_RESOLVERS = {
    first: [
        (tag, _pattern(tag, pattern))
        for tag, pattern in resolvers
        if tag in _PLAIN_TAGS and (first not in "yYnNoO+" or tag == _NULL)
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
"""What is no text: neither dates nor YAML 1.1's ``yes`` and ``no``, nor phone numbers with ``+``, nor ``17:30``."""


def _loader(base: Any) -> Any:
    return type("Loader", (base,), {"yaml_implicit_resolvers": _RESOLVERS})


_SAFE = _loader(yaml.SafeLoader)
_FAST = _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
"""Several times as fast where PyYAML has it, but it names the place of an error less well."""


class YamlReader:
    """Reads one YAML document node by node, noting places, repeated keys and aliases."""

    def __init__(self, text: str) -> None:
        """Read *text*."""
        self.marks: dict[FieldPath, Scalar] = {}
        self.spots: list[tuple[Spot, Mark | None]] = []
        self._text = text
        self._loader: Any = None
        self._seen: set[int] = set()

    def read(self) -> object:
        """Return the data of the document.

        Raises:
            yaml.YAMLError: It is not well formed.
        """
        try:
            node = self._open(_FAST)
        except yaml.YAMLError:
            node = self._open(_SAFE)
        return None if node is None else self._value(node, ())

    def _open(self, loader: Any) -> Any:
        self._loader = loader(self._text)
        return self._loader.get_single_node()

    def _value(self, node: Any, path: FieldPath) -> object:
        start, end = node.start_mark, node.end_mark
        mark = Mark(start.line + 1, start.column + 1)
        if id(node) in self._seen:
            self.spots.append((Spot("file_alias", ".".join(map(str, path))), mark))
            return None
        self._seen.add(id(node))
        scalar = isinstance(node, yaml.ScalarNode)
        text = node.value if scalar else ""
        self.marks[path] = Scalar(mark, start.index, end.index, node.style if scalar else None, text)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._loader.construct_object(node)

    def _mapping(self, node: Any, path: FieldPath) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else str(key.start_mark)
            if name in found:
                place = Mark(key.start_mark.line + 1, key.start_mark.column + 1)
                spot = Spot("file_duplicate", ".".join(map(str, (*path, name))), facts={"name": name})
                self.spots.append((spot, place))
                continue
            found[name] = self._value(value, (*path, name))
        return found
