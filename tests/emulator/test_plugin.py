"""The pytest plugin, run as its users run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from wa_omnichannel.testing.pytest_emulator import seed_of

TEST = """
import pytest

def test_story(twilio_emulator, twilio_client):
    twilio_emulator.add_number("+14155550100")
    ana = twilio_emulator.customer("+34600000001", "Ana", "+14155550100")
    sid = ana.says("hola").sid
    message = twilio_client.messages.create(from_="whatsapp:+14155550100", to=ana.address, body="Hi")
    assert ana.reads(message.sid).body == "Hi"
    print("SID", sid)

@pytest.mark.twilio_emulator(synchronous_63016=True, seed=5)
def test_fails(twilio_emulator):
    assert twilio_emulator.world.options.synchronous_63016
    assert twilio_emulator.world.options.seed == 0
"""


def run(folder: Path, *options: str) -> str:
    (folder / "test_shop.py").write_text(TEST, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "wa_omnichannel.testing.pytest_emulator", "-rP", "--color=no"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_the_fixtures_and_the_seed(tmp_path: Path) -> None:
    """A passing test gets the same sids in each run; a failing one says with which seed to run it again."""
    first, second = run(tmp_path), run(tmp_path)
    assert "1 failed, 1 passed" in first
    assert "run again with --emulator-seed=5" in first
    sids = {line for output in (first, second) for line in output.splitlines() if line.startswith("SID")}
    assert len(sids) == 1
    assert sids.isdisjoint(run(tmp_path, "--emulator-seed=99").splitlines())


def test_each_test_has_a_seed_of_its_own() -> None:
    """The seed follows from the name alone."""
    assert seed_of("a") != seed_of("b")
