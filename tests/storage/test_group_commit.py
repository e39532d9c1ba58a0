"""Many commits in one transaction: each has its own outcome, whatever happens to its neighbours."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wa_omnichannel._storage.batching import Batches, Ticket
from wa_omnichannel.adapters.sqlite import AsyncSqliteStore, SqliteStore
from wa_omnichannel.adapters.sqlite.database import prepare
from wa_omnichannel.adapters.sqlite.store import Reader
from wa_omnichannel.adapters.sqlite.writing import Writer, order_of
from wa_omnichannel.conversation import Contact
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate, InvalidValue, StoreUnavailable, WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Put, Rows, contact_key, done_key


def load(db: sqlite3.Connection, keys: list[Key]) -> Rows:
    return Reader(db, Path("wa.sqlite")).load(keys)


def put(name: str, text: str = "", expected: int | None = None) -> Put:
    return Put(contact_key(name), Contact(name, name=text), expected)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = prepare(tmp_path / "wa.sqlite")
    yield connection
    connection.close()


def write(db: sqlite3.Connection, *batch: Changes) -> list[type[WaOmnichannelError] | None]:
    """Write the changes as one batch; return the type of each error."""
    tickets = [Ticket(order_of(changes)) for changes in batch]
    Writer(db, Path("wa.sqlite")).write(tickets)
    return [type(ticket.error) if ticket.error else None for ticket in tickets]  # type: ignore[misc]


def names(db: sqlite3.Connection) -> dict[str, str]:
    return {key[1]: stored.value.name for key, stored in load(db, [contact_key(n) for n in "abcdefgh"]).items()}  # type: ignore[attr-defined]


def test_each_commit_of_a_batch_has_its_own_outcome(db: sqlite3.Connection) -> None:
    write(db, Changes((put("a", "first"),), once="x", result="r"))
    outcomes = write(
        db,
        Changes((put("b"), put("a", "stale", 7))),
        Changes((put("c"),)),
        Changes((put("d"),), once="x"),
        Changes((put("e"),), once="y"),
        Changes((put("f"),), once="y"),
        Changes((put("g"),), relies_on=((contact_key("c"), 0),)),
    )
    assert outcomes == [ConcurrentUpdate, None, AlreadyDone, None, AlreadyDone, ConcurrentUpdate]
    assert names(db) == {"a": "first", "c": "", "e": ""}


def test_a_commit_sees_those_before_it_in_the_batch(db: sqlite3.Connection) -> None:
    assert write(db, Changes((put("a", "1", 0),)), Changes((put("a", "2", 0),))) == [None, ConcurrentUpdate]
    assert names(db) == {"a": "1"}


def test_a_commit_that_cannot_be_bound_fails_alone(db: sqlite3.Connection) -> None:
    half_an_emoji = "\ud83d"
    outcomes = write(db, Changes((put("a"),)), Changes((put("b"), put(half_an_emoji))), Changes((put("c"),)))
    assert outcomes == [None, InvalidValue, None]
    assert names(db) == {"a": "", "c": ""}


def test_a_full_disk_fails_a_commit_whole_and_the_next_one_passes(db: sqlite3.Connection) -> None:
    """A real SQLITE_FULL: the file may not grow any more."""
    write(db, Changes((put("a", "first"),)))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    large = Changes((put("a", "second"), put("b", "x" * 100_000)), once="x")
    assert write(db, large) == [StoreUnavailable]
    assert set(write(db, large, Changes((put("c"),)))) <= {StoreUnavailable, None}
    assert not db.in_transaction
    assert names(db)["a"] == "first"
    assert not load(db, [done_key("x")])
    db.execute("PRAGMA max_page_count = 1000000")
    assert write(db, large) == [None]
    assert names(db)["a"] == "second"


def test_a_transaction_that_cannot_begin_fails_all(db: sqlite3.Connection, tmp_path: Path) -> None:
    db.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(tmp_path / "wa.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert write(db, Changes((put("a"),)), Changes((put("b"),))) == [StoreUnavailable] * 2
    other.close()
    assert write(db, Changes((put("a"),)), Changes((put("b"),))) == [None, None]


batches = st.lists(
    st.builds(
        lambda name, text, guarded, once: Changes((put(name, text, 0 if guarded else None),), once=once, result=text),
        st.sampled_from("abc"),
        st.sampled_from("123"),
        st.booleans(),
        st.none() | st.sampled_from("xy"),
    ),
    max_size=6,
)


@given(batches)
def test_a_batch_comes_to_the_same_as_its_commits_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, batch: list[Changes]
) -> None:
    folder = tmp_path_factory.mktemp("batch")
    together, apart = prepare(folder / "together.sqlite"), prepare(folder / "apart.sqlite")
    for each in (together, apart):
        each.execute("PRAGMA synchronous = OFF")
    outcomes = write(together, *batch)
    assert outcomes == [write(apart, changes)[0] for changes in batch]
    assert names(together) == names(apart)
    together.close()
    apart.close()


def test_what_gathers_while_a_batch_is_written_is_one_transaction(tmp_path: Path) -> None:
    transactions: list[str] = []
    with SqliteStore(tmp_path / "wa.sqlite") as store:
        writing = store._writing
        assert writing is not None
        writing.writer.db.set_trace_callback(lambda sql: transactions.append(sql) if sql.startswith("BEGIN") else None)  # type: ignore[attr-defined]
        with writing._busy:
            tickets = [writing.submit(Changes((put(f"c{n}"),), once=f"{n}")) for n in range(40)]
        for ticket in tickets:
            ticket.wait()
        assert len(transactions) <= 2
        assert len(store.load([contact_key(f"c{n}") for n in range(40)])) == 40


def test_a_lonely_commit_is_written_by_who_asks(tmp_path: Path) -> None:
    """No hop to another thread where nobody else waits."""
    with SqliteStore(tmp_path / "wa.sqlite") as store:
        writing = store._writing
        assert writing is not None
        threads: set[int] = set()
        writing.writer.db.set_trace_callback(lambda _: threads.add(threading.get_ident()))  # type: ignore[attr-defined]
        store.commit(Changes((put("a"),)))
        assert threads == {threading.get_ident()}


@pytest.mark.anyio
async def test_a_cancelled_commit_happens_whole_or_not_at_all(tmp_path: Path) -> None:
    """Case: the task goes away at any moment; the rows of its commit are all there or none of them is."""
    async with AsyncSqliteStore(tmp_path / "wa.sqlite") as store:
        for turn in range(60):
            changes = Changes((put(f"a{turn}"), put(f"b{turn}")), once=f"{turn}")
            task = asyncio.create_task(store.commit(changes))
            for _ in range(turn % 6):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await store.commit(Changes((put("last"),)))
        for turn in range(60):
            keys = [contact_key(f"a{turn}"), contact_key(f"b{turn}"), done_key(f"{turn}")]
            assert len(await store.load(keys)) in (0, 3)


@pytest.mark.anyio
async def test_a_load_whose_task_is_gone_disturbs_nobody(tmp_path: Path) -> None:
    async with AsyncSqliteStore(tmp_path / "wa.sqlite") as store:
        await store.commit(Changes((put("a"),)))
        for _ in range(20):
            task = asyncio.create_task(store.load([contact_key("a")]))
            await asyncio.sleep(0)
            task.cancel()
        assert len(await store.load([contact_key("a")])) == 1


def test_what_a_worker_raises_by_mistake_goes_to_who_asked() -> None:
    def broken(_: list[Ticket[int]]) -> None:
        raise ZeroDivisionError

    worker: Batches[int] = Batches("test", [broken])
    for _ in range(2):  # the thread lives on
        with pytest.raises(ZeroDivisionError):
            worker.submit(Ticket(1)).wait()
    worker.close()
    with pytest.raises(StoreUnavailable):
        worker.submit(Ticket(1))


def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "wa.sqlite").open()
    tickets = [store._writing.submit(Changes((put(f"c{n}"),))) for n in range(300)]  # type: ignore[union-attr]
    store.close()
    assert [ticket.wait() for ticket in tickets] == [None] * 300
    with SqliteStore(tmp_path / "wa.sqlite") as again:
        assert len(again.load([contact_key(f"c{n}") for n in range(300)])) == 300


def test_a_loop_that_is_gone_does_not_stop_the_thread() -> None:
    done = threading.Event()

    def worker(tickets: list[Ticket[int]]) -> None:
        if tickets[0].request == 1:
            done.wait(5)

    batches: Batches[int] = Batches("test", [worker])
    loop = asyncio.new_event_loop()
    batches.submit(Ticket(1, loop))
    loop.close()
    done.set()
    assert batches.submit(Ticket(2)).wait() is None
    batches.close()
