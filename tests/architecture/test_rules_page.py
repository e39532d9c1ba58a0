"""The page of rules lists every id that the trace of a sending decision can name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "wa_omnichannel"
PAGE = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
MAKERS = {"Check", "CountryRule"}
ID = re.compile(r"^(?:SES|TPL|QR|ATT|WA)-[A-Z0-9-]+[a-z]?$")


def constants(node: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression may come to."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def named() -> Iterator[tuple[str, str]]:
    """Yield every rule id that a check is made with, and the module that makes it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE)
        if where.parts[0] in ("emulator", "testing"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS and node.args:
                yield from ((rule, str(where)) for rule in constants(node.args[0]) if ID.match(rule))


IDS = dict(named())


def test_the_scan_sees_the_rules() -> None:
    assert {"SES-2", "TPL-4", "WA-TIER", "WA-US-MARKETING", "ATT-14"} <= set(IDS)


@pytest.mark.parametrize("rule", sorted(IDS))
def test_the_page_of_rules_lists_the_rule(rule: str) -> None:
    assert f"`{rule}`" in PAGE, f"{IDS[rule]} makes a check of {rule}; docs/reference/rules.md does not say what it is."
