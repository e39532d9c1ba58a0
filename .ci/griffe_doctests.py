"""Shows the examples of docstrings as code: every ``>>>`` block becomes a fenced one."""

from __future__ import annotations

import re
from typing import Any

import griffe

_BLOCK = re.compile(r"^>>> .*(?:\n.+)*", re.MULTILINE)


class Doctests(griffe.Extension):
    """Fences doctest blocks, which Markdown would take for quotations and links."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of *obj*."""
        if obj.docstring is not None:
            obj.docstring.value = _BLOCK.sub(r"```python\n\g<0>\n```", obj.docstring.value)
