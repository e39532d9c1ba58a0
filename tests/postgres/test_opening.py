"""A schema is created once, brought up to date forwards, and what is not ours is left exactly as it is."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.support.postgres import schema

from wa_omnichannel._storage.migrations import Migration
from wa_omnichannel.adapters.postgres import AsyncPostgresStore, PostgresStore
from wa_omnichannel.adapters.postgres import schema as steps
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import (
    ConfigurationError,
    InvalidValue,
    SchemaMismatch,
    StoreUnavailable,
    WaOmnichannelError,
)
from wa_omnichannel.ports import Changes, EventsAfter, Put, contact_key
from wa_omnichannel.testing.conformance import check_store

KEY = contact_key("c1")
ONE = Changes((Put(KEY, Contact("c1")),))
NEWEST = steps.MIGRATIONS[-1].number


@pytest.fixture
def name(postgres: str) -> Iterator[str]:
    with schema(postgres) as made:
        yield made


def run(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def refusal(store: PostgresStore, kind: type[WaOmnichannelError]) -> str:
    with pytest.raises(kind) as caught, store:
        pass
    return str(caught.value)


def older(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    """Act as a release that knows so many migrations less."""
    monkeypatch.setattr(steps, "MIGRATIONS", steps.MIGRATIONS[:-by])


class TestNew:
    def test_what_was_written_is_there_after_opening_again(self, postgres: str, name: str) -> None:
        for _ in range(2):
            with PostgresStore(postgres, schema=name) as store:
                known = store.load([KEY])
                store.commit(ONE)
        assert known[KEY].value == Contact("c1")

    def test_a_name_may_hold_anything(self, postgres: str) -> None:
        odd = 'My "shop"; {} ? %s'
        try:
            with PostgresStore(postgres, schema=odd) as store:
                store.commit(ONE)
                assert KEY in store.load([KEY])
        finally:
            run(postgres, 'DROP SCHEMA IF EXISTS "My ""shop""; {} ? %s" CASCADE')

    def test_processes_that_start_together_create_it_once(self, postgres: str, name: str) -> None:
        def start(_: int) -> bool:
            with PostgresStore(postgres, schema=name) as store:
                return store.select(EventsAfter()) == ()

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(start, range(6)))
        assert run(postgres, f'SELECT count(*) FROM "{name}".wa_omnichannel_migration') == [(NEWEST,)]

    def test_no_superuser_is_needed(self, postgres: str, name: str) -> None:
        run(
            postgres,
            f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'",
            f'CREATE SCHEMA "{name}" AUTHORIZATION "{name}"',
        )
        try:
            dsn = psycopg.conninfo.make_conninfo(postgres, user=name, password="x")
            check_one(PostgresStore(dsn, schema=name))
        finally:
            run(postgres, f'DROP OWNED BY "{name}" CASCADE', f'DROP ROLE "{name}"')

    def test_a_user_without_rights_is_told(self, postgres: str, name: str) -> None:
        run(postgres, f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'x'")
        try:
            dsn = psycopg.conninfo.make_conninfo(postgres, user=name, password="x")
            assert "does not permit" in refusal(PostgresStore(dsn, schema=name), ConfigurationError)
        finally:
            run(postgres, f'DROP ROLE "{name}"')


def check_one(store: PostgresStore) -> None:
    with store:
        store.commit(ONE)
        assert KEY in store.load([KEY])


class TestUpgrade:
    def test_this_release_works_on_the_schema_of_the_one_before(
        self, postgres: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Old and new processes run side by side: opening does not change the schema, and every promise holds."""
        names: list[str] = []

        def make() -> PostgresStore:
            names.append(f"old_{os.getpid()}_{len(names)}")
            with monkeypatch.context() as patch:
                older(patch, 1)
                with PostgresStore(postgres, schema=names[-1]):
                    pass
            return PostgresStore(postgres, schema=names[-1])

        try:
            check_store(make)
            assert {PostgresStore(postgres, schema=each).upkeep.version() for each in names} == {NEWEST - 1}
        finally:
            run(postgres, *(f'DROP SCHEMA "{each}" CASCADE' for each in names))

    def test_an_upgrade_keeps_the_rows_and_can_be_repeated(
        self, postgres: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = PostgresStore(postgres, schema=name)
        with monkeypatch.context() as patch:
            older(patch, 1)
            with store:
                store.commit(ONE)
        with store:  # goes on while the schema changes below it
            assert store.upkeep.upgrade() == NEWEST - 1
            assert store.load([KEY])[KEY].value == Contact("c1")
            store.commit(ONE)
        assert store.upkeep.upgrade() == store.upkeep.version() == NEWEST

    def test_a_newer_schema_is_left_alone(self, postgres: str, name: str) -> None:
        store = PostgresStore(postgres, schema=name)
        with store:
            pass
        run(postgres, f"INSERT INTO \"{name}\".wa_omnichannel_migration VALUES ({NEWEST + 1}, 'next')")
        for use in (store.open, store.upkeep.upgrade, store.upkeep.version):
            with pytest.raises(SchemaMismatch, match="install the release that wrote it"):
                use()

    def test_a_schema_that_is_too_old_says_what_to_run(
        self, postgres: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with PostgresStore(postgres, schema=name):
            pass
        later = (*steps.MIGRATIONS, *(Migration(NEWEST + n, f"next{n}", "SELECT 1") for n in (1, 2)))
        monkeypatch.setattr(steps, "MIGRATIONS", later)
        store = PostgresStore(postgres, schema=name)
        assert "wa-omnichannel db upgrade" in refusal(store, SchemaMismatch)
        store.upkeep.upgrade()
        check_one(store)

    def test_a_migration_that_fails_leaves_the_schema_as_it_was(
        self, postgres: str, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = PostgresStore(postgres, schema=name)
        check_one(store)
        broken = Migration(NEWEST + 1, "next", "CREATE TABLE more (x INT); INSERT INTO nowhere VALUES (1)")
        with monkeypatch.context() as patch:
            patch.setattr(steps, "MIGRATIONS", (*steps.MIGRATIONS, broken))
            with pytest.raises(SchemaMismatch):
                store.upkeep.upgrade()
        check_one(store)
        assert store.upkeep.version() == NEWEST
        assert run(postgres, f"SELECT to_regclass('{name}.more')") == [(None,)]

    def test_migrations_are_numbered_without_a_gap(self) -> None:
        assert [step.number for step in steps.MIGRATIONS] == list(range(1, NEWEST + 1))


class TestWrong:
    def test_the_schema_of_another_program_is_left_alone(self, postgres: str, name: str) -> None:
        run(postgres, f'CREATE SCHEMA "{name}"', f'CREATE TABLE "{name}".customers (id INT)')
        assert "another program" in refusal(PostgresStore(postgres, schema=name), SchemaMismatch)
        with pytest.raises(SchemaMismatch, match="another program"):
            PostgresStore(postgres, schema=name).upkeep.upgrade()
        assert run(postgres, f"SELECT tablename FROM pg_tables WHERE schemaname = '{name}'") == [("customers",)]

    def test_an_address_that_makes_no_sense(self) -> None:
        with pytest.raises(ConfigurationError, match="percent-encoded") as caught:
            PostgresStore("postgresql://me:secr%zz@host/db")
        assert "secr" not in str(caught.value)

    def test_a_database_that_is_not_there(self, postgres: str) -> None:
        dsn = psycopg.conninfo.make_conninfo(postgres, dbname="nowhere", password="secret")
        assert "secret" not in (said := refusal(PostgresStore(dsn), ConfigurationError))
        assert "create it, or look at the address" in said

    def test_a_server_that_is_not_there(self) -> None:
        dsn = "postgresql://me:secret@127.0.0.1:1/shop"
        said = refusal(PostgresStore(dsn), StoreUnavailable)
        assert "cannot be reached" in said
        assert "host=127.0.0.1 port=1 dbname=shop user=me" in said
        assert "secret" not in said

    @pytest.mark.anyio
    async def test_an_asynchronous_store_explains_the_same(self) -> None:
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            await AsyncPostgresStore("postgresql://me@127.0.0.1:1/shop").open()

    def test_a_name_that_no_schema_can_have(self, postgres: str) -> None:
        for name in ("", "x" * 64, "a\0b"):
            with pytest.raises(InvalidValue, match="schema"):
                PostgresStore(postgres, schema=name)

    def test_the_missing_extra_is_named(self) -> None:
        code = "import sys; sys.modules['psycopg'] = None; import wa_omnichannel.adapters.postgres"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert "pip install 'wa-omnichannel[postgres]'" in done.stderr

    def test_other_isolation_is_refused(self, postgres: str, name: str) -> None:
        """The compare of versions relies on seeing what the commit before has written."""
        check_one(PostgresStore(postgres, schema=name))
        dsn = psycopg.conninfo.make_conninfo(postgres, options="-c default_transaction_isolation=serializable")
        store = PostgresStore(dsn, schema=name, patience=0)
        with store, pytest.raises(StoreUnavailable, match="read committed"):
            store.commit(ONE)


class TestTexts:
    def test_what_cannot_be_kept_is_refused_alone(self, postgres: str, name: str) -> None:
        """In one batch with others, which are kept."""
        good = [Changes((Put(contact_key(f"c{n}"), Contact(f"c{n}")),)) for n in range(3)]
        bad = [
            Changes((Put(contact_key("a\0b"), Contact("x")),)),
            Changes((Put(contact_key("d"), Contact("d"), 2**70),)),
        ]
        with PostgresStore(postgres, schema=name) as store:
            writing = store._writing
            assert writing is not None
            with writing._busy:
                tickets = [writing.submit(changes) for changes in (good[0], bad[0], good[1], bad[1], good[2])]
            outcomes: list[type[Exception] | None] = []
            for ticket in tickets:
                try:
                    ticket.wait()
                    outcomes.append(None)
                except InvalidValue as error:
                    outcomes.append(type(error))
            assert outcomes == [None, InvalidValue, None, InvalidValue, None]
            assert len(store.load([contact_key(f"c{n}") for n in range(3)])) == 3
            with pytest.raises(InvalidValue):
                store.commit(Changes((Put(contact_key("\ud83d"), Contact("x")),)))
            odd = Contact("o", name="half \ud83d, nothing \0, quote ' \" \\ \\u0000")
            store.commit(Changes((Put(contact_key("o"), odd),)))
            assert store.load([contact_key("o")])[contact_key("o")].value == odd

    def test_a_store_that_is_not_open_says_what_to_do(self, postgres: str) -> None:
        with pytest.raises(StoreUnavailable, match="not open"):
            PostgresStore(postgres).load([KEY])
