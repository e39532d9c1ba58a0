"""A request id means one thing in every process, whatever happens to the process that used it first."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from tests.support.ledger import LedgerTransport, customer, webhook
from tests.support.serving import make
from tests.support.shop import NUMBER

from wa_omnichannel.errors import RequestConflict
from wa_omnichannel.messages import Text
from wa_omnichannel.ports import Changes, Store, done_key
from wa_omnichannel.stores import open_store

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.serving", "psycopg"])


def ask(url: str, ledger: Path, says: "Connection[str, None]", body: str) -> None:
    """Ask for an answer under the same id as everybody else, and say what came back."""
    with open_store(url) as store:
        message = make(store, ledger).send(NUMBER, customer(1), Text(body), request_id="r1")
        says.send(message.id)


class DiesAfterTheCommit:
    """A store whose process is killed between the commit of a request and its return."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.load, self.select = store.load, store.select

    def commit(self, changes: Changes) -> None:
        self._store.commit(changes)
        if changes.once == "request:r1":
            os.kill(os.getpid(), signal.SIGKILL)


def ask_and_die(url: str, ledger: Path) -> None:
    with open_store(url) as store:
        make(DiesAfterTheCommit(store), ledger).send(NUMBER, customer(1), Text("one"), request_id="r1")


def asked(url: str, ledger: Path, body: str = "one") -> str:
    hears, says = processes.Pipe(duplex=False)
    child = processes.Process(target=ask, args=(url, ledger, says, body))
    child.start()
    says.close()
    found: str = hears.recv()
    child.join()
    return found


def greeted(url: str, ledger: Path) -> None:
    with open_store(url) as store:
        assert make(store, ledger).receive(webhook(1)).status == 200


def test_another_process_gets_the_first_result(store_url: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    greeted(store_url, ledger)
    assert asked(store_url, ledger) == asked(store_url, ledger)
    with open_store(store_url) as store, pytest.raises(RequestConflict):
        make(store, ledger).send(NUMBER, customer(1), Text("two"), request_id="r1")
    assert len(LedgerTransport(ledger).lines()) == 1


def test_a_process_killed_between_commit_and_return_has_done_it(store_url: str, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    greeted(store_url, ledger)
    child = processes.Process(target=ask_and_die, args=(store_url, ledger))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    with open_store(store_url) as store:
        kept = store.load([done_key("request:r1")])[done_key("request:r1")].value
    assert asked(store_url, ledger) == kept.result.id  # type: ignore[attr-defined]
    with open_store(store_url) as store:
        make(store, ledger).tick()
    assert [line["body"] for line in LedgerTransport(ledger).lines()] == ["one"]
