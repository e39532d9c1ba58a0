"""One address for every store, and the commands that look after a database."""

import sqlite3
from pathlib import Path

import pytest
from tests.support.postgres import schema

from wa_omnichannel.cli import main
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.ports import Changes, Put, contact_key
from wa_omnichannel.stores import aopen_store, open_store, upkeep

KEY = contact_key("c1")
ONE = Changes((Put(KEY, Contact("c1")),))


def test_a_store_is_opened_by_its_address(store_url: str) -> None:
    with open_store(store_url) as store:
        store.commit(ONE)
    with open_store(store_url) as store:
        assert KEY in store.load([KEY])


@pytest.mark.anyio
async def test_so_is_an_asynchronous_one(store_url: str) -> None:
    async with aopen_store(store_url) as store:
        await store.commit(ONE)
    async with aopen_store("memory:") as memory:
        assert await memory.load([KEY]) == {}


def test_memory_keeps_nothing() -> None:
    with open_store("memory:") as store:
        store.commit(ONE)
    with open_store("memory:") as store:
        assert store.load([KEY]) == {}
    with pytest.raises(ConfigurationError, match="no schema"):
        upkeep("memory:")


@pytest.mark.parametrize(
    "wrong",
    ["wa.sqlite", "sqlite:wa.sqlite", "sqlite:///", "mysql://host/db", "postgresql://h/d?patience=soon", ""],
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidValue, match="store"):
        open_store(wrong)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(InvalidValue) as caught:
        open_store("mysql://me:secret@host/db")
    assert "secret" not in str(caught.value)


def test_a_database_is_looked_after(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    def db(command: str) -> tuple[int, str]:
        return main(["db", command, "--store", store_url]), capsys.readouterr().out.strip()

    newest = upkeep(store_url).newest
    assert db("status") == (1, f"no schema; this release has {newest}: run wa-omnichannel db upgrade")
    assert "There is no store" in db("check")[1]
    assert db("upgrade") == (0, f"schema none -> {newest}")
    assert db("upgrade") == (0, f"schema {newest} was there")
    assert db("status") == (0, f"schema {newest}; this release has {newest}")
    with open_store(store_url) as store:
        store.commit(ONE)
    found = upkeep(store_url).problems()
    assert not [problem for problem in found if "can be lost" not in problem]  # a test server does not sync


def test_a_damaged_file_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wa.sqlite"
    with open_store(f"sqlite:///{path}") as store:
        store.commit(Changes(tuple(Put(contact_key(f"c{n}"), Contact(f"c{n}", name="x" * 400)) for n in range(300))))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * 8192 + whole[len(whole) // 2 + 8192 :])
    assert main(["db", "check", "--store", f"sqlite:///{path}"]) in (1, 2)
    said = capsys.readouterr()
    assert said.out or "damaged" in said.err


@pytest.mark.parametrize("command", ["status", "upgrade", "check"])
def test_a_foreign_file_is_one_clear_error(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "theirs.sqlite"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE customers (id)")
    db.close()
    before = path.read_bytes()
    assert main(["db", command, "--store", f"sqlite:///{path}"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert path.read_bytes() == before


def test_a_table_that_is_gone_is_found(postgres: str) -> None:
    import psycopg

    with schema(postgres) as name:
        url = f"{postgres}{'&' if '?' in postgres else '?'}schema={name}"
        upkeep(url).upgrade()
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f'DROP TABLE "{name}".lane'.encode())
        assert "The table lane is not there; restore a backup." in upkeep(url).problems()
