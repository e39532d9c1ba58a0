"""The page of rules lists every id that the library can name: in a trace, a refusal, a problem of the settings."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "wa_omnichannel"
PAGE = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
TOPICS = "ACL ACT AM ASG ATT BOT CAP CH CLS DIAG HRS LIF MSK NOT OUT OVF PREF QR QUE R2Q SES SKL SUR TPL WA WS"
ID = re.compile(rf"^(?:{'|'.join(TOPICS.split())})-[A-Z0-9-]+[a-z]?$")


def named() -> Iterator[tuple[str, str]]:
    """Yield every rule id that stands alone as a text in the code, and the module that names it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(PACKAGE)
        if where.parts[0] in ("emulator", "testing"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.match(node.value):
                yield node.value, str(where)


IDS = dict(named())


def test_the_scan_sees_the_rules() -> None:
    assert {
        "SES-2",
        "TPL-4",
        "WA-TIER",
        "WA-US-MARKETING",
        "ATT-14",
        "PREF-2",
        "QUE-6",
        "SKL-2",
        "WS-2",
        "WS-3a",
        "OVF-9",
    } <= set(IDS)


@pytest.mark.parametrize("rule", sorted(IDS))
def test_the_page_of_rules_lists_the_rule(rule: str) -> None:
    assert f"`{rule}`" in PAGE, f"{IDS[rule]} names {rule}; docs/reference/rules.md does not say what it is."
