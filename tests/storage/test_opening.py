"""Opening a file: what is ours is brought up to date, what is not ours is left alone and explained."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from wa_omnichannel._storage.migrations import Migration, migrations
from wa_omnichannel._storage.rows import KINDS
from wa_omnichannel.adapters.sqlite import AsyncSqliteStore, SqliteStore, database
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import ConfigurationError, SchemaMismatch, StoreUnavailable, WaOmnichannelError
from wa_omnichannel.ports import Changes, EventsAfter, Put, contact_key

KEY = contact_key("c1")
ONE = Changes((Put(KEY, Contact("c1")),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wa.sqlite"


def made(path: Path, *statements: str) -> Path:
    """Make a database with the statements."""
    db = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        db.execute(statement)
    db.close()
    return path


def pragma(path: Path, name: str) -> object:
    db = sqlite3.connect(path)
    value = db.execute(f"PRAGMA {name}").fetchone()[0]
    db.close()
    return value


def refusal(path: Path, kind: type[WaOmnichannelError]) -> str:
    with pytest.raises(kind) as caught:
        SqliteStore(path).open()
    assert str(path) in str(caught.value)
    return str(caught.value)


class TestOurs:
    def test_a_new_file_gets_the_newest_schema(self, path: Path) -> None:
        with SqliteStore(path):
            assert pragma(path, "user_version") == database.MIGRATIONS[-1].number
            assert pragma(path, "application_id") == database.APPLICATION
            assert pragma(path, "journal_mode") == "wal"
        assert pragma(path, "integrity_check") == "ok"

    def test_every_commit_waits_for_the_disk(self, path: Path) -> None:
        with SqliteStore(path):
            db = database.connect(path)
            assert db.execute("PRAGMA synchronous").fetchone() == (2,)
            db.close()

    def test_the_tables_are_all_there(self, path: Path) -> None:
        """One for each kind of row that is searched, one for all others, and one for events."""
        with SqliteStore(path):
            pass
        db = sqlite3.connect(path)
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        db.close()
        assert tables - {"sqlite_sequence"} == {*(kind.table for kind in KINDS.values()), "event"}

    def test_what_was_written_is_there_after_opening_again(self, path: Path) -> None:
        for _ in range(2):
            with SqliteStore(path) as store:
                known = store.load([KEY])
                store.commit(ONE)
        assert known[KEY].value == Contact("c1")

    def test_an_empty_file_is_ours(self, path: Path) -> None:
        path.touch()
        with SqliteStore(path) as store:
            assert store.select(EventsAfter()) == ()

    def test_a_store_can_be_closed_twice_and_opened_again(self, path: Path) -> None:
        store = SqliteStore(path)
        for _ in range(2):
            assert store.open().open() is store
            store.commit(ONE)
            store.close()
            store.close()

    @pytest.mark.anyio
    async def test_so_can_an_asynchronous_one(self, path: Path) -> None:
        store = AsyncSqliteStore(path)
        for _ in range(2):
            assert await (await store.open()).open() is store
            await store.commit(ONE)
            await store.close()
            await store.close()

    def test_migrations_are_numbered_without_a_gap(self) -> None:
        assert [step.number for step in database.MIGRATIONS] == list(range(1, len(database.MIGRATIONS) + 1))
        assert migrations("wa_omnichannel.adapters.sqlite.migrations") == database.MIGRATIONS

    def test_statements_are_told_apart(self) -> None:
        table = "-- a; b\nCREATE TABLE t (x TEXT DEFAULT ';');\n\n"
        trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n SELECT 1;\nEND;\n"
        found = list(Migration(1, "x", table + trigger).statements())
        assert len(found) == 2
        assert found[1].strip().endswith("END;")


class TestUpgrade:
    """The next schema, carried out on the real file of this one."""

    @pytest.fixture
    def next_release(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        def install(text: str) -> None:
            newest = database.MIGRATIONS[-1].number
            step = Migration(newest + 1, "next", text)
            monkeypatch.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, step))

        return install

    def test_an_older_file_is_brought_up_to_date(self, path: Path, next_release: Callable[[str], None]) -> None:
        with SqliteStore(path) as store:
            store.commit(ONE)
        next_release("CREATE TABLE more (x);\nINSERT INTO more VALUES (1);\n")
        with SqliteStore(path) as store:
            assert store.load([KEY])[KEY].value == Contact("c1")
        assert pragma(path, "user_version") == database.MIGRATIONS[-1].number

    def test_a_migration_that_fails_leaves_the_file_as_it_was(
        self, path: Path, next_release: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with SqliteStore(path) as store:
            store.commit(ONE)
        with monkeypatch.context():
            next_release("CREATE TABLE more (x);\nINSERT INTO nowhere VALUES (1);\n")
            refusal(path, StoreUnavailable)
        monkeypatch.undo()
        with SqliteStore(path) as store:
            assert store.load([KEY])[KEY].value == Contact("c1")
        db = sqlite3.connect(path)
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)
        db.close()

    def test_a_newer_file_is_left_alone(self, path: Path) -> None:
        newest = database.MIGRATIONS[-1].number
        with SqliteStore(path):
            pass
        made(path, f"PRAGMA user_version = {newest + 1}")
        before = path.read_bytes()
        assert "install the release that wrote it" in refusal(path, SchemaMismatch)
        assert path.read_bytes() == before


class TestForeign:
    @pytest.mark.parametrize(
        "statement", ["CREATE TABLE customers (id)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
    )
    def test_the_database_of_another_program_is_left_alone(self, path: Path, statement: str) -> None:
        before = made(path, statement).read_bytes()
        assert "another program" in refusal(path, SchemaMismatch)
        assert path.read_bytes() == before
        assert sorted(path.parent.iterdir()) == [path]

    def test_a_file_that_is_no_database_is_left_alone(self, path: Path) -> None:
        path.write_bytes(b"Dear diary, " * 1000)
        assert "not a SQLite database" in refusal(path, SchemaMismatch)
        assert path.read_bytes() == b"Dear diary, " * 1000

    def test_a_damaged_file_is_recognised(self, path: Path) -> None:
        with SqliteStore(path) as store:
            store.commit(
                Changes(tuple(Put(contact_key(f"c{n}"), Contact(f"c{n}", name="x" * 500)) for n in range(200)))
            )
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        with pytest.raises(SchemaMismatch, match="damaged"), SqliteStore(path) as store:
            store.load([contact_key(f"c{n}") for n in range(40)])

    def test_a_row_that_cannot_be_read_is_named(self, path: Path) -> None:
        with SqliteStore(path) as store:
            store.commit(ONE)
            made(path, "UPDATE contact SET value = '{\"nom\":1}'")
            with pytest.raises(SchemaMismatch, match="stored Contact"):
                store.load([KEY])


class TestPlaces:
    def test_a_folder_is_not_a_file(self, tmp_path: Path) -> None:
        refusal(tmp_path, ConfigurationError)

    def test_memory_is_not_a_file(self) -> None:
        refusal(Path(":memory:"), ConfigurationError)

    def test_the_folder_must_exist(self, tmp_path: Path) -> None:
        assert "folder must exist" in refusal(tmp_path / "nowhere" / "wa.sqlite", ConfigurationError)

    @pytest.mark.anyio
    async def test_an_asynchronous_store_explains_the_same(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="folder must exist"):
            await AsyncSqliteStore(tmp_path / "nowhere" / "wa.sqlite").open()

    def test_a_read_only_database_is_explained(self, path: Path) -> None:
        """SQLite itself says so; who runs the tests may be allowed to write everything."""
        with SqliteStore(path):
            pass
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        with pytest.raises(ConfigurationError, match="read-only"), database.translated(path):
            db.execute("DELETE FROM contact")
        db.close()

    def test_a_locked_file_is_reported_after_a_while(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "PATIENCE", 0.05)
        with SqliteStore(path) as store:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked by another process") as caught:
                store.commit(ONE)
            assert caught.value.retryable
            assert store.load([KEY]) == {}
            other.execute("ROLLBACK")
            store.commit(ONE)
            assert KEY in store.load([KEY])
            other.close()

    def test_a_new_file_that_stays_locked_is_reported(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "PATIENCE", 0.05)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in refusal(path, StoreUnavailable)
        other.close()

    def test_a_file_that_cannot_switch_to_the_log_is_reported(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader in the way of the switch: SQLite does not wait for it, we do, for a while."""
        monkeypatch.setattr(database, "PATIENCE", 0.05)
        with SqliteStore(path):
            pass
        made(path, "PRAGMA journal_mode = DELETE")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT * FROM contact").fetchall()
        assert "locked" in refusal(path, StoreUnavailable)
        other.close()


class TestClosed:
    def test_a_store_that_is_not_open_says_what_to_do(self, path: Path) -> None:
        store = SqliteStore(path)
        for use in (lambda: store.load([KEY]), lambda: store.commit(ONE), lambda: store.select(EventsAfter())):
            with pytest.raises(StoreUnavailable, match="not open"):
                use()
        assert not path.exists()

    @pytest.mark.anyio
    async def test_so_does_an_asynchronous_one(self, path: Path) -> None:
        async with AsyncSqliteStore(path) as store:
            pass
        with pytest.raises(StoreUnavailable, match="not open"):
            await store.load([KEY])
        with pytest.raises(StoreUnavailable, match="not open"):
            await store.commit(ONE)

    def test_a_copy_made_while_it_is_open_is_whole(self, path: Path, tmp_path: Path) -> None:
        """SQLite's own backup works beside a running store."""
        with SqliteStore(path) as store:
            store.commit(ONE)
            source, target = sqlite3.connect(path), sqlite3.connect(tmp_path / "copy.sqlite")
            source.backup(target)
            source.close()
            target.close()
            store.commit(Changes((Put(contact_key("c2"), Contact("c2")),)))
        shutil.rmtree(path, ignore_errors=True)
        with SqliteStore(tmp_path / "copy.sqlite") as copy:
            assert set(copy.load([KEY, contact_key("c2")])) == {KEY}
