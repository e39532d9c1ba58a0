"""With nothing but the wheel and its extra `testing`, a user's twenty lines find what is wrong with a session rule."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
USER = Path(__file__).parent / "user"
EXAMPLES, EVENTS = 1000, 3
ENTRY = """
from hypothesis import find, strategies as st
from wa_omnichannel import Window
assert find(st.from_type(Window), lambda window: window.last_inbound_at is not None).refuted_at is None
"""


def call(*command: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a program away from our sources."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CI")}
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env={**kept, **environ}, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel and `[testing]`."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    built = call(*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stderr
    wheel = next(folder.glob("*.whl"))
    venv.create(folder / "venv", with_pip=False)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    done = call(
        *pip,
        "--python",
        programs / "python",
        "install",
        "-c",
        ROOT / "constraints.txt",
        f"{wheel}[testing]",
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    shutil.copytree(USER, folder / "venv" / "user")
    return programs / "python"


def hunted(python: Path) -> dict[str, dict[str, int]]:
    """Run the user's test on every wrong rule, half of them at a time."""
    listed = call(python, "-c", "import session_rules as s; print(*s.FAULTS)", cwd=python.parents[1] / "user")
    names = listed.stdout.split()
    halves = [
        subprocess.Popen(
            [python, "hunt.py", *part],
            cwd=python.parents[1] / "user",
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": ""},
        )
        for part in (names[::2], names[1::2])
    ]
    return {name: found for half in halves for name, found in json.loads(half.communicate()[0]).items()}


def test_each_planted_fault_is_found_and_shrunk(python: Path) -> None:
    found = hunted(python)
    assert len(found) >= 15
    missed = {
        name: result
        for name, result in found.items()
        if not result or result["examples"] > EXAMPLES or result["events"] > EVENTS
    }
    assert not missed


def test_the_right_rule_passes_and_pytest_reports_a_wrong_one(python: Path) -> None:
    pytest_ = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_session_rule.py")
    assert call(*pytest_, cwd=python.parents[1] / "user").returncode == 0
    wrong = call(*pytest_, cwd=python.parents[1] / "user", RULE="ClosedBoundary")
    assert wrong.returncode == 1
    assert "Told(what=What.CUSTOMER" in wrong.stdout


def test_hypothesis_finds_its_entry_point(python: Path) -> None:
    done = call(python, "-I", "-c", ENTRY, cwd=python.parents[1] / "user")
    assert done.returncode == 0, done.stderr
