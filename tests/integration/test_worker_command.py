"""``wa-omnichannel worker``: real processes on one database share the work, and end when told."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.ledger import LedgerTransport, customer, webhook
from tests.support.serving import make
from tests.support.shop import NUMBER

from wa_omnichannel.cli import main
from wa_omnichannel.messages import NotSent, Outcome, Outgoing, Text
from wa_omnichannel.ports import DueEntries
from wa_omnichannel.stores import open_store

APP = "tests.support.worker_app:make_channel"
COUNT = 40


class Away(LedgerTransport):
    """The provider while it cannot be reached."""

    def send(self, outgoing: Outgoing) -> Outcome:
        return NotSent("away")


def start(url: str, ledger: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "wa_omnichannel.cli", "worker", "--store", url, "--app", APP, "--every", "0.1"]
    environment = {**os.environ, "LEDGER": str(ledger)}
    return subprocess.Popen([*command, *more], env=environment, stderr=subprocess.PIPE, text=True)


def test_two_processes_drain_one_agenda_and_end_when_told(store_url: str, tmp_path: Path) -> None:
    """Every message reaches the provider once, whichever process takes it; SIGTERM ends both with status 0."""
    ledger = tmp_path / "ledger"
    with open_store(store_url) as store:
        desk = make(store, ledger)
        desk._outside.transport = Away(ledger)
        for n in range(COUNT):
            desk.receive(webhook(n))
            desk.send(NUMBER, customer(n), Text(f"answer {n}"))
    workers = [start(store_url, ledger, "--concurrency", "2") for _ in range(2)]
    for worker in workers:
        assert worker.stderr is not None
        assert "working with 2 threads" in worker.stderr.readline()  # from here on it hears SIGTERM
    end = time.monotonic() + 30
    while len(LedgerTransport(ledger).lines()) < COUNT:
        assert time.monotonic() < end, "the agenda is not drained"
        time.sleep(0.02)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    errors = [worker.communicate(timeout=20)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], errors
    assert set(Counter(line["to"] for line in LedgerTransport(ledger).lines()).values()) == {1}
    with open_store(store_url) as store:
        now = datetime.now(UTC)
        assert not [entry for entry in store.select(DueEntries(now, now)) if entry.value.kind == "send"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--app", "nowhere:make"], "There is no nowhere:make"),
        (["--app", "tests.support.worker_app"], "Write --app my_module:function"),
        (["--app", "os:sep"], "is no function"),
        (["--app", APP, "--concurrency", "0"], "at least one thread"),
    ],
)
def test_a_wrong_argument_is_one_clear_error(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["worker", "--store", "memory:", *arguments]) == 2
    assert said in capsys.readouterr().err
