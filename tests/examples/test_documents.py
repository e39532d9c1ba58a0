"""Every example that a reader may copy runs: README, documentation pages, docstrings and example files."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
MARKDOWN = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()])

PAGES = [
    path
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "```python" in path.read_text(encoding="utf-8")
]
DOCSTRINGS = [path for path in sorted(SOURCE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]
SCRIPTS = sorted((ROOT / "docs" / "examples").glob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_python_blocks_of_a_page_run_in_order(page: Path) -> None:
    for example in MARKDOWN.parse(page).examples():
        example.evaluate()


@pytest.mark.parametrize("path", DOCSTRINGS, ids=name)
def test_the_examples_in_docstrings_hold(path: Path) -> None:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    outcome = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert outcome.attempted
    assert not outcome.failed


def test_example_files_run() -> None:
    for script in SCRIPTS:
        done = subprocess.run(
            [sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{name(script)}\n{done.stderr}"
