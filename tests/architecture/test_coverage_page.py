"""Every step, box and topic of the original guide names the test or the section that shows it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/reference/coverage.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "Shown by" not in line
]
TUTORIAL = "tutorial/set-up-step-by-step.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.S)


def has(reference: str) -> bool:
    """Tell whether a test file, one of its tests, or a section of a page is there."""
    name, _, section = reference.partition("#")
    name, _, test = name.partition("::")
    path = ROOT / name
    if not path.is_file():
        return False
    text = path.read_text(encoding="utf-8")
    if section:
        titles = re.findall(r"^#+ (.+)$", text, re.M)
        return section in {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title.lower())) for title in titles}
    tests = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
    return test in tests if test else any(known.startswith("test_") for known in tests)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_names_something_that_shows_it(row: list[str]) -> None:
    assert len(row) == 3
    assert all(row)
    named = re.findall(r"`([^`]+)`", row[2])
    assert named
    assert not [reference for reference in named if not has(reference)]


@pytest.mark.parametrize(
    "wrong",
    ["tests/nothing.py", "tests/life/test_states.py::test_nothing", "docs/tutorial/serve-a-customer.md#nothing"],
)
def test_what_is_not_there_is_noticed(wrong: str) -> None:
    assert not has(wrong)


def test_the_tutorial_is_the_same_in_both_languages() -> None:
    english, spanish = (
        BLOCK.findall((ROOT / "docs" / place / TUTORIAL).read_text(encoding="utf-8")) for place in ("", "es")
    )
    assert english == spanish
