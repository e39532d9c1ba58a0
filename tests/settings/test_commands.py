"""The commands that make, serve and look after a channel, each as a person types it."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from wa_omnichannel.cli import main
from wa_omnichannel.emulator import Emulator
from wa_omnichannel.integrations.server import listen
from wa_omnichannel.settings import load, write_text

COMMAND = [sys.executable, "-m", "wa_omnichannel.cli"]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    assert main(["init", str(folder)]) == 0
    return folder


def test_init_writes_an_application_whose_tests_pass(app: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=app,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_application_answers_its_first_customer_at_once(app: Path) -> None:
    done = subprocess.run([sys.executable, "try_it.py"], cwd=app, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Ana has read: Buenos días, Ana." in done.stdout


def test_init_leaves_what_is_there_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_addresses_to_paste_are_printed(app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CH-6, CH-12: the inbound address goes into the sandbox's "when a message comes in"."""
    capsys.readouterr()
    assert main(["config", "urls", str(app / "wa.yaml")]) == 0
    assert "https://example.com/inbound" in capsys.readouterr().out


@contextmanager
def served(folder: Path, twilio: Emulator, *more: str) -> Iterator[str]:
    """Serve the settings of a folder in a process of its own, with the local Twilio as the provider."""
    settings = load(folder / "wa.yaml")
    listener = listen()
    url, port = listener.url, listener.url.rpartition(":")[2]
    listener.socket.close()
    here = attrs.evolve(settings.provider(), public_url=url, base_url=twilio.base_url, sid=twilio.account_sid)
    (folder / "wa.yaml").write_text(write_text(attrs.evolve(settings, account=here)), encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "serve", "--config", "wa.yaml", "--port", port, *more],
        cwd=folder,
        env={**os.environ, "TWILIO_AUTH_TOKEN": twilio.auth_token},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if "Uvicorn running" in line:
                    break
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            process.stderr.read()
    assert process.returncode in (0, -signal.SIGTERM)


def test_serve_takes_webhooks_and_holds_what_is_for_nobody(
    app: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ["--store", f"sqlite:///{app}/wa.sqlite"]
    with Emulator(delay=0) as twilio, served(app, twilio) as url:
        for number in ("+14155238886", "+447700900123"):
            twilio.add_number(number, inbound_url=f"{url}/inbound")
            assert twilio.customer("+34600000001", number=number).says("Hola").status_code == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/inbound", b"MessageSid=SM1&Body=x", timeout=5)
        assert refused.value.code == 403
        capsys.readouterr()
        assert main(["quarantine", "list", *store]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert "number_unknown  to +447700900123 from +34…01" in line
    file = app / "wa.yaml"
    another = "numbers:\n- {number: +447700900123, name: UK, workstream: service}\n"
    file.write_text(file.read_text("utf-8").replace("numbers:\n", another), encoding="utf-8")
    assert main(["config", "apply", str(file), *store, "--by", "marta"]) == 0
    capsys.readouterr()
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "any")
    assert main(["quarantine", "replay", *store]) == 0
    assert capsys.readouterr().out.endswith("  message\n")
    assert main(["quarantine", "list", *store]) == 0
    assert capsys.readouterr().out == ""


def test_ch_33_a_workstream_is_copied_in_a_file_and_in_the_settings_in_force(
    app: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, store = str(app / "wa.yaml"), ["--store", f"sqlite:///{app}/wa.sqlite"]
    assert main(["config", "copy", "service", "--name", "sales", "--file", file, "--to", f"{app}/more.json"]) == 0
    assert [known.name for known in load(f"{app}/more.json").rules.workstreams] == ["service", "sales"]
    assert main(["config", "apply", file, *store]) == 0
    capsys.readouterr()
    assert main(["config", "copy", "service", *store, "--by", "marta"]) == 0
    assert "Copy of service" in capsys.readouterr().out
    assert main(["config", "export", f"{app}/now.yaml", *store]) == 0
    assert [known.name for known in load(f"{app}/now.yaml").rules.workstreams] == ["service", "Copy of service"]
    assert main(["config", "copy", "servise", *store]) == 2


def test_serve_says_which_secret_is_missing(app: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TWILIO_AUTH_TOKEN"}
    done = subprocess.run(
        [*COMMAND, "serve", "--config", "wa.yaml"],
        cwd=app,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "The environment variable TWILIO_AUTH_TOKEN is not set" in done.stderr


def pointed_at(file: Path, twilio: Emulator, number: str) -> None:
    """Let a file use the local Twilio and a number of one's own."""
    settings = load(file)
    here = attrs.evolve(settings.provider(), base_url=twilio.base_url, sid=twilio.account_sid)
    numbers = [attrs.evolve(settings.rules.numbers[0], number=number)]
    rules = attrs.evolve(settings.rules, numbers=numbers)
    file.write_text(write_text(attrs.evolve(settings, account=here, rules=rules)), encoding="utf-8")


def test_the_provider_is_asked_whether_it_works(
    app: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CH-11: account, token, number, webhook addresses and templates, with what to do about each."""
    file, number = app / "wa.yaml", "+14155550100"
    with Emulator(delay=0) as twilio:
        pointed_at(file, twilio, number)
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", twilio.auth_token)
        twilio.add_number(number, inbound_url="https://elsewhere.example/inbound")
        capsys.readouterr()
        assert main(["config", "validate", str(file)]) == 1
        said = capsys.readouterr().out
        assert f"ok   account {twilio.account_sid}" in said
        assert "is https://elsewhere.example/inbound instead of https://example.com/inbound" in said
        assert "FIX  template order_ready" in said
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", "wrong")
        assert main(["config", "validate", str(file)]) == 1
        assert "FIX  account" in (refused := capsys.readouterr().out)
        assert "20003" in refused
