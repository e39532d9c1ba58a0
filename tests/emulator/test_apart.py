"""The emulator as a package: what it imports, how it starts and stops."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import wa_omnichannel.emulator as package
from wa_omnichannel.emulator import Emulator

FOLDER = Path(package.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_it_stands_apart(path: Path) -> None:
    """No module imports another part of the library."""
    own = {name for name in imported_modules(path) if name.startswith("wa_omnichannel")}
    assert {name for name in own if not name.startswith("wa_omnichannel.emulator")} == set()


def test_a_missing_library_names_the_extra() -> None:
    """Without its library the emulator says what to install."""
    code = "import sys; sys.modules['uvicorn'] = None; import wa_omnichannel.emulator"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'wa-omnichannel[emulator]'" in done.stderr


@pytest.fixture
def _heed_interrupts() -> Iterator[None]:
    """Start children that heed an interrupt, although whoever started the tests may let them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heed_interrupts")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_line(number: signal.Signals) -> None:
    """``python -m`` says where it serves, until it is interrupted or told to stop; then it ends well."""
    command = [sys.executable, "-m", "wa_omnichannel.emulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.wait(timeout=10) == 0


def test_a_broken_job_does_not_end_its_lane(caplog: pytest.LogCaptureFixture) -> None:
    """An exception in a background job is logged, and the jobs behind it still run."""
    done: list[str] = []

    async def fail() -> None:
        raise LookupError("broken")

    async def note(word: str) -> None:
        done.append(word)

    with Emulator() as twilio:
        twilio.world.scheduler.submit("lane", 0, fail)
        twilio.world.scheduler.submit("lane", 0, partial(note, "second"))
        twilio.wait_idle()
        assert done == ["second"]
        assert "background job" in caplog.text
        twilio.world.scheduler.submit("lane", 10, partial(note, "third"))
        with pytest.raises(TimeoutError, match="busy"):
            twilio.wait_idle(timeout=0.01)
    assert done == ["second"]


def test_stop_without_start() -> None:
    """An emulator that never ran can be stopped."""
    Emulator().stop()


def test_two_emulators_do_not_meet() -> None:
    """Each emulator has its own port and its own world."""
    with Emulator() as one, Emulator() as two:
        assert one.base_url != two.base_url
        one.add_number("+14155550100")
        with pytest.raises(ValueError, match="add_number"):
            two.customer("+34600000001", "Ana", "+14155550100")


def test_numbers_must_be_e164() -> None:
    """A number in another form is refused."""
    twilio = Emulator()
    with pytest.raises(ValueError, match=r"E\.164"):
        twilio.add_number("4155550100")
    with pytest.raises(KeyError):
        twilio.set_template_status("HX0", "paused")
    twilio.stop()
